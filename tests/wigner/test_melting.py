"""Displacements in exact limits; the simulation against equipartition and exact averages."""

import numpy as np
import pytest
from scipy.integrate import quad

from lowdim.errors import NotConverged
from lowdim.wigner.clusters import elasticity_matrix
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.material import TMD, Material
from lowdim.wigner.melting import (
    K_TO_MEV,
    _vertex,
    displacement,
    fermi_temperature,
    heat_capacity_maximum,
    largest_density,
    melting_temperature,
    mode_weights,
    occupation,
)
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.montecarlo import sample_cluster
from lowdim.wigner.stored import stored_cluster

CLUSTER = stored_cluster(19)
MODES = normal_modes(CLUSTER)
GAAS = Material(0.067, 12.9)


def test_occupation_is_the_boltzmann_mean():
    for energy, kelvin in ((0.5, 5.0), (1.0, 1.0), (0.01, 10.0)):
        number = np.arange(20000)
        weight = np.exp(-number * energy / (K_TO_MEV * kelvin))
        assert occupation(energy, kelvin) == pytest.approx(np.sum(number * weight) / np.sum(weight), rel=1e-9)
    assert occupation(1.0, 0.0) == 0
    assert occupation(1e3, 1e-3) == 0


def test_displacement_from_the_matrix():
    """Trace of the matrix function on the space without the rotation, no mode picked by hand."""
    energy, kelvin = 1.7, 3.0
    squares, vectors = np.linalg.eigh(elasticity_matrix(CLUSTER))
    values = np.array(
        [0.0 if s < 1e-9 else s**-0.5 / np.tanh(energy * s**0.5 / (2 * K_TO_MEV * kelvin)) for s in squares]
    )
    matrix = (vectors * values) @ vectors.T
    expected = np.sqrt(np.trace(matrix) / 19 * TMD.hbar2_over_mass / (2 * energy))
    assert displacement(*mode_weights(MODES), energy, kelvin, TMD) == pytest.approx(expected, rel=1e-12)


def test_classical_and_quantum_limits():
    frequencies, weights = mode_weights(MODES)
    hot = displacement(frequencies, weights, 0.01, 300.0, TMD)
    classical = K_TO_MEV * 300.0 * TMD.hbar2_over_mass / 0.01**2 * np.sum(weights / frequencies**2)
    assert hot**2 == pytest.approx(classical, rel=1e-6)
    cold = displacement(frequencies, weights, 2.0, 0.0, TMD)
    assert cold**2 == pytest.approx(
        TMD.zero_point_length(2.0) ** 2 * np.sum(weights / frequencies), rel=1e-12
    )


def test_relative_displacement_by_hand():
    """Bond by bond from the covariance of two electrons."""
    distance = np.hypot(*(CLUSTER[:, None] - CLUSTER).transpose(2, 0, 1))
    bonds = np.argwhere(np.triu(distance < 1.4 * nearest_distances(CLUSTER).mean(), 1))
    frequencies, weights = mode_weights(MODES, bonds=bonds)
    covariance = np.einsum("nia,njb,n->iajb", *[MODES.vectors[MODES.frequencies > 1e-6]] * 2, 1 / frequencies)
    slow = 0.0
    for i, j in bonds:
        for a in range(2):
            slow += covariance[i, a, i, a] + covariance[j, a, j, a] - 2 * covariance[i, a, j, a]
    assert np.sum(weights / frequencies) == pytest.approx(slow / len(bonds), rel=1e-12)


def test_melting_temperature_meets_its_own_criterion():
    weights = mode_weights(MODES, floor=0.9)
    for material in (TMD, GAAS):
        top = largest_density(CLUSTER, *weights, material, 0.2)
        density = 0.3 * top
        kelvin = melting_temperature(CLUSTER, *weights, density, material, 0.2)
        a = np.sqrt(2 / (np.sqrt(3) * density))
        length = a / nearest_distances(CLUSTER).mean()
        energy = float(material.trap_energy(length))
        assert displacement(*weights, energy, kelvin, material) == pytest.approx(0.2 * a, rel=1e-8)
        assert melting_temperature(CLUSTER, *weights, 0.999 * top, material, 0.2) > 0
        assert melting_temperature(CLUSTER, *weights, 1.001 * top, material, 0.2) == 0


def test_one_curve_in_effective_units():
    weights = mode_weights(MODES, floor=0.9)
    tops, temperatures = [], []
    for material in (TMD, GAAS, Material(1.0, 1.0)):
        top = largest_density(CLUSTER, *weights, material, 0.22)
        tops.append(top * material.bohr_radius**2)
        kelvin = melting_temperature(CLUSTER, *weights, 0.5 * top, material, 0.22)
        temperatures.append(K_TO_MEV * kelvin * material.bohr_radius / material.coulomb)
    np.testing.assert_allclose(tops, tops[0], rtol=1e-9)
    np.testing.assert_allclose(temperatures, temperatures[0], rtol=1e-7)


