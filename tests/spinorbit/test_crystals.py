"""Bulk and layer relaxed alike: the fits, the runs behind them, and the dispersion energy."""

import numpy as np
import pytest

from lowdim.spinorbit.crystals import lattice_minimum, layer_and_bulk, relaxed_layer, relaxed_materials
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
    layer, bulk = (dict(runs[f"{material} {name}"]["inputs"]) for name in ("layer", "bulk +0"))
    assert layer.pop("vacuum") == 12.0 and bulk.pop("c") > 12 and bulk.pop("mesh_z") == 2
    assert layer == bulk
    forces = [np.array(runs[f"{material} {name}"]["a d energy force"])[:, 3] for name in ("layer", "bulk +0")]
    assert np.abs(forces).max() < 0.4


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
