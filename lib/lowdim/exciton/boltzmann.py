r"""Diffusion limited by acoustic phonons without the quasi-elastic approximation.

The linearised Boltzmann equation of non-degenerate excitons that emit and absorb phonons of energy
:math:`\hbar sq` with Bose occupation,

.. math:: \sum_{k'} W_{kk'}(\chi_k - \chi_{k'}) = v_x(k), \qquad D = \langle v_x\chi\rangle .

In units of :math:`\sqrt{2Mk_BT}/\hbar` for wave vectors (:math:`\kappa`) and :math:`k_BT\tau/M` for D it
depends on :math:`a = Ms^2/k_BT` alone. A phonon whose wave vector makes the angle :math:`\vartheta` with k
must have :math:`q = \pm r - 2\kappa\cos\vartheta > 0`, with :math:`r = \sqrt{2a}` and the upper sign for
absorption. Emission is absorption of :math:`-q` at :math:`\vartheta+\pi`, because :math:`y(n+1) = f(-y)`
for :math:`f(y) = yn(y) = y/(e^y-1)`: with :math:`Q = r - 2\kappa\cos\vartheta` of either sign all processes
are one integral over the full circle,

.. math:: \frac1\tau \int\frac{d\vartheta}{2\pi} f(rQ), \qquad
          \kappa \to \kappa + Q\cos\vartheta \ (\text{along } k), \qquad \kappa^2 \to \kappa^2 + rQ .

The integrand is periodic and smooth, so equally spaced angles converge exponentially. With
:math:`\chi = \kappa\,g(\kappa^2)` cos(angle of k) and polynomials in g the equation becomes a small linear
system; the variational principle makes D converge from below.

Energy relaxation near equilibrium follows from the same rates: in the limit :math:`a\to0` the mean energy
relaxes as :math:`\exp(-2t/\tau_0)`, i.e. :math:`\tau_\varepsilon=\tau_0/2`.

Source: golden rule with eqs. S3 and S5 of M. M. Glazov, Phys. Rev. Lett. 124, 166802 (2020), n_q not
expanded; variational principle: J. M. Ziman, Electrons and Phonons (Oxford, 1960), chapter 7.
"""

import numpy as np
from numpy.polynomial import laguerre, legendre
from scipy.special import gammainccinv

from lowdim._checks import array_of_shape, integer_in, non_negative, positive, positive_array, real_in
from lowdim.exciton._settled import doublings, settled

__all__ = ["diffusion_ratio", "energy_relaxation_rate", "scattering_rate"]

_FEWEST_POINTS, _MOST_ANGLES, _MOST_PAIRS = 16, 4096, 512
# polynomials: the first number tried, the highest; points for each; points at least
_FEW, _MOST, _PER_POLYNOMIAL, _FEWEST_MOMENTA = 4, 64, 6, 48


def _processes(momentum, a, n_angles):
    """Cosines (P,), signed wave vectors Q (K, P) and weights (K, P) of all processes from `momentum` (K,)."""
    cosine = np.cos(2 * np.pi * (np.arange(n_angles) + 0.5) / n_angles)
    wave = np.sqrt(2 * a) - 2 * momentum[:, None] * cosine
    return cosine, wave, _energy_times_occupation(np.sqrt(2 * a) * wave) / n_angles


def _energy_times_occupation(energy):
    """y/(exp(y) - 1) for either sign of y, which is 1 at y = 0."""
    safe = np.where(np.abs(energy) > 1e-8, np.abs(energy), 1.0)
    absorbed = safe * np.exp(-safe) / -np.expm1(-safe)
    return np.where(np.abs(energy) > 1e-8, absorbed + np.maximum(-energy, 0.0), 1 - energy / 2)


def _converged(name, tolerance, points, most, value):
    """value(n) for n doubled from `points` on until it changes by less than `tolerance`, relative."""
    return settled(
        map(value, doublings(points, most)),
        lambda before, now: np.all(np.abs(now - before) <= tolerance * np.abs(now)),
        f"{name}: not settled to {tolerance:.1e} with {most} points",
    )


def scattering_rate(energy, a, tolerance=1e-10):
    r"""Rate at which an exciton leaves its state, in units of the quasi-elastic :math:`1/\tau`.

    Parameters
    ----------
    energy : array_like, shape (K,)
        Kinetic energy in units of k_B T, > 0.
    a : float
        :math:`Ms^2/k_BT` in (0, 300].
    tolerance : float
        Relative; the equally spaced angles are doubled until the rate changes by less.

    Returns
    -------
    ndarray, shape (K,)

    Raises
    ------
    NotConverged
        If 4096 angles do not suffice, as for energies of many thousand k_B T.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> scattering_rate([1.0], a=1e-6).round(4)
    array([1.])
    """
    energy = array_of_shape("energy", np.atleast_1d(positive_array("energy", energy)), (None,))
    momentum = np.sqrt(energy)
    a, tolerance = real_in("a", positive("a", a), 0, 300), positive("tolerance", tolerance)

    def rate(points):
        return _processes(momentum, a, points)[2].sum(axis=1)

    return _converged("scattering rate", tolerance, _FEWEST_POINTS, _MOST_ANGLES, rate)


