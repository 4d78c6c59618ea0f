r"""Effective atomic units of a semiconductor.

.. math:: a_B^* = (\varepsilon/m)\,a_B, \qquad E_H^* = (m/\varepsilon^2)\,E_H
"""

from dataclasses import dataclass

from lowdim._checks import non_negative_array, positive
from lowdim.constants import BOHR_RADIUS, BOLTZMANN, HARTREE, MEV, NM

__all__ = ["GAAS", "EffectiveUnits"]


@dataclass(frozen=True)
class EffectiveUnits:
    """Lengths and energies of electrons with an effective mass in a dielectric.

    Parameters
    ----------
    mass : float
        Effective mass in units of the electron mass, > 0.
    permittivity : float
        Relative dielectric constant, > 0.

    Raises
    ------
    ValueError
        If an argument is not positive.

    Examples
    --------
    >>> round(GAAS.bohr_radius_nm, 2), round(GAAS.hartree_mev, 2)
    (10.19, 10.96)
    >>> EffectiveUnits(mass=0.5, permittivity=1.0).hartree_mev < EffectiveUnits(1.0, 1.0).hartree_mev
    True
    """

    mass: float
    permittivity: float

    def __post_init__(self):
        object.__setattr__(self, "mass", positive("mass", self.mass))
        object.__setattr__(self, "permittivity", positive("permittivity", self.permittivity))

    @property
    def bohr_radius_nm(self):
        """Effective Bohr radius in nm."""
        return self.permittivity / self.mass * BOHR_RADIUS / NM

    @property
    def hartree_mev(self):
        """Effective Hartree in meV."""
        return self.mass / self.permittivity**2 * HARTREE / MEV

    def thermal_energy(self, kelvin):
        """k_B T in effective Hartrees.

        Parameters
        ----------
        kelvin : array_like
            Temperatures, >= 0.

        Raises
        ------
        ValueError
            If a temperature is negative or not finite.

        Examples
        --------
        >>> GAAS.thermal_energy([0.5, 1.0]).round(6)
        array([0.003933, 0.007866])
        """
        kelvin = non_negative_array("kelvin", kelvin)
        return BOLTZMANN * kelvin / MEV / self.hartree_mev


GAAS = EffectiveUnits(mass=0.067, permittivity=12.9)
"""GaAs with its static dielectric constant; the Bohr radius is the 10 nm that the paper quotes."""
