r"""Self-consistent harmonic phonons: force constants averaged over the motion they cause.

The best harmonic crystal (in the sense of the Gibbs-Bogoliubov bound) has the force constants

.. math:: \Phi_{\alpha\beta}(R) = \bigl\langle\partial_\alpha\partial_\beta\phi(R + y)\bigr\rangle,

averaged over the Gaussian difference y of the displacements of the two atoms, whose covariance C(R) follows
from the phonons again. Its energy per atom at T = 0 is :math:`\tfrac12\sum_R\langle\phi(R+y)\rangle` plus the
kinetic energy :math:`\tfrac14\langle\omega\rangle`, summed over branches.

A Gaussian always reaches into the core of the potential, where the average of :math:`r^{-12}` is infinite.
Distances below `core` are therefore left out, as the short-range correlations that the method lacks would do.
Where the answer depends on `core`, the method has broken down, and `SelfConsistent.core_weight`, the weight
of the part of the nearest-neighbour Gaussian left out, says so first.

Lengths are in nearest-neighbour distances (a = 1) and energies in any unit E; then the mass enters as
:math:`m a^2E/\hbar^2` and frequencies are in :math:`E/\hbar`.

Sources: N. R. Werthamer, Am. J. Phys. 37, 763 (1969); T. R. Koehler, Phys. Rev. Lett. 17, 89 (1966).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from lowdim._checks import array_of_shape, callback, instance, integer_in, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.lattice.bands import check_dimension
from lowdim.lattice.brillouin import pyramid_rule
from lowdim.lattice.dynamics import Lattice, displacement_weights, dynamical_matrix, pair_hessians
from lowdim.lattice.errors import Unstable
from lowdim.lattice.phonons import refuse_divergence

__all__ = ["PairPotential", "SelfConsistent", "gaussian_average", "lennard_jones", "self_consistent"]

_ALONG, _ACROSS = np.polynomial.legendre.leggauss(48), np.polynomial.hermite_e.hermegauss(11)
_REACH = 8.0  # widths of the Gaussian kept along the bond


@dataclass(frozen=True)
class PairPotential:
    """A central potential and its first two derivatives, vectorised functions of the distance."""

    value: Callable
    first: Callable
    second: Callable

    def __post_init__(self):
        for name in ("value", "first", "second"):
            callback(name, getattr(self, name))


@dataclass(frozen=True)
class SelfConsistent:
    """A converged crystal.

    Attributes
    ----------
    covariance
        Array of shape (d, d), of the displacement of one atom.
    ratio : float
        Root-mean-square displacement over the nearest-neighbour distance, the Lindemann ratio.
    kinetic, energy : float
        Per atom at the temperature asked for; `energy` is kinetic plus potential.
    core_weight : float
        Probability of the nearest-neighbour Gaussian below `core`.
    iterations : int
    residual : float
        Last relative change of the displacement.
    """

    covariance: np.ndarray
    ratio: float
    kinetic: float
    energy: float
    core_weight: float
    iterations: int
    residual: float


def lennard_jones(diameter):
    r"""Lennard-Jones potential :math:`4[(\sigma/r)^{12} - (\sigma/r)^6]` in units of its depth.

    Parameters
    ----------
    diameter : float
        :math:`\sigma` in nearest-neighbour distances, > 0.

    Returns
    -------
    PairPotential

    Examples
    --------
    >>> round(float(lennard_jones(1.0).value(2 ** (1 / 6))), 12)
    -1.0
    """
    six = positive("diameter", diameter) ** 6

    def value(r):
        u = six / r**6
        return 4 * u * (u - 1)

    def first(r):
        u = six / r**6
        return -24 * u * (2 * u - 1) / r

    def second(r):
        u = six / r**6
        return 24 * u * (26 * u - 7) / r**2

    return PairPotential(value, first, second)


def gaussian_average(bond, covariance, potential, core=0.0):
    """Average of the potential and of its force constants over a Gaussian cloud around a bond.

    Parameters
    ----------
    bond : ndarray, shape (d,)
    covariance : ndarray, shape (d, d)
    potential : PairPotential
    core : float
        Points whose component along the bond is below it are left out; >= 0.

    Returns
    -------
    value : float
    hessian : ndarray, shape (d, d)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> spring = PairPotential(lambda r: r**2 / 2, lambda r: r, lambda r: 1 + 0 * r)
    >>> value, hessian = gaussian_average(np.array([1.0, 0.0]), 0.01 * np.eye(2), spring)
    >>> round(float(value), 10), hessian.round(10).tolist()
    (0.51, [[1.0, 0.0], [0.0, 1.0]])
    """
    instance("potential", potential, PairPotential)
    bond = array_of_shape("bond", bond, (None,))
    d, core = bond.size, non_negative("core", core)
    covariance = array_of_shape("covariance", covariance, (d, d))
    check_dimension("bond", d)
    length = np.linalg.norm(bond)
    if length == 0 or np.any(np.linalg.eigvalsh(covariance) <= 0):
        refuse("covariance", "a positive definite matrix, and a bond of non-zero length", covariance)
    frame = np.linalg.qr(np.column_stack([bond / length, np.eye(d)]))[0]
    frame[:, 0] *= np.sign(frame[:, 0] @ bond)
    spread = np.linalg.cholesky(frame.T @ covariance @ frame)
    low = max(-_REACH, (core - length) / spread[0, 0])
    half = (_REACH - low) / 2
    first = low + half * (1 + _ALONG[0])
    weight = half * _ALONG[1] * np.exp(-(first**2) / 2) / np.sqrt(2 * np.pi)
    normal = np.meshgrid(first, *[_ACROSS[0]] * (d - 1), indexing="ij")
    for _ in range(d - 1):
        weight = np.multiply.outer(weight, _ACROSS[1] / np.sqrt(2 * np.pi))
    points = bond + np.stack(normal, axis=-1).reshape(-1, d) @ spread.T @ frame.T
    weight, r = weight.ravel(), np.linalg.norm(points, axis=1)
    # the sum over points of `pair_hessians` times weight, without a matrix for each point
    across = potential.first(r) / r
    along = weight * (potential.second(r) - across) / r**2
    return weight @ potential.value(r), weight @ across * np.eye(d) + (points.T * along) @ points


def self_consistent(
    crystal, potential, mass, temperature=0.0, core=0.0, radius=3.0, averaged=2.0, background=None,
    guess=0.1, order=6, tolerance=1e-6, largest=200,
):  # fmt: skip
    r"""Solve for the self-consistent phonons of a crystal.

    Parameters
    ----------
    crystal : Lattice
    potential : PairPotential
        Of the distance in nearest-neighbour distances.
    mass : float
        :math:`m a^2E/\hbar^2`, > 0.
    temperature : float
        In E, >= 0.
    core : float
        See the module; in nearest-neighbour distances.
    radius, averaged : float
        Bonds up to `radius` are summed, those up to `averaged` with averaged force constants, the others
        harmonically.
    background : callable, optional
        Harmonic matrix (mass times dynamical matrix) of wave vectors of shape (n, d), used instead of the
        bare sum over bonds, for interactions that need Ewald's method; the averages are then corrections to
        it, and `energy` is nan.
    guess : float
        Lindemann ratio to start from, at most 1.
    order : int
        Of the zone average.
    tolerance : float
        Relative change of the displacement at which to stop.
    largest : int
        Iterations allowed.

    Returns
    -------
    SelfConsistent

    Raises
    ------
    Divergent
        In one dimension, and in two at T > 0, where the displacement of an atom is infinite.
    Unstable
        If the iteration ends with, or grows towards, an unstable crystal (a Lindemann ratio above 1).
    NotConverged
        If it does not settle.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.lattice.dynamics import lattice
    >>> spring = PairPotential(lambda r: (r - 1) ** 2 / 2, lambda r: r - 1, lambda r: 1 + 0 * r)
    >>> result = self_consistent(lattice("fcc"), spring, mass=1e8, radius=1.0, averaged=1.0)
    >>> round(result.ratio * 1e2, 4)  # a heavy atom: the harmonic value
    0.9314
    """
    mass, guess = positive("mass", mass), positive("guess", guess)
    if guess > 1:
        refuse("guess", "a ratio in 0..1: beyond, no crystal is stable", guess)
    temperature = non_negative("temperature", temperature)
    core, tolerance = non_negative("core", core), positive("tolerance", tolerance)
    largest, order = integer_in("largest", largest, 1), integer_in("order", order, 1)
    _refuse_strangers(crystal, potential, background)
    radius, averaged = (_at_least_one(*given) for given in (("radius", radius), ("averaged", averaged)))
    if core >= 1:
        refuse("core", "a distance below that of the nearest neighbours, 1", core)
    d = crystal.dimension
    refuse_divergence(np.ones(d), temperature)
    problem = _Problem(crystal, potential, core, radius, averaged, background, order)
    spread = np.broadcast_to(np.eye(d) * 2 * guess**2 / d, (len(problem.bonds), d, d))
    before = np.inf
    for iteration in range(1, largest + 1):
        matrices, potential_energy = problem.matrices(spread)
        green, stable = _weights_or_bounded(matrices, temperature, mass)
        covariance = np.tensordot(problem.weights, green, axes=1)
        trace = np.trace(covariance)
        if trace > 1:
            raise Unstable(f"crystal: the Lindemann ratio grows beyond 1 in iteration {iteration}")
        residual = abs(trace - before) / trace
        if residual < tolerance and stable:
            break
        before = trace
        new = problem.bond_covariances(green)
        spread = new if iteration == 1 else 0.5 * (spread + new)
    else:
        if not stable:
            raise Unstable("crystal: imaginary frequencies remain however long it is iterated")
        raise NotConverged(f"self-consistent phonons: change {residual:.1e} after {largest} iterations")
    # half the energy of every oscillator, m omega^2 <u^2>/2
    kinetic = float(np.einsum("k,kab,kba->", problem.weights, matrices, green) / 2)
    nearest = problem.bonds[0]
    width = np.sqrt(nearest @ spread[0] @ nearest)
    return SelfConsistent(
        covariance, float(np.sqrt(trace)), kinetic, kinetic + potential_energy,
        float(ndtr((core - 1) / width)), iteration, float(residual),
    )  # fmt: skip


def _refuse_strangers(crystal, potential, background):
    if not isinstance(crystal, Lattice):
        refuse("crystal", "a Lattice", crystal)
    if not isinstance(potential, PairPotential):
        refuse("potential", "a PairPotential", potential)
    if background is not None and not callable(background):
        refuse("background", "a function of wave vectors, or None", background)


def _at_least_one(name, value):
    if positive(name, value) < 1:
        refuse(name, "a number >= 1, which reaches the nearest neighbours", value)
    return float(value)


class _Problem:
    """What stays the same while the self-consistent phonons are iterated."""

    def __init__(self, crystal, potential, core, radius, averaged, background, order):
        bonds = crystal.bonds(radius)
        self.bonds = bonds[_one_of_each_pair(bonds)]
        length = np.linalg.norm(self.bonds, axis=1)
        self.close = np.count_nonzero(length <= averaged + 1e-9)  # bonds are ordered by length
        self.potential, self.core = potential, core
        root = 1 if background is None else 2
        nodes, self.weights = pyramid_rule(crystal.reciprocal, order, root)
        self.bare = pair_hessians(self.bonds, potential.first, potential.second)
        self.lift = 2 * np.sin(nodes @ self.bonds.T / 2) ** 2
        self.values = potential.value(length)
        if background is None:
            self.base = 2 * dynamical_matrix(nodes, self.bonds, self.bare)
        else:
            self.base = background(nodes)
            self.values = np.full(length.shape, np.nan)  # a partial sum would mislead

    def matrices(self, spread):
        """Matrices with the averaged force constants, and the potential energy per atom."""
        values = self.values + np.einsum("rab,rba->r", self.bare, spread) / 2
        change = np.empty((self.close, *spread.shape[1:]))
        for i in range(self.close):
            values[i], hessian = gaussian_average(self.bonds[i], spread[i], self.potential, self.core)
            change[i] = hessian - self.bare[i]
        lift = self.lift[:, : self.close]
        return self.base + 2 * np.tensordot(lift, change, axes=1), float(np.sum(values + 0 * self.values))

    def bond_covariances(self, green):
        """Covariance of the difference of displacements across every bond."""
        return 2 * np.einsum("k,kr,kab->rab", self.weights, self.lift, green, optimize=True)


def _one_of_each_pair(bonds):
    """Mask of one of R and -R."""
    sign = np.sign(np.where(np.abs(bonds) > 1e-9, bonds, 0))
    leading = sign[np.arange(len(bonds)), np.argmax(sign != 0, axis=1)]
    return leading > 0


def _weights_or_bounded(matrices, temperature, mass):
    """The displacement weights; while the iteration passes an unstable point, with |omega^2| instead."""
    try:
        return displacement_weights(matrices, temperature, mass), True
    except Unstable:
        squared, modes = np.linalg.eigh(matrices)
        floor = 1e-2 * np.abs(squared).max()
        bounded = np.einsum("nai,ni,nbi->nab", modes, np.maximum(np.abs(squared), floor), modes)
        return displacement_weights(bounded, temperature, mass), False
