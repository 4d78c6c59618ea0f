"""What a reader takes away from a page: the notebook with its outputs, and how to cite it.

The notebook that the theme offers for download has neither outputs nor the package; it is replaced by the
executed one, with a first cell that installs the package where it is missing.
"""

import contextlib
import html
import re
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache

EXECUTED = "jupyter_execute"
INSTALL = """# The package of the book, for every place but the book's own environment.
import importlib.util

if importlib.util.find_spec("lowdim") is None:
    %pip install -q "lowdim[all] @ git+{repository}#subdirectory=lib"
"""
CITATION = """
<details class="cite-this">
<summary>Cite this page</summary>
<p>{author} ({year}). {title}. In <em>{book}</em>, version {version}. <a href="{address}">{address}</a></p>
<pre tabindex="0" aria-label="BibTeX entry">@incollection{{lowdim-{key},
  author    = {{{{{author}}}}},
  title     = {{{{{title}}}}},
  booktitle = {{{{{book}}}}},
  year      = {{{year}}},
  note      = {{version {version}}},
  url       = {{{address}}}
}}</pre>
<p>Cite the paper that a page recomputes as well: see the <a href="{references}">references</a>.</p>
</details>
"""


def citation(app):
    """What CITATION.cff says of the book."""
    return yaml.safe_load((Path(app.srcdir) / "CITATION.cff").read_text("utf8"))


def add_citation(app, pagename, templatename, context, doctree):
    """Put the citation of a page below its text."""
    if doctree is None or not pagename.startswith("book/"):
        return
    about = citation(app)
    values = {
        "author": about["authors"][0]["name"],
        "year": app.config.copyright.strip(),
        "title": re.sub(r"<[^>]*>", "", context["title"]),
        "book": about["title"],
        "version": about["version"],
        "address": f"{about['url']}{pagename}.html",
        "key": pagename.removeprefix("book/").replace("/", "-"),
        "references": context["pathto"]("book/references"),
    }
    context["body"] += CITATION.format_map({name: html.escape(text, False) for name, text in values.items()})


def write_notebooks(app, exception):
    """Write the executed notebooks over those that the theme offers."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    cache = get_cache(app.env.mystnb_config.execution_cache_path)
    for path in (out.parent / EXECUTED).rglob("*.ipynb"):
        place = out / "_sources" / path.relative_to(out.parent / EXECUTED)
        if place.exists():
            notebook = nbformat.read(path, 4)  # without the outputs that came from the cache
            with contextlib.suppress(KeyError):
                notebook = cache.merge_match_into_notebook(notebook)[1]
            first = nbformat.v4.new_code_cell(INSTALL.format(repository=citation(app)["repository-code"]))
            first.id = "install"
            notebook.cells.insert(0, first)
            nbformat.write(notebook, place)


def setup(app):
    app.connect("html-page-context", add_citation)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
