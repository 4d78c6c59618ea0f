r"""Exact Bloch bands of the :math:`\sin^2` lattice in one, two and three dimensions.

Along one direction, with :math:`z = k_0 x` and energies in recoils :math:`E_R = k_0^2/2m`,

.. math:: \Bigl[-\frac{d^2}{dz^2} + s\,\sin^2 z\Bigr]\varphi_{nq}(z) = E_{nq}\,\varphi_{nq}(z),
          \qquad s = U/E_R ,

which is Mathieu's equation with :math:`|q_M| = s/4` and :math:`a = E - s/2`. Sites are at
:math:`z = \pi j` (potential minima, energy zero there), the spacing is :math:`\pi` and the quasimomentum q
is in units of :math:`k_0`, so that the Brillouin zone is :math:`-1 < q \le 1`. In plane waves
:math:`e^{i(q+2n)z}` the Hamiltonian is tridiagonal, :math:`(q+2n)^2 + s/2` beside :math:`-s/4`; the
number of waves follows from the depth (the coefficients fall faster than exponentially), and full
diagonalisation keeps the energies to about 1e-14 of the recoil.

In d dimensions the lattice is a sum over directions, so that energies add and every state is a product.

Sources: eqs. 1, 2, 4 and 18 of V. I. Yukalov, arXiv:2008.00980 (2020); Mathieu's equation: NIST Digital
Library of Mathematical Functions, chapter 28.
"""

import itertools

import numpy as np
from scipy import optimize

from lowdim._checks import array_of_shape, broadcast, integer_in, refuse

__all__ = [
    "band_edges",
    "band_energies",
    "band_width",
    "bloch_waves",
    "dense_energies",
    "gap_opening_depth",
    "lattice_energies",
    "lowest_gap",
    "plane_waves_needed",
]


DEEPEST = 1e8
"""Largest depth in recoils; there 1000 plane waves are needed."""


def plane_waves_needed(depth, n_bands):
    """Return M: the plane waves n = -M..M carry `n_bands` bands at this depth to rounding.

    Examples
    --------
    >>> plane_waves_needed(16.0, 2)
    18
    """
    depth, n_bands = checked_depths(depth), integer_in("n_bands", n_bands, 1)
    return n_bands + 6 + int(np.ceil(5 * np.max(depth, initial=0.0) ** 0.25))


def checked_depths(depth, name="depth", shape=None):
    """Return lattice depths as a float array, refusing those outside 0..`DEEPEST`."""
    depths = array_of_shape(name, depth, shape)
    if np.any(depths < 0) or np.any(depths > DEEPEST):
        refuse(name, f"depths >= 0 and at most {DEEPEST:g}", depth)
    return depths


def _folded(quasimomentum):
    """Quasimomenta in the first zone: energies have its period, and the plane waves are centred on it."""
    return quasimomentum - 2 * np.round(quasimomentum / 2)


def _hamiltonian(depth, quasimomentum, m):
    """Plane-wave matrices, shape (..., 2m + 1, 2m + 1), for arrays that already broadcast."""
    depth, quasimomentum = np.broadcast_arrays(depth, quasimomentum)
    n = np.arange(-m, m + 1)
    matrix = np.zeros((*depth.shape, n.size, n.size))
    matrix[..., n + m, n + m] = (quasimomentum[..., None] + 2 * n) ** 2 + depth[..., None] / 2
    off = n[:-1] + m
    matrix[..., off, off + 1] = matrix[..., off + 1, off] = -depth[..., None] / 4
    return matrix


