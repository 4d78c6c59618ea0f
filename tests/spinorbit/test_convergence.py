"""Band edges of the study's runs, and the numbers with errors made of them."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from lowdim.spinorbit import convergence, edges
from lowdim.spinorbit.convergence import (
    LADDERS,
    QUANTITIES,
    at_paper_settings,
    converged,
    converged_masses,
    feedback,
    mean_of_codes,
)
from lowdim.spinorbit.data import pieces
from lowdim.spinorbit.edges import (
    Edges,
    edge_numbers,
    edge_runs,
    masses,
    reference_edges,
    stored_edges,
)
from lowdim.spinorbit.firstprinciples import stored_runs
from lowdim.spinorbit.secondvariation import coupled_states, stored_spheres

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
STORED = [(code, *key.split(" ", 1)) for code in ("elk", "gpaw") for key in edge_runs(code)]


def made_up(shift=0.0, mass=0.5):
    """Bands whose numbers are known; the second minimum lies between two points."""
    x = np.linspace(0, 1, 25)
    valence = -0.05 * (1 - x) - 0.5 * np.sin(np.pi * x) ** 2
    second = 1.9 + 4 * (x - 0.53) ** 2 + shift
    at_k = 1.6 + 3 * (1 - x)
    lower = np.minimum(second, at_k)
    energies = np.stack([valence - 0.15 * x**2, valence, lower, lower + 0.02 * x])
    spin = np.array([[-1], [1], [1], [-1]]) * np.ones((4, 25))
    offset = np.linspace(-0.1, 0.1, 17)
    kinetic = 3.80998 * offset**2 / mass
    near = np.stack([-0.15 - kinetic, -kinetic, 1.6 + kinetic, 1.62 + kinetic]) + 0.2 * offset**3
    around = spin[:, :1] * np.ones((4, 17))
    return Edges("MoS2", "none", "made up", energies, spin, near, around, offset, MappingProxyType({}))


def test_numbers_of_known_bands():
    found = edge_numbers(made_up())
    wanted = {"valence": 150, "conduction": -20, "K-Gamma": 50, "gap": 1.6, "Q-K": 300, "Q": 0.53}
    assert all(np.isclose(found[name], value, atol=1e-6) for name, value in wanted.items())


def test_masses_of_known_bands():
    """The warping of third order does not enter; the printed constant is hbar^2 / 2 m in eV angstrom^2."""
    values, errors = masses(made_up(mass=0.42))
    assert np.allclose(values, 0.42, rtol=1e-4) and errors.max() < 1e-4


def test_masses_follow_bands_through_a_crossing():
    """Two conduction bands of different mass that cross close to K keep their masses."""
    edges = made_up()
    near = edges.near.copy()
    near[2] = 1.6 + 3.80998 * edges.offset**2 / 0.3
    near[3] = 1.603 + 3.80998 * edges.offset**2 / 0.6
    order = np.argsort(near[2:], axis=0)
    assert len(np.unique(order[0])) == 2
    near[2:] = np.take_along_axis(near[2:], order, 0)
    spin = edges.near_spin.copy()
    spin[2:] = np.take_along_axis(spin[2:], order, 0)
    values, _ = masses(replace(edges, near=near, near_spin=spin))
    assert np.allclose(values[2:], [0.3, 0.6], rtol=1e-3)


@pytest.mark.parametrize("run", STORED, ids=" ".join)
def test_stored_runs_are_whole(run):
    """Order of the bands, the zero, the spins at K, and the bands around K that go on from those to K."""
    edges = stored_edges(*run)
    assert np.all(np.diff(edges.energies, axis=0) >= 0) and edges.energies[1].max() == 0
    middle = edges.near.shape[1] // 2
    assert np.isclose(edges.offset[middle], 0, atol=1e-12)
    assert np.allclose(edges.near[:, middle], edges.energies[:, -1], atol=1.5e-3)
    assert np.abs(edges.spin[:2, -1]).min() > 0.5 and edges.spin[0, -1] * edges.spin[1, -1] < 0
    found = edge_numbers(edges)
    assert 0.4 < found["Q"] < 0.65 and 1.0 < found["gap"] < 2.2


@pytest.mark.parametrize("run", STORED, ids=" ".join)
def test_stored_runs_are_close_to_the_reference(run):
    code, material, name = run
    if name.startswith(("strain", "LDA")):
        pytest.skip("another structure or functional")
    found, reference = edge_numbers(stored_edges(*run)), edge_numbers(reference_edges(code, material))
    assert abs(found["valence"] / reference["valence"] - 1) < 0.03
    assert abs(found["K-Gamma"] - reference["K-Gamma"]) < 30
    assert np.sign(found["conduction"]) == np.sign(reference["conduction"])


def test_settings_of_the_ladders_are_planned():
    planned = {(p.kind, p.key) for p in pieces.plan()}
    for code, kind in (("elk", "elk-edges"), ("gpaw", "paw-edges")):
        for names in LADDERS[code].values():
            assert {(kind, f"{m} {name}") for m in MATERIALS for name in names} <= planned


@pytest.fixture
def study(monkeypatch):
    """Numbers of a study that is made up, by the name of the run; 100 where none is given."""
    values = {}

    def levels(material, quantity, setting):
        return values.get(setting, [100.0, 100.0])

    def run(code, material, name="small", **options):
        told = [name, *(f"{key} {value}" for key, value in options.items())]
        return {q: values.get(", ".join(told), 100.0) for q in QUANTITIES}

    def runs(code):
        kept = {"MoS2 small": {"Gamma-K": {"fewer bands": {"36": 0, "9": 0, "30": 0}}}}
        return {f"MoS2 {name}": None for name in values} | kept

    monkeypatch.setattr(convergence, "_numbers", lambda c, m, q, names: [values.get(n, 100.0) for n in names])
    monkeypatch.setattr(convergence, "_of_reference", lambda *arguments: 100.0)
    monkeypatch.setattr(convergence, "edge_runs", runs)
    monkeypatch.setattr(convergence, "_complete", lambda m, name, q: levels(m, q, f"all {name}"))
    monkeypatch.setattr(convergence, "_at_one_density", levels)
    monkeypatch.setattr(convergence, "stored_edges", run)
    monkeypatch.setattr(convergence, "edge_numbers", lambda edges: edges)
    return values


def test_steps_are_added_and_the_last_is_the_error(study):
    study.update({"mesh 9": 92.0, "mesh 12": 95.0, "more": 97.0, "more moved": 97.5, "more vacuum 20": 99.5})
    study.update({"more radius 2.0": 98.0, "more basis 8": 102.0, "more basis 8, basis 9": 101.0})
    study.update({"more basis 8, basis 10": 100.5, "angular momenta 10": 100.2, "small": 90.0})
    found = converged("elk", "MoS2", "K-Gamma")
    assert found.steps["linearisation"] == (-3.0, 0.5) and found.steps["muffin tins"] == (0.0, 4.0)
    assert found.steps["k points"] == (5.0, 3.0) and found.steps["vacuum"] == (-2.5, 2.5)
    assert found.steps["basis"] == (3.5, 1.5)  # from that of its own density, all that larger ones change
    assert np.isclose(found.value, found.reference + sum(change for change, _ in found.steps.values()))
    assert np.isclose(found.error, np.sqrt(sum(error**2 for _, error in found.steps.values())))
    assert converged("elk", "MoS2", "valence").steps["basis"] == (3.5, 0.5)


def test_every_setting_counts(study):
    """A change in any of the runs moves the number or its error."""
    names = {name for code in LADDERS for part in LADDERS[code].values() for name in part}
    lists = ["near the nuclei", "states in the second variation", "all reference", "all own data set"]
    for name in [*names, "more moved", "more radius 2.0", "more basis 8, basis 10", *lists]:
        study[name] = [100.0, 101.0] if name in lists else 101.0
        after = [converged(code, "MoS2", quantity) for code in LADDERS for quantity in QUANTITIES]
        assert any((found.value, found.error) != (100.0, 0.0) for found in after), name
        del study[name]


def test_places_have_no_levels_at_single_points(study):
    for code, left_out in (("elk", {"near the nuclei"}), ("gpaw", {"data set"})):
        whole, place = (set(converged(code, "MoS2", q).steps) for q in ("Q-K", "Q"))
        assert whole - place == left_out and place < whole
    # among more bands of one run, in the order of their numbers and without the fewest
    study.update({"small, bands 30": 99.0, "small, bands 36": 99.5, "small, bands 9": 7.0})
    assert converged("gpaw", "MoS2", "Q").steps["states in the second variation"] == (0.5, 0.5)


def test_states_are_counted_from_the_reference(study):
    """A splitting among few depends on the cell; with all of them the small cell is left for the larger."""
    study.update({"states in the second variation": [91.0, 94.0, 95.0], "small": 100.5})
    study.update({"all small": [99.0, 101.0], "all reference": [98.0, 101.25]})
    found = converged("elk", "MoS2", "valence")
    assert np.allclose(found.steps["states in the second variation"], (4 + 0.5 + 0.25, 1.0))
    assert converged("elk", "MoS2", "K-Gamma").steps["states in the second variation"] == (4.0, 1.0)


def test_the_cell_of_a_splitting_is_judged_with_all_states(study):
    """Fewer of a given number of states lie near the nuclei in a wider cell; all of them are counted."""
    study.update({"vacuum 12": 95.0, "vacuum 20": 97.0, "vacuum 30": 97.5, "all own data set": [99.0, 100.2]})
    study.update({"all small": [99.0, 101.0], "all reference": [98.0, 101.5]})
    study.update({"all own data set 2.0": [99.0, 100.4]})
    found = converged("gpaw", "MoS2", "valence")
    assert found.steps["vacuum"] == (0.0, 0.5)
    assert converged("elk", "MoS2", "valence").steps["vacuum"] == (0.0, 0.5)
    assert np.allclose(found.steps["data set"], (-0.6, 0.2))
    assert found.steps["states in the second variation"] == (3.5, 3.5)
    assert converged("gpaw", "MoS2", "K-Gamma").steps["vacuum"] == (2.5, 0.5)


def test_the_range_at_the_settings_of_the_paper(study):
    """About one run; the changes are those of other runs, also of the number of states."""
    study.update({"paper": 110.0, "locals fixed": 103.0, "more coupled": 98.0})
    assert at_paper_settings("MoS2", "K-Gamma") == (110.0, 108.0, 113.0)
    study["empty 20"] = 104.0
    assert at_paper_settings("MoS2", "K-Gamma") == (110.0, 108.0, 114.0)
    study["states in the second variation"] = [100.0, 105.0]
    assert at_paper_settings("MoS2", "K-Gamma") == (110.0, 108.0, 115.0)
    study["more moved"] = 97.5
    assert at_paper_settings("MoS2", "K-Gamma") == (110.0, 107.5, 115.0)
    study.update({"mesh 12": 102.0, "near the nuclei": [100.0, 101.0], "more basis 8, basis 10": 150.0})
    assert at_paper_settings("MoS2", "K-Gamma") == (110.0, 107.5, 115.0)


def test_the_mean_of_the_codes_holds_all_their_errors(study):
    """Half the difference of the codes, their errors, and what the coupling changes in the density."""
    study.update({"cutoff 600": 104.0, "cutoff 800": 104.0, "mesh 9": 100.0, "angular momenta 10": 100.6})
    study["more coupled"] = 97.0
    assert converged("gpaw", "MoS2", "K-Gamma").value == 104 and feedback("MoS2", "K-Gamma") == -3
    value, error = mean_of_codes("MoS2", "K-Gamma")
    assert np.isclose(value, 102.3) and np.isclose(error, np.sqrt(1.7**2 + 0.3**2 + 9))


@pytest.mark.parametrize("material", MATERIALS)
def test_waves_of_two_energies_and_a_larger_basis_bring_the_codes_together(material):
    """Distance of the valence band at K from that at Gamma with 12 angstrom of vacuum, by Elk and GPAW."""

    def height(code, name, **options):
        return edge_numbers(stored_edges(code, material, name, **options))["K-Gamma"]

    two, moved, eight = (height("elk", name) for name in ("more", "more moved", "more basis 8"))
    ten, other = height("elk", "more basis 8", basis=10), height("gpaw", "vacuum 12")
    assert abs(moved - two) < 1
    assert abs(ten - other) < (8.5 if material == "WSe2" else 4)
    assert abs(ten - eight) < 3.5
    reference = edge_numbers(reference_edges("elk", material))["K-Gamma"]
    assert material[-2] != "S" or abs(reference - other) > 15


@pytest.mark.parametrize("material", ["WS2", "WSe2"])
def test_the_frozen_core_is_not_what_separates_the_codes(material):
    """Levels without coupling, with the 4f electrons of tungsten in the core and outside."""
    runs = {run["key"]: run for run in stored_runs("inner-shells")["runs"]}
    core, free = (runs[f"{material} {name}"] for name in pieces.INNER)
    assert free["electrons"] - core["electrons"] == 14
    change = np.diff([np.array(run["without"]) for run in (core, free)], axis=0)[0]
    assert abs(change[1, 1] - change[1, 2]) < 0.00015 and 0.0005 < abs(change[0, 0] - change[0, 2]) < 0.00115


@pytest.mark.parametrize("material", MATERIALS)
def test_most_of_what_separates_the_codes_is_there_without_coupling(material):
    """The second minimum of the tungsten compounds, by points."""

    def margin(code, name):
        band = np.array(edge_runs(code)[f"{material} {name}"]["Gamma-K"]["without"])[1]
        return 1e3 * (band[8:18].min() - band[-1])

    apart = margin("elk", "more basis 8") - margin("gpaw", "vacuum 12")
    assert 12.5 < apart < 14.5 if material[0] == "W" else 0.5 < abs(apart) < 2.5


@pytest.mark.parametrize("material", MATERIALS)
def test_printed_distances_lie_within_a_step_of_both_codes(material):
    printed = {"MoS2": 50, "MoSe2": 360, "WS2": 220, "WSe2": 530}[material]
    assert all(abs(converged(code, material, "K-Gamma").value - printed) < 10 for code in ("elk", "gpaw"))


def test_the_codes_do_not_agree_on_the_directness_of_wse2():
    elk, gpaw = (converged(code, "WSe2", "Q-K") for code in ("elk", "gpaw"))
    assert 9.5 < elk.value < 11 and elk.value > elk.error
    assert -5 < gpaw.value < -3.5 and -gpaw.value > gpaw.error
    for material in MATERIALS[:3]:
        assert min(converged(code, material, "Q-K").value for code in ("elk", "gpaw")) > 100


@pytest.mark.parametrize("material", MATERIALS)
def test_the_vacuum_matters_to_waves_of_one_energy(material):
    """Distance of the valence bands at K and Gamma in cells of 12 and 20 angstrom."""
    old, new = (
        [edge_numbers(stored_edges("elk", material, name))["K-Gamma"] for name in names]
        for names in (("vacuum 12", "vacuum 20"), ("more basis 8", "more vacuum 20"))
    )
    assert 8 < old[0] - old[1] < 15 and abs(new[0] - new[1]) < 5


@pytest.mark.parametrize("material", MATERIALS)
def test_what_the_paper_leaves_open_reaches_from_few_states_to_all(material):
    _, low, high = at_paper_settings(material, "valence")
    printed = {"MoS2": 148, "MoSe2": 183, "WS2": 426, "WSe2": 456}[material]
    gain = converged("elk", material, "valence").steps["states in the second variation"][0]
    assert abs(low - printed) < 2.3 and high - printed < 6.3 and high - low >= gain


@pytest.mark.parametrize("material", MATERIALS)
def test_what_elk_drops_near_the_nuclei(material):
    """Elk with d functions near the nuclei and without, against the coupling step that leaves them out."""
    energies, amplitudes, spheres, n = stored_spheres(material)
    atoms = [spheres[0], spheres[1], spheres[1]]
    whole, hollow = (
        coupled_states(energies, amplitudes, atoms, hollow=radius)[0][n - 2 : n] for radius in (0.0, 0.020)
    )
    predicted = 1e3 * float(np.diff(whole)[0] - np.diff(hollow)[0])
    assert (predicted > 5) == (material[0] == "W")
    found = converged("elk", material, "valence")
    change, error = found.steps["near the nuclei"]
    assert abs(change - predicted) < 0.5
    assert error < 0.1


@pytest.mark.parametrize("material", MATERIALS)
def test_the_spheres_of_elk_hardly_matter_to_the_splittings(material):
    """Spheres of 2.0 bohr for 2.1, with the same plane waves; the coupling acts in the spheres only."""
    change, error = converged("elk", material, "valence").steps["muffin tins"]
    assert change == 0 and error < (0.55 if material[0] == "W" else 0.1)


@pytest.mark.parametrize("material", MATERIALS)
def test_the_codes_agree_when_converged(material):
    """The valence splitting at K, to what the page on it says."""
    elk, gpaw = (converged(code, material, "valence") for code in ("elk", "gpaw"))
    apart = gpaw.value - elk.value
    assert 0.15 < abs(apart) < 0.55 and abs(apart) < 2 * np.hypot(elk.error, gpaw.error)
    if material[0] == "W":
        assert gpaw.reference - elk.reference > 15


@pytest.mark.parametrize("material", MATERIALS)
def test_hundreds_of_states_count_for_the_splitting(material):
    """Both codes, each with its own states, among few and among all: they gain alike."""
    gains = [
        converged(code, material, "valence").steps["states in the second variation"]
        for code in ("elk", "gpaw")
    ]
    for change, error in gains:
        assert 0 < change < 4.05 and error < 0.3 * change + 0.05
        assert material[0] != "W" or change > 2.45
    runs = {run["key"]: run for run in stored_runs("states")["runs"]}
    levels = {int(n): np.array(e) for n, e in runs[f"{material} small"]["with"].items()}
    split = {n: 1e3 * (e[1, -1] - e[0, -1]) for n, e in levels.items()}
    assert split[60] < split[120] < split[240] < split[480] < split[960]
    # among as many as the study has, they are those of the study
    study = edge_numbers(stored_edges("gpaw", material, bands=60))["valence"]
    assert abs(split[60] - study) < 0.05


def test_with_all_states_the_splittings_do_not_depend_on_the_cell():
    """Among thirty they do."""
    runs = {run["key"]: run["with"] for run in stored_runs("states")["runs"]}
    split = {
        (cell, n): 1e3 * (np.diff(np.array(levels)[:, -1]))[[0, 2]]
        for cell in ("small", "reference") for n, levels in runs[f"WS2 {cell}"].items()
    }  # fmt: skip
    change = {n: np.abs(split["reference", n] - split["small", n]) for n in ("30", "960")}
    assert change["960"].max() < 0.1 and change["30"].max() > 0.8
    reference = edge_numbers(reference_edges("gpaw", "WS2"))
    assert np.allclose(split["reference", "30"], [reference["valence"], reference["conduction"]], atol=0.15)


def test_a_smaller_data_set_of_tungsten_lowers_the_splitting_and_one_of_molybdenum_less():
    steps = {m: converged("gpaw", m, "valence").steps["data set"][0] for m in MATERIALS}
    assert all(-4 < steps[m] < -2 for m in ("WS2", "WSe2"))
    assert all(abs(steps[m]) < 1 for m in ("MoS2", "MoSe2"))
    assert converged("gpaw", "WSe2", "valence").steps["data set"][1] < 0.15  # 2.0 bohr for 2.2


@pytest.mark.parametrize("material", MATERIALS)
def test_more_plane_waves_change_little_with_the_smaller_data_set(material):
    """600 eV for 400, all states coupled, in meV."""
    for quantity, bound in (("valence", 0.3), ("conduction", 0.05), ("K-Gamma", 0.5), ("Q-K", 0.8)):
        few, many = (
            convergence._complete(material, name, quantity)[-1]
            for name in ("own data set", "own data set 600")
        )
        assert abs(many - few) < bound


def changes(material, name, code="gpaw"):
    """What another functional changes, against the small run."""
    one, two = (edge_numbers(stored_edges(code, material, n)) for n in (name, "small"))
    relative = {"relative": abs(one["valence"] / two["valence"]) - 1}
    return {q: one[q] - two[q] for q in QUANTITIES} | relative


@pytest.mark.parametrize("material", MATERIALS)
def test_lda_changes_the_valleys_and_hardly_the_splittings(material):
    """To within what the page on the splitting says."""
    found = changes(material, "LDA")
    assert 0.0035 < found["relative"] < 0.0095
    if material[0] == "W":
        assert 1.5 < found["conduction"] < 2.5
    else:
        assert abs(found["conduction"]) < 0.1
    assert -10.5 < found["K-Gamma"] < -0.5 and -17 < found["Q-K"] < -5.5
    assert abs(found["gap"]) < 0.02
    other = changes(material, "LDA", "elk")
    assert 0.0075 < other["relative"] < 0.0135 and -24.5 < other["Q-K"] < -16.5
    assert 1 < other["relative"] / found["relative"] < 3 and 1 < other["Q-K"] / found["Q-K"] < 3


def test_a_meta_gga_changes_the_valleys_and_hardly_the_splittings():
    found = changes("MoS2", "meta-GGA")
    assert 0.0105 < found["relative"] < 0.0115 and -0.15 < found["conduction"] < 0
    assert np.allclose([found["K-Gamma"], found["Q-K"]], [-28, 46], atol=0.5)
    assert np.isclose(found["gap"], 0.11, atol=0.005)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="code: expected elk or gpaw, got 'wien'"):
        stored_edges("wien", "MoS2")
    with pytest.raises(ValueError, match="material, name: expected a stored run of elk"):
        stored_edges("elk", "MoS2", "basis 99")
    with pytest.raises(ValueError, match="bands: expected one of"):
        stored_edges("gpaw", "MoS2", bands=7)
    with pytest.raises(ValueError, match=r"basis: expected one of \['10', '9'\], got 7"):
        stored_edges("elk", "MoS2", "more basis 8", basis=7)
    with pytest.raises(ValueError, match=r"basis: expected one of \[\], got 9"):
        stored_edges("gpaw", "MoS2", basis=9)
    with pytest.raises(ValueError, match="quantity: expected 'valence' or 'conduction' or .* got 'spin'"):
        converged("elk", "MoS2", "spin")
    with pytest.raises(ValueError, match="code: expected elk or gpaw"):
        reference_edges("wien", "MoS2")


def test_a_band_without_a_minimum_inside_has_no_turning_point():
    assert np.all(np.isnan(edges._turning_point(np.array([3.0, 2.0, 1.0]))))
    place, value = edges._turning_point((np.arange(9.0) - 3.3) ** 2 + 7)
    assert (place, value) == pytest.approx((3.3, 7.0))
    # of two minima the lower one
    assert edges._turning_point(np.array([2.0, 1.0, 2.0, 0.5, 2.0]))[0] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("code", ["elk", "gpaw"])
def test_masses_are_those_of_the_largest_basis_and_every_change_is_an_error(monkeypatch, code):
    name, pairs = convergence.OF_MASSES[code]
    made = {"fit": 0.01}
    monkeypatch.setattr(convergence, "stored_edges", lambda c, material, run: run)
    monkeypatch.setattr(
        convergence, "masses", lambda run: (np.full(4, made.get(run, 0.5)), np.full(4, made["fit"]))
    )
    values, errors = converged_masses(code, "MoS2")
    assert np.allclose(values, 0.5) and np.allclose(errors, 0.01)
    for _, last in pairs:
        made[last] = 0.53
        assert np.allclose(converged_masses(code, "MoS2")[1], np.hypot(0.01, 0.03))
        del made[last]
    made[name] = 0.6
    assert np.allclose(converged_masses(code, "MoS2")[0], 0.6)
