"""Coherent backscattering: reciprocity, sums over paths drawn one by one, and the stored ensembles."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import fresnel, jv

from lowdim.exciton.backscatter import PlaneWaves, backscattering, contrast, run_backscattering
from lowdim.exciton.cooperon import DERIVED, PRINTED, dephasing_exponent
from lowdim.exciton.ensemble import jackknife
from lowdim.exciton.phononfield import PhononField
from lowdim.exciton.separation import fit_separation
from lowdim.exciton.shelltheory import (
    _bessel_integrals,
    _sums,
    _weakened,
    expected_contrast,
    single_share,
    single_weakening,
)
from lowdim.exciton.wavepacket import evolve
from lowdim.stored import load_stored

TAU, SOUND = 6.0, 0.24 / np.sqrt(2) / 6.0
SMALL = PlaneWaves(3.0, (0.0, 0.08), duration=18.0, every=8, norm=65, points=48)


# the experiment ---------------------------------------------------------------------------------------


def amplitudes(waves, field, potential):
    """<k'|U|k> between all directions of the shell, shape (d, d): initial, final."""
    where = waves.directions
    states = np.zeros((len(where), waves.points, waves.points), complex)
    states[np.arange(len(where)), where[:, 0], where[:, 1]] = 1
    *_, last = evolve(states, potential, waves.grid, step=0.1, steps=60)
    return last[:, where[:, 0], where[:, 1]]


def test_reciprocity_holds_in_the_frozen_potential_only():
    field = PhononField(SMALL.grid, 3.0, np.random.default_rng(3), single=False)
    opposite = np.arange(len(SMALL.directions))[::-1]
    frozen = amplitudes(SMALL, field, field.frozen()[0])
    reversed_ = frozen[np.ix_(opposite, opposite)].T
    assert np.allclose(frozen, reversed_, atol=1e-12)
    moving = amplitudes(SMALL, field, (pair[0] for pair in field.midpoints(0.2, 0.1)))
    assert np.abs(moving - moving[np.ix_(opposite, opposite)].T).max() > 0.1 * np.abs(moving).max()


def test_directions_have_one_energy_and_come_with_their_opposites():
    waves = PlaneWaves(6.0, (0.0,), duration=12.0)
    where = waves.directions
    assert np.allclose(waves.grid.kinetic[where[:, 0], where[:, 1]], 1)
    assert np.array_equal(where[::-1], -where)
    cosine = where @ where.T / 325
    assert np.all(cosine[waves.others] > -0.7) and not np.any(np.diag(waves.others))
    assert waves.steps * waves.step == waves.time[-1] == 12.0


def test_angles_are_those_of_the_other_directions():
    """From the polar angles of the directions; the forward and the nearly backward ones are left out."""
    waves = PlaneWaves(6.0, (0.0,), duration=12.0, norm=125, points=72)
    angle = np.arctan2(*waves.directions.T[::-1])
    turn = np.abs(np.angle(np.exp(1j * np.subtract.outer(angle, angle))))
    kept = turn[(turn > 1e-6) & (np.cos(turn) > -0.7)]
    assert np.allclose(np.sort(waves.angles), np.sort(kept), atol=1e-7)
    assert len(kept) < len(waves.directions) * (len(waves.directions) - 2)


def test_probabilities_against_a_single_wave_by_hand():
    """One initial wave at a time, the moving potential kept as a list, everything in double precision."""
    waves = PlaneWaves(3.0, (0.1,), duration=4.0, every=8, norm=65, points=48, single=False)
    back, side = backscattering(waves, 4)
    field = PhononField(waves.grid, 3.0, np.random.default_rng(4), cutoff=2.3 * np.sqrt(2), single=False)
    met = [u for u, _ in zip(field.midpoints(0.1, 0.25), range(16), strict=False)]
    found = {"back": [], "side": []}
    for p in range(2):
        for start in waves.directions:
            wave = np.zeros((48, 48), complex)
            wave[tuple(start)] = 1
            *_, last = evolve(wave, iter([u[p, 0] for u in met]), waves.grid, step=0.25, steps=16)
            density = np.abs(last) ** 2
            found["back"].append(density[tuple(-start)])
            cosine = waves.directions @ start / 65
            for end in waves.directions[(cosine > -0.7) & (cosine < 0.99)]:
                found["side"].append(density[tuple(end)])
    assert back[0, -1] == pytest.approx(np.mean(found["back"]), rel=1e-10)
    assert side[0, -1] == pytest.approx(np.mean(found["side"]), rel=1e-10)


