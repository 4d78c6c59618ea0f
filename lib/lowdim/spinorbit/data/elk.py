"""One calculation with Elk: its input from a job, and what is read from its output.

A job is a dictionary with every input: the structure (a, d, vacuum in angstrom; metal, chalcogen) and the
fields of `SETTINGS`. The density is self-consistent without spin-orbit coupling unless the job says
otherwise; the coupling is then diagonalised among the states at each k. "linearisation" moves the energies
of linearisation that do not follow the bands (hartree); for each rgkmax in "larger" the bands from Gamma to K
are computed once more, at the same density; "first rgkmax" and "first mesh" are those of a density to start
from. In-plane wave vectors are given in reciprocal lattice vectors 60 degrees apart.
"""

import hashlib
import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np

from lowdim.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE

ANGSTROM = 1e-10 / BOHR_RADIUS
EV = HARTREE / ELEMENTARY_CHARGE
SPECIES = Path("/usr/share/elk-lapw/species")
FUNCTIONALS = {"PBE": "20 0 0", "LDA": "3 0 0"}
MIXING = {"adaptive": 1, "Broyden": 3}  # adaptive, charge can slosh for long through a wide vacuum
SETTINGS = {
    "functional": "PBE",
    "mesh": 9,  # k points along each reciprocal vector
    "vacuum": 12.0,  # between chalcogens of neighbouring layers, angstrom
    "rgkmax": 7.0,  # muffin-tin radius times largest wave number
    "radius": 2.1,  # muffin-tin radius, bohr
    "lmax_waves": 8,
    "lmax_density": 6,
    "gmax": 14.0,  # largest wave number of the density, 1/bohr
    "empty": 8,  # empty states per atom, in which the spin-orbit coupling is diagonalised
    "locals": "default",  # "fixed" energies or "more" local orbitals, see `species`
    "coupled density": False,  # spin-orbit coupling in the self-consistent density
}


def require(command="elk-lapw"):
    path = shutil.which(command)
    if path is None or not SPECIES.is_dir():
        raise SystemExit(f"`{command}` is missing: run `apt install elk-lapw gpaw gpaw-data` and try again.")
    return path


def elk_input(job, tasks, *, spin_orbit=False, path=(), points=0):
    """Text of elk.in."""
    a, d, metal, chalcogen = job["a"], job["d"], job["metal"], job["chalcogen"]
    a, d, c = a * ANGSTROM, d * ANGSTROM, (2 * d + job["vacuum"]) * ANGSTROM
    blocks = {
        "tasks": "\n ".join(map(str, tasks)),
        "xctype": FUNCTIONALS[job["functional"]],
        "autokpt": ".false.",
        "ngridk": f"{job['mesh']} {job['mesh']} 1",
        "rmtall": job["radius"],
        "rgkmax": job["rgkmax"],
        "gmaxvr": job["gmax"],
        "lmaxapw": job["lmax_waves"],
        "lmaxo": job["lmax_density"],
        "nempty": job["empty"],  # codespell:ignore nempty
        "lmirep": ".false.",  # weights by (l, m)
        "epspot": 1e-5,
        "epsengy": 1e-4,
        "mixtype": MIXING[job.get("mixing", "adaptive")],
        "nwrite": 4,  # iterations between two saved densities
        "spinorb": ".true." if spin_orbit or job["coupled density"] else ".false.",
        "sppath": "'./'",
        "avec": f"{a:.10f} 0 0\n {-a / 2:.10f} {a * math.sqrt(0.75):.10f} 0\n 0 0 {c:.10f}",
        "atoms": f"2\n '{metal}.in'\n 1\n 0.0 0.0 0.0 0 0 0\n '{chalcogen}.in'\n 2\n"
        f" 0.333333333333333 0.666666666666667 {d / c:.12f} 0 0 0\n"
        f" 0.333333333333333 0.666666666666667 {-d / c:.12f} 0 0 0",
    }
    if "lmax_inner" in job:  # of wave functions within a hundredth of the muffin-tin radius; Elk's own is 1
        blocks["lmaxi"] = job["lmax_inner"]
    if path:
        places = "\n ".join(f"{u:.15f} {v:.15f} 0.0" for u, v in path)
        blocks["plot1d"] = f"{len(path)} {points}\n {places}"
    return "".join(f"{name}\n {value}\n\n" for name, value in blocks.items())


