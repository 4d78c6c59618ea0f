"""Localised atoms: curvatures against differences, exact oscillators, Hartree against an explicit minimum."""

import numpy as np
import pytest
from scipy.integrate import quad

from lowdim.lattice import (
    Dipoles,
    GaussianCore,
    InversePower,
    NotConverged,
    cubic_sites,
    einstein_squared,
    gaussian_frequencies,
    hartree_chain,
    kinetic_matrix,
    smeared_interaction,
)

STRONG = InversePower(1e6, 3)
CHAIN = cubic_sites(1, 20)


@pytest.mark.parametrize(
    ("potential", "d"),
    [(InversePower(2.0, 1), 3), (InversePower(2.0, 6), 2), (GaussianCore(1.5, 0.7), 3), (Dipoles(0.8), 3)],
)
def test_curvatures_against_differences(potential, d):
    rng = np.random.default_rng(3)
    r = rng.uniform(0.5, 1.5, (4, d))
    h = 1e-4
    for axis in range(d):
        e = h * np.eye(d)[axis]
        difference = (potential(r + e) - 2 * potential(r) + potential(r - e)) / h**2
        np.testing.assert_allclose(potential.curvatures(r)[:, axis], difference, rtol=1e-5, atol=1e-5)


def test_dipoles_against_two_charges_each():
    """The potential of two pairs of opposite charges a short way apart."""
    h, r = 1e-3, np.array([0.7, 0.4, 0.9])
    ends = ((0.5, 1), (-0.5, -1))
    charges = [(p * q, (a - b) * h) for a, p in ends for b, q in ends]
    value = sum(q / np.linalg.norm(r + [0, 0, shift]) for q, shift in charges) / h**2
    assert Dipoles(1.0)(r) == pytest.approx(value, rel=1e-5)


def test_sites():
    square = cubic_sites(2, 2.0)
    assert len(square) == 12 and not np.any(np.all(square == 0, axis=1))
    np.testing.assert_allclose(square.sum(axis=0), 0)


def test_harmonic_functions_have_no_mean_curvature():
    for potential in (InversePower(1.0, 1), Dipoles(1.0)):
        np.testing.assert_allclose(einstein_squared(potential, cubic_sites(3, 5)).sum(), 0, atol=1e-9)
    x, y, z = einstein_squared(Dipoles(1.0), cubic_sites(3, 5))
    assert x == pytest.approx(y) and z == pytest.approx(-2 * x) and x > 0


def test_chain_of_inverse_cubes():
    zeta5 = sum(n**-5.0 for n in range(1, 21))
    assert einstein_squared(STRONG, CHAIN, mass=2.0, filling=0.5)[0] == pytest.approx(24e6 * zeta5 * 0.25)


def test_smearing_against_quadrature():
    l2 = 0.004
    potential = InversePower(1.0, 3)
    exact = sum(
        quad(lambda x, j=j: abs(j + x) ** -3 * np.exp(-(x**2) / (2 * l2)), -0.5, 0.5, epsabs=1e-13)[0]
        / np.sqrt(2 * np.pi * l2)
        for j in CHAIN[:, 0]
    )
    assert smeared_interaction(potential, CHAIN, l2, order=16) == pytest.approx(exact, rel=1e-7)


def test_smearing_is_exact_for_gaussians():
    core, l2 = GaussianCore(2.0, 0.6), 0.05
    wide = GaussianCore(2.0 * (0.36 / 0.41) ** 1.0, np.sqrt(0.41))
    sites = cubic_sites(2, 2)
    assert smeared_interaction(core, sites, l2) == pytest.approx(wide(sites).sum(), rel=1e-8)


def test_smearing_fixed_atoms():
    assert smeared_interaction(STRONG, CHAIN, 0.0, filling=0.5) == pytest.approx(0.5 * STRONG(CHAIN).sum())


def test_oscillator_levels():
    step = 0.2
    x = step * np.arange(-40, 41)
    levels = np.linalg.eigvalsh(kinetic_matrix(81, step, mass=3.0) + np.diag(0.5 * 3.0 * 4.0 * x**2))
    np.testing.assert_allclose(levels[:5], 2.0 * (np.arange(5) + 0.5), atol=1e-8)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_conditions_in_the_localised_limit(d):
    potential, sites = InversePower(1e8, 6), cubic_sites(d, 2.5)
    einstein = np.sqrt(einstein_squared(potential, sites)[0])
    for omega in (0.0, einstein, 5 * einstein):
        found = gaussian_frequencies(potential, sites, omega)
        assert found["condition"] == pytest.approx(np.hypot(omega, np.sqrt(2) * einstein), rel=2e-3)
        assert found["first order"] == pytest.approx(np.hypot(omega, np.sqrt(2) * einstein), rel=2e-3)
        assert found["total"] == pytest.approx(np.hypot(omega, einstein), rel=2e-3)


