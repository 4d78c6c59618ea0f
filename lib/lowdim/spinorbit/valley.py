r"""What an electron at K carries: curvature and moment, and models fitted to first-principles bands.

With A_nm = <n|dH/dk_x|m><m|dH/dk_y|n> between the states of one wave vector,

    Omega_n = -2 sum_m Im A_nm / (E_n - E_m)^2,
    m_n = (2 m_e / hbar^2) sum_m Im A_nm / (E_m - E_n)      (in Bohr magnetons)

both along the normal. Time reversal turns their signs from K to -K. In a model with two bands at +-E,
m = (2 m_e / hbar^2) E Omega: curvature and moment are the same thing. Curvature is in units of the square of
the lattice constant.

Sources: D. Xiao, W. Yao and Q. Niu, Phys. Rev. Lett. 99, 236809 (2007); D. Xiao, M.-C. Chang and Q. Niu,
Rev. Mod. Phys. 82, 1959 (2010).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from lowdim._checks import (
    array_of_shape,
    choice,
    instance,
    integer_array,
    integer_in,
    positive,
    refuse,
)
from lowdim.constants import ELECTRON_MASS, ELEMENTARY_CHARGE, HBAR
from lowdim.spinorbit.firstprinciples import CODES, pair_splitting, stored_bands
from lowdim.spinorbit.models import LIU, three_band_model
from lowdim.spinorbit.tightbinding import GAMMA, K, M, Model, bands, hamiltonian

__all__ = [
    "DegenerateError",
    "Fit",
    "berry_curvature",
    "fitted_model",
    "helicity_degree",
    "mass_at",
    "orbital_moment",
]

#: hbar^2 / 2 m_e in eV angstrom^2
KINETIC = HBAR**2 / (2 * ELECTRON_MASS) / ELEMENTARY_CHARGE * 1e20
_CLOSE = 1e-6


class DegenerateError(RuntimeError):
    """Curvature or moment of a band was asked for where it meets another of the same mirror label."""


def _velocities(model, k, band):
    """Energies of all bands, and <band|dH/dk|m> along x and y for all m; shapes (..., n_states)."""
    h = hamiltonian(model, k)
    k = np.asarray(k, dtype=float)
    phases = np.exp(1j * k @ model.bonds.T)
    slopes = [np.tensordot(1j * phases * model.bonds[:, axis], model.hoppings, 1) for axis in (0, 1)]
    energies, states = np.linalg.eigh(h)
    own = states[..., band]
    x, y = (np.einsum("...i,...ij,...jm->...m", own.conj(), slope, states) for slope in slopes)
    return energies, x, y


def _couplings(model, k, band):
    """Im A_nm and E_m - E_n for all other bands; shapes (..., n_states - 1)."""
    instance("model", model, Model)
    band = integer_in("band", band, 0, model.hoppings.shape[-1] - 1)
    energies, x, y = _velocities(model, k, band)
    others = np.arange(energies.shape[-1]) != band
    apart = (energies - energies[..., band, None])[..., others]
    product = (x * y.conj()).imag[..., others]
    scale = np.abs(model.hoppings).max()
    coupled = (np.abs(x) ** 2 + np.abs(y) ** 2)[..., others] > 1e-9 * scale**2
    touching = (np.abs(apart) < _CLOSE * scale) & coupled
    if touching.any():
        raise DegenerateError(f"band {band} meets another at {np.count_nonzero(touching)} of the points")
    return product, np.where(np.abs(apart) < _CLOSE * scale, np.inf, apart)


def berry_curvature(model, k, band):
    """Berry curvature of one band.

    Parameters
    ----------
    model : Model
    k : array_like, shape (..., 2)
        Wave vectors times the lattice constant.
    band : int
        Counted from 0 over all states, spin included.

    Returns
    -------
    ndarray, shape (...)
        In units of the square of the lattice constant.

    Raises
    ------
    DegenerateError
        Where the band meets another with which it has a matrix element.

    Examples
    --------
    >>> from lowdim.spinorbit import K, three_band
    >>> model = three_band("WSe2")
    >>> here, there = berry_curvature(model, [K, -K], 1)
    >>> bool(here > 0), bool(abs(there) > 1)
    (True, True)
    """
    product, apart = _couplings(model, k, band)
    return -2 * (product / apart**2).sum(axis=-1)


def orbital_moment(model, k, band, lattice_constant):
    """Orbital magnetic moment of one band along the normal.

    Parameters
    ----------
    model : Model
        With energies in eV.
    k, band
        As for `berry_curvature`.
    lattice_constant : float
        In angstrom.

    Returns
    -------
    ndarray, shape (...)
        In Bohr magnetons.

    Raises
    ------
    DegenerateError
        Where the band meets another with which it has a matrix element.

    Examples
    --------
    >>> from lowdim.spinorbit import K, three_band
    >>> moment = orbital_moment(three_band("WSe2"), K, 1, 3.31)
    >>> bool(1 < abs(moment) < 6)
    True
    """
    a = positive("lattice_constant", lattice_constant)
    product, apart = _couplings(model, k, band)
    return (product / apart).sum(axis=-1) * a**2 / KINETIC


def helicity_degree(model, k, lower, upper):
    r"""Which circular light lifts an electron from one band to others: :math:`(P_+-P_-)/(P_++P_-)`.

    :math:`P_\pm=\sum_m|\langle m|\partial H/\partial k_x\pm i\,\partial H/\partial k_y|n\rangle|^2` is the
    rate of absorption of light of helicity :math:`\pm1` at normal incidence, up to a factor. Source: W. Yao,
    D. Xiao and Q. Niu, Phys. Rev. B 77, 235406 (2008).

    Parameters
    ----------
    model : Model
    k : array_like, shape (..., 2)
        Wave vectors times the lattice constant.
    lower : int
        Band that is left, counted from 0 over all states, spin included.
    upper : sequence of int
        Bands that are reached, none of them `lower`; the rates are added.

    Returns
    -------
    ndarray, shape (...)
        Between -1 and 1.

    Raises
    ------
    ValueError
        If a band does not exist, or `upper` has none or `lower` itself.
    DegenerateError
        Where neither helicity is absorbed.

    Examples
    --------
    >>> from lowdim.spinorbit import K, three_band
    >>> np.round(helicity_degree(three_band("MoS2"), [K, -K], 1, (2, 3)), 6).tolist()
    [1.0, -1.0]
    """
    instance("model", model, Model)
    last = model.hoppings.shape[-1] - 1
    lower = integer_in("lower", lower, 0, last)
    upper = integer_array("upper", upper, (None,), 0, last)
    if not upper.size or lower in upper:
        refuse("upper", f"bands other than lower={lower}", upper.tolist())
    _, x, y = _velocities(model, k, lower)
    # <n|..|m> is the conjugate of <m|..|n>
    plus, minus = ((np.abs(x - sign * 1j * y) ** 2)[..., upper].sum(axis=-1) for sign in (1, -1))
    total = plus + minus
    if np.any(total <= 1e-12 * np.abs(model.hoppings).max() ** 2):
        raise DegenerateError(f"light does not lift electrons of band {lower} to the bands {upper.tolist()}")
    return (plus - minus) / total


def mass_at(model, k, band, lattice_constant, *, step=0.02):
    """Effective mass, the inverse of the mean curvature of a band, in electron masses.

    Parameters
    ----------
    model : Model
        With energies in eV.
    k : array_like, shape (2,)
        An extremum of the band.
    band : int
    lattice_constant : float
        In angstrom.
    step : float
        Of the finite differences, times the lattice constant.

    Returns
    -------
    float
        Positive for electrons and for holes.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.spinorbit import K, three_band
    >>> 0.3 < mass_at(three_band("WSe2"), K, 1, 3.31) < 0.5
    True
    """
    instance("model", model, Model)
    k = array_of_shape("k", k, (2,))
    band = integer_in("band", band, 0, model.hoppings.shape[-1] - 1)
    step = positive("step", step)
    turns = np.exp(1j * np.pi / 6 * np.arange(12))
    ring = k + step * np.stack([turns.real, turns.imag], axis=1)
    twice = k + 2 * step * np.stack([turns.real, turns.imag], axis=1)
    centre = bands(model, k)[band]
    near, far = ((bands(model, r)[:, band].mean() - centre) for r in (ring, twice))
    # the ring's mean is c k^2 + d k^4: d is eliminated
    second = (16 * near - far) / (12 * step**2)
    return float(abs(KINETIC / (second * positive("lattice_constant", lattice_constant) ** 2)))


@dataclass(frozen=True)
class Fit:
    """Three-band model fitted to stored bands.

    Attributes
    ----------
    parameters : tuple of float
        As in `models.LIU`, the zero of energy at the valence-band maximum.
    model : Model
    rms : float
        Of the upper valence band along M-Gamma-K-M, eV.
    """

    parameters: tuple
    model: object
    rms: float


def fitted_model(code, material, *, reach=0.3, weight=4.0):
    """Three-band model fitted to the bands of one code.

    Fitted are the valence band along M-Gamma-K-M, and the conduction band close to K, where it is even under
    the mirror of the layer; both without coupling. The coupling is half the valence splitting at K.

    Parameters
    ----------
    code : {"elk", "layer"}
    material : str
    reach : float
        How far from K the conduction band is fitted, as a share of Gamma-K.
    weight : float
        Of the points within `reach`, relative to the others.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> fit = fitted_model("elk", "WSe2")
    >>> fit.rms < 0.15
    True
    """
    choice("code", code, CODES)
    run = stored_bands(code, material)
    corners = (M, GAMMA, K, M)
    k = np.concatenate(
        [
            np.linspace(corners[i], corners[i + 1], run.corners[i + 1] - run.corners[i], endpoint=False)
            for i in range(3)
        ]
        + [M[None]]
    )
    top = run.occupied // 2
    near = np.linalg.norm(k - K, axis=1) < positive("reach", reach) * np.linalg.norm(K)
    weights = np.where(near, positive("weight", weight), 1.0)
    corner = run.corners[2]
    coupling = float(pair_splitting(run, "valence")[corner]) / 2

    def model_of(parameters):
        return three_band_model((*parameters, coupling))

    def distance(parameters):
        found = bands(three_band_model((*parameters, 0.0)), k)
        valence = (found[:, 0] - run.plain[top - 1]) * weights
        return np.concatenate([valence, ((found[:, 2] - run.plain[top]) * weights)[near]])

    start = np.array(LIU[material][:8])
    shift = run.plain[top - 1, corner] - bands(three_band_model((*start, 0.0)), K)[0]
    start[:2] += shift
    parameters = least_squares(distance, start).x
    valence = bands(three_band_model((*parameters, 0.0)), k)[:, 0] - run.plain[top - 1]
    whole = (*map(float, parameters), coupling)
    return Fit(whole, model_of(parameters), float(np.sqrt(np.mean(valence**2))))
