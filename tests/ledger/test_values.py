"""Tolerances of every kind at their ends, and rounding for the record."""

import numpy as np
import pytest

from lowdim.ledger.values import LedgerError, Measure, as_value, round_number, rounded, shape_text


@pytest.mark.parametrize("factor", [1.001, 1.5, 2.0, 10.0])
def test_a_factor_above_one_means_something(factor):
    inside = Measure("factor", factor).compare([0.999 * factor, 1.001 / factor], [1.0, 1.0])
    assert not inside.outside.any()
    beyond = Measure("factor", factor).compare([1.01 * factor, 0.99 / factor, -1.0], [1.0, 1.0, 1.0])
    assert beyond.outside.all()


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.0])
def test_a_factor_of_one_or_less_means_nothing(factor):
    with pytest.raises(LedgerError, match="tolerance: expected a factor > 1"):
        Measure("factor", factor).compare(1.0, 1.0)


def test_zero_has_no_factor():
    with pytest.raises(LedgerError, match="a factor cannot be compared with zero"):
        Measure("factor", 2.0).compare([1.0, 1.0], [1.0, 0.0])


@pytest.mark.parametrize(("kind", "tolerance"), [("absolute", -1e-9), ("relative", -1e-9), ("relative", 1.0)])
def test_what_is_no_tolerance_is_refused(kind, tolerance):
    with pytest.raises(LedgerError, match="tolerance: "):
        Measure(kind, tolerance).compare(1.0, 1.0)


def test_tolerances_in_the_unit_of_the_value():
    like = [2.0, -5.0]
    assert Measure("absolute", 0.1).absolute(like).tolist() == [0.1, 0.1]
    assert Measure("relative", 0.1).absolute(like) == pytest.approx([0.2, 0.5])
    assert Measure("factor", 3.0).absolute(like) == pytest.approx([4.0, 10.0])
    assert Measure("absolute", [0.1, 0.2]).with_tolerance(None).tolerance == [0.1, 0.2]
    assert Measure("absolute", 0.1).with_tolerance(0.3) == Measure("absolute", 0.3)


def test_the_worst_element_is_that_with_the_largest_share_of_its_tolerance():
    found = Measure("absolute", [0.1, 0.01, 1.0]).compare([1.05, 1.02, 2.5], [1.0, 1.0, 2.0])
    assert found.worst == 1 and found.outside.tolist() == [False, True, False]
    assert found.sentence("computed", "published").startswith("element 1 of 3: computed 1.02, published 1,")


def test_numbers_are_rounded_to_a_thousandth_of_their_tolerance():
    assert round_number(0.123456789, 0.001) == 0.123
    assert round_number(0.0004, 0.001) == 0.0 and round_number(-0.0, 0.1) == 0.0
    assert round_number(float("inf"), 0.1) is None
    assert rounded([1.23456789, 1e-14], Measure("absolute", 1.0), [1.0, 0.0]) == [1.235, 0.0]
    # another shape than what it is compared with: six digits
    assert rounded([1.23456789, 2.0], Measure("absolute", 1.0), 1.0) == [1.23457, 2.0]


def test_what_is_no_number_is_named():
    with pytest.raises(LedgerError, match="computed: expected real numbers, got "):
        as_value("computed", [1.0, "two"])
    with pytest.raises(LedgerError, match="computed: expected "):
        as_value("computed", [np.nan])
    assert shape_text([[1.0, 2.0], 3.0]) == "ragged list of 2"
