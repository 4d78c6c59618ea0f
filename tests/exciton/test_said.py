"""What the pages say of the exciton's mass and deformation potential is what the stored bands give."""

import re

import nbformat
import numpy as np
import pytest
from scipy.stats import chi2

import pages
import twins
from lowdim.constants import ELECTRON_MASS, ELEMENTARY_CHARGE, HBAR
from lowdim.exciton import MONOLAYER, dephasing_time
from lowdim.spinorbit.edges import masses, stored_edges
from lowdim.spinorbit.firstprinciples import MATERIALS
from lowdim.spinorbit.strain import edges_at_k, strains
from prose import said


def lines(page, head):
    """Cells of the rows of the one table of a page's twin that holds a text."""
    cells = nbformat.read(twins.place(pages.ROOT / "book" / page), 4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    (text,) = [text for text in texts if head in text]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n") if "|" in line]
    return cells[2:]


def shown(page, head):
    """The same as numbers by the first cell, the layer's name."""
    return {
        row[0].replace("₂", "2"): [float(n) for n in re.findall(r"-?\d+\.?\d*", " ".join(row[1:]))]
        for row in lines(page, head)
    }


def pair(material):
    """The upper valence band and the conduction band of its spin."""
    spin = stored_edges("gpaw", material).spin[:, -1]
    return [1, next(row for row in (2, 3) if spin[row] * spin[1] > 0)]


def exciton(material):
    """Mass of the bright exciton, and the slope of its two bands' distance with the area in eV."""
    bands = pair(material)
    known = np.array(strains(material))
    distance = [np.diff(edges_at_k(material, f"strain {x:+d}")[bands])[0] for x in known]
    parabola = np.linalg.lstsq(np.vander(2 * known / 100, 3), distance, rcond=None)[0]
    return masses(stored_edges("elk", material, "more basis 8"))[0][bands].sum(), parabola[1]


def control(mass, potential):
    stiffness = MONOLAYER.mass_density * MONOLAYER.sound_velocity**2
    return stiffness * HBAR**2 / (mass * ELECTRON_MASS * (potential * ELEMENTARY_CHARGE) ** 2)


def test_mass_and_potential_are_those_of_the_bands():
    table = shown("connections.md", "bright exciton")
    for material in MATERIALS:
        mass, potential = exciton(material)
        assert np.allclose([table[material][0], table[material][-2]], [mass, potential], atol=0.006)
    assert table["paper"] == [MONOLAYER.mass, MONOLAYER.deformation_potential]


def test_the_exciton_s_number_with_our_bands():
    table = shown("connections.md", "both ours")
    values = [control(*exciton(material)) for material in MATERIALS]
    assert np.allclose([table[material][2] for material in MATERIALS], values, atol=0.006)
    low, high, theirs = said(
        "connections.md", r"lies between ([\d.]+) and ([\d.]+), where the paper has (\d\.\d+)"
    )
    assert (low, high) == (round(min(values), 1), round(max(values), 1))
    assert theirs == table["paper"][0] == round(control(0.5, 7.0), 2)


def test_potentials_are_the_same_on_both_pages():
    ours, theirs = shown("connections.md", "bright exciton"), shown("spin-orbit/valley.md", "less valence")
    for material in MATERIALS:
        assert ours[material][2:6] == theirs[material][:4]


@pytest.mark.parametrize("material", MATERIALS)
def test_excitons_are_heavier_and_strain_shifts_them_less(material):
    mass, potential = exciton(material)
    assert mass > MONOLAYER.mass and abs(potential) < MONOLAYER.deformation_potential
    lower = pair(material)[1] == 2
    assert lower == material.startswith("Mo")


def test_wave_packets_exclude_what_the_page_says():
    """Distances in the words are those of the table; the printed phase is never the nearest."""
    page = "excitons/wave-packets.md"
    rows = shown(page, "Measured less expected")
    fast, slow = rows["4, fast"], rows["4, slow"]
    (cold,) = said(page, r"too small, by ([\d.]+) errors at 10 K")
    assert cold == rows["1.46, 10 K"][2]
    assert said(page, r"coupling it misses by (\d+) and (\d+)\.") == [round(fast[2]), round(slow[2])]
    assert said(page, r"With \$t'\$ they are (\d+) and (\d+) errors off") == [round(fast[1]), round(slow[1])]
    assert said(page, r"lie above it by ([\d.]+) and ([\d.]+) errors") == [fast[0], slow[0]]
    assert all(abs(row[2]) > max(abs(row[0]), abs(row[1])) for row in rows.values())
    assert all(abs(row[0]) <= 1 for name, row in rows.items() if name.startswith("1.46"))
    total = np.sum(np.square(list(rows.values())), axis=0)
    assert total[0] < total[1] < total[2]


def test_controls_of_backscattering_are_told_as_they_are():
    page = "excitons/backscattering.md"
    rows = np.array([row[2:] for row in lines(page, "moving alone")], dtype=float)
    once, derived, ratio, alone, _ = rows.T
    (worst,) = said(page, r"with a \$\\chi\^2\$ of (\d+) for five values")
    assert worst == round(derived[0]) > chi2.isf(0.05, 5) > derived[1:].max()
    assert said(page, r"the moving contrast alone gives ([\d.]+)\.") == [alone[0]]
    assert 0.4 < (alone[0] - ratio[0]) / (2 - ratio[0]) < 0.6
    (moved,) = said(page, r"Without the frozen contrast \$\\gamma\$ moves by ([\d.]+) at most")
    assert moved == pytest.approx(np.abs(ratio - alone).max(), abs=0.005)
    assert np.all(once > chi2.isf(1e-9, 5)) and np.all(alone > 1.5)


def test_duration_of_the_longest_loops():
    """2 tau_phi over tau from 10 to 300 K."""
    ends = np.array([10.0, 300.0])
    spans = 2 * dephasing_time(MONOLAYER, ends) / MONOLAYER.momentum_time(ends)
    words = {3: "three", 9: "nine"}
    first, last = (words[round(float(span))] for span in spans)
    text = (pages.ROOT / "book" / "excitons" / "interference.md").read_text("utf8")
    assert f"From 10 to 300 K that is {first} to {last} $\\tau$" in text
