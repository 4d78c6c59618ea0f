"""Make `disorder.json`: chi of ten electrons among random wells; ten minutes on a core."""

from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.stored import store
from lowdim.wigner.batch import relax_ensemble
from lowdim.wigner.clusters import cluster_energy
from lowdim.wigner.density import nearest_distances, trap_energy_at_density
from lowdim.wigner.disorder import equidistance, random_wells
from lowdim.wigner.material import TMD
from lowdim.wigner.potentials import Trap
from lowdim.wigner.stored import stored_cluster

HERE = Path(__file__).parent
ELECTRONS, DENSITY = 10, 1e-3
# mean depth in meV and mean width in nm
WELLS = [(1.0, 1.0), (1.0, 5.0), (5.0, 5.0), (10.0, 10.0), (30.0, 10.0)]
COUNTS = [1, 2, 3, 5, 7, 10]
REALISATIONS, STARTS = 200, 16
# the same landscapes searched with less and with more effort: depth, width, wells
TRIALS, EFFORTS = [(5.0, 5.0, 5), (10.0, 10.0, 5), (30.0, 10.0, 3)], (1, 4, 16, 64)


def cluster_scales():
    """Positions, disc radius, and the length (nm) and energy (meV) units at the critical density."""
    clean = stored_cluster(ELECTRONS)
    spacing = float(np.mean(nearest_distances(clean)))
    radius = float(np.max(np.hypot(*clean.T))) + 0.5 * spacing
    energy = float(trap_energy_at_density(2 / (3**0.5 * spacing**2), DENSITY, TMD))
    length = float(TMD.trap_length(energy))
    return clean, radius, length, TMD.coulomb / length


def landscapes(depth, width, count, number, rng):
    """Random landscapes in the disc of the clean cluster."""
    _, radius, length, energy = cluster_scales()
    return [random_wells(Trap(2), count, radius, depth / energy, width / length, rng) for _ in range(number)]


def trial(depth, width, count, starts):
    """Mean energy (kappa/l) and chi of 60 landscapes with a number of starts in each."""
    rng = np.random.default_rng([count, 77])
    wells = landscapes(depth, width, count, 60, rng)
    clean, radius, *_ = cluster_scales()
    lowest, _, _ = relax_ensemble(clean, wells, rng, starts=starts)
    energies = [cluster_energy(r, trap) for r, trap in zip(lowest, wells, strict=True)]
    chi = np.mean([equidistance(r, ELECTRONS / (np.pi * radius**2)) for r in lowest])
    found = {"energy": round(float(np.mean(energies)), 5), "chi": round(float(chi), 5)}
    return {"depth": depth, "width": width, "wells": count, "starts": starts} | found


def point(job, depth, width, count):
    """Mean chi and its error, lowest of several starts and local relaxation."""
    rng = np.random.default_rng([job, count])
    clean, radius, *_ = cluster_scales()
    wells = landscapes(depth, width, count, REALISATIONS, rng)
    lowest, local, failed = relax_ensemble(clean, wells, rng, starts=STARTS)
    row = {"depth": depth, "width": width, "wells": count, "ratio": count / ELECTRONS}
    for name, found in (("global", lowest), ("local", local)):
        chi = np.array([equidistance(r, ELECTRONS / (np.pi * radius**2)) for r in found])
        row[name] = [round(float(chi.mean()), 5), round(float(chi.std(ddof=1) / len(chi) ** 0.5), 5)]
    return row | {"failed": round(failed, 4)}


def main():
    sizes = [(depth, width, count) for depth, width in WELLS for count in COUNTS]
    points = sweep(point, [(job, *size) for job, size in enumerate(sizes)], "wells")
    record = provenance(
        {
            "electrons": ELECTRONS,
            "density_per_nm2": DENSITY,
            "permittivity": round(TMD.permittivity, 6),
            "realisations": REALISATIONS,
            "starts": STARTS,
            "seeds": "[job, wells]",
            "chi_density": "N over the area of the disc of radius R + a/2",
        }
    )
    trials = sweep(trial, [(*size, starts) for size in TRIALS for starts in EFFORTS], "starts")
    store(HERE / "disorder.json", {"points": points, "starts": trials}, record)


if __name__ == "__main__":
    main()
