"""Forces and relaxation of large clusters beside plain numpy and scipy, in one run.

The gradient is timed three ways at each N: in blocks (`lowdim.wigner.large`), as the numpy broadcast that a
textbook writes, and with scipy's `pdist`; all three must agree. Then clusters are relaxed from the same
start to the same largest force by `relax_large` and, up to 1000 electrons, by scipy's L-BFGS-B on the plain
gradient.

Run as ``OMP_NUM_THREADS=1 python tests/bench/bench_wigner.py [--largest 5000] [--json PATH]``.
"""

import argparse
import json
import platform
import time

import numpy as np
import scipy
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
    rows = []
    for n in sizes:
        r = fluid_cluster(n)
        repeat = max(3, 20000 // n)
        ours, (energy, gradient) = best_of(repeat, blocked_energy_gradient, r)
        row = {"n": n, "blocked": ours}
        for name, other in (("plain", plain), ("pdist", with_pdist)):
            if n > 5000:
                continue
            row[name], (other_energy, other_gradient) = best_of(3, other, r)
            if not (
                np.isclose(energy, other_energy, rtol=1e-11)
                and np.allclose(gradient, other_gradient, atol=1e-7)
            ):
                raise RuntimeError(f"{name} disagrees at N = {n}")
        rows.append(row)
        print(
            f"{n:5d}   {1e3 * ours:10.2f}     {1e3 * row['plain']:12.1f}     {row['plain'] / ours:7.1f}"
            f"   {1e3 * row['pdist']:12.1f}      {row['pdist'] / ours:7.1f}"
            f"   {2e9 * ours / n / (n - 1):8.2f}",
            flush=True,
        )
    return rows


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
    rows = []
    for n in sizes:
        start = fluid_cluster(n)
        seconds, found = best_of(1, relax_large, start)
        row = {"n": n, "seconds": seconds, "residual": found.residual, "energy": found.energy}
        shown = ""
        if n <= 1000:
            row["scipy"], other = best_of(1, by_scipy, start)
            row["scipy_residual"] = float(np.max(np.abs(other.jac)))
            shown = f"   {row['scipy']:9.2f}   {row['scipy_residual']:.1e}"
        rows.append(row)
        print(f"{n:5d}   {seconds:12.2f}      {found.residual:.1e}     {shown}", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--largest", type=int, default=1000, help="largest cluster to relax (5000 takes minutes)"
    )
    parser.add_argument("--json", metavar="PATH", help="write the numbers here too")
    arguments = parser.parse_args()
    versions = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    print(", ".join(f"{key} {value}" for key, value in versions.items()))
    result = {"versions": versions, "gradients": gradients([100, 300, 1000, 3000])}
    result["relaxations"] = relaxations([n for n in (100, 300, 1000, 2000, 5000) if n <= arguments.largest])
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
