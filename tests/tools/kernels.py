"""Run every twin and the ledger's tests as processors of several kinds would, and compare their claims.

    python tests/tools/kernels.py [--kernels NAME ...] [--list] [--workers N] [path ...]
    python tests/tools/kernels.py --as NAME -- COMMAND ...

A processor is imitated by telling OpenBLAS which kernels to use, and numpy and the C library which
instructions to do without. Twins are compared with the stored ones as `make test` does; the claims that the
pages decide are then compared between the kernels: verdicts literally, numbers as numbers. Paths choose
pages, twins or tests instead of all. What became of each twin is kept in `_build/kernels`, so that an
interrupted run goes on with the twins that did not pass yet; it counts as long as the twin, and what its
outputs depend on, stay the same. With --as, any command runs as one processor would.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import comparison

ROOT = Path(__file__).resolve().parents[2]
PATHS = ("tests/notebooks", "tests/ledger")
KEPT = ROOT / "_build" / "kernels"
JUDGES = ("tests/conftest.py", "tests/notebooks/sanitize.cfg", "tests/tools/comparison.py", __file__)
IMITATING = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")
BASELINE = ("SSE", "SSSE", "POPCNT", "X86_V2")
ASK = """
import ctypes, json, scipy.linalg
from numpy._core import _multiarray_umath as core
lines = (line.rstrip("\\n").split(None, 5) for line in open("/proc/self/maps"))
paths = {line[-1] for line in lines if "openblas" in line[-1].split("/")[-1]}
names = []
for library in map(ctypes.CDLL, sorted(paths)):
    for suffix in ("", "64_"):
        ask = getattr(library, "scipy_openblas_get_corename" + suffix, None)
        if ask is not None:
            ask.restype = ctypes.c_char_p
            names.append(ask().decode())
known = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
print(json.dumps({"openblas": names, "numpy": known}))
"""


@dataclass(frozen=True)
class Kernel:
    """A kind of processor: its name for OpenBLAS, the flags it takes to imitate it, what numpy may use."""

    name: str
    answers: tuple
    flags: frozenset
    features: tuple
    without: str = ""

    def allows(self, feature):
        return feature.startswith(self.features)


AVX2 = BASELINE + ("AVX2", "F16C", "FMA3", "X86_V3")
KERNELS = (
    Kernel(
        "Prescott",
        ("Prescott", "Katmai"),
        frozenset({"ssse3"}),
        BASELINE,
        "-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-AVX512BW",
    ),
    # also for Zen, whose kernels are the same ones in the library that numpy and scipy bring
    Kernel("Haswell", ("Haswell",), frozenset({"avx2", "fma"}), AVX2, "-AVX512F,-AVX512VL,-AVX512BW"),
    Kernel("SkylakeX", ("SkylakeX",), frozenset({"avx512f", "avx512bw", "avx512dq", "avx512vl"}), ("",)),
)


def flags():
    """Flags of this machine's processor; none on another system than Linux on x86."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), ":").split(":")[1].split())


def possible(known=None):
    """The kernels that this machine can imitate."""
    known = flags() if known is None else known
    return [kernel for kernel in KERNELS if kernel.flags <= known]


def ask(environment):
    """Kernels of OpenBLAS, and dispatched features of numpy, that a Python in this environment uses."""
    command = [sys.executable, "-c", ASK]
    return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)


