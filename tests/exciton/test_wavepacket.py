"""Wave packets: exact cases, invariants, slow twins, and other array namespaces."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.special import hankel1, jv

from lowdim.constants import ELECTRON_MASS, PS
from lowdim.errors import NotConverged
from lowdim.exciton.cooperon import DERIVED, PRINTED, dephasing_exponent, return_integral
from lowdim.exciton.ensemble import Ensemble, jackknife, line_fit, realisation, run_ensemble
from lowdim.exciton.grid import DIRECTIONS, Grid, directed_states
from lowdim.exciton.loops import closed_loops
from lowdim.exciton.material import MONOLAYER
from lowdim.exciton.noncrossing import (
    _propagators,
    _self_energy,
    _support,
    _thermal_states,
    noncrossing_autocorrelation,
)
from lowdim.exciton.phases import unit_phases
from lowdim.exciton.phononfield import Bath, PhononField, loss_rates
from lowdim.exciton.timeresolved import (
    interference,
    interference_of_loops,
    return_density,
    two_line_constant,
)
from lowdim.exciton.wavepacket import diffusion, energy, propagate, to_numpy

SMALL = Grid(32, 20.0)
GOOD = {"relaxation": 1.5, "sounds": (0.0,), "points": 32, "length": 20.0, "step": 0.1, "duration": 2.0}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def states_and_field(rng, grid=SMALL, relaxation=1.5):
    field = PhononField(grid, relaxation, rng, single=False)
    states, speed = directed_states(grid, rng, 2, dtype=np.complex128)
    return states, speed, field


# the propagator ---------------------------------------------------------------------------------------


def dense_hamiltonian(grid, potential):
    """Kinetic energy and potential as matrices between Fourier components, from plane waves on the grid."""
    n = grid.points
    x = grid.spacing * np.arange(n)
    wave = np.exp(1j * np.outer(x, grid.wave_number)) / np.sqrt(n)
    plane = np.kron(wave, wave)
    return plane.conj().T @ np.diag(potential.ravel()) @ plane + np.diag(grid.kinetic.ravel())


def test_against_dense_exponential(rng):
    grid = Grid(10, 7.0)
    potential = rng.normal(size=(10, 10))
    states = rng.normal(size=(3, 10, 10)) + 1j * rng.normal(size=(3, 10, 10))
    exact = (expm(-1j * dense_hamiltonian(grid, potential)) @ states.reshape(3, -1).T).T.reshape(states.shape)
    errors = []
    for steps in (50, 100, 200):
        found = propagate(states, potential, grid, step=1 / steps, steps=steps).final
        errors.append(np.abs(found - exact).max())
    assert errors[2] < 2e-4
    assert np.allclose(np.divide(errors[:2], errors[1:]), 4, rtol=0.05)  # second order


def test_moving_potential_against_direct_sum_of_waves(rng):
    """Midpoints of the field are the real and imaginary part of the sum over phonons, term by term."""
    grid, sound, step = Grid(16, 10.0), 0.4, 0.2
    field = PhononField(grid, 2.0, rng, single=False)
    amplitudes = np.fft.fft2(field.frozen()[0, 0] + 1j * field.frozen()[1, 0]) / grid.points**2
    later = field.midpoints(sound, step)
    for _ in range(3):
        found = next(later)
    k = grid.wave_number
    x = grid.spacing * np.arange(grid.points)
    total = np.zeros((grid.points, grid.points), complex)
    for a, b in np.ndindex(amplitudes.shape):
        phase = k[a] * x[:, None] + k[b] * x - sound * np.hypot(k[a], k[b]) * 2.5 * step
        total += amplitudes[a, b] * np.exp(1j * phase)
    assert np.allclose(found[:, 0], [total.real, total.imag], atol=1e-12)


def test_moving_potential_is_second_order(rng):
    states, _, field = states_and_field(rng)
    finals = []
    for n in (32, 64, 128):
        finals.append(propagate(states, field.midpoints(0.5, 1 / n), SMALL, step=1 / n, steps=n).final)
    coarse, fine = (np.abs(finals[n] - finals[n + 1]).max() for n in (0, 1))
    assert coarse / fine == pytest.approx(4, rel=0.1)


def test_norm_and_energy(rng):
    states, _, field = states_and_field(rng)
    potential = field.frozen()
    drift = []
    for step in (0.05, 0.025):
        track = propagate(states, potential, SMALL, step=step, steps=round(5 / step))
        assert np.allclose(track.norm, 1, atol=1e-12)
        before, after = energy(states, potential, SMALL), energy(track.final, potential, SMALL)
        drift.append(np.abs(after - before).max())
    assert drift[0] < 0.02 and drift[1] < 0.35 * drift[0]
    assert np.abs(track.kinetic[-1] - track.kinetic[0]).min() > 0.1  # it was exchanged meanwhile


def test_energy_against_dense_matrix(rng):
    grid = Grid(10, 7.0)
    potential = rng.normal(size=(10, 10))
    state = rng.normal(size=(10, 10)) + 1j * rng.normal(size=(10, 10))
    state /= np.linalg.norm(state)
    vector = state.ravel()
    expected = np.vdot(vector, dense_hamiltonian(grid, potential) @ vector).real
    assert energy(state, potential, grid) == pytest.approx(expected, abs=1e-12)


def test_reversal_of_time(rng):
    states, _, field = states_and_field(rng)
    there = propagate(states, field.frozen(), SMALL, step=0.1, steps=80)
    back = propagate(there.final, field.frozen(), SMALL, step=-0.1, steps=80)
    assert np.allclose(back.final, states, atol=1e-11)
    assert not np.allclose(there.final, states, atol=0.01)
    # a moving potential must be met in the reverse order
    step, steps = 0.1, 40
    met = [next(w) for w in [field.midpoints(0.3, step)] for _ in range(steps)]
    there = propagate(states, iter(met), SMALL, step=step, steps=steps)
    back = propagate(there.final, iter(met[::-1]), SMALL, step=-step, steps=steps)
    assert np.allclose(back.final, states, atol=1e-11)


def test_ballistic_limit(rng):
    states, speed = directed_states(SMALL, rng, dtype=np.complex128)
    track = propagate(states, np.zeros((32, 32)), SMALL, step=0.1, steps=30)
    along = np.einsum("tpdx,dx->t", track.velocity, DIRECTIONS) / 4
    # the mean of v^2 along an axis, times t
    assert np.allclose(diffusion(track.time, speed * along), track.time, rtol=2e-3, atol=1e-12)
    assert np.allclose(track.velocity, track.velocity[0], atol=1e-12)


def test_boosted_states_keep_their_velocity(rng):
    """Shifting every Fourier component by two adds 4 pi/L to the velocity; a free packet keeps it."""
    states, _ = directed_states(SMALL, rng, dtype=np.complex128)
    shifted = np.roll(states, 2, axis=-2)
    free, moved = (propagate(psi, np.zeros((32, 32)), SMALL, step=0.1, steps=3) for psi in (states, shifted))
    assert np.allclose(moved.velocity[-1] - free.velocity[-1], [4 * np.pi / 20, 0], atol=1e-3)


def test_boltzmann_limit_at_weak_coupling():
    """With k_B T tau/hbar = 12 the autocorrelation decays as exp(-t/tau); C and D agree within the errors."""
    tau = 12.0
    weak = Ensemble(tau, (0.0,), points=64, length=50.0, step=0.15, duration=24.0, every=4)
    correlation = run_ensemble(weak, range(24))[0][:, 0]
    value, error = jackknife(diffusion(weak.time, correlation))
    assert 0 < error[-1] < 0.01 * tau
    assert np.all(np.abs(value - tau * -np.expm1(-weak.time / tau)) < 0.04 * tau)  # 1/(k_B T tau) is left out
    decay = noncrossing_autocorrelation(weak.time, Grid(64, 50.0), tau)
    expected = diffusion(weak.time, decay) + interference(weak.time, Bath(tau))
    assert np.all(np.abs(value - expected) < 4 * error + 0.005 * tau)


def test_every_only_thins_the_records(rng):
    states, _, field = states_and_field(rng)
    dense = propagate(states, field.frozen(), SMALL, step=0.1, steps=12)
    thin = propagate(states, field.frozen(), SMALL, step=0.1, steps=12, every=4)
    assert np.allclose(thin.time, dense.time[::4])
    assert np.allclose(thin.velocity, dense.velocity[::4]) and np.allclose(thin.kinetic, dense.kinetic[::4])


def test_input_is_not_changed(rng):
    states, _, field = states_and_field(rng)
    copy, potential = states.copy(), field.frozen()
    propagate(states, potential, SMALL, step=0.1, steps=2)
    energy(states, potential, SMALL)
    assert np.array_equal(states, copy) and np.array_equal(potential, field.frozen())


def test_single_precision_is_kept_and_accurate():
    settings = {**GOOD, "sounds": (0.0, 0.3), "duration": 20.0}
    single, double = (realisation(Ensemble(**settings, single=s), 3)[0] for s in (True, False))
    assert np.abs(single - double).max() < 2e-4
    states, _ = directed_states(SMALL, np.random.default_rng(1))
    flat = np.zeros((32, 32), np.float32)
    assert propagate(states, flat, SMALL, step=0.1, steps=2).final.dtype == np.complex64


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_unit_phases_at_all_angles(kind):
    """Small, large, near odd multiples of pi, and more than one block of the cache."""
    rng = np.random.default_rng(4)
    odd = np.pi * np.array([-3, -1, 1, 3, 1 + 1e-9, 1 - 1e-14])
    angle = np.concatenate([rng.normal(size=(20000)), odd, [0.0, 40.0, -1e-12]]).astype(kind).reshape(-1, 1)
    out = np.empty(angle.shape, np.complex64 if kind is np.float32 else np.complex128)
    found = unit_phases(angle, out)
    assert np.abs(found - np.exp(1j * angle.astype(float))).max() < 20 * np.finfo(kind).eps


def test_real_states_keep_their_precision(rng):
    """float64 becomes complex128 and float32 complex64; whole numbers are taken as double."""
    real = rng.normal(size=(2, 32, 32))
    potential = rng.normal(size=(32, 32))
    exact = propagate(real.astype(complex), potential, SMALL, step=0.1, steps=5).final
    double = propagate(real, potential, SMALL, step=0.1, steps=5).final
    assert double.dtype == np.complex128 and np.array_equal(double, exact)
    single = propagate(real.astype(np.float32), potential.astype(np.float32), SMALL, step=0.1, steps=5).final
    assert single.dtype == np.complex64 and np.allclose(single, exact, atol=1e-4)
    whole = propagate(np.ones((32, 32), int), potential, SMALL, step=0.1, steps=5).final
    assert whole.dtype == np.complex128


def test_states_and_potentials_that_are_no_numbers_are_refused(rng):
    states, _, field = states_and_field(rng)
    broken = field.frozen().copy()
    broken[0, 0, 3, 3] = np.nan
    for potential in (broken, iter([broken, broken])):
        with pytest.raises(ValueError, match="potential: expected finite"):
            propagate(states, potential, SMALL, step=0.1, steps=2)
    with pytest.raises(ValueError, match="potential: expected real"):
        propagate(states, 1j * field.frozen(), SMALL, step=0.1, steps=2)
    with pytest.raises(ValueError, match="potential: expected"):
        propagate(states, iter([np.zeros((16, 16))]), SMALL, step=0.1, steps=2)
    with pytest.raises(ValueError, match="states: expected finite"):
        propagate(states + np.inf, field.frozen(), SMALL, step=0.1, steps=2)


def test_large_states_are_stepped_one_by_one_like_small_ones_together(rng, monkeypatch):
    """What fits into the cache decides the batches of a step, and nothing else."""
    states, _, field = states_and_field(rng)
    together = propagate(states, field.midpoints(0.2, 0.1), SMALL, step=0.1, steps=6).final
    monkeypatch.setattr("lowdim.exciton.wavepacket._CACHED", 1)
    alone = propagate(states, field.midpoints(0.2, 0.1), SMALL, step=0.1, steps=6).final
    assert np.array_equal(together, alone)
    flat = propagate(states[0, 0], field.frozen()[0, 0], SMALL, step=0.1, steps=6).final
    assert np.array_equal(flat, propagate(states, field.frozen(), SMALL, step=0.1, steps=6).final[0, 0])
    each = np.repeat(field.frozen(), 4, axis=1)
    assert np.array_equal(
        propagate(states, each, SMALL, step=0.1, steps=6).final,
        propagate(states, field.frozen(), SMALL, step=0.1, steps=6).final,
    )


@pytest.mark.parametrize("single", [True, False])
def test_phases_of_a_field_are_those_of_its_potential(rng, single):
    """The short way of a moving field, and the same potentials given as a list."""
    field = PhononField(SMALL, 1.5, rng, pairs=2, single=single)
    states, _ = directed_states(SMALL, rng, 4, dtype=np.complex64 if single else np.complex128)
    short = propagate(states, field.midpoints(0.3, 0.1), SMALL, step=0.1, steps=9).final
    met = [next(w) for w in [field.midpoints(0.3, 0.1)] for _ in range(9)]
    assert np.abs(short - propagate(states, iter(met), SMALL, step=0.1, steps=9).final).max() < (
        1e-6 if single else 1e-14
    )


class PlainNumpy:
    """numpy under another name: takes the path of torch and cupy, through the namespace's own transforms."""

    def __getattr__(self, name):
        return getattr(np, name)


