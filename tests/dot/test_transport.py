"""The rate equation against arbitrary precision, thermodynamics and chains with every S_z explicit."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy

from lowdim.dot import transport
from lowdim.dot.states import QuantumDot, spectrum
from lowdim.dot.transitions import clebsch_gordan_weight, transition_probability, wall_weights
from lowdim.dot.transport import (
    RateEquation,
    clebsch_gordan_matrix,
    log_stationary_distribution,
    peak_height,
    transition_matrix,
)

M = 6
LEVEL = {"energies": [0.0, 1.0], "electrons": [0, 1], "spins": [0.0, 0.5], "probabilities": [[0, 0], [1, 0]]}


@pytest.fixture(scope="module")
def levels():
    """The lowest bands of 0..4 electrons: 13 multiplets, 31 states."""
    dot = QuantumDot(9.5, 0.02, M)
    return [level for n, count in enumerate((1, 1, 2, 3, 6)) for level in spectrum(dot, n, count)]


def described(levels):
    return [[getattr(level, name) for level in levels] for name in ("energy", "n_electrons", "spin")]


@pytest.fixture(scope="module")
def equation(levels):
    """`equation(temperature, **options)` of the interacting dot."""
    matrix = transition_matrix(levels, wall_weights(M))
    return lambda temperature, **options: RateEquation(*described(levels), matrix, temperature, **options)


def random_equation(seed, temperature=0.05, **options):
    """A dot with arbitrary energies and matrix elements and few of the latter zero."""
    generator = np.random.default_rng(seed)
    electrons, spins = np.array([0, 1, 1, 2, 2, 2, 3]), np.array([0, 0.5, 0.5, 0, 1, 0, 0.5])
    allowed = (np.subtract.outer(electrons, electrons) == 1) & (abs(np.subtract.outer(spins, spins)) == 0.5)
    matrix = np.where(allowed, generator.uniform(0.01, 1, allowed.shape), 0)
    energies = 0.4 * electrons**2 + generator.uniform(0, 0.5, 7)
    return RateEquation(energies, electrons, spins, matrix, temperature, **options)


def null_vector(rates):
    """Stationary distribution of a matrix of mpmath rates [j, i] by elimination at the current precision."""
    count = rates.rows
    flow = rates.copy()
    for i in range(count):
        flow[i, i] = -mpmath.fsum(rates[j, i] for j in range(count) if j != i)
    for i in range(count):
        flow[count - 1, i] = mpmath.mpf(1)
    return mpmath.lu_solve(flow, mpmath.matrix([0] * (count - 1) + [1]))


def precise_rates(dot, gate, bias):
    """Rates [j, i] through the left and the right lead as mpmath matrices, in the words of the paper."""
    count, rates = len(dot.energies), []
    for tunnel, mu in ((dot.left, dot.bias_division * bias), (dot.right, (dot.bias_division - 1) * bias)):
        lead = mpmath.zeros(count)
        for j, i in zip(*np.nonzero(dot.probabilities), strict=True):
            d_i, d_j = 2 * dot.spins[i] + 1, 2 * dot.spins[j] + 1
            # the sums and differences of doubles are exact in high precision
            energy = mpmath.mpf(dot.energies[j]) - mpmath.mpf(dot.energies[i]) - gate - mpmath.mpf(mu)
            fermi = 1 / (1 + mpmath.exp(energy / dot.temperature))
            strength = 2 * mpmath.mpf(tunnel) * mpmath.mpf(dot.probabilities[j, i])
            lead[j, i] = strength * fermi
            lead[i, j] = strength * (1 - fermi) * d_i / d_j
        rates.append(lead)
    return rates


def lead_currents(dot, rates, occupations):
    """Electrons per time that enter through the left lead and that leave through the right one."""
    count = len(dot.energies)
    flows = []
    for lead in rates:
        steps = itertools.product(range(count), repeat=2)
        flows.append(
            mpmath.fsum(
                occupations[i] * lead[j, i] * int(dot.electrons[j] - dot.electrons[i]) for j, i in steps
            )
        )
    return flows[0], -flows[1]


POINTS = [(0.45, 0.02), (1.1, 0.3), (1.3, -0.5), (1.7, 1.5), (2.6, 0.1)]


class TestStationaryDistribution:
    @pytest.mark.parametrize("seed", range(4))
    def test_rates_over_three_hundred_decades_keep_every_digit(self, seed):
        generator = np.random.default_rng(seed)
        log_rates = generator.uniform(-700, 0, (7, 7))
        log_rates[generator.random((7, 7)) < 0.4] = -np.inf
        ring = np.arange(7)
        log_rates[(ring + 1) % 7, ring] = generator.uniform(-700, 0, 7)
        with mpmath.workdps(2500):  # elimination may lose the digits of seven rates in a row
            rates = mpmath.matrix(7)
            for j, i in itertools.product(range(7), repeat=2):
                rates[j, i] = mpmath.exp(log_rates[j, i]) if np.isfinite(log_rates[j, i]) else 0
            exact = [float(mpmath.log(p)) for p in null_vector(rates)]
        # logarithms of some thousands carry 1e-12 in double precision
        assert np.allclose(log_stationary_distribution(log_rates), exact, rtol=0, atol=3e-12)

    def test_the_order_of_the_states_does_not_matter(self):
        generator = np.random.default_rng(11)
        log_rates = generator.uniform(-50, 0, (6, 6))
        order = generator.permutation(6)
        mixed = log_stationary_distribution(log_rates[np.ix_(order, order)])
        assert np.allclose(mixed, log_stationary_distribution(log_rates)[order], rtol=0, atol=1e-12)

    def test_detailed_balance_gives_boltzmann_weights(self):
        energies = np.array([0.0, 3.0, 500.0, 2000.0, 1.0])
        attempt = np.random.default_rng(2).uniform(-30, 0, (5, 5))
        log_rates = attempt + attempt.T - 0.5 * np.subtract.outer(energies, energies)
        exact = -energies - np.log(np.exp(-energies).sum())
        assert np.allclose(log_stationary_distribution(log_rates), exact, rtol=0, atol=1e-11)

    def test_a_batch_is_solved_like_its_members(self):
        log_rates = np.random.default_rng(3).uniform(-9, 0, (2, 5, 4, 4))
        together = log_stationary_distribution(log_rates)
        assert together.shape == (2, 5, 4)
        for index in np.ndindex(2, 5):
            assert np.allclose(together[index], log_stationary_distribution(log_rates[index]), atol=1e-14)

    def test_the_diagonal_and_the_input_are_left_alone(self):
        log_rates = np.random.default_rng(4).uniform(-9, 0, (4, 4))
        other = log_rates.copy()
        np.fill_diagonal(other, 123.0)
        kept = other.copy()
        assert np.array_equal(log_stationary_distribution(log_rates), log_stationary_distribution(other))
        assert np.array_equal(other, kept)

    def test_one_state_is_certain_and_a_state_without_return_is_empty(self):
        assert log_stationary_distribution([[0.0]]).tolist() == [0.0]
        one_way = [[0.0, 0.0], [-np.inf, 0.0]]
        assert log_stationary_distribution(one_way).tolist() == [0.0, -np.inf]

    @pytest.mark.parametrize(
        ("rates", "message"),
        [
            ([[0.0, 0.0]], r"log_rates: expected shape \(\.\.\., K, K\), got \(1, 2\)"),
            (0.0, r"log_rates: expected shape \(\.\.\., K, K\), got \(\)"),
            ([[0.0, np.nan], [0.0, 0.0]], r"log_rates: expected finite numbers or -inf, got nan or \+inf"),
            ([[0.0, np.inf], [0.0, 0.0]], r"log_rates: expected finite numbers or -inf, got nan or \+inf"),
            (np.full((2, 2), -np.inf), "log_rates: expected a connected chain, got no way back from state 1"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, rates, message):
        with pytest.raises(ValueError, match="^" + message):
            log_stationary_distribution(rates)


class TestEquilibrium:
    @pytest.mark.parametrize("temperature", [0.3, 1e-3])
    @pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (1e-7, 30.0), (1.0, 0.0)])
    def test_without_bias_the_dot_is_grand_canonical_for_any_couplings(self, temperature, left, right):
        dot = random_equation(1, temperature, left=left, right=right)
        gates = np.linspace(-1, 4, 9)
        free_energy = dot.energies - np.multiply.outer(gates, dot.electrons)
        weight = np.log(2 * dot.spins + 1) - free_energy / temperature
        exact = weight - np.logaddexp.reduce(weight, axis=-1)[:, None]
        assert np.allclose(dot.log_occupations(gates, 0.0), exact, rtol=1e-13, atol=1e-11)

    def test_no_current_flows_without_bias_or_through_one_contact(self):
        assert (random_equation(2).current(np.linspace(-1, 4, 9), 0.0) == 0).all()
        assert (random_equation(2, left=0.0).current([0.5, 1.0], [1.0, -1.0]) == 0).all()
        assert (random_equation(2, right=0.0).current([0.5, 1.0], [1.0, -1.0]) == 0).all()

    def test_one_contact_alone_puts_the_dot_into_its_own_equilibrium(self):
        dot, gate, bias = random_equation(3, right=0.0, bias_division=0.3), 0.8, 0.7
        expected = dot.log_occupations(gate + 0.3 * bias, 0.0)
        assert np.allclose(dot.log_occupations(gate, bias), expected, rtol=0, atol=1e-11)


class TestCurrent:
    @pytest.mark.parametrize(("gate", "bias"), POINTS)
    def test_what_enters_left_leaves_right_and_is_the_current(self, equation, gate, bias):
        dot = equation(0.02, left=0.7, right=2.5, bias_division=0.35)
        with mpmath.workdps(300):
            rates = precise_rates(dot, gate, bias)
            occupations = null_vector(rates[0] + rates[1])
            left, right = lead_currents(dot, rates, occupations)
            assert abs(left / right - 1) < 1e-50
            exact = [float(mpmath.log(p)) for p in occupations]
        assert np.allclose(dot.log_occupations(gate, bias), exact, rtol=0, atol=1e-11)
        assert float(dot.current(gate, bias)) == pytest.approx(float(left), rel=1e-11)

    @pytest.mark.parametrize("gate", [0.9, 1.6, 2.6])
    def test_deep_in_the_blockade_the_current_keeps_its_digits(self, equation, gate):
        dot = equation(4e-4, left=0.7, right=2.5)
        with mpmath.workdps(4000):
            rates = precise_rates(dot, gate, 0.01)
            left, _ = lead_currents(dot, rates, null_vector(rates[0] + rates[1]))
            exact = float(mpmath.log(left))
        assert exact < -300
        # energies over temperature of some thousands: their rounding is the limit
        assert float(dot.log_current(gate, 0.01)) == pytest.approx(exact, abs=1e-11)

    @pytest.mark.parametrize(("gate", "bias"), POINTS[:3])
    def test_multiplets_stand_for_all_their_spin_projections(self, fock, levels, equation, gate, bias):
        space, dot = fock(M), equation(0.03, left=1.4, right=0.6)
        members = [space.multiplet(level) for level in levels]
        owner = np.repeat(np.arange(len(levels)), [len(m) for m in members])
        states = np.concatenate(members)
        assert len(states) == 31
        squared = sum((states @ (space.added(s, np.ones(M)) @ states.T)) ** 2 for s in ("up", "down"))
        squared[squared < 1e-20] = 0
        explicit = RateEquation(
            dot.energies[owner], dot.electrons[owner], np.zeros(31), 0.5 * squared, 0.03, left=1.4, right=0.6
        )
        assert float(explicit.current(gate, bias)) == pytest.approx(float(dot.current(gate, bias)), rel=1e-9)
        summed = np.bincount(owner, weights=explicit.occupations(gate, bias))
        assert np.allclose(summed, dot.occupations(gate, bias), rtol=1e-9, atol=1e-15)

    @pytest.mark.parametrize("seed", range(4))
    def test_a_symmetric_dot_reverses_its_current_with_the_bias(self, seed):
        dot, gates = random_equation(seed), np.linspace(-0.5, 3.5, 7)
        assert np.allclose(dot.current(gates, -0.6), -dot.current(gates, 0.6), rtol=1e-12, atol=0)

    def test_exchanging_the_leads_reverses_the_current(self):
        one = random_equation(5, left=0.2, right=3.0, bias_division=0.8)
        other = random_equation(5, left=3.0, right=0.2, bias_division=0.2)
        gates = np.linspace(-0.5, 3.5, 7)
        assert np.allclose(one.current(gates, 0.6), -other.current(gates, -0.6), rtol=1e-12, atol=0)
        assert not np.allclose(one.current(gates, 0.6), -one.current(gates, -0.6), rtol=1e-2, atol=0)

    @pytest.mark.parametrize("seed", range(4))
    def test_current_flows_down_the_bias(self, seed):
        dot = random_equation(seed, left=0.3, right=4.0, bias_division=0.9)
        gate, bias = np.meshgrid(np.linspace(-1, 4, 8), [-2.0, -0.1, -1e-9, 1e-9, 0.1, 2.0])
        assert (dot.current(gate, bias) * bias > 0).all()

    def test_the_division_of_the_bias_is_a_shift_of_the_gate(self):
        even, uneven = random_equation(6), random_equation(6, bias_division=0.8)
        gates = np.linspace(-0.5, 3.5, 7)
        shifted = even.current(gates + 0.3 * 0.6, 0.6)
        assert np.allclose(uneven.current(gates, 0.6), shifted, rtol=1e-11, atol=0)

    def test_one_level_has_the_closed_form(self):
        left, right, temperature = 0.7, 2.5, 0.05
        dot = RateEquation(**LEVEL, temperature=temperature, left=left, right=right)
        gate, bias = np.meshgrid(np.linspace(0.6, 1.4, 9), [-0.8, -0.1, 0.05, 0.8])
        enter = [1 / (1 + np.exp((1.0 - gate - s * bias / 2) / temperature)) for s in (1, -1)]
        # two spins may enter the empty level, one electron leaves the full one
        filling, emptying = (
            2 * (left * enter[0] + right * enter[1]),
            left * (1 - enter[0]) + right * (1 - enter[1]),
        )
        exact = 2 * left * right * (enter[0] - enter[1]) / (filling + emptying)
        assert np.allclose(dot.current(gate, bias), exact, rtol=1e-12, atol=0)
        full = filling / (filling + emptying)
        assert np.allclose(dot.occupations(gate, bias)[..., 1], full, rtol=1e-12, atol=0)

    @pytest.mark.parametrize(("left", "right"), [(1, 1), (3, 2), (1, 100)])
    def test_plateaus_at_large_bias_are_exact_rational_numbers(self, levels, left, right):
        matrix = clebsch_gordan_matrix(levels)
        dot = RateEquation(*described(levels), matrix, 0.01, left=left, right=right)
        exact = matrix.copy().astype(object)
        flow = sympy.zeros(len(levels))
        share = [sympy.Integer(level.degeneracy) for level in levels]
        for j, i in zip(*np.nonzero(matrix), strict=True):
            exact[j, i] = sympy.nsimplify(matrix[j, i], rational=True).limit_denominator(100)
            # far from all thresholds electrons enter from the left only and leave to the right only
            flow[j, i] = 2 * left * exact[j, i]
            flow[i, j] = 2 * right * exact[j, i] * share[i] / share[j]
        balance = flow - sympy.diag(*[sum(flow[:, i]) for i in range(len(levels))])
        balance[-1, :] = sympy.ones(1, len(levels))
        source = sympy.zeros(len(levels), 1)
        source[-1] = 1
        occupations = balance.LUsolve(source)
        current = sum(occupations[i] * flow[j, i] for j, i in zip(*np.nonzero(matrix), strict=True))
        assert float(dot.current(1.0, 40.0)) == pytest.approx(float(current), rel=1e-12)
        assert np.allclose(dot.occupations(1.0, 40.0), [float(p) for p in occupations], rtol=1e-12)

    def test_grids_broadcast_and_do_not_depend_on_how_they_are_cut(self, monkeypatch):
        dot = random_equation(7)
        gate, bias = np.linspace(0, 3, 5)[:, None], np.linspace(-1, 1, 4)
        whole = dot.current(gate, bias)
        assert whole.shape == (5, 4)
        assert dot.log_occupations(gate, bias).shape == (5, 4, 7)
        for g, b in np.ndindex(5, 4):
            assert float(dot.current(gate[g, 0], bias[b])) == pytest.approx(whole[g, b], rel=1e-12)
        monkeypatch.setattr(transport, "_CHUNK", 3)
        assert np.allclose(dot.current(gate, bias), whole, rtol=1e-12, atol=0)
        assert np.allclose(dot.occupations(gate, bias).sum(axis=-1), 1, rtol=1e-12)


class TestConductance:
    @pytest.mark.parametrize(("left", "right", "division"), [(1.0, 1.0, 0.5), (0.2, 3.0, 0.9)])
    def test_linear_conductance_is_that_of_equilibrium(self, equation, left, right, division):
        temperature = 0.01
        dot = equation(temperature, left=left, right=right, bias_division=division)
        gates = np.linspace(0, 4, 41)
        final, initial = np.nonzero(dot.probabilities)
        x = (dot.energies[final] - dot.energies[initial] - gates[:, None]) / temperature
        held = np.exp(dot.log_occupations(gates, 0.0)[:, initial] - np.logaddexp(0, x))
        exact = 2 * left * right / (left + right) / temperature * (held @ dot.probabilities[final, initial])
        # taken at a bias of 1e-6 kT, which shifts the occupations by as much
        assert np.allclose(dot.linear_conductance(gates), exact, rtol=2e-6, atol=0)
        # the central difference over kT / 500 errs by its square
        assert np.allclose(dot.conductance(gates, 0.0), dot.linear_conductance(gates), rtol=2e-5, atol=0)

    def test_a_spinful_level_peaks_off_resonance_by_half_kt_ln_two(self):
        temperature = 0.01
        dot = RateEquation(**LEVEL, temperature=temperature, left=0.5, right=1.5)
        top = 1.0 - 0.5 * temperature * np.log(2)
        peak = 2 * 0.5 * 1.5 / 2.0 / temperature / (3 + 2 * np.sqrt(2))
        assert float(dot.linear_conductance(top)) == pytest.approx(peak, rel=1e-6)
        assert (dot.linear_conductance(top + np.array([-1e-3, 1e-3])) < peak).all()

    def test_conductance_integrates_to_the_current(self, equation):
        dot = equation(0.02)
        x, w = np.polynomial.legendre.leggauss(120)
        bias, gate = 0.4 * (x + 1), 1.3
        integral = 0.4 * w @ dot.conductance(gate, bias)
        # the central difference smooths by kT / 500
        assert integral == pytest.approx(float(dot.current(gate, 0.8)), rel=1e-5)


class TestMatrices:
    def test_entries_are_the_probabilities_of_the_pairs(self, levels):
        weights = wall_weights(M)
        matrix, spin_part = transition_matrix(levels, weights), clebsch_gordan_matrix(levels)
        for (j, final), (i, initial) in itertools.product(enumerate(levels), repeat=2):
            if final.n_electrons == initial.n_electrons + 1:
                assert matrix[j, i] == transition_probability(final, initial, weights)
                assert spin_part[j, i] == clebsch_gordan_weight(final.spin, initial.spin)
            else:
                assert matrix[j, i] == spin_part[j, i] == 0.0

    def test_forbidden_spin_changes_are_zero_in_both(self, levels):
        forbidden = clebsch_gordan_matrix(levels) == 0
        assert (transition_matrix(levels, wall_weights(M))[forbidden] == 0).all()


def level_with(**changed):
    return lambda: RateEquation(**{**LEVEL, "temperature": 0.01, **changed})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (level_with(energies=[0.0, 1.0, 2.0]), r"electrons: expected shape \(3,\), got \(2,\)"),
        (level_with(energies=[[0.0, 1.0]]), r"energies: expected shape \(any,\), got \(1, 2\)"),
        (level_with(energies=[0.0, np.nan]), r"energies: expected finite numbers, got nan or inf"),
        (level_with(electrons=[0]), r"electrons: expected shape \(2,\), got \(1,\)"),
        (level_with(electrons=[0, 1.5]), r"electrons: expected non-negative integers, got \[0, 1.5\]"),
        (level_with(electrons=[-1, 0]), r"electrons: expected non-negative integers, got \[-1, 0\]"),
        (level_with(spins=[0.0, 0.5, 1.0]), r"spins: expected shape \(2,\), got \(3,\)"),
        (level_with(spins=[0.0, 0.4]), r"spins: expected non-negative multiples of 1/2, got \[0.0, 0.4\]"),
        (level_with(spins=[0.0, -0.5]), r"spins: expected non-negative multiples of 1/2, got \[0.0, -0.5\]"),
        (level_with(probabilities=[0, 1]), r"probabilities: expected shape \(2, 2\), got \(2,\)"),
        (level_with(probabilities=[[0, 0], [-1, 0]]), r"probabilities: .* non-negative numbers, got -1"),
        (level_with(probabilities=[[0, 1], [0, 0]]), r"probabilities: expected zero unless electrons"),
        (level_with(probabilities=np.zeros((2, 2))), r"probabilities: expected .* connect all .* 2 separate"),
        (level_with(temperature=0.0), r"temperature: expected a finite number > 0, got 0.0"),
        (level_with(temperature=-1.0), r"temperature: expected a finite number > 0, got -1.0"),
        (level_with(left=-1.0), r"left: expected a finite number >= 0, got -1.0"),
        (level_with(right=np.inf), r"right: expected a finite number >= 0, got inf"),
        (level_with(left=0.0, right=0.0), r"left: expected a positive rate if right is zero, got 0.0"),
        (level_with(bias_division=1.1), r"bias_division: expected a number in 0\.\.1, got 1.1"),
        (level_with(bias_division=-0.1), r"bias_division: expected a number in 0..1, got -0.1"),
    ],
)
def test_a_rate_equation_refuses_bad_input_by_name(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()


@pytest.mark.parametrize("name", ["current", "log_current", "occupations", "log_occupations", "conductance"])
@pytest.mark.parametrize(
    ("gate", "bias", "message"),
    [
        ("high", 0.1, r"gate: expected an array of real numbers, got 'high'"),
        (1.0, 1j, r"bias: expected an array of real numbers, got 1j"),
        (np.nan, 0.1, r"gate: expected finite numbers, got nan or inf"),
        (1.0, [0.1, np.inf], r"bias: expected finite numbers, got nan or inf"),
        ([1.0, 2.0], [0.1] * 3, r"bias: expected a shape that broadcasts with gate \(2,\), got \(3,\)"),
    ],
)
def test_voltages_that_are_no_grid_are_refused_by_name(name, gate, bias, message):
    with pytest.raises(ValueError, match="^" + message):
        getattr(random_equation(0), name)(gate, bias)


@pytest.mark.parametrize(
    ("probability", "before", "after"), [(1.0, 1, 2), (0.3, 2, 1), (0.7, 3, 2), (0.2, 2, 5)]
)
def test_the_height_of_a_peak_is_the_maximum_of_the_conductance(probability, before, after):
    spins = [(before - 1) / 2, (after - 1) / 2]
    model = RateEquation([0.0, 1.0], [1, 2], spins, [[0, 0], [probability, 0]], 0.01, left=1.0, right=3.0)
    gate = 1.0 + 0.01 * np.linspace(-3, 3, 6001)
    largest = model.linear_conductance(gate).max() * 0.01 * (1.0 + 3.0) / 3.0
    assert np.isclose(largest, peak_height(probability, before, after), rtol=1e-6, atol=0)


def test_a_height_of_nonsense_is_refused():
    with pytest.raises(ValueError, match="probability: expected numbers >= 0"):
        peak_height(-1.0, 1, 2)
    with pytest.raises(ValueError, match="degeneracy_after: expected numbers > 0"):
        peak_height(1.0, 1, 0)
