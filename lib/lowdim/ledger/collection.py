"""The whole ledger, assembled from decided claims."""

from collections import Counter

from lowdim._checks import instances
from lowdim.ledger.claim import TESTED, VERDICTS, Claim
from lowdim.ledger.evaluation import flat_labels
from lowdim.ledger.inventory import PAPERS, all_claims, entry
from lowdim.ledger.labels import label_of
from lowdim.ledger.sensitivity import notices
from lowdim.ledger.values import LedgerError

__all__ = ["collect", "problems", "summary"]

STATES = (*VERDICTS, "open")


def collect(records):
    """Return the ledger: one dict for every claim of the inventory, decided or open.

    Parameters
    ----------
    records : iterable of Claim
        Decided claims; `page` says where.

    Returns
    -------
    list of dict
        In the order of the inventory, with the entries of `Claim` and ``anchor``. Claims that no record
        decides have the verdict "open", nothing computed and no anchor.

    Raises
    ------
    LedgerError
        If a record names an unknown claim, a claim is decided twice, or a definition is used by a claim
        without a tested verdict. All such problems are listed.

    Examples
    --------
    >>> ledger = collect([])
    >>> len(ledger), ledger[0]["id"], ledger[0]["verdict"]
    (262, 'text.bohr-radius', 'open')
    """
    records = instances("records", records, Claim)
    found = problems(records)
    if found:
        raise LedgerError("; ".join(found))
    return assemble(records)


def assemble(records):
    """Return the ledger without looking for problems; of several records of one claim the first counts."""
    decided = {}
    for record in records:
        decided.setdefault((record.paper, record.id), record)
    ledger = []
    for paper in PAPERS:
        for id, kept in all_claims(paper).items():
            record = decided.get((paper, id))
            claim = record or Claim(paper=paper, verdict="open", **kept)
            public = {**claim.to_dict(), **_added(claim)}
            ledger.append(public if record else {**public, "anchor": None})
    return ledger


def _added(claim):
    """What the inventory and the stored sensitivity know of a claim beyond its record."""
    known = entry(claim.paper, claim.id)
    added = {name: known.get(name) for name in ("says", "printed", "extraction")}
    return {
        **added,
        "label": label_of(claim.paper, claim.id),
        "quantity": claim.quantity or known.get("quantity"),
        "rows": claim.rows or flat_labels(known.get("rows")),
        "derived": claim.derived,
        "flips": claim.flips(),
        "notices": notices(claim.paper, claim.id),
    }


def problems(records):
    """Return what is wrong with a set of decided claims, one sentence each.

    Parameters
    ----------
    records : iterable of Claim

    Examples
    --------
    >>> problems([Claim("zhu2011", "eq.99", "equation", "no such equation", "reproduced")])
    ['(no page) decides zhu2011 eq.99, which the inventory does not have']
    """
    records = instances("records", records, Claim)
    known = [record for record in records if record.paper in PAPERS and record.id in all_claims(record.paper)]
    found = [
        f"{_place(record)} decides {record.paper} {record.id}, which the inventory does not have"
        for record in records
        if record not in known
    ]
    first = {}
    for record in known:
        key = record.paper, record.id
        if key in first:
            places = f"{_place(first[key])} and {_place(record)}"
            found.append(f"{record.paper} {record.id} is decided twice: {places}")
        first.setdefault(key, record)
    for record in known:
        for user in record.used_by:
            by = first.get((record.paper, user))
            if by is None or by.verdict not in TESTED:
                state = "undecided" if by is None else f"itself {by.verdict}"
                found.append(f"{record.paper} {record.id} is a definition used by {user}, which is {state}")
    return found


def _place(record):
    return record.page or "(no page)"


def summary(records):
    """Count claims by paper and verdict.

    Parameters
    ----------
    records : iterable of Claim
        Decided claims.

    Returns
    -------
    dict of dict
        ``counts[paper][verdict]`` for the five papers, the six verdicts and "open".

    Raises
    ------
    LedgerError
        As `collect`.

    Examples
    --------
    >>> summary([])["zhu2011"]["open"]
    25
    """
    return count(collect(records))


def count(ledger):
    """Count the dicts of an assembled ledger by paper and verdict."""
    tally = Counter((claim["paper"], claim["verdict"]) for claim in ledger)
    return {paper: {state: tally[paper, state] for state in STATES} for paper in PAPERS}
