r"""Clusters of thousands of electrons: energy and forces in blocks, relaxation with a local preconditioner.

**Forces.** All N(N-1)/2 pairs, each once: the positions are cut into blocks of a few hundred electrons so
that the matrices of one pair of blocks stay in the processor's cache; a pair of blocks gives its force to
both sides. Inside a block pair the squared distances are one matrix product, taken about the middle of the
two blocks, then come one square root and one division per pair, and the sums of :math:`r^{-3}` and of
:math:`r^{-3}\mathbf r_j` are products with vectors; the energy follows from the forces, as that of pairs is
homogeneous of degree -1. The block pairs can be shared among threads; the sums
are added in a fixed order, so that the number of threads does not change the result.
Coulomb interaction, harmonic trap, units as in `lowdim.wigner.potentials`.

**Relaxation.** L-BFGS in the metric of a sparse, positive approximation to the elasticity matrix: exact
blocks of pairs closer than `reach` spacings, without the part that would make it indefinite, and a constant
on the diagonal. It removes the stiff directions, whose number grows with N, and leaves the long waves to the
quasi-Newton updates. As long as defects move, single precision is enough (blocks are compact, and forces
exact to 0.001 with 20 000 electrons) and takes half the time; later everything is double. Beyond 8000
electrons far pairs are summed through nodes of their boxes (`lowdim.wigner._tree`), more of them as the
forces fall. The last word is always the plain sum over all pairs in double precision: a result whose largest
force component exceeds the tolerance there is refused. For such sizes the minimum is one of very many: it is
a crystal with defects, and not the lowest.

Source: J. Nocedal and S. J. Wright, Numerical Optimization (2006), chapter 7, for L-BFGS.
"""

import math
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from lowdim._checks import array_of_shape, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner._pairsums import PairSums
from lowdim.wigner._tree import Tree, compact_order
from lowdim.wigner.clusters import Equilibrium

__all__ = ["blocked_energy_gradient", "fluid_cluster", "relax_large"]

_MEMORY = 60
_MANY = 8000
# precision, nodes along a side of a box (none: every pair by itself), largest force at which it ends
_PAIRWISE = ((np.float32, None, 0.01), (float, None, 0.0))
_BOXED = ((np.float32, 7, 0.05), (float, 12, 1e-4), (float, 18, 1e-8), (float, None, 0.0))


def fluid_cluster(n):
    r"""Start for n electrons: a triangular lattice stretched to the density of the charged fluid.

    A uniform disc becomes the fluid's :math:`n(r)\propto\sqrt{1-r^2/R^2}` if every radius s (of a unit disc)
    moves to :math:`r = R[1-(1-s^2)^{2/3}]^{1/2}`, which keeps the number of electrons inside.

    Parameters
    ----------
    n : int
        >= 1.

    Returns
    -------
    ndarray, shape (n, 2)
        In units of :math:`\ell`, by distance from the centre.

    Raises
    ------
    ValueError
        If n is out of range.

    Examples
    --------
    >>> start = fluid_cluster(500)
    >>> start.shape, bool(np.hypot(*start.T).max() < (3 * np.pi * 500 / 4) ** (1 / 3))
    ((500, 2), True)
    """
    n = integer_in("n", n, 1)
    k = int(math.ceil(math.sqrt(n))) + 2
    i, j = np.meshgrid(np.arange(-k, k + 1), np.arange(-k, k + 1))
    # off a symmetric point, so that no two electrons are at the same distance
    lattice = np.stack([(i + 0.5 * j).ravel() + 0.13, math.sqrt(0.75) * j.ravel() + 0.07], axis=1)
    radius = np.hypot(*lattice.T)
    order = np.argsort(radius, kind="stable")[:n]
    lattice, radius = lattice[order], radius[order]
    s = np.sqrt((np.arange(n) + 0.5) / n)
    edge = (3 * math.pi * n / 4) ** (1 / 3)
    target = edge * np.sqrt(1 - (1 - s**2) ** (2 / 3))
    return lattice * (target / np.maximum(radius, 1e-12))[:, None]


