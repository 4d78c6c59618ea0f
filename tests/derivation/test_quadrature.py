"""Integrals and sums as numbers: against closed forms and sympy's own way; what is not reached stays."""

import mpmath
import pytest
import sympy as sp

from lowdim.derivation import special_function
from lowdim.derivation.quadrature import numeric_integrals

x, y, n = sp.symbols("x y n", real=True)
struve = special_function("struveh", 2)
RIGHT = [
    (sp.Integral(sp.exp(-(x**2)) * sp.cos(3 * x), (x, -sp.oo, sp.oo)), sp.sqrt(sp.pi) * sp.exp(-sp.S(9) / 4)),
    (sp.Integral(sp.besselj(0, 2 * x) * sp.exp(-(x**2)), (x, 0, sp.oo)),
     sp.sqrt(sp.pi) / 2 * sp.exp(-sp.S.Half) * sp.besseli(0, sp.S.Half)),
    (sp.Integral(sp.sqrt(x), (x, 0, sp.pi)), 2 * sp.pi ** sp.Rational(3, 2) / 3),
    (sp.Integral(sp.exp(sp.I * x), (x, 0, 1)), (sp.exp(sp.I) - 1) / sp.I),
    (sp.Integral(struve(0, x), (x, 0, 1)), None),
    (sp.Integral(1 / x, (x, 1, 2)), sp.log(2)),  # 0 is no place to halve it
    (sp.Sum(1 / (1 + (sp.pi * n) ** 2), (n, 1, sp.oo)), (sp.coth(1) - 1) / 2),
    (sp.Sum(2 ** (-n), (n, 0, sp.oo)), sp.Integer(2)),
]  # fmt: skip


@pytest.mark.parametrize(("part", "closed"), RIGHT, ids=lambda value: str(value)[:30])
def test_the_number_is_right(part, closed):
    found = numeric_integrals(part, 30)
    assert found.is_number and not found.has(sp.Integral, sp.Sum)
    if closed is None:
        with mpmath.workdps(40):
            closed = sp.sympify(mpmath.quad(lambda t: mpmath.struveh(0, t), [0, 0.5, 1]))
    assert abs(sp.N(found - closed, 30)) < sp.Float("1e-29") * abs(sp.N(closed, 30))


STAYS = [
    sp.Integral(y * x, (x, 0, 1)),
    sp.Integral(x, (x, 0, y)),
    sp.Integral(x * y, (x, 0, 1), (y, 0, 1)),
    sp.Integral(x),
    sp.Integral(1 / x, (x, 0, 1)),
    sp.Integral(sp.sin(x) / x, (x, 0, sp.oo)),
    sp.Integral(sp.sign(x - sp.Rational(1, 3)), (x, 0, 1)),
    sp.Integral(sp.Function("f")(x), (x, 0, 1)),
    sp.Sum(1 / n, (n, 1, sp.oo)),
    sp.Sum(n, (n, 1, 5)),
]


@pytest.mark.parametrize("part", STAYS, ids=str)
def test_what_is_not_reached_stays(part):
    assert numeric_integrals(1 + part, 30) == 1 + part


def test_sympy_finds_the_same():
    part = sp.Integral(sp.exp(-x) / (1 + x), (x, 0, 2))
    assert abs(numeric_integrals(part, 20) - part.evalf(20)) < 1e-19
