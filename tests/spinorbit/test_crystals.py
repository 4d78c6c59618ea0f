"""Bulk and layer relaxed alike: the fits, the runs behind them, and the dispersion energy."""

import numpy as np
import pytest

from lowdim.spinorbit.crystals import (
    HEIGHTS,
    lattice_minimum,
    layer_and_bulk,
    relaxed_layer,
    relaxed_materials,
)
from lowdim.spinorbit.data import pieces
from lowdim.spinorbit.firstprinciples import stored_runs


def test_minimum_of_a_known_curve():
    """E = 8 (a - 3.17)^2 - 20 (a - 3.17)^3: exact from four points, and from three with the cubic given."""

    def energy(a):
        return 8 * (a - 3.17) ** 2 - 20 * (a - 3.17) ** 3

    four, three = np.array([3.12, 3.16, 3.2, 3.23]), np.array([3.14, 3.17, 3.21])
    assert np.allclose(lattice_minimum(four, energy(four)), (3.17, 16), atol=1e-8)
    assert np.allclose(lattice_minimum(three, energy(three), cubic=-20), (3.17, 16), atol=1e-8)
    assert abs(lattice_minimum(three, energy(three))[0] - 3.17) > 1e-4


def test_minimum_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="energy: expected a minimum within the lattice constants"):
        lattice_minimum([3.1, 3.2, 3.3], [0, -1, -4])
    with pytest.raises(ValueError, match="energy: expected a minimum within the lattice constants"):
        lattice_minimum([3.1, 3.2, 3.3], [0, 1.0, 2.01])
    with pytest.raises(ValueError, match="lattice: expected at least 3 points"):
        lattice_minimum([3.1, 3.2], [0, 1])
    with pytest.raises(ValueError, match="material: expected one of"):
        layer_and_bulk("WTe2")
    with pytest.raises(ValueError, match="material: expected one of"):
        relaxed_layer("WTe2")


@pytest.mark.parametrize("material", relaxed_materials())
def test_bulk_and_layer_share_all_but_the_cell(material):
    runs = {run["key"]: run for run in stored_runs("crystals")["runs"]}
    layer = dict(runs[f"{material} layer"]["inputs"])
    assert layer.pop("vacuum") == 12.0
    for height in HEIGHTS:
        bulk = dict(runs[f"{material} bulk {height}"]["inputs"])
        c = bulk.pop("c")
        assert bulk.pop("mesh_z") == 2 and layer == bulk
        assert np.isclose(c, pieces.BULK[material][1] * (1 + int(height) / 100), atol=1e-3)
        force = np.array(runs[f"{material} bulk {height}"]["a d energy force"])[:, 3]
        assert np.abs(force).max() < 0.5
    assert np.abs(np.array(runs[f"{material} layer"]["a d energy force"])[:, 3]).max() < 0.2


@pytest.mark.parametrize("material", relaxed_materials())
def test_layer_is_that_of_the_finer_run(material):
    """Plane waves to 400 eV on 6 by 6 points against 500 eV on 9 by 9: within 0.1 percent."""
    assert abs(layer_and_bulk(material).layer / relaxed_layer(material)[0] - 1) < 1e-3


@pytest.mark.parametrize("material", relaxed_materials())
def test_dispersion_attracts(material):
    """It lowers the energy, more in the bulk, more where the atoms are closer; both lattices shrink."""
    run = next(r for r in stored_runs("dispersion")["runs"] if r["material"] == material)
    layer, bulk = np.array(run["layer"]), {float(c): np.array(e) / 2 for c, e in run["bulk"].items()}
    assert np.all(np.diff(layer) > 0)
    heights = sorted(bulk)
    assert all(np.all(bulk[a] < bulk[b]) for a, b in zip(heights, heights[1:], strict=False))
    assert all(np.all(e < layer - 0.1) for e in bulk.values())
    plain, bound = layer_and_bulk(material), layer_and_bulk(material, dispersion=True)
    assert bound.layer < plain.layer and bound.bulk < plain.bulk
    assert bound.expansion > plain.expansion


def test_all_four_materials_are_there():
    assert relaxed_materials() == ["MoS2", "MoSe2", "WS2", "WSe2"]


@pytest.mark.parametrize("material", relaxed_materials())
def test_relaxed_height(material):
    """With dispersion close to the measured one, without it far above; the same by one polynomial."""
    measured = pieces.BULK[material][1]
    bound = layer_and_bulk(material, dispersion=True, height="relaxed")
    loose = layer_and_bulk(material, height="relaxed")
    assert abs(bound.height / measured - 1) < 0.03 and loose.height / measured > 1.1
    assert abs(loose.expansion) < 0.1 < bound.expansion
    # percent: the cubic term and the largest height matter little where a height is bound
    assert 0 < bound.error < 0.02 and 0.1 < loose.error < 0.15
    # the slow twin: all energies as one polynomial of two variables; 17 eV/angstrom^2 for the separation
    runs = {run["key"]: run for run in stored_runs("crystals")["runs"]}
    added = next(r for r in stored_runs("dispersion")["runs"] if r["material"] == material)["bulk"]
    rows = []
    for height in HEIGHTS:
        run = runs[f"{material} bulk {height}"]
        c = run["inputs"]["c"]
        for (a, _, energy, force), d3 in zip(run["a d energy force"], added[str(c)], strict=True):
            rows.append((a - 3.2, c - measured, (energy + d3) / 2 - force**2 / 17))
    x, y, energy = np.array(rows).T
    terms = np.stack([x**i * y**j for i in range(3) for j in range(4)], axis=1)
    surface = np.linalg.solve(terms, energy).reshape(3, 4)
    fine = np.stack(np.meshgrid(np.linspace(-0.08, 0.15, 231), np.linspace(-0.4, 0.4, 401)), axis=-1)
    values = np.polynomial.polynomial.polyval2d(fine[..., 0], fine[..., 1], surface)
    a, c = fine[np.unravel_index(values.argmin(), values.shape)]
    assert np.isclose(a + 3.2, bound.bulk, atol=3e-3) and np.isclose(c + measured, bound.height, atol=0.03)


def test_a_height_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="height: expected 'measured' or 'relaxed'"):
        layer_and_bulk("MoS2", height="free")


def test_a_finer_basis_and_mesh_find_the_expansion_again():
    """To a twentieth of the printed percent."""
    for options in ({}, {"dispersion": True}, {"dispersion": True, "height": "relaxed"}):
        one, finer = (layer_and_bulk("MoS2", finer=which, **options) for which in (False, True))
        assert 0 < abs(finer.expansion - one.expansion) < 0.05 and one.layer != finer.layer
    with pytest.raises(ValueError, match="finer: expected False for WSe2, got True"):
        layer_and_bulk("WSe2", finer=True)
