"""The inventory: what the five papers print, one YAML file per paper under ``claims/``."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import yaml

__all__ = ["KINDS", "PAPERS", "PaperHead", "all_claims", "entry", "head"]

PAPERS = ("knorzer2020", "yukalov2020", "glazov2020", "zhu2011", "jauregui1996")
KINDS = ("equation", "table", "figure", "text")
RECORDED = ("id", "kind", "what", "published", "unit")


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
    record = yaml.safe_load(text)
    claims = {claim["id"]: claim for claim in record.pop("claims")}
    record["authors"] = tuple(record["authors"])
    return PaperHead(**record), claims


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
    """
    claims = _read(paper)[1].items()
    return {id: {key: claim[key] for key in RECORDED if key in claim} for id, claim in claims}


def entry(paper, claim_id):
    """Return the inventory's entry of one claim.

    Raises
    ------
    ValueError
        If the paper or the id is not in the inventory.

    Examples
    --------
    >>> entry("jauregui1996", "tab.II.M")["published"]
    [0.85, 0.04, 0.32, 0.29, 0.43]
    """
    claims = _read(paper)[1]
    if claim_id not in claims:
        near = get_close_matches(str(claim_id), claims, n=3, cutoff=0.4)
        hint = f" (near: {', '.join(near)})" if near else ""
        raise ValueError(f"id: expected a claim of {paper}, got {claim_id!r}{hint}")
    return dict(claims[claim_id])
