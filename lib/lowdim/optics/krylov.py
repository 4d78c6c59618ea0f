r"""Many large linear systems at once, by induced dimension reduction, in arrays of any namespace.

IDR(s) keeps 2s + 4 vectors per system however many steps it takes, and with s = 16 needs hardly more
products with the matrix than GMRES, which keeps them all. Each system of a block has a Krylov space of its
own, so that the matrices may differ; the products are taken of the whole block.

Source: M. B. van Gijzen and P. Sonneveld, ACM Trans. Math. Software 38, 5 (2011), the variant with
bi-orthogonal vectors and the stabilised choice of omega.
"""

import numpy as np

from lowdim._arrays import to_numpy
from lowdim._checks import callback, integer_in, namespace, positive, refuse
from lowdim.errors import NotConverged

__all__ = ["solve_block"]

ANGLE = 0.7  # omega is enlarged where the residual and its image are nearly orthogonal
OUTER = 6  # restarts from the true residual


def _checked_block(name, array, shape=None):
    """Refuse what is no block of vectors, of whatever namespace."""
    kinds = ("float", "complex")
    if not (hasattr(array, "shape") and any(kind in str(array.dtype) for kind in kinds)):
        refuse(name, "an array of complex numbers", array)
    if len(array.shape) != 2 or 0 in array.shape or (shape is not None and array.shape != shape):
        refuse(name, "shape (F, n)" if shape is None else f"shape {tuple(shape)}", tuple(array.shape))
    if not np.all(np.isfinite(_norm(array))):
        refuse(name, "finite numbers", "nan or inf")


def solve_block(act, precondition, drive, *, tolerance, steps, shadow=16, start=None, xp=np):
    """Solutions x_f of A_f x_f = b_f for a block of systems.

    Parameters
    ----------
    act, precondition : callable
        Take an array (m, n) of vectors and the numbers (m,) of their systems, and return A_f times them, or
        an approximation of the inverse times them.
    drive : array of complex, shape (F, n)
        b_f.
    tolerance : float
        Largest residual over the norm of b_f, > 0.
    steps : int
        Products with the matrix for each system; it is looked after each cycle of s + 1 of them.
    shadow : int
        s.
    start : array of complex, shape (F, n), optional
        First guess; zero if not given.
    xp : module
        Array namespace: numpy, torch, cupy.

    Returns
    -------
    array of complex, shape (F, n)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.
    NotConverged
        If the true residual of a system stays above `tolerance`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> matrix = np.eye(60) + 0.3 * rng.normal(size=(60, 60)) / 60**0.5
    >>> b = rng.normal(size=(2, 60)) + 0j
    >>> x = solve_block(lambda v, _: v @ matrix.T, lambda v, _: v, b, tolerance=1e-10, steps=200)
    >>> bool(np.abs(x @ matrix.T - b).max() < 1e-9)
    True
    """
    callback("act", act)
    callback("precondition", precondition)
    namespace("xp", xp)
    _checked_block("drive", drive)
    if start is not None:
        _checked_block("start", start, drive.shape)
    tolerance, steps = positive("tolerance", tolerance), integer_in("steps", steps, 1)
    shadow = min(integer_in("shadow", shadow, 1), drive.shape[1])
    scale = np.maximum(_norm(drive), 1e-300)
    answer = drive * 0 if start is None else start * 1
    vectors = _shadow_vectors(drive.shape[1], shadow, xp)
    systems, left = np.arange(len(drive)), steps
    for _ in range(OUTER):
        where = xp.asarray(systems)
        residual = drive[where] - act(answer[where], systems)
        error = _norm(residual) / scale[systems]
        if not np.all(np.isfinite(error)):
            break
        keep = error > tolerance
        if not np.any(keep):
            return answer
        residual, systems = residual[xp.asarray(np.flatnonzero(keep))], systems[keep]
        if left <= 0:
            break
        left -= _sweep(
            act, precondition, residual, answer, systems, tolerance * scale, min(left, steps), vectors, xp
        )
    raise NotConverged(f"after {steps - left} steps the residual is {np.max(error):.1e}, not {tolerance:.1e}")