def bloch_waves(depth, quasimomentum, n_bands=1):
    r"""Bloch states of the one-dimensional lattice in plane waves.

    .. math:: \varphi_{nq}(z) = \frac{1}{\sqrt{\text{length}}}\sum_m c_{mn}(q)\,e^{i(q+2m)z}

    Parameters
    ----------
    depth : float
        s = U/E_R, >= 0.
    quasimomentum : array_like, shape (Q,)
        In units of k_0, in the first zone: -1..1.
    n_bands : int
        Number of bands, >= 1.

    Returns
    -------
    energy : ndarray, shape (Q, n_bands)
        In recoils, increasing.
    coefficients : ndarray, shape (Q, 2M + 1, n_bands)
        Real and normalised; the sign of each state is arbitrary.
    orders : ndarray of int, shape (2M + 1,)
        m = -M..M.

    Raises
    ------
    ValueError
        If the depth is negative or an argument is out of range.

    Examples
    --------
    >>> energy, c, m = bloch_waves(10.0, [0.0, 1.0], n_bands=2)
    >>> energy.round(3).tolist()
    [[2.847, 8.492], [2.924, 7.496]]
    """
    depth = checked_depths(depth, shape=())
    quasimomentum = array_of_shape("quasimomentum", quasimomentum, (None,))
    if np.any(np.abs(quasimomentum) > 1 + 1e-12):
        refuse("quasimomentum", "numbers in -1..1", quasimomentum[np.argmax(np.abs(quasimomentum))])
    n_bands = integer_in("n_bands", n_bands, 1)
    m = plane_waves_needed(depth, n_bands)
    energy, coefficients = np.linalg.eigh(_hamiltonian(depth, quasimomentum, m))
    return energy[:, :n_bands], coefficients[..., :n_bands], np.arange(-m, m + 1)


def band_energies(depth, quasimomentum, n_bands=1):
    """Band energies along one direction; depth and quasimomentum broadcast against each other.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    quasimomentum : array_like
        In units of k_0 (any zone).
    n_bands : int
        Number of bands, >= 1.

    Returns
    -------
    ndarray, shape (..., n_bands)
        In recoils, increasing along the last axis.

    Raises
    ------
    ValueError
        If a depth is negative or an argument is out of range.

    Examples
    --------
    The band edges are Mathieu characteristic values:

    >>> from scipy.special import mathieu_a, mathieu_b
    >>> s = 8.0
    >>> exact = [s / 2 + mathieu_a(0, s / 4), s / 2 + mathieu_b(1, s / 4)]
    >>> bool(np.allclose(band_energies(s, [0, 1])[:, 0], exact, rtol=0, atol=1e-12))
    True
    """
    depth = checked_depths(depth)
    quasimomentum = _folded(array_of_shape("quasimomentum", quasimomentum, None))
    n_bands = integer_in("n_bands", n_bands, 1)
    broadcast(depth=depth, quasimomentum=quasimomentum)
    # eigh, not eigvalsh: the divide-and-conquer driver is ten times more accurate here
    matrices = _hamiltonian(depth, quasimomentum, plane_waves_needed(depth, n_bands))
    return np.linalg.eigh(matrices)[0][..., :n_bands]


def band_edges(depth, n_bands=1):
    """Bottom and top of the lowest bands along one direction.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    n_bands : int
        Number of bands, >= 1.

    Returns
    -------
    ndarray, shape (..., n_bands, 2)
        In recoils.

    Examples
    --------
    >>> band_edges(0.0, 2).tolist()
    [[0.0, 1.0], [1.0, 4.0]]
    """
    depth = checked_depths(depth)[..., None]
    ends = band_energies(depth, [0.0, 1.0], n_bands)
    return np.sort(np.moveaxis(ends, -2, -1), axis=-1)


def band_width(depth, dimension=1):
    """Width of the lowest band of the lattice with the same depth along every direction.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    dimension : int
        1, 2 or 3.

    Returns
    -------
    ndarray
        In recoils.

    Examples
    --------
    >>> float(band_width(0.0, 3))
    3.0
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    edges = band_edges(depth)
    return dimension * (edges[..., 0, 1] - edges[..., 0, 0])


def lowest_gap(depth, dimension=1):
    """Gap above the lowest band of the lattice with the same depth along every direction.

    The band above has one direction excited; its bottom lies below the top of the lowest band while the
    lattice is shallow and d > 1, and the gap is then negative (the bands overlap by so much).

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    dimension : int
        1, 2 or 3.

    Returns
    -------
    ndarray
        In recoils.

    Raises
    ------
    ValueError
        If a depth is negative or the dimension is not 1, 2 or 3.

    Examples
    --------
    >>> lowest_gap(10.0, 3).round(3).item()
    4.419
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    edges = band_edges(depth, 2)
    width = edges[..., 0, 1] - edges[..., 0, 0]
    return edges[..., 1, 0] - edges[..., 0, 1] - (dimension - 1) * width


