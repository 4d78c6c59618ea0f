"""Whether two expressions are equal: by sympy, or by numbers at random admissible points."""

from dataclasses import dataclass

import mpmath
import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from lowdim.derivation.quadrature import numeric_integrals

__all__ = ["Comparison", "DerivationError", "Sampler", "compare", "evaluate", "leaves"]

DIGITS = 30
FLOOR = 1e-6  # symbols are drawn of order one: what is far smaller is the noise of a zero
SHORT = 80  # operations up to which simplify is tried


class DerivationError(AssertionError):
    """A step of a derivation does not follow from the one before, or cannot be checked."""


@dataclass(frozen=True)
class Comparison:
    """The outcome: do the sides agree, how that was found, and the numbers where they were compared."""

    agrees: bool
    method: str
    where: str = ""


def leaves(value):
    """Return the scalar elements of a sympy expression or matrix."""
    return list(value) if isinstance(value, sp.MatrixBase) else [sp.sympify(value)]


class Sampler:
    """Random points that obey assumptions, ranges and conditions.

    `ranges` maps symbols to (low, high); `where` holds relations that every point must satisfy.
    """

    def __init__(self, seed, ranges, where):
        self.rng = np.random.default_rng(seed)
        self.ranges, self.where = dict(ranges), list(where)

    def point(self, symbols):
        """Return one admissible point as a dict from symbol to number."""
        symbols = sorted(set(symbols) | {s for c in self.where for s in c.free_symbols}, key=str)
        for _ in range(2000):
            point = {symbol: self._draw(symbol) for symbol in symbols}
            if all(condition.subs(point) == sp.true for condition in self.where):
                return point
        raise DerivationError(f"no point found that obeys {', '.join(map(str, self.where))}")

    def _draw(self, symbol):
        if symbol in self.ranges:
            return self._within(symbol, *self.ranges[symbol])
        if symbol.is_integer:
            if symbol.is_positive:
                return sp.Integer(int(self.rng.integers(1, 10)))
            return sp.Integer(int(self.rng.integers(0 if symbol.is_nonnegative else -9, 10)))
        size = self._number(0.2, 2.2)
        if symbol.is_positive or symbol.is_nonnegative:
            return size
        if symbol.is_negative or symbol.is_nonpositive:
            return -size
        if symbol.is_real:
            return size * int(self.rng.choice([-1, 1]))
        return size * int(self.rng.choice([-1, 1])) + sp.I * self._number(-1.5, 1.5)

    def _within(self, symbol, low, high):
        if symbol.is_integer:
            return sp.Integer(int(self.rng.integers(int(low), int(high) + 1)))
        return self._number(float(low), float(high))

    def _number(self, low, high):
        # four decimals, so that an error message can show the point as it is
        return sp.Rational(round(1e4 * self.rng.uniform(low, high)), 10000)

    def function(self, count):
        """Return a random smooth function of `count` arguments."""
        c = [self._number(0.3, 1.3) for _ in range(3 * count + 1)]

        def smooth(*args):
            waves = [c[3 * i] * sp.sin(c[3 * i + 1] * a + c[3 * i + 2]) for i, a in enumerate(args)]
            return c[-1] + sp.Add(*waves) + sp.Mul(*waves) / 3

        return smooth


def concrete(expressions, sampler):
    """Replace undefined functions and indexed symbols, the same everywhere, by random smooth functions."""
    indexed = sorted({i for e in expressions for i in e.atoms(sp.Indexed)}, key=str)
    named = {i: sp.Function(str(i.base.label))(*i.indices) for i in indexed}
    expressions = [e.xreplace(named) for e in expressions]
    kinds = {(f.func, len(f.args)) for e in expressions for f in e.atoms(AppliedUndef)}
    for kind, count in sorted(kinds, key=str):
        smooth = sampler.function(count)
        expressions = [e.replace(kind, smooth) for e in expressions]
    return expressions


def differentiated(expression):
    """Carry out the derivatives that have a closed form."""
    if expression.has(sp.Derivative, sp.Subs):
        expression = expression.replace(
            lambda e: isinstance(e, sp.Derivative), lambda e: e.expr.diff(*e.variable_count)
        )
        expression = expression.replace(lambda e: isinstance(e, sp.Subs), lambda e: e.doit())
    return expression


