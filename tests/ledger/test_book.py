"""A small book built with Sphinx: claims are collected, linked, written as data, and kept between builds."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nbformat
import pytest

from lowdim.ledger import Paper

build_main = pytest.importorskip("sphinx.cmd.build").main
pytest.importorskip("myst_nb")

CONF = """
extensions = ["myst_nb", "lowdim.ledger.sphinx"]
html_theme = "basic"
html_copy_source = False
nb_execution_mode = "cache"
nb_execution_excludepatterns = ["*.ipynb", "**/*.ipynb"]
nb_execution_raise_on_error = True
"""
INDEX = """# Front

```{ledger-summary}
```

Refuted: {ledger-count}`zhu2011 refuted`, decided: {ledger-count}`decided`.
See {claim}`zhu2011 text.kz-dispersion` and {claim}`zhu2011 fig.2a`.
It is {claim-value}`jauregui1996 tab.IV.product computed 0 .4f`.

```{ledger-bar} zhu2011
```

```{ledger-finder}
```

```{toctree}
dot/index
dot/executed
static
ledger
```
"""
CHAPTER = """# Dot

```{ledger-summary}
:paper: jauregui1996
```
"""
LEDGER = """# Ledger

```{ledger}
```
"""
EXECUTED = """---
kernelspec: {name: python3, display_name: Python 3}
file_format: mystnb
---
# Executed

```{code-cell} ipython3
from lowdim.ledger import Paper
paper = Paper("jauregui1996")
paper.number("tab.IV.product", 0.0006, tolerance=5e-5, reason="printed digits")
paper.definition("eq.3", used_by="tab.IV.product")
```

```{ledger-summary}
:page:
```
"""


def notebook(*decide):
    """Return a notebook with one stored cell; each function of `decide` decides claims of zhu2011."""
    paper = Paper("zhu2011")
    for one in decide:
        one(paper)
    outputs = [
        nbformat.v4.new_output("display_data", data=record._repr_mimebundle_())
        for record in paper.decided.values()
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# Static"),
        nbformat.v4.new_code_cell("decide()", outputs=outputs),
    ]
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata))


def refute(paper):
    stated = {"independent": 3.0, "tolerance": 0.5, "reason": "digits", "note": "both codes agree"}
    paper.number("text.kz-dispersion", 3.0, verdict="refuted", **stated)


def confirm(paper):
    paper.number("tab.I.d", paper.published("tab.I.d"), tolerance=0.0005, reason="printed digits")


class Links(HTMLParser):
    """The ids, the links and the loaded files of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.hrefs, self.files = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "a" and "href" in attrs:
            self.hrefs.append(attrs["href"])
        self.files += [urlsplit(attrs[key]).path for key in ("src", "href") if tag != "a" and attrs.get(key)]


class Book:
    def __init__(self, root):
        # Apart, since notebooks executed and cached beside the output would else be read as sources.
        self.root, self.html = root / "source", root / "out" / "html"
        (self.root / "dot").mkdir(parents=True)
        pages = {"index": INDEX, "dot/index": CHAPTER, "ledger": LEDGER, "dot/executed": EXECUTED}
        for name, text in pages.items():
            (self.root / f"{name}.md").write_text(text, encoding="utf-8")
        (self.root / "conf.py").write_text(CONF)
        self.write_static(refute)

    def write_static(self, *decide, name="static"):
        (self.root / f"{name}.ipynb").write_text(notebook(*decide), encoding="utf-8")

    def build(self):
        return build_main(["-q", "-W", "--keep-going", "-b", "html", str(self.root), str(self.html)])

    def page(self, name):
        return (self.html / f"{name}.html").read_text(encoding="utf-8")

    def ledger(self):
        claims = json.loads((self.html / "claims.json").read_text(encoding="utf-8"))
        return {(claim["paper"], claim["id"]): claim for claim in claims}

    def decided(self):
        return {
            id: claim["verdict"] for (_, id), claim in self.ledger().items() if claim["verdict"] != "open"
        }


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    assert book.build() == 0
    return book


# The tests of one book run in the order written: the later ones change it and build again.


def test_claims_json(book):
    ledger = book.ledger()
    assert len(ledger) == 262
    assert book.decided() == {
        "text.kz-dispersion": "refuted",
        "tab.IV.product": "reproduced",
        "eq.3": "definition",
    }
    claim = ledger["jauregui1996", "tab.IV.product"]
    assert (claim["published"], claim["computed"], claim["page"]) == (0.0006, 0.0006, "dot/executed.html")


def test_every_decided_claim_has_its_box(book):
    for claim in book.ledger().values():
        if claim["page"]:
            assert Links(book.page(claim["page"].removesuffix(".html"))).ids.count(claim["anchor"]) == 1


def test_every_link_leads_somewhere(book):
    for name in ("index", "dot/index", "dot/executed", "static", "ledger"):
        links = Links(book.page(name)).hrefs
        for href in links:
            parts = urlsplit(href)
            if parts.scheme:
                continue
            target = (
                (book.html / f"{name}.html").parent / parts.path if parts.path else book.html / f"{name}.html"
            )
            assert target.resolve().is_file(), (name, href)
            if parts.fragment:
                assert parts.fragment in Links(target.read_text(encoding="utf-8")).ids, (name, href)


