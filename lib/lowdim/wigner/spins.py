r"""Spin models of the crystal: from Coulomb matrix elements to ground states.

**Two spins.** In the basis up-up, up-down, down-up, down-down of determinants with one electron on each site,
the Coulomb interaction conserves the spin of each electron. An electron that goes from site b to site a
brings its own Bloch wave, so every exchange that spin allows has the *intra-valley* integral:

.. math:: \langle s_a s_b|V|s_a' s_b'\rangle = C\,\delta_{s_a s_a'}\delta_{s_b s_b'}
          - J_{ab}\,\delta_{s_a s_b'}\delta_{s_b s_a'}.

Any such matrix is a sum :math:`J_0 + \sum_\alpha J_\alpha\,\sigma^\alpha_a\sigma^\alpha_b + \ldots`.

**Many spins.** :math:`H = \sum_{i<j} J_{ij}\,[\sigma^z_i\sigma^z_j
+ \Delta\,(\sigma^x_i\sigma^x_j+\sigma^y_i\sigma^y_j)]` with Pauli matrices and every pair once (eq. 3 prints
the sum over i, j); J > 0 is antiferromagnetic, :math:`\Delta = 0` is Ising, 1 is Heisenberg. Ising ground
states are enumerated, all others found by diagonalisation at fixed magnetisation.

**Triangular lattice.** The Ising antiferromagnet has no order and the entropy 0.323066 per spin (Wannier); on
a cylinder it follows from the transfer matrix that allows no triangle of three equal spins.

Source: G. H. Wannier, Phys. Rev. 79, 357 (1950).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.integrate import quad

from lowdim._checks import array_of_shape, integer_in, positive, real, refuse
from lowdim.errors import NotConverged
from lowdim.wigner._lanczos import lowest_levels

__all__ = [
    "IsingGroundStates",
    "ising_ground_states",
    "pauli_couplings",
    "spin_levels",
    "triangular_couplings",
    "triangular_entropy",
    "triangular_strip_entropy",
    "two_spin_matrix",
]

_DENSE = 600
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True)
class IsingGroundStates:
    """Ground states of an Ising model.

    Attributes
    ----------
    energy : float
    degeneracy : int
        Number of ground states, both members of every flipped pair counted.
    spins : ndarray, shape (degeneracy/2, N)
        One member (first spin +1) of each pair, elements +1 and -1.
    gap : float
        Distance to the next energy.
    misfit : float
        Part of the total coupling that is not satisfied, 0..1/2: 0 without frustration, 1/3 for equal
        antiferromagnetic couplings on the triangular lattice.
    """

    energy: float
    degeneracy: int
    spins: np.ndarray
    gap: float
    misfit: float


def _symmetric(couplings):
    couplings = array_of_shape("couplings", couplings, (None, None))
    n = len(couplings)
    if couplings.shape != (n, n) or not np.array_equal(couplings, couplings.T) or np.any(np.diag(couplings)):
        refuse("couplings", "a symmetric matrix with zero diagonal", f"shape {couplings.shape}")
    return couplings


def ising_ground_states(couplings, *, tolerance=1e-9):
    """All ground states of the Ising model, by enumeration.

    Parameters
    ----------
    couplings : array_like
        J_ij, shape (N, N), symmetric, zero diagonal, 2 <= N <= 24.
    tolerance : float
        Energies this close, relative to the sum of all abs(J), are degenerate; > 0.

    Returns
    -------
    IsingGroundStates

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> triangle = np.ones((3, 3)) - np.eye(3)
    >>> found = ising_ground_states(triangle)
    >>> found.energy, found.degeneracy, round(found.misfit, 6)
    (-1.0, 6, 0.333333)
    """
    couplings = _symmetric(couplings)
    n = integer_in("couplings", len(couplings), 2, 24)
    total = 0.5 * np.abs(couplings).sum()
    window = positive("tolerance", tolerance) * total
    energies = _ising_energies(couplings)
    lowest = energies.min()
    ground = np.flatnonzero(energies <= lowest + window)
    above = energies[energies > lowest + window]
    return IsingGroundStates(
        energy=float(lowest),
        degeneracy=2 * len(ground),
        spins=_spins_of(ground, n),
        gap=float(above.min() - lowest) if len(above) else 0.0,
        misfit=float(0.5 * (lowest + total) / total) if total else 0.0,
    )


def _spins_of(codes, n):
    """Spins +-1 of codes 0..2^(n-1), the first spin +1."""
    return 1 - 2 * ((codes[:, None] >> np.arange(n - 1, -1, -1)) & 1)


def _ising_energies(couplings):
    """Energies of all configurations with the first spin up, built up spin by spin."""
    n = len(couplings)
    energy = np.zeros(1)
    spins = np.ones((1, 1))
    for k in range(1, n):
        field = spins @ couplings[:k, k]
        energy = np.stack([energy + field, energy - field], axis=1).ravel()
        if k < n - 1:
            pair = np.tile([1.0, -1.0], len(spins))[:, None]
            spins = np.hstack([np.repeat(spins, 2, axis=0), pair])
    return energy


def spin_levels(couplings, n_up, n_levels=1, *, transverse=1.0):
    r"""Lowest levels at fixed magnetisation, by diagonalisation.

    Parameters
    ----------
    couplings : array_like
        J_ij, shape (N, N), symmetric, zero diagonal, 2 <= N <= 20.
    n_up : int
        Number of up spins, 0..N.
    n_levels : int
        >= 1, below the number of states.
    transverse : float
        :math:`\Delta`: 1 for Heisenberg, 0 for Ising.

    Returns
    -------
    ndarray, shape (n_levels,)
        Energies in increasing order.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the Lanczos iteration does not end.

    Examples
    --------
    >>> spin_levels([[0, 1], [1, 0]], 1, 2).round(9).tolist()
    [-3.0, 1.0]
    """
    transverse = real("transverse", transverse)
    couplings = _symmetric(couplings)
    n = integer_in("couplings", len(couplings), 2, 20)
    n_up = integer_in("n_up", n_up, 0, n)
    codes = np.sort(np.array([sum(1 << i for i in up) for up in combinations(range(n), n_up)]))
    if integer_in("n_levels", n_levels, 1) > len(codes):
        refuse("n_levels", f"at most the {len(codes)} states of n_up", n_levels)
    hamiltonian = _xxz(couplings, codes, transverse)
    if not (transverse and couplings.any()):
        return np.sort(hamiltonian.diagonal())[:n_levels]
    if len(codes) <= _DENSE or n_levels > len(codes) // 8:
        return np.linalg.eigvalsh(hamiltonian.toarray())[:n_levels]
    return lowest_levels(hamiltonian, n_levels, "spin_levels")[0]


def _xxz(couplings, codes, transverse):
    """Sparse matrix over the given configurations (bit i set: spin i up)."""
    size = len(codes)
    diagonal = np.zeros(size)
    rows, columns, values = [], [], []
    for i, j in zip(*np.nonzero(np.triu(couplings)), strict=True):
        differ = ((codes >> i) ^ (codes >> j)) & 1 == 1
        diagonal += couplings[i, j] * np.where(differ, -1, 1)
        rows.append(np.flatnonzero(differ))
        columns.append(np.searchsorted(codes, codes[differ] ^ ((1 << i) | (1 << j))))
        values.append(np.full(len(rows[-1]), 2 * transverse * couplings[i, j]))
    matrix = sparse.diags_array(diagonal).tocsr()
    if transverse and rows:
        entries = (np.concatenate(rows), np.concatenate(columns))
        matrix = matrix + sparse.coo_array((np.concatenate(values), entries), shape=(size, size)).tocsr()
    return matrix


def triangular_couplings(rows, columns):
    """Unit couplings between nearest neighbours of a periodic triangular lattice.

    Parameters
    ----------
    rows, columns : int
        >= 3 each, so that no bond closes on itself.

    Returns
    -------
    ndarray, shape (rows*columns, rows*columns)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> triangular_couplings(3, 4).sum(axis=1).tolist() == [6.0] * 12
    True
    """
    rows, columns = integer_in("rows", rows, 3), integer_in("columns", columns, 3)
    site = np.arange(rows * columns).reshape(rows, columns)
    couplings = np.zeros((site.size, site.size))
    for shift in ((0, -1), (-1, 0), (-1, 1)):
        other = np.roll(site, shift, axis=(0, 1))
        couplings[site.ravel(), other.ravel()] = couplings[other.ravel(), site.ravel()] = 1.0
    return couplings


def triangular_entropy():
    r"""Ground-state entropy per spin of the infinite triangular antiferromagnet,
    :math:`\frac2\pi\int_0^{\pi/3}\ln(2\cos x)\,dx`.

    Examples
    --------
    >>> round(triangular_entropy(), 6)
    0.323066
    """
    return float(2 / np.pi * quad(lambda x: np.log(2 * np.cos(x)), 0, np.pi / 3)[0])


def triangular_strip_entropy(circumference):
    """Ground-state entropy per spin on an infinite cylinder.

    Parameters
    ----------
    circumference : int
        Spins around it, a multiple of 3 from 3 to 12 (others leave a domain wall in every ground state).

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the argument is out of range.
    NotConverged
        If the power iteration does not end.

    Examples
    --------
    >>> triangular_strip_entropy(6) > triangular_entropy()
    True
    """
    width = integer_in("circumference", circumference, 3, 12)
    if width % 3:
        refuse("circumference", "a multiple of 3", circumference)
    allowed = _row_after_row(width)
    vector = np.ones(len(allowed))
    value = 0.0
    for _ in range(4000):
        new = allowed @ vector
        previous, value = value, new.max()
        vector = new / value
        if abs(value - previous) < 1e-13 * value:
            return float(np.log(value) / width)
    raise NotConverged(f"triangular_strip_entropy: eigenvalue still changes by {abs(value - previous):.1e}")


def _row_after_row(width):
    """Transfer matrix: 1 where a row of spins may follow another without a triangle of equal spins."""
    codes = np.arange(2**width)
    spins = (codes[:, None] >> np.arange(width)) & 1
    allowed = np.ones((len(codes), len(codes)), dtype=bool)
    for i in range(width):
        here, here_next = spins[:, i, None], spins[:, (i + 1) % width, None]
        above, above_next = spins[:, i], spins[:, (i + 1) % width]
        allowed &= ~((here == here_next) & (here == above))
        allowed &= ~((above == above_next) & (here_next == above))
    return allowed.astype(float)


def two_spin_matrix(direct, exchange):
    r"""Coulomb interaction of one electron on each of two sites, spins locked to valleys.

    Parameters
    ----------
    direct : float
        C.
    exchange : float
        :math:`J_{ab}` of the same valley. The inter-valley integral does not appear: it would need an
        electron to change its valley and keep its spin.

    Returns
    -------
    ndarray, shape (4, 4)
        In the basis up-up, up-down, down-up, down-down.

    Raises
    ------
    ValueError
        If an argument is not a finite number.

    Examples
    --------
    >>> two_spin_matrix(5.0, 1.0)[1].tolist()
    [0.0, 5.0, -1.0, 0.0]
    """
    direct, exchange = (
        float(array_of_shape(name, value, ())) for name, value in (("direct", direct), ("exchange", exchange))
    )
    matrix = np.zeros((2, 2, 2, 2))
    for a in range(2):
        for b in range(2):
            matrix[a, b, a, b] += direct
            matrix[a, b, b, a] -= exchange
    return matrix.reshape(4, 4)


def pauli_couplings(matrix):
    r"""Coefficients of the three products :math:`\sigma^\alpha\sigma^\alpha` in a two-spin Hamiltonian.

    Parameters
    ----------
    matrix : array_like
        Real and symmetric, shape (4, 4), basis up-up, up-down, down-up, down-down.

    Returns
    -------
    ndarray, shape (3,)

    Raises
    ------
    ValueError
        If the matrix is not real symmetric or has another shape.

    Examples
    --------
    >>> pauli_couplings(two_spin_matrix(5.0, 1.0)).tolist()
    [-0.5, -0.5, -0.5]
    """
    matrix = array_of_shape("matrix", matrix, (4, 4))
    if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-12 * np.abs(matrix).max()):
        refuse("matrix", "a symmetric matrix", matrix.tolist())
    return np.array([np.trace(np.kron(p, p) @ matrix).real / 4 for p in _PAULI])
