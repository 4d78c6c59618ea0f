"""Modes against exact invariants and a dynamical simulation; densities and order of known lattices."""

import numpy as np
import pytest

from lowdim.wigner.clusters import cluster_gradient, elasticity_matrix, relax
from lowdim.wigner.density import (
    DEFINITIONS,
    cluster_densities,
    continuum_peak,
    nearest_distances,
    trap_energy_at_density,
)
from lowdim.wigner.material import TMD, Material
from lowdim.wigner.minima import find_minima
from lowdim.wigner.modes import mode_content, normal_modes, virial_ratio
from lowdim.wigner.order import bond_order, interior
from lowdim.wigner.potentials import Coulomb, Keldysh, Trap
from lowdim.wigner.stored import stored_cluster


@pytest.mark.parametrize("n", [2, 3, 7, 13, 20, 58, 100])
def test_invariants(n):
    r = stored_cluster(n)
    modes = normal_modes(r)
    content = mode_content(modes, r)
    for name, value, count in (("centre_of_mass", 1.0, 2), ("rotation", 0.0, 1), ("breathing", 3.0, 1)):
        assert np.sum(content[name]) == pytest.approx(count)
        assert np.sum(content[name] * modes.squares) == pytest.approx(count * value, abs=1e-9)
        assert np.sum(content[name] * (modes.squares - value) ** 2) < 1e-12
    distance = np.hypot(r[:, 0, None] - r[:, 0], r[:, 1, None] - r[:, 1])
    np.fill_diagonal(distance, np.inf)
    assert np.sum(modes.squares) == pytest.approx(2 * n + np.sum(distance**-3.0))
    assert virial_ratio(r) == pytest.approx(1, abs=1e-11)


def test_virial_of_a_steep_trap():
    lowest = find_minima(5, Trap(8), rng=np.random.default_rng(1), starts=5)[0]
    assert virial_ratio(lowest.positions, Trap(8)) == pytest.approx(1, abs=1e-10)
    screened = relax(lowest.positions, Trap(2), Keldysh(0.5))
    assert virial_ratio(screened.positions, Trap(2), Keldysh(0.5)) > 1.01


def test_centre_of_mass_does_not_know_the_interaction():
    found = find_minima(6, interaction=Keldysh(0.4), rng=np.random.default_rng(3), starts=4)[0]
    modes = normal_modes(found.positions, interaction=Keldysh(0.4))
    content = mode_content(modes, found.positions)
    assert np.sum(content["centre_of_mass"] * np.abs(modes.squares - 1)) < 1e-9
    assert np.sum(content["breathing"] * np.abs(modes.squares - 3)) > 0.05


def test_triangle_and_square_by_hand():
    """Three electrons: 0, 1, 1, sqrt(3/2) twice, sqrt 3; four: the softest lies below the trap."""
    three = normal_modes(stored_cluster(3)).squares
    np.testing.assert_allclose(three, [0, 1, 1, 1.5, 1.5, 3], atol=1e-10)
    assert normal_modes(stored_cluster(4)).frequencies[1] == pytest.approx(0.885218, abs=1e-6)


def test_modes_are_what_the_cluster_does():
    """Newton's equations from a small displacement along one mode: it comes back after 2 pi/Omega."""
    r = stored_cluster(5)
    modes = normal_modes(r)
    for k in (1, 9):
        amplitude, steps = 1e-5, 4000
        x = r + amplitude * modes.vectors[k]
        v, dt = np.zeros_like(x), 2 * np.pi / modes.frequencies[k] / steps
        force = -cluster_gradient(x)
        for _ in range(steps):
            v += 0.5 * dt * force
            x = x + dt * v
            force = -cluster_gradient(x)
            v += 0.5 * dt * force
        np.testing.assert_allclose((x - r) / amplitude, modes.vectors[k], atol=2e-3)


def test_floor_fails_from_four_electrons_on():
    for n in range(4, 31):
        modes = normal_modes(stored_cluster(n))
        assert abs(modes.squares[0]) < 1e-9 < modes.squares[1]
        assert modes.frequencies[1] < 0.9


