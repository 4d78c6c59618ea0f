"""Bands of the sin^2 lattice beside scipy's Mathieu characteristic values, and their growth with dimension.

    python tests/bench/bench_bands.py

First table: largest difference of the edges of four bands from `scipy.special.mathieu_a` and `mathieu_b`, the
time of both for one sweep over 2000 depths, and the ratio. The solver gives all bands at any quasimomentum;
scipy's functions give one edge per call, so the ratio is for the edges only. At isolated depths above 60 its
root search ends on or near another characteristic value (30-digit arithmetic sides with the plane waves;
github.com/scipy/scipy/issues/4479): such slips are counted, and left out of the difference. Second table: one
point of the zone in d dimensions by sums of one-dimensional energies and by the unseparated matrix.
"""

import numpy as np
from scipy.special import mathieu_a, mathieu_b

from lowdim.lattice import band_edges, dense_energies, lattice_energies
from timing import best_of

N_BANDS = 4
SLIP = 1e-11


def mathieu_edges(depths):
    """Edges of the lowest bands, (depths, bands, 2)."""
    q = depths / 4
    edges = [np.sort([mathieu_a(n, q), mathieu_b(n + 1, q)], axis=0) for n in range(N_BANDS)]
    return np.moveaxis(np.array(edges), -1, 0) + depths[:, None, None] / 2


def accuracy():
    print("edges of four bands, 2000 depths: plane waves beside scipy's Mathieu functions")
    times = f"{'lowdim / ms':>12} {'scipy / ms':>11} {'ratio':>6}"
    print(f"{'depths':>14} {'difference':>11} {'slips':>6} {times}")
    for low, high in [(0.1, 1.0), (1.0, 10.0), (10.0, 40.0), (40.0, 400.0)]:
        depths = np.linspace(low, high, 2000)
        ours, edges = best_of(lambda depths=depths: band_edges(depths, N_BANDS), 3)
        theirs, exact = best_of(lambda depths=depths: mathieu_edges(depths), 3)
        difference = np.abs(edges - exact)
        slips = difference > SLIP
        worst = np.max(difference[~slips])
        row = f"{1e3 * ours:12.1f} {1e3 * theirs:11.1f} {ours / theirs:6.1f}"
        print(f"{low:6g} ..{high:5g} {worst:11.1e} {slips.sum():6} {row}")


def growth():
    n_waves = 5
    print(f"\none point of the zone, 5 energies, depth 10: sums beside {2 * n_waves + 1}^d plane waves")
    print(f"{'d':>2} {'rows':>6} {'difference':>12} {'sums / ms':>12} {'matrix / ms':>12} {'ratio':>8}")
    for d in (1, 2, 3):
        depths, q = [10.0] * d, [0.3] * d
        fast, sums = best_of(lambda s=depths, q=q: lattice_energies(s, q, 5), 20)
        slow, dense = best_of(lambda s=depths, q=q: dense_energies(s, q, 5, n_waves=n_waves), 2)
        worst = np.max(np.abs(sums - dense))
        rows = (2 * n_waves + 1) ** d
        print(f"{d:2} {rows:6} {worst:12.1e} {1e3 * fast:12.3f} {1e3 * slow:12.2f} {slow / fast:8.1f}")


if __name__ == "__main__":
    accuracy()
    growth()