def species(symbol, kind="default", moved=0.0):
    """Text of a species file.

    Elk would follow the bands with the energy of the 4d local orbital of Mo, which lies near that of the
    augmented waves; it stays at its atomic energy. "fixed": so do all local orbitals. "more": one local
    orbital more for s, p and d, at 1.5 hartree. What does not follow the bands is moved by `moved` hartree.
    """
    text = (SPECIES / f"{symbol}.in").read_text()
    if symbol == "Mo":
        text, changed = re.subn(r"(-0\.1404\s+0\s+)T", r"\1F", text)
        if changed != 1:
            raise RuntimeError(f"{SPECIES}/Mo.in is not the species file of Elk 8.4")
    if kind == "fixed":
        text = re.sub(r"(\n\s+-\d\.\d{4}\s+0\s+)T", r"\1F", text)
    if kind == "more":
        count = re.search(r"(\d+)(\s*: nlorb)", text)
        text = text.replace(count.group(0), f"{int(count.group(1)) + 3}{count.group(2)}")
        for shell in range(3):
            text = text.rstrip("\n") + f"\n   {shell}   2\n    0.1500   0  F\n    1.5000   0  F"
        text += "\n"
    if moved:
        fixed = r"(?<=\n)\s*(-?\d\.\d{4})(?=\s+\d\s+F)"
        text = re.sub(fixed, lambda found: f"{float(found[1]) + moved:10.4f}", text)
    return text


def waves(job):
    """What a job says of the species files."""
    return job["locals"], job.get("linearisation", 0.0)