def gap_opening_depth(dimension):
    """Depth (in recoils) above which the lowest band is separated from the next.

    Parameters
    ----------
    dimension : int
        1, 2 or 3.

    Returns
    -------
    float
        0 in one dimension.

    Examples
    --------
    >>> [round(gap_opening_depth(d), 3) for d in (1, 2, 3)]
    [0.0, 1.396, 2.235]
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    if dimension == 1:
        return 0.0
    return optimize.brentq(lambda s: float(lowest_gap(s, dimension)), 0.1, 10.0, xtol=1e-12)


def lattice_energies(depths, quasimomenta, n_bands=1):
    """Lowest energies of the d-dimensional lattice: sums of one-dimensional ones.

    Parameters
    ----------
    depths : array_like, shape (d,)
        Depth along each direction in recoils, >= 0; d = 1, 2 or 3.
    quasimomenta : array_like, shape (..., d)
        In units of k_0.
    n_bands : int
        Number of energies kept, >= 1.

    Returns
    -------
    ndarray, shape (..., n_bands)
        In recoils, increasing.

    Raises
    ------
    ValueError
        If a depth is negative, d is not 1, 2 or 3, or the last axes do not match.

    Examples
    --------
    >>> lattice_energies([0, 0, 0], [0.5, 0.5, 0.0], 4).tolist()
    [0.5, 2.5, 2.5, 4.5]
    """
    depths, quasimomenta = _checked_lattice(depths, quasimomenta)
    n_bands = integer_in("n_bands", n_bands, 1)
    total = 0.0
    for axis, depth in enumerate(depths):
        along = band_energies(depth, quasimomenta[..., axis], n_bands)
        total = along if axis == 0 else (total[..., :, None] + along[..., None, :])
        total = np.sort(total.reshape(*quasimomenta.shape[:-1], -1), axis=-1)[..., :n_bands]
    return total


def dense_energies(depths, quasimomentum, n_bands=1, *, n_waves=6):
    """Lowest energies from the d-dimensional plane-wave matrix: the slow twin of `lattice_energies`.

    Nothing is separated: the matrix has (2 n_waves + 1)^d rows, so the work grows with the 3d-th power.

    Parameters
    ----------
    depths : array_like, shape (d,)
        As in `lattice_energies`.
    quasimomentum : array_like, shape (d,)
        One point, in units of k_0.
    n_bands : int
        Number of energies kept, >= 1.
    n_waves : int
        Plane waves -n_waves..n_waves along every direction, >= 1.

    Returns
    -------
    ndarray, shape (n_bands,)

    Examples
    --------
    >>> dense_energies([2.0, 3.0], [0.3, 0.9], 2).round(4).tolist()
    [2.6258, 4.1673]
    """
    depths, quasimomentum = _checked_lattice(depths, quasimomentum, "quasimomentum")
    quasimomentum = _folded(quasimomentum)
    n_bands, n_waves = integer_in("n_bands", n_bands, 1), integer_in("n_waves", n_waves, 1)
    waves = list(itertools.product(range(-n_waves, n_waves + 1), repeat=depths.size))
    place = {wave: i for i, wave in enumerate(waves)}
    matrix = np.zeros((len(waves), len(waves)))
    for wave, i in place.items():
        matrix[i, i] = np.sum((quasimomentum + 2 * np.array(wave)) ** 2) + depths.sum() / 2
        for axis, depth in enumerate(depths):
            neighbour = tuple(n + (a == axis) for a, n in enumerate(wave))
            if neighbour in place:
                matrix[i, place[neighbour]] = matrix[place[neighbour], i] = -depth / 4
    return np.linalg.eigh(matrix)[0][:n_bands]


def check_dimension(name, size):
    """Refuse what has not one to three axes."""
    if not 1 <= size <= 3:
        refuse(name, "one, two or three axes", size)


def _checked_lattice(depths, quasimomenta, name="quasimomenta"):
    depths = checked_depths(depths, "depths", (None,))
    check_dimension("depths", depths.size)
    quasimomenta = array_of_shape(name, quasimomenta, None)
    if quasimomenta.ndim == 0 or quasimomenta.shape[-1] != depths.size:
        refuse(name, f"a last axis of length {depths.size}, that of depths", quasimomenta.shape)
    return depths, quasimomenta
