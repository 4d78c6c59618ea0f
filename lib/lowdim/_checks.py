"""Argument checks shared by the solvers: one sentence form for every refusal.

Each function returns the checked value, or raises `ValueError` reading
``name: expected ..., got ...``.
"""

import math
import operator
import reprlib

import numpy as np

__all__ = [
    "array_of_shape",
    "boolean",
    "broadcast",
    "choice",
    "complex_array",
    "complex_number",
    "callback",
    "having",
    "instance",
    "instances",
    "namespace",
    "integer_array",
    "integer_in",
    "non_negative",
    "non_negative_array",
    "positive",
    "positive_array",
    "random_generator",
    "real",
    "real_in",
    "words",
]

LARGEST = 2**31 - 1
"""No count is larger: neither memory nor time would suffice."""

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 120
_short.maxlist = _short.maxtuple = _short.maxset = _short.maxdict = 12


def refuse(name, expected, got):
    """Raise the `ValueError` that all checks share."""
    raise ValueError(f"{name}: expected {expected}, got {_shown(got)}")


def _shown(got):
    if isinstance(got, float | np.ndarray | np.generic):
        text = repr(got)
        return text if len(text) <= 300 else f"an array of shape {np.shape(got)}"
    try:
        return _short.repr(got)
    except Exception:  # an integer of more than 4300 digits cannot be written
        return f"a {type(got).__name__}"


def real(name, value):
    """Return `value` as a float if it is a finite real number."""
    return _real(name, value, "a finite number", lambda x: True)


def real_in(name, value, low, high):
    """Return `value` as a float if it is a number with low <= value <= high."""
    return _real(name, value, f"a number in {low:g}..{high:g}", lambda x: low <= x <= high)


def positive(name, value):
    """Return `value` as a float if it is finite and > 0."""
    return _real(name, value, "a finite number > 0", lambda x: x > 0)


def non_negative(name, value):
    """Return `value` as a float if it is finite and >= 0."""
    return _real(name, value, "a finite number >= 0", lambda x: x >= 0)


def _real(name, value, expected, accept):
    try:
        # float() would read text, drop imaginary parts and unpack arrays of one number
        plain = type(value) in (float, int) or (np.ndim(value) == 0 and not np.iscomplexobj(value))
        number = float(value) if plain and not isinstance(value, str | bytes) else math.nan
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
    if number > LARGEST:
        refuse(name, f"an integer in {low}..{LARGEST}", value)
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


def integer_array(name, value, shape, low=None, high=None):
    """Return `value` as an int array of the given shape, all of it from `low` to `high` where given."""
    array = array_of_shape(name, value, shape)
    low, high = -LARGEST if low is None else low, LARGEST if high is None else high
    if np.any(array != np.rint(array)) or np.any(array < low) or np.any(array > high):
        refuse(name, f"integers in {low}..{high}", value)
    return array.astype(int)


def complex_array(name, value, shape):
    """Return `value` as a finite complex array of the given shape; see `array_of_shape`."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufcO":
            raise TypeError
        array = array.astype(complex)
    except (OverflowError, TypeError, ValueError):
        refuse(name, "an array of numbers", value)
    array_of_shape(name, array.real, shape)
    array_of_shape(name, array.imag, None)
    return array


def complex_number(name, value):
    """Return `value` as a complex number if it is a finite number."""
    try:
        number = math.nan if isinstance(value, str | bytes) else complex(value)
    except (OverflowError, TypeError, ValueError):
        refuse(name, "a finite number", value)
    if not (math.isfinite(number.real) and math.isfinite(number.imag)):
        refuse(name, "a finite number", value)
    return number


def boolean(name, value):
    """Return `value` as a bool if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        refuse(name, "True or False", value)
    return bool(value)


def choice(name, value, options):
    """Return `value` if it is one of the options."""
    options = tuple(options)
    if not any(type(value) is type(option) and value == option for option in options):
        refuse(name, " or ".join(map(repr, options)), value)
    return value


def words(name, value):
    """Return `value` if it is text."""
    if not isinstance(value, str):
        refuse(name, "text", value)
    return value


def callback(name, value):
    """Return `value` if it can be called."""
    if not callable(value):
        refuse(name, "a function", value)
    return value


def instance(name, value, *types):
    """Return `value` if it is an instance of one of the types."""
    if not isinstance(value, types):
        kinds = " or ".join(f"{'an' if t.__name__[0] in 'AEIOUaeio' else 'a'} {t.__name__}" for t in types)
        refuse(name, kinds, value)
    return value


def instances(name, value, *types):
    """Return a sequence as a tuple if all that it holds are instances of one of the types."""
    try:
        items = None if isinstance(value, str | bytes) else tuple(value)
    except TypeError:
        items = None
    if items is None or not all(isinstance(item, types) for item in items):
        refuse(name, f"a sequence of {' or '.join(t.__name__ for t in types)}", value)
    return items


def random_generator(name, value):
    """Return the random generator given, or one made from a seed: integers >= 0."""
    if isinstance(value, np.random.Generator):
        return value
    try:
        if value is None or isinstance(value, str | bytes | bool):
            raise TypeError
        return np.random.default_rng(value)
    except (TypeError, ValueError):
        refuse(name, "a seed (integers >= 0) or a Generator", value)


def namespace(name, value):
    """Return `value` if it is an array module with Fourier transforms, like numpy."""
    if not (hasattr(value, "asarray") and hasattr(value, "fft")):
        refuse(name, "an array module with an fft, like numpy", value)
    return value


def broadcast(**arrays):
    """Return arrays, given by name, broadcast to one shape."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        *others, name = arrays
        shapes = ", ".join(f"{other} {np.shape(arrays[other])}" for other in others)
        refuse(name, f"a shape that broadcasts with {shapes}", np.shape(arrays[name]))


def having(name, value, *methods):
    """Return `value` if it has all these methods."""
    if isinstance(value, type) or not all(callable(getattr(value, method, None)) for method in methods):
        refuse(name, f"an object with {', '.join(methods)}", value)
    return value
