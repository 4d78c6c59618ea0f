"""The pinned pair against a separable problem, symmetries, a finer grid, and plain quadrature."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import eigsh

from lowdim.wigner import (
    NotConverged,
    PinnedPair,
    coulomb_exchange,
    einstein_frequencies,
    heitler_london,
    overlap,
    pair_splitting,
)
from lowdim.wigner.material import Material
from lowdim.wigner.pinned import _Grid, _sinc_kinetic

MATERIAL = Material(0.5, 4.0)


@pytest.fixture(scope="module")
def dimer_in_hexagon(hexagon):
    """The central electron and one of its six neighbours, at 3 meV."""
    length = float(MATERIAL.trap_length(3.0))
    pinned = PinnedPair(hexagon * length, (0, 1), MATERIAL, 3.0)
    width = MATERIAL.zero_point_length(3.0) * einstein_frequencies(hexagon)[0] ** -0.5
    return pinned, float(width)


def separable(trap_energy, angular_momentum):
    """Energy above the classical minimum of two electrons in the trap alone, from the radial equation."""
    scale, kappa = MATERIAL.hbar2_over_mass, MATERIAL.coulomb
    step = 0.02
    r = step * np.arange(1, 8000)
    potential = 0.25 * trap_energy**2 / scale * r**2 + kappa / r
    well = potential + scale * (angular_momentum**2 - 0.25) / r**2
    kinetic = scale / step**2
    radial = eigh_tridiagonal(
        well + 2 * kinetic, np.full(len(r) - 1, -kinetic), select="i", select_range=(0, 0)
    )
    return radial[0][0] + trap_energy - potential.min()


def test_two_electrons_in_the_trap_alone():
    trap_energy = 1.0
    separation = 2 ** (1 / 3) * float(MATERIAL.trap_length(trap_energy))
    pair = PinnedPair([[0.5 * separation, 0], [-0.5 * separation, 0]], (0, 1), MATERIAL, trap_energy)
    # such a pair turns freely, so the grid reaches as far in every direction
    found = pair_splitting(pair, 8.7, step=0.65, reach=8.0)
    expected = [separable(trap_energy, m) for m in (0, 1)]
    assert found.singlet == pytest.approx(expected[0], abs=5e-6)
    assert found.splitting == pytest.approx(expected[1] - expected[0], abs=5e-6)
    assert found.splitting > 0.05


def test_grid_has_converged(dimer_in_hexagon):
    pinned, width = dimer_in_hexagon
    usual = pair_splitting(pinned, width, step=0.8, reach=6.0)
    finer = pair_splitting(pinned, width, step=0.65, reach=6.0)
    wider = pair_splitting(pinned, width, step=0.8, reach=7.0)
    assert usual.splitting == pytest.approx(finer.splitting, rel=2e-3)
    assert usual.splitting == pytest.approx(wider.splitting, rel=2e-3)
    assert usual.singlet == pytest.approx(finer.singlet, abs=5e-4)
    assert finer.size > usual.size


def test_singlet_lies_lowest_and_nothing_depends_on_the_frame(dimer_in_hexagon):
    pinned, width = dimer_in_hexagon
    usual = pair_splitting(pinned, width, step=0.8, reach=6.0)
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    turned = PinnedPair(pinned.positions @ turn.T, (1, 0), MATERIAL, pinned.trap_energy)
    again = pair_splitting(turned, width, step=0.8, reach=6.0)
    assert usual.splitting > 0
    assert again.splitting == pytest.approx(usual.splitting, rel=1e-6)


def test_both_sectors_are_levels_of_the_whole_plane():
    """Without exchange symmetry put in by hand, on twice the grid; the neighbours have no symmetry at all."""
    positions = [[8.0, 0.0], [-8.0, 0.0], [5.0, 26.0], [-9.0, -23.0], [31.0, 8.0]]
    pinned = PinnedPair(positions, (0, 1), MATERIAL, 5.0)
    found = pair_splitting(pinned, 3.6, step=1.0, reach=4.0)
    grid = _Grid.around(pinned, 3.6, 14.4)
    whole = replace(grid, x=np.concatenate([-grid.x[::-1], grid.x]))
    lowest = pinned.energy(*(pinned.positions[i] for i in pinned.pair))
    potential = np.minimum(pinned.energy(*whole.electrons()) - lowest, 200.0)
    scale = MATERIAL.hbar2_over_mass
    axes = ((whole.x, scale), (whole.y, scale), (whole.centre, scale / 4), (whole.centre, scale / 4))
    total = sparse.diags_array(potential.ravel())
    for k, (points, factor) in enumerate(axes):
        kinetic = factor * _sinc_kinetic(points, points, grid.step)
        before, after = (
            sparse.eye_array(int(np.prod(s))) for s in (potential.shape[:k], potential.shape[k + 1 :])
        )
        total = total + sparse.kron(sparse.kron(before, sparse.csr_array(kinetic)), after)
    levels = np.sort(eigsh(total.tocsr(), 2, which="SA", v0=np.ones(potential.size), ncv=40)[0])
    assert found.singlet == pytest.approx(levels[0], abs=1e-9)
    assert found.triplet == pytest.approx(levels[1], abs=1e-9)
    assert found.splitting > 1e-3


def test_clouds_shrink_to_points(dimer_in_hexagon):
    pinned, width = dimer_in_hexagon
    kwargs = {"step": 0.9, "reach": 4.5}
    point = pair_splitting(pinned, width, **kwargs).splitting
    cloud = pair_splitting(
        PinnedPair(pinned.positions, pinned.pair, MATERIAL, pinned.trap_energy, cloud=0.01), width, **kwargs
    )
    assert cloud.splitting == pytest.approx(point, rel=1e-4)


def test_interaction_given_by_hand(dimer_in_hexagon):
    pinned, width = dimer_in_hexagon

    def coulomb(distance):
        return MATERIAL.coulomb / distance

    by_hand = PinnedPair(pinned.positions, pinned.pair, MATERIAL, pinned.trap_energy, interaction=coulomb)
    kwargs = {"step": 0.9, "reach": 4.5}
    assert pair_splitting(by_hand, width, **kwargs) == pair_splitting(pinned, width, **kwargs)


def test_heitler_london_term_by_term(dimer_in_hexagon):
    """One-body matrix elements on a grid, by finite differences and sums."""
    pinned, width = dimer_in_hexagon
    parts = heitler_london(pinned, width)
    first, second = (pinned.positions[i] for i in pinned.pair)
    repulsion = -2 * coulomb_exchange(pinned.distance, width, coulomb=MATERIAL.coulomb)
    assert parts["interaction"] == pytest.approx(float(repulsion), rel=1e-9)
    step = 0.1 * width
    side = np.arange(-100, 101) * step
    points = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1) + 0.5 * (first + second)
    orbitals = [
        np.exp(-np.sum((points - c) ** 2, axis=-1) / (4 * width**2)) / np.sqrt(2 * np.pi * width**2)
        for c in (first, second)
    ]

    def one_body(bra, ket):
        slopes = [np.gradient(o, step, axis=k) for k in (0, 1) for o in (bra, ket)]
        kinetic = 0.5 * MATERIAL.hbar2_over_mass * np.sum(slopes[0] * slopes[1] + slopes[2] * slopes[3])
        return step**2 * (kinetic + np.sum(bra * pinned.field(points) * ket))

    a, b = orbitals
    s = float(overlap(pinned.distance, width))
    same = one_body(a, a) + one_body(b, b)
    crossed = 2 * s * one_body(a, b)
    # finite differences are good to step^2, and both terms nearly cancel
    scale = 2 * s**2 * same
    assert parts["one_body"] == pytest.approx(2 * (s**2 * same - crossed) / (1 - s**4), abs=3e-3 * scale)
    assert parts["splitting"] == pytest.approx(parts["one_body"] + parts["interaction"])


def test_iteration_that_does_not_end(dimer_in_hexagon, monkeypatch):
    pinned, width = dimer_in_hexagon
    monkeypatch.setattr("lowdim.wigner.pinned._MOST_RESTARTS", 1)
    with pytest.raises(NotConverged, match="pair_splitting"):
        pair_splitting(pinned, width, step=0.9, reach=5.0)


SQUARE = np.array([[10.0, 0.0], [-10.0, 0.0], [0.0, 15.0]])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda: PinnedPair([[0.0, 0.0]], (0, 0), MATERIAL, 1.0)),
        ("positions", lambda: PinnedPair([0.0, 1.0], (0, 1), MATERIAL, 1.0)),
        ("positions", lambda: PinnedPair([[0, 0], [0, 0]], (0, 1), MATERIAL, 1.0)),
        ("pair", lambda: PinnedPair(SQUARE, (0, 0), MATERIAL, 1.0)),
        ("pair", lambda: PinnedPair(SQUARE, (0, 3), MATERIAL, 1.0)),
        ("trap_energy", lambda: PinnedPair(SQUARE, (0, 1), MATERIAL, -1.0)),
        ("cloud", lambda: PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0, cloud=-1.0)),
        ("cloud", lambda: PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0, cloud=1.0, interaction=np.reciprocal)),
        ("width", lambda: pair_splitting(PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0), 0.0)),
        ("step", lambda: pair_splitting(PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0), 1.0, step=-1)),
        ("reach", lambda: pair_splitting(PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0), 1.0, reach=0)),
        ("width", lambda: heitler_london(PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0), np.inf)),
        (
            "pinned",
            lambda: heitler_london(PinnedPair(SQUARE, (0, 1), MATERIAL, 1.0, interaction=np.reciprocal), 1.0),
        ),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
