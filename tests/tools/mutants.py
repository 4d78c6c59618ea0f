"""Break the package one place at a time and see that a test fails.

    python tests/tools/mutants.py [--full] [--seed N] [--sample N] [module ...]

Cosmic Ray says which places a module has and how each can be broken (a number moved by one, + for -, a
condition turned, a loop left out ...); of its operators those are taken that break numerical code without
breaking its types. A sample takes a few places of every module by a seed, one fault in each. Every mutant
runs in a copy of this process that has the libraries loaded: the module is made from the broken text, and
the tests that run the broken line (`make coverage` says which) follow, the quickest first, until one fails.
Tests that take five times their time and ten seconds more have failed too. What survives meets the module's
other tests as well. A module's quickest tests must pass before it is broken.

Faults that change nothing that can be observed are in `tests/mutants/equivalent.yml`, each with its reason;
the outcome goes to `tests/mutants/record.json`. Processes that tests start themselves see no mutant.
"""

import argparse
import contextlib
import difflib
import hashlib
import importlib
import importlib.util
import json
import os
import random
import re
import resource
import signal
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from importlib.metadata import version
from pathlib import Path

import coverage
import yaml

import covered

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "lowdim"
FOLDER = ROOT / "tests" / "mutants"
EQUIVALENT, RECORD = FOLDER / "equivalent.yml", FOLDER / "record.json"
DONE = ROOT / "_build" / "mutants.jsonl"
SAMPLE, SEED, LEAST = 7, 1, 0.92
NOT_FOUND = 4  # pytest's exit status
QUICK = 25  # processor seconds of tests that a mutant meets first
PAIRS = {
    "BinaryOperator": "Add_Sub Sub_Add Mul_Div Div_Mul Add_Mul Mul_Add Pow_Mul FloorDiv_Mul Mod_FloorDiv",
    "ComparisonOperator": "Eq_NotEq NotEq_Eq Lt_LtE LtE_Lt Gt_GtE GtE_Gt Lt_GtE GtE_Lt Gt_LtE LtE_Gt",
    "UnaryOperator": "Delete_USub Delete_Not",
}
OPERATORS = [f"core/Replace{kind}_{pair}" for kind, pairs in PAIRS.items() for pair in pairs.split()] + [
    f"core/{name}"
    for name in (
        "AddNot", "NumberReplacer", "ReplaceAndWithOr", "ReplaceBreakWithContinue",
        "ReplaceContinueWithBreak", "ReplaceFalseWithTrue", "ReplaceOrWithAnd", "ReplaceTrueWithFalse",
        "ZeroIterationForLoop",
    )
]  # fmt: skip


