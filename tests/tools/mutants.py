"""Break the package one place at a time and see that a test fails.

    python tests/tools/mutants.py [--full] [--seed N] [--sample N] [module ...]

Cosmic Ray says which places a module has and how each can be broken (a number moved by one, + for -, a
condition turned, a loop left out ...); of its operators those are taken that break numerical code without
breaking its types. A sample takes a few places of every module by a seed, one fault in each. Every mutant
meets the tests that run the broken statement (`make coverage` says which; files of tests that changed since
are measured again), the quickest first, until one fails that passes without the fault; `trials` says how. A
test that takes five times its time and ten seconds more has failed too. What survives meets the module's
other tests as well, as far as time allows (`--longest`).

Faults that change nothing that can be observed are in `tests/mutants/equivalent.yml`, each with its reason;
the outcome goes to `tests/mutants/record.json`, module by module. Processes that tests start themselves see
no mutant. How good the tests are is asked by `noticed.py`, with faults for which no test was written yet.
"""

import argparse
import ast
import difflib
import hashlib
import json
import os
import random
import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import coverage
import yaml

import covered
import trials

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "lowdim"
FOLDER = ROOT / "tests" / "mutants"
EQUIVALENT, RECORD = FOLDER / "equivalent.yml", FOLDER / "record.json"
DONE = ROOT / "_build" / "mutants.jsonl"
SAMPLE, SEED, LEAST = 7, 1, 0.92
EVERYWHERE = "tests/test_conventions.py"  # looks at what all modules define, and runs none of it
LONGEST = 60.0  # processor seconds of tests that a mutant meets
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


def sound(mutant):
    """Whether a broken text is Python at all: a `not` before `**more` is not."""
    try:
        compile(mutant, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def changed(text, mutant):
    """The lines that differ, before and after, without their margins."""
    lines = list(difflib.ndiff(text.splitlines(), mutant.splitlines()))
    was = " ".join(line[2:].strip() for line in lines if line.startswith("- "))
    return was, " ".join(line[2:].strip() for line in lines if line.startswith("+ "))


def statements(text):
    """First and last line of the statement that each line belongs to; of a compound one, its head.

    Decorators belong to the head.
    """
    spans = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            first = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
            for line in range(first, last + 1):
                if line not in spans or spans[line][0] < first:
                    spans[line] = (first, last)
    return spans


def moved(was, now):
    """{line before: line now} of lines that are the same in both texts."""
    blocks = difflib.SequenceMatcher(None, was.splitlines(), now.splitlines(), autojunk=False)
    return {a + i + 1: b + i + 1 for a, b, n in blocks.get_matching_blocks() for i in range(n)}


class Tests:
    """Which tests run which line of which module, the quickest first."""

    def __init__(self, longest=LONGEST):
        self.longest = longest
        self.seconds = covered.seconds()
        self.texts = covered.measured()
        self.data = coverage.CoverageData(str(covered.DATA))
        self.data.read()
        self.known = {c.rsplit("|", 1)[0] for c in self.data.measured_contexts() if c} | set(self.seconds)

    def naming(self, path):
        """Tests in files that name the module or what it defines, and its examples."""
        defined = re.findall(r"^(?:def|class) ([A-Za-z]\w+)", path.read_text("utf8"), re.MULTILINE)
        pattern = re.compile(rf"\b({'|'.join([path.stem, *defined])})\b")
        files = {n.split("::")[0] for n in self.known}
        files = {f for f in files if f.startswith("tests/") and (ROOT / f).exists()}
        near = {f for f in files if pattern.search((ROOT / f).read_text("utf8"))}
        near |= {EVERYWHERE, str(path.relative_to(ROOT))}
        return {n for n in self.known if n.split("::")[0] in near}

    def lines(self, path):
        """Tests by line, "" for what runs outside of them; lines as they are now."""
        name, now = str(path.relative_to(ROOT)), path.read_text("utf8")
        before = self.texts.get(name, now)
        places = moved(before, now) if before != now else {}
        found = defaultdict(set)
        for line, contexts in self.data.contexts_by_lineno(str(path)).items():
            names = {context.rsplit("|", 1)[0] for context in contexts}
            # tests that were measured again have seen the lines as they are now
            for place in {line, places.get(line, line)}:
                found[place] |= names
        return found

    def cost(self, name):
        return self.seconds.get(name, 1.0)

    def ordered(self, names, longest):
        """The quickest tests, as many as the time allows."""
        chosen, spent = [], 0.0
        for name in sorted(names, key=lambda n: (self.cost(n), n)):
            spent += self.cost(name)
            if spent > longest and chosen:
                break
            chosen.append(name)
        return chosen


def plan(path, text, mutant, lines, tests):
    """(new code of functions or None, tests) of a fault: None where it shows while the module is imported."""
    spans, was, now = statements(text), text.splitlines(), mutant.splitlines()
    spots = [i + 1 for i, pair in enumerate(zip(was, now, strict=False)) if pair[0] != pair[1]]
    around = [line for spot in spots for line in range(spans[spot][0], spans[spot][1] + 1)]
    near = set().union(*(lines.get(line, ()) for line in around))
    early = "" in near
    chosen = tests.ordered(near - {""}, tests.longest)
    every = tests.naming(path).union(*lines.values()) - near - {""}
    chosen += tests.ordered(every, tests.longest / 3)
    codes = [compile(source, str(path), "exec", dont_inherit=True) for source in (text, mutant)]
    functions = None if early else trials.changed_functions(*codes)
    return functions, chosen


def examine(name, path, faults, tests):
    """One line for each mutant of a module."""
    text = path.read_text("utf8")
    lines, before = tests.lines(path), killed_before()
    state = hashlib.sha256(text.encode()).hexdigest()[:12]
    rows, inside = [], []
    for fault in faults:
        mutant = broken(text, fault)
        if not sound(mutant):
            continue
        was, now = changed(text, mutant)
        row = {"module": name, "state": state, "fault": fault[2:], "line": fault[0], "was": was, "now": now}
        rows.append(row | {"outcome": "killed"} if key(row) in before else row)
        if "outcome" in rows[-1]:
            continue
        functions, chosen = plan(path, text, mutant, lines, tests)
        if functions:
            inside.append((rows[-1], functions, chosen))
        else:
            noticed = trials.while_imported((name, path, mutant), chosen, tests.cost)
            settle(rows[-1], "import" if noticed else None)
    found = trials.in_functions(name, path, [(f, c) for _, f, c in inside], tests.cost) if inside else []
    for (row, _, _), (killer, seconds) in zip(inside, found, strict=True):
        covered.learn(seconds)
        settle(row, killer)
    return rows


def settle(row, killer):
    """Keep what became of a mutant."""
    row["outcome"] = "killed" if killer else "survived"
    with DONE.open("a") as file:
        file.write(json.dumps(row | {"killer": killer}) + "\n")


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="every fault of every place")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="places of each module")
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds of tests for each mutant")
    parser.add_argument("--as-measured", action="store_true", help="do not measure changed tests again")
    parser.add_argument("modules", nargs="*", help="e.g. lowdim.wigner.valleys; all without a name")
    arguments = parser.parse_args()
    known = modules()
    if unknown := set(arguments.modules) - set(known):
        parser.error(f"no module {', '.join(sorted(unknown))}")
    tests, same, record = ready(arguments), equivalent(), {}
    for name in arguments.modules or known:
        path = known[name]
        found = places(path.read_text("utf8"))
        faults = chosen(name, found, None if arguments.full else arguments.sample, arguments.seed)
        record[name] = counts = counted(len(found), examine(name, path, faults, tests), same)
        store(name, counts, arguments)
        tell(name, path, counts)
    sys.exit(judge(record, arguments))


