r"""Lowest levels inside one sector (S_z, reflection, spin flip), solved as far as they are needed.

Three steps. The determinants of lowest kinetic energy are solved exactly: they give the start vectors, and
the Cholesky factor of their shifted matrix is the preconditioner. A block Davidson search follows, in single
precision down to residuals that this resolves, then in double. At last the rest of the sector is searched
from a random vector, which holds every symmetry, so that no level is missed because the start vectors lack
its spin. A missed level at or below the energy E has an amplitude of at most :math:`\|r\|/(\theta-E)` in a
vector of Ritz value :math:`\theta` and residual r; the search lowers energies, so amplitudes of low levels
only grow, and it may stop where this bound is far below what the random vector started with.
"""

import numpy as np
from scipy import linalg

from lowdim.dot.davidson import SearchSpace
from lowdim.errors import NotConverged

__all__ = ["Sector"]

_DENSE = 400
_SEED = 1996
_AMPLITUDE = 0.05
_PATIENCE = 100
_FEW = 3


class Sector:
    """One sector of the spectrum.

    Parameters
    ----------
    hamiltonian : SectorHamiltonian
    scale : float
        Energy scale of the dot.

    Attributes
    ----------
    energies, vectors : ndarray
        The levels found so far, shapes (k,) and (k, size).
    """

    def __init__(self, hamiltonian, scale):
        self.hamiltonian, self._scale = hamiltonian, scale
        self.size = hamiltonian.size
        self._model = self._search = self._extra = None
        self._complete, self._clear = None, (0, -np.inf)
        self.energies, self.vectors = np.empty(0), np.empty((0, self.size))
        if 0 < self.size <= _DENSE:
            self._complete = np.linalg.eigh(hamiltonian.dense())

    def estimate(self, n_roots):
        """Upper bounds of the lowest energies, shape (up to n_roots,)."""
        n_roots = min(n_roots, self.size)
        if self._complete is not None or n_roots == 0:
            return self._complete[0][:n_roots] if n_roots else np.empty(0)
        if self._small(n_roots):
            self._complete = np.linalg.eigh(self.hamiltonian.dense())
            return self._complete[0][:n_roots]
        self._prepare(n_roots)
        bounds = self._model.values[:n_roots].copy()
        known = self.energies[:n_roots]
        bounds[: len(known)] = np.minimum(bounds[: len(known)], known)
        return bounds

    def _small(self, n_roots):
        return self.size <= max(_DENSE, 3 * (n_roots + 2))

    def _prepare(self, n_roots):
        if self._model is None or len(self._model.values) < n_roots + 2:
            self._model = _ModelSpace(self.hamiltonian, n_roots + 2, self._scale)

    def coarse(self, n_roots):
        """Energies of the lowest `n_roots` levels with small residuals, as far as the search has come."""
        if self._complete is not None or n_roots == 0:
            return self.estimate(n_roots)
        self._start()
        if n_roots > _FEW:
            # the order of the start vectors is not that of the levels they lead to: improve some more of
            # them; for few levels the search at the end, which finds what is missed, is cheaper
            values, _, residuals = self._search.ritz(n_roots + _FEW)
            self._search.expand(self._model.precondition(residuals, values))
        self._single(n_roots, 0.2 * self._scale)
        return self._search.ritz(min(n_roots + 2, self._search.count))[0]

    def solve(self, n_roots, tolerance):
        """Find the lowest `n_roots` levels to a residual norm of `tolerance`."""
        if len(self.energies) >= n_roots:
            return
        if self._complete is None and self._small(n_roots):
            self._complete = np.linalg.eigh(self.hamiltonian.dense())
        if self._complete is not None:
            values, vectors = self._complete
            self.energies, self.vectors = values[:n_roots], vectors.T[:n_roots]
            return
        self._prepare(n_roots)
        start, reached = self._single(n_roots, max(tolerance, self._model.single_floor))
        # beyond the roots asked for, what the search knows of the next ones is worth keeping
        count = n_roots if reached <= tolerance else min(2 * n_roots + 4, start.count)
        guess = start.ritz(count)[1].astype(float)
        search = SearchSpace(self.hamiltonian.apply, guess, self._model.precondition)
        self.energies, self.vectors = search.converge(n_roots, tolerance)

    def _start(self):
        if self._search is None:
            guess = self._model.guess().astype(self._model.precision)
            self._search = SearchSpace(self.hamiltonian.apply, guess, self._model.precondition)

    def _single(self, n_roots, tolerance):
        """The search in single precision, where energies fit into it, and the residual norm it reached."""
        self._prepare(n_roots)
        self._start()
        if self._extra is not None:
            self._search.expand(self._extra.astype(self._model.precision))
            self._extra = None
        try:
            self._search.converge(n_roots, tolerance, 200, rounding=self._model.rounding)
        except NotConverged:
            # rounding stands in the way; the search in double precision says whether that is all
            return self._search, np.inf
        return self._search, tolerance

    def next_level(self, energy):
        """Whether a level beyond those found may lie at or below `energy`; the search keeps its vector."""
        found = len(self.energies)
        if found == self.size:
            return False
        if self._complete is not None:
            return bool(self._complete[0][found] <= energy)
        if self._clear[0] == found and energy <= self._clear[1]:
            return False
        self._prepare(found)
        start = self._model.random()
        known = self.vectors.astype(start.dtype)
        space = SearchSpace(self.hamiltonian.apply, start, self._model.precondition, without=known, kept=20)
        for _ in range(_PATIENCE):
            value, vector, residual = (part[0] for part in space.ritz(1))
            norm = float(np.linalg.norm(residual))
            if norm < _AMPLITUDE * (value - energy):
                self._clear = found, energy
                return False
            if value <= energy or norm <= self._model.rounding:
                break
            space.expand(self._model.precondition(residual[None], np.array([value])))
        # a level was found, or the answer is not clear: then one level more is solved in full
        self._extra = vector[None]
        return True


