"""Integrals and infinite sums as numbers, by mpmath from compiled functions; sympy asks at every node."""

from functools import lru_cache

import mpmath
import sympy as sp

from lowdim._checks import instance, integer_in

__all__ = ["numeric_integrals"]

GUARD = 15  # digits that are carried beyond those that are asked for
INNER = (sp.Integral, sp.Sum, sp.Derivative, sp.Subs, sp.Piecewise)
FAILURES = (ArithmeticError, NameError, TypeError, ValueError, mpmath.libmp.NoConvergence)


def numeric_integrals(expression, digits):
    """Replace integrals of one variable, and infinite sums over one index, by their numbers.

    Parameters
    ----------
    expression : sympy expression
        Without free symbols outside its integrals and sums.
    digits : int
        What must be right: of integrals by the estimate of the quadrature, of sums by two methods that agree.
        What does not reach it, or has inner integrals, stays as it is.

    Returns
    -------
    sympy expression

    Raises
    ------
    ValueError
        If `expression` is none of sympy's or `digits` no integer from 1 to 1000.

    Examples
    --------
    >>> x, n = sp.symbols("x n")
    >>> numeric_integrals(1 + sp.Integral(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)) ** 2, 20)
    4.1415926535897932385
    >>> numeric_integrals(6 * sp.Sum(1 / n**2, (n, 1, sp.oo)), 20)
    9.8696044010893586188
    """
    instance("expression", expression, sp.Basic)
    digits = integer_in("digits", digits, 1, 1000)
    found = {i: _integral(i, digits) for i in expression.atoms(sp.Integral)}
    found |= {s: _sum(s, digits) for s in expression.atoms(sp.Sum)}
    return expression.xreplace({part: number for part, number in found.items() if number is not None})


@lru_cache(maxsize=4096)
def _integral(integral, digits):
    def number(function, low, high):
        middle = [0] if (low, high) == (-mpmath.inf, mpmath.inf) else []
        return mpmath.quad(function, [low, *middle, high], error=True)

    return _number(integral, digits, number)


@lru_cache(maxsize=4096)
def _sum(total, digits):
    def number(function, low, high):
        value = mpmath.nsum(function, [low, high], method="richardson+shanks")
        # partial sums are quick, and do if the terms fall as those of a geometric series
        for method in ("direct", "euler-maclaurin"):
            error = abs(value - mpmath.nsum(function, [low, high], method=method))
            if error <= mpmath.mpf(10) ** -digits * abs(value):
                break
        return value, error

    return _number(total, digits, number) if total.limits[0][-1] == sp.oo else None


def _number(part, digits, number):
    """What `number` gives for the compiled function and its limits; None if that is not to be trusted."""
    if part.free_symbols or len(part.limits) != 1 or len(part.limits[0]) != 3 or part.function.has(*INNER):
        return None
    variable, *ends = part.limits[0]
    with mpmath.workdps(digits + GUARD):
        try:
            low, high = (mpmath.mpf(_end(end, digits + GUARD)) for end in ends)
            value, error = number(sp.lambdify(variable, part.function, "mpmath"), low, high)
        except FAILURES:
            return None
        if not mpmath.isfinite(value) or not error <= mpmath.mpf(10) ** -digits * abs(value):
            return None
        return sp.sympify(value).n(digits)


def _end(end, digits):
    return {sp.oo: "inf", -sp.oo: "-inf"}.get(end) or mpmath.mpmathify(sp.N(end, digits))
