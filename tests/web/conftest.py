"""The built book, served on this machine, and a headless Chromium to read it with."""

import functools
import http.server
import json
import os
import shutil
import threading

import pytest

from pages import ROOT

HTML = ROOT / "_build" / "html"
WIDTH, HEIGHT = 1280, 900


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


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site(built):
    """Address of the built book on this machine."""
    handler = functools.partial(QuietHandler, directory=str(built))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="session")
def driver():
    """Chromium without a window, which can reach nothing but this machine."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if not (program and chromedriver):
        pytest.skip("Chromium is not installed: on Debian run `apt install chromium chromium-driver`")
    from selenium import webdriver

    os.environ["SE_OFFLINE"] = "true"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-background-networking",
        "disable-component-update",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"window-size={WIDTH},{HEIGHT}",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=webdriver.ChromeService(chromedriver), options=options)
    browser.set_script_timeout(60)
    yield browser
    browser.quit()


class Reader:
    """One page at a time in the browser, with what it asked for and complained of."""

    def __init__(self, driver, site):
        self.driver = driver
        self.site = site

    def visit(self, page):
        """Open a page and wait for its formulas."""
        self.driver.get_log("browser"), self.driver.get_log("performance")
        self.driver.get(self.site + page)
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => done()) : done();"
        )

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
        if width:
            size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        else:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def theme(self, name):
        """Press the theme's own switch until the page is light or dark."""
        for _ in range(3):
            if self.run("return document.documentElement.dataset.theme") == name:
                return True
            self.run("document.querySelector('button.theme-switch-button').click()")
        return self.run("return document.documentElement.dataset.theme") == name


@pytest.fixture
def reader(driver, site):
    reader = Reader(driver, site)
    yield reader
    reader.narrow(0)
