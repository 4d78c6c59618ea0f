"""What the pages say in words about the crystals is what the solvers find, and the same on every page."""

import numpy as np
import pytest

from lowdim.lattice import (
    CRYSTALS,
    KNOWN,
    debye_average,
    debye_ratio,
    debye_wave_vector,
    lattice,
    neighbour_displacement,
    phonon_average,
)
from prose import said

MELTING = {c.name: debye_ratio(3, c.reduced_debye_temperature, c.melting / c.kinetic_scale) for c in CRYSTALS}
BY_HEAT = [ratio for c, ratio in zip(CRYSTALS, MELTING.values(), strict=True) if c.melting]
COLD = [ratio for c, ratio in zip(CRYSTALS, MELTING.values(), strict=True) if not c.melting]
NUMBER = r"(\d+(?:\.\d+)?)"
RANGE = f"between {NUMBER} and {NUMBER}"


@pytest.mark.parametrize(
    ("page", "before"),
    [
        ("quantum-crystals/index.md", r"they melt at \$r_0/a\$ "),
        ("glossary.md", "The crystals of this book melt where it is "),
        ("explore.md", "real crystals melt "),
    ],
)
def test_every_page_gives_the_melting_ratios_of_the_table(page, before):
    assert said(page, before + RANGE) == [round(min(MELTING.values()), 2), round(max(MELTING.values()), 2)]


def test_helium_and_crystals_in_a_plane():
    low, high = said("quantum-crystals/stability.md", "helium and crystals in a plane melt " + RANGE)
    assert low == round(KNOWN["dipoles, ratio"].value, 2) < min(COLD)
    assert high == round(max(COLD), 2)


def test_heat_and_zero_point_motion():
    text = r"melts crystals at ([\d.]+) of the spacing or less, zero-point motion at ([\d.]+) or more"
    heat, cold = said("connections.md", text)
    triangular = lattice("triangular")
    plane = [
        (neighbour_displacement(triangular, power) / coupling / 2) ** 0.5
        for power, name in ((1, "electrons, hot"), (3, "dipoles, hot"))
        for coupling in [KNOWN[name].value * (triangular.cell / np.pi) ** (power / 2)]
    ]
    assert heat == round(max(BY_HEAT + plane), 2)
    assert cold == round(min(COLD), 2)
    assert said("connections.md", r"By heat they melt at ([\d.]+) or less") == [heat]


def test_what_the_sphere_of_debye_costs():
    exact, sphere = phonon_average([1.0] * 3), debye_average(3, debye_wave_vector(3))
    (percent,) = said(
        "quantum-crystals/index.md", r"displacement is (\d+) percent larger in three dimensions"
    )
    (again,) = said("quantum-crystals/stability.md", r"(\d+) percent in the mean-square displacement")
    assert percent == again == round(100 * (exact / sphere - 1))
