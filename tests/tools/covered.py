"""Lines and branches of `lowdim` that its tests run, and which test runs which line.

    python tests/tools/covered.py [--workers N]

The pages are left out: what is tested is tested without them. The record goes to `_build/coverage`, the
processor seconds of every test beside it; `mutants.py` chooses its tests by them. What counts, and the least
share, are in `pyproject.toml`.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "_build" / "coverage"
DATA, SECONDS = FOLDER / "data", FOLDER / "seconds"
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
    """Processor seconds by the name of the test."""
    return {k: v for path in SECONDS.glob("*.json") for k, v in json.loads(path.read_text()).items()}


def run(workers):
    """Exit status of the tests; the record is made anew."""
    SECONDS.mkdir(parents=True, exist_ok=True)
    for path in [*FOLDER.glob("data*"), *SECONDS.glob("*.json")]:
        path.unlink()
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(Path(__file__).parent)}
    environment["COVERAGE_FILE"] = str(DATA)
    ignored = [f"--ignore=tests/{name}" for name in APART]
    spread = ["-n", str(workers)] if workers else ["--dist=no"]
    options = ["-q", "-p", "covered", "-p", "no:cacheprovider", *spread, *ignored]
    options += ["--cov", "--cov-context=test", "--cov-report=term-missing:skip-covered"]
    return subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes; 0 is this one")
    sys.exit(run(parser.parse_args().workers))
