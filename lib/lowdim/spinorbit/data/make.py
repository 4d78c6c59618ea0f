"""Make the stored first-principles bands of the spin-orbit chapter: about two hours on one core.

Two codes of different method solve the Kohn-Sham equations with the PBE functional at the structures of
Table I: Elk (all electrons, linearised augmented plane waves; the method of the paper) and GPAW (projector
augmented waves). Bands along M-Gamma-K-M with and without spin-orbit coupling are in `elk.json` and
`layer.json` (GPAW; for WSe2 on the irreducible wedge of the zone as well); `bulk.json` has those of the bulk
and `normal.json` the dispersion along the normal (GPAW); `variations.json` the energies of WSe2 at M, Gamma
and K with one setting of Elk changed at a time. `relaxed-layer.json` holds energies and force-free
layer separations at several lattice constants, `relaxed-bulk.json` at those of the bulk, and `strained.json`
bands at a lattice constant one percent smaller (GPAW).

    python make.py [--only KIND ...] [--materials WSe2 ...] [--work DIR] [--threads N]

The codes are Debian packages: apt install elk-lapw gpaw gpaw-data.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowdim.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE
from lowdim.stored import store

HERE = Path(__file__).parent
ANGSTROM = 1e-10 / BOHR_RADIUS
EV = HARTREE / ELEMENTARY_CHARGE
SPECIES = Path("/usr/share/elk-lapw/species")
POINTS = 86  # along M-Gamma-K-M
WEDGE = 24  # divisions of a reciprocal vector for the map of WSe2
PATH = ((0.5, 0.0), (0.0, 0.0), (1 / 3, 1 / 3), (0.5, 0.0))  # in reciprocal lattice vectors, 60 degrees apart
BELOW, ABOVE = 14, 10  # spin-orbit bands stored on either side of the gap
# lattice constant and metal-chalcogen layer separation of Table I in angstrom, metal, chalcogen
LAYERS = {
    "WSe2": (3.310, 1.685, "W", "Se"),
    "MoS2": (3.193, 1.567, "Mo", "S"),
    "WS2": (3.197, 1.575, "W", "S"),
    "MoSe2": (3.313, 1.673, "Mo", "Se"),
}
# a, c in angstrom and positional parameter z of the bulk; the layers X and M are z c apart
BULK = {
    "WSe2": (3.280, 12.950, 0.130),
    "MoS2": (3.160, 12.295, 0.127),
    "WS2": (3.153, 12.323, 0.128),
    "MoSe2": (3.288, 12.900, 0.130),
}


@dataclass(frozen=True)
class Settings:
    """What the all-electron calculation depends on."""

    mesh: int = 9  # k points along each reciprocal vector
    vacuum: float = 12.0  # between chalcogens of neighbouring layers, angstrom
    rgkmax: float = 7.0  # muffin-tin radius times largest wave number
    radius: float = 2.1  # muffin-tin radius, bohr
    lmax_waves: int = 8
    lmax_density: int = 6
    empty: int = 8  # empty states per atom, in which the spin-orbit coupling is diagonalised


POTENTIALS = {
    "elk-lapw": "species files of the package; radii 2.1 bohr; Mo 4d local orbital at its atomic energy",
    "gpaw": "setups of gpaw-data 0.9.20000; relativistic mass in the spin-orbit coupling",
}
# settings changed one at a time, with the density of the reference or with one of their own
VARIATIONS = {
    "reference": {},
    "basis 8": {"rgkmax": 8.0},
    "basis 9": {"rgkmax": 9.0},
    "angular momenta 10": {"lmax_waves": 10},
    "empty 20": {"empty": 20},
    "mesh 6": {"mesh": 6},
}
OWN_DENSITY = ("mesh 6",)


def require(command):
    path = shutil.which(command)
    if path is None or not SPECIES.is_dir():
        raise SystemExit(f"`{command}` is missing: run `apt install elk-lapw gpaw gpaw-data` and try again.")
    return path


def package_version(package):
    query = ["dpkg-query", "-W", "-f", "${Version}", package]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout


def elk_input(material, settings, tasks, *, spin_orbit=False, points=POINTS):
    """Text of elk.in."""
    a, d, metal, chalcogen = LAYERS[material]
    a, d, c = a * ANGSTROM, d * ANGSTROM, (2 * d + settings.vacuum) * ANGSTROM
    blocks = {
        "tasks": "\n ".join(map(str, tasks)),
        "xctype": "20 0 0",  # PBE
        "autokpt": ".false.",
        "ngridk": f"{settings.mesh} {settings.mesh} 1",
        "rmtall": settings.radius,
        "rgkmax": settings.rgkmax,
        "gmaxvr": 14.0,
        "lmaxapw": settings.lmax_waves,
        "lmaxo": settings.lmax_density,
        "nempty": settings.empty,  # codespell:ignore nempty
        "lmirep": ".false.",  # weights by (l, m)
        "epspot": 1e-5,
        "epsengy": 1e-4,
        "mixtype": 1,
        "spinorb": ".true." if spin_orbit else ".false.",
        "sppath": "'./'",
        "avec": f"{a:.10f} 0 0\n {-a / 2:.10f} {a * math.sqrt(0.75):.10f} 0\n 0 0 {c:.10f}",
        "atoms": f"2\n '{metal}.in'\n 1\n 0.0 0.0 0.0 0 0 0\n '{chalcogen}.in'\n 2\n"
        f" 0.333333333333333 0.666666666666667 {d / c:.12f} 0 0 0\n"
        f" 0.333333333333333 0.666666666666667 {-d / c:.12f} 0 0 0",
        "plot1d": f"{len(PATH)} {points}\n " + "\n ".join(f"{u:.15f} {v:.15f} 0.0" for u, v in PATH),
    }
    return "".join(f"{name}\n {value}\n\n" for name, value in blocks.items())


def species(symbol):
    """Text of a species file; the 4d local orbital of Mo stays at its atomic energy.

    Elk would follow the bands with the energy of that orbital, which lies near that of the augmented waves.
    """
    text = (SPECIES / f"{symbol}.in").read_text()
    if symbol == "Mo":
        text, changed = re.subn(r"(-0\.1404\s+0\s+)T", r"\1F", text)
        if changed != 1:
            raise RuntimeError(f"{SPECIES}/Mo.in is not the species file of Elk 8.4")
    return text


def run_elk(folder, text, threads):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "elk.in").write_text(text)
    for symbol in re.findall(r"'(\w+)\.in'", text):
        (folder / f"{symbol}.in").write_text(species(symbol))
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([require("elk-lapw")], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode or "Error" in done.stdout + done.stderr:
        raise RuntimeError(f"Elk failed in {folder}: {(done.stdout + done.stderr)[-400:]}")


def ground_state(folder, material, settings, threads):
    """Self-consistent density, left in the folder; return the number of iterations."""
    run_elk(folder, elk_input(material, settings, (0,)), threads)
    report = (folder / "INFO.OUT").read_text()
    if "Convergence targets achieved" not in report:
        raise RuntimeError(f"Elk did not converge in {folder}")
    return report.count("Loop number")


def read_bands(path):
    """Distances, energies (eV) and further columns of a BAND file: (k), (band, k), (band, k, column)."""
    blocks = re.split(r"\n\s*\n", path.read_text().strip())
    table = np.array([[line.split() for line in block.strip().split("\n")] for block in blocks], dtype=float)
    return table[0, :, 0], table[:, :, 1] * EV, table[:, :, 2:]


def path_bands(folder, material, settings, threads, *, spin_orbit, task, points=POINTS):
    for old in folder.glob("BAND*.OUT"):
        old.unlink()
    run_elk(folder, elk_input(material, settings, (task,), spin_orbit=spin_orbit, points=points), threads)
    if task == 20:
        return read_bands(folder / "BAND.OUT")
    return [read_bands(path) for path in sorted(folder.glob("BAND_S*_A*.OUT"))]


def occupied(material, folder):
    """Number of occupied spin-orbit bands: the valence electrons."""
    charge = re.search(r"Total valence charge\s*:\s*([\d.]+)", (folder / "INFO.OUT").read_text())
    return round(float(charge.group(1)))


def corners(folder):
    return np.loadtxt(folder / "BANDLINES.OUT")[::2, 0]


def elk_bands(material, settings, work, threads):
    """Bands, spins and weights of one layer along the path."""
    folder = work / f"elk-{material}"
    loops = ground_state(folder, material, settings, threads)
    top = occupied(material, folder)
    arguments = (folder, material, settings, threads)
    distance, plain, _ = path_bands(*arguments, spin_orbit=False, task=20)
    weights = path_bands(*arguments, spin_orbit=True, task=22)
    spins = path_bands(*arguments, spin_orbit=True, task=23)
    energies = weights[0][1]
    zero = energies[top - 1].max()
    kept = slice(top - BELOW, top + ABOVE)
    gap = slice(top - 2, top + 2)
    half = slice((top - BELOW) // 2, (top + ABOVE) // 2)
    return {
        "material": material,
        "settings": asdict(settings),
        "iterations": loops,
        "occupied": BELOW,
        "distance": np.round(distance / distance[-1], 6).tolist(),
        "corners": np.round(corners(folder) / distance[-1], 6).tolist(),
        "without": np.round(plain[half] - zero, 4).tolist(),
        "with": np.round(energies[kept] - zero, 4).tolist(),
        "spin": np.round(sum(s[2][gap, :, 0] - s[2][gap, :, 1] for s in spins), 3).tolist(),
        "weights": {
            "M d0": _weight(weights[:1], gap, (6,)),
            "M d1": _weight(weights[:1], gap, (5, 7)),
            "M d2": _weight(weights[:1], gap, (4, 8)),
            "M s": _weight(weights[:1], gap, (0,)),
            "M p": _weight(weights[:1], gap, (1, 2, 3)),
            "X s": _weight(weights[1:], gap, (0,)),
            "X p0": _weight(weights[1:], gap, (2,)),
            "X p1": _weight(weights[1:], gap, (1, 3)),
        },
    }


def _weight(atoms, gap, columns):
    """Weight in the muffin tins of the orbitals (l, m) at l (l + 1) + m, both spins."""
    return np.round(sum(atom[2][gap][:, :, list(columns)].sum(axis=2) for atom in atoms), 3).tolist()


def elk_variations(material, work, threads):
    """Energies of the gap's four bands at M, Gamma and K with one setting changed at a time, in eV."""
    reference = work / f"elk-{material}"
    if not (reference / "STATE.OUT").exists():
        ground_state(reference, material, Settings(), threads)
    found = []
    for name, change in tqdm(VARIATIONS.items(), desc="variations", file=sys.stdout):
        settings = replace(Settings(), **change)
        folder = work / f"vary-{material}-{name.replace(' ', '-')}"
        folder.mkdir(parents=True, exist_ok=True)
        if name in OWN_DENSITY:
            ground_state(folder, material, settings, threads)
        else:
            for needed in ("STATE.OUT", "EFERMI.OUT", "INFO.OUT"):
                shutil.copy(reference / needed, folder)
        energies = path_bands(folder, material, settings, threads, spin_orbit=True, task=22, points=7)[0]
        where = [int(abs(energies[0] - x).argmin()) for x in corners(folder)[:3]]
        top = occupied(material, folder)
        four = energies[1][top - 2 : top + 2][:, where].T - energies[1][top - 1].max()
        density = "own" if name in OWN_DENSITY else "reference"
        found.append(
            {"name": name, "change": change, "density": density, "M Gamma K": np.round(four, 5).tolist()}
        )
    return {"material": material, "variations": found}


