"""Random crystals obey their group and nothing else; the three-band model is the published one."""

import numpy as np
import pytest

from lowdim.spinorbit.models import LIU, random_model, symmetrised, three_band
from lowdim.spinorbit.symmetry import PAULI, orbital_matrix, point_group, spin_matrix
from lowdim.spinorbit.tightbinding import (
    GAMMA,
    LATTICE,
    RECIPROCAL,
    K,
    M,
    Model,
    bands,
    hamiltonian,
    mirror_bands,
    signed_splitting,
    spin_texture,
)

SOME_K = np.random.default_rng(7).uniform(-4, 4, size=(5, 2))


@pytest.fixture(scope="module")
def layer():
    return random_model(np.random.default_rng(1))


def action(operation):
    """U(O) on the 22 states, built by hand: d of M, then p of the upper X, then p of the lower one."""
    d, p = orbital_matrix(operation, 2), orbital_matrix(operation, 1)
    orbitals = np.zeros((11, 11))
    orbitals[:5, :5] = d
    for here in (0, 1):
        there = 1 - here if operation[2, 2] < 0 else here
        orbitals[5 + 3 * there : 8 + 3 * there, 5 + 3 * here : 8 + 3 * here] = p
    return np.kron(orbitals, spin_matrix(operation))


def test_points_of_the_zone():
    assert np.allclose(LATTICE @ RECIPROCAL.T, 2 * np.pi * np.eye(2))
    for point, multiple in ((M, 2), (K, 3)):
        inside = multiple * point @ LATTICE.T / (2 * np.pi)
        assert np.allclose(inside, np.round(inside)) and not np.allclose(
            inside / multiple, np.round(inside / multiple)
        )
    assert np.isclose(np.linalg.norm(K), 4 * np.pi / 3) and np.isclose(
        np.linalg.norm(M), 2 * np.pi / np.sqrt(3)
    )


@pytest.mark.parametrize("group", ["C1", "C3", "C3v", "C3h", "D3h"])
def test_hamiltonian_has_the_symmetry_asked_for(group):
    model = random_model(np.random.default_rng(2), group)
    time_reversal = np.kron(np.eye(11), PAULI[1])
    for k in SOME_K:
        h = hamiltonian(model, k)
        assert np.allclose(h, h.conj().T)
        assert np.allclose(time_reversal @ h.conj() @ time_reversal, hamiltonian(model, -k))
        for operation in point_group(group):
            u = action(operation)
            assert np.allclose(u @ h @ u.conj().T, hamiltonian(model, operation[:2, :2] @ k), atol=1e-12)


def test_hamiltonian_has_no_other_symmetry():
    low = random_model(np.random.default_rng(2), "C3v")
    u = action(np.diag([1.0, 1, -1]))
    h = hamiltonian(low, SOME_K[0])
    assert np.abs(u @ h @ u.conj().T - h).max() > 1e-3
    layer = random_model(np.random.default_rng(2))
    assert np.abs(bands(layer, SOME_K) - bands(layer, SOME_K @ [[0, 1], [1, 0]])).max() > 1e-3


