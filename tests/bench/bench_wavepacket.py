"""Wave-packet steps beside the bare pair of Fourier transforms that bounds them.

    python tests/bench/bench_wavepacket.py

Times are per grid point, state and step, in nanoseconds of the processor, the shortest of several
interleaved runs, so that other work on the machine disturbs little. A step in the moving potential includes
the motion of the phonons, shared by the four states that meet the same one. The transforms are done in
place, in the batch and the precision of the states. Memory is the measured peak of one run, states and
potentials included.
"""

import platform
import tracemalloc
from functools import partial

import numpy as np
from scipy import fft

from lowdim.exciton.backscatter import PlaneWaves
from lowdim.exciton.grid import Grid, directed_states
from lowdim.exciton.phononfield import PhononField
from lowdim.exciton.wavepacket import evolve, propagate
from timing import interleaved

SPACING, STEP = 0.5, 0.12
# grid points along a side
SIZES = (96, 256, 512, 1024)
# pairs of potentials of one batch, eight states each
BATCHES = (2, 4, 8)
# shells of backscattering, marked by a star in the table
SHELLS = ((325, 108), (650, 150))
LIMIT = 1.4


def transforms(states, steps):
    """The transforms of `steps` steps, in place and in the precision of the states."""
    for _ in range(steps):
        states = fft.ifft2(states, overwrite_x=True, workers=1)
        states = fft.fft2(states, overwrite_x=True, workers=1)


def peak(function):
    """Largest memory allocated while a function runs, in MB."""
    tracemalloc.start()
    function()
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return largest


def advance(run, steps):
    for _ in range(steps):
        next(run)


def step_times(states, potentials, grid, step):
    """Times of the transforms and of a step in each potential, in ns per grid point and state."""
    steps = max(2, int(2e6 / states.size))
    rounds = int(np.clip(1e8 / (steps * states.size), 6, 40))
    runs = [evolve(states, p, grid, step=step, steps=2 + rounds * steps) for p in potentials]
    for run in runs:
        advance(run, 3)  # the start, and two steps that fill the caches
    work = [partial(transforms, states.copy(), steps), *(partial(advance, run, steps) for run in runs)]
    return np.array(interleaved(work, rounds)) * 1e9 / (steps * states.size)


def row(points, dtype, pairs=1):
    grid, rng = Grid(points, SPACING * points), np.random.default_rng(1)
    field = PhononField(grid, 1.5, rng, pairs=pairs, single=dtype is np.complex64)
    states, _ = directed_states(grid, rng, 2 * pairs, dtype=dtype)
    frozen = field.frozen()
    best = step_times(states, [frozen, field.midpoints(0.2, STEP)], grid, STEP)
    once = {"step": STEP, "steps": 1, "every": 2}
    memory = peak(lambda: propagate(states, field.midpoints(0.2, STEP), grid, **once))
    return best, (states.nbytes + frozen.nbytes + memory) / 1e6


def backscattering_row(norm, points, dtype):
    """All plane waves of a shell in a pair of potentials."""
    single = dtype is np.complex64
    waves = PlaneWaves(6.0, (0.0,), duration=12.0, norm=norm, points=points, single=single)
    field = PhononField(waves.grid, 6.0, np.random.default_rng(1), cutoff=2.3 * np.sqrt(2), single=single)
    where = waves.directions
    states = np.zeros((2, len(where), points, points), dtype)
    states[:, np.arange(len(where)), where[:, 0], where[:, 1]] = 1
    frozen = field.frozen()
    best = step_times(states, [frozen, field.midpoints(0.02, 0.25)], waves.grid, 0.25)
    return best, (states.nbytes + frozen.nbytes) / 1e6


def show(points, pairs, name, result):
    (best, megabytes), ratio = result, result[0] / result[0][0]
    shown = f"{points:>6}^2 {8 * pairs:>7} {name:>10} {best[0]:11.2f} {best[1]:8.2f} {best[2]:8.2f}"
    print(f"{shown} {ratio[1]:11.2f} {ratio[2]:11.2f} {megabytes:7.0f}", flush=True)
    return max(ratio)


def main():
    print(f"numpy {np.__version__}, {platform.machine()}; ns per grid point, state and step")
    heading = f"{'points':>8} {'states':>7} {'precision':>10} {'transforms':>11} {'frozen':>8} {'moving':>8}"
    print(f"{heading} {'frozen/FFT':>11} {'moving/FFT':>11} {'MB':>7}")
    worst = 0.0
    for dtype, name in ((np.complex64, "single"), (np.complex128, "double")):
        for points in SIZES:
            worst = max(worst, show(points, 1, name, row(points, dtype)))
        for norm, points in SHELLS:
            result = backscattering_row(norm, points, dtype)
            worst = max(worst, show(points, 6, f"{name}*", result))
    for pairs in BATCHES:
        worst = max(worst, show(256, pairs, "single", row(256, np.complex64, pairs)))
    print(f"largest ratio of a step to its transforms: {worst:.2f}, limit {LIMIT}")


if __name__ == "__main__":
    main()
