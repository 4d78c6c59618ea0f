"""Wells against numerical derivatives, chi against lattices and random points, batches against one by one."""

import importlib

import numpy as np
import pytest
from scipy.stats import truncnorm

from lowdim.wigner import NotConverged
from lowdim.wigner.batch import batch_energy, batch_gradient, relax_batch, relax_ensemble
from lowdim.wigner.clusters import cluster_energy, cluster_gradient, elasticity_matrix, relax
from lowdim.wigner.disorder import (
    CHI_SQUARE,
    CHI_TRIANGULAR,
    DisorderedTrap,
    _shared_area,
    chi_random_disc,
    chi_random_torus,
    equidistance,
    lowest_in_disorder,
    random_wells,
)
from lowdim.wigner.potentials import Trap
from lowdim.wigner.stored import stored_cluster


def landscapes(count, rng, depth=0.6, width=0.3):
    return [random_wells(Trap(2), 3, 2.0, depth, width, rng) for _ in range(count)]


def stacked(traps):
    return [np.array([getattr(t, name) for t in traps]) for name in ("centres", "depths", "widths")]


def test_well_derivatives():
    rng = np.random.default_rng(1)
    trap = landscapes(1, rng)[0]
    r, step = rng.normal(size=(4, 2)), 1e-5
    gradient, second = np.zeros((4, 2)), np.zeros((4, 2, 2))
    for i, k in np.ndindex(4, 2):
        shift = np.zeros((4, 2))
        shift[i, k] = step
        gradient[i, k] = (trap.energy(r + shift) - trap.energy(r - shift)) / (2 * step)
        second[i, k] = (trap.gradient(r + shift) - trap.gradient(r - shift))[i] / (2 * step)
    np.testing.assert_allclose(trap.gradient(r), gradient, atol=1e-8)
    np.testing.assert_allclose(trap.curvature(r), second, atol=1e-7)
    direct = 0.5 * np.sum(r**2) - sum(
        u * np.exp(-np.sum((p - s) ** 2) / (2 * w**2))
        for p in r
        for s, u, w in zip(trap.centres, trap.depths, trap.widths, strict=True)
    )
    assert trap.energy(r) == pytest.approx(direct, rel=1e-13)


def test_empty_and_flat_wells_change_nothing():
    none = DisorderedTrap(Trap(2), np.empty((0, 2)), [], [])
    flat = DisorderedTrap(Trap(2), [[0.1, 0.2]], [0.0], [0.5])
    r = stored_cluster(8)
    for trap in (none, flat):
        assert trap.isotropic
        assert cluster_energy(r, trap) == pytest.approx(cluster_energy(r), rel=1e-14)
        np.testing.assert_allclose(elasticity_matrix(r, trap), elasticity_matrix(r), atol=1e-13)


def test_chi_of_lattices():
    i, j = np.meshgrid(np.arange(40), np.arange(40))
    square = np.stack([i.ravel(), j.ravel()], axis=1)
    triangular = np.stack([(i + 0.5 * j).ravel(), np.sqrt(0.75) * j.ravel()], axis=1)
    assert equidistance(square, 1.0) == pytest.approx(CHI_SQUARE)
    assert equidistance(triangular, 2 / np.sqrt(3)) == pytest.approx(CHI_TRIANGULAR)
    assert CHI_TRIANGULAR == pytest.approx(2 * np.sqrt(2) / 3**0.25)
    # the measure has no dimension
    assert equidistance(7.3 * triangular, 2 / np.sqrt(3) / 7.3**2) == pytest.approx(CHI_TRIANGULAR)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_chi_of_random_points(n):
    rng = np.random.default_rng(n)
    sets = 4000 if n < 30 else 800
    disc, torus = [], []
    for _ in range(sets):
        radius, angle = np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
        disc.append(equidistance(np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), n / np.pi))
        points = rng.random((n, 2))
        d = np.abs(points[:, None] - points)
        d = np.hypot(*np.minimum(d, 1 - d).transpose(2, 0, 1)) + np.eye(n) * 9
        torus.append(2 * np.sqrt(n) * d.min(axis=1).mean())
    for values, exact in ((disc, chi_random_disc(n)), (torus, chi_random_torus(n))):
        # on a square torus of few points the corners cut the distribution
        if values is torus and n == 2:
            continue
        assert abs(np.mean(values) - exact) < 4 * np.std(values) / np.sqrt(sets)


