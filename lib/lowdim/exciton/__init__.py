"""Excitons scattered by acoustic phonons in two dimensions: classical diffusion and weak localisation.

Modules, from the bottom: `material` (times and diffusion in the quasi-elastic limit), `boltzmann` (the same
without that limit), `cooperon` (dephasing and the correction from interference), `loops` (closed loops
followed one by one, to check it).
"""

from lowdim.exciton.boltzmann import diffusion_ratio, energy_relaxation_rate, scattering_rate
from lowdim.exciton.cooperon import (
    DERIVED,
    PRINTED,
    dephasing_exponent,
    dephasing_function,
    dephasing_time,
    logarithmic_correction,
    phonon_phase_rate,
    printed_dephasing_time,
    quantum_correction,
    return_integral,
)
from lowdim.exciton.material import BILAYER, MONOLAYER, ExcitonMaterial, thermal_time

__all__ = [
    "BILAYER",
    "DERIVED",
    "MONOLAYER",
    "PRINTED",
    "ExcitonMaterial",
    "dephasing_exponent",
    "dephasing_function",
    "dephasing_time",
    "diffusion_ratio",
    "energy_relaxation_rate",
    "logarithmic_correction",
    "phonon_phase_rate",
    "printed_dephasing_time",
    "quantum_correction",
    "return_integral",
    "scattering_rate",
    "thermal_time",
]
