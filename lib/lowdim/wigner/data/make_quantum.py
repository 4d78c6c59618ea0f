"""Make `quantum.json`: path-integral Monte Carlo of 10 and 20 electrons; three minutes on a core."""

import math
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.density import nearest_distances, trap_energy_at_density, triangular_density
from lowdim.wigner.material import TMD
from lowdim.wigner.pathintegral import sample_paths
from lowdim.wigner.stored import stored_cluster

HERE = Path(__file__).parent
TEMPERATURES = (0.0035, 0.007, 0.0105, 0.014, 0.02, 0.028, 0.04)
DENSITIES = (1e-3, 1e-4)  # nm^-2
# beads per beta lambda: modes reach 3.6 times the trap frequency
BEADS = 6
SIZES = (10, 20)
COMMON = {"copies": 8, "warm_up": 150, "trajectories": 700, "steps": 5}


def quantum_parameter(n, density):
    """lambda of the cluster at the density of its nearest neighbours."""
    scaled = triangular_density(float(np.mean(nearest_distances(stored_cluster(n)))))
    energy = float(trap_energy_at_density(scaled, density, TMD))
    return energy * float(TMD.trap_length(energy)) / TMD.coulomb


def run(n, density, temperature, finer):
    """One temperature; `finer` multiplies the number of beads, 0 means one bead."""
    quantum = quantum_parameter(n, density)
    beads = max(1, math.ceil(BEADS * finer * quantum / temperature))
    rng = np.random.default_rng([n, round(1e6 * density), round(1e5 * temperature), beads])
    found = sample_paths(stored_cluster(n), temperature, quantum, rng, beads=beads, **COMMON)
    row = {name: round(value, 6) for name, value in vars(found).items()}
    about = {"n": n, "density": density, "lambda": round(quantum, 6)}
    return about | {"temperature": temperature, "beads": beads} | row


def main():
    jobs = [(n, density, t, 1) for n in SIZES for density in DENSITIES for t in TEMPERATURES]
    # twice and half as many beads, and none: how far the discretised path is from its limit
    jobs += [(20, 1e-3, 0.014, finer) for finer in (2, 0.5, 0)]
    rows = sweep(run, jobs, "runs")
    record = provenance(
        {"permittivity": round(TMD.permittivity, 6), "seeds": "[n, density, temperature, beads]", **COMMON}
    )
    store(HERE / "quantum.json", {"rows": rows}, record)


if __name__ == "__main__":
    main()
