"""Light and planar arrays of resonant dipoles, in any unit of length.

Modules, from the bottom: `green` (the dyadic Green's tensor and its angular spectrum).
"""

from lowdim.optics.green import (
    dyadic_green,
    dyadic_green_spectrum,
    polarization_vectors,
    scalar_green,
    self_term,
    wave_vector,
)

__all__ = [
    "dyadic_green",
    "dyadic_green_spectrum",
    "polarization_vectors",
    "scalar_green",
    "self_term",
    "wave_vector",
]
