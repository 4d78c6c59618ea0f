"""What a chain must refuse, and how it shows itself."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lowdim.derivation import Derivation, DerivationError, equality, special_function
from lowdim.derivation import chain as derivation_chain
from lowdim.derivation.equality import Sampler, compare

x, y = sp.symbols("x y", positive=True)
z = sp.Symbol("z", real=True)
n = sp.Symbol("n", integer=True, positive=True)


def chain(start, **options):
    return Derivation("test", **options).start(start)


@pytest.mark.parametrize(
    "start, wrong",
    [
        (sp.sin(x) ** 2, -(sp.sin(x) ** 2)),
        (sp.sin(x) ** 2, 1 + sp.cos(x) ** 2),
        (sp.exp(x + y), sp.exp(x) + sp.exp(y)),
        (sp.Integral(sp.exp(-z * z), (z, -sp.oo, sp.oo)), sp.sqrt(sp.pi) / 2),
        (sp.Sum(1 / n**2, (n, 1, sp.oo)), sp.pi**2 / 3),
        (sp.Function("f")(x * y).diff(x), sp.Function("f")(x * y).diff(y)),
        (sp.besselj(1, x), -sp.besselj(-1, -x)),
    ],
)
def test_wrong_by_sign_or_factor(start, wrong):
    with pytest.raises(DerivationError, match="test, step 2"):
        chain(start).step(wrong, "a slip")


@pytest.mark.parametrize(
    "start, right",
    [
        (sp.sin(x) ** 2, 1 - sp.cos(x) ** 2),
        (sp.Integral(sp.exp(-z * z), (z, -sp.oo, sp.oo)), sp.sqrt(sp.pi)),
        (sp.Sum(1 / n**2, (n, 1, sp.oo)), sp.pi**2 / 6),
        (sp.Function("f")(x * y).diff(x) * x, sp.Function("f")(x * y).diff(y) * y),
        (sp.IndexedBase("a")[1] + sp.IndexedBase("a")[2], sp.IndexedBase("a")[2] + sp.IndexedBase("a")[1]),
    ],
)
def test_right_steps(start, right):
    assert len(chain(start).step(right, "so")) == 2


def test_only_outside_the_assumed_range():
    with pytest.raises(DerivationError):
        chain(sp.sqrt(z**2)).step(z, "the root, for negative z too")
    assert len(chain(sp.sqrt(z**2), where=[z > 0]).step(z, "z > 0")) == 2
    with pytest.raises(DerivationError):
        chain(sp.Abs(z - 3), ranges={z: (0, 2)}).step(z - 3, "above 3 only")
    assert len(chain(sp.Abs(z - 3), ranges={z: (4, 6)}).step(z - 3, "above 3")) == 2


def test_conditions_that_cannot_be_met():
    with pytest.raises(DerivationError, match="no point found"):
        chain(sp.sqrt(x**2 + z**2), where=[x < 0]).step(x + z, "never")


def test_zero_is_no_free_pass():
    with pytest.raises(DerivationError):
        chain(x - y).step(0, "a slip")
    assert len(chain(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1).step(0, "Pythagoras")) == 2


@pytest.mark.parametrize("order, passes", [(1, True), (2, True), (3, False)])
def test_order_of_an_approximation(order, passes):
    exponential = chain(sp.exp(x))
    if passes:
        exponential.approximate(1 + x, "small x", small=x, order=order)
    else:
        with pytest.raises(DerivationError, match="order"):
            exponential.approximate(1 + x, "small x", small=x, order=order)


@pytest.mark.parametrize("wrong", [1 - x, 1 + 2 * x, -1 - x, sp.Integer(2)])
def test_wrong_approximation(wrong):
    with pytest.raises(DerivationError):
        chain(sp.exp(x)).approximate(wrong, "small x", small=x, order=2)


def test_limits():
    chain(sp.coth(x) - 1 / x).limit(x / 3, "high temperature", small=x)
    chain(sp.coth(x) - 1 / x).limit(1 - 1 / x, "low temperature", small=x, at=sp.oo)
    with pytest.raises(DerivationError):
        chain(sp.coth(x) - 1 / x).limit(x / 2, "high temperature", small=x)
    with pytest.raises(DerivationError):
        chain(sp.coth(x)).limit(-1, "low temperature", small=x, at=sp.oo)


def test_definitions_are_unfolded_and_cannot_be_repeated():
    a, f = sp.Symbol("a"), sp.Function("f")
    made = Derivation("test").define(a, x + 1).define(f(x), x**2)
    made.identity(f(a), (x + 1) ** 2, "unfold")
    with pytest.raises(DerivationError, match="defined already"):
        made.define(a, 2)
    with pytest.raises(DerivationError, match="functions? is defined of symbols|a function is defined"):
        made.define(sp.Function("g")(2 * x), x)


def test_circular_definitions_end():
    a, b = sp.symbols("a b")
    made = Derivation("test").define(a, b + 1).define(b, a + 1)
    with pytest.raises(DerivationError, match="circles"):
        made.identity(a, 1, "never")


def test_solve_needs_a_condition():
    with pytest.raises(DerivationError, match="no condition"):
        Derivation("test").solve(x, 1)


def test_step_needs_a_start():
    with pytest.raises(DerivationError, match="call start first"):
        Derivation("test").step(x, "from nothing")


def test_a_chain_goes_on_from_another():
    a = sp.Symbol("a", positive=True)
    first = Derivation("first").define(a, x**2).start(a + 1)
    second = Derivation("second", after=first).step(x**2 + 1, "unfold")
    assert second.first == 3 and "  3.  = x**2 + 1" in repr(second)
    with pytest.raises(DerivationError, match="second, step 4"):
        second.step(x**2, "a slip")


def test_matrices():
    t = sp.Symbol("t", real=True)
    turn = sp.Matrix([[sp.cos(t), -sp.sin(t)], [sp.sin(t), sp.cos(t)]])
    Derivation("rotation").identity(turn * turn.T, sp.eye(2), "orthogonal")
    with pytest.raises(DerivationError):
        Derivation("rotation").identity(turn * turn, sp.eye(2), "not an involution")
    with pytest.raises(DerivationError, match="elements"):
        Derivation("rotation").identity(turn, sp.eye(3), "other shape")


def test_result_is_what_was_checked():
    made = chain(sp.sin(2 * x)).step(2 * sp.sin(x) * sp.cos(x), "addition theorem")
    assert made.result.right == 2 * sp.sin(x) * sp.cos(x)
    assert made.expression == made.result.right


def test_boltzmanns_constant_keeps_its_temperature_out_of_the_index():
    from lowdim.derivation.typeset import latex

    heat = sp.Symbol("k_BT", positive=True)
    assert latex(3 * heat / 2) == r"\frac{3 k_BT}{2}"
    assert latex(heat**2) == "(k_BT)^{2}"
    assert latex(sp.sqrt(heat)) == r"\sqrt{k_BT}"


def test_shows_as_table_latex_and_text():
    made = chain(x + x).step(2 * x, "since $x + x = 2 x$ & so on")
    bundle = made._repr_mimebundle_()
    assert r"since \(x + x = 2 x\) &amp; so on" in bundle["text/html"]
    assert bundle["text/html"].count("<tr>") == 3 and 'scope="row"' in bundle["text/html"]
    assert r"\begin{aligned}" in bundle["text/latex"]
    assert bundle["text/plain"].splitlines()[-1].startswith("1 of 1 steps refused")


def test_special_function_without_derivative_is_differentiated_numerically():
    struve = special_function("struveh", 2)
    half = sp.Rational(1, 2)
    rule = half * (struve(-1, x) - struve(1, x)) + half / (sp.sqrt(sp.pi) * sp.gamma(sp.Rational(3, 2)))
    Derivation("struve").identity(struve(0, x).diff(x), rule, "recurrence", digits=12)
    with pytest.raises(ValueError, match="function of mpmath"):
        special_function("no_such_function", 1)
    with pytest.raises(ValueError, match="arguments"):
        special_function("struveh", 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_polynomials_agree_only_with_themselves(a, b, c):
    one = a * x**2 + b * x + c
    sampler = Sampler(1, {x: (0.5, 3)}, [])
    assert compare(one, sp.expand(one), sampler).agrees
    assert not compare(one, one + x / 1000, sampler).agrees


def test_a_check_that_passes_either_sign_is_refused(monkeypatch):
    always = equality.Comparison(True, "anything goes")
    monkeypatch.setattr(derivation_chain, "compare", lambda *args, **options: always)
    with pytest.raises(DerivationError, match="cannot fail"):
        chain(x).step(x, "so")
    with pytest.raises(DerivationError, match="cannot fail"):
        Derivation("test").represent("a", "b", [1.0], [1.0], "loose", tolerance=10)


def test_the_count_of_refusals_is_that_of_the_checks(monkeypatch):
    made = chain(sp.sin(2 * x)).step(2 * sp.sin(x) * sp.cos(x), "addition theorem")
    made.represent("a", "a", [1.0], [1.0], "same")
    assert made.refused == 2 and "2 of 2 steps refused" in repr(made)
    monkeypatch.setattr(Derivation, "_judge", lambda self, check, right, because, left: "not checked")
    made.step(sp.sin(2 * x), "back")
    assert "2 of 3 steps refused" in repr(made)
