"""One decided claim, and how it shows itself in a notebook."""

from dataclasses import asdict, dataclass, fields

from lowdim._checks import instance, words
from lowdim.ledger.box import claim_box
from lowdim.ledger.inequality import Inequality
from lowdim.ledger.inventory import entry
from lowdim.ledger.labels import label_of
from lowdim.ledger.values import LedgerError, show

__all__ = ["MIME_TYPE", "TESTED", "VERDICTS", "Claim"]

MIME_TYPE = "application/vnd.lowdim.claim+json"
TESTED = ("reproduced", "corrected", "refuted", "partial")
VERDICTS = (*TESTED, "definition", "untestable")

# Dark enough for white text on them; the word is always there, so colour is never the only sign.
COLOURS = {
    "reproduced": "#00694d",
    "corrected": "#8a5a00",
    "refuted": "#b3261e",
    "partial": "#5b4bb7",
    "definition": "#3f5f7f",
    "untestable": "#6d4c41",
    "open": "#5f6368",
}


# What `collection` adds to a record from the inventory and the stored sensitivity.
ADDED = ("anchor", "flips", "label", "says", "printed", "extraction", "notices")
FORM_FIELDS = ("form", "quantity", "rows", "by", "error", "derived", "inequalities", "share")


def slug(*words):
    """Join words to an HTML id that is also a CSS name."""
    return "-".join(words).replace(".", "-")


@dataclass(frozen=True)
class Claim:
    """The record of one decided claim.

    `computed` and `published` are numbers or nested lists of numbers; for the verdict "partial" each is the
    pair [part that holds, part that fails] and so is `deviation`. `tolerance` is of the kind named in
    `measure` (absolute, relative, factor); `deviation` is the worst deviation from the published value, in
    the same measure. `form` is number, formula or statement; `derived` is LaTeX; `share` is the largest
    deviation from the value that counts, in units of the tolerance. `page` is filled in when the book is
    built.
    """

    paper: str
    id: str
    kind: str
    what: str
    verdict: str
    published: float | list | None = None
    computed: float | list | None = None
    unit: str | None = None
    tolerance: float | list | None = None
    measure: str | None = None
    reason: str | None = None
    deviation: float | list | None = None
    note: str | None = None
    corrected: float | list | None = None
    independent: float | list | None = None
    used_by: tuple = ()
    form: str | None = None
    quantity: str | None = None
    rows: list | None = None
    by: str | None = None
    error: list | None = None
    derived: str | None = None
    inequalities: list | None = None
    share: float | None = None
    page: str | None = None

    @property
    def anchor(self):
        """The HTML id of the box that shows this claim.

        Without dots, since the theme's script reads every link to an id as a CSS selector.

        Examples
        --------
        >>> Claim("zhu2011", "eq.1", "equation", "C3v splitting", "reproduced").anchor
        'claim-zhu2011-eq-1'
        """
        return slug("claim", self.paper, self.id)

    def to_dict(self):
        """Return the record as plain data, with its anchor; the inverse is `Claim.from_dict`.

        Examples
        --------
        >>> claim = Claim("zhu2011", "text.splitting-vb", "text", "splitting", "reproduced", tolerance=0.02)
        >>> claim.to_dict()["anchor"]
        'claim-zhu2011-text-splitting-vb'
        """
        record = {**asdict(self), "used_by": list(self.used_by), "anchor": self.anchor}
        unused = {name for name in FORM_FIELDS if record[name] is None} if self.form is None else set()
        return {name: value for name, value in record.items() if name not in unused}

    @classmethod
    def from_dict(cls, record):
        """Return the claim recorded in a dict.

        Raises
        ------
        LedgerError
            If the record has unknown or missing entries, as cached outputs of another version may have.

        Examples
        --------
        >>> claim = Claim("zhu2011", "text.splitting-vb", "text", "splitting", "reproduced", tolerance=0.02)
        >>> Claim.from_dict(claim.to_dict()) == claim
        True
        """
        known = {field.name for field in fields(cls)}
        instance("record", record, dict)
        given = {key: value for key, value in record.items() if key not in ADDED}
        try:
            if not set(given) <= known:
                raise TypeError(f"unknown entries {sorted(set(given) - known)}")
            return cls(**{**given, "used_by": tuple(given.get("used_by", ()))})
        except TypeError as error:
            raise LedgerError(f"claim record of another version ({error}): run the page again") from None

    def flips(self):
        """Return in words where the verdict would turn; empty where that is not known.

        Examples
        --------
        >>> Claim("zhu2011", "eq.1", "equation", "", "reproduced", share=0.25).flips()
        'with a tolerance 0.25 times as large'
        """
        if self.inequalities:
            ones = [Inequality.from_dict(one) for one in self.inequalities]
            return "; ".join(f"{one.quantity}: {one.flips()}" for one in ones if one.flips())
        if self.share and self.verdict == "reproduced":
            return f"with a tolerance {self.share:g} times as large"
        return ""

    def tolerance_text(self):
        """Return the tolerance with its measure: ``0.005``, ``0.02 (relative)``, ``a factor of 10``.

        Examples
        --------
        >>> claim = Claim("zhu2011", "eq.1", "equation", "", "reproduced", tolerance=10, measure="factor")
        >>> claim.tolerance_text()
        'a factor of 10'
        """
        if self.tolerance is None:
            return ""
        if self.measure == "factor":
            return f"a factor of {show(self.tolerance)}"
        return show(self.tolerance) + (" (relative)" if self.measure == "relative" else "")

    def facts(self):
        """Return the numbers of the record as (name, text) pairs, those that exist.

        Examples
        --------
        >>> Claim("zhu2011", "eq.1", "equation", "", "reproduced", published=1.0, computed=1.5).facts()
        [('published', '1'), ('computed', '1.5')]
        """
        unit = f" {self.unit}" if self.unit else ""
        pairs = [
            ("published", show(self.published) + unit if self.published is not None else ""),
            ("computed", show(self.computed) + unit if self.computed is not None else ""),
            ("corrected form", show(self.corrected) + unit if self.corrected is not None else ""),
            ("independent", show(self.independent) + unit if self.independent is not None else ""),
            ("deviation", show(self.deviation)),
            ("tolerance", self.tolerance_text() + (f", {self.reason}" if self.reason else "")),
            ("used by", ", ".join(f"[{label_of(self.paper, user)}]" for user in self.used_by)),
        ]
        return [(name, text) for name, text in pairs if text]

    def __str__(self):
        numbers = "; ".join(f"{name} {text}" for name, text in self.facts())
        if self.inequalities:
            shown = "; ".join(f"{Inequality.from_dict(one)}" for one in self.inequalities)
            numbers = f"{shown}; bounds: {self.reason}"
        says = entry(self.paper, self.id).get("says", self.what)
        tail = " | ".join(part for part in (says, numbers, self.note) if part)
        return f"{self.verdict}: [{label_of(self.paper, self.id)}] {tail}"

    def to_html(self, ledger_link=None):
        """Return the box shown under a cell, coloured by verdict, readable on light and dark pages.

        The colours are CSS variables, for the book's style sheet, with fixed ones to fall back on elsewhere.

        Examples
        --------
        >>> claim = Claim("zhu2011", "text.splitting-vb", "text", "splitting", "reproduced", tolerance=0.02)
        >>> claim.to_html()[:4]
        '<div'
        """
        if ledger_link is not None:
            words("ledger_link", ledger_link)
        return claim_box(self, COLOURS[self.verdict], ledger_link)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME_TYPE: self.to_dict(), "text/html": self.to_html(), "text/plain": str(self)}
