"""The inventory holds the claims of the five papers, complete and well formed, and its formulas typeset."""

import html
import re

import numpy as np
import pytest
import yaml

from browser import chromium, served
from lowdim.ledger import PAPERS, Claim, Paper, all_claims, head
from lowdim.ledger.inventory import entry, parse
from lowdim.ledger.values import flatten
from pages import ROOT

SIZES = {"knorzer2020": 110, "yukalov2020": 61, "glazov2020": 41, "zhu2011": 25, "jauregui1996": 25}


def test_every_paper_has_its_number_of_claims():
    assert {paper: len(all_claims(paper)) for paper in PAPERS} == SIZES
    assert sum(SIZES.values()) == 262


PHONE = 358  # pixels that a telephone of 390 leaves for text
NUMBER = re.compile(r"eq\.[A-Z]?\d+|tab\.[IV]+(\.[\w-]+)?|fig\.\d+[a-z]?|text\.[\w-]+")
HEAD = "{paper: p, label: P 1, title: t, authors: [a], reference: r, chapter: c, claims: [%s]}"
GOOD = {
    **{"id": "tab.I", "kind": "table", "what": "two masses", "says": "Two masses are $m_1$ and $m_2$."},
    **{"published": [1, [2, 3]], "unit": "kg", "quantity": "mass in kg", "rows": ["a", ["b", "c"]]},
}


def everything():
    return [(paper, id, entry(paper, id)) for paper in PAPERS for id in all_claims(paper)]


def test_every_equation_has_its_formula():
    equations = [claim for _, _, claim in everything() if claim["kind"] == "equation"]
    assert len(equations) == 150
    assert all(claim["printed"].strip() for claim in equations)


def test_numbers_and_sentences_name_their_quantity():
    for paper, id, claim in everything():
        if claim["kind"] != "equation" or "published" in claim:
            assert len(claim["quantity"].split()) >= 2, (paper, id)
        if isinstance(claim.get("published"), list):
            rows = np.array([len(row) for row in leaves(claim["rows"])])
            assert len(rows) == len(flatten(claim["published"])) and (rows > 0).all(), (paper, id)


def leaves(rows):
    return [leaf for row in rows for leaf in leaves(row)] if isinstance(rows, list) else [rows]


def test_words_hold_no_bare_mathematics():
    for paper, id, claim in everything():
        for field in ("says", "quantity", "extraction"):
            words = re.sub(r"\$[^$]*\$", "", claim.get(field, ""))
            assert not re.search(r"[\\^_{}|<>]|\b(sqrt|hbar|ueV|lambda|theta|omega)\b", words), (
                paper,
                id,
                field,
            )


def test_a_claim_without_a_number_of_the_paper_has_a_label():
    for paper, id, claim in everything():
        assert bool(NUMBER.fullmatch(id)) != ("label" in claim), (paper, id)
        if "label" in claim:
            assert claim["label"].startswith(head(paper).label[0] + " "), (paper, id)


def test_an_entry_is_read_as_it_is_written():
    paper, claims = parse(HEAD % yaml.safe_dump(GOOD, default_flow_style=True))
    assert paper.label == "P 1" and claims == {"tab.I": GOOD}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "number"}, "kind: expected one of equation, table, figure, text, got 'number'"),
        ({"colour": "red"}, "colour: expected one of the fields id, kind"),
        ({"id": 3}, "id: expected a text, got 3"),
        ({"says": None}, "says: expected a text"),
        ({"says": "costs $5"}, "says: expected a text, mathematics between pairs of dollars"),
        ({"what": " "}, "what: expected a text"),
        ({"quantity": 5}, "quantity: expected a text"),
        ({"quantity": None}, "quantity: expected a text"),
        (dict.fromkeys(["quantity", "published", "unit", "rows"]), "quantity: expected a text"),
        ({"kind": "equation"}, "printed: expected the formula of an equation in LaTeX, got None"),
        ({"printed": "$x$"}, "printed: expected a formula in LaTeX"),
        ({"printed": "\\frac{1}{2"}, "printed: expected a formula in LaTeX"),
        ({"printed": "}x{"}, "printed: expected a formula in LaTeX"),
        ({"printed": "\\begin{aligned} x"}, "printed: expected a formula in LaTeX"),
        ({"extraction": ["i", "j"]}, "extraction: expected a text"),
        ({"published": [1, "2"]}, "published: expected real numbers, got '2'"),
        ({"published": [1, float("nan")]}, "published: expected finite numbers"),
        ({"published": None}, "unit: expected none without published numbers"),
        ({"published": 1}, "rows: expected a label for each published number"),
        ({"rows": ["a", "b", "c"]}, "rows: expected a label for each published number"),
        ({"rows": ["a", ["b"]]}, "rows: expected a label for each published number"),
        ({"rows": ["a", ["b", 3]]}, "rows: expected a label for each published number"),
        ({"rows": None}, "rows: expected a label for each published number"),
        ({"label": "Q 1"}, "label: expected one from 'P' on, got 'Q 1'"),
    ],
)
def test_a_malformed_entry_is_refused(change, complaint):
    claim = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse(HEAD % yaml.safe_dump(claim, default_flow_style=True))