def plain(_):
    return PlainNumpy()


@pytest.mark.parametrize("namespace", [plain, pytest.importorskip], ids=["numpy", "torch"])
def test_any_namespace(namespace):
    """The same realisation in double precision to rounding, and in single precision to its rounding."""
    xp = namespace("torch")
    settings = {**GOOD, "sounds": (0.0, 0.3), "duration": 4.0}
    for single, allowed in ((False, 1e-12), (True, 1e-5)):
        ensemble = Ensemble(**settings, single=single)
        for one, other in zip(realisation(ensemble, 1), realisation(ensemble, 1, xp=xp), strict=True):
            assert np.abs(one - other).max() < allowed


@pytest.mark.parametrize("namespace", [plain, pytest.importorskip], ids=["numpy", "torch"])
def test_any_namespace_propagates_the_states_themselves(rng, namespace):
    xp = namespace("torch")
    states, _, field = states_and_field(rng)
    options = {"step": 0.1, "steps": 20, "every": 5}
    mine, given = states, xp.asarray(states)
    for potential in (lambda xp: field.frozen(xp), lambda xp: field.midpoints(0.4, 0.1, xp)):
        one = propagate(mine, potential(np), SMALL, **options)
        other = propagate(given, potential(xp), SMALL, xp=xp, **options)
        assert np.abs(one.final - to_numpy(other.final)).max() < 1e-12
        for name in ("velocity", "kinetic", "norm"):
            assert np.abs(getattr(one, name) - getattr(other, name)).max() < 1e-12
    frozen = field.frozen()
    assert np.abs(energy(mine, frozen, SMALL) - energy(given, field.frozen(xp), SMALL, xp=xp)).max() < 1e-12
    assert np.array_equal(to_numpy(given), mine)  # the input is not changed here either


