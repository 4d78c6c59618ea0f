"""What breaks the package one place at a time: its samples, its loader, its list of what changes nothing."""

import importlib
import json
import sys

import pytest
import yaml

import mutants
import noticed
import properties
import trials

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
    loader = trials.Mutated("halves", path, TEXT.replace("x / 2", "x * 2"))
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


CLASS = """
LIMIT = 3
def outer(x, most=LIMIT):
    def inner(y):
        return y + x
    return inner(x) + most
class Pair:
    size = 2
    def double(self):
        return 2 * self.size
"""


def codes(text, *change):
    return [compile(part, "pair.py", "exec") for part in (text, text.replace(*change))]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("2 * self.size", "2 / self.size"), {("Pair.double", 9)}),
        (("y + x", "y - x"), {("outer", 3)}),
        (("most=LIMIT", "most=not LIMIT"), None),
        (("size = 2", "size = 3"), None),
        (("LIMIT = 3", "LIMIT = 4"), None),
    ],
)
def test_faults_of_functions_are_told_from_those_of_the_import(change, expected):
    found = trials.changed_functions(*codes(CLASS, *change))
    assert (found if found is None else set(found)) == expected


def test_live_functions_get_their_new_code_wherever_they_are_held():
    old, new = codes(CLASS, "2 * self.size", "2 + self.size + 1")
    space = {}
    exec(old, space)
    pair, held = space["Pair"](), space["Pair"].double
    assert trials.put_in("pair.py", trials.changed_functions(old, new)) == 1
    assert pair.double() == held(pair) == 5


def test_tests_are_those_of_the_whole_statement_and_lines_are_followed():
    text = "def f(x):\n    y = (x +\n         1)\n    if (x and\n            y):\n        return 2\n"
    spans = mutants.statements(text)
    assert spans[2] == spans[3] == (2, 3) and spans[4] == spans[5] == (4, 5) and spans[1] == (1, 1)
    assert mutants.moved("a\nb\nc\n", "new\na\nc\n") == {1: 2, 3: 3}


def test_a_record_holds_every_module_that_was_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(mutants, "version", lambda name: "8")
    options = type("Options", (), {"full": False, "seed": 1, "sample": 5})
    rows = [
        {"module": "lowdim.errors", "was": "a", "now": now, "line": 3, "outcome": outcome}
        for now, outcome in (("b", "killed"), ("c", "survived"), ("d", "survived"))
    ]
    counts = mutants.counted(9, rows, {("lowdim.errors", "a", "d")})
    assert (counts["tried"], counts["killed"], counts["equivalent"]) == (3, 1, 1)
    assert counts["survivors"] == [{"line": 3, "was": "a", "now": "c"}]
    for name in ("lowdim.errors", "lowdim.constants"):
        mutants.store(name, counts, options)
    stored = json.loads(mutants.RECORD.read_text())["modules"]
    assert set(stored) == {"lowdim.errors", "lowdim.constants"} and stored["lowdim.errors"]["killed"] == 1


def test_every_property_has_failed_with_a_fault_in_what_it_calls():
    record = json.loads(properties.RECORD.read_text("utf8"))["properties"]
    files = sorted((mutants.ROOT / "tests").glob("*/test_properties.py"))
    assert {str(file.relative_to(mutants.ROOT)) for file in files} == set(record) and len(files) == 8
    for file in files:
        found = record[str(file.relative_to(mutants.ROOT))]
        assert set(found) == {name for name in properties.defined(str(file)) if name.startswith("test_")}
        assert all(row["fails"] and row["was"] != row["now"] for row in found.values()), file


def test_every_module_has_its_share_of_a_sample_of_the_whole():
    found = {"a": [(i, 0, "kind", 0) for i in range(90)], "b": [(1, 0, "kind", 0)], "c": []}
    assert noticed.shared(found, 10) == {"a": 10, "b": 1}


def test_a_second_sample_has_no_place_of_the_first():
    found = [(line, 0, f"core/{kind}", 0) for line in range(9) for kind in "ab"]
    first = {fault[:2] for fault in mutants.chosen("m", found, 4, mutants.SEED)}
    assert {fault[:2] for fault in noticed.unseen("m", found, 4)} == {fault[:2] for fault in found} - first
    assert noticed.unseen("m", found, "all") == []


def test_what_was_noticed_first_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(noticed, "RECORD", tmp_path / "noticed.json")

    def run(killed, name="lowdim.dot.fock"):
        survivors = [{"line": 3, "was": "a", "now": "b"}] * (4 - killed)
        noticed.store(2, name, {"tried": 5, "killed": killed, "equivalent": 1, "survivors": survivors})
        return json.loads(noticed.RECORD.read_text())["2"]["modules"]

    assert run(3)["lowdim.dot.fock"]["at once"] == 3
    found = run(4)
    assert found["lowdim.dot.fock"]["at once"] == 3 and found["lowdim.dot.fock"]["killed"] == 4
    both = run(3, "lowdim.tables").values()
    assert noticed.share(both) == (0.75, pytest.approx((0.75 * 0.25 / 8) ** 0.5), 8)
    assert [noticed.part_of(name) for name in found] == ["dot"] and noticed.part_of(
        "lowdim.tables"
    ) == "lowdim"


def test_the_record_holds_every_module_and_nothing_survives_in_it():
    record = json.loads(mutants.RECORD.read_text("utf8"))["modules"]
    assert set(record) == set(mutants.modules())
    for name, counts in record.items():
        assert counts["tried"] >= (counts["faults"] > 0), name
        assert counts["killed"] >= mutants.LEAST * (counts["tried"] - counts["equivalent"]), name
        assert counts["tried"] == counts["killed"] + counts["equivalent"] + len(counts["survivors"]), name
