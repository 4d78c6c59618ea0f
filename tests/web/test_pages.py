"""Every page of the built book as a reader's browser shows it."""

import re

import pytest

import accessibility
import pages

HTML = pages.ROOT / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.glob("book/**/*.html")) or ["book/index.html"]

NO_DESCRIPTION = """
return [...document.querySelectorAll('img')]
  .filter(image => !image.getAttribute('alt') || image.alt.endsWith('.png') || image.alt.endsWith('.svg'))
  .map(image => image.src)
"""

# Text elements whose colour is too near the colour behind them, by the WCAG contrast ratio.
FAINT = """
const number = text => { const c = text.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c }
const light = c => c.slice(0, 3).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
const known = new Map([[null, [255, 255, 255, 1]]])
const behind = node => {
  if (!known.has(node)) {
    const colour = number(getComputedStyle(node).backgroundColor)
    known.set(node, colour[3] > 0.5 ? colour : behind(node.parentElement))
  }
  return known.get(node)
}
const faint = new Set()
for (const node of document.querySelectorAll('.bd-article *')) {
  const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
  if (!own || !node.offsetParent || node.closest('mjx-assistive-mml, svg, .headerlink, .copybtn')) continue
  const pair = [light(number(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a)
  const ratio = (pair[0] + 0.05) / (pair[1] + 0.05)
  const text = node.textContent.trim().slice(0, 30)
  if (ratio < arguments[0]) faint.add(`${node.tagName}.${node.className} "${text}" ${ratio.toFixed(2)}`)
}
return [...faint]
"""

WIDE = """
return [...document.querySelectorAll('body *')]
  .filter(node => node.getBoundingClientRect().right > innerWidth + 1 && node.offsetParent)
  .slice(0, 5).map(node => `${node.tagName}.${node.className}`)
"""


# Figures that are wider or narrower than they are drawn.
SQUEEZED = """
const done = arguments[0], drawn = [...document.querySelectorAll('.cell_output img')]
Promise.all(drawn.map(image => image.decode())).then(() => done(drawn.filter(image =>
  Math.abs(image.width / image.height / (image.naturalWidth / image.naturalHeight) - 1) > 0.03
).map(image => `${image.width} x ${image.height}: ${image.alt.slice(0, 60)}`)))
"""


# The tests of one page follow each other, so that it is loaded once: on a telephone, for when it is loaded
# the theme finds out what scrolls, and opens that to the keyboard.
EACH = pytest.mark.parametrize("page", PAGES, scope="module")
TELEPHONE = 390


@EACH
def test_page_is_complete_by_itself(reader, page):
    reader.open(page, TELEPHONE)
    assert reader.outside_requests() == []
    assert reader.complaints() == []
    assert reader.run(NO_DESCRIPTION) == []


@EACH
def test_formulas_are_set(reader, page):
    reader.open(page, TELEPHONE)
    sources = reader.run("return document.querySelectorAll('.math').length")
    assert reader.run("return document.querySelectorAll('mjx-merror, [data-mjx-error]').length") == 0
    assert reader.run("return document.querySelectorAll('mjx-container').length") >= sources


@EACH
def test_page_fits_a_telephone(reader, page):
    reader.open(page, TELEPHONE)
    width = reader.run("return Math.max(document.body.scrollWidth, document.documentElement.scrollWidth)")
    assert width <= 390, reader.run(WIDE)
    assert reader.driver.execute_async_script(SQUEEZED) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@EACH
def test_text_stands_out(reader, page, theme):
    reader.open(page, TELEPHONE)
    assert reader.theme(theme)
    assert reader.run(FAINT, 4.5) == []


@EACH
def test_page_is_accessible(reader, page):
    reader.open(page, TELEPHONE)
    accessibility.prepare(reader)
    reader.driver.opened = None  # its formulas are gone
    looks = [(view, accessibility.look(reader, *view)) for view in accessibility.VIEWS]
    assert [(view, found) for view, found in looks if found] == []


def test_dark_is_dark(reader):
    reader.visit("book/index.html")
    colour = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert reader.theme("light") and min(reader.run(colour)) > 200
    assert reader.theme("dark") and max(reader.run(colour)) < 60


def test_search_finds_a_word(reader):
    reader.visit("search.html?q=energy")
    found = reader.driver.execute_async_script(
        "const done = arguments[0], begin = Date.now();"
        "(function look() {"
        "  const n = document.querySelectorAll('#search-results li').length;"
        "  n || Date.now() - begin > 10000 ? done(n) : setTimeout(look, 100)"
        "})()"
    )
    assert found > 0


def test_front_door_leads_to_the_book(reader):
    reader.visit("index.html")
    title = (pages.ROOT / "_config.yml").read_text("utf8").splitlines()[0].removeprefix("title: ")
    assert title in reader.driver.title


def test_toggles_and_buttons_say_what_they_show(built):
    for page in built.rglob("*.html"):
        text = page.read_text("utf8")
        assert 'aria-label="Toggle hidden content"' not in text, page
        assert not re.search(r'<summary>\s*<span class="toctree-toggle"', text), page
        assert not re.search(r"search-button-field[^>]*aria-label", text), page
