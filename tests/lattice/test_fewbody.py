"""Fock space: commutators, free particles, two atoms in first quantisation."""

import numpy as np
import pytest

from lowdim.lattice import FockSpace, two_body_integrals


def lower(space):
    """States on which one more atom still fits."""
    return np.flatnonzero(space.occupations.sum(axis=1) < space.n_atoms)


@pytest.mark.parametrize(("statistics", "sign"), [("bose", -1), ("fermi", 1)])
def test_commutators(statistics, sign):
    space = FockSpace(3, 3, statistics)
    c, inside = space.annihilators, lower(space)
    for i in range(3):
        for j in range(3):
            mixed = c[i] @ c[j].T + sign * c[j].T @ c[i]
            expected = float(i == j) * np.eye(len(inside))
            np.testing.assert_allclose(mixed[np.ix_(inside, inside)], expected, atol=1e-12)
            np.testing.assert_allclose(c[i] @ c[j] + sign * c[j] @ c[i], 0, atol=1e-12)


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_free_atoms(statistics):
    rng = np.random.default_rng(5)
    h = rng.normal(size=(4, 4))
    h = h + h.T
    space = FockSpace(4, 2, statistics)
    many = np.linalg.eigvalsh(space.sector(space.hamiltonian(h, np.zeros((4,) * 4)), 2))
    one = np.linalg.eigvalsh(h)
    sums = [one[i] + one[j] for i in range(4) for j in range(i + (statistics == "fermi"), 4)]
    np.testing.assert_allclose(many, np.sort(sums), atol=1e-12)


@pytest.mark.parametrize(("statistics", "sign"), [("bose", 1), ("fermi", -1)])
def test_two_atoms_against_first_quantisation(statistics, sign):
    rng = np.random.default_rng(6)
    orbitals = np.linalg.qr(rng.normal(size=(12, 3)))[0].T
    kernel = rng.normal(size=(12, 12))
    kernel = kernel + kernel.T
    h = np.diag([0.3, -0.2, 0.7])
    v = two_body_integrals(orbitals, kernel, 1.0)
    product = np.kron(h, np.eye(3)) + np.kron(np.eye(3), h)
    product += np.einsum("ip,jq,pq,kp,lq->ijkl", orbitals, orbitals, kernel, orbitals, orbitals).reshape(9, 9)
    swap = np.eye(9).reshape(3, 3, 9).transpose(1, 0, 2).reshape(9, 9)
    values, vectors = np.linalg.eigh((np.eye(9) + sign * swap) / 2)
    basis = vectors[:, values > 0.5]
    space = FockSpace(3, 2, statistics)
    levels = np.linalg.eigvalsh(space.sector(space.hamiltonian(h, v), 2))
    np.testing.assert_allclose(levels, np.linalg.eigvalsh(basis.T @ product @ basis), atol=1e-12)


def test_hubbard_pair():
    """Two bosons on two sites: (U - sqrt(U^2 + 16 J^2)) / 2."""
    j, u = 0.3, 1.7
    v = np.zeros((2,) * 4)
    v[0, 0, 0, 0] = v[1, 1, 1, 1] = u
    space = FockSpace(2, 2)
    lowest = np.linalg.eigvalsh(space.sector(space.hamiltonian([[0, -j], [-j, 0]], v), 2))[0]
    assert lowest == pytest.approx((u - np.sqrt(u**2 + 16 * j**2)) / 2)


def test_states_are_all_there():
    assert len(FockSpace(3, 3).occupations) == 20
    assert len(FockSpace(4, 4, "fermi").occupations) == 16
    assert np.all(np.diff(FockSpace(3, 3).occupations.sum(axis=1)) >= 0)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("n_orbitals", lambda: FockSpace(0, 1)),
        ("n_atoms", lambda: FockSpace(2, 0)),
        ("statistics", lambda: FockSpace(2, 1, "anyon")),
        ("one_body", lambda: FockSpace(2, 1).hamiltonian(np.eye(3), np.zeros((2,) * 4))),
        ("two_body", lambda: FockSpace(2, 1).hamiltonian(np.eye(2), np.zeros((2, 2)))),
        ("operator", lambda: FockSpace(2, 1).sector(np.eye(2), 1)),
        ("operator", lambda: FockSpace(2, 1).sector(np.full((3, 3), np.nan), 1)),
        ("n_atoms", lambda: FockSpace(2, 1).sector(np.eye(3), 2)),
        ("kernel", lambda: two_body_integrals(np.eye(2), np.eye(3), 1.0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
