"""Occupation strings: the algebra of the creators, and what is built from them."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from lowdim.dot.fock import StringSpace, string_space

M = 5


def creator(n_electrons, orbital):
    """c_p^dagger out of the space of n electrons, dense; zero where there is no such space."""
    if n_electrons < 0:
        return np.zeros((1, 0))
    return string_space(n_electrons, M).creator(np.eye(M)[orbital]).toarray()


@pytest.mark.parametrize("n", range(M))
def test_creators_and_annihilators_anticommute(n):
    size = string_space(n, M).size
    for p in range(M):
        for q in range(M):
            both = creator(n, p).T @ creator(n, q) + creator(n - 1, q) @ creator(n - 1, p).T
            assert np.array_equal(both, (p == q) * np.eye(size))


@pytest.mark.parametrize("n", range(M - 1))
def test_creators_anticommute_among_themselves(n):
    for p in range(M):
        for q in range(M):
            assert not (creator(n + 1, p) @ creator(n, q) + creator(n + 1, q) @ creator(n, p)).any()


@pytest.mark.parametrize("n", range(M + 1))
def test_strings_are_rising_creators_on_the_vacuum(n):
    space = string_space(n, M)
    assert space.size == comb(M, n)
    for row, occupied in enumerate(space.occupied):
        state = np.ones(1)
        for count, orbital in enumerate(reversed(occupied)):
            state = creator(count, orbital) @ state
        assert np.array_equal(state, np.eye(space.size)[row])


@pytest.mark.parametrize("n", range(M))
def test_a_creator_of_a_superposition_is_the_sum_of_creators(n):
    weights = np.array([1.0, -2.0, 0.5, 3.0, -0.25])
    together = string_space(n, M).creator(weights).toarray()
    assert np.allclose(together, sum(w * creator(n, p) for p, w in enumerate(weights)), atol=1e-15)


@pytest.mark.parametrize("n", range(M + 1))
def test_one_body_operators_are_products_of_creators_and_annihilators(n):
    matrices = np.random.default_rng(5).normal(size=(3, M, M))  # not symmetric: the order of p, q counts
    fast = string_space(n, M).one_body(matrices)
    for matrix, result in zip(matrices, fast, strict=True):
        slow = sum(matrix[p, q] * creator(n - 1, p) @ creator(n - 1, q).T for p in range(M) for q in range(M))
        assert np.allclose(result, slow if n else 0.0, atol=1e-14)


@pytest.mark.parametrize("n", range(M + 1))
def test_parity_is_the_product_over_the_occupied_orbitals(n):
    # orbital n = 1, 2, 3 ... of the box is even, odd, even ...
    own = np.array([(-1) ** (n + 1) for n in range(1, M + 1)])
    expected = [np.prod(own[list(string)]) for string in combinations(range(M), n)]
    assert string_space(n, M).parity.tolist() == expected


@pytest.mark.parametrize("n", range(M + 1))
def test_kinetic_number_is_the_sum_of_squares(n):
    expected = [sum((p + 1) ** 2 for p in string) for string in combinations(range(M), n)]
    assert string_space(n, M).kinetic_number.tolist() == expected


def test_a_space_is_made_once():
    assert string_space(2, 6) is string_space(2, 6)


@pytest.mark.parametrize(("n", "m"), [(0, 70), (1, 70), (2, 66)])
def test_creators_know_more_orbitals_than_a_machine_word_has_bits(n, m):
    space = string_space(n, m)
    numbers = {tuple(row): k for k, row in enumerate(string_space(n + 1, m).occupied.tolist())}
    for source, orbital, image, _ in zip(*space.creation, strict=True):
        assert numbers[tuple(sorted([*space.occupied[source].tolist(), int(orbital)]))] == image


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: StringSpace(-1, 3), "n_electrons: expected an integer >= 0, got -1"),
        (lambda: StringSpace(1, 2.5), "n_orbitals: expected an integer >= 0, got 2.5"),
        (lambda: string_space(1, 3).creator([1.0, 2.0]), r"weights: expected shape \(3,\), got \(2,\)"),
        (lambda: string_space(1, 2).creator([1.0, np.nan]), "weights: expected finite numbers"),
        (lambda: string_space(1, 2).one_body(np.ones((1, 2, 3))), r"matrices: expected shape \(any, 2, 2\)"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()
