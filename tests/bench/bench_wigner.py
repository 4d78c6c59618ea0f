"""Forces and relaxation of large clusters beside plain numpy and scipy, in one run.

The gradient is timed three ways at each N: in blocks (`lowdim.wigner.large`), as the numpy broadcast that a
textbook writes, and with scipy's `pdist`; all three must agree. Then clusters are relaxed from the same
start to the same largest force by `relax_large` and, up to 1000 electrons, by scipy's L-BFGS-B on the plain
gradient.

Run as ``OMP_NUM_THREADS=1 python tests/bench/bench_wigner.py [--largest 1000]``; 5000 electrons take minutes.
"""

import argparse
import time

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import pdist, squareform

from lowdim.wigner.large import blocked_energy_gradient, fluid_cluster, relax_large

TOLERANCE = 1e-8


def plain(r):
    """Energy and gradient by broadcasting."""
    d = r[:, None] - r[None, :]
    distance = np.linalg.norm(d, axis=-1)
    np.fill_diagonal(distance, np.inf)
    energy = 0.5 * np.sum(r**2) + 0.5 * np.sum(1 / distance)
    return energy, r - np.sum(d / distance[..., None] ** 3, axis=1)


def with_pdist(r):
    """Energy and gradient from scipy's condensed distances."""
    distance = squareform(pdist(r))
    np.fill_diagonal(distance, np.inf)
    weight = distance**-3.0
    return 0.5 * np.sum(r**2) + 0.5 * np.sum(1 / distance), r - (weight.sum(axis=1)[:, None] * r - weight @ r)


def best_of(repeat, function, *arguments):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times), result


def gradients(sizes):
    print("   N    blocked (ms)   plain numpy (ms)   ratio   scipy pdist (ms)   ratio   ns per pair")
    for n in sizes:
        r = fluid_cluster(n)
        repeat = max(3, 20000 // n)
        ours, (energy, gradient) = best_of(repeat, blocked_energy_gradient, r)
        shown = f"{n:5d}   {1e3 * ours:10.2f}     "
        for name, other in (("plain", plain), ("pdist", with_pdist)):
            seconds, (other_energy, other_gradient) = best_of(3, other, r)
            if not (
                np.isclose(energy, other_energy, rtol=1e-11)
                and np.allclose(gradient, other_gradient, atol=1e-7)
            ):
                raise RuntimeError(f"{name} disagrees at N = {n}")
            shown += f"{1e3 * seconds:12.1f}     {seconds / ours:7.1f}   "
        print(f"{shown}{2e9 * ours / n / (n - 1):8.2f}", flush=True)


def objective(flat):
    """What scipy minimises."""
    energy, gradient = plain(flat.reshape(-1, 2))
    return energy, gradient.ravel()


def by_scipy(start):
    options = {"gtol": TOLERANCE, "ftol": 0.0, "maxiter": 20000, "maxfun": 20000}
    return minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=options)


def relaxations(sizes):
    print(f"\nRelaxation to a largest force of {TOLERANCE:.0e}")
    print("   N    relax_large (s)   largest force   scipy (s)   largest force")
    for n in sizes:
        start = fluid_cluster(n)
        seconds, found = best_of(1, relax_large, start)
        shown = ""
        if n <= 1000:
            other_seconds, other = best_of(1, by_scipy, start)
            shown = f"   {other_seconds:9.2f}   {np.max(np.abs(other.jac)):.1e}"
        print(f"{n:5d}   {seconds:12.2f}      {found.residual:.1e}     {shown}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=5000, help="largest cluster to relax")
    arguments = parser.parse_args()
    gradients([100, 300, 1000, 3000])
    relaxations([n for n in (100, 300, 1000, 2000, 5000) if n <= arguments.largest])


if __name__ == "__main__":
    main()
