"""Dephasing, return integrals and the correction to D: limits, closed forms, slow twins."""

import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.interpolate import RectBivariateSpline
from scipy.optimize import brentq
from scipy.special import exp1, j0

from lowdim.constants import BOLTZMANN, HBAR, PS
from lowdim.exciton import cooperon
from lowdim.exciton.cooperon import (
    DERIVED,
    KERNELS,
    PRINTED,
    dephasing_exponent,
    dephasing_function,
    dephasing_time,
    logarithmic_correction,
    phonon_phase_rate,
    printed_dephasing_time,
    quantum_correction,
    return_integral,
)
from lowdim.exciton.loops import closed_loops, closed_path, field_dephasing, field_exponent
from lowdim.exciton.material import MONOLAYER

UNIT = MONOLAYER.diffusion_quantum / (2 * np.pi)


def test_phi_is_the_average_over_the_scattering_angle():
    angle = 2 * np.pi * (np.arange(400) + 0.5) / 400
    for z in (1e-3, 0.04, 0.06, 0.5, 3.0, 40.0):
        average = np.mean(2 * np.sin(z * np.sin(angle / 2) / 2) ** 2)  # 1 - cos, without cancellation
        assert math.isclose(float(dephasing_function(z)), average, rel_tol=1e-9), z


@pytest.mark.parametrize("z", [0.31, 5.0, 19.99, 20.01, 60.0, 1e3, 1e5])
def test_mean_dephasing_against_struve_functions(z):
    """Beyond 20 scipy's integral of J0 is wrong by ten powers of ten before 1.17, the oldest allowed."""
    with mpmath.workdps(30):
        x = mpmath.mpf(z)
        bessel, struve = ([f(n, x) for n in (0, 1)] for f in (mpmath.besselj, mpmath.struveh))
        exact = x * bessel[0] + mpmath.pi * x / 2 * (bessel[1] * struve[0] - bessel[0] * struve[1])
    assert math.isclose(float(cooperon._mean_dephasing(z)), float(1 - exact / x), rel_tol=1e-9)


def test_phi_begins_with_its_square():
    for z in (1e-6, 1e-3, 1e-2):
        assert math.isclose(float(dephasing_function(z)) / (z**2 / 4), 1.0, abs_tol=z**2 / 10)


@pytest.mark.parametrize("z", [1e-3, 0.1, 0.49, 0.51, 2.0, 30.0, 500.0])
def test_exponent_is_the_integral_of_phi(z):
    direct = quad(lambda y: 1 - j0(y), 0, z, limit=2000, epsabs=0, epsrel=1e-11)[0]
    found = float(dephasing_exponent(z / 3.0, 3.0, 0.7))
    assert math.isclose(found, 2 / (0.7 * 3.0) * direct, rel_tol=1e-7 if z < 0.01 else 1e-9)


def test_exponent_defines_the_dephasing_time():
    for separation in (PRINTED, 1.0, DERIVED):
        time = float(dephasing_time(MONOLAYER, 20.0, 0.7, separation))
        rate = float(phonon_phase_rate(MONOLAYER, 20.0, 0.7, separation))
        cubic = float(dephasing_exponent(0.3, rate, float(MONOLAYER.momentum_time(20.0)), expanded=True))
        assert math.isclose(cubic, 2 * (0.3 / time) ** 3, rel_tol=1e-12)


def test_printed_times_differ_by_the_cube_root_of_six():
    ratio = dephasing_time(MONOLAYER, 20.0, separation=PRINTED) / printed_dephasing_time(MONOLAYER, 20.0)
    assert math.isclose(float(ratio), 6 ** (1 / 3), rel_tol=1e-12)


def test_sharp_cut_gives_an_exponential_integral():
    for rate in (0.01, 0.5, 3.0):
        for cutoff in (0.5, 1.0):
            found = return_integral([rate], kernel="sharp", cutoff=cutoff, expanded=True)[0]
            assert math.isclose(found, exp1(rate**2 * cutoff**3 / 6) / 3, rel_tol=1e-8)


