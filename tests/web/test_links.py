"""Every link inside the built book leads somewhere, and nothing is fetched from elsewhere."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

import pages

FETCHING = ["script[src]", "img[src]", "iframe[src]", "link[rel=stylesheet][href]", "source[src]"]


@pytest.fixture(scope="module")
def soups(built):
    """The parsed pages, by their path."""
    pages = [path for path in built.rglob("*.html") if built / "_static" not in path.parents]
    return {path: BeautifulSoup(path.read_text("utf8"), "html.parser") for path in pages}


def targets(soup):
    return {tag.get("id") for tag in soup.select("[id]")} | {
        tag.get("name") for tag in soup.select("a[name]")
    }


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


def test_links_and_anchors_resolve(soups, built):
    anchors = {path: targets(soup) for path, soup in soups.items()}
    found = []
    for page, soup in soups.items():
        links = [tag.get("href") or tag.get("src") for tag in soup.select("a[href], link[href], [src]")]
        for link in filter(lambda link: link not in ("#",), links):
            if why := broken(link, page, anchors, built):
                found.append(f"{page.relative_to(built)}: {link}: {why}")
    assert not found, "\n".join(found)


def test_nothing_is_fetched_from_elsewhere(soups, built):
    found = [
        f"{page.relative_to(built)}: {tag}"
        for page, soup in soups.items()
        for tag in soup.select(", ".join(FETCHING))
        if urlsplit(tag.get("src") or tag.get("href")).netloc
    ]
    assert not found, "\n".join(found)


def test_only_executable_pages_can_be_launched(soups, built):
    executable = {page.relative_to(pages.ROOT).with_suffix(".html") for page in pages.find()}
    front = built / "book" / "index.html"
    links = {page: soup.select("a[href*='mybinder.org']") for page, soup in soups.items()}
    launched = {page.relative_to(built) for page, found in links.items() if found and page != front}
    assert launched == executable
    for link in links[front]:  # what the landing page opens runs, too
        assert Path(link["href"].partition("lab/tree/")[2]).with_suffix(".html") in executable
