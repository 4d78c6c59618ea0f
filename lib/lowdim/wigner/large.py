r"""Clusters of thousands of electrons: energy and forces in blocks, relaxation with a local preconditioner.

**Forces.** All N(N-1)/2 pairs, each once: the positions are cut into blocks of a few hundred electrons so
that the matrices of one pair of blocks stay in the processor's cache; a pair of blocks gives its force to
both sides. Inside a block pair the squared distances are one matrix product, taken about the middle of the
two blocks, then come one square root and one division per pair, and the sums of :math:`r^{-3}` and of
:math:`r^{-3}\mathbf r_j` are products with vectors. The block pairs can be shared among threads; the sums
are added in a fixed order, so that the number of threads does not change the result.
Coulomb interaction, harmonic trap, units as in `lowdim.wigner.potentials`.

**Relaxation.** L-BFGS in the metric of a sparse, positive approximation to the elasticity matrix: exact
blocks of pairs closer than `reach` spacings, without the part that would make it indefinite, and a constant
on the diagonal. It removes the stiff directions, whose number grows with N, and leaves the long waves to the
quasi-Newton updates. As long as defects move, single precision is enough (blocks are compact, and forces
exact to 0.001 with 20 000 electrons) and takes half the time; from a largest force of 0.01 on everything is
double. A result whose largest force component exceeds the tolerance is refused. For such sizes the minimum is
one of very many: it is a crystal with defects, and not the lowest.

Source: J. Nocedal and S. J. Wright, Numerical Optimization (2006), chapter 7, for L-BFGS.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from lowdim._checks import array_of_shape, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.clusters import Equilibrium

__all__ = ["blocked_energy_gradient", "fluid_cluster", "relax_large"]

_MEMORY = 25
_ROUGH = 0.01


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
    pairs = _Pairs(len(r), integer_in("block", block, 1), integer_in("threads", threads, 1))
    return pairs.evaluate(r)


def _refuse_coincident(r):
    ordered = r[np.lexsort(r.T)]
    if np.any(np.all(ordered[1:] == ordered[:-1], axis=1)):
        refuse("positions", "distinct electrons", "two at the same place")


def _compact(r, block):
    """Order in which every block is compact, so that squares of distances lose few digits."""

    def halves(members):
        if len(members) <= block:
            return [members]
        along = r[members, np.argmax(np.ptp(r[members], axis=0))]
        middle = block * max(1, round(len(members) / (2 * block)))
        order = members[np.argpartition(along, middle)]
        return halves(order[:middle]) + halves(order[middle:])

    return np.concatenate(halves(np.arange(len(r))))


class _Pairs:
    """Work space for the sum over pairs."""

    def __init__(self, n, block, threads=1):
        self.edges = [slice(low, min(low + block, n)) for low in range(0, n, block)]
        size = min(block, n)
        self.size = size
        count = len(self.edges)
        jobs = [(a, b) for a in range(count) for b in range(a, count)]
        # two partial sums, whatever the number of threads
        self.shares = [jobs[0::2], jobs[1::2]]
        self.use(float)
        self.pool = ThreadPoolExecutor(2) if threads > 1 and len(jobs) > 1 else None

    def use(self, precision):
        """Take single or double precision for the matrices of a pair of blocks; sums stay double."""
        self.precision = precision
        self.ones = np.ones(self.size, precision)
        self.space = [np.empty((2, self.size, self.size), precision) for _ in self.shares]

    def evaluate(self, r):
        blocks = [(r[edge].mean(axis=0), r[edge].T) for edge in self.edges]
        mapped = map if self.pool is None else self.pool.map
        parts = list(mapped(lambda k: self._share(blocks, k, len(r)), range(2)))
        energy = 0.5 * float(np.sum(r * r)) + parts[0][0] + parts[1][0]
        return energy, r + np.ascontiguousarray((parts[0][1] + parts[1][1]).T)

    def _share(self, blocks, k, n):
        """Energy and gradient of the pairs of one share of block pairs."""
        energy, gradient = 0.0, np.zeros((2, n))
        for a, b in self.shares[k]:
            (centre_a, at_a), (centre_b, at_b) = blocks[a], blocks[b]
            middle = 0.5 * (centre_a + centre_b)[:, None]
            near, far = (np.ascontiguousarray(at - middle, self.precision) for at in (at_a, at_b))
            parts = gradient[:, self.edges[a]], gradient[:, self.edges[b]]
            # two electrons thrown onto each other: the line search sees nan and steps back
            with np.errstate(invalid="ignore", divide="ignore"):
                energy += self._block(near, far, parts, (k, a == b))
        return energy, gradient

    def _block(self, p, q, gradients, which):
        (gradient_p, gradient_q), (share, same) = gradients, which
        square, inverse = (space[: p.shape[1], : q.shape[1]] for space in self.space[share])
        one_p, one_q = self.ones[: p.shape[1]], self.ones[: q.shape[1]]
        left = np.stack([-2 * p[0], -2 * p[1], np.sum(p * p, axis=0), one_p], axis=1)
        np.matmul(left, np.stack([q[0], q[1], one_q, np.sum(q * q, axis=0)]), out=square)
        if same:
            np.fill_diagonal(square, np.inf)
        np.sqrt(square, out=square)
        np.divide(1.0, square, out=inverse)
        energy = float(np.sum(inverse @ one_q))
        np.multiply(inverse, inverse, out=square)
        cube = np.multiply(square, inverse, out=square)
        gradient_p -= p * (cube @ one_q)
        for axis in range(2):
            gradient_p[axis] += cube @ q[axis]
        if same:
            return 0.5 * energy
        gradient_q -= q * (one_p @ cube)
        for axis in range(2):
            gradient_q[axis] += p[axis] @ cube
        return energy


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
    positions, *, tolerance=1e-8, max_steps=20000, block=256, threads=1, reach=1.9, shift=1.0, refresh=100
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
    pairs = _Pairs(len(r), integer_in("block", block, 1), integer_in("threads", threads, 1))
    r = r[_compact(r, block)]
    pairs.use(np.float32)
    energy, gradient = pairs.evaluate(r)
    history = _History()
    solve = None
    for step in range(max_steps):
        residual = float(np.max(np.abs(gradient)))
        if pairs.precision is not float and residual <= max(_ROUGH, tolerance):
            pairs.use(float)
            energy, gradient = pairs.evaluate(r)
            residual = float(np.max(np.abs(gradient)))
        if residual <= tolerance:
            order = np.argsort(np.hypot(*r.T), kind="stable")
            return Equilibrium(r[order], energy, residual)
        if solve is None or step % refresh == 0:
            solve = _preconditioner(r, reach, shift)
            history.clear()
        direction = history.direction(gradient.ravel(), solve).reshape(r.shape)
        slope = float(np.sum(direction * gradient))
        longest = float(np.max(np.abs(direction)))
        length = min(1.0, 0.2 / longest)
        for _ in range(30):
            new = r + length * direction
            new_energy, new_gradient = pairs.evaluate(new)
            new_slope = float(np.sum(direction * new_gradient))
            # close to the minimum the energy is all rounding, and the slope decides
            if new_energy <= energy + 1e-4 * length * slope or abs(new_slope) <= 0.9 * abs(slope):
                break
            length *= 0.4
        else:
            raise NotConverged(f"relax_large: no step lowers the energy; largest force {residual:.1e}")
        history.add((new - r).ravel(), (new_gradient - gradient).ravel())
        r, energy, gradient = new, new_energy, new_gradient
    raise NotConverged(f"relax_large: largest force {residual:.1e} after {max_steps} steps")


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
