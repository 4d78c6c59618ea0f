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
# Both themes and both widths. The other two pairs, and contrast, which `test_pages` looks at, if asked for.
ALL = bool(os.environ.get("AXE_EVERY_VIEW"))
VIEWS = [("dark", 390), ("light", 1280)]
if ALL:
    VIEWS = [("light", 390), *VIEWS, ("dark", 1280)]

# Formulas are MathJax's and are not judged: only their size stays. They are three of four elements.
EMPTY = """
const sizes = [...document.querySelectorAll('mjx-container')].map(formula =>
  [formula, formula.firstElementChild?.getBoundingClientRect() ?? {width: 0, height: 0}])
for (const [formula, {width, height}] of sizes) {
  const box = document.createElement('span')
  Object.assign(box.style, {display: 'inline-block', width: `${width}px`, height: `${height}px`})
  formula.replaceChildren(box)
}
return sizes.length
"""

# Rules that find nothing critical or serious are left out. A link in a text must have an underline: axe would
# take its colour as well, but to know colours it maps all elements, which takes nine tenths of its time.
FIND = """
const [contrast, done] = arguments
const strong = ['critical', 'serious']
const weak = axe._audit.rules.filter(rule => !strong.includes(rule.impact)).map(rule => rule.id)
const off = contrast ? weak : [...weak, 'color-contrast']
axe.configure({rules: [{id: 'link-in-text-block', any: ['link-in-text-block-style']}]})
const options = {resultTypes: ['violations'], selectors: false}
options.rules = Object.fromEntries(off.map(id => [id, {enabled: false}]))
axe.run({exclude: ['mjx-container']}, options).then(found => done(
  found.violations.filter(v => strong.includes(v.impact)).map(v =>
    `${v.impact} ${v.id}: ${v.nodes.length} x ${v.nodes[0].html.slice(0, 160)}`)),
  error => done([String(error)]))
"""
FAULTS = """
<p>Words before <a href="#" style="text-decoration: none; color: #e00">a link</a> and words behind it.</p>
<p>Words before <a href="#"><span></span></a> and words behind it.</p>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="> <button></button> <input> <select></select>
<div role="checkbox" tabindex="0">Not said whether checked</div> <ul><p>Not in an item</p></ul>
<div style="height: 40px; overflow: auto"><div style="margin-top: 400px">Far below</div></div>
<svg role="img" width="9" height="9"></svg>
"""
FOUND = """link-in-text-block link-name image-alt button-name label select-name aria-required-attr list
scrollable-region-focusable svg-img-alt""".split()


def narrow(reader, width):
    reader.narrow(width if width < 600 else 0)


def look(reader, theme, width):
    """What axe finds on the page that is open, in one view."""
    narrow(reader, width)
    assert reader.theme(theme)
    return reader.driver.execute_async_script(FIND, ALL)


def test_the_checker_is_the_published_one():
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == DIGEST


def test_faults_are_found(reader):
    reader.visit("book/index.html")
    assert reader.run("return document.querySelectorAll('mjx-container').length") == reader.run(EMPTY)
    reader.run("document.querySelector('.bd-article').insertAdjacentHTML('beforeend', arguments[0])", FAULTS)
    reader.run(AXE.read_text("utf8"))
    for view in VIEWS:
        assert {row.split()[1].rstrip(":") for row in look(reader, *view)} - {"color-contrast"} == set(FOUND)


@pytest.mark.parametrize("page", PAGES)
def test_page_is_accessible(reader, page):
    narrow(reader, 390)  # the theme finds out what scrolls, to open it to the keyboard, when a page is loaded
    reader.visit(page)
    reader.run(EMPTY)
    reader.run(AXE.read_text("utf8"))
    assert [(view, found) for view in VIEWS if (found := look(reader, *view))] == []
