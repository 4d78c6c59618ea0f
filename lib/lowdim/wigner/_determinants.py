"""Determinants of the chains of `lowdim.wigner.instantons`."""

from functools import lru_cache

import numpy as np
from scipy.linalg import LinAlgError, cholesky_banded


@lru_cache(maxsize=64)
def log_det_at_rest(slices, step, squares, free):
    """ln det of a chain that stays in the well: mode by mode, tridiagonal matrices as products of pivots."""
    squares, free = np.array(squares), np.array(free)
    cosh = 1 + 0.5 * np.maximum(squares, 0) * step**2
    cost = (1 - (cosh - np.sqrt(cosh**2 - 1))) / step
    inner = 2 / step + step * squares
    pivot = inner - 1 / step + np.where(free, 1.0, cost)
    total = np.sum(np.log(pivot))
    for k in range(1, slices):
        diagonal = inner if k < slices - 1 else inner - 1 / step + np.where(free, 0.0, cost)
        pivot = diagonal - 1 / (step**2 * pivot)
        total += np.sum(np.log(pivot))
    return float(total)


def factored(band, shift):
    """Cholesky factor of an upper band with a shift on its diagonal; None where it is not positive."""
    shifted = band.copy()
    shifted[-1] += shift
    try:
        return cholesky_banded(shifted, overwrite_ab=True, check_finite=False)
    except LinAlgError:
        return None
