"""The eigensolver on matrices whose spectrum is known, clusters included."""

import numpy as np
import pytest

from lowdim.dot import sectors
from lowdim.dot.davidson import SearchSpace, _orthonormal_rows, lowest_eigenpairs
from lowdim.dot.hamiltonian import SectorHamiltonian
from lowdim.dot.states import QuantumDot
from lowdim.errors import NotConverged

SIZE = 300


def matrix_with(values, seed, coupling=0.02):
    """Symmetric matrix with these eigenvalues, close to diagonal as a determinant basis is."""
    generator = np.random.default_rng(seed)
    turn = generator.normal(size=(SIZE, SIZE)) * coupling
    # the Cayley transform of an antisymmetric matrix is a rotation
    turn = turn - turn.T
    rotation = np.linalg.solve(np.eye(SIZE) + turn, np.eye(SIZE) - turn)
    return (rotation * values) @ rotation.T


def solve(matrix, n_roots, n_guess=None, **options):
    diagonal = np.diag(matrix)

    def precondition(residuals, values):
        shifted = diagonal - values[:, None]
        return residuals / np.where(abs(shifted) < 0.1, np.copysign(0.1, shifted), shifted)

    start = np.eye(SIZE)[np.argsort(diagonal)[: n_guess or n_roots + 3]]
    return lowest_eigenpairs(lambda rows: rows @ matrix, start, precondition, n_roots, **options)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-5])
def test_a_cluster_is_found_as_a_whole(seed, gap):
    cluster = 1.0 + gap * np.arange(4)
    exact = np.concatenate([[0.2], cluster, [1.5, 1.5 + gap], np.linspace(2, 40, SIZE - 7)])
    matrix = matrix_with(exact, seed)
    values, vectors = solve(matrix, 7)
    # the error of an energy is at most the residual norm asked for, and second order for isolated ones
    assert np.allclose(values, exact[:7], rtol=0, atol=1e-8)
    assert np.allclose(vectors @ vectors.T, np.eye(7), rtol=0, atol=1e-12)
    assert abs(values[0] - exact[0]) < 1e-12


@pytest.mark.parametrize("tolerance", [1e-4, 1e-8, 1e-11])
def test_residuals_are_below_the_tolerance(tolerance):
    matrix = matrix_with(np.linspace(0, 30, SIZE), seed=4)
    values, vectors = solve(matrix, 5, tolerance=tolerance)
    residuals = vectors @ matrix - values[:, None] * vectors
    # the norms it stopped at, recomputed: rounding of products with a norm of 30 adds up to 1e-13
    assert (np.linalg.norm(residuals, axis=1) < tolerance + 1e-13).all()


def test_a_cluster_cut_by_the_last_root_still_converges():
    exact = np.concatenate([np.full(6, 1.0) + 1e-9 * np.arange(6), np.linspace(2, 40, SIZE - 6)])
    values, _ = solve(matrix_with(exact, seed=7), 3)
    assert np.allclose(values, 1.0, rtol=0, atol=2e-8)


def test_a_wide_cluster_cut_by_the_last_root_does_not_stall():
    # more members than start vectors, split by far more than the tolerance: every one must be resolved
    exact = np.concatenate([[0.0, 0.1], 1.0 + 1e-4 * np.arange(12) ** 2, np.linspace(3, 40, SIZE - 14)])
    values, _ = solve(matrix_with(exact, seed=8), 5, n_guess=7)
    assert np.allclose(values, exact[:5], rtol=0, atol=1e-9)


def test_directions_almost_inside_the_space_come_out_orthogonal_to_it():
    generator = np.random.default_rng(9)
    basis = np.linalg.qr(generator.normal(size=(SIZE, 40)))[0].T
    rows = generator.normal(size=(5, 40)) @ basis + 1e-9 * generator.normal(size=(5, SIZE))
    new = _orthonormal_rows(rows, basis)
    assert len(new) == 5
    assert abs(new @ basis.T).max() < 1e-13
    assert np.allclose(new @ new.T, np.eye(5), rtol=0, atol=1e-13)


def test_directions_inside_the_space_are_dropped():
    basis = np.eye(SIZE)[:10]
    assert len(_orthonormal_rows(np.ones((3, 10)) @ basis, basis)) == 0


def test_restarts_do_not_lose_what_was_found():
    # one start vector per root: the space is cut back often
    matrix = matrix_with(np.linspace(0, 30, SIZE) ** 1.5, seed=5, coupling=0.05)
    values, _ = solve(matrix, 12, n_guess=12, max_iterations=500)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[:12], rtol=0, atol=1e-9)


def test_a_guess_that_is_already_exact_is_returned():
    matrix = np.diag(np.arange(float(SIZE)))
    values, vectors = solve(matrix, 3, max_iterations=1)
    assert np.array_equal(values, [0, 1, 2])
    assert np.allclose(abs(vectors), np.eye(SIZE)[:3], rtol=0, atol=1e-15)


def test_too_few_iterations_are_an_error_and_not_an_answer():
    matrix = matrix_with(np.linspace(0, 30, SIZE), seed=6)
    with pytest.raises(
        NotConverged, match=r"residual norms reached .* not 1.00e-08, for 5 roots in 2 expansions"
    ):
        solve(matrix, 5, max_iterations=2)


