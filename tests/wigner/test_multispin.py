"""Permutations of spins against dense Pauli matrices; shells against free and hindered rotors."""

from functools import reduce
from itertools import combinations, product

import numpy as np
import pytest
from scipy.sparse.linalg import eigsh

from lowdim.errors import NotConverged
from lowdim.wigner import (
    Permutation,
    _lanczos,
    pair_couplings,
    ring_levels,
    ring_term,
    rotor_terms,
    shell_rotor,
    spin_ground_state,
    spin_levels,
    stored_cluster,
    stored_exchange,
    total_spin_levels,
    triangular_couplings,
)
from lowdim.wigner._lanczos import lowest_levels
from lowdim.wigner.rotors import shell_order

PAULI = [np.array(m) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]


def operator(n, sites):
    """Product of single-spin matrices."""
    return reduce(np.kron, [sites.get(i, np.eye(2)) for i in range(n)])


def dot(n, i, j):
    return sum(operator(n, {i: p, j: p}) for p in PAULI)


def swap(n, i, j):
    return 0.5 * (np.eye(2**n) + dot(n, i, j))


def cycle_matrix(n, ring):
    """A cyclic permutation as a product of exchanges."""
    return reduce(np.matmul, [swap(n, i, j) for i, j in zip(ring[:-1], ring[1:], strict=True)])


def dense(terms, n):
    total = np.zeros((2**n, 2**n), dtype=complex)
    for term in terms:
        matrix = reduce(np.matmul, [cycle_matrix(n, c) for c in term.cycles])
        total += 0.5 * term.coefficient * (matrix + matrix.conj().T)
    return total


RINGS = [
    ((0, 1), 0.7),
    ((1, 2, 3), 0.4),
    ((0, 2, 4, 1), 0.9),
    ((0, 1, 2, 3, 4), 0.3),
    ((0, 5, 1, 4, 2, 3), 0.2),
]


@pytest.fixture(scope="module")
def terms():
    return [ring_term(ring, j) for ring, j in RINGS]


def test_levels_are_those_of_pauli_matrices(terms):
    whole = np.sort(np.linalg.eigvalsh(dense(terms, 6)))
    parts = np.concatenate([ring_levels(terms, 6, m, len(list(combinations(range(6), m)))) for m in range(7)])
    np.testing.assert_allclose(np.sort(parts), whole, atol=1e-12)


def test_pair_couplings_are_projections(terms):
    matrix = dense(terms, 6)
    for i, j in combinations(range(6), 2):
        expected = np.trace(matrix @ dot(6, i, j)).real / (3 * 2**6)
        assert pair_couplings(terms, 6)[i, j] == pytest.approx(expected, abs=1e-12)


def test_four_ring_in_full():
    """P + 1/P = (1 + sum of six products + G)/4, with the signs of the quartic terms."""
    matrix = cycle_matrix(4, (0, 1, 2, 3))
    six = sum(dot(4, i, j) for i, j in combinations(range(4), 2))
    quartic = dot(4, 0, 1) @ dot(4, 2, 3) + dot(4, 0, 3) @ dot(4, 1, 2) - dot(4, 0, 2) @ dot(4, 1, 3)
    np.testing.assert_allclose(matrix + matrix.conj().T, 0.25 * (np.eye(16) + six + quartic), atol=1e-12)


def test_pairs_are_the_heisenberg_model(terms):
    rng = np.random.default_rng(1)
    bonds = {pair: rng.uniform(0, 1) for pair in combinations(range(8), 2)}
    couplings = np.zeros((8, 8))
    for (i, j), value in bonds.items():
        couplings[i, j] = couplings[j, i] = value
    found = ring_levels([ring_term(pair, j) for pair, j in bonds.items()], 8, 4, 3)
    expected = spin_levels(0.5 * couplings, 4, 3) + 0.5 * sum(bonds.values())
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_lanczos_finds_the_dense_levels(terms, monkeypatch):
    found = ring_levels(terms, 12, 5, 3)
    monkeypatch.setattr("lowdim.wigner.multispin._DENSE", 10)
    np.testing.assert_allclose(ring_levels(terms, 12, 5, 3), found, atol=1e-8)


