r"""When is a crystal of d dimensions localised? Lindemann's criterion with the exact zone average.

Energies are in :math:`E_K = \hbar^2/2ma^2` (eq. 50), lengths in nearest-neighbour distances a. The lattice is
hypercubic with one atom per site; its phonons (eq. 43 with the pinning that an optical lattice adds),

.. math:: \omega_k^2 = \omega^2 + \frac{4T_D^2}{(k_Da)^2}\sum_\gamma\sin^2\frac{k_\gamma a}{2},

have the sound velocity :math:`T_D/k_D` at :math:`\omega = 0`. The mean-square displacement is

.. math:: \frac{r_0^2}{a^2} = d\,E_K\,\Bigl\langle\frac{1}{\omega_k}\coth\frac{\omega_k}{2T}\Bigr\rangle ,

and the crystal counts as localised where :math:`r_0/a < c`. The Debye sphere replaces the average by
:math:`(d/T_D)\int_0^1x^{d-2}\coth(T_Dx/2T)\,dx`, whence the thresholds
:math:`T_D/E_K = d^2/[(d-1)c^2]` at T = 0 and :math:`2d^2T/[(d-2)c^2T_D]` at high T.

Source: eqs. 47-55 and the classification after them in V. I. Yukalov, arXiv:2008.00980 (2020).
"""

import numpy as np
from scipy import optimize

from lowdim._checks import boolean, integer_in, non_negative, positive, refuse
from lowdim.lattice.errors import Divergent
from lowdim.lattice.phonons import debye_average, debye_wave_vector, phonon_average

__all__ = [
    "STATES",
    "classify",
    "critical_pinning",
    "debye_ratio",
    "lindemann_ratio",
    "recoil_ratio",
    "threshold",
]

STATES = ("conducting lattice", "insulating lattice", "delocalised crystal", "localised crystal")


def lindemann_ratio(dimension, debye_temperature, temperature=0.0, pinning=0.0):
    r"""Exact :math:`r_0/a`.

    Parameters
    ----------
    dimension : int
        1, 2 or 3.
    debye_temperature, temperature, pinning : float
        :math:`T_D`, T and :math:`\omega` in units of :math:`E_K`, all >= 0.

    Returns
    -------
    float

    Raises
    ------
    Divergent
        Without pinning, in one dimension, and in two at T > 0.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(lindemann_ratio(3, 18.0), 4)  # the paper's threshold; its criterion asks for 0.5
    0.5439
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    debye_temperature = non_negative("debye_temperature", debye_temperature)
    coupling = (debye_temperature / debye_wave_vector(dimension)) ** 2
    return float(np.sqrt(dimension * phonon_average([coupling] * dimension, temperature, pinning)))


def debye_ratio(dimension, debye_temperature, temperature=0.0):
    """The Debye approximation to `lindemann_ratio`, without pinning; same arguments and errors.

    Examples
    --------
    >>> round(debye_ratio(3, 18.0), 12), round(debye_ratio(2, 16.0), 12)
    (0.5, 0.5)
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    return float(np.sqrt(dimension * debye_average(dimension, debye_temperature, temperature)))


def threshold(dimension, ratio=0.5, relative_temperature=0.0, exact=True):
    r"""Smallest :math:`T_D/E_K` of a localised crystal without pinning.

    Parameters
    ----------
    dimension : int
        1, 2 or 3.
    ratio : float
        Lindemann's c, > 0; 1/2 in the paper.
    relative_temperature : float
        :math:`T/T_D`, >= 0.
    exact : bool
        Average over the zone, or over the Debye sphere.

    Raises
    ------
    Divergent
        In one dimension, and in two at T > 0: no :math:`T_D` is large enough.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> [round(threshold(d, exact=exact), 2) for d in (2, 3) for exact in (False, True)]
    [16.0, 18.23, 18.0, 21.3]
    """
    boolean("exact", exact)
    dimension = integer_in("dimension", dimension, 1, 3)
    ratio = positive("ratio", ratio)
    relative_temperature = non_negative("relative_temperature", relative_temperature)
    # r0^2 is proportional to E_K/T_D at fixed T/T_D
    of_one = (lindemann_ratio if exact else debye_ratio)(dimension, 1.0, relative_temperature)
    return of_one**2 / ratio**2


def critical_pinning(dimension, debye_temperature, temperature=0.0, ratio=0.5):
    r"""Pinning :math:`\omega/E_K` at which :math:`r_0/a` passes `ratio`; 0 if no pinning is needed.

    Raises
    ------
    Divergent
        If some is needed but less than a floating-point number can hold, the displacement growing only with
        its logarithm.
    ValueError
        If an argument is out of range.

    Examples
    --------
    Without interaction the sites are independent and :math:`r_0^2/a^2 = dE_K/\omega`:

    >>> round(critical_pinning(3, 0.0), 8)
    12.0
    """
    ratio = positive("ratio", ratio)

    def excess(log_pinning):
        return np.log(lindemann_ratio(dimension, debye_temperature, temperature, np.exp(log_pinning)) / ratio)

    try:
        if lindemann_ratio(dimension, debye_temperature, temperature) <= ratio:
            return 0.0
    except Divergent:
        pass
    # independent sites need the most; equipartition bounds them from above
    high = np.log(2 * dimension / ratio**2 + 2 * np.sqrt(dimension * temperature) / ratio)
    low = high - 1
    while excess(low) < 0:
        low -= 2 * (high - low)
        if low < -600:
            raise Divergent("pinning: below any number; the displacement only grows with the logarithm of it")
    return float(np.exp(optimize.brentq(excess, low, high, xtol=1e-13)))


def classify(dimension, debye_temperature, pinning, temperature=0.0, ratio=0.5):
    """State of the system by the exact criterion, one of `STATES`.

    Localised is `lindemann_ratio` < ratio; a crystal rather than a lattice is a Debye temperature above the
    pinning, the rule of the paper.

    Examples
    --------
    >>> classify(3, 1e3, 0.1), classify(3, 1e-3, 1e3)
    ('localised crystal', 'insulating lattice')
    """
    debye_temperature = non_negative("debye_temperature", debye_temperature)
    pinning, ratio = non_negative("pinning", pinning), positive("ratio", ratio)
    if debye_temperature == pinning == 0:
        refuse("pinning", "a number > 0 where the Debye temperature is 0", pinning)
    try:
        localised = lindemann_ratio(dimension, debye_temperature, temperature, pinning) < ratio
    except Divergent:
        localised = False
    return STATES[2 * (debye_temperature > pinning) + localised]


def recoil_ratio():
    r"""Recoil energy over :math:`E_K` for a lattice of spacing a: :math:`k_0 = \pi/a`, so :math:`\pi^2`.

    Examples
    --------
    >>> round(recoil_ratio(), 4)
    9.8696
    """
    return float(np.pi**2)
