"""What holds for every derivation: rewriting, points that obey, integrals that add up, orders of series."""

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowdim.derivation.approximation import compare_approximation
from lowdim.derivation.equality import Sampler, compare, evaluate
from lowdim.derivation.functions import special_function
from lowdim.derivation.quadrature import numeric_integrals

CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=3)
x, y = sp.symbols("x y", positive=True)
t = sp.Symbol("t", real=True)
WHOLE = st.integers(-5, 5)
SHARES = st.fractions(-3, 3, max_denominator=7).map(lambda f: sp.Rational(f.numerator, f.denominator))
POSITIVE = st.fractions("1/4", 3, max_denominator=7).map(lambda f: sp.Rational(f.numerator, f.denominator))


@st.composite
def expressions(draw, depth=1):
    """Something smooth of x and y."""
    if not depth:
        return draw(st.sampled_from([x, y])) * draw(POSITIVE)
    one, two = draw(expressions(depth=depth - 1)), draw(expressions(depth=depth - 1))
    joined = draw(st.sampled_from([sp.Add, sp.Mul]))(one, two) + y
    return draw(st.sampled_from([sp.sin, sp.cos, sp.tanh, lambda e: e]))(joined)


@CHEAP
@given(expressions(), st.integers(0, 99))
def test_what_is_rewritten_is_equal_and_what_is_changed_is_not(expression, seed):
    """By numbers: a range is given, so that no simplification is tried."""
    rewritten = expression.rewrite(sp.exp)

    def agree(one, other):
        return compare(one, other, Sampler(seed, {x: (1, 2)}, [])).agrees

    assert agree(expression, rewritten) and agree(rewritten, expression)
    for wrong in (rewritten + sp.Rational(1, 10**9), rewritten * (1 + sp.Rational(1, 10**9)) + x / 10**9):
        assert not agree(expression, wrong) and not agree(wrong, expression)


@CHEAP
@given(st.lists(WHOLE, min_size=3, max_size=3), SHARES)
def test_polynomials_are_compared_exactly(roots, factor):
    product = (factor + 4) * sp.Mul(*(x - root * y for root in roots))
    found = compare(product, sp.expand(product), Sampler(0, {}, []))
    assert found.agrees and found.method == "exact"
    assert not compare(product, sp.expand(product) + 1, Sampler(0, {}, [])).agrees


@CHEAP
@given(st.integers(0, 999), WHOLE, st.integers(1, 6))
def test_drawn_points_obey(seed, low, width):
    up, down, whole, count = (
        sp.Symbol("up", positive=True),
        sp.Symbol("down", negative=True),
        sp.Symbol("whole", integer=True),
        sp.Symbol("count", integer=True, positive=True),
    )
    some, inside, number = (
        sp.Symbol("some", real=True),
        sp.Symbol("inside"),
        sp.Symbol("number", integer=True),
    )
    sampler = Sampler(seed, {inside: (low, low + width), number: (low, low + 1)}, [some > up])
    for _ in range(4):
        point = sampler.point([up, down, whole, count, inside, number, sp.Symbol("free")])
        assert point[up] > 0 > point[down] and point[some] > point[up]
        assert point[whole].is_Integer and point[count].is_Integer and point[count] >= 1
        assert low <= point[inside] <= low + width and point[number] in (low, low + 1)
        assert point[sp.Symbol("free")].has(sp.I)
    again = Sampler(seed, {inside: (low, low + width), number: (low, low + 1)}, [some > up])
    first = again.point([up, down])
    assert first == Sampler(seed, {inside: (low, low + width)}, [some > up]).point([up, down])


@CHEAP
@given(SHARES, SHARES, SHARES, st.integers(0, 4), POSITIVE)
def test_integrals_add_up(a, b, c, power, rate):
    """Of pieces, of terms, and with their sign; to twenty digits."""
    function = t**power * sp.exp(-rate * t) + sp.cos(rate * t)

    def over(low, high, factor=1):
        return numeric_integrals(sp.Integral(factor * function, (t, low, high)), 20)

    assume(len({a, b, c}) == 3)
    whole = over(a, c)
    assert abs(over(a, b) + over(b, c) - whole) < 1e-18 * (1 + abs(whole) + abs(over(a, b)))
    assert over(c, a) == -whole and abs(over(a, c, 3) - 3 * whole) < 1e-18 * (1 + abs(whole))
    exact = sp.N(sp.integrate(sp.expand(function), (t, a, c)), 20)
    assert abs(whole - exact) < 1e-18 * (1 + abs(exact))


@DEAR
@given(POSITIVE, st.integers(2, 5))
def test_sums_to_infinity_are_zeta_functions_and_series(ratio, power):
    n = sp.Symbol("n", integer=True, positive=True)
    zeta = numeric_integrals(sp.Sum(1 / n**power, (n, 1, sp.oo)), 20)
    assert abs(zeta - sp.N(sp.zeta(power), 20)) < 1e-18
    q = ratio / 4
    series = numeric_integrals(sp.Sum(q**n, (n, 1, sp.oo)), 20)
    assert abs(series - sp.N(q / (1 - q), 20)) < 1e-18 * (1 + series)
    left = numeric_integrals(sp.Sum(q**n, (n, 3, sp.oo)), 20)
    assert abs(left + q + q**2 - series) < 1e-18 * (1 + series)


@CHEAP
@given(st.lists(POSITIVE, min_size=3, max_size=4), st.sampled_from([0, 1, sp.oo]), st.booleans())
def test_a_series_cut_short_errs_by_its_first_term_left_out(coefficients, at, relative):
    """The order is that of the term left out: not one more, and one less is a weaker claim."""
    distance = 1 / x if at == sp.oo else x - at
    terms = [c * distance**k for k, c in enumerate(coefficients)]
    full, order = sp.Add(*terms), len(coefficients) - 1
    sampler = Sampler(1, {}, [])
    for asked, holds in ((order, True), (order - 1, True), (order + 1, False)):
        found = compare_approximation(full, full - terms[-1], sampler, x, at, asked, relative=relative)
        assert found.agrees is holds
    slip = full - terms[-1] + sp.Rational(1, 100)
    assert not compare_approximation(full, slip, sampler, x, at, 1, relative=relative).agrees


@CHEAP
@given(st.sampled_from(["struveh", "struvel"]), st.integers(0, 2), POSITIVE, POSITIVE)
def test_special_functions_have_the_derivatives_of_mpmath(name, order, place, scale):
    function = special_function(name, 2)
    value = evaluate(function(order, scale * x), {x: place})
    assert mpmath.almosteq(value, getattr(mpmath, name)(order, mpmath.mpf(sp.N(scale * place, 20))), 1e-14)
    slope = evaluate(sp.Derivative(function(order, scale * x), x), {x: place})
    near = mpmath.diff(lambda s: getattr(mpmath, name)(order, float(scale) * s), float(place))
    assert slope == pytest.approx(near, rel=1e-9)
    given_slope = special_function(name, 2, derivative=lambda n, z: sp.cos(z))
    assert sp.diff(given_slope(order, scale * x), x) == scale * sp.cos(scale * x)
