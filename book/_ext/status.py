"""The status page: verdicts of each release beside those of this build, and the versions it ran on."""

import platform
from importlib.metadata import version
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lowdim.ledger import MIME_TYPE

PACKAGES = ["lowdim", "numpy", "scipy", "sympy", "matplotlib", "jupyter-book", "sphinx", "myst-nb"]
VERDICTS = ["reproduced", "corrected", "refuted", "partial", "definition", "untestable"]


def table(rows):
    """A docutils table whose first row is its header."""
    group = nodes.tgroup(cols=len(rows[0]))
    group += [nodes.colspec(colwidth=1) for _ in rows[0]]
    parts = [nodes.thead(), nodes.tbody()]
    for count, row in enumerate(rows):
        line = nodes.row()
        line += [nodes.entry("", nodes.paragraph(text=str(cell))) for cell in row]
        parts[count > 0] += line
    group += parts
    return nodes.table("", group)


def decided(folder):
    """Verdicts in the executed twins, by claim."""
    found = {}
    for path in Path(folder).rglob("*.ipynb"):
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", []):
                if record := output.get("data", {}).get(MIME_TYPE):
                    found[record["paper"], record["id"]] = record["verdict"]
    return list(found.values())


class Releases(SphinxDirective):
    """``{releases}``: verdict counts of every release and of this build."""

    def run(self):
        root = Path(self.env.srcdir)
        now = decided(root / "tests" / "notebooks")
        rows = [["release", "claims", *VERDICTS]]
        for release in yaml.safe_load((root / "book" / "releases.yml").read_text("utf8")):
            counts = [release[name] for name in VERDICTS]
            rows.append([release["version"], sum(counts), *counts])
        rows.append(["this build", len(now), *(now.count(name) for name in VERDICTS)])
        return [table(rows)]


class Versions(SphinxDirective):
    """``{versions}``: Python and the packages of this build."""

    def run(self):
        rows = [["Python", platform.python_version()], *([name, version(name)] for name in PACKAGES)]
        return [table([["package", "version"], *rows])]


def setup(app):
    app.add_directive("releases", Releases)
    app.add_directive("versions", Versions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
