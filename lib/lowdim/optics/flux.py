r"""Power that a planar array of dipoles lets through: in closed form, and by integrals over planes.

Fields go like :math:`e^{-i\omega t}`, the light goes down (to negative z), and powers are in units of
:math:`\varepsilon_0c/2`, as in `dipoles` and `beam`. Dipoles that lie in the plane of the array radiate
equally up and down, and light from above interferes below the array with what they radiate. So, for any
incident field whose plane waves all go down, without any integral,

.. math:: R = \frac{P_\mathrm{sc}}{2P_0}, \qquad
          T = 1 - \frac{P_\mathrm{ext}}{P_0} + \frac{P_\mathrm{sc}}{2P_0}.

The same by eq. 5: the Poynting vector :math:`\mathrm{Re}[E\times(cB)^*]` of the whole field, summed over a
plane below the array; the magnetic field of a dipole is
:math:`cB = k^2(\hat r\times q)(1+i/kr)e^{ikr}/4\pi r`.

On an infinite array every plane wave of the beam has its own collective polarizability
:math:`\alpha_\mathrm{eff}` (see `array`), and the powers are integrals over the spectrum; waves of one beam
that differ by a reciprocal vector are taken not to interfere.

Sources: J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), eq. 5; J. D. Jackson, Classical Electrodynamics
(Wiley, 1999), sections 9.2 and 10.11.
"""

import numpy as np

from lowdim._checks import array_of_shape, complex_array, instance, positive, real, refuse
from lowdim.optics.array import CIRCULAR, array_polarizability
from lowdim.optics.beam import CHUNK, PlaneWaves, points_in_space
from lowdim.optics.dipoles import ScatteredLight
from lowdim.optics.green import self_term
from lowdim.optics.lattice_sum import radiative_part

__all__ = ["dipole_fields", "downward_flux", "infinite_transmission", "transmission"]


def transmission(light, power):
    r"""Transmission and reflection of a planar array, from extinction and scattered power.

    Parameters
    ----------
    light : ScatteredLight
        Solution for an incident field whose plane waves all go down, such as that of `gaussian_beam`.
    power : array_like, shape (...)
        Power of the incident field, in units of :math:`\varepsilon_0c/2`.

    Returns
    -------
    T, R : ndarray, shape (...)
        R + T = 1 less the absorbed share.

    Raises
    ------
    ValueError
        If sites or moments stick out of the plane: then up and down are not alike.

    Examples
    --------
    >>> from lowdim.optics.array import CIRCULAR
    >>> from lowdim.optics.beam import gaussian_beam
    >>> from lowdim.optics.dipoles import polarizability, solve_dipoles
    >>> beam = gaussian_beam(2 * np.pi, 1.0, 0.0, 0.0, CIRCULAR, reach=1.0)
    >>> site = np.zeros((1, 3))
    >>> light = solve_dipoles(site, polarizability(0, 2 * np.pi), beam.fields(site)[0], 2 * np.pi)
    >>> t, r = transmission(light, beam.power)
    >>> round(float(t), 3), round(float(r + t), 12)
    (0.856, 1.0)
    """
    instance("light", light, ScatteredLight)
    power = array_of_shape("power", power, None)
    if np.any(power <= 0):
        refuse("power", "numbers > 0", float(power.min()))
    largest = np.max(np.abs(light.moments), initial=0)
    if np.ptp(light.positions[:, 2]) > 0 or np.max(np.abs(light.moments[..., 2])) > 1e-12 * largest:
        refuse("light", "sites and moments in one plane z = const", "some that stick out")
    reflected = 0.5 * light.scattering / power
    return 1 - light.extinction / power + reflected, reflected


