"""Formulas at sample points: what is shown is what is evaluated."""

import itertools

import numpy as np

from lowdim._checks import instance, refuse
from lowdim.ledger.values import LedgerError

__all__ = ["expression_latex", "points_of", "point_labels", "values_at"]

DIGITS = 20


def points_of(at):
    """Return sample points as a list of dicts: ``{x: [1, 2], y: 3}`` is two points, of one y.

    Raises
    ------
    LedgerError
        If lists of different lengths are given, or no point at all.
    ValueError
        If `at` is no dict.
    """
    if isinstance(at, list | tuple):
        points = [dict(instance("at", point, dict)) for point in at]
    else:
        instance("at", at, dict)
        lengths = {len(values) for values in at.values() if np.ndim(values)}
        if len(lengths) > 1:
            raise LedgerError(f"at: expected lists of one length, got {sorted(lengths)}")
        count = lengths.pop() if lengths else 1
        points = [{name: v[i] if np.ndim(v) else v for name, v in at.items()} for i in range(count)]
    if not points:
        raise LedgerError("at: expected at least one point")
    return points


def point_labels(points):
    """Return a label for each point: ``$x$ = 0.5``; what is the same at all points is left out."""
    import sympy as sp

    varying = [k for k in points[0] if len(points) == 1 or len({str(point[k]) for point in points}) > 1]
    return [
        ", ".join(f"${sp.latex(sp.sympify(k))}$ = {float(point[k]):g}" for k in varying) for point in points
    ]


def values_at(name, formula, points):
    """Return the numbers of a formula at the points.

    Parameters
    ----------
    name : str
        For errors.
    formula : expression, Derivation, callable or numbers
        A sympy expression (or relation of which the right side counts), the end of a derivation with its
        definitions unfolded, a function of the points' values in their order, or the numbers themselves.
    points : list of dict or None

    Raises
    ------
    LedgerError
        If an expression comes without points, or has symbols that the points do not give.
    """
    formula = getattr(formula, "expression", formula)
    if callable(formula) and not hasattr(formula, "free_symbols"):
        if points is None:
            raise LedgerError(f"{name}: a function needs at= (the points)")
        return [_real(name, formula(*map(float, point.values()))) for point in points]
    if not hasattr(formula, "free_symbols"):
        return formula
    from lowdim.derivation.equality import differentiated, evaluate

    expression = differentiated(getattr(formula, "rhs", formula))
    points = [{}] if points is None else points
    missing = sorted(map(str, expression.free_symbols - set(points[0])))
    if missing:
        raise LedgerError(f"{name}: no value for {', '.join(missing)} in at=")
    import sympy as sp

    exact = [{key: sp.sympify(value) for key, value in point.items()} for point in points]
    return [_real(name, complex(evaluate(expression, point, DIGITS))) for point in exact]


def _real(name, value):
    value = complex(value)
    if abs(value.imag) > 1e-12 * max(abs(value.real), 1e-300):
        raise LedgerError(f"{name}: expected real numbers, got {value:.6g}")
    return value.real


def expression_latex(formula):
    """Return the LaTeX of an expression or of the end of a derivation; None for numbers and functions."""
    if isinstance(formula, str):
        return formula
    result = getattr(formula, "result", None)
    if result is not None:
        return result.latex
    if hasattr(formula, "free_symbols"):
        from lowdim.derivation.typeset import latex

        return latex(formula)
    return None


def flat_labels(rows):
    """Return nested row labels as one list, or None."""
    if rows is None:
        return None
    if isinstance(rows, str):
        return [rows]
    if not np.iterable(rows):
        refuse("rows", "a text for each number, nested as they are", rows)
    return list(itertools.chain.from_iterable(flat_labels(row) for row in rows))