def test_bath_of_a_material():
    """Against the pure numbers of the material, which are computed in other units."""
    si = {"mass": MONOLAYER.mass * ELECTRON_MASS, "sound": MONOLAYER.sound_velocity}
    for temperature in (3.0, 100.0):
        bath = Bath.at_temperature(temperature, **si, scattering_time=MONOLAYER.phonon_time * PS)
        assert bath.relaxation == pytest.approx(MONOLAYER.quasi_classical_number)
        assert bath.sound**2 == pytest.approx(MONOLAYER.sound_temperature / temperature)


# states and potentials --------------------------------------------------------------------------------


def test_directed_states_sample_the_thermal_trace():
    """The average of |psi_k|^2 is rho |k_n| on the half plane, and both signs make the trace."""
    grid = Grid(64, 48.0)
    states, speed = directed_states(grid, np.random.default_rng(2), 3, dtype=np.complex128)
    assert np.allclose(np.sum(np.abs(states) ** 2, axis=(-2, -1)), 1)
    thermal = np.exp(-grid.kinetic) / np.exp(-grid.kinetic).sum()
    kx = np.broadcast_to(grid.velocity[:, None], thermal.shape)
    both = np.abs(states[1, 0]) ** 2 - np.abs(states[1, 1]) ** 2
    assert np.allclose(speed * both / 2, thermal * kx, atol=1e-15)
    assert speed * np.sum(np.abs(states[0, 2]) ** 2 * kx.T) == pytest.approx(1, rel=1e-3)  # <v_n^2> = 1
    assert not np.allclose(states[0], states[1])


