"""Find which verdicts notice a fault in which solver, and store it for the ledger.

    python tests/tools/sensitivity.py [--page PAGE ...] [--jobs N] [--again]

Each page runs once, sound. Then each public function of lowdim that it calls is spoiled in turn (its results
times 1.1; if some claim of the page has then noticed nothing, shifted, turned in sign and scattered as well),
and so is each file of stored data, and the statements between it and a claim run again. A claim notices a
function if its check then fails. What is done is kept in ``_build/sensitivity``, so that an interrupted run
goes on where it stopped; the record goes to ``lib/lowdim/ledger/data``.
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

import pages
import spoiling
import statements as parts

KEPT = pages.ROOT / "_build" / "sensitivity"
FOLDER = pages.ROOT / "lib" / "lowdim" / "ledger" / "data"
LEAST, PATIENCE = 20, 1.5  # processor seconds, and times a sound run, that a fault may cost
SOUND = "sound"  # every needed cell again, without a fault: nothing may fail


class OutOfTime(BaseException):
    """A fault sent a solver on a way without end."""


class Record:
    """Takes the place of a failing page: notes each claim's outcome and goes on."""

    TESTS = ("number", "formula", "statement")
    OTHERS = ("definition", "untestable")

    def __init__(self):
        self.noticed, self.decided, self.claims, self.depth = set(), set(), set(), 0
        self.tested = set()

    def install(self, paper):
        for name in self.TESTS + self.OTHERS:
            setattr(paper, name, self._noting(getattr(paper, name), name in self.TESTS))

    def _noting(self, method, tests):
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
                    self.tested |= {key} if tests else set()
            finally:
                self.depth -= 1
                self.claims.add(key)

        return noting


class Page:
    """A page run once in this process, whose statements can run again in forks of it."""

    def __init__(self, path):
        self.path, self.pieces = path, parts.pieces_of(path)
        self.reads = [parts.reads(piece, self.pieces) for piece in self.pieces]
        self.record, self.fault = Record(), spoiling.Fault(_results())
        self.space = {"__name__": "page", "display": lambda *things: None}
        self.before, self.called, self.claims = [], [], []

    def run(self):
        """The sound run; return the processor seconds it took."""
        self._install()
        began = time.process_time()
        for piece in self.pieces:
            self.before.append(dict(self.space))
            self._keep_former(piece)
            self.fault.called, self.record.claims = set(), set()
            self._execute(piece)
            self.called.append(self.fault.called)
            self.claims.append(self.record.claims)
        if self.record.noticed:
            raise AssertionError(f"fails without any fault: {sorted(self.record.noticed)}")
        self.fixed = {name for name, value in self.space.items() if _is_fixed(value)}
        deciding = {i for i, claims in enumerate(self.claims) if claims}
        self.needed = parts.needed(self.pieces, deciding, self.fixed)
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

    def _execute(self, piece):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(piece.code, self.space)

    def _keep_former(self, piece):
        """Copy what the statement is about to change in place into all states before it."""
        for name in piece.changes & self.space.keys():
            value = self.space[name]
            if not isinstance(value, list | dict | set | np.ndarray | np.random.Generator):
                continue
            with contextlib.suppress(Exception):
                former = copy.deepcopy(value)
                for state in self.before:
                    if state.get(name) is value:
                        state[name] = former

    def spoil(self, label, mode):
        """Run again what lies between a function at fault and the claims; only once, in a fork.

        Returns
        -------
        dict
            ``noticed``: claims whose check failed, or had nothing left to check; ``stopped``: the first error
            that ended a statement, or None.
        """
        everything = label == SOUND
        self.fault.label, self.fault.mode = (None, None) if everything else (label, mode)
        self.record.noticed = set()
        changed, lost, stopped = {}, set(), None
        for i in self.needed:
            piece, read = self.pieces[i], self.reads[i] | (self.pieces[i].changes - self.fixed)
            bound = piece.stores | (piece.changes - self.fixed)
            if read & lost:  # what it decides on is no more
                self.record.noticed |= self.claims[i]
                lost |= bound
                continue
            if not (everything or label in self.called[i] or read & changed.keys()):
                changed = {name: value for name, value in changed.items() if name not in piece.stores}
                lost -= piece.stores
                continue
            self.space.clear()
            self.space.update(self.before[i] | changed)
            try:
                self._execute(piece)
            except OutOfTime:
                return {"noticed": sorted(self.record.noticed), "stopped": "out of time"}
            except Exception as error:
                stopped = stopped or f"{type(error).__name__}: {str(error)[:200]}"
                self.record.noticed |= self.claims[i]
                lost |= bound
            else:
                lost -= piece.stores
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
    runs["claims"], runs["tested"] = sorted(page.record.decided), sorted(page.record.tested)
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
    return {"digest": now, "claims": noticed_by(runs), "functions": runs["functions"], "silent": silent(runs)}


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
    """Claims that are tested and notice nothing."""
    return [claim for claim, found in noticed_by(runs).items() if not found and claim in runs["tested"]]


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
        quiet = entry.pop("silent")
        keep(name, entry, known)
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
