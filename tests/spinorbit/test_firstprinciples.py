"""The stored runs: whole, consistent with each other and with symmetry; and what is read from them."""

import numpy as np
import pytest

from lowdim.spinorbit import GAMMA, K, M, signed_splitting, three_band
from lowdim.spinorbit import bands as model_bands
from lowdim.spinorbit.firstprinciples import (
    Bands,
    Wedge,
    band_edges,
    pair_splitting,
    stored_bands,
    stored_runs,
)
from lowdim.spinorbit.zone import fold_out, stored_wedge, zone_series

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
RUNS = [(code, m) for code in ("elk", "layer") for m in MATERIALS]


@pytest.fixture(scope="module", params=RUNS, ids="-".join)
def bands(request):
    return stored_bands(*request.param)


@pytest.fixture(scope="module")
def wedge():
    return stored_wedge("WSe2")


def made_up_bands(sign=1):
    """Bands whose numbers are known: splitting 0 at Gamma and M, -3 meV midway, 200 meV at K."""
    valence = np.array([0, 0, -0.003, 0.2, 0])
    conduction = np.array([0, 0, 0.01, -0.02, 0])
    middle = np.array([-1.0, -0.6, -0.8, -0.1, -1.0])
    up = np.stack([middle + valence / 2, middle - valence / 2])
    over = np.stack([2 - middle + conduction / 2, 2 - middle - conduction / 2])
    order = [np.argsort(pair, axis=0) for pair in (up, over)]
    energies = np.concatenate([np.sort(up, axis=0), np.sort(over, axis=0)])
    spin = sign * np.concatenate([1 - 2 * o for o in order])
    return Bands("MoS2", "none", np.linspace(0, 1, 5), (0, 1, 3, 4), energies[::2], energies, 2, spin, {})


@pytest.mark.parametrize("sign", [1, -1])
def test_signed_splitting_of_known_bands_does_not_depend_on_which_corner_it_is(sign):
    run = made_up_bands(sign)
    assert np.allclose(pair_splitting(run, "valence"), [0, 0, -0.003, 0.2, 0])
    assert np.allclose(pair_splitting(run, "conduction"), [0, 0, 0.01, -0.02, 0])


def test_band_edges_of_known_bands():
    found = band_edges(made_up_bands())
    assert np.isclose(found["valence"], 200) and np.isclose(found["conduction"], 20)
    assert np.isclose(found["K-Gamma"], 600) and np.isclose(found["gap"], 2.1 - 0.01)
    assert found["direct"]


def test_runs_are_whole(bands):
    n = len(bands.path)
    assert bands.energies.shape == (2 * len(bands.plain), n) and bands.spin.shape == (4, n)
    assert np.all(np.diff(bands.path) > 0) and bands.path[0] == 0 and np.isclose(bands.path[-1], 1)
    assert np.all(np.diff(bands.energies, axis=0) >= 0) and np.isclose(
        bands.energies[bands.occupied - 1].max(), 0
    )
    m, gamma, corner, end = bands.corners
    assert (m, end) == (0, n - 1)
    # M-Gamma : Gamma-K : K-M = sqrt(3) : 2 : 1
    steps = np.diff(bands.path[list(bands.corners)])
    assert np.allclose(steps / steps[2], [np.sqrt(3), 2, 1], rtol=0.07)
    assert np.allclose(bands.energies[:, m], bands.energies[:, end], atol=2e-3)


def test_bands_are_degenerate_on_gamma_m_only(bands):
    m, gamma, corner, _ = bands.corners
    pairs = np.diff(bands.energies, axis=0)[::2]
    assert pairs[:, m : gamma + 1].max() < 2e-3
    assert pairs[:, corner].max() > 0.1


