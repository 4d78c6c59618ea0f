"""What treams says, for the tests and benchmarks of the book: runs in `.venv-treams`, speaks JSON.

    .venv-treams/bin/python tests/peers/treams_worker.py < request.json

A request is a dict with a task and its arguments; complex numbers are pairs.
"""

import json
import sys
import time

import numpy as np
import treams
from treams import lattice

DEGREES, ORDERS = np.array([0, 2, 2, 2]), np.array([0, 0, 2, -2])


def raw_sums(k, vectors, primitive):
    """Compiled sums of h_l Y_lm over the lattice, the four that the Green's tensor in the plane needs."""
    return lattice.lsumsw2d(DEGREES, ORDERS, k, vectors[..., None, :], primitive, np.zeros(2), 0)


def tensors(k, vectors, primitive):
    """Green's tensor from them: G = ik/4 pi [2/3 h_0 + h_2 (rr - 1/3)]."""
    d00, d20, d22, d2m = np.moveaxis(raw_sums(k, vectors, primitive), -1, 0)
    h0, h2 = d00 * np.sqrt(4 * np.pi), -d20 / np.sqrt(5 / (16 * np.pi))
    scale = 0.25 * np.sqrt(15 / (2 * np.pi))
    cosine, sine = (d22 + d2m) / (2 * scale), (d22 - d2m) / (2j * scale)
    g = np.zeros((*h0.shape, 3, 3), dtype=complex)
    g[..., 0, 0], g[..., 1, 1] = 2 / 3 * h0 + h2 / 6 + cosine / 2, 2 / 3 * h0 + h2 / 6 - cosine / 2
    g[..., 2, 2], g[..., 0, 1] = 2 / 3 * h0 - h2 / 3, sine / 2
    g[..., 1, 0] = g[..., 0, 1]
    return 1j * k / (4 * np.pi) * g


def fastest(function, repeats):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def timed_sums(k, vectors, primitive, repeats):
    """Seconds of the processor for the compiled sums: one wave vector, and all."""
    one = fastest(lambda: [raw_sums(k, vectors[0], primitive) for _ in range(20)], repeats) / 20
    return {"one": one, "all": fastest(lambda: raw_sums(k, vectors, primitive), repeats)}


def electric_dipole(k, strength):
    """Isotropic electric dipole with the diagonal element `strength` of the T-matrix."""
    basis = treams.SphericalWaveBasis.default(1)
    matrix = np.diag([strength if mode[3] == 1 else 0 for mode in basis]).astype(complex)
    return treams.TMatrix(matrix, k0=k, basis=basis, poltype="parity", material=treams.Material())


def reflectance(k, vectors, primitive):
    """Of an array of resonant isotropic dipoles, for s light."""
    values = []
    for vector in vectors:
        array = electric_dipole(k, -1).latticeinteraction.solve(treams.Lattice(primitive), vector)
        waves = treams.SMatrices.from_array(array, treams.PlaneWaveBasisByComp.default(vector))
        values.append(float(np.sum(np.abs(np.asarray(waves[0, 1])[:, 1]) ** 2)))
    return values


def cross_sections(k, positions, strength, direction, polarization):
    """Scattering and extinction cross section of a cluster of isotropic dipoles."""
    one = electric_dipole(k, complex(*strength))
    cluster = treams.TMatrix.cluster([one] * len(positions), positions).interaction.solve()
    wave = treams.plane_wave(k * direction, list(polarization), k0=k, material=1, poltype="parity")
    scattering, extinction = cluster.xs(wave)
    return [float(scattering), float(extinction)]


def pairs(value):
    return np.stack([np.real(value), np.imag(value)], axis=-1).tolist()


def main():
    request = json.load(sys.stdin)
    task = request.pop("task")
    given = {key: np.array(v) if isinstance(v, list) else v for key, v in request.items()}
    answer = {
        "tensors": lambda **a: pairs(tensors(**a)), "timed_sums": timed_sums, "reflectance": reflectance,
        "cross_sections": cross_sections,
    }[task](**given)  # fmt: skip
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