def infinite_transmission(beam, primitive, detuning, *, dipoles=CIRCULAR, nonradiative=0.0):
    r"""Transmission and reflection of a beam by the infinite array.

    Parameters
    ----------
    beam : PlaneWaves
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors.
    detuning, nonradiative : float
        In units of the radiative linewidth of one dipole.
    dipoles : array_like of complex, shape (m, 3) or (3,)
        Orthonormal transition dipoles in the plane.

    Returns
    -------
    T, R : float
        All orders of diffraction counted.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.optics.beam import gaussian_beam
    >>> beam = gaussian_beam(2 * np.pi, 2.0, 0.0, 0.0, CIRCULAR, reach=1.0)
    >>> t, r = infinite_transmission(beam, 0.2 * np.eye(2), 0.0)
    >>> round(r, 2), round(t + r, 12)
    (1.0, 1.0)
    """
    instance("beam", beam, PlaneWaves)
    detuning = real("detuning", detuning)
    primitive = array_of_shape("primitive", primitive, (2, 2))
    k = float(np.linalg.norm(beam.wave_vectors[0]))
    q = beam.wave_vectors[:, :2]
    alpha = array_polarizability(q, primitive, k, detuning, dipoles=dipoles, nonradiative=nonradiative)
    if np.max(np.abs(alpha[:, 2])) > 1e-12 * np.max(np.abs(alpha)):
        refuse("dipoles", "vectors in the plane", dipoles)
    radiative = radiative_part(q, primitive, k) + self_term(k) * np.eye(3)
    moments = np.einsum("nab,nb->na", alpha, beam.amplitudes)
    weight = (2 * np.pi / k) ** 2 / (beam.solid_angles * np.abs(beam.wave_vectors[:, 2]) / k)
    weight *= k / abs(np.linalg.det(primitive)) / beam.power
    extinction = weight @ np.sum(beam.amplitudes.conj() * moments, axis=1).imag
    scattering = k**2 * weight @ np.einsum("na,nab,nb->n", moments.conj(), radiative, moments).real
    return float(1 - extinction + 0.5 * scattering), float(0.5 * scattering)


def dipole_fields(points, light, k):
    r"""Electric field and c times the magnetic field of the dipoles.

    Parameters
    ----------
    points : array_like, shape (..., 3)
        Away from the sites.
    light : ScatteredLight
        With moments of shape (N, 3).
    k : float
        Wave number, > 0.

    Returns
    -------
    electric, magnetic : ndarray of complex, shape (..., 3)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.optics.dipoles import polarizability, solve_dipoles
    >>> light = solve_dipoles([[0, 0, 0]], polarizability(0.0, 2 * np.pi), CIRCULAR[None], 2 * np.pi)
    >>> electric, magnetic = dipole_fields([[0.0, 0.0, 9.0]], light, 2 * np.pi)
    >>> bool(np.abs(np.linalg.norm(magnetic) / np.linalg.norm(electric) - 1) < 0.01)  # far away
    True
    """
    instance("light", light, ScatteredLight)
    k, points = positive("k", k), points_in_space(points)
    moments = complex_array("light.moments", light.moments, (len(light.positions), 3))
    flat = points.reshape(-1, 3)
    result = np.empty((2, len(flat), 3), dtype=complex)
    step = max(1, CHUNK // (4 * len(moments)))
    for start in range(0, len(flat), step):
        apart = flat[start : start + step, None] - light.positions
        distance = np.sqrt(np.sum(apart**2, axis=-1))
        if np.any(distance == 0):
            refuse("points", "points away from the sites", 0.0)
        apart /= distance[..., None]
        x = k * distance
        wave = k**2 * np.exp(1j * x) / (4 * np.pi * distance)
        along = wave * ((3 - 3j * x) / x**2 - 1) * np.sum(apart * moments, axis=-1)
        across = wave * (1 + (1j * x - 1) / x**2)
        result[0, start : start + step] = across @ moments + np.sum(along[..., None] * apart, axis=1)
        curl = (wave * (1 + 1j / x))[..., None] * np.cross(apart, moments)
        result[1, start : start + step] = np.sum(curl, axis=1)
    return result[0].reshape(points.shape), result[1].reshape(points.shape)


def downward_flux(electric, magnetic, area):
    r"""Poynting flux towards -z through equal elements of a plane, in units of :math:`\varepsilon_0c/2`.

    Parameters
    ----------
    electric, magnetic : array_like of complex, shape (..., 3)
        E and cB at the elements.
    area : float
        Of one element.

    Returns
    -------
    float

    Examples
    --------
    >>> downward_flux([[1, 0, 0]], [[0, -1, 0]], 2.0)
    2.0
    """
    electric, magnetic = complex_array("electric", electric, None), complex_array("magnetic", magnetic, None)
    if electric.ndim == 0 or electric.shape[-1] != 3 or electric.shape != magnetic.shape:
        refuse("magnetic", f"shape (..., 3), that of electric {electric.shape}", magnetic.shape)
    return float(-positive("area", area) * np.sum(np.cross(electric, magnetic.conj())[..., 2].real))