def modules():
    """Names and paths of what is broken: everything but the scripts that make data."""
    paths = [p for p in PACKAGE.rglob("*.py") if p.parent.name != "data"]
    names = (".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts) for p in sorted(paths))
    return {n.removesuffix(".__init__"): p for n, p in zip(names, sorted(paths), strict=True)}


def places(text):
    """Every fault that a text can have: line, column, operator, occurrence."""
    from cosmic_ray.ast import Visitor, get_ast
    from cosmic_ray.plugins import get_operator

    class Positions(Visitor):
        def visit(self, node):
            for start, _ in self.operator.mutation_positions(node):
                self.found.append((*start, self.name, self.count))
                self.count += 1
            return node

    tree, found = get_ast(text), []
    for name in OPERATORS:
        visitor = Positions()
        visitor.operator, visitor.name, visitor.found, visitor.count = get_operator(name)(), name, found, 0
        visitor.walk(tree)
    return sorted(found)


def chosen(name, found, sample, seed):
    """One fault in each of a few places, or all of them where `sample` is None."""
    if sample is None:
        return found
    by_place = defaultdict(list)
    for fault in found:
        by_place[fault[:2]].append(fault)
    spots = sorted(by_place)
    random.Random(f"{seed} {name}").shuffle(spots)
    # a larger sample holds the smaller one
    return [random.Random(f"{seed} {name} {spot}").choice(by_place[spot]) for spot in spots[:sample]]


def broken(text, fault):
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    return mutate_code(text, get_operator(fault[2])(), fault[3])


def changed(text, mutant):
    """The lines that differ, before and after, without their margins."""
    lines = list(difflib.ndiff(text.splitlines(), mutant.splitlines()))
    was = " ".join(line[2:].strip() for line in lines if line.startswith("- "))
    return was, " ".join(line[2:].strip() for line in lines if line.startswith("+ "))


class Tests:
    """Which tests run which line of which module, the quickest first."""

    def __init__(self):
        self.seconds = covered.seconds()
        self.data = coverage.CoverageData(str(covered.DATA))
        self.data.read()

    def naming(self, path):
        """Tests in files that name the module or what it defines, and its examples."""
        defined = re.findall(r"^(?:def|class) ([A-Za-z]\w+)", path.read_text("utf8"), re.MULTILINE)
        pattern = re.compile(rf"\b({'|'.join([path.stem, *defined])})\b")
        files = {n.split("::")[0] for n in self.seconds}
        near = {f for f in files if f.startswith("tests/") and pattern.search((ROOT / f).read_text("utf8"))}
        return {n for n in self.seconds if n.split("::")[0] in near | {str(path.relative_to(ROOT))}}

    def of(self, path):
        """Tests by line; under None every test that enters the module, or names it."""
        lines = defaultdict(set)
        for line, contexts in self.data.contexts_by_lineno(str(path)).items():
            for context in filter(None, contexts):
                lines[line].add(context.rsplit("|", 1)[0])
        lines[None] = self.naming(path).union(*lines.values())
        return {line: sorted(names, key=lambda n: (self.cost(n), n)) for line, names in lines.items()}

    def cost(self, name):
        return self.seconds.get(name, 1.0)


class Mutated(SourceFileLoader):
    """Loads a module from a text that differs from its file."""

    def __init__(self, name, path, text):
        super().__init__(name, str(path))
        self.text = text

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.path, loader=self)
        return None

    def get_code(self, fullname):
        return compile(self.text, self.path, "exec", dont_inherit=True)


def libraries():
    """Load in this process what every copy of it needs, but nothing of lowdim."""
    os.environ |= covered.ONE_THREAD
    import hypothesis.extra.numpy  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import nbval.plugin  # noqa: F401
    import pytest  # noqa: F401
    import scipy.integrate  # noqa: F401
    import scipy.interpolate  # noqa: F401
    import scipy.optimize  # noqa: F401
    import scipy.sparse.linalg  # noqa: F401
    import scipy.spatial  # noqa: F401
    import scipy.special  # noqa: F401
    import sympy  # noqa: F401

    assert "lowdim" not in sys.modules


def trial(module, tests, limit):
    """Exit status of the tests in a copy of this process; `module` is (name, path, text)."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 5))
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            sys.dont_write_bytecode = True
            sys.meta_path.insert(0, Mutated(*module))
            importlib.import_module(module[0])  # before pytest, which loads the files it is told by itself
            import pytest

            status = int(pytest.main(["-x", "-q", "--tb=no", "-p", "no:cacheprovider", *tests]))
        finally:
            os._exit(status)
    end, done = time.monotonic() + 40 * limit, 0
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):  # also what the tests have started
        os.killpg(child, signal.SIGKILL)
    if not done:
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def survives(module, tests, limit):
    """Whether all tests pass. Tests that pytest does not find are no verdict."""
    status = trial(module, tests, limit)
    if status == NOT_FOUND and trial((*module[:2], module[1].read_text("utf8")), tests, limit) == NOT_FOUND:
        sys.exit(f"{module[0]}: its tests are others than `make coverage` has seen: run it again")
    return status == 0


def outcome(module, groups, cost):
    """Whether a mutant survives the groups of tests, each begun with a few that are quick."""
    for tests in groups:
        rest, spent, first = list(tests), 0.0, []
        while rest and (not first or spent + cost(rest[0]) < QUICK):
            spent += cost(rest[0])
            first.append(rest.pop(0))
        for part in filter(None, (first, rest)):
            if not survives(module, part, 10 + 5 * sum(map(cost, part))):
                return "killed"
    return "survived"


def tests_of(lines, text, mutant):
    """Tests that run a changed line, then the module's others; of lines that only the import runs, all."""
    was, now = text.splitlines(), mutant.splitlines()
    spots = [i + 1 for i, pair in enumerate(zip(was, now, strict=False)) if pair[0] != pair[1]]
    near = sorted({n for spot in spots for n in lines.get(spot, ())}, key=lines[None].index)
    return near, [n for n in lines[None] if n not in set(near)]


