"""Light and planar arrays of resonant dipoles, in any unit of length.

Modules, from the bottom: `green` (the dyadic Green's tensor and its angular spectrum), `lattice_sum` (that
tensor summed over a lattice), `array` (reflection and transmission of the infinite array), `layered` (the
same between layers).

Finite arrays: `patches` (their shapes), `dipoles` and `regular` (coupled dipoles, dense and by FFT with
`krylov`), `beam` and `patchbeam` (incident light), `flux` (transmitted and reflected power), `readout` (a
beam that turns around a patch).

Rotation of the polarisation: `polarization` (ellipses and angles), `faraday` (arrays of spins),
`spin_ensemble` (averages over their arrangements).

Free excitons: `umklapp` (lines of an exciton in the potential of a Wigner crystal).
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
from lowdim.optics.beam import PlaneWaves, beam_axes, driving_polarization, gaussian_beam, paraxial_fields
from lowdim.optics.dipoles import ScatteredLight, polarizability, solve_dipoles
from lowdim.optics.faraday import SpinArray
from lowdim.optics.flux import dipole_fields, downward_flux, infinite_transmission, transmission
from lowdim.optics.green import (
    dyadic_green,
    dyadic_green_spectrum,
    polarization_vectors,
    scalar_green,
    self_term,
    wave_vector,
)
from lowdim.optics.lattice_sum import lattice_green, lattice_green_direct, radiative_part
from lowdim.optics.layered import Layer, LayeredArray, boron_nitride, layered_array
from lowdim.optics.patchbeam import beam_on_patch
from lowdim.optics.patches import PRIMITIVE, lattice_patch, parallelogram
from lowdim.optics.polarization import HELICITIES, polarization_ellipse, rotation_angle, stokes_angles
from lowdim.optics.readout import (
    azimuthal_harmonics,
    pin_sites,
    scan_transmission,
    turning_transmission,
    turning_transmission_infinite,
)
from lowdim.optics.regular import solve_regular
from lowdim.optics.spin_ensemble import RotationEnsemble, all_spins, random_spins, rotation_ensemble
from lowdim.optics.umklapp import ZoneCentre, contact_strength, crystal_spacing, umklapp_energy, zone_centre

__all__ = [
    "CIRCULAR",
    "HELICITIES",
    "PRIMITIVE",
    "ArrayScattering",
    "Layer",
    "LayeredArray",
    "PlaneWaves",
    "RotationEnsemble",
    "ScatteredLight",
    "SpinArray",
    "ZoneCentre",
    "all_spins",
    "array_polarizability",
    "azimuthal_contrast",
    "azimuthal_harmonics",
    "beam_axes",
    "beam_on_patch",
    "boron_nitride",
    "collective_linewidth",
    "collective_shift",
    "contact_strength",
    "crystal_spacing",
    "dipole_fields",
    "downward_flux",
    "driving_polarization",
    "dyadic_green",
    "dyadic_green_spectrum",
    "gaussian_beam",
    "infinite_transmission",
    "largest_contrast",
    "lattice_green",
    "lattice_green_direct",
    "lattice_patch",
    "layered_array",
    "matched_polarization",
    "parallelogram",
    "paraxial_fields",
    "pin_sites",
    "polarizability",
    "polarization_ellipse",
    "polarization_vectors",
    "radiative_part",
    "random_spins",
    "rotation_angle",
    "rotation_ensemble",
    "scalar_green",
    "scan_transmission",
    "scatter",
    "self_term",
    "solve_dipoles",
    "solve_regular",
    "stokes_angles",
    "transmission",
    "turning_transmission",
    "turning_transmission_infinite",
    "umklapp_energy",
    "wave_vector",
    "zone_centre",
]
