"""What holds for every model of a layer: zones, gauge, time reversal, mirrors, sum rules, representations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowdim.spinorbit.models import random_model, three_band_model
from lowdim.spinorbit.secondvariation import angular_momentum
from lowdim.spinorbit.symmetry import field_basis, monomials, orbital_matrix, point_group, spin_matrix
from lowdim.spinorbit.tightbinding import (
    RECIPROCAL,
    Model,
    bands,
    hamiltonian,
    mirror_bands,
    signed_splitting,
    spin_texture,
)
from lowdim.spinorbit.valley import berry_curvature
from strategies import numbers, vectors

# 12 examples of milliseconds; a random model takes most of the time
CHEAP = settings(derandomize=True, deadline=None, max_examples=12)
GROUPS = ("C1", "C3", "Cs", "C3h", "C3v", "D3h")


def model(seed, group="D3h", time_reversal=True):
    return random_model(np.random.default_rng(seed), group, time_reversal=time_reversal)


@CHEAP
@given(st.integers(0, 99), st.sampled_from(GROUPS), vectors(2, -4, 4))
def test_bands_have_the_symmetry_of_the_group_and_of_time_reversal(seed, group, k):
    layer = model(seed, group)
    energies = bands(layer, k)
    np.testing.assert_allclose(bands(layer, -k), energies, atol=1e-9)
    for operation in point_group(group):
        np.testing.assert_allclose(bands(layer, operation[:2, :2] @ k), energies, atol=1e-9)


@CHEAP
@given(st.integers(0, 99), vectors(2, -4, 4), vectors(9, -2, 2), vectors(2, -2.4, 2.4))
def test_bands_keep_the_trace_and_a_bravais_lattice_repeats(seed, k, parameters, zone):
    layer = model(seed)
    h = hamiltonian(layer, k)
    np.testing.assert_allclose(h, h.conj().T, atol=1e-12 * np.abs(h).max())
    assert bands(layer, k).sum() == pytest.approx(np.trace(h).real, abs=1e-9)
    three = three_band_model(parameters)
    moved = k + np.round(zone) @ RECIPROCAL
    np.testing.assert_allclose(bands(three, moved), bands(three, k), atol=1e-9)


@CHEAP
@given(vectors(9, -2, 2), vectors(2, -4, 4), st.integers(0, 99), numbers(-3, 3), numbers(0.1, 10))
def test_neither_basis_nor_zero_nor_unit_of_energy_is_seen(parameters, k, seed, shift, unit):
    layer = three_band_model(parameters)
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(6, 6)) + 1j * rng.normal(size=(6, 6)))[0]
    # the shift is a bond of its own: a model of vanishing constants has none at home
    bonds = np.concatenate([layer.bonds, [[0.0, 0.0]]])
    hoppings = np.concatenate([unit * turn @ layer.hoppings @ turn.conj().T, [shift * np.eye(6)]])
    other = Model(bonds, hoppings, turn @ layer.layer_mirror @ turn.conj().T)
    np.testing.assert_allclose(bands(other, k), unit * bands(layer, k) + shift, atol=1e-9 * (1 + unit))
    own = mirror_bands(layer, k)
    np.testing.assert_allclose(mirror_bands(other, k), unit * own + shift, atol=1e-8 * (1 + unit))


@CHEAP
@given(st.integers(0, 99), vectors(2, -4, 4), st.integers(0, 3))
def test_the_splitting_is_odd_and_both_mirrors_make_all_bands(seed, k, band):
    layer = model(seed)
    together = np.sort(mirror_bands(layer, k).ravel())
    np.testing.assert_allclose(together, bands(layer, k), atol=1e-8)
    assert signed_splitting(layer, -k, band) == pytest.approx(-signed_splitting(layer, k, band), abs=1e-8)


@CHEAP
@given(vectors(9, -2, 2), vectors(2, -4, 4), st.integers(0, 5))
def test_spins_turn_over_with_time_and_are_no_longer_than_one(parameters, k, band):
    layer = three_band_model(parameters)
    energies = bands(layer, k)
    if np.min(np.abs(np.delete(energies, band) - energies[band])) < 1e-3:
        return  # a degenerate band has no spin of its own
    spin = spin_texture(layer, k, band)
    assert np.linalg.norm(spin) <= 1 + 1e-9
    np.testing.assert_allclose(spin_texture(layer, -k, band), -spin, atol=1e-6)
    curvature = berry_curvature(layer, k, band)
    assert berry_curvature(layer, -k, band) == pytest.approx(-curvature, rel=1e-5, abs=1e-8)


@CHEAP
@given(st.integers(0, 12))
def test_angular_momentum_obeys_its_algebra(shell):
    x, y, z = angular_momentum(shell)
    np.testing.assert_allclose(x @ y - y @ x, 1j * z, atol=1e-12 * (1 + shell) ** 2)
    square = x @ x + y @ y + z @ z
    exact = shell * (shell + 1) * np.eye(2 * shell + 1)
    np.testing.assert_allclose(square, exact, atol=1e-11 * (1 + shell) ** 2)


@CHEAP
@given(st.sampled_from(GROUPS), st.integers(0, 99), st.integers(1, 2))
def test_matrices_of_orbitals_and_spins_represent_the_group(group, seed, shell):
    operations = point_group(group)
    rng = np.random.default_rng(seed)
    a, b = operations[rng.integers(len(operations), size=2)]
    product = orbital_matrix(a, shell) @ orbital_matrix(b, shell)
    np.testing.assert_allclose(product, orbital_matrix(a @ b, shell), atol=1e-9)
    # spins only up to a sign
    both, one = spin_matrix(a) @ spin_matrix(b), spin_matrix(a @ b)
    assert min(np.abs(both - one).max(), np.abs(both + one).max()) < 1e-9


@CHEAP
@given(st.sampled_from(GROUPS), st.sampled_from([1, 3, 5]), vectors(2, -2, 2))
def test_allowed_fields_turn_like_axial_vectors(group, degree, k):
    basis, powers = field_basis(point_group(group), degree), monomials(degree)

    def field(at):
        return basis @ np.prod(at**powers, axis=1)

    for operation in point_group(group):
        axial = np.linalg.det(operation) * operation
        found = field(operation[:2, :2] @ k)
        np.testing.assert_allclose(found, field(k) @ axial.T, atol=1e-8 * (1 + np.abs(k).max()) ** degree)
