"""Tunnelling: Fourier coefficients of the band, integrals over Gaussians, the Mathieu asymptote."""

import numpy as np
import pytest
from scipy.integrate import quad

from lowdim.lattice import (
    NotConverged,
    band_energies,
    band_width,
    gaussian_band,
    gaussian_element,
    gaussian_frequency,
    orthogonalised_tunnelling,
    printed_tunnelling,
    tunnelling,
    tunnelling_asymptote,
)

KNOWN = {5.0: 0.0658, 10.0: 0.0192, 20.0: 0.00249}


@pytest.mark.parametrize(("depth", "value"), KNOWN.items())
def test_values_in_the_literature(depth, value):
    """Printed in the literature on optical lattices to these digits."""
    assert tunnelling(depth) == pytest.approx(value, rel=5e-3)


def test_free_particle_is_the_limit():
    np.testing.assert_allclose(tunnelling(0.0, 2), -0.5 / np.pi**2)
    np.testing.assert_allclose(tunnelling(0.05), tunnelling(0.0), atol=1e-3)


@pytest.mark.parametrize("depth", [0.3, 4.0, 25.0])
def test_series_gives_the_band_back(depth):
    hops = np.array([tunnelling(depth, r) for r in range(1, 60)])
    r = np.arange(1, 60)
    centre = np.mean(band_energies(depth, 2 * np.arange(512) / 512))
    for q in (0.0, 0.37, 0.8):
        series = centre - 2 * hops @ np.cos(np.pi * q * r)
        assert abs(series - band_energies(depth, q)[0]) < (2e-4 if depth < 1 else 1e-10)


@pytest.mark.parametrize("depth", [0.5, 5.0, 30.0])
def test_width_is_made_of_odd_hops(depth):
    odd = sum(tunnelling(depth, r) for r in range(1, 120, 2))
    np.testing.assert_allclose(4 * odd, band_width(depth), rtol=1e-3 if depth < 1 else 1e-9)


def test_asymptote_is_approached_at_the_stated_order():
    depth = np.array([50.0, 200.0])
    leading = tunnelling(depth) / tunnelling_asymptote(depth) - 1
    np.testing.assert_allclose(leading, -7 / (16 * np.sqrt(depth)), rtol=0.15)
    second = np.abs(tunnelling(depth) / tunnelling_asymptote(depth, corrected=True) - 1)
    assert second[0] > 2.5 * second[1]


@pytest.mark.parametrize("rule", ["harmonic", "condition", "energy"])
def test_gaussian_rules(rule):
    depth = 15.0
    frequency = gaussian_frequency(depth, rule)

    def energy(e):
        return e / 4 + depth / 2 * (1 - np.exp(-2 / e))

    if rule == "condition":
        assert abs(energy(frequency) - frequency / 2) < 1e-12
    elif rule == "energy":
        assert energy(frequency) < min(energy(frequency * 1.01), energy(frequency / 1.01))
    else:
        curvature = 2 * depth  # of s sin^2 z
        assert frequency == pytest.approx(np.sqrt(2 * curvature))
    assert gaussian_frequency(1e6, rule) == pytest.approx(2e3, rel=2e-3)


@pytest.mark.parametrize("distance", [0, 1, 2])
def test_gaussian_elements_by_quadrature(distance):
    depth, frequency = 7.0, 4.3
    l2 = 2 / frequency

    def g(z):
        return (np.pi * l2) ** -0.25 * np.exp(-(z**2) / (2 * l2))

    def applied(z):
        return -(z**2 / l2**2 - 1 / l2) * g(z) + depth * np.sin(z) ** 2 * g(z)

    shift = np.pi * distance

    def integral(f):
        return quad(lambda z: g(z - shift) * f(z), shift / 2 - 7, shift / 2 + 7, epsabs=1e-18, limit=200)[0]

    overlap, energy = gaussian_element(depth, frequency, distance)
    assert overlap == pytest.approx(integral(g), rel=1e-9)
    assert energy == pytest.approx(integral(applied), rel=1e-8)


def test_gaussian_band_is_an_upper_bound():
    q = np.linspace(-1, 1, 21)
    for depth in (1.0, 5.0, 30.0):
        for frequency in (0.5 * np.sqrt(depth), 2 * np.sqrt(depth), 3 * np.sqrt(depth)):
            assert np.all(gaussian_band(depth, frequency, q) >= band_energies(depth, q)[:, 0] - 1e-12)


def test_orthogonalised_tunnelling_against_a_dense_inverse_root():
    depth, frequency, n = 6.0, gaussian_frequency(6.0), 41
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    overlap, energy = gaussian_element(depth, frequency, np.minimum(distance, n - distance))
    values, vectors = np.linalg.eigh(overlap)
    root = vectors @ np.diag(values**-0.5) @ vectors.T
    hopping = -(root @ energy @ root)[0]
    for r in (1, 2):
        assert orthogonalised_tunnelling(depth, frequency, r) == pytest.approx(hopping[r], rel=1e-9)


def test_printed_formula_term_by_term():
    """In one dimension: the kinetic term of the Gaussians, and the barrier's top for the potential."""
    depth, frequency = 12.0, 6.0
    overlap, energy = gaussian_element(depth, frequency, 1)
    barrier = depth * (1 - (1 + np.exp(-2 / frequency)) / 2) * overlap
    assert printed_tunnelling([depth], [frequency], [1]) == pytest.approx(-energy - barrier, rel=1e-12)


def test_printed_formula_has_the_symmetry_of_the_axes():
    one = printed_tunnelling([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [1, 0, 2])
    other = printed_tunnelling([3.0, 1.0, 2.0], [4.0, 2.0, 3.0], [2, 1, 0])
    assert one == pytest.approx(other, rel=1e-12)


def test_hardly_any_gap_is_refused():
    with pytest.raises(NotConverged, match="needs more than 8192 quasimomenta"):
        tunnelling(1e-4)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("depth", lambda: tunnelling(-1.0)),
        ("distance", lambda: tunnelling(1.0, 0)),
        ("tolerance", lambda: tunnelling(1.0, tolerance=0.0)),
        ("depth", lambda: tunnelling_asymptote(0.0)),
        ("depth", lambda: gaussian_frequency(0.0)),
        ("depth", lambda: gaussian_frequency(-2.0)),
        ("depth", lambda: gaussian_frequency(1.5, "energy")),
        ("rule", lambda: gaussian_frequency(5.0, "best")),
        ("frequency", lambda: gaussian_element(5.0, 0.0, 1)),
        ("frequency", lambda: orthogonalised_tunnelling(5.0, -1.0)),
        ("distance", lambda: orthogonalised_tunnelling(5.0, 4.0, 0)),
        ("depths", lambda: printed_tunnelling([1.0] * 4, [1.0] * 4, [1, 0, 0, 0])),
        ("depths", lambda: printed_tunnelling([-1.0], [1.0], [1])),
        ("steps", lambda: printed_tunnelling([1.0], [1.0], [1, 0])),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


def test_gaussian_of_a_shallow_lattice_feels_its_mean():
    """The frequency of equal energies is 2 s where exp(-2/frequency) is lost, at any depth however small."""
    for depth in (1e-9, 4e-4, 0.02):
        assert gaussian_frequency(depth, "condition") == pytest.approx(2 * depth, rel=1e-3)
