"""What fits only together is refused when it does not, and what does not converge says so by name."""

import re
from math import comb

import numpy as np
import pytest
import sympy as sp
from scipy import sparse
from scipy.sparse.linalg import ArpackNoConvergence

from lowdim import hands, stored, tables
from lowdim.derivation import Derivation, DerivationError
from lowdim.derivation.equality import evaluate
from lowdim.dot import chain, davidson, fit_chain, pair, spectrum
from lowdim.dot.density import charge_density
from lowdim.dot.states import QuantumDot
from lowdim.dot.tables import largest_coefficients, transition_table
from lowdim.dot.transitions import transition_amplitude
from lowdim.errors import NotConverged
from lowdim.exciton import PlaneWaves
from lowdim.exciton.grid import Grid, check_step
from lowdim.exciton.separation import fit_separation
from lowdim.exciton.timeresolved import interference_of_loops
from lowdim.lattice import Unstable, lattice, selfconsistent
from lowdim.lattice.errors import Divergent
from lowdim.lattice.selfconsistent import PairPotential
from lowdim.lattice.stability import classify, critical_pinning
from lowdim.lattice.tunnelling import gaussian_frequency
from lowdim.ledger.evaluation import points_of, values_at
from lowdim.ledger.values import LedgerError
from lowdim.optics import all_spins, random_spins, readout, solve_regular
from lowdim.optics.lattice_sum import lattice_green
from lowdim.optics.spin_ensemble import MOST_CONFIGURATIONS
from lowdim.wigner import Trap, _lanczos, disorder, large, melting, multispin, rotors, spins, stored_cluster
from lowdim.wigner.batch import relax_ensemble
from lowdim.wigner.loops import loop_correction
from lowdim.wigner.material import TMD, Material
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.montecarlo import sample_cluster
from lowdim.wigner.pinned import PinnedPair, pair_splitting
from lowdim.wigner.tunnelling import exchange_rings
from lowdim.wigner.widths import hartree_widths

K = 2 * np.pi
DOT = QuantumDot(2.0, 0.1, 4)
PAIR = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])


def rng():
    return np.random.default_rng(0)


def levels(count):
    return spectrum(DOT, count, 2)


def walls():
    one, other = (disorder.random_wells(Trap(2), n, 1.0, 0.5, 0.3, rng()) for n in (1, 2))
    return relax_ensemble(PAIR, [one, other], rng())


class Flat:
    def slope(self, x):
        return np.zeros(len(x)), np.zeros_like(x)


