"""Tables of the paper for any dot: what is refused."""

import pytest

from lowdim.dot.states import QuantumDot
from lowdim.dot.tables import (
    LOWEST_MULTIPLET,
    TABLE_I,
    TABLE_II,
    TABLE_III,
    lowest_multiplets,
    transition_table,
)

DOT = QuantumDot(9.5, 0.02, 6)


@pytest.mark.parametrize("electrons", [-1, 6, 2.0, "2"])
def test_electron_numbers_out_of_range_are_refused(electrons):
    with pytest.raises(ValueError, match=r"electrons: expected an integer in 0\.\.5, got"):
        lowest_multiplets(DOT, (electrons,))


def test_every_number_of_the_range_has_its_multiplet():
    found = lowest_multiplets(DOT, range(6))
    assert {n: len(levels) for n, levels in found.items()} == LOWEST_MULTIPLET
    for n in (0, 1, 2, 3):
        assert sum(level.degeneracy for level in found[n]) == 2**n


def test_spins_and_transitions_of_the_tables_are_those_of_the_levels():
    """Each level is named once with its spin, and each transition that changes the spin by a half, once."""
    levels = lowest_multiplets(DOT)
    assert {n: tuple(level.spin for level in found) for n, found in levels.items()} == TABLE_I
    pairs = [pair for entry in TABLE_III for pair in (entry if isinstance(entry[0], tuple) else [entry])]
    for n, named in ((2, TABLE_II), (3, pairs)):
        allowed = [
            (j, i)
            for j, final in enumerate(TABLE_I[n + 1])
            for i, initial in enumerate(TABLE_I[n])
            if abs(final - initial) == 0.5
        ]
        assert sorted(named) == allowed
    with pytest.raises(ValueError, match=r"pairs: expected an integer in 0\.\.2, got 3"):
        transition_table(levels[3], levels[2], ((3, 0),))
