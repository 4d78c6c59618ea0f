"""Densities, structures and the spin-orbit step of GPAW, for `paw.py`.

GPAW takes (1/4 c^2) (dV/dr)/r for the coupling (atomic units), without the mass by which a
scalar-relativistic electron near a nucleus is heavier. The coupling used here is that over M^2, with
M = 1 - V/2c^2, as the elimination of the small components gives it and Elk has it.

A meta-GGA has no potential V(r) alone: it also depends on the kinetic energy density. Its bands without
coupling are its own, at its self-consistent density and kinetic energy density. V in the coupling is that of
the nucleus and of the self-consistent density, with the exchange and correlation potential of PBE for it.
"""

import math
import subprocess
import sys

import gpaw
import gpaw.spinorbit
import gpaw.xc
import numpy as np
from ase import Atoms
from ase.units import alpha
from gpaw import GPAW, PW, FermiDirac


def with_mass(force):
    """GPAW's function for (dV/dr)/r, its result divided by M^2."""

    def force_over_mass(setup, xc, density):
        f = force(setup, xc, density)
        grid = setup.xc_correction.rgd
        # the sphere is neutral but for its overlap with others, and V matters near the nucleus only
        potential = -np.cumsum((f * grid.r_g * grid.dr_g)[::-1])[::-1]
        return f / (1 - potential * alpha**2 / 2) ** 2

    return force_over_mass


def is_meta(calc):
    return calc.hamiltonian.xc.type == "MGGA"


def spin_orbit_states(calc, *, mass=True, bands=0, potential=None):
    """Eigenstates with the coupling diagonalised among the lowest `bands`, or all of them if 0."""
    plain = gpaw.spinorbit.get_radial_potential
    other = gpaw.xc.XC(potential or "PBE") if potential or is_meta(calc) else None

    def force(setup, xc, density):
        return plain(setup, other or xc, density)

    gpaw.spinorbit.get_radial_potential = with_mass(force) if mass else force
    try:
        return gpaw.spinorbit.soc_eigenstates(calc, n2=bands)
    finally:
        gpaw.spinorbit.get_radial_potential = plain


def crystal(job):
    """The layer in vacuum, or the 2H bulk if the job has a lattice constant c."""
    a, d = job["a"], job["d"]
    c = job.get("c") or 2 * d + job["vacuum"]
    third = np.array([a / 2, a * math.sqrt(0.75) / 3, 0])
    up, axis = np.array([0, 0, d]), np.array([0, 0, c])
    layers = [(axis / 4, third, 2 * third), (3 * axis / 4, 2 * third, third)] if "c" in job else [
        (axis / 2, 0 * third, third)
    ]  # fmt: skip
    positions = [middle + place for middle, m, x in layers for place in (m, x + up, x - up)]
    cell = [[a, 0, 0], [a / 2, a * math.sqrt(0.75), 0], axis]
    symbols = [job["metal"], job["chalcogen"], job["chalcogen"]] * len(layers)
    return Atoms(symbols, positions=positions, cell=cell, pbc=True)


def own_data_sets(job):
    """Make the data sets that the job describes, in the folder of the run; what GPAW calls them."""
    for symbol, (projectors, radius) in job.get("data sets", {}).items():
        command = [sys.executable, "-m", "gpaw", "dataset", "-s", "-w", "-t", "own"]
        options = ["-f", job["functional"], "-P", projectors, "-r", str(radius), symbol]
        subprocess.run(command + options, check=True, stdout=subprocess.DEVNULL)
    if job.get("data sets") and "." not in gpaw.setup_paths:
        gpaw.setup_paths.insert(0, ".")
    return dict.fromkeys(job.get("data sets", {}), "own")


def ground_state(job):
    size = (job["mesh"], job["mesh"], job.get("mesh_z", 1))
    functional = job.get("functional", "PBE")
    meta = functional.startswith("MGGA")
    calc = GPAW(
        mode=PW(job["cutoff"]), xc="PBE" if meta else functional, kpts={"size": size, "gamma": True},
        symmetry={"point_group": not meta},  # GPAW does not symmetrise the kinetic energy density
        occupations=FermiDirac(0.01), convergence={"density": 1e-5}, txt="scf.txt",
        setups=own_data_sets(job),
    )  # fmt: skip
    atoms = crystal(job)
    atoms.calc = calc
    atoms.get_potential_energy()
    if meta:  # from random waves it does not converge
        calc.set(xc=functional)
        atoms.get_potential_energy()
    return calc, atoms


def bands_at_fixed_density(calc, k, most):
    """Converged bands at other wave vectors; the kinetic energy density is kept with the density."""
    options = {"symmetry": "off", "nbands": most + 6, "convergence": {"bands": most}, "txt": "bands.txt"}
    waves = type(calc.wfs)
    plain = waves.calculate_kinetic_energy_density
    if is_meta(calc):
        held = calc.wfs.calculate_kinetic_energy_density()
        waves.calculate_kinetic_energy_density = lambda self: held.copy()
    try:
        return calc.fixed_density(kpts=k, **options)
    finally:
        waves.calculate_kinetic_energy_density = plain


def moved(calc, fixed, pair):
    """Largest change of the two bands around the gap, in meV, from the mesh to the fixed density."""
    mesh, found = calc.wfs.kd, fixed.wfs.kd.bzk_kc
    changes = []
    for n, k in enumerate(found):
        apart = mesh.bzk_kc - k
        same = np.flatnonzero(np.abs(apart - np.round(apart)).max(axis=1) < 1e-6)
        if len(same):
            own = calc.get_eigenvalues(mesh.bz2ibz_k[same[0]])[pair]
            changes.append(abs(own - fixed.get_eigenvalues(n)[pair]).max())
    return round(1e3 * float(max(changes)), 3)


def vacuum_level(calc):
    """Electrostatic potential in the middle of the vacuum, eV; the layer is in the middle of the cell."""
    return float(calc.get_electrostatic_potential()[:, :, 0].mean())


def relaxed(job):
    """Layer separation without force and the energy, at each lattice constant of the job.

    A secant search for the zero of the force between the layers; steps end when it is below 0.5 mRy/bohr.
    """
    limit = 0.5e-3 * 13.605693 / 0.529177
    found = []
    stiffness = 20.0 * (2 if "c" in job else 1)  # eV / angstrom^2, for the first step only
    calc, separation = None, job["d"]
    for a in job["lattice"]:
        before = None
        for _ in range(8):
            trial = {**job, "a": a, "d": separation}
            atoms = crystal(trial)
            if calc is None:
                calc, atoms = ground_state(trial)
            atoms.calc = calc
            energy, forces = atoms.get_potential_energy(), atoms.get_forces()
            up, down = forces[1::3, 2], forces[2::3, 2]
            force = float(np.mean(up - down) / 2)
            if abs(force) < limit:
                break
            if before is not None:
                stiffness = -(force - before[1]) / (separation - before[0])
            before = separation, force
            separation += force / stiffness
        else:
            raise RuntimeError("the layer separation did not converge")
        found.append([a, round(separation, 5), round(energy, 5), round(force, 4)])
    return {"a d energy force": found}


def energies(job):
    """Energy at each lattice constant with its separation, and the force on the separation, eV, angstrom."""
    found = []
    for a, d in zip(job["lattice"], job["separations"], strict=True):
        _, atoms = ground_state({**job, "a": a, "d": d})
        forces = atoms.get_forces()
        force = float(np.mean(forces[1::3, 2] - forces[2::3, 2]) / 2)
        found.append([a, d, round(atoms.get_potential_energy(), 5), round(force, 4)])
    return {"a d energy force": found}
