"""Make the stored corrections from loops drawn one by one: about ten minutes of one core.

`loops.json` holds the return integral averaged over thermal energies, with and without the collision that
closes a loop, for the monolayer at six temperatures, and at seven with a disorder time of 1 ps. All rows and
both columns come from the same loops, so that their differences are known better than they are. The error
falls with the root of `--blocks`.

    python make_loops.py [--blocks N] [--jobs N]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.exciton.cooperon import phonon_phase_rate
from lowdim.exciton.loops import closed_loops
from lowdim.exciton.material import MONOLAYER
from lowdim.stored import store

HERE = Path(__file__).parent
BLOCKS, LOOPS, SAMPLE, SEED = 12, 10_000, 400, 9
DISORDER = 1.0  # ps
# where the correction of [G 9] is weakest with disorder, and around it
WEAKEST = 2 * MONOLAYER.sound_temperature * MONOLAYER.phonon_time / DISORDER
RUNS = [(kelvin, None) for kelvin in (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)]
RUNS += [(kelvin, DISORDER) for kelvin in (10.0, 14.0, 18.0, WEAKEST, 28.0, 36.0, 60.0)]


def most_collisions(kelvin, disorder):
    """Loops of more collisions have less than a thousandth of the correction left."""
    return int(12 + 10 * kelvin**0.38) if disorder is None else 45


def block(kelvin, disorder, n_loops, seed):
    """Return integral with and without the closing collision, and the processor time it took."""
    start = time.process_time()
    tau = float(MONOLAYER.momentum_time(kelvin, np.inf if disorder is None else disorder))
    ratio = tau / float(MONOLAYER.momentum_time(kelvin))
    rate = float(phonon_phase_rate(MONOLAYER, kelvin)) * tau
    most = most_collisions(kelvin, disorder)
    found = [
        closed_loops(
            rate, most, n_loops, np.random.default_rng(seed), ratio, closing=closing, thermal=True
        )[0].sum()
        for closing in (True, False)
    ]  # fmt: skip
    return found, time.process_time() - start


def row(kelvin, disorder, n_blocks, jobs):
    """One row of the file, and the processor time that it took."""
    tasks = (delayed(block)(kelvin, disorder, LOOPS, [SEED, n]) for n in range(n_blocks))
    run = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    found = list(tqdm(run, desc=f"{kelvin:.3g} K", total=n_blocks, file=sys.stdout))
    return {
        "kelvin": kelvin, "disorder_ps": disorder, "most_collisions": most_collisions(kelvin, disorder),
        "blocks": np.round([values for values, _ in found], 6).tolist(),
        "sample": np.round(block(kelvin, disorder, SAMPLE, [SEED, 0])[0], 9).tolist(),
    }, sum(seconds for _, seconds in found)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=BLOCKS)
    parser.add_argument("--jobs", type=int, default=-1)
    arguments = parser.parse_args()
    rows, seconds = zip(*(row(*run, arguments.blocks, arguments.jobs) for run in RUNS), strict=True)
    record = provenance(
        {"material": "MONOLAYER of lowdim.exciton.material", "loops_per_block": LOOPS},
        command="python make_loops.py",
        seeds=f"numpy.random.default_rng([{SEED}, block]) in all rows",
        sample=f"as a block, of {SAMPLE} loops, from the seed of the first",
        value="[block][closing, without]: return integral; times -hbar/(2 pi M) it is dD",
    )
    store(HERE / "loops.json", {"rows": rows, "processor_seconds": round(sum(seconds))}, record)


if __name__ == "__main__":
    main()
