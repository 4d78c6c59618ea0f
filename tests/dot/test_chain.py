"""The chain of spins: known spectra, the fit, and the order of spins."""

import numpy as np
import pytest

from lowdim.dot.chain import fit_chain, heisenberg_levels, lowest_by_spin
from lowdim.dot.states import Level, QuantumDot, spectrum


def slow_levels(couplings):
    """All 2**N states of a chain from Pauli matrices."""
    n = len(couplings) + 1
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]) / 2

    def site(k, axis):
        return np.kron(np.kron(np.eye(2**k), pauli[axis]), np.eye(2 ** (n - 1 - k)))

    total = 0
    for k, j in enumerate(couplings):
        total = total + j * (sum(site(k, a) @ site(k + 1, a) for a in range(3)) - np.eye(2**n) / 4)
    return np.linalg.eigvalsh(total)


@pytest.mark.parametrize("couplings", [[1.0], [1.0, 1.0], [0.7, 1.3, 0.7], [1.0, -0.4, 2.0, 0.3]])
def test_levels_are_those_of_pauli_matrices(couplings):
    energies, spins = heisenberg_levels(couplings)
    members = np.sort(np.repeat(energies, np.rint(2 * spins + 1).astype(int)))
    assert np.allclose(members, slow_levels(couplings), rtol=0, atol=1e-12)


def test_four_equal_couplings_give_the_textbook_levels():
    energies, spins = heisenberg_levels([1.0, 1.0, 1.0])
    root = np.sqrt(3)
    assert spins.tolist() == [0, 1, 1, 0, 1, 2]
    expected = [-1.5 - root / 2, -1 - np.sqrt(2) / 2, -1.0, -1.5 + root / 2, -1 + np.sqrt(2) / 2, 0.0]
    assert np.allclose(energies, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("couplings", [[0.3], [0.2, 0.2], [0.7, 1.3, 0.7], [1.0, 0.4, 0.4, 1.0]])
def test_the_fit_finds_the_couplings_of_a_chain(couplings):
    energies, spins = heisenberg_levels(couplings)
    levels = [
        Level(len(couplings) + 1, e + 3.0, s, 1, np.zeros((1, 1)))
        for e, s in zip(energies, spins, strict=True)
    ]
    fit = fit_chain(levels)
    assert np.allclose(fit.couplings, couplings, rtol=0, atol=1e-7)
    assert np.allclose(fit.energies, energies + 3.0, rtol=0, atol=1e-7)
    assert fit.misfit < 1e-7
    assert abs(fit.constant - 3.0) < 1e-7


def test_errors_of_the_fit_are_those_of_least_squares():
    """Jacobian by differences, and as many degrees of freedom as levels less couplings and constant."""
    exact, spins = heisenberg_levels([0.7, 1.3, 0.7])
    energies = exact + 0.01 * np.random.default_rng(1).normal(size=len(exact))
    fit = fit_chain([Level(4, e, s, 1, np.zeros((1, 1))) for e, s in zip(energies, spins, strict=True)])

    def model(outer, inner):
        return heisenberg_levels([outer, inner, outer])[0]

    at, h = fit.couplings[:2], 1e-5
    slopes = [(model(*(at + h * e)) - model(*(at - h * e))) / (2 * h) for e in np.eye(2)]
    jacobian = np.stack([*slopes, np.ones(len(exact))], axis=1)
    variance = np.sum((energies - fit.energies) ** 2) / (len(exact) - 3)
    expected = np.sqrt(variance * np.diag(np.linalg.inv(jacobian.T @ jacobian)))
    np.testing.assert_allclose(fit.couplings_error, expected[[0, 1, 0]], rtol=1e-3)


def test_the_dot_becomes_a_chain_as_it_grows():
    misfits = [fit_chain(spectrum(QuantumDot(length, 0.02, 13), 4, 6)).misfit for length in (7.0, 9.5, 14.0)]
    assert misfits[0] > misfits[1] > misfits[2]
    assert misfits[1] < 0.05


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_lowest_energy_of_each_spin(n):
    levels = spectrum(QuantumDot(9.5, 0.02, 10), n, 6)
    lowest = lowest_by_spin(levels[::-1])
    assert list(lowest) == sorted({level.spin for level in levels})
    assert list(lowest.values()) == sorted(lowest.values())
    for spin, energy in lowest.items():
        assert energy == min(level.energy for level in levels if level.spin == spin)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: heisenberg_levels([]), "couplings: expected 1 to 9 numbers, got 0"),
        (lambda: heisenberg_levels([np.nan]), "couplings: expected finite numbers"),
        (
            lambda: fit_chain(spectrum(QuantumDot(9.5, 0.02, 6), 1, 1)),
            "levels: expected levels of 2 to 6 electrons",
        ),
        (
            lambda: fit_chain(spectrum(QuantumDot(9.5, 0.02, 6), 3, 2)),
            "levels: expected the spins of 3 spins 1/2",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()