class _ModelSpace:
    """The determinants of lowest kinetic energy: start vectors and preconditioner.

    Chosen by occupation alone, hence closed under spin rotations.
    """

    def __init__(self, hamiltonian, n_guess, scale):
        number = hamiltonian.kinetic_number()
        size = min(max(200, min(_DENSE, hamiltonian.size // 8), 3 * n_guess), hamiltonian.size - 1)
        self._chosen = np.flatnonzero(number <= np.partition(number, size)[size])
        matrix = hamiltonian.submatrix(self._chosen)
        self.values, self._vectors = linalg.eigh(
            matrix, subset_by_index=(0, min(n_guess, len(matrix)) - 1), check_finite=False
        )
        self._diagonal, self._clamp = hamiltonian.diagonal(), scale
        largest = np.abs(self._diagonal).max()
        # energies and their squares must fit
        self.precision = np.float32 if 1e-15 < largest < 1e15 else np.float64
        # below the first, residuals may be rounding; the second is as far as they ever come
        self.rounding = (1.5e-6 if self.precision is np.float32 else 1e-13) * largest
        self.single_floor = 0.1 * self.rounding
        matrix[np.diag_indices(len(matrix))] -= self.values[0] - 0.5 * scale
        self._factor = linalg.cho_factor(matrix.astype(self.precision), check_finite=False)

    def guess(self):
        rows = np.zeros((len(self.values), len(self._diagonal)))
        rows[:, self._chosen] = self._vectors.T
        return rows

    def random(self):
        """A random vector of low energy, with every symmetry in it."""
        generator = np.random.default_rng(_SEED)
        rows = (
            1e-2
            * generator.normal(size=(1, len(self._diagonal)))
            / (self._diagonal - self.values[0] + self._clamp)
        )
        inner = generator.normal(size=len(self._chosen)).astype(self.precision)
        rows[:, self._chosen] = linalg.cho_solve(self._factor, inner, check_finite=False)
        return rows.astype(self.precision)

    def precondition(self, residuals, values):
        shifted = self._diagonal - values[:, None]
        small = np.abs(shifted) < self._clamp
        shifted[small] = np.copysign(self._clamp, shifted[small])
        result = residuals / shifted.astype(residuals.dtype)
        inner = residuals[:, self._chosen].astype(self.precision)
        result[:, self._chosen] = linalg.cho_solve(self._factor, inner.T, check_finite=False).T
        return result
