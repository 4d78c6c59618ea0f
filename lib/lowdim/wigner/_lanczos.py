"""Lowest levels of large symmetric operators, degenerate ones as often as they occur."""

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, aslinearoperator, eigsh

from lowdim.errors import NotConverged

_CLOSE = 1e-9


def lowest_levels(operator, count, name, tolerance=0.0):
    """Lowest eigenvalues in increasing order, and their vectors.

    A Lanczos iteration sees one vector of a degenerate set, and the others only by its rounding errors. So
    what was found is lifted above the spectrum, and the lowest of the rest is taken in until it lies above.

    Parameters
    ----------
    operator : sparse array or LinearOperator, shape (n, n)
        Real symmetric.
    count : int
        1 to n - 1.
    name : str
        Of the solver that asks, for the error.
    tolerance : float
        Error allowed in a level, 0 for that of the machine.

    Returns
    -------
    values, vectors : ndarray, shape (count,), (n, count)

    Raises
    ------
    NotConverged
        If an iteration does not end, or levels are found missing again and again.

    Examples
    --------
    >>> from scipy import sparse
    >>> matrix = sparse.diags_array(np.repeat([2.0, 1.0, 5.0], [90, 3, 7]))
    >>> lowest_levels(matrix, 4, "example")[0].round(9).tolist()
    [1.0, 1.0, 1.0, 2.0]
    """
    operator, rng = aslinearoperator(operator), np.random.default_rng(0)
    size = operator.shape[0]
    options = {"which": "SA", "tol": tolerance, "ncv": min(size, max(24, 4 * count))}
    try:
        values, vectors = eigsh(operator, count, v0=rng.standard_normal(size), **options)
        if count == 1:  # any start has a part of the lowest
            return values, vectors
        top = eigsh(operator, 1, which="LA", tol=1e-3, return_eigenvectors=False)[0]
        width = 1.1 * (top - values.min())
        for _ in range(4 * count):
            found = vectors

            def lifted(x, found=found):
                x = x.ravel()
                return operator.matvec(x) + width * (found @ (found.T @ x))

            rest = LinearOperator(operator.shape, lifted, dtype=float)
            more, vector = eigsh(rest, 1, v0=rng.standard_normal(size), **options)
            highest = np.sort(values)[count - 1]
            if more[0] > highest - max(_CLOSE * width, tolerance):
                order = np.argsort(values)[:count]
                return values[order], vectors[:, order]
            values = np.append(values, more)
            vector -= vectors @ (vectors.T @ vector)
            vectors = np.hstack([vectors, vector / np.linalg.norm(vector)])
    except ArpackNoConvergence as error:
        raise NotConverged(f"{name}: {error}") from None
    raise NotConverged(f"{name}: levels are still missing after {4 * count} searches")
