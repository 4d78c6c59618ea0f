"""Instantons against problems whose splitting is known: in closed form, on a grid, by dense determinants."""

import numpy as np
import pytest
from scipy.linalg import eigh, eigh_tridiagonal

from lowdim.wigner import (
    TMD,
    NotConverged,
    instanton,
    nearest_distances,
    ring_exchange,
    stored_cluster,
    stored_exchange,
    tunnelling_amplitude,
    two_loop_coefficient,
)
from lowdim.wigner._determinants import log_det_at_rest
from lowdim.wigner.instantons import _Chain, _Well
from lowdim.wigner.landscapes import TrappedElectrons
from wells import Quartic


class Pendulum:
    """1 - cos x, from 0 to 2 pi: S = 8, exact band width from Mathieu's equation."""

    def slope(self, x):
        return 1 - np.cos(x[:, 0]), np.sin(x)

    def curvature(self, x):
        return np.cos(x)[:, :, None]


class Curved:
    """Two wells and a transverse mode that softens and bends between them, turned by an angle."""

    turn = np.array([[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]])

    def terms(self, u, v):
        stiff = 0.8 + 0.7 * u**2
        w = v - 0.3 * (1 - u**2)
        value = (u**2 - 1) ** 2 / 8 + 0.5 * stiff * w**2
        du = 0.5 * u * (u**2 - 1) + 0.7 * u * w**2 + stiff * w * 0.6 * u
        duu = 1.5 * u**2 - 0.5 + 0.7 * w**2 + 1.68 * u**2 * w + stiff * (0.36 * u**2 + 0.6 * w)
        return value, du, stiff * w, duu, 1.4 * u * w + stiff * 0.6 * u, stiff

    def slope(self, x):
        value, du, dv, *_ = self.terms(*(x @ self.turn.T).T)
        return value, np.stack([du, dv], axis=1) @ self.turn

    def curvature(self, x):
        *_, uu, uv, vv = self.terms(*(x @ self.turn.T).T)
        inner = np.array([[uu, uv], [uv, vv]]).transpose(2, 0, 1)
        return self.turn.T @ inner @ self.turn


def straight(start, end, n=9):
    return np.linspace(start, end, n)


def test_double_well_in_closed_form():
    found = instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=24, steps=120)
    assert found.action == pytest.approx(2 / 3, rel=1e-6)
    assert found.prefactor == pytest.approx(np.sqrt(12 * 2 / 3), rel=1e-4)
    assert found.barrier == pytest.approx(1 / 8, rel=1e-3)
    assert found.soft == 0


@pytest.mark.parametrize("planck", [0.06, 0.04])
def test_double_well_approaches_the_exact_splitting(planck):
    """The splitting of a grid; the next order is 1 - (71/72) hbar/S."""
    step = 0.002
    x = step * np.arange(-1400, 1401)
    kinetic = planck**2 / (2 * step**2)
    levels = eigh_tridiagonal(
        (x**2 - 1) ** 2 / 8 + 2 * kinetic, np.full(len(x) - 1, -kinetic), select="i", select_range=(0, 1)
    )[0]
    found = instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=24, steps=120)
    one_loop = 2 * tunnelling_amplitude(found.action, found.prefactor, planck)
    ratio = (levels[1] - levels[0]) / one_loop
    assert ratio == pytest.approx(
        1 - 71 / 72 * planck / found.action, abs=0.6 * (planck / found.action) ** 2 + 0.003
    )
    assert ratio < 0.97


def test_pendulum_in_closed_form():
    """Known amplitude 2 sqrt(8/pi hbar)... of the lowest band: J/hbar = 4/sqrt(pi hbar) exp(-8/hbar)."""
    found = instanton(Pendulum(), [0.0], straight([0.0], [2 * np.pi]), duration=24, steps=120)
    assert found.action == pytest.approx(8.0, rel=1e-5)
    hbar = 0.5
    expected = hbar * 4 / np.sqrt(np.pi * hbar) * np.exp(-8 / hbar)
    assert tunnelling_amplitude(found.action, found.prefactor, hbar) == pytest.approx(expected, rel=3e-4)


