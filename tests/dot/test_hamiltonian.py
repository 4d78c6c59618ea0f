"""The Hamiltonian of a sector against the whole Fock space, written term by term."""

from itertools import product

import numpy as np
import pytest

from lowdim.dot.hamiltonian import SectorHamiltonian, interaction_factors
from lowdim.dot.interaction import coulomb_integrals
from lowdim.dot.states import QuantumDot

DOT = QuantumDot(length=6.0, softening=0.05, n_orbitals=4)
SECTORS = [(1, 0), (0, 1), (1, 1), (2, 0), (2, 1), (1, 2), (3, 0), (2, 2), (3, 1), (4, 0), (3, 2)]


@pytest.fixture(scope="module")
def whole(fock):
    """H on all states of the four orbitals."""
    return fock(DOT.n_orbitals).hamiltonian(DOT)


def sectors(n_up, n_down):
    return [SectorHamiltonian(DOT, n_up, n_down, parity) for parity in (1, -1)]


@pytest.mark.parametrize(("n_up", "n_down"), SECTORS)
def test_both_parities_together_are_the_hamiltonian_of_the_fock_space(fock, whole, n_up, n_down):
    determinants = fock(DOT.n_orbitals).determinants(n_up, n_down)
    expected = determinants.T @ (whole @ determinants)
    rebuilt = np.zeros_like(expected)
    for sector in sectors(n_up, n_down):
        place = sector.unpack(np.eye(sector.size)).reshape(sector.size, len(expected))
        rebuilt += place.T @ sector.dense() @ place
    assert np.allclose(rebuilt, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("n_up", "n_down"), SECTORS)
def test_a_sector_holds_the_determinants_of_its_parity(n_up, n_down):
    for sector, parity in zip(sectors(n_up, n_down), (1, -1), strict=True):
        product_parity = np.multiply.outer(sector.up.parity, sector.down.parity)
        held = sector.unpack(np.eye(sector.size)).sum(axis=0)
        assert np.array_equal(held, product_parity == parity)


@pytest.mark.parametrize(("n_up", "n_down"), SECTORS)
def test_the_matrix_is_symmetric(n_up, n_down):
    for sector in sectors(n_up, n_down):
        matrix = sector.dense()
        assert np.allclose(matrix, matrix.T, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("n_up", "n_down"), SECTORS)
def test_diagonal_kinetic_number_and_submatrix_belong_to_the_matrix(n_up, n_down):
    for sector in sectors(n_up, n_down):
        matrix = sector.dense()
        assert np.allclose(sector.diagonal(), matrix.diagonal(), rtol=0, atol=1e-13)
        chosen = np.arange(sector.size)[::3]
        assert np.allclose(sector.submatrix(chosen), matrix[np.ix_(chosen, chosen)], rtol=0, atol=1e-13)
        number = np.add.outer(sector.up.kinetic_number, sector.down.kinetic_number).ravel()
        place = sector.unpack(np.eye(sector.size)).reshape(sector.size, len(number))
        assert np.array_equal(sector.kinetic_number(), place @ number)


def test_apply_treats_every_row_alone():
    sector = SectorHamiltonian(DOT, 2, 1, -1)
    rows = np.random.default_rng(3).normal(size=(5, sector.size))
    kept = rows.copy()
    assert np.allclose(sector.apply(rows), rows @ sector.dense(), rtol=0, atol=1e-12)
    assert np.array_equal(rows, kept)


def test_without_interaction_energies_are_sums_of_orbital_energies():
    # kinetic energy goes as 1 / L^2, interaction as 1 / L: a tiny box has hardly any
    dot = QuantumDot(length=1e-9, softening=0.1, n_orbitals=4)
    orbital = dot.orbital_energies
    expected = sorted(
        sum(orbital[list(up)]) + orbital[d]
        for up in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
        for d in range(4)
    )
    found = [np.linalg.eigvalsh(SectorHamiltonian(dot, 2, 1, parity).dense()) for parity in (1, -1)]
    assert np.allclose(np.sort(np.concatenate(found)), expected, rtol=1e-8)