def test_directed_states_of_a_given_occupation():
    grid = Grid(32, 20.0)
    states, speed = directed_states(grid, np.random.default_rng(2), weight=lambda e: np.exp(-2 * e))
    k = np.broadcast_to(grid.velocity[:, None], grid.kinetic.shape)
    expected = np.exp(-2 * grid.kinetic) * np.maximum(k, 0)
    assert np.allclose(np.abs(states[0, 0]) ** 2, expected / expected.sum(), atol=1e-6)
    assert speed == pytest.approx(np.sqrt(1 / np.pi), rel=0.02)  # <abs(k_n)> at half the temperature


def test_equal_times_are_white_and_independent():
    grid, tau = Grid(32, 24.0), 2.0
    field = PhononField(grid, tau, np.random.default_rng(3), pairs=400, single=False)
    potential = field.frozen()[:, 0]
    cut = PhononField(grid, tau, np.random.default_rng(3), cutoff=2.0, single=False).frozen()
    outside = 2 * grid.kinetic > 4.0
    assert np.allclose(np.fft.fft2(cut)[..., outside], 0, atol=1e-12)
    power = np.mean(np.abs(np.fft.fft2(potential)) ** 2, axis=0) * grid.length**2 / grid.points**4
    assert power.mean() == pytest.approx(1 / tau, rel=0.01)
    assert power.std() / power.mean() < 0.1  # the same at every q
    real, imaginary = potential[:400], potential[400:]
    assert abs(np.mean(real * imaginary)) < 0.02 * np.mean(real**2)


def test_correlator_at_different_times():
    grid, sound, step = Grid(16, 12.0), 0.5, 0.8
    field = PhononField(grid, 1.0, np.random.default_rng(4), pairs=2000, single=False)
    later = field.midpoints(sound, step)
    first, second = next(later), next(later)
    a, b = (np.fft.fft2(u[:, 0]) for u in (first, second))
    correlator = np.mean(a.conj() * b, axis=0) / np.mean(np.abs(a) ** 2, axis=0).clip(1e-30)
    for q in ((1, 0), (2, 3), (5, 1)):
        frequency = sound * np.hypot(*(grid.wave_number[list(q)]))
        assert correlator[q] == pytest.approx(np.cos(frequency * step), abs=0.08)


def test_classical_rates_by_sampling_final_momenta():
    """Golden rule on a lattice of final momenta, the energy shell broadened: no use of angles of q."""
    k, sound, tau, width = 1.0, 0.35, 3.0, 0.02
    axis = (np.arange(1200) + 0.5) * 8 / 1200 - 4
    final = np.stack(np.meshgrid(axis, axis, indexing="ij"))
    transfer = np.hypot(final[0] - k, final[1])
    kinetic = (final**2).sum(axis=0) / 2
    gain = [kinetic - k**2 / 2 + sign * sound * transfer for sign in (1, -1)]
    shell = sum(np.exp(-((g / width) ** 2) / 2) for g in gain) / (2 * width * np.sqrt(2 * np.pi))
    area = (axis[1] - axis[0]) ** 2 / (2 * np.pi * tau)
    direct = area * shell.sum(), area * (shell * (k - final[0])).sum() / k
    assert np.allclose(direct, loss_rates(k, sound, tau), rtol=0.01)


