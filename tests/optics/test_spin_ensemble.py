"""Configurations counted, averages against one configuration at a time and against all of them."""

import numpy as np
import pytest

from lowdim.optics.faraday import SpinArray
from lowdim.optics.polarization import rotation_angle
from lowdim.optics.spin_ensemble import all_spins, random_spins, rotation_ensemble

K = 2 * np.pi
LINE = np.array([-0.4, 0.0, 0.4])
NINE = SpinArray(np.stack(np.meshgrid(LINE, LINE, indexing="ij"), -1).reshape(-1, 2), K, 1.0)
DETUNING = np.array([-0.4, 0.3, 0.8])


def test_all_configurations():
    found = all_spins(6, 2)
    assert found.shape == (15, 6)
    assert len(np.unique(found, axis=0)) == 15
    assert np.all(found.sum(axis=1) == -2)
    assert all_spins(4, 0).tolist() == [[-1] * 4]
    assert all_spins(4, 4).tolist() == [[1] * 4]


def test_random_configurations_are_equally_likely():
    drawn = random_spins(5, 2, 20000, np.random.default_rng(5))
    assert np.all(drawn.sum(axis=1) == -1)
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 10
    assert np.sum((counts - 2000) ** 2) / 2000 < 30  # chi squared, 9 degrees of freedom


@pytest.mark.parametrize("collect", ["overlap", "axis"])
def test_statistics_against_a_loop(collect):
    spins = random_spins(9, 6, 300, np.random.default_rng(6))  # more than one batch
    found = rotation_ensemble(NINE, spins, DETUNING, 0.3, collect)
    jones = np.array([NINE.jones(s, DETUNING, 0.3, collect) for s in spins])
    angles = rotation_angle(jones)
    assert np.allclose(found.mean, angles.mean(axis=0), atol=1e-13)
    assert np.allclose(found.deviation, angles.std(axis=0, ddof=1), atol=1e-13)
    assert np.allclose(found.error * np.sqrt(300), found.deviation)
    assert np.allclose(found.coherent, rotation_angle(jones.mean(axis=0)), atol=1e-13)
    assert np.isclose(found.largest_ratio, np.abs(jones[..., 1, 0] / jones[..., 0, 0]).max())


def test_sample_agrees_with_all_configurations():
    exact = rotation_ensemble(NINE, all_spins(9, 6), DETUNING)
    sample = rotation_ensemble(NINE, random_spins(9, 6, 2000, np.random.default_rng(7)), DETUNING)
    assert exact.count == 84
    assert np.all(np.abs(sample.mean - exact.mean) < 5 * sample.error)
    assert np.all(np.abs(exact.mean[[0, 2]]) > 100 * sample.error[[0, 2]])  # so the test could fail


def test_balanced_spins_do_not_rotate_on_average():
    four = SpinArray(NINE.positions[[0, 2, 6, 8]], K, 1.0)
    found = rotation_ensemble(four, all_spins(4, 2), DETUNING)
    assert np.allclose(found.mean, 0, atol=1e-12)
    assert np.allclose(found.coherent, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: all_spins(0, 0), "sites"),
        (lambda: all_spins(3, 4), "up"),
        (lambda: random_spins(3, 1, 0, np.random.default_rng(0)), "count"),
        (lambda: random_spins(3, 1.5, 2, np.random.default_rng(0)), "up"),
        (lambda: rotation_ensemble(NINE, np.ones((1, 9)), DETUNING), "spins"),
        (lambda: rotation_ensemble(NINE, np.ones((2, 8)), DETUNING), "spins"),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


def test_results_are_told_apart_by_identity():
    """They hold arrays, which have no single truth."""
    one, other = (rotation_ensemble(NINE, all_spins(9, 8), DETUNING) for _ in range(2))
    assert one != other and len({one, other}) == 2
