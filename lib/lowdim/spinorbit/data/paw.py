"""Bands of MX2 by projector augmented waves; run by make.py under GPAW's own Python.

    gpaw python paw.py job.json result.json

The density is self-consistent without spin-orbit coupling; the coupling is then diagonalised among the
lowest bands at each k, with the mass that GPAW leaves out (`paw_density.py`); the splitting that GPAW finds
by itself is stored beside. In-plane wave vectors are given in reciprocal lattice vectors 60 degrees apart.
"""

import json
import math
import sys
from pathlib import Path

import ase
import gpaw
import gpaw.setup_data
import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).parent))  # GPAW runs a script without its folder
from paw_density import (
    bands_at_fixed_density,
    energies,
    ground_state,
    is_meta,
    moved,
    relaxed,
    spin_orbit_states,
    vacuum_level,
)

EXTRA = 8  # bands beyond those stored, for the spin-orbit coupling


def along(path, points):
    """Evenly spaced points of the plane along a path, and the indices of its corners."""
    metric = np.array([[1, 0.5], [0.5, 1]])
    lengths = [math.sqrt((v - u) @ metric @ (v - u)) for u, v in zip(path, path[1:], strict=False)]
    counts = [max(1, round((points - 1) * x / sum(lengths))) for x in lengths]
    steps = [u + (v - u) * j / n for u, v, n in zip(path, path[1:], counts, strict=False) for j in range(n)]
    return np.array([*steps, path[-1]]), np.concatenate([[0], np.cumsum(counts)]).tolist()


