r"""Ladder and crossed sums in time for plane waves: what `backscatter` should find.

Collision j happens at :math:`t_j` on one branch and :math:`t_j'` on the other, and brings the correlator of
the field (glazov2020, S9), :math:`\frac1\tau\cos\omega_j(t_j-t_j')` with :math:`\omega_j =
2ks|\sin(\phi_j/2)|`. The sum over the energy of each flight makes the flights of both branches equally
long. So :math:`t_j-t_j' = \Delta` for all collisions of a ladder, and :math:`t_j+t_j' = T+\Delta` for those
of a crossed diagram, where the other branch meets them in reverse order. The external legs have the energy
of the plane waves, their phases cancel, and what they leave is that all times lie in :math:`(0,T)`: an
interval of length :math:`T' = T-|\Delta|` for both kinds. The Fourier components
of the cosine in the angle are Bessel functions,

.. math:: L_\theta(T) = 2e^{-T/\tau}\int_0^T dT'\sum_m
          e^{im\theta}\left[e^{T'J_{2m}(2ks(T-T'))/\tau} - 1\right],

.. math:: C(T) = 2e^{-T/\tau}\int_0^T dT'\sum_m(-1)^m
          h\left(\frac1\tau\int_{-T'/2}^{T'/2}J_{2m}(2\gamma kst)\,dt\right), \qquad h(x) = e^x-1-x,

in the same unit: :math:`h` lacks the single collision, which is its own reverse. For :math:`m=0` the
exponent of C is :math:`T'/\tau - \Gamma(T')`, the :math:`\Gamma` of `cooperon`. A crossed line joins two
visits :math:`2t` apart, :math:`\gamma=2`.

To this order contrast(T) = [C(T) + L_pi(T)]/L_others(T) - 1. In the frozen potential it is one less the
share of single collisions, :math:`x^2/2(e^x-1-x)` with :math:`x=T/\tau`.

**Single collisions** by :math:`-2k` are weakened by a second scatterer that is met before and after. The
intermediate momenta k' and k'-2k are both near the shell where the circles around 0 and 2k touch, so that
this correction is of the order :math:`(kl)^{-1/2}` and not :math:`1/kl` as all others. Both flights last the
same time u, and the momentum across them gives :math:`\sqrt{\pi M/iu}`; the interference with the bare
collision at t is

.. math:: W(T) = -\frac{e^{-T/\tau}}{\sqrt{2\pi kl\,\tau^3}}\int_0^{T/2}\frac{du}{\sqrt u}
          \int_u^{T-u}\!dt_2\int_0^T\!dt\,\cos2ks(t-t_2),

in the frozen potential :math:`-\frac{2}{3\sqrt\pi}\sqrt{x/kl}` of the single collisions. Then

    contrast(T) = [C(T) + L_pi(T) + W(T)]/L_others(T) - 1.

What is left out is of the order :math:`1/kl = \hbar/2\varepsilon\tau` and :math:`s/v`. Units of
`backscatter`: :math:`k=\sqrt2`.
"""

from functools import lru_cache

import numpy as np
from scipy.special import jv

from lowdim._checks import array_of_shape, boolean, integer_in, non_negative, positive, positive_array, refuse
from lowdim.exciton.cooperon import DERIVED

__all__ = ["expected_contrast", "single_share", "single_weakening"]

_K = np.sqrt(2.0)
_gauss = lru_cache(maxsize=64)(np.polynomial.legendre.leggauss)
MOST_TURNS = 1000


def single_share(depth):
    """Share of waves on the shell that collided once, x^2/2(e^x - 1 - x), of depth x = T/tau.

    Examples
    --------
    >>> single_share([1e-6, 8.0]).round(4)
    array([1.    , 0.0108])
    """
    x = positive_array("depth", depth)
    series = 1 / (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6))))
    safe = np.clip(x, 0.1, 700)
    return np.where(x < 0.1, series, safe**2 / 2 / (np.expm1(safe) - safe))


def single_weakening(depth, relaxation):
    r"""Relative change of the single collisions by -2k, :math:`-\frac{2}{3\sqrt\pi}\sqrt{x/kl}` (frozen).

    Parameters
    ----------
    depth : array_like
        x = T/tau > 0.
    relaxation : float
        energy tau/hbar = kl/2 > 0.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If an argument is not positive.

    Examples
    --------
    >>> round(float(single_weakening(2.0, 6.0)), 4)
    -0.1536
    """
    depth, relaxation = positive_array("depth", depth), positive("relaxation", relaxation)
    return -2 / (3 * np.sqrt(np.pi)) * np.sqrt(depth / (2 * relaxation))


