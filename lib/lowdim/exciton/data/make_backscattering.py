"""Make the stored ensembles of coherent backscattering: about twenty minutes of one core.

`backscattering3.json`, `backscattering6.json` and `backscattering12.json` hold energy tau/hbar = 3, 6 and 12,
each with the frozen potential and two speeds of sound, the same s k tau in all. Every block of realisations
is written as it is finished, so that an interrupted run goes on where it stopped; `--again` begins anew. The
processor time is stored too. A file may hold fewer blocks than `RUNS` asks for; running the script again adds
the rest.

    python make_backscattering.py [--only NAME] [--blocks N] [--jobs N] [--again]
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.exciton.backscatter import PlaneWaves, backscattering
from lowdim.stored import load_stored, store

HERE = Path(__file__).parent
SPEEDS = (0.0, 0.12, 0.24)  # s k tau


def waves(relaxation, **grid):
    """Eight mean free times, recorded every half of one."""
    sounds = tuple(speed / np.sqrt(2) / relaxation for speed in SPEEDS)
    every = round(relaxation / 2 / PlaneWaves.step)
    return PlaneWaves(relaxation, sounds, duration=8 * relaxation, every=every, **grid)


THREE, SIX, TWELVE = waves(3.0, norm=65, points=48), waves(6.0), waves(12.0, norm=650, points=150)
# name: (settings, seed, blocks, pairs of potentials per block)
RUNS = {
    "backscattering3": (THREE, 31, 60, 10),
    "backscattering6": (SIX, 61, 50, 5),
    "backscattering12": (TWELVE, 121, 60, 2),
}


def block(settings, seed, number, size):
    """Mean probabilities over the realisations of a block, and the processor time they took."""
    start = time.process_time()
    found = np.mean([backscattering(settings, [seed, number, n]) for n in range(size)], axis=0)
    # relative to 1e-3: five digits
    return np.round(found * 1e3, 5).tolist(), time.process_time() - start


def stored(path, settings, seed, size):
    """Blocks, processor time and first pair of a file that was made with the same settings, or nothing."""
    if not path.exists():
        return [], 0.0, None
    run = load_stored("exciton", path.name)
    same = run["settings"] == json.loads(json.dumps(asdict(settings)))
    if not same or (run["seed"], run["pairs_per_block"]) != (seed, size):
        raise SystemExit(f"{path.name}: made with other settings; --again begins anew")
    return run["blocks"], run["processor_seconds"], run["sample"]


def write(path, settings, seed, size, blocks, seconds, sample):
    """What is known so far, with its provenance; the file is replaced as a whole."""
    record = provenance(
        {"energy": "k^2/2 = 1, hbar = M = 1", "blocks": "[block][back, side][speed][time], in 1e-3"},
        command="python make_backscattering.py",
        seeds="numpy.random.default_rng([seed, block, pair])",
        sample="the first pair of the first block",
    )
    content = {
        "settings": asdict(settings), "seed": seed, "pairs_per_block": size,
        "potentials": 2 * size * len(blocks), "processor_seconds": round(seconds),
        "time": settings.time.tolist(), "sample": sample, "blocks": blocks,
    }  # fmt: skip
    store(path, content, record)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=RUNS)
    parser.add_argument("--blocks", type=int, help="stop after this many blocks of each run")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    for name, (settings, seed, n_blocks, size) in RUNS.items():
        if arguments.only not in (None, name):
            continue
        path = HERE / f"{name}.json"
        kept = ([], 0.0, None) if arguments.again else stored(path, settings, seed, size)
        blocks, seconds, sample = kept
        sample = sample or block(settings, seed, 0, 1)[0]
        write(path, settings, seed, size, blocks, seconds, sample)
        wanted = range(len(blocks), min(arguments.blocks or n_blocks, n_blocks))
        run = Parallel(n_jobs=arguments.jobs, return_as="generator")
        found = run(delayed(block)(settings, seed, number, size) for number in wanted)
        for values, taken in tqdm(found, desc=name, total=len(wanted), file=sys.stdout):
            blocks, seconds = [*blocks, values], seconds + taken
            write(path, settings, seed, size, blocks, seconds, sample)


if __name__ == "__main__":
    main()
