"""Functions of mpmath as symbols: how many arguments, their values, and their derivative by the last."""

import mpmath
import pytest
import sympy as sp

from lowdim.derivation.functions import special_function

X = sp.Symbol("x", positive=True)


def test_one_argument_is_enough():
    erfi = special_function("erfi", 1)
    assert float(sp.N(erfi(0.7))) == pytest.approx(float(mpmath.erfi(0.7)), rel=1e-14)
    assert sp.latex(erfi(X)) == r"\operatorname{erfi}\left(x\right)"
    assert sp.latex(erfi(X) ** 2) == r"\left(\operatorname{erfi}\left(x\right)\right)^{2}"


@pytest.mark.parametrize("arguments", [0, -1, 1.0, "1"])
def test_fewer_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match="arguments: expected an integer >= 1, got"):
        special_function("erfi", arguments)


@pytest.mark.parametrize("name", ["no_such_function", "pi_", ""])
def test_unknown_functions_are_refused(name):
    with pytest.raises(ValueError, match="name: expected a function of mpmath"):
        special_function(name, 1)


def test_the_derivative_that_is_given_is_used_for_the_last_argument_only():
    bessel = special_function("besselk", 2, derivative=lambda n, x: -bessel(n - 1, x) - n * bessel(n, x) / x)
    slope = bessel(2, X).diff(X).subs(X, sp.Rational(3, 2))
    exact = mpmath.diff(lambda x: mpmath.besselk(2, x), 1.5)
    assert float(sp.N(slope)) == pytest.approx(float(exact), rel=1e-12)
    order = sp.Symbol("n")
    assert bessel(order, X).diff(order).has(sp.Derivative)  # none is known


def test_sympy_asks_for_the_derivative_by_any_argument():
    """By the only one it is the default; what is not known is refused in sympy's own way."""
    erfi = special_function("erfi", 1, derivative=lambda x: 2 * sp.exp(x**2) / sp.sqrt(sp.pi))
    assert erfi(X).fdiff() == erfi(X).fdiff(1) == 2 * sp.exp(X**2) / sp.sqrt(sp.pi)
    bessel = special_function("besselk", 2, derivative=lambda n, x: -x)
    assert bessel(1, X).fdiff(2) == -X
    for unknown in (lambda: bessel(1, X).fdiff(), lambda: special_function("erfi", 1)(X).fdiff(1)):
        with pytest.raises(sp.core.function.ArgumentIndexError):
            unknown()
