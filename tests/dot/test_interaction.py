"""Coulomb integrals against brute quadrature, arbitrary precision and their limits."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy
from sympy.simplify.fu import TR8

from lowdim.dot.interaction import (
    cosine_integrals,
    coulomb_integral_direct,
    coulomb_integrals,
    pair_densities,
)

SOFTENINGS = [1e-5, 1e-3, 0.02, 0.3]


def precise_cosine_integral(p, q, softening):
    """C_pq in 18 digits from the double integral over u = x' - x and x, u on both sides of 0."""
    with mpmath.workdps(18):
        pi, d = mpmath.pi, mpmath.mpf(softening)

        def inner(u):  # int_0^(1-u) cos(p pi x) cos(q pi (x + u)) dx by the addition theorem
            def part(m, phase):
                if m == 0:
                    return (1 - u) * mpmath.cos(phase)
                return (mpmath.sin(m * pi * (1 - u) + phase) - mpmath.sin(phase)) / (m * pi)

            return (part(p + q, q * pi * u) + part(p - q, -q * pi * u)) / 2

        def both_sides(t):  # u = exp(t) - softening, another substitution than the solver's
            u = mpmath.exp(t) - d
            return (1 + (-1) ** (p + q)) * inner(u) * (u + d) / mpmath.sqrt(u * u + d * d)

        turns = [mpmath.mpf(j) / max(p, q, 1) for j in range(max(p, q, 1) + 1)]
        decades = [d * 10**j for j in range(1, 8) if d * 10**j < turns[1]]
        points = [mpmath.log(u + d) for u in sorted([*turns, *decades])]
        return float(mpmath.quad(both_sides, points, method="gauss-legendre"))


@pytest.mark.parametrize("softening", SOFTENINGS)
def test_integrals_are_those_of_brute_quadrature(softening):
    length = 2.0
    fast = coulomb_integrals(6, length, softening)
    # the twin resolves 1e-5 only to its own tolerance; its cost there grows with every oscillation
    sample = [(1, 1, 1, 1), (2, 1, 2, 1), (3, 1, 2, 2), (4, 2, 6, 2)]
    for a, b, c, d in sample if softening < 0.01 else [*sample, (6, 6, 5, 5), (6, 1, 4, 3), (3, 5, 6, 4)]:
        slow = coulomb_integral_direct(a, b, c, d, length, softening, tolerance=1e-9)
        assert abs(fast[a - 1, b - 1, c - 1, d - 1] - slow) < 2e-9, (a, b, c, d)


@pytest.mark.parametrize("softening", [*SOFTENINGS, 3.0])
def test_cosine_integrals_have_twelve_digits_up_to_the_shortest_wave(softening):
    table = cosine_integrals(28, softening)
    for p, q in [(0, 0), (2, 0), (1, 1), (13, 7), (28, 2), (27, 25), (28, 28)]:
        exact = precise_cosine_integral(p, q, softening)
        assert abs(table[p, q] - exact) < 1e-12 * table[0, 0], (p, q)


def test_cosine_integrals_do_not_depend_on_the_size_of_the_table():
    assert np.allclose(cosine_integrals(40, 0.01)[:9, :9], cosine_integrals(8, 0.01), rtol=0, atol=1e-13)


@pytest.mark.parametrize(("p", "q"), [(0, 0), (3, 3), (0, 2), (4, 2), (1, 5)])
def test_the_printed_separation_density_is_the_integral_over_the_other_coordinate(p, q):
    x, u = sympy.symbols("x u", positive=True)
    pi = sympy.pi
    products = [
        sympy.cos(p * pi * x) * sympy.cos(q * pi * (x + u)),
        sympy.cos(p * pi * (x + u)) * sympy.cos(q * pi * x),
    ]
    # TR8 writes products of cosines as sums, which integrate at once
    exact = sum(sympy.integrate(TR8(product).expand(), (x, 0, 1 - u)) for product in products)
    sin_k, sin_l = sympy.sin(p * pi * u), sympy.sin(q * pi * u)
    if p == q == 0:
        printed = 2 * (1 - u)
    elif p == q:
        printed = (1 - u) * sympy.cos(p * pi * u) - sin_k / (p * pi)
    else:
        printed = -(sin_l + sin_k) / (pi * (p + q)) + (sin_l - sin_k) / (pi * (p - q))
    assert sympy.simplify((exact - printed).rewrite(sympy.exp).expand()) == 0


