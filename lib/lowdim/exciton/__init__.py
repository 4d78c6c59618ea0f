"""Excitons scattered by acoustic phonons in two dimensions: classical diffusion and weak localisation.

Modules, from the bottom: `material` (times and diffusion in the quasi-elastic limit), `boltzmann` (the same
without that limit), `cooperon` (dephasing and the correction from interference), `loops` (closed loops
followed one by one, to check it), `grid` and `wavepacket` (excitons propagated on a grid), `phononfield` (the
potential they meet), `timeresolved` and `noncrossing` (what theory expects of them, with and without
interference), `ensemble` (paired realisations, jackknife), `backscatter` (plane waves and their
backscattering), `shelltheory` (what theory expects of it), `separation` (the fit of both), `quantised` (the
range of the classical field).
"""

from lowdim.errors import NotConverged
from lowdim.exciton.backscatter import PlaneWaves, backscattering, contrast, run_backscattering
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
from lowdim.exciton.grid import Grid, directed_states
from lowdim.exciton.material import BILAYER, MONOLAYER, ExcitonMaterial, thermal_time
from lowdim.exciton.noncrossing import noncrossing_autocorrelation
from lowdim.exciton.phononfield import Bath, PhononField, loss_rates
from lowdim.exciton.quantised import phonon_quantum, quantised_exponent, symmetrised_strength
from lowdim.exciton.separation import SeparationFit, fit_separation
from lowdim.exciton.shelltheory import expected_contrast, single_share, single_weakening
from lowdim.exciton.timeresolved import (
    interference,
    interference_of_loops,
    return_density,
    two_line_constant,
)
from lowdim.exciton.wavepacket import diffusion, energy, evolve, propagate

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
    "PlaneWaves",
    "SeparationFit",
    "backscattering",
    "contrast",
    "dephasing_exponent",
    "dephasing_function",
    "dephasing_time",
    "diffusion",
    "diffusion_ratio",
    "directed_states",
    "energy",
    "energy_relaxation_rate",
    "evolve",
    "expected_contrast",
    "fit_separation",
    "interference",
    "interference_of_loops",
    "jackknife",
    "line_fit",
    "logarithmic_correction",
    "loss_rates",
    "noncrossing_autocorrelation",
    "phonon_phase_rate",
    "phonon_quantum",
    "printed_dephasing_time",
    "propagate",
    "quantised_exponent",
    "quantum_correction",
    "realisation",
    "return_density",
    "return_integral",
    "run_backscattering",
    "run_ensemble",
    "scattering_rate",
    "single_share",
    "single_weakening",
    "symmetrised_strength",
    "thermal_time",
    "two_line_constant",
]
