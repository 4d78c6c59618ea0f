"""Constants against relations among them and against the effective units of gallium arsenide."""

import math

import numpy as np
import pytest

from lowdim import constants as c


def test_exact_constants_are_those_of_the_revised_si():
    assert c.ELEMENTARY_CHARGE == 1.602176634e-19
    assert c.BOLTZMANN == 1.380649e-23
    assert c.SPEED_OF_LIGHT == 299792458
    assert c.HBAR == pytest.approx(6.62607015e-34 / (2 * math.pi), rel=1e-15)


def test_atomic_units_follow_from_the_electron():
    # measured to 1e-10, so the relations hold to that and no further
    coulomb = c.ELEMENTARY_CHARGE**2 / (4 * math.pi * c.VACUUM_PERMITTIVITY)
    assert c.BOHR_RADIUS == pytest.approx(c.HBAR**2 / (c.ELECTRON_MASS * coulomb), rel=1e-9)
    assert c.HARTREE == pytest.approx(coulomb / c.BOHR_RADIUS, rel=1e-9)
    fine_structure = coulomb / (c.HBAR * c.SPEED_OF_LIGHT)
    assert fine_structure == pytest.approx(1 / 137.035999, rel=1e-8)


def test_masses_are_in_kilograms():
    assert c.ATOMIC_MASS / c.ELECTRON_MASS == pytest.approx(1822.888, rel=1e-6)


def test_unit_factors_turn_named_units_into_si():
    assert c.MEV == 1e-3 * c.ELEMENTARY_CHARGE
    assert (c.NM, c.PS) == (1e-9, 1e-12)
    assert c.HBAR / (c.MEV * c.PS) == pytest.approx(0.6582119569, rel=1e-9)
    assert c.HBAR * c.SPEED_OF_LIGHT / (c.MEV * c.NM) == pytest.approx(197326.9804, rel=1e-9)


def test_gallium_arsenide_has_its_effective_rydberg_and_radius():
    mass, permittivity = 0.067, 12.4
    radius = c.BOHR_RADIUS * permittivity / mass
    hartree = c.HARTREE * mass / permittivity**2
    assert radius / c.NM == pytest.approx(9.79, abs=0.01)
    assert hartree / c.MEV == pytest.approx(11.86, abs=0.01)


def test_every_public_constant_is_a_positive_finite_number():
    for name in c.__all__:
        value = getattr(c, name)
        assert isinstance(value, float)
        assert np.isfinite(value) and value > 0, name
