"""Trapped Wigner crystals: equilibrium, modes, disorder, melting, exchange and spins.

The crystal, from the bottom: `material` (scales), `errors`, `potentials`, `clusters` (minima), `modes`,
`density`, `order`, `stored` (minima of 2 to 100 electrons), `disorder` and `batch`, `melting` and
`montecarlo`, `infinite` and `large` (the limit of many electrons).

Its spins: `exchange` (integrals of Gaussian electrons),
`widths` (how wide those are), `pinned` (two electrons diagonalised among pinned neighbours), `tunnelling`
(actions of ring exchanges), `spins` (Ising and Heisenberg models), `valleys` (two valleys locked to spin).
"""

from lowdim.errors import NotConverged
from lowdim.wigner.clusters import (
    Equilibrium,
    Minimum,
    cluster_energy,
    cluster_gradient,
    elasticity_matrix,
    find_minima,
    relax,
    shell_occupations,
)
from lowdim.wigner.density import cluster_densities, continuum_peak, nearest_distances, trap_energy_at_density
from lowdim.wigner.exchange import (
    coulomb_exchange,
    direct_integral,
    exchange_couplings,
    exchange_from_spectrum,
    exchange_integral,
    intervalley_exchange,
    overlap,
)
from lowdim.wigner.material import TMD, Material, permittivity_from_prefactor
from lowdim.wigner.modes import NormalModes, mode_content, normal_modes, virial_ratio
from lowdim.wigner.order import bond_order
from lowdim.wigner.pinned import PairSplitting, PinnedPair, heitler_london, pair_splitting
from lowdim.wigner.potentials import Coulomb, Keldysh, Trap, keldysh_kernel
from lowdim.wigner.spins import (
    IsingGroundStates,
    ising_ground_states,
    pauli_couplings,
    spin_levels,
    triangular_couplings,
    triangular_entropy,
    triangular_strip_entropy,
    two_spin_matrix,
)
from lowdim.wigner.stored import search_record, stored_cluster
from lowdim.wigner.tunnelling import RingExchange, ring_exchange
from lowdim.wigner.valleys import ValleyExchange, valley_exchange
from lowdim.wigner.widths import einstein_frequencies, hartree_widths, mode_width

__all__ = [
    "TMD",
    "Coulomb",
    "Equilibrium",
    "IsingGroundStates",
    "Keldysh",
    "Material",
    "Minimum",
    "NormalModes",
    "NotConverged",
    "PairSplitting",
    "PinnedPair",
    "RingExchange",
    "Trap",
    "ValleyExchange",
    "bond_order",
    "cluster_densities",
    "cluster_energy",
    "cluster_gradient",
    "continuum_peak",
    "coulomb_exchange",
    "direct_integral",
    "einstein_frequencies",
    "elasticity_matrix",
    "exchange_couplings",
    "exchange_from_spectrum",
    "exchange_integral",
    "find_minima",
    "hartree_widths",
    "heitler_london",
    "intervalley_exchange",
    "ising_ground_states",
    "keldysh_kernel",
    "mode_content",
    "mode_width",
    "nearest_distances",
    "normal_modes",
    "overlap",
    "pair_splitting",
    "pauli_couplings",
    "permittivity_from_prefactor",
    "relax",
    "ring_exchange",
    "search_record",
    "shell_occupations",
    "spin_levels",
    "stored_cluster",
    "trap_energy_at_density",
    "triangular_couplings",
    "triangular_entropy",
    "triangular_strip_entropy",
    "two_spin_matrix",
    "valley_exchange",
    "virial_ratio",
]
