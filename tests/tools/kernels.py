"""Run every twin and the ledger's tests as processors of several kinds would, and compare their claims.

    python tests/tools/kernels.py [--kernels NAME ...] [--list] [path ...]

A processor is imitated by telling OpenBLAS which kernels to use, and numpy and the C library which
instructions to do without. Twins are compared with the stored ones as `make test` does; the claims that the
pages decide are then compared between the kernels: verdicts literally, numbers as numbers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import comparison

ROOT = Path(__file__).resolve().parents[2]
PATHS = ("tests/notebooks", "tests/ledger")
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
    """The environment that imitates a kernel; an error if the libraries do not follow it."""
    plain = dict(environ)
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


def run(kernel, paths, folder):
    """Run the tests as `kernel`, the claims kept in `folder`; return whether all passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "logical", "--maxprocesses", "8"]
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    environment = imitate(kernel) | threads
    return subprocess.run([*command, "--claims", folder, *paths], cwd=ROOT, env=environment).returncode == 0


def claims(folder):
    """The claims kept in a folder, by paper and id."""
    found = [json.loads(path.read_text("utf8")) for path in sorted(Path(folder).glob("*.json"))]
    return {(claim["paper"], claim["id"]): claim for page in found for claim in page}


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
    parser.add_argument("paths", nargs="*", default=PATHS, help="what to run instead of all")
    arguments = parser.parse_args()
    if arguments.list or not names:
        print("\n".join(names) or "No kernel can be imitated here: that takes an x86 processor and Linux.")
        return
    good, decided = True, {}
    with tempfile.TemporaryDirectory() as temporary:
        for kernel in possible():
            if kernel.name in arguments.kernels:
                print(f"== {kernel.name}", flush=True)
                folder = Path(temporary) / kernel.name
                good &= run(kernel, arguments.paths, folder)
                decided[kernel.name] = claims(folder)
    first = next(iter(decided))
    rows = [row for name in decided for row in differences(decided[first], decided[name], (first, name))]
    rows.append(f"{len(decided[first])} claims decided by {', '.join(decided)}: {len(rows)} differences")
    print("\n".join(rows))
    if rows[1:] or not good or not decided[first]:
        sys.exit(1)


if __name__ == "__main__":
    main()
