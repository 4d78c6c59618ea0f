"""What goes beyond the pages: prints, notebooks to take away, citations, and what machines read."""

import base64
import json
import re
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from jupyter_cache import get_cache

import outputs
import pages

HTML = pages.ROOT / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.glob("book/**/*.html")) or ["book/index.html"]
EXECUTABLE = [str(page.relative_to(pages.ROOT).with_suffix("")) for page in pages.find()]
PRINTED = ["book/index.html", *(f"{name}.html" for name in EXECUTABLE[::6]), "book/status.html"]
SHEET, LONG = 688, 1001  # pixels between the margins of an A4 sheet
HOME = yaml.safe_load((pages.ROOT / "_config.yml").read_text("utf8"))["html"]["baseurl"]

CUT = """
const cut = node => {
  const style = getComputedStyle(node)
  return style.overflowX !== 'visible' && !node.matches('span.math')  // they hold hidden MathML as well
    && node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 2
}
const sliced = (node, {display, overflowY}) => node.getBoundingClientRect().height > arguments[1]
  && (node.matches('img') || /auto|scroll/.test(overflowY) || display.startsWith('inline-'))
return [...document.querySelectorAll('.bd-article *')]
  .filter(node => node.getClientRects().length && !node.closest('mjx-assistive-mml, .hands, svg'))
  .filter(node => node.getBoundingClientRect().right > arguments[0] + 1 || cut(node)
    || sliced(node, getComputedStyle(node)))
  .slice(0, 5).map(node => `${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 60)}`)
"""

FAULT = """
const box = document.createElement('div')
box.style = arguments[0]
box.textContent = 'Some words'
document.querySelector('.bd-article').prepend(box)
"""


def command(reader, name, **options):
    return reader.driver.execute_cdp_cmd(name, options)


@pytest.mark.parametrize("page", PRINTED)
def test_no_edge_of_a_sheet_cuts_anything(reader, page):
    reader.visit(page)
    command(reader, "Emulation.setEmulatedMedia", media="print")
    size = {"width": SHEET, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    command(reader, "Emulation.setDeviceMetricsOverride", **size)
    try:
        assert reader.run(CUT, SHEET, LONG) == []
        for style in ("overflow-y: auto", "width: 700px", "overflow: clip; width: 9px; text-wrap: nowrap"):
            reader.run(FAULT, f"{style}; height: 1200px")
            assert len(reader.run(CUT, SHEET, LONG)) >= 1, style
            reader.run("document.querySelector('.bd-article').firstElementChild.remove()")
    finally:
        command(reader, "Emulation.setEmulatedMedia", media="")


def test_a_page_prints_to_pdf(reader):
    reader.visit(f"{EXECUTABLE[0]}.html")
    printed = base64.b64decode(command(reader, "Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
    assert printed.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3


@pytest.mark.parametrize("name", EXECUTABLE)
def test_a_notebook_has_outputs_and_says_how_to_install(built, name):
    notebook = nbformat.read(built / "_sources" / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    first, *others = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.cells[0] == first and "%pip install" in first.source and "lowdim[all] @" in first.source
    assert sum(bool(cell.outputs) for cell in others) > len(others) / 3
    html = (built / f"{name}.html").read_text("utf8")
    assert f"_sources/{name}.ipynb" in html


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_cited_and_previewed(built, page):
    text = (built / page).read_text("utf8")
    citation = yaml.safe_load((pages.ROOT / "CITATION.cff").read_text("utf8"))
    (block,) = re.findall(r'<details class="cite-this">.*?</details>', text, re.DOTALL)
    for said in (citation["authors"][0]["name"], citation["title"], citation["version"], f"{HOME}{page}"):
        assert said in block
    assert re.search(r'<meta name="description" content="[^"]{20,}"', text)
    assert f'property="og:url" content="{HOME}{page}"' in text
    image = re.search(r'property="og:image" content="([^"]*)"', text)[1]
    assert (built / image.removeprefix(HOME)).exists()


def test_the_map_of_the_site_lists_every_page(built):
    tree = ElementTree.parse(built / "sitemap.xml")
    found = {node.text.removeprefix(HOME) for node in tree.iter() if node.tag.endswith("loc")}
    assert found == set(PAGES)
    assert (built / "robots.txt").exists() and (built / "404.html").exists()


def test_a_lost_address_is_answered_without_another_request(reader):
    reader.visit("404.html")
    assert reader.outside_requests() == [] and reader.complaints() == []
    assert reader.run("return document.querySelectorAll('a').length") >= 3


def test_claims_are_offered_to_machines(built):
    assert len(json.loads((built / "claims.json").read_text("utf8"))) > 250
    assert 'claims.json"' in (built / "book" / "ledger.html").read_text("utf8")


def test_the_status_page_counts_the_verdicts_of_this_build(built):
    claims = json.loads((built / "claims.json").read_text("utf8"))
    text = BeautifulSoup((built / "book" / "status.html").read_text("utf8"), "html.parser")
    (row,) = [r for r in text.select("tr") if r.get_text(" ", strip=True).startswith("this build")]
    verdicts = [claim["verdict"] for claim in claims if claim["page"]]
    names = ("reproduced", "corrected", "refuted", "partial", "definition", "untestable")
    wanted = [len(verdicts), *(verdicts.count(name) for name in names)]
    assert [int(cell.get_text()) for cell in row.select("td")[1:]] == wanted


def test_the_status_page_tells_what_every_page_took(built):
    folder = pages.ROOT / outputs.PLACE
    if not folder.exists():
        pytest.skip("the outputs that the book was built from are not there")
    cache = get_cache(str(folder))
    wanted = {}
    for page, name in zip(pages.find(), EXECUTABLE, strict=True):
        took = outputs.cached(cache, pages.read(page)).data
        memory = took.get("peak_megabytes")
        seconds = f"{took['execution_seconds']:.1f}"
        wanted[f"{name}.html"] = [seconds, "unknown" if memory is None else f"{memory:.0f}"]
    text = BeautifulSoup((built / "book" / "status.html").read_text("utf8"), "html.parser")
    rows = [row.select("td") for row in text.select("table")[0].select("tr")[1:]]
    assert {f"book/{r[0].a['href']}": [cell.get_text() for cell in r[2:]] for r in rows} == wanted
