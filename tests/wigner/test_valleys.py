"""Two electrons in two valleys against dense matrices, and the phases that must not matter."""

import numpy as np
import pytest

from lowdim.wigner import valley_exchange

ATOMS = np.linspace(-1.5, 1.5, 31)
WELLS = 6 * (ATOMS**2 - 1) ** 2
REPULSION = 2 / np.hypot(0.3, ATOMS + 1.5)


def band(n, hopping, phase, warping):
    """One spin, from its dispersion: the amplitude over r atoms is a Fourier component of E(k)."""
    k = 2 * np.pi * np.arange(64) / 64
    q = k - phase
    energy = 2 * hopping * (1 - np.cos(q)) + warping * (2 * np.sin(q) - np.sin(2 * q))
    amplitude = {r: np.mean(energy * np.exp(1j * r * k)) for r in range(-2, 3)}
    return np.array([[amplitude.get(i - j, 0.0) for j in range(n)] for i in range(n)])


def test_dense_matrices():
    n, hopping, phase, warping = 12, 3.0, 2.0, 0.7
    x = np.linspace(-1.5, 1.5, n)
    potential, repulsion = 4 * (x**2 - 1) ** 2, 2 / np.hypot(0.5, np.linspace(0, 3, n))
    found = valley_exchange(potential, repulsion, hopping, valley_phase=phase, warping=warping)
    up, down = (band(n, hopping, s * phase, s * warping) for s in (1, -1))
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    both = np.diag((potential[:, None] + potential + repulsion[distance]).ravel())
    one = np.eye(n)
    opposite = np.linalg.eigvalsh(np.kron(up, one) + np.kron(one, down) + both)[:2]
    np.testing.assert_allclose(found.antiparallel, opposite, atol=1e-9)
    equal = np.kron(up, one) + np.kron(one, up) + both
    swap = np.eye(n * n).reshape(n, n, n, n).swapaxes(0, 1).reshape(n * n, n * n)
    antisymmetric = np.linalg.eigh(swap)[1][:, : n * (n - 1) // 2]
    lowest = np.linalg.eigvalsh(antisymmetric.T @ equal @ antisymmetric)[0]
    assert found.parallel == pytest.approx(lowest, abs=1e-9)


def test_without_warping_the_exchange_is_heisenberg():
    found = valley_exchange(WELLS, REPULSION, 40.0)
    assert found.longitudinal > 1e-4
    assert found.transverse == pytest.approx(found.longitudinal, rel=1e-6)
    other_valley = valley_exchange(WELLS, REPULSION, 40.0, valley_phase=0.4)
    assert other_valley.parallel == pytest.approx(found.parallel, abs=1e-9)


def test_warping_makes_it_anisotropic():
    weak, strong = (valley_exchange(WELLS, REPULSION, 40.0, warping=g) for g in (4.0, 8.0))
    excess = [f.transverse / f.longitudinal - 1 for f in (weak, strong)]
    assert 0 < excess[0] < excess[1]
    # time reversal turns the warping round, so it enters squared
    assert excess[1] / excess[0] == pytest.approx(4, rel=0.1)
    turned = valley_exchange(WELLS, REPULSION, 40.0, warping=-8.0)
    assert turned.transverse == pytest.approx(strong.transverse, rel=1e-6)


@pytest.mark.parametrize(("well", "core"), [(-3e3, 0.0), (-40.0, 0.0), (900.0, 0.0), (0.0, -500.0)])
def test_the_zero_of_energy_does_not_matter(well, core):
    """The levels are the lowest wherever the potential and the repulsion begin."""
    clean = valley_exchange(WELLS, REPULSION, 40.0, valley_phase=0.4, warping=4.0)
    moved = valley_exchange(WELLS + well, REPULSION + core, 40.0, valley_phase=0.4, warping=4.0)
    assert moved.parallel - 2 * well - core == pytest.approx(clean.parallel, abs=1e-8)
    for here, there in zip(moved.antiparallel, clean.antiparallel, strict=True):
        assert here - 2 * well - core == pytest.approx(there, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("potential", lambda: valley_exchange(np.zeros(4), np.zeros(4), 1.0)),
        ("potential", lambda: valley_exchange(np.zeros((8, 2)), np.zeros(8), 1.0)),
        ("repulsion", lambda: valley_exchange(np.zeros(8), np.zeros(9), 1.0)),
        ("hopping", lambda: valley_exchange(np.zeros(8), np.zeros(8), 0.0)),
        ("valley_phase", lambda: valley_exchange(np.zeros(8), np.zeros(8), 1.0, valley_phase=np.nan)),
        ("warping", lambda: valley_exchange(np.zeros(8), np.zeros(8), 1.0, warping="strong")),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
