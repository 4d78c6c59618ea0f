r"""Weak localisation of excitons in a potential that moves: dephasing, return, and the correction to D.

A loop of duration 2t is passed from -t to t. The time-reversed passage meets the scatterer of time t' at
-t', that is 2t' apart, and a phonon of frequency :math:`\omega` turns the phase by :math:`2\omega t'`. With
:math:`\hbar\omega = s|p-p'|`, :math:`p = p' = \sqrt{2M\varepsilon} = \hbar k`, the angular average is a
Bessel function,

.. math:: \Phi(t') = 1 - \langle\cos(\gamma\omega t')\rangle = 1 - J_0(2\gamma kst')
          \approx \gamma^2\,\frac{2M\varepsilon s^2t'^2}{\hbar^2}, \qquad \gamma = 2 .

The `separation` :math:`\gamma` is an argument because the paper prints :math:`\gamma = 1/2`. The Cooperon
equation :math:`[\partial_t + Dq^2 + 1/\tau_r + \Phi(t)/\tau]C_q = \delta(t-t')` has the solution

.. math:: C_q(t,-t) = e^{-2Dq^2t - 2t/\tau_r - \Gamma(t)}, \qquad
          \Gamma(t) = \frac1\tau\int_{-t}^t\Phi\,dt' \approx \frac{2t^3}{\tau_\varphi^3}, \qquad
          \tau_\varphi^{-3} = \frac{2\gamma^2Ms^2\varepsilon}{3\hbar^2\tau},

and the correction is, with the loop duration T = 2t and a return kernel,

.. math:: \delta D = -\frac{\hbar}{2\pi M}\int_0^\infty\frac{d\varepsilon}{k_BT}\,e^{-\varepsilon/k_BT}
          \int_0^\infty\frac{dT}{T}\,e^{-T/\tau_r}\,R(T) .

Return kernels (:math:`\tau` is here the total momentum relaxation time, disorder included):

- sharp: :math:`R = e^{-\Gamma}` for :math:`t > \tau` times `cutoff`; the diffusion pole, cut by hand.
- backscattering: :math:`R = e^{-\Gamma} - e^{-T/\tau}`, flights between isotropic collisions without the
  diffusion approximation. In two dimensions the density of return after any number of collisions is exactly
  :math:`1/4\pi DT`; :math:`e^{-T/\tau}` takes away the loops with one collision, which are their own
  reversal.
- ballistic: the same less :math:`(1 - e^{-T/\tau})e^{-T/\tau-\Gamma}`, the loops that take excitons out of
  the other directions. Their integral without dephasing, ln 2, is exact; their spread over T is not, and
  with a lifetime as the only cut too much is taken away (6 per cent of the total at 9 tau).

The Cooperon equation leaves out the collision that closes a loop; `loops` has it.

Units: K, ps, cm^2/s. Sources: M. M. Glazov, Phys. Rev. Lett. 124, 166802 (2020), eqs. 6-9 and S9-S17;
A. A. Golubentsev, Sov. Phys. JETP 59, 26 (1984); A. P. Dmitriev, V. Yu. Kachorovskii and I. V. Gornyi,
Phys. Rev. B 56, 9910 (1997) for the loops of other directions.
"""

import numpy as np
from scipy.special import itj0y0, j0

from lowdim._checks import (
    array_of_shape,
    boolean,
    instance,
    non_negative_array,
    positive,
    positive_array,
    refuse,
)
from lowdim.constants import BOLTZMANN, HBAR, PS
from lowdim.exciton.material import ExcitonMaterial

__all__ = [
    "DERIVED", "KERNELS", "PRINTED", "dephasing_exponent", "dephasing_function", "dephasing_time",
    "logarithmic_correction", "phonon_phase_rate", "printed_dephasing_time", "quantum_correction",
    "return_integral",
]  # fmt: skip

DERIVED = 2.0
"""Scatterers are visited 2t' apart."""
PRINTED = 0.5
"""The factor in the printed cosine."""
KERNELS = ("sharp", "backscattering", "ballistic")

_SERIES = 0.5
# logarithms of energy/k_B T and of T/tau; the integrands vanish exponentially at both ends, and what is below
# exp(-_NEGLIGIBLE) is left out
_LOG_ENERGY = np.arange(-34.0, 4.01, 0.4)
_FIRST_LOG_TIME, _LOG_STEP = -34.0, 0.08
_NEGLIGIBLE = 40.0


def dephasing_function(phase):
    r""":math:`1 - J_0(2\gamma kst')` as a function of :math:`2\gamma kst'`, real numbers of any shape.

    Examples
    --------
    >>> float(dephasing_function(0.0))
    0.0
    """
    z = array_of_shape("phase", phase, None)
    # near zero the difference would lose digits
    return np.where(np.abs(z) < 0.05, z**2 / 4 * (1 - z**2 / 16 * (1 - z**2 / 36)), 1 - j0(z))


