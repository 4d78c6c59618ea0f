"""Stored data: every file is listed with its digest, damage is named, and nothing reads around the loader."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import lowdim
from lowdim import stored
from lowdim.stored import DamagedDataError, load_stored, sign_stored, store

ROOT = Path(__file__).parents[1]
PACKAGE = Path(lowdim.__file__).parent
FILES = sorted(path for path in PACKAGE.glob("*/data/*") if path.suffix in stored.ENDINGS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_every_stored_file_is_what_was_stored(path):
    assert load_stored(path.parts[-3], path.name)


def test_every_listed_file_is_there():
    for sums in PACKAGE.glob("*/data/SHA256SUMS"):
        check = ["sha256sum", "--check", "--quiet", sums.name]
        assert subprocess.run(check, cwd=sums.parent).returncode == 0


def test_provenance_is_told():
    for path in FILES:
        content = load_stored(path.parts[-3], path.name)
        if path.suffix == ".npz":
            content = {"provenance": json.loads(str(content["provenance"]))}
        if path.suffix != ".txt":
            record = content.get("provenance") or content["environment"]
            assert {"command", "date"} <= set(record), path


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A subpackage `waves` with one stored file of every kind."""
    monkeypatch.setattr(stored.resources, "files", lambda name: tmp_path)
    folder = tmp_path / "waves" / "data"
    folder.mkdir(parents=True)
    record = {"command": "make data"}
    store(folder / "rows.json", {"rows": [{"x": 0.1}, {"x": -0.0}], "empty": []}, record)
    store(folder / "arrays.npz", {"x": np.arange(3.0)}, record)
    store(folder / "table.txt", "x\n1\n")
    return folder


def test_what_is_stored_is_loaded(package):
    rows = load_stored("waves", "rows.json")
    assert rows == {"provenance": {"command": "make data"}, "rows": [{"x": 0.1}, {"x": 0.0}], "empty": []}
    assert load_stored("waves", "arrays.npz")["x"].tolist() == [0, 1, 2]
    assert load_stored("waves", "table.txt") == "x\n1\n"
    assert sorted(path.name for path in package.iterdir()) == [
        "SHA256SUMS",
        "arrays.npz",
        "rows.json",
        "table.txt",
    ]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-3])


DAMAGE = {
    "a flipped bit": (flip, "it is not what was stored: its digest is"),
    "a cut": (cut, "it is not what was stored: its digest is"),
    "emptied": (lambda path: path.write_bytes(b""), "the file is empty"),
    "deleted": (Path.unlink, "the file is missing"),
    "not listed": (lambda path: path.with_name("SHA256SUMS").write_text(""), "does not list it"),
}


@pytest.mark.parametrize("name", ["rows.json", "arrays.npz", "table.txt"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_with_the_file_and_the_mend(package, name, damage):
    spoil, sentence = DAMAGE[damage]
    spoil(package / name)
    with pytest.raises(DamagedDataError) as error:
        load_stored("waves", name)
    assert str(error.value).startswith(f"{package / name}: ")
    assert sentence in str(error.value) and f"git checkout -- {package / name}" in str(error.value)


def test_an_interrupted_store_leaves_the_former_file(package, monkeypatch):
    monkeypatch.setattr(stored.os, "replace", lambda *paths: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        store(package / "rows.json", {"rows": []}, {"command": "make data"})
    assert len(load_stored("waves", "rows.json")["rows"]) == 2


def test_a_file_of_another_program_is_signed(package):
    (package / "bench.json").write_text("{}")
    with pytest.raises(DamagedDataError, match="does not list it"):
        load_stored("waves", "bench.json")
    sign_stored(package / "bench.json")
    assert load_stored("waves", "bench.json") == {}
    assert len(load_stored("waves", "rows.json")["rows"]) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("tides", "rows.json"), "package: expected one of waves, got 'tides'"),
        (("../waves", "rows.json"), "package: expected one of waves"),
        (("waves", "../../rows.json"), "name: expected a file name ending in .json, .npz, .txt"),
        (("waves", "rows.yml"), "name: expected a file name ending in"),
        (("waves", 3), "name: expected a file name ending in"),
        (("waves", "other.json"), "name: expected one of the files stored there, arrays.npz, rows.json"),
    ],
)
def test_bad_names_are_refused(package, arguments, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        load_stored(*arguments)


def test_data_without_provenance_is_not_stored(package):
    with pytest.raises(ValueError, match="provenance: expected a record"):
        store(package / "rows.json", {"rows": []})
    with pytest.raises(ValueError, match="path: expected a file name ending in"):
        store(package / "rows.csv", {"rows": []}, {"command": "make data"})


def test_nothing_reads_around_the_loader():
    pages = list((ROOT / "book").rglob("*.md"))
    modules = [p for p in PACKAGE.rglob("*.py") if p.parent.name != "data" and p.parent.name != "ledger"]
    for path in set(pages + modules) - {Path(stored.__file__)}:
        text = path.read_text("utf8")
        assert not re.search(r"read_text|read_bytes|np\.load\(|json\.load\(", text), path


def test_nothing_writes_around_the_loader():
    for path in PACKAGE.glob("*/data/make*.py"):
        assert not re.search(r"HERE / [^\n]*write_|savez", path.read_text("utf8")), path