@pytest.mark.parametrize("s", [1e-9, 0.3, 0.5, 0.999, 1.0])
def test_the_area_that_two_discs_share(s):
    """Against strips; all of a circle inside the disc, all of the disc inside a circle."""
    x, width = (np.arange(40000) + 0.5) / 20000 - 1, 1 / 20000
    for r in (0.0, 0.2, 0.5, 1 - s, 1.0, 1 + s, 1.7):
        with np.errstate(all="raise"):
            found = float(_shared_area(np.array(s), np.array(r)))
        chord = np.sqrt(1 - x**2)
        other = np.sqrt(np.maximum(r**2 - (x - s) ** 2, 0))
        assert found == pytest.approx(2 * width * np.minimum(chord, other).sum(), abs=2e-5)
        if r <= 1 - s:
            assert found == pytest.approx(np.pi * r**2, rel=1e-14)


def test_chi_limits():
    assert chi_random_torus(10**7) == pytest.approx(1, abs=1e-7)
    assert chi_random_disc(2000, order=120) == pytest.approx(1, abs=0.01)
    # two points in a disc: the mean distance is 128 R/45 pi
    assert chi_random_disc(2) == pytest.approx(2 * np.sqrt(2 / np.pi) * 128 / (45 * np.pi), rel=1e-6)


def test_batch_is_one_by_one():
    rng = np.random.default_rng(4)
    traps = landscapes(5, rng)
    starts = rng.normal(size=(5, 6, 2))
    wells = stacked(traps)
    energies, gradients = batch_energy(starts, *wells), batch_gradient(starts, *wells)
    for k, trap in enumerate(traps):
        assert energies[k] == pytest.approx(cluster_energy(starts[k], trap), rel=1e-13)
        np.testing.assert_allclose(gradients[k], cluster_gradient(starts[k], trap), atol=1e-11)
    found, energies, converged = relax_batch(starts, *wells, tolerance=1e-7)
    assert converged.all()
    for k, trap in enumerate(traps):
        polished = relax(found[k], trap, tolerance=1e-9, falling=1e-5)
        assert polished.energy == pytest.approx(energies[k], abs=1e-9)


def test_ensemble_finds_what_the_search_finds():
    clean = stored_cluster(6)
    rng = np.random.default_rng(6)
    traps = landscapes(6, rng)
    lowest, local, failed = relax_ensemble(clean, traps, rng, starts=25)
    assert failed < 0.1
    for k, trap in enumerate(traps):
        slow, slow_local = lowest_in_disorder(clean, trap, np.random.default_rng(k), starts=25)
        assert cluster_energy(lowest[k], trap) == pytest.approx(slow.energy, abs=1e-4)
        assert cluster_energy(lowest[k], trap) < cluster_energy(local[k], trap) + 1e-9
        assert slow.energy <= slow_local.energy


def test_without_random_starts_the_crystal_next_to_the_clean_one_is_the_lowest():
    clean = stored_cluster(3)
    rng = np.random.default_rng(11)
    traps = [random_wells(Trap(2), 3, 1.0, 8.0, 0.2, rng) for _ in range(6)]
    lowest, local, _ = relax_ensemble(clean, traps, rng, starts=0)
    np.testing.assert_array_equal(lowest, local)