def test_coupling_keeps_the_mean_of_the_valence_pair_at_k(bands):
    """To first order the coupling of a pair is traceless; second order is far smaller than the splitting."""
    corner, top = bands.corners[2], bands.occupied
    pair, plain = bands.energies[top - 2 : top, corner], bands.plain[top // 2 - 1, corner]
    assert abs(pair.mean() - plain) < 0.1 * np.ptp(pair)


def test_both_codes_agree():
    for m in MATERIALS:
        one, two = (band_edges(stored_bands(code, m)) for code in ("elk", "layer"))
        assert abs(one["valence"] - two["valence"]) < 0.04 * one["valence"]
        assert abs(one["K-Gamma"] - two["K-Gamma"]) < 40


def test_weights_are_shares():
    for m in MATERIALS:
        weights = stored_bands("elk", m).weights
        total = sum(weights.values())
        assert all(np.all(w >= 0) for w in weights.values())
        assert total.max() < 1 and total.min() > 0.1


def test_wedge_agrees_with_the_path(wedge):
    run = stored_bands("layer", "WSe2")
    for point, index in ((GAMMA, 1), (K, 2), (M, 0)):
        at = np.linalg.norm(wedge.k - point, axis=1).argmin()
        assert np.allclose(wedge.k[at], point, atol=1e-5)
        assert np.allclose(wedge.energies[:, at], run.gap_bands[:, run.corners[index]], atol=1e-3)


def test_spins_on_the_wedge_are_normal_where_the_bands_are_split(wedge):
    for low in (0, 2):
        split = wedge.energies[low + 1] - wedge.energies[low] > 0.02  # noise of 0.2 meV turns spins less
        assert split.sum() > 30
        assert np.abs(wedge.spin[low : low + 2, split, :2]).max() < 0.02
    on_mirror = np.abs(np.arctan2(wedge.k[:, 1], wedge.k[:, 0])) < 1e-6
    assert on_mirror.sum() > 10
    assert np.abs(np.diff(wedge.energies, axis=0)[::2, on_mirror]).max() < 1e-3


def test_wedge_folds_out_as_the_model_does():
    model = three_band("WSe2")
    n = 12
    uv = np.array([(i, j) for i in range(n // 2 + 1) for j in range(i + 1) if 2 * i + j <= n]) / n
    k = 4 * np.pi / np.sqrt(3) * uv @ np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    assert np.allclose(k[-1], M) or np.linalg.norm(k - K, axis=1).min() < 1e-9
    places, copies = fold_out(k, signed_splitting(model, k, 0), odd=True)
    assert np.allclose(copies, signed_splitting(model, places, 0), atol=1e-12)
    places, copies = fold_out(k, np.abs(signed_splitting(model, k, 1)))
    assert np.allclose(copies, np.abs(signed_splitting(model, places, 1)), atol=1e-12)


def test_relaxed_layers_are_free_of_force_and_bracket_a_minimum():
    for run in stored_runs("relaxed-layer")["runs"]:
        lattice, separation, energy, force = np.array(run["a d energy force"]).T
        assert np.abs(force).max() < 0.013 and 0 < energy.argmin() < 3
        assert np.all(np.diff(separation) < 0) and np.all(np.diff(lattice) > 0)


def test_bad_input_is_refused(wedge):
    with pytest.raises(ValueError, match="name: expected one of the files stored there, .*, got 'wien.json'"):
        stored_runs("wien")
    with pytest.raises(ValueError, match="material: expected one of MoS2, MoSe2, WS2, WSe2, got 'WTe2'"):
        stored_bands("elk", "WTe2")
    with pytest.raises(ValueError, match="material: expected one of MoS2, MoSe2, WS2, WSe2, got 'WTe2'"):
        stored_wedge("WTe2")
    with pytest.raises(ValueError, match="pair: expected valence or conduction, got 'third'"):
        pair_splitting(wedge, "third")
    assert isinstance(wedge, Wedge)


def test_zone_series_is_exact_for_few_harmonics_and_keeps_the_symmetry():
    """The bands of a model on the mesh of the wedge, and between its points; images under the group."""
    model, wedge = three_band("WSe2"), stored_wedge("WSe2")
    rng = np.random.default_rng(3)
    where = rng.uniform(-5, 5, (40, 2))
    series = zone_series(wedge, signed_splitting(model, wedge.k, 0), odd=True)
    assert np.allclose(series(where), signed_splitting(model, where, 0), atol=2e-3)
    turn = np.array([[0.5, -np.sqrt(0.75)], [np.sqrt(0.75), 0.5]])
    assert np.allclose(series(where @ turn.T), -series(where), atol=1e-3)
    assert np.allclose(series(where * [1, -1]), -series(where), atol=1e-3)


def test_zone_series_lies_on_the_bands_of_the_path():
    """Between the points of the wedge the series is held against the run along Gamma-K."""
    run, wedge = stored_bands("layer", "WSe2"), stored_wedge("WSe2")
    line = slice(run.corners[1], run.corners[2] + 1)
    k = np.linspace(0, 1, line.stop - line.start)[:, None] * K
    mean = zone_series(wedge, wedge.energies[:2].mean(axis=0))(k)
    split = zone_series(wedge, pair_splitting(wedge, "valence"), odd=True)(k)
    assert np.allclose(mean, run.gap_bands[:2, line].mean(axis=0), atol=4e-3)
    assert np.allclose(split, pair_splitting(run, "valence")[line], atol=4e-3)


def test_a_wedge_with_a_hole_is_refused(wedge):
    with pytest.raises(ValueError, match="wedge: expected the irreducible points of a full mesh"):
        zone_series(Wedge(wedge.k[:-1], wedge.energies[:, :-1], wedge.spin[:, :-1]), wedge.energies[0, :-1])


# root mean square distance of the upper valence bands of Liu's models from ours, eV
RMS = {"MoS2": 0.19, "MoSe2": 0.26, "WS2": 0.18, "WSe2": 0.15}


@pytest.mark.parametrize("m", MATERIALS)
def test_models_are_those_of_the_materials(m):
    """Every parameter of a model shows: valence band, gap at K, conduction band at M."""
    run, model = stored_bands("elk", m), three_band(m)
    places = [M, GAMMA, K, M]
    k = np.concatenate(
        [
            np.linspace(places[i], places[i + 1], run.corners[i + 1] - run.corners[i], endpoint=False)
            for i in range(3)
        ]
        + [M[None]]
    )
    corner = run.corners[2]
    top = run.gap_bands[1, corner]
    model_top = model_bands(model, K)[1]
    found = model_bands(model, k) - model_top
    assert np.sqrt(np.mean((run.gap_bands[1] - top - found[:, 1]) ** 2)) < RMS[m]
    assert abs(run.gap_bands[2, corner] - top - found[corner, 2]) < 0.08
    assert abs(run.gap_bands[2, 0] - top - found[0, 2]) < 0.08


@pytest.mark.parametrize("run", stored_runs("bulk")["runs"], ids=lambda run: run["material"])
def test_bands_of_the_bulk_are_pairs(run):
    """No splitting of spins by inversion; at K that of the layers and their coupling add in squares."""
    energies, below = np.array(run["with"]), run["inputs"]["below"]
    assert np.abs(energies[:, ::2] - energies[:, 1::2]).max() < 1e-3
    assert energies[:, below - 1].max() == energies[:, below - 1, 0].max() == 0  # the valence band, at Gamma
    at_k = energies[0, below - 4 : below, -1]
    layer = stored_bands("layer", run["material"])
    split = pair_splitting(layer, "valence")[layer.corners[2]]
    assert split < at_k[2] - at_k[1] < np.hypot(split, 0.25)


def test_images_have_one_energy_and_turn_the_spin():
    (run,) = stored_runs("images")["runs"]
    energies, spins = np.array(run["with"]), np.array(run["spin"])
    assert np.ptp(energies, axis=1).max() < 1e-4
    assert np.allclose(spins[:, :-1], -spins[:, 1:], atol=0.01) and np.abs(spins).min() > 0.5


def test_separations_of_the_bulk_are_free_of_force():
    for run in stored_runs("relaxed-bulk")["runs"]:
        ((_, separation, _, force),) = run["a d energy force"]
        assert abs(force) < 0.013 and abs(separation / run["inputs"]["d"] - 1) < 0.01


def test_widths_along_the_normal_are_noise_of_less_than_a_millielectronvolt():
    for run in stored_runs("normal")["runs"]:
        widths = np.array(run["spread meV"])
        assert (
            widths.shape == (8, 4) and run["inputs"]["vacuum"] == 30 and 0 <= widths.min() < widths.max() < 1
        )
