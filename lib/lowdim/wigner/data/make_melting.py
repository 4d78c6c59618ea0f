"""Make `melting.json`: classical Monte Carlo of 10, 19 and 20 electrons; five minutes on a core."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.stored import store
from lowdim.wigner.montecarlo import sample_cluster
from lowdim.wigner.stored import stored_cluster

HERE = Path(__file__).parent
SIZES = (10, 19, 20)
TEMPERATURES = np.geomspace(2e-4, 0.06, 18)
EFFORT = {"copies": 8, "warm_up": 1000, "sweeps": 8000, "block": 500}


def main():
    rows = []
    for n in tqdm(SIZES, desc="clusters"):
        found = sample_cluster(stored_cluster(n), TEMPERATURES, np.random.default_rng(n), **EFFORT)
        row = {name: np.round(value, 7).tolist() for name, value in vars(found).items()}
        rows.append({"n": n, **row})
    record = provenance({"seeds": "the number of electrons", **EFFORT})
    store(HERE / "melting.json", {"clusters": rows}, record)


if __name__ == "__main__":
    main()
