"""A small book in a folder of its own, under this project's Makefile, settings and tools."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pages

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: {}\n---\n# A page\n\nIt asks $1 + 1$.\n\n"
CONTENTS = "format: jb-book\nroot: book/index\n"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}


class Book:
    """A book with at most one page."""

    def __init__(self, root):
        self.root = root
        for name in ("CITATION.cff", "Makefile", "_config.yml", "constraints.txt"):
            shutil.copy(pages.ROOT / name, root)
        for name in ("tests/tools", "book/_ext", "book/_extra", "book/_static"):
            ignored = shutil.ignore_patterns("__pycache__", "input", "woff-v2")
            shutil.copytree(pages.ROOT / name, root / name, ignore=ignored)
        (root / "_toc.yml").write_text(CONTENTS)
        (root / "book" / "references.bib").write_text("")
        (root / "lib" / "lowdim").mkdir(parents=True)
        (root / "lib" / "lowdim" / "value.txt").write_text("one")
        (root / "lib" / "pyproject.toml").write_text("")
        (root / ".venv").symlink_to(Path(sys.executable).parents[1])

    @property
    def html(self):
        return self.root / "_build" / "html" / "book" / "index.html"

    def write(self, code, options="", kernel="python3"):
        text = f"{HEADER.format(kernel)}```{{code-cell}}\n{options}{code}\n```\n"
        (self.root / "book" / "index.md").write_text(text, "utf8")

    def command(self, goal="book", *arguments):
        """`make`, with this environment linked in the place of `.venv`."""
        return ["make", "--old-file=env", goal, *arguments]

    def make(self, *arguments, **variables):
        return self.run(self.command("book", *arguments), **variables)

    def run(self, command, **variables):
        environment = ENVIRONMENT | variables
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)

    def run_pages(self, **variables):
        """Run the pages alone; return what was printed."""
        run = self.run([sys.executable, "tests/tools/pages.py"], **variables)
        return run.stdout + run.stderr


@pytest.fixture
def book(tmp_path):
    """A book without pages yet, in a folder with a space and an accent."""
    root = tmp_path / "a bóok"
    root.mkdir()
    return Book(root)
