"""What breaks the package one place at a time: its samples, its loader, its list of what changes nothing."""

import importlib
import sys

import pytest
import yaml

import mutants

TEXT = "def half(x, many=3):\n    if x > 2 and many:\n        return x / 2 + many\n    return -x\n"


def test_what_changes_nothing_is_still_there():
    """A listed fault names lines of today's package, and why nothing notices it."""
    known = mutants.modules()
    for row in yaml.safe_load(mutants.EQUIVALENT.read_text("utf8")):
        assert set(row) == {"module", "was", "now", "because"} and len(row["because"]) > 15
        lines = [line.strip() for line in known[row["module"]].read_text("utf8").splitlines()]
        assert all(line in lines for line in [row["was"]]) and row["now"] != row["was"], row


def test_scripts_that_make_data_are_left_alone():
    known = mutants.modules()
    assert "lowdim.wigner.valleys" in known and "lowdim.ledger.values" in known
    assert not any(".data." in name for name in known)


def test_a_larger_sample_holds_the_smaller():
    found = [(line, column, f"core/{kind}", 0) for line in range(9) for column in (1, 5) for kind in "ab"]
    few, more = (mutants.chosen("m", found, size, 4) for size in (3, 8))
    assert few == more[:3] and len({fault[:2] for fault in more}) == 8
    assert mutants.chosen("m", found, 3, 5) != few
    assert mutants.chosen("m", found, None, 4) == found


def test_every_fault_changes_one_place():
    pytest.importorskip("cosmic_ray", reason="Cosmic Ray is not installed (`make mutants` installs it)")
    changes = {mutants.changed(TEXT, mutants.broken(TEXT, fault)) for fault in mutants.places(TEXT)}
    assert ("return x / 2 + many", "return x / 2 - many") in changes
    assert ("if x > 2 and many:", "if x > 2 or many:") in changes
    assert ("if x > 2 and many:", "if x >= 2 and many:") in changes
    assert ("def half(x, many=3):", "def half(x, many= 4):") in changes
    assert all(was != now for was, now in changes)


def test_the_broken_text_is_what_is_imported(tmp_path, monkeypatch):
    path = tmp_path / "halves.py"
    path.write_text(TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    loader = mutants.Mutated("halves", path, TEXT.replace("x / 2", "x * 2"))
    monkeypatch.setattr(sys, "meta_path", [loader, *sys.meta_path])
    monkeypatch.delitem(sys.modules, "halves", raising=False)
    module = importlib.import_module("halves")
    monkeypatch.delitem(sys.modules, "halves")
    assert module.half(4) == 11 and module.__file__ == str(path)


def test_little_noticed_fails_the_run(capsys):
    options = type("Options", (), {"modules": ["m"], "full": False, "seed": 1})
    counts = {"tried": 10, "killed": 9, "equivalent": 1, "survivors": []}
    assert mutants.judge({"m": counts}, options) == 0
    assert mutants.judge({"m": counts | {"equivalent": 0}}, options) == 1
    mixed = {"m": counts, "n": counts | {"tried": 100, "killed": 99}, "o": counts | {"equivalent": 0}}
    assert mutants.judge(mixed, options) == 0 and "less than 92 %: o" in capsys.readouterr().out
    options.full = True
    assert mutants.judge(mixed, options) == 1
