"""Do two outputs say the same? Numbers are compared as numbers, everything else literally.

Two numbers with decimals or an exponent are the same when they differ by at most one unit of the last digit
printed; zero has no sign; what is written without decimals and exponent is a count and must be the same, as
must the words inf and nan, which are text. How wide a column is set is not compared: runs of spaces, and
of the dashes that rule a table, count as one.
"""

import json
import re
from decimal import Decimal

SIGN = r"[-+\u2212]?"
POWER = re.compile(
    r"(?<=\d)\s*(?:\\times|\\cdot|\u00d7|\u00b7)\s*10(?:\^\{?|<sup>)(" + SIGN + r"\d+)(?:\}|</sup>|(?!\d))"
)
NUMBER = re.compile(
    r"(?:(?<![\w.])|(?<=[\d.])(?=[-+\u2212]))"  # not inside a word; after a number only with a sign
    + SIGN
    + r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\.?\d)"  # not the beginning of 1.2.3
)
RULES = re.compile(r"([-=\u2500\u2550])\1{2,}")


def split(text):
    """The words and the numbers of a text, in two lists; there is one word more."""
    text = RULES.sub(r"\1\1\1", POWER.sub(r"e\1", text))
    text = re.sub(r"[ \t]+", " ", text)
    words = [re.sub(r" ?\n ?", "\n", word).strip(" ") for word in NUMBER.split(text)]
    return words, NUMBER.findall(text)


def is_count(number):
    return re.fullmatch(SIGN + r"\d+\.?", number) is not None


def same_number(one, other):
    """Whether two printed numbers are the same within one unit of the last digit, of the finer one's."""
    a, b = (Decimal(number.replace("\u2212", "-")) for number in (one, other))
    if is_count(one) and is_count(other):
        return a == b
    unit = Decimal(1).scaleb(min(a.as_tuple().exponent, b.as_tuple().exponent))
    return abs(a - b) <= unit


def same_text(one, other):
    """Whether two texts have the same words and the same numbers."""
    if one == other:
        return True
    (words, numbers), (other_words, other_numbers) = split(one), split(other)
    return words == other_words and all(map(same_number, numbers, other_numbers))


def same_value(one, other):
    """Whether two values made of dicts, lists, texts and numbers are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return same_text(one, other)
    if isinstance(one, float) and isinstance(other, float):
        return same_text(repr(one), repr(other))
    return type(one) is type(other) and one == other


def readable(value):
    """A text that shows a value, for the report of a difference."""
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
