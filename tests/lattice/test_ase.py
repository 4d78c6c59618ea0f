"""Force constants and their Gaussian averages against forces of ASE (Lennard-Jones) on a whole supercell."""

import numpy as np
import pytest

from lowdim.lattice import dynamical_matrix, lattice, lennard_jones, pair_hessians
from lowdim.lattice.selfconsistent import gaussian_average

ase = pytest.importorskip("ase")

FCC, SIGMA, SIDE = lattice("fcc"), 0.871, 3  # the neon of the book
REACH = 3.05  # between two shells of neighbours
BONDS = FCC.bonds(REACH)
LENNARD_JONES = lennard_jones(SIGMA)
INDEX = np.stack(np.meshgrid(*[np.arange(SIDE)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
SITES = INDEX @ FCC.primitive


def crystal(displacements):
    """Supercell of 27 atoms; ASE shifts the potential to zero at the cut-off."""
    from ase.calculators.lj import LennardJones

    atoms = ase.Atoms(f"Ne{len(SITES)}", positions=SITES + displacements, cell=SIDE * FCC.primitive, pbc=True)
    atoms.calc = LennardJones(sigma=SIGMA, epsilon=1.0, rc=REACH, smooth=False)
    return atoms


def test_energy_of_the_perfect_crystal():
    shifted = LENNARD_JONES.value(np.linalg.norm(BONDS, axis=1)) - LENNARD_JONES.value(REACH)
    energy = crystal(np.zeros_like(SITES)).get_potential_energy() / len(SITES)
    assert energy == pytest.approx(shifted.sum() / 2, rel=1e-10)


def test_modes_are_those_of_differentiated_forces():
    step, size = 1e-4, 3 * len(SITES)
    hessian = np.zeros((size, size))
    for i in range(size):
        move = step * np.eye(size)[i].reshape(-1, 3)
        forces = [crystal(sign * move).get_forces().ravel() for sign in (1, -1)]
        hessian[i] = (forces[1] - forces[0]) / (2 * step)
    waves = INDEX / SIDE @ FCC.reciprocal
    constants = pair_hessians(BONDS, LENNARD_JONES.first, LENNARD_JONES.second)
    modes = np.linalg.eigvalsh(dynamical_matrix(waves, BONDS, constants))
    assert np.sort(modes.ravel()) == pytest.approx(np.linalg.eigvalsh((hessian + hessian.T) / 2), abs=1e-3)


def test_gaussian_averages_against_sampled_crystals():
    """Independent Gaussians of width 0.045: energy by sampling, force constants by -<F u>/width^2."""
    width, rng = 0.045, np.random.default_rng(11)
    energies, constants = [], []
    for _ in range(150):
        u = width * rng.standard_normal(SITES.shape)
        pair = [crystal(sign * u) for sign in (1, -1)]
        energies.append(np.mean([atoms.get_potential_energy() for atoms in pair]) / len(SITES))
        pull = [np.mean(sign * atoms.get_forces() * u) for sign, atoms in zip((1, -1), pair, strict=True)]
        constants.append(-np.mean(pull) / width**2)
    covariance = 2 * width**2 * np.eye(3)
    averages = [gaussian_average(bond, covariance, LENNARD_JONES, core=0.5) for bond in BONDS]
    energy = sum(value - LENNARD_JONES.value(REACH) for value, _ in averages) / 2
    stiffness = sum(np.trace(hessian) for _, hessian in averages) / 3
    for sampled, exact in ((energies, energy), (constants, stiffness)):
        error = np.std(sampled) / np.sqrt(len(sampled))
        assert abs(np.mean(sampled) - exact) < 4 * error
        assert error < 0.03 * abs(exact)
