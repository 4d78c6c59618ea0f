"""The status page: what each page took to run, verdicts of each release and of this build, and versions."""

import platform
from importlib.metadata import version
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from jupyter_cache import get_cache
from myst_nb.core.read import myst_nb_reader_plugin
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
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
        for cell in row:
            shown = cell if isinstance(cell, nodes.Node) else nodes.Text(str(cell))
            line += nodes.entry("", nodes.paragraph("", "", shown))
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


def link(page):
    """A reference to a page, by its name in the book."""
    name = page.removeprefix("book/")
    options = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{page}", "refexplicit": True}
    return pending_xref("", nodes.inline(text=name), refwarn=True, classes=["xref", "doc"], **options)


def took(env):
    """Rows on the executed pages: page, when it ran, seconds, and its kernel's peak of memory in MB."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    for page, known in sorted(NbMetadataCollector.get_doc_data(env).items()):
        if known.get("exec_data"):
            record = cache.match_cache_notebook(myst_nb_reader_plugin(env.doc2path(page)))
            megabytes = record.data.get("peak_megabytes")
            seconds = f"{record.data['execution_seconds']:.1f}"
            ran = f"{record.created:%Y-%m-%d %H:%M}"
            yield [link(page), ran, seconds, "unknown" if megabytes is None else f"{megabytes:.0f}"]


class PageRunsNode(nodes.General, nodes.Element):
    """Stands for the table of the pages until all of them ran."""


class Runs(SphinxDirective):
    """``{page-runs}``: run time and memory of every page."""

    def run(self):
        return [PageRunsNode()]


class FillRuns(SphinxPostTransform):
    """Puts the tables in the places of the placeholders."""

    default_priority = 8  # before references are resolved

    def run(self, **options):
        for node in list(self.document.findall(PageRunsNode)):
            head = ["page", "last run (UTC)", "run time (s)", "peak memory (MB)"]
            node.replace_self(table([head, *took(self.env)]))


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
    app.add_node(PageRunsNode)
    app.add_directive("page-runs", Runs)
    app.add_post_transform(FillRuns)
    app.add_directive("releases", Releases)
    app.add_directive("versions", Versions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
