"""Find which verdicts notice a fault in which solver, and store it for the ledger.

    python tests/tools/sensitivity.py [--page PAGE ...] [--jobs N] [--again]

Each page runs once to see which public functions of lowdim it calls, then once for each of them with its
results spoiled (times 1.1; if some claim of the page has then noticed nothing, shifted and turned in sign as
well). A claim notices a function if its check then fails. What is done is kept in ``_build/sensitivity``, so
an interrupted run goes on where it stopped; the record goes to ``lib/lowdim/ledger/data``.
"""

import argparse
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import re
import sys
import time
from pathlib import Path

import joblib
from tqdm import tqdm

import pages
import spoiling

KEPT = pages.ROOT / "_build" / "sensitivity"
FOLDER = pages.ROOT / "lib" / "lowdim" / "ledger" / "data"
PATIENCE = 6  # a spoiled page may take so many times as long as a sound one


def source(page):
    """The code cells of a page, without solutions of exercises and IPython's own commands."""
    code = [cell for cell in pages.read(page).cells if cell.cell_type == "code"]
    cells = [cell.source for cell in code if "solution" not in cell.metadata.get("tags", [])]
    return ["\n".join(line for line in cell.split("\n") if not line.startswith("%")) for cell in cells]


def digest(page):
    return hashlib.sha256("\0".join(source(page)).encode()).hexdigest()


def run_page(page, label=None, mode=None):
    """Run a page in this process, spoiled if a label is given; return what its claims say.

    Returns
    -------
    dict
        ``noticed``: ids whose check failed; ``decided``: ids that passed; ``called``: functions called;
        ``stopped``: the error that ended the run early, or None; ``seconds``.
    """
    import matplotlib

    matplotlib.use("Agg")
    from lowdim.derivation import Derivation
    from lowdim.ledger import paper as deciding

    folder = KEPT / f"results-{digest(page)[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    watch = spoiling.Fault(folder, label, mode)
    watch.install()
    record = Record()
    record.install(deciding.Paper)
    deciding._display = lambda claim: None
    # No solver has a part in a derivation, and a fault elsewhere cannot reach it.
    Derivation._judge = lambda self, check, right, because, left: "not checked again"
    began, stopped = time.perf_counter(), None
    space = {"__name__": "page", "display": lambda *things: None}
    os.chdir(page.parent)
    for cell in source(page):
        record.cell = []
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell, str(page), "exec"), space)
        except Exception as error:
            stopped = f"{type(error).__name__}: {str(error)[:200]}"
            record.noticed += sorted(claimed_in(cell) - set(record.cell))
            break
    return {
        "noticed": sorted(set(record.noticed)),
        "decided": sorted(set(record.decided)),
        "called": sorted(watch.called),
        "stopped": stopped,
        "seconds": time.perf_counter() - began,
    }


def claimed_in(cell):
    """Ids of claims that a cell names; they fail with it."""
    from lowdim.ledger import PAPERS, all_claims

    named = set(re.findall(r'"([a-z]+\.[\w.-]+)"', cell))
    return {f"{paper} {id}" for paper in PAPERS for id in all_claims(paper) if id in named}


class Record:
    """Takes the place of a failing page: notes each claim's outcome and goes on."""

    METHODS = ("number", "formula", "statement", "definition", "untestable")

    def __init__(self):
        self.noticed, self.decided, self.cell, self.depth = [], [], [], 0

    def install(self, paper):
        for name in self.METHODS:
            if hasattr(paper, name):
                setattr(paper, name, self._noting(getattr(paper, name)))

    def _noting(self, method):
        def noting(paper, id, *args, **kwargs):
            key = f"{paper.paper} {id}"
            self.depth += 1
            try:
                method(paper, id, *args, **kwargs)
            except (AssertionError, ValueError):
                if self.depth > 1:
                    raise
                self.noticed.append(key)
            else:
                if self.depth == 1:
                    self.decided.append(key)
            finally:
                self.depth -= 1
                self.cell.append(key)

        return noting


def apart(page, label, mode, limit):
    """Run a page in a fork of this process, with a limit of time; return its record.

    A fork, because importing the packages takes longer than many a page.
    """
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)

    def child():
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), 2)
            there.send(run_page(page, label, mode))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    there.close()
    try:
        outcome = here.recv() if here.poll(limit) else _nothing("out of time", limit)
    except EOFError:
        outcome = _nothing("died", 0.0)
    process.kill()
    process.join()
    return outcome


def _nothing(why, seconds):
    return {"noticed": [], "decided": [], "called": [], "stopped": why, "seconds": seconds}


def study(page, jobs, again=False):
    """Return the record of one page, from the kept runs as far as they go."""
    name = str(page.relative_to(pages.ROOT / "book"))
    kept = KEPT / (name.replace("/", "-") + ".json")
    now = digest(page)
    runs = json.loads(kept.read_text()) if kept.exists() else {}
    if again or runs.get("digest") != now:
        runs = {"digest": now}
    KEPT.mkdir(parents=True, exist_ok=True)

    def keep():
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(runs))
        part.replace(kept)

    if "sound" not in runs:
        runs["sound"] = apart(page, None, None, 1800)
        keep()
    sound = runs["sound"]
    if sound["stopped"] or sound["noticed"]:
        sys.exit(f"{name} fails without any fault: {sound['stopped'] or sound['noticed']}")
    limit = PATIENCE * sound["seconds"] + 60
    for mode in spoiling.MODES:
        if mode != "scaled" and not silent(runs):
            break
        todo = [label for label in sound["called"] if f"{label} {mode}" not in runs]
        pool = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
        work = (joblib.delayed(_one)(page, label, mode, limit) for label in todo)
        for key, outcome in tqdm(pool(work), total=len(todo), desc=f"{name} {mode}", disable=None):
            runs[key] = outcome
            keep()
    return name, {"digest": now, "claims": noticed_by(runs), "functions": sound["called"]}


def _one(page, label, mode, limit):
    return f"{label} {mode}", apart(page, label, mode, limit)


def noticed_by(runs):
    """Return, for every claim a page decides, the functions it notices."""
    claims = {key: set() for key in runs["sound"]["decided"]}
    for key, outcome in runs.items():
        if key in ("digest", "sound"):
            continue
        for claim in outcome["noticed"]:
            claims.setdefault(claim, set()).add(key.split()[0])
    return {
        claim: sorted(found) for claim, found in sorted(claims.items()) if claim in runs["sound"]["decided"]
    }


def silent(runs):
    return [claim for claim, found in noticed_by(runs).items() if not found]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--page", nargs="+", type=Path, help="these pages only")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--again", action="store_true", help="forget what was done before")
    given = parser.parse_args()
    for name in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    from lowdim._provenance import provenance
    from lowdim.ledger.sensitivity import NAME, record
    from lowdim.stored import store

    chosen = [page.resolve() for page in given.page] if given.page else pages.find()
    known = {str(page.relative_to(pages.ROOT / "book")) for page in pages.find()}
    stored = {name: entry for name, entry in record()["pages"].items() if name in known}
    for page in chosen:
        name, entry = study(page, given.jobs, given.again)
        stored[name] = entry
        quiet = [claim for claim, found in entry["claims"].items() if not found]
        print(f"{name}: {len(entry['claims'])} claims, {len(entry['functions'])} functions; silent: {quiet}")
        how = provenance({"modes": list(spoiling.MODES)}, command="make sensitivity")
        FOLDER.mkdir(exist_ok=True)
        store(FOLDER / NAME, {"pages": dict(sorted(stored.items()))}, how)


if __name__ == "__main__":
    main()
