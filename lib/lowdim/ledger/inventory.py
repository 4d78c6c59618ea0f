"""The inventory: what the five papers print, one YAML file per paper under ``claims/``.

Each claim has an `id`, a `kind` and, in plain text, what it is about (`what`). For readers it also has

- `says`: the claim in one sentence, with mathematics between dollars,
- `printed`: the formula in LaTeX as printed, misprints included; every claim of kind equation has one,
- `extraction`: what the text of the paper, extracted from a PDF, leaves open about it,
- `published`, `unit`: the printed numbers, a number or a nested list,
- `quantity`: what these numbers, or those that decide a sentence, measure, with the unit in words,
- `rows`: a label for each number of a list, in the same nesting,
- `label`: how the claim is cited, where its id is no number of the paper.

All of this is checked when a file is read.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import yaml

from lowdim._checks import refuse, words
from lowdim.ledger.values import LedgerError, as_value

__all__ = ["KINDS", "PAPERS", "PaperHead", "all_claims", "entry", "head", "parse"]

PAPERS = ("knorzer2020", "yukalov2020", "glazov2020", "zhu2011", "jauregui1996")
KINDS = ("equation", "table", "figure", "text")
RECORDED = ("id", "kind", "what", "published", "unit")
SENTENCES = ("what", "says", "extraction", "quantity", "unit", "label")
FIELDS = ("id", "kind", "printed", "published", "rows", *SENTENCES)


@dataclass(frozen=True)
class PaperHead:
    """Who wrote a paper, where it appeared, which chapter treats it."""

    paper: str
    label: str
    title: str
    authors: tuple
    reference: str
    chapter: str
    doi: str | None = None


@cache
def _read(paper):
    if paper not in PAPERS:
        raise ValueError(f"paper: expected one of {', '.join(PAPERS)}, got {paper!r}")
    text = files("lowdim.ledger").joinpath("claims", f"{paper}.yml").read_text(encoding="utf-8")
    return parse(text)


def parse(text):
    """Return the `PaperHead` and the claims by id that a YAML text holds, checked.

    Raises
    ------
    ValueError
        If two claims have one id, or a claim lacks a field, has an unknown one, or one of the wrong type or
        shape.

    Examples
    --------
    >>> parse("{paper: p, label: P 1, title: t, authors: [a], reference: r, chapter: c,"
    ...       " claims: [{id: eq.1, kind: equation, what: w, says: s}]}")
    Traceback (most recent call last):
        ...
    ValueError: p eq.1, printed: expected the formula of an equation in LaTeX, got None
    """
    record = yaml.safe_load(words("text", text))
    if not isinstance(record, dict) or not isinstance(record.get("claims"), list):
        refuse("text", "a mapping with a list of claims", record)
    entries = record.pop("claims")
    record["authors"] = tuple(record["authors"])
    paper = PaperHead(**record)
    claims = {}
    for claim in entries:
        _check(paper, claim)
        if claim["id"] in claims:
            raise ValueError(f"{paper.paper} {claim['id']}, id: expected once, got twice")
        claims[claim["id"]] = claim
    return paper, claims


def _check(paper, claim):
    """Raise a ValueError unless the entry of a claim is complete and well formed."""
    name = f"{paper.paper} {claim.get('id')}"

    def expect(good, field, wanted):
        if not good:
            raise ValueError(f"{name}, {field}: expected {wanted}, got {claim.get(field)!r}")

    for field in claim:
        expect(field in FIELDS, field, f"one of the fields {', '.join(FIELDS)}")
    expect(_is_text(claim.get("id")), "id", "a text")
    expect(claim.get("kind") in KINDS, "kind", f"one of {', '.join(KINDS)}")
    equation, published = claim["kind"] == "equation", claim.get("published")
    needed = ["what", "says"] + (["quantity"] if published is not None or not equation else [])
    for field in SENTENCES:
        if field in needed or field in claim:
            expect(_is_text(claim.get(field)), field, "a text, mathematics between pairs of dollars")
    if equation or "printed" in claim:
        what = "the formula of an equation in LaTeX" if equation else "a formula in LaTeX"
        expect(_is_formula(claim.get("printed")), "printed", what)
    if "published" in claim:
        try:
            as_value(f"{name}, published", published)
        except LedgerError as error:
            raise ValueError(str(error)) from None
    expect(published is not None or "unit" not in claim, "unit", "none without published numbers")
    if isinstance(published, list) or "rows" in claim:
        wanted = "a label for each published number of a list, in the same nesting"
        expect(isinstance(published, list) and _labels(published, claim.get("rows")), "rows", wanted)
    if "label" in claim:
        expect(claim["label"].startswith(paper.label[0] + " "), "label", f"one from {paper.label[0]!r} on")


def _is_text(text):
    return isinstance(text, str) and bool(text.strip()) and text.count("$") % 2 == 0


def _is_formula(latex):
    """Tell whether a text can be LaTeX: no dollars, and every brace and environment closed."""
    if not _is_text(latex) or "$" in latex:
        return False
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and latex.count(r"\begin{") == latex.count(r"\end{")


def _labels(published, rows):
    """Tell whether rows hold a text wherever published holds a number."""
    if not isinstance(published, list):
        return _is_text(rows)
    same = isinstance(rows, list) and len(rows) == len(published)
    return same and all(_labels(*pair) for pair in zip(published, rows, strict=True))


def head(paper):
    """Return the `PaperHead` of a paper.

    Raises
    ------
    ValueError
        If the paper is not one of the five.

    Examples
    --------
    >>> head("zhu2011").reference
    'Phys. Rev. B 84, 153402 (2011)'
    """
    return _read(paper)[0]


def all_claims(paper):
    """Return what a ledger record keeps of each claim of a paper, by id, in the order of the paper.

    The full entry of a claim, with formula and labels, is what `entry` returns.

    Raises
    ------
    ValueError
        If the paper is not one of the five.

    Examples
    --------
    >>> all_claims("zhu2011")["text.splitting-vb"]["published"]
    [148, 183, 426, 456]
    """
    claims = _read(paper)[1].items()
    return {id: {key: claim[key] for key in RECORDED if key in claim} for id, claim in claims}


def entry(paper, id):
    """Return the inventory's entry of one claim, all its fields.

    Raises
    ------
    ValueError
        If the paper or the id is not in the inventory.

    Examples
    --------
    >>> entry("jauregui1996", "tab.II.M")["published"]
    [0.85, 0.04, 0.32, 0.29, 0.43]
    >>> entry("yukalov2020", "eq.30")["printed"]
    'E_0 = u_0 + \\\\frac{1}{2} \\\\sum_\\\\alpha \\\\varepsilon_\\\\alpha'
    """
    claims = _read(paper)[1]
    if id not in claims:
        near = get_close_matches(str(id), claims, n=3, cutoff=0.4)
        hint = f" (near: {', '.join(near)})" if near else ""
        raise ValueError(f"id: expected a claim of {paper}, got {id!r}{hint}")
    return dict(claims[id])