def test_curved_path_against_a_grid_in_two_dimensions():
    """The ratio of the exact splitting to one loop tends to 1 with Planck's constant."""
    landscape, step = Curved(), 0.08
    u, v = step * np.arange(-24, 25), step * np.arange(-17, 27)
    value = landscape.terms(*np.meshgrid(u, v, indexing="ij"))[0]

    def second(n):
        """Minus the second derivative between sinc functions: exact but for the reach of the grid."""
        k = np.subtract.outer(np.arange(n), np.arange(n))
        far = 2.0 * (-1.0) ** k / np.where(k == 0, 1, k) ** 2
        return np.where(k == 0, np.pi**2 / 3, far) / step**2

    kinetic = np.kron(second(len(u)), np.eye(len(v))) + np.kron(np.eye(len(u)), second(len(v)))
    ends = [landscape.turn.T @ [s, 0.0] for s in (-1.0, 1.0)]
    found = instanton(landscape, ends[0], straight(*ends), duration=24, steps=120)
    ratios = []
    for planck in (0.06, 0.045, 0.03):
        hamiltonian = np.diag(value.ravel()) + 0.5 * planck**2 * kinetic
        levels = eigh(hamiltonian, eigvals_only=True, subset_by_index=(0, 1))
        one_loop = 2 * tunnelling_amplitude(found.action, found.prefactor, planck)
        ratios.append((levels[1] - levels[0]) / one_loop)
    # the parabola through the three, at 0
    assert 3 * ratios[0] - 8 * ratios[1] + 6 * ratios[2] == pytest.approx(1, abs=0.01)
    assert ratios[0] < ratios[1] < ratios[2] < 0.95
    middle = landscape.turn @ found.path[len(found.path) // 2]
    assert middle[1] > 0.15  # the path bends
    # their slope at 0 is the next order
    slope = np.polyfit((0.06, 0.045, 0.03), np.log(ratios), 2)[1]
    coefficient = two_loop_coefficient(landscape, ends[0], found.path[::2], duration=24)
    assert coefficient == pytest.approx(slope, rel=0.1)


def test_two_loops_in_closed_form():
    found = instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=20, steps=120)
    coefficient = two_loop_coefficient(Quartic(), [-1.0], found.path, duration=20)
    assert coefficient * 2 / 3 == pytest.approx(-71 / 72, abs=1e-3)


def test_two_loops_of_a_pinned_pair():
    """The exact splitting is nearer to two loops than to one, and within two percent."""
    stored = stored_exchange("exchange")
    bond = next(b for b in stored["bonds"] if b["electrons"] == 20 and b["ring"] == [8, 18])
    sites = np.array(next(c["positions"] for c in stored["clusters"] if c["electrons"] == 20))
    scale = np.sqrt(2 / (np.sqrt(3) * 1e-3)) / nearest_distances(stored_cluster(20)).mean()
    planck = float(np.sqrt(TMD.bohr_radius / scale))
    pair = tuple(bond["ring"])
    path = ring_exchange(sites, pair, mobile=pair)
    landscape = TrappedElectrons(sites, pair)
    flat = path.path[::2][:, list(pair)].reshape(-1, 4)
    coefficient = two_loop_coefficient(landscape, landscape.rest, flat, duration=14.0)
    one = (
        2e3
        * float(TMD.trap_energy(scale))
        / planck
        * tunnelling_amplitude(path.action, path.prefactor, planck)
    )
    ratio = 500 * bond["splitting"] / one
    assert ratio > 1.02
    assert ratio == pytest.approx(1 + coefficient * planck, abs=0.02)
    assert abs(ratio - 1 - coefficient * planck) < 0.5 * abs(ratio - 1)


def test_two_loops_refuse_bad_input():
    for name, path, duration in (
        ("path", np.zeros((4, 1)), 5.0),
        ("path", np.zeros((9, 2)), 5.0),
        ("duration", np.zeros((9, 1)), 0.0),
    ):
        with pytest.raises(ValueError, match=f"^{name}: expected"):
            two_loop_coefficient(Quartic(), [-1.0], path, duration=duration)


