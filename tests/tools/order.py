"""Files of tests that take long begin first: then no process is left with a long page while others idle.

`tests/seconds.json` says how long each file took, from two seconds up. `pytest --store-seconds` writes it.
"""

import json
from collections import Counter
from pathlib import Path

STORED = Path(__file__).resolve().parents[1] / "seconds.json"
LEAST = 2.0
UNKNOWN_TWIN = 10.0  # a page that was never timed
UNKNOWN_WEB = 60.0  # tests in the browser, which take no time where the book was not built


def scope(nodeid):
    """The file of a test: what goes to one process as a whole."""
    return nodeid.split("::")[0]


def long_first(items, seconds):
    """Sort tests by the time of their files, longest first; in a file, and of short ones, nothing moves."""

    def weight(item):
        file = scope(item.nodeid)
        unknown = UNKNOWN_TWIN if file.endswith(".ipynb") else UNKNOWN_WEB if "/web/" in file else 0.0
        return -seconds.get(file, unknown)

    items.sort(key=weight)


def stored(path=STORED):
    return json.loads(path.read_text("utf8")) if path.exists() else {}


class Stopwatch:
    """Plugin of the process that hands out the tests: adds up what they took, and stores it in the end."""

    def __init__(self, path=STORED):
        self.path, self.seconds = path, Counter()

    def pytest_runtest_logreport(self, report):
        self.seconds[scope(report.nodeid)] += report.duration

    def pytest_sessionfinish(self):
        known = stored(self.path) | dict(self.seconds)
        rows = sorted(((s, file) for file, s in known.items() if s >= LEAST), reverse=True)
        text = json.dumps({file: round(s, 1) for s, file in rows}, indent=1)
        self.path.write_text(text + "\n", "utf8")
