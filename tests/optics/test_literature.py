"""Numbers that others print, or that have closed forms: sums over chains and over lattices."""

import mpmath
import numpy as np
import pytest
from scipy.special import erfc

from lowdim.lattice.dynamics import lattice
from lowdim.optics.array import CIRCULAR, collective_linewidth, collective_shift
from lowdim.optics.green import dyadic_green
from lowdim.optics.lattice_sum import lattice_green

K = 2 * np.pi
# CollectiveSpins.jl, test/test_collective_modes.jl (commit b9be5bc): lattice constant, wave vector times the
# constant over pi, shift of dipoles along and across the chain, linewidth along and across; wavelength 1
CHAINS = [
    (0.07, 0.4, -6.24945, 3.42368, 0.0, 0.0),
    (0.11, 0.1, -12.2009, 4.99508, 5.40947, 4.11345),
    (0.2, 0.0, -2.18103, 1.28359, 3.75, 1.875),
    (0.51, 0.9, -0.11888, -0.494113, 0.325667, 1.30775),
    (1.7, 0.3, 0.0165684, 0.0327376, 1.00791, 0.819573),
]


def last_digit(value):
    """Half a unit of the sixth digit, or of the last decimal that the source tests."""
    return max(1e-5, 5e-6 * abs(value))


def shift_and_width(total):
    """In linewidths of one dipole, from the sum over all others."""
    return -3 * np.pi / K * total.real, 1 + 6 * np.pi / K * total.imag


@pytest.mark.parametrize("row", CHAINS)
def test_chains_of_another_code(row):
    spacing, phase, along, across, narrow, wide = row
    sites, soft = np.arange(1, 20001), 1500.0
    weight = 0.5 * erfc(sites / soft - 6) * 2 * np.cos(np.pi * phase * sites)
    terms = dyadic_green(spacing * sites[:, None] * np.array([1.0, 0.0, 0.0]), K)
    total = np.einsum("n,nab->ab", weight, terms)
    for axis, shift, width in ((0, along, narrow), (1, across, wide), (2, across, wide)):
        found = shift_and_width(total[axis, axis])
        assert abs(found[0] - shift) < last_digit(shift)
        assert abs(found[1] - width) < last_digit(width)


def test_distant_dark_chains_are_one_chain():
    """Beyond the light cone the chains of a rectangular lattice do not see each other: Ewald's sums."""
    spacing, phase, along, across, _, _ = CHAINS[0]
    total = lattice_green([np.pi * phase / spacing, 0.3], np.diag([spacing, 1.5]), K)
    for axis, shift in ((0, along), (1, across), (2, across)):
        found = shift_and_width(total[axis, axis])
        assert abs(found[0] - shift) < last_digit(shift)
        assert abs(found[1]) < 1e-9


# sum of 1/R^2s over a lattice of spacing one: neighbours and Dirichlet's character (J. M. Borwein et al.,
# Lattice Sums Then and Now, Cambridge 2013, chapter 1)
CHARACTERS = {"square": (4, [0, 1, 0, -1]), "triangular": (6, [0, 1, -1])}


def epstein(name, s):
    """The sum of 1/R^2s in closed form, continued to all s but one."""
    neighbours, character = CHARACTERS[name]
    return neighbours * mpmath.zeta(s) * mpmath.dirichlet(s, character)


@pytest.mark.parametrize(("name", "printed"), [("square", 4.517), ("triangular", 5.517)])
def test_static_sums_of_the_review_of_arrays(name, printed):
    """F. J. Garcia de Abajo, Rev. Mod. Phys. 79, 1267 (2007): 4.517/a^3 and 5.517/a^3 for long waves.

    The digits beyond are half of sum 1/R^3 in closed form, zeta times a Dirichlet series.
    """
    tensor = 4 * np.pi * 1e-8 * lattice_green([0.0, 0.0], lattice(name).primitive, 1e-4).real
    assert abs(tensor[0, 0] - printed) < 0.0005
    closed = float(epstein(name, 1.5))
    np.testing.assert_allclose(np.diag(tensor), closed * np.array([0.5, 0.5, -1]), rtol=1e-7)


@pytest.mark.parametrize(("name", "widest"), [("square", 0.9), ("triangular", 1.0)])
def test_a_thousand_spacings_against_closed_forms(name, widest):
    """Real part at normal incidence as a power series in a/lambda, whose coefficients are closed forms.

    Each power of R sums to zeta times a Dirichlet series. The sum over the powers converges below
    the first order that grazes, at a = 1 and 1.155.
    """
    spacing = np.geomspace(0.01, widest, 1000)
    with mpmath.workdps(30):
        radial, tensor = [], []  # of cos(x)/x and of (cos x + x sin x)/x^3, powers x^(2m - 3)
        for m in range(160):
            total = (-1) ** m * epstein(name, mpmath.mpf(3) / 2 - m) * (2 * mpmath.pi) ** (2 * m - 3)
            radial.append(float(-total / mpmath.factorial(2 * m - 2)) if m else 0.0)
            tensor.append(float(total * (1 - 2 * m) / mpmath.factorial(2 * m)))
    powers = spacing[:, None] ** (2 * np.arange(160) - 3)
    radial, tensor = powers @ np.array(radial), powers @ np.array(tensor)
    expected = K / (4 * np.pi) * np.stack([(radial + tensor) / 2, radial - tensor], axis=1)
    primitive = lattice(name).primitive
    found = [lattice_green([0.0, 0.0], a * primitive, K).real[[0, 2], [0, 2]] for a in spacing]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_zeros_of_the_shift_and_the_width_of_mirrors_of_atoms():
    """E. Shahmoon et al., Phys. Rev. Lett. 118, 113601 (2017): resonance unshifted at a = 0.2 and 0.8."""
    for spacing in (0.2, 0.8):
        sides = (spacing - 0.01, spacing + 0.01)
        near = [float(collective_shift([0.0, 0.0], a * np.eye(2), K)) for a in sides]
        assert near[0] * near[1] < 0
        width = float(collective_linewidth([0.0, 0.0], spacing * np.eye(2), K, dipole=CIRCULAR))
        assert abs(width - 3 / (4 * np.pi * spacing**2)) < 1e-9