def test_determinant_by_dense_diagonalisation():
    """Q from the eigenvalues of the whole chain with long tails; the translation's one is left out."""
    landscape, step, slices = Curved(), 0.2, 161
    ends = [landscape.turn.T @ [s, 0.0] for s in (-1.0, 1.0)]
    found = instanton(landscape, ends[0], straight(*ends), duration=step * (slices - 1), steps=slices - 1)
    chain = _Chain(landscape, _Well.of(landscape, np.array(ends[0]), soft=0.1), step)
    path, other, action = chain.minimum(found.path[::2], np.array(ends[1]), 1e-9)
    size = path.size
    kinetic = 2 * np.eye(slices) - np.eye(slices, k=1) - np.eye(slices, k=-1)
    dense = np.kron(kinetic / step, np.eye(2))
    rest = dense.copy()
    for k, block in enumerate(landscape.curvature(path)):
        dense[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] += step * block
    well = landscape.curvature(np.array(ends[:1]))[0]
    rest += np.kron(np.eye(slices), step * well)
    values = np.linalg.eigvalsh(dense)
    assert abs(values[0]) < 1e-5 < values[1]
    ratio = np.sum(np.log(np.linalg.eigvalsh(rest))) - np.sum(np.log(values[1:]))
    # normalised to the length of the path in time, as in the continuum
    expected = 0.5 * ratio + 0.5 * np.log(np.sum(np.diff(path, axis=0) ** 2) / step**2)
    assert chain.log_prefactor(path, other) == pytest.approx(expected, abs=5e-3)
    assert size == 2 * slices


def test_fixed_ends_would_need_longer_times():
    """The harmonic tails: short chains give the same action."""
    short, long = (
        instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=t, steps=5 * t) for t in (12, 30)
    )
    assert short.action == pytest.approx(long.action, rel=1e-6)
    # sum of the missing tails with ends held at the wells would be 4 e^-12, larger than this
    assert abs(short.action - long.action) < 2e-7


def test_chain_converges_with_second_order():
    found = [instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=24, steps=n) for n in (40, 80)]
    assert found[0].action_error / found[1].action_error == pytest.approx(4, rel=0.2)
    assert found[0].action == pytest.approx(2 / 3, abs=found[0].action_error)


def test_what_does_not_converge(monkeypatch):
    monkeypatch.setattr("lowdim.wigner.instantons._MOST_STEPS", 2)
    with pytest.raises(NotConverged, match="gradient"):
        instanton(Quartic(), [-1.0], straight([-1.0], [1.0]), duration=24)


GUESS = straight([-1.0], [1.0])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("start", lambda: instanton(Quartic(), [0.0], GUESS, duration=9)),
        ("start", lambda: instanton(Quartic(), [[0.0]], GUESS, duration=9)),
        ("guess", lambda: instanton(Quartic(), [-1.0], GUESS[:2], duration=9)),
        ("guess", lambda: instanton(Quartic(), [-1.0], [[np.nan]] * 4, duration=9)),
        ("duration", lambda: instanton(Quartic(), [-1.0], GUESS, duration=0)),
        ("steps", lambda: instanton(Quartic(), [-1.0], GUESS, duration=9, steps=3)),
        ("soft", lambda: instanton(Quartic(), [-1.0], GUESS, duration=9, soft=-1)),
        ("tolerance", lambda: instanton(Quartic(), [-1.0], GUESS, duration=9, tolerance=0)),
        ("hbar", lambda: tunnelling_amplitude(1.0, 1.0, 0.0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


def test_determinant_of_a_chain_at_rest_is_that_of_its_matrix():
    """A free mode may fall; its ends are 1 and 0, those of a bound one the cost of the well beyond."""
    slices, step, squares, free = 7, 0.3, (-0.05, 1.7), (True, False)
    total = 0.0
    for square, loose in zip(squares, free, strict=True):
        cosh = 1 + 0.5 * square * step**2
        ends = (1.0, 0.0) if loose else [(1 - (cosh - np.sqrt(cosh**2 - 1))) / step] * 2
        matrix = (2 / step + step * square) * np.eye(slices)
        matrix -= (np.eye(slices, k=1) + np.eye(slices, k=-1)) / step
        matrix[[0, -1], [0, -1]] += np.array(ends) - 1 / step
        total += np.linalg.slogdet(matrix)[1]
    with np.errstate(all="raise"):
        assert log_det_at_rest(slices, step, squares, free) == pytest.approx(total, rel=1e-12)
