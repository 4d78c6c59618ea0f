"""What holds for every comparison: order and nesting of numbers, units, mirrored sentences, rounding."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowdim.ledger import Inequality
from lowdim.ledger.inequality import rounded_inequality
from lowdim.ledger.values import Measure, as_value, flatten, rebuild, round_number, rounded, same_shape, show
from strategies import numbers

CHEAP = settings(derandomize=True, deadline=None, max_examples=40)
KINDS = st.sampled_from([("absolute", 0.3), ("relative", 0.2), ("factor", 1.5)])
SIZES = numbers(0.1, 10.0)
TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
OTHERWISE = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}
RAGGED = st.recursive(SIZES, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=8)


def pairs(least=2):
    return st.lists(st.tuples(SIZES, SIZES), min_size=least, max_size=6).map(lambda p: np.array(p).T)


@CHEAP
@given(KINDS, pairs(), st.randoms(use_true_random=False))
def test_a_comparison_knows_no_order_of_numbers(kind, both, random):
    order = list(range(both.shape[1]))
    random.shuffle(order)
    plain = Measure(*kind).compare(*map(list, both))
    mixed = Measure(*kind).compare(*(list(side[order]) for side in both))
    assert plain.outside[order].tolist() == mixed.outside.tolist()
    assert plain.agrees == mixed.agrees == (not plain.outside.any())
    excess = (plain.deviation - plain.allowed) / plain.allowed
    assert excess[plain.worst] == pytest.approx(excess.max())
    assert plain.outside[plain.worst] != plain.agrees


@CHEAP
@given(KINDS, pairs(1), st.sampled_from([2.0**-20, 0.25, 2.0, 2.0**30]))
def test_a_comparison_knows_no_unit(kind, both, unit):
    """A power of two changes no digit; an absolute tolerance has the unit of what it compares."""
    name, tolerance = kind
    plain = Measure(name, tolerance).compare(*map(list, both))
    scaled = Measure(name, tolerance * unit if name == "absolute" else tolerance)
    other = scaled.compare(*(list(unit * side) for side in both))
    assert plain.outside.tolist() == other.outside.tolist()
    assert scaled.absolute(list(unit * both[1])) == pytest.approx(
        unit * Measure(*kind).absolute(list(both[1]))
    )


@CHEAP
@given(KINDS, pairs(1), numbers(1.0, 3.0))
def test_what_agrees_agrees_within_more(kind, both, wider):
    name, tolerance = kind
    limit = 0.99 if name == "relative" else math.inf
    less, more = Measure(name, tolerance), Measure(name, min(tolerance * wider, limit))
    plain, loose = (measure.compare(*map(list, both)) for measure in (less, more))
    assert not (loose.outside & ~plain.outside).any()
    exact = less.compare(list(both[0]), list(both[0]))
    assert exact.agrees and (exact.deviation == (name == "factor")).all()


@CHEAP
@given(pairs(1), numbers(1.01, 20.0))
def test_a_factor_is_that_of_either_over_the_other(both, factor):
    there, back = (Measure("factor", factor).compare(*map(list, order)) for order in (both, both[::-1]))
    assert there.deviation == pytest.approx(back.deviation)
    assert there.deviation == pytest.approx(np.exp(np.abs(np.log(both[0] / both[1]))))
    assert Measure("factor", factor).compare(*map(list, both * [[-1], [1]])).outside.all()


@CHEAP
@given(RAGGED)
def test_nested_numbers_keep_their_places(value):
    value = as_value("value", value)
    assert rebuild(value, flatten(value).tolist()) == value and same_shape(value, value)
    assert not same_shape(value, [value])
    assert np.array_equal(flatten([value, value]), np.tile(flatten(value), 2))


@CHEAP
@given(RAGGED, numbers(1e-3, 0.5))
def test_rounding_hides_no_more_than_a_thousandth_of_the_tolerance(value, tolerance):
    value = as_value("value", value)
    measure = Measure("absolute", tolerance)
    once = rounded(value, measure, value)
    # at most half of the last of six digits, too
    allowed = np.maximum(tolerance / 1000, 0.5e-5 * np.abs(flatten(value)))
    assert np.all(np.abs(flatten(once) - flatten(value)) <= 1.001 * allowed)
    assert rounded(once, measure, value) == once and same_shape(once, value)


@CHEAP
@given(numbers(1e-8, 1e8), st.integers(1, 9), st.booleans())
def test_digits_of_a_rounded_number(number, digits, negative):
    number = -number if negative else number
    found = round_number(number, 0, digits)
    assert found == pytest.approx(number, rel=0.5001 * 10.0 ** (1 - digits))
    assert found == float(f"{found:.{digits - 1}e}")
    assert round_number(-number, 0, digits) == -found
    assert round_number(number, 2 * abs(number), digits) == 0.0


@CHEAP
@given(numbers(-1e6, 1e6), st.integers(1, 12))
def test_what_is_shown_is_read_again(number, count):
    # as a float writes it: beyond six digits nothing is told
    assert float(show(number)) == pytest.approx(number, rel=5.001e-6)
    values = [number + i for i in range(count)]
    told = show(values, most=count).split(", ")
    assert [float(text) for text in told] == pytest.approx(values, rel=5.001e-6, abs=1e-9)
    if count > 1:
        assert show(values, most=count - 1).endswith(f" ({count} numbers)")


@CHEAP
@given(numbers(-9, 9), numbers(-9, 9), st.sampled_from(sorted(TURNED)), numbers(0, 3))
def test_a_sentence_holds_in_its_mirror_and_its_opposite_fails(value, bound, relation, error):
    plain = Inequality("length", value, relation, bound, error=error)
    mirror = Inequality("length", -value, TURNED[relation], -bound, error=error)
    swapped = Inequality("length", bound, TURNED[relation], value, error=error)
    for other in (mirror, swapped):
        assert (other.margin, other.holds, other.decided) == (plain.margin, plain.holds, plain.decided)
        assert other.outcome() == plain.outcome()
    opposite = Inequality("length", value, OTHERWISE[relation], bound, error=error)
    assert opposite.holds != plain.holds and opposite.margin == -plain.margin
    assert Inequality.from_dict(plain.to_dict()) == plain


@CHEAP
@given(numbers(-9, 9), numbers(0.001, 1), st.sampled_from(sorted(TURNED)), st.integers(1, 9))
def test_rounding_leaves_a_decided_sentence_as_it_is(bound, error, relation, errors):
    """A value is told to less than a twentieth of its error, or to six digits."""
    for value in (bound + 1.05 * errors * error, bound - 1.05 * errors * error):
        assume(abs(value) > 1e-6)
        plain = Inequality("length", value, relation, bound, error=error)
        told = rounded_inequality(plain)
        assert plain.decided and told.holds == plain.holds
        assert abs(told.value - value) <= max(error / 20, 0.5e-5 * abs(value))
        assert told.error == pytest.approx(error, rel=0.051)
        assert rounded_inequality(told).error == told.error


@CHEAP
@given(numbers(-9, 9), numbers(0.001, 1), st.sampled_from(sorted(TURNED)), numbers(-1, 1))
def test_rounding_leaves_an_undecided_sentence_undecided(bound, error, relation, errors):
    """Down to the last digit of what six digits of the number can tell."""
    plain = Inequality("length", bound + 0.99 * errors * error, relation, bound, error=error)
    assert not plain.decided and not rounded_inequality(plain).decided


def test_an_error_keeps_the_digits_that_decide():
    spin = Inequality("spin over the largest", 0.625, "<", 0.5, error=0.125)
    assert rounded_inequality(spin).error == 0.125
    assert not rounded_inequality(spin).decided