def evaluate(expression, point, digits=DIGITS):
    """Return the number an expression has at a point, to about `digits` digits.

    Raises
    ------
    DerivationError
        If no finite number comes out.
    """
    expression = _numeric_derivatives(sp.sympify(expression), point, digits)
    number = sp.N(numeric_integrals(expression.xreplace(point), digits), digits)
    if not number.is_number or number.has(sp.Derivative, sp.Subs, sp.Integral, sp.Sum):
        number = sp.N(expression.subs(point).doit(), digits)
    try:
        value = mpmath.mpmathify(number)
    except TypeError:
        raise DerivationError(
            f"no number comes out of {expression} at {show_point(point)}: {number}"
        ) from None
    if not mpmath.isfinite(value):
        raise DerivationError(f"{expression} is {value} at {show_point(point)}")
    return value


def _numeric_derivatives(expression, point, digits):
    if not expression.has(sp.Derivative, sp.Subs):
        return expression

    def at(derivative, values):
        (variable, order), *rest = derivative.variable_count
        if rest:
            raise DerivationError(f"mixed derivative without closed form: {derivative}")

        def function(t):
            precise = mpmath.mp.dps + 5  # mpmath raises it while it differentiates
            return evaluate(derivative.expr, {**values, variable: sp.Float(t, precise)}, precise)

        with mpmath.workdps(digits + 15):
            return sp.Float(mpmath.diff(function, mpmath.mpmathify(values[variable]), int(order)), digits)

    def subs_value(e):
        moved = dict(zip(e.variables, (p.xreplace(point) for p in e.point), strict=True))
        return at(e.expr, {**point, **moved}) if isinstance(e.expr, sp.Derivative) else e.doit()

    expression = expression.replace(lambda e: isinstance(e, sp.Subs), subs_value)
    return expression.replace(lambda e: isinstance(e, sp.Derivative), lambda e: at(e, point))


def is_zero(difference):
    """Whether expanding, or a short simplification, gives zero; False means only "not seen"."""
    if difference == 0:
        return True
    if difference.has(sp.Integral, sp.Sum, sp.Derivative, sp.Subs, sp.Limit):
        return False
    if sp.expand(difference) == 0:
        return True
    if difference.count_ops() > SHORT or difference.has(sp.Function) and difference.count_ops() > SHORT // 2:
        return False
    return sp.simplify(difference) == 0


def compare(left, right, sampler, points=5, digits=20):
    """Compare two expressions, or two matrices of one shape, that should be equal.

    Parameters
    ----------
    left, right : sympy expression or matrix
    sampler : Sampler
    points : int
        How many random points.
    digits : int
        How many digits must agree, at most 28; the numbers are computed with 30.

    Returns
    -------
    Comparison
    """
    left, right = leaves(left), leaves(right)
    if len(left) != len(right):
        return Comparison(False, "shape", f"{len(left)} elements against {len(right)}")
    if (
        not sampler.where
        and not sampler.ranges
        and all(is_zero(a - b) for a, b in zip(left, right, strict=True))
    ):
        return Comparison(True, "exact")
    both = [differentiated(e) for e in concrete(left + right, sampler)]
    symbols = {s for e in both for s in e.free_symbols}
    for _ in range(points if symbols else 1):
        point = sampler.point(symbols)
        for a, b in zip(both[: len(left)], both[len(left) :], strict=True):
            found = _differ(a, b, point, digits)
            if found:
                return Comparison(False, "numbers", f"at {show_point(point)}: {found}")
    return Comparison(True, f"{digits} digits")


def _differ(a, b, point, digits):
    if a == b:
        return ""
    one, two = evaluate(a, point), evaluate(b, point)
    scale = max(abs(one), abs(two))
    if abs(one - two) <= mpmath.mpf(10) ** (-digits) * max(scale, FLOOR):
        return ""
    return f"{mpmath.nstr(one, 6)} against {mpmath.nstr(two, 6)}"


def show_point(point):
    """Return a point in words."""
    return ", ".join(f"{name} = {show_number(value)}" for name, value in point.items()) or "once"


def show_number(value):
    if getattr(value, "is_Integer", False):
        return str(value)
    value = complex(value)
    return f"{value.real:g}" if value.imag == 0 else f"{value:g}"
