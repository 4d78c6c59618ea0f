"""Benchmarks share one clock, and its shortest is the shortest."""

import ast
import sys
import time

import pytest

import pages

BENCH = pages.ROOT / "tests" / "bench"
sys.path.insert(0, str(BENCH))
import timing  # noqa: E402


@pytest.mark.parametrize("path", sorted(BENCH.glob("bench_*.py")), ids=lambda path: path.stem)
def test_benchmarks_carry_no_clock_of_their_own(path):
    tree = ast.parse(path.read_text("utf8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not imported & {"time", "timeit"}
    assert any(isinstance(n, ast.ImportFrom) and n.module == "timing" for n in ast.walk(tree))


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds


def test_the_clock_counts_work_and_not_sleep():
    seconds, result = timing.timed(lambda: (time.sleep(0.1), spin(0.02))[1])
    assert result == 0.02 and 0.02 <= seconds < 0.08
    elapsed, processor, _ = timing.clocked(lambda: time.sleep(0.1))
    assert elapsed >= 0.1 and processor < 0.05


def test_the_shortest_run_counts():
    work = iter((0.05, 0.01, 0.03))
    seconds, result = timing.best_of(lambda: spin(next(work)))
    assert 0.01 <= seconds < 0.03 and result == 0.03
    order = []
    found = timing.interleaved([lambda: order.append(spin(0.01)), lambda: order.append(spin(0.02))], 2)
    assert order == [0.01, 0.02, 0.01, 0.02] and 0.01 <= found[0] < 0.02 <= found[1]