def test_densities_of_a_piece_of_lattice():
    """A large triangular patch of density 1."""
    a = np.sqrt(2 / np.sqrt(3))
    i, j = np.meshgrid(np.arange(-30, 31), np.arange(-30, 31))
    lattice = np.stack([a * (i + 0.5 * j).ravel(), a * np.sqrt(0.75) * j.ravel()], axis=1)
    patch = lattice[np.hypot(*lattice.T) < 14]
    found = cluster_densities(patch)
    for name in ("nearest_neighbour", "closest_pair", "central"):
        assert found[name] == pytest.approx(1, abs=1e-9)
    assert found["padded_disc"] == pytest.approx(1, abs=0.1)
    assert found["hull"] == pytest.approx(1, abs=0.05)
    assert set(found) == set(DEFINITIONS)
    assert np.allclose(bond_order(patch, 6), 1)
    # next to the edge a neighbour may be missing
    assert np.all(bond_order(patch, 4) < 0.21)
    assert 0.8 < len(interior(patch)) / len(patch) < 1


def test_continuum_is_the_limit():
    """Central density of the fluid against the middle of 100 electrons; and the edge where it vanishes."""
    r = stored_cluster(100)
    inner = np.hypot(*r.T) < 2.5
    density = np.sum(inner) / (np.pi * 2.5**2)
    radius = (3 * np.pi * 100 / 4) ** (1 / 3)
    mean = continuum_peak(100) * 2 / 3 * (1 - (1 - 2.5**2 / radius**2) ** 1.5) / (2.5**2 / radius**2)
    # electrons avoid the edge, so the middle is denser than the fluid's
    assert mean < density < 1.25 * mean
    s = np.linspace(0, radius, 200001)
    total = np.trapezoid(2 * np.pi * s * continuum_peak(100) * np.sqrt(1 - s**2 / radius**2), s)
    assert total == pytest.approx(100, rel=1e-5)


def test_trap_energy_at_density_inverts_the_scale():
    for material in (TMD, Material(0.067, 12.9)):
        energy = trap_energy_at_density(1.3, [1e-4, 1e-3], material)
        np.testing.assert_allclose(1.3 / material.trap_length(energy) ** 2, [1e-4, 1e-3], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda: normal_modes([[1.0, 0.0], [-1.0, 0.0]])),
        ("positions", lambda: nearest_distances([[0.0, 0.0]])),
        ("positions", lambda: cluster_densities([[0.0, 0.0], [1.0, 0.0]])),
        ("n", lambda: continuum_peak(0)),
        ("density", lambda: trap_energy_at_density(1.0, -1e-3, TMD)),
        ("k", lambda: bond_order(stored_cluster(7), 0)),
        ("cutoff", lambda: bond_order(stored_cluster(7), 6, cutoff=1.0)),
        ("layer", lambda: bond_order(stored_cluster(7), 6, layer=np.nan)),
        ("positions", lambda: bond_order([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], 6)),
        ("positions", lambda: interior([[0.0, 0.0], [1.0, 0.0]])),
        ("positions", lambda: mode_content(normal_modes(stored_cluster(7)), stored_cluster(8))),
        ("distance", lambda: Keldysh(0.2).terms([1.0, np.nan])),
        ("distance", lambda: Keldysh(0.2).force_terms(0.0)),
        ("distance", lambda: Coulomb().terms(-1.0)),
        ("positions", lambda: Trap(4).energy([1.0, 2.0, 3.0])),
        ("positions", lambda: Trap(2).gradient([[np.nan, 1.0]])),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()


def test_saddle_has_no_modes():
    """Nine electrons on one ring: forces vanish by symmetry, but it is no minimum."""
    angles = 2 * np.pi * np.arange(9) / 9
    radius = np.sum(1 / (4 * np.sin(np.pi * np.arange(1, 9) / 9))) ** (1 / 3)
    ring = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert np.abs(cluster_gradient(ring)).max() < 1e-12
    assert np.linalg.eigvalsh(elasticity_matrix(ring))[0] < -0.1
    with pytest.raises(ValueError, match="falling direction"):
        normal_modes(ring)
    # and a relaxation started there leaves it
    assert len(relax(ring).positions[np.hypot(*relax(ring).positions.T) < 0.8 * radius]) > 0
