"""Spin models against dense matrices on the whole space, and counts against the transfer matrix."""

from functools import reduce

import numpy as np
import pytest

from lowdim.wigner import (
    exchange_integral,
    ising_ground_states,
    pauli_couplings,
    spin_levels,
    triangular_couplings,
    triangular_entropy,
    triangular_strip_entropy,
    two_spin_matrix,
)
from lowdim.wigner.quadrature import coulomb_integral_direct
from lowdim.wigner.spins import _row_after_row, _xxz

PAULI = [np.array(p) for p in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]


def dense(couplings, transverse):
    """Hamiltonian on all 2^N states, and the total of sigma_z."""
    n = len(couplings)

    def at(matrix, i):
        return reduce(np.kron, [matrix if k == i else np.eye(2) for k in range(n)])

    total = np.zeros((2**n, 2**n), dtype=complex)
    for i in range(n):
        for j in range(i):
            for weight, p in zip((transverse, transverse, 1), PAULI, strict=True):
                total += weight * couplings[i, j] * at(p, i) @ at(p, j)
    return total.real, np.diag(sum(at(PAULI[2], i) for i in range(n))).real


@pytest.fixture(scope="module")
def random_couplings():
    matrix = np.random.default_rng(1).normal(size=(7, 7))
    matrix = matrix + matrix.T
    np.fill_diagonal(matrix, 0)
    return matrix


@pytest.mark.parametrize("transverse", [0.0, 0.4, 1.0])
def test_levels_are_those_of_the_whole_space(random_couplings, transverse):
    hamiltonian, magnetisation = dense(random_couplings, transverse)
    for n_up in range(8):
        sector = np.isclose(magnetisation, 2 * n_up - 7)
        expected = np.linalg.eigvalsh(hamiltonian[np.ix_(sector, sector)])
        np.testing.assert_allclose(
            spin_levels(random_couplings, n_up, len(expected), transverse=transverse), expected, atol=1e-10
        )


def test_multiplets_of_a_larger_lattice():
    """924 states go to Lanczos, 792 and 495 as well, 220 to the dense solver: SU(2) ties them together."""
    couplings = triangular_couplings(3, 4)
    levels = [spin_levels(couplings, n_up, 6) for n_up in (6, 5, 3)]
    for higher in (levels[1], levels[2]):
        assert higher[0] > levels[0][0] + 1e-6
    # the top multiplet has total spin 6 and is seen at every magnetisation
    for n_up in (6, 3, 0):
        assert spin_levels(-couplings, n_up)[0] == pytest.approx(-0.5 * couplings.sum(), abs=1e-9)
    triplet = np.abs(levels[0][:, None] - levels[1]).min(axis=0)
    assert triplet[0] < 1e-8


@pytest.mark.parametrize(("n_up", "transverse"), [(6, 1.0), (5, 0.3), (6, -1.0)])
def test_degenerate_levels_are_counted(n_up, transverse):
    """A symmetric lattice has levels that come twice and more; one vector sees one of them."""
    lattice = triangular_couplings(3, 4)
    codes = np.array([c for c in range(1 << 12) if c.bit_count() == n_up])
    expected = np.linalg.eigvalsh(_xxz(lattice, codes, transverse).toarray())[:12]
    assert np.sum(np.diff(expected) < 1e-9) >= 2
    np.testing.assert_allclose(spin_levels(lattice, n_up, 12, transverse=transverse), expected, atol=1e-9)


def test_levels_without_flips_are_those_of_the_diagonal():
    nothing = np.zeros((12, 12))
    assert spin_levels(nothing, 6, 3).tolist() == [0.0] * 3
    assert len(spin_levels(nothing, 6, 924)) == 924
    lattice = triangular_couplings(3, 4)
    lowest = [spin_levels(lattice, n_up, transverse=0.0)[0] for n_up in range(13)]
    assert min(lowest) == ising_ground_states(lattice).energy
    assert len(spin_levels(lattice, 6, 924, transverse=0.0)) == 924


def test_ising_enumeration(random_couplings):
    hamiltonian, _ = dense(random_couplings, 0.0)
    energies = np.sort(np.diag(hamiltonian))
    found = ising_ground_states(random_couplings)
    assert found.energy == pytest.approx(energies[0])
    assert found.degeneracy == 2
    assert found.gap == pytest.approx(energies[2] - energies[0])
    spins = found.spins[0]
    assert 0.5 * spins @ random_couplings @ spins == pytest.approx(found.energy)
    broken = sum(
        abs(random_couplings[i, j])
        for i in range(7)
        for j in range(i)
        if random_couplings[i, j] * spins[i] * spins[j] > 0
    )
    assert found.misfit == pytest.approx(2 * broken / np.abs(random_couplings).sum())


