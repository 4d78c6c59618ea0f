"""Make the stored data of the quantum-dot chapter: about ten minutes on two cores.

`scan.json` holds the entries of Tables II-IV over box length, softening and basis size;
`convergence.json` holds energies and transition probabilities against the number of orbitals.
"""

from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.dot.states import QuantumDot, spectrum
from lowdim.dot.tables import (
    LOWEST_MULTIPLET,
    TABLE_I,
    TABLE_II,
    TABLE_III,
    largest_coefficients,
    lowest_multiplets,
    transition_table,
)
from lowdim.stored import store

HERE = Path(__file__).parent
DIGITS = 6

LENGTHS = [8.5, 9.0, 9.25, 9.5, 9.75, 10.0, 10.25, 10.5, 11.0]
SOFTENINGS = [1e-5, 3e-5, 5e-5, 1e-4, 1.5e-4, 2e-4, 3e-4, 4e-4, 7e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
ORBITALS = [10, 11, 12, 13]

CONVERGENCE_LENGTH = 9.5
CONVERGENCE_SOFTENINGS = [2e-4, 1e-2]
# the two- and three-electron bases can grow further than the four-electron one
SMALL_BASES = [8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 28, 32, 36, 40]
LARGE_BASES = [10, 11, 12, 13, 14, 16, 18, 20, 22, 24]


def flat(table):
    """Nested lists of numbers as one flat, rounded list."""
    return [round(float(x), DIGITS) for row in table for x in np.ravel(row)]


def scan_point(length, softening, n_orbitals):
    levels = lowest_multiplets(QuantumDot(length, softening, n_orbitals))
    ordered = all(tuple(level.spin for level in levels[n]) == tuple(TABLE_I[n]) for n in TABLE_I)
    point = {"length": length, "softening": softening, "n_orbitals": n_orbitals, "order_of_table_I": ordered}
    if ordered:
        point["II"] = flat(transition_table(levels[3], levels[2], TABLE_II))
        point["III"] = flat(transition_table(levels[4], levels[3], TABLE_III))
        for name, level in (("IV_3", levels[3][0]), ("IV_4", levels[4][3])):
            found = largest_coefficients(level, 6)
            point[name] = [[round(abs(c), DIGITS), list(up), list(down)] for c, up, down in found]
    return point


def convergence_point(softening, n_orbitals, table):
    dot = QuantumDot(CONVERGENCE_LENGTH, softening, n_orbitals)
    fewer, more = (2, 3) if table == "II" else (3, 4)
    levels = {n: spectrum(dot, n, LOWEST_MULTIPLET[n]) for n in (fewer, more)}
    pairs = TABLE_II if table == "II" else TABLE_III
    return {
        "softening": softening,
        "n_orbitals": n_orbitals,
        "table": table,
        "energies": {n: [round(level.energy, 8) for level in levels[n]] for n in levels},
        "spins": {n: [level.spin for level in levels[n]] for n in levels},
        "M": flat(transition_table(levels[more], levels[fewer], pairs)),
    }


def write(name, points, **inputs):
    store(HERE / name, {"points": points}, provenance(inputs))


def main():
    jobs = [(length, s, m) for m in ORBITALS for length in LENGTHS for s in SOFTENINGS]
    points = sweep(scan_point, jobs, "scan")
    write("scan.json", points, length=LENGTHS, softening=SOFTENINGS, orbitals=ORBITALS)
    jobs = [(s, m, "III") for s in CONVERGENCE_SOFTENINGS for m in reversed(LARGE_BASES)]
    jobs += [(s, m, "II") for s in CONVERGENCE_SOFTENINGS for m in reversed(SMALL_BASES)]
    points = sweep(convergence_point, jobs, "convergence")
    write("convergence.json", points, length=CONVERGENCE_LENGTH, softening=CONVERGENCE_SOFTENINGS)


if __name__ == "__main__":
    main()
