r"""Spin Hamiltonians of permutations: pair couplings, levels, total spin of the ground state.

.. math:: H = \sum_P c_P\,\tfrac12(\hat P+\hat P^{-1}), \qquad
          c_P = -(-1)^P\,2J_P \text{ (rings)}, \qquad c_{ij} = +J_{ij} \text{ (pairs)},

where :math:`\hat P` takes the spin of each electron of a cycle to the next site. With Pauli matrices, the
sums over pairs,

.. math:: \hat P_2 &= \tfrac12(1+\boldsymbol\sigma_1\!\cdot\boldsymbol\sigma_2), \\
          \hat P_3+\hat P_3^{-1} &= \tfrac12
          \Bigl(1+\sum_3\boldsymbol\sigma_i\!\cdot\boldsymbol\sigma_j\Bigr), \\
          \hat P_4+\hat P_4^{-1} &= \tfrac14
          \Bigl(1+\sum_6\boldsymbol\sigma_i\!\cdot\boldsymbol\sigma_j+G\Bigr),

and in general a cycle of n gives :math:`2^{2-n}` to every pair in it, neighbours or not, because
:math:`\operatorname{tr}\hat P\sigma^z_i\sigma^z_j = 2`: only the two states with all spins of the cycle
alike return to themselves. Levels are found at fixed magnetisation; H commutes with the total spin, so a
level of spin S shows at all :math:`|M|\le S`.

Sources: D. J. Thouless, Proc. Phys. Soc. 86, 893 (1965); M. Roger, Phys. Rev. B 30, 6432 (1984).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse.linalg import LinearOperator

from lowdim._checks import instances, integer_array, integer_in, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner._lanczos import lowest_levels

__all__ = [
    "Permutation",
    "SpinGroundState",
    "SpinLevels",
    "pair_couplings",
    "ring_levels",
    "ring_term",
    "spin_ground_state",
    "total_spin_levels",
]

_DENSE = 1000


@dataclass(frozen=True)
class Permutation:
    r"""A term :math:`c\,\tfrac12(\hat P+\hat P^{-1})` of the Hamiltonian.

    Attributes
    ----------
    cycles : tuple of tuples of int
        Disjoint cycles; each electron's spin goes to the next site of its cycle.
    coefficient : float
    """

    cycles: tuple
    coefficient: float


@dataclass(frozen=True)
class SpinGroundState:
    """Ground state of a spin Hamiltonian.

    Attributes
    ----------
    energy : float
    spin : float
        Total spin S.
    gap : float
        Distance to the lowest level of another total spin.
    levels : dict
        Lowest energy for each total spin.
    """

    energy: float
    spin: float
    gap: float
    levels: dict


@dataclass(frozen=True)
class SpinLevels:
    """Lowest levels of a spin Hamiltonian.

    Attributes
    ----------
    energies : ndarray
        In increasing order; each multiplet once for every copy of it.
    spins : ndarray
        Their total spins.
    """

    energies: np.ndarray
    spins: np.ndarray


def indices(name, value, count=None):
    """Return a sequence of electrons, whole numbers from 0, as a tuple."""
    array = integer_array(name, value, (None,), 0, None if count is None else count - 1)
    return tuple(array.tolist())


def ring_term(ring, amplitude):
    r"""The term :math:`+J\hat P` of a pair, :math:`-(-1)^PJ(\hat P+\hat P^{-1})` of a longer ring.

    Parameters
    ----------
    ring : sequence of int
        The electrons in the order in which they follow each other.
    amplitude : float
        J_P >= 0: of a pair the sum of both ways round, of a longer ring that of one direction.

    Returns
    -------
    Permutation

    Examples
    --------
    >>> ring_term((0, 1), 1.0).coefficient, ring_term((0, 1, 2), 1.0).coefficient
    (1.0, -2.0)
    """
    ring, amplitude = indices("ring", ring), non_negative("amplitude", amplitude)
    if len(ring) < 2 or len(set(ring)) != len(ring):
        refuse("ring", "two or more different electrons", ring)
    sign = 1 if len(ring) % 2 == 0 else -1
    return Permutation((ring,), sign * float(amplitude) * (1 if len(ring) == 2 else 2))


def pair_couplings(terms, n):
    r"""Coefficients of :math:`\boldsymbol\sigma_i\cdot\boldsymbol\sigma_j` in the Hamiltonian.

    Parameters
    ----------
    terms : sequence of Permutation
        Each of one cycle.
    n : int
        Number of spins, >= 2.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, zero on the diagonal; positive is antiferromagnetic.

    Raises
    ------
    ValueError
        If a term has more than one cycle, or a spin that does not exist.

    Examples
    --------
    >>> rhombus = [ring_term((0, 1, 2, 3), 1.0)]
    >>> pair_couplings(rhombus, 4)[0].tolist()
    [0.0, 0.25, 0.25, 0.25]
    """
    n = integer_in("n", n, 2, 10_000)
    couplings = np.zeros((n, n))
    for term in _checked(terms, n):
        if len(term.cycles) != 1:
            refuse("terms", "permutations of one cycle each", term.cycles)
        ring = term.cycles[0]
        for i, j in combinations(ring, 2):
            couplings[i, j] += term.coefficient * 2.0 ** (1 - len(ring))
            couplings[j, i] = couplings[i, j]
    return couplings


def ring_levels(terms, n, n_up, n_levels=1, *, tolerance=1e-10):
    """Lowest levels at fixed magnetisation.

    Parameters
    ----------
    terms : sequence of Permutation
    n : int
        Number of spins, 2 to 22.
    n_up : int
        Number of up spins, 0..n.
    n_levels : int
        >= 1, at most the number of states.
    tolerance : float
        Of the eigenvalues, relative to the largest coefficient.

    Returns
    -------
    ndarray, shape (n_levels,)
        In increasing order.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the Lanczos iteration does not end.

    Examples
    --------
    Three spins on a ferromagnetic triangle: J_3 = 1 gives -2 for spin 3/2, +1 for spin 1/2.

    >>> ring_levels([ring_term((0, 1, 2), 1.0)], 3, 1, 3).round(9).tolist()
    [-2.0, 1.0, 1.0]
    """
    tolerance = positive("tolerance", tolerance)
    n = integer_in("n", n, 2, 22)
    n_up = integer_in("n_up", n_up, 0, n)
    terms = _checked(terms, n)
    codes = _codes(n, n_up)
    if integer_in("n_levels", n_levels, 1) > len(codes):
        refuse("n_levels", f"at most the {len(codes)} states of n_up", n_levels)
    moves = _moves(terms, codes)
    if len(codes) <= _DENSE:
        return np.linalg.eigvalsh(_dense(len(codes), moves))[:n_levels]
    return _lanczos("ring_levels", terms, moves, len(codes), n_levels, tolerance)[0]


def _lanczos(name, terms, moves, size, n_levels, tolerance):
    """Lowest levels and their vectors, in columns."""
    scale = max(abs(t.coefficient) for t in terms)
    operator = LinearOperator((size, size), lambda v: _product(moves, v.ravel()), dtype=float)
    return lowest_levels(operator, n_levels, name, tolerance * scale)


def _product(moves, vector):
    total = np.zeros_like(vector)
    for target, back, coefficient in moves:
        total += (
            coefficient * (vector[target] + vector[back])
            if back is not None
            else (2 * coefficient * vector[target])
        )
    return total


def spin_ground_state(terms, n, *, tolerance=1e-7):
    """Total spin of the ground state, from the lowest level at each magnetisation.

    Parameters
    ----------
    terms : sequence of Permutation
    n : int
        Number of spins, 2 to 22.
    tolerance : float
        Energies this close, relative to the largest coefficient, are equal; > 0.

    Returns
    -------
    SpinGroundState

    Raises
    ------
    ValueError, NotConverged
        As for `ring_levels`.

    Examples
    --------
    >>> spin_ground_state([ring_term((0, 1), 1.0)], 2).spin
    0.0
    """
    n, tolerance = integer_in("n", n, 2, 22), positive("tolerance", tolerance)
    if tolerance >= 1:
        refuse("tolerance", "a number below 1", tolerance)
    terms = _checked(terms, n)
    window = tolerance * max(abs(t.coefficient) for t in terms)
    lowest = {n_up - n / 2: float(ring_levels(terms, n, n_up)[0]) for n_up in range((n + 1) // 2, n + 1)}
    energy = min(lowest.values())
    spin = max(m for m, value in lowest.items() if value <= energy + window)
    above = [value for m, value in lowest.items() if m > spin]
    below = _other_spin_below(terms, n, spin, energy, window) if spin >= 1 else []
    return SpinGroundState(energy, spin, min(above + below) - energy, lowest)


def _other_spin_below(terms, n, spin, energy, window):
    """Lowest level of smaller total spin, next to the ground state at the smallest magnetisation."""
    n_up = (n + 1) // 2
    size = len(_codes(n, n_up))
    levels = ring_levels(terms, n, n_up, min(6, size))
    others = [float(v) for v in levels if v > energy + window]
    return others[:1]


def total_spin_levels(terms, n, n_levels=4, *, tolerance=1e-8):
    r"""Lowest levels with their total spins, all from the smallest magnetisation.

    Every multiplet has a state there. Its total spin is the expectation of
    :math:`\mathbf S^2 = \tfrac34n-\tfrac14n(n-1)+\sum_{i<j}\hat P_{ij}`, diagonalised among levels of
    one energy.

    Parameters
    ----------
    terms : sequence of Permutation
    n : int
        Number of spins, 2 to 22.
    n_levels : int
        >= 1, below the number of states.
    tolerance : float
        Of the energies, relative to the largest coefficient, > 0.

    Returns
    -------
    SpinLevels

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the Lanczos iteration does not end, or a level has no definite total spin: its partners of the
        same energy were not among those asked for.

    Examples
    --------
    >>> found = total_spin_levels([ring_term((0, 1, 2), 1.0)], 3, 2)
    >>> found.energies.round(9).tolist(), found.spins.tolist()
    ([-2.0, 1.0], [1.5, 0.5])
    """
    n, tolerance = integer_in("n", n, 2, 22), positive("tolerance", tolerance)
    terms, codes = _checked(terms, n), _codes(n, (n + 1) // 2)
    n_levels = integer_in("n_levels", n_levels, 1, len(codes) - 1)
    moves = _moves(terms, codes)
    if len(codes) <= _DENSE:
        energies, vectors = np.linalg.eigh(_dense(len(codes), moves))
        energies, vectors = energies[:n_levels], vectors[:, :n_levels]
    else:
        energies, vectors = _lanczos("total_spin_levels", terms, moves, len(codes), n_levels, tolerance)
    swaps = _moves([Permutation((pair,), 1.0) for pair in combinations(range(n), 2)], codes)
    window = 1e-6 * max(abs(t.coefficient) for t in terms)
    spins = np.empty(n_levels)
    for level in np.split(np.arange(n_levels), np.flatnonzero(np.diff(energies) > window) + 1):
        block = vectors[:, level]
        moved = np.stack([_product(swaps, v) for v in block.T], axis=1)
        squares = np.linalg.eigvalsh(block.T @ moved) + 0.75 * n - 0.25 * n * (n - 1)
        spins[level] = np.sqrt(np.maximum(squares, 0) + 0.25) - 0.5
    if np.abs(2 * spins - np.rint(2 * spins)).max() > 1e-2:
        raise NotConverged(f"total_spin_levels: no definite spins, {spins.round(3).tolist()}")
    return SpinLevels(energies, 0.5 * np.rint(2 * spins))


def _checked(terms, n):
    terms = instances("terms", terms, Permutation)
    if not terms:
        refuse("terms", "at least one permutation", terms)
    for term in terms:
        spins = [i for cycle in term.cycles for i in cycle]
        if len(set(spins)) != len(spins) or not all(0 <= i < n for i in spins):
            refuse("terms", f"disjoint cycles of spins 0..{n - 1}", term.cycles)
    return terms


def _codes(n, n_up):
    """Configurations with n_up bits set, ascending."""
    codes = np.arange(2**n, dtype=np.int64)
    return codes[np.bitwise_count(codes) == n_up]


def _moves(terms, codes):
    """(target, target of the inverse or None if it is the same, half of the coefficient) of each term."""
    moves = []
    for term in terms:
        moved = codes.copy()
        for cycle in term.cycles:
            for i, j in zip(cycle, cycle[1:] + cycle[:1], strict=True):
                moved = (moved & ~(1 << j)) | (((codes >> i) & 1) << j)
        target, back = np.searchsorted(codes, moved).astype(np.int32), None
        if any(len(cycle) > 2 for cycle in term.cycles):
            back = np.empty_like(target)
            back[target] = np.arange(len(codes), dtype=np.int32)
        moves.append((target, back, 0.5 * term.coefficient))
    return moves


def _dense(size, moves):
    return np.stack([_product(moves, unit) for unit in np.eye(size)])
