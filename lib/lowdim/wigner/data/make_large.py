"""Make `large.json`: clusters of 1000 to 20000 electrons relaxed to forces below 1e-8, ten minutes.

The seconds are those of the processor, both threads of a relaxation together; the memory is the most that
its process has held.
"""

import resource
import time
from pathlib import Path

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.infinite import large_cluster_energy
from lowdim.wigner.large import fluid_cluster, relax_large

HERE = Path(__file__).parent
SIZES = (1000, 2000, 5000, 10000, 20000)
TOLERANCE = 1e-8
THREADS = 2


def relaxed(n):
    began = time.process_time()
    found = relax_large(fluid_cluster(n), tolerance=TOLERANCE, threads=THREADS)
    seconds = time.process_time() - began
    return {
        "electrons": n,
        "energy": round(found.energy, 6),
        "over_limit": round(found.energy / large_cluster_energy(n), 8),
        "residual": float(f"{found.residual:.2g}"),
        "processor_seconds": round(seconds, 1),
        "memory_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 3),
    }


def main():
    found = sweep(relaxed, [(n,) for n in SIZES], "clusters")
    record = provenance(
        {
            "start": "fluid_cluster, the triangular lattice stretched to the density of the charged fluid",
            "tolerance": TOLERANCE,
            "threads": THREADS,
            "units": "energies kappa/l",
        }
    )
    store(HERE / "large.json", {"clusters": found}, record)


if __name__ == "__main__":
    main()
