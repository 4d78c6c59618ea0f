"""The ledger as HTML, read as a reader would: every claim once, its words, its numbers, its verdict."""

import re
from html import unescape

import pytest

from lowdim.ledger import Inequality, Paper, collect
from lowdim.ledger import table as tables
from lowdim.ledger.inventory import KINDS, PAPERS, head
from lowdim.ledger.table import ORDER, badge, claim_list, counts_table, finder, ledger_table, row_id


def text(html):
    """Words of a piece of HTML, one space between the elements."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def cells(html, tag="td"):
    return [text(cell) for cell in re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", html)]


@pytest.fixture
def ledger(capsys):
    dot, lattice = Paper("jauregui1996"), Paper("yukalov2020")
    dot.number(
        "tab.II.M", [0.851, 0.04, 0.32, 0.29, 0.43], tolerance=0.005, reason="digits", note="as printed"
    )
    dot.statement("fig.2", [Inequality("peaks", 3, ">", 1, error=0.5)], reason="caption")
    records = [*dot.decided.values(), *lattice.decided.values()]
    return collect(records)


def by_id(ledger, id):
    (claim,) = [claim for claim in ledger if claim["id"] == id]
    return dict(claim)


def link(claim):
    return None if claim["verdict"] == "open" else f"page.html#{claim['id']}"


def test_a_list_says_what_each_claim_says(ledger):
    """In the words of the claim, or, where it has none of its own, of what it is about."""
    one, other = by_id(ledger, "tab.II.M"), by_id(ledger, "fig.2")
    one |= {"says": "It is said.", "what": "about"}
    other |= {"says": None, "what": "about the figure"}
    html = claim_list([one, other], link)
    first, second = cells(html, "li")
    assert first == f"reproduced [{one['label']}] It is said."
    assert second == f"{other['verdict']} [{other['label']}] about the figure"
    assert 'href="page.html#tab.II.M"' in html
    assert text(claim_list([], link)) == "No claim is decided here yet."


def test_a_grouped_list_begins_with_what_surprises(ledger):
    claims = [by_id(ledger, "tab.II.M") | {"verdict": verdict} for verdict in ORDER for _ in range(2)]
    html = claim_list(claims, link, grouped=True)
    assert cells(html, "summary") == [f"{verdict}: 2" for verdict in ORDER]
    folded = re.findall(r"<details ([^>]*)><summary>(\w+)", html)
    assert [word for state, word in folded if "open" not in state] == ["reproduced"]
    assert "<details" not in claim_list(claims, link)


def test_the_table_has_a_row_for_every_claim_in_order(ledger):
    html = ledger_table(ledger, link, "data/claims.json")
    parts = re.split(r'<tr id="([^"]+)" data-paper="(\w+)" data-kind="(\w+)" data-verdict="(\w+)">', html)[1:]
    rows = [parts[i : i + 5] for i in range(0, len(parts), 5)]
    assert [row[:4] for row in rows] == [
        [row_id(c["paper"], c["id"]), c["paper"], c["kind"], c["verdict"]] for c in ledger
    ]
    assert 'href="data/claims.json"' in html and all(head(paper).label in html for paper in PAPERS)
    for order, ((*_, row), claim) in enumerate(zip(rows, ledger, strict=True)):
        shown = dict(re.findall(r'data-label="([^"]+)" data-sort="([^"]*)"', row))
        assert list(shown) == list(tables.COLUMNS)
        assert ORDER[int(shown["Verdict"])] == claim["verdict"] and int(shown["Claim"]) == order
        assert unescape(shown["What it says"]) == claim["says"] and claim["id"] in row
        assert text(row).startswith(f"{claim['verdict']} [{claim['label']}]")


def test_a_row_shows_numbers_tolerance_and_reason(ledger):
    plain = by_id(ledger, "tab.II.M") | {"form": None, "corrected": [0.1] * 5, "unit": "meV"}
    shown = text(tables._numbers(plain))
    for part in (
        "printed 0.85",
        "computed 0.851",
        "corrected form 0.1, 0.1",
        "meV",
        "tolerance 0.005: digits",
    ):
        assert part in shown
    assert "tolerance" not in text(tables._numbers(plain | {"tolerance": None}))
    assert "corrected" not in text(tables._numbers(plain | {"corrected": None}))
    assert "peaks: 3 ± 0.5 > 1" in text(tables._numbers(by_id(ledger, "fig.2")))
    told = text(tables._numbers(by_id(ledger, "tab.II.M")))
    assert "5 numbers" in told and "Tolerance 0.005: digits" in told


def test_a_row_says_who_uses_it_and_what_faults_it_notices(ledger):
    claim = by_id(ledger, "tab.II.M") | {
        "notices": ["dot.states"],
        "used_by": ["fig.2"],
        "extraction": "cut off",
    }
    shown = text(tables._says(claim))
    for part in ("as printed", f"Used by {by_id(ledger, 'fig.2')['label']}.", "In the text at hand: cut off"):
        assert part in shown, part
    assert shown.endswith("Notices faults in: dot.states")
    bare = text(tables._says(claim | {"notices": [], "used_by": [], "extraction": None, "note": None}))
    for part in ("Used by", "In the text", "Notices", "as printed"):
        assert part not in bare


def test_counts_add_up_by_paper_and_by_verdict():
    counts = {
        "zhu2011": dict.fromkeys(tables.STATES, 0) | {"reproduced": 5, "refuted": 2},
        "yukalov2020": dict.fromkeys(tables.STATES, 0) | {"reproduced": 1, "open": 4},
    }
    html = counts_table(counts, lambda paper: f"{paper}.html", lambda paper, verdict: f"#{paper}-{verdict}")
    used = [state for state in tables.STATES if state in ("reproduced", "refuted", "open")]
    assert cells(html, "th")[: 3 + len(used)] == ["Paper", *used, "all", "share"]
    first, second, foot = re.findall(r'<tr><th scope="row">(.*?)</tr>', html)
    numbers = [
        [int(n) for n in re.findall(r"\d+", text(part.partition("</th>")[2]))]
        for part in (first, second, foot)
    ]
    assert numbers == [
        [*(counts[paper][state] for state in used), sum(counts[paper].values())] for paper in counts
    ] + [[sum(by[state] for by in counts.values()) for state in used] + [12]]
    assert "#zhu2011-refuted" in html and "#yukalov2020-refuted" not in html and '"zhu2011.html"' in html
    assert html.count("flex-grow:5") == 1 and 'title="6 reproduced"' in foot


def test_every_claim_is_found_by_its_paper_and_kind(ledger):
    html = finder(ledger, link, lambda claim: f"#{row_id(claim['paper'], claim['id'])}")
    assert len(re.findall("<table", html)) == len(PAPERS)
    found = re.findall(r'<span class="ledger-found claim-(\w+)"><a href="([^"]+)">', html)
    assert len(found) == len(ledger)
    assert ("reproduced", "page.html#tab.II.M") in found
    assert sum(verdict == "open" for verdict, _ in found) == sum(
        claim["verdict"] == "open" for claim in ledger
    )
    names = set(re.findall(r'<th scope="row">(\w+)</th>', html))
    assert names <= {tables.PLURALS[kind] for kind in KINDS} and "equations" in names


def test_a_badge_is_a_link_where_it_leads_somewhere():
    assert badge("open") == '<span class="claim-badge claim-open">open</span>'
    assert badge("open", "a&b") == '<a class="claim-badge claim-open" href="a&amp;b">open</a>'
