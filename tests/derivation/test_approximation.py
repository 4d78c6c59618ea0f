"""What an approximation must show: its order, that its error vanishes, and where it was looked at."""

import math
import re

import pytest
import sympy as sp

from lowdim.derivation import Derivation, DerivationError
from lowdim.derivation.rows import Row
from lowdim.derivation.typeset import equation, order_remark, plain, sides

x = sp.Symbol("x", positive=True)


def test_an_error_as_large_as_the_expression_is_refused():
    """The error of 2 x^2 for x^2 falls with the second power, but so does the expression."""
    with pytest.raises(DerivationError, match="does not vanish against the expression itself"):
        Derivation("test").start(x**2).approximate(2 * x**2, "wrong", small=x, order=2)


def test_what_is_small_from_the_start_need_not_halve():
    """The share of 1e-8 x^(1/10) falls by a third in all, from where it could do no harm."""
    chain = Derivation("test").start(1 + x ** sp.Rational(1, 10) / 10**8)
    assert chain.approximate(1, "tiny", small=x, order=0.1).rows[-1].checked


def test_the_refusal_shows_the_last_point():
    with pytest.raises(DerivationError) as refused:
        Derivation("test").start(sp.sin(x)).approximate(x, "small", small=x, order=4)
    exact, found, place = re.search(r"(\S+) against (\S+) at x = (\S+)", str(refused.value)).groups()
    at = float(sp.Rational(place.rstrip(")")))
    assert at == pytest.approx(1 / 8 / 2**6)
    assert float(exact) == pytest.approx(math.sin(at), rel=1e-5)
    assert float(found) == pytest.approx(at, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((x, sp.oo, 2, False), r"+O\!\left(x^{-2}\right)"),
        ((x, 0, 1, False), r"+O\!\left(x\right)"),
        ((x, 0, 3, True), r"\left[1+O\!\left(x^{3}\right)\right]"),
        ((x, 2, 2, False), r"+O\!\left(\left(x - 2\right)^{2}\right)"),
        ((x, 2, 1, False), r"+O\!\left(\left(x - 2\right)\right)"),
    ],
)
def test_what_is_left_out_is_typeset(arguments, expected):
    assert order_remark(*arguments) == expected


def test_a_name_at_the_start_is_defined_and_a_term_is_only_shown():
    y, z = sp.symbols("y z", positive=True)
    named = Derivation("test").start(x**2, name=y).identity(2 * y, 2 * x**2, "unfolded")
    assert [row.relation for row in named.rows] == [r"\equiv", "="]
    assert Derivation("test").start(x**2, name=y / z).rows[0].relation == "="


@pytest.mark.parametrize(
    ("right", "right_tex", "remark", "expected"),
    [
        (x, None, r"+O(x)", "x+O(x)"),
        (x, None, r"\left[1+O(x)\right]", r"x\;\left[1+O(x)\right]"),
        (x + 1, None, r"\left[1+O(x)\right]", r"\left(x + 1\right)\left[1+O(x)\right]"),
        (x + 1, "1+x", r"\left[1+O(x)\right]", r"1+x\;\left[1+O(x)\right]"),
        (x + 1, None, "", "x + 1"),
    ],
)
def test_a_sum_is_put_in_brackets_before_its_error(right, right_tex, remark, expected):
    row = Row(None, right, "=", "so", right_tex=right_tex, remark=remark)
    assert sides(row) == ("", expected) and equation(row) == expected


def test_a_row_takes_the_left_side_it_is_given():
    row = Row(None, x, "", "so")
    assert equation(row, x**2) == "x^{2} = x" and equation(row, r"\phi") == r"\phi = x"
    own = Row(x + 1, x, r"\simeq", "so")
    assert equation(own, x**2) == r"x + 1 \simeq x"
    assert equation(Row(x, x, "=", "so", left_tex="f"), x**2) == "f = x"


def test_a_chain_as_text_numbers_its_rows_and_counts_what_was_refused():
    chain = Derivation("twice").start(2 * x, name=sp.Symbol("y")).step(x + x, "so")
    lines = plain(chain).splitlines()
    assert lines[0] == "twice" and lines[1] == "  1.  y := 2*x"
    assert lines[2] == "  2.  = 2*x    [so]" and lines[3] == "1 of 1 steps refused when their sign is turned"
