"""Make `faraday.json`: rotation by 25 random spins, against imbalance, detuning and losses; minutes."""

from math import comb
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.optics.faraday import SpinArray
from lowdim.optics.spin_ensemble import all_spins, random_spins, rotation_ensemble
from lowdim.stored import store

HERE = Path(__file__).parent
SPACING, WAIST, CONFIGURATIONS, LOSSY_CONFIGURATIONS = 0.4, 1.0, 10_000, 2_000
DETUNING = np.linspace(-2, 3, 101)
WIDE_DETUNING = np.linspace(-8, 9, 171)
LOSSES = [0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0]
# rows, columns, up spins: the splits that "15 and 5" may mean
SPLITS = [(5, 5, 15), (5, 5, 20), (4, 5, 15)]


def patch(rows, columns):
    lines = [(np.arange(n) - (n - 1) / 2) * SPACING for n in (rows, columns)]
    positions = np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, 2)
    return SpinArray(positions, 2 * np.pi, WAIST)


def drawn(sites, up, count, rng):
    """All configurations if there are no more than `count`, else a sample."""
    return all_spins(sites, up) if comb(sites, up) <= count else random_spins(sites, up, count, rng)


def statistics(array, spins, detuning, losses=0.0):
    """Mean, deviation and coherent angle (microradian, whole numbers) by both ways to collect."""
    record = {}
    for collect in ("overlap", "axis"):
        if len(spins) == 1:
            spins = np.repeat(spins, 2, axis=0)
        found = rotation_ensemble(array, spins, detuning, losses, collect)
        record[collect] = {
            name: np.rint(1e6 * getattr(found, name)).astype(int).tolist()
            for name in ("mean", "deviation", "coherent")
        } | {"largest_ratio": round(found.largest_ratio, 4)}
    return record


def ensemble(up):
    spins = drawn(25, up, CONFIGURATIONS, np.random.default_rng([1, up]))
    record = {"up": up, "down": 25 - up, "configurations": len(spins)}
    return record | statistics(patch(5, 5), spins, DETUNING)


def lossy_ensemble(rows, columns, up, loss):
    spins = random_spins(rows * columns, up, LOSSY_CONFIGURATIONS, np.random.default_rng([2, rows, up]))
    record = {"rows": rows, "columns": columns, "up": up, "nonradiative": loss}
    return record | statistics(patch(rows, columns), spins, WIDE_DETUNING, loss)


def main():
    ensembles = sweep(ensemble, ((up,) for up in range(13, 26)), "imbalance")
    lossy = sweep(lossy_ensemble, ((*split, loss) for split in SPLITS for loss in LOSSES), "losses")
    record = provenance(
        {
            "spacing_over_wavelength": SPACING,
            "waist_over_wavelength": WAIST,
            "configurations": f"all, or {CONFIGURATIONS}; with losses {LOSSY_CONFIGURATIONS}",
            "seeds": "[1, up]; with losses [2, rows, up]",
            "incident": "along x, normal incidence",
        }
    )
    content = {
        "detuning": DETUNING.round(6).tolist(),
        "wide_detuning": WIDE_DETUNING.round(6).tolist(),
        "ensembles": ensembles,
        "lossy": lossy,
    }
    store(HERE / "faraday.json", content, record)


if __name__ == "__main__":
    main()
