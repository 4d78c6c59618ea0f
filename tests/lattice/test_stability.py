"""Thresholds, pinning and states: limits, the Debye closed forms, self-consistent crystals, refusals."""

import numpy as np
import pytest
from scipy.special import ndtr

from lowdim.errors import NotConverged
from lowdim.lattice.brillouin import converged_average
from lowdim.lattice.crystals import CRYSTALS, kinetic_scale
from lowdim.lattice.dynamics import displacement_weights, dynamical_matrix, lattice, pair_hessians
from lowdim.lattice.errors import Divergent, Unstable
from lowdim.lattice.ewald import charge_matrix
from lowdim.lattice.selfconsistent import PairPotential, gaussian_average, lennard_jones, self_consistent
from lowdim.lattice.stability import (
    STATES,
    classify,
    critical_pinning,
    debye_ratio,
    lindemann_ratio,
    threshold,
)

FCC = lattice("fcc")
SPRING = PairPotential(lambda r: (r - 1) ** 2 / 2, lambda r: r - 1, lambda r: 1 + 0 * r)


@pytest.mark.parametrize("ratio", [0.5, 0.28])
def test_debye_thresholds(ratio):
    for d in (2, 3):
        assert threshold(d, ratio, exact=False) == pytest.approx(d**2 / ((d - 1) * ratio**2))
    for t in (30.0, 100.0):
        assert threshold(3, ratio, t, exact=False) == pytest.approx(18 * t / ratio**2, rel=1e-3)


@pytest.mark.parametrize(("d", "t"), [(2, 0.0), (3, 0.0), (3, 0.4), (3, 5.0)])
def test_ratio_at_the_threshold_is_the_ratio(d, t):
    critical = threshold(d, 0.3, t)
    assert lindemann_ratio(d, critical, t * critical) == pytest.approx(0.3, rel=1e-12)
    assert lindemann_ratio(d, critical, t * critical) > debye_ratio(d, critical, t * critical)


@pytest.mark.parametrize(
    ("d", "debye", "temperature"), [(1, 5.0, 0.0), (2, 10.0, 0.0), (3, 10.0, 3.0), (3, 0.0, 100.0)]
)
def test_critical_pinning_brings_the_ratio(d, debye, temperature):
    pinning = critical_pinning(d, debye, temperature, 0.4)
    assert lindemann_ratio(d, debye, temperature, pinning) == pytest.approx(0.4, rel=1e-10)


def test_no_pinning_needed_above_the_threshold():
    assert critical_pinning(3, 22.0) == 0.0
    assert critical_pinning(2, 18.3) == 0.0
    assert critical_pinning(2, 18.2) > 0.0


def test_states_of_the_corners():
    states = [classify(3, t, p) for t, p in ((0.01, 0.1), (0.1, 0.01), (0.1, 1e3), (1e3, 0.1), (1e4, 1e3))]
    assert states == [STATES[i] for i in (0, 2, 1, 3, 3)]
    # independent sites are localised from 3/ratio^2 = 12 on
    assert [classify(3, 0.0, p) for p in (11.9, 12.1)] == [STATES[0], STATES[1]]
    with pytest.raises(ValueError, match="^pinning"):
        classify(3, 0.0, 0.0)


def test_measured_crystals_are_ordered_by_zero_point_motion():
    ratios = [crystal.debye_ratio for crystal in CRYSTALS]
    assert ratios == sorted(ratios, reverse=True)
    assert kinetic_scale(4.0026, 3.67) == pytest.approx(12.119 / (2 * 3.67**2), rel=1e-3)


def test_gaussian_average_of_a_polynomial_and_of_samples():
    rng = np.random.default_rng(7)
    bond, root = np.array([0.6, -0.8, 0.1]), np.diag([0.05, 0.08, 0.06]) + 0.01
    covariance = root @ root.T
    quadratic = PairPotential(lambda r: r**2 / 2, lambda r: r, lambda r: 1 + 0 * r)
    value, hessian = gaussian_average(bond, covariance, quadratic)
    assert value == pytest.approx((bond @ bond + np.trace(covariance)) / 2, rel=1e-9)
    assert hessian == pytest.approx(np.eye(3), abs=1e-9)
    potential = lennard_jones(0.8)
    samples = bond + rng.standard_normal((400_000, 3)) @ root.T
    direct = pair_hessians(samples, potential.first, potential.second)
    value, hessian = gaussian_average(bond, covariance, potential, core=0.4)
    spread = direct.std(axis=0) / np.sqrt(len(samples))
    assert np.all(np.abs(direct.mean(axis=0) - hessian) < 5 * spread)