@pytest.mark.parametrize("lifetime", [0.3, 5.0, 1e3, 1e6, 1e9])
def test_lifetime_alone(lifetime):
    """Frullani: ln(1 + tau_r/tau); ln 2 - ln(1 + 1/(1 + tau_r/tau)...) less for the other directions."""
    slow = [1e-7 * min(1, (1e3 / lifetime) ** 2)]
    back = return_integral(slow, lifetime=lifetime, kernel="backscattering")[0]
    assert math.isclose(back, math.log1p(lifetime), abs_tol=1e-6)
    both = return_integral(slow, lifetime=lifetime, kernel="ballistic")[0]
    other = math.log((2 + 1 / lifetime) / (1 + 1 / lifetime))
    assert math.isclose(both, math.log1p(lifetime) - other, abs_tol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("expanded", [False, True])
def test_return_integral_against_adaptive_quadrature(kernel, expanded):
    rate, ratio, lifetime = 1.3, 0.6, 20.0

    def integrand(log_time):
        t = math.exp(log_time)
        gamma = float(dephasing_exponent(t / 2, rate, 1 / ratio, expanded))
        back = math.exp(-gamma) - (math.exp(-t) if kernel != "sharp" else 0)
        other = (1 - math.exp(-t)) * math.exp(-t - gamma) if kernel == "ballistic" else 0
        return (back - other) * math.exp(-t / lifetime)

    start = math.log(2 * 0.7) if kernel == "sharp" else -20
    slow = quad(integrand, start, 6, limit=400, epsabs=1e-10)[0]
    fast = return_integral([rate], ratio, lifetime, kernel, cutoff=0.7, expanded=expanded)[0]
    assert math.isclose(fast, slow, abs_tol=2e-8)


@pytest.mark.parametrize("rate, collisions", [(3.5, 14), (1.5, 20)])
def test_return_integral_against_loops_one_by_one(rate, collisions):
    """The kernel takes collision times and angles as independent of the closing; measured: 2 per cent."""
    value, error, total = closed_loops(rate, collisions, 6000, np.random.default_rng(3), closing=False)
    assert abs(value.sum() - return_integral([rate])[0]) < 4 * total + 0.03
    back = return_integral([rate], kernel="backscattering")[0]
    assert abs(value[0] - back) < 4 * error[0] + 0.08
    # the cut is what the loops decide: with the printed phase the integral would be far larger
    assert return_integral([rate * PRINTED / DERIVED])[0] - value.sum() > 0.5


def test_only_phonons_dephase():
    """Disorder enters the flights and not the phase, loop by loop."""
    rate, ratio = 3.0, 0.1
    rng = np.random.default_rng(4)
    value, _, error = closed_loops(rate, 40, 2500, rng, phonon_ratio=ratio, closing=False)
    assert abs(value.sum() - return_integral([rate], ratio)[0]) < 4 * error + 0.05
    assert return_integral([rate], ratio)[0] - return_integral([rate])[0] > 0.8


def test_high_temperature_constants():
    """(1/3) ln(3/4 gamma^2) for the sharp cut at t = tau; plus Euler's constant for the ballistic kernel."""
    hot = [1e9]
    for separation in (PRINTED, DERIVED):
        excess = {
            kernel: float(
                (logarithmic_correction(MONOLAYER, hot) - quantum_correction(
                    MONOLAYER, hot, separation=separation, kernel=kernel))[0] / UNIT
            )
            for kernel in KERNELS
        }  # fmt: skip
        sharp = math.log(3 / (4 * separation**2)) / 3
        assert math.isclose(excess["sharp"], sharp, abs_tol=2e-3)
        assert math.isclose(excess["ballistic"], sharp + np.euler_gamma, abs_tol=2e-3)
        assert math.isclose(excess["backscattering"], sharp + np.euler_gamma + math.log(2), abs_tol=2e-3)


@pytest.mark.parametrize("disorder, lifetime", [(np.inf, np.inf), (1.0, np.inf), (0.4, 5.0)])
def test_energy_average_against_quadrature(disorder, lifetime):
    kelvin = 10.0
    phonons = float(MONOLAYER.momentum_time(kelvin))
    tau = 1 / (1 / phonons + 1 / disorder)

    def at_energy(root):  # u = root^2 tames the logarithm
        energy = root**2
        rate = float(phonon_phase_rate(MONOLAYER, kelvin, energy)) * tau
        return 2 * root * math.exp(-energy) * return_integral([rate], tau / phonons, lifetime / tau)[0]

    slow = quad(at_energy, 1e-9, 6, limit=100, epsabs=1e-8)[0]
    fast = quantum_correction(MONOLAYER, [kelvin], disorder, lifetime)[0]
    assert math.isclose(float(fast), -UNIT * slow, rel_tol=1e-6)


def mean_square_phase(path, length, sound):
    """Over fields of unit strength, exactly: the correlator summed over pairs of points of both senses."""
    q = (np.arange(400) + 0.5) * 0.015
    distance, lag = np.linspace(0, 9, 120), np.linspace(0, 1.01 * length * sound, 120)
    waves = 0.015 * q * np.exp(-(q**2) / 2)
    table = np.einsum("q,rq,uq->ru", waves, j0(distance[:, None] * q), np.cos(lag[:, None] * q))
    correlator = RectBivariateSpline(distance, lag, table)
    interval = length / len(path)
    time = (np.arange(len(path)) + 0.5) * interval - length / 2
    apart = np.linalg.norm(path[:, None] - path, axis=-1)
    near = apart < 9
    same, other = (np.abs(time[:, None] + sign * time)[near] for sign in (-1, 1))
    pairs = correlator.ev(apart[near], sound * same) - correlator.ev(apart[near], sound * other)
    return 2 * interval**2 * pairs.sum()


def test_the_derived_separation_is_what_the_field_does():
    """The separation that explains the mean square phase of closed paths in moving fields is `DERIVED`."""
    flight, sound, strength, found = 80.0, 0.005, 0.02, []
    for n in range(6):
        path, length = closed_path(6, flight, 0.4, np.random.default_rng([11, n]))
        exponent = strength**2 * mean_square_phase(path, length, sound) / 2
        half = length / 2
        found.append(brentq(lambda g, e=exponent, t=half: field_exponent(t, sound, strength, g) - e, 0.1, 9))
        if n == 0:  # `field_dephasing` samples the same fields
            rng = np.random.default_rng(5)
            sampled = [field_dephasing(path, length, sound, strength, 300, 60, rng) for _ in range(8)]
            assert np.mean(np.square(sampled)) / 2 == pytest.approx(exponent, rel=0.25)
    # paths that cross themselves meet a place twice; most do not
    assert DERIVED == pytest.approx(np.median(found), rel=0.01)


def test_the_printed_separation_is_that_of_the_printed_square():
    """Phi = eps M s^2 t^2/2 hbar^2 is a quarter of the square of the phase rate at this separation."""
    rate = float(phonon_phase_rate(MONOLAYER, 20.0, 0.7, PRINTED))
    energy = 0.7 * 20.0 * BOLTZMANN / HBAR * PS  # eps/hbar in 1/ps
    stiffness = MONOLAYER.sound_temperature * BOLTZMANN / HBAR * PS  # M s^2/hbar
    assert math.isclose(rate**2 / 4, energy * stiffness / 2, rel_tol=1e-12)


def test_less_dephasing_means_more_correction():
    temperature = [3.0, 30.0, 300.0]
    full = quantum_correction(MONOLAYER, temperature)
    assert np.all(quantum_correction(MONOLAYER, temperature, separation=PRINTED) < full)
    assert np.all(quantum_correction(MONOLAYER, temperature, lifetime=2.0) > full)
    assert np.all(full < 0)
    assert np.all(quantum_correction(MONOLAYER, temperature, disorder_time=1.0) < full)


def test_grids_are_fine_enough(monkeypatch):
    coarse = quantum_correction(MONOLAYER, [3.0, 100.0], disorder_time=1.0)
    monkeypatch.setattr(cooperon, "_LOG_ENERGY", np.arange(-40.0, 4.6, 0.1))
    monkeypatch.setattr(cooperon, "_FIRST_LOG_TIME", -40.0)
    monkeypatch.setattr(cooperon, "_LOG_STEP", 0.04)
    monkeypatch.setattr(cooperon, "_NEGLIGIBLE", 400.0)
    assert np.allclose(quantum_correction(MONOLAYER, [3.0, 100.0], disorder_time=1.0), coarse, rtol=1e-6)


@pytest.mark.parametrize("bad", [0, -1.0, np.nan])
def test_bad_input(bad):
    with pytest.raises(ValueError, match="temperature: expected"):
        quantum_correction(MONOLAYER, [bad])
    with pytest.raises(ValueError, match="separation: expected"):
        dephasing_time(MONOLAYER, 10.0, separation=bad)
    with pytest.raises(ValueError, match="lifetime: expected"):
        return_integral([1.0], lifetime=bad)
    with pytest.raises(ValueError, match="cutoff: expected"):
        return_integral([1.0], cutoff=bad)
    with pytest.raises(ValueError, match="phase_rate: expected"):
        return_integral([bad])
    with pytest.raises(ValueError, match="phonon_time: expected"):
        dephasing_exponent(1.0, 1.0, bad)
    with pytest.raises(ValueError, match="disorder_time: expected"):
        quantum_correction(MONOLAYER, [10.0], disorder_time=bad)


def test_more_bad_input():
    with pytest.raises(ValueError, match="kernel: expected"):
        return_integral([1.0], kernel="square")
    with pytest.raises(ValueError, match="phonon_ratio: expected"):
        return_integral([1.0], phonon_ratio=1.5)
    with pytest.raises(ValueError, match="half_duration: expected"):
        dephasing_exponent(-1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="half_duration: expected"):
        dephasing_exponent("long", 1.0, 1.0)
    with pytest.raises(ValueError, match="phase_rate: expected"):
        dephasing_exponent(1.0, -1.0, 1.0)
    with pytest.raises(ValueError, match="phase: expected"):
        dephasing_function([0.0, np.nan])
    with pytest.raises(ValueError, match="phase: expected"):
        dephasing_function("far")
    for bad in ("long", -np.inf, [1.0, 2.0]):
        with pytest.raises(ValueError, match="disorder_time: expected"):
            quantum_correction(MONOLAYER, [10.0], disorder_time=bad)
    for bad in (-1, "long", np.nan):
        with pytest.raises(ValueError, match="lifetime: expected .*, got (-1|'long'|nan)"):
            quantum_correction(MONOLAYER, [10.0], lifetime=bad)