def _weakened(duration, relaxation, rate, nodes):
    """W(T) in the unit of `_sums`; u = v^2 takes away the root."""
    x, weight = _gauss(nodes)
    top = np.sqrt(duration / 2)
    u, weight = (top * (x + 1) / 2) ** 2, weight * top
    if rate * duration < 1e-4:
        inner = duration * (duration - 2 * u)
    else:  # 2 [cos(rate u) - cos(rate (T - u))]/rate^2
        inner = 4 * np.sin(rate * duration / 2) * np.sin(rate * (duration / 2 - u)) / rate**2
    return -(weight @ inner) / (4 * np.sqrt(np.pi) * relaxation**2)


def _bessel_integrals(orders, u):
    """Integrals of J_n from 0 to u for even orders n; shape (orders, u)."""
    odd = np.arange(1, orders[-1] + 2 * int(u.max()) + 40, 2)
    values = jv(odd[:, None], u)
    tails = 2 * np.cumsum(values[::-1], axis=0)[::-1]  # 2 (J_n+1 + J_n+3 + ...)
    return tails[np.asarray(orders) // 2]


def _sums(duration, relaxation, rate, separation, angles, often, nodes):
    """Crossed sum, ladder to -k and mean ladder to the other directions, in a common unit."""
    x, weight = _gauss(nodes)
    inside, weight = duration * (x + 1) / 2, weight * duration / 2
    highest = int(np.ceil(max(separation / 2, 1) * rate * duration)) + 12
    harmonics = np.arange(highest)
    share = np.where(harmonics == 0, 1.0, 2.0)  # m and -m
    if rate == 0:
        visits = np.where(harmonics[:, None] == 0, inside / relaxation, 0.0)
    else:
        half_turn = separation * rate * inside / 2
        visits = 2 / (relaxation * separation * rate) * _bessel_integrals(2 * harmonics, half_turn)
    crossed = (np.expm1(visits) - visits) @ weight
    ladder = np.expm1(inside / relaxation * jv(2 * harmonics[:, None], rate * (duration - inside))) @ weight
    other = share * np.cos(harmonics * angles[:, None]) if len(angles) else (harmonics == 0)[None]
    turned = share * (-1.0) ** harmonics
    mean = np.average(other @ ladder, weights=often if len(often) else None)
    return turned @ crossed, turned @ ladder, float(mean)


def expected_contrast(time, relaxation, sound, separation=DERIVED, *, angles=(), nodes=64, vertex=True):
    """Contrast of coherent backscattering to the order (kl)^(-1/2).

    Parameters
    ----------
    time : array, shape (n,)
        Times > 0 in hbar/energy, at most 40 relaxation times.
    relaxation, sound : float
        energy tau/hbar > 0, and s/sqrt(energy/M) >= 0.
    separation : float
        Time between the two visits to a scatterer, in units of its distance t' from the middle of the path:
        2 as derived, 1/2 as printed.
    angles : array, optional
        Angles of the other directions to k; all directions if not given.
    nodes : int
        Points of the integral over the length of the interval; more are taken where the field turns faster.
    vertex : bool
        Whether single collisions are weakened by scatterers met before and after; the order one without.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> frozen = expected_contrast([12.0, 48.0], 6.0, 0.0, vertex=False)
    >>> bool(np.allclose(frozen, 1 - single_share([2.0, 8.0])))
    True
    >>> [round(float(expected_contrast([48.0], 6.0, 0.0141, g)[0]), 2) for g in (2.0, 1.0, 0.5)]
    [0.26, 0.73, 1.0]
    """
    time = array_of_shape("time", np.atleast_1d(positive_array("time", time)), (None,))
    relaxation = positive("relaxation", relaxation)
    rate = 2 * _K * non_negative("sound", sound)
    separation, nodes = positive("separation", separation), integer_in("nodes", nodes, 8)
    boolean("vertex", vertex)
    # the directions of a lattice come with few different angles
    angles, often = np.unique(np.round(array_of_shape("angles", angles, (None,)), 12), return_counts=True)
    if np.any(time > 40 * relaxation):
        refuse("time", "at most 40 relaxation times", float(time.max()))
    turns = rate * max(separation / 2, 1.0) * time.max(initial=0)
    if turns > MOST_TURNS:
        refuse("sound", f"2 k s T max(separation/2, 1) at most {MOST_TURNS} at the longest time", sound)
    nodes = max(nodes, int(3 * turns))
    sums = [_sums(t, relaxation, rate, separation, angles, often, nodes) for t in time]
    crossed, back, other = np.reshape(sums, (-1, 3)).T
    if vertex:
        back = back + [_weakened(t, relaxation, rate, nodes) for t in time]
    return (crossed + back) / other - 1
