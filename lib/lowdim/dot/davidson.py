r"""Block Davidson method for the lowest eigenpairs of a real symmetric operator.

The search space grows by the preconditioned residuals :math:`r_i = H x_i - \theta_i x_i` of all roots that
have not converged, so a cluster of nearly equal eigenvalues is found as a whole. A root counts as
converged when :math:`\|r_i\|` is below the tolerance; the error of its eigenvalue is then at most the
tolerance, and of second order in it where the eigenvalue is isolated.

A start space inside one symmetry block of the operator never leaves it. `lowest_eigenpairs` therefore
searches the rest of the space from a random vector, until a level below its last root E shows up or cannot
be there: its amplitude in a vector of Ritz value :math:`\theta` and residual r is at most
:math:`\|r\|/(\theta-E)`, and it started with about :math:`n^{-1/2}`, to grow with every step.

Source: E. R. Davidson, J. Comput. Phys. 17, 87 (1975), with blocks as in B. Liu (1978).
"""

import numpy as np

from lowdim._checks import array_of_shape, callback, integer_in, positive, refuse
from lowdim.errors import NotConverged

__all__ = ["SearchSpace", "lowest_eigenpairs"]

_SEED = 20240229


def lowest_eigenpairs(apply, guess, precondition, n_roots, *, tolerance=1e-8, max_iterations=400):
    """Lowest eigenpairs of the symmetric operator `apply`.

    Parameters
    ----------
    apply : callable
        Maps an array of row vectors (b, n) to H times each row, (b, n).
    guess : array_like, shape (g, n)
        Start vectors, n >= g >= n_roots; at least n_roots of them linearly independent.
    precondition : callable
        ``precondition(residuals, values)`` maps (b, n) and (b,) to improved directions (b, n).
    n_roots : int
        Number of eigenpairs.
    tolerance : float
        Largest residual norm accepted.
    max_iterations : int
        Number of expansions of the search space before `NotConverged` is raised.

    Returns
    -------
    values : ndarray, shape (n_roots,)
        Ascending.
    vectors : ndarray, shape (n_roots, n)
        Orthonormal rows.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If some residual is still above `tolerance` after `max_iterations`, or if it cannot be shown that
        no level was missed.

    Examples
    --------
    >>> h = np.diag(np.arange(1.0, 51.0)) + 0.01
    >>> d = np.diag(h)
    >>> def precondition(residuals, values):
    ...     return residuals / (d - values[:, None] + 0.1)
    >>> values, _ = lowest_eigenpairs(lambda x: x @ h, np.eye(50)[:4], precondition, 2)
    >>> bool(np.allclose(values, np.linalg.eigvalsh(h)[:2], atol=1e-12))
    True
    """
    callback("apply", apply)
    callback("precondition", precondition)
    guess = array_of_shape("guess", guess, (None, None))
    n_roots = integer_in("n_roots", n_roots, 1)
    tolerance, max_iterations = (
        positive("tolerance", tolerance),
        integer_in("max_iterations", max_iterations, 1),
    )
    if not n_roots <= len(guess) <= guess.shape[1]:
        refuse("guess", f"from n_roots = {n_roots} to n = {guess.shape[1]} start vectors", len(guess))
    space = SearchSpace(apply, guess, precondition)
    if space.count < n_roots:
        refuse("guess", f"at least n_roots = {n_roots} independent rows", space.count)
    for _ in range(guess.shape[1]):
        values, vectors = space.converge(n_roots, tolerance, max_iterations)
        missed = _missed(apply, precondition, values, vectors, max_iterations)
        if missed is None:
            return values, vectors
        space.expand(missed)
    raise NotConverged(f"block Davidson: the rest of the space always holds a level below {values[-1]:.6g}")


def _missed(apply, precondition, values, vectors, max_iterations):
    """A vector with an energy below the last of `values` outside of `vectors`, or None if there is none."""
    size = vectors.shape[1]
    if size == len(vectors):
        return None
    random = np.random.default_rng(_SEED).normal(size=(1, size))
    other = SearchSpace(apply, random, precondition, without=vectors, kept=20)
    amplitude = min(0.05, 0.5 / np.sqrt(size))
    slack = 1e-9 * max(1.0, np.abs(values).max())
    for _ in range(max_iterations):
        value, vector, residual = (part[0] for part in other.ritz(1))
        norm = np.linalg.norm(residual)
        if value < values[-1] - slack:
            return vector[None]
        # a level as low as the last one is as good as that one
        if norm < amplitude * (value - values[-1]) or norm <= slack:
            return None
        if other.expand(precondition(residual[None], np.array([value]))) == 0:
            return None
    raise NotConverged(
        f"block Davidson: no proof in {max_iterations} steps that no level below {values[-1]:.6g} is missed"
    )


