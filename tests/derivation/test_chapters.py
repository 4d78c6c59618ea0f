"""One real derivation of each chapter, and the same with a slip."""

import numpy as np
import pytest
import sympy as sp

from lowdim.derivation import Derivation, DerivationError, special_function

x, r0, r, e = sp.symbols("x r_0 r e", positive=True)
struve = special_function("struveh", 2)


def keldysh(last=None, factor=1):
    """Force between electrons with the Keldysh potential (knorzer2020 A4)."""
    F, h = sp.Function("F"), sp.Function("h")
    H = {n: struve(n, x) for n in (-1, 0, 1)}
    Y = {n: sp.bessely(n, x) for n in (-1, 0, 1)}
    chain = Derivation("force", ranges={x: (0.3, 9)})
    chain.define(F(x), H[0] - Y[0], "[K 2]")
    rule = (H[-1] - H[1] + 1 / (sp.sqrt(sp.pi) * sp.gamma(sp.Rational(3, 2)))) / 2 - (Y[-1] - Y[1]) / 2
    chain.identity(F(x).diff(x), factor * rule, "recurrences of $H_\\nu$ and $Y_\\nu$", digits=15)
    chain.impose(x * h(x) + 2 * F(x).diff(x), 0, "definition of $h$ in [K A3]")
    chain.solve(h(x), -2 * rule / x if last is None else last(rule), digits=15)
    chain.limit(4 / (sp.pi * x**3), "Coulomb's law", small=x, at=sp.oo, order=5, start=20)
    return chain


def test_keldysh_force():
    chain = keldysh()
    assert len(chain.rows) == 5
    assert "5 of 5" not in repr(chain) and "3 of 3 steps" in repr(chain)


@pytest.mark.parametrize("last", [lambda f: 2 * f / x, lambda f: -2 * f, lambda f: -f / x])
def test_keldysh_force_as_printed_is_refused(last):
    with pytest.raises(DerivationError, match="force, step 4"):
        keldysh(last)


def test_recurrence_with_wrong_sign_is_refused():
    with pytest.raises(DerivationError, match=r"force, step 2 \(recurrences"):
        keldysh(factor=-1)


def test_angular_average_of_a_loop():
    """Phase of a loop averaged over the angle between k and k' is a Bessel function (glazov2020)."""
    k, s, t, theta = sp.symbols("k s t theta", positive=True)
    chain = Derivation("Phi")
    q = 2 * k * sp.sin(theta / 2)
    chain.start(1 - sp.Integral(sp.cos(2 * s * q * t), (theta, 0, 2 * sp.pi)) / (2 * sp.pi))
    chain.step(1 - sp.besselj(0, 4 * k * s * t), "integral representation of $J_0$", digits=12)
    chain.approximate(4 * k**2 * s**2 * t**2, "early times", small=t, order=4)
    with pytest.raises(DerivationError, match="order"):
        Derivation("Phi").start(1 - sp.besselj(0, 4 * k * s * t)).approximate(
            k**2 * s**2 * t**2 / 4, "as printed", small=t, order=4
        )


def test_harmonic_frequency_from_a_lattice():
    """Expansion of a well of the optical lattice (yukalov2020)."""
    V, k0, m, hbar, omega = sp.symbols("V_0 k_0 m hbar omega", positive=True)
    chain = Derivation("frequency")
    chain.start(V * sp.sin(k0 * x) ** 2)
    chain.approximate(V * k0**2 * x**2, "bottom of the well", small=x, order=4)
    chain.impose(m * omega**2 * x**2 / 2, V * k0**2 * x**2, "harmonic oscillator")
    chain.solve(omega, k0 * sp.sqrt(2 * V / m))
    with pytest.raises(DerivationError, match="step 5"):
        chain.solve(omega, k0 * sp.sqrt(V / m))


def test_rotation_by_matrices():
    """The threefold axis commutes with the three-band Hamiltonian at K (zhu2011)."""
    a, b = sp.symbols("a b", real=True)
    turn = sp.diag(1, sp.exp(2 * sp.pi * sp.I / 3), sp.exp(-2 * sp.pi * sp.I / 3))
    H = sp.diag(a, b, b)
    chain = Derivation("C3")
    chain.identity(turn * H * turn.H, H, "diagonal matrices commute")
    wrong = H + sp.Matrix(3, 3, lambda i, j: sp.Integer(i == 0 and j == 1))
    with pytest.raises(DerivationError):
        chain.identity(turn * wrong * turn.H, wrong, "the two bands would mix")


def test_spin_sum_rule():
    """Sum over final states of the Clebsch-Gordan weights (jauregui1996)."""
    S = sp.symbols("S", positive=True)
    up, down = (S + 1) / (2 * S + 1), S / (2 * S + 1)
    chain = Derivation("sum rule")
    chain.identity(up + down, 1, "one electron more raises or lowers the spin by 1/2")
    M = sp.Symbol("M", integer=True)
    N = sp.Symbol("N", integer=True, positive=True)
    Derivation("trace").start(sp.Sum(M**2, (M, -N, N))).step(
        N * (N + 1) * (2 * N + 1) / 3, "sum of squares", digits=15
    )


def test_operator_identity_by_representation():
    up = np.array([[0, 1], [0, 0]])
    pair = Derivation("anticommutator")
    pair.represent(r"\{c, c^\dagger\}", "1", up @ up.T + up.T @ up, np.eye(2), "two-level system")
    with pytest.raises(DerivationError, match="representations differ"):
        pair.represent(r"[c, c^\dagger]", "1", up @ up.T - up.T @ up, np.eye(2), "two-level system")


def test_symmetry_of_an_integrand():
    n = sp.Symbol("n", integer=True, positive=True)
    chain = Derivation("parity")
    chain.start(sp.sin(n * x) * x)
    chain.symmetry({x: -x}, "even")
    with pytest.raises(DerivationError):
        chain.symmetry({x: -x}, "odd?", sign=-1)
