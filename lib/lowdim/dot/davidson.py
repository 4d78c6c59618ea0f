r"""Block Davidson method for the lowest eigenpairs of a real symmetric operator.

The search space grows by the preconditioned residuals :math:`r_i = H x_i - \theta_i x_i` of all roots that
have not converged, so a cluster of nearly equal eigenvalues is found as a whole. A root counts as
converged when :math:`\|r_i\|` is below the tolerance; the error of its eigenvalue is then at most the
tolerance, and of second order in it where the eigenvalue is isolated.

Source: E. R. Davidson, J. Comput. Phys. 17, 87 (1975), with blocks as in B. Liu (1978).
"""

import numpy as np

from lowdim.errors import NotConverged

__all__ = ["lowest_eigenpairs"]


def lowest_eigenpairs(apply, guess, precondition, n_roots, *, tolerance=1e-8, max_iterations=400):
    """Lowest eigenpairs of the symmetric operator `apply`.

    Parameters
    ----------
    apply : callable
        Maps an array of row vectors (b, n) to H times each row, (b, n).
    guess : ndarray, shape (g, n)
        Linearly independent start vectors, g >= n_roots.
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
    NotConverged
        If some residual is still above `tolerance` after `max_iterations`.

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
    basis = _orthonormal_rows(guess, np.empty((0, guess.shape[1])))
    image = apply(basis)
    # the space is cut back to `kept` rows before it outgrows `largest`; what is kept beyond the roots
    # asked for lets a cluster converge that the last of them cuts
    kept = 3 * len(guess)
    largest = kept + max(40, kept)
    for _ in range(max_iterations):
        projected = basis @ image.T
        values, coefficients = np.linalg.eigh(0.5 * (projected + projected.T))
        values, coefficients = values[:kept], coefficients[:, :kept]
        vectors, images = coefficients.T @ basis, coefficients.T @ image
        residuals = images[:n_roots] - values[:n_roots, None] * vectors[:n_roots]
        norms = np.linalg.norm(residuals, axis=1)
        open_roots = norms > tolerance
        if not open_roots.any():
            return values[:n_roots], vectors[:n_roots]
        if len(basis) + open_roots.sum() > min(largest, basis.shape[1]):
            basis, image = vectors, images
        new = precondition(residuals[open_roots], values[:n_roots][open_roots])
        new = _orthonormal_rows(new, basis)
        if len(new) == 0:
            break
        basis, image = np.vstack([basis, new]), np.vstack([image, apply(new)])
    raise NotConverged(
        f"block Davidson: residual norms reached {norms.max():.2e}, not {tolerance:.2e}, "
        f"for {n_roots} roots in {max_iterations} expansions"
    )


def _orthonormal_rows(rows, basis):
    """Orthonormal basis of `rows` after projecting out `basis` (twice, against rounding)."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    for _ in range(2):
        rows = rows - (rows @ basis.T) @ basis
        left, singular, right = np.linalg.svd(rows, full_matrices=False)
        rows = right[singular > 1e-10 * max(1.0, singular[0])] if singular.size else right
    return rows
