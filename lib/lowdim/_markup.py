"""Plain text with ``$...$`` around mathematics, as HTML and as plain text."""

import re
from html import escape

__all__ = ["inline_math", "plain_units"]

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


def plain_units(unit):
    """Return a unit of the inventory as it is printed: ``µeV`` for ``ueV``.

    Examples
    --------
    >>> plain_units("ueV"), plain_units(None)
    ('µeV', '')
    """
    return UNITS.get(unit, unit or "")
