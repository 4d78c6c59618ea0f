"""The form of a page: the result first, code folded, lines that fit, claims in their forms."""

import re
from ast import literal_eval
from pathlib import Path

import nbformat
import pytest

import pages
import twins

WIDTH = 76
LINES = 15
SMALLEST = 9  # points
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
CHAIN = re.compile(r"\bDerivation\(\s*(\"[^\"]*\")")  # its name, where it is written out
OLD = re.compile(r"\b\w*paper\w*\.(check|partial)\(")


def converted():
    """Pages without the former calls: all of them, once the last chapter has moved."""
    return [page for page in pages.find() if not OLD.search(page.read_text("utf8"))]


def name(page):
    return str(Path(page).relative_to(pages.ROOT / "book"))


def code_cells(page):
    return [cell for cell in pages.read(page).cells if cell.cell_type == "code"]


def folded(cell):
    return bool(FOLDED & set(cell.metadata.get("tags", [])))


@pytest.mark.parametrize("page", converted(), ids=name)
def test_code_fits_its_box(page):
    long = [line for cell in code_cells(page) for line in cell.source.split("\n") if len(line) > WIDTH]
    assert not long, f"{len(long)} lines over {WIDTH} characters, the first: {long[0]}"


@pytest.mark.parametrize("page", converted(), ids=name)
def test_open_cells_are_short(page):
    long = [c.source for c in code_cells(page) if not folded(c) and c.source.count("\n") >= LINES]
    assert not long, f"{len(long)} open cells of more than {LINES} lines, the first begins: {long[0][:80]}"


@pytest.mark.parametrize("page", converted(), ids=name)
def test_nothing_but_the_result_before_the_first_heading(page):
    for cell in pages.read(page).cells:
        if cell.cell_type == "markdown" and re.search(r"^## ", cell.source, re.M):
            return
        assert cell.cell_type != "code" or folded(cell), (
            f"open code before the first heading: {cell.source[:80]}"
        )


@pytest.mark.parametrize("page", converted(), ids=name)
def test_every_step_of_every_chain_is_refused_with_its_sign_turned(page):
    twin = nbformat.read(twins.place(page), 4)
    said = re.findall(r"(\d+) of (\d+) steps refused", nbformat.writes(twin))
    assert all(refused == steps for refused, steps in said)
    made = [name for cell in code_cells(page) for name in CHAIN.findall(cell.source)]
    shown = {
        text.split("\n")[0]
        for cell in twin.cells
        for output in cell.get("outputs", [])
        if "steps refused" in (text := output.get("data", {}).get("text/plain", ""))
    }
    missing = [name for name in made if literal_eval(name) not in shown]
    assert not missing, f"chains of this page are shown nowhere: {', '.join(missing)}"
    assert bool(said) == bool("Derivation(" in "".join(cell.source for cell in code_cells(page)))


@pytest.mark.parametrize("page", converted(), ids=name)
def test_no_output_is_bare(page):
    """Tables, boxes, chains, figures and what is printed on purpose: no value without a word, no warning."""
    for cell in nbformat.read(twins.place(page), 4).cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", f"a warning on the page: {output.text[:80]}"
            text = output.get("data", {}).get("text/plain", "")
            bare = set(output.get("data", {})) == {"text/plain"} and not text.startswith("<Figure")
            assert not bare, f"a value without a word: {text[:80]}"


@pytest.mark.parametrize("page", converted(), ids=name)
def test_no_text_of_a_figure_is_small(page):
    for cell in code_cells(page):
        sizes = re.findall(r"\b(?:title_)?(?:font|label)size=([\d.]+)", cell.source)
        assert all(float(size) >= SMALLEST for size in sizes), cell.source[:80]
