"""axe-core finds nothing critical or serious on any page, in either theme, wide or narrow.

``axe/axe.min.js`` is that of axe-core 4.14.1 on npm, under the licences beside it.
"""

import hashlib
import os
from pathlib import Path

import pytest

import pages

AXE = Path(__file__).with_name("axe") / "axe.min.js"
DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
HTML = pages.ROOT / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.glob("book/**/*.html")) or ["book/index.html"]
VIEWS = [("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390)]
# All views of all pages take minutes: one of each, contrast left to `test_pages`, unless all is asked for.
ALL = bool(os.environ.get("AXE_EVERY_VIEW"))

FIND = """
const [contrast, done] = arguments
const rules = {'color-contrast': {enabled: contrast}}
axe.run({exclude: ['mjx-container']}, {resultTypes: ['violations'], rules}).then(found => done(
  found.violations.filter(v => ['critical', 'serious'].includes(v.impact)).map(v =>
    `${v.impact} ${v.id}: ${v.nodes.length} x ${v.nodes[0].html.slice(0, 160)}`)))
"""


def views():
    """Every page in one view, the views taken in turn; or every page in every view."""
    for count, page in enumerate(PAGES):
        for theme, width in VIEWS if ALL else [VIEWS[count % len(VIEWS)]]:
            yield page, theme, width


def test_the_checker_is_the_published_one():
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == DIGEST


@pytest.mark.parametrize(("page", "theme", "width"), list(views()))
def test_page_is_accessible(reader, page, theme, width):
    reader.narrow(width if width < 600 else 0)
    reader.visit(page)
    assert reader.theme(theme)
    reader.run(AXE.read_text("utf8"))
    assert reader.driver.execute_async_script(FIND, ALL) == []
