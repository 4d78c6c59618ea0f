"""Groups, spin matrices and invariant fields against closed forms and brute averages."""

import itertools

import numpy as np
import pytest

from lowdim.spinorbit.symmetry import (
    GROUPS,
    PAULI,
    field_basis,
    monomials,
    orbital_matrix,
    point_group,
    spin_matrix,
)

ORDERS = {"C1": 1, "C3": 3, "Cs": 2, "C3h": 6, "C3v": 6, "D3d": 12, "D3h": 12, "D6h": 24}


def random_orthogonal(rng):
    return np.linalg.qr(rng.normal(size=(3, 3)))[0]


def evaluate(coefficients, degree, k):
    return coefficients @ np.prod(np.asarray(k) ** monomials(degree), axis=1)


def test_every_group_has_its_order_and_is_closed():
    assert set(ORDERS) == set(GROUPS)
    for name, order in ORDERS.items():
        group = point_group(name)
        assert len(group) == order
        assert np.allclose(group[0], np.eye(3))
        for a, b in itertools.product(group, repeat=2):
            assert min(np.abs(a @ b - c).max() for c in group) < 1e-12


def test_vertical_mirrors_contain_gamma_m_and_not_gamma_k():
    mirrors = [o for o in point_group("C3v") if np.isclose(np.linalg.det(o), -1)]
    kept = [np.degrees(np.angle(complex(*v))) % 60 for o in mirrors for v in _fixed(o)]
    assert np.allclose([min(x, 60 - x) for x in kept], 0, atol=1e-9)


def _fixed(mirror):
    values, vectors = np.linalg.eigh(mirror[:2, :2])
    return vectors[:, values > 0].T


def test_spin_matrix_turns_the_spin_vector():
    rng = np.random.default_rng(3)
    special = [o for name in GROUPS for o in point_group(name)]
    for operation in [*special, *(random_orthogonal(rng) for _ in range(20))]:
        u, v = spin_matrix(operation), rng.normal(size=3)
        turned = np.linalg.det(operation) * operation @ v
        assert np.allclose(
            u @ np.tensordot(v, PAULI, 1) @ u.conj().T, np.tensordot(turned, PAULI, 1), atol=1e-12
        )
        assert np.allclose(u @ u.conj().T, np.eye(2), atol=1e-13)
        assert np.isclose(np.linalg.det(u), 1)


def test_spin_matrices_multiply_up_to_a_sign():
    group = point_group("D3h")
    for a, b in itertools.product(group, repeat=2):
        product, u = spin_matrix(a) @ spin_matrix(b), spin_matrix(a @ b)
        assert min(np.abs(product - u).max(), np.abs(product + u).max()) < 1e-12


def test_mirrors_square_to_minus_one_and_anticommute_on_spins():
    layer, vertical = spin_matrix(np.diag([1.0, 1, -1])), spin_matrix(np.diag([1.0, -1, 1]))
    assert np.allclose(layer @ layer, -np.eye(2))
    assert np.allclose(layer @ vertical, -vertical @ layer)


@pytest.mark.parametrize("shell", [0, 1, 2])
def test_orbitals_turn_as_functions_do(shell):
    rng = np.random.default_rng(4)
    x, y, z = rng.normal(size=(3, 7))

    def functions(x, y, z):
        if shell == 0:
            return np.array([np.ones_like(x)])
        if shell == 1:
            return np.array([x, y, z])
        root = np.sqrt(3)
        return np.array(
            [(2 * z**2 - x**2 - y**2) / 2, root * x * y, root / 2 * (x**2 - y**2), root * x * z, root * y * z]
        )

    for _ in range(5):
        operation = random_orthogonal(rng)
        matrix = orbital_matrix(operation, shell)
        before = functions(*(operation.T @ np.array([x, y, z])))
        assert np.allclose(before, matrix.T @ functions(x, y, z))
        assert np.allclose(matrix @ matrix.T, np.eye(2 * shell + 1))


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("degree", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("time_reversal", [True, False])
def test_fields_are_those_left_by_averaging(group, degree, time_reversal):
    operations = point_group(group)
    found = field_basis(operations, degree, time_reversal=time_reversal)
    rng = np.random.default_rng(degree)
    points = rng.normal(size=(40, 2))
    values = np.prod(points[:, None, :] ** monomials(degree), axis=2)
    for coefficients in found:
        for operation in operations:
            there = evaluate(coefficients, degree, operation[:2, :2] @ points[0])
            expected = np.linalg.det(operation) * operation @ evaluate(coefficients, degree, points[0])
            assert np.allclose(there, expected, atol=1e-10)
    # twin: average random fields over the group; the averages span the same space
    if time_reversal and degree % 2 == 0:
        assert len(found) == 0
        return
    averages = []
    for _ in range(3 * (degree + 1)):
        c = rng.normal(size=(3, degree + 1))
        total = sum(
            np.linalg.det(o)
            * o.T
            @ c
            @ np.prod((points @ o[:2, :2].T)[:, None, :] ** monomials(degree), axis=2).T
            for o in operations
        ) / len(operations)
        averages.append(np.linalg.lstsq(values, total.T, rcond=None)[0].T.ravel())
    assert np.linalg.matrix_rank(averages, tol=1e-8) == len(found)
    if len(found):
        together = np.concatenate([averages, found.reshape(len(found), -1)])
        assert np.linalg.matrix_rank(together, tol=1e-8) == len(found)


def test_layer_allows_only_odd_multiples_of_three():
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    for degree, expected in [(3, [3]), (7, [3]), (9, [3, 9]), (15, [3, 9, 15])]:
        fields = field_basis(point_group("D3h"), degree)
        assert np.abs(fields[:, :2]).max() < 1e-12
        powers = np.prod(
            np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None, :] ** monomials(degree), axis=2
        )
        spectrum = np.fft.rfft(fields[:, 2] @ powers.T, axis=1)
        size = np.abs(spectrum).max(axis=0)
        assert [n for n in range(33) if size[n] > 1e-9 * size.max()] == expected
        assert np.abs(spectrum.real).max() < 1e-9 * size.max()  # sines only


def test_inversion_forbids_every_field():
    assert all(len(field_basis(point_group(g), n)) == 0 for g in ("D3d", "D6h") for n in range(1, 12, 2))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"name: expected one of .*D3h.*, got 'D9h'"):
        point_group("D9h")
    with pytest.raises(ValueError, match="operation: expected an orthogonal matrix"):
        spin_matrix(2 * np.eye(3))
    with pytest.raises(ValueError, match="operation: expected shape"):
        orbital_matrix(np.eye(2), 1)
    with pytest.raises(ValueError, match="angular_momentum: expected an integer in 0..2, got 3"):
        orbital_matrix(np.eye(3), 3)
    with pytest.raises(ValueError, match="degree: expected an integer in 0..1000"):
        monomials(-1)
    tilted = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    with pytest.raises(ValueError, match="operations: expected matrices that keep the plane"):
        field_basis([tilted], 1)
