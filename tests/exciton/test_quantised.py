"""Quantised phonons in the dephasing of a loop: Bose factors term by term, limits, bad input."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from lowdim.exciton.boltzmann import diffusion_ratio
from lowdim.exciton.cooperon import dephasing_exponent, phonon_phase_rate
from lowdim.exciton.material import MONOLAYER
from lowdim.exciton.quantised import phonon_quantum, quantised_exponent, symmetrised_strength


def test_strength_from_occupations():
    y = np.array([0.01, 0.09, 0.11, 1.0, 5.0, 30.0])
    assert np.allclose(symmetrised_strength(y), y * (1 / np.expm1(y) + 0.5), rtol=1e-10)
    assert symmetrised_strength(1e4) == 5e3


def test_emission_and_absorption_one_by_one():
    """Both terms of a crossed line, averaged over angle and time; the odd part vanishes."""
    rate, tau, t, y0 = 1.3, 0.8, 1.7, 1.1

    def line(half_angle, time, part):
        y, phase = y0 * np.sin(half_angle), rate * np.sin(half_angle) * time
        n = 1 / np.expm1(y)
        crossed = y / 2 * (n * np.exp(1j * phase) + (n + 1) * np.exp(-1j * phase))
        return getattr(y * (n + 0.5) - crossed, part) * 2 / np.pi / tau

    real, imaginary = (
        dblquad(lambda a, time, p=part: line(a, time, p), -t, t, 1e-9, np.pi / 2, epsabs=1e-9)[0]
        for part in ("real", "imag")
    )
    assert quantised_exponent(t, rate, tau, y0) == pytest.approx(real, rel=1e-7)
    assert abs(imaginary) < 1e-8


def test_classical_limit_and_first_correction():
    times = np.array([0.0, 0.01, 0.5, 4.0, 30.0])
    assert np.allclose(
        quantised_exponent(times, 1.2, 0.7, 0.0, angles=4000), dephasing_exponent(times, 1.2, 0.7), rtol=1e-6
    )
    for y0 in (0.1, 0.2):
        ratio = quantised_exponent(1e-3, 1.0, 1.0, y0) / quantised_exponent(1e-3, 1.0, 1.0, 0.0)
        assert (ratio - 1) / (y0**2 / 16) == pytest.approx(1, abs=y0**2)


def test_same_order_as_the_inelastic_diffusion():
    kelvin = 100.0
    a, y0 = MONOLAYER.sound_temperature / kelvin, phonon_quantum(MONOLAYER, kelvin)
    assert y0**2 / 16 == pytest.approx(a / 2)
    # k s from the rate of the phases with separation 1
    assert y0 == pytest.approx(float(phonon_phase_rate(MONOLAYER, kelvin, 1.0, 1.0)) * 0.0763823, rel=1e-4)
    assert diffusion_ratio(a) - 1 == pytest.approx(a, rel=0.05)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "warm"])
def test_bad_input(bad):
    good = {"half_duration": 1.0, "phase_rate": 1.0, "phonon_time": 1.0, "quantum": 0.5, "angles": 100}
    for name in good:
        with pytest.raises(ValueError, match=f"{name}: expected"):
            quantised_exponent(**{**good, name: bad})
    with pytest.raises(ValueError, match="quantum: expected"):
        symmetrised_strength(bad)
    for name in ("temperature", "energy"):
        with pytest.raises(ValueError, match=f"{name}: expected"):
            phonon_quantum(**{"material": MONOLAYER, "temperature": 10.0, name: bad})


def test_short_phases_lose_no_digits():
    """Below a phase of 0.1 the series stands for 1 - sin(phase)/phase, which still has 13 digits here."""
    share = np.sin(np.pi * (np.arange(64) + 0.5) / 128)
    direct = np.mean(1 - np.sinc(0.099 * share / np.pi))
    assert quantised_exponent(0.099, 1.0, 2.0, 0.0, angles=64) == pytest.approx(0.099 * direct, rel=1e-10)
