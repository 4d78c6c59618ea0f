r"""Averages over the Brillouin zone of functions singular at its centre, for any Bravais lattice.

The integrands of this chapter, :math:`\coth(\omega_k/2T)/\omega_k`, behave as :math:`1/|k|` at T = 0 and as
:math:`1/k^2` above, with a limit that depends on the direction, so that a grid of :math:`N^d` points
converges only as :math:`N^{1-d}` or :math:`N^{2-d}`. The primitive cell of reciprocal space, :math:`k =
\sum_i q_i b_i` with :math:`|q_i| \le 1/2`, is a union of pyramids with their tips at the centre. In one of
them (Duffy's coordinates)

.. math:: q = \tfrac t2 (1, v_2, \dots, v_d), \qquad d^dq = 2^{-d}\,t^{d-1}\,dt\,dv ,

the factor :math:`t^{d-1}` cancels the singularity, what remains is analytic, and Gauss-Legendre quadrature
converges exponentially. Inversion, :math:`f(-k) = f(k)`, halves the work. `root` replaces t by
:math:`t^{\text{root}}`, for spectra that start as :math:`\sqrt k`; `levels` cuts the radial interval
geometrically towards the centre, for temperatures far below the band.

Sources: M. G. Duffy, SIAM J. Num. Anal. 19, 1260 (1982); H. J. Monkhorst and J. D. Pack, Phys. Rev. B 13,
5188 (1976), the plain grid kept here for comparison.
"""

import numpy as np

from lowdim._checks import array_of_shape, callback, integer_in, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.lattice.bands import check_dimension
from lowdim.lattice.errors import Divergent

__all__ = ["converged_average", "grid_rule", "pyramid_rule", "zone_average"]


def pyramid_rule(reciprocal, order, root=1, levels=0):
    """Nodes and weights of the zone average, pyramid by pyramid.

    Parameters
    ----------
    reciprocal : array_like, shape (d, d)
        Rows are the primitive vectors of the reciprocal lattice; d = 1, 2 or 3.
    order : int
        Gauss points per direction (and per radial interval), >= 1.
    root, levels : int
        See the module; >= 1 and >= 0.

    Returns
    -------
    nodes : ndarray, shape (n, d)
        Wave vectors; half of the cell, for functions even in k.
    weights : ndarray, shape (n,)
        They add up to 1 to rounding.

    Raises
    ------
    ValueError
        If `reciprocal` is not a regular d x d matrix with d in 1..3, or a number is out of range.

    Examples
    --------
    >>> nodes, weights = pyramid_rule(2 * np.pi * np.eye(2), 4)
    >>> nodes.shape, round(float(weights.sum()), 12)
    ((32, 2), 1.0)
    """
    reciprocal = _checked_reciprocal(reciprocal)
    order, levels = integer_in("order", order, 1), integer_in("levels", levels, 0)
    root = integer_in("root", root, 1)
    d = len(reciprocal)
    x, w = np.polynomial.legendre.leggauss(order)
    edges = np.concatenate([[0.0], 2.0 ** np.arange(-levels, 1)])
    half = np.diff(edges)[:, None] / 2
    radial = (edges[:-1, None] + half * (1 + x)).ravel()
    t = radial**root
    radial_weight = (half * w).ravel() * root * radial ** (root - 1) * t ** (d - 1) / 2 ** (d - 1)
    mesh = np.meshgrid(t, *[x] * (d - 1), indexing="ij")
    slopes = [mesh[0] * v for v in mesh[1:]]
    weight = radial_weight
    for _ in range(d - 1):
        weight = np.multiply.outer(weight, w)
    pyramids = [np.stack([*slopes[:i], mesh[0], *slopes[i:]], axis=-1).reshape(-1, d) / 2 for i in range(d)]
    return np.concatenate(pyramids) @ reciprocal, np.tile(weight.ravel(), d)