def test_heavy_atoms_are_harmonic():
    bonds = FCC.bonds(1.0)
    hessians = pair_hessians(bonds, SPRING.first, SPRING.second)
    mass = 1e10

    def weights(k):
        green = displacement_weights(dynamical_matrix(k, bonds, hessians), 0.0, mass)
        return np.trace(green, axis1=1, axis2=2)

    harmonic, _ = converged_average(weights, FCC.reciprocal, 1, 1e-8)
    result = self_consistent(FCC, SPRING, mass, radius=1.0, averaged=1.0, order=12)
    assert result.ratio**2 == pytest.approx(float(harmonic), rel=1e-4)
    assert result.covariance == pytest.approx(np.eye(3) * result.ratio**2 / 3, abs=1e-6 * result.ratio**2)


def test_classical_limit_is_equipartition():
    result = self_consistent(FCC, lennard_jones(0.9), 1e11, temperature=0.01, core=0.6)
    assert result.kinetic == pytest.approx(1.5 * 0.01, rel=1e-4)


def test_energy_is_stationary_in_the_amplitude():
    # Hellmann-Feynman, dE/dm = -K/m, is true only at the minimum of the bound
    a = self_consistent(FCC, lennard_jones(0.87), 60.0, core=0.5, tolerance=1e-9)
    b = self_consistent(FCC, lennard_jones(0.87), 61.0, core=0.5, tolerance=1e-9)
    assert b.energy - a.energy == pytest.approx(-(a.kinetic / 60 + b.kinetic / 61) / 2, rel=2e-4)


def test_weight_of_the_core_is_that_of_the_relative_motion():
    """Neighbours move apart by less than if they were independent, and by more than one of them alone."""
    results = [self_consistent(FCC, lennard_jones(0.8), 12.0, core=core) for core in (0.64, 0.72)]
    for core, result in zip((0.64, 0.72), results, strict=True):
        alone, independent = np.sqrt(result.covariance[0, 0] * np.array([1, 2]))
        assert ndtr((core - 1) / alone) < result.core_weight < ndtr((core - 1) / independent)
    assert results[0].core_weight < results[1].core_weight


def test_too_light_a_crystal_melts():
    with pytest.raises((Unstable, NotConverged)):
        self_consistent(FCC, lennard_jones(0.7), 0.5, core=0.5)


def test_background_of_charges_is_the_harmonic_limit():
    coulomb = PairPotential(lambda r: 1 / r, lambda r: -1 / r**2, lambda r: 2 / r**3)
    triangular = lattice("triangular")
    heavy = self_consistent(
        triangular, coulomb, 1e9, core=0.3, background=lambda k: charge_matrix(k, triangular), order=14
    )
    assert heavy.ratio**2 * np.sqrt(1e9) == pytest.approx(0.69686849, rel=1e-4)
    assert np.isnan(heavy.energy)


@pytest.mark.parametrize(
    ("name", "temperature", "growth"),
    [("chain", 0.0, "logarithm"), ("chain", 0.5, "with the size"), ("triangular", 0.5, "logarithm")],
)
def test_infinite_displacements_of_crystals_raise(name, temperature, growth):
    dipoles = PairPotential(lambda r: r**-3, lambda r: -3 * r**-4, lambda r: 12 * r**-5)
    with pytest.raises(Divergent, match=growth):
        self_consistent(lattice(name), dipoles, 300.0, temperature, core=0.3)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: lindemann_ratio(4, 1.0), "dimension"),
        (lambda: lindemann_ratio(0, 1.0), "dimension"),
        (lambda: lindemann_ratio(3, 1.0, -1.0), "temperature"),
        (lambda: lindemann_ratio(3, -1.0), "debye_temperature"),
        (lambda: threshold(3, 0.0), "ratio"),
        (lambda: threshold(3, 0.5, -0.1), "relative_temperature"),
        (lambda: critical_pinning(3, 1.0, 0.0, -0.5), "ratio"),
        (lambda: self_consistent(FCC, SPRING, 0.0), "mass"),
        (lambda: self_consistent(FCC, SPRING, 1.0, -1.0), "temperature"),
        (lambda: self_consistent(FCC, SPRING, 1.0, core=1.0), "core"),
        (lambda: self_consistent("fcc", SPRING, 1.0), "crystal"),
        (lambda: self_consistent(FCC, np.sin, 1.0), "potential"),
        (lambda: self_consistent(FCC, SPRING, 1.0, radius=0.5), "radius"),
        (lambda: self_consistent(FCC, SPRING, 1.0, averaged=np.nan), "averaged"),
        (lambda: self_consistent(FCC, SPRING, 1.0, order=0), "order"),
        (lambda: self_consistent(FCC, SPRING, 1.0, background=3), "background"),
        (lambda: lennard_jones(-1.0), "diameter"),
        (lambda: kinetic_scale(0.0, 1.0), "mass"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected"):
        call()


@pytest.mark.parametrize(("d", "t"), [(1, 0.0), (1, 1.0), (2, 0.1)])
def test_no_threshold_where_the_displacement_diverges(d, t):
    for exact in (True, False):
        with pytest.raises(Divergent):
            threshold(d, 0.5, t, exact)
