"""Lattice sums of the Green's tensor: Ewald beside the plain sum over sites and the compiled sums of treams.

    python tests/bench/bench_lattice_sum.py

First table: for 50 wave vectors, seconds of Ewald's method, of the sum over sites faded out so softly that
ten digits are left, their ratio, and the largest difference relative to the largest element.

Second table, where treams is installed (`make peers-env`): processor time in microseconds per wave vector, of
one alone and of a thousand together, beside the four compiled sums of spherical waves that make up the same
tensor (`treams.lattice.lsumsw2d`, without any object around them); their ratios, and the difference of the
tensors. Last, the floor: time of the real error functions and exponentials of the orders alone. Bounds: one
wave vector 3 times, a thousand 60 times faster, equal to 1e-13 of the largest element.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
from scipy.special import erfc

from lowdim.lattice import lattice
from lowdim.optics import lattice_green, lattice_green_direct, wave_vector
from timing import best_of, timed

K = 2 * np.pi
ROOT = Path(__file__).resolve().parents[2]
WORKER = [str(ROOT / ".venv-treams" / "bin" / "python"), str(ROOT / "tests" / "peers" / "treams_worker.py")]
BOUNDS = {"one": 3, "all": 60, "difference": 1e-13}


def fastest(function):
    return best_of(function, 7)[0]


def ask(task, **arguments):
    request = {key: v.tolist() if isinstance(v, np.ndarray) else v for key, v in arguments.items()}
    text = json.dumps({"task": task, **request})
    return json.loads(subprocess.run(WORKER, input=text, capture_output=True, text=True, check=True).stdout)


def beside_the_plain_sum():
    theta, phi = 0.6, np.linspace(0, np.pi, 50)
    vectors = wave_vector(theta, phi, K)
    width = 10.5 / (K * (1 - np.sin(theta)))
    print("lattice      a      Ewald    plain sum    ratio   difference")
    for name in ("square", "triangular"):
        for spacing in (0.1, 0.2, 0.4):
            primitive = spacing * lattice(name).primitive
            fast = fastest(lambda cell=primitive: lattice_green(vectors, cell, K))
            value = lattice_green(vectors, primitive, K)
            few = vectors[:3]  # of all at once the phases would not fit in memory
            slow, twin = timed(lambda c=primitive, v=few: [lattice_green_direct(q, c, K, width) for q in v])
            slow *= len(vectors) / 3
            worst = np.abs(np.array(twin) - value[:3]).max() / np.abs(value).max()
            if worst > 1e-9:
                raise RuntimeError(f"the sums disagree by {worst:.1e}")
            times = f"{1e3 * fast:8.2f} ms {slow:8.2f} s {slow / fast:10.0f}"
            print(f"{name:11s} {spacing:.1f} {times} {worst:12.1e}", flush=True)


def floor(points=1000, orders=15):
    """Error function, exponential and root of as many orders as lie in the circle."""
    x = np.linspace(0.1, 6, points * orders)
    return fastest(lambda: (erfc(np.sqrt(x)), np.exp(-x))) / points


def beside_treams():
    vectors = np.random.default_rng(1).uniform(-3, 3, (1000, 2))
    print("\nmicroseconds       one wave vector            each of a thousand")
    print("lattice      a     here   treams  ratio      here   treams  ratio   difference")
    for name in ("square", "triangular"):
        for spacing in (0.2, 0.4):
            primitive = spacing * lattice(name).primitive
            value = lattice_green(vectors, primitive, K)
            other = np.array(ask("tensors", k=K, vectors=vectors[:50], primitive=primitive)) @ [1, 1j]
            worst = np.abs(value[:50] - other).max() / np.abs(value[:50]).max()
            one = fastest(lambda c=primitive: [lattice_green(vectors[0], c, K) for _ in range(20)]) / 20
            each = fastest(lambda c=primitive: lattice_green(vectors, c, K)) / len(vectors)
            there = ask("timed_sums", k=K, vectors=vectors, primitive=primitive, repeats=3)
            ratios = there["one"] / one, there["all"] / len(vectors) / each
            text = f"{1e6 * one:8.1f} {1e6 * there['one']:8.1f} {ratios[0]:6.1f}"
            text += f"  {1e6 * each:8.2f} {1e3 * there['all']:8.1f} {ratios[1]:6.0f} {worst:12.1e}"
            print(f"{name:11s} {spacing:.1f} {text}", flush=True)
            if ratios[0] < BOUNDS["one"] or ratios[1] < BOUNDS["all"] or worst > BOUNDS["difference"]:
                raise RuntimeError(f"outside the bounds {BOUNDS}")
    print(f"floor: {1e6 * floor():.2f} microseconds for the functions of 15 orders")


def main():
    beside_the_plain_sum()
    if Path(WORKER[0]).exists():
        beside_treams()
    else:
        print("treams is not installed: not compared")


if __name__ == "__main__":
    main()