def grid_rule(reciprocal, points):
    """Nodes and equal weights of the plain grid of points**d midpoints; an odd one includes the centre.

    The textbook alternative; it returns a finite number for a divergent integral too.

    Examples
    --------
    >>> nodes, weights = grid_rule(2 * np.pi * np.eye(3), 2)
    >>> nodes.shape, float(weights[0])
    ((8, 3), 0.125)
    """
    reciprocal = _checked_reciprocal(reciprocal)
    points = integer_in("points", points, 1)
    d = len(reciprocal)
    q = (np.arange(points) + 0.5) / points - 0.5
    mesh = np.stack(np.meshgrid(*[q] * d, indexing="ij"), axis=-1).reshape(-1, d)
    return mesh @ reciprocal, np.full(points**d, 1.0 / points**d)


def zone_average(function, reciprocal, order=12, root=1, levels=0, singularity=0.0):
    """Average of an even function of k over the zone, by `pyramid_rule`.

    A rule of fixed order gives a number for a divergent average too. Where the function is singular, say so
    with `singularity`, or call `converged_average`.

    Parameters
    ----------
    function : callable
        Takes k of shape (n, d), returns an array of shape (n, ...).
    reciprocal, order, root, levels
        As for `pyramid_rule`.
    singularity : float
        As for `converged_average`.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    Divergent
        If the singularity is not integrable.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> square = 2 * np.pi * np.eye(2)
    >>> average = zone_average(lambda k: 1 / np.linalg.norm(k, axis=1), square, order=12)
    >>> round(float(average * np.pi / np.arcsinh(1)), 8)
    2.0
    """
    callback("function", function)
    _refuse_divergence(reciprocal, singularity)
    nodes, weights = pyramid_rule(reciprocal, order, root, levels)
    return np.tensordot(weights, np.asarray(function(nodes)), axes=1)


def converged_average(function, reciprocal, singularity, tolerance=1e-9, root=1, levels=0, largest=48):
    r"""Zone average refined until two orders agree.

    Parameters
    ----------
    function, reciprocal, root, levels
        As for `zone_average`.
    singularity : float
        p >= 0 if the function grows as :math:`|k|^{-p}` at the centre of the zone.
    tolerance : float
        Relative, of the largest element.
    largest : int
        Gauss points per direction at which to give up, >= 7.

    Returns
    -------
    value : ndarray
    error : float
        The last difference, relative; the value is better than that.

    Raises
    ------
    Divergent
        If :math:`p \ge d`.
    NotConverged
        If the orders do not agree by then.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> value, error = converged_average(
    ...     lambda k: 1 / np.linalg.norm(k, axis=1), 2 * np.pi * np.eye(3), singularity=1)
    >>> error < 1e-9
    True
    """
    callback("function", function)
    tolerance = positive("tolerance", tolerance)
    largest = integer_in("largest", largest, 7)
    _refuse_divergence(reciprocal, singularity)
    before = zone_average(function, reciprocal, 6, root, levels)
    order = 6
    while order < largest:
        order = min(largest, int(np.ceil(1.4 * order)))
        value = zone_average(function, reciprocal, order, root, levels)
        error = float(np.max(np.abs(value - before)) / np.max(np.abs(value)))
        if error < tolerance:
            return value, error
        before = value
    raise NotConverged(f"zone average: changes by {error:.1e} at {largest} points, above {tolerance:.1e}")


def _refuse_divergence(reciprocal, singularity):
    d = len(_checked_reciprocal(reciprocal))
    if non_negative("singularity", singularity) >= d:
        raise Divergent(f"zone average: 1/|k|^{singularity:g} is not integrable at k = 0 in {d} dimensions")


def _checked_reciprocal(reciprocal):
    array = array_of_shape("reciprocal", reciprocal, (None, None))
    check_dimension("reciprocal", len(array))
    d = len(array)
    if array.shape != (d, d) or abs(np.linalg.det(array)) <= 1e-12 * np.abs(array).max() ** d:
        refuse("reciprocal", "independent vectors as rows of a square matrix", array.tolist())
    return array
