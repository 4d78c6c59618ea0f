"""Make `one_loop.json`: every bond of `exchange.json` to one loop, its neighbours pinned, under a minute.

Both ways round; the page computes some of them again.
"""

import sys
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.stored import store
from lowdim.wigner.stored import stored_exchange
from lowdim.wigner.tunnelling import ring_exchange

HERE = Path(__file__).parent


def bond(positions, pair):
    ways = [ring_exchange(positions, pair, mobile=pair, sense=sense) for sense in (1, -1)]
    return {
        "electrons": len(positions),
        "ring": list(pair),
        "actions": [round(way.action, 7) for way in ways],
        "prefactors": [float(f"{way.prefactor:.7g}") for way in ways],
    }


def main():
    exact = stored_exchange("exchange")
    clusters = {c["electrons"]: np.array(c["positions"]) for c in exact["clusters"]}
    bar = tqdm(exact["bonds"], desc="bonds", file=sys.stdout)
    found = Parallel(n_jobs=-1)(delayed(bond)(clusters[b["electrons"]], tuple(b["ring"])) for b in bar)
    record = provenance(
        {
            "bonds": "those of exchange.json, made on " + exact["provenance"]["date"],
            "units": "lengths l, energies kappa/l",
        }
    )
    store(HERE / "one_loop.json", {"bonds": found}, record)


if __name__ == "__main__":
    main()