def test_degenerate_levels_are_counted(monkeypatch):
    """Pairs of a symmetric lattice: levels that come twice, of which one vector sees one."""
    lattice = triangular_couplings(3, 4)
    bonds = [ring_term((int(i), int(j)), 1.0) for i, j in zip(*np.nonzero(np.triu(lattice)), strict=True)]
    expected = ring_levels(bonds, 12, 6, 12)
    assert np.sum(np.diff(expected) < 1e-9) >= 2
    monkeypatch.setattr("lowdim.wigner.multispin._DENSE", 10)
    np.testing.assert_allclose(ring_levels(bonds, 12, 6, 12), expected, atol=1e-8)


def test_ground_state_by_total_spin(terms):
    found = spin_ground_state(terms, 6)
    matrix = dense(terms, 6)
    total = sum(dot(6, i, j) for i, j in combinations(range(6), 2)) * 0.5 + 6 * 0.75 * np.eye(64)
    values, vectors = np.linalg.eigh(matrix + 1e-9 * total)
    square = (vectors[:, 0].conj() @ total @ vectors[:, 0]).real
    assert found.spin * (found.spin + 1) == pytest.approx(square, abs=1e-6)
    assert found.energy == pytest.approx(values[0], abs=1e-6)
    others = [
        v for v, u in zip(values, vectors.T, strict=True) if abs((u.conj() @ total @ u).real - square) > 0.5
    ]
    assert found.gap == pytest.approx(others[0] - values[0], abs=1e-6)


def test_total_spins_of_the_lowest_levels(terms):
    """Energies and expectations of S^2 of the whole dense problem, each multiplet once."""
    found = total_spin_levels(terms, 6, 8)
    total = sum(dot(6, i, j) for i, j in combinations(range(6), 2)) * 0.5 + 6 * 0.75 * np.eye(64)
    up = sum(operator(6, {i: PAULI[2]}) for i in range(6)).real.diagonal()
    at_zero = np.flatnonzero(np.abs(up) < 1e-9)
    part = np.ix_(at_zero, at_zero)
    values, vectors = np.linalg.eigh(dense(terms, 6)[part] + 1e-9 * total[part])
    squares = np.einsum("ik,ij,jk->k", vectors.conj(), total[part], vectors).real
    np.testing.assert_allclose(found.energies, values[:8], atol=1e-6)
    np.testing.assert_allclose(found.spins * (found.spins + 1), squares[:8], atol=1e-4)


@pytest.mark.parametrize("longest", [2, 4])
def test_total_spin_by_lanczos_and_by_magnetisation(longest, monkeypatch):
    rings = [r for r in stored_exchange("rings")["clusters"] if r["electrons"] == 10 and "action" in r]
    ring_terms = [ring_term(r["ring"], np.exp(-8 * r["action"])) for r in rings if len(r["ring"]) <= longest]
    expected = spin_ground_state(ring_terms, 10)
    monkeypatch.setattr("lowdim.wigner.multispin._DENSE", 10)
    found = total_spin_levels(ring_terms, 10, 3)
    assert found.spins[0] == expected.spin
    assert found.energies[0] == pytest.approx(expected.energy, abs=1e-8)


def test_half_of_a_degenerate_level_is_refused():
    """Two spins that nothing couples: singlet and triplet of one energy."""
    with pytest.raises(NotConverged, match="no definite spins"):
        total_spin_levels([ring_term((0, 1), 1.0)], 4, 1)
    assert sorted(total_spin_levels([ring_term((0, 1), 1.0)], 4, 2).spins) == [0.0, 1.0]


def test_ferromagnet_and_its_gap():
    triangle = spin_ground_state([ring_term((0, 1, 2), 1.0)], 3)
    assert (triangle.spin, triangle.energy) == (1.5, pytest.approx(-2))
    assert triangle.gap == pytest.approx(3)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
def test_rotor_by_direct_count(n):
    """All spin states of a ring by their phase under a turn: the lowest allowed angular momentum of each."""
    shift = np.zeros((2**n, 2**n))
    for bits in product((0, 1), repeat=n):
        rolled = bits[-1:] + bits[:-1]
        shift[int("".join(map(str, rolled)), 2), int("".join(map(str, bits)), 2)] = 1
    phases = np.angle(np.linalg.eigvals(shift)) / (2 * np.pi) * n
    sign = (n - 1) % 2 * n / 2  # an even ring is an odd permutation
    angular = [np.abs(-k + sign + n * np.arange(-2, 3)).min() for k in phases]
    expected = np.sort(np.array(angular) ** 2)
    found = dense(rotor_terms(range(n), 1.0), n)
    values = np.linalg.eigvalsh(found)
    np.testing.assert_allclose(values - values.mean(), expected - expected.mean(), atol=1e-6)


