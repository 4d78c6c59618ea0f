"""Loops one by one: exact counts without dephasing, and the field that decides the time convention."""

import math

import numpy as np
import pytest

from lowdim.exciton.cooperon import logarithmic_correction, phonon_phase_rate
from lowdim.exciton.ensemble import jackknife
from lowdim.exciton.loops import (
    _collisions,
    closed_loops,
    closed_path,
    field_dephasing,
    field_exponent,
    sample_loops,
)
from lowdim.exciton.material import MONOLAYER
from lowdim.stored import load_stored


def test_paths_are_closed_and_evenly_sampled():
    path, length = closed_path(7, 15.0, 0.3, np.random.default_rng(2))
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    interval = length / len(path)
    assert interval <= 0.3
    assert np.all(steps <= interval * (1 + 1e-9))
    assert math.isclose(np.median(steps), interval, rel_tol=1e-9)
    assert np.linalg.norm(path[0] - path[-1]) <= interval * (1 + 1e-9)


def test_static_field_gives_no_phase_difference():
    rng = np.random.default_rng(3)
    path, length = closed_path(5, 10.0, 0.3, rng)
    phases = field_dephasing(path, length, 1e-9, 1.0, 50, 20, rng)
    assert np.abs(phases).max() < 1e-4


def test_field_dephases_as_if_scatterers_were_visited_twice_as_far_apart():
    rng, sound, strength = np.random.default_rng(11), 0.003, 0.12
    exponents, expected = [], []
    for _ in range(12):
        path, length = closed_path(8, 20.0, 0.3, rng)
        exponents.append(np.mean(field_dephasing(path, length, sound, strength, 200, 150, rng) ** 2) / 2)
        expected.append([field_exponent(length / 2, sound, strength, g) for g in (2.0, 1.0, 0.5)])
    twice, once, printed = np.mean(expected, axis=0)
    measured = np.mean(exponents)
    assert abs(measured / twice - 1) < 0.15
    assert measured / once > 3
    assert measured / printed > 10


def test_field_exponent_limits():
    strength, sound = 0.3, 0.02
    rate = math.sqrt(2 * math.pi) * strength**2
    late = float(field_exponent(1e6, sound, strength, 2.0))
    assert math.isclose(late / (rate * 2e6), 1.0, rel_tol=1e-3)
    early = float(field_exponent(0.1, sound, strength, 2.0))
    assert math.isclose(early, rate * (2 * sound) ** 2 / 2 * 2 * 0.1**3 / 3, rel_tol=1e-3)


@pytest.mark.parametrize("n, other", [(2, 1 - 2 * math.log(2)), (3, None), (6, None)])
def test_return_density_without_dephasing(n, other):
    """Loops of N collisions count 1/(N - 1); the other directions of N = 2 count 1 - 2 ln 2."""
    loops = sample_loops(n, 60_000, np.random.default_rng(n))
    assert np.array_equal(loops.coherence(1e-12), np.ones(60_000))
    sample = np.stack([loops.weight, loops.weight * loops.overlap])
    error = sample.std(axis=1) / math.sqrt(60_000)
    assert abs(sample[0].mean() - 1 / (n - 1)) < 4 * error[0]
    if other is not None:
        assert abs(sample[1].mean() - other) < 4 * error[1]


def visits(edges):
    """Times and momentum transfers at each scatterer in the two senses, from flights on straight lines.

    The last scatterer is the origin. Both senses come along the first edge and pass the origin at time 0.
    """
    corners = np.cumsum(edges, axis=0)
    senses = []
    for order in (list(range(len(edges))), [len(edges) - 1, *range(len(edges) - 1)[::-1]]):
        place, clock, direction = np.zeros(2), 0.0, edges[0] / np.linalg.norm(edges[0])
        seen = {}
        for at, scatterer in enumerate(order):
            clock += np.linalg.norm(corners[scatterer] - place)
            place = corners[scatterer]
            ahead = corners[order[at + 1]] - place if at + 1 < len(order) else -edges[0]
            after = ahead / np.linalg.norm(ahead)
            seen[scatterer] = clock, after - direction
            direction = after
        senses.append(seen)
    return senses


@pytest.mark.parametrize("n", [2, 3, 7])
def test_collisions_against_both_senses_followed_in_time(n):
    """Time between the two visits is 2 t', and both turn the momentum by as much; closing one included."""
    edges = np.random.default_rng(n).normal(size=(n + 1, 2))
    edges[-1] -= edges.sum(axis=0)
    duration, time, transfer, overlap = (x[0] for x in _collisions(edges[None]))
    one, other = visits(edges)
    for scatterer in range(n + 1):
        (t1, q1), (t2, q2) = one[scatterer], other[scatterer]
        assert math.isclose(t1 - t2, 2 * time[scatterer], abs_tol=1e-12)
        assert np.allclose(np.linalg.norm([q1, q2], axis=1), 2 * transfer[scatterer])
    assert math.isclose(time[-1], duration / 2)
    assert math.isclose(transfer[-1] ** 2, (1 + overlap) / 2, abs_tol=1e-12)


