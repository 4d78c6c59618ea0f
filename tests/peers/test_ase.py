"""Lowest minima and modes of the Wigner clusters against the optimisers and vibrations of ASE.

ASE takes positions alone: the energy and the forces come from the pair loop below, which shares nothing with
`lowdim.wigner`, and its own BFGS, its own basin hopping and its own finite differences do the rest.
"""

import math
from importlib.metadata import version

import numpy as np
import pytest

from lowdim.wigner.clusters import cluster_energy, elasticity_matrix, relax
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.potentials import Trap
from lowdim.wigner.stored import search_record, stored_cluster

pytest.importorskip("ase", reason="ASE is not installed (`make peers` installs it)")

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.optimize import BFGS, FIRE
from ase.optimize.basin import BasinHopping
from ase.vibrations import Vibrations

# several shells from N = 6 on; random starts within which the lowest minimum is met
STARTS = {3: 3, 5: 3, 6: 8, 8: 8, 10: 12, 13: 12, 16: 30, 19: 12, 20: 12}
HOPS = {10: 20, 16: 40, 20: 40}


ASE = f"ASE {version('ase')}"


class Trapped(Calculator):
    """Electrons in a harmonic trap (Coulomb's law or p = 8 if `steep`), every pair written out; z is held."""

    implemented_properties = ("energy", "forces")

    def __init__(self, power=2):
        super().__init__()
        self.power = power

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        place = self.atoms.positions.tolist()
        p, energy = self.power, 0.0
        forces = [[-(x ** (p - 1)), -(y ** (p - 1)), -z] for x, y, z in place]
        for i, (x, y, z) in enumerate(place):
            energy += (x**p + y**p) / p + z * z / 2
            for j in range(i):
                dx, dy = x - place[j][0], y - place[j][1]
                inverse = 1 / math.sqrt(dx * dx + dy * dy)
                energy += inverse
                cube = inverse**3
                forces[i][0] += cube * dx
                forces[i][1] += cube * dy
                forces[j][0] -= cube * dx
                forces[j][1] -= cube * dy
        self.results = {"energy": energy, "forces": np.array(forces)}


def trapped(positions, power=2):
    """Electrons for ASE, each of mass 1."""
    n = len(positions)
    flat = np.column_stack([positions, np.zeros(n)])
    return Atoms(numbers=np.ones(n, dtype=int), positions=flat, masses=np.ones(n), calculator=Trapped(power))


def by_bfgs(atoms, force=1e-6):
    assert BFGS(atoms, logfile=None, maxstep=0.1).run(fmax=force, steps=5000)
    return atoms.get_potential_energy()


def random_start(n, rng, reach=1.0):
    return reach * n ** (1 / 3) * rng.uniform(-1, 1, (n, 2))


@pytest.mark.parametrize("n", STARTS)
def test_lowest_of_random_starts(n, agrees):
    """BFGS of ASE from random starts never falls below the stored minimum, and meets it."""
    rng = np.random.default_rng(n)
    energies = np.array([by_bfgs(trapped(random_start(n, rng))) for _ in range(STARTS[n])])
    stored = {row["n"]: row["energy"] for row in search_record()["search"]}[n]
    agrees("wigner.find_minima", ASE, "lowest of random starts", stored, energies.min(), atol=1e-9)


@pytest.mark.parametrize("n", HOPS)
def test_basin_hopping(n, monkeypatch, agrees):
    """ASE's basin hopping, which draws from numpy's global generator, from one random start."""
    rng = np.random.default_rng(n + 100)
    monkeypatch.setattr(np.random, "uniform", rng.uniform)
    atoms = trapped(random_start(n, rng))
    options = {"temperature": 0.05, "dr": 0.4, "fmax": 1e-3, "adjust_cm": False}
    files = {"logfile": None, "trajectory": None, "optimizer_logfile": None, "local_minima_trajectory": None}
    search = BasinHopping(atoms, optimizer=BFGS, **options, **files)
    search.run(HOPS[n])
    _, lowest = search.get_minimum()
    lowest.calc = Trapped()
    stored = {row["n"]: row["energy"] for row in search_record()["search"]}[n]
    agrees("wigner.find_minima", ASE, "lowest of basin hopping", stored, by_bfgs(lowest), atol=1e-9)


@pytest.mark.parametrize("n", [13, 30])
def test_same_local_minimum(n, agrees):
    """From the stored cluster, shaken: FIRE of ASE and our relaxation end at the same energy."""
    rng = np.random.default_rng(n)
    start = stored_cluster(n) + 0.02 * rng.normal(size=(n, 2))
    atoms = trapped(start)
    assert FIRE(atoms, logfile=None).run(fmax=1e-7, steps=20000)
    energies = relax(start).energy, atoms.get_potential_energy()
    agrees("wigner.relax", ASE, "local minima", *energies, atol=1e-9)
    assert np.max(np.abs(atoms.positions[:, 2])) == 0


def test_steep_trap(agrees):
    """Nine electrons, p = 8: the square and its competitor, found by ASE, and their order."""
    rng = np.random.default_rng(4)
    energies = sorted(by_bfgs(trapped(rng.uniform(-1, 1, (9, 2)), power=8)) for _ in range(25))
    grid = relax(np.stack(np.meshgrid([-1.0, 0, 1], [-1.0, 0, 1]), -1).reshape(-1, 2), Trap(8))
    agrees("wigner.relax", ASE, "a steep trap", grid.energy, energies[0], atol=1e-9)
    others = [e - energies[0] for e in energies if e > energies[0] + 1e-6]
    assert others[0] == pytest.approx(1.7e-4, abs=1e-5)


@pytest.mark.parametrize("n", [7, 13])
def test_modes_by_finite_differences(n, tmp_path, agrees):
    """`ase.vibrations`: forces at displaced positions, four per coordinate."""
    r = stored_cluster(n)
    vibrations = Vibrations(trapped(r), name=str(tmp_path / "modes"), delta=1e-3, nfree=4)
    vibrations.run()
    hessian = vibrations.get_vibrations().get_hessian_2d().reshape(n, 3, n, 3)
    matrix = hessian[:, :2, :, :2].reshape(2 * n, 2 * n)
    np.testing.assert_allclose(matrix, elasticity_matrix(r), atol=1e-8)
    squares = normal_modes(r).squares, np.linalg.eigvalsh(matrix)
    agrees("wigner.normal_modes", ASE, "squared frequencies", *squares, atol=1e-8)


def test_energy_is_the_same_function():
    r = np.random.default_rng(0).normal(size=(9, 2))
    assert trapped(r).get_potential_energy() == pytest.approx(cluster_energy(r), rel=1e-13)
