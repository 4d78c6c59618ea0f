"""Lines of a chain, and how what stands in them is read."""

from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanAtom

from lowdim._checks import refuse, words
from lowdim.derivation.equality import DerivationError

__all__ = ["Formula", "Row"]


@dataclass(frozen=True)
class Row:
    """One line of a chain: both sides, how they are related, why, and how that was checked.

    `checked` is None for what is put in by hand: definitions, starting points and conditions.
    """

    left: object
    right: object
    relation: str
    because: str
    checked: str | None = None
    left_tex: str | None = None
    right_tex: str | None = None
    remark: str = ""

    def __post_init__(self):
        words("because", self.because)
        for name, tex in (("left_tex", self.left_tex), ("tex", self.right_tex)):
            if tex is not None:
                words(name, tex)


@dataclass(frozen=True)
class Formula:
    """The end of a chain: ``left = right``, typeset from the same objects that were checked."""

    left: object
    right: object
    latex: str


def sympified(value, name="expression"):
    if isinstance(value, sp.MatrixBase):
        return value
    try:
        found = None if value is None or isinstance(value, str) else sp.sympify(value)
    except sp.SympifyError:
        found = None
    if not isinstance(found, sp.Basic) or isinstance(found, BooleanAtom) or found is sp.nan:
        refuse(name, "an expression of sympy", value)
    return found


def replaced(expression, definitions):
    if isinstance(expression, sp.MatrixBase):
        return expression.applyfunc(lambda element: replaced(element, definitions))
    plain = {}
    for symbol, value in definitions.values():
        if isinstance(symbol, AppliedUndef):
            expression = expression.replace(symbol.func, sp.Lambda(symbol.args, value))
        else:
            plain[symbol] = value
    return expression.xreplace(plain)


def numbers(name, value):
    try:
        array = np.array(value, dtype=complex)
    except (OverflowError, TypeError, ValueError):
        refuse(name, "an array of numbers, or a list of arrays of one shape", value)
    if not array.size or not np.isfinite(array).all():
        raise DerivationError("a representation must hold at least one number, all of them finite")
    return array
