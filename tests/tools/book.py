"""Build the book: run the stale pages, make the HTML from nothing, print the pages' run times.

The pages run first, side by side; the build then finds their outputs in the cache. HTML and doctrees are made
from nothing, so that no old page stays and a warning is repeated until mended.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pages
import surroundings


def build(root):
    """Run Jupyter Book apart from the terminal's group, in the pages' surroundings; return its status."""
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(root / "_build" / name, ignore_errors=True)
    builder = Path(sys.executable).with_name("jupyter-book")
    command = [builder, "build", ".", "-W", "-n", "--keep-going"]
    with surroundings.clean(), subprocess.Popen(command, cwd=root, start_new_session=True) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def main(root=pages.ROOT):
    if not pages.refresh(root):
        sys.exit(1)
    if status := build(root):
        sys.exit(status)
    pages.print_times(root)
    print("The book is in _build/html/index.html")


if __name__ == "__main__":
    pages.stop_at_interruption(main, "`make book`")
