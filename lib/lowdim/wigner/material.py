r"""Electrons of one mass in one dielectric: the scales of a trapped Wigner crystal.

Lengths are in nm, energies in meV, densities in nm^-2 (10^11 cm^-2 = 10^-3 nm^-2). Every pair of electrons
is counted once, so that the energy of N electrons is

.. math:: V = \sum_i \tfrac12 m\omega^2 r_i^2 + \sum_{i<j} \frac{\kappa}{r_{ij}},
          \qquad \kappa = \frac{e^2}{4\pi\varepsilon_0\varepsilon}.

In units of :math:`\ell = (\kappa/m\omega^2)^{1/3}` and :math:`\kappa/\ell` it has no parameter left. The
width of one electron in the bare trap, per axis, is :math:`r_\mathrm{ZPF} = \sqrt{\hbar/2m\omega}`.

Source: sections II and D.2 of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020).
"""

import math
from dataclasses import dataclass

import numpy as np

from lowdim._checks import positive, positive_array
from lowdim.constants import ELECTRON_MASS, ELEMENTARY_CHARGE, HBAR, MEV, NM, VACUUM_PERMITTIVITY

__all__ = ["TMD", "Material", "permittivity_from_prefactor"]

_HBAR2_OVER_ELECTRON_MASS = HBAR**2 / ELECTRON_MASS / (MEV * NM**2)
_VACUUM_COULOMB = ELEMENTARY_CHARGE**2 / (4 * math.pi * VACUUM_PERMITTIVITY) / (MEV * NM)


@dataclass(frozen=True)
class Material:
    r"""Effective mass and relative permittivity.

    Parameters
    ----------
    mass : float
        In free electron masses, > 0.
    permittivity : float
        Relative permittivity of the Coulomb interaction, > 0.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> gaas = Material(0.067, 12.9)
    >>> round(gaas.bohr_radius, 2)
    10.19
    """

    mass: float
    permittivity: float

    def __post_init__(self):
        positive("mass", self.mass)
        positive("permittivity", self.permittivity)

    @property
    def hbar2_over_mass(self):
        r""":math:`\hbar^2/m` in meV nm^2."""
        return _HBAR2_OVER_ELECTRON_MASS / self.mass

    @property
    def coulomb(self):
        r""":math:`\kappa = e^2/4\pi\varepsilon_0\varepsilon` in meV nm."""
        return _VACUUM_COULOMB / self.permittivity

    @property
    def bohr_radius(self):
        """Effective Bohr radius in nm."""
        return self.hbar2_over_mass / self.coulomb

    def trap_length(self, trap_energy):
        r"""Unit of length :math:`\ell` in nm of a trap with :math:`\hbar\omega` = `trap_energy` in meV.

        Examples
        --------
        >>> round(float(Material(0.067, 12.9).trap_length(3.0)), 2)
        24.16
        """
        energy = positive_array("trap_energy", trap_energy)
        return (self.coulomb * self.hbar2_over_mass / energy**2) ** (1 / 3)

    def trap_energy(self, trap_length):
        r""":math:`\hbar\omega` in meV of the trap whose unit of length is `trap_length` in nm.

        Examples
        --------
        >>> gaas = Material(0.067, 12.9)
        >>> round(float(gaas.trap_energy(gaas.trap_length(3.0))), 9)
        3.0
        """
        length = positive_array("trap_length", trap_length)
        return np.sqrt(self.coulomb * self.hbar2_over_mass / length**3)

    def zero_point_length(self, trap_energy):
        r""":math:`r_\mathrm{ZPF}` in nm for :math:`\hbar\omega` = `trap_energy` in meV.

        Examples
        --------
        >>> round(float(Material(0.067, 12.9).zero_point_length(3.0)), 2)
        13.77
        """
        return np.sqrt(0.5 * self.hbar2_over_mass / positive_array("trap_energy", trap_energy))

    def interaction_parameter(self, density):
        r""":math:`r_s = 1/(\sqrt{\pi n}\,a_B)` at `density` in nm^-2.

        Examples
        --------
        >>> round(float(Material(0.067, 12.9).interaction_parameter(1e-4)), 2)
        5.54
        """
        return 1 / (np.sqrt(math.pi * positive_array("density", density)) * self.bohr_radius)


def permittivity_from_prefactor(prefactor, mass):
    r"""Permittivity with which the on-site Coulomb energy at :math:`\hbar\omega` = 1 meV is `prefactor`.

    The energy is :math:`\sqrt\pi\,\kappa/2 r_\mathrm{ZPF}`, the factor printed as 35.5 meV in eqs. D3 and D5.

    Parameters
    ----------
    prefactor : float
        In meV, > 0.
    mass : float
        In free electron masses, > 0.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(permittivity_from_prefactor(35.5, 0.5), 2)
    4.12
    """
    prefactor = positive("prefactor", prefactor)
    zero_point = Material(mass, 1.0).zero_point_length(1.0)
    return float(math.sqrt(math.pi) * _VACUUM_COULOMB / (2 * zero_point * prefactor))


TMD = Material(0.5, permittivity_from_prefactor(35.5, 0.5))