def diffusion_ratio(a, disorder=0.0, order=None, tolerance=1e-4):
    r"""Classical diffusion coefficient over :math:`s^2\tau_0`, its quasi-elastic value without disorder.

    Momenta, angles and, if no order is given, polynomials are doubled until D changes by less than the
    tolerance. The momenta reach to where less than the tolerance of the highest moment of the gas is left.

    Parameters
    ----------
    a : float
        :math:`Ms^2/k_BT` in (0, 300].
    disorder : float
        Rate of isotropic elastic collisions in units of the phonons' quasi-elastic :math:`1/\tau`, >= 0.
    order : int, optional
        Number of polynomials in the trial function, 1..64; D grows with it towards the exact value.
    tolerance : float
        Relative, in (0, 0.1].

    Returns
    -------
    float

    Raises
    ------
    NotConverged
        If 64 polynomials, or 384 momenta and angles, do not suffice. Without disorder they do up to a = 5.8
        for the default tolerance: at low temperature nearly all excitons are slower than sound, and the few
        that scatter decide.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(diffusion_ratio(1e-5), 3)
    1.0
    """
    a, disorder = real_in("a", positive("a", a), 0, 300), non_negative("disorder", disorder)
    tolerance = real_in("tolerance", positive("tolerance", tolerance), 0, 0.1)
    if order is not None:
        order = integer_in("order", order, 1, _MOST)

    def trial(points):
        return _variational(a, disorder, order or points // _PER_POLYNOMIAL, points, tolerance)

    points = _PER_POLYNOMIAL * _FEW if order is None else _FEWEST_MOMENTA
    return float(_converged(f"D at a = {a:g}", tolerance, points, _PER_POLYNOMIAL * _MOST, trial))


def _variational(a, disorder, order, points, tolerance):
    """D of a trial function of `order` polynomials, with as many momenta as angles."""
    momentum, weight = _thermal_momenta(points, order, tolerance)
    cosine, wave, rate = _processes(momentum, a, points)
    before = _polynomials(momentum**2, order) * momentum[:, None]
    # component of the final wave vector along the initial one
    along = momentum[:, None] + wave * cosine
    after = _polynomials(momentum[:, None] ** 2 + np.sqrt(2 * a) * wave, order) * along[..., None]
    leave = rate.sum(axis=1) + disorder
    scattered = leave[:, None] * before - np.einsum("kp,kpn->kn", rate, after)
    matrix = np.einsum("k,km,kn->mn", weight, before, scattered)
    drive = np.einsum("k,k,km->m", weight, momentum, before)
    # detailed balance makes the exact matrix symmetric
    return drive @ np.linalg.solve((matrix + matrix.T) / 2, drive)


def _thermal_momenta(count, order, tolerance):
    """Gauss points in kappa and weights of the average over exp(-kappa^2) d(kappa^2)."""
    # two trial functions and two velocities, damped: less than the power 2 order of the energy
    top = np.sqrt(gammainccinv(2 * order + 1, tolerance / 100))
    nodes, weights = legendre.leggauss(count)
    momentum = top * (nodes + 1) / 2
    return momentum, weights * top / 2 * 2 * momentum * np.exp(-(momentum**2))


def _polynomials(energy, order):
    """Laguerre polynomials of the energy, damped to order one at high energy; shape (..., order)."""
    return laguerre.lagvander(energy, order - 1) / (1 + np.asarray(energy))[..., None] ** 2


def energy_relaxation_rate(a, excess=1e-3, tolerance=1e-8):
    r"""Rate at which the mean energy of a hotter exciton gas relaxes, in units of :math:`1/\tau_0`.

    The gas has the temperature :math:`T(1+\mathrm{excess})`; the rate is that of
    :math:`\langle\varepsilon\rangle - k_BT`.

    Parameters
    ----------
    a : float
        :math:`Ms^2/k_BT` in (0, 50].
    excess : float
        Relative excess temperature, > 0.
    tolerance : float
        Relative. The momenta reach to where far less of the gas is left; momenta and angles are doubled until
        the rate changes by less.

    Returns
    -------
    float

    Raises
    ------
    NotConverged
        If 512 momenta and angles do not suffice, or rounding is larger than the tolerance.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(energy_relaxation_rate(1e-3), 2)
    2.0
    """
    a, excess = real_in("a", positive("a", a), 0, 50), positive("excess", excess)
    tolerance = positive("tolerance", tolerance)
    # beyond is exp(-reach) of the gas times a power of its energy; cold gases relax by their few excitons
    # above half of the speed of sound, sqrt(2a)/2 in these units
    reach = np.log(100 / min(tolerance, 1.0)) + 10
    top = np.sqrt((1 + excess) * reach) + np.sqrt(2 * a)

    def rate(points):
        nodes, weights = legendre.leggauss(points)
        momentum = top * (nodes + 1) / 2
        _, wave, rates = _processes(momentum, a, points)
        power = np.sum(weights * top * momentum * _hotter(momentum, excess) * (rates * wave).sum(axis=1))
        # in units of k_B T/tau, and tau_0 = tau/a
        return -power * np.sqrt(2 * a) / excess / a

    return float(_converged("energy relaxation", tolerance, 2 * _FEWEST_POINTS, _MOST_PAIRS, rate))


def _hotter(momentum, excess):
    """What the distribution at 1 + excess has more than that at 1, without loss of digits."""
    hot = np.exp(-(momentum**2) / (1 + excess)) / (1 + excess)
    z = momentum**2 * excess / (1 + excess)
    return hot * (-np.expm1(-z) - excess * np.exp(-z))
