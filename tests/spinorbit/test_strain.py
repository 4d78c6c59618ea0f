"""Slopes with strain and deformation potentials, of the stored strained layers and of made-up ones."""

import numpy as np
import pytest

from lowdim.spinorbit import strain
from lowdim.spinorbit.edges import edge_numbers, edge_runs, stored_edges
from lowdim.spinorbit.strain import (
    deformation_potential,
    edges_at_k,
    strain_slope,
    strained_materials,
    strains,
)


@pytest.mark.parametrize("material", strained_materials())
def test_inputs_are_those_of_the_strained_layer(material):
    runs = edge_runs("gpaw")
    a, d = (runs[f"{material} small"]["inputs"][name] for name in "ad")
    for x in strains(material):
        inputs = runs[f"{material} strain {x:+d}"]["inputs"]
        assert np.isclose(inputs["a"], a * (1 + x / 100), atol=1e-4)
        assert np.isclose(inputs["d"] / d - 1, -0.69 * x / 100, atol=1e-4)
        assert inputs["functional"] == "PBE" and inputs["mesh"] == 9 and inputs["vacuum"] == 12.0


@pytest.mark.parametrize("material", strained_materials())
def test_slopes_by_differences(material):
    """Divided differences of the three strains next to the printed structure, against the parabola."""
    a, b, c = -2, -1, 1
    number = {x: edge_numbers(stored_edges("gpaw", material, f"strain {x:+d}")) for x in (a, b, c)}
    for quantity in ("valence", "gap", "K-Gamma"):
        y = [number[x][quantity] for x in (a, b, c)]
        first, second = (y[1] - y[0]) / (b - a), (y[2] - y[1]) / (c - b)
        newton = first + (0 - a + 0 - b) * (second - first) / (c - a)
        slope, error = strain_slope(material, quantity)
        assert abs(newton - slope) < 2 * error + 1e-9
    # stretched layers have a smaller gap at K, and the edges add up to it
    slope, _ = strain_slope(material, "gap")
    conduction, valence = (deformation_potential(material, b)[0] for b in ("conduction", "valence"))
    assert slope < 0 and np.isclose(conduction - valence, 50 * slope, atol=0.02)
    assert conduction < valence < 0


@pytest.mark.parametrize("known", [(-2, -1, 1, 2), (-2, -1, 1)])
def test_a_known_slope(monkeypatch, known):
    """E = E_0 + 0.3 x + 0.02 x^2 for x percent of strain: 15 eV for the area, whatever the curvature."""
    monkeypatch.setattr(strain, "_known", lambda material: known)
    level = {f"strain {x:+d}": -5 + 0.3 * x + 0.02 * x * x for x in known}
    level |= {f"{name} finer": value for name, value in level.items()}
    monkeypatch.setattr(strain, "edges_at_k", lambda m, name: np.array([0, level[name], 2, 3]))
    value, error = deformation_potential("MoS2", "valence")
    assert np.isclose(value, 15) and (error < 1e-9) == (len(known) == 4)
    assert np.isclose(deformation_potential("MoS2", "conduction")[0], 0, atol=1e-9)


def test_what_basis_and_vacuum_change_is_an_error(monkeypatch):
    """In eV for the area; the larger of the two layers counts for all."""
    monkeypatch.setattr(strain, "_known", lambda material: (-2, -1, 1, 2))
    slopes = {("MoS2", False): 0.30, ("MoS2", True): 0.31, ("WSe2", False): 0.30, ("WSe2", True): 0.26}

    def levels(material, name):
        slope = slopes.get((material, name.endswith("finer")), 0.3)
        return np.array([0, slope * int(name.split()[1]), 2, 3])

    monkeypatch.setattr(strain, "edges_at_k", levels)
    value, error = deformation_potential("WS2", "valence")
    assert np.isclose(value, 15) and np.isclose(error, 50 * 0.04)
    assert deformation_potential("WS2", "conduction")[1] < 1e-9


def test_the_finer_runs_differ_in_their_settings_only():
    runs = edge_runs("gpaw")
    for material in ("MoS2", "WSe2"):
        for x in (-1, 1):
            plain, finer = (runs[f"{material} strain {x:+d}{end}"]["inputs"] for end in ("", " finer"))
            changed = {name for name in plain if plain[name] != finer[name]}
            assert changed == {"cutoff", "vacuum"} and finer["cutoff"] == 600 and finer["vacuum"] == 20


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="material: expected one of"):
        strain_slope("WTe2", "gap")
    with pytest.raises(ValueError, match="material: expected one of"):
        deformation_potential("WTe2", "valence")
    with pytest.raises(ValueError, match="material, name: expected a stored run of gpaw"):
        edges_at_k("WTe2")


def test_a_slope_needs_three_strains_with_both_of_one_percent(monkeypatch):
    stored = {"MoS2": (-2, -1, 1, 2), "MoSe2": (-1, 1), "WS2": (-2, 1, 2), "WSe2": (-1, 1, 2)}
    monkeypatch.setattr(strain, "strains", stored.get)
    assert strain.strained_materials() == ["MoS2", "WSe2"]
