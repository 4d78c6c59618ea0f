"""The pages agree with their executed twins, and the check would notice if they did not."""

import nbformat
import pytest

import pages
import twins

PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---
# A page

```{code-cell}
1 + 1
```

```{code-cell}
1 + 1
```
"""


def test_pages_agree_with_their_twins():
    assert twins.disagreements() == [], "run `make notebooks`"


@pytest.fixture
def book(tmp_path):
    """One page and its twin, as executed."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "page.md").write_text(PAGE)
    twin = twins.place(tmp_path / "book" / "page.md", tmp_path)
    twin.parent.mkdir(parents=True)
    notebook = twins.blank(tmp_path / "book" / "page.md")
    executed = twins.blank(tmp_path / "book" / "page.md")
    for cell in executed.cells[1:]:
        data = {"text/plain": "<object at 0x7f00> 2", "image/png": "aGVsbG8="}
        cell.outputs = [nbformat.v4.new_output("execute_result", data, metadata={"took": 1.5})]
    nbformat.write(twins.fill(notebook, executed, twins.sanitizer(pages.ROOT)), twin)
    return tmp_path


def edit(book, change):
    path = book / "tests" / "notebooks" / "page.ipynb"
    notebook = nbformat.read(path, 4)
    change(notebook)
    nbformat.write(notebook, path)
    return twins.disagreements(book)


def test_a_faithful_twin_passes(book):
    assert twins.disagreements(book) == []


def test_a_twin_holds_nothing_that_varies(book):
    twin = nbformat.read(book / "tests" / "notebooks" / "page.ipynb", 4)
    nbformat.validate(twin)
    first, second = twin.cells[1:]
    assert first.id != second.id
    assert first.outputs[0].data == {"text/plain": "<object at 0x0> 2"}
    assert first.outputs[0].metadata == {}
    assert [first.execution_count, second.outputs[0].execution_count] == [1, 2]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda notebook: notebook.cells[1].update(source="1 + 2"), "cells and its twin's differ"),
        (lambda notebook: notebook.cells.pop(), "cells and its twin's differ"),
        (lambda notebook: notebook.cells[1].update(execution_count=None), "not executed"),
        (lambda notebook: [cell.update(outputs=[]) for cell in notebook.cells[1:]], "no outputs"),
    ],
)
def test_an_unfaithful_twin_is_named(book, change, sentence):
    rows = edit(book, change)
    assert len(rows) == 1 and rows[0].startswith("book/page.md") and sentence in rows[0]


def test_a_missing_page_and_a_missing_twin_are_named(book):
    (book / "book" / "page.md").rename(book / "book" / "other.md")
    assert twins.disagreements(book) == [
        "tests/notebooks/page.ipynb has no page",
        "book/other.md has no twin at tests/notebooks/other.ipynb",
    ]


def test_a_cell_taken_out_of_the_test_is_named(book):
    page = book / "book" / "page.md"
    page.write_text(PAGE.replace("```{code-cell}\n", "```{code-cell}\n:tags: [nbval-skip]\n", 1))
    tag = {"tags": ["nbval-skip"]}
    assert "nbval-skip" in edit(book, lambda notebook: notebook.cells[1].update(metadata=tag))[0]


def test_one_page_is_run_and_the_other_twins_stay(book, monkeypatch, capsys):
    (book / "_config.yml").write_text("execute: {timeout: 60}")
    config = book / "tests" / "notebooks" / "sanitize.cfg"
    config.write_bytes((pages.ROOT / "tests" / "notebooks" / "sanitize.cfg").read_bytes())
    other = config.with_name("other.ipynb")
    other.write_text("a twin of a page elsewhere")
    monkeypatch.chdir(book)
    assert twins.write_pages(["book/page.md"], book)
    assert "wrote tests/notebooks/page.ipynb" in capsys.readouterr().out
    assert twins.place(book / "book" / "page.md", book).read_text().count('"text/plain": [') == 2
    assert other.exists() and not (book / "_build").exists()
    with pytest.raises(SystemExit, match="No executable page of the book: .*index.md"):
        twins.write_pages(["book/index.md"], book)
