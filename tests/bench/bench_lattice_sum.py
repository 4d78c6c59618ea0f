"""Lattice sums of the Green's tensor: Ewald beside the plain sum over sites, and beside treams.

    python tests/bench/bench_lattice_sum.py

For 50 wave vectors: time of Ewald's method, of the sum over sites faded out so softly that ten digits are
left, their ratio, and the largest difference relative to the largest element. The second table, where treams
is installed (it wants an older scipy than the book), compares the whole way to the reflectance; treams goes
through spherical waves of any order and takes one wave vector at a time.
"""

import time

import numpy as np

from lowdim.lattice import lattice
from lowdim.optics import lattice_green, lattice_green_direct, wave_vector

try:
    import treams
except ImportError:
    treams = None

K = 2 * np.pi


def timed(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def treams_reflectance(primitive, theta, phi):
    """Reflectance of resonant isotropic dipoles for s light."""
    basis = treams.SphericalWaveBasis.default(1)
    matrix = np.diag([-1.0 + 0j if mode[3] == 1 else 0 for mode in basis])
    sphere = treams.TMatrix(matrix, k0=K, basis=basis, poltype="parity", material=treams.Material())
    kpar = wave_vector(theta, phi, K)
    array = sphere.latticeinteraction.solve(treams.Lattice(primitive), kpar)
    waves = treams.SMatrices.from_array(array, treams.PlaneWaveBasisByComp.default(kpar))
    return float(np.sum(np.abs(np.asarray(waves[0, 1])[:, 1]) ** 2))


def main():
    theta, phi = 0.6, np.linspace(0, np.pi, 50)
    vectors = wave_vector(theta, phi, K)
    width = 10.5 / (K * (1 - np.sin(theta)))
    print("lattice      a      Ewald    plain sum    ratio   difference")
    for name in ("square", "triangular"):
        for spacing in (0.1, 0.2, 0.4):
            primitive = spacing * lattice(name).primitive
            fast, value = timed(lambda cell=primitive: lattice_green(vectors, cell, K))
            few = vectors[:3]  # of all at once the phases would not fit in memory
            slow, twin = timed(lambda c=primitive, v=few: [lattice_green_direct(q, c, K, width) for q in v])
            slow *= len(vectors) / 3
            worst = np.abs(np.array(twin) - value[:3]).max() / np.abs(value).max()
            if worst > 1e-9:
                raise RuntimeError(f"the sums disagree by {worst:.1e}")
            times = f"{1e3 * fast:8.1f} ms {slow:8.2f} s {slow / fast:10.0f}"
            print(f"{name:11s} {spacing:.1f} {times} {worst:12.1e}")
    if treams is None:
        print("treams is not installed: not compared")
        return
    from lowdim.optics import scatter

    print("lattice      a   array here   array by treams   ratio   difference of the reflectance")
    for name in ("square", "triangular"):
        primitive = 0.4 * lattice(name).primitive
        here, found = timed(lambda cell=primitive: scatter(theta, phi, cell, K, 0.0, dipoles=np.eye(3)))
        there, other = timed(lambda cell=primitive: [treams_reflectance(cell, theta, f) for f in phi])
        worst = np.abs(found.reflectance([1, 0]) - other).max()
        if worst > 1e-9:
            raise RuntimeError(f"treams disagrees by {worst:.1e}")
        times = f"{1e3 * here:8.1f} ms {1e3 * there:12.1f} ms {there / here:12.1f}"
        print(f"{name:11s} 0.4 {times} {worst:14.1e}")


if __name__ == "__main__":
    main()
