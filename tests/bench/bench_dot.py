"""Time and memory of the dot solver beside full CI of PySCF, both at the same accuracy, in one run.

Every solver goes from (L, lambda/L, M) to the lowest levels of N electrons. The loosest tolerance that keeps
every energy within 1e-9 Hartree* of a reference is found first, for each solver, and only then timed; the
reference is the agreement of two tight runs, one of each code. PySCF is timed twice: as it comes
(`direct_spin1`), and with the reflection parity given as an orbital symmetry (`direct_spin1_symm`) and the
number of levels of each parity known beforehand, which is as much help as it can take.

Our time includes the spin labels, and in each parity the levels beyond the last one asked for. Times are the
shortest of several runs, elapsed and summed over cores; ratios are of the latter, which other work on the
machine disturbs less.

Run with the same number of threads for both, e.g. ``OMP_NUM_THREADS=1 python tests/bench/bench_dot.py``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from lowdim.dot import RateEquation, fock, transition_matrix, wall_weights
from lowdim.dot.fock import string_space
from lowdim.dot.interaction import coulomb_integrals
from lowdim.dot.states import QuantumDot, spectrum
from timing import clocked, timed

try:
    from pyscf import __version__ as pyscf_version
    from pyscf import fci, lib
except ImportError:
    fci = None

ACCURACY = 1e-9
CASES = [(4, 13, 6), (4, 13, 20), (5, 14, 6), (6, 12, 6)]
GROWTH = [(4, m, 6) for m in (8, 10, 12, 14, 16, 20, 24)] + [(n, 12, 6) for n in (2, 3, 5, 6)]
# half decades in the residual are decades in the energy, as those of the peer
OUR_LADDER = [{"tolerance": 10.0 ** (-k / 2)} for k in range(5, 20)]
# 12 is PySCF's own choice of the search space; a larger one costs memory and may save iterations
PYSCF_LADDERS = [[{"conv_tol": 10.0**-k, "max_space": s} for k in range(7, 13)] for s in (12, 40)]
# (key, heading, format)
SIDE_BY_SIDE_COLUMNS = [
    ("N", "N", "d"),
    ("M", "M", "d"),
    ("levels", "levels", "d"),
    ("solver", "solver", "s"),
    ("seconds", "seconds", ".3f"),
    ("processor_seconds", "processor s", ".3f"),
    ("ratio", "times ours", ".1f"),
    ("error", "max error", ".1e"),
    ("memory_MB", "memory MB", ".0f"),
    ("shown", "settings", "s"),
]
GROWTH_COLUMNS = [
    ("N", "N", "d"),
    ("M", "M", "d"),
    ("determinants", "determinants", "d"),
    ("lowdim", "lowdim s", ".3f"),
    ("PySCF + parity", "PySCF + parity s", ".3f"),
]


class NotReached(RuntimeError):
    """A solver does not reach the accuracy, whatever its settings."""


def ours(dot, n_electrons, n_states, parities, tolerance):
    """Energies by `lowdim.dot.states`; strings are not carried over from an earlier run."""
    fock._string_space.cache_clear()
    return [level.energy for level in spectrum(dot, n_electrons, n_states, tolerance=tolerance)]


def pyscf(dot, n_electrons, n_states, parities, conv_tol, max_space):
    """Energies by PySCF as it comes."""
    return _kernel(fci.direct_spin1.FCI(), dot, n_electrons, n_states, conv_tol, max_space)


def pyscf_parity(dot, n_electrons, n_states, parities, conv_tol, max_space):
    """Energies by PySCF in each parity, told how many levels to find there."""
    orbital_parity = np.arange(dot.n_orbitals) % 2
    energies = []
    for irrep, parity in enumerate((1, -1)):
        count = sum(p == parity for p in parities)
        if count:
            solver = fci.direct_spin1_symm.FCI()
            symmetry = {"orbsym": orbital_parity, "wfnsym": irrep}
            energies += _kernel(solver, dot, n_electrons, count, conv_tol, max_space, **symmetry)
    return sorted(energies)


def _kernel(solver, dot, n_electrons, n_states, conv_tol, max_space, **symmetry):
    solver.conv_tol, solver.max_space, solver.max_cycle = conv_tol, max_space, 1000
    energies, _ = solver.kernel(
        np.diag(dot.orbital_energies),
        coulomb_integrals(dot.n_orbitals, dot.length, dot.softening),
        dot.n_orbitals,
        ((n_electrons + 1) // 2, n_electrons // 2),
        nroots=n_states,
        **symmetry,
    )
    if not np.all(solver.converged):
        raise NotReached(f"PySCF did not converge to {conv_tol:.0e}")
    return np.sort(np.atleast_1d(energies)).tolist()


SOLVERS = {"lowdim": ours, "PySCF": pyscf, "PySCF + parity": pyscf_parity}


def reference(dot, n_electrons, n_states):
    """Energies and parities that both codes give at tight tolerance."""
    levels = spectrum(dot, n_electrons, n_states, tolerance=1e-9)
    energies, parities = [level.energy for level in levels], [level.parity for level in levels]
    if fci is not None:
        other = pyscf_parity(dot, n_electrons, n_states, parities, 1e-12, 40)
        gap = np.max(np.abs(np.subtract(other, energies)))
        if gap > 0.01 * ACCURACY:
            raise RuntimeError(f"N = {n_electrons}, M = {dot.n_orbitals}: the codes differ by {gap:.1e}")
    return energies, parities


def run_once(solver, *arguments, **settings):
    """Elapsed and processor seconds of one run, and its energies."""
    *times, energies = clocked(lambda: solver(*arguments, **settings))
    return times, energies


def best_of(repeat, first, solver, *arguments, **settings):
    """Shortest elapsed and processor seconds of `repeat` runs; more if they are quick, fewer if very slow."""
    runs = [first]
    while (spent := sum(run[1] for run in runs)) < 1.0 or (len(runs) < repeat and spent < 20.0):
        runs.append(run_once(solver, *arguments, **settings)[0])
    return np.min(runs, axis=0).tolist()


def loosest(solver, ladder, arguments, energies):
    """First settings of a ladder within ACCURACY of `energies`: (times, error, settings), or None."""
    for settings in ladder:
        try:
            times, found = run_once(solver, *arguments, **settings)
        except NotReached:
            return None  # what does not converge to one tolerance does not to a tighter one
        error = float(np.max(np.abs(np.subtract(found, energies))))
        if error <= ACCURACY:
            return times, error, settings
    return None


def side_by_side(dot, n_electrons, n_states, repeat):
    """One row per solver: settings, achieved error, best times, extra memory of a fresh process."""
    energies, parities = reference(dot, n_electrons, n_states)
    arguments = dot, n_electrons, n_states, parities
    rows = []
    for name, solver in SOLVERS.items():
        if name != "lowdim" and fci is None:
            continue
        ladders = [OUR_LADDER] if name == "lowdim" else PYSCF_LADDERS
        found = [loosest(solver, ladder, arguments, energies) for ladder in ladders]
        reached = [run for run in found if run is not None]
        if not reached:
            if name == "lowdim":
                raise NotReached(f"lowdim does not reach {ACCURACY:.0e}")
            print(f"N = {n_electrons}, {n_states} levels: {name} does not reach {ACCURACY:.0e}")
            continue
        first, error, settings = min(reached, key=lambda run: run[0][1])
        seconds, processor = best_of(repeat, first, solver, *arguments, **settings)
        rows.append(
            {
                "solver": name,
                "N": n_electrons,
                "M": dot.n_orbitals,
                "levels": n_states,
                "seconds": seconds,
                "processor_seconds": processor,
                "error": error,
                "memory_MB": memory(name, dot, n_electrons, n_states, parities, settings),
                "settings": settings,
            }
        )
    for row in rows:
        row["ratio"] = row["processor_seconds"] / rows[0]["processor_seconds"]
    return rows


def memory(name, dot, n_electrons, n_states, parities, settings):
    """Peak resident memory less that after the imports, in MB, in a process of its own; None off Linux."""
    if not Path("/proc/self/status").exists():
        return None
    box = {"length": dot.length, "softening": dot.softening, "n_orbitals": dot.n_orbitals}
    job = json.dumps([name, box, n_electrons, n_states, parities, settings])
    command = [sys.executable, os.path.abspath(__file__), "--probe", job]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def probe(job):
    """Body of the process that `memory` starts."""
    name, box, n_electrons, n_states, parities, settings = json.loads(job)
    before = _resident("VmRSS")
    SOLVERS[name](QuantumDot(**box), n_electrons, n_states, parities, **settings)
    return _resident("VmHWM") - before


def _resident(key):
    """An entry of this process's status in MB; getrusage would report the parent's peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def growth(length, softening, repeat):
    """Processor times at the settings that reach ACCURACY, with the number of determinants of one S_z."""
    rows = []
    for n_electrons, n_orbitals, n_states in GROWTH:
        dot = QuantumDot(length, softening, n_orbitals)
        parities = [level.parity for level in spectrum(dot, n_electrons, n_states)]
        up, down = (string_space(n, n_orbitals).size for n in ((n_electrons + 1) // 2, n_electrons // 2))
        row = {"N": n_electrons, "M": n_orbitals, "determinants": up * down}
        arguments = dot, n_electrons, n_states, parities
        _, energies = run_once(ours, *arguments, **OUR_LADDER[-1])
        for name in ("lowdim", "PySCF + parity") if fci else ("lowdim",):
            ladder = OUR_LADDER if name == "lowdim" else PYSCF_LADDERS[1]
            reached = loosest(SOLVERS[name], ladder, arguments, energies)
            if reached is None:
                raise NotReached(f"{name} does not reach {ACCURACY:.0e}")
            first, _, settings = reached
            _, row[name] = best_of(repeat, first, SOLVERS[name], *arguments, **settings)
        rows.append(row)
    return rows


def states_and_leads(length, softening):
    """The levels of Tables I to III with their transitions, between leads."""
    dot = QuantumDot(length, softening, 13)
    counts = {0: 1, 1: 1, 2: 2, 3: 3, 4: 6}
    levels = [level for n, count in counts.items() for level in spectrum(dot, n, count)]
    return RateEquation(
        [level.energy for level in levels],
        [level.n_electrons for level in levels],
        [level.spin for level in levels],
        transition_matrix(levels, wall_weights(dot.n_orbitals)),
        temperature=2e-4,
    )


def conductance_map(length, softening, points=300):
    """Processor seconds from nothing to a map of dI/dV: the levels of Tables I to III, then the map."""
    states, leads = timed(lambda: states_and_leads(length, softening))
    gate, bias = np.linspace(0.0, 1.6, points), np.linspace(-0.2, 0.2, points)
    spent, values = timed(lambda: leads.conductance(gate[:, None], bias))
    if not np.all(np.isfinite(values)):
        raise RuntimeError("the map holds nan or inf")
    plain, worst = plain_map(leads, gate, bias, values)
    return {
        "states_seconds": states,
        "map_seconds": spent,
        "points": points**2,
        "plain_seconds": plain,
        "plain_error": worst,
    }


def plain_map(leads, gate, bias, values, every=10):
    """Seconds for the whole map by a linear solve per point, from every tenth row, and its largest error.

    The error is relative to the largest conductance. Solves lose the occupations of a blockaded dot to
    rounding; the current there is far below that.
    """
    step = leads.temperature / 500

    def row(g):
        ends = [[plain_current(leads, g, b + s) for b in bias] for s in (step, -step)]
        return (np.array(ends[0]) - ends[1]) / (2 * step)

    spent, rows = timed(lambda: [row(g) for g in gate[::every]])
    error = float(np.abs(np.array(rows) - values[::every]).max() / np.abs(values).max())
    return spent * len(gate) / len(rows), error


def plain_current(leads, gate, bias):
    """Current by numpy's linear solve of the rate equation between multiplets."""
    addition = np.subtract.outer(leads.energies, leads.energies) - gate
    d, rates = leads.degeneracies, []
    for tunnel, mu in ((leads.left, bias / 2), (leads.right, -bias / 2)):
        f = 1 / (1 + np.exp(np.clip((addition - mu) / leads.temperature, -700, 700)))
        inward = 2 * tunnel * leads.probabilities * f
        outward = 2 * tunnel * leads.probabilities * (1 - f) * d[None, :] / d[:, None]
        rates.append(inward + outward.T)
    total = rates[0] + rates[1]
    generator = total - np.diag(total.sum(axis=0))
    generator[0] = 1.0
    occupation = np.linalg.solve(generator, np.eye(len(d))[0])
    return float(np.sum(rates[0] * np.subtract.outer(leads.electrons, leads.electrons) * occupation))


def table(rows, columns):
    """Rows of dictionaries as aligned text; see SIDE_BY_SIDE_COLUMNS."""
    cells = [[heading for _, heading, _ in columns]]
    for row in rows:
        shown = [(row.get(key), spec) for key, _, spec in columns]
        cells.append(["-" if value is None else format(value, spec) for value, spec in shown])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in cells)


def environment(arguments):
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    versions = {"lowdim": version("lowdim"), "python": platform.python_version(), "numpy": np.__version__}
    versions["date"] = datetime.now(UTC).date().isoformat()
    versions["command"] = "make bench-store ONLY=dot"
    if fci is not None:
        versions["pyscf"] = pyscf_version
        threads += f" (PySCF uses {lib.num_threads()})"
    box = {"length": arguments.length, "softening": arguments.softening, "accuracy": ACCURACY}
    return versions | {"OMP_NUM_THREADS": threads, "machine": platform.machine()} | box


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--length", type=float, default=9.5, help="box length in effective Bohr radii")
    parser.add_argument("--softening", type=float, default=2e-4, help="lambda / L")
    parser.add_argument("--repeat", type=int, default=3, help="take the best of this many runs")
    parser.add_argument("--json", metavar="PATH", help="write the numbers here too")
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.probe:
        print(probe(arguments.probe))
        return
    result = {"environment": environment(arguments), "side_by_side": []}
    print(", ".join(f"{key} {value}" for key, value in result["environment"].items()))
    if fci is None:
        print("PySCF is not installed: `make peers` installs it. Only our own times follow.")
    for n_electrons, n_orbitals, n_states in CASES:
        dot = QuantumDot(arguments.length, arguments.softening, n_orbitals)
        result["side_by_side"] += side_by_side(dot, n_electrons, n_states, arguments.repeat)
    for row in result["side_by_side"]:
        row["shown"] = ", ".join(f"{key} {value:g}" for key, value in row["settings"].items())
    print("\nThe same levels to the same accuracy")
    print(table(result["side_by_side"], SIDE_BY_SIDE_COLUMNS))
    result["growth"] = growth(arguments.length, arguments.softening, arguments.repeat)
    print("\nProcessor time of the six lowest levels as the basis and the electron number grow")
    print(table(result["growth"], GROWTH_COLUMNS))
    result["map"] = conductance_map(arguments.length, arguments.softening)
    print(
        f"\nStates for N = 0..4 and their transitions: {result['map']['states_seconds']:.2f} s; "
        f"dI/dV at {result['map']['points']} points: {result['map']['map_seconds']:.2f} s, "
        f"by a linear solve per point {result['map']['plain_seconds']:.1f} s"
    )
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