def test_integrals_have_the_symmetries_of_a_real_pair_interaction():
    v = coulomb_integrals(7, 9.5, 0.02)
    for order in [(1, 0, 2, 3), (0, 1, 3, 2), (2, 3, 0, 1)]:
        assert np.allclose(v, v.transpose(order), rtol=0, atol=1e-14)


def test_integrals_odd_under_reflection_vanish_exactly():
    v = coulomb_integrals(6, 9.5, 0.02)
    odd = np.indices(v.shape).sum(axis=0) % 2 == 1
    assert (v[odd] == 0).all()
    assert (v[~odd] != 0).all()


@pytest.mark.parametrize("softening", [1e-5, 0.02, 0.3])
def test_the_interaction_is_positive_definite(softening):
    # every charge density repels itself; at 0.3 the shortest waves feel only exp(-13 pi 0.3)
    assert np.linalg.eigvalsh(cosine_integrals(13, softening)).min() > 1e-7


@pytest.mark.parametrize("softening", [1e3, 1e6])
def test_a_range_far_beyond_the_box_leaves_a_constant(softening):
    length, m = 2.5, 4
    overlap = np.einsum("ab,cd->abcd", np.eye(m), np.eye(m))
    v = coulomb_integrals(m, length, softening) * length * softening
    assert np.allclose(v, overlap, rtol=0, atol=softening**-2)


def test_energies_scale_with_the_inverse_length():
    assert np.allclose(3 * coulomb_integrals(4, 6.0, 0.02), coulomb_integrals(4, 2.0, 0.02), rtol=1e-14)


def test_a_short_range_leaves_a_logarithm_times_the_contact_integral():
    # 1/sqrt(u^2 + d^2) = 2 ln(1/d) delta(u) + a part that converges: the differences are the contact term
    m, length = 4, 1.0
    near, far = coulomb_integrals(m, length, 1e-9), coulomb_integrals(m, length, 1e-7)
    x, w = np.polynomial.legendre.leggauss(40)
    orbitals = np.sqrt(2) * np.sin(np.pi * np.outer(np.arange(1, m + 1), 0.5 * (x + 1)))
    contact = np.einsum("x,ax,bx,cx,dx->abcd", 0.5 * w, *[orbitals] * 4)
    assert np.allclose((near - far) / (2 * np.log(100)), contact, rtol=0, atol=1e-6)


def test_pair_densities_rebuild_the_products_of_orbitals():
    m = 5
    x = np.linspace(0, 1, 23)
    orbitals = np.sqrt(2) * np.sin(np.pi * np.outer(np.arange(1, m + 1), x))
    cosines = np.cos(np.pi * np.outer(np.arange(2 * m + 1), x))
    pairs = pair_densities(m)
    for a, b in itertools.product(range(m), repeat=2):
        assert np.allclose(pairs[:, a, b] @ cosines, orbitals[a] * orbitals[b], atol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cosine_integrals(-1, 0.1), r"k_max: expected an integer >= 0, got -1"),
        (lambda: cosine_integrals(2.5, 0.1), r"k_max: expected an integer >= 0, got 2.5"),
        (lambda: cosine_integrals(2, 0.0), r"softening: expected a finite number > 0, got 0.0"),
        (lambda: coulomb_integrals(0, 1.0, 0.1), r"n_orbitals: expected an integer >= 1, got 0"),
        (lambda: coulomb_integrals(2, -9.5, 0.1), r"length: expected a finite number > 0, got -9.5"),
        (lambda: coulomb_integrals(2, 9.5, -0.02), r"softening: expected a finite number > 0, got -0.02"),
        (lambda: coulomb_integrals(2, 9.5, np.nan), r"softening: expected a finite number > 0, got nan"),
        (lambda: coulomb_integral_direct(1, 1, 0, 1, 1.0, 0.1), r"c: expected an integer >= 1, got 0"),
        (lambda: coulomb_integral_direct(1, 1, 1, 1, 0.0, 0.1), r"length: expected a finite number > 0"),
        (lambda: coulomb_integral_direct(1, 1, 1, 1, 1.0, 0.0), r"softening: expected a finite number > 0"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()