def test_shells_slip_or_do_not():
    free, held = shell_rotor(stored_cluster(20), range(1, 8)), shell_rotor(stored_cluster(19), range(1, 7))
    assert free.orientations == 84 and held.orientations == 12
    assert free.barrier < 1e-9 < 1e-3 < held.barrier
    squares = np.sum(stored_cluster(20) ** 2, axis=1)
    assert free.inertia == pytest.approx(squares[1:8].sum())
    assert free.constant(0.1) == pytest.approx(0.05 / squares[1:8].sum())
    assert free.freedom(0.12) > 1e6 > held.freedom(0.12)
    # classical: the barrier agrees with the soft mode of the relative rotation where it is sinusoidal
    assert free.relative_constant(0.1) > free.constant(0.1)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("ring", lambda: ring_term((0, 0), 1.0)),
        ("ring", lambda: ring_term((-1, 0), 1.0)),
        ("amplitude", lambda: ring_term((0, 1), -1.0)),
        ("amplitude", lambda: ring_term((0, 1), np.nan)),
        ("terms", lambda: ring_levels([], 3, 1)),
        ("terms", lambda: ring_levels([ring_term((0, 3), 1.0)], 3, 1)),
        ("terms", lambda: pair_couplings([Permutation(((0, 1), (2, 3)), 1.0)], 4)),
        ("n_up", lambda: ring_levels([ring_term((0, 1), 1.0)], 2, 3)),
        ("n_levels", lambda: ring_levels([ring_term((0, 1), 1.0)], 2, 1, 3)),
        ("n", lambda: spin_ground_state([ring_term((0, 1), 1.0)], 1)),
        ("n_levels", lambda: total_spin_levels([ring_term((0, 1), 1.0)], 2, 2)),
        ("n", lambda: total_spin_levels([ring_term((0, 1), 1.0)], 23)),
        ("shell", lambda: shell_rotor(stored_cluster(7), [0])),
        ("angles", lambda: shell_rotor(stored_cluster(10), [0, 1], angles=1)),
        ("shell", lambda: rotor_terms((0,), 1.0)),
        ("constant", lambda: rotor_terms((0, 1), 0.0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


@pytest.mark.parametrize("missed", [[], [0], [1], [0, 1], [1, 2, 3]])
@pytest.mark.parametrize("copies", [(3, 90, 7), (6, 80, 14), (1, 50, 49)])
def test_levels_that_the_first_search_misses_are_found_with_whole_vectors(copies, missed, monkeypatch):
    """The others are lifted one by one until nothing lower is left."""
    values = np.repeat([1.0, 2.0, 5.0], copies)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(100, 100)))[0]
    matrix, searches = (turn * values) @ turn.T, []

    def careless(operator, count, **options):
        searches.append(count)
        if len(searches) > 1:
            return eigsh(operator, count, **options)
        kept = np.delete(np.arange(100), missed)[:count]
        return values[kept], turn[:, kept]

    monkeypatch.setattr(_lanczos, "eigsh", careless)
    found, vectors = lowest_levels(matrix, 4, "example")
    assert found == pytest.approx(values[:4], abs=1e-9)
    assert vectors.T @ vectors == pytest.approx(np.eye(4), abs=1e-9)
    assert matrix @ vectors == pytest.approx(vectors * found, abs=1e-7)
    # the levels, the highest of all, and one search more than levels that are wanting
    first = values[np.delete(np.arange(100), missed)[:4]]
    wanting = sum(max(0, np.sum(values[:4] == level) - np.sum(first == level)) for level in (1, 2, 5))
    assert len(searches) == 3 + wanting


@pytest.mark.parametrize("count", [2, 3, 7, 12])
def test_a_shell_is_told_in_the_order_of_its_angles(count):
    rng = np.random.default_rng(count)
    angles = rng.permutation(np.linspace(-3.1, 3.1, count))
    r = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(1, 2, (count, 1))
    positions = np.vstack([[0.01, 0.02], r])  # the first belongs to no shell
    order = shell_order(positions, rng.permutation(np.arange(1, count + 1)))
    assert sorted(order) == list(range(1, count + 1))
    assert np.all(np.diff(angles[np.array(order) - 1]) > 0)