SPOILED = {
    "two numbers of electrons": (
        lambda: fit_chain([*levels(2), *levels(3)]),
        "levels: expected levels of one number",
    ),
    "one electron has no chain": (
        lambda: fit_chain(levels(1)),
        "levels: expected levels of 2 to 6 electrons, got 1",
    ),
    "other spins": (lambda: fit_chain(levels(2)[:1]), "levels: expected the spins of 2 spins 1/2"),
    "no level": (lambda: transition_table(levels(1), [], ((0, 0),)), "initial: expected at least one level"),
    "no pair": (lambda: transition_table(levels(2), levels(1), ((),)), "pairs: expected nested tuples"),
    "a list": (lambda: transition_table(levels(2), levels(1), [(0, 0)]), "pairs: expected nested tuples"),
    "three of a pair": (
        lambda: transition_table(levels(2), levels(1), ((0, 0, 1),)),
        "pairs: expected nested tuples",
    ),
    "outside the dot": (
        lambda: charge_density(levels(1)[0], DOT, [0.0, 2.0001]),
        r"x: expected positions in 0\.\.2, got",
    ),
    "left of the dot": (
        lambda: charge_density(levels(1)[0], DOT, [-1e-9, 1.0]),
        r"x: expected positions in 0\.\.2, got",
    ),
    "no time": (
        lambda: interference_of_loops([], 1.5, (0.0,), 100, rng()),
        "time: expected at least one time",
    ),
    "one value for a hand": (
        lambda: hands._sizes({"a": 3.0}),
        "parameters: expected a sequence of values for each",
    ),
    "no file": (lambda: stored.sign_stored("/nowhere/at all.txt"), "path: expected a file that can be read"),
    "a number for a column": (
        lambda: tables.table({"a": 3.0}),
        "columns: expected a sequence of entries in each",
    ),
    "text for a column": (
        lambda: tables.table({"a": "abc"}),
        "columns: expected a sequence of entries in each",
    ),
    "ragged truth": (
        lambda: readout.truth_values([[True], [True, False]], 2),
        "displaced: expected 2 truth values",
    ),
    "numbers for truth": (lambda: readout.truth_values([0, 1], 2), "displaced: expected 2 truth values"),
    "off the lattice": (
        lambda: readout._on_lattice(np.array([[0.0, 0, 0], [0.4, 0, 0]]), np.eye(2)),
        "positions: expected sites of one lattice",
    ),
    "above the plane": (
        lambda: readout._on_lattice(np.array([[0.0, 0, 0.1], [1, 0, 0.1]]), np.eye(2)),
        "positions: expected sites of one lattice",
    ),
    "a long dipole": (
        lambda: readout.turning_transmission_infinite(0.45 * np.eye(2), K, 1.0, 0.7, [0.0], dipole=[2, 0, 0]),
        "dipole: expected a unit vector",
    ),
    "other leading axes": (
        lambda: solve_regular(
            0.7 * np.eye(2), np.ones((2, 3, 3, 3, 3)) * np.eye(3), np.ones((4, 3, 3, 3)), K
        ),
        "polarizability: expected leading axes that broadcast",
    ),
    "too many configurations": (
        lambda: all_spins(40, 20),
        f"sites: expected at most {MOST_CONFIGURATIONS} conf",
    ),
    "other numbers of wells": (walls, "landscapes: expected at least one, all with as many wells, got 2"),
    "no landscape": (lambda: relax_ensemble(PAIR, [], rng()), "landscapes: expected at least one"),
    "a long stride": (
        lambda: loop_correction(
            Flat(), [0.0], np.zeros((3, 1)), 0.05, rng=rng(), duration=1.0, moves=100, stride=1.01
        ),
        r"stride: expected a number in \(0, 1\], got 1.01",
    ),
    "no bond": (
        lambda: melting.mode_weights(normal_modes(stored_cluster(3)), bonds=np.empty((0, 2), dtype=int)),
        "bonds: expected pairs of indices",
    ),
    "blocks longer than all": (
        lambda: sample_cluster(PAIR, [0.1], rng(), copies=2, warm_up=1, sweeps=10, blocks=(11,)),
        "blocks: expected at most sweeps = 10",
    ),
    "a grid of no step": (
        lambda: pair_splitting(
            PinnedPair([[15.0, 0], [-15, 0], [0, 26], [0, -26]], (0, 1), Material(0.5, 4.12), 3.0),
            4.5,
            step=1.0,
            reach=0.9,
        ),
        "reach: expected 1 to 40 steps, got 0.9",
    ),
}


@pytest.mark.parametrize("call", SPOILED)
def test_what_does_not_fit_together_is_refused(call):
    function, words = SPOILED[call]
    with pytest.raises(ValueError, match=f"^{words}"):
        function()


def test_ledger_points_fit_together():
    x, y = sp.symbols("x y")
    assert points_of([{x: 1}, {x: 2}]) == points_of({x: [1, 2]}) == [{x: 1}, {x: 2}]
    assert points_of({x: [1, 2], y: 3}) == [{x: 1, y: 3}, {x: 2, y: 3}]
    with pytest.raises(LedgerError, match=r"at: expected lists of one length, got \[1, 2\]"):
        points_of({x: [1, 2], y: [3]})
    for none in ([], {x: []}):
        with pytest.raises(LedgerError, match="at: expected at least one point"):
            points_of(none)
    with pytest.raises(LedgerError, match="computed: a function needs at="):
        values_at("computed", lambda value: value, None)
    assert values_at("computed", lambda one, two: one - two, [{x: 3, y: 1}]) == [2.0]


