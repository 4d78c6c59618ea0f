"""What the pages say in words about light on crystals is what the solvers and the stored tables have."""

import re

import numpy as np
import pytest

from lowdim.lattice import lattice
from lowdim.optics import azimuthal_harmonics, umklapp_energy, zone_centre
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


def test_disorder_at_half_the_printed_ratio():
    rows = [r for r in load_stored("optics", "finite.json")["disorder"] if r["lattice"] == "square"]
    own = {r["ratio"]: np.array([azimuthal_harmonics(t, [4]).real[0] for t in r["T"]]) for r in rows}
    half = own[0.05]
    text = f"the square has only {NUMBER} standard deviations"
    assert said("wigner-crystals/array-finite.md", text) == [round(abs(half.mean()) / half.std(ddof=1), 1)]
    others, largest = np.sort(np.abs(half))[-2:]
    assert largest > 2 * others
    right = np.sign(own[0.0].mean())
    assert all(np.all(np.sign(own[ratio]) == right) for ratio in own if ratio <= 0.1)


def test_distance_of_the_largest_patches():
    stored = load_stored("optics", "finite.json")
    times = {}
    for lattice_name, spacing, fold in (("square", 0.1, 4), ("triangular", 0.2, 6)):
        row = next(r for r in stored["sizes"] if (r["lattice"], r["side"]) == (lattice_name, 112))
        infinite = next(
            np.array(r["infinite"])
            for r in stored["maps"]
            if (r["lattice"], r["a"]) == (lattice_name, spacing)
        )
        at = np.radians(row["phi"]) / (2 * np.pi / fold) * len(infinite)
        gap = np.abs(np.array(row["T"]) - infinite[np.round(at).astype(int) % len(infinite)])
        times[lattice_name] = gap.max() / np.ptp(infinite)
    assert 1.5 < times["square"] < 2.5 and 300 < times["triangular"] < 1000


def test_a_million_sites_take_what_the_benchmark_took():
    text = load_stored("optics", "bench_dipoles.txt")
    beam, solver = re.search(r"0\.10 +1000 +1e-06 +([\d.]+) +([\d.]+)", text).groups()
    seconds = round(float(beam) + float(solver))
    assert said("wigner-crystals/array-finite.md", f"steps, and {NUMBER} s of one core") == [seconds]
    phrase = f"A million sites a tenth of a wavelength apart take {NUMBER} s of one core"
    assert said("solvers.md", phrase) == [seconds]
