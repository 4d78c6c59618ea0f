"""Few interacting electrons in a one-dimensional quantum dot, and transport through it.

Modules, from the bottom: `interaction` (matrix elements), `fock` (occupation strings), `hamiltonian`,
`davidson` and `sectors` (eigenpairs), `states` (levels with spin), `chain` (spins alone),
`pair` (two electrons without an orbital basis),
`transitions` (M_ji and C_ji), `transport` (rate equation).
"""

from lowdim.dot.chain import ChainFit, fit_chain, heisenberg_levels, lowest_by_spin
from lowdim.dot.interaction import coulomb_integrals
from lowdim.dot.states import Level, QuantumDot, spectrum
from lowdim.dot.transitions import clebsch_gordan_weight, transition_probability, wall_weights
from lowdim.dot.transport import RateEquation, clebsch_gordan_matrix, peak_height, transition_matrix
from lowdim.errors import NotConverged

__all__ = [
    "ChainFit",
    "Level",
    "NotConverged",
    "QuantumDot",
    "RateEquation",
    "clebsch_gordan_matrix",
    "clebsch_gordan_weight",
    "coulomb_integrals",
    "fit_chain",
    "heisenberg_levels",
    "lowest_by_spin",
    "peak_height",
    "spectrum",
    "transition_matrix",
    "transition_probability",
    "wall_weights",
]
