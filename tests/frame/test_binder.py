"""What Binder reads: the files it insists on, where it looks for them."""

import os
import re

import jupytext

import pages

ROOT = pages.ROOT


def test_runtime_names_the_python_of_the_lock():
    assert re.fullmatch(r"python-3\.1[1-9]", (ROOT / "runtime.txt").read_text().strip())


def test_post_build_can_be_run():
    script = ROOT / "postBuild"
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/bash")


def test_no_folder_hides_the_root_files():
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists()


def test_lock_pins_everything_and_names_no_index():
    lines = (ROOT / "constraints.txt").read_text().split("\n")
    assert all(re.match(r"[a-z0-9._-]+==[^ ]+( ; .+)?$", line) for line in lines if line)


def test_every_text_opens_as_a_notebook():
    """JupyterLab opens all of them so, and must not want pandoc for it: `:::` at the start of a line does."""
    for path in [*ROOT.glob("*.md"), *(ROOT / "book").rglob("*.md")]:
        assert jupytext.read(path).cells, path
