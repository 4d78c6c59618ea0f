"""Make the stored ensembles of exciton wave packets: about half an hour on one core.

`material.json` holds the frozen potential and three temperatures at the coupling of the paper, `weak.json`
the frozen and two moving potentials at weaker coupling, `weaker.json` the frozen one at half of that,
`convergence.json` the first two curves of the first with one setting changed at a time. Only means of blocks
of realisations are kept.

    python make.py [--only NAME] [--scale X] [--jobs N]

The error falls with the root of the number of realisations, which `--scale` multiplies.
"""

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.constants import ELECTRON_MASS, PS
from lowdim.exciton.ensemble import Ensemble, realisation
from lowdim.exciton.material import MONOLAYER
from lowdim.exciton.phononfield import Bath
from lowdim.exciton.wavepacket import diffusion
from lowdim.stored import store

HERE = Path(__file__).parent
DIGITS = 5

MASS = MONOLAYER.mass * ELECTRON_MASS
SI = {"mass": MASS, "sound": MONOLAYER.sound_velocity, "scattering_time": MONOLAYER.phonon_time * PS}
TEMPERATURES = [10.0, 30.0, 100.0]
BATHS = [Bath.at_temperature(temperature, **SI) for temperature in TEMPERATURES]
SPEEDS = (0.0, *(bath.sound for bath in BATHS))

CUTOFF = 2 * np.pi  # of the grid below
TAU = BATHS[0].relaxation
MATERIAL = Ensemble(TAU, SPEEDS, points=96, length=48.0, step=0.125, duration=36.0, cutoff=CUTOFF)
# the same s tau, so the same dephasing per collision
WEAK_TAU = 4.0
WEAK_SPEEDS = tuple(speed * TAU / WEAK_TAU for speed in (0.0, SPEEDS[1], SPEEDS[3]))
WEAK = Ensemble(WEAK_TAU, WEAK_SPEEDS, points=128, length=80.0, step=0.125, duration=48.0, every=4)
WEAKER = Ensemble(8.0, (0.0,), points=192, length=120.0, step=0.125, duration=72.0, every=8)
PAIR = replace(MATERIAL, sounds=SPEEDS[:2], duration=24.0)
CONVERGENCE = {
    "time step halved": replace(PAIR, step=0.0625, every=4),
    "double precision": replace(PAIR, single=False),
    "finer grid": replace(PAIR, points=128, step=0.0625, every=4),
    "finer grid, higher cut-off": replace(PAIR, points=128, step=0.0625, every=4, cutoff=CUTOFF * 4 / 3),
    "smaller box": replace(PAIR, points=64, length=32.0),
    "larger box": replace(PAIR, points=144, length=72.0),
}
# these meet the same potentials and states as the reference, and need few realisations
PAIRED = ("time step halved", "double precision")
# file: (seed, blocks, realisations per block)
SIZES = {
    "material": (2020, 40, 9),
    "weak": (2021, 40, 3),
    "weaker": (2023, 40, 2),
    "convergence": (2022, 20, 2),
}


def block(ensemble, seed, number, size, keep):
    """Mean D(t) and kinetic energy over the realisations of a block, at every `keep`-th record."""
    found = [realisation(ensemble, [seed, number, n]) for n in range(size)]
    curves = np.mean([diffusion(ensemble.time, c) for c, _ in found], axis=0)
    kinetic = np.mean([k for _, k in found], axis=0)
    return curves[:, ::keep].round(DIGITS).tolist(), kinetic[:, ::keep].round(3).tolist()


def blocks(label, ensemble, seed, n_blocks, size, jobs, keep):
    """Blocks of an ensemble, with the settings that made them."""
    bar = tqdm(range(n_blocks), desc=label, file=sys.stdout)
    found = Parallel(n_jobs=jobs)(delayed(block)(ensemble, seed, n, size, keep) for n in bar)
    settings = {key: value for key, value in asdict(ensemble).items()}
    return {
        "name": label,
        "ensemble": settings,
        "seed": seed,
        "realisations": n_blocks * size,
        "time": ensemble.time[::keep].round(6).tolist(),
        "diffusion": [curves for curves, _ in found],
        "kinetic": np.mean([kinetic for _, kinetic in found], axis=0).round(3).tolist(),
    }


def write(name, runs, **inputs):
    record = provenance(inputs, seeds="numpy.random.default_rng([seed, block, realisation])")
    store(HERE / f"{name}.json", {"runs": runs}, record)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SIZES)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of realisations")
    parser.add_argument("--jobs", type=int, default=-1)
    arguments = parser.parse_args()
    for name, (seed, n_blocks, size) in SIZES.items():
        if arguments.only not in (None, name):
            continue
        size = max(1, round(size * arguments.scale))
        if name == "convergence":
            reference = blocks("reference", PAIR, seed, n_blocks, size, arguments.jobs, 8)
            runs = [reference]
            for label, ensemble in CONVERGENCE.items():
                few = n_blocks // 2 if label in PAIRED else n_blocks
                runs.append(blocks(label, ensemble, seed, few, size, arguments.jobs, 8))
        else:
            ensemble, keep = {"material": (MATERIAL, 4), "weak": (WEAK, 2), "weaker": (WEAKER, 2)}[name]
            runs = [blocks(name, ensemble, seed, n_blocks, size, arguments.jobs, keep)]
        write(
            name, runs, material="MONOLAYER of lowdim.exciton.material", temperatures_K=TEMPERATURES,
            order="frozen, then the temperatures", diffusion="[block][curve][time], hbar/M",
        )  # fmt: skip


if __name__ == "__main__":
    main()