STRAINS = (0.99, 0.997, 1.004, 1.011)  # of the printed lattice constant, for the energies of a relaxed layer


def paw_job(kind, material):
    """What paw.py needs to know for one run."""
    a, d, metal, chalcogen = LAYERS[material]
    job = {
        "kind": kind, "a": a, "d": d, "metal": metal, "chalcogen": chalcogen, "cutoff": 400, "mesh": 9,
        "path": PATH, "below": BELOW, "above": ABOVE,
    }  # fmt: skip
    if kind == "bulk":
        a, c, z = BULK[material]
        # valence and conduction bands come in pairs, one for each layer of the cell
        bulk = {"a": a, "c": c, "d": z * c, "mesh": 6, "mesh_z": 2, "path": PATH[1:3], "points": 25}
        return {**job, **bulk, "below": 8, "above": 8}
    if kind == "relaxed-bulk":
        a, c, z = BULK[material]
        bulk = {"a": a, "c": c, "d": z * c, "mesh": 6, "mesh_z": 2, "lattice": [a]}
        return {**job, **bulk, "kind": "relax", "cutoff": 500}
    if kind == "relaxed-layer":
        lattice = [round(a * strain, 5) for strain in STRAINS]
        return {**job, "kind": "relax", "vacuum": 12.0, "cutoff": 500, "lattice": lattice}
    if kind == "normal":
        return {**job, "vacuum": 30.0, "mesh": 6, "path": (*PATH[:3], (1 / 6, 1 / 6)), "below": 4, "above": 4}
    if kind == "strained":
        return {**job, "kind": "layer", "a": round(0.99 * a, 5), "vacuum": 12.0, "points": 4}
    map_too = material == "WSe2"
    return {**job, "vacuum": 12.0, "points": POINTS if map_too else 31, "wedge": WEDGE if map_too else 0}


