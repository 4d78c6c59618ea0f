"""See that every property fails once a solver that it calls is broken.

    python tests/tools/properties.py [--most N] [file ...]

A property of `tests/*/test_properties.py` calls functions and methods of the package. One fault after another
is put into these, by a seed (`mutants` says which faults there are, `trials` how they are put in), until the
property fails. One that bears all of them is a tautology, or looks at the wrong place. The outcome goes to
`tests/mutants/properties.json`.
"""

import argparse
import ast
import importlib
import inspect
import json
import os
import random
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import mutants
import trials

RECORD = mutants.FOLDER / "properties.json"
MOST, SEED = 12, 1


@cache
def defined(file):
    """The functions of a file, by name."""
    tree = ast.parse(Path(file).read_text("utf8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def words_of(file, name, known=frozenset()):
    """Names and attributes in the text of a function, and in what it calls of its own file."""
    nodes = list(ast.walk(defined(file)[name]))
    found = {n.id for n in nodes if isinstance(n, ast.Name)}
    found |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    for helper in found & set(defined(file)) - known - {name}:
        found |= words_of(file, helper, known | found | {name})
    return found


def called(file, name, place):
    """(file, first line, last line) of what a property calls, and of what that calls in its own module."""
    words, homes, spans = words_of(file, name), set(), set()
    for word in words & set(place):
        home = getattr(place[word], "__module__", None) or type(place[word]).__module__
        if home.startswith("lowdim."):
            homes.add(home)
    for home in homes:
        found = functions_of(importlib.import_module(home))
        wanted, taken = set(words), set()
        while more := [f for n, f in found if n in wanted and f not in taken]:
            taken.update(more)
            wanted.update(*(names_in(f.__code__) for f in more))
        spans |= {_span(function) for function in taken}
    return sorted(spans - {None})


def functions_of(module):
    """(name, function) of all functions, methods and properties that a module defines."""
    things = [t for t in vars(module).items() if getattr(t[1], "__module__", None) == module.__name__]
    things += [t for _, kind in list(things) if inspect.isclass(kind) for t in vars(kind).items()]
    plain = [(name, getattr(thing, "func", getattr(thing, "fget", thing))) for name, thing in things]
    found = [(name, inspect.unwrap(thing)) for name, thing in plain if callable(thing)]
    return [(name, thing) for name, thing in found if inspect.isfunction(thing)]


def names_in(code):
    """Names and attributes that a code object uses, with those inside it."""
    inner = [names_in(part) for part in code.co_consts if inspect.iscode(part)]
    return set(code.co_names).union(*inner)


def _span(function):
    if not function.__module__.startswith("lowdim.") or function.__code__.co_filename.startswith("<"):
        return None
    lines, first = inspect.getsourcelines(function)
    return function.__code__.co_filename, first, first + len(lines) - 1


@cache
def faults_of(path):
    return mutants.places(Path(path).read_text("utf8"))


def candidates(spans, seed, most):
    """A few (path, line, text before, text after, new code), never in what only refuses arguments."""
    found = []
    for path, first, last in spans:
        lines = Path(path).read_text("utf8").splitlines()
        for fault in faults_of(path):
            if first <= fault[0] <= last and not any(
                w in lines[fault[0] - 1] for w in ("raise", "refuse", "_in(")
            ):
                found.append((path, fault))
    random.Random(seed).shuffle(found)
    for path, fault in found[:most]:
        text = Path(path).read_text("utf8")
        mutant = mutants.broken(text, fault)
        if not mutants.sound(mutant):
            continue
        functions = trials.changed_functions(
            *(compile(t, path, "exec", dont_inherit=True) for t in (text, mutant))
        )
        if functions:
            yield path, fault[0], *mutants.changed(text, mutant), functions


def examine(file, most):
    """{property: what became of it} of a file."""

    def work(tell):
        trials._silent()
        import pytest

        def try_all(items):
            for name, item in items.items():
                tell({"property": name, **broken_once(item, items, most)})

        loop = trials.Loop(try_all)

        def broken_once(item, items, most):
            tried = 0
            for path, line, was, now, functions in candidates(
                called(file, item.originalname, vars(item.module)), f"{SEED} {item.name}", most
            ):
                tried += 1
                collected = trials.Collected(path, lambda name: 5.0, loop, items)
                if collected.killer(functions, [item.nodeid])[0]:
                    place = f"{Path(path).relative_to(mutants.ROOT)}:{line}"
                    return {"fails": True, "tried": tried, "place": place, "was": was, "now": now}
            return {"fails": False, "tried": tried}

        return int(pytest.main([*trials.OPTIONS, file], plugins=[loop]))

    status, rows = trials.copied(work, 600)
    if status or not rows:
        sys.exit(f"{file}: its properties cannot be tried (status {status})")
    return {row.pop("property").split("::")[1]: row for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=MOST, help="faults for each property")
    parser.add_argument("files", nargs="*", help="all without a name")
    arguments = parser.parse_args()
    os.chdir(mutants.ROOT)
    trials.libraries()
    files = arguments.files or sorted(str(p) for p in Path("tests").glob("*/test_properties.py"))
    stored = json.loads(RECORD.read_text("utf8"))["properties"] if RECORD.exists() else {}
    numb = 0
    for file in files:
        found = examine(file, arguments.most)
        stored[file] = found
        told = {
            "command": "tests/tools/properties.py",
            "seed": SEED,
            "date": datetime.now(UTC).date().isoformat(),
        }
        RECORD.write_text(json.dumps({"provenance": told, "properties": stored}, indent=1) + "\n")
        for name, row in found.items():
            if not row["fails"]:
                numb += 1
                print(f"bears {row['tried']} faults: {file}::{name}", flush=True)
        print(f"{file}: {sum(row['fails'] for row in found.values())} of {len(found)} fail", flush=True)
    sys.exit(1 if numb else 0)


if __name__ == "__main__":
    main()
