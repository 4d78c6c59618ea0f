"""CODATA constants (from `scipy.constants`, SI) and the few unit factors the book uses.

A quantity in a named unit is ``value * UNIT``; to express an SI quantity in that unit, divide.

>>> round(BOLTZMANN * 1.0 / MEV, 6)  # thermal energy at 1 K in meV
0.086173
"""

from scipy import constants as _codata

__all__ = [
    "ATOMIC_MASS",
    "BOHR_RADIUS",
    "BOLTZMANN",
    "ELECTRON_MASS",
    "ELEMENTARY_CHARGE",
    "HARTREE",
    "HBAR",
    "MEV",
    "NM",
    "PS",
    "SPEED_OF_LIGHT",
    "VACUUM_PERMITTIVITY",
]

HBAR = _codata.hbar
BOLTZMANN = _codata.k
ELEMENTARY_CHARGE = _codata.e
ELECTRON_MASS = _codata.m_e
ATOMIC_MASS = _codata.atomic_mass
SPEED_OF_LIGHT = _codata.c
VACUUM_PERMITTIVITY = _codata.epsilon_0
BOHR_RADIUS = _codata.physical_constants["Bohr radius"][0]
HARTREE = _codata.physical_constants["Hartree energy"][0]

MEV = 1e-3 * _codata.e
NM = 1e-9
PS = 1e-12
