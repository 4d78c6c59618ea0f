r"""What quantised phonons change in the dephasing of a loop: the range of the classical field.

A crossed line joins two visits :math:`\Delta = 2t'` apart. With quantised phonons of frequency
:math:`\Omega` it carries, in units of the classical strength and with :math:`y = \hbar\Omega/k_BT`,

.. math:: \frac y2\left[ne^{i\Omega\Delta}+(n+1)e^{-i\Omega\Delta}\right]
          = f(y)\cos\Omega\Delta - i\frac y2\sin\Omega\Delta, \qquad
          f(y) = \frac y2\coth\frac y2 = 1+\frac{y^2}{12}-\dots

The first order in :math:`y` is odd in :math:`t'` and cancels between the two halves of the loop. The first
correction is of second order: it raises the rate of collisions and, more, the share of the energetic
phonons among them. At short times :math:`\Gamma\to\Gamma(1+y_0^2/16)` with :math:`y_0 = 2\hbar ks/k_BT`,
that is :math:`1+\frac12(Ms^2/k_BT)(\varepsilon/k_BT)`. Spontaneous emission alone, which a classical field
does not have, changes the classical diffusion coefficient in the same order, by :math:`Ms^2/k_BT`
(`boltzmann`).
"""

import numpy as np

from lowdim._checks import instance, integer_in, non_negative, non_negative_array, positive
from lowdim.exciton.material import ExcitonMaterial

__all__ = ["phonon_quantum", "quantised_exponent", "symmetrised_strength"]


def symmetrised_strength(quantum):
    r"""Strength :math:`(y/2)\coth(y/2)` of the symmetrised field over that of the classical one.

    Parameters
    ----------
    quantum : array_like
        :math:`y=\hbar\Omega/k_BT` >= 0.

    Examples
    --------
    >>> symmetrised_strength([0.0, 0.6, 20.0]).round(4)
    array([ 1.    ,  1.0298, 10.    ])
    """
    y = non_negative_array("quantum", quantum)
    safe = np.clip(y, 0.1, 700)
    series = 1 + y**2 / 12 * (1 - y**2 / 60 * (1 - y**2 / 42))
    return np.where(y < 0.1, series, np.where(y > 700, y / 2, safe / 2 / np.tanh(safe / 2)))


def phonon_quantum(material, temperature, energy=1.0):
    r"""Largest phonon quantum on the shell, :math:`y_0 = 2\hbar ks/k_BT`.

    Parameters
    ----------
    material : ExcitonMaterial
    temperature : float
        In K, > 0.
    energy : float
        Of the exciton in k_B T, > 0.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> round(phonon_quantum(MONOLAYER, 10.0), 3)
    0.666
    """
    instance("material", material, ExcitonMaterial)
    ratio = material.sound_temperature / positive("temperature", temperature)
    return float(np.sqrt(8 * ratio * positive("energy", energy)))


def quantised_exponent(half_duration, phase_rate, phonon_time, quantum, angles=400):
    r""":math:`\Gamma(t)` of `dephasing_exponent` with quantised phonons.

    Parameters
    ----------
    half_duration : array_like
        t >= 0.
    phase_rate : float
        :math:`2\gamma ks` in its inverse, >= 0.
    phonon_time : float
        Classical, quasi-elastic :math:`\tau` of the phonons, > 0.
    quantum : float
        :math:`y_0 = 2\hbar ks/k_BT` >= 0; zero is the classical field.
    angles : int
        Equally spaced scattering angles.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> short = [float(quantised_exponent(0.1, 1.0, 1.0, y)) for y in (0.0, 0.4)]
    >>> round(short[1] / short[0], 4), 1 + 0.4**2 / 16
    (1.01, 1.01)
    """
    t = non_negative_array("half_duration", half_duration)
    rate, tau = non_negative("phase_rate", phase_rate), positive("phonon_time", phonon_time)
    count = integer_in("angles", angles, 8)
    share = np.sin(np.pi * (np.arange(count) + 0.5) / (2 * count))  # sin(phi/2) over a quarter turn
    strength = symmetrised_strength(non_negative("quantum", quantum) * share)
    phase = rate * t[..., None] * share
    # 1 - sin(phase)/phase without loss of digits
    small = phase**2 / 6 * (1 - phase**2 / 20 * (1 - phase**2 / 42))
    lost = np.where(phase < 0.1, small, 1 - np.sinc(phase / np.pi))
    return 2 * t / tau * (strength * lost).mean(axis=-1)