def _mean_dephasing(z):
    """Mean of 1 - J0 over (0, z), i.e. 1 - (1/z) int_0^z J0."""
    z = np.asarray(z, dtype=float)
    series = z**2 / 12 * (1 - z**2 * 3 / 80 * (1 - z**2 * 5 / 252 * (1 - z**2 * 7 / 576)))
    safe = np.maximum(z, _SERIES)
    return np.where(z < _SERIES, series, 1 - itj0y0(safe)[0] / safe)


def dephasing_exponent(half_duration, phase_rate, phonon_time, expanded=False):
    r""":math:`\Gamma(t)` of a loop passed from -t to t.

    Parameters
    ----------
    half_duration : array_like
        t >= 0, in any unit of time.
    phase_rate : array_like
        :math:`2\gamma ks` in its inverse, see `phonon_phase_rate`; broadcast.
    phonon_time : float
        :math:`\tau` of the phonons alone, > 0: static disorder does not dephase.
    expanded : bool
        Replace :math:`\Phi` by its :math:`t^2` term, as the paper does.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If a time is out of range.

    Examples
    --------
    >>> exact, cubic = (dephasing_exponent(0.1, 1.0, 1.0, expanded=e) for e in (False, True))
    >>> round(float(exact / cubic), 3)
    1.0
    """
    boolean("expanded", expanded)
    t = non_negative_array("half_duration", half_duration)
    phonon_time = positive("phonon_time", phonon_time)
    z = non_negative_array("phase_rate", phase_rate) * t
    return 2 * t / phonon_time * (z**2 / 12 if expanded else _mean_dephasing(z))


def phonon_phase_rate(material, temperature, energy=1.0, separation=DERIVED):
    r""":math:`2\gamma ks` in 1/ps for an exciton of `energy` (in units of k_B T).

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> round(float(phonon_phase_rate(MONOLAYER, 10.0)), 3)
    1.744
    """
    instance("material", material, ExcitonMaterial)
    kelvin = positive_array("temperature", temperature)
    energy = positive_array("energy", energy)
    thermal = np.sqrt(2 * material.sound_temperature * kelvin * energy) * BOLTZMANN / HBAR * PS
    return 2 * positive("separation", separation) * thermal


def dephasing_time(material, temperature, energy=1.0, separation=DERIVED):
    r""":math:`\tau_\varphi(\varepsilon)` in ps: :math:`\Gamma = 2t^3/\tau_\varphi^3` at short times.

    Parameters
    ----------
    material : ExcitonMaterial
    temperature : array_like
        In K, > 0.
    energy : array_like
        In units of k_B T, > 0; broadcast.
    separation : float
        :math:`\gamma`, > 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is not positive.

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> printed, derived = (float(dephasing_time(MONOLAYER, 10.0, separation=g)) for g in (PRINTED, DERIVED))
    >>> round((printed / derived) ** 3, 6)
    16.0
    """
    rate = phonon_phase_rate(material, temperature, energy, separation)
    return (12 * material.momentum_time(temperature) / rate**2) ** (1 / 3)


def printed_dephasing_time(material, temperature):
    r"""Eq. 9: :math:`(\hbar^2\tau_0/(k_BT)^2)^{1/3}` in ps.

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> round(float(printed_dephasing_time(MONOLAYER, 10.0)), 2)
    2.27
    """
    instance("material", material, ExcitonMaterial)
    thermal = HBAR / (BOLTZMANN * positive_array("temperature", temperature)) / PS
    return (thermal**2 * material.phonon_time) ** (1 / 3)


def logarithmic_correction(material, temperature, disorder_time=np.inf):
    r"""Eq. 9: :math:`-(\hbar/2\pi M)\ln(\tau_\varphi/\tau)` in cm^2/s, with the total :math:`\tau`.

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> round(float(logarithmic_correction(MONOLAYER, 100.0)), 3)
    -0.546
    """
    instance("material", material, ExcitonMaterial)
    ratio = printed_dephasing_time(material, temperature) / material.momentum_time(temperature, disorder_time)
    return -material.diffusion_quantum / (2 * np.pi) * np.log(ratio)


def _kernel(name, duration, exponent, cutoff):
    """R(T) with `duration` in units of the total momentum relaxation time; `exponent` broadcasts."""
    decay = np.exp(-exponent)
    if name == "sharp":
        return decay * (duration > 2 * cutoff)
    single = np.exp(-duration)
    # exp(-G) - exp(-T), without loss of digits at short times
    back = np.where(duration < 30, single * np.expm1(np.minimum(duration, 30) - exponent), decay - single)
    if name == "backscattering":
        return back
    return back + np.expm1(-duration) * single * decay


def _last_log_time(rate, phonon_ratio, lifetime):
    """Logarithm of the time beyond which a lifetime or the slowest dephasing leaves nothing."""
    # Gamma is at least half of its cubic form at small phases, and half of the time over tau at large ones
    cubic = (8 * 12 * _NEGLIGIBLE / (phonon_ratio * rate.min() ** 2)) ** (1 / 3)
    return np.log(min(max(cubic, 2 * _NEGLIGIBLE / phonon_ratio), _NEGLIGIBLE * lifetime))


