"""Trapped Wigner crystals: scales, exchange integrals and the spins of the electrons.

Modules, from the bottom: `material` (scales), `errors`, `exchange` (integrals of Gaussian electrons),
`widths` (how wide those are), `pinned` (two electrons diagonalised among pinned neighbours), `tunnelling`
(actions of ring exchanges), `spins` (Ising and Heisenberg models), `valleys` (two valleys locked to spin).
"""

from lowdim.wigner.errors import NotConverged
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
from lowdim.wigner.pinned import PairSplitting, PinnedPair, heitler_london, pair_splitting
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
from lowdim.wigner.tunnelling import RingExchange, ring_exchange
from lowdim.wigner.valleys import ValleyExchange, valley_exchange
from lowdim.wigner.widths import einstein_frequencies, hartree_widths, mode_width

__all__ = [
    "TMD",
    "IsingGroundStates",
    "Material",
    "NotConverged",
    "PairSplitting",
    "PinnedPair",
    "RingExchange",
    "ValleyExchange",
    "coulomb_exchange",
    "direct_integral",
    "einstein_frequencies",
    "exchange_couplings",
    "exchange_from_spectrum",
    "exchange_integral",
    "hartree_widths",
    "heitler_london",
    "intervalley_exchange",
    "ising_ground_states",
    "mode_width",
    "overlap",
    "pair_splitting",
    "pauli_couplings",
    "permittivity_from_prefactor",
    "ring_exchange",
    "spin_levels",
    "triangular_couplings",
    "triangular_entropy",
    "triangular_strip_entropy",
    "two_spin_matrix",
    "valley_exchange",
]
