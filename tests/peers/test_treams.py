"""Lattice sums, arrays and clusters of dipoles against treams, which runs in its own environment."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lowdim.optics import PRIMITIVE, lattice_green, polarizability, scatter, solve_dipoles, wave_vector

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tools"))
from peer_environment import python_of  # noqa: E402

if not python_of("treams").exists():
    pytest.skip("treams is not installed (`make peers` installs it)", allow_module_level=True)

K = 2 * np.pi
CELLS = {
    "square 0.1": 0.1 * PRIMITIVE["square"],
    "square 0.4": 0.4 * PRIMITIVE["square"],
    "triangular 0.2": 0.2 * PRIMITIVE["triangular"],
    "triangular 0.7": 0.7 * PRIMITIVE["triangular"],
    "oblique": np.array([[0.4, 0.1], [-0.13, 0.55]]),
}


def ask(task, **arguments):
    """Answer of the worker."""
    request = {key: v.tolist() if isinstance(v, np.ndarray) else v for key, v in arguments.items()}
    worker = [str(python_of("treams")), str(ROOT / "tests" / "peers" / "treams_worker.py")]
    text = json.dumps({"task": task, **request})
    found = subprocess.run(worker, input=text, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.parametrize("name", CELLS)
def test_lattice_sums(name):
    vectors = np.random.default_rng(3).normal(size=(40, 2)) * 3
    there = np.array(ask("tensors", k=K, vectors=vectors, primitive=CELLS[name])) @ [1, 1j]
    here = lattice_green(vectors, CELLS[name], K)
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-12 * np.abs(here).max())


@pytest.mark.parametrize("name", ["square 0.4", "triangular 0.2"])
def test_reflectance_of_an_array(name):
    vectors = wave_vector(0.6, np.linspace(0, 1, 5), K)
    there = ask("reflectance", k=K, vectors=vectors, primitive=CELLS[name])
    here = scatter(0.6, np.linspace(0, 1, 5), CELLS[name], K, 0.0, dipoles=np.eye(3)).reflectance([1, 0])
    np.testing.assert_allclose(here, there, atol=1e-12)


@pytest.mark.parametrize(("detuning", "loss"), [(0.0, 0.0), (0.4, 0.0), (0.3, 0.5)])
@pytest.mark.parametrize("direction", [[0, 0, 1], [0.6, 0, -0.8]])
def test_cross_sections_of_a_cluster(detuning, loss, direction):
    place = 1.2 * np.random.default_rng(6).random((8, 3))
    strength = -0.5j / (detuning + 0.5j * (1 + loss))  # -1 on resonance without loss
    there = ask(
        "cross_sections", k=K, positions=place, strength=[strength.real, strength.imag], direction=direction,
        polarization=[0, 1, 0],
    )  # fmt: skip
    wave = np.exp(1j * K * place @ direction)[:, None] * np.array([0, 1, 0])
    alpha = sum(polarizability(detuning, K, nonradiative=loss, dipole=e) for e in np.eye(3))
    light = solve_dipoles(place, alpha, wave, K)
    np.testing.assert_allclose([light.scattering, light.extinction], there, rtol=1e-9)
