"""Lattice sums: two slow routes, the closed radiative part, static constants, symmetry."""

import numpy as np
import pytest

from lowdim.lattice.dynamics import lattice
from lowdim.optics.green import dyadic_green, dyadic_green_spectrum, self_term
from lowdim.optics.lattice_sum import lattice_green, lattice_green_direct, radiative_part

SQUARE = np.eye(2)
TRIANGULAR = lattice("triangular").primitive
OBLIQUE = np.array([[1.0, 0.1], [0.35, 1.3]])
WAVE_VECTORS = np.array([[0.0, 0.0], [0.9, 0.4], [-0.3, 1.4]])


def distance_to_grazing(q, primitive, k):
    index = np.stack(np.meshgrid(np.arange(-9, 10), np.arange(-9, 10)), axis=-1).reshape(-1, 2)
    orders = q + index @ (2 * np.pi * np.linalg.inv(primitive).T)
    return np.abs(np.linalg.norm(orders, axis=1) - k).min()


@pytest.mark.parametrize("primitive", [SQUARE, TRIANGULAR, OBLIQUE])
@pytest.mark.parametrize("k", [1.9, 2.6, 8.3])  # the last has several open orders
def test_against_the_sum_over_sites(primitive, k):
    gaps = [distance_to_grazing(q, primitive, k) for q in WAVE_VECTORS]
    cheap = [(q, gap) for q, gap in zip(WAVE_VECTORS, gaps, strict=True) if gap > 0.4]
    assert cheap
    for q, gap in cheap:
        slow = lattice_green_direct(q, primitive, k, 10.5 / gap)
        np.testing.assert_allclose(lattice_green(q, primitive, k), slow, rtol=0, atol=1e-10)


@pytest.mark.parametrize("primitive", [SQUARE, OBLIQUE])
def test_against_the_sum_over_orders_above_the_plane(primitive):
    """Limit z -> 0 of all dipoles minus the one at the origin; the mean of both sides is even in z."""
    k, q, heights = 2.3, np.array([0.9, 0.4]), np.array([0.1, 0.15, 0.2, 0.25, 0.3])
    index = np.stack(np.meshgrid(np.arange(-70, 71), np.arange(-70, 71)), axis=-1).reshape(-1, 2)
    orders = q + index @ (2 * np.pi * np.linalg.inv(primitive).T)
    area = abs(np.linalg.det(primitive))
    values = [
        np.mean([dyadic_green_spectrum(orders, side * z, k).sum(axis=0) / area for side in (1, -1)], axis=0)
        - dyadic_green([0.0, 0.0, z], k)
        for z in heights
    ]
    fit = np.linalg.solve(np.vander(heights**2, increasing=True), np.reshape(values, (len(heights), 9)))
    np.testing.assert_allclose(fit[0].reshape(3, 3), lattice_green(q, primitive, k), atol=2e-5)


@pytest.mark.parametrize("primitive", [0.1 * SQUARE, 0.45 * TRIANGULAR, 0.7 * OBLIQUE, 1.6 * SQUARE])
def test_splitting_and_radiative_part(primitive):
    q, k = np.array([[0.0, 0.0], [1.7, 0.9], [-4.0, 3.0]]), 2 * np.pi
    value = lattice_green(q, primitive, k)
    scale = np.abs(value).max()
    for factor in (1.25, 1.6):
        eta = factor * max(np.sqrt(np.pi / abs(np.linalg.det(primitive))), k / 4)
        other = lattice_green(q, primitive, k, splitting=eta)
        np.testing.assert_allclose(other, value, atol=1e-12 * scale, rtol=0)
    np.testing.assert_allclose(value.imag, radiative_part(q, primitive, k), atol=1e-12 * scale, rtol=0)


def test_wide_cells_keep_their_digits():
    """Cells of many wavelengths: the terms of the two sums would cancel if the splitting did not follow k."""
    for side in (6.0, 20.0):
        value = lattice_green([0.3, 0.2], side * SQUARE, 2 * np.pi)
        np.testing.assert_allclose(
            value.imag, radiative_part([0.3, 0.2], side * SQUARE, 2 * np.pi), atol=1e-12, rtol=0
        )


