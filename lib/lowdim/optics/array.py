r"""Plane waves on an infinite planar array of resonant dipoles: reflection, transmission, contrast.

Fields go like :math:`e^{-i\omega t}`; the incident wave travels down, with wave vector (q, -k_z) and
polarisation in the basis of `lowdim.optics.green.polarization_vectors`: s and p. Frequencies, all of them
measured from the resonance of one dipole, are in units of its radiative linewidth :math:`\gamma_r`.

A site has the transition dipoles :math:`\hat e_j` (orthonormal, the columns of U) and the polarizability

.. math:: \alpha = -\frac{3\pi\varepsilon_0}{k^3}\,
          \frac{\gamma_r}{\Delta + \tfrac i2(\gamma_r + \gamma_{nr})}\,UU^\dagger.

With the lattice sum S of `lowdim.optics.lattice_sum` the field of all the others turns it into

.. math:: \frac{\alpha_{\rm eff}}{\varepsilon_0} = -\frac{3\pi}{k^3}\,U\,\Bigl[\frac{\Delta}{\gamma_r}
          + \frac i2\Bigl(1+\frac{\gamma_{nr}}{\gamma_r}\Bigr) + \frac{3\pi}kU^\dagger SU\Bigr]^{-1}U^\dagger,

so that one dipole resonates at the collective shift with the collective linewidth

.. math:: \frac{\Delta_c}{\gamma_r} = -\frac{3\pi}k\hat e^\dagger\operatorname{Re}S\,\hat e, \qquad
          \frac{\Gamma}{\gamma_r} = 1 + \frac{6\pi}k\hat e^\dagger\operatorname{Im}S\,\hat e,

and the order B of the scattered wave is :math:`(k^2/A)\,G(q+B, z)\,(\alpha_{\rm eff}/\varepsilon_0)\,E_{in}`.
(The paper writes :math:`\tilde\Delta = -\Delta_c`.) A dipole may absorb, :math:`\gamma_{nr} > 0`; then
R + T = 1 - A.

Sources: J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), appendix E 3; E. Shahmoon et al., Phys. Rev.
Lett. 118, 113601 (2017); R. J. Bettles et al., Phys. Rev. Lett. 116, 103602 (2016).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import (
    array_of_shape,
    complex_array,
    non_negative,
    non_negative_array,
    positive,
    positive_array,
    refuse,
)
from lowdim.optics.green import polarization_vectors, wave_vector
from lowdim.optics.lattice_sum import lattice_green, radiative_part

__all__ = [
    "CIRCULAR",
    "ArrayScattering",
    "array_polarizability",
    "azimuthal_contrast",
    "collective_linewidth",
    "collective_shift",
    "largest_contrast",
    "matched_polarization",
    "scatter",
]

CIRCULAR = np.array([1.0, 1.0j, 0.0]) / np.sqrt(2)  #: transition dipole in the plane
CIRCULAR.setflags(write=False)


def _unit_dipoles(name, value):
    """Return rows of orthonormal complex vectors, shape (m, 3)."""
    dipoles = complex_array(name, value, None)
    if dipoles.ndim not in (1, 2) or dipoles.shape[-1] != 3 or not dipoles.size:
        refuse(name, "shape (m, 3) or (3,)", dipoles.shape)
    dipoles = np.atleast_2d(dipoles)
    product = dipoles.conj() @ dipoles.T
    if not np.all(np.abs(product - np.eye(len(dipoles))) < 1e-9):
        refuse(name, "orthonormal vectors", dipoles)
    return dipoles


def collective_shift(wave_vectors, primitive, k, dipole=CIRCULAR):
    r"""Detuning at which the array resonates.

    Parameters
    ----------
    wave_vectors : array_like, shape (..., 2)
        In-plane wave vectors of the light.
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors of the lattice.
    k : float
        Wave number, > 0, in the inverse of the unit of `primitive`.
    dipole : array_like of complex, shape (3,)
        Unit vector of the transition dipole.

    Returns
    -------
    ndarray, shape (...)
        :math:`\Delta_c/\gamma_r`, against the resonance of one dipole.

    Raises
    ------
    ValueError
        If an argument is out of range, or an order grazes.

    Examples
    --------
    Dense arrays resonate below the single dipole, and the shift is zero near a = 0.2 wavelengths:

    >>> collective_shift([0.0, 0.0], 0.15 * np.eye(2), 2 * np.pi).round(3).item()
    -1.77
    >>> bool(abs(collective_shift([0.0, 0.0], 0.2018 * np.eye(2), 2 * np.pi)) < 0.01)
    True
    """
    k, unit = positive("k", k), _unit_dipoles("dipole", dipole)[0]
    total = lattice_green(wave_vectors, primitive, k).real
    return -3 * np.pi / k * np.einsum("a,...ab,b->...", unit.conj(), total, unit).real


def collective_linewidth(wave_vectors, primitive, k, dipole=CIRCULAR):
    r"""Radiative linewidth of the array.

    Parameters
    ----------
    wave_vectors, primitive, k, dipole
        As in `collective_shift`.

    Returns
    -------
    ndarray, shape (...)
        :math:`\Gamma/\gamma_r`.

    Examples
    --------
    >>> width = collective_linewidth([0.0, 0.0], 0.2 * np.eye(2), 2 * np.pi)
    >>> round(float(width), 10) == round(3 / (4 * np.pi) / 0.2**2, 10)
    True
    """
    k, unit = positive("k", k), _unit_dipoles("dipole", dipole)[0]
    total = radiative_part(wave_vectors, primitive, k)
    return 1 + 6 * np.pi / k * np.einsum("a,...ab,b->...", unit.conj(), total, unit).real


def array_polarizability(wave_vectors, primitive, k, detuning, *, dipoles=CIRCULAR, nonradiative=0.0):
    r"""Polarizability of one site with the field of all the others counted in.

    Parameters
    ----------
    wave_vectors : array_like, shape (..., 2)
    primitive, k
        As in `collective_shift`.
    detuning : array_like
        :math:`\Delta/\gamma_r`, broadcast against the leading axes of `wave_vectors`.
    dipoles : array_like of complex, shape (m, 3) or (3,)
        Rows are orthonormal transition dipoles with one resonance, m = 1, 2 or 3.
    nonradiative : float
        :math:`\gamma_{nr}/\gamma_r` >= 0.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        :math:`\alpha_{\rm eff}/\varepsilon_0`, in length cubed.

    Raises
    ------
    ValueError
        If an argument is out of range, or an order grazes.

    Examples
    --------
    Far apart from each other, dipoles are on their own; on resonance one isotropic dipole has
    :math:`6\pi i/k^3`:

    >>> alone = array_polarizability([0.3, 0.1], 60 * np.eye(2), 2.0, 0.0, dipoles=np.eye(3))
    >>> round(float(abs(alone[0, 0] / (6j * np.pi / 8) - 1)), 1)
    0.0
    """
    k, unit = positive("k", k), _unit_dipoles("dipoles", dipoles)
    loss = non_negative("nonradiative", nonradiative)
    bare = array_of_shape("detuning", detuning, None) + 0.5j * (1 + loss)
    coupling = 3 * np.pi / k * (unit.conj() @ lattice_green(wave_vectors, primitive, k) @ unit.T)
    inverse = np.linalg.inv(bare[..., None, None] * np.eye(len(unit)) + coupling)
    return -3 * np.pi / k**3 * (unit.T @ inverse @ unit.conj())


@dataclass(frozen=True)
class ArrayScattering:
    """Zeroth order of an array: amplitudes in the basis (s, p), row for the wave that leaves.

    Attributes
    ----------
    reflection, transmission
        Complex arrays of shape (..., 2, 2).
    """

    reflection: np.ndarray
    transmission: np.ndarray

    def reflectance(self, polarization):
        """Power reflected of a wave with the unit polarisation `polarization`, shape (..., 2)."""
        return _power(self.reflection, polarization)

    def transmittance(self, polarization):
        """Power transmitted of a wave with the unit polarisation `polarization`, shape (..., 2).

        Examples
        --------
        >>> k, cell = 2 * np.pi, 0.6 * np.eye(2)
        >>> window = scatter(0.0, 0.0, cell, k, 1e6, dipoles=np.eye(3))
        >>> round(float(window.transmittance([1, 0])), 9)
        1.0
        """
        return _power(self.transmission, polarization)


def _power(matrix, polarization):
    polarization = complex_array("polarization", polarization, None)
    if polarization.ndim == 0 or polarization.shape[-1] != 2:
        refuse("polarization", "shape (..., 2)", polarization.shape)
    if not np.all(np.abs(np.sum(np.abs(polarization) ** 2, axis=-1) - 1) < 1e-9):
        refuse("polarization", "unit vectors", polarization)
    return np.sum(np.abs(np.einsum("...ab,...b->...a", matrix, polarization)) ** 2, axis=-1)


def scatter(theta, phi, primitive, k, detuning, *, dipoles=CIRCULAR, nonradiative=0.0):
    """Reflection and transmission matrices of the zeroth order.

    Parameters
    ----------
    theta, phi : array_like
        Polar angle in [0, pi/2) and azimuth of the incident wave, radian; broadcast, also with `detuning`.
    primitive, k, detuning, dipoles, nonradiative
        As in `array_polarizability`.

    Returns
    -------
    ArrayScattering

    Raises
    ------
    ValueError
        If an argument is out of range, or an order grazes.

    Examples
    --------
    A sheet of isotropic dipoles reflects everything at its resonance:

    >>> k, cell = 2 * np.pi, 0.6 * np.eye(2)
    >>> shift = collective_shift([0.0, 0.0], cell, k)
    >>> mirror = scatter(0.0, 0.0, cell, k, shift, dipoles=np.eye(3))
    >>> round(float(mirror.reflectance([1, 0])), 12)
    1.0
    """
    q = wave_vector(theta, phi, k)
    effective = array_polarizability(q, primitive, k, detuning, dipoles=dipoles, nonradiative=nonradiative)
    s, up, down = polarization_vectors(theta, phi)
    incident, reflected = np.stack([s, down], axis=-1), np.stack([s, up], axis=-1)
    area = abs(np.linalg.det(array_of_shape("primitive", primitive, (2, 2))))
    kz = np.sqrt(k**2 - np.sum(q**2, axis=-1))[..., None, None]
    driven = 0.5j * k**2 / (kz * area) * (effective @ incident)
    reflection = np.swapaxes(reflected, -1, -2) @ driven
    transmission = np.eye(2) + np.swapaxes(incident, -1, -2) @ driven
    return ArrayScattering(reflection, transmission)


def matched_polarization(theta, dipole=CIRCULAR, phi=0.0):
    r"""Polarisation of the incident wave that the transition dipole answers most.

    Parameters
    ----------
    theta, phi : array_like
        Polar angle and azimuth of the incident wave.
    dipole : array_like of complex, shape (3,)

    Returns
    -------
    ndarray of complex, shape (..., 2)
        Unit vector in the basis (s, p): the dipole projected on the plane across the wave.

    Raises
    ------
    ValueError
        If the dipole lies along the wave, which then never meets it.

    Examples
    --------
    >>> (matched_polarization(0.0) * np.sqrt(2)).round(9).tolist()
    [1j, (-1+0j)]
    """
    unit = _unit_dipoles("dipole", dipole)[0]
    s, _, down = polarization_vectors(theta, phi)
    both = np.stack([s @ unit, down @ unit], axis=-1)
    length = np.linalg.norm(both, axis=-1, keepdims=True)
    if np.any(length < 1e-12):
        raise ValueError("dipole: expected a component across the wave, got none")
    return both / length


def azimuthal_contrast(shifts, linewidth, detuning):
    r"""Largest minus smallest reflectance while the plane of incidence turns.

    For matched polarisation and no absorption :math:`R = [1 + 4(\Delta-\Delta_c)^2/\Gamma^2]^{-1}`, and
    :math:`\Delta_c` moves continuously between its extremes.

    Parameters
    ----------
    shifts : (float, float)
        Smallest and largest :math:`\Delta_c`.
    linewidth : float
        :math:`\Gamma`, > 0.
    detuning : array_like
        All in one unit.

    Returns
    -------
    ndarray, shape of `detuning`

    Examples
    --------
    >>> azimuthal_contrast((-0.1, 0.1), 1.0, [0.0, 0.5]).round(4).tolist()
    [0.0385, 0.1999]
    """
    low, high = np.sort(array_of_shape("shifts", shifts, (2,)))
    detuning, linewidth = array_of_shape("detuning", detuning, None), positive("linewidth", linewidth)
    far = np.maximum(np.abs(detuning - low), np.abs(detuning - high))
    near = np.maximum(np.maximum(low - detuning, detuning - high), 0)
    return 1 / (1 + 4 * (near / linewidth) ** 2) - 1 / (1 + 4 * (far / linewidth) ** 2)


def largest_contrast(half_spread, linewidth):
    r"""Largest `azimuthal_contrast` over all detunings, and where it is reached.

    With :math:`D = (\Delta_c^{max} - \Delta_c^{min})/2\Gamma` and the detuning :math:`\delta\Gamma` from the
    middle, the optimum is :math:`\delta^2 = \tfrac13[\sqrt{4c^2 + 3D^2} - c]`, :math:`c = \tfrac14 - D^2`.

    Parameters
    ----------
    half_spread, linewidth : array_like
        :math:`D\Gamma` >= 0 and :math:`\Gamma` > 0, in one unit; broadcast.

    Returns
    -------
    contrast, detuning : ndarray
        The detuning is counted from the middle, in the unit of `linewidth`; the other sign does as well.

    Examples
    --------
    >>> contrast, detuning = largest_contrast(1e-4, 1.0)
    >>> round(float(contrast / 1e-4), 3), round(float(detuning), 4)  # 3 sqrt(3)/2 and 1/(2 sqrt 3)
    (2.598, 0.2887)
    """
    linewidth = positive_array("linewidth", linewidth)
    spread = non_negative_array("half_spread", half_spread) / linewidth
    c = 0.25 - spread**2
    square = (np.sqrt(4 * c**2 + 3 * spread**2) - c) / 3
    contrast = np.sqrt(square) * spread / ((square + c) ** 2 + spread**2)
    return contrast, np.sqrt(square) * linewidth
