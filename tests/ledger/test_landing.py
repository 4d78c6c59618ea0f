"""Every number on the landing page comes from a claim, by a role or, in words, by what is checked here."""

import re

import nbformat
import numpy as np
import pytest

import pages
import twins
from lowdim.ledger import MIME_TYPE

PAGE = (pages.ROOT / "book" / "index.md").read_text("utf8")
# what is no statement: roles, formulas, links' targets, directives and their options
SILENT = r"\{[\w-]+\}`[^`]*`|\$[^$]*\$|\]\([^)]*\)|^:*\{.*$|^:.*$|^`{3,}.*$|^(alt|name):.*$"


@pytest.fixture(scope="module")
def claims():
    """The decided claims, by paper and id, from the executed pages."""
    found = {}
    for page in pages.find():
        for cell in nbformat.read(twins.place(page), 4).cells:
            for output in cell.get("outputs", []):
                if record := output.get("data", {}).get(MIME_TYPE):
                    found[f"{record['paper']} {record['id']}"] = record
    return found


def too_small(claims):
    claim = claims["glazov2020 eq.8"]
    return claim["computed"][0] / claim["published"][0]


def coupling_error(claims):
    claim = claims["knorzer2020 text.j-range"]
    return max(1 + error / value for error, value in zip(claim["error"], claim["computed"], strict=True))


def longer(claims):
    note = claims["jauregui1996 tab.II.M"]["note"]
    true, stated = re.search(r"box of (\S+) .* stated (\S+) ", note).groups()
    return 100 * (float(true) / float(stated) - 1)


def entries_that_hold(claims):
    claim = claims["jauregui1996 tab.II.M"]
    return int(np.sum(np.abs(np.subtract(claim["computed"], claim["published"])[0]) < 0.005))


STATED = {
    "phase sixteen times too small": (too_small, 16, 0.5),
    "phase grows sixteen times faster": (too_small, 16, 0.5),
    "four times farther apart": (lambda claims: too_small(claims) ** 0.5, 4, 0.1),
    "within a factor of about 1.4": (coupling_error, 1.4, 0.05),
    "a box 5 percent longer": (longer, 5, 0.5),
    "fits a box 5 percent longer": (longer, 5, 0.5),
    "All five of its entries": (entries_that_hold, 5, 0),
}


@pytest.mark.parametrize("phrase", STATED)
def test_what_is_said_in_words_is_what_the_claim_says(claims, phrase):
    value, said, within = STATED[phrase]
    assert re.sub(r"\s+", " ", PAGE).count(phrase) >= 1
    assert abs(value(claims) - said) <= within


def test_no_other_number_is_typed():
    prose = re.sub(SILENT, " ", PAGE, flags=re.MULTILINE)
    prose = re.sub(r"\s+", " ", prose)
    for phrase in STATED:
        prose = prose.replace(phrase, " ")
    assert re.findall(r"\w*\d[\w.]*|\b(?:six|seven|eight|nine|ten|twenty|hundred|thousand)\w*", prose) == []
