"""`make book` on a small book: stale outputs go, failures stay failures, sloppiness is one."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import twice

READS_THE_PACKAGE = "from pathlib import Path\nprint('value', Path('../lib/lowdim/value.txt').read_text())"
DRAWS = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"


def test_outputs_follow_the_package(book):
    book.write(READS_THE_PACKAGE)
    first = book.make()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Using cached notebook" in first.stdout + first.stderr
    assert "value one" in book.html.read_text()

    stray = book.html.with_name("old.html")
    stray.write_text("a page that is no more")
    (book.root / "lib" / "lowdim" / "value.txt").write_text("two")
    assert book.make().returncode == 0
    assert "value two" in book.html.read_text()
    assert not stray.exists()
    assert "0 of 1 pages run" in book.run_pages()


def test_a_failing_cell_fails_the_build_every_time(book):
    book.write("raise RuntimeError('no such luck')")
    for _ in range(2):
        run = book.make()
        assert run.returncode != 0
        assert "RuntimeError: no such luck" in run.stderr
        assert "book/index.md" in run.stderr


def test_a_failing_cell_fails_the_builder_alone_every_time(book):
    book.write("raise RuntimeError('no such luck')")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--keep-going"]
    for _ in range(2):
        run = book.run(command)
        assert run.returncode != 0
        assert "no such luck" in run.stdout + run.stderr


def test_a_figure_without_description_fails_the_build_every_time(book):
    book.write(DRAWS)
    for _ in range(2):
        run = book.make()
        assert run.returncode != 0
        assert "image without alt text" in run.stdout + run.stderr


STOPS = """
import os, pathlib, time
pathlib.Path({!r}).write_text(str(os.getpgid({})))
time.sleep(600)
"""


@pytest.mark.parametrize("stage", ["a page runs", "the builder runs"])
def test_an_interruption_is_told_in_one_line(book, stage):
    command, started = book.command(), book.root / "running"
    if stage == "a page runs":
        book.write(STOPS.format(str(started), "os.getppid()"))
    else:
        book.write("1 + 1")
        with next((book.root / "book" / "_ext").glob("*.py")).open("a", encoding="utf8") as extension:
            extension.write(STOPS.format(str(started), "0"))
    with subprocess.Popen(
        command,
        cwd=book.root,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            while process.poll() is None and not (started.exists() and started.read_text()):
                time.sleep(0.05)
            # what works is not told of the interruption, so that one alone speaks
            assert int(started.read_text()) != process.pid
            os.killpg(process.pid, signal.SIGINT)
            _, printed = process.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    lines = [line for line in printed.splitlines() if line and not re.match(r"make(\[\d+\])?: ", line)]
    assert lines == ["Interrupted: `make book` goes on from here."]


def test_goals_are_made_in_their_order(book, tmp_path):
    """Also side by side: `make -j4 book test` builds before it tests."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python", "ruff", "codespell"):
        script = folder / name
        script.write_text(f'#!/bin/sh\necho "begin {name} $1" >>log\nsleep 0.5\necho "end {name} $1" >>log\n')
        script.chmod(0o755)
    run = book.run(["make", "-j4", "--old-file=env", "book", "test", f"BIN={folder}"])
    assert run.returncode == 0, run.stdout + run.stderr
    lines = (book.root / "log").read_text().splitlines()
    begun, ended = (
        [line.split(" ", 1)[1] for line in lines if line.startswith(verb)] for verb in ("begin", "end")
    )
    assert begun[0] == "python tests/tools/book.py" and len(begun) == 4
    assert [line.split(" ", 1)[1] for line in lines[::2]] == ended == begun


def test_two_builds_give_the_same_files(book):
    """From the same outputs, with another order of everything that Python does not order."""
    book.write(DRAWS, options="---\nmystnb:\n  image:\n    alt: A rising line\n---\n")
    with (book.root / "book" / "index.md").open("a", encoding="utf8") as page:
        page.write("\n```{page-runs}\n```\n")
    assert book.make().returncode == 0
    assert "peak memory (MB)" in book.html.read_text()
    html, first = book.root / "_build" / "html", book.root / "_build" / "first"
    html.rename(first)
    assert book.make().returncode == 0
    assert twice.differences(first, html) == []
    stray = html / "book" / "index.html"
    stray.write_text(stray.read_text() + " ")
    (first / "objects.inv").unlink()
    assert twice.differences(first, html) == ["book/index.html", "objects.inv"]
