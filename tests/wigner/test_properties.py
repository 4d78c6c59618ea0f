"""What holds for every crystal: order of particles, rotations, units, sum rules, detailed balance, limits."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowdim.wigner import (
    Coulomb,
    Keldysh,
    Tabulated,
    Trap,
    bond_order,
    cluster_energy,
    cluster_gradient,
    coulomb_exchange,
    crystal_frequencies,
    direct_integral,
    elasticity_matrix,
    exchange_couplings,
    intervalley_exchange,
    ising_ground_states,
    keldysh_kernel,
    normal_modes,
    occupation,
    overlap,
    relax,
    ring_levels,
    ring_term,
    spin_levels,
    virial_ratio,
)
from strategies import numbers

# 15 examples of milliseconds; 4 of those that relax a cluster
CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=4)
INTERACTIONS = (Coulomb(), Keldysh(0.4))


@st.composite
def clusters(draw, most=6):
    """A few electrons, none closer than 0.4."""
    count = draw(st.integers(2, most))
    places = draw(st.permutations([(i, j) for i in range(-1, 2) for j in range(-1, 2)]))[:count]
    wobble = draw(st.lists(numbers(-0.3, 0.3), min_size=2 * count, max_size=2 * count))
    return np.array(places) + np.reshape(wobble, (-1, 2))


def turned(positions, angle):
    c, s = np.cos(angle), np.sin(angle)
    return positions @ np.array([[c, s], [-s, c]])


@st.composite
def couplings(draw, most=5):
    count = draw(st.integers(3, most))
    upper = np.zeros((count, count))
    pairs = np.triu_indices(count, 1)
    upper[pairs] = draw(st.lists(numbers(-2, 2), min_size=len(pairs[0]), max_size=len(pairs[0])))
    return upper + upper.T


@CHEAP
@given(clusters(), numbers(-7, 7), st.randoms(), st.sampled_from(INTERACTIONS))
def test_energy_knows_neither_order_nor_direction(positions, angle, random, interaction):
    order = random.sample(range(len(positions)), len(positions))
    other = turned(positions[order], angle)
    energy = cluster_energy(positions, Trap(2), interaction)
    assert cluster_energy(other, Trap(2), interaction) == pytest.approx(energy, rel=1e-12)
    gradient = turned(cluster_gradient(positions, Trap(2), interaction)[order], angle)
    np.testing.assert_allclose(cluster_gradient(other, Trap(2), interaction), gradient, atol=1e-10)


@CHEAP
@given(clusters(), st.sampled_from([2, 4]), st.sampled_from(INTERACTIONS), st.integers(0, 99))
def test_gradient_and_elasticity_are_the_slopes_of_the_energy(positions, power, interaction, seed):
    trap, h = Trap(power), 1e-4
    step = np.random.default_rng(seed).normal(size=positions.shape)
    step *= h / np.linalg.norm(step)
    ends = [cluster_energy(positions + s * step, trap, interaction) for s in (1, -1)]
    slope = np.sum(cluster_gradient(positions, trap, interaction) * step)
    assert (ends[0] - ends[1]) / 2 == pytest.approx(slope, rel=1e-5, abs=1e-9)
    matrix = elasticity_matrix(positions, trap, interaction)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12 * np.abs(matrix).max())
    ends = [cluster_gradient(positions + s * step, trap, interaction) for s in (1, -1)]
    np.testing.assert_allclose((ends[0] - ends[1]).ravel() / 2, matrix @ step.ravel(), atol=1e-6)


@settings(derandomize=True, deadline=None, max_examples=3)
@given(clusters(5))
def test_equilibria_obey_the_virial_and_have_the_exact_modes(positions):
    """Frequencies 0 (rotation), 1 twice (the centre of mass) and sqrt(3) (breathing)."""
    found = relax(positions)
    assert virial_ratio(found.positions) == pytest.approx(1, rel=1e-8)
    frequencies = normal_modes(found.positions).frequencies
    for exact, times in ((0.0, 1), (1.0, 2), (math.sqrt(3), 1)):
        assert np.sum(np.abs(frequencies - exact) < 1e-5) >= times


@CHEAP
@given(clusters(), numbers(-7, 7), st.integers(1, 8), numbers(0.1, 10))
def test_bond_order_knows_neither_direction_nor_unit(positions, angle, fold, unit):
    assume(len(positions) > 3)
    expected = np.sort(bond_order(positions, fold))
    assert np.all(expected <= 1 + 1e-12)
    found = np.sort(bond_order(unit * turned(positions, angle), fold))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@CHEAP
@given(numbers(1e-3, 20), numbers(1e-3, 20), numbers(1e-3, 1e3))
def test_exchange_has_one_unit_is_positive_and_below_the_repulsion(distance, width, unit):
    found = coulomb_exchange(distance, width)
    scaled = coulomb_exchange(unit * distance, unit * width) * unit
    assert scaled == pytest.approx(found, rel=1e-9, abs=1e-300)
    assert 0 <= found <= direct_integral(0.0, width) * (1 + 1e-12)
    assert 0 <= overlap(distance, width) <= 1
    both = intervalley_exchange(distance, width, 2.0), intervalley_exchange(distance, width, 3.0)
    assert both[1] <= both[0]


@CHEAP
@given(numbers(1e-6, 1e6))
def test_exchange_has_the_limit_of_wide_clouds(ratio):
    """J = C (1 - I_0 e^-y)/(1 - e^-4y) e^-2y is a quarter of the on-site repulsion for close electrons."""
    width = 1e6 * ratio
    on_site = float(direct_integral(0.0, width))
    assert coulomb_exchange(ratio, width) == pytest.approx(on_site / 4, rel=1e-5)


@CHEAP
@given(clusters(), numbers(-7, 7), numbers(0.1, 0.6))
def test_couplings_of_a_cluster_are_those_of_its_pairs(positions, angle, width):
    found = exchange_couplings(positions, width)
    other = exchange_couplings(turned(positions, angle), width)
    np.testing.assert_allclose(other, found, rtol=1e-7, atol=1e-300)
    distance = np.hypot(*(positions[0] - positions[1]))
    assert found[0, 1] == pytest.approx(coulomb_exchange(distance, width))
    np.testing.assert_array_equal(found, found.T)


@CHEAP
@given(numbers(1e-3, 1e3), numbers(1e-3, 1e3))
def test_the_screened_repulsion_lies_below_the_bare_one_and_falls(x, factor):
    near, far = sorted((x, factor * x))
    assert 0 < keldysh_kernel(far)[0] <= keldysh_kernel(near)[0] < 2 / (np.pi * near) * (1 + 1e-12)


@CHEAP
@given(numbers(0.05, 60))
def test_a_table_is_the_function_within_its_reach_and_beyond(distance):
    table, exact = Tabulated(Keldysh(0.4), (0.1, 30.0)), Keldysh(0.4)
    np.testing.assert_allclose(table.terms(distance), exact.terms(distance), rtol=1e-7)


@CHEAP
@given(numbers(0.1, 100), numbers(1, 1e4))
def test_occupations_are_in_detailed_balance(energy, temperature):
    """n/(n + 1) = exp(-E/kT), the same for energies and temperatures scaled together."""
    found = occupation(energy, temperature)
    assume(found > 1e-250)
    twice = occupation(2 * energy, temperature)
    assert twice / (1 + twice) == pytest.approx((found / (1 + found)) ** 2, rel=1e-8)
    assert occupation(2 * energy, 2 * temperature) == pytest.approx(found, rel=1e-10)


@CHEAP
@given(couplings(), st.randoms(), numbers(0.1, 10), numbers(-1, 2))
def test_spin_levels_know_no_order_and_keep_the_trace(matrix, random, unit, transverse):
    count = len(matrix)
    order = random.sample(range(count), count)
    ups = count // 2
    whole = math.comb(count, ups)
    levels = spin_levels(matrix, ups, whole, transverse=transverse)
    other = spin_levels(unit * matrix[np.ix_(order, order)], ups, whole, transverse=transverse)
    np.testing.assert_allclose(other, unit * levels, atol=1e-9 * unit)
    # the mean of s_i s_j over the states with so many spins up
    mean = ((2 * ups - count) ** 2 - count) / (count * (count - 1))
    assert levels.sum() == pytest.approx(whole * mean * np.sum(np.triu(matrix)), abs=1e-8)
    # all spins turned over
    turned_over = spin_levels(matrix, count - ups, whole, transverse=transverse)
    np.testing.assert_allclose(turned_over, levels, atol=1e-9)


@CHEAP
@given(couplings(), st.randoms())
def test_ising_states_are_the_lowest_of_all_and_know_no_order(matrix, random):
    order = random.sample(range(len(matrix)), len(matrix))
    found, other = ising_ground_states(matrix), ising_ground_states(matrix[np.ix_(order, order)])
    assert other.energy == pytest.approx(found.energy, abs=1e-10)
    # the lowest level without flips
    lowest = min(spin_levels(matrix, up, 1, transverse=0.0)[0] for up in range(len(matrix) + 1))
    assert found.energy == pytest.approx(lowest, abs=1e-9)


@CHEAP
@given(st.integers(2, 5), numbers(0.1, 3), st.integers(3, 6))
def test_a_ring_of_every_length_has_whole_multiplets(length, amplitude, count):
    """The levels at S_z + 1 are levels at S_z too."""
    assume(length <= count)
    terms = [ring_term(tuple(range(length)), amplitude)]
    up = (count + 1) // 2
    many = ring_levels(terms, count, up, math.comb(count, up))
    fewer = ring_levels(terms, count, up + 1, math.comb(count, up + 1))
    for level in fewer:
        assert np.min(np.abs(many - level)) < 1e-8


@CHEAP
@given(numbers(-6, 0.2), numbers(-7, 7))
def test_sound_is_linear_and_the_plasmon_a_root_at_any_small_wave_vector(log_k, angle):
    k = 10**log_k / 100
    direction = np.array([np.cos(angle), np.sin(angle)])
    sound, plasmon = crystal_frequencies([k * direction])[0]
    density = 1 / np.sqrt(0.75)
    assert plasmon == pytest.approx(np.sqrt(2 * np.pi * density * k), rel=2e-2)
    twice = crystal_frequencies([k / 2 * direction])[0][0]
    assert sound == pytest.approx(2 * twice, rel=1e-3)
