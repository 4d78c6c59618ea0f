r"""A cluster among Gaussian impurity wells, and how equidistant its electrons stay.

**Wells.** Eqs. B1 and B2 add :math:`-\sum_{ij} U_j\exp(-|\mathbf r_i-\mathbf s_j|^2/2\sigma_j^2)` to the
energy. As printed :math:`U_j = D_j/\sqrt{2\pi\sigma_j^2}`, the norm of a one-dimensional Gaussian, so that
:math:`D_j` is an energy times a length; a two-dimensional one is :math:`D_j/2\pi\sigma_j^2`, an energy times
an area. `Wells` takes the depth :math:`U_j` itself. All quantities in the units of
`lowdim.wigner.potentials`.

**Equidistance.** :math:`\chi = (2\sqrt n/N)\sum_i\min_j r_{ij}` is twice the mean distance to the nearest
neighbour in units of :math:`n^{-1/2}` (eq. B3 with the root that its dimension needs). Exactly:

- triangular lattice: :math:`\chi = 2(2/\sqrt3)^{1/2} = 2.149`; square lattice: 2;
- N random points on a torus: :math:`\chi = \sqrt N\,\Gamma(N)/\Gamma(N+\tfrac12)\to 1`;
- N random points in a disc of area N/n: points at the edge have fewer neighbours, and with A(s, r) the area
  that a
  circle of radius r around a point at distance s from the centre shares with the disc,
  :math:`\chi = 2\sqrt n\int_0^R\frac{2s\,ds}{R^2}\int_0^\infty dr\,[1-A(s,r)/\pi R^2]^{N-1}`.

Source: appendix B of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from lowdim._checks import array_of_shape, having, instance, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.clusters import COULOMB, relax
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.potentials import Trap

__all__ = [
    "CHI_SQUARE",
    "CHI_TRIANGULAR",
    "DisorderedTrap",
    "chi_random_disc",
    "chi_random_torus",
    "equidistance",
    "lowest_in_disorder",
    "occupied_start",
    "random_wells",
]

CHI_TRIANGULAR = 2 * math.sqrt(2 / math.sqrt(3))
CHI_SQUARE = 2.0


@dataclass(frozen=True)
class DisorderedTrap:
    r"""A trap with Gaussian wells; stands wherever a `Trap` can.

    Parameters
    ----------
    trap : Trap
    centres : array_like, shape (M, 2)
    depths : array_like, shape (M,)
        :math:`U_j` in units of :math:`\kappa/\ell`; negative ones repel.
    widths : array_like, shape (M,)
        :math:`\sigma_j` in units of :math:`\ell`, > 0.

    Raises
    ------
    ValueError
        If shapes or signs are wrong.

    Examples
    --------
    >>> well = DisorderedTrap(Trap(2), [[0.0, 0.0]], [2.0], [0.5])
    >>> well.energy([[0.0, 0.0]]), well.isotropic
    (-2.0, False)
    """

    trap: Trap
    centres: np.ndarray
    depths: np.ndarray
    widths: np.ndarray

    def __post_init__(self):
        having("trap", self.trap, "energy", "gradient", "curvature", "reach")
        centres = array_of_shape("centres", self.centres, None)
        if centres.size % 2 or (centres.size and centres.shape[-1] != 2):
            refuse("centres", "shape (M, 2)", centres.shape)
        centres = centres.reshape(-1, 2)
        depths = array_of_shape("depths", self.depths, (len(centres),))
        widths = array_of_shape("widths", self.widths, (len(centres),))
        if not np.all(widths > 0):
            refuse("widths", "numbers > 0", float(widths.min()))
        for name, value in (("centres", centres), ("depths", depths), ("widths", widths)):
            object.__setattr__(self, name, value)

    @property
    def power(self):
        """Exponent of the bare trap."""
        return self.trap.power

    @property
    def isotropic(self):
        """True without wells in an isotropic trap."""
        return self.trap.isotropic and not np.any(self.depths)

    def reach(self, n):
        """Return about how far n electrons extend from the centre.

        Examples
        --------
        >>> well = DisorderedTrap(Trap(2), [[0.0, 0.0]], [2.0], [0.5])
        >>> well.reach(8) == Trap(2).reach(8)
        True
        """
        return self.trap.reach(n)

    def _wells(self, positions):
        difference = array_of_shape("positions", positions, (None, 2))[:, None] - self.centres
        square = np.sum(difference**2, axis=-1)
        return difference, self.depths * np.exp(-square / (2 * self.widths**2))

    def energy(self, positions):
        """Return the energy of electrons at `positions`, shape (N, 2)."""
        return self.trap.energy(positions) - float(np.sum(self._wells(positions)[1]))

    def gradient(self, positions):
        """Return its gradient, shape (N, 2).

        Examples
        --------
        >>> well = DisorderedTrap(Trap(2), [[0.0, 0.0]], [2.0], [0.5])
        >>> well.gradient([[0.0, 0.0]]).tolist()
        [[0.0, 0.0]]
        """
        difference, well = self._wells(positions)
        return self.trap.gradient(positions) + np.einsum("ij,ijk->ik", well / self.widths**2, difference)

    def curvature(self, positions):
        """Return its second derivatives, shape (N, 2, 2).

        Examples
        --------
        >>> well = DisorderedTrap(Trap(2), [[0.0, 0.0]], [2.0], [0.5])
        >>> well.curvature([[0.0, 0.0]]).round(9).tolist()
        [[[9.0, 0.0], [0.0, 9.0]]]
        """
        difference, well = self._wells(positions)
        stiffness = well / self.widths**2
        total = self.trap.curvature(positions) + stiffness.sum(axis=1)[:, None, None] * np.eye(2)
        return total - np.einsum("ij,ijk,ijl->ikl", stiffness / self.widths**2, difference, difference)


def equidistance(positions, density):
    r"""Equidistance measure :math:`\chi` (eq. B3 with :math:`\sqrt n`).

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 2
    density : float
        Electrons per area in the same unit of length, > 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> equidistance([[x, y] for x in range(5) for y in range(5)], 1.0)
    2.0
    """
    return float(2 * math.sqrt(positive("density", density)) * np.mean(nearest_distances(positions)))


def chi_random_torus(n):
    r"""Mean :math:`\chi` of n random points on a torus much larger than their spacing.

    Examples
    --------
    >>> round(chi_random_torus(10), 4), round(chi_random_torus(1000), 4)
    (1.0126, 1.0001)
    """
    n = integer_in("n", n, 2)
    return float(math.exp(0.5 * math.log(n) + gammaln(n) - gammaln(n + 0.5)))


def chi_random_disc(n, *, order=80):
    r"""Mean :math:`\chi` of n random points in a disc, with :math:`n/\pi R^2` as density.

    Parameters
    ----------
    n : int
        >= 2.
    order : int
        Points of the Gauss-Legendre rule in either variable, >= 2.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(chi_random_disc(10), 3), round(chi_random_disc(1000), 3)
    (1.144, 1.012)
    """
    n, order = integer_in("n", n, 2), integer_in("order", order, 2)
    nodes, weights = np.polynomial.legendre.leggauss(order)
    s, ws = 0.5 * (nodes + 1), 0.5 * weights
    total = 0.0
    # the integrand has kinks where the circle touches the edge, at r = 1 - s and r = 1 + s
    for low, high in ((0 * s, 1 - s), (1 - s, 1 + s)):
        r = low[:, None] + (high - low)[:, None] * s
        outside = np.maximum(1 - _shared_area(s[:, None], r) / math.pi, 0.0) ** (n - 1)
        total += np.sum(2 * s * ws * (high - low) * (outside @ ws))
    return float(2 * math.sqrt(n / math.pi) * total)


def _shared_area(s, r):
    """Area common to the unit disc and a circle of radius r whose centre is s from the disc's."""
    inside = r <= 1 - s
    s_, r_ = np.broadcast_arrays(s, r)
    s_, r_ = np.where(inside, 0.5, s_), np.where(inside, 1.0, r_)
    alpha = np.arccos(np.clip((s_**2 + r_**2 - 1) / (2 * s_ * r_), -1, 1))
    beta = np.arccos(np.clip((s_**2 + 1 - r_**2) / (2 * s_), -1, 1))
    lens = r_**2 * (alpha - np.sin(2 * alpha) / 2) + beta - np.sin(2 * beta) / 2
    return np.where(inside, math.pi * r**2, lens)


