"""Plain text with ``$...$`` around mathematics, as HTML and as plain text; numbers in few digits."""

import re
from html import escape

__all__ = ["few_digits", "inline_math", "plain_units"]

MATH = re.compile(r"\$([^$]+)\$")
UNITS = {"ueV": "µeV", "um": "µm", "angstrom": "Å", "percent": "%"}


def inline_math(text):
    r"""Return text as HTML: escaped, mathematics between ``\(`` and ``\)``.

    Examples
    --------
    >>> inline_math("small $x$ & so on")
    'small \\(x\\) &amp; so on'
    """
    parts = MATH.split(text)
    marked = [rf"\({part}\)" if i % 2 else part for i, part in enumerate(parts)]
    return escape("".join(marked), quote=False)


def few_digits(number, digits):
    """Return a number in so many significant digits; below a million as ``110``, not ``1.1e+02``.

    Examples
    --------
    >>> few_digits(113.0, 2), few_digits(48079.3, 3), few_digits(0.0312, 2), few_digits(1.3e8, 2)
    ('110', '48100', '0.031', '1.3e+08')
    """
    text = f"{number:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(float(text)) < 1e6 else text


def plain_units(unit):
    """Return a unit of the inventory as it is printed: ``µeV`` for ``ueV``.

    Examples
    --------
    >>> plain_units("ueV"), plain_units(None)
    ('µeV', '')
    """
    return UNITS.get(unit, unit or "")
