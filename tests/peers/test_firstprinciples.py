"""One quick run of each first-principles code, made again and held against the stored one.

Elk and GPAW are Debian packages (elk-lapw, gpaw, gpaw-data). `make peers` installs them where it may; without
them the tests are skipped.
"""

import shutil

import pytest

from lowdim.spinorbit.data import make, pieces
from lowdim.spinorbit.edges import edge_runs

QUICK = {
    "elk": ("elk-lapw", pieces.elk_edges("MoS2", "small")),
    "gpaw": ("gpaw", pieces.paw_edges("MoS2", "small", pieces.PAW["small"])),
}
NAMES = {"elk": "Elk", "gpaw": "GPAW"}


@pytest.mark.parametrize("code", QUICK)
def test_stored_run_is_found_again(code, tmp_path, agrees):
    """Band edges of MoS2 from Gamma to K and around it, to 0.1 meV; by another release to 2 meV."""
    command, piece = QUICK[code]
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed (apt install elk-lapw gpaw gpaw-data)")
    _, run, message = make.compute(piece, tmp_path)
    assert run is not None, message
    stored = edge_runs(code)[piece.key]
    assert run["inputs"] == stored["inputs"]
    same = run["made"]["code"] == stored["made"]["code"]
    for line in ("Gamma-K", "K"):
        for part in ("with", "without"):
            values = stored[line][part], run[line][part]
            agrees(
                "spinorbit.edge_runs",
                NAMES[code],
                "band edges of MoS2, stored",
                *values,
                atol=1e-4 if same else 2e-3,
            )