def test_hartree_without_interaction():
    atom = hartree_chain(InversePower(0.0, 3), 400.0, mass=2.0)
    assert atom.gap == pytest.approx(400.0) and atom.frequency == pytest.approx(400.0)
    assert atom.energy == pytest.approx(200.0) == atom.total


def test_hartree_is_the_minimum_of_the_crystal_energy():
    """The best Gaussian lies just above the Hartree energy, every other one higher."""
    potential = InversePower(1e5, 3)
    atom = hartree_chain(potential, 100.0, reach=20)

    def energy(e):
        return e / 4 + 100.0**2 / (4 * e) + 0.5 * smeared_interaction(potential, CHAIN, 1 / e)

    best = gaussian_frequencies(potential, CHAIN, 100.0)["total"]
    assert 0 <= energy(best) - atom.total < 1e-4 * best
    assert energy(0.9 * best) > energy(best) < energy(1.1 * best)
    assert atom.frequency == pytest.approx(best, rel=1e-3)


def test_hartree_field_is_that_of_the_density():
    atom = hartree_chain(STRONG, 0.0, reach=5)
    step = atom.positions[1] - atom.positions[0]
    assert np.sum(atom.density) * step == pytest.approx(1.0)
    spot = 30
    distance = atom.positions[spot] - atom.positions[:, None] - cubic_sites(1, 5)[:, 0]
    field = np.sum(STRONG(distance[..., None]) * atom.density[:, None]) * step
    assert field == pytest.approx(atom.field[spot], rel=1e-9)


def test_grid_does_not_matter():
    coarse, fine = (hartree_chain(STRONG, 50.0, points=p) for p in (61, 121))
    assert coarse.total == pytest.approx(fine.total, rel=1e-10)
    assert coarse.gap == pytest.approx(fine.gap, rel=1e-8)


def test_iteration_that_does_not_settle():
    with pytest.raises(NotConverged, match="after 2 iterations"):
        hartree_chain(InversePower(3e3, 3), 0.0, most=2)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("dimension", lambda: cubic_sites(4, 1.0)),
        ("dimension", lambda: cubic_sites(0, 1.0)),
        ("reach", lambda: cubic_sites(2, 0.0)),
        ("sites", lambda: einstein_squared(STRONG, [1.0])),
        ("mass", lambda: einstein_squared(STRONG, CHAIN, mass=0.0)),
        ("filling", lambda: einstein_squared(STRONG, CHAIN, filling=-1.0)),
        ("variance", lambda: smeared_interaction(STRONG, CHAIN, -0.1)),
        ("order", lambda: smeared_interaction(STRONG, CHAIN, 0.1, order=0)),
        ("lattice_frequency", lambda: gaussian_frequencies(STRONG, CHAIN, -1.0)),
        ("potential", lambda: gaussian_frequencies(InversePower(-1.0, 3), CHAIN, 0.0)),
        ("potential", lambda: gaussian_frequencies(InversePower(10.0, 3), CHAIN, 0.0)),
        ("sites", lambda: einstein_squared(STRONG, np.ones((2, 4)))),
        ("r", lambda: Dipoles(1.0)([1.0, 0.0])),
        ("r", lambda: InversePower(1.0, 3)([0.0, 0.0])),
        ("r", lambda: InversePower(1.0, 3).curvatures([np.nan, 1.0])),
        ("r", lambda: GaussianCore(1.0, 1.0)(2.0)),
        ("strength", lambda: Dipoles(np.nan)),
        ("strength", lambda: InversePower("1", 3)),
        ("exponent", lambda: InversePower(1.0, 0.0)),
        ("width", lambda: GaussianCore(1.0, 0.0)),
        ("r", lambda: Dipoles(1.0).curvatures([[1.0, 0.0]])),
        ("potential", lambda: hartree_chain(InversePower(-1.0, 3), 0.0)),
        ("potential", lambda: hartree_chain(InversePower(1.0, 3), 0.0)),
        ("spacing", lambda: hartree_chain(STRONG, 0.0, spacing=-1.0)),
        ("points", lambda: hartree_chain(STRONG, 0.0, points=5)),
        ("step", lambda: kinetic_matrix(10, 0.0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
