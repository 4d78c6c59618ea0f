"""The book as one file for paper: its order, its words, its bookmarks and its links."""

import itertools
import re
import unicodedata

import pytest
import yaml

import pages

pdf = pytest.importorskip("pdf", reason="pypdf is not installed", exc_type=ImportError)

TOC = yaml.safe_load((pages.ROOT / "_toc.yml").read_text("utf8"))
PRINTED = ["book/wigner-crystals/index.html", "book/excitons/classical.html", "book/references.html"]
HOME = "https://the.book/"


@pytest.fixture(scope="module")
def book(built, driver, site):
    """Three pages as one file, their first sheets and their titles."""
    contents = [pdf.Entry(0, PRINTED[0], "A part"), *(pdf.Entry(1, name) for name in PRINTED)]
    writer, first, titles = pdf.bind(driver, site, built, contents, HOME)
    file = pdf.io.BytesIO()
    writer.write(file)
    return pdf.PdfReader(file), first, titles


def test_every_page_is_in_the_contents_once():
    found = list(pdf.entries(TOC))
    listed = [entry.page for entry in found if entry.words is None]
    text = (pages.ROOT / "_toc.yml").read_text("utf8")
    assert listed == [f"{name}.html" for name in re.findall(r"(?:root|file): (\S+)", text)]
    assert [entry.words for entry in found if entry.words] == re.findall(r"caption: (.*)", text)
    assert all(next.depth <= one.depth + 1 for one, next in itertools.pairwise(found))


def letters(text):
    """Without spaces, and "fi" as two letters, which some fonts print as one."""
    return unicodedata.normalize("NFKC", "".join(text.split()))


def test_sheets_hold_the_words_of_the_page_and_are_counted(book):
    file, first, titles = book
    texts = [sheet.extract_text() for sheet in file.pages]
    assert [text.split()[0] for text in texts] == [str(count) for count in range(1, len(texts) + 1)]
    for name, title in titles.items():
        source = (pdf.pages.ROOT / "_build" / "html" / name).read_text("utf8")
        article = pdf.BeautifulSoup(source, "html.parser").find("article")
        last = min(other for other in [*first.values(), len(texts)] if other > first[name])
        # a sheet may hold a figure only, with no word but its number
        printed = "".join(letters(" ".join(text.split()[1:])) for text in texts[first[name] : last])
        assert letters(title) in printed
        for link in article.select(".headerlink"):
            link.decompose()
        prose = [p for p in article.select("section > p") if not p.select(".math, .reference, details, code")]
        said = [letters(p.get_text()) for p in prose if "\\(" not in p.get_text()]
        missing = [words for words in said if len(words) > 20 and words not in printed]
        assert missing == [] and (said or name == PRINTED[2]), name


def test_bookmarks_are_the_contents(book):
    file, first, titles = book
    part, below = file.outline
    assert part.title == "A part" and [row.title for row in below] == list(titles.values())
    assert [file.get_destination_page_number(row) for row in below] == list(first.values())


def test_links_lead_to_sheets_or_home(book):
    file, first, _ = book
    inside, outside = [], []
    for sheet in file.pages:
        for link in (reference.get_object() for reference in sheet.get("/Annots", ())):
            if "/Dest" in link:
                inside.append((link["/Dest"][0], link["/Dest"][3]))
            else:
                outside.append(link["/A"]["/URI"])
    numbers = {sheet.indirect_reference.idnum: count for count, sheet in enumerate(file.pages)}
    reached = {numbers[target.idnum] for target, _ in inside}
    cited = {numbers[target.idnum] for target, height in inside if isinstance(height, float)}
    assert 0 in reached
    assert {sheet for sheet in cited if sheet >= first["book/references.html"]}
    assert not [address for address in outside if "127.0.0.1" in address]
    assert any(address.startswith(HOME + "book/") for address in outside)