def test_fermi_temperature_counts_states():
    """Two states per momentum fill a disc of area 4 pi^2 n/2."""
    n = 1e-3
    k_f = np.sqrt(2 * np.pi * n)
    assert fermi_temperature(n, TMD) == pytest.approx(TMD.hbar2_over_mass * k_f**2 / 2 / K_TO_MEV)
    assert fermi_temperature(n, TMD, degeneracy=1) == pytest.approx(2 * fermi_temperature(n, TMD))


def test_two_electrons_exactly():
    """Centre of mass and separation decouple: the mean energy is one integral."""
    t = 0.2

    def weight(r):
        return r * np.exp(-(r**2 / 4 + 1 / r) / t)

    norm = quad(weight, 0, 30, epsabs=0)[0]
    exact = t + quad(lambda r: (r**2 / 4 + 1 / r) * weight(r), 0, 30, epsabs=0)[0] / norm
    square = quad(lambda r: (r**2 / 4 + 1 / r) ** 2 * weight(r), 0, 30, epsabs=0)[0] / norm
    mean_r = quad(lambda r: r * weight(r), 0, 30, epsabs=0)[0] / norm
    mean_r2 = quad(lambda r: r**2 * weight(r), 0, 30, epsabs=0)[0] / norm
    capacity = 1 + (square - (exact - t) ** 2) / t**2
    pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    rng = np.random.default_rng(2)
    found = sample_cluster(pair, [0.1, t, 0.3], rng, copies=24, warm_up=200, sweeps=2000, blocks=(500,))
    assert abs(found.energy[1] - exact) < 4 * found.energy_error[1]
    assert found.energy_error[1] < 0.02
    assert abs(found.heat_capacity[1] - capacity) < 4 * found.heat_capacity_error[1]
    assert found.heat_capacity_error[1] < 0.15
    assert found.distance_fluctuation[0, 1] == pytest.approx(np.sqrt(mean_r2 / mean_r**2 - 1), rel=0.03)


def test_swaps_keep_every_temperature_in_equilibrium():
    """Swaps after every second sweep: each mean energy stays the exact one."""
    temperatures = np.array([0.05, 0.1, 0.3])
    exact = []
    for t in temperatures:
        norm, mean = (
            quad(
                lambda r, k=k, t=t: (r**2 / 4 + 1 / r) ** k * r * np.exp((1.2 - r**2 / 4 - 1 / r) / t), 0, 30
            )[0]
            for k in (0, 1)
        )
        exact.append(t + mean / norm)
    pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    found = sample_cluster(
        pair, temperatures, np.random.default_rng(5), copies=24, warm_up=200, sweeps=1500, blocks=(2,)
    )
    assert np.all(np.abs(found.energy - exact) < 4 * found.energy_error)
    assert np.all(found.energy_error < 0.02)


def test_cold_cluster_obeys_equipartition():
    """Half of k_B for each of 2N - 1 modes, and the harmonic radial fluctuation."""
    t = 2e-4
    seven = stored_cluster(7)
    rng = np.random.default_rng(3)
    found = sample_cluster(seven, [t, 2 * t], rng, copies=16, warm_up=400, sweeps=2000, blocks=(1000,))
    energy = 0.5 * np.sum(seven**2) + sum(
        1 / np.hypot(*(seven[i] - seven[j])) for i in range(7) for j in range(i)
    )
    assert (found.energy[0] - energy) / t == pytest.approx(6.5, abs=4 * found.energy_error[0] / t)
    assert found.energy_error[0] / t < 0.3
    modes = normal_modes(seven)
    keep = modes.frequencies > 1e-6
    outward = seven[1:] / np.hypot(*seven[1:].T)[:, None]
    radial = np.einsum("nia,ia->ni", modes.vectors[keep][:, 1:], outward) ** 2
    expected = t * np.sum(radial / modes.frequencies[keep, None] ** 2, axis=0)
    # the central electron has a Rayleigh distribution of radii: variance (4 - pi)/2 per axis
    centre = t * np.sum(np.sum(modes.vectors[keep][:, 0] ** 2, axis=1) / modes.frequencies[keep] ** 2) / 2
    total = (np.sum(expected) + (2 - np.pi / 2) * centre) / 7
    spacing = nearest_distances(seven).mean()
    assert found.radial_fluctuation[0, 0] == pytest.approx(np.sqrt(total) / spacing, rel=0.05)
    assert np.all((found.acceptance > 0.2) & (found.acceptance < 0.7))


def test_blocks_are_nested():
    """The shortest block of a run with many lengths is that of a run with one."""
    pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    common = {"copies": 4, "warm_up": 40, "sweeps": 400}
    many, one = (
        sample_cluster(pair, [0.2], np.random.default_rng(9), blocks=blocks, **common)
        for blocks in ((20, 100, 400), (400,))
    )
    np.testing.assert_allclose(many.distance_fluctuation[-1], one.distance_fluctuation[0], rtol=1e-12)
    assert many.energy == pytest.approx(one.energy, rel=1e-12)
    assert many.heat_capacity == pytest.approx(one.heat_capacity, rel=1e-9)
    assert np.all(np.diff(many.radial_fluctuation[:, 0]) > 0)
    assert many.blocks.tolist() == [20, 100, 400]


