"""`make book` on a small book: stale outputs go, failures stay failures, sloppiness is one.

The book stands in a folder of its own with this project's Makefile, settings and tools.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pages

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# A page\n\nIt asks $1 + 1$.\n\n"
CONTENTS = "format: jb-book\nroot: book/index\n"
READS_THE_PACKAGE = "from pathlib import Path\nprint('value', Path('../lib/value.txt').read_text())"
DRAWS = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"


@pytest.fixture
def book(tmp_path):
    """A book without pages yet, under the project's own settings."""
    for name in ("Makefile", "_config.yml", "constraints.txt"):
        shutil.copy(pages.ROOT / name, tmp_path)
    for name in ("tests/tools", "book/_ext", "book/_static"):
        ignored = shutil.ignore_patterns("__pycache__", "input", "woff-v2")
        shutil.copytree(pages.ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "_toc.yml").write_text(CONTENTS)
    (tmp_path / "book" / "references.bib").write_text("")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "value.txt").write_text("one")
    return tmp_path


def write_page(book, code):
    (book / "book" / "index.md").write_text(f"{HEADER}```{{code-cell}}\n{code}\n```\n")


def make_book(book):
    """Run `make book`, with this environment in the place of `.venv`."""
    folder = Path(sys.executable).parent
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}
    command = ["make", "--old-file=env", "book", f"BIN={folder}"]
    return subprocess.run(command, cwd=book, env=clean, capture_output=True, text=True)


def test_outputs_follow_the_package(book):
    write_page(book, READS_THE_PACKAGE)
    first = make_book(book)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Using cached notebook" in first.stdout + first.stderr
    html = book / "_build" / "html" / "book" / "index.html"
    assert "value one" in html.read_text()

    stray = html.with_name("old.html")
    stray.write_text("a page that is no more")
    (book / "lib" / "value.txt").write_text("two")
    assert make_book(book).returncode == 0
    assert "value two" in html.read_text()
    assert not stray.exists()

    again = subprocess.run([sys.executable, "tests/tools/pages.py"], cwd=book, capture_output=True, text=True)
    assert "0 of 1 pages run" in again.stdout


def test_a_failing_cell_fails_the_build_every_time(book):
    write_page(book, "raise RuntimeError('no such luck')")
    for _ in range(2):
        run = make_book(book)
        assert run.returncode != 0
        assert "RuntimeError: no such luck" in run.stderr
        assert "book/index.md" in run.stderr


def test_a_failing_cell_fails_the_builder_alone_every_time(book):
    write_page(book, "raise RuntimeError('no such luck')")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--keep-going"]
    for _ in range(2):
        run = subprocess.run(command, cwd=book, capture_output=True, text=True)
        assert run.returncode != 0
        assert "no such luck" in run.stdout + run.stderr


def test_a_figure_without_description_fails_the_build_every_time(book):
    write_page(book, DRAWS)
    for _ in range(2):
        run = make_book(book)
        assert run.returncode != 0
        assert "image without alt text" in run.stdout + run.stderr
