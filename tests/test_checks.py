"""Argument checks: what passes, what is refused, and in which words."""

from fractions import Fraction

import numpy as np
import pytest

from lowdim._checks import array_of_shape, integer_in, non_negative, positive, refuse


@pytest.mark.parametrize("value", [2, 2.5, np.float32(0.5), np.int64(3), Fraction(1, 3), np.array(4.0), True])
def test_numbers_of_any_kind_become_floats(value):
    for check in (positive, non_negative):
        number = check("x", value)
        assert type(number) is float
        assert number == float(value)


@pytest.mark.parametrize(
    "value", [-1e-300, np.nan, np.inf, -np.inf, None, "2", b"2", 1j, [1.0, 2.0], 10**400, object]
)
def test_what_is_no_finite_number_above_zero_is_refused(value):
    for check, bound in ((positive, "> 0"), (non_negative, ">= 0")):
        with pytest.raises(ValueError, match=f"^x: expected a finite number {bound}, got "):
            check("x", value)


def test_zero_is_not_positive_but_not_negative():
    assert non_negative("x", 0) == 0.0
    with pytest.raises(ValueError, match=r"^x: expected a finite number > 0, got 0$"):
        positive("x", 0)


@pytest.mark.parametrize("value", [1, 5, np.int32(3), np.uint8(2)])
def test_integers_within_the_bounds_become_ints(value):
    assert type(integer_in("n", value, 1, 5)) is int
    assert integer_in("n", value, 1, 5) == integer_in("n", value, 1) == value


@pytest.mark.parametrize("value", [0, 6, -1, 2.0, np.float64(2), "2", None, np.nan, [2]])
def test_what_is_no_integer_within_the_bounds_is_refused(value):
    with pytest.raises(ValueError, match=r"^n: expected an integer in 1\.\.5, got "):
        integer_in("n", value, 1, 5)


def test_without_upper_bound_the_sentence_says_so():
    assert integer_in("n", 10**30, 0) == 10**30
    with pytest.raises(ValueError, match=r"^n: expected an integer >= 0, got -1$"):
        integer_in("n", -1, 0)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([1, 2], (2,)),
        ([1, 2], (None,)),
        ([[1, 2, 3]], (None, 3)),
        (7, ()),
        ([], (0,)),
        ([[1], [2]], None),
        (3.0, None),
        ([Fraction(1, 2), 1], (2,)),
        ([True, False], (2,)),
    ],
)
def test_arrays_that_fit_become_float_arrays(value, shape):
    array = array_of_shape("a", value, shape)
    assert array.dtype == float
    assert np.array_equal(array, np.array(value, dtype=float))


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        ([1, 2], (3,), r"expected shape \(3,\), got \(2,\)"),
        ([1, 2], (2, 1), r"expected shape \(2, 1\), got \(2,\)"),
        ([1, 2], (), r"expected shape \(\), got \(2,\)"),
        (1.0, (None,), r"expected shape \(any,\), got \(\)"),
        ([[1, 2]], (None, 3), r"expected shape \(any, 3\), got \(1, 2\)"),
        ([1, np.nan], (2,), r"expected finite numbers, got nan or inf"),
        ([1, -np.inf], None, r"expected finite numbers, got nan or inf"),
        (["1", "2"], (2,), r"expected an array of real numbers, got \['1', '2'\]"),
        ("abc", None, r"expected an array of real numbers, got 'abc'"),
        ([1j, 2], (2,), r"expected an array of real numbers, got \[1j, 2\]"),
        (np.array([1j]), (1,), r"expected an array of real numbers, got array"),
        ([[1], [1, 2]], None, r"expected an array of real numbers, got \[\[1\], \[1, 2\]\]"),
        ([10**400], (1,), r"expected an array of real numbers, got \[1000"),
        ({"a": 1}, (1,), r"expected an array of real numbers, got \{'a': 1\}"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(value, shape, message):
    with pytest.raises(ValueError, match="^a: " + message):
        array_of_shape("a", value, shape)


def test_the_array_given_is_not_changed_through_the_one_returned():
    given = np.array([1.0, 2.0])
    array_of_shape("a", given, (2,))[0] = 9.0
    assert given[0] == 1.0


def test_every_refusal_is_one_sentence():
    with pytest.raises(ValueError, match=r"^wall: expected 'left' or 'right', got 'top'$"):
        refuse("wall", "'left' or 'right'", "top")