def test_a_small_ensemble_follows_the_theory():
    runs = run_backscattering(SMALL, range(40))
    value, error = jackknife(runs[..., 3:], contrast)
    time = SMALL.time[3:]
    frozen, moving = (expected_contrast(time, 3.0, s) for s in SMALL.sounds)
    assert np.all(error < 0.25)
    # 1/(k l) = 1/6 is left out of the theory
    assert np.all(np.abs(value[0] - frozen) < 4 * error[0] + 1 / 6)
    assert np.all(np.abs(value[1] - moving) < 4 * error[1] + 1 / 6)
    assert np.all(value[0, -2:] - value[1, -2:] > 0.4)


def test_runs_are_reproducible_through_joblib():
    quick = PlaneWaves(3.0, (0.0,), duration=4.0, every=8, norm=65, points=48)
    assert np.array_equal(run_backscattering(quick, [1, 2]), run_backscattering(quick, [1, 2], n_jobs=2))


class PlainNumpy:
    """numpy under another name: takes the path of torch and cupy."""

    def __getattr__(self, name):
        return getattr(np, name)


def test_any_namespace():
    waves = PlaneWaves(3.0, (0.0, 0.1), duration=4.0, every=8, norm=65, points=48, single=False)
    assert np.allclose(backscattering(waves, 4, PlainNumpy()), backscattering(waves, 4), rtol=1e-10, atol=0)


# the theory -------------------------------------------------------------------------------------------


def paths_one_by_one(duration, tau, sound, separation, rng, n=400_000):
    """Crossed sum, ladder to -k and ladder to all directions, paths drawn collision by collision."""
    inside = duration * rng.random(n)
    collisions = rng.poisson(inside / tau)
    most = collisions.max()
    angle = rng.uniform(0, 2 * np.pi, (n, most + 1))
    times = np.sort(np.where(np.arange(most) < collisions[:, None], rng.random((n, most)), np.inf), axis=1)
    times = np.where(np.isfinite(times), (times - 0.5) * inside[:, None], 0.0)
    angle[:, 0] = 0
    sums = []
    for end, crossed in ((np.pi, True), (np.pi, False), (None, False)):
        turned = angle.copy()
        if end is not None:
            turned[np.arange(n), collisions] = end
        omega = 2 * np.sqrt(2) * sound * np.abs(np.sin(np.diff(turned, axis=1) / 2))
        lag = separation * times if crossed else (duration - inside)[:, None]
        factor = np.where(np.arange(most) < collisions[:, None], np.cos(omega * lag), 1.0).prod(axis=1)
        weight = np.exp((inside - duration) / tau) * (collisions >= (2 if crossed else 1))
        # a Poisson number of collisions carries exp(-T'/tau)
        sums.append((factor * weight).mean())
    return (sums[0] + sums[1]) / sums[2] - 1


@pytest.mark.parametrize("separation", [DERIVED, 1.0, PRINTED])
@pytest.mark.parametrize("depth", [2.0, 6.0])
def test_expected_contrast_against_paths_one_by_one(separation, depth):
    rng = np.random.default_rng(8)
    found = paths_one_by_one(depth * TAU, TAU, SOUND, separation, rng)
    expected = expected_contrast([depth * TAU], TAU, SOUND, separation, vertex=False)
    assert found == pytest.approx(expected[0], abs=0.015)


def test_frozen_contrast_lacks_the_single_collisions():
    depth = np.array([0.01, 0.5, 2.0, 8.0])
    leading = 1 - single_share(depth)
    assert np.allclose(expected_contrast(depth * TAU, TAU, 0.0, vertex=False), leading, atol=1e-9)
    weakened = leading + single_share(depth) * single_weakening(depth, TAU)
    assert np.allclose(expected_contrast(depth * TAU, TAU, 0.0), weakened, atol=1e-9)
    direct = [
        quad(lambda u, x=x: u * np.exp(-x), 0, x)[0] / quad(lambda u, x=x: np.expm1(u) * np.exp(-x), 0, x)[0]
        for x in depth
    ]
    assert np.allclose(single_share(depth), direct, rtol=1e-9)


