"""Wave-packet steps beside the bare pair of Fourier transforms that bounds them.

    python tests/bench/bench_wavepacket.py

Times are per grid point, state and step, in nanoseconds, the shortest of several interleaved runs; the ratio
is the median over the rounds of step to transforms, which other work on the machine disturbs less. A step in
the moving potential includes the motion of the phonons, shared by the four states that meet the same one.
"""

import platform
import time

import numpy as np
from scipy import fft

from lowdim.exciton.phononfield import PhononField
from lowdim.exciton.wavepacket import Grid, directed_states, propagate

SPACING, STEP = 0.5, 0.12
ROUNDS = 5
# grid points along a side, and steps that are timed
CASES = [(96, 40), (256, 12), (512, 4), (1024, 2)]


def seconds(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def transforms(states, steps):
    """The transforms of `steps` steps, in place and in the precision of the states."""
    for _ in range(steps):
        states = fft.ifft2(states, overwrite_x=True, workers=1)
        states = fft.fft2(states, overwrite_x=True, workers=1)


def row(points, steps, dtype):
    grid, rng = Grid(points, SPACING * points), np.random.default_rng(1)
    field = PhononField(grid, 1.5, rng, single=dtype is np.complex64)
    states, _ = directed_states(grid, rng, 2, dtype=dtype)
    options = {"step": STEP, "steps": steps, "every": max(2, steps)}
    frozen = field.frozen()
    once = {**options, "steps": 1}

    def stepping(potential):
        """Time of the steps without the start-up of a run: the difference from a run of one step."""
        return seconds(lambda: propagate(states, potential(), grid, **options)) - seconds(
            lambda: propagate(states, potential(), grid, **once)
        )

    times = []
    for _ in range(ROUNDS):
        bare = seconds(lambda: transforms(states.copy(), steps - 1))
        times.append([bare, stepping(lambda: frozen), stepping(lambda: field.midpoints(0.2, STEP))])
    times = np.array(times)
    best = 1e9 * times.min(axis=0) / ((steps - 1) * states.size)
    ratio = np.median(times / times[:, :1], axis=0)
    megabytes = (3 * states.nbytes + 6 * frozen.nbytes) / 1e6
    return best, ratio, megabytes


def main():
    print(f"numpy {np.__version__}, {platform.machine()}; 8 states in 2 potentials; ns")
    heading = f"{'points':>11} {'precision':>10} {'transforms':>11} {'frozen':>8} {'moving':>8}"
    print(f"{heading} {'frozen/FFT':>11} {'moving/FFT':>11} {'MB':>7}")
    for dtype, name, cases in ((np.complex64, "single", CASES), (np.complex128, "double", CASES[:2])):
        for points, steps in cases:
            best, ratio, megabytes = row(points, steps + 1, dtype)
            shown = f"{points:>6}^2 {name:>12} {best[0]:11.2f} {best[1]:8.2f} {best[2]:8.2f}"
            print(f"{shown} {ratio[1]:11.2f} {ratio[2]:11.2f} {megabytes:7.0f}")


if __name__ == "__main__":
    main()
