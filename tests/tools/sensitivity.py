"""Find which verdicts notice a fault in which solver, and store it for the ledger.

    python tests/tools/sensitivity.py [--page PAGE ...] [--jobs N] [--again]

Each page runs once, sound. Then each public function of lowdim that it calls is spoiled in turn (its results
times 1.1; if some claim of the page has then noticed nothing, shifted and turned in sign as well), and so is
each file of stored data, and the cells that lie between it and a claim run again. A claim notices a function
if its check then fails. What is done is kept in ``_build/sensitivity``, so an interrupted run goes on where it
stopped; the record goes to ``lib/lowdim/ledger/data``.
"""

import argparse
import contextlib
import copy
import hashlib
import io
import json
import multiprocessing
import os
import re
import resource
import signal
import sys
import time
import types
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

import cells as parts
import pages
import spoiling

KEPT = pages.ROOT / "_build" / "sensitivity"
FOLDER = pages.ROOT / "lib" / "lowdim" / "ledger" / "data"
LEAST, PATIENCE = 20, 1.5  # processor seconds, and times a sound run, that a fault may cost
SOUND = "sound"  # every needed cell again, without a fault: nothing may fail


class OutOfTime(BaseException):
    """A fault sent a solver on a way without end."""


class Record:
    """Takes the place of a failing page: notes each claim's outcome and goes on."""

    METHODS = ("number", "formula", "statement", "definition", "untestable")

    def __init__(self):
        self.noticed, self.decided, self.cell, self.depth = set(), set(), set(), 0

    def install(self, paper):
        for name in self.METHODS:
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
                self.noticed.add(key)
            else:
                if self.depth == 1:
                    self.decided.add(key)
            finally:
                self.depth -= 1
                self.cell.add(key)

        return noting


class Page:
    """A page run once in this process, whose cells can run again in forks of it."""

    def __init__(self, path):
        self.path, self.cells = path, parts.cells_of(path)
        self.record, self.fault = Record(), spoiling.Fault(_results())
        self.space = {"__name__": "page", "display": lambda *things: None}
        self.before, self.called, self.claims = [], [], []

    def run(self):
        """The sound run; return the processor seconds it took."""
        self._install()
        began = time.process_time()
        for cell in self.cells:
            self.before.append(self._snapshot())
            self.fault.called, self.record.cell = set(), set()
            self._execute(cell)
            self.called.append(self.fault.called)
            self.claims.append(self.record.cell)
        if self.record.noticed:
            raise AssertionError(f"fails without any fault: {sorted(self.record.noticed)}")
        self.fixed = {name for name, value in self.space.items() if _is_fixed(value)}
        deciding = {i for i, claims in enumerate(self.claims) if claims}
        self.needed = parts.needed(self.cells, deciding, self.fixed)
        return time.process_time() - began

    def _install(self):
        import matplotlib

        matplotlib.use("Agg")
        from lowdim.derivation import Derivation
        from lowdim.ledger import paper as deciding

        joblib.parallel_config(backend="sequential")  # forks of a process with workers would wait for them
        self.fault.install()
        self.record.install(deciding.Paper)
        deciding._display = lambda claim: None
        # No solver has a part in a derivation, and a fault elsewhere cannot reach it.
        Derivation._judge = lambda self, check, right, because, left: "not checked again"
        os.chdir(self.path.parent)

    def _execute(self, cell):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(cell.code, self.space)

    def _snapshot(self):
        changed = set().union(*(cell.changes for cell in self.cells))
        held = dict(self.space)
        for name in changed & set(held):
            if isinstance(held[name], list | dict | set | np.random.Generator):
                with contextlib.suppress(Exception):
                    held[name] = copy.deepcopy(held[name])
        return held

    def spoil(self, label, mode):
        """Run again what lies between a function at fault and the claims; only once, in a fork.

        Returns
        -------
        dict
            ``noticed``: claims whose check failed; ``stopped``: the first error that ended a cell, or None.
        """
        everything = label == SOUND
        self.fault.label, self.fault.mode = (None, None) if everything else (label, mode)
        self.record.noticed = set()
        changed, lost, stopped = {}, set(), None
        for i in self.needed:
            cell = self.cells[i]
            read = parts.reads(cell, self.cells)
            if not (everything or label in self.called[i] or read & (changed.keys() | lost)):
                changed = {name: value for name, value in changed.items() if name not in cell.stores}
                lost -= cell.stores
                continue
            bound = cell.stores | (cell.changes - self.fixed)
            if read & lost:
                lost |= bound
                continue
            self.space.clear()
            self.space.update(self.before[i] | changed)
            self.record.cell = set()
            try:
                self._execute(cell)
            except (Exception, OutOfTime) as error:
                stopped = stopped or f"{type(error).__name__}: {str(error)[:200]}"
                if isinstance(error, OutOfTime):
                    break
                self.record.noticed |= self.claims[i] - self.record.cell
                lost |= bound
            else:
                lost -= cell.stores
                changed |= {name: self.space[name] for name in bound if name in self.space}
        return {"noticed": sorted(self.record.noticed), "stopped": stopped}