@pytest.mark.parametrize("sound", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("k", [0.3, 1.0, 2.0])
def test_classical_rates_do_not_depend_on_sound(k, sound):
    assert np.allclose(loss_rates(k, sound, 3.0, order=4000), 1 / 3, rtol=2e-3)


def test_moving_field_heats_at_the_classical_rate():
    """d<T>/dt = 2 s^2/tau for a classical exciton; the wave packet follows within a few per cent."""
    tau, sound = 6.0, 0.2
    moving = Ensemble(tau, (0.0, sound), points=64, length=24.0, step=0.08, duration=16.0)
    kinetic = np.array([realisation(moving, n)[1] for n in range(8)])
    late = moving.time > 4
    slope, error = jackknife(
        kinetic[:, 1] - kinetic[:, 0], lambda mean: line_fit(moving.time[late], mean[late])[1]
    )
    assert error < 0.15 * slope
    assert abs(slope - 2 * sound**2 / tau) < 4 * error


# loops ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tau", "e"), [(1.0, 1.0), (2.5, 0.4)])
def test_return_density_by_random_flights(tau, e):
    """Flights with isotropic collisions, counted near their origin."""
    rng, duration, walkers = np.random.default_rng(5), 4.0 * tau, 400_000
    position, clock = np.zeros((walkers, 2)), np.zeros(walkers)
    collisions = np.full(walkers, -1)
    while np.any(clock < duration):
        flight = np.minimum(rng.exponential(tau, walkers), duration - clock)
        angle = rng.uniform(0, 2 * np.pi, walkers)
        direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        position += np.sqrt(2 * e) * flight[:, None] * direction
        clock += flight
        collisions += flight > 0
    radius = 0.4 * tau * np.sqrt(e)
    near = np.hypot(*position.T) < radius
    total, once = return_density(duration, tau, e)
    assert near.mean() / (np.pi * radius**2) == pytest.approx(total, rel=0.03)
    assert (near & (collisions == 1)).mean() / (np.pi * radius**2) == pytest.approx(once, rel=0.15)


@pytest.mark.parametrize("kernel", ["backscattering", "ballistic"])
@pytest.mark.parametrize("separation", [DERIVED, PRINTED])
def test_interference_against_adaptive_quadrature(kernel, separation):
    """The coherence of a loop is averaged over angles and times here, without a Bessel function."""
    bath, t = Bath(1.3, 0.25), 9.0
    angle = (np.arange(200) + 0.5) * 2 * np.pi / 200
    nodes, weights = np.polynomial.legendre.leggauss(60)

    def loops(duration, e):
        frequency = bath.sound * 2 * np.sqrt(2 * e) * np.abs(np.sin(angle / 2))
        phase = np.cos(separation * frequency * (nodes[:, None] * duration / 2)).mean(axis=1)
        gamma = duration / 2 * weights @ (1 - phase) / bath.relaxation
        left, x = (t - duration) / bath.relaxation, duration / bath.relaxation
        returns = np.exp(-gamma) - np.exp(-x)
        if kernel == "ballistic":
            returns -= -np.expm1(-x) * np.exp(-x - gamma)
        return (1 - (1 + left) * np.exp(-left)) * returns / duration

    for e in (0.5, 2.0):
        direct = -quad(loops, 0, t, args=(e,))[0] / (2 * np.pi)
        options = {"kernel": kernel, "weight": (np.array([e]), np.array([1.0]))}
        assert interference([t], bath, separation, **options)[0] == pytest.approx(direct, rel=1e-4)


def test_interference_ends_as_the_integral_over_all_loops():
    bath, e = Bath(1.4, 0.3), 0.8
    rate = 2 * DERIVED * bath.sound * np.sqrt(2 * e) * bath.relaxation
    for kernel in ("backscattering", "ballistic"):
        one = np.array([e]), np.array([1.0])
        options = {"kernel": kernel, "weight": one}
        late = interference([400.0], bath, **options)
        assert late[0] == pytest.approx(-return_integral([rate], kernel=kernel)[0] / (2 * np.pi), rel=2e-3)


def test_interference_converged_and_ordered():
    bath = Bath(1.46, 0.2)
    fine = interference([30.0], bath, tolerance=1e-10)
    assert interference([30.0], bath) == pytest.approx(fine, abs=1e-6)
    frozen, printed = interference([30.0], Bath(1.46)), interference([30.0], bath, PRINTED)
    assert frozen < printed < fine < 0


def test_loops_in_time_end_as_their_sum_and_begin_with_free_flights():
    """Late, the sum over loops; in the frozen potential, the kernel, whose backscattering is exact."""
    tau, sound, e = 1.4, 0.3, 0.8
    rate = 2 * DERIVED * sound * np.sqrt(2 * e) * tau
    rng = np.random.default_rng(12)
    for closing in (True, False):
        settings = {"energy": e, "closing": closing}
        parts = interference_of_loops([30.0], tau, (sound,), 6000, rng, **settings)
        value, error = jackknife(parts[:, 0, 0])
        total, _, spread = closed_loops(rate, 18, 6000, rng, closing=closing)
        assert error < 0.005
        assert abs(value + total.sum() / (2 * np.pi)) < 4 * np.hypot(error, spread / (2 * np.pi)) + 2e-3
    parts = interference_of_loops([2.0, 10.0, 20.0], tau, (0.0, sound), 6000, rng)
    value, error = jackknife(parts[:, 0])
    # only the sum over T of the loops of other directions is exact in the kernel
    assert np.all(np.abs(value - interference([2.0, 10.0, 20.0], Bath(tau))) < 4 * error + 0.02)
    assert np.all(parts[:, 1].mean(axis=0) > value)


def test_two_line_constant_against_momentum_space():
    """Crossed vertices of second order on a shell of final momenta, transformed ring by ring."""
    radius = (np.arange(60_000) + 0.5) * 0.002
    green = hankel1(0, radius) / 2j
    screen = np.exp(-((radius / 30) ** 2))
    angle = (np.arange(64) + 0.5) * 2 * np.pi / 64
    turned = []
    for theta in angle:  # k = 1, final momentum at the angle theta
        backward, forward = 2 * np.abs(np.cos(theta / 2)), 2 * np.abs(np.sin(theta / 2))
        crossed = np.sum(radius * jv(0, backward * radius) * np.abs(green) ** 2 * screen)
        dressed = 2 * np.sum(radius * jv(0, forward * radius) * np.real(green**2) * screen)
        turned.append(2 * np.pi * 0.002 * (crossed + dressed))
    turned = np.array(turned)
    lost = np.mean(turned * (1 - np.cos(angle)))
    # D = k^2 tau/2 times minus the relative change of the rate; the cut-off at 30/k leaves two per cent
    assert -lost / 2 == pytest.approx(two_line_constant(), rel=0.03)
    assert abs(turned.mean()) < 0.03  # no excitons are lost or gained


def test_noncrossing_of_a_given_energy_is_the_thermal_one_averaged():
    t, grid = np.array([0.0, 1.0, 4.0]), Grid(64, 40.0)
    nodes, weights = np.polynomial.laguerre.laggauss(40)
    sharp = [(np.array([e]), np.ones(1)) for e in nodes[:20]]
    single = [noncrossing_autocorrelation(t, grid, 3.0, weight=w) for w in sharp if w[0] < grid.cutoff**2 / 2]
    thermal = noncrossing_autocorrelation(t, grid, 3.0)
    assert np.allclose(weights[: len(single)] @ np.array(single), thermal, atol=2e-3)
    assert single[3][0] == pytest.approx(nodes[3])


@pytest.mark.parametrize("leave_device", ["get", "cpu"])
def test_arrays_of_a_device_come_back(leave_device):
    there = type("There", (), {leave_device: lambda self: np.arange(3)})()
    assert to_numpy(there).tolist() == [0, 1, 2]


def test_noncrossing_states_hold_the_whole_level_and_the_whole_temperature():
    """Both integrals at once: the spectral function has weight one, the thermal energy is 2 k_B T."""
    whole = _propagators(np.zeros(1), np.array([0.5, 2.0]), 1.0, 20.0, 256, 1e-13)
    np.testing.assert_allclose(whole, [[1, 1]], rtol=1e-12)
    kinetic, share = _thermal_states(200.0, 0.5, 1e-8, 16)
    assert share @ kinetic == pytest.approx(2, abs=1e-8)


def test_noncrossing_weak_coupling_and_sum_rule():
    t = np.linspace(0, 100, 51)
    c = noncrossing_autocorrelation(t, Grid(96, 48.0), 40.0)
    assert c[0] == pytest.approx(1, abs=1e-6)
    assert np.allclose(c, np.exp(-t / 40), atol=0.02)


@pytest.mark.parametrize(
    ("relaxation", "energy", "t"), [(0.05, 1.0, 0.3), (1.5, 9.0, 20.0), (100.0, 20.0, 300.0)]
)
def test_noncrossing_at_the_ends_of_its_range(relaxation, energy, t):
    """One state from half a million equal steps in energy, far beyond both edges of the spectrum."""
    grid = Grid(96, 40.0)
    band = grid.cutoff**2 / 2
    grid_energy = np.linspace(-4 / relaxation - 1, band + 4 / relaxation + 1, 500_001)
    sigma = _self_energy(grid_energy, 1 / relaxation, band, 1e-9)
    spectral = -np.imag(1 / (grid_energy - sigma - energy)) / np.pi
    amplitude = np.trapezoid(spectral * np.exp(-1j * grid_energy * t), grid_energy)
    found = noncrossing_autocorrelation([t], grid, relaxation, weight=([energy], [1.0]))
    assert found[0] / energy == pytest.approx(abs(amplitude) ** 2, abs=2e-5)


def test_noncrossing_refuses_what_does_not_converge_and_states_beyond_the_band():
    with pytest.raises(NotConverged, match="noncrossing"):
        noncrossing_autocorrelation([3e5], Grid(96, 40.0), 1.5)
    with pytest.raises(ValueError, match="weight: expected energies below"):
        noncrossing_autocorrelation([1.0], Grid(64, 40.0), 1.5, weight=([13.0], [1.0]))


@pytest.mark.parametrize(
    ("t", "tau", "sound"),
    [(1e-3, 1.0, 0.1), (1e4, 1.0, 1e-3), (100.0, 0.1, 3.0), (1e6, 1.5, 0.0), (10.0, 1.0, 50.0)],
)
def test_interference_at_the_ends_of_its_range(t, tau, sound):
    """Equal steps in the logarithm of the duration and of the energy, a hundred thousand of them."""
    energy = np.exp(np.arange(-30, 4, 0.1))
    weight = 0.1 * energy * np.exp(-energy)
    logs = np.linspace(np.log(1e-7 * min(t, tau)), np.log(t), 20_001)
    duration = np.exp((logs[1:] + logs[:-1]) / 2)
    returns = np.zeros(len(duration))
    for e, w in zip(energy, weight, strict=True):
        gamma = dephasing_exponent(duration / 2, 2 * DERIVED * sound * np.sqrt(2 * e), tau)
        x = duration / tau
        returns += w * (np.exp(-gamma) - np.exp(-x) + np.expm1(-x) * np.exp(-x - gamma))
    left = (t - duration) / tau
    flights = -np.expm1(-left) - left * np.exp(-left)
    direct = -np.sum(np.diff(logs) * flights * returns) / (2 * np.pi)
    assert interference([t], Bath(tau, sound))[0] == pytest.approx(direct, abs=2e-5)


def test_interference_refuses_what_does_not_converge():
    with pytest.raises(NotConverged, match="interference at time"):
        interference([10.0], Bath(1.0, 0.2), weight=([1.0], [1.0]), tolerance=1e-18)


def test_noncrossing_against_lippmann_schwinger():
    """The self-energy found by plain iteration over states of a grid, and the propagator from a dense sum."""
    strength, band = 0.5, 10.0
    states = (np.arange(20000) + 0.5) * band / 20000
    sigma = -0.25j
    for _ in range(300):
        sigma = strength / (2 * np.pi) * np.sum(1 / (1.3 - sigma - states)) * band / 20000
    assert _self_energy(np.array([1.3]), strength, band, 1e-12)[0] == pytest.approx(sigma, abs=1e-4)


def test_ensemble_follows_the_noncrossing_decay_at_early_times():
    """Before loops close, theory without crossings must hold even where k_B T tau/hbar is 1.5."""
    early = Ensemble(1.5, (0.0,), points=64, length=32.0, step=0.1, duration=2.0, pairs=2)
    value, error = jackknife(run_ensemble(early, range(8))[0][:, 0])
    expected = noncrossing_autocorrelation(early.time, Grid(64, 32.0), 1.5)
    assert np.all(np.abs(value - expected) < 4 * error + 0.02)
    assert np.abs(np.exp(-early.time / 1.5) - expected).max() > 0.08


# statistics and bad input -----------------------------------------------------------------------------


def test_jackknife_of_a_mean_and_of_a_ratio(rng):
    blocks = rng.normal([2.0, 4.0], 0.5, size=(400, 2))
    value, error = jackknife(blocks)
    assert np.allclose(value, blocks.mean(axis=0)) and np.allclose(error, blocks.std(axis=0, ddof=1) / 20)
    ratio, error = jackknife(blocks, lambda m: m[1] / m[0])
    assert error == pytest.approx(2 * np.hypot(0.5 / 2, 0.5 / 4) / 20, rel=0.15)
    assert abs(ratio - 2) < 4 * error


def test_runs_are_reproducible_and_paired():
    small = Ensemble(1.5, (0.0, 1e-9), points=32, length=20.0, step=0.1, duration=2.0)
    first, again = run_ensemble(small, [4, 5])[0], run_ensemble(small, [4, 5], n_jobs=2)[0]
    assert np.array_equal(first, again)
    assert np.allclose(first[:, 0], first[:, 1], atol=1e-5)  # the same potentials and states
    assert not np.allclose(first[0], first[1], atol=1e-3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("relaxation", 0.0),
        ("relaxation", -1.0),
        ("relaxation", np.nan),
        ("sounds", ()),
        ("sounds", (-0.1,)),
        ("points", 33),
        ("points", 4),
        ("length", 0.0),
        ("length", 40.0),  # too coarse
        ("sounds", 0.3),
        ("step", 0.0),
        ("step", 0.3),  # energies of the grid that differ by 2 pi/step
        ("step", "short"),
        ("cutoff", 50.0),
        ("step", -0.1),
        ("duration", 0.0),
        ("duration", 0.3),
        ("every", 0),
        ("pairs", 0),
    ],
)
def test_bad_ensembles(name, value):
    Ensemble(**GOOD)
    with pytest.raises(ValueError, match=name):
        Ensemble(**{**GOOD, name: value})


