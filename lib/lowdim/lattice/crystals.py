r"""Real crystals on the map of the paper: masses, spacings and Debye temperatures, with sources.

The atoms' zero-point motion is compared through :math:`E_K = \hbar^2/2ma^2` with a the nearest-neighbour
distance. In the Debye approximation at T = 0, whatever the lattice, :math:`r_0^2/a^2 = \tfrac92E_K/T_D` in
three dimensions and :math:`4E_K/T_D` in two.

Debye temperatures at T = 0, from the abstracts of the papers unless said otherwise: He-4, W. R. Gardner, J.
K. Hoffer and N. E. Phillips, Phys. Rev. A 7, 1029 (1973), :math:`2340\,V^{-0.8114}e^{-0.0969V}` K for V in
cm^3/mol, between 20.5 and 21; H2, G. Ahlers, J. Chem. Phys. 41, 86 (1964), 128 K at 22.56 cm^3/mol; D2, M.
Nielsen and H. Bjerrum Moller, Phys. Rev. B 3, 4383 (1971), 114 K; Ne, H. Fenichel and B. Serin, Phys. Rev.
142, 490 (1966), 74.6(1.0) K; Ar, L. Finegold and N. E. Phillips, Phys. Rev. 177, 1383 (1969), 92.0 K quoted
second-hand. He-3 is an estimate: the law of He-4 times 1.18, the ratio given by H. H. Sample and C. A.
Swenson, Phys. Rev. 158, 188 (1967), at 24 cm^3/mol in the bcc phase; going there from 20.18 cm^3/mol with
their Grueneisen constant 2.2 gives 23.3 K instead of 20.5, hence the error.

The error of H2 is the difference from other calorimetry (J. Low Temp. Phys., doi 10.1007/BF00630911: 122 K at
zero pressure, 130 K when carried to the same volume). The same work has 113.8 K for D2, which lies nearer to
the neutrons' 114 K than two methods can be expected to agree; the error of D2 is taken as large as that of
H2, 1.6 percent. That of Ar is the distance to an older extrapolation, 93.3 K (P. Flubacher, A. J. Leadbetter
and J. A. Morrison, Proc. Phys. Soc. 78, 1449 (1961), quoted second-hand).
Spacings of Ne and Ar, volume of D2 and Lennard-Jones parameters (J. O. Hirschfelder, C. F. Curtiss and R. B.
Bird, Molecular Theory of Gases and Liquids, 1954) are standard values, quoted second-hand; D. G. Henshaw,
Phys. Rev. 111, 1470 (1958), found the cells of Ne and Ar smaller by 0.8 and 1.0 percent. Melting temperatures
are triple points: of H2, Ne and Ar as the temperature scale ITS-90 defines them, of D2 as measured by L. A.
Schwalbe and E. R. Grilly, J. Res. Natl. Bur. Stand. 89, 227 (1984).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import non_negative, positive
from lowdim.constants import ATOMIC_MASS, BOLTZMANN, HBAR

__all__ = ["CRYSTALS", "Crystal", "dipole_debye_temperature", "helium4_debye_temperature", "kinetic_scale"]

_ANGSTROM = 1e-10
_MOLE = 6.02214076e23


def kinetic_scale(mass, spacing):
    """E_K of eq. 50 in kelvin, for a mass in atomic mass units and a spacing in angstrom.

    Examples
    --------
    >>> round(kinetic_scale(4.0026, 3.67), 3)
    0.45
    """
    mass, spacing = positive("mass", mass) * ATOMIC_MASS, positive("spacing", spacing) * _ANGSTROM
    return HBAR**2 / (2 * mass * spacing**2) / BOLTZMANN


def helium4_debye_temperature(molar_volume):
    """Debye temperature of hcp He-4 at T = 0 in kelvin, for a molar volume in cm^3.

    Examples
    --------
    >>> round(helium4_debye_temperature(20.9), 1)
    26.2
    """
    volume = positive("molar_volume", molar_volume)
    return float(2340 * volume**-0.8114 * np.exp(-0.0969 * volume))


@dataclass(frozen=True)
class Crystal:
    """A crystal at low temperature.

    Attributes
    ----------
    name : str
    mass : float
        In atomic mass units.
    spacing : float
        Nearest-neighbour distance in angstrom.
    debye_temperature, debye_error : float
        In kelvin; the error as explained at the top.
    well, diameter : float
        Lennard-Jones depth in kelvin and diameter in angstrom.
    melting : float
        Melting temperature at zero pressure in kelvin; 0 for helium at its melting pressure at T = 0.
    """

    name: str
    mass: float
    spacing: float
    debye_temperature: float
    debye_error: float
    well: float
    diameter: float
    melting: float

    @property
    def kinetic_scale(self):
        """E_K in kelvin."""
        return kinetic_scale(self.mass, self.spacing)

    @property
    def reduced_debye_temperature(self):
        """T_D/E_K, the paper's coordinate."""
        return self.debye_temperature / self.kinetic_scale

    @property
    def debye_ratio(self):
        """Lindemann ratio at T = 0 in the Debye approximation."""
        return float(np.sqrt(4.5 / self.reduced_debye_temperature))

    @property
    def debye_ratio_range(self):
        """Lowest and highest `debye_ratio` within the error of the Debye temperature."""
        ends = (self.debye_temperature + self.debye_error, self.debye_temperature - self.debye_error)
        return tuple(float(np.sqrt(4.5 * self.kinetic_scale / end)) for end in ends)

    @property
    def reduced_mass(self):
        """m a^2 E/hbar^2 for E the depth of the well, as `selfconsistent` takes it."""
        return self.well / (2 * self.kinetic_scale)


def _close_packed(molar_volume):
    return float((np.sqrt(2) * molar_volume * 1e24 / _MOLE) ** (1 / 3))


def _body_centred(molar_volume):
    return float(np.sqrt(3) / 2 * (2 * molar_volume * 1e24 / _MOLE) ** (1 / 3))


_THETA_HE3 = 1.18 * helium4_debye_temperature(24.0)
CRYSTALS = (
    Crystal("He-3", 3.01603, _body_centred(24.0), _THETA_HE3, 2.9, 10.22, 2.556, 0.0),
    Crystal("He-4", 4.00260, _close_packed(21.0), helium4_debye_temperature(21.0), 0.3, 10.22, 2.556, 0.0),
    Crystal("H2", 2.01588, _close_packed(22.56), 128.0, 2.0, 37.00, 2.928, 13.8),
    Crystal("D2", 4.02820, _close_packed(19.95), 114.0, 1.8, 37.00, 2.928, 18.7),
    Crystal("Ne", 20.1797, 3.156, 74.6, 1.0, 35.60, 2.749, 24.56),
    Crystal("Ar", 39.948, 3.7555, 92.0, 1.3, 119.8, 3.405, 83.81),
)


def dipole_debye_temperature(strength):
    r"""T_D/E_K of eqs. 44 and 49 for perpendicular dipoles on a square lattice.

    With :math:`r_d = mC/\hbar^2a` for the repulsion :math:`C/r^3`, the Laplacian in the plane is
    :math:`9C/a^5`, so :math:`D = 9C/2a^5` and :math:`T_D/E_K = k_Da\sqrt{18 r_d}`.

    Parameters
    ----------
    strength : float
        :math:`r_d`, >= 0.

    Examples
    --------
    >>> round(dipole_debye_temperature(18.0), 1)
    63.8
    """
    return float(np.sqrt(4 * np.pi) * np.sqrt(18 * non_negative("strength", strength)))
