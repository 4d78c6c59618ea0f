"""The cache of outputs: damage is noticed, named, and never shown."""

import sys
from pathlib import Path

import nbformat
import pytest

import outputs
import pages
import surroundings

ON_LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
PAGE = "print('value', 41 + 1)"


@pytest.fixture
def kept(book):
    """The folder of a book, and the file that keeps the outputs of its page."""
    book.write(PAGE)
    page = book.root / "book" / "index.md"
    notebook = pages.read(page)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="value 42\n")]
    outputs.keep(outputs.open_cache(book.root), page, notebook, 1.0)
    assert is_kept(book.root)
    return book.root, next((book.root / outputs.PLACE).rglob("base.ipynb"))


def is_kept(root):
    return outputs.cached(outputs.open_cache(root), pages.read(root / "book" / "index.md")) is not None


NOTEBOOKS = {
    "emptied": lambda path: path.write_text(""),
    "without its outputs": lambda path: path.write_text(path.read_text().replace("value 42", "")),
    "changed": lambda path: path.write_text(path.read_text().replace("value 42", "value 43")),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "deleted": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", NOTEBOOKS)
def test_a_damaged_cached_page_is_named(kept, damage, capsys):
    root, path = kept
    NOTEBOOKS[damage](path)
    assert not is_kept(root)
    printed = capsys.readouterr().out
    assert f"book/index.md are not what was kept ({path}): it runs again" in printed
    assert not path.exists()


DATABASES = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "of another kind": lambda path: path.write_bytes(b"no database at all" * 1000),
    "deleted": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DATABASES)
def test_a_damaged_database_is_named(kept, damage, capsys):
    root, _ = kept
    DATABASES[damage](root / outputs.PLACE / "global.db")
    assert not is_kept(root)
    assert "The page cache _build/.jupyter_cache/global.db is damaged (" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0" * 64])
def test_another_stamp_empties_the_cache(kept, content, capsys):
    root, _ = kept
    (root / outputs.PLACE / "inputs.sha256").write_bytes(content)
    assert not is_kept(root)
    assert "the pinned versions changed: every page runs again" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["lib/lowdim/value.txt", "lib/pyproject.toml", "constraints.txt"])
def test_outputs_follow_their_inputs(kept, name):
    root, _ = kept
    (root / name).write_text("changed")
    assert not is_kept(root)


@pytest.mark.parametrize(
    "name", ["build/lib/lowdim/value.txt", "lowdim.egg-info/PKG-INFO", "dist/a.tar.gz", "lowdim/.cache/x"]
)
def test_what_a_build_leaves_is_not_counted(kept, name):
    root, _ = kept
    path = root / "lib" / name
    path.parent.mkdir(parents=True)
    path.write_text("left by a build")
    assert is_kept(root)


def test_outputs_that_the_builder_kept_by_itself_are_not_believed(kept):
    """They carry no digest: nothing says in what surroundings they were made."""
    root, _ = kept
    cache = outputs.open_cache(root)
    page = root / "book" / "index.md"
    bundle = outputs.CacheBundleIn(pages.read(page), str(page), data={"execution_seconds": 1.0})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    assert not is_kept(root)


def kept_memory(root):
    record = outputs.cached(outputs.open_cache(root), pages.read(root / "book" / "index.md"))
    return record.data["peak_megabytes"]


@ON_LINUX
def test_the_peak_of_memory_is_kept_with_the_outputs(book):
    """Also what was given back before the page ended; and not the peak of the page before."""
    found = []
    for size in (600, 300, 1):
        book.write(f"held = b'x' * ({size} << 20)\ndel held")
        assert "1 of 1 pages run" in book.run_pages()
        found.append(kept_memory(book.root))
        assert "0 of 1 pages run" in book.run_pages() and kept_memory(book.root) == found[-1]
    small = found[-1]
    assert 30 < small < 250
    assert [round(peak - small, -2) for peak in found] == [600, 300, 0]


@ON_LINUX
def test_every_run_tells_its_own_peak_of_memory(book):
    """Two pages run by one process."""
    page = book.root / "book" / "index.md"
    peaks = []
    with surroundings.clean():
        for size in (400, 1):
            book.write(f"held = b'x' * ({size} << 20)")
            peaks.append(pages.execute(page, 60).megabytes)
    assert 300 < peaks[0] - peaks[1] < 500


def test_a_damaged_page_runs_again(book):
    book.write(PAGE)
    assert "1 of 1 pages run" in book.run_pages()
    path = next((book.root / outputs.PLACE).rglob("base.ipynb"))
    path.write_text("")
    assert "1 of 1 pages run" in book.run_pages()
    assert "value 42" in path.read_text()
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"]
    assert book.run(command).returncode == 0 and "value 42" in book.html.read_text()
    assert "0 of 1 pages run" in book.run_pages()
