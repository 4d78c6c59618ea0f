"""Lines of dI/dV: against the differential conductance itself, sum rules and exact plateaus."""

import numpy as np
import pytest

from lowdim.dot.lines import conductance_lines, distinct_slices
from lowdim.dot.transport import RateEquation

# 1 -> 2 electrons with made-up energies and probabilities; no two lines coincide
ENERGIES, ELECTRONS, SPINS = [0.0, 1.0, 1.03], [1, 2, 2], [0.5, 0.0, 1.0]
PROBABILITIES = np.array([[0, 0, 0], [0.45, 0, 0], [0.6, 0, 0]])


def dot(**options):
    options = {"temperature": 1e-3, "left": 1.0, "right": 0.4, **options}
    return RateEquation(ENERGIES, ELECTRONS, SPINS, PROBABILITIES, **options)


def test_step_is_the_integral_of_the_differential_conductance():
    equation = dot(temperature=2e-4)
    at = 0.2
    lines = conductance_lines(equation, at)
    for contact in (0, 1):
        for k, gate in enumerate(lines.gate[0, contact]):
            # walk across the line in bias only; at the crossing the gate stays where the line is
            bias = at + np.linspace(-0.02, 0.02, 4001)
            conductance = equation.conductance(np.full(bias.shape, gate), bias)
            integral = np.trapezoid(conductance, bias)
            assert integral == pytest.approx(lines.step[0, contact, k], abs=1e-6), (contact, k)


def test_steps_along_a_slice_add_up_to_zero_current_outside():
    lines = conductance_lines(dot(), [0.05, -0.11, 0.3])
    signed = lines.step * np.array([1.0, -1.0])[None, :, None]
    assert signed.sum(axis=(1, 2)) == pytest.approx(np.zeros(3), abs=1e-12)
    assert lines.gain.sum(axis=-1) == pytest.approx(np.zeros((3, 2, 2)), abs=1e-12)


def test_mirrored_contacts_mirror_the_lines():
    one = conductance_lines(dot(left=1.0, right=0.2), 0.1)
    other = conductance_lines(dot(left=0.2, right=1.0), -0.1)
    assert other.step[:, ::-1] == pytest.approx(one.step, rel=1e-10, abs=1e-14)
    assert other.gate[:, ::-1] == pytest.approx(one.gate)


def test_spin_trap_gives_a_negative_step():
    # the triplet is entered three times as often as the singlet and left by a slow contact
    probabilities = np.array([[0, 0, 0], [0.5, 0, 0], [0.02, 0, 0]])
    equation = RateEquation(ENERGIES, ELECTRONS, SPINS, probabilities, 1e-3, left=10.0, right=1.0)
    lines = conductance_lines(equation, 0.2)
    k = list(lines.final).index(2)
    assert lines.step[0, 0, k] < -0.1
    assert lines.gain[0, 0, k].argmax() == 2


def test_slices_meet_every_piece_of_every_line():
    equation = dot()
    chosen = distinct_slices(equation, 0.1)
    assert chosen == pytest.approx([0.015, 0.065])  # the triplet lies 0.03 above the singlet
    fine = conductance_lines(equation, np.linspace(0.0007, 0.0993, 57))
    exact = conductance_lines(equation, chosen)
    pieces = [{tuple(row) for row in lines.step.reshape(-1, 4).round(9)} for lines in (fine, exact)]
    assert pieces[0] == pieces[1]


def test_sides_lie_next_to_the_line():
    equation = dot()
    lines = conductance_lines(equation, 0.07)
    before, after = lines.sides[..., 0], lines.sides[..., 1]
    assert (before[:, 0] < lines.gate[:, 0]).all() and (after[:, 0] > lines.gate[:, 0]).all()
    assert (before[:, 1] > lines.gate[:, 1]).all() and (after[:, 1] < lines.gate[:, 1]).all()
    assert lines.occupations.sum(axis=-1) == pytest.approx(np.ones((1, 2, 2, 2)))
    cold = dot(temperature=1e-5)
    assert lines.occupations == pytest.approx(cold.occupations(lines.sides, 0.07), abs=1e-9)


def test_temperature_does_not_enter():
    hot, cold = (conductance_lines(dot(temperature=t), 0.07) for t in (0.5, 1e-6))
    assert np.array_equal(hot.step, cold.step)


def test_bad_bias_is_refused():
    with pytest.raises(ValueError, match="bias: expected nonzero"):
        conductance_lines(dot(), [0.1, 0.0])
    with pytest.raises(ValueError, match="bias: expected distinct lines"):
        conductance_lines(dot(), 0.03)  # left line of one transition on the right line of the other


def test_lines_are_counted_above_a_threshold():
    ladder = [[0, 0, 0], [0.5, 0, 0], [0.02, 0, 0]]
    model = RateEquation([0.0, 1.0, 1.2], [1, 2, 2], [0.5, 0.0, 1.0], ladder, temperature=0.01, left=10.0)
    lines = conductance_lines(model, distinct_slices(model, 0.5))
    for threshold in (1e-3, 1e-2, 0.1, 0.3):
        largest = np.abs(lines.step).max(axis=0)
        downwards = lines.step.min(axis=0)
        expected = int((largest > threshold).sum()), int((downwards < -threshold).sum())
        assert lines.count(threshold) == expected
        one = sum(c > threshold for c in largest[:, 1])
        assert lines.count(threshold, [1])[0] == one
    assert lines.count(1e-3)[1] > 0
    with pytest.raises(ValueError, match="threshold: expected a finite number > 0, got 0"):
        lines.count(0)


def test_the_strength_of_a_line_is_its_largest_step_up_or_down():
    lines = conductance_lines(dot(), [0.05, -0.11, 0.3])
    expected = [
        [max(abs(step) for step in lines.step[:, c, k]) for k in range(lines.step.shape[2])] for c in (0, 1)
    ]
    assert lines.strength.tolist() == expected and lines.strength.max() > 0