def _norm(vectors):
    """Euclidean norm of every row, in host memory."""
    return np.sqrt(to_numpy((vectors.real**2).sum(-1) + (vectors.imag**2).sum(-1)))


def _shadow_vectors(size, shadow, xp):
    """Conjugate orthonormal random rows, always the same."""
    rng = np.random.default_rng(size)
    rows = rng.normal(size=(size, shadow)) + 1j * rng.normal(size=(size, shadow))
    return xp.asarray(np.ascontiguousarray(np.linalg.qr(rows)[0].T))


def _combine(weights, vectors, xp):
    """Sum of weights (m, i) times vectors (m, i, n)."""
    return xp.matmul(xp.asarray(weights)[:, None, :], vectors)[:, 0]


def _ratio(above, below):
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def _sweep(act, precondition, residual, answer, systems, limits, steps, vectors, xp):
    """Iterate until every residual is below its limit; adds to `answer`, returns the steps taken."""
    count, shadow = len(systems), len(vectors)
    g = xp.zeros((count, shadow, residual.shape[1]), dtype=residual.dtype)
    u = xp.zeros((count, shadow, residual.shape[1]), dtype=residual.dtype)
    small = np.tile(np.eye(shadow, dtype=complex), (count, 1, 1))
    omega, taken, gain = np.ones(count, dtype=complex), 0, residual * 0
    limits = limits[systems]
    while taken < steps:
        f = to_numpy(residual @ vectors.T).astype(complex)
        for k in range(shadow):
            c = np.linalg.solve(small[:, k:, k:], f[:, k:, None])[..., 0]
            v = precondition(residual - _combine(c, g[:, k:], xp), systems)
            u[:, k] = _combine(c, u[:, k:], xp) + xp.asarray(omega)[:, None] * v
            g[:, k] = act(u[:, k], systems)
            m = to_numpy(g[:, k] @ vectors.T).astype(complex)
            if k:
                c = np.linalg.solve(small[:, :k, :k], m[:, :k, None])[..., 0]
                g[:, k] -= _combine(c, g[:, :k], xp)
                u[:, k] -= _combine(c, u[:, :k], xp)
                m[:, k:] -= np.einsum("fij,fj->fi", small[:, k:, :k], c)
            small[:, k:, k] = m[:, k:]
            small[m[:, k] == 0, k, k] = 1
            beta = _ratio(f[:, k], m[:, k])
            residual = residual - xp.asarray(beta)[:, None] * g[:, k]
            gain += xp.asarray(beta)[:, None] * u[:, k]
            taken += 1
            if np.all(_norm(residual) <= limits):
                break
            f[:, k + 1 :] -= beta[:, None] * m[:, k + 1 :]
        else:
            v = precondition(residual, systems)
            t = act(v, systems)
            omega = _omega(t, residual)
            residual = residual - xp.asarray(omega)[:, None] * t
            gain += xp.asarray(omega)[:, None] * v
            taken += 1
        size = _norm(residual)
        if np.all(size <= limits) or not np.all(np.isfinite(size)):
            break
        if np.any(size <= limits):  # what is done would be divided by zero in the end
            answer[xp.asarray(systems)] += gain
            keep = np.flatnonzero(size > limits)
            systems, limits, small, omega = systems[keep], limits[keep], small[keep], omega[keep]
            residual, g, u = (a[xp.asarray(keep)] for a in (residual, g, u))
            gain = residual * 0
    answer[xp.asarray(systems)] += gain
    return taken


def _omega(image, residual):
    product = to_numpy((image.conj() * residual).sum(-1)).astype(complex)
    square, length = _norm(image) ** 2, _norm(residual)
    omega = _ratio(product, square.astype(complex))
    cosine = _ratio(np.abs(product), np.sqrt(square) * length)
    return np.where((cosine < ANGLE) & (cosine > 0), omega * ANGLE / np.where(cosine > 0, cosine, 1.0), omega)