def test_derivations_say_what_is_missing():
    x = sp.Symbol("x", positive=True)
    with pytest.raises(DerivationError, match="nothing to approximate: call start first"):
        Derivation("empty").approximate(x, "small x", small=x, order=1)
    with pytest.raises(DerivationError, match=r"^no number comes out of 1/x at x = 0: zoo$"):
        evaluate(1 / x, {x: sp.Integer(0)})
    f = sp.Function("f")
    with pytest.raises(DerivationError, match="mixed derivative without closed form"):
        evaluate(sp.Derivative(f(x, sp.Symbol("y")), x, sp.Symbol("y")), {x: sp.Integer(1)})


def test_ends_of_what_is_allowed():
    assert charge_density(levels(1)[0], DOT, [0.0, DOT.length]) == pytest.approx(0, abs=1e-12)
    assert len(all_spins(6, 3)) == comb(6, 3) and random_spins(1, 1, 1, rng()).tolist() == [[1]]
    assert disorder.DisorderedTrap(Trap(4), [[1.0, 0.0]], [0.1], [0.1]).power == 4
    assert tables.table({"a": [True, False, None]}).rows == (("yes",), ("no",), ("",))


# --- named errors ----------------------------------------------------------------------------------------


def no_convergence(*_, **__):
    raise ArpackNoConvergence("no convergence", np.empty(0), np.empty((0, 0)))


def test_eigenvalues_that_do_not_converge(monkeypatch):
    monkeypatch.setattr(_lanczos, "eigsh", no_convergence)
    with pytest.raises(NotConverged, match="^example: .*no convergence"):
        _lanczos.lowest_levels(sparse.eye_array(30), 2, "example")
    monkeypatch.setattr(pair, "eigsh", no_convergence)
    with pytest.raises(NotConverged, match="^pair_levels: .*no convergence"):
        pair.pair_levels(2.0, 0.1, 1)


def test_levels_that_are_missed_again_and_again(monkeypatch):
    """Every search finds one lower than those before."""
    found = iter(range(100))
    unit = np.eye(40)

    def lower(operator, count, **options):
        if options.get("which") == "LA":
            return np.array([10.0])
        places = [next(found) for _ in range(count)]
        return -1.0 * np.array(places), unit[:, places]

    monkeypatch.setattr(_lanczos, "eigsh", lower)
    with pytest.raises(NotConverged, match="levels are still missing after 8 searches"):
        _lanczos.lowest_levels(sparse.eye_array(40), 2, "example")


def test_a_proof_that_is_not_given_in_time():
    h = np.diag(np.linspace(1, 2, 60)) + 0.05 * np.cos(np.add.outer(np.arange(60), np.arange(60)) ** 2)
    values, vectors = np.linalg.eigh(h)
    with pytest.raises(NotConverged, match="block Davidson: no proof in 1 steps that no level below"):
        davidson._missed(lambda x: x @ h, lambda r, v: r, values[:2], vectors.T[:2], 1)
    # nothing lies outside of all there is
    assert davidson._missed(lambda x: x @ h, lambda r, v: r, values, vectors.T, 1) is None


def test_a_level_that_is_always_below(monkeypatch):
    h = np.diag(np.arange(1.0, 6.0))
    monkeypatch.setattr(davidson, "_missed", lambda *_: np.eye(5)[:1])
    with pytest.raises(NotConverged, match="the rest of the space always holds a level below 1$"):
        davidson.lowest_eigenpairs(lambda x: x @ h, np.eye(5)[:2], lambda r, v: r, 1)


def test_a_fit_that_fails(monkeypatch):
    monkeypatch.setattr(
        chain, "least_squares", lambda *_, **__: type("Fit", (), {"success": False, "message": "tired"})
    )
    with pytest.raises(NotConverged, match="fit_chain: tired"):
        fit_chain(levels(2))


