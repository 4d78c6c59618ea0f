"""On-site interaction against other Wannier functions; the Mott boundary against iteration."""

import re

import numpy as np
import pytest

from lowdim.lattice import (
    MOTT_MONTE_CARLO,
    contact_integral,
    mott_depth,
    mott_mean_field,
    onsite_interaction,
    projected_position_wannier,
    tunnelling,
    wannier_function,
)


@pytest.mark.parametrize(("depth", "allowed"), [(5.0, 3e-5), (20.0, 1e-7)])
def test_integral_against_the_projected_position(depth, allowed):
    """Functions found without a choice of phase, on a plain grid and a ring of 25 sites."""
    z = np.linspace(0, np.pi * 25, 25 * 60, endpoint=False) - np.pi * 12.5
    values = projected_position_wannier(depth, 25, z)[1][12]
    assert contact_integral(depth) == pytest.approx(np.sum(values**4) * (z[1] - z[0]), rel=allowed)


def test_ratio_to_gaussians_is_the_known_one():
    depths = (3.0, 5.0, 10.0, 15.0, 20.0)
    ratios = [contact_integral(s) / contact_integral(s, gaussian=True) for s in depths]
    assert ratios == pytest.approx([0.818, 0.862, 0.913, 0.933, 0.944], abs=6e-4)


def test_gaussian_is_the_textbook_estimate():
    for s in (5.0, 30.0):
        assert onsite_interaction([s] * 3, 0.04, gaussian=True) == pytest.approx(
            np.sqrt(8 / np.pi) * 0.04 * s**0.75, rel=1e-12
        )


def test_anisotropic_lattice_is_a_product():
    w = wannier_function(7.0)
    z = np.linspace(-12, 12, 4001)
    along = np.sum(w(z) ** 4) * (z[1] - z[0])
    both = onsite_interaction([7.0, 20.0, 20.0], 0.03) / onsite_interaction([20.0] * 3, 0.03)
    assert both == pytest.approx(along / contact_integral(20.0), rel=1e-9)


def mean_field_order(interaction, neighbours, hopping=1.0, most=9):
    """<b> of one site in the field of its neighbours, at the chemical potential of the tip; by iteration."""
    b = np.diag(np.sqrt(np.arange(1.0, most + 1)), 1)
    n = np.diag(np.arange(most + 1.0))
    mu = (np.sqrt(2) - 1) * interaction  # tip of the lobe of one atom
    order = 0.3
    for _ in range(3000):
        h = interaction / 2 * (n @ n - n) - mu * n - neighbours * hopping * order * (b + b.T)
        state = np.linalg.eigh(h)[1][:, 0]
        order = abs(state @ b @ state)
    return order


@pytest.mark.parametrize("dimension", [1, 3])
def test_mean_field_order_sets_in_at_the_boundary(dimension):
    critical = mott_mean_field(dimension)
    assert mean_field_order(1.02 * critical, 2 * dimension) < 1e-6
    assert mean_field_order(0.98 * critical, 2 * dimension) > 0.05


def test_boundaries_of_other_methods():
    """Fluctuations help the insulator, the more the fewer neighbours there are."""
    ratios = [MOTT_MONTE_CARLO[d][0] / mott_mean_field(d) for d in (1, 2, 3)]
    assert ratios == pytest.approx([0.289, 0.718, 0.839], abs=1e-3)
    # the same in the units of the sources
    assert 1 / MOTT_MONTE_CARLO[1][0] == pytest.approx(0.297, abs=1e-12)
    assert 1 / MOTT_MONTE_CARLO[2][0] == pytest.approx(0.0597291, abs=1e-12)
    assert 1 / MOTT_MONTE_CARLO[2][0] == pytest.approx(0.05974, abs=3e-5)  # the older simulation
    assert MOTT_MONTE_CARLO[3] == (29.34, 0.02)


@pytest.mark.parametrize(("dimension", "printed"), [(1, "0.297(10)"), (2, "0.0597291(8)")])
def test_errors_of_printed_ratios_are_carried_over(dimension, printed):
    """J/U with the error of its last digits in brackets; U/J has the same relative error."""
    value, last = re.fullmatch(r"(0\.\d+)\((\d+)\)", printed).groups()
    error = int(last) * 10.0 ** (2 - len(value))
    ratio, its_error = MOTT_MONTE_CARLO[dimension]
    assert its_error / ratio == pytest.approx(error / float(value), rel=1e-12)
    assert 1 / ratio == pytest.approx(float(value), rel=1e-12)


def test_two_sites_know_the_boundary_of_strong_repulsion():
    """Coherence of two atoms on two sites, 4 J/U to first order."""
    scattering, s = 0.039, 20.0
    u, j = onsite_interaction([s] * 3, scattering), tunnelling(s).item()
    h = np.array([[u, -np.sqrt(2) * j, 0], [-np.sqrt(2) * j, 0, -np.sqrt(2) * j], [0, -np.sqrt(2) * j, u]])
    state = np.linalg.eigh(h)[1][:, 0]
    coherence = np.sqrt(2) * (state[0] * state[1] + state[1] * state[2])
    assert coherence == pytest.approx(4 * j / u, rel=0.05)


def test_depth_of_the_boundary():
    for critical in (29.34, mott_mean_field(3)):
        s = mott_depth(0.039, critical)
        assert onsite_interaction([s] * 3, 0.039) / tunnelling(s) == pytest.approx(critical, rel=1e-7)
    chain = mott_depth(0.039, 3.37, dimension=1, transverse=30.0)
    assert onsite_interaction([chain, 30.0, 30.0], 0.039) / tunnelling(chain) == pytest.approx(3.37, rel=1e-7)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: contact_integral(0.0), "depth"),
        (lambda: onsite_interaction([1.0, 2.0], 0.1), "depths"),
        (lambda: onsite_interaction([1.0, 2.0, -1.0], 0.1), "depths"),
        (lambda: onsite_interaction([1.0] * 3, np.nan), "scattering"),
        (lambda: mott_mean_field(4), "dimension"),
        (lambda: mott_mean_field(3, 0), "filling"),
        (lambda: mott_depth(0.04, 1e30), "critical"),
        (lambda: mott_depth(0.04, 3.0, dimension=1), "transverse"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected"):
        call()
