"""Sweeps give the same on one processor and on a cluster that loses a worker; every script sweeps."""

import json
import os
import re
import runpy
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pytest

import data
import lowdim
from lowdim._sweep import sweep
from lowdim.exciton import Ensemble, PlaneWaves, run_backscattering, run_ensemble

distributed = pytest.importorskip("distributed")
SCRIPTS = sorted(Path(lowdim.__file__).parent.glob("*/data/make*.py"))


@pytest.fixture(scope="module")
def cluster():
    """A scheduler on this machine alone, and two workers, each a process of its own."""
    place = {"host": "127.0.0.1", "scheduler_port": 0, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=0, **place) as scheduler:
        address = scheduler.scheduler_address
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
        command += ["--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard"]
        processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
        try:
            with distributed.Client(address) as client:
                client.wait_for_workers(2, timeout=120)
            yield scheduler, processes
        finally:
            for process in processes:
                process.kill()
                process.wait()


def script(name, folder, **settings):
    """The script's `main`, made small, which stores in a folder."""
    (path,) = [path for path in SCRIPTS if path.match(f"{name}.py")]
    main = runpy.run_path(str(path))["main"]
    main.__globals__.update(settings, HERE=folder)
    return main


def test_every_sweep_of_the_package_moves(cluster):
    """Ensembles too, which alone run in one process. (Of a single worker joblib would make no use.)"""
    scheduler, processes = cluster
    waves = PlaneWaves(3.0, (0.0,), duration=4.0, every=8, norm=65, points=48)
    packets = Ensemble(1.5, (0.0,), points=32, length=20.0, step=0.1, duration=2.0)
    runs = [(run_backscattering, waves), (run_ensemble, packets)]
    alone = [run(settings, [1, 2]) for run, settings in runs]
    seen = scheduler.scheduler.transition_log
    with data.on(scheduler.scheduler_address):
        assert set(sweep(os.getpid, [()] * 3)) <= {process.pid for process in processes}
        for (run, settings), expected in zip(runs, alone, strict=True):
            before = len(seen)
            assert np.array_equal(run(settings, [1, 2]), expected)
            assert len(seen) > before


def test_first_principles_runs_spread(cluster, tmp_path):
    """They are made by a script of their own kind, one run after the other as the workers come free."""
    scheduler, processes = cluster

    def who(piece, work):
        time.sleep(0.2)
        return piece, {"key": piece.key, "made": {}, "process": os.getpid()}, ""

    with data.on(scheduler.scheduler_address):
        script("spinorbit/data/make", tmp_path, compute=who)(["--only", "dispersion"])
    runs = json.loads((tmp_path / "dispersion.json").read_text())["runs"]
    assert {run["key"] for run in runs} == {"MoS2", "MoSe2", "WS2", "WSe2"}
    assert {run["process"] for run in runs} <= {process.pid for process in processes}


def kill_at_work(scheduler, process, done):
    """Kill a worker once some jobs are done and both workers have others in hand; tell that it happened."""
    for _ in range(6000):
        busy = [worker.processing for worker in scheduler.scheduler.workers.values()]
        finished = any(task.state == "memory" for task in scheduler.scheduler.tasks.values())
        if finished and len(busy) == 2 and all(busy):
            process.kill()
            done.append(process.wait())
            return
        time.sleep(0.01)


SMALL = {
    "SWAPPED": [(n, 150) for n in (10, 12, 13, 14, 15, 16, 17, 18)],
    "UNDISTURBED": [10],
    "BLOCKS": (50,),
    "COMMON": {"copies": 2, "warm_up": 50},
}


def test_a_cluster_that_loses_a_worker_stores_the_same(cluster, tmp_path):
    scheduler, processes = cluster
    for name in ("serial", "spread"):
        (tmp_path / name).mkdir()
    with joblib.parallel_config("sequential"):
        script("make_melting", tmp_path / "serial", **SMALL)()
    killed = []
    killer = threading.Thread(target=kill_at_work, args=(scheduler, processes[0], killed))
    killer.start()
    with data.on(scheduler.scheduler_address):
        script("make_melting", tmp_path / "spread", **SMALL)()
    killer.join()
    assert killed == [-9]
    for name in ("melting.json", "SHA256SUMS"):
        assert (tmp_path / "serial" / name).read_bytes() == (tmp_path / "spread" / name).read_bytes()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_script_sweeps(path):
    code = path.read_text("utf8")
    assert re.search(r"sweep\(\w+, |Parallel\(", code)
    assert not re.search(r"Parallel\(\)|n_jobs=1\b|default=1, help=\"processes", code)


def test_jobs_keep_their_order_and_tell_their_progress(capsys):
    assert sweep(divmod, ((n, 3) for n in range(7)), "thirds") == [divmod(n, 3) for n in range(7)]
    assert "thirds: 100%" in capsys.readouterr().out
    assert sweep(divmod, [(5, 3)], n_jobs=1) == [(1, 2)]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("relative", [False, True])
def test_the_tool_runs_a_script_by_itself(tmp_path, monkeypatch, relative):
    """By its whole path, since a script may start a program beside it in another folder."""
    path = tmp_path / "make_squares.py"
    code = "import sys\nif __name__ == '__main__':\n    open(sys.argv[0] + '.made', 'w').write(__file__)\n"
    path.write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["data.py", path.name if relative else str(path)])
    data.main()
    assert (tmp_path / "make_squares.py.made").read_text() == str(path)


def test_a_sweep_takes_all_processors_unless_told(monkeypatch):
    asked = []

    def alone(**options):
        asked.append(options.pop("n_jobs"))
        return joblib.Parallel(n_jobs=1, **options)

    monkeypatch.setattr("lowdim._sweep.Parallel", alone)
    assert sweep(divmod, [(7, 2)]) == sweep(divmod, [(7, 2)], n_jobs=3) == [(3, 1)]
    assert asked == [-1, 3]