@pytest.mark.parametrize("name", ["temperature", "mass", "sound", "scattering_time"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, "warm"])
def test_bad_materials(name, value):
    good = {"temperature": 10.0, "mass": 4.5e-31, "sound": 4e3, "scattering_time": 2e-11}
    with pytest.raises(ValueError, match=name):
        Bath.at_temperature(**{**good, name: value})


def test_other_bad_input(rng):
    states, _, field = states_and_field(rng)
    with pytest.raises(ValueError, match="step"):
        propagate(states, field.frozen(), SMALL, step=0.0, steps=3)
    with pytest.raises(ValueError, match="step: expected below"):
        propagate(states, field.frozen(), SMALL, step=0.3, steps=3)
    with pytest.raises(ValueError, match="steps"):
        propagate(states, field.frozen(), SMALL, step=0.1, steps=0)
    with pytest.raises(ValueError, match="states"):
        propagate(states, field.frozen(), Grid(64, 20.0), step=0.1, steps=3)
    with pytest.raises(ValueError, match="potential"):
        propagate(states, np.zeros((16, 16)), SMALL, step=0.1, steps=3)
    with pytest.raises(ValueError, match="step"):
        propagate(states, field.frozen(), SMALL, step="long", steps=3)
    with pytest.raises(ValueError, match="abscissa"):
        line_fit([], [])
    with pytest.raises(ValueError, match="cutoff"):
        PhononField(SMALL, 1.0, rng, cutoff=2 * SMALL.cutoff)
    with pytest.raises(ValueError, match="weight"):
        directed_states(SMALL, rng, weight=np.zeros_like)
    with pytest.raises(ValueError, match="time"):
        diffusion([0.0, 2.0, 1.0], np.ones(3))
    with pytest.raises(ValueError, match="blocks"):
        jackknife([[1.0]])
    with pytest.raises(ValueError, match="duration"):
        return_density(0.0, 1.0)
    for function in (interference, noncrossing_autocorrelation):
        second = Bath(1.0) if function is interference else SMALL
        with pytest.raises(ValueError, match="time"):
            function([-1.0], second, 1.0)
    with pytest.raises(ValueError, match="kernel"):
        interference([1.0], Bath(1.0), kernel="sharp")
    with pytest.raises(ValueError, match="separation"):
        interference([1.0], Bath(1.0), 0.0)
    wrong = {"relaxation": 0.0, "sounds": (-1.0,), "time": [-1.0], "n_loops": 3, "energy": 0.0}
    for name, bad in wrong.items():
        good = {"time": [1.0], "relaxation": 1.0, "sounds": (0.0,), "n_loops": 20, "rng": rng}
        with pytest.raises(ValueError, match=name):
            interference_of_loops(**{**good, name: bad})
    with pytest.raises(ValueError, match="reach"):
        two_line_constant(1)
    with pytest.raises(ValueError, match="relaxation"):
        noncrossing_autocorrelation([1.0], SMALL, 0.0)
    with pytest.raises(NotConverged, match="self-energy"):
        noncrossing_autocorrelation([1.0], SMALL, 1.0, tolerance=1e-30)


