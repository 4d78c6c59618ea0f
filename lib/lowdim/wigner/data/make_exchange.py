"""Make `exchange.json`: exact splittings of pinned pairs in trapped clusters, ten minutes on a core.

Every cluster is scaled so that the mean distance to the nearest neighbour is that of a triangular lattice of
10^11 electrons per cm^2. Bonds are pairs closer than 1.35 of it; of the larger clusters' bonds a sample is
taken, evenly from the centre to the edge.
"""

from itertools import combinations
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.material import TMD
from lowdim.wigner.minima import find_minima
from lowdim.wigner.pinned import PinnedPair, pair_splitting
from lowdim.wigner.widths import einstein_frequencies

HERE = Path(__file__).parent
DENSITY = 1e-3
BOND = 1.35
GRID = {"step": 0.75, "reach": 6.0}
# electrons: (random starts, hops, bonds at most)
CLUSTERS = {10: (60, 60, 99), 20: (60, 120, 99), 50: (30, 120, 20), 100: (12, 60, 14)}


def spread(bonds, positions, most):
    """At most `most` of the bonds, evenly by the distance of their centre."""
    ordered = sorted(bonds, key=lambda g: (round(float(np.hypot(*positions[list(g)].mean(axis=0))), 6), g))
    chosen = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int))
    return [ordered[k] for k in chosen]


def bonds_of(positions):
    """Bonds, and the mean distance to the nearest neighbour."""
    distance = np.hypot(*(positions[:, None] - positions).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    spacing = float(distance.min(axis=1).mean())
    near = distance < BOND * spacing
    return [(i, j) for i, j in combinations(range(len(positions)), 2) if near[i, j]], spacing


def bond(positions, pair, length):
    energy = float(TMD.trap_energy(length))
    site = TMD.zero_point_length(energy) * einstein_frequencies(positions)[list(pair)] ** -0.5
    width = float(np.sqrt(np.mean(site**2)))
    pinned = PinnedPair(positions * length, pair, TMD, energy)
    found = pair_splitting(pinned, width, **GRID)
    return {
        "electrons": len(positions),
        "ring": list(pair),
        "distance": round(pinned.distance, 6),
        "width": round(width, 6),
        "splitting": float(f"{found.splitting:.5e}"),
    }


def lowest(n, starts, hops):
    return find_minima(n, rng=np.random.default_rng(n), starts=starts, hops=hops)[0]


def main():
    clusters, bonds = [], []
    minima = sweep(lowest, [(n, *effort[:2]) for n, effort in CLUSTERS.items()], "clusters")
    for (n, (_, _, most)), found in zip(CLUSTERS.items(), minima, strict=True):
        positions = found.positions
        pairs, spacing = bonds_of(positions)
        length = np.sqrt(2 / (np.sqrt(3) * DENSITY)) / spacing
        clusters.append({"electrons": n, "positions": positions.round(9).tolist()})
        jobs = [(positions, pair, length) for pair in spread(pairs, positions, most)]
        bonds += sweep(bond, jobs, f"bonds, N = {n}")
    record = provenance(
        {
            "density_per_nm2": DENSITY,
            "bond": BOND,
            "grid": GRID,
            "mass": TMD.mass,
            "permittivity": round(TMD.permittivity, 6),
            "clusters": {str(n): values for n, values in CLUSTERS.items()},
            "seeds": "the number of electrons",
        }
    )
    store(HERE / "exchange.json", {"clusters": clusters, "bonds": bonds}, record)


if __name__ == "__main__":
    main()
