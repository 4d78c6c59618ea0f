"""Argument checks: what passes, what is refused, and in which words."""

import math
from fractions import Fraction

import numpy as np
import pytest

from lowdim._checks import (
    LARGEST,
    array_of_shape,
    boolean,
    broadcast,
    callback,
    choice,
    complex_array,
    complex_number,
    instance,
    instances,
    integer_array,
    integer_in,
    namespace,
    non_negative,
    positive,
    random_generator,
    real,
    real_in,
    refuse,
    words,
)


@pytest.mark.parametrize("value", [2, 2.5, np.float32(0.5), np.int64(3), Fraction(1, 3), np.array(4.0), True])
def test_numbers_of_any_kind_become_floats(value):
    for check in (positive, non_negative):
        number = check("x", value)
        assert type(number) is float
        assert number == float(value)


@pytest.mark.parametrize(
    "value",
    [
        *(-1e-300, np.nan, np.inf, -np.inf, None, "2", b"2", np.str_("2"), [1.0, 2.0], 10**400, object),
        *([2.0], np.array([2.0]), [[1.0], [1.0, 2.0]], 1j, np.complex128(2), np.array(2 + 0j)),
    ],
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
    assert integer_in("n", LARGEST, 0) == LARGEST
    for many in (LARGEST + 1, 10**5000):
        with pytest.raises(ValueError, match=rf"^n: expected an integer in 0\.\.{LARGEST}, got "):
            integer_in("n", many, 0)
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


STRANGE = [None, "text", b"2", object(), [[1.0], [1.0, 2.0]], {}]


@pytest.mark.parametrize("value", [*STRANGE, np.nan, -np.inf, 10**400, 1j, [1.0]])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^x: expected a finite number, got "):
        real("x", value)
    with pytest.raises(ValueError, match=r"^x: expected a number in 0\.\.1, got "):
        real_in("x", value, 0, 1)


def test_real_numbers_of_either_sign_pass_and_bounds_belong_to_their_range():
    assert (real("x", -2), real("x", np.float32(0.5))) == (-2.0, 0.5)
    assert (real_in("x", 0, 0, 1), real_in("x", True, 0, 1)) == (0.0, 1.0)
    for outside in (-1e-9, 1.001):
        with pytest.raises(ValueError, match="^x: expected a number in"):
            real_in("x", outside, 0, 1)


@pytest.mark.parametrize("value", [*STRANGE, complex(np.nan, 0), complex(0, np.inf)])
def test_what_is_no_complex_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^z: expected a finite number, got "):
        complex_number("z", value)
    with pytest.raises(ValueError, match=r"^z: expected "):
        complex_array("z", value, (None,))


def test_complex_numbers_and_arrays_pass():
    assert complex_number("z", 2) == 2 and complex_number("z", 1j) == 1j
    assert complex_array("z", [1, 2j], (2,)).tolist() == [1, 2j]
    with pytest.raises(ValueError, match=r"^z: expected shape \(3,\), got \(2,\)"):
        complex_array("z", [1, 2j], (3,))
    with pytest.raises(ValueError, match="^z: expected finite numbers"):
        complex_array("z", [1, complex(0, np.nan)], (2,))


def test_integers_of_an_array_keep_within_their_bounds():
    assert integer_array("n", [0, 2.0], (2,), 0, 2).dtype == int
    for wrong in ([0.5], [-1], [3], [np.nan], ["1"], [10**400], [1j]):
        with pytest.raises(ValueError, match="^n: expected "):
            integer_array("n", wrong, (1,), 0, 2)


@pytest.mark.parametrize(
    ("check", "good", "bad", "expected"),
    [
        (boolean, [True, np.False_], [1, 0.0, "yes", None, []], "True or False"),
        (lambda n, v: choice(n, v, ("left", 2)), ["left", 2], ["Left", None, 2.0, True, []], "'left' or 2"),
        (words, ["", "a"], [b"a", None, 1], "text"),
        (callback, [len, object], [None, 1.0, "len"], "a function"),
        (lambda n, v: instance(n, v, Fraction), [Fraction(1)], [1, None, "1"], "a Fraction"),
        (lambda n, v: instance(n, v, int, str), [1, "a"], [1.0, None], "an int or a str"),
        (lambda n, v: instances(n, v, int), [(1, 2), [3], ()], [1, None, "12", [1.0], [None]], "a seq"),
        (random_generator, [0, [1, 2], np.random.default_rng(1)], [None, True, "1", -1, 1.5], "a seed"),
        (namespace, [np], [None, math, "numpy"], "an array module"),
    ],
)
def test_values_that_are_no_numbers_are_told_apart(check, good, bad, expected):
    for value in good:
        check("it", value)
    for value in bad:
        with pytest.raises(ValueError, match=f"^it: expected {expected}.*, got "):
            check("it", value)


def test_shapes_that_do_not_broadcast_are_told_with_both_names():
    assert [part.shape for part in broadcast(a=np.zeros((2, 1)), b=np.zeros(3))] == [(2, 3), (2, 3)]
    with pytest.raises(ValueError, match=r"^b: expected a shape that broadcasts with a \(2,\), got \(3,\)$"):
        broadcast(a=np.zeros(2), b=np.zeros(3))
