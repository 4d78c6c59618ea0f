"""Special functions that sympy lacks and mpmath has."""

import mpmath
import sympy as sp

from lowdim._checks import callback, integer_in, refuse, words

__all__ = ["special_function"]


def special_function(name, arguments, latex=None, derivative=None):
    """Return a sympy function that is evaluated by mpmath's function of the same name.

    Parameters
    ----------
    name : str
        A function of mpmath, for example ``struveh``.
    arguments : int
        How many arguments it takes.
    latex : str, optional
        How it is typeset: ``{0}``, ``{1}``, ... stand for the arguments. ``name(...)`` if not given.
    derivative : callable, optional
        From the arguments to the derivative by the last of them. Numerical differentiation if not given.

    Raises
    ------
    ValueError
        If mpmath has no such function, or `arguments` is not a positive integer.

    Examples
    --------
    >>> struve = special_function("struveh", 2, r"\\mathbf{{H}}_{{{0}}}\\left({1}\\right)")
    >>> sp.N(struve(0, 1), 10)
    0.5686566270
    >>> sp.latex(struve(0, sp.Symbol("x")))
    '\\\\mathbf{H}_{0}\\\\left(x\\\\right)'
    """
    if not isinstance(name, str) or not callable(getattr(mpmath, name, None)):
        refuse("name", "a function of mpmath", name)
    arguments = integer_in("arguments", arguments, 1)
    if latex is not None:
        words("latex", latex)
    if derivative is not None:
        callback("derivative", derivative)

    def fdiff(self, argindex=1):
        if derivative is None or argindex != arguments:
            raise sp.core.function.ArgumentIndexError(self, argindex)
        return derivative(*self.args)

    def typeset(self, printer, exp=None):
        shown = [printer._print(argument) for argument in self.args]
        text = latex.format(*shown) if latex else rf"\operatorname{{{name}}}\left({', '.join(shown)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    body = {"nargs": arguments, "fdiff": fdiff, "_latex": typeset}
    return type(name, (sp.Function,), body)
