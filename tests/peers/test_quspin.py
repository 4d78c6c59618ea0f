"""Levels of spins with any pair couplings against QuSpin, which runs in its own environment."""

import numpy as np
import pytest

from lowdim.wigner import spin_levels, triangular_couplings
from peer_environment import ask

rng = np.random.default_rng(5)


def random_couplings(n):
    upper = np.triu(rng.normal(size=(n, n)), 1)
    return upper + upper.T


CASES = {
    "Heisenberg, triangular 3 x 4": (triangular_couplings(3, 4), 6, 1.0, 6),
    "XXZ, triangular 3 x 4": (triangular_couplings(3, 4), 5, 0.3, 6),
    "Ising, triangular 3 x 3": (triangular_couplings(3, 3), 4, 0.0, 5),
    "random, 8 spins": (random_couplings(8), 3, 1.0, 8),
    "random, 14 spins": (random_couplings(14), 7, -0.7, 4),
}


@pytest.mark.parametrize("name", CASES)
def test_levels(name, agrees):
    couplings, n_up, transverse, count = CASES[name]
    theirs = ask("quspin", couplings=couplings, n_up=n_up, transverse=transverse, n_levels=count)
    ours = spin_levels(couplings, n_up, count, transverse=transverse)
    agrees("wigner.spin_levels", "QuSpin 1.0.1", "levels of 8 to 14 spins", ours, theirs, atol=1e-9)