SERIES = {"time": [0.0, 1.0, 2.0], "autocorrelation": [1.0, 0.5, 0.2]}
LINE = {"abscissa": [0.0, 1.0, 2.0], "ordinate": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize("bad", [np.nan, -1.0, "text", None, 1j, [np.nan, 1.0, 2.0]], ids=repr)
@pytest.mark.parametrize(
    ("function", "good"),
    [
        (diffusion, SERIES),
        (line_fit, LINE),
        (jackknife, {"blocks": [[1.0, 2.0], [2.0, 3.0]]}),
        (run_ensemble, {"seeds": [1]}),
    ],
    ids=["diffusion", "line_fit", "jackknife", "run_ensemble"],
)
def test_what_is_no_array_of_numbers_is_named(function, good, bad):
    extra = {"ensemble": Ensemble(**GOOD)} if function is run_ensemble else {}
    for name in good:
        with pytest.raises(ValueError, match=f"{name}: expected"):
            function(**{**extra, **good, name: bad})


@pytest.mark.parametrize("strength", 10.0 ** np.arange(-4, 3))
@pytest.mark.parametrize("band", 10.0 ** np.arange(-2, 4, 2))
def test_the_self_energy_is_the_retarded_root_at_any_strength(strength, band):
    """Below the real axis at every energy between the edges."""
    middle, half = _support(strength, band)
    energy = middle + half * np.cos((np.arange(256) + 0.5) * np.pi / 256)
    sigma = _self_energy(energy, strength, band, 1e-12 * strength)
    z = energy - sigma
    wanted = strength / (2 * np.pi) * (np.log(z) - np.log(z - band))
    assert np.all(sigma.imag < 0) and np.abs(sigma - wanted).max() < 1e-11 * strength
