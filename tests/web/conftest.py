"""The built book, served on this machine, and a headless Chromium to read it with."""

import json

import pytest

from browser import chromium, served
from pages import ROOT

HTML = ROOT / "_build" / "html"


def newest(paths):
    return max(path.stat().st_mtime for path in paths if path.is_file())


@pytest.fixture(scope="session")
def built():
    """The folder of the built book; skips where it is absent or older than its sources."""
    if not (HTML / "index.html").exists():
        pytest.skip("the book is not built: run `make book` first")
    sources = [ROOT / "_config.yml", ROOT / "_toc.yml", *(ROOT / "book").rglob("*")]
    if newest(sources) > newest([HTML / "searchindex.js"]):
        pytest.skip("the built book is older than its sources: run `make book` first")
    return HTML


@pytest.fixture(scope="session")
def site(built):
    """Address of the built book on this machine."""
    with served(built) as address:
        yield address


@pytest.fixture(scope="session")
def driver():
    """Chromium without a window, which can reach nothing but this machine."""
    with chromium() as browser:
        if browser is None:
            pytest.skip("Chromium is not installed: on Debian run `apt install chromium chromium-driver`")
        yield browser


class Reader:
    """One page at a time in the browser, with what it asked for and complained of."""

    def __init__(self, driver, site):
        self.driver = driver
        self.site = site

    def visit(self, page, width=0):
        """Open a page in a window of this width (0: its own), and wait for its formulas."""
        self.narrow(width)
        self.driver.get_log("browser"), self.driver.get_log("performance")
        self.driver.get(self.site + page)
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => done()) : done();"
        )
        self.driver.opened = None

    def open(self, page, width=0):
        """As `visit`, but a page that is open already is not loaded again."""
        if getattr(self.driver, "opened", None) != page:
            self.visit(page, width)
            self.driver.opened = page
        self.narrow(width)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def outside_requests(self):
        """Addresses beyond this machine the page asked for since `visit`."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [
            m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith((self.site, "data:", "blob:", "chrome"))]

    def complaints(self):
        """Errors in the browser's console since `visit`."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def narrow(self, width):
        """Show the page as on a telephone of this width; 0 returns to the window's own."""
        if getattr(self.driver, "width", 0) == width:
            return
        self.driver.width = width
        if width:
            size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        else:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def theme(self, name):
        """Press the theme's own switch until the page is light or dark, at once and not by degrees."""
        still = "<style id='still'>* { transition: none !important }</style>"
        self.run("window.still || document.head.insertAdjacentHTML('beforeend', arguments[0])", still)
        for _ in range(3):
            if self.run("return document.documentElement.dataset.theme") == name:
                return True
            self.run("document.querySelector('button.theme-switch-button').click()")
        return self.run("return document.documentElement.dataset.theme") == name


@pytest.fixture
def reader(driver, site):
    return Reader(driver, site)
