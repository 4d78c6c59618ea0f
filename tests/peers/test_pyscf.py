"""The dot's levels, spins and transition probabilities against full CI of PySCF.

PySCF takes the same one- and two-electron integrals and nothing else: its strings, its Hamiltonian, its
Davidson solver and its spin operator are its own.
"""

from importlib.metadata import version

import numpy as np
import pytest

from lowdim.dot.interaction import coulomb_integrals
from lowdim.dot.states import QuantumDot, spectrum
from lowdim.dot.transitions import transition_probability, wall_weights

fci = pytest.importorskip("pyscf.fci", reason="PySCF is not installed (`make peers` installs it)")
PYSCF = f"PySCF {version('pyscf')}"

# (N, length, softening, M, levels): weak to strong correlation, narrow to wide wire, up to the paper's basis
DOTS = [
    (2, 1.0, 0.3, 13, 12),
    (2, 9.5, 0.02, 13, 12),
    (2, 100.0, 0.001, 13, 8),
    (3, 1.0, 0.02, 10, 8),
    (3, 9.5, 0.02, 13, 10),
    (3, 50.0, 0.05, 11, 8),
    (4, 9.5, 0.02, 13, 8),
    (4, 9.5, 0.002, 10, 12),
    (4, 30.0, 0.1, 10, 8),
    (5, 9.5, 0.02, 13, 4),
    (5, 25.0, 0.1, 9, 6),
]


def full_ci(dot, n_up, n_down, n_roots, solver=None):
    """Energies (ascending) and CI arrays of PySCF in one S_z sector."""
    solver = solver or fci.direct_spin1.FCI()
    solver.conv_tol, solver.max_cycle, solver.max_space = 1e-12, 500, 40
    energies, vectors = solver.kernel(
        np.diag(dot.orbital_energies),
        coulomb_integrals(dot.n_orbitals, dot.length, dot.softening),
        dot.n_orbitals,
        (n_up, n_down),
        nroots=n_roots,
    )
    assert np.all(solver.converged), "PySCF did not converge"
    energies = np.atleast_1d(energies)
    order = np.argsort(energies)
    vectors = [vectors] if n_roots == 1 else vectors
    return energies[order], [vectors[k] for k in order]


@pytest.mark.parametrize(("n_electrons", "length", "softening", "n_orbitals", "n_states"), DOTS)
def test_levels_and_spins(n_electrons, length, softening, n_orbitals, n_states, agrees):
    dot = QuantumDot(length, softening, n_orbitals)
    levels = spectrum(dot, n_electrons, n_states)
    filling = (n_electrons + 1) // 2, n_electrons // 2
    energies, vectors = full_ci(dot, *filling, n_states + 2)
    ours = np.array([level.energy for level in levels])
    agrees("dot.spectrum", PYSCF, "levels of 2 to 5 electrons", ours, energies[:n_states], atol=1e-9)

    spin_squared = [fci.spin_op.spin_square(psi, n_orbitals, filling)[0] for psi in vectors]
    # states closer than PySCF resolves come out of it as any mixture: only their sum is defined
    groups = np.cumsum(np.diff(energies, prepend=-np.inf) > 1e-6)
    for group in range(1, groups[n_states - 1] + 1):
        members = np.flatnonzero(groups == group)
        if members[-1] < n_states:
            expected = sum(levels[k].spin * (levels[k].spin + 1) for k in members)
            assert sum(spin_squared[k] for k in members) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("n_electrons", "n_orbitals"), [(2, 13), (4, 10)])
def test_solver_for_even_spins(n_electrons, n_orbitals, agrees):
    """PySCF's second solver keeps symmetric CI matrices alone, which are the levels of even S."""
    dot = QuantumDot(9.5, 0.02, n_orbitals)
    even = [level.energy for level in spectrum(dot, n_electrons, 12) if level.spin % 2 == 0]
    half = n_electrons // 2
    energies, _ = full_ci(dot, half, half, len(even), fci.direct_spin0.FCI())
    agrees("dot.spectrum", PYSCF, "levels of even spin", even, energies, atol=1e-9)


@pytest.mark.parametrize(("n_electrons", "n_final"), [(1, 4), (2, 3), (3, 6)])
def test_transition_probabilities(n_electrons, n_final, agrees):
    """Eq. 4 summed over every S_z, from PySCF states of every S_z and PySCF's creation operators."""
    dot = QuantumDot(9.5, 0.02, 8)
    n_initial = {1: 1, 2: 2, 3: 3}[n_electrons]
    initial = spectrum(dot, n_electrons, n_initial)
    final = spectrum(dot, n_electrons + 1, n_final)
    expected = np.zeros((n_final, n_initial))
    for n_up in range(n_electrons + 1):
        filling = n_up, n_electrons - n_up
        before = sector_states(dot, *filling, initial)
        for spin in (0, 1):
            raised = filling[0] + (spin == 0), filling[1] + (spin == 1)
            create = (fci.addons.cre_a, fci.addons.cre_b)[spin]
            after = sector_states(dot, *raised, final)
            for i, psi in before.items():
                added = sum(create(psi, dot.n_orbitals, filling, n) for n in range(dot.n_orbitals))
                for j, phi in after.items():
                    expected[j, i] += np.vdot(phi, added) ** 2 / (2 * initial[i].degeneracy)
    weights = wall_weights(dot.n_orbitals)
    ours = [[transition_probability(f, i, weights) for i in initial] for f in final]
    # amplitudes carry the square root of an energy error of 1e-12 / gap
    agrees("dot.transition_probability", PYSCF, "transition probabilities", ours, expected, atol=1e-6)


def sector_states(dot, n_up, n_down, levels):
    """PySCF states of one S_z sector by the number of the level they belong to."""
    present = [k for k, level in enumerate(levels) if 2 * level.spin >= abs(n_up - n_down)]
    if not present or max(n_up, n_down) > dot.n_orbitals:
        return {}
    _, vectors = full_ci(dot, n_up, n_down, len(present))
    return dict(zip(present, vectors, strict=True))
