"""Wannier functions: orthonormal, of smallest spread, and giving the band energies back."""

import numpy as np
import pytest

from lowdim.lattice import NotConverged, projected_position_wannier, tunnelling, wannier_function
from lowdim.lattice import wannier as module

CASES = [(0.5, 0), (2.0, 0), (10.0, 0), (40.0, 0), (10.0, 1), (40.0, 2)]


def on_ring(w):
    z, values = w.on_ring()
    points = z.size // w.n_sites
    return z, values, np.pi / points, points


@pytest.mark.parametrize(("depth", "band"), CASES)
def test_orthonormal(depth, band):
    _, values, step, points = on_ring(wannier_function(depth, band))
    overlaps = [np.dot(values, np.roll(values, j * points)) * step for j in range(4)]
    np.testing.assert_allclose(overlaps, [1, 0, 0, 0], atol=1e-13)


@pytest.mark.parametrize(("depth", "band"), CASES)
def test_matrix_elements_are_fourier_coefficients_of_the_band(depth, band):
    w = wannier_function(depth, band)
    z, values, step, points = on_ring(w)
    applied = -w.on_ring(derivative=2)[1] + depth * np.sin(z) ** 2 * values
    for j in range(4):
        integral = np.dot(np.roll(values, j * points), applied) * step
        assert abs(integral - w.matrix_element(j)) < 1e-12


def test_bands_are_orthogonal_to_each_other():
    _, first, step, _ = on_ring(module._on_ring(10.0, 0, 65))
    z = np.pi * 65 * np.fft.fftfreq(first.size)
    for band in (1, 2):
        assert abs(np.dot(first, module._on_ring(10.0, band, 65)(z + np.pi)) * step) < 1e-12


def test_kinetic_energy_by_parts():
    w = wannier_function(8.0)
    z, _, step, _ = on_ring(w)
    slope = w.on_ring(derivative=1)[1]
    assert abs(np.dot(slope, slope) * step - w.kinetic_energy) < 1e-12


@pytest.mark.parametrize("derivative", [0, 1, 2])
@pytest.mark.parametrize("band", [0, 1])
def test_fourier_values_against_the_sum(band, derivative):
    w = wannier_function(12.0, band)
    z, values = w.on_ring(derivative=derivative)
    np.testing.assert_allclose(w(z[::7], derivative), values[::7], atol=1e-12)


def test_derivatives_against_differences():
    w, z, h = wannier_function(5.0), np.linspace(-4, 4, 11), 1e-4
    np.testing.assert_allclose(w(z, 1), (w(z + h) - w(z - h)) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(w(z, 2), (w(z + h) - 2 * w(z) + w(z - h)) / h**2, atol=1e-6)


def test_deep_lattice_gives_the_oscillator():
    w = wannier_function(1e4)
    np.testing.assert_allclose(w.spread, 1 / (2 * np.sqrt(1e4)), rtol=0.01)
    np.testing.assert_allclose(w.kinetic_energy, np.sqrt(1e4) / 2, rtol=0.01)


def test_position_eigenfunctions_agree_as_the_ring_grows():
    z = np.linspace(0, 4, 9)
    errors = []
    for n_sites in (17, 33, 65):
        centres, values = projected_position_wannier(5.0, n_sites, z)
        np.testing.assert_allclose(centres, np.arange(n_sites) - n_sites // 2, atol=1e-9)
        expected = np.abs(module._on_ring(5.0, 0, n_sites)(z))
        errors.append(np.max(np.abs(values[n_sites // 2] - expected)))
    assert errors[0] > 3.5 * errors[1] > 12 * errors[2]


def test_other_phases_spread_more():
    w = module._on_ring(5.0, 0, 33)
    quasimomentum = (w.wave_numbers + 1) % 2 - 1
    z, values = w.on_ring()
    for strength in (0.1, 0.5):
        turned = w.amplitudes * np.exp(1j * strength * np.sin(2 * np.pi * quasimomentum))
        spread = np.exp(1j * np.multiply.outer(z, w.wave_numbers)) @ turned
        density = np.abs(spread) ** 2 / (np.pi * 33)
        step = np.pi * 33 / z.size
        assert np.sum(z**2 * density) * step - np.sum(z * density * step) ** 2 > w.spread + 1e-3


def test_ring_does_not_matter():
    assert abs(wannier_function(10.0, tail=1e-14).spread - wannier_function(10.0).spread) < 1e-9


def test_nearly_free_atoms_are_refused():
    with pytest.raises(NotConverged, match="half way round 4097 sites"):
        wannier_function(0.01)


def test_hopping_against_the_adaptive_integral():
    w = wannier_function(3.0)
    for distance in (1, 2, 3):
        assert abs(w.matrix_element(distance) + tunnelling(3.0, distance)) < 1e-12


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("depth", lambda: wannier_function(0.0)),
        ("depth", lambda: wannier_function(-3.0)),
        ("band", lambda: wannier_function(5.0, 9)),
        ("tail", lambda: wannier_function(5.0, tail=0.0)),
        ("derivative", lambda: wannier_function(5.0)(0.0, 3)),
        ("points_per_site", lambda: wannier_function(5.0).on_ring(4)),
        ("distance", lambda: wannier_function(5.0).matrix_element(-1)),
        ("n_sites", lambda: projected_position_wannier(5.0, 8, [0.0])),
        ("depth", lambda: projected_position_wannier(-5.0, 9, [0.0])),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
