r"""Phonons of Bravais crystals with pair potentials: dynamical matrices and displacements.

Lengths are in nearest-neighbour distances (a = 1). With the force constants
:math:`\Phi_{\alpha\beta}(R) = \partial_\alpha\partial_\beta\phi(R)` of the pair potential, each bond counted
once from either end,

.. math:: m\,D_{\alpha\beta}(k) = \sum_{R\ne0}\Phi_{\alpha\beta}(R)\,(1-\cos k\cdot R),

whose eigenvalues are :math:`m\omega^2`. The covariance of the displacements of one atom is the zone average
of the matrix function :math:`\coth(\omega/2T)/2m\omega`, that of the difference across a bond R carries
:math:`2(1-\cos k\cdot R)` in addition. Units: :math:`\hbar = k_B = 1`.

Source: M. Born and K. Huang, Dynamical Theory of Crystal Lattices (1954).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, callback, non_negative, positive, refuse
from lowdim.lattice.bands import check_dimension
from lowdim.lattice.errors import Unstable

__all__ = [
    "Lattice",
    "displacement_weights",
    "dynamical_matrix",
    "lattice",
    "pair_hessians",
]

_PRIMITIVE = {
    "chain": [[1.0]],
    "square": np.eye(2),
    "triangular": [[1.0, 0.0], [0.5, np.sqrt(0.75)]],
    "simple cubic": np.eye(3),
    "fcc": np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) / np.sqrt(2),
    "bcc": np.array([[-1, 1, 1], [1, -1, 1], [1, 1, -1]]) / np.sqrt(3),
}


@dataclass(frozen=True)
class Lattice:
    """A Bravais lattice with nearest-neighbour distance 1; make it by `lattice`.

    Attributes
    ----------
    name : str
    primitive
        Array of shape (d, d); rows are the primitive vectors.
    """

    name: str
    primitive: np.ndarray

    @property
    def dimension(self):
        """d."""
        return len(self.primitive)

    @property
    def cell(self):
        """Volume per site, in units of a^d."""
        return float(abs(np.linalg.det(self.primitive)))

    @property
    def reciprocal(self):
        """Rows are the primitive vectors of the reciprocal lattice, with the factor 2 pi."""
        return 2 * np.pi * np.linalg.inv(self.primitive).T

    def bonds(self, radius):
        """All lattice vectors but 0 up to the length `radius`, shape (n, d), shortest first."""
        radius = positive("radius", radius)
        reach = np.floor(radius * np.linalg.norm(np.linalg.inv(self.primitive), axis=0) + 1e-9).astype(int)
        index = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in reach], indexing="ij"), axis=-1)
        vectors = index.reshape(-1, self.dimension) @ self.primitive
        length = np.linalg.norm(vectors, axis=1)
        keep = (length > 1e-9) & (length <= radius + 1e-9)
        return vectors[keep][np.argsort(length[keep], kind="stable")]


def lattice(name):
    """Return the lattice called chain, square, triangular, simple cubic, fcc or bcc.

    Raises
    ------
    ValueError
        If the name is none of these.

    Examples
    --------
    >>> fcc = lattice("fcc")
    >>> len(fcc.bonds(1.0)), len(fcc.bonds(1.5)), round(fcc.cell * 2**0.5, 12)
    (12, 18, 1.0)
    """
    if name not in _PRIMITIVE:
        refuse("name", "one of " + ", ".join(_PRIMITIVE), name)
    return Lattice(name, np.array(_PRIMITIVE[name], dtype=float))


def pair_hessians(bonds, first, second):
    r"""Force constants of a central potential.

    .. math:: \Phi_{\alpha\beta}(R) = \phi''\,\hat R_\alpha\hat R_\beta
              + \frac{\phi'}{R}(\delta_{\alpha\beta} - \hat R_\alpha\hat R_\beta)

    Parameters
    ----------
    bonds : array_like, shape (n, d)
    first, second : callable
        phi' and phi'' of the distance, vectorised.

    Returns
    -------
    ndarray, shape (n, d, d)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> pair_hessians([[2.0, 0.0]], lambda r: r, lambda r: 3 + 0 * r).tolist()
    [[[3.0, 0.0], [0.0, 1.0]]]
    """
    callback("first", first)
    callback("second", second)
    bonds = array_of_shape("bonds", bonds, (None, None))
    r = np.linalg.norm(bonds, axis=1)
    if np.any(r == 0):
        refuse("bonds", "vectors of non-zero length", bonds[np.argmin(r)].tolist())
    unit = bonds / r[:, None]
    along = np.einsum("na,nb->nab", unit, unit)
    transverse = first(r) / r
    return transverse[:, None, None] * (np.eye(bonds.shape[1]) - along) + second(r)[:, None, None] * along


def dynamical_matrix(wave_vectors, bonds, hessians):
    """Mass times dynamical matrix, shape (n, d, d), at wave vectors of shape (n, d).

    Examples
    --------
    >>> chain = lattice("chain")
    >>> hessians = pair_hessians(chain.bonds(1.0), lambda r: 0 * r, lambda r: 1 + 0 * r)
    >>> float(dynamical_matrix([[np.pi]], chain.bonds(1.0), hessians)[0, 0, 0])
    4.0
    """
    wave_vectors = array_of_shape("wave_vectors", wave_vectors, (None, None))
    check_dimension("wave_vectors", wave_vectors.shape[1])
    bonds = array_of_shape("bonds", bonds, (None, wave_vectors.shape[1]))
    d = bonds.shape[1]
    hessians = array_of_shape("hessians", hessians, (len(bonds), d, d))
    lift = 2 * np.sin(wave_vectors @ bonds.T / 2) ** 2
    return (lift @ hessians.reshape(-1, d * d)).reshape(-1, d, d)


def displacement_weights(matrices, temperature=0.0, mass=1.0):
    r"""Matrix functions :math:`\coth(\omega/2T)/2m\omega`; their zone average is a covariance.

    Parameters
    ----------
    matrices : array_like, shape (n, d, d)
        Mass times dynamical matrices.
    temperature, mass : float
        T >= 0 and m > 0.

    Returns
    -------
    ndarray, shape (n, d, d)

    Raises
    ------
    Unstable
        If an eigenvalue is not positive.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> displacement_weights([[[4.0]]]).tolist()
    [[[0.25]]]
    """
    temperature, mass = non_negative("temperature", temperature), positive("mass", mass)
    matrices = array_of_shape("matrices", matrices, (None, None, None))
    if not matrices.size or matrices.shape[1] != matrices.shape[2]:
        refuse("matrices", "at least one square matrix", matrices.shape)
    squared, modes = np.linalg.eigh(matrices)
    lowest = squared.min()
    if lowest <= 0:
        raise Unstable(f"crystal: imaginary frequency, m omega^2 = {lowest:.3g} at one of the wave vectors")
    frequency = np.sqrt(squared / mass)
    weight = 1 / (2 * mass * frequency)
    if temperature > 0:
        weight = weight / np.tanh(frequency / (2 * temperature))
    return np.einsum("nai,ni,nbi->nab", modes, weight, modes)