def random_wells(trap, count, radius, depth, width, rng):
    r"""Wells at random places in a disc, depths and widths from normal distributions.

    Mean and standard deviation are equal, as the paper has it. One in six of such draws would be
    negative, wells that repel or have no width; they are drawn again. What is left has a larger mean, 1.288
    times the stated one, and a smaller deviation, 0.794 times. Widths below a tenth of the mean are raised
    to it.

    Parameters
    ----------
    trap : Trap
    count : int
        Number of wells, >= 0.
    radius : float
        Of the disc, > 0.
    depth, width : float
        Mean and deviation of :math:`U_j` and :math:`\sigma_j` before the cut, > 0.
    rng : numpy.random.Generator

    Returns
    -------
    DisorderedTrap

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> random_wells(Trap(2), 3, 2.0, 0.1, 0.05, np.random.default_rng(0)).depths.min() > 0
    np.True_
    """
    count, radius = integer_in("count", count, 0), positive("radius", radius)
    if not isinstance(trap, Trap):
        refuse("trap", "a Trap", trap)
    if not isinstance(rng, np.random.Generator):
        refuse("rng", "a numpy.random.Generator", rng)
    distance, angle = radius * np.sqrt(rng.random(count)), 2 * np.pi * rng.random(count)
    centres = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)
    depths = _positive_normal(positive("depth", depth), count, rng)
    widths = np.maximum(_positive_normal(positive("width", width), count, rng), 0.1 * width)
    return DisorderedTrap(trap, centres, depths, widths)


