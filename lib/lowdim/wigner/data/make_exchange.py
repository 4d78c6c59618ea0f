"""Make `exchange.json`: pinned pairs and ring exchanges in trapped clusters, about fifteen minutes on a core.

Every cluster is scaled so that the mean distance to the nearest neighbour is that of a triangular lattice of
10^11 electrons per cm^2. Bonds are pairs closer than 1.35 of it; of the larger clusters' bonds and triangles
a sample is taken, evenly from the centre to the edge. In a free exchange the 30 electrons nearest to the ring
may move.
"""

from itertools import combinations
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.clusters import find_minima
from lowdim.wigner.material import TMD
from lowdim.wigner.pinned import PinnedPair, pair_splitting
from lowdim.wigner.tunnelling import ring_exchange
from lowdim.wigner.widths import einstein_frequencies

HERE = Path(__file__).parent
DENSITY = 1e-3
BOND = 1.35
MOBILE = 30
GRID = {"step": 0.75, "reach": 6.0}
# electrons: (random starts, hops, bonds at most, triangles at most)
CLUSTERS = {10: (60, 60, 99, 99), 20: (60, 120, 99, 24), 50: (30, 120, 20, 10), 100: (12, 60, 14, 6)}


def spread(groups, positions, most):
    """At most `most` of the groups of electrons, evenly by the distance of their centre."""
    ordered = sorted(groups, key=lambda g: (round(float(np.hypot(*positions[list(g)].mean(axis=0))), 6), g))
    chosen = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int))
    return [ordered[k] for k in chosen]


def groups(positions):
    """Bonds and triangles of bonds, and the mean distance to the nearest neighbour."""
    distance = np.hypot(*(positions[:, None] - positions).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    spacing = float(distance.min(axis=1).mean())
    near = distance < BOND * spacing
    n = len(positions)
    bonds = [(i, j) for i, j in combinations(range(n), 2) if near[i, j]]
    triangles = [(i, j, k) for i, j in bonds for k in range(j + 1, n) if near[i, k] and near[j, k]]
    return bonds, triangles, spacing


def nearest(positions, ring):
    """The electrons nearest to the centre of a ring."""
    distance = np.hypot(*(positions - positions[list(ring)].mean(axis=0)).T)
    return np.argsort(distance, kind="stable")[:MOBILE].tolist()


def bond(positions, pair, length):
    energy = float(TMD.trap_energy(length))
    site = TMD.zero_point_length(energy) * einstein_frequencies(positions)[list(pair)] ** -0.5
    width = float(np.sqrt(np.mean(site**2)))
    pinned = PinnedPair(positions * length, pair, TMD, energy)
    found = pair_splitting(pinned, width, **GRID)
    paths = [ring_exchange(positions, pair, mobile=mobile) for mobile in (pair, nearest(positions, pair))]
    return {
        "electrons": len(positions),
        "ring": list(pair),
        "distance": round(pinned.distance, 6),
        "width": round(width, 6),
        "splitting": float(f"{found.splitting:.5e}"),
        "action_pinned": round(paths[0].action, 6),
        "action_free": round(paths[1].action, 6),
    }


def triangle(positions, ring):
    path = ring_exchange(positions, ring, mobile=nearest(positions, ring))
    return {"electrons": len(positions), "ring": list(ring), "action_free": round(path.action, 6)}


def lowest(n, starts, hops):
    return find_minima(n, rng=np.random.default_rng(n), starts=starts, hops=hops)[0]


def main():
    clusters, bonds, triangles = [], [], []
    minima = sweep(lowest, [(n, *effort[:2]) for n, effort in CLUSTERS.items()], "clusters")
    for (n, (_, _, most_bonds, most_triangles)), found in zip(CLUSTERS.items(), minima, strict=True):
        positions = found.positions
        pairs, rings, spacing = groups(positions)
        length = np.sqrt(2 / (np.sqrt(3) * DENSITY)) / spacing
        clusters.append(
            {"electrons": n, "energy": round(found.energy, 9), "positions": positions.round(9).tolist()}
        )
        jobs = [(positions, pair, length) for pair in spread(pairs, positions, most_bonds)]
        bonds += sweep(bond, jobs, f"bonds, N = {n}")
        jobs = [(positions, ring) for ring in spread(rings, positions, most_triangles)]
        triangles += sweep(triangle, jobs, f"triangles, N = {n}")
    record = provenance(
        {
            "density_per_nm2": DENSITY,
            "bond": BOND,
            "mobile": MOBILE,
            "grid": GRID,
            "mass": TMD.mass,
            "permittivity": round(TMD.permittivity, 6),
            "clusters": {str(n): values for n, values in CLUSTERS.items()},
            "seeds": "the number of electrons",
        }
    )
    parts = {"clusters": clusters, "bonds": bonds, "triangles": triangles}
    store(HERE / "exchange.json", parts, record)


if __name__ == "__main__":
    main()
