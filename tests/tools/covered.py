"""Lines and branches of `lowdim` that its tests run, and which test runs which line.

    python tests/tools/covered.py [--workers N]

The pages are left out: what is tested is tested without them. The record goes to `_build/coverage`, the
processor seconds of every test and the texts that were measured beside it; `mutants.py` chooses its tests by
them. What counts, and the least share, are in `pyproject.toml`.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "_build" / "coverage"
DATA, SECONDS = FOLDER / "data", FOLDER / "seconds"
TEXTS, LEARNT = FOLDER / "texts.json", SECONDS / "without-tracing.json"
APART = ("frame", "notebooks", "peers", "web")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Seconds:
    """Plugin of pytest: processor seconds of every test, its fixtures included."""

    def __init__(self):
        self.found, self.start = {}, 0.0

    def pytest_runtest_logstart(self):
        self.start = time.process_time()

    def pytest_runtest_logfinish(self, nodeid):
        self.found[nodeid] = round(time.process_time() - self.start, 3)

    def pytest_sessionfinish(self):
        if self.found:
            (SECONDS / f"{os.getpid()}.json").write_text(json.dumps(self.found))


def pytest_configure(config):
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Seconds(), "seconds")


def seconds():
    """Processor seconds by the name of the test; those without tracing count more."""
    paths = sorted(SECONDS.glob("*.json"), key=lambda path: (path == LEARNT, path.stat().st_mtime))
    return {k: v for path in paths for k, v in json.loads(path.read_text()).items()}


def learn(found):
    """Keep the seconds of tests that ran without tracing."""
    before = json.loads(LEARNT.read_text()) if LEARNT.exists() else {}
    LEARNT.write_text(json.dumps(before | found))


def _tests():
    """Digests of the files that hold tests: the examples of the package, too."""
    folders = [
        p for p in sorted((ROOT / "tests").iterdir()) if p.is_dir() and p.name not in (*APART, "tools")
    ]
    files = [*(ROOT / "tests").glob("test_*.py"), *(f for p in folders for f in p.rglob("test_*.py"))]
    files += [p for p in (ROOT / "lib" / "lowdim").rglob("*.py") if ">>>" in p.read_text("utf8")]
    return {str(p.relative_to(ROOT)): hashlib.sha256(p.read_bytes()).hexdigest()[:12] for p in sorted(files)}


def measured():
    """Texts of the package's modules when all tests were measured, by their paths."""
    return json.loads(TEXTS.read_text())["modules"] if TEXTS.exists() else {}


def keep_texts():
    """Note what was measured."""
    texts = {str(p.relative_to(ROOT)): p.read_text("utf8") for p in (ROOT / "lib" / "lowdim").rglob("*.py")}
    TEXTS.write_text(json.dumps({"modules": texts, "tests": _tests()}))


def _pytest(*options):
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(Path(__file__).parent)}
    environment["COVERAGE_FILE"] = str(DATA)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "covered", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--cov", "--cov-context=test", *options], cwd=ROOT, env=environment
    ).returncode


def run(workers):
    """Exit status of the tests; the record is made anew."""
    SECONDS.mkdir(parents=True, exist_ok=True)
    for path in [*FOLDER.glob("data*"), *SECONDS.glob("*.json")]:
        path.unlink()
    keep_texts()
    ignored = [f"--ignore=tests/{name}" for name in APART]
    spread = ["-n", str(workers)] if workers else ["--dist=no"]
    return _pytest(*spread, *ignored, "--cov-report=term-missing:skip-covered")


def run_changed():
    """Add the files of tests that changed since to the record."""
    kept, now = json.loads(TEXTS.read_text()), _tests()
    files = [name for name, digest in now.items() if kept["tests"].get(name) != digest]
    if files and _pytest("--dist=no", "--cov-append", "--cov-report=", "--cov-fail-under=0", *files) in (
        0,
        1,
    ):
        TEXTS.write_text(json.dumps(kept | {"tests": now}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes; 0 is this one")
    sys.exit(run(parser.parse_args().workers))