def test_every_allowed_hopping_is_there(layer):
    """The hoppings of many crystals span as many directions as independent averages do."""
    models = [random_model(np.random.default_rng(s), reach=0.3) for s in range(40)]
    onsite = np.array([m.hoppings[np.linalg.norm(m.bonds, axis=1) < 1e-9][0].ravel() for m in models])
    rank = np.linalg.matrix_rank(np.concatenate([onsite.real, onsite.imag], axis=1), tol=1e-8)
    # trace of the averaging projector on Hermitian matrices of the sites; no on-site element links M and X
    count = 0.0
    blocks = ((0, 10), (10, 22))
    for operation in point_group("D3h"):
        u = action(operation)
        for start, stop in blocks:
            part = u[start:stop, start:stop]
            reverse = part @ np.kron(np.eye((stop - start) // 2), PAULI[1])
            count += (abs(np.trace(part)) ** 2 + np.trace(reverse @ reverse.conj()).real) / 24
    assert rank == round(count)


def test_bands_are_periodic(layer):
    for g in RECIPROCAL:
        assert np.allclose(bands(layer, SOME_K + g), bands(layer, SOME_K))


@pytest.mark.parametrize("seed", range(4))
def test_layer_is_degenerate_on_gamma_m_and_split_elsewhere(seed):
    model = random_model(np.random.default_rng(seed))
    line = np.linspace(0, 1, 7)[:, None] * M
    for k in (line, line @ point_group("C3")[1][:2, :2].T):
        assert np.diff(bands(model, k))[..., ::2].max() < 1e-12
    assert np.diff(bands(model, SOME_K))[..., ::2].max() > 1e-2


@pytest.mark.parametrize(("group", "split"), [("C3v", True), ("C3h", True), ("D3h", False)])
def test_gamma_m_needs_both_mirrors(group, split):
    model = random_model(np.random.default_rng(3), group)
    assert (np.diff(bands(model, 0.4 * M))[::2].max() > 1e-3) == split


def test_gamma_and_m_need_time_reversal_in_a_low_group():
    for reversal in (True, False):
        model = random_model(np.random.default_rng(3), "C3", time_reversal=reversal)
        for k in (GAMMA, M):
            assert (np.diff(bands(model, k))[::2].max() < 1e-12) == reversal


def test_signed_splitting_is_odd_and_threefold(layer):
    d = np.array([signed_splitting(layer, SOME_K, n) for n in range(11)])
    turn, mirror = point_group("C3")[1][:2, :2], np.diag([1.0, -1])
    assert np.abs(d).max() > 1e-2
    for operation, sign in ((turn, 1), (mirror, -1), (-np.eye(2), -1)):
        there = np.array([signed_splitting(layer, SOME_K @ operation.T, n) for n in range(11)])
        assert np.allclose(there, sign * d, atol=1e-12)


def test_mirror_bands_are_all_the_bands(layer):
    both = np.sort(np.concatenate(mirror_bands(layer, SOME_K), axis=-1), axis=-1)
    assert np.allclose(both, bands(layer, SOME_K))
    with pytest.raises(ValueError, match="model: expected one with the mirror plane of the layer"):
        mirror_bands(random_model(np.random.default_rng(1), "C3v"), SOME_K)


def test_spin_is_the_derivative_of_the_energy_in_a_field(layer):
    model = random_model(np.random.default_rng(5), "C3v")
    step = 1e-5
    for n in (0, 7, 15):
        spins = spin_texture(model, SOME_K, n)
        for component, pauli in enumerate(PAULI):
            zeeman = np.kron(np.eye(11), pauli)
            shifted = [
                np.linalg.eigvalsh(hamiltonian(model, SOME_K) + s * zeeman)[:, n] for s in (step, -step)
            ]
            assert np.allclose(spins[:, component], (shifted[0] - shifted[1]) / (2 * step), atol=1e-5)
    assert np.abs(spin_texture(layer, SOME_K, 7)[:, :2]).max() < 1e-9


@pytest.mark.parametrize("material", LIU)
def test_three_band_model_is_that_of_the_printed_matrix(material):
    e1, e2, t0, t1, t2, t11, t12, t22, coupling = LIU[material]
    model = three_band(material)
    for q in SOME_K:
        # the printed formulas have x along a lattice vector, here at pi/6
        x, y = (
            np.cos(np.pi / 6) * q[0] + np.sin(np.pi / 6) * q[1],
            -np.sin(np.pi / 6) * q[0] + np.cos(np.pi / 6) * q[1],
        )
        a, b = x / 2, np.sqrt(3) / 2 * y
        ca, sa, cb, sb = np.cos(a), np.sin(a), np.cos(b), np.sin(b)
        c2, s2, r3 = np.cos(2 * a), np.sin(2 * a), np.sqrt(3)
        h = np.zeros((3, 3), complex)
        h[0, 0] = e1 + 2 * t0 * (c2 + 2 * ca * cb)
        h[0, 1] = -2 * r3 * t2 * sa * sb + 2j * t1 * (s2 + sa * cb)
        h[0, 2] = 2 * t2 * (c2 - ca * cb) + 2j * r3 * t1 * ca * sb
        h[1, 1] = e2 + 2 * t11 * c2 + (t11 + 3 * t22) * ca * cb
        h[2, 2] = e2 + 2 * t22 * c2 + (3 * t11 + t22) * ca * cb
        h[1, 2] = r3 * (t22 - t11) * sa * sb + 4j * t12 * sa * (ca - cb)
        h += np.triu(h, 1).conj().T
        angular = np.array([[0, 0, 0], [0, 0, 2j], [0, -2j, 0]])
        both = hamiltonian(model, q)
        assert np.allclose(both[::2, ::2], h + coupling / 2 * angular)
        assert np.allclose(both[1::2, 1::2], h - coupling / 2 * angular)
        assert np.allclose(both[::2, 1::2], 0)


@pytest.mark.parametrize("material", LIU)
def test_three_band_model_splits_the_valence_band_at_k_by_twice_the_coupling(material):
    model = three_band(material)
    assert np.isclose(signed_splitting(model, K, 0), 2 * LIU[material][-1])
    assert np.isclose(signed_splitting(model, -K, 0), -2 * LIU[material][-1])
    assert np.isclose(signed_splitting(model, K, 1), 0)


def test_models_are_plain_data(layer):
    copy = Model(layer.bonds, layer.hoppings, layer.layer_mirror)
    assert np.array_equal(bands(copy, K), bands(layer, K))


def test_bad_input_is_refused(layer):
    with pytest.raises(ValueError, match=r"k: expected shape \(..., 2\), got \(3,\)"):
        bands(layer, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="k: expected finite numbers"):
        bands(layer, [np.nan, 0.0])
    with pytest.raises(ValueError, match="band: expected an integer in 0..21, got 22"):
        spin_texture(layer, K, 22)
    with pytest.raises(ValueError, match="band: expected an integer in 0..10, got 11"):
        signed_splitting(layer, K, 11)
    with pytest.raises(ValueError, match="material: expected one of MoS2, MoSe2, WS2, WSe2, got 'WTe2'"):
        three_band("WTe2")
    with pytest.raises(ValueError, match="group: expected a subgroup of D3h, got 'D6h'"):
        random_model(np.random.default_rng(0), "D6h")
    with pytest.raises(ValueError, match="reach: expected a finite number > 0"):
        random_model(np.random.default_rng(0), reach=0.0)


@pytest.mark.parametrize(
    ("argument", "place"), [("bonds", 0), ("hoppings", 1), ("operations", 2), ("matrices", 3)]
)
def test_symmetrised_refuses_nan_and_misfits(argument, place):
    given = [[[1.0, 0.2]], [[[1.0]]], point_group("C3v"), np.ones((6, 1, 1))]
    for spoiled in (np.full(np.shape(given[place]), np.nan), np.ones(np.shape(given[place])[:-1])):
        call = [spoiled if i == place else value for i, value in enumerate(given)]
        with pytest.raises(ValueError, match=f"^{argument}: expected"):
            symmetrised(*call, time_reversal=False)


def test_random_hoppings_fall_off_with_the_distance():
    model = random_model(np.random.default_rng(1), "C1", reach=3.0)
    length = np.linalg.norm(model.bonds, axis=1)
    share = np.abs(model.hoppings).max(axis=(1, 2)) * np.exp(2 * length)
    assert length.max() > 2.9 and 0.1 < share.min() and share.max() < 10