def blocked_energy_gradient(positions, *, block=256, threads=1):
    r"""Energy and gradient of a trapped Coulomb cluster, pairs in blocks.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        In units of :math:`\ell`.
    block : int
        Electrons per block, >= 1.
    threads : int
        >= 1.

    Returns
    -------
    energy : float
    gradient : ndarray, shape (N, 2)

    Raises
    ------
    ValueError
        If the positions have the wrong shape, or two of them coincide.

    Examples
    --------
    >>> from lowdim.wigner.clusters import cluster_gradient
    >>> r = np.random.default_rng(0).normal(size=(40, 2))
    >>> bool(np.allclose(blocked_energy_gradient(r, block=16)[1], cluster_gradient(r)))
    True
    """
    r = array_of_shape("positions", positions, (None, 2))
    if not len(r):
        refuse("positions", "at least one electron", r.shape)
    _refuse_coincident(r)
    block = integer_in("block", block, 1)
    edges = np.linspace(0, len(r), -(-len(r) // block) + 1).astype(int)
    blocks = [slice(low, high) for low, high in pairwise(edges)]
    jobs = [(a, b) for a in range(len(blocks)) for b in range(a, len(blocks))]
    return PairSums(blocks, jobs, integer_in("threads", threads, 1)).evaluate(r)


def _refuse_coincident(r):
    ordered = r[np.lexsort(r.T)]
    if np.any(np.all(ordered[1:] == ordered[:-1], axis=1)):
        refuse("positions", "distinct electrons", "two at the same place")


def _preconditioner(r, reach, shift):
    """Solver of the local, positive part of the elasticity matrix."""
    n = len(r)
    tree = cKDTree(r)
    spacing = float(np.median(tree.query(r, k=2)[0][:, 1]))
    pairs = tree.query_pairs(reach * spacing, output_type="ndarray")
    d = r[pairs[:, 0]] - r[pairs[:, 1]]
    cube = np.sum(d * d, axis=1) ** -1.5
    unit = d * np.sum(d * d, axis=1)[:, None] ** -0.5
    # along the bond 2/r^3; across it the true -1/r^3 is replaced by a small positive stiffness
    block = cube[:, None, None] * (1.8 * unit[:, :, None] * unit[:, None, :] + 0.2 * np.eye(2))
    first, second = pairs[:, 0], pairs[:, 1]
    rows, columns, values = [], [], []
    for i, j, sign in ((first, first, 1), (second, second, 1), (first, second, -1), (second, first, -1)):
        for a in range(2):
            for b in range(2):
                rows.append(2 * i + a)
                columns.append(2 * j + b)
                values.append(sign * block[:, a, b])
    diagonal = np.arange(2 * n)
    rows.append(diagonal)
    columns.append(diagonal)
    values.append(np.full(2 * n, shift))
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    matrix = csc_matrix(entries, shape=(2 * n, 2 * n))
    return splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve


def relax_large(
    positions, *, tolerance=1e-8, max_steps=20000, block=320, threads=1, reach=1.9, shift=1.0, refresh=100
):
    r"""Local minimum of a large cluster.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        For example `fluid_cluster`.
    tolerance : float
        Largest accepted component of the gradient in units of :math:`\kappa/\ell^2`, > 0.
    max_steps : int
        >= 1.
    block, threads : int
        As for `blocked_energy_gradient`.
    reach, shift : float
        Of the preconditioner: range in spacings, constant on the diagonal, > 0.
    refresh : int
        Steps after which the preconditioner is made again, >= 1.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ValueError
        If an argument is out of range or two electrons coincide.
    NotConverged
        If the forces do not fall below the tolerance.

    Examples
    --------
    >>> found = relax_large(fluid_cluster(60))
    >>> found.residual < 1e-8
    True
    """
    r = array_of_shape("positions", positions, (None, 2))
    if not len(r):
        refuse("positions", "at least one electron", r.shape)
    tolerance, max_steps = positive("tolerance", tolerance), integer_in("max_steps", max_steps, 1)
    reach, shift = positive("reach", reach), positive("shift", shift)
    refresh = integer_in("refresh", refresh, 1)
    _refuse_coincident(r)
    order, tree = compact_order(r, integer_in("block", block, 1))
    descent = _Descent(r[order], Tree(tree, integer_in("threads", threads, 1)))
    for step in range(max_steps):
        if descent.finished(tolerance):
            order = np.argsort(np.hypot(*descent.r.T), kind="stable")
            return Equilibrium(descent.r[order], descent.energy, descent.residual)
        if step % refresh == 0:
            descent.refresh(reach, shift)
        descent.step()
    raise NotConverged(f"relax_large: largest force {descent.residual:.1e} after {max_steps} steps")


class _Descent:
    """Positions on their way to a minimum."""

    def __init__(self, r, sums):
        self.r, self.sums, self.history = r, sums, _History()
        self.stages = list(_BOXED if len(r) > _MANY else _PAIRWISE)
        self._begin()

    def _begin(self):
        """Evaluate with the first of the stages that are left."""
        self.sums.use(*self.stages[0][:2])
        self.energy, self.gradient = self.sums.evaluate(self.r)

    @property
    def residual(self):
        """Largest component of the gradient."""
        return float(np.max(np.abs(self.gradient)))

    def finished(self, tolerance):
        """Whether the forces are small enough, by the last stage; go on to the next where one has ended."""
        while len(self.stages) > 1 and self.residual <= max(self.stages[0][2], tolerance):
            del self.stages[0]
            self._begin()
        return self.residual <= tolerance

    def refresh(self, reach, shift):
        """Make the preconditioner again, here."""
        self.solve = _preconditioner(self.r, reach, shift)
        self.history.clear()

    def step(self):
        """One step of L-BFGS; where a rough stage finds none, the next begins."""
        direction = self.history.direction(self.gradient.ravel(), self.solve).reshape(self.r.shape)
        found = self._lower(direction)
        if found is None and len(self.stages) == 1:
            raise NotConverged(f"relax_large: no step lowers the energy; largest force {self.residual:.1e}")
        if found is None:
            del self.stages[0]
            self.history.clear()
            self._begin()
            return
        r, energy, gradient = found
        self.history.add((r - self.r).ravel(), (gradient - self.gradient).ravel())
        self.r, self.energy, self.gradient = r, energy, gradient

    def _lower(self, direction):
        """Where the first of ever shorter steps to lower the energy leads: positions, energy, gradient."""
        slope = float(np.sum(direction * self.gradient))
        length = min(1.0, 0.2 / float(np.max(np.abs(direction))))
        for _ in range(30):
            r = self.r + length * direction
            energy, gradient = self.sums.evaluate(r)
            new_slope = float(np.sum(direction * gradient))
            # close to the minimum the energy is all rounding, and the slope decides
            if energy <= self.energy + 1e-4 * length * slope or abs(new_slope) <= 0.9 * abs(slope):
                return r, energy, gradient
            length *= 0.4
        return None


class _History:
    """The pairs of steps and gradient changes of L-BFGS."""

    def __init__(self):
        self.pairs = []

    def clear(self):
        self.pairs = []

    def add(self, step, change):
        curvature = step @ change
        if curvature > 1e-10 * math.sqrt((step @ step) * (change @ change)):
            self.pairs = [*self.pairs[-_MEMORY + 1 :], (step, change, 1 / curvature)]

    def direction(self, gradient, solve):
        q = gradient.copy()
        weights = []
        for step, change, rho in reversed(self.pairs):
            weights.append(rho * (step @ q))
            q -= weights[-1] * change
        q = solve(q)
        for (step, change, rho), weight in zip(self.pairs, reversed(weights), strict=True):
            q += step * (weight - rho * (change @ q))
        return -q
