"""What the pages say in words about light on crystals is what the solvers and the stored tables have."""

import re

import numpy as np
import pytest

from lowdim.lattice import lattice
from lowdim.optics import umklapp_energy, zone_centre
from lowdim.optics.umklapp import HBAR2_OVER_M0, contact_strength, crystal_spacing
from lowdim.stored import load_stored
from lowdim.wigner.infinite import crystal_frequencies
from prose import said

PAGE = "wigner-crystals/feasibility.md"
NUMBER = r"(\d+(?:\.\d+)?)"
ELECTRON, REDUCED, ERROR = 0.8, 0.35, 0.015
DENSITIES = (3e-4, 1e-3, 3e-3)  # per nm^2


def exciton(reduced):
    return ELECTRON + 1 / (1 / reduced - 1 / ELECTRON)


def zero_point_share(points):
    primitive = lattice("triangular").primitive
    s = (np.arange(points) + 0.5) / points - 0.5
    k = np.stack(np.meshgrid(s, s), axis=-1).reshape(-1, 2) @ (2 * np.pi * np.linalg.inv(primitive).T)
    return np.mean(np.sum(0.5 / crystal_frequencies(k), axis=1))


@pytest.fixture(scope="module")
def share():
    return 2 * zero_point_share(40) - zero_point_share(20)


def strength(density, share, factor=1.0, trion=25.0):
    """Of the umklapp line of MoSe2, permittivity 4.12, scattering at `factor` times its energy."""
    mass, coulomb = exciton(REDUCED), 1439.964 / 4.12
    inertia = ELECTRON / HBAR2_OVER_M0
    frequency = np.sqrt(coulomb / (inertia * crystal_spacing(density) ** 3))
    g = contact_strength(mass, np.inf, trion, factor * umklapp_energy(density, mass))
    spread = float(np.sqrt(0.5 * share / (inertia * frequency)))
    return zone_centre(density, mass, g, deviation=spread).umklapp[1]


def test_how_far_the_strength_of_the_umklapp_line_is_known(share):
    found = {d: [strength(d, share, x) for x in (1 / 3, 3)] for d in DENSITIES}
    low, high = said(PAGE, f"by a factor of {NUMBER} at the lowest density and of {NUMBER} at the highest")
    assert low == round(found[DENSITIES[0]][1] / found[DENSITIES[0]][0], 1)
    assert high == round(found[DENSITIES[-1]][1] / found[DENSITIES[-1]][0], 1)
    phrase = f"Between trions bound by 20 and 35 meV it changes less, by a factor of {NUMBER} at most"
    (most,) = said(PAGE, phrase)
    assert most == round(max(strength(d, share, 1, 20) / strength(d, share, 1, 35) for d in DENSITIES), 1)
    ends = [100 * one for pair in found.values() for one in pair]
    said_ends = said(PAGE, f"the line has between {NUMBER} and {NUMBER} percent of the main one")
    assert said_ends == [round(min(ends), 1), round(max(ends), 1)]


def test_mass_of_the_exciton():
    mass, error = said(PAGE, rf"Together they make \${NUMBER}\\pm{NUMBER}\$ for the exciton")
    assert mass == round(exciton(REDUCED), 2)
    assert error == round((exciton(REDUCED + ERROR) - exciton(REDUCED - ERROR)) / 2, 2)


def test_a_million_sites_take_what_the_benchmark_took():
    text = load_stored("optics", "bench_dipoles.txt")
    beam, solver = re.search(r"0\.10 +1000 +1e-06 +([\d.]+) +([\d.]+)", text).groups()
    seconds = round(float(beam) + float(solver))
    assert said("wigner-crystals/array-finite.md", f"steps, and {NUMBER} s of one core") == [seconds]
    phrase = f"A million sites a tenth of a wavelength apart take {NUMBER} s of one core"
    assert said("solvers.md", phrase) == [seconds]
