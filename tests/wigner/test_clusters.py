"""Energies, forces and second derivatives against slow twins; known minima; stored clusters."""

import numpy as np
import pytest
from scipy.optimize import minimize

from lowdim.wigner import (
    TMD,
    NotConverged,
    PinnedPair,
    einstein_frequencies,
    exchange_couplings,
    hartree_widths,
    nearest_distances,
    normal_modes,
    ring_exchange,
)
from lowdim.wigner.batch import relax_batch
from lowdim.wigner.clusters import (
    cluster_energy,
    cluster_gradient,
    elasticity_matrix,
    relax,
    shell_occupations,
)
from lowdim.wigner.density import cluster_densities
from lowdim.wigner.disorder import equidistance
from lowdim.wigner.large import relax_large
from lowdim.wigner.minima import Minimum, _hop, find_minima
from lowdim.wigner.montecarlo import sample_cluster
from lowdim.wigner.potentials import Coulomb, Keldysh, Trap
from lowdim.wigner.stored import search_record, stored_cluster

# V. M. Bedanov and F. M. Peeters, Phys. Rev. B 49, 2667 (1994), quoted second-hand: Monte Carlo energies per
# electron of sum r^2 + sum 1/r for N = 2..26
QUOTED = (
    "0.75000 1.31037 1.83545 2.33845 2.80456 3.23897 3.66890 4.08813 4.48494 4.86467 5.23895 5.60114 5.95899 "
    "6.30758 6.64990 6.98292 7.30814 7.63197 7.94961 8.26588 8.57418 8.87765 9.17590 9.47079 9.76273"
)
RINGS = {2: (2,), 3: (3,), 4: (4,), 5: (5,), 6: (1, 5), 7: (1, 6), 8: (1, 7)}
LANDSCAPES = [
    (Trap(2), Coulomb()),
    (Trap(8), Coulomb()),
    (Trap(2), Keldysh(0.2)),
    (Trap(4), Keldysh(1.5)),
]


def slow_energy(positions, trap, interaction):
    """Term by term."""
    energy = sum(x**trap.power / trap.power for x in np.ravel(positions))
    for i in range(len(positions)):
        for j in range(i):
            energy += float(interaction.terms(np.hypot(*(positions[i] - positions[j])))[0])
    return energy


@pytest.mark.parametrize(("trap", "interaction"), LANDSCAPES)
def test_derivatives(trap, interaction):
    r = np.random.default_rng(4).normal(size=(6, 2))
    assert cluster_energy(r, trap, interaction) == pytest.approx(slow_energy(r, trap, interaction), rel=1e-13)
    step = 1e-5
    gradient, hessian = np.zeros(12), np.zeros((12, 12))
    for k in range(12):
        shift = (np.eye(12)[k] * step).reshape(6, 2)
        up, down = r + shift, r - shift
        gradient[k] = (slow_energy(up, trap, interaction) - slow_energy(down, trap, interaction)) / (2 * step)
        difference = cluster_gradient(up, trap, interaction) - cluster_gradient(down, trap, interaction)
        hessian[k] = difference.ravel() / (2 * step)
    scale = np.abs(hessian).max()
    np.testing.assert_allclose(cluster_gradient(r, trap, interaction).ravel(), gradient, atol=1e-6 * scale)
    matrix = elasticity_matrix(r, trap, interaction)
    np.testing.assert_allclose(matrix, hessian, atol=1e-6 * scale)
    np.testing.assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize("n", RINGS)
def test_rings_in_closed_form(n):
    """n on a ring of R^3 = A, A = sum 1/(4 sin(pi k/n)) + 1 if one sits in the centre: E = 3 n A^(2/3)/2."""
    on_ring = RINGS[n][-1]
    pulls = np.sum(1 / (4 * np.sin(np.pi * np.arange(1, on_ring) / on_ring))) + (n - on_ring)
    lowest = find_minima(n, rng=np.random.default_rng(n), starts=12)[0]
    assert shell_occupations(lowest.positions) == RINGS[n]
    assert lowest.energy == pytest.approx(1.5 * on_ring * pulls ** (2 / 3), rel=1e-12)
    assert lowest.residual < 1e-11
    np.testing.assert_allclose(np.hypot(*lowest.positions[-on_ring:].T), pulls ** (1 / 3), rtol=1e-10)