def test_a_ferromagnet_is_not_frustrated():
    found = ising_ground_states(-triangular_couplings(3, 4))
    assert (found.degeneracy, found.misfit) == (2, 0.0)


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 4), (4, 4), (4, 5)])
def test_counts_on_a_torus_are_traces(rows, columns):
    transfer = _row_after_row(columns)
    count = np.trace(np.linalg.matrix_power(transfer, rows))
    found = ising_ground_states(triangular_couplings(rows, columns))
    assert found.degeneracy == round(count)
    assert found.misfit == pytest.approx(1 / 3)


def test_entropy_of_wide_cylinders():
    values = [triangular_strip_entropy(width) for width in (3, 6, 9)]
    assert values[0] > values[1] > values[2] > triangular_entropy()
    # the leading correction is width^-2
    limit = (81 * values[2] - 36 * values[1]) / 45
    assert limit == pytest.approx(triangular_entropy(), abs=5e-4)


def test_two_spins_from_bloch_waves():
    """Every matrix element from determinants of full orbitals, Bloch waves and spins included."""
    width, distance, momentum = 0.8, 1.9, 3.0
    sites = {"a": -0.5 * distance, "b": 0.5 * distance}

    def orbital(site, valley):
        def value(r):
            centred = (r[..., 0] - sites[site]) ** 2 + r[..., 1] ** 2
            bloch = np.exp(0.5j * valley * momentum * r[..., 0])
            return np.exp(-centred / (4 * width**2)) / np.sqrt(2 * np.pi * width**2) * bloch

        return value

    def element(bra, ket):
        """<bra_1 bra_2|1/r|ket_1 ket_2> of products; spin (= valley) is conserved at each electron."""
        if any(x[1] != y[1] for x, y in zip(bra, ket, strict=True)):
            return 0.0
        densities = [
            lambda r, x=x, y=y: orbital(*x)(r).conj() * orbital(*y)(r) for x, y in zip(bra, ket, strict=True)
        ]
        return coulomb_integral_direct(*densities, [0.0, 0.0], 5.2, nodes=28, angles=56).real

    states = [(("a", s), ("b", t)) for s in (1, -1) for t in (1, -1)]
    matrix = [[element(x, y) - element(x, y[::-1]) for y in states] for x in states]
    direct = matrix[1][1]
    expected = two_spin_matrix(direct, float(exchange_integral(distance, width)))
    np.testing.assert_allclose(matrix, expected, atol=1e-6)
    couplings = pauli_couplings(expected)
    assert np.ptp(couplings) < 1e-12 and np.all(couplings < 0)


def test_pauli_couplings_of_any_pair_hamiltonian():
    wanted = np.array([0.3, -0.7, 1.1])
    matrix = 2.0 * np.eye(4) + sum(j * np.kron(p, p) for j, p in zip(wanted, PAULI, strict=True)).real
    np.testing.assert_allclose(pauli_couplings(matrix), wanted, atol=1e-15)


UNIT = np.ones((3, 3)) - np.eye(3)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("couplings", lambda: ising_ground_states(np.ones((3, 3)))),
        ("couplings", lambda: ising_ground_states([[0, 1], [2, 0]])),
        ("couplings", lambda: ising_ground_states(np.zeros((25, 25)))),
        ("couplings", lambda: spin_levels(np.zeros((2, 3)), 1)),
        ("couplings", lambda: spin_levels(np.zeros((21, 21)), 1)),
        ("tolerance", lambda: ising_ground_states(UNIT, tolerance=0)),
        ("n_up", lambda: spin_levels(UNIT, 4)),
        ("n_levels", lambda: spin_levels(UNIT, 1, 4)),
        ("rows", lambda: triangular_couplings(2, 4)),
        ("columns", lambda: triangular_couplings(4, 2)),
        ("circumference", lambda: triangular_strip_entropy(4)),
        ("circumference", lambda: triangular_strip_entropy(15)),
        ("direct", lambda: two_spin_matrix("much", 1.0)),
        ("exchange", lambda: two_spin_matrix(1.0, [1.0, 2.0])),
        ("matrix", lambda: pauli_couplings(np.eye(3))),
        ("matrix", lambda: pauli_couplings(np.triu(np.ones((4, 4))))),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
