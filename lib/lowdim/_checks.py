"""Argument checks shared by the solvers: one sentence form for every refusal.

Each function returns the checked value, or raises `ValueError` reading
``name: expected ..., got ...``.
"""

import math
import operator

import numpy as np

__all__ = ["array_of_shape", "integer_in", "non_negative", "non_negative_array", "positive", "positive_array"]


def refuse(name, expected, got):
    """Raise the `ValueError` that all checks share."""
    raise ValueError(f"{name}: expected {expected}, got {got!r}")


def positive(name, value):
    """Return `value` as a float if it is finite and > 0."""
    return _real(name, value, "a finite number > 0", lambda x: x > 0)


def non_negative(name, value):
    """Return `value` as a float if it is finite and >= 0."""
    return _real(name, value, "a finite number >= 0", lambda x: x >= 0)


def _real(name, value, expected, accept):
    try:
        # float() would read text
        number = math.nan if isinstance(value, str | bytes) else float(value)
    except (OverflowError, TypeError, ValueError):
        refuse(name, expected, value)
    if not (math.isfinite(number) and accept(number)):
        refuse(name, expected, value)
    return number


def integer_in(name, value, low, high=None):
    """Return `value` as an int if it is an integer with low <= value (<= high)."""
    expected = f"an integer >= {low}" if high is None else f"an integer in {low}..{high}"
    try:
        number = operator.index(value)
    except TypeError:
        refuse(name, expected, value)
    if number < low or (high is not None and number > high):
        refuse(name, expected, value)
    return number


def array_of_shape(name, value, shape):
    """Return `value` as a finite float array of the given shape.

    None matches any length, or any shape if it stands in place of the shape.
    """
    try:
        array = np.asarray(value)
        # an unsafe cast reads text and drops imaginary parts
        array = array.astype(float, casting="unsafe" if array.dtype.kind == "O" else "same_kind")
    except (OverflowError, TypeError, ValueError):
        refuse(name, "an array of real numbers", value)
    matches = shape is None or (
        array.ndim == len(shape)
        and all(want is None or have == want for have, want in zip(array.shape, shape, strict=True))
    )
    if not matches:
        wanted = str(tuple("any" if n is None else n for n in shape)).replace("'", "")
        raise ValueError(f"{name}: expected shape {wanted}, got {array.shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name}: expected finite numbers, got nan or inf")
    return array


def positive_array(name, value):
    """Return `value` as a float array of any shape with every element finite and > 0."""
    return _every(name, value, "numbers > 0", np.greater)


def non_negative_array(name, value):
    """Return `value` as a float array of any shape with every element finite and >= 0."""
    return _every(name, value, "numbers >= 0", np.greater_equal)


def _every(name, value, expected, relation):
    array = array_of_shape(name, value, None)
    if not np.all(relation(array, 0)):
        refuse(name, expected, float(array.min()))
    return array
