"""Rotation by 25 random spins at many detunings: modes of the array beside one linear system per detuning.

    python tests/bench/bench_faraday.py

Both solve the same equations for light along x; the linear systems go to numpy in one batch per arrangement.
The last column is the time of the linear systems over that of the modes.
"""

import numpy as np

from lowdim.optics.faraday import SpinArray
from lowdim.optics.polarization import rotation_angle
from lowdim.optics.spin_ensemble import random_spins
from timing import best_of

ARRANGEMENTS = 50


def by_systems(array, spins, detuning):
    """Rotation from a solution of all equations at every detuning."""
    n = len(array.positions)
    angles = []
    for arrangement in spins:
        sites = np.arange(n) + n * (arrangement < 0)
        matrix = array.coupling[np.ix_(sites, sites)] + (detuning + 0.5j)[:, None, None] * np.eye(n)
        drive = np.full((len(detuning), n, 1), -3 * np.pi / array.k * array.beam[:, None] / np.sqrt(2))
        q = np.linalg.solve(matrix, drive)[..., 0]
        scale = 1j / (array.k * np.pi * array.waist**2 * array.power)
        plus, minus = (1 / np.sqrt(2) + scale * (q * array.beam) @ (arrangement == sign) for sign in (1, -1))
        angles.append(0.5 * np.angle(minus * plus.conj()))
    return np.array(angles)


def main():
    line = 0.4 * (np.arange(5) - 2)
    array = SpinArray(np.stack(np.meshgrid(line, line), -1).reshape(-1, 2), 2 * np.pi, 1.0)
    spins = random_spins(25, 15, ARRANGEMENTS, np.random.default_rng(1))
    print("per arrangement")
    print(f"{'detunings':>9} {'difference':>11} {'modes / ms':>11} {'systems / ms':>13} {'ratio':>6}")
    for count in (1, 10, 100, 1000):
        detuning = np.linspace(-2, 3, count)
        ours, fast = best_of(lambda d=detuning: rotation_angle(array.jones(spins, d)))
        theirs, slow = best_of(lambda d=detuning: by_systems(array, spins, d))
        times = f"{1e3 * ours / ARRANGEMENTS:11.2f} {1e3 * theirs / ARRANGEMENTS:13.2f}"
        print(f"{count:9d} {np.abs(fast - slow).max():11.1e} {times} {theirs / ours:6.1f}")


if __name__ == "__main__":
    main()
