"""Numbers and nested lists of numbers: reading, comparing, rounding, showing.

A value is a float or a (possibly ragged) nested list of floats, because the tables of the papers are ragged.
A `Measure` says what "agrees" means:

- absolute: ``|computed - target| <= tolerance``
- relative: ``|computed - target| <= tolerance |target|``, tolerance below 1 (a larger one would accept zero)
- factor: ``max(computed/target, target/computed) <= tolerance``, same sign, tolerance above 1
"""

import math
from dataclasses import dataclass

import numpy as np

from lowdim._checks import integer_in, real, words
from lowdim._markup import few_digits

__all__ = ["LedgerError", "Measure", "as_value", "flatten", "rounded", "show"]


class LedgerError(AssertionError):
    """A claim does not have the verdict stated for it, or the statement is incomplete."""


def as_value(name, given):
    """Return `given` as a float or a nested list of floats, all finite.

    Parameters
    ----------
    name : str
        For the refusal.
    given : float, nested list or array_like
        Lists may be ragged.

    Raises
    ------
    LedgerError
        If something in it is not a real, finite number.

    Examples
    --------
    >>> as_value("computed", np.array([1, 2.5]))
    [1.0, 2.5]
    """
    words("name", name)
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if isinstance(given, list | tuple):
        if not given:
            raise LedgerError(f"{name}: expected at least one number, got an empty list")
        return [as_value(name, item) for item in given]
    if isinstance(given, str | complex | np.complexfloating) or given is None:
        hint = " (pass real and imaginary parts)" if isinstance(given, complex | np.complexfloating) else ""
        raise LedgerError(f"{name}: expected real numbers{hint}, got {given!r}")
    try:
        number = float(given)
    except OverflowError:
        raise LedgerError(f"{name}: expected real numbers, got an integer too large for one") from None
    except (TypeError, ValueError):
        raise LedgerError(f"{name}: expected real numbers, got {given!r}") from None
    if not math.isfinite(number):
        raise LedgerError(f"{name}: expected finite numbers, got {number}")
    return number


def flatten(value):
    """Return the numbers of `value` as a flat array."""
    return np.array(list(_leaves(value)), dtype=float)


def _leaves(value):
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def same_shape(one, two):
    """Whether two values are nested in the same way."""
    if isinstance(one, list) != isinstance(two, list):
        return False
    if not isinstance(one, list):
        return True
    return len(one) == len(two) and all(same_shape(a, b) for a, b in zip(one, two, strict=True))


def shape_text(value):
    """Return the shape of `value` in words."""
    if not isinstance(value, list):
        return "one number"
    inner = {shape_text(item) for item in value}
    if inner == {"one number"}:
        return f"({len(value)},)"
    if len(inner) == 1 and (shape := inner.pop()).startswith("("):
        return f"({len(value)}, {shape[1:].rstrip(',)')})"
    return f"ragged list of {len(value)}"


def rebuild(template, numbers):
    """Return the flat `numbers` nested as `template` is."""
    numbers = iter(numbers)

    def build(item):
        return [build(child) for child in item] if isinstance(item, list) else next(numbers)

    return build(template)


@dataclass(frozen=True)
class Comparison:
    """Elementwise deviations of one value from another, and what is allowed."""

    left: np.ndarray
    right: np.ndarray
    deviation: np.ndarray
    allowed: np.ndarray

    @property
    def outside(self):
        return ~(self.deviation <= self.allowed)

    @property
    def agrees(self):
        return not self.outside.any()

    @property
    def worst(self):
        """Index of the element farthest outside (or nearest to) its tolerance."""
        excess = self.deviation - self.allowed
        scale = np.where(self.allowed > 0, self.allowed, 1.0)
        return int(np.argmax(np.where(np.isfinite(excess), excess / scale, np.inf)))

    def sentence(self, left, right):
        """Describe the worst element: ``element 3: computed 0.31, published 0.29, ...``."""
        i = self.worst
        where = f"element {i} of {len(self.left)}: " if len(self.left) > 1 else ""
        count = f"; {self.outside.sum()} of {len(self.left)} outside" if len(self.left) > 1 else ""
        return (
            f"{where}{left} {self.left[i]:.6g}, {right} {self.right[i]:.6g}, "
            f"deviation {few_digits(self.deviation[i], 3)}, tolerance {few_digits(self.allowed[i], 3)}{count}"
        )


