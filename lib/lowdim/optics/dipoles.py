r"""Point dipoles that scatter light into each other: the coupled-dipole equations of a finite array.

Fields go like :math:`e^{-i\omega t}`; k = omega/c in 1/length, any unit of length. The dipole moment of site
n, divided by :math:`\varepsilon_0`, is :math:`q_n = \alpha_nE_n`, with a polarizability tensor
:math:`\alpha_n` in length^3 and the field :math:`E_n` of the light and of all *other* dipoles,

.. math:: E_n = E^\mathrm{in}(r_n) + k^2\sum_{m\ne n}G(r_n-r_m)\,\alpha_mE_m .

The site's own field is in :math:`\alpha_n`: a resonance of radiative linewidth :math:`\gamma_r`, nonradiative
linewidth :math:`\gamma_{nr}` and transition dipole :math:`\hat e` has

.. math:: \alpha = -\frac{6\pi}{k^3}
          \frac{\gamma_r/2}{\Delta_0+i(\gamma_r+\gamma_{nr})/2}\,\hat e\hat e^\dagger,

so that it scatters what it takes from the light if :math:`\gamma_{nr}=0`.

Powers, in units of :math:`\varepsilon_0c/2` (field squared times area):

.. math:: P_\mathrm{ext} = k\,\mathrm{Im}\sum_nE^\mathrm{in}(r_n)^*\cdot q_n, \quad
          P_\mathrm{sc} = k^3\sum_{nm}q_n^*\cdot\mathrm{Im}\,G(r_n-r_m)\,q_m, \quad
          P_\mathrm{abs} = k\,\mathrm{Im}\sum_nE_n^*\cdot q_n - \frac{k^4}{6\pi}\sum_n|q_n|^2 ,

and energy is conserved if the first is the sum of the others, which is checked after every solution: an
error of the solution appears in it at once, whatever a residual says.

The equations are solved in the span of all transition dipoles: one unknown per site for one circular
transition, two for two, three for isotropic spheres.

Sources: J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), eqs. 4 and E4; R. J. Bettles, S. A. Gardiner and
C. S. Adams, Phys. Rev. Lett. 116, 103602 (2016); E. Shahmoon, D. S. Wild, M. D. Lukin and S. F. Yelin, Phys.
Rev. Lett. 118, 113601 (2017).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from lowdim._checks import array_of_shape, complex_array, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.optics.array import CIRCULAR
from lowdim.optics.green import self_term

__all__ = ["ScatteredLight", "polarizability", "solve_dipoles"]

ROWS = 64  # of the coupling matrix built at a time, which bounds the memory


def polarizability(detuning, k, *, linewidth=1.0, nonradiative=0.0, dipole=CIRCULAR):
    r"""Polarizability tensor of one transition.

    Parameters
    ----------
    detuning : float
        Of the light from the bare resonance, :math:`\Delta_0`, in the unit of the linewidths.
    k : float
        Wave number, > 0.
    linewidth, nonradiative : float
        Radiative linewidth (> 0) and nonradiative one (>= 0).
    dipole : array_like of complex, shape (3,)
        Transition dipole, of any norm but zero; the default is :math:`(1, i, 0)/\sqrt2`.

    Returns
    -------
    ndarray of complex, shape (3, 3)
        Divided by :math:`\varepsilon_0`, in length^3.

    Examples
    --------
    Without losses :math:`\mathrm{Im}\,\alpha^{-1} = -k^3/6\pi` for the driven component:

    >>> alpha = polarizability(0.3, 2.0, dipole=[1, 0, 0])
    >>> bool(np.isclose((1 / alpha[0, 0]).imag, -8 / (6 * np.pi)))
    True
    """
    k, radiative = positive("k", k), positive("linewidth", linewidth)
    losses = non_negative("nonradiative", nonradiative)
    detuning = float(array_of_shape("detuning", detuning, ()))
    direction = complex_array("dipole", dipole, (3,))
    norm = np.linalg.norm(direction)
    if norm == 0:
        refuse("dipole", "a vector of nonzero length", dipole)
    direction = direction / norm
    strength = -3 * np.pi / k**3 * radiative / (detuning + 0.5j * (radiative + losses))
    return strength * np.outer(direction, direction.conj())


@dataclass(frozen=True)
class ScatteredLight:
    r"""Solution of the coupled-dipole equations.

    Attributes
    ----------
    positions : ndarray, shape (N, 3)
    moments : ndarray of complex, shape (..., N, 3)
        Dipole moments :math:`q_n` over :math:`\varepsilon_0`, field times length^3.
    extinction, scattering, absorption : ndarray, shape (...)
        Powers in units of :math:`\varepsilon_0c/2`.
    closure : ndarray, shape (...)
        Violation of the energy balance, over the extinction.
    """

    positions: np.ndarray
    moments: np.ndarray
    extinction: np.ndarray
    scattering: np.ndarray
    absorption: np.ndarray
    closure: np.ndarray


def solve_dipoles(positions, polarizability, incident, k, *, closure=1e-8):
    r"""Solve the coupled-dipole equations by LU decomposition.

    Parameters
    ----------
    positions : array_like, shape (N, 3)
    polarizability : array_like of complex, shape (3, 3) or (N, 3, 3)
        In length^3, of all sites or of each.
    incident : array_like of complex, shape (..., N, 3)
        Incident field at the sites; leading axes are further incident fields.
    k : float
        Wave number, > 0.
    closure : float
        Largest violation of the energy balance, as a fraction of the extinction.

    Returns
    -------
    ScatteredLight

    Raises
    ------
    ValueError
        If a shape is wrong, a number is not finite, or two sites coincide.
    NotConverged
        If energy is not conserved to `closure`.

    Notes
    -----
    Memory is 16 (N r)^2 bytes, r being the rank of all polarizabilities together; time goes like (N r)^3.

    Examples
    --------
    One dipole on resonance, driven along its transition, scatters with the cross section 3 lambda^2/2 pi:

    >>> k = 2 * np.pi
    >>> light = solve_dipoles([[0, 0, 0]], polarizability(0.0, k), CIRCULAR[None], k)
    >>> round(float(light.scattering * 2 * np.pi / 3), 12)
    1.0
    """
    closure = positive("closure", closure)
    k, place = positive("k", k), array_of_shape("positions", positions, (None, 3))
    alpha = site_polarizabilities(polarizability, (len(place),))
    field = incident_field(incident, (len(place),))
    basis = transition_basis(alpha)
    local = basis.conj().T @ alpha @ basis
    coupling = k**2 * projected_green(place, k, basis)
    size = len(place) * basis.shape[1]
    matrix = -np.einsum("namb,mbc->namc", coupling, local).reshape(size, size)
    matrix[np.diag_indices(size)] += 1
    drive = (field @ basis.conj()).reshape(-1, size)
    exciting = lu_solve(lu_factor(matrix, overwrite_a=True), drive.T).T.reshape(-1, *local.shape[:2])
    moments = np.einsum("nab,fnb->fna", local, exciting)
    coupling = coupling.reshape(size, size)
    radiated = moments.reshape(-1, size) @ ((coupling - coupling.conj().T) / 2j).T
    return closed(place, basis, field, exciting, moments, radiated.reshape(moments.shape), k, closure)


def site_polarizabilities(value, sites):
    """Return polarizabilities of shape `sites` + (3, 3), one tensor being given to all sites."""
    alpha = complex_array("polarizability", value, None)
    if alpha.shape not in ((3, 3), (*sites, 3, 3)):
        refuse("polarizability", f"shape (3, 3) or {(*sites, 3, 3)}", alpha.shape)
    if not np.any(alpha):
        refuse("polarizability", "a tensor that does not vanish everywhere", 0)
    return np.broadcast_to(alpha, (*sites, 3, 3))


def incident_field(value, sites):
    """Return the incident field as a complex array of shape (..., *sites, 3)."""
    field = complex_array("incident", value, None)
    if field.shape[-1 - len(sites) :] != (*sites, 3):
        wanted = ", ".join(map(str, sites))
        refuse("incident", f"shape (..., {wanted}, 3)", field.shape)
    return field


def transition_basis(alpha):
    """Orthonormal columns that span the images of all polarizabilities and of their adjoints."""
    tensors = np.unique(alpha.reshape(-1, 9), axis=0).reshape(-1, 3, 3)
    tensors = tensors / np.abs(tensors).max()
    columns = np.concatenate([*tensors, *tensors.conj().transpose(0, 2, 1)], axis=1)
    vectors, values, _ = np.linalg.svd(columns)
    return vectors[:, values > 1e-12 * values[0]]


def projected_green(place, k, basis):
    """Green's tensor between all sites in the span of `basis`, shape (N, r, N, r), zero on the diagonal."""
    sites, rank = len(place), basis.shape[1]
    projected = np.zeros((sites, rank, sites, rank), dtype=complex)
    for start in range(0, sites, ROWS):
        stop = min(start + ROWS, sites)
        apart = place[start:stop, None] - place
        own = np.arange(start, stop)
        apart[own - start, own] = 1.0  # replaced by zero below
        distance = np.sqrt(np.einsum("nma,nma->nm", apart, apart))
        if np.any(distance == 0):
            refuse("positions", "sites that differ", "two at one place")
        x = k * distance
        wave = np.exp(1j * x) / (4 * np.pi * distance)
        wave[own - start, own] = 0
        across, along = wave * (1 + (1j * x - 1) / x**2), wave * ((3 - 3j * x) / x**2 - 1) / distance**2
        part = apart @ basis
        for a in range(rank):
            for b in range(rank):
                projected[start:stop, a, :, b] = (
                    along * part[..., a].conj() * part[..., b] + (a == b) * across
                )
    return projected


