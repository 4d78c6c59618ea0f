r"""Point groups of layered crystals acting on momentum, spin and orbitals.

An operation is an orthogonal 3 x 3 matrix O, of which the spin feels the proper part: with s = det O and
s O the rotation by an angle phi about the unit vector n,

    U(O) = exp(-i phi n.sigma / 2),        U sigma U^+ = (s O)^-1 sigma,

up to a sign that nothing here depends on. Time reversal turns k into -k and sigma into -sigma. A Kramers pair
at k = 0 that transforms as a spin 1/2 is split by H = eps(k) + B(k).sigma, and each operation of the crystal
demands

    B(O k) = s O B(k),        time reversal: B(-k) = -B(k).

Axes: z is normal to the layer; the vertical mirror planes contain the z axis and the directions theta = 0,
pi/3, 2 pi/3 of the plane, so theta = 0 is Gamma-M of a trigonal MX2 layer, and theta = pi/6 is Gamma-K.
Source: Z. Y. Zhu, Y. C. Cheng, U. Schwingenschloegl, Phys. Rev. B 84, 153402 (2011), eq. 1 and the text
around it.
"""

import math

import numpy as np
from scipy.spatial.transform import Rotation

from lowdim._checks import array_of_shape, boolean, integer_in, refuse

__all__ = [
    "GROUPS",
    "PAULI",
    "field_basis",
    "monomials",
    "orbital_matrix",
    "point_group",
    "spin_matrix",
]

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)  #: sigma_x, y, z

_C3 = np.array([[-0.5, -math.sqrt(0.75), 0], [math.sqrt(0.75), -0.5, 0], [0, 0, 1]])
_GENERATORS = {
    "C3": _C3,
    "mirror": np.diag([1.0, -1.0, 1.0]),  # vertical, contains theta = 0
    "layer": np.diag([1.0, 1.0, -1.0]),  # the plane of the layer
    "inversion": -np.eye(3),
}
#: generators of the groups, by Schoenflies symbol
GROUPS = {
    "C1": (),
    "C3": ("C3",),
    "Cs": ("layer",),
    "C3h": ("C3", "layer"),
    "C3v": ("C3", "mirror"),
    "D3d": ("C3", "mirror", "inversion"),
    "D3h": ("C3", "mirror", "layer"),
    "D6h": ("C3", "mirror", "layer", "inversion"),
}


def point_group(name):
    """Orthogonal matrices of a point group with the z axis as its main axis.

    Parameters
    ----------
    name : str
        Schoenflies symbol, one of `GROUPS`.

    Returns
    -------
    operations : ndarray, shape (order, 3, 3)
        The identity first.

    Raises
    ------
    ValueError
        If the group is not known.

    Examples
    --------
    >>> [len(point_group(name)) for name in ("C3v", "D3h", "D6h")]
    [6, 12, 24]
    """
    if name not in GROUPS:
        raise ValueError(f"name: expected one of {', '.join(GROUPS)}, got {name!r}")
    found = [np.eye(3)]
    known = {_rounded(found[0])}
    generators = [_GENERATORS[key] for key in GROUPS[name]]
    for operation in found:  # grows while it is read
        for generator in generators:
            product = generator @ operation
            if _rounded(product) not in known:
                known.add(_rounded(product))
                found.append(product)
    return np.array(found)


def _rounded(operation):
    """Equal for operations that are the same but for rounding; zero without a sign."""
    return (np.round(operation, 6) + 0.0).tobytes()


def spin_matrix(operation):
    r"""Two-dimensional unitary matrix by which an orthogonal operation acts on a spin 1/2.

    Parameters
    ----------
    operation : array_like, shape (3, 3)
        Orthogonal matrix O.

    Returns
    -------
    ndarray, shape (2, 2)
        U with :math:`U\,(v\cdot\sigma)\,U^\dagger = (\det O\;O v)\cdot\sigma` and unit determinant.

    Raises
    ------
    ValueError
        If the matrix is not orthogonal.

    Examples
    --------
    >>> mirror = spin_matrix([[1, 0, 0], [0, 1, 0], [0, 0, -1]])
    >>> bool(np.allclose(mirror, [[-1j, 0], [0, 1j]]))
    True
    """
    operation = _orthogonal(operation)
    *axis, scalar = Rotation.from_matrix(operation * np.linalg.det(operation)).as_quat(canonical=True)
    return scalar * np.eye(2) - 1j * np.tensordot(axis, PAULI, 1)


