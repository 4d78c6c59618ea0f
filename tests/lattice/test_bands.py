"""Bands of the sin^2 lattice: Mathieu's characteristic values, free particles, the unseparated matrix."""

import numpy as np
import pytest
from scipy.special import mathieu_a, mathieu_b

from lowdim.lattice import (
    band_edges,
    band_energies,
    band_width,
    bloch_waves,
    dense_energies,
    gap_opening_depth,
    lattice_energies,
    lowest_gap,
)

DEPTHS = np.array([0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0])


def mathieu_edges(depth, n_bands):
    """Edges of the bands, (n_bands, 2), from the characteristic values of Mathieu's equation."""
    q = depth / 4
    edges = [sorted((mathieu_a(n, q), mathieu_b(n + 1, q))) for n in range(n_bands)]
    return depth / 2 + np.array(edges)


@pytest.mark.parametrize("depth", DEPTHS)
def test_edges_are_mathieu_values(depth):
    np.testing.assert_allclose(band_edges(depth, 4), mathieu_edges(depth, 4), rtol=0, atol=1e-12)


def test_free_particle():
    q = np.linspace(-1, 1, 9)
    expected = np.sort((q[:, None] + 2 * np.arange(-5, 6)) ** 2, axis=1)[:, :4]
    np.testing.assert_allclose(band_energies(0.0, q, 4), expected, atol=1e-13)


def test_shallow_gap_is_half_the_depth():
    np.testing.assert_allclose(lowest_gap(1e-4), 0.5e-4, rtol=1e-6)


def test_deep_well_levels():
    """Anharmonic series of sin^2: E = 2 sqrt(s) (n + 1/2) - (2 n^2 + 2 n + 1)/4 + O(1/sqrt(s))."""
    depth, n = 4e4, np.arange(3)
    series = 2 * np.sqrt(depth) * (n + 0.5) - (2 * n**2 + 2 * n + 1) / 4
    np.testing.assert_allclose(band_energies(depth, 0.3, 3), series, atol=0.05)


def test_periodic_and_even_in_quasimomentum():
    q = np.array([0.13, 0.77])
    reference = band_energies(7.0, q, 3)
    np.testing.assert_allclose(band_energies(7.0, -q, 3), reference, atol=1e-12)
    np.testing.assert_allclose(band_energies(7.0, q + 2, 3), reference, atol=1e-12)


def test_arguments_broadcast():
    energies = band_energies(DEPTHS[:, None], [0.0, 0.5, 1.0], 2)
    assert energies.shape == (8, 3, 2)
    np.testing.assert_allclose(energies[3, 1], band_energies(2.0, 0.5, 2), atol=1e-12)


def test_bloch_waves_solve_the_equation():
    q = np.array([0.0, 0.4, 1.0])
    energy, c, m = bloch_waves(6.0, q, 3)
    z = np.linspace(-2, 2, 7)
    k = q[:, None] + 2 * m
    waves = np.exp(1j * z[:, None, None] * k)
    phi = np.einsum("zqm,qmn->zqn", waves, c)
    curvature = np.einsum("zqm,qm,qmn->zqn", waves, k**2, c)
    residual = curvature + (6.0 * np.sin(z) ** 2)[:, None, None] * phi - energy * phi
    assert np.max(np.abs(residual)) < 1e-11


@pytest.mark.parametrize(
    ("depths", "q"),
    [([3.0], [0.7]), ([3.0, 5.0], [0.2, 0.9]), ([1.0, 0.0, 2.5], [0.1, 0.6, 1.0])],
)
def test_separable_energies_against_the_dense_matrix(depths, q):
    dense = dense_energies(depths, q, 5, n_waves={1: 12, 2: 8, 3: 5}[len(depths)])
    np.testing.assert_allclose(lattice_energies(depths, q, 5), dense, atol=1e-8)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_width_and_gap_against_a_scan_of_the_zone(dimension):
    axis = np.linspace(0, 1, 5)
    q = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), axis=-1)
    for depth in (1.0, 4.0):
        e = lattice_energies([depth] * dimension, q, 2)
        np.testing.assert_allclose(np.ptp(e[..., 0]), band_width(depth, dimension), atol=1e-12)
        if lowest_gap(depth, dimension) > 0:
            gap = e[..., 1].min() - e[..., 0].max()
            np.testing.assert_allclose(gap, lowest_gap(depth, dimension), atol=1e-12)
        else:
            assert e[..., 1].min() <= e[..., 0].max()


@pytest.mark.parametrize("dimension", [2, 3])
def test_gap_opens_where_the_zone_says(dimension):
    opening = gap_opening_depth(dimension)
    assert lowest_gap(0.99 * opening, dimension) < 0 < lowest_gap(1.01 * opening, dimension)


@pytest.mark.parametrize("depth", [-1.0, -1e-9, np.nan, np.inf, "deep", [1.0, -2.0]])
@pytest.mark.parametrize("solver", [band_edges, band_width, lowest_gap, lambda s: band_energies(s, 0.0)])
def test_bad_depth(solver, depth):
    with pytest.raises(ValueError, match="^depth: expected"):
        solver(depth)


@pytest.mark.parametrize("dimension", [0, 4, -1, 2.0, "3"])
@pytest.mark.parametrize(
    "solver", [lambda d: band_width(1.0, d), lambda d: lowest_gap(1.0, d), gap_opening_depth]
)
def test_bad_dimension(solver, dimension):
    with pytest.raises(ValueError, match="^dimension: expected an integer in 1..3"):
        solver(dimension)


def test_bad_lattices():
    with pytest.raises(ValueError, match="^depths: expected one, two or three axes"):
        lattice_energies([1.0] * 4, [0.0] * 4)
    with pytest.raises(ValueError, match="^depths: expected one, two or three axes"):
        lattice_energies([], [])
    with pytest.raises(ValueError, match="^quasimomenta: expected a last axis of length 2"):
        lattice_energies([1.0, 1.0], [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="^depths: expected depths >= 0"):
        dense_energies([1.0, -1.0], [0.0, 0.0])
    with pytest.raises(ValueError, match="^n_bands: expected an integer >= 1"):
        band_energies(1.0, 0.0, 0)
    with pytest.raises(ValueError, match="^quasimomentum: expected shape"):
        bloch_waves(1.0, 0.0)
    with pytest.raises(ValueError, match="^quasimomentum: expected numbers in -1..1"):
        bloch_waves(1.0, [0.0, 1.5])


@pytest.mark.parametrize("shift", [2, -6, 20, 1000])
def test_every_zone_has_the_same_energies(shift):
    q = np.array([-0.9, 0.3, 1.0])
    assert band_energies(3.0, q + shift, 4) == pytest.approx(band_energies(3.0, q, 4), abs=1e-11)
    assert band_energies(0.0, 21.0)[0] == 1.0
    dense = dense_energies([2.0, 3.0], [0.3 + shift, 0.9], 2)
    assert dense == pytest.approx(dense_energies([2.0, 3.0], [0.3, 0.9], 2), abs=1e-11)
