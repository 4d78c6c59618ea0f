"""Exercises have one form: at least three on a page, each with a hidden solution that was computed."""

import re

import nbformat
import pytest

import pages
import twins

MANY = 3
FENCE = re.compile(r"^:::\{(exercise|solution)\} ?(\S*)\n(?::(label|class): (\S+)\n)?", re.M)
OTHER = re.compile(r"(admonition\} *|\*\*)(Exercise|Solution)|\{(exercise|solution)-(start|end)\}")
CHAPTERS = [p for p in pages.find() if p.parent != pages.ROOT / "book" and p.stem != "index"]


def name(page):
    return str(page.relative_to(pages.ROOT / "book"))


def exercises(page):
    """Text of the page's section of exercises."""
    return page.read_text("utf8").partition("\n## Exercises\n")[2]


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_exercises_have_one_form(page):
    found = FENCE.findall(exercises(page))
    labels = [f"{page.parent.name}-{page.stem}-{n}" for n in range(1, len(found) // 2 + 1)]
    assert len(labels) >= MANY
    wanted = [
        row
        for label in labels
        for row in (("exercise", "", "label", label), ("solution", label, "class", "dropdown"))
    ]
    assert found == wanted


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_exercises_end_the_page(page):
    text = page.read_text("utf8")
    assert not re.search(r"^## ", exercises(page), re.M)
    assert not OTHER.search(text), OTHER.search(text)
    assert not FENCE.search(text.partition("\n## Exercises\n")[0])


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_every_solution_is_computed_and_hidden(page):
    """Behind each stands one cell, folded in the book and in JupyterLab, with outputs in the twin."""
    cells = nbformat.read(twins.place(page), 4).cells
    solved = [
        after
        for before, after in zip(cells, [*cells[1:], None], strict=True)
        if before.cell_type == "markdown" and before.source.count(":::{solution}") == 1
    ]
    assert len(solved) == len(FENCE.findall(exercises(page))) // 2
    for cell in solved:
        assert cell is not None and cell.cell_type == "code" and cell.outputs
        assert set(cell.metadata.tags) == {"hide-cell", "solution"}
        assert cell.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert sum("solution" in c.metadata.get("tags", []) for c in cells) == len(solved)
