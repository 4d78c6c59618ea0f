"""The chain of steps: what each kind of step states, and how it is checked."""

from dataclasses import dataclass, field

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from lowdim._checks import boolean, choice, instance, integer_in, positive, real, words
from lowdim.derivation import typeset
from lowdim.derivation.approximation import compare_approximation
from lowdim.derivation.equality import (
    Comparison,
    DerivationError,
    Sampler,
    compare,
    concrete,
    differentiated,
    evaluate,
    leaves,
)
from lowdim.derivation.rows import Formula, Row, numbers, replaced, sympified

__all__ = ["Derivation"]


@dataclass
class Derivation:
    """A chain of equations, each of which is checked against the one before.

    Parameters
    ----------
    name : str
        What is derived; errors begin with it.
    ranges : dict, optional
        From symbols to (low, high): where the chain holds, and where it is checked.
    where : list of relations, optional
        Conditions that hold throughout, for example ``[x > y]``.
    after : Derivation, optional
        A chain to go on from: its definitions, conditions and last expression are taken over.

    Attributes
    ----------
    rows : list of Row
    result : Formula
        The last row.

    Raises
    ------
    DerivationError
        From the method that adds a step, if the step is wrong or cannot fail.

    Examples
    --------
    >>> n, N = sp.symbols("n N", integer=True, positive=True)
    >>> total = Derivation("sum of the first numbers")
    >>> _ = total.start(sp.Sum(n, (n, 1, N)))
    >>> total.step(N * (N + 1) / 2, "Gauss")
    sum of the first numbers
      1.  Sum(n, (n, 1, N))
      2.  = N*(N + 1)/2    [Gauss]
    1 of 1 steps refused when their sign is turned
    >>> total.result.latex
    '\\\\frac{N \\\\left(N + 1\\\\right)}{2}'
    >>> f, x, y = sp.Function("f"), *sp.symbols("x y", positive=True)
    >>> root = Derivation("root").define(f(x), x**2)
    >>> root.impose(f(x), y, "given").solve(x, sp.sqrt(y)).identity(x**2, y, "square")
    root
      1.  f(x) := x**2    [definition]
      2.  f(x) =! y    [given]
      3.  x = sqrt(y)    [solve]
      4.  x**2 = y    [square]
    2 of 2 steps refused when their sign is turned
    """

    name: str
    ranges: dict = field(default_factory=dict)
    where: list = field(default_factory=list)
    after: "Derivation | None" = None
    rows: list = field(default_factory=list, init=False)

    def __post_init__(self):
        words("name", self.name)
        instance("ranges", self.ranges, dict)
        instance("where", self.where, list, tuple)
        if self.after is not None:
            instance("after", self.after, Derivation)
        before = self.after
        self._definitions = dict(before._definitions) if before else {}
        self._conditions = list(before._conditions) if before else []
        self._left = before._left if before else None
        self._current = before._current if before else None
        self._first = before._first + len(before.rows) if before else 1
        self._refused = 0
        if before:
            self.ranges = {**before.ranges, **self.ranges}
            self.where = [*before.where, *self.where]

    # ---- what is put in -------------------------------------------------------------------------------

    def define(self, symbol, expression, because="definition", *, tex=None):
        """Define a symbol or a function, for example ``define(f(x), x**2)``; later steps unfold it."""
        symbol, expression = sympified(symbol, "symbol"), sympified(expression)
        if not isinstance(symbol, sp.Symbol | AppliedUndef | sp.Indexed | sp.MatrixSymbol):
            self._fail(because, f"a symbol or function can be defined, not {symbol}")
        if self._key(symbol) in self._definitions:
            self._fail(because, f"{symbol} is defined already")
        if isinstance(symbol, AppliedUndef):
            unknown = [a for a in symbol.args if not a.is_Symbol]
            if unknown:
                self._fail(because, f"a function is defined of symbols, not of {unknown[0]}")
        self._definitions[self._key(symbol)] = (symbol, expression)
        return self._add(Row(symbol, expression, r"\equiv", because, right_tex=tex))

    def start(self, expression, because="", *, name=None, tex=None):
        """Begin with an expression, called `name` (a symbol) if given; `step` goes on from it."""
        if name is not None:
            name = sympified(name, "name")
        self._left, self._current = name, sympified(expression)
        if name is None:
            return self._add(Row(None, self._current, "", because, right_tex=tex))
        if isinstance(name, sp.Symbol | AppliedUndef):
            return self.define(name, expression, because, tex=tex)
        return self._add(Row(name, self._current, "=", because, right_tex=tex))

    def impose(self, left, right, because, *, tex=None):
        """Demand an equation; `solve` may then use it."""
        left, right = sympified(left, "left"), sympified(right, "right")
        self._conditions = [(left, right)]
        return self._add(Row(left, right, r"\overset{!}{=}", because, right_tex=tex))

    # ---- exact steps ----------------------------------------------------------------------------------

    def step(self, right, because, *, digits=20, tex=None):
        """Go on: the new right-hand side must equal the present one."""
        if self._current is None:
            self._fail(because, "there is nothing to go on from: call start first")
        right = sympified(right, "right")
        checked = self._equal(self._current, right, because, digits)
        self._current = right
        return self._add(Row(None, right, "=", because, checked, right_tex=tex))

    def identity(self, left, right, because, *, digits=20, left_tex=None, tex=None):
        """State an equation that must hold identically; `step` goes on from its right-hand side."""
        left, right = sympified(left, "left"), sympified(right, "right")
        checked = self._equal(left, right, because, digits)
        self._left, self._current = left, right
        return self._add(Row(left, right, "=", because, checked, left_tex, tex))

    def solve(self, symbol, right, because="solve", *, digits=20, tex=None):
        """Solve the condition imposed last for a symbol or function; the solution becomes its definition."""
        if not self._conditions:
            self._fail(because, "no condition was imposed")
        digits = integer_in("digits", digits, 1, 1000)
        symbol, right = sympified(symbol, "symbol"), sympified(right, "right")
        one, two = self._conditions[-1]

        def check(candidate):
            sides = [replaced(side, {self._key(symbol): (symbol, candidate)}) for side in (one, two)]
            if not self._admissible(symbol, candidate):
                return Comparison(
                    False, "assumption", f"{candidate} is no value of a symbol assumed positive"
                )
            return self._compare(*sides, digits)

        checked = self._judge(check, right, because, left=symbol)
        self._definitions[self._key(symbol)] = (symbol, right)
        self._left, self._current = symbol, right
        return self._add(Row(symbol, right, "=", because, checked, right_tex=tex))

    def symmetry(self, exchange, because, *, sign=1, expression=None, digits=20):
        """State that the present expression keeps (or, with ``sign=-1``, turns) its value under `exchange`.

        `exchange` maps symbols to what stands in their place; all are replaced at once.

        Examples
        --------
        >>> x, y = sp.symbols("x y", positive=True)
        >>> chain = Derivation("difference").start(x - y)
        >>> chain.symmetry({x: y, y: x}, "exchange", sign=-1)
        difference
          1.  x - y
          2.  \\left.x - y\\right|_{x \\to y,\\;y \\to x} = -x + y    [exchange]
        1 of 1 steps refused when their sign is turned
        """
        instance("exchange", exchange, dict)
        choice("sign", sign, (1, -1))
        expression = self._current if expression is None else sympified(expression)
        moved = expression.subs(exchange, simultaneous=True)
        checked = self._equal(moved, sign * expression, because, digits)
        arrows = r",\;".join(rf"{sp.latex(a)} \to {sp.latex(b)}" for a, b in exchange.items())
        return self._add(
            Row(moved, sign * expression, "=", because, checked,
                rf"\left.{typeset.latex(expression)}\right|_{{{arrows}}}")
        )  # fmt: skip

    def represent(self, left_tex, right_tex, left, right, because, *, tolerance=1e-10):
        """State an operator identity by matrices or numbers that represent both sides.

        Parameters
        ----------
        left_tex, right_tex : str
            Both sides as LaTeX.
        left, right : array or list of arrays
            What represents them: one pair, or a list of pairs of instances.
        tolerance : float
            Largest allowed difference, relative to the largest element.

        Examples
        --------
        >>> c = np.array([[0, 1], [0, 0]])
        >>> fermion = Derivation("a fermion")
        >>> fermion.represent("cc^++c^+c", "1", c @ c.T + c.T @ c, np.eye(2), "one orbital")
        a fermion
          1.  cc^++c^+c = 1    [one orbital]
        1 of 1 steps refused when their sign is turned
        """
        words("left_tex", left_tex)
        words("right_tex", right_tex)
        left, right = numbers("left", left), numbers("right", right)
        tolerance = positive("tolerance", tolerance)
        if left.shape != right.shape:
            self._fail(because, f"the representations have shapes {left.shape} and {right.shape}")
        scale = max(np.abs(left).max(), np.abs(right).max(), 1e-300)

        def check(candidate):
            worst = np.abs(left - candidate).max() / scale
            return worst <= tolerance, f"the representations differ by {worst:.3g} of their largest element"

        found, where = check(right)
        if not found:
            self._fail(because, f"the sides differ.\n  left:  {left_tex}\n  right: {right_tex}\n  {where}")
        if check(-right)[0] and check(right + scale)[0]:
            self._fail(because, "the step cannot fail: its negative passes as well")
        self._refused += 1
        return self._add(
            Row(None, None, "=", because, f"{left.size} numbers", left_tex, right_tex)
        )  # fmt: skip

    # ---- approximations -------------------------------------------------------------------------------

    def approximate(
        self,
        right,
        because,
        *,
        small,
        order,
        at=0,
        start=None,
        full=None,
        relative=False,
        name=None,
        tex=None,
    ):
        """Go on with an approximation of the present expression, or state one of `full`.

        Parameters
        ----------
        right : expression
        because : str
            Should say in words what is small and what is left out.
        small : symbol
            The parameter that becomes small, or goes to `at`.
        order : number
            The error falls at least like this power of the parameter (of its inverse at infinity).
        at : number, optional
            Where the parameter goes: 0, another number, or ``sympy.oo``.
        start : float, optional
            Distance from `at` (or value, at infinity) at which the shrinking begins.
        full : expression, optional
            What is approximated, if not the present expression; `name` then is what stands on the left.
        relative : bool
            The error is counted relative to the full expression.

        Examples
        --------
        >>> x = sp.Symbol("x", positive=True)
        >>> chain = Derivation("sine").start(sp.sin(x))
        >>> chain.approximate(x, "small angle", small=x, order=3)
        sine
          1.  sin(x)
          2.  ~ x    [small angle]
        1 of 1 steps refused when their sign is turned
        """
        small, at = sympified(small, "small"), sympified(at, "at")
        real("order", order)
        boolean("relative", relative)
        if start is not None:
            positive("start", start)
        if name is not None:
            name = sympified(name, "name")
        if full is not None:
            self._left, self._current = name, sympified(full, "full")
        if self._current is None:
            self._fail(because, "there is nothing to approximate: call start first")
        whole, right = self._unfold(self._current), sympified(right, "right")
        sampler = self._sampler()

        def check(candidate):
            return compare_approximation(
                whole, self._unfold(candidate), sampler, small, at, order, start, relative
            )

        checked = self._judge(check, right, because, left=self._current)
        remark = typeset.order_remark(small, at, order, relative)
        left = None if full is None else (name if name is not None else self._current)
        self._current = right
        return self._add(Row(left, right, r"\simeq", because, checked, right_tex=tex, remark=remark))

    def limit(self, right, because, *, small, at=0, order=None, start=None, full=None, name=None, tex=None):
        """As `approximate`, for the leading term; the order of what is left out is 1 unless given.

        Examples
        --------
        >>> x = sp.Symbol("x", positive=True)
        >>> chain = Derivation("tangent").start(sp.tanh(x) + 1 / x)
        >>> chain.limit(1, "large x", small=x, at=sp.oo)
        tangent
          1.  tanh(x) + 1/x
          2.  ~ 1    [large x]
        1 of 1 steps refused when their sign is turned
        """
        return self.approximate(
            right, because, small=small, at=at, order=1 if order is None else order, start=start, full=full,
            relative=order is None, name=name, tex=tex,
        )  # fmt: skip

    # ---- the result -----------------------------------------------------------------------------------

    @property
    def result(self):
        """The last row as a `Formula`."""
        last = self.rows[-1]
        left = last.left if last.left is not None else self._left
        return Formula(left, last.right, typeset.equation(last, left))

    @property
    def expression(self):
        """The last right-hand side with every definition of the chain unfolded."""
        return self._unfold(self.rows[-1].right)

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        return typeset.plain(self)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": typeset.plain(self),
            "text/html": typeset.html(self),
            "text/latex": typeset.aligned(self),
        }

    # ---- inside ---------------------------------------------------------------------------------------

    @property
    def first(self):
        """The number of the first row."""
        return self._first

    @property
    def refused(self):
        """How many steps were refused when their sign was turned."""
        return self._refused

    def _add(self, row):
        self.rows.append(row)
        return self

    def _sampler(self):
        return Sampler(1996, self.ranges, self.where)

    def _key(self, symbol):
        return (symbol.func, len(symbol.args)) if isinstance(symbol, AppliedUndef) else symbol

    def _unfold(self, expression):
        for _ in range(30):
            unfolded = replaced(expression, self._definitions)
            if unfolded == expression:
                return unfolded
            expression = unfolded
        raise DerivationError(f"{self.name}: the definitions go round in circles")

    def _compare(self, left, right, digits):
        return compare(self._unfold(left), self._unfold(right), self._sampler(), digits=digits)

    def _admissible(self, symbol, candidate):
        """Whether a solution has the sign its symbol is assumed to have."""
        if not symbol.is_positive:
            return True
        found = differentiated(self._unfold(candidate))
        point = self._sampler().point(found.free_symbols)
        number = complex(evaluate(*concrete([found], self._sampler()), point))
        return number.real > 0 and abs(number.imag) <= 1e-12 * number.real

    def _equal(self, left, right, because, digits):
        digits = integer_in("digits", digits, 1, 1000)
        return self._judge(lambda r: self._compare(left, r, digits), right, because, left)

    def _judge(self, check, right, because, left):
        """Refuse a step that is wrong, and one whose right side may as well have the other sign."""
        found = check(right)
        if not found.agrees:
            self._fail(
                because,
                f"the sides differ.\n  left:  {left}\n  right: {right}\n  {found.where or found.method}",
            )
        zero = all(element == 0 for element in leaves(right))
        one = sp.ones(*right.shape) if isinstance(right, sp.MatrixBase) else sp.Integer(1)
        turned = right + one if zero else -right
        if check(turned).agrees:
            self._fail(because, "the step cannot fail: it passes with its sign turned as well")
        self._refused += 1
        return found.method

    def _fail(self, because, text):
        number = self._first + len(self.rows)
        reason = f" ({because})" if because else ""
        raise DerivationError(f"{self.name}, step {number}{reason}: {text}")
