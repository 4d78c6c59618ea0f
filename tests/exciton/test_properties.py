"""What holds for every exciton and every field: norm, energy, reversal, gauge, units, order, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import j0

from lowdim.exciton import (
    Grid,
    PhononField,
    dephasing_exponent,
    dephasing_function,
    expected_contrast,
    jackknife,
    line_fit,
    loss_rates,
    propagate,
    return_density,
    return_integral,
    scattering_rate,
    single_share,
    symmetrised_strength,
)
from lowdim.exciton.material import matthiessen
from strategies import numbers

# 15 examples of milliseconds; 4 of those that propagate waves
CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=4)
GRID = Grid(16, 8.0)


def states(seed, dtype=complex):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=(2, 16, 16)) + 1j * rng.normal(size=(2, 16, 16))
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2, axis=(1, 2), keepdims=True))
    return psi.astype(dtype)


def static(seed, strength=1.0):
    return strength * np.random.default_rng(seed).normal(size=(16, 16))


@DEAR
@given(st.integers(0, 99), numbers(0.01, 0.06), st.sampled_from([np.complex64, np.complex128]))
def test_the_norm_stays_in_moving_fields_of_either_precision(seed, step, dtype):
    single = dtype == np.complex64
    field = PhononField(GRID, 2.0, np.random.default_rng(seed), single=single).midpoints(0.3, step)
    track = propagate(states(seed, dtype)[:, None], field, GRID, step=step, steps=12)
    assert track.final.dtype == dtype
    assert track.norm == pytest.approx(np.ones_like(track.norm), abs=1e-5 if single else 1e-12)


@DEAR
@given(st.integers(0, 99), numbers(0.01, 0.06))
def test_what_ran_forwards_runs_back(seed, step):
    there = propagate(states(seed), static(seed), GRID, step=step, steps=12)
    back = propagate(there.final, static(seed), GRID, step=-step, steps=12)
    np.testing.assert_allclose(back.final, states(seed), atol=1e-12)


@DEAR
@given(st.integers(0, 99), numbers(-3, 3), st.integers(0, 15), st.integers(0, 15))
def test_neither_the_zero_of_energy_nor_the_origin_is_seen(seed, shift, right, up):
    potential = static(seed)
    plain = propagate(states(seed), potential, GRID, step=0.04, steps=10)
    raised = propagate(states(seed), potential + shift, GRID, step=0.04, steps=10)
    np.testing.assert_allclose(raised.velocity, plain.velocity, atol=1e-11)
    # moved by whole points, amplitudes get a phase each
    k = GRID.wave_number
    phase = np.exp(-1j * GRID.spacing * (right * k[:, None] + up * k))
    moved = propagate(
        states(seed) * phase, np.roll(potential, (right, up), axis=(0, 1)), GRID, step=0.04, steps=10
    )
    np.testing.assert_allclose(moved.velocity, plain.velocity, atol=1e-11)


@CHEAP
@given(numbers(1e-3, 1e3), numbers(0, 1e2), numbers(1e-3, 1e3))
def test_classical_rates_do_not_depend_on_momentum_and_sound(momentum, sound, relaxation):
    found = loss_rates(momentum, sound, relaxation, order=4000)
    # the quadrature is of first order where a phonon of zero wave vector lies inside
    assert found == pytest.approx((1 / relaxation, 1 / relaxation), rel=3e-3 * (1 + sound / momentum))


@CHEAP
@given(numbers(0, 1e6))
def test_dephasing_lies_within_its_bounds(phase):
    assert dephasing_function(phase) == pytest.approx(1 - j0(phase), abs=1e-15)
    assert 0 <= dephasing_function(phase) <= 1.4028


@CHEAP
@given(numbers(1e-3, 1e3), numbers(1e-6, 1e3), numbers(1e-3, 1e3), numbers(1e-3, 1e3))
def test_the_exponent_has_no_unit_of_time_and_both_limits(time, rate, tau, unit):
    found = dephasing_exponent(time, rate, tau)
    assert dephasing_exponent(unit * time, rate / unit, unit * tau) == pytest.approx(found, rel=1e-9)
    assert found <= dephasing_exponent(time, rate, tau, expanded=True) * (1 + 1e-12)
    assert found <= 2 * time / tau * 1.41
    slow = 1e-3 / time
    expanded = dephasing_exponent(time, slow, tau, expanded=True)
    assert dephasing_exponent(time, slow, tau) == pytest.approx(expanded, rel=1e-6)
    fast = 1e6 / time
    assert dephasing_exponent(time, fast, tau) == pytest.approx(2 * time / tau, rel=1e-4)


@DEAR
@given(
    numbers(1e-3, 1e2),
    numbers(0.01, 1),
    numbers(0.1, 1e8),
    numbers(1.1, 10),
    st.sampled_from(["sharp", "backscattering"]),
)
def test_faster_dephasing_and_shorter_lives_leave_less_return(rate, share, lifetime, factor, kernel):
    base = return_integral([rate], share, lifetime, kernel)[0]
    slack = 1e-6 * (1 + abs(base))
    assert return_integral([factor * rate], share, lifetime, kernel)[0] <= base + slack
    assert return_integral([rate], share, factor * lifetime, kernel)[0] >= base - slack


@CHEAP
@given(numbers(1e-3, 1e9))
def test_without_dephasing_the_lifetime_gives_a_logarithm(lifetime):
    rate = [1e-7 * min(1, (1e3 / lifetime) ** 2)]
    found = return_integral(rate, lifetime=lifetime, kernel="backscattering")[0]
    assert found == pytest.approx(np.log1p(lifetime), abs=1e-6)


@CHEAP
@given(st.lists(numbers(1e-6, 1e6), min_size=1, max_size=5), numbers(1e-3, 1e3), st.randoms())
def test_rates_add_up_in_any_order_and_unit(times, unit, random):
    found = matthiessen(*times)
    assert found <= min(times) * (1 + 1e-12)
    assert matthiessen(*random.sample(times, len(times)), np.inf) == pytest.approx(found)
    assert matthiessen(*(unit * t for t in times)) == pytest.approx(unit * found)


@CHEAP
@given(numbers(1e-6, 1e4), numbers(1e-8, 3))
def test_scattering_has_the_accuracy_asked_for(energy, a):
    coarse, fine = (scattering_rate([energy], a, tolerance=t)[0] for t in (1e-6, 1e-12))
    assert coarse == pytest.approx(fine, rel=1e-6)


@CHEAP
@given(numbers(0, 1e4))
def test_the_symmetrised_field_lies_above_the_classical_and_the_zero_point_one(quantum):
    found = symmetrised_strength(quantum)
    assert max(1, quantum / 2) * (1 - 1e-14) <= found <= 1 + quantum / 2


@CHEAP
@given(numbers(0.1, 40), numbers(0.5, 20))
def test_the_frozen_contrast_lacks_the_single_collisions(depth, relaxation):
    found = expected_contrast([depth * relaxation], relaxation, 0.0, vertex=False)
    assert found == pytest.approx(1 - single_share([depth]), abs=1e-9)


@CHEAP
@given(numbers(1e-3, 1e3), numbers(1e-3, 1e3), numbers(1e-3, 1e3), numbers(1e-3, 1e3))
def test_return_falls_with_time_and_the_single_collisions_with_it(time, relaxation, energy, unit):
    total, once = return_density(time, relaxation, energy)
    assert 0 <= once <= total
    scaled = return_density(unit * time, unit * relaxation, energy)[0]
    assert scaled == pytest.approx(total / unit**2)


@CHEAP
@given(st.integers(2, 12), st.integers(0, 99), numbers(-10, 10), numbers(-10, 10))
def test_the_jackknife_of_a_mean_knows_no_order_and_follows_lines(count, seed, slope, offset):
    blocks = np.random.default_rng(seed).normal(size=(count, 3))
    value, error = jackknife(blocks)
    np.testing.assert_allclose(value, blocks.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(error, blocks.std(axis=0, ddof=1) / np.sqrt(count), atol=1e-12)
    for other in (jackknife(blocks[::-1]), jackknife(blocks, lambda mean: slope * mean + offset)):
        assert other[0].shape == value.shape
    moved, spread = jackknife(slope * blocks + offset)
    np.testing.assert_allclose(moved, slope * value + offset, atol=1e-9)
    np.testing.assert_allclose(spread, abs(slope) * error, atol=1e-9)


@CHEAP
@given(numbers(-9, 9), numbers(-9, 9), st.lists(numbers(-5, 5), min_size=3, max_size=6, unique=True))
def test_points_on_a_line_give_the_line(intercept, slope, abscissa):
    x = np.array(abscissa) + np.arange(len(abscissa)) * 20
    np.testing.assert_allclose(line_fit(x, intercept + slope * x), [intercept, slope], atol=1e-8)