def test_monte_carlo_energies_quoted_second_hand():
    """Ours never lie above them by more than rounding, nor below by more than Monte Carlo misses."""
    record = {row["n"]: row["energy"] for row in search_record()["search"]}
    quoted = np.array(QUOTED.split(), dtype=float)
    ours = np.array([2 ** (1 / 3) * record[n] / n for n in range(2, 27)])
    assert np.all(ours - quoted < 5.5e-6)
    assert np.all(ours - quoted > -7.5e-5)


@pytest.mark.parametrize(("trap", "interaction"), LANDSCAPES)
def test_another_optimiser_agrees(trap, interaction):
    """The same minimum by conjugate gradients on the plain energy, which knows no derivative of ours."""
    ours = find_minima(6, trap, interaction, rng=np.random.default_rng(2), starts=8)[0]
    start = ours.positions + 0.03 * np.random.default_rng(3).normal(size=(6, 2))
    found = minimize(
        lambda flat: slow_energy(flat.reshape(-1, 2), trap, interaction), start.ravel(), method="CG"
    )
    assert found.fun == pytest.approx(ours.energy, abs=1e-7)
    assert found.fun > ours.energy - 1e-10


def test_nine_electrons_in_a_steep_trap():
    """The square is lowest for Coulomb and not for Keldysh."""
    minima = find_minima(9, Trap(8), rng=np.random.default_rng(9), starts=30)
    edge = np.sort(np.abs(minima[0].positions).ravel())
    assert np.all(edge[:6] < 1e-9)
    assert minima[1].energy - minima[0].energy == pytest.approx(1.7e-4, abs=1e-5)
    screened = [relax(m.positions, Trap(8), Keldysh(1 / 6)).energy for m in minima[:2]]
    assert screened[1] < screened[0] - 0.05


def test_doubling_pairs_is_a_scale():
    """Twice the interaction: lengths grow by 2^(1/3), energies by 2^(2/3)."""

    class Twice(Coulomb):
        def terms(self, distance):
            return tuple(2 * t for t in Coulomb.terms(self, distance))

        def force_terms(self, distance):
            return self.terms(distance)[:2]

    once = find_minima(4, rng=np.random.default_rng(0), starts=3)[0]
    twice = find_minima(4, interaction=Twice(), rng=np.random.default_rng(0), starts=3)[0]
    radii = [np.sort(np.hypot(*m.positions.T)) for m in (once, twice)]
    np.testing.assert_allclose(radii[1], 2 ** (1 / 3) * radii[0], rtol=1e-9)
    assert twice.energy == pytest.approx(2 ** (2 / 3) * once.energy, rel=1e-12)


def test_stored_clusters_are_minima():
    record = {row["n"]: row for row in search_record()["search"]}
    assert sorted(record) == list(range(2, 101))
    for n in (2, 13, 20, 47, 100):
        r = stored_cluster(n)
        assert np.abs(cluster_gradient(r)).max() < 1e-11
        assert cluster_energy(r) == pytest.approx(record[n]["energy"], abs=1e-9)
        assert np.linalg.eigvalsh(elasticity_matrix(r))[0] > -1e-11
    # a live search does not find anything lower
    for n in (9, 17, 26):
        live = find_minima(n, rng=np.random.default_rng(77), starts=6)[0]
        assert live.energy > record[n]["energy"] - 1e-9


def test_stored_energies_are_smooth():
    """A cluster stuck in a high minimum would stand out of the smooth energy per electron."""
    record = search_record()["search"]
    n = np.array([row["n"] for row in record])
    energy = np.array([row["energy"] for row in record]) / n
    fit = np.polynomial.Polynomial.fit(n ** (1 / 3), energy, 4)
    deviation = np.abs(energy - fit(n ** (1 / 3)))[20:]
    assert deviation.max() < 3e-3


def test_search_counts_every_start():
    minima = find_minima(6, rng=np.random.default_rng(5), starts=15, hops=4)
    assert sum(m.found for m in minima) == 15
    assert sum(m.hops for m in minima) == 4
    energies = [m.energy for m in minima]
    assert energies == sorted(energies)


