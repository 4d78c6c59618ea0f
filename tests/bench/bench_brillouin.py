"""Zone averages of 1/omega_k and coth(omega_k/2T)/omega_k: three ways, at fixed accuracy, in d dimensions.

    python tests/bench/bench_brillouin.py

First table: what the plain grid and quadrature in pyramids need (points, time) for an error asked for, beside
the Laplace integral, which has full accuracy at once; ratios are to the time of the Laplace integral. Where
the grid would need more than its largest mesh, the accuracy reached there is shown instead. Second table:
growth with dimension for a pinned lattice, finite in every dimension. Third: matrices of a real crystal.
"""

import numpy as np

from lowdim.lattice import (
    displacement_weights,
    grid_rule,
    lattice,
    long_range_matrix,
    phonon_average,
    pyramid_rule,
    spectrum,
)
from timing import best_of

LARGEST = {1: 2**16, 2: 2048, 3: 160}


def integrand(d, temperature, pinning):
    def f(k):
        omega = spectrum(k, np.ones(d), pinning)
        return 1 / omega if temperature == 0 else 1 / (omega * np.tanh(omega / (2 * temperature)))

    return f


def cheapest(rule, sizes, f, d, exact, tolerance):
    """Smallest size of a rule that reaches the tolerance, or the largest there is: points, time, error."""
    for size in sizes:
        nodes, weights = rule(2 * np.pi * np.eye(d), size)
        if (error := abs(weights @ f(nodes) / exact - 1)) < tolerance:
            break

    def work():
        nodes, weights = rule(2 * np.pi * np.eye(d), size)
        return weights @ f(nodes)

    return len(weights), best_of(work, 2)[0], error


def grid_sizes(d):
    size, sizes = 4, []
    while size < LARGEST[d]:
        sizes.append(size)
        size = 2 * int(0.75 * size)  # even: an odd grid has a point at the singular centre
    return [*sizes, LARGEST[d]]


def table(cases):
    head = f"{'d':>2} {'T':>5} {'pin':>4} {'asked':>7} | {'Laplace/ms':>10}"
    head += f" | {'pyramids':>9} {'ms':>9} {'ratio':>7}"
    print(f"{head} | {'grid':>9} {'ms':>9} {'ratio':>8} {'reached':>8}")
    for d, temperature, pinning, tolerance in cases:
        f = integrand(d, temperature, pinning)
        fast, exact = best_of(lambda d=d, t=temperature, p=pinning: phonon_average(np.ones(d), t, p))
        cone = cheapest(pyramid_rule, range(2, 60), f, d, exact, tolerance)
        grid = cheapest(grid_rule, grid_sizes(d), f, d, exact, tolerance)
        row = f"{d:2} {temperature:5.1f} {pinning:4.1f} {tolerance:7.0e} | {1e3 * fast:10.2f}"
        row += f" | {cone[0]:9} {1e3 * cone[1]:9.2f} {cone[1] / fast:7.1f}"
        print(f"{row} | {grid[0]:9} {1e3 * grid[1]:9.2f} {grid[1] / fast:8.1f} {grid[2]:8.0e}")


def crystal():
    triangular = lattice("triangular")

    def trace(k):
        return np.trace(displacement_weights(long_range_matrix(k, triangular, 3)), axis1=1, axis2=2)

    def by(rule, size):
        nodes, weights = rule(triangular.reciprocal, size)
        return weights @ trace(nodes)

    exact = by(pyramid_rule, 26)
    print("\ndipolar crystal (Ewald, 2 x 2): error and time")
    rules = (("pyramids", pyramid_rule, (4, 8, 12, 16)), ("grid", grid_rule, (8, 16, 32, 64)))
    for name, rule, sizes in rules:
        for size in sizes:
            seconds, value = best_of(lambda rule=rule, size=size: by(rule, size), 2)
            print(f"{name:>9} {size:4} {abs(value / exact - 1):9.1e} {1e3 * seconds:9.1f} ms")


if __name__ == "__main__":
    print("singular at the centre of the zone")
    table([(2, 0.0, 0.0, e) for e in (1e-3, 1e-6, 1e-9)] + [(3, 0.0, 0.0, e) for e in (1e-3, 1e-6, 1e-9)]
          + [(3, 20.0, 0.0, e) for e in (1e-2, 1e-6, 1e-9)])  # fmt: skip
    print("\ngrowth with dimension, pinned (smooth: the grid converges exponentially too)")
    table([(d, 0.5, 0.3, 1e-8) for d in (1, 2, 3)])
    crystal()