@dataclass(frozen=True)
class Measure:
    """A tolerance and what it is a tolerance of."""

    kind: str
    tolerance: float | list

    def with_tolerance(self, tolerance):
        """Return a measure of the same kind with another tolerance (the same one for None)."""
        if tolerance is None:
            return self
        return Measure(self.kind, as_value("tolerance", tolerance))

    def compare(self, left, right):
        """Compare `left` with `right`; the tolerance is scaled by `right`."""
        if not same_shape(left, right):
            raise LedgerError(f"shapes differ: got {shape_text(left)}, expected {shape_text(right)}")
        a, b = flatten(left), flatten(right)
        allowed = self._flat_tolerance(right, len(b))
        slack = 4 * np.finfo(float).eps
        if self.kind == "factor":
            if not b.all():
                raise LedgerError("a factor cannot be compared with zero: give an absolute tolerance")
            with np.errstate(divide="ignore"):
                ratio = a / b
                deviation = np.where(ratio > 0, np.maximum(ratio, 1 / ratio), np.inf)
            return Comparison(a, b, deviation, allowed * (1 + slack))
        deviation = np.abs(a - b)
        slack = slack * np.maximum(np.abs(a), np.abs(b))
        if self.kind == "relative":
            if not b.all():
                raise LedgerError("a relative tolerance means nothing at zero: give an absolute one")
            deviation, slack = deviation / np.abs(b), slack / np.abs(b)
        return Comparison(a, b, deviation, allowed + slack)

    def _flat_tolerance(self, like, size):
        if isinstance(self.tolerance, list) and not same_shape(self.tolerance, like):
            got = shape_text(self.tolerance)
            raise LedgerError(f"tolerance: expected one number or shape {shape_text(like)}, got {got}")
        allowed = np.broadcast_to(flatten(self.tolerance), (size,))
        if self.kind == "factor" and (allowed <= 1).any():
            raise LedgerError(f"tolerance: expected a factor > 1, got {allowed.min():g}")
        if (allowed < 0).any():
            raise LedgerError(f"tolerance: expected a number >= 0, got {allowed.min():g}")
        if self.kind == "relative" and (allowed >= 1).any():
            raise LedgerError(
                f"tolerance: a relative tolerance of {allowed.max():g} accepts zero; "
                "give one below 1, or factor=True for an order of magnitude"
            )
        return allowed

    def absolute(self, like):
        """Return the tolerance at each element of `like` in the unit of `like`."""
        numbers = flatten(like)
        allowed = self._flat_tolerance(like, len(numbers))
        if self.kind == "absolute":
            return allowed
        return np.abs(numbers) * (allowed if self.kind == "relative" else allowed - 1)


def round_number(number, resolution, digits=6):
    """Round to a power of ten at or below `resolution`, and to at most `digits` significant digits.

    Examples
    --------
    >>> round_number(0.8512345678, 5e-6), round_number(3e-9, 5e-6), round_number(123456789.0, 0)
    (0.851235, 0.0, 123457000.0)
    """
    if not math.isfinite(number):
        return None
    if number == 0 or abs(number) < resolution:
        return 0.0
    places = digits - 1 - math.floor(math.log10(abs(number)))
    if resolution > 0:
        places = min(places, math.ceil(-math.log10(resolution) - 1e-9))
    return round(number, places) + 0.0


def rounded(value, measure, like):
    """Round `value` for the record, so that it does not depend on the processor it was computed on.

    Resolution: a thousandth of the tolerance around `like`; noise far below the largest number is dropped.
    """
    numbers = flatten(value)
    floor = 1e-12 * np.abs(numbers).max()
    if same_shape(value, like):
        resolution = measure.absolute(like) / 1000
    else:
        resolution = np.zeros(len(numbers))
    kept = [
        round_number(x, r) if abs(x) > floor else 0.0
        for x, r in zip(numbers.tolist(), resolution.tolist(), strict=True)
    ]
    return rebuild(value, kept)


def show(value, most=12):
    """Return a value in few characters: ``0.85, 0.04, ... (40 numbers)``.

    Parameters
    ----------
    value : float, nested list, or None
    most : int
        A list of more numbers is not shown in full; >= 1.

    Examples
    --------
    >>> show([[0.37, 0.15], 0.28]), show(3.0), show(None)
    ('[0.37, 0.15], 0.28', '3', '')
    """
    most = integer_in("most", most, 1)
    if value is None:
        return ""
    if not isinstance(value, list | tuple):
        return f"{real('value', value):.6g}".replace("e-0", "e-").replace("e+0", "e")
    total = sum(1 for _ in _leaves(value))
    if total > most:
        first = [x for x, _ in zip(_leaves(value), range(3), strict=False)]
        return f"{', '.join(map(show, first))}, ..., {show(list(_leaves(value))[-1])} ({total} numbers)"
    return ", ".join(f"[{show(item)}]" if isinstance(item, list | tuple) else show(item) for item in value)