def test_closing_collision_dephases_long_loops_more_than_short_ones():
    rng = np.random.default_rng(3)
    for n, rate in ((2, 1.0), (12, 0.3)):
        loops = sample_loops(n, 20_000, rng)
        with_it, without = (loops.coherence(rate, closing=closing) for closing in (True, False))
        ratio = with_it / without
        factor = np.cos(rate * loops.transfer[:, -1] * loops.time[:, -1])
        assert np.allclose(ratio, factor)
    static = sample_loops(4, 100, rng).coherence(2.0, phonon_ratio=1e-9)
    assert np.allclose(static, 1)


def test_thermal_loops_are_the_average_over_energies():
    value, _, error = closed_loops(1.2, 18, 5000, np.random.default_rng(5), thermal=True)
    nodes, weights = np.polynomial.laguerre.laggauss(10)
    single = [closed_loops(1.2 * x**0.5, 18, 3000, np.random.default_rng(6)) for x in nodes]
    average = sum(w * v[0].sum() for w, v in zip(weights, single, strict=True))
    assert abs(value.sum() - average) < 4 * math.hypot(error, single[2][2]) + 0.01


def test_other_directions_add_up_to_ln_2():
    value, error, _ = closed_loops(1e-12, 40, 4000, np.random.default_rng(8))
    # what is left of the sum beyond 40 collisions is below 0.001
    assert abs(value[1] + math.log(2)) < 4 * error[1] + 1e-3


STORED = load_stored("exciton", "loops.json")
ROWS = {(row["kelvin"], row["disorder_ps"]): row for row in STORED["rows"]}
CHOSEN = [(3.0, None), (10.0, None), (100.0, None), (10.0, 1.0), (60.0, 1.0)]


def settings(kelvin, disorder):
    """Phase rate and part of the phonons of a stored row."""
    tau = float(MONOLAYER.momentum_time(kelvin, np.inf if disorder is None else disorder))
    part = tau / float(MONOLAYER.momentum_time(kelvin))
    return float(phonon_phase_rate(MONOLAYER, kelvin)) * tau, part


def drawn(row, n_loops, seed):
    """Return integral with and without the closing collision, and errors, of loops drawn now."""
    rate, part = settings(row["kelvin"], row["disorder_ps"])
    runs = [
        closed_loops(
            rate, row["most_collisions"], n_loops, np.random.default_rng(seed), part,
            closing=closing, thermal=True,
        )
        for closing in (True, False)
    ]  # fmt: skip
    return np.array([value.sum() for value, *_ in runs]), np.array([error for *_, error in runs])


@pytest.mark.parametrize("key", CHOSEN)
def test_stored_loops_are_drawn_again(key):
    row, seed = ROWS[key], [9, 0]
    assert np.allclose(drawn(row, 400, seed)[0], row["sample"], atol=1e-8)


@pytest.mark.parametrize("key", CHOSEN)
def test_stored_means_are_those_of_other_loops(key):
    row = ROWS[key]
    (value, error), blocks = drawn(row, 2000, 1), np.array(row["blocks"])
    stored, spread = jackknife(blocks)
    assert np.all(np.abs(value - stored) < 4 * np.hypot(error, spread))
    # a block is as uncertain as its loops are
    assert np.all(spread * np.sqrt(12) < 3 * error * np.sqrt(2000 / 10_000))


@pytest.mark.parametrize("key", ROWS)
def test_longer_loops_than_the_stored_ones_do_not_count(key):
    row, rng = ROWS[key], np.random.default_rng(2)
    rate, part = settings(*key)
    loops = sample_loops(row["most_collisions"] + 1, 2000, rng)
    rates = rate * np.sqrt(rng.exponential(size=2000))
    next_one = loops.weight * loops.coherence(rates, part) * (1 + loops.overlap)
    assert next_one.mean() < 3e-4 * abs(np.mean(row["blocks"]))


def test_the_loops_are_stored_where_disorder_leaves_the_least():
    """At twice the crossover, where the printed logarithm is flat."""
    place = 2 * MONOLAYER.sound_temperature * MONOLAYER.phonon_time
    assert (place, 1.0) in ROWS
    near = logarithmic_correction(MONOLAYER, place * np.array([0.97, 1.0, 1.03]), 1.0)
    assert near[1] > near[0] and near[1] > near[2]


def test_bad_input():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="n_flights: expected"):
        closed_path(2, 1.0, 0.1, rng)
    with pytest.raises(ValueError, match="step: expected"):
        closed_path(3, 1.0, 0.0, rng)
    with pytest.raises(ValueError, match="phase_rate: expected"):
        closed_loops(0.0, 3, 10, rng)
    with pytest.raises(ValueError, match="most_collisions: expected"):
        closed_loops(1.0, 1, 10, rng)
    with pytest.raises(ValueError, match="most_collisions: expected an integer in 2..10000"):
        closed_loops(1.0, 10**4 + 1, 10, rng)
    with pytest.raises(ValueError, match="phonon_ratio: expected"):
        closed_loops(1.0, 3, 10, rng, phonon_ratio=1.1)
    with pytest.raises(ValueError, match="n_collisions: expected"):
        sample_loops(1, 10, rng)
    with pytest.raises(ValueError, match="n_loops: expected"):
        sample_loops(3, 0, rng)
    path, length = closed_path(3, 1.0, 0.1, rng)
    with pytest.raises(ValueError, match="sound: expected"):
        field_dephasing(path, length, -1.0, 1.0, 5, 5, rng)
    with pytest.raises(ValueError, match="separation: expected"):
        field_exponent(1.0, 0.1, 1.0, 0)
