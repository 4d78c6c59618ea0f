"""axe-core on a page that a browser shows: what it finds that is critical or serious.

`tests/web/axe/axe.min.js` is that of axe-core 4.14.1 on npm, under the licences beside it.
"""

import os
from pathlib import Path

AXE = Path(__file__).resolve().parents[1] / "web" / "axe" / "axe.min.js"
# Both themes and both widths; if asked for, the other two pairs as well, and contrast. A theme changes
# colours only, and at contrast `test_pages` looks in both themes.
ALL = bool(os.environ.get("AXE_EVERY_VIEW"))
VIEWS = [("dark", 390), ("light", 1280)]
if ALL:
    VIEWS = [("light", 390), *VIEWS, ("dark", 1280)]

# Formulas are MathJax's and are not judged: only their size stays. They are three of four elements. The words
# of a piece of code are spans without a role, most of what is left: only their text stays.
EMPTY = """
const sizes = [...document.querySelectorAll('mjx-container')].map(formula =>
  [formula, formula.firstElementChild?.getBoundingClientRect() ?? {width: 0, height: 0}])
for (const [formula, {width, height}] of sizes) {
  const box = document.createElement('span')
  Object.assign(box.style, {display: 'inline-block', width: `${width}px`, height: `${height}px`})
  formula.replaceChildren(box)
}
document.querySelectorAll('.highlight pre').forEach(code => { code.textContent = code.textContent })
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


def prepare(reader):
    """Give axe to the page that is open, whose formulas are then boxes; how many there were."""
    formulas = reader.run(EMPTY)
    reader.run(AXE.read_text("utf8"))
    return formulas


def look(reader, theme, width):
    """What axe finds on the page that is open, in one view."""
    reader.narrow(width if width < 600 else 0)
    assert reader.theme(theme)
    return reader.driver.execute_async_script(FIND, ALL)
