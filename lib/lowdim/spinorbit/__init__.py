"""Spin-orbit splitting of the bands of MX2 layers: symmetry, models and first-principles data.

Modules: `symmetry` (point groups on momentum, spin and orbitals), `tightbinding` (bands, splittings and spins
of a model), `models` (random crystals of a given symmetry, the three-band model), `firstprinciples` (stored
bands of two codes), `zone` (the same over the zone), `edges` (band edges of one run), `convergence` (their
errors, from runs with one setting changed), `secondvariation` (the spin-orbit step by itself), `crystals`
(bulk and layer relaxed alike), `strain` (what strain does to the edges), `valley` (curvature, moment and
masses at K).
"""

from lowdim.spinorbit.models import random_model, symmetrised, three_band, three_band_model
from lowdim.spinorbit.symmetry import field_basis, monomials, orbital_matrix, point_group, spin_matrix
from lowdim.spinorbit.tightbinding import (
    GAMMA,
    LATTICE,
    RECIPROCAL,
    K,
    M,
    Model,
    bands,
    hamiltonian,
    mirror_bands,
    signed_splitting,
    spin_texture,
)

__all__ = [
    "GAMMA",
    "LATTICE",
    "RECIPROCAL",
    "K",
    "M",
    "Model",
    "bands",
    "field_basis",
    "hamiltonian",
    "mirror_bands",
    "monomials",
    "orbital_matrix",
    "point_group",
    "random_model",
    "signed_splitting",
    "spin_matrix",
    "spin_texture",
    "symmetrised",
    "three_band",
    "three_band_model",
]
