"""Trapped Wigner crystals: equilibrium, modes, disorder, melting, exchange and spins.

The crystal, from the bottom: `material` (scales), `potentials`, `clusters` and `minima`, `modes`,
`density`, `order`, `stored` (minima of 2 to 100 electrons), `disorder` and `batch`, `melting`,
`montecarlo` and `pathintegral`, `infinite` and `large` (the limit of many electrons).

Its spins: `exchange` (integrals of Gaussian electrons),
`widths` (how wide those are), `pinned` (two electrons diagonalised among pinned neighbours), `landscapes`,
`instantons` and `tunnelling` (ring exchanges to one loop), `rotors` (shells that slip), `multispin`
(permutations of spins), `spins` (Ising and Heisenberg models), `valleys` (two valleys locked to spin).
"""

from lowdim.errors import NotConverged
from lowdim.wigner.batch import relax_batch, relax_ensemble
from lowdim.wigner.clusters import (
    Equilibrium,
    cluster_energy,
    cluster_gradient,
    elasticity_matrix,
    relax,
    shell_occupations,
)
from lowdim.wigner.density import cluster_densities, continuum_peak, nearest_distances, trap_energy_at_density
from lowdim.wigner.disorder import (
    DisorderedTrap,
    chi_random_disc,
    chi_random_torus,
    equidistance,
    lowest_in_disorder,
    random_wells,
)
from lowdim.wigner.exchange import (
    coulomb_exchange,
    direct_integral,
    exchange_couplings,
    exchange_from_spectrum,
    exchange_integral,
    intervalley_exchange,
    overlap,
)
from lowdim.wigner.infinite import (
    crystal_frequencies,
    crystal_zero_point_energy,
    einstein_square,
    large_cluster_energy,
)
from lowdim.wigner.instantons import Instanton, instanton, tunnelling_amplitude
from lowdim.wigner.landscapes import PeriodicElectrons, TrappedElectrons
from lowdim.wigner.large import blocked_energy_gradient, fluid_cluster, relax_large
from lowdim.wigner.loops import LoopCorrection, loop_correction
from lowdim.wigner.material import TMD, Material, permittivity_from_prefactor
from lowdim.wigner.melting import (
    displacement,
    fermi_temperature,
    heat_capacity_maximum,
    largest_density,
    melting_temperature,
    mode_weights,
    occupation,
)
from lowdim.wigner.minima import Minimum, find_minima
from lowdim.wigner.modes import NormalModes, mode_content, normal_modes, virial_ratio
from lowdim.wigner.montecarlo import ClusterAverages, sample_cluster
from lowdim.wigner.multispin import (
    Permutation,
    SpinGroundState,
    SpinLevels,
    pair_couplings,
    ring_levels,
    ring_term,
    spin_ground_state,
    total_spin_levels,
)
from lowdim.wigner.order import bond_order, inside_gaps, shell_gaps
from lowdim.wigner.pathintegral import PathAverages, sample_paths
from lowdim.wigner.pinned import PairSplitting, PinnedPair, heitler_london, pair_splitting
from lowdim.wigner.potentials import Coulomb, Keldysh, Tabulated, Trap, keldysh_kernel
from lowdim.wigner.rotors import ShellRotor, rotor_terms, shell_order, shell_rotor
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
from lowdim.wigner.stored import search_record, stored_cluster, stored_exchange
from lowdim.wigner.tunnelling import RingExchange, crystal_exchange, exchange_rings, ring_exchange
from lowdim.wigner.twoloops import two_loop_coefficient
from lowdim.wigner.valleys import ValleyExchange, valley_exchange
from lowdim.wigner.widths import einstein_frequencies, hartree_widths, mode_width

__all__ = [
    "TMD",
    "ClusterAverages",
    "Coulomb",
    "DisorderedTrap",
    "Equilibrium",
    "Instanton",
    "IsingGroundStates",
    "Keldysh",
    "LoopCorrection",
    "Material",
    "Minimum",
    "NormalModes",
    "NotConverged",
    "PathAverages",
    "PairSplitting",
    "PeriodicElectrons",
    "Permutation",
    "PinnedPair",
    "RingExchange",
    "ShellRotor",
    "SpinGroundState",
    "SpinLevels",
    "Tabulated",
    "Trap",
    "TrappedElectrons",
    "ValleyExchange",
    "blocked_energy_gradient",
    "bond_order",
    "chi_random_disc",
    "chi_random_torus",
    "cluster_densities",
    "cluster_energy",
    "cluster_gradient",
    "continuum_peak",
    "coulomb_exchange",
    "crystal_exchange",
    "crystal_frequencies",
    "crystal_zero_point_energy",
    "direct_integral",
    "displacement",
    "einstein_frequencies",
    "einstein_square",
    "elasticity_matrix",
    "equidistance",
    "exchange_couplings",
    "exchange_from_spectrum",
    "exchange_integral",
    "exchange_rings",
    "fermi_temperature",
    "find_minima",
    "fluid_cluster",
    "hartree_widths",
    "heat_capacity_maximum",
    "heitler_london",
    "instanton",
    "inside_gaps",
    "intervalley_exchange",
    "ising_ground_states",
    "keldysh_kernel",
    "large_cluster_energy",
    "largest_density",
    "lowest_in_disorder",
    "loop_correction",
    "melting_temperature",
    "mode_content",
    "mode_weights",
    "mode_width",
    "nearest_distances",
    "normal_modes",
    "occupation",
    "overlap",
    "pair_couplings",
    "pair_splitting",
    "pauli_couplings",
    "permittivity_from_prefactor",
    "random_wells",
    "relax",
    "relax_batch",
    "relax_ensemble",
    "relax_large",
    "ring_exchange",
    "ring_levels",
    "ring_term",
    "rotor_terms",
    "sample_cluster",
    "sample_paths",
    "search_record",
    "shell_gaps",
    "shell_occupations",
    "shell_order",
    "shell_rotor",
    "spin_ground_state",
    "spin_levels",
    "stored_cluster",
    "stored_exchange",
    "total_spin_levels",
    "trap_energy_at_density",
    "triangular_couplings",
    "triangular_entropy",
    "triangular_strip_entropy",
    "tunnelling_amplitude",
    "two_loop_coefficient",
    "two_spin_matrix",
    "valley_exchange",
    "virial_ratio",
]
