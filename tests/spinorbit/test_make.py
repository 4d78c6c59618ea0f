"""The script that makes the stored runs: its inputs, its parsers and its refusals."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lowdim.spinorbit

SCRIPT = Path(lowdim.spinorbit.__file__).parent / "data" / "make.py"


@pytest.fixture(scope="module")
def make():
    specification = importlib.util.spec_from_file_location("make_spinorbit", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_missing_code_is_named_with_its_packages(make, monkeypatch):
    monkeypatch.setattr(make.shutil, "which", lambda command: None)
    with pytest.raises(SystemExit, match="`elk-lapw` is missing: run `apt install elk-lapw gpaw gpaw-data`"):
        make.require("elk-lapw")


def test_elk_input_has_the_structure_of_the_table(make):
    text = make.elk_input("MoS2", make.Settings(), (0,))
    blocks = dict(block.split("\n", 1) for block in text.strip().split("\n\n"))
    cell = np.array([row.split() for row in blocks["avec"].split("\n")], dtype=float) * 0.529177
    assert np.allclose(np.linalg.norm(cell[:2], axis=1), 3.193, atol=1e-4)
    assert np.isclose(cell[0] @ cell[1], -0.5 * 3.193**2, atol=1e-3)
    heights = [float(row.split()[2]) for row in blocks["atoms"].split("\n") if len(row.split()) == 6]
    assert np.allclose(np.array(heights) * cell[2, 2], [0, 1.567, -1.567], atol=1e-4)
    assert np.isclose(cell[2, 2] - 2 * 1.567, 12, atol=1e-4)


def test_elk_input_follows_the_settings(make):
    settings = replace(make.Settings(), mesh=6, rgkmax=8.0)
    text = make.elk_input("WSe2", settings, (22,), spin_orbit=True, points=7)
    assert "ngridk\n 6 6 1\n" in text and "rgkmax\n 8.0\n" in text and "spinorb\n .true.\n" in text
    assert "plot1d\n 4 7\n" in text and "tasks\n 22\n" in text


def test_bands_are_read_by_band_and_point(make, tmp_path):
    rows = [[(k, -0.5 + 0.1 * n + 0.01 * k, n, k) for k in range(3)] for n in range(2)]
    text = "\n \n".join("\n".join(" ".join(map(str, row)) for row in band) for band in rows)
    (tmp_path / "BAND.OUT").write_text(text + "\n \n")
    distance, energies, columns = make.read_bands(tmp_path / "BAND.OUT")
    assert distance.tolist() == [0, 1, 2] and energies.shape == (2, 3) and columns.shape == (2, 3, 2)
    assert np.isclose(energies[1, 2], -0.38 * 27.211386) and columns[1, 2].tolist() == [1, 2]


def test_bulk_and_layer_jobs_differ_in_their_cells(make):
    layer, bulk = make.paw_job("layer", "WSe2"), make.paw_job("bulk", "WSe2")
    assert "c" not in layer and layer["vacuum"] == 12 and layer["wedge"] > 0
    assert np.isclose(bulk["d"], 0.130 * 12.950) and bulk["a"] == 3.280
    assert make.paw_job("normal", "WSe2")["vacuum"] == 30
    assert np.isclose(make.paw_job("strained", "MoSe2")["a"], 0.99 * 3.313)