def orbital_matrix(operation, angular_momentum):
    """Matrix by which an orthogonal operation acts on the real orbitals of one shell.

    Parameters
    ----------
    operation : array_like, shape (3, 3)
        Orthogonal matrix O.
    angular_momentum : int
        0 (s), 1 (p: x, y, z) or 2 (d: z2, xy, x2-y2, xz, yz).

    Returns
    -------
    ndarray, shape (2 l + 1, 2 l + 1)
        D with phi_j(O^-1 r) = sum_i phi_i(r) D_ij.

    Raises
    ------
    ValueError
        If the matrix is not orthogonal or the shell is not s, p or d.

    Examples
    --------
    >>> orbital_matrix([[1, 0, 0], [0, 1, 0], [0, 0, -1]], 2).diagonal().round().astype(int).tolist()
    [1, 1, 1, -1, -1]
    """
    operation = _orthogonal(operation)
    shell = integer_in("angular_momentum", angular_momentum, 0, 2)
    if shell == 0:
        return np.eye(1)
    if shell == 1:
        return operation
    turned = np.einsum("ai,nij,bj->nab", operation, _QUADRATIC, operation)
    return np.einsum("iab,jab->ij", _QUADRATIC, turned)


def _quadratic_forms():
    """Orthonormal traceless symmetric matrices of the d orbitals z2, xy, x2-y2, xz, yz."""
    forms = np.zeros((5, 3, 3))
    forms[0] = np.diag([-1, -1, 2]) / math.sqrt(6)
    for n, (i, j) in ((1, (0, 1)), (3, (0, 2)), (4, (1, 2))):
        forms[n, i, j] = forms[n, j, i] = math.sqrt(0.5)
    forms[2] = np.diag([1, -1, 0]) / math.sqrt(2)
    return forms


_QUADRATIC = _quadratic_forms()


def monomials(degree):
    """Exponents (p, q) of the monomials kx^p ky^q of a degree, shape (degree + 1, 2).

    Examples
    --------
    >>> monomials(2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    degree = integer_in("degree", degree, 0, 1000)
    return np.array([(degree - q, q) for q in range(degree + 1)])


def field_basis(operations, degree, *, time_reversal=True):
    """Polynomial spin-orbit fields B(kx, ky) of one degree that a group of operations allows.

    Parameters
    ----------
    operations : array_like, shape (n, 3, 3)
        Operations of the group, from `point_group`, or generators of it.
    degree : int
        Degree of the polynomials, at least 0.
    time_reversal : bool
        Whether B must be odd in k.

    Returns
    -------
    ndarray, shape (number of fields, 3, degree + 1)
        Coefficients [field, component, monomial], monomials as in `monomials`, orthonormal; the choice of
        basis among several fields is arbitrary.

    Raises
    ------
    ValueError
        If an operation is not orthogonal or mixes the plane with its normal.

    Examples
    --------
    The monolayer allows one field up to third degree, 3 kx^2 ky - ky^3 along z:

    >>> found = field_basis(point_group("D3h"), 3)[0]
    >>> ((found[2] / found[2, 1] * 3).round(6) + 0.0).tolist(), bool(np.allclose(found[:2], 0))
    ([0.0, 3.0, 0.0, -1.0], True)
    >>> len(field_basis(point_group("D3h"), 1)), len(field_basis(point_group("C3v"), 1))
    (0, 1)
    """
    boolean("time_reversal", time_reversal)
    powers = monomials(degree)
    size = 3 * len(powers)
    if time_reversal and degree % 2 == 0:
        return np.zeros((0, 3, len(powers)))
    # B(O k) = det(O) O B(k) sampled at enough points, linear in the coefficients
    angles = np.pi * (np.arange(2 * degree + 3) + 0.3) / (2 * degree + 3)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    here = _values(powers, points)
    rows = [np.zeros((1, size))]
    operations = array_of_shape("operations", operations, None)
    if operations.shape[-2:] != (3, 3):
        refuse("operations", "shape (n, 3, 3)", operations.shape)
    for operation in operations.reshape(-1, 3, 3):
        operation = _orthogonal(operation, "operations")
        if not np.allclose(operation[:2, 2], 0):
            raise ValueError("operations: expected matrices that keep the plane, got one that does not")
        there = _values(powers, points @ operation[:2, :2].T)
        left = np.einsum("ab,nm->nabm", np.eye(3), there)
        right = np.einsum("ab,nm->nabm", operation * np.linalg.det(operation), here)
        rows.append((left - right).reshape(-1, size))
    _, singular, vectors = np.linalg.svd(np.concatenate(rows), full_matrices=True)
    rank = int((singular > 1e-9 * len(points)).sum())
    return vectors[rank:].reshape(-1, 3, len(powers))


def _values(powers, points):
    return np.prod(points[:, None, :] ** powers[None], axis=2)


def _orthogonal(operation, name="operation"):
    operation = array_of_shape(name, operation, (3, 3))
    if not np.allclose(operation @ operation.T, np.eye(3)):
        refuse(name, "an orthogonal matrix", operation)
    return operation
