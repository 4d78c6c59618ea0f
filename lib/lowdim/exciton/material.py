r"""Excitons of one mass and longitudinal acoustic phonons of one branch: the scales of the problem.

With mass M, sound velocity s, mass density :math:`\rho` per area and deformation potentials
:math:`\Xi_c, \Xi_v` the golden rule gives, for :math:`k_BT\gg Ms^2`,

.. math:: \frac1{\tau_0} = \frac{M^2(\Xi_c-\Xi_v)^2}{\rho\hbar^3}, \qquad
          \tau = \frac{Ms^2}{k_BT}\,\tau_0, \qquad D = \frac{k_BT\tau}{M} = s^2\tau_0 .

Static disorder adds its rate, :math:`1/\tau_\mathrm{tot} = 1/\tau + 1/\tau_\mathrm{dis}`. The two pure
numbers that govern everything are :math:`x = k_BT\tau/\hbar = Ms^2\tau_0/\hbar` and :math:`a = Ms^2/k_BT`.

Units: K, ps, cm^2/s, ueV/K. Source: M. M. Glazov, Phys. Rev. Lett. 124, 166802 (2020), eqs. 3-5 and captions.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import positive, positive_array, refuse
from lowdim.constants import BOLTZMANN, ELECTRON_MASS, ELEMENTARY_CHARGE, HBAR, PS

__all__ = ["BILAYER", "MONOLAYER", "ExcitonMaterial", "matthiessen", "thermal_time"]

CM2_PER_S = 1e-4


def thermal_time(temperature):
    r""":math:`\hbar/k_BT` in ps at `temperature` in K, an array of any shape.

    Examples
    --------
    >>> round(float(thermal_time(100.0)), 4)
    0.0764
    """
    return HBAR / (BOLTZMANN * positive_array("temperature", temperature)) / PS


def matthiessen(*times):
    r"""Time whose rate is the sum of the rates, :math:`(\sum_i 1/\tau_i)^{-1}`; infinite times are allowed.

    Examples
    --------
    >>> float(matthiessen(1.0, 1.0, float("inf")))
    0.5
    """
    rate = 0.0
    for time in times:
        try:
            endless = np.isposinf(time)
        except (TypeError, ValueError):
            refuse("times", "numbers > 0", time)
        values = positive_array("times", np.where(endless, 1.0, time))
        rate = rate + np.where(endless, 0.0, 1 / values)
    return 1 / rate


@dataclass(frozen=True)
class ExcitonMaterial:
    r"""What the theory needs to know of a two-dimensional semiconductor.

    Parameters
    ----------
    mass : float
        Translational mass of the exciton in free electron masses, > 0.
    sound_velocity : float
        In m/s, > 0.
    mass_density : float
        Of the layer, in kg/m^2, > 0.
    deformation_potential : float
        :math:`|\Xi_c-\Xi_v|` in eV, > 0.

    Raises
    ------
    ValueError
        If an argument is not a finite number > 0.

    Examples
    --------
    >>> round(MONOLAYER.phonon_time, 2), round(MONOLAYER.classical_diffusion, 2)
    (20.05, 3.37)
    """

    mass: float
    sound_velocity: float
    mass_density: float
    deformation_potential: float

    def __post_init__(self):
        for name in ("mass", "sound_velocity", "mass_density", "deformation_potential"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))

    @property
    def phonon_time(self):
        r""":math:`\tau_0` in ps."""
        mass, potential = self.mass * ELECTRON_MASS, self.deformation_potential * ELEMENTARY_CHARGE
        return self.mass_density * HBAR**3 / (mass * potential) ** 2 / PS

    @property
    def sound_temperature(self):
        """:math:`Ms^2/k_B` in K."""
        return self.mass * ELECTRON_MASS * self.sound_velocity**2 / BOLTZMANN

    @property
    def quasi_classical_number(self):
        r""":math:`x = k_BT\tau/\hbar = Ms^2\tau_0/\hbar` of scattering by phonons alone."""
        return self.sound_temperature * BOLTZMANN * self.phonon_time * PS / HBAR

    @property
    def diffusion_quantum(self):
        r""":math:`\hbar/M` in cm^2/s."""
        return HBAR / (self.mass * ELECTRON_MASS) / CM2_PER_S

    @property
    def classical_diffusion(self):
        r""":math:`s^2\tau_0` in cm^2/s."""
        return self.sound_velocity**2 * self.phonon_time * PS / CM2_PER_S

    @property
    def linewidth_slope(self):
        r""":math:`\hbar/\tau T` in ueV/K: full width of the exciton line per kelvin."""
        return BOLTZMANN / ELEMENTARY_CHARGE / self.quasi_classical_number * 1e6

    def momentum_time(self, temperature, disorder_time=np.inf):
        """Momentum relaxation time in ps.

        Parameters
        ----------
        temperature : array_like
            In K, > 0.
        disorder_time : float, optional
            Scattering time off static disorder in ps, > 0; none by default.

        Returns
        -------
        ndarray
            Of the shape of `temperature`.

        Raises
        ------
        ValueError
            If an argument is not positive.

        Examples
        --------
        >>> round(float(MONOLAYER.momentum_time(10.0)), 3)
        1.112
        """
        kelvin = positive_array("temperature", temperature)
        if not (isinstance(disorder_time, float) and disorder_time == np.inf):
            disorder_time = positive("disorder_time", disorder_time)
        return matthiessen(self.sound_temperature / kelvin * self.phonon_time, disorder_time)

    def diffusion(self, temperature, disorder_time=np.inf):
        r"""Quasi-classical :math:`k_BT\tau_\mathrm{tot}/M` in cm^2/s; arguments as in `momentum_time`.

        Examples
        --------
        >>> round(float(MONOLAYER.diffusion(10.0)), 2), round(MONOLAYER.classical_diffusion, 2)
        (3.37, 3.37)
        """
        ratio = self.momentum_time(temperature, disorder_time) / thermal_time(temperature)
        return self.diffusion_quantum * ratio


MONOLAYER = ExcitonMaterial(mass=0.5, sound_velocity=4.1e3, mass_density=4.46e-6, deformation_potential=7.0)
"""Caption of Fig. 2 (4.46e-7 g/cm^2, 4.1e5 cm/s, 7 eV), as for monolayer MoS2 and its relatives."""

BILAYER = ExcitonMaterial(mass=1.0, sound_velocity=4.1e3, mass_density=8.92e-6, deformation_potential=7.0)
"""Numbers of an exercise rather than of the paper; two layers (twice the density) and a heavier exciton."""
