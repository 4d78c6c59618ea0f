"""Widths of the electrons: a single one, sum rules, and energies minimised point by point."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from lowdim.wigner import NotConverged, direct_integral, einstein_frequencies, hartree_widths, mode_width
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.stored import stored_cluster


def elasticity(positions):
    """Second derivatives of trap and Coulomb energy."""
    n = len(positions)
    matrix = np.zeros((n, 2, n, 2))
    for i in range(n):
        matrix[i, :, i] += np.eye(2)
        for j in set(range(n)) - {i}:
            d = positions[i] - positions[j]
            r = np.hypot(*d)
            block = 3 * np.outer(d, d) / r**5 - np.eye(2) / r**3
            matrix[i, :, i] += block
            matrix[i, :, j] -= block
    return matrix.reshape(2 * n, 2 * n)


def test_electron_alone_has_width_one():
    assert mode_width([1.0, 1.0]) == 1.0
    assert einstein_frequencies([[0.3, 0.1]]).tolist() == [1.0]
    assert hartree_widths([[0.3, 0.1]], 0.4).tolist() == [1.0]


def test_einstein_is_the_diagonal_of_the_elasticity(cluster):
    diagonal = np.diag(elasticity(cluster)).reshape(-1, 2).mean(axis=1)
    np.testing.assert_allclose(einstein_frequencies(cluster) ** 2, diagonal, rtol=1e-12)


def test_modes_are_wider_than_sites(cluster):
    """The trace is shared, and 1/sqrt is convex: sum 1/Omega over modes >= over sites."""
    squares = np.linalg.eigvalsh(elasticity(cluster))
    frequencies = np.sqrt(np.maximum(squares, 0))
    assert abs(squares[0]) < 1e-4 < squares[1]
    einstein = einstein_frequencies(cluster)
    assert np.sum(squares) == pytest.approx(2 * np.sum(einstein**2))
    width = mode_width(frequencies, floor=1e-2)
    assert width**2 > np.mean(1 / einstein)
    assert mode_width(frequencies, floor=1e-2, per_axis=False) == pytest.approx(np.sqrt(2) * width)
    kept = frequencies[frequencies > 0.9]
    assert mode_width(frequencies, floor=0.9) ** 2 == pytest.approx(np.sum(1 / kept) / len(frequencies))


def test_hartree_energies_are_minimal(hexagon):
    zero_point = 0.15
    widths = zero_point * hartree_widths(hexagon, zero_point)
    for i, site in enumerate(hexagon):
        others = np.delete(np.arange(len(hexagon)), i)
        distance = np.hypot(*(hexagon[others] - site).T)

        def energy(s, distance=distance, others=others):
            return zero_point**4 / s**2 + s**2 + np.sum(direct_integral(distance, s, widths[others]))

        best = minimize_scalar(energy, bounds=(0.3 * zero_point, 2 * zero_point), options={"xatol": 1e-9})
        assert best.x == pytest.approx(widths[i], rel=1e-6)


def test_narrow_hartree_clouds_are_einstein_oscillators(hexagon):
    einstein = einstein_frequencies(hexagon) ** -0.5
    difference = [np.abs(hartree_widths(hexagon, z) / einstein - 1).max() for z in (0.05, 0.025)]
    # the correction is of second order in the zero-point length
    assert difference[0] < 5e-3
    assert difference[0] / difference[1] == pytest.approx(4, rel=0.05)


def test_hartree_says_so_when_it_stops_short(hexagon):
    with pytest.raises(NotConverged, match="still change"):
        hartree_widths(hexagon, 0.2, max_iterations=2)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("frequencies", lambda: mode_width([1.0, 1.0, 1.0])),
        ("frequencies", lambda: mode_width([1.0, -1.0])),
        ("floor", lambda: mode_width([1.0, 1.0], floor=2.0)),
        ("positions", lambda: einstein_frequencies([0.0, 1.0])),
        ("positions", lambda: einstein_frequencies([[0, 0], [0, 0]])),
        ("zero_point", lambda: hartree_widths([[0, 0]], 0.0)),
        ("tolerance", lambda: hartree_widths([[0, 0]], 0.1, tolerance=0)),
        ("max_iterations", lambda: hartree_widths([[0, 0]], 0.1, max_iterations=0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


def test_a_slip_of_shells_is_not_dropped_unsaid():
    """Twenty electrons: one mode at 7e-5 of the trap carries the sum; only the rotation is left out."""
    frequencies = normal_modes(stored_cluster(20)).frequencies
    assert mode_width(frequencies) ** 2 == pytest.approx(np.sum(1 / frequencies[1:]) / 40, rel=1e-12)
    assert 18 < mode_width(frequencies) < 19
    assert mode_width(frequencies, floor=1e-3) == pytest.approx(0.886, abs=1e-3)