def test_wells_without_depth():
    class Below:
        def normal(self, mean, width, count):
            return -np.ones(count)

    with pytest.raises(NotConverged, match="random_wells: no positive draws with mean 2"):
        disorder._positive_normal(2.0, 3, Below())


def test_disorder_in_which_nothing_relaxes(monkeypatch):
    def fails(*_, **__):
        raise NotConverged("relax: tired")

    monkeypatch.setattr(disorder, "relax", fails)
    trap = disorder.DisorderedTrap(Trap(2), [[0.0, 0.63]], [0.5], [0.1])
    assert disorder.try_relax(PAIR, trap, None) is None
    with pytest.raises(NotConverged, match="lowest_in_disorder: 4 of 4 failed"):
        disorder.lowest_in_disorder(PAIR, trap, rng(), starts=3)


def test_a_crystal_that_has_not_melted(monkeypatch):
    r = stored_cluster(19)
    modes = melting.mode_weights(normal_modes(r))
    melted = melting.melting_temperature(r, *modes, 1e-4, TMD, 0.2)
    for hottest, melts in ((1.001 * melted, True), (0.999 * melted, False)):
        monkeypatch.setattr(melting, "_HOTTEST", hottest)
        if melts:
            assert melting.melting_temperature(r, *modes, 1e-4, TMD, 0.2) == pytest.approx(melted, rel=1e-6)
        else:
            with pytest.raises(NotConverged, match=f"the crystal has not melted at {hottest:g} K"):
                melting.melting_temperature(r, *modes, 1e-4, TMD, 0.2)


@pytest.mark.parametrize(("stretch", "settled"), [(1 + 1e-8, True), (1 + 1e-3, False), (1.3, False)])
def test_rings_that_do_not_relax(monkeypatch, stretch, settled):
    """Forces of 1e-4 are left by rounding at most: a search that stops earlier has failed."""
    crystal = rotors.TrappedElectrons(stored_cluster(20))
    stop = type("Found", (), {"x": crystal.positions.ravel() * stretch})
    monkeypatch.setattr(rotors, "minimize", lambda *_, **__: stop)
    rest = [i for i in range(20) if i not in range(1, 8) and np.hypot(*crystal.positions[i]) > 1e-3]
    if settled:
        assert rotors._relaxed(crystal, stop.x, list(range(1, 8)), rest, 0.0)[0] is stop.x
    else:
        with pytest.raises(NotConverged, match=r"shell_rotor: force .* left at the angle 0\.000"):
            rotors.shell_rotor(stored_cluster(20), range(1, 8))


def test_an_entropy_that_does_not_settle(monkeypatch):
    class Growing:
        def __init__(self):
            self.size = 1.0

        def __len__(self):
            return 2

        def __matmul__(self, vector):
            self.size *= 1.001
            return self.size * vector

    monkeypatch.setattr(spins, "_row_after_row", lambda width: Growing())
    with pytest.raises(NotConverged, match="triangular_strip_entropy: eigenvalue still changes by"):
        spins.triangular_strip_entropy(3)


def test_a_cloud_without_bound():
    with pytest.raises(NotConverged, match="a cloud spreads without bound among such wide neighbours"):
        hartree_widths([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], 0.6)