def wedge(n):
    """Points (i, j) / n of the wedge Gamma-M-K."""
    return np.array([(i, j) for i in range(n // 2 + 1) for j in range(i + 1) if 2 * i + j <= n]) / n


def states(calc, points, job, kz=0.0):
    """Energies without and with spin-orbit coupling, spins, and energies with GPAW's own coupling.

    Shapes (k, band[, axis]).
    """
    electrons = round(calc.get_number_of_electrons())
    # the cell's reciprocal vectors are 120 degrees apart: b1' = b1, b2' = b1 + b2
    k = np.stack([points[:, 0] + points[:, 1], points[:, 1], np.full(len(points), kz)], axis=1)
    bands = electrons // 2 + job["above"] // 2 + EXTRA
    fixed = calc.fixed_density(
        kpts=k, symmetry="off", nbands=bands + 4, convergence={"bands": bands}, txt="bands.txt"
    )
    plain = np.array([fixed.get_eigenvalues(n) for n in range(len(k))])
    found, own = spin_orbit_states(fixed), spin_orbit_states(fixed, mass=False)
    kept = slice(electrons - job["below"], electrons + job["above"])
    half = slice((electrons - job["below"]) // 2, (electrons + job["above"]) // 2)
    energies, spins = found.eigenvalues()[:, kept], found.spin_projections()[:, kept]
    return plain[:, half], energies, spins, own.eigenvalues()[:, kept]


def rounded(energies, digits=4):
    """Energies as (band, k), by default to 0.1 meV."""
    return np.round(energies.T, digits).tolist()


def layer_bands(job):
    """Bands along the path and, if asked for, on the wedge of the zone."""
    calc, atoms = ground_state(job)
    points, corners = along(np.array(job["path"]), job["points"])
    plain, energies, spins, own = states(calc, points, job)
    below = job["below"]
    zero = energies[:, below - 1].max()
    gap = slice(below - 2, below + 2)

    def vectors(spins):
        return np.round(spins[:, gap].transpose(1, 0, 2), 3).tolist()

    result = {
        "force": round(float(abs(atoms.get_forces()).max()), 3),
        "k": np.round(points, 6).tolist(),
        "corners": corners,
        "without": rounded(plain - zero),
        "with": rounded(energies - zero),
        "spin": vectors(spins),
        "gap bands without mass at K": np.round(
            own[corners[2], gap] - own[corners[2], below - 1], 4
        ).tolist(),
    }
    if job.get("wedge"):
        points = wedge(job["wedge"])
        _, energies, spins, _ = states(calc, points, job)
        result["wedge"] = {
            "divisions": job["wedge"],
            "k": np.round(points * job["wedge"]).astype(int).tolist(),
            "with": rounded(energies[:, gap] - zero),
            "spin": vectors(spins),
        }
    return result


def bulk_bands(job):
    """Bands of the bulk along the path at kz = 0 and at the face of the zone."""
    calc, _ = ground_state(job)
    points, corners = along(np.array(job["path"]), job["points"])
    found = [states(calc, points, job, kz)[1] for kz in (0.0, 0.5)]
    zero = max(e[:, job["below"] - 1].max() for e in found)
    return {
        "k": np.round(points, 6).tolist(),
        "corners": corners,
        "kz": [0.0, 0.5],
        "with": [rounded(e - zero) for e in found],
    }


def normal_dispersion(job):
    """Spread of each stored band over kz at the points of the path, in meV: (band, k)."""
    calc, _ = ground_state(job)
    points = np.array(job["path"])
    found = np.array([states(calc, points, job, kz)[1] for kz in (0.0, 0.25, 0.5)])
    return {
        "k": np.round(points, 6).tolist(),
        "spread meV": np.round(1e3 * np.ptp(found, axis=0).T, 3).tolist(),
    }


def edges(job):
    """The four bands around the gap on lines through K, the coupling among a growing number of bands."""
    calc, atoms = ground_state(job)
    lines = {name: np.linspace(*np.array(path), points) for name, (path, points) in job["lines"].items()}
    points = np.concatenate(list(lines.values()))
    electrons = round(calc.get_number_of_electrons())
    k = np.stack([points[:, 0] + points[:, 1], points[:, 1], 0 * points[:, 0]], axis=1)
    most = max(job["bands"])
    fixed = bands_at_fixed_density(calc, k, most)
    pair = slice(electrons // 2 - 1, electrons // 2 + 1)
    plain = np.array([fixed.get_eigenvalues(n) for n in range(len(k))])[:, pair]
    found = {n: spin_orbit_states(fixed, bands=n) for n in job["bands"]}
    gap = slice(electrons - 2, electrons + 2)
    first = len(next(iter(lines.values())))
    zero = found[most].eigenvalues()[:first, electrons - 1].max()
    result = {
        "vacuum level": round(vacuum_level(calc) - zero, 4),
        "energy": round(float(atoms.get_potential_energy()), 5),
        "separating force": round(float(atoms.get_forces()[1, 2] - atoms.get_forces()[2, 2]) / 2, 4),
    }
    if is_meta(calc):
        other = spin_orbit_states(fixed, bands=most, potential="LDA").eigenvalues()[:, gap]
        result["change at fixed density meV"] = moved(calc, fixed, pair)
        result["change by the potential of LDA meV"] = round(
            1e3 * float(abs(np.diff(other - found[most].eigenvalues()[:, gap])[:, [0, 2]]).max()), 3
        )
    start = 0
    for name, line in lines.items():
        here = slice(start, start + len(line))
        start += len(line)
        result[name] = {
            "with": rounded(found[most].eigenvalues()[here, gap] - zero, 5),
            "without": rounded(plain[here] - zero, 5),
            "spin": np.round(found[most].spin_projections()[here, gap, 2].T, 3).tolist(),
            "fewer bands": {n: rounded(e.eigenvalues()[here, gap] - zero, 5) for n, e in found.items()},
        }
    return result


def bands_at_points(job):
    """The fixed density with bands at points of the line from Gamma to K, and the number of electrons."""
    calc, _ = ground_state(job)
    points = np.array(job["line"])
    electrons = round(calc.get_number_of_electrons())
    k = np.stack([2 * points, points, 0 * points], axis=1)
    return bands_at_fixed_density(calc, k, job.get("bands", electrons // 2 + 12)), electrons


def states_of_all_energies(job):
    """The four bands around the gap at points of the line from Gamma to K, by the states coupled.

    All states without coupling come from the whole matrix of the plane waves; the last point is K.
    """
    fixed, electrons = bands_at_points(job)
    most = max(job["states"])
    fixed.diagonalize_full_hamiltonian(nbands=most)
    found = {n: spin_orbit_states(fixed, bands=n) for n in job["states"]}
    gap = slice(electrons - 2, electrons + 2)
    zero = found[most].eigenvalues()[-1, electrons - 1]
    return {
        "plane waves": int(fixed.wfs.pd.ngmin),
        "with": {n: rounded(e.eigenvalues()[:, gap] - zero, 5) for n, e in found.items()},
        "spin at K": np.round(found[most].spin_projections()[-1, gap, 2], 3).tolist(),
    }


def levels(job):
    """The two bands around the gap without coupling, at points of the line from Gamma to K."""
    fixed, electrons = bands_at_points(job)
    pair = slice(electrons // 2 - 1, electrons // 2 + 1)
    found = np.array([fixed.get_eigenvalues(n)[pair] for n in range(len(job["line"]))])
    return {"electrons": electrons, "without": rounded(found - found[-1, 0], 5)}


def images(job):
    """The four bands around the gap at wave vectors of no symmetry and at their images, each by itself.

    Shapes: k (point, image, 2), turned by 60 degrees from one image to the next; with (point, image, band).
    """
    calc, _ = ground_state(job)
    turn = np.array([[0, -1], [1, 1]])  # by 60 degrees, for vectors 60 degrees apart
    points = [np.array(k) for k in job["points"]]
    turned = np.array([[np.linalg.matrix_power(turn, n) @ k for n in range(6)] for k in points])
    _, found, spins, _ = states(calc, turned.reshape(-1, 2), {**job, "below": 2, "above": 2})
    shape = (len(points), 6, 4)
    return {
        "k": np.round(turned, 6).tolist(),
        "with": np.round(found.reshape(shape), 5).tolist(),
        "spin": np.round(spins[..., 2].reshape(shape), 3).tolist(),
    }


def radial(calc, atom):
    """What the coupling of one atom is made of: the functions of its sphere, its density and potential."""
    setup, density = calc.wfs.setups[atom], calc.density.D_asp[atom]
    correction, grid = setup.xc_correction, setup.xc_correction.rgd
    shape = np.dot(np.dot(density, correction.B_pqL[:, :, 0]), correction.n_qg) / (4 * np.pi) ** 0.5
    shape[:1] += correction.nc_g
    exchange = np.zeros_like(shape)
    calc.hamiltonian.xc.calculate_spherical(grid, shape, exchange)
    n = len(grid.r_g)

    def short(values):
        return [float(f"{x:.8g}") for x in values]

    return {
        "symbol": setup.symbol, "charge": setup.Z, "l": list(map(int, setup.l_j)), "r": short(grid.r_g),
        "dr": short(grid.dr_g), "density": short(shape[0]), "exchange": short(exchange[0]),
        "functions": [short(f[:n]) for f in setup.data.phi_jg],
    }  # fmt: skip


def projections(job):
    """Bands without coupling at K, their amplitudes on the functions of each sphere, and those functions."""
    calc, _ = ground_state(job)
    most = job["bands"]
    fixed = bands_at_fixed_density(calc, [[2 / 3, 1 / 3, 0.0]], most)
    amplitudes = [fixed.wfs.kpt_qs[0][0].projections[a][:most] for a in range(3)]
    electrons = round(calc.get_number_of_electrons())
    energies = fixed.get_eigenvalues(0)[:most]
    found = {mass: spin_orbit_states(fixed, bands=most, mass=mass).eigenvalues()[0] for mass in (True, False)}
    gap = slice(electrons - 2, electrons + 2)
    return {
        "electrons": electrons,
        "energies": np.round(energies, 5).tolist(),
        "amplitudes": [[np.round(part, 6).tolist() for part in (p.real, p.imag)] for p in amplitudes],
        "spheres": [radial(fixed, 0), radial(fixed, 1)],
        "gap bands": {
            key: np.round(found[mass][gap], 5).tolist() for key, mass in (("M", True), ("1", False))
        },
    }


def shells(job):
    """Amplitudes in the spheres without coupling: of the gap's pair from Gamma to K, of all at one point."""
    fixed, electrons = bands_at_points(job)
    pair, every, whole = slice(electrons // 2 - 1, electrons // 2 + 1), slice(job["bands"]), job["whole"]
    points = range(len(job["line"]))

    def held(q, bands):
        return [fixed.wfs.kpt_qs[q][0].projections[a][bands] for a in range(3)]

    def parts(values):
        return [np.round(part, 6).tolist() for part in (values.real, values.imag)]

    return {
        "amplitudes": [parts(np.array(one)) for one in zip(*(held(q, pair) for q in points), strict=True)],
        "whole": {
            "energies": np.round(fixed.get_eigenvalues(whole)[every], 5).tolist(),
            "amplitudes": [parts(one) for one in held(whole, every)],
        },
    }


def versions(job):
    """Codes and data sets as they tell themselves."""
    functional = job.get("functional", "PBE")
    own = dict.fromkeys(job.get("data sets", {}), "own")
    setups = {s: gpaw.setup_data.SetupData(s, functional if functional in ("PBE", "LDA") else "PBE",
                                           own.get(s, "paw"))
              for s in (job["metal"], job["chalcogen"])}  # fmt: skip
    return {
        "code": f"GPAW {gpaw.__version__}", "ase": ase.__version__, "numpy": np.__version__,
        "scipy": scipy.__version__, "python": sys.version.split()[0],
        "setups": {s: data.fingerprint for s, data in setups.items()},
    }  # fmt: skip


def main(source, target):
    job = json.loads(Path(source).read_text())
    kinds = {
        "layer": layer_bands, "bulk": bulk_bands, "normal": normal_dispersion, "relax": relaxed,
        "energies": energies, "edges": edges, "projections": projections, "images": images,
        "states": states_of_all_energies, "levels": levels, "shells": shells,
    }  # fmt: skip
    result = kinds[job["kind"]](job)
    Path(target).write_text(json.dumps({"result": result, "versions": versions(job)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
