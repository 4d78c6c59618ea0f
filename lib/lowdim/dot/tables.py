"""The quantities that Tables I-IV of the paper print, for any dot.

Source: K. Jauregui et al., Phys. Rev. B 53, R1713 (1996), Tables I-IV.
"""

import numpy as np

from lowdim._checks import instance, instances, integer_in, refuse
from lowdim.dot.fock import string_space
from lowdim.dot.states import Level, QuantumDot, spectrum
from lowdim.dot.transitions import transition_probability, wall_weights

__all__ = [
    "LOWEST_MULTIPLET",
    "TABLE_I",
    "TABLE_II",
    "TABLE_III",
    "largest_coefficients",
    "lowest_multiplets",
    "transition_table",
]

LOWEST_MULTIPLET = {0: 1, 1: 1, 2: 2, 3: 3, 4: 6, 5: 10}
"""Number of levels among the lowest 2**N states of N electrons."""

TABLE_I = {2: (0, 1), 3: (0.5, 0.5, 1.5), 4: (0, 1, 1, 0, 1, 2)}
"""Spins of the levels in the order of Table I."""

TABLE_II = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1))
"""Transitions (j, i) from two to three electrons in the order of Table II."""

TABLE_III = (
    ((0, 0), (0, 1)), ((3, 0), (3, 1)),
    ((1, 0), (1, 1)), ((2, 0), (2, 1)), ((4, 0), (4, 1)),
    (1, 2), (2, 2), (4, 2),
    (5, 2),
)  # fmt: skip
"""Transitions (j, i) from three to four electrons in the order of Table III, paired as printed."""


def lowest_multiplets(dot, electrons=(2, 3, 4)):
    """Levels of the lowest multiplet for several electron numbers.

    Parameters
    ----------
    dot : QuantumDot
    electrons : sequence of int
        Electron numbers, 0..5.

    Returns
    -------
    dict of int to list of Level

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot
    >>> levels = lowest_multiplets(QuantumDot(length=9.5, softening=0.02, n_orbitals=8), (2, 3))
    >>> [level.spin for level in levels[3]]
    [0.5, 0.5, 1.5]
    """
    instance("dot", dot, QuantumDot)
    if not np.iterable(electrons):
        refuse("electrons", "a sequence of integers in 0..5", electrons)
    return {n: spectrum(dot, n, LOWEST_MULTIPLET[integer_in("electrons", n, 0, 5)]) for n in electrons}


def transition_table(final, initial, pairs, weights=None):
    """M_ji for (possibly nested) pairs (j, i) of level numbers.

    Parameters
    ----------
    final, initial : sequence of Level
        Levels of N + 1 and of N electrons.
    pairs : nested tuples of (j, i)
        For instance `TABLE_II` or `TABLE_III`.
    weights : array_like, optional
        Orbital amplitudes of the contact; the left wall if not given.

    Returns
    -------
    nested list of float
        Nested as `pairs`.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot
    >>> levels = lowest_multiplets(QuantumDot(length=9.5, softening=0.02, n_orbitals=8), (2, 3))
    >>> [round(m, 2) for m in transition_table(levels[3], levels[2], TABLE_II)]
    [0.91, 0.03, 0.39, 0.32, 0.44]
    """
    final, initial = instances("final", final, Level), instances("initial", initial, Level)
    if not initial:
        refuse("initial", "at least one level", initial)
    if weights is None:
        weights = wall_weights(_n_orbitals(initial[0]))

    def entry(pair):
        if not isinstance(pair, tuple) or not pair:
            refuse("pairs", "nested tuples of pairs (j, i)", pairs)
        if isinstance(pair[0], tuple):
            return [entry(inner) for inner in pair]
        if len(pair) != 2:
            refuse("pairs", "nested tuples of pairs (j, i)", pairs)
        j = integer_in("pairs", pair[0], 0, len(final) - 1)
        i = integer_in("pairs", pair[1], 0, len(initial) - 1)
        return transition_probability(final[j], initial[i], weights)

    if not isinstance(pairs, tuple):
        refuse("pairs", "nested tuples of pairs (j, i)", pairs)
    return [entry(pair) for pair in pairs]


def largest_coefficients(level, count):
    """Determinants with the largest coefficients of a level, one of each spin-flipped pair.

    Parameters
    ----------
    level : Level
    count : int

    Returns
    -------
    list of (coefficient, up, down)
        `up` and `down` are tuples of orbital numbers n >= 1.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> ground = spectrum(QuantumDot(length=0.01, softening=0.1, n_orbitals=4), 3, 1)[0]
    >>> [(round(abs(c), 3), up, down) for c, up, down in largest_coefficients(ground, 1)]
    [(1.0, (1, 2), (1,))]
    """
    instance("level", level, Level)
    count = integer_in("count", count, 1)
    m = _n_orbitals(level)
    n_up, n_down = (level.n_electrons + 1) // 2, level.n_electrons // 2
    up, down = (string_space(n, m).occupied + 1 for n in (n_up, n_down))
    flat = level.coefficients.ravel()
    found = []
    for place in np.argsort(-np.abs(flat), kind="stable"):
        row, column = divmod(int(place), len(down))
        entry = tuple(up[row].tolist()), tuple(down[column].tolist())
        if n_up == n_down and any(entry == (b, a) for _, a, b in found):
            continue
        found.append((float(flat[place]), *entry))
        if len(found) == count:
            break
    return found


def _n_orbitals(level):
    """Recover M from the number of up strings."""
    n_up = (level.n_electrons + 1) // 2
    m = n_up
    while string_space(n_up, m).size < level.coefficients.shape[0]:
        m += 1
    return m
