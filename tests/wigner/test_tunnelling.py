"""Ring exchanges: which there are, exact splittings, symmetries, the infinite crystal."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from lowdim.wigner import (
    Keldysh,
    NotConverged,
    PeriodicElectrons,
    PinnedPair,
    TrappedElectrons,
    crystal_exchange,
    einstein_frequencies,
    exchange_rings,
    pair_splitting,
    ring_exchange,
    stored_cluster,
)
from lowdim.wigner.infinite import crystal_frequencies, einstein_square
from lowdim.wigner.material import Material


def energy_of(positions):
    i, j = np.triu_indices(len(positions), 1)
    return 0.5 * np.sum(positions**2) + np.sum(1 / np.hypot(*(positions[i] - positions[j]).T))


@pytest.fixture(scope="module")
def between_two():
    """A pair at rest between two fixed electrons that leave it room to turn."""
    fixed = np.array([[0.0, 2.4], [0.0, -2.4]])

    def with_pair(x):
        return np.vstack([[[x, 0.0], [-x, 0.0]], fixed])

    best = minimize_scalar(lambda x: energy_of(with_pair(x)), bounds=(0.3, 1.5), options={"xatol": 1e-10})
    return with_pair(best.x)


LANDSCAPES = {
    "all": lambda x: TrappedElectrons(x),
    "some": lambda x: TrappedElectrons(x, (0, 3, 7)),
    "Keldysh": lambda x: TrappedElectrons(x, None, Keldysh(0.2)),
    "periodic": lambda x: PeriodicElectrons(4),
}


@pytest.mark.parametrize("name", LANDSCAPES)
def test_derivatives(cluster, name):
    landscape = LANDSCAPES[name](cluster)
    x = landscape.rest + 0.1 * np.random.default_rng(2).normal(size=landscape.rest.shape)
    step = 1e-5
    moved = [landscape.slope(x + sign * step * np.eye(len(x))) for sign in (1, -1)]
    slope = (moved[0][0] - moved[1][0]) / (2 * step)
    curvature = (moved[0][1] - moved[1][1]) / (2 * step)
    np.testing.assert_allclose(landscape.slope(x[None])[1][0], slope, atol=1e-7)
    np.testing.assert_allclose(landscape.curvature(x[None])[0], curvature, atol=1e-6)


def test_energies(cluster):
    stretched = 1.1 * cluster
    assert TrappedElectrons(cluster).slope(stretched.reshape(1, -1))[0][0] == pytest.approx(
        energy_of(stretched)
    )
    some = TrappedElectrons(cluster, (1, 2))
    moved = cluster.copy()
    moved[[1, 2]] += [[0.1, -0.05], [0.02, 0.2]]
    change = some.slope(moved[[1, 2]].reshape(1, -1))[0] - some.slope(some.rest[None])[0]
    assert change[0] == pytest.approx(energy_of(moved) - energy_of(cluster), abs=1e-12)


def test_periodic_crystal_has_the_modes_of_the_infinite_one():
    crystal = PeriodicElectrons(5)
    squares = np.linalg.eigvalsh(crystal.curvature(crystal.rest[None])[0])
    reciprocal = 2 * np.pi * np.linalg.inv(crystal.cell).T
    waves = np.array([[i, j] for i in range(5) for j in range(5)][1:]) @ reciprocal
    expected = np.sort(crystal_frequencies(waves).ravel() ** 2)
    np.testing.assert_allclose(squares[2:], expected, atol=1e-8)
    np.testing.assert_allclose(squares[:2], 0, atol=1e-10)
    # the supercell's own images move along: the trace is the Einstein sum without them
    assert squares.mean() < einstein_square()


def test_periodic_energy_by_images():
    """Moving one electron: the change of energy by summing images in ever larger discs."""
    crystal = PeriodicElectrons(3)
    moved = crystal.rest.copy()
    moved[:2] += [0.11, -0.07]
    change = np.subtract(*crystal.slope(np.stack([moved, crystal.rest]))[0])
    before, after = crystal.positions, moved.reshape(-1, 2)

    def explicit(reach):
        shifts = (
            np.array([[i, j] for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)])
            @ crystal.cell
        )
        shifts = shifts[np.hypot(*shifts.T) < reach * 3 * 0.8]

        def total(x):
            value = 0.0
            for j in range(1, 9):
                value += np.sum(1 / np.hypot(*(x[0] - x[j] + shifts).T))
            return value

        return total(after) - total(before)

    # the background of a disc of n charges per area: + pi n^(...) r^2/R; extrapolate in 1/R
    far = [(r, explicit(r)) for r in (40, 80, 160)]
    slope = (far[1][1] - far[2][1]) / (1 / far[1][0] - 1 / far[2][0])
    assert far[2][1] - slope / far[2][0] == pytest.approx(change, abs=2e-4)


def test_rings_of_a_hexagon_by_brute_force():
    from itertools import permutations

    angles = np.arange(6) * np.pi / 3
    sites = np.vstack([[0, 0], np.stack([np.cos(angles), np.sin(angles)], axis=1)])
    near = np.abs(np.hypot(*(sites[:, None] - sites).transpose(2, 0, 1)) - 1) < 1e-9
    found = exchange_rings(sites)

    def area(ring):
        x, y = sites[list(ring)].T
        return abs(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))

    for length in (3, 4, 5, 6):
        expected = set()
        for ring in permutations(range(7), length):
            closed = all(near[i, j] for i, j in zip(ring, ring[1:] + ring[:1], strict=True))
            # no electron inside: the outline of length - 2 triangles
            if closed and ring[0] == min(ring) and ring[1] < ring[-1]:
                if abs(area(ring) - (length - 2) * np.sqrt(3) / 4) < 1e-9:
                    expected.add(ring)
        assert set(found[length]) == expected
    assert found["6 around"] == [(1, 2, 3, 4, 5, 6)]
    assert len(found[2]) == 12


def test_one_loop_against_exact_diagonalisation(hexagon):
    """Two electrons in a pinned surrounding: nothing fitted, within a few percent of the exact splitting."""
    material, trap_energy = Material(0.5, 4.0), 3.0
    length = float(material.trap_length(trap_energy))
    planck = np.sqrt(material.bohr_radius / length)
    width = float(material.zero_point_length(trap_energy) * einstein_frequencies(hexagon)[0] ** -0.5)
    for pair in ((0, 1), (1, 2)):
        pinned = PinnedPair(hexagon * length, pair, material, trap_energy)
        exact = pair_splitting(pinned, width, step=0.7, reach=6.0).splitting
        both = [ring_exchange(hexagon, pair, mobile=pair, sense=s).amplitude(planck) for s in (1, -1)]
        assert exact / (2 * trap_energy * sum(both)) == pytest.approx(1.03, abs=0.05)


def test_pair_on_a_curve_of_few_parameters(between_two):
    """r_1 = -r_2 on a curve r(angle), in Maupertuis's form, by the simplex method."""
    floor = energy_of(between_two)
    nodes, weights = np.polynomial.legendre.leggauss(48)
    angle = 0.5 * np.pi * (nodes + 1)
    orders = 2 * np.arange(1, 4)
    waves, slopes = np.cos(np.outer(angle, orders)) - 1, -np.sin(np.outer(angle, orders)) * orders

    def reduced_action(coefficients):
        radius = between_two[0, 0] + waves @ coefficients
        height = np.empty_like(radius)
        for k, (r, t) in enumerate(zip(radius, angle, strict=True)):
            moved = between_two.copy()
            moved[0] = r * np.array([np.cos(t), np.sin(t)])
            moved[1] = -moved[0]
            height[k] = energy_of(moved) - floor
        line = np.sqrt(4 * np.maximum(height, 0)) * np.hypot(radius, slopes @ coefficients)
        return 0.5 * np.pi * weights @ line

    best = minimize(reduced_action, np.full(3, 0.01), method="Nelder-Mead", options={"fatol": 1e-7})
    found = ring_exchange(between_two, (0, 1), mobile=(0, 1))
    assert best.success
    assert found.action == pytest.approx(best.fun, rel=3e-4)


