"""Sentences of a paper as inequalities: a number, a bound, and how far apart they are."""

from dataclasses import asdict, dataclass, fields, replace

from lowdim._checks import instance, words
from lowdim._markup import few_digits, plain_units
from lowdim.ledger.values import LedgerError, as_value, show

__all__ = ["Inequality"]

RELATIONS = {
    ">": lambda value, bound: value - bound,
    ">=": lambda value, bound: value - bound,
    "<": lambda value, bound: bound - value,
    "<=": lambda value, bound: bound - value,
    "==": lambda value, bound: -abs(value - bound),
}
SIGNS = {">=": "≥", "<=": "≤", "==": "="}


@dataclass(frozen=True)
class Inequality:
    """One number held against one bound.

    Parameters
    ----------
    quantity : str
        What the number is, in words (``$...$`` around mathematics).
    value : float
        What was computed.
    relation : {">", ">=", "<", "<=", "=="}
        What the sentence says; "==" is for counts and other whole numbers.
    bound : float
        What `value` is held against.
    unit : str
        Of `value`, `bound` and `error`.
    error : float, optional
        Uncertainty of `value`. What lies within it of the bound is undecided.
    why : str, optional
        Why this bound, where the paper does not print it: a reason that could have been given before the
        number was known.

    Raises
    ------
    ValueError
        If `unit` or `why` is no text.
    LedgerError
        If a number is not finite, the relation is unknown, or "==" is asked of what is no whole number.

    Examples
    --------
    >>> print(Inequality("gap at Q above gap at K", 22, ">", 0, unit="meV", error=8))
    gap at Q above gap at K: 22 ± 8 meV > 0, holds by 2.8 errors
    >>> print(Inequality("peaks of the density", 3, "==", 4))
    peaks of the density: 3 = 4, fails by 1
    """

    quantity: str
    value: float
    relation: str
    bound: float
    unit: str = ""
    error: float | None = None
    why: str = ""

    def __post_init__(self):
        if self.relation not in RELATIONS:
            raise LedgerError(f"relation: expected one of {', '.join(RELATIONS)}, got {self.relation!r}")
        if not isinstance(self.quantity, str) or not self.quantity.strip():
            raise LedgerError(f"quantity: expected words, got {self.quantity!r}")
        for name in ("unit", "why"):
            words(name, getattr(self, name))
        for name in ("value", "bound", "error"):
            if name != "error" or self.error is not None:
                number = as_value(f"{self.quantity}: {name}", getattr(self, name))
                if isinstance(number, list):
                    raise LedgerError(f"{self.quantity}: {name}: expected one number, got a list")
                object.__setattr__(self, name, number)
        if self.error is not None and self.error < 0:
            raise LedgerError(f"{self.quantity}: error: expected a number >= 0, got {self.error}")
        if self.relation == "==" and not (self.value.is_integer() and self.bound.is_integer()):
            raise LedgerError(f"{self.quantity}: '==' compares whole numbers, got {self.value}, {self.bound}")

    @property
    def margin(self):
        """By how much the inequality holds; negative where it fails."""
        return RELATIONS[self.relation](self.value, self.bound)

    @property
    def holds(self):
        return self.margin > 0 or (self.margin == 0 and "=" in self.relation)

    @property
    def decided(self):
        """Whether the margin is larger than the error."""
        return not self.error or abs(self.margin) > self.error

    def statement(self):
        """Return the numbers and their relation: ``22 ± 8 meV > 0``."""
        error = f" ± {show(self.error)}" if self.error is not None else ""
        unit = f" {plain_units(self.unit)}" if self.unit else ""
        sign = SIGNS.get(self.relation, self.relation)
        bound = show(self.bound) + (unit if self.bound else "")
        return f"{show(_told(self.value))}{error}{unit} {sign} {bound}"

    def outcome(self):
        """Return whether it holds, and by how much."""
        if self.relation == "==" and self.holds:
            return "holds"
        word = "holds" if self.holds else "fails"
        distance = abs(self.margin)
        if self.error:
            if not self.decided:
                return f"undecided: {few_digits(distance / self.error, 2)} errors from the bound"
            return f"{word} by {few_digits(distance / self.error, 2)} errors"
        unit = f" {plain_units(self.unit)}" if self.unit else ""
        return f"{word} by {few_digits(distance, 3)}{unit}"

    def flips(self):
        """Return the bound at which the outcome would be another, in words; empty for a count.

        Examples
        --------
        >>> gap = Inequality("gap at Q above gap at K", 22, ">", 0, unit="meV")
        >>> gap.flips()
        'would turn with a bound of 22 meV'
        """
        if self.relation == "==":
            return ""
        unit = f" {plain_units(self.unit)}" if self.unit else ""
        return f"would turn with a bound of {show(_told(self.value))}{unit}"

    def __str__(self):
        return f"{self.quantity}: {self.statement()}, {self.outcome()}"

    def to_dict(self):
        """Return the record as plain data, with its outcome; the inverse is `from_dict`.

        Examples
        --------
        >>> gap = Inequality("gap at Q above gap at K", 22, ">", 0, unit="meV")
        >>> gap.to_dict()["margin"]
        22.0
        """
        return {**asdict(self), "margin": float(f"{self.margin:.3g}"), "holds": self.holds}

    @classmethod
    def from_dict(cls, record):
        """Return the inequality recorded in a dict.

        Examples
        --------
        >>> gap = Inequality("gap at Q above gap at K", 22, ">", 0, unit="meV")
        >>> Inequality.from_dict(gap.to_dict()) == gap
        True
        """
        instance("record", record, dict)
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in record.items() if key in known})


def rounded_inequality(given):
    """Return the inequality with its value in six digits, fewer where its error says so.

    The error has two digits, or as many as it needs to decide as before.
    """
    resolution = given.error / 100 if given.error else abs(given.value) * 1e-6
    digits = 6 if not resolution else max(1, min(6, _digits(given.value, resolution)))
    value = float(f"{_told(given.value):.{digits}g}") + 0.0
    for places in range(2, 7):
        error = None if given.error is None else float(f"{given.error:.{places}g}")
        shown = replace(given, value=value, error=error)
        if shown.decided == given.decided:
            break
    return shown


def _told(value):
    """The value without what is rounding, which differs between processors."""
    return round(value, 12)


def _digits(value, resolution):
    ratio = abs(value) / resolution
    return len(str(int(ratio))) if ratio >= 1 else 1