def examine(name, path, faults, tests):
    """One line for each mutant of a module."""
    text = path.read_text("utf8")
    lines, before = tests.of(path), killed_before()
    state = hashlib.sha256(text.encode()).hexdigest()[:12]
    quick = [n for n in lines.get(None, [])[:20] if tests.cost(n) < 0.5]
    if quick and not survives((name, path, text), quick, 60):
        sys.exit(f"{name}: its tests fail before it is broken")
    for fault in faults:
        mutant = broken(text, fault)
        was, now = changed(text, mutant)
        row = {"module": name, "state": state, "fault": fault[2:], "line": fault[0], "was": was, "now": now}
        known = before.get(key(row))
        if not known:
            groups = tests_of(lines, text, mutant) if lines else []
            row["outcome"] = outcome((name, path, mutant), groups, tests.cost)
            with DONE.open("a") as file:
                file.write(json.dumps(row) + "\n")
        yield {**row, "outcome": row.get("outcome", "killed")}


def key(row):
    return row["module"], row["state"], *map(str, row["fault"])


def killed_before():
    """What an interrupted run has found already. Survivors are tried again: there may be new tests."""
    if not DONE.exists():
        return {}
    rows = map(json.loads, DONE.read_text().splitlines())
    return {key(row): row for row in rows if row["outcome"] == "killed"}


def equivalent():
    """(module, line before, line after) of the faults that change nothing."""
    rows = yaml.safe_load(EQUIVALENT.read_text("utf8")) or []
    return {(row["module"], row["was"], row["now"]) for row in rows}


def stale():
    """Whether the record of `make coverage` is missing, or older than the package or its tests."""
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    data = covered.DATA
    return not data.exists() or data.stat().st_mtime < max(p.stat().st_mtime for p in files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="every fault of every place")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="places of each module")
    parser.add_argument("modules", nargs="*", help="e.g. lowdim.wigner.valleys; all without a name")
    arguments = parser.parse_args()
    known = modules()
    if unknown := set(arguments.modules) - set(known):
        parser.error(f"no module {', '.join(sorted(unknown))}")
    os.chdir(ROOT)
    if stale():
        print("First `make coverage`, which tells what tests run which line.", flush=True)
        covered.run(os.cpu_count())
    libraries()
    tests, same, record = Tests(), equivalent(), {}
    for name in arguments.modules or known:
        path = known[name]
        found = places(path.read_text("utf8"))
        faults = chosen(name, found, None if arguments.full else arguments.sample, arguments.seed)
        counts = {"faults": len(found), "tried": 0, "killed": 0, "equivalent": 0, "survivors": []}
        for row in examine(name, path, faults, tests):
            counts["tried"] += 1
            if row["outcome"] == "killed":
                counts["killed"] += 1
            elif (name, row["was"], row["now"]) in same:
                counts["equivalent"] += 1
            else:
                counts["survivors"].append({"was": row["was"], "now": row["now"]})
                print(f"survives: {path.relative_to(ROOT)}:{row['line']}\n  - {row['was']}\n  + {row['now']}")
        told = "{killed} of {tried} killed, {equivalent} change nothing".format(**counts)
        print(f"{name}: {told}", flush=True)
        record[name] = counts
    sys.exit(judge(record, arguments))


def judge(record, arguments):
    """Store the outcome; the exit status says whether enough was noticed."""
    if not arguments.modules:
        told = {
            "command": "make mutants" + (" FULL=1" if arguments.full else ""), "seed": arguments.seed,
            "places of each module": "all" if arguments.full else arguments.sample,
            "date": datetime.now(UTC).date().isoformat(), "cosmic-ray": version("cosmic-ray"),
        }  # fmt: skip
        rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(counts)}" for name, counts in record.items())
        RECORD.write_text(f'{{"provenance": {json.dumps(told)},\n"modules": {{\n{rows}\n}}}}\n')
    real = sum(c["tried"] - c["equivalent"] for c in record.values())
    killed = sum(c["killed"] for c in record.values())
    low = [n for n, c in record.items() if c["killed"] < LEAST * (c["tried"] - c["equivalent"])]
    print(f"{killed} of {real} killed ({100 * killed / max(1, real):.1f} %)")
    if low:
        print(f"less than {100 * LEAST:g} %: {', '.join(low)}")
    # a few faults of one module say little about it
    return 1 if killed < LEAST * real or (low and arguments.full) else 0


if __name__ == "__main__":
    main()
