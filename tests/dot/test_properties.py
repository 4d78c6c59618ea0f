"""What holds for every dot and rate equation: units, order, gauge, detailed balance, sum rules, limits."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowdim.dot import (
    QuantumDot,
    RateEquation,
    clebsch_gordan_weight,
    coulomb_integrals,
    heisenberg_levels,
    peak_height,
    spectrum,
)
from strategies import numbers

# 15 examples of a few milliseconds each; 4 of those that diagonalise
CHEAP = settings(derandomize=True, deadline=None, max_examples=15)
DEAR = settings(derandomize=True, deadline=None, max_examples=4)


@st.composite
def equations(draw):
    """Multiplets of 0 to 2 electrons, every one connected with all that have one electron more or less."""
    electrons = np.array([0, 1, 1, 2])
    energies = np.array(draw(st.lists(numbers(-1, 1), min_size=4, max_size=4))) + electrons
    spins = np.array([0, 0.5, 0.5, draw(st.sampled_from([0.0, 1.0]))])
    chances = np.array(draw(st.lists(numbers(0.01, 1), min_size=16, max_size=16))).reshape(4, 4)
    probabilities = np.where(np.subtract.outer(electrons, electrons) == 1, chances, 0)
    rates = {"left": draw(numbers(0.01, 10)), "right": draw(numbers(0.01, 10))}
    temperature = draw(numbers(0.02, 2))
    return RateEquation(energies, electrons, spins, probabilities, temperature, **rates,
                        bias_division=draw(numbers(0, 1)))  # fmt: skip


def changed(equation, **changes):
    return dataclasses.replace(equation, **changes)


@CHEAP
@given(equations(), numbers(-3, 3), numbers(-3, 3))
def test_occupations_add_up_to_one(equation, gate, bias):
    found = equation.occupations(gate, bias)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert np.all(found >= 0)


@CHEAP
@given(equations(), numbers(-3, 3))
def test_without_bias_detailed_balance_gives_gibbs_and_no_current(equation, gate):
    weight = equation.degeneracies * np.exp(
        -(equation.energies - gate * equation.electrons) / equation.temperature
    )
    np.testing.assert_allclose(equation.occupations(gate, 0.0), weight / weight.sum(), rtol=1e-9)
    assert equation.current(gate, 0.0) == 0


@CHEAP
@given(equations(), numbers(-3, 3), numbers(0.01, 3), numbers(-2, 2))
def test_the_gate_is_a_gauge(equation, gate, bias, shift):
    moved = changed(equation, energies=equation.energies + shift * equation.electrons)
    assert moved.current(gate + shift, bias) == pytest.approx(equation.current(gate, bias), rel=1e-9)


@CHEAP
@given(equations(), numbers(-3, 3), numbers(0.01, 3))
def test_a_dot_looked_at_from_the_other_side_carries_the_opposite_current(equation, gate, bias):
    mirror = changed(
        equation, left=equation.right, right=equation.left, bias_division=1 - equation.bias_division
    )
    assert mirror.current(gate, -bias) == pytest.approx(-equation.current(gate, bias), rel=1e-9)


@CHEAP
@given(equations(), numbers(-3, 3), numbers(0.01, 3), st.permutations(range(4)))
def test_the_order_of_the_multiplets_does_not_matter(equation, gate, bias, order):
    parts = {name: getattr(equation, name)[order] for name in ("energies", "electrons", "spins")}
    shuffled = changed(equation, **parts, probabilities=equation.probabilities[np.ix_(order, order)])
    assert shuffled.current(gate, bias) == pytest.approx(equation.current(gate, bias), rel=1e-9)


@CHEAP
@given(equations(), numbers(-3, 3), numbers(0.01, 3), numbers(1e-3, 1e3), numbers(1e-3, 1e3))
def test_energies_and_rates_have_no_unit(equation, gate, bias, energy, rate):
    other = changed(
        equation,
        energies=energy * equation.energies,
        temperature=energy * equation.temperature,
        left=rate * equation.left,
        right=rate * equation.right,
    )
    expected = rate * equation.current(gate, bias)
    assert other.current(energy * gate, energy * bias) == pytest.approx(expected, rel=1e-8)


@CHEAP
@given(equations(), numbers(-2, 2))
def test_linear_conductance_is_the_slope_of_the_current(equation, gate):
    slope = equation.conductance(gate, 0.0)
    assert equation.linear_conductance(gate) == pytest.approx(slope, rel=1e-4)


@CHEAP
@given(numbers(1e-3, 1), st.integers(1, 6), st.integers(1, 6))
def test_the_peak_of_one_transition_is_that_of_the_rate_equation(probability, before, after):
    """The conductance of two multiplets, maximised over the gate, is the closed form."""
    spins = [(before - 1) / 2, (after - 1) / 2]
    equation = RateEquation([0.0, 0.0], [0, 1], spins, [[0, 0], [probability, 0]], temperature=1.0)
    gate = np.linspace(-3, 3, 2001)
    # the unit is t_L t_R/(t_L + t_R) = 1/2
    highest = equation.linear_conductance(gate).max() / 0.5
    assert highest == pytest.approx(peak_height(probability, before, after), rel=1e-5)


@CHEAP
@given(st.lists(numbers(-2, 2), min_size=1, max_size=5), numbers(1e-3, 1e3))
def test_levels_of_the_chain_keep_the_trace_the_mirror_and_the_unit(couplings, unit):
    energies, spins = heisenberg_levels(couplings)
    states = 2 ** (len(couplings) + 1)
    assert np.sum(2 * spins + 1) == states
    # the mean of S.S' over all states is zero
    assert np.sum((2 * spins + 1) * energies) == pytest.approx(-states * sum(couplings) / 4, abs=1e-9)
    np.testing.assert_allclose(heisenberg_levels(couplings[::-1])[0], energies, atol=1e-9)
    scaled = heisenberg_levels(unit * np.array(couplings))[0]
    np.testing.assert_allclose(scaled / unit, energies, atol=1e-9)


@CHEAP
@given(st.integers(0, 12))
def test_spin_weights_count_the_states_of_one_electron_more(twice):
    """d_i electrons of either spin reach the 2 d_i states of S + 1/2 and S - 1/2."""
    spin = twice / 2
    finals = [spin + 0.5] + ([spin - 0.5] if spin else [])
    assert sum(clebsch_gordan_weight(s, spin) for s in finals) == pytest.approx(1)


@CHEAP
@given(st.integers(1, 4), numbers(1e-3, 1e3), numbers(1e-6, 10))
def test_integrals_scale_with_the_box_and_have_the_symmetry_of_real_orbitals(count, length, softening):
    v = coulomb_integrals(count, length, softening)
    np.testing.assert_allclose(v, coulomb_integrals(count, 1.0, softening) / length, rtol=1e-12)
    for axes in ((1, 0, 2, 3), (0, 1, 3, 2), (2, 3, 0, 1)):
        np.testing.assert_allclose(v, v.transpose(axes), atol=1e-12 * np.abs(v).max())
    assert np.all(np.einsum("aabb->ab", v) > 0)


@DEAR
@given(numbers(0.1, 30), numbers(0.01, 1), st.integers(2, 3))
def test_levels_asked_for_first_are_the_lowest_of_more(length, softening, electrons):
    dot = QuantumDot(length, softening, 5)
    few, more = spectrum(dot, electrons, 2), spectrum(dot, electrons, 6)
    np.testing.assert_allclose([one.energy for one in few], [one.energy for one in more[:2]], rtol=1e-7)


@DEAR
@given(numbers(0.1, 30), numbers(0.01, 1))
def test_more_orbitals_lower_every_level(length, softening):
    coarse, fine = (spectrum(QuantumDot(length, softening, m), 2, 3) for m in (4, 6))
    for one, other in zip(coarse, fine, strict=True):
        assert other.energy <= one.energy * (1 + 1e-9)
