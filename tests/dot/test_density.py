"""Charge densities: one electron exactly; number, mirror and peaks of several."""

import numpy as np
import pytest

from lowdim.dot import QuantumDot, spectrum
from lowdim.dot.density import charge_density, count_peaks, density_matrix

X = np.linspace(0, 9.5, 401)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_one_electron(n):
    dot = QuantumDot(9.5, 0.02, 6)
    level = spectrum(dot, 1, n)[n - 1]
    expected = 2 / 9.5 * np.sin(n * np.pi * X / 9.5) ** 2
    np.testing.assert_allclose(charge_density(level, dot, X), expected, atol=1e-9)
    assert count_peaks(charge_density(level, dot, X)) == n


@pytest.mark.parametrize("n", [2, 3, 4])
def test_electrons_are_counted_and_the_box_is_symmetric(n):
    dot = QuantumDot(9.5, 0.02, 10)
    for level in spectrum(dot, n, 3):
        density = charge_density(level, dot, X)
        assert np.trapezoid(density, X) == pytest.approx(n, abs=1e-6)  # the walls hold nothing
        np.testing.assert_allclose(density, density[::-1], atol=1e-8)
        assert density.min() >= -1e-12


def test_strong_interaction_parts_the_electrons():
    """Two peaks of two electrons in a long box, one in a short one, where both fill the lowest orbital."""
    for length, peaks in ((0.1, 1), (60.0, 2)):
        dot = QuantumDot(length, 0.02, 14)
        x = np.linspace(0, length, 301)
        assert count_peaks(charge_density(spectrum(dot, 2, 1)[0], dot, x)) == peaks


def test_peaks_are_maxima_inside():
    assert count_peaks([0, 1, 0, 1, 1, 0, 2]) == 2
    assert count_peaks([3, 2, 1]) == count_peaks([1, 2, 3]) == 0


def test_a_basis_without_orbitals_is_refused():
    with pytest.raises(ValueError, match="^n_orbitals: expected"):
        density_matrix(spectrum(QuantumDot(9.5, 0.02, 6), 1, 1)[0], 0)


def test_a_box_without_length_is_refused():
    dot = QuantumDot(9.5, 0.02, 6)
    with pytest.raises(ValueError, match="length"):
        charge_density(spectrum(dot, 1, 1)[0], QuantumDot(-1.0, 0.02, 6), X)
