"""Print the built book into one file: `make pdf`.

Chromium prints the pages in the order of the contents, by the style for print that the book has. pypdf joins
the sheets: the contents become bookmarks, and links between the pages lead to their sheets.
"""

import base64
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NullObject, TextStringObject

import browser
import pages

PLACE = Path("_build") / "pdf" / "lowdim.pdf"
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True, "generateTaggedPDF": False}
# Waits for what is drawn, counts the sheets on, and links to what other pages point at: Chromium notes a
# place only if its own page has a link to it.
PREPARE = """
const [before, places, done] = arguments
const style = document.createElement('style')
style.textContent = `html { counter-reset: page ${before} }
  @page { @bottom-center { content: counter(page); font: 8pt sans-serif; color: #444 } }`
document.head.append(style)
for (const place of places) {
  const link = document.createElement('a')
  link.href = '#' + place
  Object.assign(link.style, {display: 'inline-block', width: '1px', height: '1px'})
  document.querySelector('article').append(link)
}
const drawn = [...document.images].map(image => image.decode().catch(() => null))
Promise.all([window.MathJax?.startup?.promise, document.fonts.ready, ...drawn])
  .then(() => done(document.title.split(' \u2014 ')[0]))
"""


@dataclass(frozen=True)
class Entry:
    """A line of the contents: its depth, the page it opens, its words if they are not the page's title."""

    depth: int
    page: str
    words: str | None = None


def entries(toc):
    """The contents of a book, in the order of reading."""

    def below(chapters, depth):
        for chapter in chapters:
            yield Entry(depth, chapter["file"] + ".html")
            yield from below(chapter.get("sections", []), depth + 1)

    yield Entry(0, toc["root"] + ".html")
    for part in toc.get("parts", []):
        yield Entry(0, part["chapters"][0]["file"] + ".html", part["caption"])
        yield from below(part["chapters"], 1)


def pointed_at(html, names):
    """The places in each page that links of other pages lead to."""
    found = {name: set() for name in names}
    for name in names:
        soup = BeautifulSoup((html / name).read_text("utf8"), "html.parser")
        for link in soup.select("article a[href*='#']"):
            target, place = urldefrag(urljoin(name, link["href"]))
            if target in found and place:
                found[target].add(place)
    return found


def print_page(driver, site, name, before=0, places=()):
    """Title of a page, and its sheets as a file; `before` sheets are counted first."""
    driver.get(site + name)
    title = driver.execute_async_script(PREPARE, before, sorted(places))
    printed = driver.execute_cdp_cmd("Page.printToPDF", PAPER | {"preferCSSPageSize": True})
    return title, PdfReader(io.BytesIO(base64.b64decode(printed["data"])))


def place_of(link):
    """Address, or name of a place in the same page, that a link leads to; None if it is no link."""
    if link.get("/Subtype") != "/Link":
        return None
    action = link["/A"] if "/A" in link else {}
    target = action.get("/URI") or action.get("/D") or link.get("/Dest")
    return None if target is None or isinstance(target, ArrayObject) else str(target)


def lead(writer, link, sheet, left, top):
    """Make a link lead to a point of a sheet."""
    point = [FloatObject(value) if value is not None else NullObject() for value in (left, top)]
    link[NameObject("/Dest")] = ArrayObject(
        [writer.pages[sheet].indirect_reference, NameObject("/XYZ"), *point, NullObject()]
    )
    link.pop("/A", None)


def join(printed, site, home):
    """One file of many: `printed` holds names and sheets of pages; other addresses of the site lead home."""
    writer, first, places = PdfWriter(), {}, {}
    for name, reader in printed:
        first[name] = len(writer.pages)
        for place, found in reader.named_destinations.items():
            sheet = first[name] + reader.get_destination_page_number(found)
            places[f"{name}#{place.removeprefix('/')}"] = sheet, found.left, found.top
        writer.append(reader, import_outline=False)
    owners = [name for name, reader in printed for _ in reader.pages]
    for owner, sheet in zip(owners, writer.pages, strict=True):
        for link in (reference.get_object() for reference in sheet.get("/Annots", ())):
            target = place_of(link)
            if target is None or (":" in target and not target.startswith(site)):
                continue
            target = target.removeprefix(site) if ":" in target else f"{owner}#{target.removeprefix('/')}"
            name = urldefrag(target).url
            if name in first:
                lead(writer, link, *places.get(target, (first[name], None, None)))
            else:
                link["/A"][NameObject("/URI")] = TextStringObject(home + target)
    return writer, first


def bookmark(writer, contents, titles, first):
    """List the contents beside the sheets."""
    parents = []
    for entry in contents:
        above = parents[entry.depth - 1] if entry.depth else None
        words = entry.words or titles[entry.page]
        parents[entry.depth :] = [
            writer.add_outline_item(title=words, page_number=first[entry.page], parent=above)
        ]
    writer.page_mode = "/UseOutlines"


def bind(driver, site, html, contents, home):
    """The pages of the contents as one file, their first sheets and their titles."""
    names = list(dict.fromkeys(entry.page for entry in contents))
    places, titles, printed, sheets = pointed_at(html, names), {}, [], 0
    for name in names:
        titles[name], reader = print_page(driver, site, name, sheets, places[name])
        printed.append((name, reader))
        sheets += len(reader.pages)
    writer, first = join(printed, site, home)
    bookmark(writer, contents, titles, first)
    return writer, first, titles


def main(root=pages.ROOT):
    settings, toc = (yaml.safe_load((root / name).read_text("utf8")) for name in ("_config.yml", "_toc.yml"))
    html, path = root / "_build" / "html", root / PLACE
    with browser.served(html) as site, browser.chromium() as driver:
        if driver is None:
            sys.exit("Chromium is not installed: on Debian run `apt install chromium chromium-driver`.")
        writer, first, _ = bind(driver, site, html, list(entries(toc)), settings["html"]["baseurl"])
    writer.add_metadata({"/Title": settings["title"], "/Author": settings["author"]})
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write(path)
    print(f"{len(first)} pages on {len(writer.pages)} sheets are in {path.relative_to(root)}")


if __name__ == "__main__":
    pages.stop_at_interruption(main, "`make pdf`")
