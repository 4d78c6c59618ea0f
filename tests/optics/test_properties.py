"""What holds for all arrays and light: cell, zone, units, order of sites, reciprocity, energy, phase."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowdim.optics import (
    CIRCULAR,
    azimuthal_contrast,
    dyadic_green,
    gaussian_beam,
    infinite_transmission,
    largest_contrast,
    lattice_green,
    polarizability,
    polarization_ellipse,
    scatter,
    solve_dipoles,
    stokes_angles,
    transmission,
)
from strategies import cells, numbers, vectors

# 15 examples of milliseconds; 5 of those with a lattice sum or a beam
CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=5)
TRIANGULAR = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])


@st.composite
def patches(draw):
    """A few sites in the plane, none closer than 0.2."""
    count = draw(st.integers(2, 5))
    grid = draw(st.permutations([(i, j) for i in range(3) for j in range(3)]))[:count]
    wobble = np.array(draw(st.lists(numbers(-0.15, 0.15), min_size=2 * count, max_size=2 * count)))
    return np.pad(0.5 * np.array(grid) + wobble.reshape(-1, 2), ((0, 0), (0, 1)))


def away_from_orders(q, primitive, k):
    reciprocal = 2 * np.pi * np.linalg.inv(primitive).T
    index = np.stack(np.meshgrid(*[np.arange(-6, 7)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.abs(np.linalg.norm(q + index @ reciprocal, axis=1) - k).min() > 0.05


@DEAR
@given(cells(), vectors(2, -9, 9), numbers(0.5, 9), numbers(0.5, 2), numbers(0.2, 5))
def test_lattice_sums_depend_on_neither_cell_nor_splitting_and_have_one_unit(cell, q, k, factor, unit):
    assume(away_from_orders(q, TRIANGULAR, k))
    expected = lattice_green(q, TRIANGULAR, k)
    scale = np.abs(expected).max()
    splitting = factor * max(np.sqrt(np.pi / np.sqrt(0.75)), k / 2)
    found = lattice_green(q, cell @ TRIANGULAR, k, splitting=splitting)
    np.testing.assert_allclose(found, expected, atol=1e-8 * scale)
    found = lattice_green(q / unit, unit * TRIANGULAR, k / unit)
    np.testing.assert_allclose(found * unit, expected, atol=1e-9 * scale)


@DEAR
@given(vectors(2, -5, 5), numbers(0.5, 9), vectors(2, -2.4, 2.4))
def test_lattice_sums_repeat_in_every_zone_and_are_even(q, k, zone):
    assume(away_from_orders(q, TRIANGULAR, k))
    moved = q + np.round(zone) @ (2 * np.pi * np.linalg.inv(TRIANGULAR).T)
    total = lattice_green([q, moved, -q], TRIANGULAR, k)
    scale = np.abs(total).max()
    np.testing.assert_allclose(total[1], total[0], atol=1e-8 * scale)
    np.testing.assert_allclose(total[2], np.swapaxes(total[0], -1, -2), atol=1e-8 * scale)


@CHEAP
@given(
    numbers(0, 1.4),
    numbers(-7, 7),
    numbers(0.1, 0.45),
    numbers(-3, 3),
    numbers(0, 2),
    st.sampled_from([1, 3]),
)
def test_reflected_transmitted_and_absorbed_power_add_up_to_one(theta, phi, spacing, detuning, loss, count):
    """With no other order open; without losses nothing is absorbed."""
    k = 2 * np.pi
    dipoles = CIRCULAR if count == 1 else np.eye(3)
    found = scatter(theta, phi, spacing * np.eye(2), k, detuning, dipoles=dipoles)
    lossy = scatter(theta, phi, spacing * np.eye(2), k, detuning, dipoles=dipoles, nonradiative=loss)
    for polarization in ([1, 0], [0, 1], [0.6, 0.8j]):
        whole = found.reflectance(polarization) + found.transmittance(polarization)
        assert whole == pytest.approx(1, abs=1e-9)
        assert lossy.reflectance(polarization) + lossy.transmittance(polarization) <= 1 + 1e-9


@CHEAP
@given(vectors(3, -5, 5), numbers(0.1, 9), numbers(0.1, 10))
def test_the_field_of_a_dipole_is_reciprocal_and_has_one_unit(r, k, unit):
    assume(np.linalg.norm(r) > 0.1)
    green = dyadic_green(r, k)
    np.testing.assert_allclose(green, green.T, atol=1e-12 * np.abs(green).max())
    np.testing.assert_allclose(dyadic_green(-r, k), green, atol=1e-12 * np.abs(green).max())
    np.testing.assert_allclose(dyadic_green(unit * r, k / unit) * unit, green, rtol=1e-9)


@CHEAP
@given(patches(), numbers(-2, 2), numbers(0, 1), numbers(0, 6.3), st.randoms())
def test_scattering_conserves_energy_and_knows_neither_order_nor_place(sites, detuning, loss, angle, random):
    k = 2 * np.pi
    alpha = polarizability(detuning, k, nonradiative=loss)
    wave = np.exp(1j * k * (sites @ [0.6, 0.0, 0.8]))[:, None] * CIRCULAR
    light = solve_dipoles(sites, alpha, wave, k)
    assert light.extinction == pytest.approx(light.scattering + light.absorption, rel=1e-9)
    assert light.absorption >= -1e-12
    order = random.sample(range(len(sites)), len(sites))
    other = solve_dipoles(sites[order] + [3.0, -2.0, 0.0], alpha, np.exp(1j * angle) * wave[order], k)
    np.testing.assert_allclose(other.moments, np.exp(1j * angle) * light.moments[order], rtol=1e-9)
    assert other.scattering == pytest.approx(light.scattering, rel=1e-9)


@DEAR
@given(numbers(0, 1.2), numbers(-7, 7), numbers(0.5, 3), numbers(0.2, 0.45), numbers(-1, 1))
def test_beams_lose_nothing_on_infinite_arrays(theta, phi, waist, spacing, detuning):
    beam = gaussian_beam(2 * np.pi, waist, theta, phi, [0.3, 1.0, 0.2j], reach=1.0)
    through, back = infinite_transmission(beam, spacing * np.eye(2), detuning)
    assert through + back == pytest.approx(1, abs=1e-8)
    assert 0 <= back <= 1
    site = np.zeros((1, 3))
    light = solve_dipoles(site, polarizability(detuning, 2 * np.pi), beam.fields(site)[0], 2 * np.pi)
    assert sum(transmission(light, beam.power)) == pytest.approx(1, abs=1e-9)


@CHEAP
@given(vectors(4, -3, 3), numbers(0, 6.3), numbers(-1.5, 1.5), numbers(0.1, 10))
def test_ellipses_know_no_phase_and_turn_with_the_axes(parts, phase, turn, size):
    field = parts[:2] + 1j * parts[2:]
    azimuth, ellipticity = polarization_ellipse(field)
    assume(np.linalg.norm(field) > 0.1 and abs(ellipticity) < np.pi / 4 - 1e-3)
    c, s = np.cos(turn), np.sin(turn)
    turned = size * np.exp(1j * phase) * (np.array([[c, -s], [s, c]]) @ field)
    found = polarization_ellipse(turned)
    assert np.cos(2 * (found[0] - azimuth - turn)) == pytest.approx(1, abs=1e-9)
    assert found[1] == pytest.approx(ellipticity, abs=1e-9)
    assert np.all(np.abs(stokes_angles([1.0, *parts[:3]])) <= np.pi / 2)


@CHEAP
@given(numbers(1e-4, 20), numbers(1e-3, 1e3))
def test_the_largest_contrast_is_reached_and_not_passed(spread, linewidth):
    largest, where = largest_contrast(spread * linewidth, linewidth)
    shifts = (-spread * linewidth, spread * linewidth)
    assert azimuthal_contrast(shifts, linewidth, where) == pytest.approx(largest, rel=1e-6)
    others = azimuthal_contrast(shifts, linewidth, np.linspace(-3, 3, 601) * (1 + spread) * linewidth)
    assert others.max() <= largest * (1 + 1e-9)
