"""Every number on the landing page comes from a claim, by a role or, in words, by what is checked here."""

import re

import nbformat
import numpy as np
import pytest

import pages
import twins
from lowdim.ledger import MIME_TYPE, Paper

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
    medians = claims["knorzer2020 text.j-range"]["inequalities"][:2]
    return max(1 + one["error"] / one["value"] for one in medians)


def printed_coupling(claims):
    return Paper("knorzer2020").published("text.j-range")[1]


def longer(claims):
    note = claims["jauregui1996 tab.II.M"]["note"]
    true, stated = re.search(r"box of \$?([\d.]+).*? stated \$?([\d.]+\d)", note).groups()
    return 100 * (float(true) / float(stated) - 1)


def entries_that_hold(claims):
    claim = claims["jauregui1996 tab.II.M"]
    return int(np.sum(np.abs(np.subtract(claim["computed"], claim["published"])[0]) < 0.005))


def papers(claims):
    return len({claim["paper"] for claim in claims.values()})


def negative_in_three_dimensions(claims):
    """Share of the printed numbers that are negative at d = 3, less how many of the exact ones are."""
    claim = claims["yukalov2020 eq.J"]
    printed, exact = np.array(claim["published"][2]), np.array(claim["computed"][2])
    return np.sum(printed < 0) / len(printed) - np.sum(exact < 0)


def conclusions_undecided(claims):
    """Conclusions decided in part only, because a distance is within the error."""
    hang = ("text.direct-gap", "text.delta-e-gk")
    return sum(
        claims[f"zhu2011 {name}"]["verdict"] == "partial"
        and any(one["part"] == "undecided" for one in claims[f"zhu2011 {name}"]["inequalities"])
        for name in hang
    )


def layers(claims):
    return len(set(re.findall(r"(?:Mo|W)(?:S|Se)2", str(claims["zhu2011 text.delta-e-gk"]["inequalities"]))))


def tables_that_fit(claims):
    return sum(claims[f"jauregui1996 {name}"]["verdict"] == "reproduced" for name in TABLES)


def tables(claims):
    return sum(f"jauregui1996 {name}" in claims for name in TABLES)


def years(claims):
    bibliography = (pages.ROOT / "book" / "references.bib").read_text("utf8")
    printed = re.search(r"@article\{zhu2011,.*?year\s*= \{(\d+)\}", bibliography, re.DOTALL)
    return YEAR - int(printed[1])


def far_below_the_patch(claims):
    """Share of the figure's dense lattices where the patch has over a hundred times the crystal's signal."""
    parts = [one for name in ("fig.3b", "fig.3d") for one in claims[f"knorzer2020 {name}"]["inequalities"]]
    excess = [one["value"] for one in parts if one["part"] == "fails"]
    assert len(excess) == 2
    return sum(value + 1 > 100 for value in excess) / len(excess)


YEAR = 2026  # of the first release
TABLES = ("tab.II.M", "tab.III.M", "tab.IV.N4")
STATED = {
    "Five physics papers": (papers, 5, 0),
    "Five papers": (papers, 5, 0),
    "wrong sign in three dimensions": (negative_in_three_dimensions, 1, 0),
    "three-dimensional optical lattice is negative at every depth": (negative_in_three_dimensions, 1, 0),
    "Two conclusions hang on energy differences": (conclusions_undecided, 2, 0),
    "spin splitting of four monolayers": (layers, 4, 0),
    "One of three tables": (lambda claims: tables(claims) - tables_that_fit(claims), 1, 0),
    "Three tables of a quantum dot": (tables, 3, 0),
    "Two of them come out": (tables_that_fit, 2, 0),
    "stand after fifteen years": (years, 15, 0),
    "phase sixteen times too small": (too_small, 16, 0.5),
    "phase grows sixteen times faster": (too_small, 16, 0.5),
    "four times farther apart": (lambda claims: too_small(claims) ** 0.5, 4, 0.1),
    "is more than a hundred times smaller": (far_below_the_patch, 1, 0),
    "by a factor of about 1.4": (coupling_error, 1.4, 0.05),
    "5 to 30 µeV": (printed_coupling, 30, 0),
    "a box 5 percent longer": (longer, 5, 0.5),
    "fits a box 5 percent longer": (longer, 5, 0.5),
    "All five of its entries": (entries_that_hold, 5, 0),
}


@pytest.mark.parametrize("phrase", STATED)
def test_what_is_said_in_words_is_what_the_claim_says(claims, phrase):
    value, said, within = STATED[phrase]
    assert re.sub(r"\s+", " ", PAGE).count(phrase) >= 1
    assert abs(value(claims) - said) <= within


# what the words name, and do not count
NAMES = (
    "two senses of a loop",
    "two senses of a closed path",
    "Two Gaussian orbitals",
    "two Gaussian orbitals",
    "three and four electrons",
)
WORDS = "two|three|four|five|six|seven|eight|nine|ten|fif|twenty|hundred|thousand|half|third|quarter"


def test_no_other_number_is_typed():
    prose = re.sub(SILENT, " ", PAGE, flags=re.MULTILINE)
    prose = re.sub(r"\s+", " ", prose)
    for phrase in sorted([*STATED, *NAMES], key=len, reverse=True):
        assert phrase in prose or any(phrase in longer for longer in STATED), phrase
        prose = prose.replace(phrase, " ")
    assert re.findall(rf"\w*\d[\w.]*|\b(?:{WORDS})(?!sion)\w*", prose, re.IGNORECASE) == []
