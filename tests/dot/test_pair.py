"""Two electrons on the triangle against free fermions, perturbation theory, box orbitals, point charges."""

import functools
import itertools

import numpy as np
import pytest

from lowdim.dot import pair
from lowdim.dot.interaction import coulomb_integrals
from lowdim.dot.pair import pair_levels
from lowdim.errors import NotConverged


def orbital_expansion(integrals, n_orbitals, length, spin, parity):
    """Lowest energy and entry probability of two electrons on `n_orbitals` box orbitals, dense."""
    a, b = np.triu_indices(n_orbitals, spin)
    keep = (-1) ** (a + b) == parity
    a, b = a[keep], b[keep]
    sign = (-1) ** spin
    norm = np.where(a == b, np.sqrt(0.5), 1.0)
    direct = integrals[a[:, None], a, b[:, None], b]
    exchange = integrals[a[:, None], b, b[:, None], a]
    matrix = norm[:, None] * norm * (direct + sign * exchange)
    matrix[np.diag_indices(len(a))] += ((a + 1) ** 2 + (b + 1) ** 2) * 0.5 * (np.pi / length) ** 2
    energies, vectors = np.linalg.eigh(matrix)
    with_lowest = vectors[a == 0, 0] @ np.where(b[a == 0] == 0, 1.0, np.sqrt(0.5))
    return energies[0], (0.5 if spin == 0 else 1.5) * with_lowest**2


def lowest(levels, spin, parity):
    return np.flatnonzero((levels.spin == spin) & (levels.parity == parity))[0]


@functools.cache
def boxed(softening, n_orbitals):
    """Levels, and Coulomb integrals of box orbitals, in a box of 9.5: all sectors share them."""
    return pair_levels(9.5, softening, 8), coulomb_integrals(n_orbitals, 9.5, softening)


SECTORS = list(itertools.product((0, 1), (1, -1)))


def test_free_electrons():
    levels = pair_levels(2.0, 0.05, 13, interaction=0.0)  # no pair is cut
    expected = []
    for n, m in itertools.combinations_with_replacement(range(1, 8), 2):
        # without interaction M is C of eq. 5, except that a filled orbital takes one electron in one way
        for spin in (0,) if n == m else (0, 1):
            entry = 0.0 if n > 1 else 0.5 if m == 1 else 0.25 + 0.5 * spin
            expected.append(((n**2 + m**2) * np.pi**2 / 8, spin, (-1) ** (n + m), entry))
    expected = np.array(sorted(expected)[:13]).T
    # single levels come in some order inside a degenerate singlet-triplet pair
    order = np.lexsort((levels.spin, levels.energy.round(6)))
    np.testing.assert_allclose(levels.energy[order], expected[0], rtol=1e-12)
    np.testing.assert_array_equal(levels.spin[order], expected[1])
    np.testing.assert_array_equal(levels.parity[order], expected[2])
    np.testing.assert_allclose(levels.entry[order], expected[3], atol=1e-10)


@pytest.mark.parametrize("softening", [0.01, 0.3])
def test_first_order_perturbation(softening):
    """dE/dg at g = 0 is the mean interaction of the free states; a quartic through five points finds it."""
    step = 0.01
    points = [pair_levels(1.0, softening, 2, interaction=k * step).energy for k in range(5)]
    slope = np.array([-25, 48, -36, 16, -3]) / 12 @ np.array(points) / step
    v = coulomb_integrals(2, 1.0, softening)
    # the fifth derivative is of order V^5 / gap^4, so the formula is good to step^4 times that
    first_order = [v[0, 0, 0, 0], v[0, 0, 1, 1] - v[0, 1, 1, 0]]
    np.testing.assert_allclose(slope, first_order, atol=step**4 * v[0, 0, 0, 0] ** 5 / 14.8**4 + 1e-11 / step)


def test_wide_softening():
    """For lambda >> L the interaction is 1/lambda - u^2 / 2 lambda^3, weak enough for first order."""
    ratio = 100.0
    mean_square = 2 * (1 / 12 - 1 / (2 * np.pi**2))
    expected = np.pi**2 + 1 / ratio - mean_square / (2 * ratio**3)
    next_term = 3 / 8 / ratio**5
    assert abs(pair_levels(1.0, ratio, 1).energy[0] - expected) < next_term


def test_scaling():
    """Lengths in units of L: only g L and lambda / L matter."""
    box = pair_levels(9.5, 0.1, 3, interaction=0.5)
    unit = pair_levels(1.0, 0.1, 3, interaction=4.75)
    np.testing.assert_allclose(box.energy * 9.5**2, unit.energy, rtol=1e-12)
    np.testing.assert_allclose(box.entry, unit.entry, rtol=1e-10)


