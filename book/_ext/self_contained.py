"""Keep the built book free of outside requests, and every figure described in words.

A reader's browser must find everything beside the page, so what would be fetched from other sites is
dropped: thebe, for one, which Jupyter Book loads on every page. A figure without a description is a
warning, which fails the build: set it per cell by ``mystnb: {image: {alt: ...}}``, or in the brackets
of a Markdown image. Names and roles by which the theme misleads screen readers are put right.
"""

import re
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
ELSEWHERE = re.compile(r"^(https?:)?//")
# Matplotlib's animations link an icon font; their buttons have titles without it.
OUTSIDE_STYLESHEET = re.compile(r"<link\b[^>]*href=\"(?:https?:)?//[^>]*>", re.IGNORECASE)


def drop_thebe(app):
    """Disconnect the handlers of sphinx-thebe, which Jupyter Book enables without asking."""
    for listeners in list(app.events.listeners.values()):
        for listener in list(listeners):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def drop_outside_files(app, pagename, templatename, context, doctree):
    """Remove scripts and style sheets of other sites from a page."""
    context["script_files"] = [file for file in context["script_files"] if not is_outside(file)]
    context["css_files"] = [file for file in context["css_files"] if not is_outside(file)]
    if "body" in context:
        context["body"] = OUTSIDE_STYLESHEET.sub("", context["body"])


def is_outside(file):
    name = str(getattr(file, "filename", file) or "")
    return bool(ELSEWHERE.match(name)) or "sphinx-thebe" in name


def check_descriptions(app, doctree, docname):
    """Warn on an image whose description is missing or only repeats its file name."""
    for image in doctree.findall(nodes.image):
        described = image.get("alt", "").strip()
        if not described or PurePosixPath(described).name == PurePosixPath(image["uri"]).name:
            LOGGER.warning("image without alt text: %s", image["uri"], location=image)


# What the theme and its helpers tell a screen reader wrongly, and what they should say.
MENDS = [
    # a name that hides the words on the button or toggle
    (re.compile(r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"'), r"\1"),
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # icons whose titles count as words on their button
    (re.compile(r'(<i class="theme-switch [^>]*?) title="[^"]*"'), r'\1 aria-hidden="true"'),
    # modules that scroll sideways on a telephone can be reached by keyboard
    (re.compile(r'(<section id="module-[^"]+")>'), r'\1 tabindex="0">'),
    # and so do figures
    (re.compile(r'(<figure class="align-default" id="id\d+")>'), r'\1 tabindex="0">'),
    # what stands outside every landmark
    (re.compile(r'(<div id="pst-primary-sidebar")(?= class)'), r'\1 role="complementary" aria-label="Book"'),
    # toggles of the contents that have none
    (re.compile(r'<summary>(?=<span class="toctree-toggle")'), '<summary aria-label="Show or hide pages">'),
    # roles whose children are no list items
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    (re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"'), r"\1"),
]


def mend_names(app, exception):
    """Rewrite those names and roles in the pages that were built."""
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf8")
        mended = text
        for wrong, right in MENDS:
            mended = wrong.sub(right, mended)
        if mended != text:
            page.write_text(mended, "utf8")


def setup(app):
    app.connect("build-finished", mend_names)
    app.connect("config-inited", lambda app, config: drop_thebe(app))
    app.connect("html-page-context", drop_outside_files, priority=900)
    app.connect("doctree-resolved", check_descriptions, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
