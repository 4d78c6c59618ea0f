"""Lattice sums, arrays and clusters of dipoles against treams, which runs in its own environment."""

import numpy as np
import pytest

from lowdim.optics import PRIMITIVE, lattice_green, polarizability, scatter, solve_dipoles, wave_vector
from peer_environment import ask

TREAMS = "treams 0.4.7"
K = 2 * np.pi
CELLS = {
    "square 0.1": 0.1 * PRIMITIVE["square"],
    "square 0.4": 0.4 * PRIMITIVE["square"],
    "triangular 0.2": 0.2 * PRIMITIVE["triangular"],
    "triangular 0.7": 0.7 * PRIMITIVE["triangular"],
    "oblique": np.array([[0.4, 0.1], [-0.13, 0.55]]),
}


@pytest.mark.parametrize("name", CELLS)
def test_lattice_sums(name, agrees):
    vectors = np.random.default_rng(3).normal(size=(40, 2)) * 3
    there = np.array(ask("treams", task="tensors", k=K, vectors=vectors, primitive=CELLS[name])) @ [1, 1j]
    here = lattice_green(vectors, CELLS[name], K)
    tolerance = {"atol": 1e-12 * np.abs(here).max()}
    for part in (np.real, np.imag):
        agrees("optics.lattice_green", TREAMS, "lattice sums", part(here), part(there), **tolerance)


@pytest.mark.parametrize("name", ["square 0.4", "triangular 0.2"])
def test_reflectance_of_an_array(name, agrees):
    vectors = wave_vector(0.6, np.linspace(0, 1, 5), K)
    there = ask("treams", task="reflectance", k=K, vectors=vectors, primitive=CELLS[name])
    here = scatter(0.6, np.linspace(0, 1, 5), CELLS[name], K, 0.0, dipoles=np.eye(3)).reflectance([1, 0])
    agrees("optics.scatter", TREAMS, "reflectance of arrays", here, there, atol=1e-12)


@pytest.mark.parametrize(("detuning", "loss"), [(0.0, 0.0), (0.4, 0.0), (0.3, 0.5)])
@pytest.mark.parametrize("direction", [[0, 0, 1], [0.6, 0, -0.8]])
def test_cross_sections_of_a_cluster(detuning, loss, direction, agrees):
    place = 1.2 * np.random.default_rng(6).random((8, 3))
    strength = -0.5j / (detuning + 0.5j * (1 + loss))  # -1 on resonance without loss
    there = ask(
        "treams", task="cross_sections", k=K, positions=place, strength=[strength.real, strength.imag],
        direction=direction, polarization=[0, 1, 0],
    )  # fmt: skip
    wave = np.exp(1j * K * place @ direction)[:, None] * np.array([0, 1, 0])
    alpha = sum(polarizability(detuning, K, nonradiative=loss, dipole=e) for e in np.eye(3))
    light = solve_dipoles(place, alpha, wave, K)
    here = [light.scattering, light.extinction]
    agrees("optics.solve_dipoles", TREAMS, "cross sections of clusters", here, there, rtol=1e-9)
