"""What QuSpin says of spins with pair couplings: runs in `.venv-quspin`, speaks JSON.

    .venv-quspin/bin/python tests/peers/quspin_worker.py < request.json

A request holds the couplings, the number of up spins, the transverse part and the number of levels.
"""

import json
import sys

import numpy as np
from quspin.basis import spin_basis_general
from quspin.operators import hamiltonian


def levels(couplings, n_up, transverse, n_levels):
    """Lowest eigenvalues of sum_{i<j} J_ij (zz + transverse (xx + yy)) with Pauli matrices."""
    n = len(couplings)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if couplings[i][j]]
    static = [["zz", [[couplings[i][j], i, j] for i, j in pairs]]]
    if transverse:
        # xx + yy = 2 (+- + -+)
        flips = [[2 * transverse * couplings[i][j], i, j] for i, j in pairs]
        static += [["+-", flips], ["-+", flips]]
    quiet = {"check_symm": False, "check_herm": False, "check_pcon": False}
    basis = spin_basis_general(n, Nup=n_up, pauli=-1)
    operator = hamiltonian(static, [], basis=basis, dtype=np.float64, **quiet)
    if basis.Ns <= 1500:
        return np.sort(operator.eigvalsh())[:n_levels].tolist()
    return np.sort(operator.eigsh(k=n_levels, which="SA", tol=1e-13, ncv=60)[0]).tolist()


if __name__ == "__main__":
    json.dump(levels(**json.load(sys.stdin)), sys.stdout)