def ready(arguments):
    """The tests of every line, measured where they changed."""
    os.chdir(ROOT)
    if not covered.DATA.exists():
        print("First `make coverage`, which tells what tests run which line.", flush=True)
        covered.run(os.cpu_count())
    elif not arguments.as_measured:
        covered.run_changed()
    trials.libraries()
    return Tests(arguments.longest)


def tell(name, path, counts):
    for row in counts["survivors"]:
        print(f"survives: {path.relative_to(ROOT)}:{row['line']}\n  - {row['was']}\n  + {row['now']}")
    told = "{killed} of {tried} killed, {equivalent} change nothing".format(**counts)
    print(f"{name}: {told}", flush=True)


def counted(faults, rows, same):
    """What became of the mutants of a module."""
    counts = {"faults": faults, "tried": len(rows), "killed": 0, "equivalent": 0, "survivors": []}
    for row in rows:
        if row["outcome"] == "killed":
            counts["killed"] += 1
        elif (row["module"], row["was"], row["now"]) in same:
            counts["equivalent"] += 1
        else:
            counts["survivors"].append({part: row[part] for part in ("line", "was", "now")})
    return counts


def store(name, counts, arguments):
    """Put the outcome of a module in its place in the record; modules that are no more leave it."""
    known = modules()
    stored = json.loads(RECORD.read_text("utf8"))["modules"] if RECORD.exists() else {}
    stored[name] = counts | {
        "module": hashlib.sha256(known[name].read_bytes()).hexdigest()[:12],
        "places": "all" if arguments.full else arguments.sample, "seed": arguments.seed,
        "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    told = {"command": "make mutants", "cosmic-ray": version("cosmic-ray")}
    rows = ",\n".join(f" {json.dumps(n)}: {json.dumps(stored[n])}" for n in sorted(set(stored) & set(known)))
    RECORD.write_text(f'{{"provenance": {json.dumps(told)},\n"modules": {{\n{rows}\n}}}}\n')


def judge(record, arguments):
    """Tell how much was noticed; the exit status says whether that is enough."""
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