def run_elk(folder, job, text, threads):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "elk.in").write_text(text)
    for symbol in re.findall(r"'(\w+)\.in'", text):
        (folder / f"{symbol}.in").write_text(species(symbol, *waves(job)))
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([require()], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode or "Error" in done.stdout + done.stderr:
        raise RuntimeError(f"Elk failed in {folder}: {(done.stdout + done.stderr)[-400:]}")


def self_consistent(folder, job, threads):
    """Go on to the self-consistent density; return the number of iterations since the last start."""
    task = 1 if (folder / "STATE.OUT").exists() else 0
    run_elk(folder, job, elk_input(job, (task,)), threads)
    report = (folder / "INFO.OUT").read_text()
    if "Convergence targets achieved" not in report:
        raise RuntimeError(f"Elk did not converge in {folder}")
    fermi = float(re.findall(r"Fermi\s*:\s*(\S+)", report)[-1])
    if abs(fermi) > 1:
        # a ghost band in the first density can lead to a state without the d shell of Se
        raise RuntimeError(
            f"Elk converged to no physical state in {folder}: Fermi energy {fermi:.1f} hartree"
        )
    return report.count("Loop number")


def ground_state(folder, job, threads):
    """Self-consistent density, left in the folder; return the number of iterations since the last start.

    Elk saves the density every few iterations; an interrupted run of the same job goes on from there. What is
    called "first" makes a density to start from.
    """
    record, job = folder / "job.json", json.loads(json.dumps(job))
    if not record.exists() or json.loads(record.read_text()) != job:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        record.write_text(json.dumps(job))
    loops, first = 0, folder / "first"
    start = {name.removeprefix("first "): job[name] for name in job if name.startswith("first ")}
    if start and not first.exists():
        loops = self_consistent(folder, {**job, **start}, threads)
        first.touch()
    return loops + self_consistent(folder, job, threads)


def read_bands(path):
    """Distances, energies (eV) and further columns of a BAND file: (k), (band, k), (band, k, column)."""
    blocks = re.split(r"\n\s*\n", path.read_text().strip())
    table = np.array([[line.split() for line in block.strip().split("\n")] for block in blocks], dtype=float)
    return table[0, :, 0], table[:, :, 1] * EV, table[:, :, 2:]


def path_bands(folder, job, threads, *, spin_orbit, task, path, points):
    for old in folder.glob("BAND*.OUT"):
        old.unlink()
    text = elk_input(job, (task,), spin_orbit=spin_orbit, path=path, points=points)
    run_elk(folder, job, text, threads)
    if task == 20:
        return read_bands(folder / "BAND.OUT")
    return [read_bands(found) for found in sorted(folder.glob("BAND_S*_A*.OUT"))]


def occupied(folder):
    """Number of occupied spin-orbit bands: the valence electrons."""
    charge = re.search(r"Total valence charge\s*:\s*([\d.]+)", (folder / "INFO.OUT").read_text())
    return round(float(charge.group(1)))


def corners(folder):
    return np.loadtxt(folder / "BANDLINES.OUT")[::2, 0]


def weight(atoms, gap, columns):
    """Weight in the muffin tins of the orbitals (l, m) at l (l + 1) + m, both spins."""
    return np.round(sum(atom[2][gap][:, :, list(columns)].sum(axis=2) for atom in atoms), 3).tolist()


def spins(found, gap):
    return np.round(sum(s[2][gap, :, 0] - s[2][gap, :, 1] for s in found), 3).tolist()


def layer(job, folder, threads):
    """Bands, spins and weights of one layer along the job's path."""
    loops = ground_state(folder, job, threads)
    top = occupied(folder)
    options = {"path": job["path"], "points": job["points"]}
    distance, plain, _ = path_bands(folder, job, threads, spin_orbit=False, task=20, **options)
    weights = path_bands(folder, job, threads, spin_orbit=True, task=22, **options)
    spin = path_bands(folder, job, threads, spin_orbit=True, task=23, **options)
    energies = weights[0][1]
    zero = energies[top - 1].max()
    below, above = job["below"], job["above"]
    gap = slice(top - 2, top + 2)
    metal, chalcogens = weights[:1], weights[1:]
    return {
        "iterations": loops,
        "occupied": below,
        "distance": np.round(distance / distance[-1], 6).tolist(),
        "corners": np.round(corners(folder) / distance[-1], 6).tolist(),
        "without": np.round(plain[(top - below) // 2 : (top + above) // 2] - zero, 4).tolist(),
        "with": np.round(energies[top - below : top + above] - zero, 4).tolist(),
        "spin": spins(spin, gap),
        "weights": {
            "M d0": weight(metal, gap, (6,)),
            "M d1": weight(metal, gap, (5, 7)),
            "M d2": weight(metal, gap, (4, 8)),
            "M s": weight(metal, gap, (0,)),
            "M p": weight(metal, gap, (1, 2, 3)),
            "X s": weight(chalcogens, gap, (0,)),
            "X p0": weight(chalcogens, gap, (2,)),
            "X p1": weight(chalcogens, gap, (1, 3)),
        },
    }


def edges(job, folder, threads):
    """The four bands around the gap from Gamma to K, and close to K on that line and beyond it."""
    loops = ground_state(folder, job, threads)
    top = occupied(folder)
    gap = slice(top - 2, top + 2)
    result, zero = {"iterations": loops}, None
    for name, (path, points) in job["lines"].items():
        options = {"path": path, "points": points}
        found = path_bands(folder, job, threads, spin_orbit=True, task=23, **options)
        energies = found[0][1][gap]
        zero = energies[1].max() if zero is None else zero
        result[name] = {"with": np.round(energies - zero, 5).tolist(), "spin": spins(found, gap)}
        if not job["coupled density"]:
            # the energy of the plain bands is absolute, too
            plain = path_bands(folder, job, threads, spin_orbit=False, task=20, **options)[1]
            pair = plain[top // 2 - 1 : top // 2 + 1]
            result[name]["without"] = np.round(pair - zero, 5).tolist()
    path, points = job["lines"]["Gamma-K"]
    options = {"path": path, "points": points, "spin_orbit": True, "task": 20}
    for basis in job.get("larger", ()):
        energies = path_bands(folder, {**job, "rgkmax": basis}, threads, **options)[1][gap]
        part = np.round(energies - energies[1].max(), 5).tolist()
        result["Gamma-K"].setdefault("larger", {})[f"{basis:g}"] = part
    return result


def coupling(job, folder, threads):
    """Levels around the gap by basis, by what is kept near the nuclei and by empty states.

    At the corners of the path and at one density; beside them the weights in the muffin tins at K, the last
    corner, of the valence band without coupling.
    """
    loops = ground_state(folder, job, threads)
    top = occupied(folder)
    gap, options = slice(top - 2, top + 2), {"path": job["path"], "points": len(job["path"])}
    found = {}
    for basis, inner, empty in job["choices"]:
        changed = {**job, "rgkmax": basis, "lmax_inner": inner, "empty": empty}
        plain = path_bands(folder, changed, threads, spin_orbit=False, task=22, **options)
        band = slice(top // 2 - 1, top // 2)
        weights = {
            name: weight(atoms, band, columns)[0][-1]
            for name, atoms, columns in (
                ("M d", plain[:1], range(4, 9)), ("M p", plain[:1], (1, 2, 3)), ("X p", plain[1:], (1, 2, 3)),
            )
        }  # fmt: skip
        energies = path_bands(folder, changed, threads, spin_orbit=True, task=22, **options)[0][1][gap]
        levels = np.round(energies - energies[1].max(), 5).tolist()
        found[f"{basis:g} {inner} {empty}"] = {"with": levels, "weights at K": weights}
    return {"iterations": loops, "levels": found}


def provenance(job, folder):
    """Versions that the run itself tells, and digests of the species files used."""
    version = re.search(r"Elk version (\S+)", (folder / "INFO.OUT").read_text())
    texts = {s: species(s, *waves(job)) for s in (job["metal"], job["chalcogen"])}
    return {
        "code": f"Elk {version.group(1)}",
        "species": {s: hashlib.sha256(text.encode()).hexdigest()[:16] for s, text in texts.items()},
    }