def test_energy_is_conserved(hexagon):
    found = ring_exchange(hexagon, (0, 1), steps=80)
    step = 14.0 / (len(found.path) - 1)
    velocity = np.diff(found.path, axis=0) / step
    kinetic = 0.5 * np.sum(velocity**2, axis=(1, 2))
    middle = 0.5 * (found.path[1:] + found.path[:-1])
    height = np.array([energy_of(m) for m in middle]) - energy_of(hexagon)
    assert np.abs(kinetic - height).max() < 0.02 * found.barrier
    momentum = np.sum(middle[..., 0] * velocity[..., 1] - middle[..., 1] * velocity[..., 0], axis=1)
    assert np.abs(momentum).max() < 1e-3 * np.abs(velocity).max()  # the free end: no angular momentum


def test_duration_and_steps(hexagon):
    usual = ring_exchange(hexagon, (1, 2))
    for other in ({"duration": 20.0, "steps": 80}, {"steps": 90}):
        found = ring_exchange(hexagon, (1, 2), **other)
        assert found.action == pytest.approx(usual.action, rel=1e-4)
        assert found.prefactor == pytest.approx(usual.prefactor, rel=3e-3)


def test_symmetry_relabelling_and_freedom(hexagon):
    pair = [ring_exchange(hexagon, (0, k)) for k in (1, 2, 4)]
    assert np.ptp([p.action for p in pair]) < 1e-6
    assert np.ptp([p.prefactor for p in pair]) < 1e-5
    mirrored = ring_exchange(hexagon, (0, 1), sense=-1)
    assert mirrored.action == pytest.approx(pair[0].action, abs=1e-6)
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    order = np.array([3, 5, 0, 1, 6, 2, 4])
    turned = (hexagon @ turn.T)[order]
    ring = (0, 1, 2)
    same = ring_exchange(turned, [int(np.flatnonzero(order == i)[0]) for i in ring])
    found = ring_exchange(hexagon, ring)
    assert same.action == pytest.approx(found.action, rel=1e-6)
    assert same.prefactor == pytest.approx(found.prefactor, rel=1e-5)
    back = ring_exchange(hexagon, ring[::-1])
    assert back.action == pytest.approx(found.action, rel=1e-6)
    assert back.prefactor == pytest.approx(found.prefactor, rel=1e-5)
    pinned, some = (ring_exchange(hexagon, (0, 1), mobile=m).action for m in ((0, 1), (0, 1, 2, 6)))
    assert pair[0].action < some < pinned


