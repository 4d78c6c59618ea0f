"""Long files of tests begin first, and how long they took is stored on demand."""

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import order
import pages


def test_long_files_come_first_and_the_rest_stays():
    names = ["a.py::x", "a.py::y", "b.py::x", "new.ipynb::Cell 0", "c.py::x", "c.py::z", "d.py::x"]
    names.append("tests/web/e.py::x")
    items = [SimpleNamespace(nodeid=name) for name in names]
    order.long_first(items, {"c.py": 30.0, "b.py": 5.0})
    found = [item.nodeid for item in items]
    assert found.pop(0) == "tests/web/e.py::x"
    assert found == ["c.py::x", "c.py::z", "new.ipynb::Cell 0", "b.py::x", "a.py::x", "a.py::y", "d.py::x"]


def test_times_of_files_are_added_and_kept(tmp_path):
    path = tmp_path / "seconds.json"
    path.write_text(json.dumps({"slow.py": 9.0, "now fast.py": 8.0}))
    watch = order.Stopwatch(path)
    for name, duration in (("a.ipynb::Cell 0", 2.25), ("a.ipynb::Cell 1", 3.0), ("now fast.py::x", 0.5)):
        watch.pytest_runtest_logreport(SimpleNamespace(nodeid=name, duration=duration))
    watch.pytest_sessionfinish()
    assert order.stored(path) == {"slow.py": 9.0, "a.ipynb": 5.2}


def test_every_file_that_is_timed_is_there():
    assert all((pages.ROOT / name).exists() for name in order.stored())


THREE = "import pytest\n@pytest.mark.parametrize('n', range(3))\ndef test(n): pass\n"
REPORTS = """import order
order.stored = lambda: {"tests/test_e.py": 9.0, "tests/test_d.py": 8.0}
def pytest_runtest_logreport(report):
    if report.when == "call" and hasattr(report, "node"):
        print("RAN", report.node.gateway.id, report.nodeid)
"""


def test_processes_get_the_long_files_first(tmp_path):
    """Two processes begin with the two files that are listed as longest, and each keeps its file."""
    (tmp_path / "pyproject.toml").write_text((pages.ROOT / "pyproject.toml").read_text())
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "conftest.py").write_text((pages.ROOT / "tests" / "conftest.py").read_text())
    (folder / "tools").symlink_to(pages.ROOT / "tests" / "tools")
    for letter in "abcde":
        (folder / f"test_{letter}.py").write_text(THREE)
    (folder / "late.py").write_text(REPORTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "late", "-s", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONPATH": f"{folder}:{folder / 'tools'}"}
    run = subprocess.run([*command, "tests"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    rows = re.findall(r"RAN (gw\d) (\S+)::", run.stdout)
    assert run.returncode == 0 and len(rows) == 15, run.stdout + run.stderr
    begun = dict(reversed(rows))
    assert sorted(begun.values()) == ["tests/test_d.py", "tests/test_e.py"]
    assert len(set(rows)) == 5  # no file is shared by two processes
