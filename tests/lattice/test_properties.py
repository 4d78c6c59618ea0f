"""What holds for every lattice: any cell, splitting and zone, units, order of axes, sum rules, limits."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowdim.lattice import (
    Lattice,
    band_edges,
    band_energies,
    bond_average,
    debye_average,
    dense_energies,
    displacement_weights,
    lattice,
    lattice_energies,
    lattice_energy,
    lindemann_ratio,
    long_range_matrix,
    phonon_average,
    tunnelling,
    zone_average,
)
from strategies import cells, numbers, vectors

# 15 examples of milliseconds; 5 where a lattice sum or a band structure is computed twice
CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=5)
PLANES = ("square", "triangular")


@DEAR
@given(st.sampled_from(PLANES), st.sampled_from([1, 3]), cells(), vectors(2, -9, 9), numbers(0.4, 2.5))
def test_long_range_forces_depend_neither_on_cell_nor_on_splitting(name, power, cell, k, factor):
    crystal = lattice(name)
    other = Lattice("other", cell @ crystal.primitive)
    fraction = k @ np.linalg.inv(crystal.reciprocal)
    assume(np.linalg.norm(fraction - np.round(fraction)) > 1e-3)
    expected = long_range_matrix([k], crystal, power)
    found = long_range_matrix([k], other, power, factor * np.sqrt(np.pi / crystal.cell))
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())


@DEAR
@given(st.sampled_from(PLANES), st.sampled_from([1, 3]), cells(), numbers(0.4, 2.5))
def test_the_energy_of_a_crystal_depends_neither_on_cell_nor_on_splitting(name, power, cell, factor):
    crystal = lattice(name)
    other = Lattice("other", cell @ crystal.primitive)
    found = lattice_energy(other, power, factor * np.sqrt(np.pi / crystal.cell))
    assert found == pytest.approx(lattice_energy(crystal, power), rel=1e-9)


@DEAR
@given(st.sampled_from(PLANES), st.sampled_from([1, 3]), vectors(2, -3, 3), vectors(2, -2.4, 2.4))
def test_long_range_forces_repeat_in_every_zone(name, power, k, zone):
    crystal = lattice(name)
    assume(np.linalg.norm(k) > 1e-2)
    moved = k + np.round(zone) @ crystal.reciprocal
    both = long_range_matrix([k, moved, -k], crystal, power)
    np.testing.assert_allclose(both[1:], both[:1].repeat(2, axis=0), atol=1e-8 * np.abs(both).max())


@CHEAP
@given(cells(), st.sampled_from(PLANES))
def test_zone_averages_do_not_depend_on_the_cell(cell, name):
    crystal = lattice(name)
    bond = crystal.primitive[0]

    def lift(k):
        return 1 - np.cos(k @ bond)

    other = Lattice("other", cell @ crystal.primitive)
    # the average of the cosine over a zone is zero; in a skew cell it turns more often
    turns = int(np.abs(np.linalg.inv(cell)).max())
    assert zone_average(lift, other.reciprocal, order=16 + 4 * turns) == pytest.approx(1, abs=1e-8)


@CHEAP
@given(numbers(0, 50), numbers(-9, 9), st.integers(-4, 4), st.integers(1, 4))
def test_bands_repeat_are_even_and_lie_between_their_edges(depth, q, zone, count):
    energies = band_energies(depth, q, count)
    for same in (q + 2 * zone, -q):
        np.testing.assert_allclose(band_energies(depth, same, count), energies, atol=1e-9)
    edges = band_edges(depth, count)
    assert np.all((energies >= edges[:, 0] - 1e-9) & (energies <= edges[:, 1] + 1e-9))


@CHEAP
@given(numbers(0, 50), numbers(0, 50), numbers(-1, 1))
def test_deepening_the_lattice_raises_every_band_by_less_than_the_depth(one, two, q):
    """The energies grow with the mean of sin^2, between 0 and 1."""
    low, high = sorted((one, two))
    rise = band_energies(high, q, 3) - band_energies(low, q, 3)
    assert np.all(rise >= -1e-9)
    assert np.all(rise <= high - low + 1e-9)


@settings(derandomize=True, deadline=None, max_examples=2)  # half a second each
@given(vectors(2, 0, 8), vectors(2, -3, 3))
def test_energies_of_two_axes_are_those_of_the_matrix_and_know_no_order_of_axes(depths, q):
    found = lattice_energies(depths, q, 3)
    np.testing.assert_allclose(found, dense_energies(depths, q, 3), atol=1e-6)
    np.testing.assert_allclose(found, lattice_energies(depths[::-1], q[::-1], 3), atol=1e-9)


@settings(derandomize=True, deadline=None, max_examples=2)  # a second each
@given(numbers(5, 40))
def test_hoppings_add_up_to_the_band(depth):
    """E_q = E_0 - 2 sum_R J_R cos(pi q R): at q = 0 and 1, with the mean of the band for R = 0."""
    q = np.linspace(-1, 1, 64, endpoint=False)
    band = band_energies(depth, q)[:, 0]
    hops = np.array([tunnelling(depth, r).item() for r in range(1, 5)])
    for end, sign in ((0.0, 1), (1.0, -1)):
        total = band.mean() - 2 * np.sum(hops * float(sign) ** np.arange(1, 5))
        assert total == pytest.approx(band_energies(depth, end)[0], abs=1e-5)


@CHEAP
@given(vectors(3, 0.01, 10), numbers(0, 5), numbers(0, 5), numbers(1e-3, 1e3), st.permutations(range(3)))
def test_displacements_have_no_unit_and_know_no_order_of_axes(couplings, temperature, pinning, unit, order):
    expected = phonon_average(couplings, temperature, pinning)
    scaled = phonon_average(unit**2 * couplings, unit * temperature, unit * pinning)
    assert scaled == pytest.approx(expected / unit, rel=1e-11)
    assert phonon_average(couplings[order], temperature, pinning) == pytest.approx(expected, rel=1e-11)


@CHEAP
@given(vectors(3, 0.01, 10), numbers(1e-3, 1e3), numbers(0.1, 5))
def test_displacements_lie_between_zero_point_and_equipartition(couplings, temperature, pinning):
    warm, cold = phonon_average(couplings, temperature, pinning), phonon_average(couplings, 0.0, pinning)
    classical = 2 * temperature * displaced_classically(couplings, pinning)
    # coth x lies between 1, 1/x and their sum
    assert max(cold, classical) * (1 - 1e-10) <= warm <= (cold + classical) * (1 + 1e-10)
    # coth(w/2T)/w is convex in w^2, whose average is the middle of its range
    lowest, width = pinning**2, 4 * couplings.sum()
    squared = np.array([lowest + width / 2, lowest, lowest + width])
    one, two, three = 1 / (np.sqrt(squared) * np.tanh(np.sqrt(squared) / (2 * temperature)))
    assert one * (1 - 1e-10) <= warm <= (two + three) / 2 * (1 + 1e-10)


def displaced_classically(couplings, pinning):
    """The zone average of 1/omega^2, as the limit of very high temperature."""
    hot = 1e6 * np.sqrt(couplings.sum() + pinning**2)
    return phonon_average(couplings, hot, pinning) / (2 * hot)


@CHEAP
@given(vectors(2, 0.3, 3), numbers(0, 5), numbers(0.1, 5))
def test_bonds_of_all_axes_share_the_energy(couplings, temperature, pinning):
    """sum_g kappa_g 2(1 - cos k_g) = omega^2 - pinning^2: a sum rule for the two averages."""
    bonds = sum(
        couplings[axis] * bond_average(np.roll(couplings, -axis), temperature, pinning) for axis in range(2)
    )

    def frequency(k):
        return np.sqrt(pinning**2 + 4 * np.sin(k / 2) ** 2 @ couplings)

    def energy(k):
        omega = frequency(k)
        return omega / np.tanh(omega / (2 * temperature)) if temperature > 1e-3 else omega

    if temperature <= 1e-3:
        bonds = sum(couplings[a] * bond_average(np.roll(couplings, -a), 0.0, pinning) for a in range(2))
        temperature = 0.0
    rest = pinning**2 * phonon_average(couplings, temperature, pinning)
    total = zone_average(energy, 2 * np.pi * np.eye(2), order=40, levels=6)
    # a stiff axis beside a soft one is hard to resolve for the rule
    assert bonds + rest == pytest.approx(total, rel=1e-4)


@CHEAP
@given(numbers(1e-3, 1e3), numbers(1e-3, 1e3), numbers(1e-3, 1e3))
def test_the_debye_average_has_both_limits(debye, temperature, unit):
    found = debye_average(3, debye, temperature)
    assert debye_average(3, unit * debye, unit * temperature) == pytest.approx(found / unit, rel=1e-10)
    cold, hot = 1.5 / debye, 6 * temperature / debye**2
    assert max(cold, hot) * (1 - 1e-10) <= found <= (cold + hot) * (1 + 1e-10)


@CHEAP
@given(st.integers(1, 3), numbers(0, 1e3), numbers(0, 1e3), numbers(0.1, 1e3), numbers(1.01, 10))
def test_stiffer_bonds_and_pins_hold_the_atoms_closer(dimension, debye, temperature, pinning, factor):
    loose = lindemann_ratio(dimension, debye, temperature, pinning)
    assert lindemann_ratio(dimension, factor * debye, temperature, pinning) <= loose * (1 + 1e-10)
    assert lindemann_ratio(dimension, debye, temperature, factor * pinning) <= loose * (1 + 1e-10)
    assert lindemann_ratio(dimension, debye, factor * temperature, pinning) >= loose * (1 - 1e-10)


@CHEAP
@given(vectors(3, 0.1, 5), numbers(0, 6.3), numbers(0, 5), numbers(0.1, 10))
def test_weights_turn_with_the_axes(squares, angle, temperature, mass):
    turn = np.eye(3)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    plain = displacement_weights([np.diag(squares)], temperature, mass)[0]
    turned = displacement_weights([turn @ np.diag(squares) @ turn.T], temperature, mass)[0]
    np.testing.assert_allclose(turned, turn @ plain @ turn.T, atol=1e-10 * plain.max())
