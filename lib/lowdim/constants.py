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

HBAR = _codata.hbar  #: in J s
BOLTZMANN = _codata.k  #: in J / K
ELEMENTARY_CHARGE = _codata.e  #: in C
ELECTRON_MASS = _codata.m_e  #: in kg
ATOMIC_MASS = _codata.atomic_mass  #: in kg
SPEED_OF_LIGHT = _codata.c  #: in m / s
VACUUM_PERMITTIVITY = _codata.epsilon_0  #: in F / m
BOHR_RADIUS = _codata.physical_constants["Bohr radius"][0]  #: in m
HARTREE = _codata.physical_constants["Hartree energy"][0]  #: in J
FINE_STRUCTURE = _codata.alpha  #: 1 / c in atomic units

MEV = 1e-3 * _codata.e  #: millielectronvolt, J
NM = 1e-9  #: nanometre, m
PS = 1e-12  #: picosecond, s
