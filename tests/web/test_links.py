"""Every link inside the built book leads somewhere, and nothing is fetched from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import pages

FETCHING = {"script", "img", "iframe", "source"}


class Tags(HTMLParser):
    """The tags of a page that lead, fetch or can be led to, as names with attributes."""

    def __init__(self, path):
        super().__init__()
        self.found = []
        self.feed(path.read_text("utf8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.keys() & {"id", "name", "href", "src"}:
            self.found.append((tag, attrs))

    def links(self):
        return [a.get("href") or a.get("src") for tag, a in self.found if "src" in a or "href" in a]

    def targets(self):
        return {a.get("id") or a.get("name") for tag, a in self.found if "id" in a or tag == "a"}

    def fetched(self):
        sheets = [a["href"] for tag, a in self.found if "stylesheet" in a.get("rel", "").split()]
        return sheets + [a["src"] for tag, a in self.found if tag in FETCHING and "src" in a]


@pytest.fixture(scope="module")
def tags(built):
    """The tags of every page, by its path."""
    return {path: Tags(path) for path in built.rglob("*.html") if built / "_static" not in path.parents}


def broken(link, page, anchors, root):
    """Why a link of a page leads nowhere, or None."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = page if not parts.path else Path(page.parent, unquote(parts.path)).resolve()
    path = path / "index.html" if path.is_dir() else path
    if not path.exists() or root not in path.parents:
        return "no such file"
    if parts.fragment and path in anchors and unquote(parts.fragment) not in anchors[path]:
        return "no such anchor"
    return None


def test_links_and_anchors_resolve(tags, built):
    anchors = {path: found.targets() for path, found in tags.items()}
    assert sum(len(found.links()) for found in tags.values()) > 100 * len(tags)
    found = []
    for page, own in tags.items():
        for link in own.links():
            if link != "#" and (why := broken(link, page, anchors, built)):
                found.append(f"{page.relative_to(built)}: {link}: {why}")
    assert not found, "\n".join(found)


def test_nothing_is_fetched_from_elsewhere(tags, built):
    found = [
        f"{page.relative_to(built)}: {link}"
        for page, own in tags.items()
        for link in own.fetched()
        if urlsplit(link).netloc
    ]
    assert not found, "\n".join(found)


def test_only_executable_pages_can_be_launched(tags, built):
    executable = {page.relative_to(pages.ROOT).with_suffix(".html") for page in pages.find()}
    front = built / "book" / "index.html"
    binder = {page: [link for link in own.links() if "mybinder.org" in link] for page, own in tags.items()}
    launched = {page.relative_to(built) for page, links in binder.items() if links and page != front}
    assert launched == executable
    assert binder[front]
    for link in binder[front]:  # what the landing page opens runs, too
        assert Path(link.partition("lab/tree/")[2]).with_suffix(".html") in executable