def _positive_normal(mean, count, rng):
    values = rng.normal(mean, mean, count)
    # one in six draws is negative: 200 rounds fail for one well in 10^158
    for _ in range(200):
        wrong = values <= 0
        if not np.any(wrong):
            return values
        values[wrong] = rng.normal(mean, mean, int(wrong.sum()))
    raise NotConverged(f"random_wells: no positive draws with mean {mean:.3g}")


def lowest_in_disorder(clean, disordered, rng, *, starts=10, interaction=COULOMB):
    r"""Lowest minimum found in a disordered trap, and the one that the clean crystal relaxes to.

    Narrow wells are missed by relaxation from afar. Every start turns the clean crystal by a random angle and
    puts electrons into wells: a random choice of them, each with the electron nearest to it.

    Parameters
    ----------
    clean : array_like, shape (N, 2)
        Equilibrium without wells.
    disordered : DisorderedTrap
    rng : numpy.random.Generator
    starts : int
        >= 1.
    interaction : Coulomb or Keldysh

    Returns
    -------
    lowest, local : Equilibrium

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the relaxation from the clean crystal and all others fail.

    Examples
    --------
    >>> pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    >>> well = DisorderedTrap(Trap(2), [[0.0, 0.63]], [0.5], [0.1])
    >>> lowest, local = lowest_in_disorder(pair, well, np.random.default_rng(0))
    >>> round(lowest.energy, 4), round(local.energy, 4)
    (0.6906, 1.1906)
    """
    clean = array_of_shape("clean", clean, (None, 2))
    if len(np.unique(clean, axis=0)) < max(1, len(clean)):
        refuse("clean", "distinct electrons, at least one", clean)
    starts = integer_in("starts", starts, 1)
    instance("disordered", disordered, DisorderedTrap)
    instance("rng", rng, np.random.Generator)
    having("interaction", interaction, "terms", "force_terms")
    local = try_relax(clean, disordered, interaction)
    found = [local]
    found += [
        try_relax(occupied_start(clean, disordered, rng), disordered, interaction) for _ in range(starts)
    ]
    converged = [minimum for minimum in found if minimum is not None]
    if not converged or local is None:
        raise NotConverged(f"lowest_in_disorder: {len(found) - len(converged)} of {len(found)} failed")
    return min(converged, key=lambda minimum: minimum.energy), local


def occupied_start(clean, disordered, rng):
    """The clean crystal turned by a random angle, with a random choice of wells occupied.

    Parameters
    ----------
    clean : ndarray, shape (N, 2)
    disordered : DisorderedTrap
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N, 2)
        Each of the chosen wells, deepest first, holds the electron nearest to it, 0.001 off its centre.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> well = DisorderedTrap(Trap(2), [[5.0, 0.0]], [1.0], [0.1])
    >>> starts = [occupied_start(np.eye(2), well, np.random.default_rng(k)) for k in range(20)]
    >>> sorted({int(np.sum(np.hypot(*(start - [5.0, 0.0]).T) < 0.01)) for start in starts})
    [0, 1]
    """
    instance("disordered", disordered, DisorderedTrap)
    instance("rng", rng, np.random.Generator)
    clean = array_of_shape("clean", clean, (None, 2))
    angle = 2 * np.pi * rng.random()
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    start = clean @ turn.T
    free = np.ones(len(start), dtype=bool)
    order = np.argsort(-disordered.depths)
    chosen = order[rng.random(len(order)) < rng.random()]
    for well in chosen[: len(start)]:
        distance = np.hypot(*(start - disordered.centres[well]).T)
        nearest = int(np.argmin(np.where(free, distance, np.inf)))
        start[nearest] = disordered.centres[well]
        free[nearest] = False
    # two wells may overlap: electrons in them must not coincide
    return start + 1e-3 * rng.normal(size=start.shape)


def try_relax(start, trap, interaction):
    """Return the minimum reached from `start`, or None if the relaxation does not converge."""
    try:
        # a distant well turns the crystal by an exponentially small force: such a direction counts as flat
        return relax(start, trap, interaction, tolerance=1e-8, falling=1e-5)
    except NotConverged:
        return None
