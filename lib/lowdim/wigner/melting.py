r"""When does a trapped crystal melt? Displacements from its normal modes, and Lindemann's criterion.

**Displacement.** Mode n of frequency :math:`\omega\Omega_n` adds
:math:`(\hbar/2m\omega\Omega_n)\coth(\hbar\omega\Omega_n/2k_BT)` to the sum of all mean-square displacements,
so that per electron (both directions)

.. math:: \langle u^2\rangle = \frac1N\sum_n \frac{\hbar}{2m\omega\Omega_n}
          \coth\frac{\hbar\omega\Omega_n}{2k_BT}
          \;\to\; \frac{k_BT}{m\omega^2}\,\frac1N\sum_n\Omega_n^{-2}\quad(k_BT\gg\hbar\omega\Omega_n).

The rotation of the whole cluster (:math:`\Omega=0`) has no finite displacement and no part in melting. Which
of the other modes count has to be chosen: one soft mode can dominate the sum.

**Relative displacement.** :math:`\langle|\mathbf u_i-\mathbf u_j|^2\rangle` of neighbouring electrons,
averaged over bonds: what a soft mode that moves neighbours together cannot spoil. In the harmonic
approximation it follows from the modes' displacement vectors.

**Criterion.** The crystal melts where the root of the displacement reaches a fraction of the spacing a. With
density n the trap follows: :math:`\hbar\omega` from `lowdim.wigner.density`, :math:`a = (2/\sqrt3 n)^{1/2}`.

**Maximum of the heat capacity.** A cubic in ln T through the points around the largest one, weighted by their
errors; its error is the jackknife over copies, and what another window of points would give is stated beside.

Units: nm, meV, K, densities in nm^-2.

Source: appendix C of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020).
"""

import math

import numpy as np
from scipy.optimize import brentq

from lowdim._checks import (
    array_of_shape,
    broadcast,
    instance,
    integer_array,
    integer_in,
    non_negative,
    positive,
    positive_array,
    refuse,
)
from lowdim.constants import BOLTZMANN, MEV
from lowdim.errors import NotConverged
from lowdim.wigner.density import nearest_distances, trap_energy_at_density
from lowdim.wigner.material import Material
from lowdim.wigner.modes import NormalModes

__all__ = [
    "K_TO_MEV",
    "displacement",
    "fermi_temperature",
    "heat_capacity_maximum",
    "largest_density",
    "melting_temperature",
    "mode_weights",
    "occupation",
]

K_TO_MEV = BOLTZMANN / MEV
_HOTTEST = 1e4


def occupation(energy, temperature):
    """Bose-Einstein occupation of an oscillator.

    Parameters
    ----------
    energy : array_like
        Of one quantum, in meV, > 0.
    temperature : array_like
        In K, >= 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> occupation(0.5, [0.0, 1.0, 5.0]).round(4).tolist()
    [0.0, 0.003, 0.4563]
    """
    energy = positive_array("energy", energy)
    temperature = array_of_shape("temperature", temperature, None)
    if np.any(temperature < 0):
        refuse("temperature", "numbers >= 0", float(temperature.min()))
    thermal = K_TO_MEV * temperature
    broadcast(energy=energy, temperature=temperature)
    with np.errstate(over="ignore"):
        cold = np.full(np.broadcast(energy, thermal).shape, np.inf)
        return 1 / np.expm1(np.divide(energy, thermal, out=cold, where=thermal > 0))


