"""Make the stored first-principles runs of the spin-orbit chapter, or those that are missing.

Two codes of different method solve the Kohn-Sham equations: Elk (all electrons, linearised augmented plane
waves; the method of the paper) and GPAW (projector augmented waves). `pieces.py` lists the runs with all
their inputs, the most useful first. A run that is stored with the same inputs is not repeated, and every
result is merged into its file as soon as it is there: the script may be stopped at any time and goes on
where it was, with interrupted self-consistent runs of Elk taken up from their last density if the folder
--work is kept. Everything from nothing takes about eight hours on one core, the longest run one hour.

    python make.py [--only KIND ...] [--codes elk ...] [--materials WSe2 ...] [--jobs N] [--work DIR]
                   [--hours H] [--older | --again]

With --older the runs that the scripts made before their last change are made again, too; with --again, all.
With --repeat the runs that are stored are made again and compared to 0.1 meV, bands of the bulk to 1 meV;
nothing is stored:

    python make.py --repeat [--codes gpaw]

To go on with the study of convergence for an evening, one run at a time and behind everything else:

    OMP_NUM_THREADS=1 nice -n 19 python make.py --jobs 1 --hours 6 --work DIR

Files: `elk-edges.json` and `paw-edges.json`, the convergence study; `crystals.json`, bulk and layer relaxed
alike, and `dispersion.json`, their dispersion energies; `images.json`, energies at wave vectors that symmetry
makes equal; `projections.json` and `shells.json`, what the spin-orbit coupling is made of, at K and from
Gamma to it; `coupling.json`, how much of it Elk takes in; `states.json`, the same for GPAW, by the states
coupled and by the data set of the metal; `inner-shells.json`, levels of GPAW with the 4f electrons of
tungsten in the core and outside; `elk.json` and `layer.json` (GPAW), bands along M-Gamma-K-M, and by GPAW
over the zone; `bulk.json`, `normal.json`, `relaxed-layer.json`, `relaxed-bulk.json` (GPAW).

The codes are Debian packages, elk-lapw, gpaw and gpaw-data, and a Python package, dftd3: `make data` installs
them where it may.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim.spinorbit.data import d3, elk, pieces
from lowdim.stored import store

HERE = Path(__file__).parent
# what turns the inputs of a run into its results; the inputs are stored with it
SCRIPTS = {"elk": ("elk.py",), "gpaw": ("paw.py", "paw_density.py"), "dftd3": ("d3.py",)}
# energies in a run by their names, and their units in eV
ENERGIES = {
    **dict.fromkeys(("with", "without", "energies", "levels", "fewer bands", "gap bands"), 1.0),
    **dict.fromkeys(("a d energy force", "layer", "bulk"), 1.0),
    "spread meV": 1e-3,
}
SAME = 1e-4  # eV
# GPAW stops at squared residuals of 4e-8 eV^2 per electron; with 52 of them one band may keep 1 meV
COARSER = {"bulk": 1e-3}
PACKAGES = {
    "elk": ("elk-lapw", "libxc9", "libopenblas0"),
    "gpaw": ("gpaw", "gpaw-data", "libxc9", "python3-ase"),
    "dftd3": (),
}


def digest(code):
    """Of the scripts that call a code."""
    text = b"".join((HERE / name).read_bytes() for name in SCRIPTS[code])
    return hashlib.sha256(text).hexdigest()[:16]


def package_versions(code):
    """Versions of the Debian packages; those that are not installed are left out."""
    found = {}
    for package in PACKAGES[code]:
        query = ["dpkg-query", "-W", "-f", "${Version}", package]
        try:
            done = subprocess.run(query, capture_output=True, text=True)
        except FileNotFoundError:
            return found
        if done.returncode == 0 and done.stdout:
            found[package] = done.stdout
    return found


def plain(job):
    """A job as it reads after storing."""
    return json.loads(json.dumps(job))


def stored(kind):
    path = HERE / f"{kind}.json"
    return json.loads(path.read_text()) if path.exists() else {"runs": []}


def is_stored(piece, runs, scripts=None):
    """Whether the runs have this piece with the same inputs, made by the scripts of that digest if given."""
    return any(
        run["key"] == piece.key and run["inputs"] == plain(piece.job)
        and (scripts is None or run["made"]["scripts"] == scripts)
        for run in runs
    )  # fmt: skip


def merge(piece, run):
    """Put a run into its file in place of the one of the same key, or at the end; the others stay."""
    whole = stored(piece.kind)
    runs = [old for old in whole["runs"] if old["key"] != piece.key]
    place = next((i for i, old in enumerate(whole["runs"]) if old["key"] == piece.key), len(runs))
    runs.insert(place, run)
    today = datetime.now(UTC).date().isoformat()
    first = {"command": "make data", "date": today, "of each run": "under made"}
    provenance = whole.get("provenance", first)
    store(HERE / f"{piece.kind}.json", {"runs": runs}, provenance)


def gpaw_run(job, folder, threads):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(job))
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [elk.require("gpaw"), "python", str(HERE / "paw.py"), "job.json", "result.json"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"GPAW failed in {folder}: {done.stderr[-400:]}")
    return json.loads((folder / "result.json").read_text())


def compute(piece, work, threads=1):
    """One run with its inputs and its provenance; (piece, run or None, message)."""
    folder = work / f"{piece.kind}-{piece.key.replace(' ', '-')}"
    scripts = digest(piece.code)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    try:
        if piece.code == "elk":
            kinds = {"layer": elk.layer, "edges": elk.edges, "coupling": elk.coupling}
            result = kinds[piece.job["kind"]](piece.job, folder, threads)
            told = elk.provenance(piece.job, folder)
        elif piece.code == "dftd3":
            result, told = d3.dispersion(piece.job)
        else:
            whole = gpaw_run(piece.job, folder, threads)
            result, told = whole["result"], whole["versions"]
    except RuntimeError as error:
        return piece, None, str(error)
    made = {
        **told,
        "packages": package_versions(piece.code),
        "scripts": scripts,
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before),
    }
    run = {
        "key": piece.key,
        "material": piece.job["material"],
        "inputs": plain(piece.job),
        "made": made,
        **result,
    }
    return piece, run, ""


def numbers(run, unit=0.0):
    """All energies of a run in eV, one after the other."""
    if isinstance(run, dict):
        inner = [numbers(value, ENERGIES.get(name, unit)) for name, value in run.items()]
    elif isinstance(run, list):
        inner = [numbers(value, unit) for value in run]
    else:
        return [unit * run] if unit and isinstance(run, int | float) else []
    return [x for part in inner for x in part]


def deviation(piece, run):
    """Largest difference of the energies of a run from those that are stored, in eV."""
    (old,) = (old for old in stored(piece.kind)["runs"] if old["key"] == piece.key)
    skipped = ("made", "inputs", "key", "material")
    one, two = (numbers({k: v for k, v in x.items() if k not in skipped}) for x in (old, plain(run)))
    if not one or len(one) != len(two):
        return float("inf")
    # some are stored to 0.1 meV, and one step of that must not be more in binary
    return round(max(abs(x - y) for x, y in zip(one, two, strict=True)), 8)


def in_time(todo, hours):
    """Pieces until the time is over, one by one as they are asked for."""
    end = time.monotonic() + 3600 * hours
    for piece in todo:
        if time.monotonic() > end:
            return
        yield piece


def missing(told):
    """Pieces to run: those that are not stored, or older, or all; to repeat, those that are stored."""
    runs = {kind: stored(kind)["runs"] for kind in told.only}
    digests = {code: digest(code) if told.older else None for code in told.codes}
    chosen = [
        p for p in pieces.plan()
        if p.kind in told.only and p.job["material"] in told.materials and p.code in told.codes
    ]  # fmt: skip
    return [p for p in chosen if told.again or is_stored(p, runs[p.kind], digests[p.code]) == told.repeat]


def asked(arguments=None):
    kinds = sorted({piece.kind for piece in pieces.plan()})
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--codes", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--materials", nargs="+", choices=pieces.LAYERS, default=list(pieces.LAYERS))
    parser.add_argument("--work", type=Path, help="where the codes write; a temporary folder if not given")
    parser.add_argument("--jobs", type=int, default=-1, help="runs side by side; -1 for all processors")
    parser.add_argument("--hours", type=float, default=float("inf"), help="start no run after this time")
    more = parser.add_mutually_exclusive_group()
    more.add_argument("--older", action="store_true", help="run what older scripts made, too, and replace it")
    more.add_argument("--again", action="store_true", help="run what is stored, too, and replace it")
    more.add_argument("--repeat", action="store_true", help="run what is stored and compare")
    return parser.parse_args(arguments)


def command(told):
    """What makes the same runs, without what only says where and how many at once."""
    every = {"only": sorted({p.kind for p in pieces.plan()}), "codes": PACKAGES, "materials": pieces.LAYERS}
    chosen = [(name, getattr(told, name)) for name in every if getattr(told, name) != list(every[name])]
    parts = [f"--{name} {' '.join(some)}" for name, some in chosen]
    parts += [f"--{name}" for name in ("older", "again") if getattr(told, name)]
    return " ".join(["python make.py", *parts]) if parts else "make data"


def settle(piece, run, message, told):
    """Store a run, or compare it; what went wrong, or nothing."""
    if run is None:
        return f"{piece.kind}, {piece.key}: {message}"
    if not told.repeat:
        run["made"]["command"] = command(told)
        merge(piece, run)
        return ""
    apart = deviation(piece, run)
    same = apart <= COARSER.get(piece.kind, SAME)
    return "" if same else f"{piece.kind}, {piece.key}: {1e3 * apart:.2f} meV from what is stored"


def main(arguments=None):
    told = asked(arguments)
    todo = missing(told)
    if not todo:
        print("spin-orbit data: nothing to do")
        return
    for command, code in (("elk-lapw", "elk"), ("gpaw", "gpaw")):
        if any(piece.code == code for piece in todo):
            elk.require(command)
    failed = []
    with tempfile.TemporaryDirectory() as temporary:
        work = (told.work or Path(temporary)).resolve()
        tasks = (delayed(compute)(piece, work) for piece in in_time(todo, told.hours))
        parallel = Parallel(n_jobs=told.jobs, return_as="generator_unordered", pre_dispatch="n_jobs")
        with tqdm(total=len(todo), desc="spin-orbit data", file=sys.stdout) as bar:
            for piece, run, message in parallel(tasks):
                failed += filter(None, [settle(piece, run, message, told)])
                bar.set_postfix_str(f"{piece.kind} {piece.key}")
                bar.update()
    if failed:
        raise SystemExit("\n".join(["these runs failed:", *failed]))


if __name__ == "__main__":
    main()
