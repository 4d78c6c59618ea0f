"""Binder's files make an environment in which JupyterLab opens every page as a notebook, and runs it.

The environment is made anew, which takes minutes; ``LAB_ENVIRONMENT=FOLDER`` takes one that is there.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import pages
from browser import chromium

EXECUTABLE = [str(page.relative_to(pages.ROOT)) for page in pages.find()]
RUN = ["book/connections.md", "book/excitons/dephasing.md", "book/spin-orbit/structure.md"]
PATIENCE = 600

STARTED = """
const app = window.jupyterapp
const panel = app && app.shell.currentWidget
return Boolean(panel && panel.sessionContext && panel.context.isReady && panel.sessionContext.session
  && panel.sessionContext.session.kernel && panel.content.model.cells.length > 1)
"""
RUN_ALL = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
OUTCOME = """
const cells = window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
const code = cells.map(c => c.toJSON()).filter(c => c.cell_type === 'code')
return [code.filter(c => c.execution_count === null).length,
  code.flatMap(c => c.outputs).filter(o => o.output_type === 'error').map(o => o.evalue)]
"""
RAW = """
const text = [...document.querySelectorAll('.jp-RenderedMarkdown, .jp-MarkdownOutput')]
  .map(node => node.innerText).join('\\n')
return text.includes(':::')
"""


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Folder of an environment that Binder's files made, and the variables that keep it to itself."""
    place = tmp_path_factory.mktemp("lab")
    folder = Path(os.environ.get("LAB_ENVIRONMENT") or place / "environment")
    kept = {f"JUPYTER_{name}_DIR": str(place / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    variables = os.environ | kept | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(folder / "bin" / "python")]
        subprocess.run([*uv, "-r", "requirements.txt"], cwd=pages.ROOT, check=True)
    subprocess.run(["bash", "postBuild"], cwd=pages.ROOT, env=variables, check=True)
    return folder, variables


@pytest.fixture(scope="session")
def lab(environment, tmp_path_factory):
    """Address of a JupyterLab in that environment; it saves by itself, so its root is a copy."""
    folder, variables = environment
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(pages.ROOT / "book", root / "book", ignore=shutil.ignore_patterns(".*"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
    options += ["--allow-root", "--expose-app-in-browser"]
    command = [str(folder / "bin" / "jupyter"), "lab", *options]
    with subprocess.Popen(command, cwd=root, env=variables, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}/"
        try:
            wait(lambda: fetch(address + "api/status"), 120)
            yield address
        finally:
            server.terminate()


def fetch(address):
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=120) as answer:
        return json.load(answer)
    return None


def wait(condition, seconds=PATIENCE):
    """Ask until the condition holds, and return what it says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(1)
    raise TimeoutError(f"not within {seconds} s")


@pytest.fixture(scope="session")
def driver():
    with chromium() as browser:
        if browser is None:
            pytest.skip("Chromium is not installed: on Debian run `apt install chromium chromium-driver`")
        browser.set_script_timeout(PATIENCE)
        yield browser


@pytest.mark.parametrize("page", EXECUTABLE)
def test_a_page_opens_as_a_notebook(lab, page):
    opened = fetch(f"{lab}api/contents/{page}?type=notebook")
    source = pages.read(pages.ROOT / page)
    wanted = [cell.source.strip() for cell in source.cells if cell.cell_type == "code"]
    cells = opened["content"]["cells"]
    assert [cell["source"].strip() for cell in cells if cell["cell_type"] == "code"] == wanted
    assert opened["content"]["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("page", RUN)
def test_a_page_is_legible_and_runs_in_the_browser(lab, driver, page):
    driver.get(f"{lab}lab/tree/{page}?reset")
    wait(lambda: driver.execute_script(STARTED))
    driver.execute_script(RUN_ALL)
    waiting, errors = wait(
        lambda: (found := driver.execute_script(OUTCOME)) and (found if not found[0] or found[1] else None)
    )
    assert (waiting, errors) == (0, [])
    assert not driver.execute_script(RAW)