def test_an_interaction_without_structure_charges_every_pair_once():
    # range far beyond the box: V = 1 / (delta L) for each of the N (N - 1) / 2 pairs, whatever the state
    length, softening = 2.0, 1e4
    for n_up, n_down in [(1, 1), (2, 1), (2, 2), (3, 1)]:
        dot = QuantumDot(length, softening, 4)
        pairs = (n_up + n_down) * (n_up + n_down - 1) / 2
        for parity in (1, -1):
            sector = SectorHamiltonian(dot, n_up, n_down, parity)
            kinetic = 0.5 * (np.pi / length) ** 2 * sector.kinetic_number()
            excess = (sector.dense() - np.diag(kinetic)) * softening * length
            assert np.allclose(excess, pairs * np.eye(sector.size), rtol=0, atol=1e-6)


@pytest.mark.parametrize("softening", [1e-4, 0.02, 0.3, 1.0, 30.0])
def test_factors_rebuild_the_integrals_for_any_softening(softening):
    factors, _ = interaction_factors(5, 3.0, softening)
    exact = coulomb_integrals(5, 3.0, softening)
    assert np.allclose(np.einsum("gpq,grs->pqrs", factors, factors), exact, rtol=0, atol=1e-13 * exact.max())


def test_every_factor_has_its_parity():
    factors, parity = interaction_factors(4, 9.5, 0.02)
    assert len(factors) == len(parity) == 9
    for factor, sign in zip(factors, parity, strict=True):
        for p, q in product(range(4), repeat=2):
            if (-1) ** (p + q) != sign:
                assert factor[p, q] == 0


@pytest.mark.parametrize("electrons", [1, 2, 3])
@pytest.mark.parametrize("parity", [1, -1])
def test_the_spin_flip_splits_a_sector_in_two(electrons, parity):
    whole_sector = SectorHamiltonian(DOT, electrons, electrons, parity)
    matrix, place = whole_sector.dense(), whole_sector.unpack(np.eye(whole_sector.size))
    place = place.reshape(whole_sector.size, -1)
    found = []
    for flip in (1, -1):
        half = SectorHamiltonian(DOT, electrons, electrons, parity, flip)
        states = half.unpack(np.eye(half.size))
        # turning the spins over exchanges the strings
        assert np.allclose(states, flip * states.transpose(0, 2, 1), rtol=0, atol=1e-15)
        states = states.reshape(half.size, states.shape[1] ** 2) @ place.T
        assert np.allclose(states @ states.T, np.eye(half.size), rtol=0, atol=1e-14)
        assert np.allclose(half.dense(), states @ matrix @ states.T, rtol=0, atol=1e-12)
        chosen = np.arange(half.size)[::2]
        assert np.allclose(half.submatrix(chosen), half.dense()[np.ix_(chosen, chosen)], rtol=0, atol=1e-12)
        assert np.allclose(half.diagonal(), half.dense().diagonal(), rtol=0, atol=1e-12)
        found.append(np.linalg.eigvalsh(half.dense()))
    assert np.allclose(np.sort(np.concatenate(found)), np.linalg.eigvalsh(matrix), rtol=0, atol=1e-12)


def test_single_precision_goes_in_and_comes_out():
    for flip in (0, 1, -1):
        sector = SectorHamiltonian(DOT, 2, 2, 1, flip)
        rows = np.random.default_rng(3).normal(size=(3, sector.size))
        single = sector.apply(rows.astype(np.float32))
        assert single.dtype == np.float32
        assert np.allclose(single, sector.apply(rows), rtol=0, atol=1e-4)


@pytest.mark.parametrize(("n_down", "flip"), [(1, 1), (2, 2), (2, 0.5)])
def test_a_flip_that_is_none_is_refused(n_down, flip):
    with pytest.raises(ValueError, match="flip: expected 0, or \\+1 or -1 if n_up = n_down"):
        SectorHamiltonian(DOT, 2, n_down, 1, flip)


def test_a_parity_that_is_none_is_refused():
    with pytest.raises(ValueError, match="parity: expected 1 or -1, got 0"):
        SectorHamiltonian(DOT, 2, 2, 0)