def test_a_step_without_curvature_is_not_remembered():
    history = large._History()
    history.add(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert history.pairs == []
    history.add(np.array([1.0, 0.0]), np.array([0.5, 1.0]))
    assert [pair[2] for pair in history.pairs] == [2.0]


def test_crystals_that_stay_unstable():
    upside = PairPotential(lambda r: -((r - 1) ** 2) / 2, lambda r: 1 - r, lambda r: -1 + 0 * r)
    with pytest.raises(Unstable, match="imaginary frequencies remain however long it is iterated"):
        selfconsistent.self_consistent(lattice("fcc"), upside, mass=1e8, radius=1.0, averaged=1.0, largest=2)


def test_displacements_that_only_grow_with_a_logarithm():
    with pytest.raises(Divergent, match="pinning: below any number"):
        critical_pinning(2, 1e4, temperature=1.0, ratio=0.5)
    # the atoms of a chain are nowhere, however stiff
    assert classify(1, 1e9, 0.0) == "delocalised crystal"
    assert classify(2, 1e9, 0.0, temperature=1.0) == "delocalised crystal"


def test_too_few_electrons_have_pairs_only_by_triangles():
    assert exchange_rings([[0.0, 0.0], [1.0, 0.0]], longest=3) == {2: [], 3: []}
    found = exchange_rings(stored_cluster(7), longest=5)
    assert "6 around" not in found and set(found) == {2, 3, 4, 5}
    (ring,) = exchange_rings(stored_cluster(7))["6 around"]
    angles = np.unwrap([np.arctan2(*stored_cluster(7)[i][::-1]) for i in ring])
    assert sorted(ring) == [1, 2, 3, 4, 5, 6] and np.abs(np.diff(angles)) == pytest.approx(
        np.pi / 3, rel=1e-3
    )


def test_coefficients_of_a_pair_are_told_once():
    ground = spectrum(DOT, 2, 1)[0]
    found = largest_coefficients(ground, 100)
    kinds = {frozenset([up, down]) for _, up, down in found}
    assert len(kinds) == len(found) == 10
    assert [abs(c) for c, *_ in found] == sorted((abs(c) for c, *_ in found), reverse=True)


# --- bounds that are computed ----------------------------------------------------------------------------

GRID = Grid(32, 20.0)
COMPUTED = {
    "step": (lambda step: check_step(step, GRID), r"below ([\d.]+)", 100.0, False),
    "negative step": (lambda step: check_step(-step, GRID), r"below ([\d.]+)", 100.0, False),
    "splitting": (
        lambda eta: lattice_green([0.1, 0.2], 0.7 * np.eye(2), K, splitting=eta),
        r"at least k/4 = ([\d.]+)", 1e-3, True,
    ),
    "cutoff": (
        lambda cutoff: PlaneWaves(3.0, (0.0,), duration=4.0, every=8, norm=65, points=48, cutoff=cutoff),
        r"2 to the grid's ([\d.]+)", 1e3, False,
    ),
    "depth": (lambda depth: gaussian_frequency(depth, "energy"), r"a depth > ([\d.]+)", 0.1, True),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTED)
def test_a_bound_that_is_told_is_the_bound(name):
    """As in the refusal of what is far off: just inside it holds, just outside it does not."""
    function, pattern, far, least = COMPUTED[name]
    with pytest.raises(ValueError, match=pattern) as refused:
        function(far)
    bound = float(re.search(pattern, str(refused.value))[1])
    inside, outside = (1.002, 0.998) if least else (0.998, 1.002)
    function(inside * bound)
    with pytest.raises(ValueError, match=pattern):
        function(outside * bound)


def test_counts_that_are_told_are_those_that_were_wanting():
    one, two, three = (levels(n)[0] for n in (1, 2, 3))
    for final, initial, wanted in ((three, one, 2), (one, one, 2), (one, two, 3)):
        with pytest.raises(
            ValueError, match=f"^final: expected {wanted} electrons, got {final.n_electrons}$"
        ):
            transition_amplitude(final, initial, np.ones(4))
    for n, p in ((4, 2), (6, 4)):
        with pytest.raises(ValueError, match=f"blocks: expected more than {p + 2} for {p} measured values"):
            fit_separation(rng().normal(size=(n, p)), lambda mean: mean, lambda gamma: gamma + np.zeros(3))
    with pytest.raises(ValueError, match=r"terms: expected disjoint cycles of spins 0\.\.3"):
        multispin.total_spin_levels([multispin.Permutation(((0, 4),), 1.0)], 4)