def _is_fixed(value):
    from lowdim.ledger import Paper

    return isinstance(value, types.ModuleType | Paper)


def _results():
    """Folder of the results of sound calls, another one when the package or its data changes."""
    package = pages.ROOT / "lib" / "lowdim"
    sources = sorted(
        path
        for pattern in ("*.py", "*/*.py", "*/data/SHA256SUMS")
        for path in package.glob(pattern)
        if path.parts[-2] not in ("ledger", "derivation") and "ledger" not in path.parts
    )
    whole = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
    folder = KEPT / f"results-{whole[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forked(work, limit=None):
    """Return what `work` gives in a fork of this process.

    With a limit it may take so many processor seconds, and says nothing of its own.
    """
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)

    def child():
        if limit is not None:
            with open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), 2)
            spent = int(time.process_time() + limit) + 1
            signal.signal(signal.SIGXCPU, _out_of_time)
            resource.setrlimit(resource.RLIMIT_CPU, (spent, spent + 60))
        there.send(work())

    process = fork.Process(target=child)
    process.start()
    there.close()
    try:
        outcome = here.recv()
    except EOFError:
        outcome = {"noticed": [], "stopped": "died"}
    process.join()
    return outcome


def _out_of_time(number, frame):
    raise OutOfTime


def study(path, jobs, again=False):
    """Return the record of one page, from the kept runs as far as they go; in a process of its own."""
    name = str(path.relative_to(pages.ROOT / "book"))
    kept = KEPT / (name.replace("/", "-") + ".json")
    now = parts.digest(path)
    runs = json.loads(kept.read_text()) if kept.exists() else {}
    if again or runs.get("digest") != now or "functions" not in runs:
        runs = {"digest": now, "faults": {}}
    page = Page(path)
    seconds = page.run()
    runs["functions"] = sorted(set().union(*(page.called[i] for i in page.needed)))
    runs["claims"] = sorted(page.record.decided)
    limit = max(LEAST, PATIENCE * seconds)
    control = forked(lambda: page.spoil(SOUND, None), max(limit, 3 * seconds))
    if control["noticed"] or control["stopped"]:
        raise AssertionError(f"fails when its cells run again: {control}")
    for mode in spoiling.MODES:
        if mode != "scaled" and not silent(runs):
            break
        todo = [label for label in runs["functions"] if f"{label} {mode}" not in runs["faults"]]
        pool = joblib.Parallel(n_jobs=jobs, backend="threading", return_as="generator_unordered")
        work = (joblib.delayed(_one)(page, label, mode, limit) for label in todo)
        for key, outcome in tqdm(pool(work), total=len(todo), desc=f"{name} {mode}", disable=None):
            runs["faults"][key] = outcome
            part = kept.with_suffix(".part")
            part.write_text(json.dumps(runs))
            part.replace(kept)
    return {"digest": now, "claims": noticed_by(runs), "functions": runs["functions"]}


def _one(page, label, mode, limit):
    return f"{label} {mode}", forked(lambda: page.spoil(label, mode), limit)


def noticed_by(runs):
    """Return, for every claim a page decides, the functions it notices."""
    claims = {key: set() for key in runs["claims"]}
    for key, outcome in runs["faults"].items():
        for claim in outcome["noticed"]:
            claims[claim].add(key.split()[0])
    return {claim: sorted(found) for claim, found in sorted(claims.items())}


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
    known = {str(page.relative_to(pages.ROOT / "book")): page for page in pages.find()}
    chosen = [page.resolve() for page in given.page] if given.page else list(known.values())
    failed = []
    for page in chosen:
        if not deciding(page):
            continue
        entry = forked(lambda page=page: _guarded_study(page, given))
        name = str(page.relative_to(pages.ROOT / "book"))
        if entry.get("stopped"):
            failed.append(name)
            print(f"{name}: {entry['stopped']}", flush=True)
            continue
        keep(name, entry, known)
        quiet = [claim for claim, found in entry["claims"].items() if not found]
        counts = f"{len(entry['claims'])} claims, {len(entry['functions'])} functions"
        print(f"{name}: {counts}; silent: {quiet}", flush=True)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def _guarded_study(page, given):
    try:
        return study(page, given.jobs, given.again)
    except (Exception, OutOfTime) as error:
        return {"stopped": f"{type(error).__name__}: {error}"}


def deciding(page):
    """Whether a page decides claims."""
    return bool(re.search(r"\bPaper\(", page.read_text(encoding="utf-8")))


def keep(name, entry, known):
    """Put the record of one page into the stored one, which has those of pages that exist."""
    from lowdim._provenance import provenance
    from lowdim.ledger.sensitivity import NAME
    from lowdim.stored import store

    place = FOLDER / NAME
    stored = json.loads(place.read_text())["pages"] if place.exists() else {}
    stored = {other: value for other, value in stored.items() if other in known} | {name: entry}
    how = provenance({"modes": list(spoiling.MODES)}, command="make sensitivity")
    store(place, {"pages": dict(sorted(stored.items()))}, how)


if __name__ == "__main__":
    main()