def test_shells_empty_as_the_cluster_melts():
    found = sample_cluster(
        CLUSTER, [5e-4, 0.05], np.random.default_rng(4), copies=4, warm_up=100, sweeps=400, blocks=(200,)
    )
    assert found.shell_share[0] == 1
    assert found.shell_share[1] < 0.6


def test_maximum_is_found_with_its_error():
    """Noisy parabolas of known maximum: right within errors, and the error is the scatter."""
    t = np.geomspace(0.003, 0.06, 24)
    rng = np.random.default_rng(6)
    places = []
    for _ in range(40):
        curves = 20 - 3 * np.log(t / 0.0137) ** 2 + 0.2 * rng.normal(size=(8, 24))
        places.append(heat_capacity_maximum(t, curves, points=11)[:2])
    places = np.array(places)
    scatter = places[:, 0].std()
    assert places[:, 0].mean() == pytest.approx(0.0137, abs=4 * scatter / 40**0.5)
    assert np.sqrt(np.mean(places[:, 1] ** 2)) == pytest.approx(scatter, rel=0.4)
    with pytest.raises(NotConverged, match="no maximum"):
        heat_capacity_maximum(t, np.stack([t, t, 1.01 * t]))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("energy", lambda: occupation(0.0, 1.0)),
        ("temperature", lambda: occupation(1.0, -1.0)),
        ("floor", lambda: mode_weights(MODES, floor=99.0)),
        ("floor", lambda: mode_weights(MODES, floor=-1.0)),
        ("bonds", lambda: mode_weights(MODES, bonds=[[0.5, 1.0]])),
        ("trap_energy", lambda: displacement([1.0], [1.0], -1.0, 0.0, TMD)),
        ("weights", lambda: displacement([1.0], [1.0, 2.0], 1.0, 0.0, TMD)),
        ("fraction", lambda: largest_density(CLUSTER, [1.0], [1.0], TMD, 0.0)),
        ("density", lambda: melting_temperature(CLUSTER, [1.0], [1.0], 0.0, TMD, 0.2)),
        ("blocks", lambda: sample_cluster(CLUSTER, [0.1], np.random.default_rng(0), blocks=(100, 150))),
        ("blocks", lambda: sample_cluster(CLUSTER, [0.1], np.random.default_rng(0), blocks=(1,))),
        ("capacities", lambda: heat_capacity_maximum([1, 2, 3, 4, 5], np.ones((1, 5)), points=5)),
        ("points", lambda: heat_capacity_maximum([1, 2, 3, 4], np.ones((2, 4)))),
        ("temperatures", lambda: sample_cluster(CLUSTER, [0.2, 0.1], np.random.default_rng(0))),
        ("copies", lambda: sample_cluster(CLUSTER, [0.1], np.random.default_rng(0), copies=1)),
        ("positions", lambda: sample_cluster([[0.0, 0.0]], [0.1], np.random.default_rng(0))),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()


@pytest.mark.parametrize(("place", "first"), [(0.013, 6), (0.0036, 0), (0.052, 13)])
def test_the_maximum_is_that_of_a_cubic_through_the_points_around_it(place, first):
    """As many points as asked for at the ends as well; of a curve that is no cubic."""
    t = np.geomspace(0.003, 0.06, 24)
    x, points = np.log(t), 11
    curve = np.exp(-(np.abs(x - np.log(place)) ** 2.2))
    top = int(np.argmax(curve))
    assert first == min(max(top - 5, 0), 13)
    window = slice(first, first + points)
    a, b, c, _ = np.polyfit(x[window], curve[window], 3)
    roots = np.roots([3 * a, 2 * b, c])
    (expected,) = roots[6 * a * roots + 2 * b < 0]
    assert _vertex(t, curve, np.ones(24), points) == pytest.approx(np.exp(expected), rel=1e-9)


def test_the_error_of_a_maximum_is_that_of_leaving_out_one_copy():
    t = np.geomspace(0.003, 0.06, 24)
    rng = np.random.default_rng(3)
    curves = 20 - 3 * np.log(t / 0.03) ** 2 + 0.1 * rng.normal(size=(5, 24))
    error = curves.std(axis=0, ddof=1)
    others = [_vertex(t, (curves.sum(axis=0) - one) / 4, error, 11) for one in curves]
    place, spread, shift = heat_capacity_maximum(t, curves, points=11)
    assert spread == pytest.approx(np.sqrt(4 * np.var(others)), rel=1e-9)
    wider = [_vertex(t, curves.mean(axis=0), error, width) for width in (9, 13)]
    assert place == _vertex(t, curves.mean(axis=0), error, 11)
    assert shift == pytest.approx(max(abs(other - place) for other in wider), rel=1e-9)