def test_the_whole_shell_turns_freely(hexagon):
    """The ring of all six outer electrons is a rotation of the cluster: no barrier, no action, no end."""
    ring = exchange_rings(hexagon)["6 around"][0]
    try:
        assert ring_exchange(hexagon, ring).action < 0.01
    except NotConverged as error:
        assert "valley" in str(error)


def test_rhombi_of_twenty_electrons_compete():
    cluster = stored_cluster(20)
    rings = exchange_rings(cluster)
    assert [len(rings[k]) for k in (2, 3, 4)] == [45, 26, 33]
    ring = (1, 4, 13, 12)
    rhombus, triangle = ring_exchange(cluster, ring), ring_exchange(cluster, (0, 1, 4))
    assert rhombus.action < triangle.action


def test_infinite_crystal_as_in_the_path_integrals():
    """b of J ~ exp(-b sqrt(r_s)) with 36 electrons, as published: 1.62, 1.54, 1.63."""
    scale = (2 * np.pi / np.sqrt(3)) ** 0.25
    sites = [(0, 0), (1, 0), (1, 1), (0, 1)]
    for ring, published in ((sites[:2], 1.62), ([*sites[:2], sites[3]], 1.54), (sites, 1.63)):
        found = crystal_exchange(ring, size=6)
        assert scale * found.action == pytest.approx(published, abs=0.01)
        assert found.soft == 2


def test_two_exchanges_are_not_one(hexagon):
    """A turn of a triangle and one of the centre with a neighbour, on the way of one guess."""
    from lowdim.wigner.tunnelling import _refuse_rest

    bump = np.exp(-(np.linspace(-4, 4, 81) ** 2))
    _refuse_rest(bump, 1.0)
    with pytest.raises(NotConverged, match="rests"):
        _refuse_rest(np.concatenate([bump, bump]), 1.0)


def test_minimisation_that_stops_short(hexagon):
    with pytest.raises(NotConverged):
        ring_exchange(hexagon, (0, 1), tolerance=1e-18)


PAIR = np.array([[0.63, 0.0], [-0.63, 0.0], [0.0, 2.0]])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda: ring_exchange([0.0, 1.0], (0, 1))),
        ("positions", lambda: TrappedElectrons([[0.0, 0.0], [0.0, 0.0]])),
        ("mobile", lambda: TrappedElectrons(PAIR, (5,))),
        ("mobile", lambda: TrappedElectrons(PAIR, ())),
        ("ring", lambda: ring_exchange(PAIR, (0, 0))),
        ("ring", lambda: ring_exchange(PAIR, (0,))),
        ("ring", lambda: ring_exchange(PAIR, (0, 3))),
        ("mobile", lambda: ring_exchange(PAIR, (0, 1), mobile=(0, 2))),
        ("sense", lambda: ring_exchange(PAIR, (0, 1), sense=0)),
        ("duration", lambda: ring_exchange(PAIR, (0, 1), duration=0)),
        ("steps", lambda: ring_exchange(PAIR, (0, 1), steps=2)),
        ("tolerance", lambda: ring_exchange(PAIR, (0, 1), tolerance=-1)),
        ("size", lambda: crystal_exchange([(0, 0), (1, 0)], size=3)),
        ("size", lambda: PeriodicElectrons(2)),
        ("ring", lambda: crystal_exchange([(0, 0), (5, 0)], size=5)),
        ("ring", lambda: crystal_exchange([(0, 0), (0, 0)], size=5)),
        ("longest", lambda: exchange_rings(PAIR, longest=7)),
        ("reach", lambda: exchange_rings(PAIR, reach=0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
