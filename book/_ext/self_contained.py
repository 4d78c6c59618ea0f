"""Keep the built book free of outside requests, and every figure described in words.

A reader's browser must find everything beside the page: the scripts the theme would fetch from other
sites are dropped or their links removed. A figure without a description is a warning, which fails the
build: set it per cell by ``:mystnb: {image: {alt: ...}}``, or in the brackets of a Markdown image.
"""

import re
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
ELSEWHERE = re.compile(r"^(https?:)?//")
# Matplotlib's animations link an icon font; their buttons have titles without it.
OUTSIDE_STYLESHEET = re.compile(r"<link\b[^>]*href=\"(?:https?:)?//[^>]*>", re.IGNORECASE)


def drop_outside_files(app, pagename, templatename, context, doctree):
    """Remove scripts and style sheets of other sites from a page, and thebe, which needs one."""
    context["script_files"] = [file for file in context["script_files"] if not is_outside(file)]
    context["css_files"] = [file for file in context["css_files"] if not is_outside(file)]
    if "body" in context:
        context["body"] = OUTSIDE_STYLESHEET.sub("", context["body"])


def is_outside(file):
    name = str(getattr(file, "filename", file) or "")
    inline = getattr(file, "attributes", {}).get("body") or ""
    return bool(ELSEWHERE.match(name)) or "thebe" in name or "THEBE_JS_URL" in inline


def check_descriptions(app, doctree, docname):
    """Warn on an image whose description is missing or only repeats its file name."""
    for image in doctree.findall(nodes.image):
        described = image.get("alt", "").strip()
        if not described or PurePosixPath(described).name == PurePosixPath(image["uri"]).name:
            LOGGER.warning("image without alt text: %s", image["uri"], location=image)


def setup(app):
    app.connect("html-page-context", drop_outside_files, priority=900)
    app.connect("doctree-resolved", check_descriptions, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
