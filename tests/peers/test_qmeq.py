"""Currents through the dot against QmeQ, which runs in its own environment.

QmeQ has no multiplets: it solves Pauli's master equation for the 31 states of up to four electrons.
"""

import numpy as np
import pytest

from lowdim.dot import QuantumDot, RateEquation, spectrum, transition_matrix, wall_weights
from peer_environment import ask

RATES, TEMPERATURE = (1.0, 0.1), 2e-3
# in the first step; with excited states of two electrons; at the negative conductance between three and four
POINTS = [(0.03, 0.05), (0.55, 0.2), (2.2, 0.35)]


@pytest.fixture(scope="module")
def levels():
    dot = QuantumDot(9.5, 2e-4, 10)
    counts = {0: 1, 1: 1, 2: 2, 3: 3, 4: 6}
    found = [level for n, count in counts.items() for level in spectrum(dot, n, count)]
    return found, transition_matrix(found, wall_weights(dot.n_orbitals))


def test_currents(levels, agrees):
    found, probabilities = levels
    lists = {
        "energies": [level.energy for level in found],
        "electrons": [level.n_electrons for level in found],
    }
    leads = RateEquation(*lists.values(), [level.spin for level in found], probabilities, TEMPERATURE, *RATES)
    theirs = ask(
        "qmeq", **lists, degeneracies=[level.degeneracy for level in found], probabilities=probabilities,
        rates=RATES, temperature=TEMPERATURE, points=POINTS,
    )  # fmt: skip
    ours = [float(leads.current(gate, bias)) for gate, bias in POINTS]
    assert np.all(np.abs(theirs) > 1e-3)  # there, a linear solve loses no digits to the blockade
    agrees("dot.RateEquation", "QmeQ 1.1", "current", ours, theirs, rtol=1e-10)
