"""Make `clusters.npz`: lowest minima of N = 2..100 electrons, harmonic trap, Coulomb; ten minutes on a core.

First every N for itself: random starts, then hops from the lowest minimum. Then every N again with seeds from
its neighbours, an electron added at the edge or one taken away, and the hops repeated. `--thorough`
multiplies the effort of both.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.minima import find_minima

HERE = Path(__file__).parent
SIZES = range(2, 101)
STARTS, HOPS_PER_ELECTRON, SEEDS = 50, 2, 8


def first_pass(n, effort):
    rng = np.random.default_rng(n)
    return find_minima(n, rng=rng, starts=STARTS * effort, hops=HOPS_PER_ELECTRON * n * effort)


def second_pass(n, smaller, larger, effort):
    rng = np.random.default_rng(1000 + n)
    return find_minima(n, rng=rng, starts=1, seeds=seeds(smaller, larger, rng), hops=n * effort)


def seeds(smaller, larger, rng):
    """An electron added at the edge of one neighbour, or taken from the other."""
    made = []
    if smaller is not None:
        radius = np.max(np.hypot(*smaller.T)) + 0.3
        for angle in 2 * np.pi * (np.arange(SEEDS) + rng.random()) / SEEDS:
            made.append(np.vstack([smaller, radius * np.array([[np.cos(angle), np.sin(angle)]])]))
    if larger is not None:
        for index in rng.choice(len(larger), min(SEEDS, len(larger)), replace=False):
            made.append(np.delete(larger, index, axis=0))
    return made


def merged(first, second):
    """Minima of both passes: energy, positions, and how often random starts and hops ended there."""
    rows = [[m.energy, m.positions, m.found, m.hops, m.residual] for m in first]
    for m in second:
        same = [row for row in rows if abs(row[0] - m.energy) < 1e-8]
        if same:
            same[0][3] += m.hops
        else:
            rows.append([m.energy, m.positions, 0, m.hops + m.found, m.residual])
    return sorted(rows, key=lambda row: row[0])


def main(effort=1, workers=-1):
    jobs = [(n, effort) for n in SIZES]
    first = dict(zip(SIZES, sweep(first_pass, jobs, "first pass", workers), strict=True))
    best = {n: minima[0].positions for n, minima in first.items()}
    jobs = [(n, best.get(n - 1), best.get(n + 1), effort) for n in SIZES]
    second = dict(zip(SIZES, sweep(second_pass, jobs, "second pass", workers), strict=True))
    arrays, table = {}, []
    for n in SIZES:
        rows = merged(first[n], second[n])
        arrays[f"positions_{n}"] = rows[0][1]
        table.append(
            {
                "n": n,
                "energy": round(rows[0][0], 10),
                "residual": float(f"{rows[0][4]:.1e}"),
                "minima": len(rows),
                "gap": round(rows[1][0] - rows[0][0], 8) if len(rows) > 1 else None,
                "starts": STARTS * effort,
                "found": rows[0][2],
                "hops": rows[0][3],
                "most_found": max(row[2] for row in rows),
            }
        )
    record = provenance(
        {
            "power": 2,
            "interaction": "Coulomb",
            "seeds": "N, then 1000 + N",
            "force_tolerance": 1e-11,
        },
        command="make data" if effort == 1 else f"make_clusters.py --thorough {effort}",
    )
    store(HERE / "clusters.npz", {"search": np.array(json.dumps(table)), **arrays}, record)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--thorough", type=int, default=1, metavar="FACTOR", help="multiply the effort")
    parser.add_argument("--workers", type=int, default=-1, help="processes")
    arguments = parser.parse_args()
    main(arguments.thorough, arguments.workers)