class SearchSpace:
    """A space that is expanded until its lowest Ritz vectors are eigenvectors.

    Parameters
    ----------
    apply, precondition : callable
        See `lowest_eigenpairs`.
    guess : ndarray, shape (g, n)
        Start vectors; their precision is that of the search.
    without : ndarray, shape (k, n), optional
        Orthonormal rows that the search space stays orthogonal to.
    kept : int, optional
        Ritz vectors that stay when the space is cut back; three for every start vector if not given.
    """

    def __init__(self, apply, guess, precondition, *, without=None, kept=None):
        self._apply, self._precondition, self._without = apply, precondition, without
        # what is kept beyond the roots asked for lets a cluster converge that the last of them cuts
        self._kept = kept or 3 * len(guess)
        self._largest = min(self._kept + max(40, self._kept), guess.shape[1])
        # room for one more block of directions than is kept at the end of a cycle
        room = (self._largest + len(guess), guess.shape[1])
        self._rows, self._images = np.empty(room, guess.dtype), np.empty(room, guess.dtype)
        self._projected = np.empty((0, 0))
        self.count = 0
        self.expand(guess)

    def expand(self, rows):
        """Add directions and return how many were new."""
        if self.count and self.count + len(rows) > self._largest:
            self._cut()
        old = self._rows[: self.count]
        new = _orthonormal_rows(rows, old if self._without is None else np.vstack([self._without, old]))
        if len(new):
            total = self.count + len(new)
            self._rows[self.count : total] = new
            self._images[self.count : total] = self._apply(new)
            corner = (self._rows[:total] @ self._images[self.count : total].T).astype(float)
            projected = np.empty((total, total))
            projected[: self.count, : self.count] = self._projected
            projected[:, self.count :] = corner
            projected[self.count :] = corner.T
            self._projected, self.count = projected, total
        return len(new)

    def _cut(self):
        values, coefficients = np.linalg.eigh(self._projected)
        kept = min(self._kept, self.count)
        turn = coefficients[:, :kept].T.astype(self._rows.dtype)
        for part in (self._rows, self._images):
            part[:kept] = turn @ part[: self.count]
        self._projected, self.count = np.diag(values[:kept]), kept

    def ritz(self, n_roots):
        """Lowest Ritz values, their vectors and residuals."""
        values, coefficients = np.linalg.eigh(self._projected)
        turn = coefficients[:, :n_roots].T.astype(self._rows.dtype)
        vectors = turn @ self._rows[: self.count]
        residuals = turn @ self._images[: self.count]
        residuals -= values[:n_roots, None].astype(vectors.dtype) * vectors
        return values[:n_roots], vectors, residuals

    def converge(self, n_roots, tolerance, max_iterations=400, *, rounding=0.0):
        """Expand until the lowest `n_roots` residual norms are below their tolerance.

        Parameters
        ----------
        n_roots : int
        tolerance : float or array_like, shape (n_roots,)
        max_iterations : int
        rounding : float
            Residual norms below this may be rounding: the search ends if they do not halve in ten expansions.

        Returns
        -------
        values : ndarray, shape (n_roots,)
        vectors : ndarray, shape (n_roots, n)

        Raises
        ------
        NotConverged
            After `max_iterations` expansions, or at the rounding.
        """
        best, since = np.inf, 0
        for step in range(max_iterations + 1):
            values, vectors, residuals = self.ritz(n_roots)
            norms = np.linalg.norm(residuals, axis=1)
            open_roots = norms > tolerance
            if not open_roots.any():
                return values, vectors
            since += 1
            if norms.max() < 0.5 * best:
                best, since = norms.max(), 0
            stuck = since >= 10 and norms.max() < rounding
            if (
                step == max_iterations
                or stuck
                or not self.expand(self._precondition(residuals[open_roots], values[open_roots]))
            ):
                break
        raise NotConverged(
            f"block Davidson: residual norms reached {norms.max():.2e}, not {np.max(tolerance):.2e}, "
            f"for {n_roots} roots in {max_iterations} expansions"
        )


def _orthonormal_rows(rows, basis):
    """Orthonormal basis of `rows` after projecting out `basis` (twice, against rounding)."""
    floor = 1e-10 if rows.dtype == np.float64 else 1e-4
    for _ in range(2):
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows = rows[norms[:, 0] > 0] / norms[norms[:, 0] > 0]
        rows = rows - (rows @ basis.T) @ basis
        if rows.dtype == np.float64:
            _, size, right = np.linalg.svd(rows, full_matrices=False)
            rows = right[size > floor * size.max(initial=1.0)]
            continue
        # squares in double precision tell apart what single precision can
        double = rows.astype(float)
        squares, turn = np.linalg.eigh(double @ double.T)
        kept = squares > floor**2 * squares.max(initial=1.0)
        rows = ((turn[:, kept] / np.sqrt(squares[kept])).T @ double).astype(rows.dtype)
        if squares.min(initial=1.0) > 0.01:
            break  # little was taken away, so that little rounding is left
    return rows