def balance(drive, exciting, moments, radiated, k):
    """Extinction, scattered and absorbed power of each field, and the violation of their balance."""
    own = k**2 * self_term(k) * np.sum(np.abs(moments) ** 2, axis=(1, 2))
    extinction = k * np.sum(drive.conj() * moments, axis=(1, 2)).imag
    scattering = k * (own + np.sum(moments.conj() * radiated, axis=(1, 2)).real)
    absorption = k * (np.sum(exciting.conj() * moments, axis=(1, 2)).imag - own)
    scale = np.maximum(np.abs(extinction), np.finfo(float).tiny)
    return extinction, scattering, absorption, np.abs(extinction - scattering - absorption) / scale


def closed(place, basis, field, exciting, moments, radiated, k, closure):
    """Return the solution with its powers, or raise if they do not balance.

    `radiated` is k^2 Im G applied to the moments of the other sites, in the span of `basis`.
    """
    drive = (field @ basis.conj()).reshape(exciting.shape)
    *powers, error = balance(drive, exciting, moments, radiated, k)
    if not np.all(error <= closure):
        raise NotConverged(f"the energy balance is violated by {np.max(error):.1e} of the extinction")
    lead = field.shape[: field.ndim - exciting.ndim + 1]
    powers = (p.reshape(lead) for p in (*powers, error))
    return ScatteredLight(place, (moments @ basis.T).reshape(field.shape), *powers)
