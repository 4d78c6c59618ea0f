"""Coupled dipoles on a lattice: transforms and IDR(s) beside LU decomposition; up to a million sites.

    python tests/bench/bench_dipoles.py

First table: n x n sites of the square lattice in a tilted beam; processor time of both solvers for one
incident field, their ratio, and the difference of the transmission.

Second table: 48 azimuths of 40 x 40 sites, beams included, by LU decomposition, in one block, and by the one
of both that `scan_transmission` takes.

Third table: large arrays, each in a process of its own: processor seconds of the exact beam and of the
solver for a tolerance, violation of the energy balance, the largest memory of the process, and the
transmission. Bounds: 400 x 400 within 30 s and 2 GB, 1000 x 1000 within 600 s and 8 GB, energy balanced to
1e-8; 48 azimuths within 2 s. In the densest array a tolerance of 1e-8 takes steps in proportion to the
length, and the default of 1e-6 does not.
"""

import resource
import subprocess
import sys

import numpy as np

from lowdim.optics.beam import driving_polarization
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import transmission
from lowdim.optics.patchbeam import beam_on_patch
from lowdim.optics.patches import PRIMITIVE, parallelogram
from lowdim.optics.readout import scan_transmission, turning_transmission
from lowdim.optics.regular import solve_regular
from timing import timed

K, TILT = 2 * np.pi, np.pi / 4
LIMITS = {400: (30, 2.0), 1000: (600, 8.0)}  # sites along an edge: seconds, GB


def beam(spacing, side):
    vector = driving_polarization(TILT, 0.0)
    return beam_on_patch(spacing * PRIMITIVE["square"], (side, side), K, 1.0, TILT, 0.0, vector)


def beside_lu():
    print("   a     n   transforms   LU decomposition   ratio   difference of T")
    for spacing in (0.1, 0.2, 0.45):
        for side in (20, 40, 50):
            cell, patch = spacing * PRIMITIVE["square"], parallelogram("square", spacing, side)
            (grid, power), alpha = beam(spacing, side), polarizability(0.0, K)
            fast, one = timed(lambda c=cell, a=alpha, f=grid: solve_regular(c, a, f, K))
            field = grid.reshape(-1, 3)
            slow, two = timed(lambda p=patch, a=alpha, f=field: solve_dipoles(p, a, f, K))
            gap = abs(transmission(one, power)[0] - transmission(two, power)[0])
            if gap > 1e-7:
                raise RuntimeError(f"the solvers disagree by {gap:.1e}")
            times = f"{1e3 * fast:8.0f} ms {1e3 * slow:14.0f} ms {slow / fast:11.1f}"
            print(f"{spacing:5.2f} {side:5d} {times} {gap:14.1e}", flush=True)


def in_one_block(cell, side, turn):
    """Transmission at all azimuths by iterations."""
    vectors = [driving_polarization(TILT, phi) for phi in turn]
    given = zip(turn, vectors, strict=True)
    beams = [beam_on_patch(cell, (side, side), K, 1.0, TILT, phi, vector) for phi, vector in given]
    light = solve_regular(cell, polarizability(0.0, K), np.array([f for f, _ in beams]), K)
    return transmission(light, np.array([p for _, p in beams]))[0]


def azimuths():
    print("\n48 azimuths of 40 x 40 sites, beams included")
    print("   a   LU decomposition   one block   default   largest difference of T")
    turn = 2 * np.pi * np.arange(48) / 48
    for spacing in (0.1, 0.45):
        cell, patch = spacing * PRIMITIVE["square"], parallelogram("square", spacing, 40)
        slow, one = timed(lambda p=patch, c=cell: turning_transmission(p, c, K, 1.0, TILT, turn))
        block, two = timed(lambda c=cell: in_one_block(c, 40, turn))
        taken, three = timed(lambda c=cell: scan_transmission(c, (40, 40), K, 1.0, [TILT], turn)[0, 0])
        gap = max(np.abs(one - two).max(), np.abs(one - three).max())
        times = f"{spacing:5.2f} {slow:14.2f} s {block:10.2f} s {taken:7.2f} s"
        print(f"{times} {gap:16.1e}", flush=True)
        if taken > 2:
            raise RuntimeError("48 azimuths take more than 2 s")


def large(spacing, side, tolerance):
    """One large array; printed by the process that solves it."""
    seconds, (field, power) = timed(lambda: beam(spacing, side))
    solving, light = timed(
        lambda: solve_regular(
            spacing * PRIMITIVE["square"], polarizability(0.0, K), field, K, tolerance=tolerance
        )
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    t, _ = transmission(light, power)
    times = f"{spacing:5.2f} {side:5d} {tolerance:11.0e} {seconds:10.1f} {solving:10.1f}"
    print(f"{times} {light.closure:14.1e} {memory:9.2f} {t:12.7f}")
    most, room = LIMITS.get(side, (np.inf, np.inf))
    if seconds + solving > most or memory > room or light.closure > 1e-8:
        raise RuntimeError(f"outside the bounds: {most} s, {room} GB, 1e-8")


def main():
    beside_lu()
    azimuths()
    print("\nlarge arrays, processor seconds")
    print("   a     n   tolerance       beam     solver        balance        GB            T", flush=True)
    for spacing, side, tolerance in (
        (0.1, 200, 1e-8),
        (0.1, 200, 1e-6),
        (0.2, 200, 1e-6),
        (0.45, 200, 1e-6),
        (0.1, 400, 1e-8),
        (0.1, 400, 1e-6),
        (0.2, 400, 1e-6),
        (0.45, 400, 1e-6),
        (0.1, 1000, 1e-6),
        (0.45, 1000, 1e-6),
    ):
        command = [sys.executable, __file__, str(spacing), str(side), str(tolerance)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    large(float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])) if len(sys.argv) == 4 else main()