def test_strong_wells_take_every_electron():
    centres = np.array([[1.0, 0.0], [-0.7, 0.9], [0.2, -1.3]])
    trap = DisorderedTrap(Trap(2), centres, [50.0] * 3, [0.1] * 3)
    clean = stored_cluster(3)
    lowest, _ = lowest_in_disorder(clean, trap, np.random.default_rng(0), starts=20)
    distance = np.hypot(*(lowest.positions[:, None] - centres).transpose(2, 0, 1))
    assert np.all(distance.min(axis=0) < 0.02)


def test_random_wells_have_the_stated_spread():
    """A normal distribution of equal mean and standard deviation, cut at zero: mean 1.288, rms 1.513."""
    trap = random_wells(Trap(2), 40000, 3.0, 2.0, 0.5, np.random.default_rng(1))
    assert np.mean(trap.depths) == pytest.approx(2 * 1.2876, rel=0.02)
    assert np.sqrt(np.mean(trap.depths**2)) == pytest.approx(2 * 1.513, rel=0.02)
    assert np.mean(np.sum(trap.centres**2, axis=1)) == pytest.approx(4.5, rel=0.02)
    assert np.all(trap.widths > 0)


def test_what_does_not_converge_raises(monkeypatch):
    rng = np.random.default_rng(0)
    batch = importlib.import_module("lowdim.wigner.batch")
    monkeypatch.setattr(batch, "try_relax", lambda *arguments: None)
    with pytest.raises(NotConverged, match="no relaxation converged"):
        relax_ensemble(stored_cluster(6), landscapes(2, rng), rng, max_steps=2)
    assert not relax_batch(rng.normal(size=(1, 5, 2)), *stacked(landscapes(1, rng)), max_steps=1)[2].any()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("widths", lambda: DisorderedTrap(Trap(2), [[0, 0]], [1.0], [0.0])),
        ("depths", lambda: DisorderedTrap(Trap(2), [[0, 0]], [1.0, 2.0], [0.1])),
        ("density", lambda: equidistance([[0, 0], [1, 1]], 0.0)),
        ("positions", lambda: equidistance([[0, 0]], 1.0)),
        ("n", lambda: chi_random_disc(1)),
        ("count", lambda: random_wells(Trap(2), -1, 1.0, 1.0, 1.0, np.random.default_rng(0))),
        ("width", lambda: random_wells(Trap(2), 1, 1.0, 1.0, -1.0, np.random.default_rng(0))),
        ("trap", lambda: random_wells("deep", 1, 1.0, 1.0, 1.0, np.random.default_rng(0))),
        ("rng", lambda: random_wells(Trap(2), 1, 1.0, 1.0, 1.0, 7)),
        ("depth", lambda: random_wells(Trap(2), 1, 1.0, np.nan, 1.0, np.random.default_rng(0))),
        (
            "depths",
            lambda: relax_batch(np.ones((2, 3, 2)), np.ones((2, 1, 2)), np.ones((2, 2)), np.ones((2, 1))),
        ),
        ("starts", lambda: lowest_in_disorder(np.eye(2), Trap(2), np.random.default_rng(0), starts=0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()


def test_random_wells_are_drawn_as_stated():
    """Depths and widths: normal, mean and deviation equal, cut at 0; places: uniform in the disc."""
    wells = random_wells(Trap(2), 40000, 2.0, 0.6, 0.3, np.random.default_rng(3))
    drawn = truncnorm(-1, np.inf, loc=1, scale=1)
    for values, mean in ((wells.depths, 0.6), (wells.widths, 0.3)):
        for share in (0.2, 0.5, 0.9):
            assert np.mean(values < mean * drawn.ppf(share)) == pytest.approx(share, abs=0.01)
    assert wells.widths.min() >= 0.03
    square = np.sum(wells.centres**2, axis=1)
    assert square.max() < 4
    assert np.mean(square) == pytest.approx(2, abs=0.03)
    assert np.abs(wells.centres.mean(axis=0)).max() < 0.03
