"""What is being said about one claim: which parts a statement needs, and how it is refused."""

from lowdim._checks import boolean, words
from lowdim.ledger.inventory import entry
from lowdim.ledger.values import LedgerError, Measure, as_value, flatten, rounded

__all__ = ["Statement"]


class Statement:
    """What is being said about one claim; words its refusals."""

    def __init__(self, paper, id):
        self.entry = entry(paper, id)
        self.name = f"{paper} {id}"

    def about(self, argument):
        return f"{self.name}: {argument}"

    def fail(self, text):
        raise LedgerError(f"{self.name} ({self.entry['what']}) {text}.")

    def need(self, name, text, meaning):
        if not isinstance(text, str) or not text.strip():
            self.fail(f"lacks {name}= ({meaning})")

    @staticmethod
    def texts(**given):
        """Refuse what is given and no text."""
        for name, text in given.items():
            if text is not None:
                words(name, text)

    def unused(self, verdict, **given):
        """Refuse what the verdict has no use for."""
        for name, value in given.items():
            if value is not None:
                self.fail(f"is said to be {verdict}, which has no use for {name}=")

    def measure(self, tolerance, reason, relative, factor):
        if tolerance is None:
            self.fail("lacks tolerance= (how far apart values that agree may be)")
        self.need("reason", reason, "why this tolerance")
        boolean("relative", relative)
        boolean("factor", factor)
        if relative and factor:
            self.fail("has both relative=True and factor=True: choose one")
        kind = "relative" if relative else "factor" if factor else "absolute"
        return Measure(kind, as_value(self.about("tolerance"), tolerance))

    def printed(self, published):
        """Return the published value: the inventory's where it has one, the page's otherwise."""
        known = self.entry.get("published")
        if known is not None and published is not None:
            self.fail("has its number in the inventory: do not pass published=")
        if known is None and published is None:
            self.fail("has no number in the inventory: pass published= (printed form evaluated, or read off)")
        return as_value(self.about("published"), known if published is None else published)

    def published_or_rounded(self, printed, measure):
        known = self.entry.get("published")
        return rounded(printed, measure, printed) if known is None else known

    def belongs(self, verdict, owner, value, name=None):
        """Refuse an argument that its verdict lacks, or that another verdict has no use for."""
        name = name or owner
        if verdict == owner and value is None:
            self.fail(f"is said to be {owner}, so {name}= is needed")
        if verdict != owner and value is not None:
            self.fail(f"is said to be {verdict}, which has no use for {name}=")

    def pair(self, name, given):
        try:
            computed, published = given
        except (TypeError, ValueError):
            self.fail(f"expects {name}=(computed, published), got {given!r}")
        return as_value(self.about(f"{name}[0]"), computed), as_value(self.about(f"{name}[1]"), published)

    def covers(self, parts):
        known = self.entry.get("published")
        if known is not None and set(flatten(parts)) != set(flatten(known)):
            self.fail(f"prints {known}: each of these, and no other number, must be in one of the two parts")

    def compare(self, measure, left, right):
        try:
            return measure.compare(left, right)
        except LedgerError as error:
            raise LedgerError(f"{self.name} ({self.entry['what']}): {error}") from None

    def must_agree(self, comparison, otherwise, left, right):
        if not comparison.agrees:
            self.fail(f"{otherwise}: {comparison.sentence(left, right)}")

    def must_differ(self, comparison, otherwise, left, right):
        if comparison.agrees:
            self.fail(f"{otherwise}: all agree; nearest to disagreeing, {comparison.sentence(left, right)}")
