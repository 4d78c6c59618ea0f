"""The full integral for the correction to D beside nested adaptive quadrature, and loops one by one.

    python tests/bench/bench_exciton.py

First table: `quantum_correction` and scipy's `quad` inside `quad` on the same integrand, their relative
difference, and the times. Second table: return integral of one energy from the kernel and from
loops drawn one by one, whose error falls as the square root of the time.
"""

import math

import numpy as np
from scipy.integrate import quad
from scipy.special import itj0y0

from lowdim.exciton import MONOLAYER, phonon_phase_rate, quantum_correction, return_integral
from lowdim.exciton.loops import closed_loops
from timing import best_of


def nested_quadrature(kelvin):
    """Correction in cm^2/s: quad over the logarithm of the duration, inside quad over the root of energy."""
    rate = float(phonon_phase_rate(MONOLAYER, kelvin) * MONOLAYER.momentum_time(kelvin))

    def loops(log_duration, root):
        duration = math.exp(log_duration)
        z = rate * root * duration / 2
        coherent = itj0y0(z)[0] / z if z > 1e-3 else 1 - z * z / 12
        decay = math.exp(-duration * (1 - coherent))
        return decay - math.exp(-duration) - (1 - math.exp(-duration)) * math.exp(-duration) * decay

    def at_energy(root):
        weight = 2 * root * math.exp(-root * root)
        return weight * quad(loops, -25, 9, args=(root,), limit=400, epsabs=1e-9)[0]

    total = quad(at_energy, 1e-6, 5.5, limit=200, epsabs=1e-8)[0]
    return -MONOLAYER.diffusion_quantum / (2 * math.pi) * total


def main():
    print("correction to D: grids in logarithms beside nested adaptive quadrature")
    print(f"{'T / K':>6} {'difference':>11} {'lowdim / ms':>12} {'quad / ms':>10} {'ratio':>7}")
    for kelvin in (3.0, 30.0, 300.0):
        ours, fast = best_of(lambda kelvin=kelvin: quantum_correction(MONOLAYER, [kelvin])[0])
        theirs, slow = best_of(lambda kelvin=kelvin: nested_quadrature(kelvin))
        columns = f"{ours * 1e3:12.1f} {theirs * 1e3:10.0f} {theirs / ours:7.0f}"
        print(f"{kelvin:6.0f} {abs(fast / slow - 1):11.1e} {columns}")
    print("\nreturn integral at one energy: kernel beside loops one by one")
    print(f"{'loops':>8} {'kernel':>8} {'loops':>8} {'error':>7} {'kernel / ms':>12} {'loops / ms':>11}")
    for n_loops in (1000, 4000, 16000):
        rng = np.random.default_rng(1)
        ours, kernel = best_of(lambda: return_integral([2.0])[0])
        options = {"closing": False}
        theirs, found = best_of(lambda n=n_loops, rng=rng, o=options: closed_loops(2.0, 18, n, rng, **o))
        value, _, spread = found
        columns = f"{kernel:8.3f} {value.sum():8.3f} {spread:7.3f} {ours * 1e3:12.2f} {theirs * 1e3:11.0f}"
        print(f"{n_loops:8d} {columns}")


if __name__ == "__main__":
    main()
