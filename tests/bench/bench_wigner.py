"""Forces and relaxation of large clusters beside a compiled loop, plain numpy and scipy, in one run.

The gradient is timed at each N: in blocks (`lowdim.wigner.large`), as a loop over pairs compiled by numba (in
the peers' environment; left out without it), as the numpy broadcast that a textbook writes, and with scipy's
`pdist`; all must agree. The bound is one square root and one division per pair, by numpy on data in the
cache. Then clusters are relaxed from the same start to the same largest force by `relax_large` and, up to
1000 electrons, by scipy's L-BFGS-B on the plain gradient; processor seconds. Last, the least actions and
prefactors of all rings up to six among twenty electrons, which shall take less than a minute.

Run as ``OMP_NUM_THREADS=1 python tests/bench/bench_wigner.py [--largest 1000]``; 5000 electrons take minutes.
"""

import argparse

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import pdist, squareform

from lowdim.errors import NotConverged
from lowdim.wigner.large import blocked_energy_gradient, fluid_cluster, relax_large
from lowdim.wigner.stored import stored_cluster
from lowdim.wigner.tunnelling import exchange_rings, ring_exchange
from timing import best_of, timed

try:
    import numba
except ImportError:
    numba = None

TOLERANCE = 1e-8


def pair_loop(x, y):
    """Energy and gradient, each pair once, to be compiled."""
    n = len(x)
    gx, gy, energy = x.copy(), y.copy(), 0.0
    for i in range(n):
        energy += 0.5 * (x[i] * x[i] + y[i] * y[i])
        own_x, own_y = 0.0, 0.0
        for j in range(i + 1, n):
            dx, dy = x[i] - x[j], y[i] - y[j]
            inverse = 1.0 / np.sqrt(dx * dx + dy * dy)
            energy += inverse
            cube = inverse * inverse * inverse
            own_x += cube * dx
            own_y += cube * dy
            gx[j] += cube * dx
            gy[j] += cube * dy
        gx[i] -= own_x
        gy[i] -= own_y
    return energy, gx, gy


compiled_loop = None if numba is None else numba.njit(fastmath=True)(pair_loop)


def compiled(r):
    """Energy and gradient by the compiled loop."""
    energy, gx, gy = compiled_loop(np.ascontiguousarray(r[:, 0]), np.ascontiguousarray(r[:, 1]))
    return energy, np.stack([gx, gy], axis=1)


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


def bound(size=192, repeat=200):
    """Nanoseconds per element of one square root and one division."""
    square, root = np.random.default_rng(0).random((2, size, size)) + 0.5
    both = lambda: [np.divide(1.0, np.sqrt(square, out=root), out=root) for _ in range(repeat)]  # noqa: E731
    return 1e9 * best_of(both, 5)[0] / repeat / size**2


def gradients(sizes):
    others = {"numba": compiled, "numpy": plain, "pdist": with_pdist}
    if numba is None:
        del others["numba"]
        print("numba is not installed: no compiled loop to compare with")
    else:
        compiled(fluid_cluster(10))
    print(f"ns per pair; one square root and one division take {bound():.2f}")
    print("   N   blocked" + "".join(f"{name:>9s}    ratio" for name in others))
    for n in sizes:
        r = fluid_cluster(n)
        repeat = max(3, 20000 // n)
        ours, (energy, gradient) = best_of(lambda r=r: blocked_energy_gradient(r), repeat)
        scale = 2e9 / n / (n - 1)
        shown = f"{n:5d}{scale * ours:9.2f} "
        for name, other in others.items():
            repeat = max(3, 20000 // n) if name == "numba" else 3
            seconds, (other_energy, other_gradient) = best_of(lambda r=r, f=other: f(r), repeat)
            if not (
                np.isclose(energy, other_energy, rtol=1e-11)
                and np.allclose(gradient, other_gradient, atol=1e-7)
            ):
                raise RuntimeError(f"{name} disagrees at N = {n}")
            shown += f"{scale * seconds:9.2f}{seconds / ours:9.2f}"
        print(shown, flush=True)


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
        seconds, found = best_of(lambda s=start: relax_large(s), 1)
        shown = ""
        if n <= 1000:
            other_seconds, other = best_of(lambda s=start: by_scipy(s), 1)
            shown = f"   {other_seconds:9.2f}   {np.max(np.abs(other.jac)):.1e}"
        print(f"{n:5d}   {seconds:12.2f}      {found.residual:.1e}     {shown}", flush=True)


def rings(n=20):
    """Processor time of all rings of a cluster, pairs both ways round."""
    positions = stored_cluster(n)
    jobs = [
        (ring, sense)
        for ring_list in exchange_rings(positions).values()
        for ring in ring_list
        for sense in ((1, -1) if len(ring) == 2 else (1,))
    ]

    def run():
        found = 0
        for ring, sense in jobs:
            try:
                found += ring_exchange(positions, ring, sense=sense).action > 0
            except NotConverged:
                continue
        return found

    seconds, found = timed(run)
    print(f"\nRings of {n} electrons: {len(jobs)} in {seconds:.1f} s, {found} with a path of their own")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=5000, help="largest cluster to relax")
    arguments = parser.parse_args()
    gradients([100, 300, 1000, 3000])
    relaxations([n for n in (100, 300, 1000, 2000, 5000) if n <= arguments.largest])
    rings()


if __name__ == "__main__":
    main()
