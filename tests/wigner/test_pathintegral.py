"""Paths against exact traces of two electrons, the classical limit, and the harmonic crystal."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import eigh_tridiagonal

from lowdim.wigner.clusters import cluster_energy
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.pathintegral import _Chains, _forces, sample_paths
from lowdim.wigner.stored import stored_cluster

PAIR = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])


def exact_pair_energy(t, quantum):
    """Two electrons without statistics: centre of mass times relative motion, m = 0, +-1, ... on a grid."""
    r, h = np.linspace(0, 6, 901, retstep=True)
    r = r[1:-1]
    energies = []
    for m in range(60):
        # u = sqrt(r) R, reduced mass 1/2
        potential = quantum**2 * (m * m - 0.25) / r**2 + 0.25 * r**2 + 1 / r
        side = np.full(len(r) - 1, -(quantum**2) / h**2)
        diagonal = 2 * quantum**2 / h**2 + potential
        values = eigh_tridiagonal(diagonal, side, select="i", select_range=(0, 79), eigvals_only=True)
        energies += [values] * (1 if m == 0 else 2)
    energies = np.concatenate(energies)
    weight = np.exp(-(energies - energies.min()) / t)
    relative = float(np.sum(weight * energies) / np.sum(weight))
    return relative + quantum / np.tanh(quantum / (2 * t))


def test_two_electrons_exactly():
    t, quantum = 0.08, 0.25
    exact = exact_pair_energy(t, quantum)
    rng = np.random.default_rng(1)
    found = sample_paths(PAIR, t, quantum, rng, beads=24, copies=24, warm_up=200, trajectories=1200)
    assert found.energy_error < 0.004
    assert abs(found.energy - exact) < 4 * found.energy_error + 0.002
    # the classical energy is far off: the quantum part is what is tested
    norm = quad(lambda r: r * np.exp(-(r**2 / 4 + 1 / r) / t), 0, 30)[0]
    mean = quad(lambda r: r * (r**2 / 4 + 1 / r) * np.exp(-(r**2 / 4 + 1 / r) / t), 0, 30)[0] / norm
    assert exact - (3 * t + mean) > 0.1


def test_one_bead_is_classical():
    t = 0.2
    weight = lambda r: r * np.exp(-(r**2 / 4 + 1 / r) / t)  # noqa: E731
    norm = quad(weight, 0, 30)[0]
    exact = 3 * t + quad(lambda r: (r**2 / 4 + 1 / r) * weight(r), 0, 30)[0] / norm
    rng = np.random.default_rng(2)
    found = sample_paths(PAIR, t, 0.3, rng, beads=1, copies=40, warm_up=200, trajectories=2000)
    assert found.energy_error < 0.01
    assert abs(found.energy - exact) < 4 * found.energy_error
    assert found.spread == 0


def test_cold_crystal_is_harmonic():
    """Sum over modes with the frequencies of the discretised path."""
    seven, t, quantum, beads = stored_cluster(7), 5e-4, 0.004, 24
    frequencies = normal_modes(seven).frequencies[1:]
    rng = np.random.default_rng(3)
    found = sample_paths(seven, t, quantum, rng, beads=beads, copies=16, warm_up=300, trajectories=1500)
    springs = 4 * (beads * t / quantum) ** 2 * np.sin(np.pi * np.arange(beads) / beads) ** 2
    stretch = np.sum(1 / (springs + frequencies[:, None] ** 2), axis=1)
    # the rotation is free: its part is T/2, and its beads spread like a free particle's
    energy = cluster_energy(seven) + t * np.sum(frequencies**2 * stretch) + t / 2
    assert found.energy_error < 1e-4
    assert found.energy == pytest.approx(energy, abs=4 * found.energy_error + 5e-5)
    spread = t * (np.sum(stretch - 1 / frequencies**2) + np.sum(1 / springs[1:])) / 7
    spacing = 2 * np.sin(np.pi / 6) * np.hypot(*seven[1:].T).mean()
    assert found.spread * spacing == pytest.approx(np.sqrt(spread), rel=0.02)
    assert found.centroid_share == 1


def test_forces_are_the_gradient():
    paths = np.random.default_rng(4).normal(size=(2, 3, 10))
    potential, gradient = _forces(paths)
    assert potential[1, 2] == pytest.approx(cluster_energy(paths[1, 2].reshape(5, 2)), rel=1e-13)
    for k in range(10):
        shift = 1e-6 * np.eye(10)[k]
        slope = (_forces(paths + shift)[0] - _forces(paths - shift)[0]) / 2e-6
        np.testing.assert_allclose(gradient[..., k], slope, rtol=1e-5, atol=1e-6)


def test_action_is_the_plain_sum():
    rng = np.random.default_rng(5)
    t, quantum, beads = 0.1, 0.3, 6
    chains = _Chains(stored_cluster(5), t, quantum, beads, 2, rng)
    chains.paths = chains.paths + 0.05 * rng.normal(size=chains.paths.shape)
    chains.q = np.matmul(chains.modes.T, chains.paths)
    chains.potential, chains.gradient = _forces(chains.paths)
    plain = []
    for path in chains.paths:
        springs = sum(np.sum((path[k] - path[k - 1]) ** 2) for k in range(beads))
        energy = sum(cluster_energy(bead.reshape(5, 2)) for bead in path)
        plain.append(beads * t / (2 * quantum**2) * springs + energy / (beads * t))
    np.testing.assert_allclose(chains._action(np.zeros_like(chains.q)), plain, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("positions", ([0.0, 1.0], 0.1, 0.1), {}),
        ("temperature", (PAIR, 0.0, 0.1), {}),
        ("quantum", (PAIR, 0.1, np.nan), {}),
        ("beads", (PAIR, 0.1, 0.1), {"beads": 0}),
        ("copies", (PAIR, 0.1, 0.1), {"copies": 1}),
        ("trajectories", (PAIR, 0.1, 0.1), {"trajectories": 0}),
        ("steps", (PAIR, 0.1, 0.1), {"steps": 0}),
    ],
)
def test_bad_input(name, arguments, options):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        sample_paths(*arguments, np.random.default_rng(0), **({"beads": 4} | options))
