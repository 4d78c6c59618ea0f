r"""Order of a cluster: triangular or square, and do the shells hold their electrons?

**Bonds.** For an electron with M neighbours at the angles :math:`\theta_j`,

.. math:: \psi_k = \Bigl|\frac1M\sum_{j=1}^M e^{ik\theta_j}\Bigr|,

1 for k = 6 in a triangular and for k = 4 in a square lattice. Neighbours are those closer than `cutoff`
times the distance of the nearest one: 1.25 keeps the diagonals of a square (1.41) out and a strained ring of
six in. Electrons on the edge have half a neighbourhood and are left out.

**Shells.** Circles through the middle of the gaps between the shells at rest enclose as many electrons as at
rest while every electron is in its shell.
"""

import numpy as np
from scipy.spatial import ConvexHull

from lowdim._checks import array_of_shape, integer_in, positive, refuse
from lowdim.wigner.clusters import shell_occupations

__all__ = ["bond_order", "inside_gaps", "interior", "shell_gaps"]


def interior(positions, *, layer=0.6):
    """Indices of the electrons that lie deeper than `layer` mean spacings below the convex hull.

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 3
        Distinct, and not on one line.
    layer : float
        > 0.

    Returns
    -------
    ndarray of int

    Raises
    ------
    ValueError
        If an argument is out of range, or the positions have no hull with an inside.

    Examples
    --------
    >>> interior([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]).tolist()
    [0]
    """
    r = array_of_shape("positions", positions, (None, 2))
    layer = positive("layer", layer)
    spread = np.linalg.svd(r - r.mean(axis=0), compute_uv=False) if len(r) >= 3 else [0.0, 0.0]
    if not spread[-1] > 1e-9 * spread[0] or len(np.unique(r, axis=0)) < len(r):
        refuse("positions", "three or more distinct electrons, not on one line", r.tolist())
    hull = ConvexHull(r)
    depth = -(r @ hull.equations[:, :2].T + hull.equations[:, 2]).max(axis=1)
    distance = np.hypot(r[:, 0, None] - r[:, 0], r[:, 1, None] - r[:, 1])
    np.fill_diagonal(distance, np.inf)
    return np.flatnonzero(depth > layer * distance.min(axis=1).mean())


def bond_order(positions, k, *, cutoff=1.25, layer=0.6):
    r""":math:`\psi_k` of every interior electron.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
    k : int
        4 for square, 6 for triangular order; >= 1.
    cutoff : float
        Reach of the neighbourhood over the nearest distance, > 1: every electron has its nearest neighbour.
    layer : float
        As for `interior`, > 0.

    Returns
    -------
    ndarray
        One element per interior electron; empty for clusters without an interior.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> square = [[x, y] for x in range(4) for y in range(4)]
    >>> bond_order(square, 4).round(12).tolist(), bond_order(square, 6).round(12).tolist()
    ([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
    """
    r = array_of_shape("positions", positions, (None, 2))
    k, cutoff = integer_in("k", k, 1), positive("cutoff", cutoff)
    if cutoff <= 1:
        refuse("cutoff", "a number > 1", cutoff)
    inner = interior(r, layer=layer)
    dx, dy = (r[:, axis, None] - r[:, axis] for axis in range(2))
    distance = np.hypot(dx, dy)
    np.fill_diagonal(distance, np.inf)
    near = distance < cutoff * distance.min(axis=1, keepdims=True)
    phase = np.exp(1j * k * np.arctan2(dy, dx)) * near
    return np.abs(phase.sum(axis=1) / near.sum(axis=1))[inner]


def shell_gaps(positions):
    r"""Radii midway between the shells of a cluster at rest.

    Shells as in `lowdim.wigner.clusters.shell_occupations`.

    Parameters
    ----------
    positions : array_like, shape (N, 2)

    Returns
    -------
    ndarray, shape (shells - 1,)

    Raises
    ------
    ValueError
        If the shape is wrong.

    Examples
    --------
    >>> shell_gaps([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]).tolist()
    [0.5]
    """
    edges = np.cumsum(shell_occupations(positions))[:-1]
    radii = np.sort(np.hypot(*array_of_shape("positions", positions, (None, 2)).T))
    return 0.5 * (radii[edges - 1] + radii[edges])


def _planar(name, value):
    """Positions (..., 2); many sweeps of a sampler pass here."""
    if getattr(value, "dtype", None) != np.float64:
        value = array_of_shape(name, value, None)
    if value.ndim < 2 or value.shape[-1] != 2 or not np.isfinite(value.sum()):
        refuse(name, "finite numbers of shape (..., N, 2)", value)
    return value


def inside_gaps(positions, gaps):
    """Numbers of electrons inside each radius, for clusters of shape (..., N, 2); shape (..., gaps).

    Examples
    --------
    >>> inside_gaps([[0, 0], [1, 0], [0, 2]], [0.5, 1.5]).tolist()
    [1, 2]
    """
    positions, gaps = _planar("positions", positions), array_of_shape("gaps", gaps, (None,))
    square = np.sum(np.square(positions), axis=-1)
    return np.sum(square[..., None] < np.square(gaps), axis=-2)