def _log_times(kernel, cutoff, last):
    """Points in ln(T/tau) and their weights; the sharp kernel begins at its cut."""
    if kernel != "sharp":
        points = np.arange(_FIRST_LOG_TIME, last + _LOG_STEP, _LOG_STEP)
        return points, np.full(points.shape, _LOG_STEP)
    start = np.log(2 * cutoff)
    # quadratic map: the integrand starts at full height, so equal steps would cost accuracy there
    nodes, weights = np.polynomial.legendre.leggauss(400)
    span = max(last - start, 0.0)
    return start + span * ((nodes + 1) / 2) ** 2, weights * span * (nodes + 1) / 2


def return_integral(
    phase_rate, phonon_ratio=1.0, lifetime=np.inf, kernel="ballistic", cutoff=1.0, expanded=False
):
    r""":math:`\int (dT/T)\,e^{-T/\tau_r}R(T)` for excitons of one energy.

    All times are in units of the total momentum relaxation time.

    Parameters
    ----------
    phase_rate : array_like, shape (K,)
        :math:`2\gamma ks\tau`, > 0.
    phonon_ratio : float
        :math:`\tau/\tau_\mathrm{phonon}` in (0, 1]: the part of the collisions that dephase.
    lifetime : float
        :math:`\tau_r/\tau`, > 0, may be infinite.
    kernel : {"sharp", "backscattering", "ballistic"}
    cutoff : float
        For the sharp kernel: loops with t below `cutoff` are left out, > 0.
    expanded : bool
        Use the :math:`t^2` term of :math:`\Phi`.

    Returns
    -------
    ndarray, shape (K,)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    A lifetime instead of dephasing: the backscattering loops give ln(1 + tau_r/tau).

    >>> value = return_integral([1e-6], lifetime=10.0, kernel="backscattering")
    >>> bool(abs(value[0] - np.log(11)) < 1e-6)
    True
    """
    boolean("expanded", expanded)
    rate = array_of_shape("phase_rate", np.atleast_1d(positive_array("phase_rate", phase_rate)), (None,))
    if not rate.size:
        refuse("phase_rate", "at least one number", rate)
    phonon_ratio = positive("phonon_ratio", phonon_ratio)
    if phonon_ratio > 1:
        refuse("phonon_ratio", "a number in (0, 1]", phonon_ratio)
    lifetime = _lifetime(lifetime)
    if kernel not in KERNELS:
        refuse("kernel", f"one of {', '.join(KERNELS)}", kernel)
    cutoff = positive("cutoff", cutoff)
    log_time, weight = _log_times(kernel, cutoff, _last_log_time(rate, phonon_ratio, lifetime))
    duration = np.exp(log_time)
    exponent = dephasing_exponent(duration / 2, rate[:, None], 1 / phonon_ratio, expanded)
    returns = _kernel(kernel, duration, exponent, cutoff) * np.exp(-duration / lifetime)
    return returns @ weight


def _lifetime(value, name="lifetime"):
    """A number > 0, which may be infinite."""
    return value if isinstance(value, float) and value == np.inf else positive(name, value)


def quantum_correction(
    material, temperature, disorder_time=np.inf, lifetime=np.inf, separation=DERIVED, kernel="ballistic",
    cutoff=1.0, expanded=False,
):  # fmt: skip
    r"""The full double integral for :math:`\delta D` in cm^2/s.

    Parameters
    ----------
    material : ExcitonMaterial
    temperature : array_like, shape (K,)
        In K, > 0.
    disorder_time, lifetime : float
        In ps, > 0; infinite by default.
    separation, kernel, cutoff, expanded
        As in `dephasing_time` and `return_integral`.

    Returns
    -------
    ndarray, shape (K,)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.exciton.material import MONOLAYER
    >>> bool(quantum_correction(MONOLAYER, [100.0])[0] < 0)
    True
    """
    instance("material", material, ExcitonMaterial)
    boolean("expanded", expanded)
    kelvin = array_of_shape("temperature", np.atleast_1d(positive_array("temperature", temperature)), (None,))
    lifetime, disorder_time = _lifetime(lifetime), _lifetime(disorder_time, "disorder_time")
    energy = np.exp(_LOG_ENERGY)
    weight = (_LOG_ENERGY[1] - _LOG_ENERGY[0]) * energy * np.exp(-energy)
    correction = np.empty(kelvin.shape)
    for i, t in enumerate(kelvin):
        total = float(material.momentum_time(t, disorder_time))
        rate = phonon_phase_rate(material, t, energy, separation) * total
        ratio = min(total / float(material.momentum_time(t)), 1.0)
        loops = return_integral(rate, ratio, lifetime / total, kernel, cutoff, expanded)
        correction[i] = -material.diffusion_quantum / (2 * np.pi) * (weight @ loops)
    return correction
