"""Light and planar arrays of resonant dipoles, in any unit of length.

Modules, from the bottom: `green` (the dyadic Green's tensor and its angular spectrum), `lattice_sum` (that
tensor summed over a lattice), `array` (reflection and transmission of the infinite array).
"""

from lowdim.optics.array import (
    CIRCULAR,
    ArrayScattering,
    array_polarizability,
    azimuthal_contrast,
    collective_linewidth,
    collective_shift,
    largest_contrast,
    matched_polarization,
    scatter,
)
from lowdim.optics.green import (
    dyadic_green,
    dyadic_green_spectrum,
    polarization_vectors,
    scalar_green,
    self_term,
    wave_vector,
)
from lowdim.optics.lattice_sum import lattice_green, lattice_green_direct, radiative_part

__all__ = [
    "CIRCULAR",
    "ArrayScattering",
    "array_polarizability",
    "azimuthal_contrast",
    "collective_linewidth",
    "collective_shift",
    "dyadic_green",
    "dyadic_green_spectrum",
    "largest_contrast",
    "lattice_green",
    "lattice_green_direct",
    "matched_polarization",
    "polarization_vectors",
    "radiative_part",
    "scalar_green",
    "scatter",
    "self_term",
    "wave_vector",
]