def paw_run(kind, material, work, threads):
    folder = work / f"{kind}-{material}"
    folder.mkdir(parents=True, exist_ok=True)
    job = paw_job(kind, material)
    (folder / "job.json").write_text(json.dumps(job))
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [require("gpaw"), "python", str(HERE / "paw.py"), "job.json", "result.json"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return {"material": material, "settings": job, **json.loads((folder / "result.json").read_text())}


def write(name, runs, package):
    provenance = {
        "code": f"{package} {package_version(package)} (Debian)",
        "command": "make data",
        "date": datetime.now(UTC).date().isoformat(),
        "functional": "PBE",
        "structure": "Table I",
        "potentials": POTENTIALS[package],
    }
    store(HERE / f"{name}.json", {"runs": runs}, provenance)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = ("elk", "layer", "strained", "bulk", "normal", "relaxed-layer", "relaxed-bulk", "variations")
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--materials", nargs="+", choices=LAYERS, default=list(LAYERS))
    parser.add_argument("--work", type=Path, help="where the codes write; a temporary folder if not given")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    for command in ("elk-lapw", "gpaw"):
        require(command)
    threads = arguments.threads
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        for kind in arguments.only:
            bar = tqdm(arguments.materials, desc=kind, file=sys.stdout, disable=kind == "variations")
            if kind == "elk":
                write(kind, [elk_bands(m, Settings(), work, threads) for m in bar], "elk-lapw")
            elif kind == "variations":
                write(kind, [elk_variations("WSe2", work, threads)], "elk-lapw")
            else:
                write(kind, [paw_run(kind, m, work, threads) for m in bar], "gpaw")


if __name__ == "__main__":
    main()
