r"""The Green's tensor summed over a planar lattice of dipoles, at a given in-plane wave vector.

With the free-space tensor G of `lowdim.optics.green` and lattice vectors R in the plane z = 0,

.. math:: S(q) = \sum_{R\ne0} G(R)\,e^{-iq\cdot R}
          = \lim_{z\to0}\Bigl[\frac1A\sum_B G(q+B, z) - G(0, 0, z)\Bigr],

the field at one site of dipoles everywhere else, per :math:`k^2/\varepsilon_0`. The site itself is left out:
its imaginary part, :math:`k/6\pi`, belongs to the linewidth of one dipole, its real part diverges. The first
sum converges only conditionally, each term of the second grows; Ewald's splitting cures both. The part

.. math:: h(r) = \frac{\operatorname{Re}[e^{ikr}\operatorname{erfc}(\eta r + ik/2\eta)]}{4\pi r}

of the spherical wave is summed over sites, the smooth rest over wave vectors p = q + B, where it is
:math:`(i/2k_z)\operatorname{erfc}(-ik_z/2\eta)`; both obey Helmholtz' equation with the source
:math:`\pm e^{k^2/4\eta^2}(\eta/\sqrt\pi)^3e^{-\eta^2r^2}`, which gives their second derivatives. The answer
does not depend on :math:`\eta`.

The imaginary part has a closed form, because only the orders that travel, p < k, carry energy away:

.. math:: \operatorname{Im} S = \sum_{p<k}\frac1{2Ak_z}
          \Bigl[1 - \frac{pp^T + k_z^2\,\hat z\hat z^T}{k^2}\Bigr] - \frac{k}{6\pi}.

S is infinite where an order grazes, p = k. By symmetry the elements xz and yz vanish.

Source: C. M. Linton, SIAM Review 52, 630 (2010), for the scalar sums; the tensor follows by differentiation.
"""

from functools import lru_cache

import numpy as np
from scipy.special import erfc, erfi

from lowdim._checks import array_of_shape, positive, refuse
from lowdim.lattice.dynamics import Lattice
from lowdim.optics.green import dyadic_green, self_term

__all__ = ["lattice_green", "lattice_green_direct", "radiative_part"]

_REACH = 6.0  # erfc(6) and exp(-6^2) are below rounding
_SPLITTING = 1.15  # over the root of the cell's area; an order takes as long as three pairs of sites
_BLOCK = 1 << 18  # terms of both sums held at a time
_WIDEST = 200  # cells of 30 wavelengths; the number of orders grows with the square


