"""Run the benchmarks: print their tables, and with --store keep them where the book reads them.

    python tests/tools/bench.py [--store] [name ...]

What `tests/bench/bench_<name>.py` prints is stored as `lib/lowdim/<part>/data/bench_<name>.txt`, the part
being the last one of the package that it imports; a benchmark that takes `--json` writes its numbers to
`bench_<name>.json` there instead. Names choose some benchmarks; without them all run.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from lowdim import stored

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def run(script, *options):
    """Run a benchmark, passing its output on line by line; return the output."""
    command = [sys.executable, "-u", str(script), *options]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD}
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise SystemExit(f"{script.name} failed with exit status {process.returncode}.")
    return "".join(lines)


def provenance(script):
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    where = f"Python {platform.python_version()}, {versions}, {platform.machine()}, one thread"
    return f"{script.relative_to(ROOT)}, {datetime.now(UTC).date()}; {where}\n\n"


def store(script):
    code = script.read_text(encoding="utf-8")
    part = re.findall(r"^from lowdim\.(\w+)", code, re.MULTILINE)[-1]
    target = ROOT / "lib" / "lowdim" / part / "data" / script.stem
    target.parent.mkdir(exist_ok=True)
    if '"--json"' in code:
        run(script, "--json", str(target.with_suffix(".json")))
        stored.sign_stored(target.with_suffix(".json"))
    else:
        stored.store(target.with_suffix(".txt"), provenance(script) + run(script))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true", help="keep the tables for the book")
    parser.add_argument("names", nargs="*", help="benchmarks to run, e.g. wigner; all without a name")
    arguments = parser.parse_args()
    scripts = sorted((ROOT / "tests" / "bench").glob("bench_*.py"))
    known = [script.stem.removeprefix("bench_") for script in scripts]
    if unknown := set(arguments.names) - set(known):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name, script in zip(known, scripts, strict=True):
        if arguments.names and name not in arguments.names:
            continue
        print(f"== {name}", flush=True)
        store(script) if arguments.store else run(script)


if __name__ == "__main__":
    main()
