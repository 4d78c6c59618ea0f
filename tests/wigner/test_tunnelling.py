"""Least actions: an independent parametrisation of the path, energy conservation, symmetry, freedom."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from lowdim.wigner import NotConverged, ring_exchange, tunnelling


def energy_of(positions):
    i, j = np.triu_indices(len(positions), 1)
    return 0.5 * np.sum(positions**2) + np.sum(1 / np.hypot(*(positions[i] - positions[j]).T))


@pytest.fixture(scope="module")
def between_two():
    """A pair at rest between two fixed electrons that leave it room to turn."""
    fixed = np.array([[0.0, 2.4], [0.0, -2.4]])

    def with_pair(x):
        return np.vstack([[[x, 0.0], [-x, 0.0]], fixed])

    best = minimize_scalar(lambda x: energy_of(with_pair(x)), bounds=(0.3, 1.5), options={"xatol": 1e-10})
    return with_pair(best.x)


@pytest.mark.parametrize("mobile", [list(range(12)), [0, 3, 7]])
def test_potential_and_gradient(cluster, mobile):
    stretched = cluster * 1.1
    _, slope = tunnelling._potential(stretched[None], mobile)
    step = 1e-5
    for k, axis in ((0, 0), (2, 1)):
        moved = np.stack([stretched, stretched])
        moved[:, mobile[k], axis] += [step, -step]
        total = energy_of(moved[0]) - energy_of(moved[1])
        assert slope[0, k, axis] == pytest.approx(total / (2 * step), abs=1e-7)
        assert np.subtract(*tunnelling._potential(moved, mobile)[0]) == pytest.approx(total, abs=1e-11)


def test_pair_on_a_curve_of_few_parameters(between_two):
    """r_1 = -r_2 on a curve r(angle), in Maupertuis's form, by the simplex method."""
    floor = energy_of(between_two)
    nodes, weights = np.polynomial.legendre.leggauss(48)
    angle = 0.5 * np.pi * (nodes + 1)
    orders = 2 * np.arange(1, 4)
    waves, slopes = np.cos(np.outer(angle, orders)) - 1, -np.sin(np.outer(angle, orders)) * orders

    def reduced_action(coefficients):
        radius = between_two[0, 0] + waves @ coefficients
        height = np.empty_like(radius)
        for k, (r, t) in enumerate(zip(radius, angle, strict=True)):
            moved = between_two.copy()
            moved[0] = r * np.array([np.cos(t), np.sin(t)])
            moved[1] = -moved[0]
            height[k] = energy_of(moved) - floor
        line = np.sqrt(4 * np.maximum(height, 0)) * np.hypot(radius, slopes @ coefficients)
        return 0.5 * np.pi * weights @ line

    best = minimize(reduced_action, np.full(3, 0.01), method="Nelder-Mead", options={"fatol": 1e-7})
    found = ring_exchange(between_two, (0, 1), mobile=(0, 1), duration=24.0, steps=120)
    assert best.success
    assert found.action == pytest.approx(best.fun, rel=2e-3)


def test_energy_is_conserved_and_time_long_enough(hexagon):
    found = ring_exchange(hexagon, (0, 1), steps=80)
    step = 14.0 / (len(found.path) - 1)
    velocity = np.diff(found.path, axis=0) / step
    kinetic = 0.5 * np.sum(velocity**2, axis=(1, 2))
    middle = 0.5 * (found.path[1:] + found.path[:-1])
    height = np.array([energy_of(m) for m in middle]) - energy_of(hexagon)
    assert np.abs(kinetic - height).max() < 0.02 * found.barrier
    longer = ring_exchange(hexagon, (0, 1), steps=110, duration=19.0)
    assert longer.action == pytest.approx(found.action, rel=2e-3)
    assert found.error < 5e-3 * found.action


def test_extrapolation_removes_the_error_of_the_chain(between_two):
    few, many = (ring_exchange(between_two, (0, 1), mobile=(0, 1), steps=n) for n in (40, 160))
    assert few.error > 3e-4 * many.action
    assert few.action == pytest.approx(many.action, rel=3e-5)


def test_symmetry_and_freedom(hexagon):
    pair = [ring_exchange(hexagon, (0, k)).action for k in (1, 2, 4)]
    assert np.ptp(pair) < 1e-3 * pair[0]
    assert ring_exchange(hexagon, (0, 1), sense=-1).action == pytest.approx(pair[0], rel=1e-3)
    pinned = ring_exchange(hexagon, (0, 1), mobile=(0, 1)).action
    some = ring_exchange(hexagon, (0, 1), mobile=(0, 1, 2, 6)).action
    assert pair[0] < some < pinned
    path = ring_exchange(hexagon, (0, 1, 2)).path
    np.testing.assert_allclose(path[0], hexagon, atol=1e-12)
    np.testing.assert_allclose(path[-1][[0, 1, 2]], hexagon[[1, 2, 0]], atol=1e-12)


def test_minimisation_that_stops_short(hexagon):
    with pytest.raises(NotConverged, match="gradient"):
        ring_exchange(hexagon, (0, 1), tolerance=1e-15)


PAIR = np.array([[0.63, 0.0], [-0.63, 0.0], [0.0, 2.0]])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda: ring_exchange([0.0, 1.0], (0, 1))),
        ("ring", lambda: ring_exchange(PAIR, (0, 0))),
        ("ring", lambda: ring_exchange(PAIR, (0,))),
        ("ring", lambda: ring_exchange(PAIR, (0, 3))),
        ("mobile", lambda: ring_exchange(PAIR, (0, 1), mobile=(0, 2))),
        ("sense", lambda: ring_exchange(PAIR, (0, 1), sense=0)),
        ("duration", lambda: ring_exchange(PAIR, (0, 1), duration=0)),
        ("steps", lambda: ring_exchange(PAIR, (0, 1), steps=2)),
        ("tolerance", lambda: ring_exchange(PAIR, (0, 1), tolerance=-1)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
