"""Tables of the paper for any dot: what is refused."""

import pytest

from lowdim.dot.states import QuantumDot
from lowdim.dot.tables import LOWEST_MULTIPLET, lowest_multiplets

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
