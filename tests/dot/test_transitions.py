"""Transition probabilities against explicit sums over all S_z, sum rules and closed forms."""

from math import comb

import numpy as np
import pytest
from sympy import Rational
from sympy.physics.quantum.cg import CG

from lowdim.dot.states import QuantumDot, spectrum
from lowdim.dot.transitions import (
    clebsch_gordan_weight,
    transition_amplitude,
    transition_probability,
    wall_weights,
)

SMALL = QuantumDot(length=9.5, softening=0.02, n_orbitals=4)
# neither wall: no parity, no symmetry
UNEVEN = np.array([0.3, -1.1, 0.7, 2.0])


@pytest.fixture(scope="module")
def complete():
    """All levels of 0..4 electrons in four orbitals."""
    return {n: spectrum(SMALL, n, comb(4, (n + 1) // 2) * comb(4, n // 2)) for n in range(5)}


def summed_over_spin_projections(space, final, initial, weights):
    """Eq. 4 as printed: every S_z of both states, both spins of the electron."""
    total = sum(
        ((space.multiplet(final) @ (space.added(spin, weights) @ space.multiplet(initial).T)) ** 2).sum()
        for spin in ("up", "down")
    )
    return 0.5 * total / initial.degeneracy


@pytest.mark.parametrize("weights", [np.ones(4), UNEVEN], ids=["wall", "uneven"])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_one_amplitude_gives_the_whole_sum_over_spin_projections(fock, complete, n, weights):
    for initial in complete[n][:8]:
        for final in complete[n + 1][:8]:
            slow = summed_over_spin_projections(fock(4), final, initial, weights)
            # spin labels are pure to 1e-7, the sums have terms of order one
            assert abs(transition_probability(final, initial, weights) - slow) < 1e-9


def test_all_spin_changes_occur_among_the_states_compared(complete):
    steps = {
        (final.spin, initial.spin)
        for n in range(4)
        for initial in complete[n][:8]
        for final in complete[n + 1][:8]
        if abs(final.spin - initial.spin) == 0.5
    }
    assert {(0.5, 0), (0, 0.5), (1, 0.5), (0.5, 1), (1.5, 1), (1, 1.5), (2, 1.5)} <= steps


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_amplitudes_are_those_of_the_fock_space_with_their_sign(fock, complete, n):
    space, spin = fock(4), "up" if n % 2 == 0 else "down"
    for initial in complete[n]:
        added = space.added(spin, UNEVEN) @ space.state(initial)
        for final in complete[n + 1]:
            assert abs(transition_amplitude(final, initial, UNEVEN) - space.state(final) @ added) < 1e-12


@pytest.mark.parametrize("weights", [np.ones(4), UNEVEN], ids=["wall", "uneven"])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_probabilities_into_all_final_states_add_up_to_the_empty_room(fock, complete, n, weights):
    # sum_j |j><j| = 1 and sum_s c_s c_s^dagger = 2 |w|^2 - sum_s c_s^dagger c_s, a spin scalar
    space = fock(4)
    for initial in complete[n]:
        state = space.state(initial)
        held = sum(np.linalg.norm(space.added(s, weights).T @ state) ** 2 for s in ("up", "down"))
        total = sum(transition_probability(final, initial, weights) for final in complete[n + 1])
        assert abs(total - (weights @ weights - 0.5 * held)) < 1e-9


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_probabilities_out_of_all_initial_states_add_up_to_the_electrons_held(fock, complete, n):
    # the way back: sum_i d_i M_ji 2 / d_j = sum_s <c_s^dagger c_s>
    space = fock(4)
    for final in complete[n]:
        state = space.state(final)
        held = sum(np.linalg.norm(space.added(s, UNEVEN).T @ state) ** 2 for s in ("up", "down"))
        total = sum(i.degeneracy * transition_probability(final, i, UNEVEN) for i in complete[n - 1])
        assert abs(2 * total / final.degeneracy - held) < 1e-9


@pytest.mark.parametrize("length", [9.5, 100.0])
def test_both_walls_see_the_same_probabilities(length):
    dot = QuantumDot(length, 0.02, 8)
    left, right = wall_weights(8), wall_weights(8, "right")
    levels = {n: spectrum(dot, n, k) for n, k in ((1, 2), (2, 3), (3, 4), (4, 6))}
    for n in (1, 2, 3):
        for initial in levels[n]:
            for final in levels[n + 1]:
                one = transition_amplitude(final, initial, left)
                other = transition_amplitude(final, initial, right)
                assert abs(other - one * final.parity * initial.parity) < 1e-12


def test_the_right_wall_sees_the_slopes_of_the_orbitals_there():
    # d/dx sin(n pi x) at x = 1 relative to that at x = 0
    n = np.arange(1, 8)
    assert np.allclose(wall_weights(7, "right"), -np.cos(n * np.pi))
    assert wall_weights(7).tolist() == [1.0] * 7


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_without_interaction_ground_states_differ_by_one_orbital(n):
    dot = QuantumDot(1e-7, 0.1, 6)
    initial, final = (spectrum(dot, k, 1)[0] for k in (n, n + 1))
    weights = np.array([1.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    expected = weights[n // 2] ** 2 * (1.0 if n % 2 == 0 else 0.5)
    assert abs(transition_probability(final, initial, weights) - expected) < 1e-6


def test_without_interaction_open_shells_give_the_clebsch_gordan_values():
    # orbitals 1 and 2 hold one electron each, the third enters orbital 3
    dot = QuantumDot(1e-7, 0.1, 3)
    initial = [s for s in spectrum(dot, 2, 9) if abs(abs(s.coefficients[0, 1]) - 0.5**0.5) < 1e-3]
    quartet = next(s for s in spectrum(dot, 3, 9) if s.spin == 1.5)
    triplet = next(s for s in initial if s.spin == 1.0)
    assert abs(transition_probability(quartet, triplet, np.ones(3)) - 2 / 3) < 1e-6


@pytest.mark.parametrize(("twice", "step"), [(n, s) for n in range(7) for s in (-1, 1) if n + s >= 0])
def test_the_spin_weight_is_the_sum_of_squared_clebsch_gordan_coefficients(twice, step):
    initial, final, half = Rational(twice, 2), Rational(twice + step, 2), Rational(1, 2)
    total = sum(
        CG(initial, m, half, s, final, m + s).doit() ** 2
        for m in [initial - k for k in range(twice + 1)]
        for s in (half, -half)
    )
    expected = float(total / (2 * (2 * initial + 1)))
    assert clebsch_gordan_weight(float(final), float(initial)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("spin", [0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
def test_the_spin_weights_are_those_of_the_printed_formula(spin):
    # eq. 5: (S + 1)/(2 S + 1) upwards and S/(2 S + 1) downwards, which add up to one
    up = clebsch_gordan_weight(spin + 0.5, spin)
    assert up == pytest.approx((spin + 1) / (2 * spin + 1))
    if spin > 0:
        assert clebsch_gordan_weight(spin - 0.5, spin) == pytest.approx(spin / (2 * spin + 1))


def test_spins_that_differ_by_more_than_one_half_do_not_couple(complete):
    quartet = next(s for s in complete[3] if s.spin == 1.5)
    singlet = next(s for s in complete[2] if s.spin == 0.0)
    assert transition_probability(quartet, singlet, np.ones(4)) == 0.0
    assert clebsch_gordan_weight(1.5, 0.0) == clebsch_gordan_weight(1.0, 1.0) == 0.0


def test_levels_that_do_not_follow_each_other_are_refused(complete):
    with pytest.raises(ValueError, match="^final: expected 3 electrons, got 4"):
        transition_probability(complete[4][0], complete[2][0], np.ones(4))
    with pytest.raises(ValueError, match="^final: expected 3 electrons, got 2"):
        transition_amplitude(complete[2][0], complete[2][1], np.ones(4))


def test_bases_that_do_not_fit_are_refused(complete):
    wider = spectrum(QuantumDot(9.5, 0.02, 5), 3, 1)[0]
    message = r"^final: expected coefficients of shape \(6, 4\) for 4 weights, got \(10, 5\)"
    with pytest.raises(ValueError, match=message):
        transition_amplitude(wider, complete[2][0], np.ones(4))
    message = r"^initial: expected coefficients of shape \(5, 5\) for 5 weights, got \(4, 4\)"
    with pytest.raises(ValueError, match=message):
        transition_amplitude(wider, complete[2][0], np.ones(5))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones((4, 1)), r"weights: expected shape \(any,\), got \(4, 1\)"),
        (1.0, r"weights: expected shape \(any,\), got \(\)"),
        ([1, 1, np.nan, 1], r"weights: expected finite numbers, got nan or inf"),
        ("ones", r"weights: expected an array of real numbers, got 'ones'"),
    ],
)
def test_weights_that_are_no_amplitudes_are_refused(complete, weights, message):
    with pytest.raises(ValueError, match="^" + message):
        transition_probability(complete[3][0], complete[2][0], weights)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wall_weights(0), r"n_orbitals: expected an integer >= 1, got 0"),
        (lambda: wall_weights(3, "top"), r"wall: expected 'left' or 'right', got 'top'"),
        (lambda: clebsch_gordan_weight(-0.5, 0.0), r"spin_final: expected a non-negative multiple of 1/2"),
        (lambda: clebsch_gordan_weight(0.5, 0.3), r"spin_initial: expected .* of 1/2, got 0.3"),
        (lambda: clebsch_gordan_weight(0.5, np.nan), r"spin_initial: expected .* of 1/2, got nan"),
        (lambda: clebsch_gordan_weight(np.inf, 0.5), r"spin_final: expected .* of 1/2, got inf"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()
