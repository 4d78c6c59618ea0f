"""Excitons scattered by acoustic phonons in two dimensions: classical diffusion and weak localisation.

Modules, from the bottom: `material` (times and diffusion in the quasi-elastic limit), `boltzmann` (the same
without that limit), `cooperon` (dephasing and the correction from interference), `loops` (closed loops
followed one by one, to check it), `wavepacket` (excitons propagated on a grid), `phononfield` (the potential
they meet), `timeresolved` (what theory expects of them), `ensemble` (paired realisations, jackknife).
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
from lowdim.exciton.ensemble import Ensemble, jackknife, line_fit, realisation, run_ensemble
from lowdim.exciton.material import BILAYER, MONOLAYER, ExcitonMaterial, thermal_time
from lowdim.exciton.phononfield import Bath, PhononField, loss_rates
from lowdim.exciton.timeresolved import (
    NotConverged,
    interference,
    interference_of_loops,
    noncrossing_autocorrelation,
    return_density,
    two_line_constant,
)
from lowdim.exciton.wavepacket import Grid, diffusion, directed_states, energy, propagate

__all__ = [
    "BILAYER",
    "DERIVED",
    "MONOLAYER",
    "PRINTED",
    "Bath",
    "Ensemble",
    "ExcitonMaterial",
    "Grid",
    "NotConverged",
    "PhononField",
    "dephasing_exponent",
    "dephasing_function",
    "dephasing_time",
    "diffusion",
    "diffusion_ratio",
    "directed_states",
    "energy",
    "energy_relaxation_rate",
    "interference",
    "interference_of_loops",
    "jackknife",
    "line_fit",
    "logarithmic_correction",
    "loss_rates",
    "noncrossing_autocorrelation",
    "phonon_phase_rate",
    "printed_dephasing_time",
    "propagate",
    "quantum_correction",
    "realisation",
    "return_density",
    "return_integral",
    "run_ensemble",
    "scattering_rate",
    "thermal_time",
    "two_line_constant",
]
