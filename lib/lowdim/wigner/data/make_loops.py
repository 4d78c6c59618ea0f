"""Make `loops.json`: the next order of exchange amplitudes with neighbours free, ten minutes on a core.

Pair, triangle and rhombus near the centre of nineteen electrons, of which the nearest are free and the others
pinned; the same in the infinite crystal, in supercells of 16 to 36 electrons; each with coarse and fine
chains. What is stored already is kept: remove the file to begin anew.
"""

import json
import sys
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.stored import store
from lowdim.wigner.landscapes import PeriodicElectrons, TrappedElectrons
from lowdim.wigner.stored import stored_cluster
from lowdim.wigner.tunnelling import crystal_exchange, ring_exchange
from lowdim.wigner.twoloops import two_loop_coefficient

HERE = Path(__file__).parent
CLUSTER = 19
RINGS = {"2": (1, 4), "3": (1, 4, 11), "4": (1, 4, 15, 11)}
CRYSTAL = {
    "2": [(0, 0), (1, 0)],
    "3": [(0, 0), (1, 0), (0, 1)],
    "4": [(0, 0), (1, 0), (1, 1), (0, 1)],
}
DURATION = 8.0
# free electrons, steps of the chain
CLUSTER_RUNS = [(2, 32), (4, 32), (7, 24), (7, 32), (10, 32), (14, 24), (19, 24), (19, 32)]
# side of the supercell, steps
CRYSTAL_RUNS = [(4, 24), (4, 36), (5, 24), (5, 36), (6, 24)]


def nearest(positions, ring, count):
    """The ring and the electrons nearest to it, `count` in all."""
    distance = np.hypot(*(positions - positions[list(ring)].mean(axis=0)).T)
    others = [int(i) for i in np.argsort(distance, kind="stable") if i not in ring]
    return sorted([*ring, *others[: max(count - len(ring), 0)]])


def cluster_run(kind, count, steps):
    sites, ring = stored_cluster(CLUSTER), RINGS[kind]
    free = nearest(sites, ring, count)
    found = ring_exchange(sites, ring, mobile=free, duration=DURATION, steps=steps)
    landscape = TrappedElectrons(sites, tuple(free))
    return found, landscape, found.path[::2, free].reshape(steps + 1, -1)


def crystal_run(kind, size, steps):
    found = crystal_exchange(CRYSTAL[kind], size=size, duration=DURATION, steps=steps)
    return found, PeriodicElectrons(size), found.path[::2].reshape(steps + 1, -1)


def row(function, where, kind, size, steps):
    found, landscape, flat = function(kind, size, steps)
    coefficient = two_loop_coefficient(landscape, landscape.rest, flat, duration=DURATION)
    free = size**2 if where == "crystal" else size
    about = {"where": where, "kind": kind, "free": free, "steps": steps, "action": round(found.action, 5)}
    return about | {"coefficient": round(coefficient, 4)}


def main():
    path = HERE / "loops.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    known = {tuple(r[k] for k in ("where", "kind", "free", "steps")) for r in rows}
    jobs = [
        (cluster_run, "cluster", kind, *one) for one in CLUSTER_RUNS for kind in RINGS if one[0] >= int(kind)
    ]
    jobs[12:12] = [(crystal_run, "crystal", kind, *one) for one in CRYSTAL_RUNS for kind in CRYSTAL]
    todo = [j for j in jobs if (j[1], j[2], j[3] ** (1 + (j[1] == "crystal")), j[4]) not in known]
    found = Parallel(n_jobs=-1, return_as="generator")(delayed(row)(*job) for job in todo)
    about = {"duration": DURATION, "electrons": CLUSTER, "rings": {k: list(r) for k, r in RINGS.items()}}
    for new in tqdm(found, "rings", len(todo), file=sys.stdout):
        rows.append(new)
        store(path, {"rows": rows}, provenance(about))


if __name__ == "__main__":
    main()
