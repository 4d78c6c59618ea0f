"""Deciding claims: the page states a verdict, and the code refuses it unless the numbers say the same.

Every deciding method displays the record and returns nothing, so a cell may decide several claims. In a
notebook the display is a coloured box (and a machine-readable record, from which the ledger is built); in
plain Python the record is printed as one line. `Paper.decided` maps the ids decided so far to their records.
"""

import sys

from lowdim.ledger.claim import Claim
from lowdim.ledger.forms import Forms, share
from lowdim.ledger.inventory import all_claims, entry, head
from lowdim.ledger.statement import Statement
from lowdim.ledger.values import as_value, round_number, rounded

__all__ = ["Paper"]

NUMERIC = ("reproduced", "corrected", "refuted")


class Paper(Forms):
    """The claims of one paper.

    Parameters
    ----------
    paper : str
        Key of the paper: knorzer2020, yukalov2020, glazov2020, zhu2011 or jauregui1996.

    Attributes
    ----------
    decided : dict
        Records of the claims decided through this object, by id. Deciding again replaces the record, so that
        a cell can be run twice; the book's build refuses a claim decided in two places.

    Raises
    ------
    ValueError
        If the paper is unknown.

    Examples
    --------
    >>> paper = Paper("zhu2011")
    >>> paper.published("text.splitting-vb")
    [148, 183, 426, 456]
    """

    def __init__(self, paper):
        self.head = head(paper)
        self.paper = paper
        self.decided = {}

    def __repr__(self):
        return f"Paper({self.paper!r})"

    def published(self, id):
        """Return what the paper prints for a claim: a number, a nested list of numbers, or None.

        Raises
        ------
        ValueError
            If the id is not in the inventory.
        """
        return entry(self.paper, id).get("published")

    def _check(
        self, id, computed, *, verdict="reproduced", tolerance=None, reason=None, published=None,
        relative=False, factor=False, corrected=None, independent=None, independent_tolerance=None, note=None,
        extra=None,
    ):  # fmt: skip
        """Decide by numbers, see `Forms.number`; `extra` are further entries of the record."""
        statement = Statement(self.paper, id)
        if verdict not in NUMERIC:
            raise ValueError(f"verdict: expected one of {', '.join(NUMERIC)}, got {verdict!r}")
        measure = statement.measure(tolerance, reason, relative, factor)
        printed = statement.printed(published)
        statement.belongs(verdict, "corrected", corrected)
        statement.belongs(verdict, "refuted", independent, name="independent")
        if verdict != "reproduced":
            meaning = "what was mended" if verdict == "corrected" else "why the claim fails"
            statement.need("note", note, meaning)
        computed = as_value(statement.about("computed"), computed)
        against = statement.compare(measure, computed, printed)
        extra = dict(extra or {})
        near = against
        if verdict == "reproduced":
            statement.must_agree(against, "is not reproduced", "computed", "published")
        elif verdict == "corrected":
            corrected = as_value(statement.about("corrected"), corrected)
            mended = statement.compare(measure, computed, corrected)
            statement.must_agree(mended, "is not mended by the corrected form", "computed", "corrected")
            statement.must_differ(against, "needs no correction", "computed", "published")
            extra["corrected"] = rounded(corrected, measure, corrected)
            near = mended
        else:
            statement.must_differ(against, "is not refuted", "computed", "published")
            independent = as_value(statement.about("independent"), independent)
            closer = measure.with_tolerance(independent_tolerance)
            agreed = statement.compare(closer, computed, independent)
            statement.must_agree(agreed, "has no independent support", "computed", "independent")
            beyond = statement.compare(measure, independent, printed)
            statement.must_differ(beyond, "is not refuted by the other value", "independent", "published")
            extra["independent"] = rounded(independent, measure, independent)
        if extra.get("form"):
            extra["share"] = share(near, measure.kind)
        like = {"reproduced": printed, "corrected": corrected, "refuted": independent}[verdict]
        self._show(
            statement, verdict, measure, reason, note=note,
            published=statement.published_or_rounded(printed, measure),
            computed=rounded(computed, measure, like), deviation=_deviation(against, measure), **extra,
        )  # fmt: skip

    def _partial(
        self, id, *, holds, fails, tolerance=None, reason=None, note=None, relative=False, factor=False,
        extra=None,
    ):  # fmt: skip
        """Decide that one part holds and another fails, see `Forms.number`."""
        statement = Statement(self.paper, id)
        measure = statement.measure(tolerance, reason, relative, factor)
        statement.need("note", note, "which part holds and which fails")
        parts = {"holds": statement.pair("holds", holds), "fails": statement.pair("fails", fails)}
        printed = [part[1] for part in parts.values()]
        statement.covers(printed)
        good = statement.compare(measure, *parts["holds"])
        bad = statement.compare(measure, *parts["fails"])
        statement.must_agree(good, "does not hold where it should", "computed", "published")
        statement.must_differ(bad, "holds where it should fail", "computed", "published")
        self._show(
            statement, "partial", measure, reason, note=note,
            published=[rounded(p, measure, p) for p in printed],
            computed=[rounded(c, measure, c) for c, _ in parts.values()],
            deviation=[_deviation(good, measure), _deviation(bad, measure)], **(extra or {}),
        )  # fmt: skip

    def definition(self, id, *, used_by, note=None):
        """Record that an equation only defines a symbol, and which tested claims use it.

        Raises
        ------
        LedgerError
            If the inventory holds a number for the claim (then there is something to test), or `used_by` is
            empty or names no other claim of the paper. That these claims are decided is checked when the
            ledger is collected.
        ValueError
            If the id is unknown.

        Examples
        --------
        >>> Paper("yukalov2020").definition("eq.50", used_by="eq.51")
        definition: yukalov2020 eq.50 | characteristic kinetic energy | used by eq.51
        """
        statement = Statement(self.paper, id)
        users = (used_by,) if isinstance(used_by, str) else tuple(used_by or ())
        if statement.entry.get("published") is not None:
            statement.fail("prints a number, so it is more than a definition: test it")
        if not users:
            statement.fail("used_by is missing: name the claims that use the symbol")
        unknown = [user for user in users if user == id or user not in all_claims(self.paper)]
        if unknown:
            statement.fail(f"used_by names no other claim of the paper: {', '.join(map(str, unknown))}")
        self._show(statement, "definition", used_by=users, note=note)

    def untestable(self, id, *, missing, tried):
        """Record that the paper omits what a test needs: what is `missing`, and what was `tried`.

        Raises
        ------
        LedgerError
            If `missing` or `tried` is empty.
        ValueError
            If the id is unknown.

        Examples
        --------
        >>> Paper("jauregui1996").untestable("fig.2", missing="the barrier heights", tried="equal barriers")
        untestable: jauregui1996 fig.2 | linear-conductance peaks at 10 mK: unequal heights | Missing: the \
barrier heights. Tried: equal barriers.
        """
        statement = Statement(self.paper, id)
        statement.need("missing", missing, "what the paper omits")
        statement.need("tried", tried, "what was tried")
        note = f"Missing: {missing.strip().rstrip('.')}. Tried: {tried.strip().rstrip('.')}."
        published = statement.entry.get("published")
        self._show(statement, "untestable", published=published, note=note)

    def _show(self, statement, verdict, measure=None, reason=None, **values):
        tolerance = {} if measure is None else {"tolerance": measure.tolerance, "measure": measure.kind}
        kept = {key: statement.entry.get(key) for key in ("id", "kind", "what", "unit")}
        record = Claim(paper=self.paper, verdict=verdict, reason=reason, **kept, **tolerance, **values)
        self.decided[record.id] = record
        _display(record)


def _deviation(comparison, measure):
    """Return the worst deviation, coarse enough not to show rounding noise."""
    worst = comparison.worst
    resolution = 0.0 if measure.kind == "factor" else float(comparison.allowed[worst]) / 10
    return round_number(float(comparison.deviation[worst]), resolution, digits=3)


def _display(record):
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(record)
    else:
        print(record)
