"""The limit of many electrons: Ewald sums against published constants, blocks against a plain sum."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from lowdim.errors import NotConverged
from lowdim.lattice.dynamics import lattice
from lowdim.lattice.sums import lattice_energy
from lowdim.stored import load_stored
from lowdim.wigner import large
from lowdim.wigner._pairsums import PairSums
from lowdim.wigner._tree import Grid, Tree, _apart, compact_order
from lowdim.wigner.clusters import cluster_energy, cluster_gradient, elasticity_matrix
from lowdim.wigner.infinite import (
    crystal_frequencies,
    crystal_zero_point_energy,
    einstein_square,
    large_cluster_energy,
)
from lowdim.wigner.large import blocked_energy_gradient, fluid_cluster, relax_large
from lowdim.wigner.stored import search_record


def test_published_constants():
    """Bonsall and Maradudin (1977): -1.960516 and -1.950133 sqrt(n); zero-point 1.627 Ry/rs^(3/2)."""
    density = 1 / lattice("triangular").cell
    assert lattice_energy(lattice("triangular"), 1) / np.sqrt(density) == pytest.approx(-1.960516, abs=1e-6)
    assert lattice_energy(lattice("square"), 1) == pytest.approx(-1.950132, abs=1e-6)
    rs = np.sqrt(np.sqrt(3) / (2 * np.pi))
    assert 2 * crystal_zero_point_energy() * rs**1.5 == pytest.approx(1.627, abs=1e-3)


@pytest.mark.parametrize("name", ["triangular", "square"])
def test_energy_does_not_know_the_splitting(name):
    values = [lattice_energy(lattice(name), 1, eta) for eta in (1.0, 1.7, 2.6)]
    np.testing.assert_allclose(values, values[0], rtol=1e-13)


@pytest.mark.parametrize("name", ["triangular", "square"])
def test_einstein_is_a_plain_sum(name):
    r = np.linalg.norm(lattice(name).bonds(120.0), axis=1)
    tail = 2 * np.pi / (lattice(name).cell * 120.0)
    assert einstein_square(name) == pytest.approx(0.5 * (np.sum(r**-3) + tail), rel=2e-5)


def test_einstein_is_the_mean_of_the_modes():
    """Half the trace of the dynamical matrix, averaged over the zone."""
    crystal = lattice("triangular")
    q = (np.arange(40) + 0.5) / 40 - 0.5
    k = np.stack(np.meshgrid(q, q), axis=-1).reshape(-1, 2) @ crystal.reciprocal
    mean = np.mean(np.sum(crystal_frequencies(k) ** 2, axis=1)) / 2
    assert mean == pytest.approx(einstein_square(), rel=1e-3)


def test_square_crystal_is_unstable():
    assert np.any(np.isnan(crystal_frequencies([[np.pi, 0.0], [2.0, 1.0]], "square")))
    assert not np.any(np.isnan(crystal_frequencies([[np.pi, 0.0], [2.0, 1.0]])))


def test_clusters_approach_the_crystal():
    energies = {row["n"]: row["energy"] for row in search_record()["search"]}
    excess = np.array([1 - energies[n] / large_cluster_energy(n) for n in (20, 40, 80)])
    assert np.all(np.diff(excess) < 0)
    assert np.all((excess > 0) & (excess < 0.02))


@pytest.mark.parametrize(("n", "block"), [(1, 4), (7, 3), (50, 16), (130, 64), (130, 500)])
def test_blocks_are_the_plain_sum(n, block):
    r = np.random.default_rng(n).normal(size=(n, 2)) * n**0.4
    energy, gradient = blocked_energy_gradient(r, block=block)
    assert energy == pytest.approx(cluster_energy(r), rel=1e-12)
    np.testing.assert_allclose(gradient, cluster_gradient(r), rtol=1e-9, atol=1e-9)


def scattered(n, block):
    """A cluster off its lattice in the order of its tree, the tree, and its plain energy and gradient."""
    r = fluid_cluster(n) + 0.05 * np.random.default_rng(0).normal(size=(n, 2))
    order, tree = compact_order(r, block)
    return r[order], tree, blocked_energy_gradient(r[order])


def test_slices_of_the_tree_are_compact_and_hold_everyone():
    r = fluid_cluster(2000)
    order, tree = compact_order(r, 100)
    assert np.array_equal(np.sort(order), np.arange(2000))
    for start, stop, halves in tree:
        if halves:
            (first, middle, _), (again, last, _) = (tree[k] for k in halves)
            assert (first, middle, last) == (start, again, stop)
        else:
            sides = np.ptp(r[order[start:stop]], axis=0)
            assert stop - start <= 100 and sides.max() < 3.5 * sides.min()


@pytest.mark.parametrize("order", [3, 8])
def test_nodes_of_a_box_interpolate_polynomials_and_their_slopes(order):
    grid, x = Grid.of(order), np.linspace(-1, 1, 7)
    powers = chebyshev.chebvander(x, order - 1)
    for degree in range(order):
        np.testing.assert_allclose(powers @ grid.values @ grid.nodes**degree, x**degree, atol=1e-13)
        slope = degree * x ** max(degree - 1, 0)
        np.testing.assert_allclose(powers @ grid.slopes @ grid.nodes**degree, slope, atol=1e-12)


def test_boxes_are_apart_by_their_gap_over_the_longer_half_side():
    centres, halves = np.array([[0.0, 0.0], [5.4, 0.0], [5.6, 0.0], [0.0, 9.0]]), np.full((4, 2), 1.0)
    halves[:3, 1], halves[3, 0] = 2.0, 4.0  # gaps of 3.4, 3.6 and 6
    others = np.array([1, 2, 3])
    assert _apart((centres, halves), np.zeros(3, int), others).tolist() == [True, True, True]
    assert not _apart((centres, 1.1 * halves), 0, 1) and not _apart((centres, halves + [1, 0]), 0, 3)


@pytest.mark.parametrize(("stage", "most"), [(0, 1e-3), (1, 5e-6), (2, 1e-9)])
def test_far_boxes_are_finer_than_the_force_that_ends_their_stage(stage, most):
    precision, order, end = large._BOXED[stage]
    r, tree, (energy, gradient) = scattered(2000, 64)
    sums = Tree(tree)
    sums.use(precision, order)
    found, slope = sums.evaluate(r)
    assert len(sums.far) > 100
    assert np.abs(slope - gradient).max() < min(most, end / 20 if end else 1)
    assert found == pytest.approx(energy, rel=most * 1e-3)


def test_far_boxes_follow_the_electrons():
    """Boxes that have come too near for their nodes are paired again; nothing is far where nothing may be."""
    r, tree, _ = scattered(2000, 64)
    sums = Tree(tree)
    sums.use(float, 18)
    sums.evaluate(r)
    before = list(sums.far)
    squeezed = r * [1.0, 0.3]
    np.testing.assert_allclose(
        sums.evaluate(squeezed)[1], blocked_energy_gradient(squeezed)[1], atol=1e-7, rtol=1e-9
    )
    assert sums.far != before
    sums.use(float)
    np.testing.assert_allclose(sums.evaluate(r)[1], blocked_energy_gradient(r)[1], atol=1e-10)


def test_single_precision_is_far_finer_than_the_force_that_ends_it():
    r, tree, (_, gradient) = scattered(2000, 256)
    precision, order, end = large._PAIRWISE[0]
    sums = Tree(tree)
    sums.use(precision, order)
    assert order is None
    assert 1e-8 < np.abs(sums.evaluate(r)[1] - gradient).max() < end / 20


def test_far_boxes_lead_to_the_same_minimum(monkeypatch):
    """With fewer nodes than for larger clusters: the plain sum has the last word."""
    pairs = relax_large(fluid_cluster(500))
    monkeypatch.setattr(large, "_MANY", 100)
    monkeypatch.setattr(large, "_BOXED", (*large._BOXED[:1], (float, 12, 0.0), large._BOXED[-1]))
    boxed = relax_large(fluid_cluster(500), block=64)
    assert np.abs(cluster_gradient(boxed.positions)).max() < 1.1e-8
    assert boxed.energy == pytest.approx(pairs.energy, rel=1e-12)


def test_a_rough_stage_that_finds_no_step_gives_way(monkeypatch):
    """Its forces point uphill: the next stage takes over, and only the last may give up."""
    evaluate = Tree.evaluate

    def uphill(self, r):
        energy, gradient = evaluate(self, r)
        return (energy, gradient) if self.near.precision is float else (energy, -gradient)

    with monkeypatch.context() as patch:
        patch.setattr(Tree, "evaluate", uphill)
        assert relax_large(fluid_cluster(60)).residual < 1e-8
        patch.setattr(large, "_PAIRWISE", large._PAIRWISE[:1])
        with pytest.raises(NotConverged, match="no step lowers"):
            relax_large(fluid_cluster(60))


def test_relaxed_large_cluster():
    found = relax_large(fluid_cluster(300))
    assert np.abs(cluster_gradient(found.positions)).max() < 1.1e-8
    assert np.linalg.eigvalsh(elasticity_matrix(found.positions))[0] > -1e-9
    assert found.energy == pytest.approx(large_cluster_energy(300), rel=2e-3)
    trapped = 0.5 * np.sum(found.positions**2)
    assert (found.energy - trapped) / (2 * trapped) == pytest.approx(1, abs=1e-9)


def test_fluid_start_has_the_fluid_density():
    r = fluid_cluster(4000)
    radius = (3 * np.pi * 4000 / 4) ** (1 / 3)
    for share in (0.3, 0.6, 0.9):
        inside = np.mean(np.hypot(*r.T) < share * radius)
        assert inside == pytest.approx(1 - (1 - share**2) ** 1.5, abs=0.01)


def test_what_does_not_converge_raises():
    with pytest.raises(NotConverged, match="after 3 steps"):
        relax_large(fluid_cluster(40), max_steps=3)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("n", lambda: fluid_cluster(0)),
        ("positions", lambda: blocked_energy_gradient([[0.0, 0.0], [0.0, 0.0]])),
        ("block", lambda: blocked_energy_gradient([[0.0, 0.0]], block=0)),
        ("tolerance", lambda: relax_large([[0.0, 0.0]], tolerance=0.0)),
        ("name", lambda: einstein_square("hexagonal")),
        ("n", lambda: large_cluster_energy(0)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()


def test_threads_change_nothing():
    r = fluid_cluster(700)
    one, two = (blocked_energy_gradient(r, block=100, threads=k) for k in (1, 2))
    assert one[0] == two[0]
    np.testing.assert_array_equal(one[1], two[1])
    r, tree, _ = scattered(2000, 64)
    one, two = (Tree(tree, threads=k) for k in (1, 2))
    for sums in (one, two):
        sums.use(float, 12)
    np.testing.assert_array_equal(one.evaluate(r)[1], two.evaluate(r)[1])


def test_pairs_far_from_the_origin_keep_their_digits():
    r = fluid_cluster(400) + [3e3, -2e3]
    energy, gradient = blocked_energy_gradient(r, block=64)
    assert energy == pytest.approx(cluster_energy(r), rel=1e-12)
    np.testing.assert_allclose(gradient, cluster_gradient(r), rtol=1e-11, atol=1e-7)


def test_stored_clusters_are_at_rest_in_time_and_below_the_limit_as_one_over_their_number():
    rows = load_stored("wigner", "large.json")["clusters"]
    assert [row["electrons"] for row in rows] == [1000, 2000, 5000, 10000, 20000]
    assert all(row["residual"] <= 1e-8 for row in rows)
    largest = rows[-1]
    # a quarter of an hour: two threads share it, but for a tenth
    assert 0.55 * largest["processor_seconds"] < 900 and largest["memory_gib"] < 4
    for row in rows:
        below = 1 - row["energy"] / large_cluster_energy(row["electrons"])
        assert below == pytest.approx(1 - row["over_limit"], abs=1e-8)
        assert 0.2 < row["electrons"] * below < 0.25
    assert relax_large(fluid_cluster(1000)).energy == pytest.approx(rows[0]["energy"], rel=1e-9)


@pytest.mark.parametrize(
    ("threads", "block", "pooled"), [(1, 50, False), (2, 50, True), (8, 50, True), (2, 500, False)]
)
def test_threads_are_started_where_there_is_work_for_two(threads, block, pooled):
    edges = np.linspace(0, 200, -(-200 // block) + 1).astype(int)
    blocks = [slice(low, high) for low, high in pairwise(edges)]
    jobs = [(a, b) for a in range(len(blocks)) for b in range(a, len(blocks))]
    sums = PairSums(blocks, jobs, threads)
    assert (sums.pool is not None) is pooled
    assert not pooled or sums.pool._max_workers == 2
    r = fluid_cluster(200)
    assert sums.evaluate(r)[0] == pytest.approx(cluster_energy(r), rel=1e-12)