@pytest.mark.parametrize("sound", [0.0, SOUND])
def test_weakened_single_collisions_against_a_double_sum(sound):
    """The three integrals one by one, the inner two as a plain sum over times."""
    duration, rate = 3 * TAU, 2 * np.sqrt(2) * sound
    times = (np.arange(600) + 0.5) * duration / 600

    def inner(u):
        middle = u + (np.arange(600) + 0.5) * (duration - 2 * u) / 600
        return np.cos(rate * (times[:, None] - middle)).mean() * duration * (duration - 2 * u)

    direct = quad(lambda r: 2 * inner(r * r), 0, np.sqrt(duration / 2), epsrel=1e-6)[0]
    expected = -direct / (2 * np.sqrt(2 * np.pi * 2 * TAU) * TAU**1.5)
    assert _weakened(duration, TAU, rate, 64) == pytest.approx(expected, rel=1e-4)


def pair_around_a_collision(duration, tau, theta=np.pi):
    """2 Re of the path a-b-a over the single collision by theta, with all flights; frozen, energy 1.

    The sum over momenta is a Gaussian integral in time; s and d are sum and difference of both flights.
    """
    y, weight = np.polynomial.legendre.leggauss(400)
    s, weight = duration * (y + 1) ** 2 / 4, weight * duration * (y + 1) / 2
    half = np.sin(theta / 2)
    sine, cosine = fresnel(half * np.sqrt(2 * s / np.pi))
    over_d = 2 * np.sqrt(s) / half * np.sqrt(np.pi / 2) * (cosine + 1j * sine)
    over_d *= np.exp(1j * s * np.cos(theta / 2) ** 2)
    return float(-2 * np.real(np.sum(weight * (duration - s) / (4j * np.pi * s) * over_d)) / (duration * tau))


def test_weakening_is_the_first_term_for_long_flights():
    """Its own next term falls as the inverse root of energy times duration."""
    left = []
    for duration in (1e2, 1e4):
        ratio = pair_around_a_collision(duration, 50.0) / single_weakening(duration / 50.0, 50.0)
        left.append(1 - float(ratio))
    assert 0 < left[0] < 0.2
    assert left[1] == pytest.approx(left[0] / 10, rel=0.25)


def crossed_pairs(duration, tau, theta, cutoff=2.3, points=500, angles=360):
    """Crossed less single-counted pairs of collisions over single ones, all intermediate momenta summed."""
    k = np.sqrt(2)
    radius = (np.arange(points) + 0.5) * (1 + cutoff) * k / points
    turn = (np.arange(angles) + 0.5) * 2 * np.pi / angles
    x, y = radius[:, None] * np.cos(turn), radius[:, None] * np.sin(turn)
    end = k * np.array([np.cos(theta), np.sin(theta)])
    reached = np.hypot(x - k, y) <= cutoff * k
    reached &= np.hypot(x - end[0], y - end[1]) <= cutoff * k

    def flight(off):
        a = 1j * np.where(np.abs(off) < 1e-4, 1e-4, off)
        return duration / a - (1 - np.exp(-a * duration)) / a**2

    there = flight((x**2 + y**2) / 2 - 1)
    back = flight(((k + end[0] - x) ** 2 + (end[1] - y) ** 2) / 2 - 1)
    weight = radius[:, None] * reached * (1 + cutoff) * k / points / angles / (2 * np.pi) / tau
    return float((weight * (there * back.conj()).real).sum()) / duration**2


def test_early_frozen_contrast_is_that_of_second_order():
    """At half and one mean free time, against the whole second order of perturbation theory."""
    run = stored("backscattering3")
    value, error = jackknife(np.array(run["blocks"])[..., 1:3], contrast)
    tau, time = 3.0, np.array(run["time"])[1:3]
    angles, often = np.unique(np.round(settings_of(run).angles, 9), return_counts=True)
    for measured, spread, t in zip(value[0], error[0], time, strict=True):
        back = crossed_pairs(t, tau, np.pi)
        side = np.average([crossed_pairs(t, tau, a) for a in angles], weights=often)
        around = np.average([pair_around_a_collision(t, tau, a) for a in angles], weights=often)
        expected = back - side + pair_around_a_collision(t, tau) - around
        share = float(single_share(t / tau))
        # what is beyond the second order enters with the share of more collisions
        assert abs(measured - expected * share - (1 - share - share * t / tau / 3)) < 4 * spread
        assert abs(measured - (1 - share)) > 8 * spread


