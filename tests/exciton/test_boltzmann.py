"""The linearised Boltzmann equation against its limits and against particles that hop."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_laguerre

from lowdim.errors import NotConverged
from lowdim.exciton.boltzmann import (
    _polynomials,
    _processes,
    diffusion_ratio,
    energy_relaxation_rate,
    scattering_rate,
)


def test_quasi_elastic_limit():
    assert math.isclose(diffusion_ratio(1e-5), 1.0, abs_tol=2e-5)
    assert np.allclose(scattering_rate([0.1, 1.0, 5.0], a=1e-7), 1.0, atol=1e-5)
    assert math.isclose(energy_relaxation_rate(1e-5), 2.0, abs_tol=1e-3)


def test_first_correction_is_the_ratio_itself():
    """D = s^2 tau_0 (1 + a + ...): first-order perturbation theory with a shifted Maxwellian."""
    slopes = [(diffusion_ratio(a) - 1) / a for a in (0.004, 0.002)]
    assert math.isclose(2 * slopes[1] - slopes[0], 1.0, abs_tol=1e-3)


@pytest.mark.parametrize("a", [0.01, 0.3, 1.0])
def test_processes_obey_detailed_balance(a):
    """Energy flow of a gas in equilibrium with the phonons vanishes, shell by shell summed."""
    assert abs(energy_relaxation_rate(a, excess=1e-6)) < 3
    nodes, weights = np.polynomial.legendre.leggauss(120)
    momentum = 3.5 * (nodes + 1)
    thermal = weights * momentum * np.exp(-(momentum**2))
    _, wave, rate = _processes(momentum, a, 128)
    gained = np.sqrt(2 * a) * wave
    for power in (1, 2):  # moments of the energy are stationary
        after = (momentum[:, None] ** 2 + gained) ** power
        drift = thermal @ (rate * (after - momentum[:, None] ** (2 * power))).sum(axis=1)
        scale = thermal @ (rate * np.abs(after - momentum[:, None] ** (2 * power))).sum(axis=1)
        assert abs(drift) < 1e-10 * scale


def test_diffusion_grows_with_the_trial_space_and_converges():
    values = [diffusion_ratio(0.3, order=n, tolerance=1e-10) for n in (2, 4, 6, 8, 10, 12)]
    assert np.all(np.diff(values) > -1e-12)
    assert values[-1] - values[-2] < 1e-5


def test_a_trial_function_has_the_polynomials_it_is_said_to_have():
    """The first alone, then each one more: all independent, and each raises D."""
    energy = np.linspace(0, 4, 30)
    for order in (1, 2, 5):
        found = _polynomials(energy, order)
        assert found.shape == (30, order) and np.linalg.matrix_rank(found) == order
        assert np.allclose(found[:, 0], (1 + energy) ** -2, rtol=1e-14, atol=0)
        # times their damping they are the Laguerre polynomials
        undamped = found[:, -1] * (1 + energy) ** 2
        assert np.allclose(undamped, eval_laguerre(order - 1, energy), rtol=0, atol=1e-12)
    values = [diffusion_ratio(3.0, order=order, tolerance=1e-8) for order in (1, 2, 3)]
    assert 0 < values[0] < values[1] < values[2]


@pytest.mark.parametrize("a", [1e-6, 0.3, 3.0, 5.5])
def test_the_tolerance_is_kept(a):
    """The highest order of all shows what the others miss."""
    best = diffusion_ratio(a, order=64, tolerance=1e-10)
    for tolerance in (1e-2, 1e-3, 1e-4):
        assert abs(best / diffusion_ratio(a, tolerance=tolerance) - 1) < tolerance


def test_converged_or_refused_at_low_temperature():
    """The variational values grow with the order: where they still do, a number would be too small."""
    for a in (8.0, 12.0):
        assert diffusion_ratio(a, order=64) / diffusion_ratio(a, order=32) - 1 > 1e-3
        with pytest.raises(NotConverged, match=f"a = {a:g}"):
            diffusion_ratio(a)
    assert diffusion_ratio(8.0, tolerance=0.01) > 16000  # 16760 with 64 polynomials
    with pytest.raises(NotConverged, match="a = 3"):
        diffusion_ratio(3.0, tolerance=1e-9)


def by_hats(a, disorder, n_hats, top, n=900):
    """D of a trial function of hats, absorption and emission taken apart, midpoint sums throughout."""
    momentum = top * (np.arange(n) + 0.5) / n
    angle, root = np.pi * (np.arange(n) + 0.5) / n, np.sqrt(2 * a)
    weight = np.exp(-(momentum**2)) * 2 * momentum * top / n
    nodes = np.linspace(0, top, n_hats)

    def hats(size):
        return np.stack([np.interp(size, nodes, one, right=0.0) for one in np.eye(n_hats)], axis=-1)

    here = hats(momentum) * momentum[:, None]
    scattered = disorder * here
    for sign in (1, -1):
        wave = sign * root - 2 * momentum[:, None] * np.cos(angle)
        possible = wave > 0
        quanta = np.minimum(root * np.where(possible, wave, 1.0), 700)
        rate = np.where(possible, quanta * (1 / np.expm1(quanta) + (sign < 0)), 0.0) / n
        along = momentum[:, None] + wave * np.cos(angle)
        size = np.sqrt(along**2 + (wave * np.sin(angle)) ** 2)
        for row in range(n):
            scattered[row] += rate[row].sum() * here[row] - (rate[row] * along[row]) @ hats(size[row])
    matrix = here.T @ (weight[:, None] * scattered)
    drive = here.T @ (weight * momentum)
    return drive @ np.linalg.solve((matrix + matrix.T) / 2, drive)


@pytest.mark.parametrize(
    ("a", "disorder", "top", "allowed"),
    [
        (1e-6, 0.0, 5.0, 1e-7),
        (1e-6, 1e4, 5.0, 1e-7),
        (1.0, 0.0, 6.0, 1e-5),
        (3.0, 0.1, 6.5, 1e-4),
        (5.5, 0.0, 7.5, 1e-4),
        (290.0, 1.0, 5.0, 1e-7),
    ],
)
def test_diffusion_against_hats_at_the_ends_of_its_range(a, disorder, top, allowed):
    assert diffusion_ratio(a, disorder) == pytest.approx(by_hats(a, disorder, 60, top), rel=allowed)


def hop(momentum, a, rng, n_grid=240):
    """One collision of each particle: absorption and emission taken apart, with Bose factors."""
    size = np.linalg.norm(momentum, axis=1)
    angle = 2 * np.pi * (np.arange(n_grid) + rng.random()) / n_grid
    root = np.sqrt(2 * a)
    rates, waves = [], []
    for sign in (1, -1):
        wave = sign * root - 2 * size[:, None] * np.cos(angle)
        possible = wave > 1e-12
        quanta = root * np.where(possible, wave, 1.0)
        occupation = 1 / np.expm1(quanta)
        rates.append(np.where(possible, quanta * (occupation + (sign < 0)), 0.0) / n_grid)
        waves.append(wave)
    rates, waves = np.concatenate(rates, axis=1), np.concatenate(waves, axis=1)
    total = rates.sum(axis=1)
    pick = (np.cumsum(rates, axis=1) < (rng.random(len(size)) * total)[:, None]).sum(axis=1)
    pick = np.minimum(pick, 2 * n_grid - 1)
    turned = angle[pick % n_grid] + np.arctan2(momentum[:, 1], momentum[:, 0])
    kick = waves[np.arange(len(size)), pick, None] * np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return momentum + kick, total


def test_hopping_particles_diffuse_as_the_equation_says():
    a, rng, n = 0.25, np.random.default_rng(7), 5000
    momentum = rng.normal(scale=np.sqrt(0.5), size=(n, 2))
    place, clock = np.zeros((n, 2)), np.zeros(n)
    marks, energy = (10.0, 40.0), np.zeros(n)
    reached = {mark: np.zeros((n, 2)) for mark in marks}
    while clock.min() < marks[-1]:
        after, total = hop(momentum, a, rng)
        wait = rng.exponential(size=n) / total
        for mark in marks:
            inside = (clock <= mark) & (clock + wait > mark)
            energy[inside] = np.sum(momentum[inside] ** 2, axis=1)
            reached[mark][inside] = (place + momentum * (mark - clock)[:, None])[inside]
        place, clock, momentum = place + momentum * wait[:, None], clock + wait, after
    squares = [np.mean(np.sum(reached[mark] ** 2, axis=1)) for mark in marks]
    # in these units v = kappa and D = kappa^2 tau/2 has the mean 1/2
    ratio = (squares[1] - squares[0]) / (4 * (marks[1] - marks[0])) / 0.5
    assert abs(ratio - diffusion_ratio(a)) < 0.08
    # at a given time, not after a given number of collisions; standard error 0.014
    assert abs(energy.mean() - 1) < 0.06


def test_disorder_adds_its_rate_in_the_quasi_elastic_limit_and_wins_when_strong():
    for disorder in (0.5, 3.0):
        assert math.isclose(diffusion_ratio(1e-6, disorder), 1 / (1 + disorder), rel_tol=1e-5)
    assert math.isclose(diffusion_ratio(0.5, 1e4) * 1e4, 1.0, rel_tol=1e-3)


def golden_rule(energy, a, theta, moment):
    """Absorption and emission apart: rate (0) or energy gained per time (1) at an angle."""
    root, total = math.sqrt(2 * a), 0.0
    for sign in (1, -1):
        quantum = root * (sign * root - 2 * math.sqrt(energy) * math.cos(theta))
        if quantum > 1e-14:
            occupation = 0.0 if quantum > 700 else 1 / math.expm1(quantum)
            total += quantum * (occupation + (sign < 0)) * (sign * quantum) ** moment
    return total


def kinks(energy, a):
    """Angles at which a quantum of either sign begins."""
    cosine = math.sqrt(a / (2 * energy))
    return [math.acos(cosine), math.acos(-cosine)] if cosine < 1 else None


@pytest.mark.parametrize(("energy", "a"), [(1e-6, 1e-8), (1e4, 1e-8), (1e-6, 40.0), (60.0, 40.0), (1e4, 1.0)])
def test_scattering_rate_at_the_ends_of_its_range(energy, a):
    direct = quad(
        lambda angle: golden_rule(energy, a, angle, 0),
        0,
        np.pi,
        points=kinks(energy, a),
        epsrel=1e-11,
        limit=400,
    )[0]
    assert scattering_rate([energy], a)[0] == pytest.approx(direct / np.pi, rel=1e-8)


@pytest.mark.parametrize(("a", "excess"), [(1e-6, 1e-6), (1e-6, 50.0), (0.5, 50.0), (5.0, 1e-6), (20.0, 1.0)])
def test_energy_relaxation_at_the_ends_of_its_range(a, excess):
    """A hot gas reaches beyond the momenta of the phonons, a cold one relaxes by few excitons."""
    top = (1 + excess) * 45 + 2 * a

    def flow(energy):
        angle = quad(
            lambda t: golden_rule(energy, a, t, 1), 0, np.pi, points=kinks(energy, a), epsrel=1e-9, limit=200
        )[0]
        hot = np.exp(-energy / (1 + excess)) / (1 + excess)
        more = -np.expm1(-energy * excess / (1 + excess)) - excess * np.exp(-energy * excess / (1 + excess))
        return -angle / np.pi * hot * more

    marks = [m for m in (a / 2, 1.0, 5.0, 1 + excess) if m < top]
    direct = quad(flow, 1e-12, top, points=sorted(set(marks)), epsrel=1e-8, limit=400)[0] / excess / a
    assert energy_relaxation_rate(a, excess) == pytest.approx(direct, rel=1e-6)


def test_a_hot_gas_of_fast_phonons_is_settled_by_the_most_points():
    """Half of them do not suffice."""
    found = energy_relaxation_rate(10.0, 100.0)
    assert found == pytest.approx(energy_relaxation_rate(10.0, 100.0, 1e-11), rel=1e-8)


def test_what_does_not_converge_is_refused():
    with pytest.raises(NotConverged, match="scattering rate"):
        scattering_rate([1e6], 5.0)
    with pytest.raises(NotConverged, match="energy relaxation"):
        energy_relaxation_rate(1e-3, tolerance=1e-18)


@pytest.mark.parametrize("bad", [0, -0.1, np.nan, np.inf])
def test_bad_input(bad):
    for function in (diffusion_ratio, energy_relaxation_rate):
        with pytest.raises(ValueError, match="a: expected"):
            function(bad)
    with pytest.raises(ValueError, match="energy: expected"):
        scattering_rate([1.0, bad], 0.1)
    with pytest.raises(ValueError, match="tolerance: expected"):
        scattering_rate([1.0], 0.1, bad)
    with pytest.raises(ValueError, match="disorder: expected"):
        diffusion_ratio(0.1, disorder=-1.0)
    with pytest.raises(ValueError, match="order: expected"):
        diffusion_ratio(0.1, order=0)
    with pytest.raises(ValueError, match=r"a: expected a number in 0\.\.300"):
        diffusion_ratio(301.0)
    with pytest.raises(ValueError, match="tolerance: expected"):
        diffusion_ratio(0.1, tolerance=bad)