@pytest.mark.parametrize(
    ("primitive", "constant"), [(SQUARE, 9.03362168310095), (TRIANGULAR, 11.0341757355785)]
)
def test_static_limit(primitive, constant):
    """Sums of 1/R^3 over the square and the triangular lattice (Topping; zeta-function products)."""
    k = 1e-4
    tensor = k**2 * lattice_green([0.0, 0.0], primitive, k).real * 4 * np.pi
    np.testing.assert_allclose(np.diag(tensor), constant * np.array([0.5, 0.5, -1]), rtol=3e-7)


def test_symmetry():
    k, q = 2.1, np.array([0.7, 0.2])
    turn = np.array([[0.0, -1.0, 0], [1.0, 0.0, 0], [0, 0, 1]])
    value = lattice_green(q, SQUARE, k)
    np.testing.assert_allclose(lattice_green(turn[:2, :2] @ q, SQUARE, k), turn @ value @ turn.T, atol=1e-13)
    np.testing.assert_allclose(lattice_green(-q, SQUARE, k), value, atol=1e-13)
    np.testing.assert_allclose(value, value.T, atol=1e-15)
    np.testing.assert_allclose(lattice_green(q + 2 * np.pi * np.array([1, -2]), SQUARE, k), value, atol=1e-12)
    for other_cell in ([[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [7.0, 1.0]], [[-3.0, 2.0], [4.0, -3.0]]):
        np.testing.assert_allclose(lattice_green(q, other_cell, k), value, atol=1e-13)
    np.testing.assert_allclose(lattice_green(q / 1e-9, 1e-9 * SQUARE, k / 1e-9), value / 1e-9, rtol=1e-10)
    assert value[0, 2] == value[1, 2] == 0


def test_dipoles_do_not_radiate_beyond_the_light_cone():
    """Below the light line the array is dark: the rest only cancels the linewidth of one dipole."""
    dark = lattice_green([2.5, 0.6], SQUARE, 1.5)
    np.testing.assert_allclose(dark.imag, -self_term(1.5) * np.eye(3), atol=1e-14)


def test_one_by_one_or_together():
    """Blocks of wave vectors, some of them with several travelling orders, in any order."""
    rng = np.random.default_rng(1)
    q = 30 * rng.normal(size=(400, 2))
    for k in (2.0, 9.0):
        together = lattice_green(q, OBLIQUE, k)
        alone = np.array([lattice_green(one, OBLIQUE, k) for one in q[::40]])
        np.testing.assert_allclose(together[::40], alone, atol=1e-13 * np.abs(alone).max())
        backwards = lattice_green(q[::-1], OBLIQUE, k)[::-1]
        np.testing.assert_allclose(together, backwards, atol=1e-13 * np.abs(alone).max())


def test_shapes():
    q = np.zeros((4, 5, 2)) + 0.1
    assert lattice_green(q, SQUARE, 1.0).shape == (4, 5, 3, 3)
    assert radiative_part(q, SQUARE, 1.0).shape == (4, 5, 3, 3)
    assert lattice_green([0.1, 0.1], SQUARE, 1.0).shape == (3, 3)


@pytest.mark.parametrize("function", [lattice_green, radiative_part])
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([0.0, 0.0], SQUARE, 2 * np.pi), "wave_vectors"),  # four orders graze
        (([0.0], SQUARE, 1.0), "wave_vectors"),
        (([0.0, np.nan], SQUARE, 1.0), "wave_vectors"),
        (([0.0, 0.0], [[1.0, 2.0], [2.0, 4.0]], 1.0), "primitive"),
        (([0.0, 0.0], [[0.0, 0.0], [2.0, 4.0]], 1.0), "primitive"),
        (([0.0, 0.0], np.eye(3), 1.0), "primitive"),
        (([0.0, 0.0], SQUARE, -1.0), "k"),
        (([0.1, 0.0], SQUARE, 201.0), "k"),
    ],
)
def test_bad_input(function, arguments, name):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        function(*arguments)


def test_bad_widths():
    with pytest.raises(ValueError, match="^splitting: expected"):
        lattice_green([0.0, 0.0], SQUARE, 1.0, splitting=0.0)
    with pytest.raises(ValueError, match="^splitting: expected at least k/4"):
        lattice_green([0.0, 0.0], SQUARE, 20.0, splitting=2.0)
    with pytest.raises(ValueError, match="^width: expected"):
        lattice_green_direct([0.0, 0.0], SQUARE, 1.0, -1.0)
