"""How many faults do the tests notice that were not written for them?

    python tests/tools/noticed.py [--seed N] [--faults N]

Draws about N faults from the whole package, more where a module has more of them and at least one of each,
none at a place that the sample of `mutants.py` holds. The first run of a seed says what share is noticed at
once; this number stays in `tests/mutants/noticed.json`. What survives gets a test or a reason, as with
`mutants.py`, and a later run of the same seed says what is noticed then.
"""

import argparse
import json
import random
import sys
from datetime import UTC, datetime

import mutants

RECORD = mutants.FOLDER / "noticed.json"


def shared(found, total):
    """How many faults of every module: in proportion to what it has, and one at least."""
    whole = sum(map(len, found.values()))
    return {name: max(1, round(total * len(faults) / whole)) for name, faults in found.items() if faults}


def unseen(name, found, seen):
    """Faults at places that the sample of a module, `seen` places of it, does not hold."""
    seen = None if seen == "all" else seen
    known = {fault[:2] for fault in mutants.chosen(name, found, seen, mutants.SEED)}
    return [fault for fault in found if fault[:2] not in known]


def part_of(name):
    """Subpackage of a module; what belongs to none is the package's own."""
    return "lowdim" if mutants.modules()[name].parent == mutants.PACKAGE else name.split(".")[1]


def store(seed, name, counts):
    """Keep what is noticed now in a module, and beside it what was noticed first."""
    stored = json.loads(RECORD.read_text("utf8")) if RECORD.exists() else {}
    sample = stored.setdefault(str(seed), {"date": datetime.now(UTC).date().isoformat(), "modules": {}})
    first = sample["modules"].get(name, {}).get("at once", counts["killed"])
    sample["modules"][name] = counts | {"at once": first}
    rows = [
        f' {json.dumps(s)}: {{"date": {json.dumps(sample["date"])}, "modules": {{\n'
        + ",\n".join(f"  {json.dumps(n)}: {json.dumps(c)}" for n, c in sorted(sample["modules"].items()))
        + "}}"
        for s, sample in stored.items()
    ]
    RECORD.write_text("{\n" + ",\n".join(rows) + "\n}\n")


def share(rows):
    """(share noticed at once, its binomial error, faults that change something) of some modules."""
    rows = list(rows)
    real = sum(row["tried"] - row["equivalent"] for row in rows)
    found = sum(row["at once"] for row in rows) / max(real, 1)
    return found, (found * (1 - found) / max(real, 1)) ** 0.5, real


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=mutants.SEED + 1)
    parser.add_argument("--faults", type=int, default=150)
    parser.add_argument("--longest", type=float, default=mutants.LONGEST, help="seconds of tests for each")
    parser.add_argument("--as-measured", action="store_true", help="do not measure changed tests again")
    arguments = parser.parse_args()
    if arguments.seed == mutants.SEED:
        parser.error(f"the seed {mutants.SEED} is that of mutants.py")
    tests, same, known = mutants.ready(arguments), mutants.equivalent(), mutants.modules()
    found = {name: mutants.places(path.read_text("utf8")) for name, path in known.items()}
    held = json.loads(mutants.RECORD.read_text("utf8"))["modules"]
    # a run that is cut short has tried modules by chance
    counts = list(shared(found, arguments.faults).items())
    random.Random(arguments.seed).shuffle(counts)
    for name, count in counts:
        free = unseen(name, found[name], held.get(name, {}).get("places", mutants.SAMPLE))
        rows = mutants.examine(name, known[name], mutants.chosen(name, free, count, arguments.seed), tests)
        result = mutants.counted(len(found[name]), rows, same)
        mutants.tell(name, known[name], result)
        store(arguments.seed, name, result)
    record = json.loads(RECORD.read_text("utf8"))[str(arguments.seed)]["modules"]
    for part in sorted(set(map(part_of, record))):
        shown = share(row for name, row in record.items() if part_of(name) == part)
        print("{}: {:.1%} +- {:.1%} of {} at once".format(part, *shown))
    print("all: {:.1%} +- {:.1%} of {} at once".format(*share(record.values())))
    sys.exit(0 if not any(row["survivors"] for row in record.values()) else 1)


if __name__ == "__main__":
    main()
