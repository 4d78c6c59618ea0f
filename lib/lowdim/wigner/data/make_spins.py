"""Make `spins.json`: total spin of the ground state of twenty electrons, with rings up to a length.

From `rings.json`, at the critical density; about ten minutes on a core.
"""

from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim.stored import store
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.instantons import tunnelling_amplitude
from lowdim.wigner.material import TMD
from lowdim.wigner.multispin import ring_levels, ring_term
from lowdim.wigner.stored import stored_cluster, stored_exchange

HERE = Path(__file__).parent
N = 20
SPACING = float(np.sqrt(2 / (np.sqrt(3) * 1e-3)))  # nm, at the critical density


def terms(longest):
    """Ring terms in units of hbar omega."""
    planck = np.sqrt(TMD.bohr_radius * nearest_distances(stored_cluster(N)).mean() / SPACING)
    found = {}
    for row in stored_exchange("rings")["clusters"]:
        if row["electrons"] == N and row.get("action", 0) > 0.3 and len(row["ring"]) <= longest:
            value = float(tunnelling_amplitude(row["action"], row["prefactor"], planck)) / planck
            found[tuple(row["ring"])] = found.get(tuple(row["ring"]), 0.0) + value
    return [ring_term(ring, value) for ring, value in found.items()]


def ground_spin(longest):
    """Largest magnetisation at which the lowest level of all is found."""
    parts = terms(longest)
    unit = max(abs(t.coefficient) for t in parts)
    levels = []
    for n_up in range(N // 2, N + 1):
        levels.append(float(ring_levels(parts, N, n_up, tolerance=1e-8)[0]))
        if levels[-1] > levels[0] + 1e-6 * unit:
            break
    return {"electrons": N, "longest": longest, "spin": len(levels) - 2, "energy": float(f"{levels[0]:.7g}")}


def main():
    rows = []
    for longest in (4, 3, 2):
        rows.append(ground_spin(longest))
        print(rows[-1], flush=True)
    store(HERE / "spins.json", {"ground": rows}, provenance({"density_per_nm2": 1e-3}))


if __name__ == "__main__":
    main()
