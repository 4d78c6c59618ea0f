"""Comparisons with independent codes, and the record of how well they agreed.

With ``--store`` (`make peers-store`) the largest deviation of every solver from every code goes to
`lib/lowdim/<part>/data/peers.json`, where the page of solvers reads it. Nothing is stored if a test fails;
what did not run keeps its former row.
"""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from lowdim._provenance import provenance
from lowdim.stored import load_stored, store

ROOT = Path(__file__).resolve().parents[2]
ROWS = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--store", action="store_true", help="keep how well codes agreed for the book")


def pytest_configure(config):
    config.stash[ROWS] = {}


@pytest.fixture
def agrees(request):
    """Assert that a solver agrees with a code, and keep the largest deviation over the largest value."""

    def agrees(solver, code, what, ours, theirs, *, rtol=0.0, atol=0.0):
        ours, theirs = np.broadcast_arrays(np.asarray(ours, float), np.asarray(theirs, float))
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
        assert ours.size
        largest = np.abs(theirs).max()
        found = np.abs(ours - theirs).max() / (largest if largest else 1.0)
        rows = request.config.stash[ROWS]
        cases, deviation = rows.get((solver, code, what), (0, 0.0))
        rows[solver, code, what] = cases + ours.size, max(deviation, float(found))

    return agrees


def pytest_sessionfinish(session, exitstatus):
    rows = session.config.stash[ROWS]
    if not session.config.getoption("store", False) or exitstatus or not rows:
        return
    today, parts = datetime.now(UTC).date().isoformat(), defaultdict(list)
    for (solver, code, what), (numbers, deviation) in rows.items():
        row = {"solver": solver, "code": code, "what": what, "numbers": numbers}
        # nothing agrees better than to rounding
        row["deviation"] = float(f"{max(deviation, np.finfo(float).eps):.1e}")
        parts[solver.split(".")[0]].append(row | {"date": today})
    for part, found in parts.items():
        path = ROOT / "lib" / "lowdim" / part / "data" / "peers.json"
        former = load_stored(part, path.name)["rows"] if path.exists() else []
        kept = [row for row in former if key(row) not in set(map(key, found))]
        record = provenance({"deviation": "largest, over the largest value"}, command="make peers-store")
        store(path, {"rows": sorted(kept + found, key=key)}, record)


def key(row):
    return row["solver"], row["code"].split()[0], row["what"]
