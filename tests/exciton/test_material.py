"""Scales of excitons and phonons: relations between them, units, bad input."""

import math

import numpy as np
import pytest
from scipy import constants as si

from lowdim.exciton import MONOLAYER, ExcitonMaterial, thermal_time
from lowdim.exciton.material import matthiessen


def test_phonon_time_is_that_of_the_golden_rule_in_si():
    mass, potential = 0.5 * si.m_e, 7 * si.e
    # rate at 1 K: (2 pi/hbar) * (k_B T Xi^2/rho s^2) * M/(2 pi hbar^2)
    rate = si.k * potential**2 / (4.46e-6 * 4100**2) * mass / si.hbar**3
    assert math.isclose(float(MONOLAYER.momentum_time(1.0)), 1e12 / rate, rel_tol=1e-12)


def test_diffusion_does_not_depend_on_temperature_without_disorder():
    found = MONOLAYER.diffusion([1.0, 30.0, 300.0])
    assert np.allclose(found, MONOLAYER.classical_diffusion, rtol=1e-12)


def test_diffusion_over_its_quantum_is_the_quasi_classical_number():
    ratio = MONOLAYER.classical_diffusion / MONOLAYER.diffusion_quantum
    assert math.isclose(ratio, MONOLAYER.quasi_classical_number, rel_tol=1e-12)
    assert math.isclose(float(MONOLAYER.momentum_time(7.0) / thermal_time(7.0)), ratio, rel_tol=1e-12)


def test_linewidth_slope_is_hbar_over_tau_per_kelvin():
    width = si.hbar / (float(MONOLAYER.momentum_time(20.0)) * 1e-12) / si.e * 1e6
    assert math.isclose(MONOLAYER.linewidth_slope, width / 20, rel_tol=1e-12)


def test_disorder_adds_its_rate():
    temperature = np.array([1.0, 22.0, 300.0])
    total = MONOLAYER.momentum_time(temperature, 1.0)
    assert np.allclose(1 / total, 1 + 1 / MONOLAYER.momentum_time(temperature), rtol=1e-12)
    assert np.all(total < 1)
    cold = MONOLAYER.diffusion([1e-4, 2e-4], 1.0)
    assert math.isclose(cold[1] / cold[0], 2.0, rel_tol=1e-4)


def test_dependence_on_each_parameter():
    def stretched(**factor):
        base = {"mass": 0.5, "sound_velocity": 4.1e3, "mass_density": 4.46e-6, "deformation_potential": 7.0}
        return ExcitonMaterial(**{name: value * factor.get(name, 1) for name, value in base.items()})

    powers = {"mass": -2, "mass_density": 1, "deformation_potential": -2, "sound_velocity": 0}
    for name, power in powers.items():
        ratio = stretched(**{name: 3.0}).phonon_time / MONOLAYER.phonon_time
        assert math.isclose(ratio, 3.0**power, rel_tol=1e-12), name


@pytest.mark.parametrize("name", ["mass", "sound_velocity", "mass_density", "deformation_potential"])
@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf, "heavy"])
def test_material_refuses_what_is_not_positive(name, bad):
    good = {"mass": 0.5, "sound_velocity": 4e3, "mass_density": 4e-6, "deformation_potential": 7.0}
    with pytest.raises(ValueError, match=f"{name}: expected"):
        ExcitonMaterial(**{**good, name: bad})


@pytest.mark.parametrize("bad", [0.0, -3.0, [1.0, -1.0], np.nan])
def test_temperatures_and_times_must_be_positive(bad):
    with pytest.raises(ValueError, match="temperature: expected"):
        MONOLAYER.momentum_time(bad)
    with pytest.raises(ValueError, match="temperature: expected"):
        thermal_time(bad)
    if np.ndim(bad) == 0:
        with pytest.raises(ValueError, match="disorder_time: expected"):
            MONOLAYER.diffusion(10.0, disorder_time=bad)


def test_infinite_times_are_no_scattering():
    assert matthiessen(2.0, np.inf) == 2.0
