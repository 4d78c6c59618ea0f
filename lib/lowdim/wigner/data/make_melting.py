"""Make `melting.json`: classical Monte Carlo of trapped clusters; two minutes on a core."""

from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.montecarlo import sample_cluster
from lowdim.wigner.stored import stored_cluster

HERE = Path(__file__).parent
TEMPERATURES = np.concatenate([[3e-4, 1e-3], np.geomspace(2e-3, 0.06, 22)])
# heat capacity: temperatures swapped often, and two lengths of the run
SWAPPED = [(10, 10000), (19, 8000), (20, 2000), (20, 8000), (37, 3000)]
# fluctuations: undisturbed for the longest block
UNDISTURBED = [10, 20]
BLOCKS = (50, 200, 800, 3200, 6400)
COMMON = {"copies": 8, "warm_up": 800}


def run(n, sweeps, blocks):
    """One run, as plain lists."""
    rng = np.random.default_rng([n, sweeps, len(blocks)])
    found = sample_cluster(stored_cluster(n), TEMPERATURES, rng, sweeps=sweeps, blocks=blocks, **COMMON)
    row = {name: np.round(value, 6).tolist() for name, value in vars(found).items()}
    return {"n": n, "sweeps": sweeps, **row}


def main():
    jobs = [(n, sweeps, (50,)) for n, sweeps in SWAPPED]
    jobs += [(n, 2 * BLOCKS[-1], BLOCKS) for n in UNDISTURBED]
    rows = sweep(run, jobs, "runs")
    record = provenance({"seeds": "[electrons, sweeps, number of block lengths]", **COMMON})
    parts = {"swapped": rows[: len(SWAPPED)], "undisturbed": rows[len(SWAPPED) :]}
    store(HERE / "melting.json", parts, record)


if __name__ == "__main__":
    main()
