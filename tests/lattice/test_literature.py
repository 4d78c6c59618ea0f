"""Literature numbers: what their sources print, and whether the solvers agree within what they state."""

import re
from pathlib import Path

import numpy as np
import pytest

from lowdim.lattice import (
    CRYSTALS,
    KNOWN,
    displacement_weights,
    lattice,
    lennard_jones,
    long_range_matrix,
    self_consistent,
    thouless_coupling,
    zone_average,
)

ROOT = Path(__file__).parents[2]
BY_NAME = {c.name: c for c in CRYSTALS}
TRIANGULAR = lattice("triangular")

# as printed by the sources, the error in units of the last digit
PRINTED = {
    "He-4": "0.26",
    "He-4, simulated": "0.30(5)",  # "about 0.3"
    "He-4, motion": "24.3(3)",
    "H2": "0.65(5)",  # "of order 0.65"
    "H2, quoted": "0.18",
    "Ne": "73",
    "Ne, cell": "4.429",
    "Ar, cell": "5.256",
    "H2, melting": "13.8033",
    "Ne, melting": "24.5561",
    "Ar, melting": "83.8058",
    "D2, melting": "18.723",
    "Ne, motion": "41.51(6)",
    "electrons": "31(1)",
    "electrons, older": "37(5)",
    "electrons, hot": "137(15)",
    "dipoles": "290",
    "dipoles, other": "18(4)",
    "dipoles, ratio": "0.230(6)",
    "dipoles, hot": "60",
    "quadrupoles": "0.269(4)",
}


def read(text):
    """Value and error of a printed number; half of the last digit if it has no error (of tens for 290)."""
    number, error = re.fullmatch(r"([\d.]+)(?:\((\d+)\))?", text).groups()
    digit = 10.0 ** -len(number.partition(".")[2]) if number != "290" else 10.0
    return float(number), int(error) * digit if error else digit / 2


@pytest.mark.parametrize("name", KNOWN)
def test_value_and_range_are_the_printed_ones(name):
    value, error = read(PRINTED[name])
    known = KNOWN[name]
    assert known.value == value
    assert (known.low, known.high) == pytest.approx((value - error, value + error), rel=1e-12)
    assert known.read in ("abstract", "text", "second-hand")


def test_every_source_is_in_the_bibliography():
    keys = set(re.findall(r"@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text("utf8")))
    assert {known.source for known in KNOWN.values()} <= keys
    assert set(PRINTED) == set(KNOWN)


def test_lindemann_ratios_of_helium_and_hydrogen():
    """The measured Debye temperatures give ratios within the literature's and their own errors."""
    low, high = BY_NAME["He-4"].debye_ratio_range
    assert low < KNOWN["He-4, simulated"].high and high > KNOWN["He-4"].low
    hydrogen = BY_NAME["H2"]
    of_neutrons = KNOWN["H2"].value / hydrogen.spacing
    assert of_neutrons == pytest.approx(KNOWN["H2, quoted"].value, abs=0.02)
    assert of_neutrons == pytest.approx(hydrogen.debye_ratio, rel=0.1)
    neon = BY_NAME["Ne"]
    assert np.sqrt(4.5 * neon.kinetic_scale / KNOWN["Ne"].value) == pytest.approx(neon.debye_ratio, rel=0.02)


def test_crystals_melt_at_their_triple_points():
    """As in the sources, to the digits that the table of crystals has."""
    molten = {name.removesuffix(", melting"): known for name, known in KNOWN.items() if "melting" in name}
    assert set(molten) == {c.name for c in CRYSTALS if c.melting}
    for name, known in molten.items():
        digits = len(str(BY_NAME[name].melting).partition(".")[2])
        assert BY_NAME[name].melting == pytest.approx(known.value, abs=0.5 * 10.0**-digits + 1e-9)


@pytest.mark.parametrize(("name", "percent"), [("Ne", 0.8), ("Ar", 1.0)])
def test_spacings_are_a_percent_above_those_of_neutrons(name, percent):
    by_neutrons = KNOWN[f"{name}, cell"].value / np.sqrt(2)
    assert 100 * (BY_NAME[name].spacing / by_neutrons - 1) == pytest.approx(percent, abs=0.1)


def test_neon_moves_with_the_measured_energy():
    neon = BY_NAME["Ne"]
    sigma = neon.diameter / neon.spacing
    found = self_consistent(lattice("fcc"), lennard_jones(sigma), neon.reduced_mass, core=0.8 * sigma)
    assert found.kinetic * neon.well == pytest.approx(KNOWN["Ne, motion"].value, rel=0.06)


def harmonic_ratio(power, strength):
    def weights(k):
        return np.trace(displacement_weights(long_range_matrix(k, TRIANGULAR, power)), axis1=1, axis2=2)

    average = float(zone_average(weights, TRIANGULAR.reciprocal, 24, root=2))
    return np.sqrt(average / np.sqrt(strength))


def test_quantum_melting_of_plane_crystals():
    """The two simulations of each crystal agree; harmonic ratios lie a little above the simulated one."""
    other = KNOWN["dipoles, other"]
    assert other.low**2 < KNOWN["dipoles"].value < other.high**2
    assert KNOWN["electrons"].high >= KNOWN["electrons, older"].low
    dipoles = harmonic_ratio(3, np.sqrt(KNOWN["dipoles"].value * TRIANGULAR.cell))
    assert KNOWN["dipoles, ratio"].high < dipoles < 1.2 * KNOWN["dipoles, ratio"].value
    electrons = harmonic_ratio(1, KNOWN["electrons"].value * np.sqrt(np.pi / TRIANGULAR.cell))
    assert KNOWN["dipoles, ratio"].value < electrons < 0.35


@pytest.mark.parametrize(("name", "power"), [("electrons, hot", 1), ("dipoles, hot", 3)])
def test_hot_crystals_melt_before_dislocations_unbind_in_the_stiff_one(name, power):
    stiff = thouless_coupling(TRIANGULAR, power) * (np.pi / TRIANGULAR.cell) ** (power / 2)
    assert stiff < KNOWN[name].low and KNOWN[name].value < 2 * stiff
