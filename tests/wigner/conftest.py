"""Small clusters at rest, relaxed here by the plainest means."""

import numpy as np
import pytest
from scipy.optimize import minimize


def classical_energy(flat):
    """Energy of a trapped cluster in units of kappa/l, every pair once."""
    r = flat.reshape(-1, 2)
    i, j = np.triu_indices(len(r), 1)
    return 0.5 * np.sum(r**2) + np.sum(1 / np.hypot(*(r[i] - r[j]).T))


def relaxed(start):
    found = minimize(classical_energy, np.ravel(start), method="BFGS", options={"gtol": 1e-7})
    return found.x.reshape(-1, 2)


@pytest.fixture(scope="session")
def hexagon():
    """Seven electrons: one at the centre of six."""
    angles = np.arange(6) * np.pi / 3
    ring = 1.3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return relaxed(np.vstack([[0.01, 0.0], ring]))


@pytest.fixture(scope="session")
def cluster():
    """Twelve electrons from a random start."""
    return relaxed(np.random.default_rng(5).normal(size=(12, 2)))
