"""The ledger page filters and sorts its table by what `claims.json` says."""

import json

import pytest

PAGE = "book/ledger.html"
SHOWN = "return [...document.querySelectorAll('.ledger-table > tbody > tr')].filter(row => !row.hidden)"
CHOOSE = """
const control = document.querySelector(`.ledger-controls [name=${arguments[0]}]`)
control.value = arguments[1]
control.dispatchEvent(new Event('input', {bubbles: true}))
"""


@pytest.fixture
def claims(built):
    if not (built / PAGE).exists():
        pytest.skip("the book has no ledger page")
    return json.loads((built / "claims.json").read_text("utf8"))


def count(reader):
    return reader.run(SHOWN + ".length")


def test_every_claim_has_its_row(reader, claims):
    reader.open(PAGE)
    assert count(reader) == len(claims)


@pytest.mark.parametrize("field", ["paper", "kind", "verdict"])
def test_a_filter_shows_what_the_data_hold(reader, claims, field):
    reader.open(PAGE)
    for value in sorted({claim[field] for claim in claims}):
        reader.run(CHOOSE, field, value)
        assert count(reader) == sum(claim[field] == value for claim in claims)
        assert f"{field}={value}" in reader.driver.current_url
    reader.run(CHOOSE, field, "")
    assert count(reader) == len(claims)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_verdict_is_seen_without_scrolling(reader, claims, width):
    reader.open(PAGE, width if width < 600 else 0)
    badge = "document.querySelector('.ledger-table > tbody > tr .claim-badge').getBoundingClientRect()"
    left, right = reader.run(f"const box = {badge}; return [box.left, box.right]")
    assert 0 <= left < right <= width
    first, words = reader.run(SHOWN + ".map(row => [row.innerText, row.dataset.verdict])[0]")
    assert first.split()[0] == words


def test_the_header_stays_in_sight(reader, claims):
    reader.open(PAGE)
    seen = reader.run(
        "window.scrollTo({top: document.body.scrollHeight / 2, behavior: 'instant'});"
        "const head = document.querySelector('.ledger-table thead th button');"
        "const box = head.getBoundingClientRect();"
        "return document.elementFromPoint(box.left + 2, (box.top + box.bottom) / 2) === head"
    )
    assert seen


def test_a_decided_claim_leads_to_its_cell(reader, claims):
    decided = [claim for claim in claims if claim["page"]]
    if not decided:
        pytest.skip("no claim is decided yet")
    reader.open(PAGE)
    links = reader.run(
        SHOWN + ".map(row => row.querySelector('a[href*=\"#\"]')).filter(a => a).map(a => a.href)"
    )
    assert len(links) == len(decided)
    reader.driver.opened = None
    reader.driver.get(links[0])
    assert reader.run("return Boolean(document.querySelector(':target'))")


def test_words_filter_and_an_address_restores_it(reader, claims):
    reader.visit(PAGE + "?q=" + claims[0]["id"])
    assert 1 <= count(reader) < len(claims)


def test_sorting_orders_the_rows(reader, claims):
    reader.open(PAGE)
    reader.run(CHOOSE, "sort", "what it says")
    said = reader.run(SHOWN + ".map(row => row.cells[2].dataset.sort)")
    assert said == reader.run("return arguments[0].slice().sort((a, b) => a.localeCompare(b))", said)
    reader.driver.opened = None
