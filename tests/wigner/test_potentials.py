"""Keldysh kernel against arbitrary precision, its limits, and traps against numerical derivatives."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad

from lowdim.wigner.potentials import Coulomb, Keldysh, Trap, keldysh_kernel


@pytest.mark.parametrize("x", [0.02, 0.3, 1.0, 5.0, 17.0, 49.99, 50.01, 80.0, 3e3])
def test_kernel_in_thirty_digits(x):
    mp.mp.dps = 30

    def kernel(t):
        return mp.struveh(0, t) - mp.bessely(0, t)

    exact = [float(mp.diff(kernel, mp.mpf(x), k)) for k in range(3)]
    np.testing.assert_allclose([float(v) for v in keldysh_kernel(x)], exact, rtol=2e-12)


@pytest.mark.parametrize("r", [0.1, 1.0, 4.0])
def test_keldysh_is_the_transform_of_the_screened_spectrum(r):
    # the Laplace form of int dq J0(qr)/(1 + rho q), which decays
    rho = 0.7
    value = quad(lambda s: np.exp(-s) / np.hypot(s, r / rho), 0, np.inf, epsabs=0, epsrel=1e-12)[0] / rho
    assert float(Keldysh(rho).terms(r)[0]) == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("interaction", [Coulomb(), Keldysh(0.02), Keldysh(0.5), Keldysh(3.0)])
def test_h_and_g_are_derivatives(interaction):
    r, step = np.array([0.3, 0.9, 1.4, 5.0]), 1e-4
    u, h, g = interaction.terms(r)
    above, below = interaction.terms(r + step), interaction.terms(r - step)
    np.testing.assert_allclose(-(above[0] - below[0]) / (2 * step) / r, h, rtol=1e-6)
    np.testing.assert_allclose(-(above[1] - below[1]) / (2 * step) / r, g, rtol=1e-6)
    np.testing.assert_array_equal(interaction.force_terms(r), (u, h))


def test_keldysh_tail_and_core():
    r = np.array([50.0, 500.0])
    rho = 1.0
    np.testing.assert_allclose(Keldysh(rho).terms(r)[0] * r, 1 - 1 / r**2 + 9 / r**4 - 225 / r**6, rtol=1e-9)
    # logarithmic at short distance
    near = Keldysh(1.0).terms(np.array([1e-6, 1e-5]))[0]
    assert near[0] - near[1] == pytest.approx(np.log(10), rel=1e-4)
    assert np.all(Keldysh(1e-4).terms([1.0, 2.0])[1] == pytest.approx([1.0, 0.125], rel=1e-7))


@pytest.mark.parametrize("power", [2, 4, 8])
def test_trap_derivatives(power):
    trap, r, step = Trap(power), np.array([[0.4, -1.1], [0.9, 0.2]]), 1e-5
    for i, k in np.ndindex(2, 2):
        shift = np.zeros((2, 2))
        shift[i, k] = step
        slope = (trap.energy(r + shift) - trap.energy(r - shift)) / (2 * step)
        assert trap.gradient(r)[i, k] == pytest.approx(slope, rel=1e-6)
        second = (trap.gradient(r + shift) - trap.gradient(r - shift))[i] / (2 * step)
        np.testing.assert_allclose(trap.curvature(r)[i, k], second, atol=1e-6)
    assert trap.isotropic == (power == 2)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("power", lambda: Trap(3)),
        ("power", lambda: Trap(0)),
        ("power", lambda: Trap(2.0)),
        ("screening_length", lambda: Keldysh(0.0)),
        ("screening_length", lambda: Keldysh(-1.0)),
        ("x", lambda: keldysh_kernel([1.0, 0.0])),
        ("x", lambda: keldysh_kernel([-1.0])),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()