def test_an_id_written_twice_is_refused():
    claim = yaml.safe_dump(GOOD, default_flow_style=True)
    with pytest.raises(ValueError, match=r"p tab\.I, id: expected once, got twice"):
        parse(HEAD % f"{claim}, {claim}")


def mathematics(claim):
    """The pieces of an entry that a page typesets."""
    if "printed" in claim:
        yield claim["printed"]
    texts = [claim.get(field, "") for field in ("says", "extraction", "quantity")]
    for text in [*texts, *leaves(claim.get("rows", []))]:
        yield from re.findall(r"\$([^$]*)\$", text)


@pytest.fixture(scope="module")
def typeset(tmp_path_factory):
    """A function from formulas to (complaints, width in pixels), by the book's own MathJax."""
    folder = tmp_path_factory.mktemp("typeset")
    (folder / "mathjax").symlink_to(ROOT / "book" / "_static" / "mathjax")
    with chromium() as driver, served(folder) as address:
        if driver is None:
            pytest.skip("Chromium is not installed: on Debian run `apt install chromium chromium-driver`")

        def measure(formulas):
            items = "".join(
                f"<p>\\(\\displaystyle {html.escape(latex, quote=False)}\\)</p>" for latex in formulas
            )
            page = f'<meta charset="utf-8">{SETUP}<script src="mathjax/tex-chtml.js"></script>{items}'
            # A name of its own for each page: the browser keeps what it has read within the same second.
            name = f"{len(list(folder.iterdir()))}.html"
            (folder / name).write_text(f"<!doctype html>{page}", encoding="utf-8")
            driver.get(address + name)
            driver.execute_async_script("MathJax.startup.promise.then(arguments[0])")
            return driver.execute_script(MEASURE)

        yield measure


# Without the package noundefined an unknown macro is an error, not its name in red. The size of the formulas
# is that of MathJax's own letters, whatever fonts this machine has.
SETUP = (
    "<script>MathJax = {tex: {packages: {'[-]': ['noundefined']}}, chtml: {matchFontHeight: false}}</script>"
)
MEASURE = """
return [...document.querySelectorAll('p')].map(p => {
  const math = p.querySelector('mjx-container')
  if (!math) return [['not typeset'], 0]
  const errors = [...math.querySelectorAll('mjx-merror')]
  return [errors.map(e => e.getAttribute('title') || e.outerHTML), math.getBoundingClientRect().width]
})
"""


@pytest.mark.parametrize("paper", PAPERS)
def test_every_formula_typesets_and_printed_ones_fit_a_telephone(typeset, paper):
    claims = [entry(paper, id) for id in all_claims(paper)]
    formulas = [(claim["id"], latex) for claim in claims for latex in mathematics(claim)]
    found = typeset([latex for _, latex in formulas])
    assert len(found) == len(formulas)
    named = [(id, *result) for (id, _), result in zip(formulas, found, strict=True)]
    assert [(id, complaints) for id, complaints, _ in named if complaints] == []
    assert [(id, width) for id, _, width in named if width > PHONE] == []


def test_what_mathjax_refuses_is_noticed(typeset):
    found = typeset([r"\frac{1}{2}", r"\frac{1}", r"\nonsense", "x+" * 100])
    assert [bool(complaints) for complaints, _ in found] == [False, True, True, False]
    assert found[0][1] < PHONE < found[3][1]


def test_anchors_differ_and_are_css_names():
    claims = [(paper, id) for paper in PAPERS for id in all_claims(paper)]
    anchors = [Claim(paper, id, "text", "", "open").anchor.lower() for paper, id in claims]
    assert len(set(anchors)) == 262
    assert all(anchor.replace("-", "").isalnum() for anchor in anchors)


@pytest.mark.parametrize("paper", PAPERS)
def test_heads_name_the_source(paper):
    found = head(paper)
    assert found.paper == paper and found.title and found.authors and found.reference
    assert found.doi is None or found.doi.startswith("10.")


def test_chapters_differ():
    assert len({head(paper).chapter for paper in PAPERS}) == 5


def test_published_numbers():
    paper = Paper("jauregui1996")
    assert paper.published("tab.II.M") == [0.85, 0.04, 0.32, 0.29, 0.43]
    assert paper.published("eq.1") is None


def test_unknown_paper_names_the_known_ones():
    with pytest.raises(ValueError, match="knorzer2020, yukalov2020, glazov2020, zhu2011, jauregui1996"):
        Paper("jauregui96")


def test_unknown_id_suggests_near_ones():
    with pytest.raises(ValueError, match=r"tab\.II\.N.*near: .*tab\.II\.M"):
        Paper("jauregui1996").published("tab.II.N")
