"""Atoms in optical lattices, from Bloch bands to quantum crystals.

Modules, from the bottom: `bands` (exact energies of the sin^2 lattice), `wannier` (maximally localised
Wannier functions), `tunnelling` (exact, Gaussian and asymptotic hopping).
"""

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
from lowdim.lattice.errors import NotConverged
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
    "NotConverged",
    "WannierFunction",
    "band_edges",
    "band_energies",
    "band_width",
    "bloch_waves",
    "dense_energies",
    "gap_opening_depth",
    "gaussian_band",
    "gaussian_element",
    "gaussian_frequency",
    "lattice_energies",
    "lowest_gap",
    "orthogonalised_tunnelling",
    "printed_tunnelling",
    "projected_position_wannier",
    "tunnelling",
    "tunnelling_asymptote",
    "wannier_function",
]
