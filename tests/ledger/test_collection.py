"""The whole ledger: every claim once, decided or open."""

import json
from dataclasses import replace

import pytest

from lowdim.ledger import PAPERS, Claim, LedgerError, Paper, collect, summary
from lowdim.ledger.evaluation import flat_labels
from lowdim.ledger.inventory import entry

DIGITS = {"tolerance": 0.5, "reason": "integers as printed"}


@pytest.fixture
def lattice():
    return Paper("yukalov2020")


def decided(paper, page="book/quantum-crystals/stability.html"):
    return [replace(record, page=page) for record in paper.decided.values()]


def test_open_ledger():
    ledger = collect([])
    assert len(ledger) == 262 and {claim["verdict"] for claim in ledger} == {"open"}
    assert all(claim["computed"] is None and claim["page"] is None for claim in ledger)


def test_decided_claims_have_page_and_anchor(lattice):
    lattice.number("eq.52", 16.0, **DIGITS)
    ledger = collect(decided(lattice))
    found = next(claim for claim in ledger if claim["verdict"] != "open")
    assert (found["paper"], found["id"], found["computed"]) == ("yukalov2020", "eq.52", 16.0)
    assert found["page"] == "book/quantum-crystals/stability.html"
    assert found["anchor"] == "claim-yukalov2020-eq-52"
    wanted = "paper id kind what published computed unit tolerance reason verdict note page anchor"
    assert set(wanted.split()) <= set(found)


def test_decided_twice_names_both_pages(lattice):
    lattice.number("eq.52", 16.0, **DIGITS)
    records = decided(lattice, "one.html") + decided(lattice, "two.html")
    with pytest.raises(LedgerError, match=r"eq\.52 is decided twice: one\.html and two\.html"):
        collect(records)


@pytest.mark.parametrize(("paper", "id"), [("yukalov2020", "eq.99"), ("yukalov1999", "eq.1")])
def test_unknown_claim(paper, id):
    with pytest.raises(LedgerError, match="which the inventory does not have"):
        collect([Claim(paper, id, "equation", "nothing", "reproduced")])


def test_definition_needs_a_decided_user(lattice):
    lattice.definition("eq.50", used_by=["eq.52", "eq.53"])
    lattice.number("eq.52", 16.0, **DIGITS)
    with pytest.raises(LedgerError, match=r"eq\.50 is a definition used by eq\.53, which is undecided"):
        collect(decided(lattice))
    lattice.number("eq.53", 18.0, **DIGITS)
    assert len(collect(decided(lattice))) == 262


def test_definition_needs_a_tested_user(lattice):
    lattice.definition("eq.50", used_by="eq.44")
    lattice.definition("eq.44", used_by="eq.52")
    lattice.number("eq.52", 16.0, **DIGITS)
    with pytest.raises(LedgerError, match=r"used by eq\.44, which is itself definition"):
        collect(decided(lattice))


def test_all_problems_are_listed(lattice):
    lattice.number("eq.52", 16.0, **DIGITS)
    lattice.definition("eq.50", used_by="eq.53")
    with pytest.raises(LedgerError) as error:
        collect(2 * decided(lattice))
    assert "decided twice" in str(error.value) and "undecided" in str(error.value)


def test_summary(lattice):
    lattice.number("eq.52", 16.0, **DIGITS)
    lattice.number("eq.53", 20.0, verdict="refuted", independent=20.0, note="n", **DIGITS)
    lattice.untestable("eq.1", missing="m", tried="t")
    counts = summary(decided(lattice))
    found = {verdict: n for verdict, n in counts["yukalov2020"].items() if n}
    assert found == {"reproduced": 1, "refuted": 1, "untestable": 1, "open": 58}
    assert sum(sum(counts[paper].values()) for paper in PAPERS) == 262


def test_records_survive_json(lattice):
    lattice.definition("eq.50", used_by="eq.52")
    record = lattice.decided["eq.50"]
    assert Claim.from_dict(json.loads(json.dumps(record.to_dict()))) == record


@pytest.mark.parametrize("record", [{"paper": "zhu2011"}, {"colour": "red"}])
def test_record_of_another_version(record):
    with pytest.raises(LedgerError, match="run the page again"):
        Claim.from_dict(record)


def test_a_claim_without_words_of_its_own_has_those_of_the_inventory(capsys):
    """Labels of its rows, and the quantity: its own where it has some."""
    dot = Paper("jauregui1996")
    given = {"tolerance": 0.005, "reason": "digits"}
    dot.number("tab.II.M", [0.851, 0.04, 0.32, 0.29, 0.43], **given)
    known = entry("jauregui1996", "tab.II.M")
    (plain,) = [claim for claim in collect(decided(dot)) if claim["id"] == "tab.II.M"]
    assert plain["rows"] == flat_labels(known["rows"]) and len(plain["rows"]) == 5
    assert plain["quantity"] == known.get("quantity")
    own = replace(decided(dot)[0], rows=["a", "b", "c", "d", "e"], quantity="strength")
    (named,) = [claim for claim in collect([own]) if claim["id"] == "tab.II.M"]
    assert named["rows"] == list("abcde") and named["quantity"] == "strength"
    nothing = [claim for claim in collect([]) if claim["id"] == "tab.II.M"][0]
    assert nothing["rows"] == plain["rows"] and nothing["anchor"] is None