def test_the_exponent_of_the_crossed_sum_is_that_of_the_cooperon():
    """At m = 0: visits = T'/tau - Gamma, from the series of Bessel functions here and from Struve's there."""
    half = np.array([0.7, 3.0, 40.0])
    rate = 2 * DERIVED * np.sqrt(2) * SOUND
    visits = 2 / (TAU * rate) * _bessel_integrals(np.array([0, 2]), rate * half)
    assert np.allclose(visits[0], 2 * half / TAU - dephasing_exponent(half, rate, TAU), rtol=1e-10)
    assert visits[1, 2] == pytest.approx(2 / TAU * quad(lambda t: jv(2, rate * t), 0, 40)[0], rel=1e-8)


def test_less_than_half_of_the_separation_would_break_the_bound_of_interference():
    """Crossed terms above the ladder's are impossible; the printed phase allows them."""
    depth = np.linspace(4, 10, 13) * TAU
    ladder = 1 - single_share(depth / TAU)
    assert np.all(expected_contrast(depth, TAU, SOUND, vertex=False) < ladder)
    assert np.any(expected_contrast(depth, TAU, SOUND, PRINTED, vertex=False) > 1.01)


def test_given_angles_replace_all_directions():
    every = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    free = expected_contrast([20.0], TAU, SOUND)
    assert np.allclose(expected_contrast([20.0], TAU, SOUND, angles=every), free, rtol=1e-9)
    assert not np.allclose(expected_contrast([20.0], TAU, SOUND, angles=[0.3]), free, rtol=1e-4)


# the fit ----------------------------------------------------------------------------------------------


def test_the_fit_finds_what_was_put_in():
    rng, time = np.random.default_rng(2), np.arange(3, 9) * TAU

    def theory(gamma):
        return expected_contrast(time, TAU, SOUND, gamma)

    for truth in (DERIVED, 1.0):
        common = rng.standard_normal((60, 1))  # times are correlated
        blocks = theory(truth) + 0.1 * (rng.standard_normal((60, 6)) + common)
        found = fit_separation(blocks, lambda mean: mean, theory, theory_error=0.02)
        assert 0.005 < found.statistical < 0.1
        assert abs(found.separation - truth) < 4 * found.statistical
        assert found.theoretical == pytest.approx(0.02 * found.separation)
        assert found.candidates.tolist() == [0.5, 1.0, 2.0]
        right, wrong = (1, 2) if truth == 1.0 else (2, 1)
        assert found.chi_square[right] < 20 and found.chi_square[wrong] > 40


def test_the_error_of_the_fit_is_that_of_the_statistic():
    """One value that is the separation itself, and not linear in the few blocks."""
    blocks = 1.2 + 0.1 * np.random.default_rng(4).standard_normal((6, 1))
    found = fit_separation(blocks, lambda m: m**2, lambda g: np.array([g]))
    value, error = jackknife(blocks, lambda m: m**2)
    assert found.separation == pytest.approx(value[0], rel=1e-4)
    assert found.statistical == pytest.approx(error[0], rel=0.01)


def test_harmonics_of_long_loops_add_up_to_the_cosine():
    """One collision at u leaves cos(q(T - u)) of the ladder to -k: its integral is (1 - cos qT)/q^2."""
    weak, none = 1e9, np.array([])
    for duration, rate in ((30.0, 1.0), (6.0, 4.0)):
        ladder = _sums(duration, weak, rate, 1.0, none, none, 200)[1]
        assert weak * ladder == pytest.approx((1 - np.cos(rate * duration)) / rate**2, rel=1e-4)


def test_chi_square_of_the_truth_has_its_mean():
    rng = np.random.default_rng(9)
    values = []
    for _ in range(200):
        blocks = 2.0 + rng.standard_normal((30, 4)) + rng.standard_normal((30, 1))
        found = fit_separation(blocks, lambda m: m, lambda g: np.full(4, g), candidates=[2.0])
        values.append(found.chi_square[0])
    assert np.mean(values) == pytest.approx(4, abs=0.7)


# the stored ensembles ---------------------------------------------------------------------------------


def stored(name):
    return load_stored("exciton", f"{name}.json")


def settings_of(run):
    return PlaneWaves(**{k: tuple(v) if isinstance(v, list) else v for k, v in run["settings"].items()})