def test_far_walls():
    """In a long box each electron sits at its wall in the force 1/L^2 of the other.

    In powers of the Airy length over L,  E L = 1 + L F_1 + L F_2 + O(l/L)^3; with <z> = 2 a l / 3 and
    <z^2> = 8 a^2 l^2 / 15 for the first zero -a of Ai.
    """
    airy_zero, softening = 2.338107410459767, 1e-3
    remainder = []
    for length in (100.0, 800.0):
        unit = (length**2 / 2) ** (1 / 3)
        sag = 2 * airy_zero * (0.5 / length**4) ** (1 / 3)
        spread = (16 / 15 + 8 / 9) * (airy_zero * unit) ** 2 / length**3
        energy = pair_levels(length, softening, 1, tolerance=1e-8).energy[0]
        remainder.append((energy - 1 / length - sag - spread) * length**2)
    # what is left is a constant plus terms of relative order l / L; a wrong sag would grow as L^1/3
    assert abs(remainder[1] / remainder[0] - 1) < (100.0**2 / 2) ** (1 / 3) / 100.0


@pytest.mark.parametrize(("spin", "parity"), SECTORS)
@pytest.mark.parametrize("softening", [0.1, 0.3])
def test_box_orbitals_extrapolated(softening, spin, parity):
    """At a wall the fourth derivative of psi is the first not to vanish like a sine's, 4 V' psi'.

    So coefficients fall as n^-5, and the energy error, sum of n^2 n^-10, as M^-7.
    """
    length = 9.5
    levels, v = boxed(softening, 40)
    i = lowest(levels, spin, parity)
    (coarse, coarse_entry), (fine, fine_entry) = (
        orbital_expansion(v[:m, :m, :m, :m], m, length, spin, parity) for m in (30, 40)
    )
    assert levels.energy[i] < fine < coarse
    # the next power is a relative 1/M of a correction that is itself below 1e-11
    assert abs(levels.energy[i] - extrapolate(coarse, fine, 7)) < 1e-12
    # an amplitude lacks the sum of n^-5 beyond M; extrapolation leaves a relative 1/M of that, times a few
    limit = extrapolate(coarse_entry, fine_entry, 4)
    assert abs(levels.entry[i] - limit) < 0.1 * abs(levels.entry[i] - fine_entry)


def extrapolate(coarse, fine, power):
    """Limit of a + b M^-power from M = 30 and 40."""
    weight = (40 / 30) ** power
    return (weight * fine - coarse) / (weight - 1)


@pytest.mark.parametrize(("spin", "parity"), SECTORS)
@pytest.mark.parametrize("softening", [0.001, 0.02])
def test_box_orbitals_close_in_from_above(softening, spin, parity):
    """Where the orbitals do not resolve lambda they stay above by less than their last improvement.

    That is so for any error falling faster than M^-1.71, as 40^-p > 2 60^-p then.
    """
    length = 9.5
    levels, v = boxed(softening, 60)
    exact = levels.energy[lowest(levels, spin, parity)]
    coarse, fine = (orbital_expansion(v[:m, :m, :m, :m], m, length, spin, parity)[0] for m in (40, 60))
    assert 0 < fine - exact < coarse - fine


def test_other_mesh_same_energies(monkeypatch):
    levels = pair_levels(9.5, 1e-4, 4)
    monkeypatch.setattr(pair, "_ELEMENT_RATIO", 2.0)
    again = pair_levels(9.5, 1e-4, 4)
    np.testing.assert_allclose(again.energy, levels.energy, rtol=1e-12)
    np.testing.assert_allclose(again.entry, levels.entry, atol=1e-10)
    np.testing.assert_array_equal(again.spin, levels.spin)
    np.testing.assert_array_equal(again.parity, levels.parity)


def test_free_end_keeps_its_digits_at_tiny_softening():
    singlet, triplet = pair_levels(0.01, 1e-6, 2, tolerance=1e-13).energy
    assert singlet < triplet


def test_energy_error_bounds_the_error(monkeypatch):
    exact = pair_levels(9.5, 1e-3, 6).energy
    monkeypatch.setattr(pair, "_DEGREES", (5, 7))
    rough = pair_levels(9.5, 1e-3, 6, tolerance=1.0)
    actual = rough.energy - exact
    assert np.all(actual > 0)
    assert np.all(actual < rough.energy_error)
    with pytest.raises(NotConverged, match="degree 7"):
        pair_levels(9.5, 1e-3, 6)


@pytest.mark.parametrize(
    ("name", "arguments", "keywords"),
    [
        ("length", (0.0, 0.1, 1), {}),
        ("length", (np.nan, 0.1, 1), {}),
        ("softening", (1.0, 0.0, 1), {}),
        ("softening", (1.0, "wide", 1), {}),
        ("n_states", (1.0, 0.1, 0), {}),
        ("n_states", (1.0, 0.1, 61), {}),
        ("n_states", (1.0, 0.1, 1.5), {}),
        ("interaction", (1.0, 0.1, 1), {"interaction": -1.0}),
        ("tolerance", (1.0, 0.1, 1), {"tolerance": 0.0}),
    ],
)
def test_bad_input(name, arguments, keywords):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        pair_levels(*arguments, **keywords)
