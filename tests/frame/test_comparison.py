"""The comparison of twins: what it lets pass, what it must not, and from where it can be started."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

import comparison
import pages

SAME = [
    ("0.123", "0.124"),
    ("-0.123", "-0.122"),
    ("-0.0", "0.0"),
    ("-0", "0"),
    ("-0.00", " 0.00"),
    ("0.001", "-0.000"),
    ("9.99 eV", "10.00 eV"),
    ("0.3", "0.299999"),
    ("9.999e-05", "1.000e-04"),
    ("1.25e-3", "1.26e-3"),
    (r"9.99 \cdot 10^{-4}", r"1.00 \cdot 10^{-3}"),
    ("9.99 \u00d7 10<sup>-4</sup>", "1.00 \u00d7 10<sup>-3</sup>"),
    ("\u22120.0 meV", "0.0 meV"),
    ("1.00-0.00j", "1.00+0.00j"),
    ("[-0.   1.25]", "[0.   1.25]"),
    ("  x\n------\n -0.0", "  x\n-----\n0.0"),
    ("<td>-0.0</td>", "<td>0.0</td>"),
    ("nan inf -inf", "nan inf -inf"),
]
DIFFERENT = [
    ("0.123", "0.125"),
    ("0.1", "-0.1"),
    ("+0.5", "-0.5"),
    ("0.001", "-0.001"),
    ("1.25e-3", "1.25e-4"),
    (r"1.25 \cdot 10^{-3}", r"1.25 \cdot 10^{-4}"),
    ("12 electrons", "13 electrons"),
    ("array([3.])", "array([4.])"),
    ("spin 1/2", "spin 3/2"),
    ("numpy 2.4.6", "numpy 2.4.7"),
    ("WSe2 0.5", "WSe3 0.5"),
    ("0.5 meV", "0.5 eV"),
    ("True", "False"),
    ("inf", "nan"),
    ("inf", "-inf"),
    ("nan", "0.0"),
    ("0.5", "0.5 0.5"),
    ("0.5\n0.6", "0.5"),
    ("1 2.5", "12.5"),
    ("<td>0.5</td>", "<th>0.5</th>"),
    ("\\alpha 0.5", "\\beta 0.5"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_text(one, other):
    assert comparison.same_text(one, other) and comparison.same_text(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_different_text(one, other):
    assert not comparison.same_text(one, other) and not comparison.same_text(other, one)


CLAIM = {"id": "eq.1", "published": [1.26, -0.0], "verdict": "corrected", "page": None, "n": 3, "ok": True}


@pytest.mark.parametrize("change", [{}, {"published": [1.27, 0.0]}, {"published": [1.259999, 0.0]}])
def test_the_same_record(change):
    assert comparison.same_value({"claims": [CLAIM]}, {"claims": [CLAIM | change]})


@pytest.mark.parametrize(
    "change",
    [
        {"published": [1.28, 0.0]},
        {"published": [1.26]},
        {"published": [1.26, None]},
        {"published": None},
        {"verdict": "partial"},
        {"page": "book"},
        {"n": 4},
        {"n": True},
        {"ok": 1},
        {"reason": "rounding"},
    ],
)
def test_a_different_record(change):
    assert not comparison.same_value({"claims": [CLAIM]}, {"claims": [CLAIM | change]})


RECORD = "display({'application/vnd.lowdim.claim+json': {'x': [0.13]}}, raw=True)"
CELLS = {  # source, and the outputs of its twin: `None` are those that the source has
    "faithful": ("print('E = 0.123 meV')", None),
    "one unit": ("print('E = 0.123 meV')", "E = 0.124 meV\n"),
    "signed zero": ("print('E = 0.00 meV')", "E = -0.00 meV\n"),
    "carries on": ("x = 0.5; print(x)", "0.5\n"),
    "surroundings": ("import os; print(os.environ['MPLBACKEND'][:27])", "module://matplotlib_inline.\n"),
    "two units": ("print('E = 0.123 meV')", "E = 0.125 meV\n"),
    "word": ("print('E = 0.123 meV')", "E = 0.123 eV\n"),
    "line": ("print('E = 0.123 meV')", "E = 0.123 meV\nF = 1\n"),
    "count": ("print('12 electrons')", "13 electrons\n"),
    "sign": ("print(x)", "-0.5\n"),
    "table": ("from IPython.display import HTML; HTML('<td>0.13</td>')", {"text/html": "<td>0.11</td>"}),
    "formula": ("from IPython.display import Latex; Latex('$0.13$')", {"text/latex": "$0.11$"}),
    "record": (RECORD, {"x": [0.11]}),
    "close record": (RECORD, {"x": [0.12]}),
    "close table": ("HTML('<td>-0.00</td>')", {"text/html": "<td>0.01</td>"}),
    "output": ("print('x')", ""),
}
CELLS["one kernel"] = ("print(n, 'cells')", f"{len(CELLS) + 1} cells\n")
PASSING = {"faithful", "one unit", "signed zero", "carries on", "surroundings", "one kernel"}
PASSING |= {"close record", "close table"}


def outputs(source, twin):
    if twin is None:
        twin = re.search(r"'(.*)'", source)[1] + "\n"
    if isinstance(twin, str):
        return [nbformat.v4.new_output("stream", name="stdout", text=twin)] if twin else []
    if "x" in twin:
        return [nbformat.v4.new_output("display_data", {"application/vnd.lowdim.claim+json": twin})]
    plain = f"<IPython.core.display.{'HTML' if 'text/html' in twin else 'Latex'} object>"
    return [nbformat.v4.new_output("execute_result", {"text/plain": plain, **twin}, execution_count=1)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project's settings of pytest, and one notebook, in a folder with a space and an accent."""
    root = tmp_path_factory.mktemp("a projét")
    for name in ("pyproject.toml", "tests/conftest.py", "tests/notebooks/sanitize.cfg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pages.ROOT / name, root / name)
    shutil.copytree(pages.ROOT / "tests" / "tools", root / "tests" / "tools")
    cells = []
    for count, (source, twin) in enumerate(CELLS.values(), start=1):
        code = f"n = {'n + 1' if cells else '1'}\n{source}"
        cells.append(nbformat.v4.new_code_cell(code, execution_count=count, outputs=outputs(source, twin)))
    page = root / "tests" / "notebooks" / "part" / "page.ipynb"
    page.parent.mkdir()
    elsewhere = {"kernelspec": {"name": "elsewhere", "display_name": "A kernel that is not installed here"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=elsewhere), page)
    return root


def verdicts(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"MPLBACKEND": "agg"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    rows = re.findall(r"^(PASSED|FAILED|ERROR) .*Cell (\d+)", run.stdout, re.MULTILINE)
    names = list(CELLS)
    return {names[int(number)] for verdict, number in rows if verdict == "PASSED"}, run.stdout, len(rows)


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (".", ["tests/notebooks", "-n", "2"]),
        ("tests", ["notebooks"]),
        ("..", ["{root}/tests/notebooks/part/page.ipynb", "--nbval"]),
    ],
)
def test_each_cell_has_its_verdict_from_any_folder(project, tmp_path, folder, arguments):
    arguments = [argument.format(root=project) for argument in arguments]
    passed, report, count = verdicts(project / folder, *arguments, "--claims", str(tmp_path / "claims"))
    assert passed == PASSING, report
    assert count == len(CELLS), report
    (kept,) = (tmp_path / "claims").iterdir()
    record = json.loads(kept.read_text())
    assert kept.name.endswith("-page.json") and record["claims"] == [{"x": [0.13]}, {"x": [0.13]}]
    assert record["passed"] is False