def test_a_stored_pair_can_be_made_again():
    run = stored("backscattering6")
    waves = settings_of(run)
    again = np.array(backscattering(waves, [run["seed"], 0, 0])) * 1e3
    assert np.allclose(again, run["sample"], rtol=2e-3, atol=1e-4)
    assert np.allclose(waves.time, run["time"])


@pytest.mark.parametrize("name", ["backscattering3", "backscattering6", "backscattering12"])
def test_stored_contrast_demands_the_derived_separation(name):
    run = stored(name)
    blocks, time, tau = np.array(run["blocks"]), np.array(run["time"]), run["settings"]["relaxation"]
    assert run["potentials"] == 2 * run["pairs_per_block"] * len(blocks) >= 60
    assert run["processor_seconds"] > 0
    late = np.array([4, 7, 10, 13, 16])
    angles = settings_of(run).angles
    frozen, error = jackknife(blocks[..., late], lambda m: contrast(m)[0])
    assert np.all(np.abs(frozen - expected_contrast(time[late], tau, 0.0)) < 4 * error + 1 / (2 * tau))
    # the gap at two mean free times, and what closes it
    assert time[late[0]] == 2 * tau
    assert abs(frozen[0] - expected_contrast([2 * tau], tau, 0.0)[0]) < 2 * error[0]
    assert expected_contrast([2 * tau], tau, 0.0, vertex=False)[0] - frozen[0] > 2.5 * error[0]
    for c, sound in enumerate(run["settings"]["sounds"][1:], 1):
        found = fit_separation(
            blocks,
            lambda m, c=c: contrast(m[..., late])[c] / contrast(m[..., late])[0],
            lambda g, s=sound: (
                expected_contrast(time[late], tau, s, g, angles=angles)
                / expected_contrast(time[late], tau, 0.0, angles=angles)
            ),
            theory_error=1 / (4 * tau),
        )
        assert abs(found.separation - DERIVED) < 4 * found.error
        printed, once, derived = found.chi_square
        assert derived < 4 * found.degrees < once < printed


# bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("relaxation", 0.0), ("relaxation", np.nan), ("sounds", ()), ("sounds", (-0.1,)), ("sounds", 0.1),
        ("duration", 0.1), ("duration", np.inf), ("step", 0.0), ("step", -0.1), ("step", 9.0), ("every", 0),
        ("norm", 0), ("norm", 3), ("norm", 25.5), ("points", 47), ("points", 20), ("cutoff", 1.0),
        ("cutoff", 9.0),
    ],
)  # fmt: skip
def test_bad_plane_waves(name, value):
    good = {"relaxation": 3.0, "sounds": (0.0,), "duration": 12.0, "norm": 65, "points": 48}
    PlaneWaves(**good)
    with pytest.raises(ValueError, match=name):
        PlaneWaves(**{**good, name: value})


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf, "long"])
def test_bad_theory(bad):
    good = {"time": [12.0], "relaxation": 6.0, "sound": 0.01, "separation": 2.0}
    for name in good:
        if name == "sound" and bad == 0.0:
            continue
        with pytest.raises(ValueError, match=f"{name}: expected"):
            expected_contrast(**{**good, name: bad})
    with pytest.raises(ValueError, match="depth: expected"):
        single_share(bad)


def test_bad_fits():
    blocks, flat = np.ones((9, 2)), lambda g: np.full(2, g)
    with pytest.raises(ValueError, match="blocks: expected more than"):
        fit_separation(blocks[:4], lambda m: m, flat)
    with pytest.raises(ValueError, match="blocks: expected"):
        fit_separation(blocks * np.nan, lambda m: m, flat)
    with pytest.raises(ValueError, match="theory_error: expected"):
        fit_separation(blocks, lambda m: m, flat, theory_error=-1)
    with pytest.raises(ValueError, match="candidates: expected"):
        fit_separation(blocks, lambda m: m, flat, candidates=[0.0])
    with pytest.raises(ValueError, match="time: expected at most"):
        expected_contrast([1e4], 6.0, 0.01)
    with pytest.raises(ValueError, match="angles: expected"):
        expected_contrast([12.0], 6.0, 0.01, angles=[np.nan])
    with pytest.raises(ValueError, match="vertex: expected"):
        expected_contrast([12.0], 6.0, 0.01, vertex="no")
    with pytest.raises(ValueError, match="relaxation: expected"):
        single_weakening(2.0, 0.0)
    with pytest.raises(ValueError, match="nodes: expected"):
        expected_contrast([12.0], 6.0, 0.01, nodes=2)
