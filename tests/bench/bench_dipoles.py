"""Coupled dipoles on a lattice: Fourier transforms and GMRES beside LU decomposition and plain iterations.

    python tests/bench/bench_dipoles.py

For n x n sites of the square lattice in a tilted beam: times of both solvers for one incident field, their
ratio, and the difference of the transmission; LU takes more fields at hardly any cost. Last, the products
with the matrix that GMRES needs without the circulant preconditioner.
"""

import time

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from lowdim.optics.array import CIRCULAR
from lowdim.optics.beam import driving_polarization, gaussian_beam
from lowdim.optics.dipoles import polarizability, projected_green, solve_dipoles
from lowdim.optics.flux import transmission
from lowdim.optics.patches import PRIMITIVE, parallelogram
from lowdim.optics.regular import solve_regular

K, TILT = 2 * np.pi, np.pi / 4


def timed(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def plain_steps(patch, field):
    """Products that GMRES without preconditioner needs for the residual 1e-6; at most 1000."""
    strength = CIRCULAR.conj() @ polarizability(0.0, K) @ CIRCULAR
    matrix = -strength * K**2 * projected_green(patch, K, CIRCULAR[:, None])[:, 0, :, 0]
    matrix[np.diag_indices(len(patch))] += 1
    count = []

    def product(vector):
        count.append(1)
        return matrix @ vector

    operator = LinearOperator(matrix.shape, matvec=product, dtype=complex)
    _, failed = gmres(operator, field @ CIRCULAR.conj(), rtol=1e-6, restart=1000, maxiter=1)
    return f"{len(count)}" if not failed and len(count) < 1000 else "> 1000"


def main():
    print("   a     n   transforms   LU decomposition   ratio   difference of T   plain GMRES to 1e-6")
    for spacing in (0.1, 0.2, 0.45):
        for side in (20, 40, 50):
            cell, patch = spacing * PRIMITIVE["square"], parallelogram("square", spacing, side)
            beam = gaussian_beam(
                K, 1.0, TILT, 0.0, driving_polarization(TILT, 0.0), reach=np.hypot(*patch.T[:2]).max()
            )
            field, alpha = beam.on_lattice(patch, cell), polarizability(0.0, K)
            grid = field.reshape(side, side, 3)
            fast, one = timed(lambda c=cell, a=alpha, f=grid: solve_regular(c, a, f, K))
            slow, two = timed(lambda p=patch, a=alpha, f=field: solve_dipoles(p, a, f, K))
            gap = abs(transmission(one, beam.power)[0] - transmission(two, beam.power)[0])
            if gap > 1e-7:
                raise RuntimeError(f"the solvers disagree by {gap:.1e}")
            steps = plain_steps(patch, field) if side <= 40 else ""
            times = f"{1e3 * fast:8.0f} ms {1e3 * slow:14.0f} ms {slow / fast:11.1f}"
            print(f"{spacing:5.2f} {side:5d} {times} {gap:14.1e} {steps:>18s}")


if __name__ == "__main__":
    main()