def test_what_does_not_converge_raises(monkeypatch):
    start = np.random.default_rng(0).normal(size=(12, 2))
    with pytest.raises(NotConverged, match="Newton steps"):
        relax(start, tolerance=1e-30, max_steps=3)

    def fails(*arguments, **options):
        raise NotConverged("stopped")

    monkeypatch.setattr("lowdim.wigner.minima.relax", fails)
    with pytest.raises(NotConverged, match="none of 3"):
        find_minima(4, rng=np.random.default_rng(0), starts=3)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda: relax([[0.0, 0.0], [0.0, 0.0]])),
        ("positions", lambda: cluster_energy([[1.0, 2.0], [1.0, 2.0]])),
        ("positions", lambda: elasticity_matrix([[1.0, 2.0, 3.0]])),
        ("positions", lambda: cluster_gradient(np.empty((0, 2)))),
        ("positions", lambda: relax([[np.nan, 0.0]])),
        ("n", lambda: find_minima(0, rng=np.random.default_rng(0))),
        ("starts", lambda: find_minima(3, rng=np.random.default_rng(0), starts=0)),
        ("tolerance", lambda: relax([[0.1, 0.0]], tolerance=-1.0)),
        ("n", lambda: stored_cluster(101)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()


COINCIDENT = np.array([[0.5, 0.0], [-0.5, 0.3], [-0.5, 0.3], [0.0, -1.0]])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("positions", lambda r: cluster_gradient(r, Trap(4), Keldysh(0.3))),
        ("positions", lambda r: relax_large(r)),
        ("positions", lambda r: normal_modes(r)),
        ("positions", lambda r: nearest_distances(r)),
        ("positions", lambda r: cluster_densities(r)),
        ("positions", lambda r: equidistance(r, 1.0)),
        ("positions", lambda r: sample_cluster(r, [0.1], np.random.default_rng(0))),
        ("positions", lambda r: ring_exchange(r, (0, 3))),
        ("positions", lambda r: PinnedPair(r, (0, 3), TMD, 1.0)),
        ("positions", lambda r: exchange_couplings(r, 0.1)),
        ("positions", lambda r: einstein_frequencies(r)),
        ("positions", lambda r: hartree_widths(r, 0.1)),
        ("seeds", lambda r: find_minima(4, rng=np.random.default_rng(0), starts=1, seeds=[r])),
        ("starts", lambda r: relax_batch(r[None], np.empty((1, 0, 2)), np.empty((1, 0)), np.empty((1, 0)))),
    ],
)
def test_coincident_electrons_are_refused_everywhere(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: expected distinct electrons"):
        call(COINCIDENT)


def test_seeds_are_relaxed_and_counted_as_hops():
    """The ring of six is higher than five around one; fifty random starts are made unless told otherwise."""
    angle = np.arange(6) * np.pi / 3
    ring = 1.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    minima = find_minima(6, rng=np.random.default_rng(1), starts=1, seeds=[ring])
    assert [round(m.energy, 3) for m in minima if m.hops] == [13.452]
    alone = find_minima(1, rng=np.random.default_rng(1))
    assert [(m.found, m.hops) for m in alone] == [(50, 0)]
    assert Minimum(ring, 1.0, 0.0).hops == 0


def test_a_hop_shakes_all_and_puts_one_elsewhere_in_two_of_three_cases():
    """Two strengths of shaking, each as often; who moves, and whereto in the square, is drawn evenly."""
    rng, r = np.random.default_rng(5), stored_cluster(30)
    size = np.max(np.abs(r)) + 0.5
    spacing = size / np.sqrt(30)
    moves = np.array([np.hypot(*(_hop(r, rng) - r).T) for _ in range(3000)]) / spacing
    far = moves > 1.6  # five deviations of the stronger shaking
    assert far.sum(axis=1).max() == 1
    # a move may also end close to where it began
    share = np.mean(far.any(axis=1))
    close = np.pi * 1.6**2 / (4 * 30)
    assert share == pytest.approx(2 / 3 * (1 - close), abs=0.03)
    assert np.all(far.sum(axis=0) > 0.5 * share * 3000 / 30)
    strength = np.sqrt(np.median(moves**2, axis=1) / (2 * np.log(2)))
    assert np.mean(strength > 0.12) == pytest.approx(0.5, abs=0.03)
    for expected, chosen in ((0.3, strength > 0.12), (0.05, strength < 0.12)):
        assert np.mean(strength[chosen]) == pytest.approx(expected, rel=0.06)