def imitate(kernel, environ=os.environ):
    """The environment that imitates a kernel, also within another; an error where they do not follow."""
    plain = {name: value for name, value in environ.items() if name not in IMITATING}
    refused = [name for name in ask(plain)["numpy"] if not kernel.allows(name)]
    wanted = plain | {"OPENBLAS_CORETYPE": kernel.name, "NPY_DISABLE_CPU_FEATURES": " ".join(refused)}
    if kernel.without:
        wanted["GLIBC_TUNABLES"] = f"glibc.cpu.hwcaps={kernel.without}"
    found = ask(wanted)
    if not found["openblas"] or set(found["openblas"]) - set(kernel.answers):
        raise RuntimeError(f"OpenBLAS uses {found['openblas']} where {kernel.name} was wanted")
    if strangers := [name for name in found["numpy"] if not kernel.allows(name)]:
        raise RuntimeError(f"numpy uses {strangers} where {kernel.name} was wanted")
    return wanted


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def keep(twin, passed, claims, folder):
    """Keep what became of a twin, for which text of it, and the claims it decided."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    record = {"twin": digest(twin), "passed": passed, "claims": list(claims)}
    path = folder / f"{record['twin'][:8]}-{Path(twin).stem}.json"
    path.with_suffix(".part").write_text(json.dumps(record), "utf8")
    path.with_suffix(".part").replace(path)


def records(folder):
    """What is kept in a folder, by the digest of the twin."""
    found = (json.loads(path.read_text("utf8")) for path in sorted(Path(folder).glob("*.json")))
    return {record["twin"]: record for record in found}


def place(root=KEPT):
    """The folder for what the package and the tools now give; those of former ones are deleted."""
    import outputs

    stamps = outputs.digest(ROOT), *(digest(ROOT / name) for name in JUDGES)
    folder = root / hashlib.sha256("".join(stamps).encode()).hexdigest()[:16]
    for former in set(root.glob("*")) - {folder}:
        shutil.rmtree(former)
    return folder


def expand(paths, root=ROOT):
    """Twins, each by itself, and other paths among those given; a page stands for its twin."""
    twins, others = [], []
    for path in (Path(root, path) for path in paths):
        if path.suffix == ".md":
            path = Path(root, "tests", "notebooks", path.relative_to(root / "book")).with_suffix(".ipynb")
        if not path.exists():
            sys.exit(f"There is no {path}")
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        found = [name for name in inside if name.suffix == ".ipynb"]
        twins += found
        others += [] if found else [path]
    return twins, others


def run(kernel, twins, others, folder, workers="logical"):
    """Run what did not pass yet as `kernel`; return whether all passed, and what was decided."""
    known = records(folder)
    pending = [twin for twin in twins if not known.get(digest(twin), {}).get("passed")]
    print(f"== {kernel.name}: {len(twins) - len(pending)} of {len(twins)} twins passed before", flush=True)
    good = True
    if pending or others:
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--maxprocesses", "8"]
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        command += ["--claims", folder, *pending, *others]
        good = subprocess.run(command, cwd=ROOT, env=imitate(kernel) | threads).returncode == 0
    known = records(folder)
    chosen = [known[digest(twin)] for twin in twins if digest(twin) in known]
    good &= len(chosen) == len(twins) and all(record["passed"] for record in chosen)
    return good, by_name(chosen)


def by_name(found):
    """The claims of records, by paper and id."""
    return {(claim["paper"], claim["id"]): claim for record in found for claim in record["claims"]}


def differences(one, other, names):
    """Sentences on the claims that two kernels decide differently."""
    for paper, name in sorted(one.keys() | other.keys()):
        pair = one.get((paper, name)), other.get((paper, name))
        if None in pair:
            yield f"{paper} {name}: decided only by {names[pair[0] is None]}"
            continue
        for key in sorted(pair[0].keys() | pair[1].keys()):
            values = pair[0].get(key), pair[1].get(key)
            same = values[0] == values[1] if key == "verdict" else comparison.same_value(*values)
            if not same:
                yield f"{paper} {name}: {key} is {values[0]} by {names[0]}, {values[1]} by {names[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [kernel.name for kernel in possible()]
    parser.add_argument("--kernels", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--list", action="store_true", help="print the kernels that can be imitated here")
    parser.add_argument("--as", dest="kernel", choices=names, help="run the command that follows as this one")
    parser.add_argument("--workers", default="logical", help="how many processes, all cores if not given")
    parser.add_argument("paths", nargs="*", default=PATHS, help="what to run instead of all, or a command")
    arguments = parser.parse_args()
    if arguments.kernel:
        kernel = next(kernel for kernel in KERNELS if kernel.name == arguments.kernel)
        sys.exit(subprocess.run(arguments.paths, env=imitate(kernel)).returncode)
    if arguments.list or not names:
        print("\n".join(names) or "No kernel can be imitated here: that takes an x86 processor and Linux.")
        return
    twins, others = expand(arguments.paths)
    good, decided, folder = True, {}, place()
    for kernel in possible():
        if kernel.name in arguments.kernels:
            passed, decided[kernel.name] = run(kernel, twins, others, folder / kernel.name, arguments.workers)
            good &= passed
    first = next(iter(decided))
    rows = [row for name in decided for row in differences(decided[first], decided[name], (first, name))]
    rows.append(f"{len(decided[first])} claims decided by {', '.join(decided)}: {len(rows)} differences")
    print("\n".join(rows))
    if rows[1:] or not good or not (decided[first] or others):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted: `make test-kernels` goes on from here.")