def mode_weights(modes, *, floor=1e-6, bonds=None):
    r"""Frequencies and weights with which the modes add to a mean-square displacement.

    Parameters
    ----------
    modes : NormalModes
    floor : float
        Modes with :math:`\Omega` at or below it are left out, > 0: 1e-6 drops the rotation of the whole
        cluster only, 1 - 1e-6 everything softer than the trap.
    bonds : array_like of int, shape (B, 2), optional
        Pairs of neighbours: weights of their relative displacement, averaged over the pairs, instead of
        those of the displacement per electron.

    Returns
    -------
    frequencies, weights : ndarray
        Such that :math:`\langle u^2\rangle = \sum_n w_n (\hbar/2m\omega\Omega_n)\coth(\ldots)`.

    Raises
    ------
    ValueError
        If no mode is left or an argument is out of range.

    Examples
    --------
    >>> from lowdim.wigner.modes import normal_modes
    >>> from lowdim.wigner.stored import stored_cluster
    >>> frequencies, weights = mode_weights(normal_modes(stored_cluster(7)))
    >>> len(frequencies), weights[0].round(6)
    (13, np.float64(0.142857))
    """
    instance("modes", modes, NormalModes)
    keep = modes.frequencies > positive("floor", floor)
    if not np.any(keep):
        refuse("floor", "one that leaves a mode", floor)
    frequencies, vectors = modes.frequencies[keep], modes.vectors[keep]
    if bonds is None:
        return frequencies, np.full(len(frequencies), 1 / vectors.shape[1])
    bonds = integer_array("bonds", bonds, (None, 2), 0, vectors.shape[1] - 1)
    if not len(bonds):
        refuse("bonds", "pairs of indices", bonds)
    difference = vectors[:, bonds[:, 0]] - vectors[:, bonds[:, 1]]
    return frequencies, np.mean(np.sum(difference**2, axis=2), axis=1)


def displacement(frequencies, weights, trap_energy, temperature, material):
    """Root of the mean-square displacement, in nm.

    Parameters
    ----------
    frequencies, weights : array_like, shape (M,)
        From `mode_weights`.
    trap_energy : float
        In meV, > 0.
    temperature : float
        In K, >= 0.
    material : Material

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.wigner.material import TMD
    >>> one = displacement([1.0, 1.0], [1.0, 1.0], 3.0, 0.0, TMD)  # one electron in the trap, two directions
    >>> round(one / 2**0.5, 3) == round(float(TMD.zero_point_length(3.0)), 3)
    True
    """
    instance("material", material, Material)
    energies = positive_array("frequencies", frequencies) * positive("trap_energy", trap_energy)
    weights = array_of_shape("weights", weights, energies.shape)
    if not (np.all(weights >= 0) and np.any(weights > 0)):
        refuse("weights", "numbers >= 0, one of them above", weights)
    occupied = occupation(energies, non_negative("temperature", temperature))
    return math.sqrt(float(np.sum(weights * material.hbar2_over_mass / (2 * energies) * (1 + 2 * occupied))))


def _at_density(positions, density):
    """Spacing and dimensionless density; n is that of a triangular lattice with the mean nearest distance."""
    scaled = 2 / (math.sqrt(3) * float(np.mean(nearest_distances(positions))) ** 2)
    return math.sqrt(2 / (math.sqrt(3) * positive("density", density))), scaled


def _fraction(value):
    """Lindemann's fraction of the spacing: > 0, at most 1."""
    if positive("fraction", value) > 1:
        refuse("fraction", "a number > 0 and at most 1", value)
    return float(value)


def melting_temperature(positions, frequencies, weights, density, material, fraction):
    r"""Temperature at which the displacement reaches a fraction of the spacing.

    The density is that of a triangular lattice whose spacing is the mean nearest-neighbour distance.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        Equilibrium in units of :math:`\ell`; fixes the trap that gives the density.
    frequencies, weights : array_like
        From `mode_weights`.
    density : float
        In nm^-2, > 0.
    material : Material
    fraction : float
        Lindemann's fraction, > 0.

    Returns
    -------
    float
        In K; 0 if the zero-point motion alone is too large.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.wigner.material import TMD
    >>> from lowdim.wigner.modes import normal_modes
    >>> from lowdim.wigner.stored import stored_cluster
    >>> r = stored_cluster(19)
    >>> round(melting_temperature(r, *mode_weights(normal_modes(r)), 1e-4, TMD, 0.2), 3)
    0.598
    """
    instance("material", material, Material)
    spacing, scaled = _at_density(positions, density)
    energy = float(trap_energy_at_density(scaled, density, material))
    limit = _fraction(fraction) * spacing

    def excess(temperature):
        return displacement(frequencies, weights, energy, temperature, material) - limit

    if excess(0.0) >= 0:
        return 0.0
    if excess(_HOTTEST) <= 0:
        raise NotConverged(f"melting_temperature: the crystal has not melted at {_HOTTEST:g} K")
    return float(brentq(excess, 0.0, _HOTTEST, xtol=1e-9))


