"""Derivations whose every step is checked when it is written.

A `Derivation` is a chain of equations with a reason each. A step that does not follow is refused with a
`DerivationError`, which says which step, what both sides are, and where they differ.

>>> import sympy as sp
>>> from lowdim.derivation import Derivation
>>> x = sp.Symbol("x", positive=True)
>>> chain = Derivation("double angle")
>>> _ = chain.start(sp.sin(2 * x) / sp.sin(x))
>>> _ = chain.step(2 * sp.cos(x), "addition theorem")
>>> chain.step(3 * sp.cos(x), "a slip")
Traceback (most recent call last):
    ...
lowdim.derivation.equality.DerivationError: double angle, step 3 (a slip): the sides differ.
  left:  2*cos(x)
  right: 3*cos(x)
  at x = 1.6678: -0.193703 against -0.290555

How a step is checked:

- exact steps (`step`, `identity`, `solve`, `symmetry`): by sympy where expanding or a short simplification
  gives zero, otherwise with 30 digits at random points that obey the symbols' assumptions, the ranges and the
  conditions of the chain. Integrals, sums and derivatives are evaluated numerically, undefined functions are
  replaced by random smooth ones, matrices are compared element by element;
- approximations (`approximate`, `limit`): against the full expression at a shrinking parameter. The error
  must fall at least as fast as the order that is stated, and faster than the expression itself;
- representations (`represent`): operator identities, by matrices that represent both sides.

Whatever passes is checked once more with the sign of its right side turned (one is added where that is zero),
and must then be refused: a step that cannot fail is no step.
"""

from lowdim.derivation.chain import Derivation
from lowdim.derivation.equality import DerivationError
from lowdim.derivation.functions import special_function

__all__ = ["Derivation", "DerivationError", "special_function"]