def test_ledger_page(book):
    text = book.page("ledger")
    assert len(re.findall(r'<tr id="ledger-', text)) == 262
    links = Links(text)
    assert "static.html#claim-zhu2011-text-kz-dispersion" in links.hrefs and "claims.json" in links.hrefs
    row = re.search(r'<tr id="ledger-zhu2011-text-kz-dispersion".*?</tr>', text, re.S).group()
    for part in (
        "Zhu 2011",
        "text.kz-dispersion",
        "[Z text: kz dispersion]",
        "1 meV",
        "3 meV",
        "digits",
        "refuted",
    ):
        assert part in row
    assert 'data-verdict="refuted"' in row and "both codes agree" in row


def test_summaries(book):
    front = book.page("index")
    assert "5 papers, 262 claims: 1 reproduced, 1 refuted, 1 definition, 259 open." in front
    assert "Refuted: 1, decided: 3." in front
    assert "ledger.html?paper=zhu2011&amp;verdict=refuted" in front
    assert front.count('class="ledger-found ') == 262
    assert "It is 0.000" in front and 'class="ledger-card-bar"' in front
    assert "[Z text: kz dispersion] (refuted)" in front and "Fig. 2a] (open)" in front
    chapter = book.page("dot/index")
    assert "1 paper, 25 claims: 1 reproduced, 1 definition, 23 open." in chapter
    groups = re.findall(r'<details class="ledger-group"( open)?><summary>(.*?)</summary>', chapter)
    assert groups == [("", "reproduced: 1"), (" open", "definition: 1")]
    assert "executed.html#claim-jauregui1996-tab-IV-product" in chapter
    assert {"#claim-jauregui1996-eq-3"} <= set(Links(book.page("dot/executed")).hrefs)


def test_boxes_link_back_to_the_ledger(book):
    assert "../ledger.html#ledger-jauregui1996-eq-3" in Links(book.page("dot/executed")).hrefs


def test_style_and_script_load_where_needed(book):
    needs = {name: Links(book.page(name)).files for name in ("ledger", "static", "genindex")}
    assert {"_static/ledger.css", "_static/ledger.js"} <= set(needs["ledger"])
    assert "_static/ledger.css" in needs["static"] and "_static/ledger.js" not in needs["static"]
    assert "_static/ledger.css" not in needs["genindex"]
    assert (book.html / "_static/ledger.js").is_file() and (book.html / "_static/ledger.css").is_file()


def test_second_build_keeps_the_claims(book):
    (book.html / "claims.json").unlink()
    assert book.build() == 0
    assert len(book.decided()) == 3


def test_changed_page_reaches_the_pages_that_were_not_read_again(book):
    book.write_static(confirm)
    assert book.build() == 0
    assert "text.kz-dispersion" not in book.decided() and book.decided()["tab.I.d"] == "reproduced"
    assert "2 reproduced, 1 definition, 259 open." in book.page("index")
    assert "static.html#claim-zhu2011-tab-I-d" in Links(book.page("ledger")).hrefs


def test_claim_decided_twice_fails_every_build(book, capfd):
    book.write_static(confirm, name="again")
    index = book.root / "index.md"
    index.write_text(INDEX.replace("static\n", "static\nagain\n"), encoding="utf-8")
    for _ in range(2):
        assert book.build() != 0
        assert "zhu2011 tab.I.d is decided twice: again.html and static.html" in capfd.readouterr().err
    (book.root / "again.ipynb").unlink()
    index.write_text(INDEX, encoding="utf-8")
    assert book.build() == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{claim}`zhu2011 eq.99`", "claim: expected a paper and the id"),
        ("{ledger-count}`zhu2011 wrong`", "ledger-count: expected papers"),
        ("{claim-value}`zhu2011 text.kz-dispersion computed 1 .2f`", "claim-value: expected 'paper id"),
        ("{claim-value}`zhu2011 eq.99 computed 0 .2f`", "claim-value: expected 'paper id"),
        ("{claim-value}`zhu2011 fig.2a computed 0 .2f`", "claim-value: expected 'paper id"),
        ("```{ledger-summary}\n:paper: zhu1999\n```", "zhu1999"),
    ],
)
def test_mistakes_on_a_page_fail_the_build(book, capfd, text, message):
    index = book.root / "index.md"
    index.write_text(INDEX + "\n" + text + "\n", encoding="utf-8")
    assert book.build() != 0
    assert message in capfd.readouterr().err
    index.write_text(INDEX, encoding="utf-8")


def test_definition_without_a_tested_user_fails_the_build(book, capfd):
    book.write_static(lambda paper: paper.definition("eq.1", used_by="fig.3a"))
    assert book.build() != 0
    assert "zhu2011 eq.1 is a definition used by fig.3a, which is undecided" in capfd.readouterr().err
