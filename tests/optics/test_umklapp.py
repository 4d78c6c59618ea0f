"""Exciton in the potential of a crystal: closed forms, perturbation theory, a twin in real space."""

import numpy as np
import pytest

from lowdim.optics.patches import PRIMITIVE
from lowdim.optics.umklapp import (
    HBAR2_OVER_M0,
    _shell,
    contact_strength,
    crystal_spacing,
    umklapp_energy,
    zone_centre,
)

DENSITY, MASS = 1e-3, 1.3


@pytest.mark.parametrize(
    ("lattice", "factor"), [("triangular", 8 * np.pi**2 / 3**0.5), ("square", 4 * np.pi**2)]
)
def test_energy_in_closed_form(lattice, factor):
    found = umklapp_energy(DENSITY, MASS, lattice)
    assert found == pytest.approx(HBAR2_OVER_M0 / (2 * MASS) * factor * DENSITY, rel=1e-12)
    assert umklapp_energy(3 * DENSITY, MASS, lattice) == pytest.approx(3 * found, rel=1e-12)


def test_spacing():
    assert crystal_spacing(DENSITY, "square") == pytest.approx(1000**0.5)
    assert crystal_spacing(DENSITY) == pytest.approx((2 / (3**0.5 * DENSITY)) ** 0.5)


@pytest.mark.parametrize("lattice", ["square", "triangular"])
@pytest.mark.parametrize("sign", [1, -1])
def test_weak_potentials_follow_perturbation_theory(lattice, sign):
    """Mean shift g n; the first shell takes (number of vectors) (V/energy)^2 of the strength."""
    count, strength, deviation = {"square": 4, "triangular": 6}[lattice], sign * 0.5, 8.0
    found = zone_centre(DENSITY, MASS, strength, deviation=deviation, lattice=lattice)
    energy = umklapp_energy(DENSITY, MASS, lattice)
    square = energy * 2 * MASS / HBAR2_OVER_M0
    component = strength * DENSITY * np.exp(-square * deviation**2 / 2)
    distance, share = found.umklapp
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    assert found.energies[np.argmax(found.weights)] == pytest.approx(strength * DENSITY, rel=2e-3)
    assert distance == pytest.approx(energy, rel=2e-3)
    assert share == pytest.approx(count * (component / energy) ** 2, rel=0.01)


@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_against_the_cell_on_a_grid(lattice):
    """The potential summed over Gaussians of the electrons in real space, kinetic energy by transforms."""
    points, strength, deviation = 24, 700.0, 6.0
    spacing = crystal_spacing(DENSITY, lattice)
    cell = spacing * PRIMITIVE[lattice]
    s = np.arange(points) / points
    place = np.stack(np.meshgrid(s, s, indexing="ij"), axis=-1) @ cell
    potential = np.zeros((points, points))
    for i in range(-5, 7):
        for j in range(-5, 7):
            apart = place - [i, j] @ cell
            potential += np.exp(-np.sum(apart**2, axis=-1) / (2 * deviation**2)) / (2 * np.pi * deviation**2)
    index = np.rint(np.fft.fftfreq(points, 1 / points))
    vectors = np.stack(np.meshgrid(index, index, indexing="ij"), axis=-1) @ (
        2 * np.pi * np.linalg.inv(cell).T
    )
    kinetic = HBAR2_OVER_M0 / (2 * MASS) * np.sum(vectors**2, axis=-1).ravel()
    waves = np.fft.ifft2(np.eye(points**2).reshape(-1, points, points), norm="ortho").reshape(-1, points**2)
    matrix = waves.conj() @ ((strength * potential).ravel()[:, None] * waves.T) + np.diag(kinetic)
    energies, states = np.linalg.eigh(matrix)
    weights = np.abs(states[0]) ** 2
    found = zone_centre(DENSITY, MASS, strength, deviation=deviation, lattice=lattice, shells=8)
    main = int(np.argmax(found.weights))
    assert energies[np.argmax(weights)] == pytest.approx(found.energies[main], abs=1e-6)
    assert weights.max() == pytest.approx(found.weights[main], abs=1e-6)
    second = np.sort(found.weights)[-2]
    bright = weights > 1e-5
    assert np.sort(weights[bright])[-2] == pytest.approx(second, abs=1e-6)


def test_strength_of_a_pinned_electron():
    free, pinned = contact_strength(1.3, 0.7, 25.0, 1.0), contact_strength(1.3, np.inf, 25.0, 1.0)
    assert free / pinned == pytest.approx(1 + 1.3 / 0.7)
    assert contact_strength(1.3, 0.7, 25.0, 0.1) < free


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: umklapp_energy(0.0, 1.0), "density"),
        (lambda: umklapp_energy(1e-3, -1.0), "mass"),
        (lambda: umklapp_energy(1e-3, 1.0, "cubic"), "lattice"),
        (lambda: contact_strength(1.3, 0.7, 25.0, 25.0), "energy"),
        (lambda: contact_strength(0, 0.7, 25.0, 1.0), "exciton_mass"),
        (lambda: contact_strength(1, np.nan, 25.0, 1.0), "electron_mass"),
        (lambda: zone_centre(1e-3, 1.3, np.nan), "strength"),
        (lambda: zone_centre(1e-3, 1.3, 1.0, deviation=-1.0), "deviation"),
        (lambda: zone_centre(1e-3, 1.3, 1.0, shells=0), "shells"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=f"^{message}: expected"):
        call()


@pytest.mark.parametrize("name", ["square", "triangular"])
def test_shells_are_whole_and_even(name):
    """As many vectors within seven times the shortest as a larger grid has, each with its opposite."""
    vectors, others = _shell(1.0, name, 7)
    index = np.stack(np.meshgrid(*[np.arange(-20, 21)] * 2), axis=-1).reshape(-1, 2)
    slope = 0 if name == "square" else 0.5
    length = np.hypot(index[:, 0] + slope * index[:, 1], np.sqrt(1 - slope**2) * index[:, 1])
    assert len(vectors) == np.sum(length < 7 + 1e-9) == len(others) + 1
    np.testing.assert_allclose(vectors.sum(axis=0), 0, atol=1e-9)