def largest_density(positions, frequencies, weights, material, fraction):
    """Density in nm^-2 at which the zero-point motion alone reaches the fraction; parameters as above.

    Examples
    --------
    >>> from lowdim.wigner.material import TMD
    >>> from lowdim.wigner.modes import normal_modes
    >>> from lowdim.wigner.stored import stored_cluster
    >>> r = stored_cluster(19)
    >>> density = largest_density(r, *mode_weights(normal_modes(r)), TMD, 0.25)
    >>> melting_temperature(r, *mode_weights(normal_modes(r)), 1.001 * density, TMD, 0.25)
    0.0
    """
    instance("material", material, Material)
    fraction = _fraction(fraction)
    # the zero-point displacement over the spacing grows as n^(1/8)
    spacing, scaled = _at_density(positions, 1.0)
    energy = float(trap_energy_at_density(scaled, 1.0, material))
    return float((fraction * spacing / displacement(frequencies, weights, energy, 0.0, material)) ** 8)


def fermi_temperature(density, material, *, degeneracy=2):
    r"""Temperature :math:`\varepsilon_F/k_B = 2\pi\hbar^2n/(g m k_B)` of electrons with g states per
    momentum, in K.

    Examples
    --------
    >>> from lowdim.wigner.material import TMD
    >>> fermi_temperature(1e-3, TMD).round(2)
    np.float64(5.56)
    """
    instance("material", material, Material)
    g = positive("degeneracy", degeneracy)
    return 2 * math.pi * material.hbar2_over_mass * positive_array("density", density) / (g * K_TO_MEV)


def heat_capacity_maximum(temperatures, capacities, *, points=7):
    r"""Temperature of the largest heat capacity, with its error.

    Parameters
    ----------
    temperatures : array_like, shape (T,)
        Ascending, > 0.
    capacities : array_like, shape (copies, T)
        Independent estimates, as in `lowdim.wigner.montecarlo.ClusterAverages`.
    points : int
        Points of the fit, the largest in the middle, >= 5.

    Returns
    -------
    temperature, error, shift : float
        The error is statistical (jackknife over copies); the shift is the largest change when two points more
        or less are fitted.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the points around the largest one have no maximum inside.

    Examples
    --------
    >>> t = np.geomspace(0.01, 0.1, 21)
    >>> rng = np.random.default_rng(0)
    >>> noisy = 5 - np.log(t / 0.03) ** 2 + 0.01 * rng.normal(size=(8, 21))
    >>> place, error, shift = heat_capacity_maximum(t, noisy)
    >>> bool(abs(place - 0.03) < 4 * error), error < 1e-3
    (True, True)
    """
    t = array_of_shape("temperatures", temperatures, (None,))
    if np.any(np.diff(t) <= 0):
        refuse("temperatures", "ascending numbers", t)
    curves = array_of_shape("capacities", capacities, (None, len(t)))
    points = integer_in("points", points, 5, len(t))
    if len(curves) < 2:
        refuse("capacities", "at least two copies", len(curves))
    error = curves.std(axis=0, ddof=1)
    place = _vertex(t, curves.mean(axis=0), error, points)
    others = np.array(
        [_vertex(t, np.delete(curves, k, axis=0).mean(axis=0), error, points) for k in range(len(curves))]
    )
    spread = np.sqrt((len(curves) - 1) * np.mean((others - others.mean()) ** 2))
    shifts = [
        abs(_vertex(t, curves.mean(axis=0), error, width) - place)
        for width in (points - 2, points + 2)
        if 5 <= width <= len(t)
    ]
    return place, float(spread), float(max(shifts, default=0.0))


def _vertex(t, curve, error, points):
    """Maximum of a weighted cubic in ln T around the highest point."""
    top = int(np.argmax(curve))
    first = min(max(top - points // 2, 0), len(t) - points)
    window = slice(first, first + points)
    x = np.log(t[window])
    weight = 1 / np.maximum(error[window], 1e-12 + 1e-3 * np.median(error[window]))
    cubic = np.polynomial.Polynomial.fit(x, curve[window], 3, w=weight)
    slope = cubic.deriv()
    inside = [
        z.real
        for z in slope.roots()
        if abs(z.imag) < 1e-12 and x[0] < z.real < x[-1] and slope.deriv()(z.real) < 0
    ]
    if not inside:
        where = f"between {t[first]:.3g} and {np.exp(x[-1]):.3g}"
        raise NotConverged(f"heat_capacity_maximum: no maximum {where}")
    return float(np.exp(inside[0]))