def lattice_green(wave_vectors, primitive, k, *, splitting=None):
    r"""Green's tensor summed over all sites but one, by Ewald's method.

    Parameters
    ----------
    wave_vectors : array_like, shape (..., 2)
        In-plane wave vectors q; no order q + B may graze.
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors of the lattice.
    k : float
        Wave number, > 0, in the inverse of the unit of `primitive`.
    splitting : float, optional
        :math:`\eta`, at least k/4; the default balances the two sums.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        In 1/length.

    Raises
    ------
    ValueError
        If the primitive vectors are parallel or more than about 30 wavelengths long, a shape is wrong, or an
        order grazes.

    Examples
    --------
    Collective linewidth of a square lattice at normal incidence, per linewidth of one dipole:

    >>> k = 2 * np.pi / 5  # wavelength 5 lattice constants
    >>> total = lattice_green([0.0, 0.0], np.eye(2), k)[0, 0].imag + self_term(k)
    >>> round(float(total / self_term(k)), 10) == round(3 / (4 * np.pi) * 5**2, 10)
    True
    """
    q, crystal, k, unit = _in_cell_units(wave_vectors, primitive, k)
    # a splitting below k/3 would cancel digits: the terms are as large as exp(k^2/4 eta^2)
    eta = max(_SPLITTING, k / 3) if splitting is None else positive("splitting", splitting) * unit
    if eta < k / 4:
        refuse("splitting", f"at least k/4 = {k / unit / 4:.4g}", splitting)
    flat = q.reshape(-1, 2)
    result = np.empty((len(flat), 4), dtype=complex)
    tables = _tables(tuple(crystal.primitive.ravel()), k, eta)
    step = max(1, _BLOCK // (len(tables[0]) + len(tables[2])))
    for start in range(0, len(flat), step):
        part = flat[start : start + step]
        result[start : start + step] = _near(part, *tables[:2]) + _smooth(part, tables[2], k, eta)
    result -= _smooth_at_origin(k, eta)
    return _as_tensor(result.reshape(*q.shape[:-1], 4)) / unit


def _in_cell_units(wave_vectors, primitive, k):
    """Everything in units of the root of the cell's area, the wave vectors in the first cell."""
    k, primitive = positive("k", k), array_of_shape("primitive", primitive, (2, 2))
    q = array_of_shape("wave_vectors", wave_vectors, None)
    if q.ndim == 0 or q.shape[-1] != 2:
        raise ValueError(f"wave_vectors: expected shape (..., 2), got {q.shape}")
    area = abs(primitive[0, 0] * primitive[1, 1] - primitive[0, 1] * primitive[1, 0])
    if area <= 1e-9 * np.prod(np.linalg.norm(primitive, axis=1)):
        refuse("primitive", "two vectors that are not parallel", primitive.tolist())
    unit = np.sqrt(area)
    if k * unit > _WIDEST:
        refuse("k", f"at most {_WIDEST}/sqrt(area of the cell)", k)
    crystal = Lattice("planar", _reduced(primitive / unit))
    fraction = q * unit @ crystal.primitive.T / (2 * np.pi)
    return (fraction - np.round(fraction)) @ crystal.reciprocal, crystal, k * unit, unit


def _reduced(primitive):
    """The shortest two primitive vectors, after Lagrange and Gauss."""
    short, long = sorted(primitive, key=np.linalg.norm)
    while True:
        long = long - np.round(long @ short / (short @ short)) * short
        if long @ long >= short @ short * (1 - 1e-12):
            return np.array([short, long])
        short, long = long, short


def _orders(crystal, reach):
    """All B for which q + B may be shorter than `reach`, q in the first cell."""
    corners = crystal.reciprocal[0] + np.array([[1], [-1]]) * crystal.reciprocal[1]
    radius = reach + np.linalg.norm(corners, axis=1).max() / 2
    return np.concatenate([np.zeros((1, 2)), Lattice("reciprocal", crystal.reciprocal).bonds(radius)])


@lru_cache(maxsize=64)
def _tables(primitive, k, eta):
    """One of each pair of sites with the elements of both, and the orders: what no wave vector changes."""
    crystal = Lattice("planar", np.array(primitive).reshape(2, 2))
    sites = crystal.bonds(np.hypot(_REACH, k / (2 * eta)) / eta)
    sites = sites[(sites[:, 0] > 1e-9) | ((np.abs(sites[:, 0]) <= 1e-9) & (sites[:, 1] > 0))]
    r = np.linalg.norm(sites, axis=1)
    gauss = np.exp(k**2 / (4 * eta**2) - (eta * r) ** 2)
    outgoing = np.exp(1j * k * r) * erfc(eta * r + 0.5j * k / eta)
    value = outgoing.real / (4 * np.pi * r)
    slope = (-k * outgoing.imag - 2 * eta / np.sqrt(np.pi) * gauss) / (4 * np.pi * r) - value / r
    curve = (eta / np.sqrt(np.pi)) ** 3 * gauss - 2 * slope / r - k**2 * value
    across, along = value + slope / (r * k**2), (curve - slope / r) / k**2
    x, y = sites.T / r
    elements = np.stack([across + along * x * x, across + along * y * y, across, along * x * y], axis=-1)
    return sites.T, 2 * elements, _orders(crystal, np.hypot(2 * _REACH * eta, k))


def _near(q, sites, elements):
    """Sum over sites of the quickly decaying part: elements xx, yy, zz, xy."""
    return np.cos(q @ sites) @ elements


def _vertical_squares(p, k):
    """k_z^2 of each order, refusing the ones that graze."""
    squares = k**2 - np.einsum("...i,...i->...", p, p)
    if np.any(np.abs(squares) < 1e-12 * k**2):
        refuse("wave_vectors", "orders that do not graze (length other than k)", "|q + B| = k")
    return squares


def _smooth(q, orders, k, eta):
    """Sum over orders of the smooth part, per area of the cell (which is 1).

    Orders beyond the reach are left out. With real functions only: for those that decay like exp(-kappa z)
    the sum has erfc(kappa/2 eta)/2 kappa, for those that travel erfc(-ix) = 1 + i erfi(x).
    """
    p = q[:, None] + orders
    squares = _vertical_squares(p, k)
    inside = squares > -((2 * _REACH * eta) ** 2)
    first = np.concatenate([[0], np.cumsum(np.count_nonzero(inside, axis=1))[:-1]])
    squares, p = squares[inside], p[inside]
    travels = np.flatnonzero(squares > 0)
    length = np.sqrt(np.abs(squares))
    value = erfc(length / (2 * eta))
    value[travels] = -erfi(length[travels] / (2 * eta))
    value /= 2 * length
    source = np.exp(squares / (4 * eta**2)) * (eta / np.sqrt(np.pi) / k**2)
    elements = _projected(value, p / k, squares / k**2)
    elements[:, 2] -= source
    total = np.add.reduceat(elements, first, axis=0).astype(complex)
    rows = np.searchsorted(first, travels, side="right") - 1
    waves = _projected(0.5 / length[travels], p[travels] / k, squares[travels] / k**2)
    np.add.at(total, rows, 1j * waves)
    return total


def _projected(value, p, squares):
    """Elements xx, yy, zz, xy of the projector times a number; all over k."""
    elements = np.empty((len(value), 4))
    np.multiply(value, 1 - p[:, 0] ** 2, out=elements[:, 0])
    np.multiply(value, 1 - p[:, 1] ** 2, out=elements[:, 1])
    np.multiply(value, 1 - squares, out=elements[:, 2])
    np.multiply(value, -p[:, 0] * p[:, 1], out=elements[:, 3])
    return elements


def _smooth_at_origin(k, eta):
    """The smooth part of the dipole that is left out, at its own place."""
    gauss = np.exp(k**2 / (4 * eta**2))
    value = (1j * k - k * erfi(k / (2 * eta)) + 2 * eta / np.sqrt(np.pi) * gauss) / (4 * np.pi)
    own = 2 / 3 * value - (eta / np.sqrt(np.pi)) ** 3 * gauss / (3 * k**2)
    return own * np.array([1, 1, 1, 0])


def _as_tensor(elements):
    tensor = np.zeros((*elements.shape[:-1], 3, 3), dtype=elements.dtype)
    for i in range(3):
        tensor[..., i, i] = elements[..., i]
    tensor[..., 0, 1] = tensor[..., 1, 0] = elements[..., 3]
    return tensor


def radiative_part(wave_vectors, primitive, k):
    r"""Imaginary part of `lattice_green` in closed form: a sum over the orders that travel.

    Parameters
    ----------
    wave_vectors, primitive, k
        As in `lattice_green`.

    Returns
    -------
    ndarray, shape (..., 3, 3)
        In 1/length.

    Examples
    --------
    >>> fast, closed = [f([0.3, 0.1], np.eye(2), 0.9) for f in (lattice_green, radiative_part)]
    >>> np.allclose(fast.imag, closed, rtol=0, atol=1e-14)
    True
    """
    q, crystal, k, unit = _in_cell_units(wave_vectors, primitive, k)
    p = q[..., None, :] + _orders(crystal, k)
    squares = _vertical_squares(p, k)
    weight = np.where(squares > 0, 0.5 / np.sqrt(np.abs(squares)), 0.0)
    x, y = p[..., 0] / k, p[..., 1] / k
    elements = [weight * (1 - x * x), weight * (1 - y * y), weight * (x * x + y * y), -weight * x * y]
    elements = np.stack([part.sum(axis=-1) for part in elements], axis=-1)
    return _as_tensor(elements - self_term(k) * np.array([1, 1, 1, 0])) / unit


def lattice_green_direct(wave_vectors, primitive, k, width):
    r"""Slow twin of `lattice_green`: the sum over sites as it stands, faded out far away.

    The terms are weighted with :math:`\frac12\operatorname{erfc}(R/w - 6)`. The error falls like
    :math:`\exp(-w^2d^2/4)`, where d is the smallest distance of an order from the light cone, ||q + B| - k|.

    Parameters
    ----------
    wave_vectors, primitive, k
        As in `lattice_green`.
    width : float
        w, > 0; about 10/d for ten digits. The sum has about :math:`450\,w^2/A` terms.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)

    Examples
    --------
    >>> slow = lattice_green_direct([0.3, 0.1], np.eye(2), 0.9, 17.0)
    >>> np.allclose(slow, lattice_green([0.3, 0.1], np.eye(2), 0.9), rtol=0, atol=1e-10)
    True
    """
    q, crystal, k, unit = _in_cell_units(wave_vectors, primitive, k)
    width = positive("width", width) / unit
    sites = crystal.bonds(12 * width)
    weight = 0.5 * erfc(np.linalg.norm(sites, axis=1) / width - 6)
    terms = dyadic_green(np.pad(sites, ((0, 0), (0, 1))), k) * weight[:, None, None]
    return np.einsum("...n,nab->...ab", np.exp(-1j * q @ sites.T), terms) / unit
