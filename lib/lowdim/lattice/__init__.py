"""Atoms in optical lattices, from Bloch bands to quantum crystals.

Modules, from the bottom: `bands` (exact energies of the sin^2 lattice), `wannier` (maximally localised
Wannier functions), `tunnelling` (exact, Gaussian and asymptotic hopping), `onsite` (two atoms on a site, the
Mott insulator); `potentials`, `localised`
(Einstein, Gaussian and Hartree frequencies), `fewbody` (Fock space written out); `phonons` (hypercubic
lattices with springs and pinning), `brillouin` (zone averages), `dynamics` and `ewald` (dynamical
matrices), `sums` (energy, elasticity and melting of plane crystals), `selfconsistent` (averaged force
constants), `stability` (Lindemann's criterion), `crystals` (measured ones), `literature` (numbers of others).
"""

from lowdim.errors import NotConverged
from lowdim.lattice.bands import (
    band_edges,
    band_energies,
    band_width,
    bloch_waves,
    dense_energies,
    gap_opening_depth,
    lattice_energies,
    lowest_gap,
)
from lowdim.lattice.brillouin import converged_average, grid_rule, pyramid_rule, zone_average
from lowdim.lattice.crystals import CRYSTALS, Crystal
from lowdim.lattice.dynamics import (
    Lattice,
    displacement_weights,
    dynamical_matrix,
    lattice,
    pair_hessians,
)
from lowdim.lattice.errors import Divergent, Unstable
from lowdim.lattice.ewald import long_range_matrix
from lowdim.lattice.fewbody import FockSpace, two_body_integrals
from lowdim.lattice.literature import KNOWN, Known
from lowdim.lattice.localised import (
    HartreeAtom,
    cubic_sites,
    einstein_squared,
    gaussian_frequencies,
    hartree_chain,
    kinetic_matrix,
    smeared_interaction,
)
from lowdim.lattice.onsite import (
    MOTT_MONTE_CARLO,
    contact_integral,
    mott_depth,
    mott_mean_field,
    onsite_interaction,
)
from lowdim.lattice.phonons import (
    bond_average,
    debye_average,
    debye_wave_vector,
    finite_average,
    phonon_average,
    spectrum,
)
from lowdim.lattice.potentials import Dipoles, GaussianCore, InversePower
from lowdim.lattice.selfconsistent import PairPotential, SelfConsistent, lennard_jones, self_consistent
from lowdim.lattice.stability import classify, critical_pinning, debye_ratio, lindemann_ratio, threshold
from lowdim.lattice.sums import (
    bulk_modulus,
    lattice_energy,
    neighbour_displacement,
    shear_modulus,
    thouless_coupling,
)
from lowdim.lattice.tunnelling import (
    gaussian_band,
    gaussian_element,
    gaussian_frequency,
    orthogonalised_tunnelling,
    printed_tunnelling,
    tunnelling,
    tunnelling_asymptote,
)
from lowdim.lattice.wannier import WannierFunction, projected_position_wannier, wannier_function

__all__ = [
    "CRYSTALS",
    "Crystal",
    "Dipoles",
    "Divergent",
    "FockSpace",
    "GaussianCore",
    "HartreeAtom",
    "InversePower",
    "KNOWN",
    "Known",
    "Lattice",
    "MOTT_MONTE_CARLO",
    "NotConverged",
    "PairPotential",
    "SelfConsistent",
    "Unstable",
    "WannierFunction",
    "band_edges",
    "band_energies",
    "band_width",
    "bloch_waves",
    "bond_average",
    "bulk_modulus",
    "classify",
    "contact_integral",
    "converged_average",
    "critical_pinning",
    "cubic_sites",
    "debye_average",
    "debye_ratio",
    "debye_wave_vector",
    "dense_energies",
    "displacement_weights",
    "dynamical_matrix",
    "einstein_squared",
    "finite_average",
    "gap_opening_depth",
    "gaussian_band",
    "gaussian_element",
    "gaussian_frequencies",
    "gaussian_frequency",
    "grid_rule",
    "hartree_chain",
    "kinetic_matrix",
    "lattice",
    "lattice_energy",
    "lattice_energies",
    "lennard_jones",
    "lindemann_ratio",
    "long_range_matrix",
    "lowest_gap",
    "mott_depth",
    "mott_mean_field",
    "neighbour_displacement",
    "onsite_interaction",
    "orthogonalised_tunnelling",
    "pair_hessians",
    "phonon_average",
    "printed_tunnelling",
    "projected_position_wannier",
    "pyramid_rule",
    "self_consistent",
    "shear_modulus",
    "smeared_interaction",
    "spectrum",
    "thouless_coupling",
    "threshold",
    "tunnelling",
    "tunnelling_asymptote",
    "two_body_integrals",
    "wannier_function",
    "zone_average",
]