def test_an_unreachable_tolerance_is_an_error():
    with pytest.raises(NotConverged):
        solve(matrix_with(np.linspace(0, 30, SIZE), seed=6), 5, tolerance=1e-18)


@pytest.mark.parametrize("blocks", [(0, 1), (1, 0)])
def test_a_start_inside_one_symmetry_block_finds_the_levels_of_the_other(blocks):
    parts = [matrix_with(np.linspace(shift, 40, SIZE), seed) for shift, seed in ((0.0, 1), (0.5, 2))]
    first, second = (parts[k] for k in blocks)
    matrix = np.block([[first, np.zeros_like(first)], [np.zeros_like(first), second]])
    diagonal = np.diag(matrix)

    def precondition(residuals, values):
        shifted = diagonal - values[:, None]
        return residuals / np.where(abs(shifted) < 0.1, np.copysign(0.1, shifted), shifted)

    start = np.eye(2 * SIZE)[np.argsort(diagonal[:SIZE])[:7]]
    values, _ = lowest_eigenpairs(lambda rows: rows @ matrix, start, precondition, 5)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[:5], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"guess": np.full((3, 9), np.nan)}, "guess: expected finite numbers, got nan or inf"),
        ({"guess": np.eye(9)[:1]}, "guess: expected from n_roots = 2 to n = 9 start vectors, got 1"),
        ({"n_roots": 0}, "n_roots: expected an integer >= 1, got 0"),
        ({"tolerance": 0.0}, "tolerance: expected a finite number > 0, got 0.0"),
        ({"max_iterations": 1.5}, "max_iterations: expected an integer >= 1, got 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(change, message):
    arguments = {"guess": np.eye(9)[:3], "n_roots": 2} | change
    with pytest.raises(ValueError, match="^" + message):
        lowest_eigenpairs(lambda rows: rows, precondition=lambda r, v: r, **arguments)


@pytest.mark.parametrize("shift", [0.0, 1e-6])
def test_single_precision_makes_directions_orthogonal_as_double_does(shift):
    generator = np.random.default_rng(11)
    basis = np.linalg.qr(generator.normal(size=(SIZE, 40)))[0].T.astype(np.float32)
    rows = generator.normal(size=(4, SIZE)).astype(np.float32)
    rows[3] = rows[2] * (1 + shift)
    new = _orthonormal_rows(rows, basis)
    assert new.dtype == np.float32 and len(new) == 3
    assert abs(new @ basis.T).max() < 1e-6
    assert np.allclose(new @ new.T, np.eye(3), rtol=0, atol=1e-6)


@pytest.mark.parametrize("rounding", [0.0, 1e-3])
def test_a_search_in_single_precision_ends_at_its_rounding(rounding):
    matrix = matrix_with(np.linspace(0, 30, SIZE), seed=5).astype(np.float32)
    calls = []

    def apply(rows):
        calls.append(len(rows))
        return rows @ matrix

    def precondition(residuals, values):
        return (residuals / (np.diag(matrix) - values[:, None] + 0.1)).astype(np.float32)

    search = SearchSpace(apply, np.eye(SIZE, dtype=np.float32)[:5], precondition)
    with pytest.raises(NotConverged, match="residual norms"):
        search.converge(2, 1e-9, 150, rounding=rounding)
    assert (len(calls) < 80) == (rounding > 0)


@pytest.mark.parametrize("dense", [0, 20, 400])
def test_a_sector_tells_the_same_however_small_counts_as_dense(monkeypatch, dense):
    """Bounds are above the levels, all levels can be asked for, and nothing lies beyond the last."""
    monkeypatch.setattr(sectors, "_DENSE", dense)
    hamiltonian = SectorHamiltonian(QuantumDot(9.5, 0.02, 8), 2, 1, 1)
    exact = np.linalg.eigvalsh(hamiltonian.dense())
    size = len(exact)
    sector = sectors.Sector(hamiltonian, float(exact[1] - exact[0]))
    assert len(sector.estimate(0)) == len(sector.coarse(0)) == 0
    for count in (1, 3, 6):
        assert np.all(sectors.Sector(hamiltonian, 1.0).estimate(count) >= exact[:count] - 1e-9)
        sector.solve(count, 1e-9)
        assert np.allclose(sector.energies[:count], exact[:count], rtol=0, atol=1e-9)
        bounds = sector.estimate(count + 3)  # a level found is not counted again among the coarse ones
        assert np.all(bounds >= exact[: count + 3] - 1e-9)
        assert np.allclose(bounds[:count], exact[:count], rtol=0, atol=1e-9)
        assert sector.next_level(exact[count] + 1e-6) and not sector.next_level(exact[count - 1] + 1e-7)
    before = sector.energies
    sector.solve(2, 1e-9)
    assert sector.energies is before
    assert np.allclose(sector.estimate(size + 5), exact, rtol=0, atol=1e-9)
    sector.solve(size, 1e-9)
    assert np.allclose(sector.energies, exact, rtol=0, atol=1e-9) and not sector.next_level(np.inf)
