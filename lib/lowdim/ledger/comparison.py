"""What a stated verdict must show: numbers that agree or differ, parts that hold or fail, inequalities.

Each function refuses the verdict with a `LedgerError` unless the numbers give it, and returns what the record
of the claim keeps.
"""

import numpy as np

from lowdim.ledger.inequality import Inequality, rounded_inequality
from lowdim.ledger.values import as_value, round_number, rounded

__all__ = ["as_a_whole", "in_part", "known_verdict", "sentence"]

TESTS = ("reproduced", "corrected", "refuted", "partial")


def known_verdict(verdict):
    """Refuse what is no verdict of a test."""
    if verdict not in TESTS:
        raise ValueError(f"verdict: expected one of {', '.join(TESTS)}, got {verdict!r}")


def as_a_whole(statement, verdict, measure, computed, *, published, corrected, independent, closer, note):
    """Decide by all numbers at once: reproduced, corrected or refuted, see `Paper.number`."""
    printed = statement.printed(published)
    statement.belongs(verdict, "corrected", corrected)
    statement.belongs(verdict, "refuted", independent, name="independent")
    if independent is None and closer is not None:
        statement.fail("has no other value, so no use for independent_tolerance=")
    if verdict != "reproduced":
        meaning = "what was mended" if verdict == "corrected" else "why the claim fails"
        statement.need("note", note, meaning)
    computed = as_value(statement.about("computed"), computed)
    against = near = statement.compare(measure, computed, printed)
    found, like = {}, printed
    if verdict == "reproduced":
        statement.must_agree(against, "is not reproduced", "computed", "published")
    elif verdict == "corrected":
        like = as_value(statement.about("corrected"), corrected)
        near = statement.compare(measure, computed, like)
        statement.must_agree(near, "is not mended by the corrected form", "computed", "corrected")
        statement.must_differ(against, "needs no correction", "computed", "published")
        found["corrected"] = rounded(like, measure, like)
    else:
        statement.must_differ(against, "is not refuted", "computed", "published")
        like = as_value(statement.about("independent"), independent)
        agreed = statement.compare(measure.with_tolerance(closer), computed, like)
        statement.must_agree(agreed, "has no independent support", "computed", "independent")
        beyond = statement.compare(measure, like, printed)
        statement.must_differ(beyond, "is not refuted by the other value", "independent", "published")
        found["independent"] = rounded(like, measure, like)
    return found | {
        "published": statement.published_or_rounded(printed, measure),
        "computed": rounded(computed, measure, like),
        "deviation": _deviation(against, measure),
        "share": _share(near, measure.kind),
    }


def in_part(statement, measure, holds, fails, note):
    """Decide that one part holds and another fails; each is a pair (computed, published)."""
    statement.need("note", note, "which part holds and which fails")
    parts = [statement.pair("holds", holds), statement.pair("fails", fails)]
    printed = [part[1] for part in parts]
    statement.covers(printed)
    good, bad = (statement.compare(measure, *part) for part in parts)
    statement.must_agree(good, "does not hold where it should", "computed", "published")
    statement.must_differ(bad, "holds where it should fail", "computed", "published")
    return {
        "published": [rounded(value, measure, value) for value in printed],
        "computed": [rounded(value, measure, value) for value, _ in parts],
        "deviation": [_deviation(good, measure), _deviation(bad, measure)],
    }


def sentence(statement, verdict, parts, note):
    """Refuse a verdict that the inequalities do not give; return their records, each with its part."""
    parts = {name: _inequalities(statement, name, part) for name, part in parts.items()}
    wanted = {
        "reproduced": {"holds"}, "refuted": {"fails", "independent"}, "corrected": {"holds", "fails"},
        "partial": {"holds", "fails", "undecided"},
    }[verdict]  # fmt: skip
    for name, part in parts.items():
        if part and name not in wanted:
            statement.fail(f"is said to be {verdict}, which has no use for {name}=")
        if not part and name in wanted and verdict != "partial":
            statement.fail(f"is said to be {verdict}, so {name}= is needed")
    if verdict == "partial" and not (parts["holds"] and (parts["fails"] or parts["undecided"])):
        statement.fail("is said to be partial, so holds= and fails= (or undecided=) are needed")
    if verdict != "reproduced":
        statement.need("note", note, "what fails, and why")
    for name, part in parts.items():
        for inequality in part:
            _must(statement, name, inequality)
    return [
        {**rounded_inequality(one).to_dict(), "part": name} for name, part in parts.items() for one in part
    ]


def _inequalities(statement, name, part):
    part = list(part) if np.iterable(part) else [part]
    wrong = [one for one in part if not isinstance(one, Inequality)]
    if wrong:
        statement.fail(f"expects {name}= of Inequality, got {wrong[0]!r}")
    return part


def _must(statement, name, inequality):
    if name == "undecided":
        if inequality.decided:
            statement.fail(f"is decided in its part undecided=: {inequality}")
        return
    if not inequality.decided:
        statement.fail(f"is undecided in its part {name}=: {inequality}")
    if inequality.holds != (name == "holds"):
        word = "holds" if inequality.holds else "fails"
        statement.fail(f"{word} in its part {name}=: {inequality}")


def _deviation(comparison, measure):
    """Return the worst deviation, coarse enough not to show rounding noise."""
    worst = comparison.worst
    resolution = 0.0 if measure.kind == "factor" else float(comparison.allowed[worst]) / 10
    return round_number(float(comparison.deviation[worst]), resolution, digits=3)


def _share(comparison, kind):
    """Return the largest deviation in units of what is allowed, in two digits; None if nothing is allowed.

    What is below a twentieth is mostly rounding, which differs between processors, and counts as 0.
    """
    allowed, deviation = comparison.allowed, comparison.deviation
    if kind == "factor":
        allowed, deviation = np.log(allowed), np.log(deviation)
    usable = (allowed > 1e-14) & np.isfinite(deviation)
    if not usable.any():
        return None
    largest = float((deviation[usable] / allowed[usable]).max())
    return float(f"{largest:.2g}") if largest >= 0.05 else 0.0
