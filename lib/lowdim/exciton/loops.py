r"""Closed loops followed one by one: a check on the Cooperon that uses neither its equation nor its kernel.

**A field of moving waves.** A particle runs round a closed path r(t'), t' in (-t, t), at constant speed v
through

.. math:: U(r,t') = U_0\sqrt{2/N}\sum_{n=1}^N\cos(q_n\cdot r - sq_nt' + \theta_n),

with Gaussian wave vectors of variance :math:`1/\ell^2` per axis. The phase difference of the two senses is

.. math:: \Delta\phi = -\frac1\hbar\int_{-t}^t[U(r(t'),t') - U(r(-t'),t')]\,dt'
          = -\frac1\hbar\int_{-t}^t[U(r(t'),t') - U(r(t'),-t')]\,dt' .

Both fields are evaluated where and when the particle is; nothing is said about "twice". If
:math:`v\gg s` and :math:`vt\gg\ell`, scattering through small angles with the rate
:math:`1/\tau = \sqrt{2\pi}\,U_0^2\ell/\hbar^2v` should give

.. math:: \langle e^{i\Delta\phi}\rangle = e^{-\Gamma}, \qquad \Gamma = \frac1\tau\int_{-t}^t\Phi\,dt', \qquad
          \Phi(t') = 1 - e^{-(\gamma st')^2/2\ell^2},

with :math:`\gamma = 2` if scatterers are visited 2t' apart. Units: :math:`\ell = v = \hbar = 1`.

**Loops of isotropic collisions.** A flight of N collisions is drawn and closed by one more flight; the
momentum transfers and times of this very loop give :math:`\prod_i\cos(\gamma\omega_it_i)`. The sum over N
is the return integral of `cooperon`, without its two approximations (times and angles of the collisions
taken as independent of the closing of the loop). Units: mean free path and mean free time one.

**The collision that closes the loop.** A crossed diagram of N + 1 lines has N flights between collisions;
the flight that makes a polygon of them, from the last collision to the first, lies on the way in of one sense
and on the way out of the other. Let the loop begin and end at the last collision. Excitons come along the
first edge u_f, so that one sense meets this scatterer at once and the other at the end, T apart; the momentum
is turned from :math:`u_l` to :math:`-u_f` by :math:`k|u_f+u_l|`, in both senses. If the loop leads into other
directions, the same line joins its two ends on one branch, with the same momentum and the same T. Either way
the coherence has one more factor, :math:`\cos(\gamma sk|u_f+u_l|\,T/2)`. It is one for a path that returns
as it went, whose two contributions cancel.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import erf

from lowdim._checks import (
    array_of_shape,
    boolean,
    instance,
    integer_in,
    non_negative_array,
    positive,
    positive_array,
    real_in,
    refuse,
)

__all__ = ["Loops", "closed_loops", "closed_path", "field_dephasing", "field_exponent", "sample_loops"]

MOST_POINTS = 10**7
MOST_COLLISIONS = 10**4


def closed_path(n_flights, flight, step, rng):
    """A random closed polygon, sampled at equal intervals.

    Parameters
    ----------
    n_flights : int
        Number of edges, at least 3.
    flight : float
        Mean length of an edge, > 0.
    step : float
        Largest distance of neighbouring points, > 0.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (P, 2)
        Midpoints of P equal intervals of the circumference.
    circumference : float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> path, length = closed_path(5, 10.0, 0.5, np.random.default_rng(0))
    >>> bool(np.linalg.norm(path[0] - path[-1]) < 0.5)
    True
    """
    instance("rng", rng, np.random.Generator)
    n_flights = integer_in("n_flights", n_flights, 3)
    edges = rng.normal(size=(n_flights, 2))
    edges -= edges.mean(axis=0)
    edges *= positive("flight", flight) / np.linalg.norm(edges, axis=1).mean()
    corners = np.concatenate([np.zeros((1, 2)), np.cumsum(edges, axis=0)])
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(edges, axis=1))])
    count = arc[-1] / positive("step", step)
    if not count <= MOST_POINTS:
        refuse("step", f"at least flight n_flights/{MOST_POINTS}", step)
    count = int(np.ceil(count))
    where = (np.arange(count) + 0.5) * arc[-1] / count
    return np.stack([np.interp(where, arc, corners[:, i]) for i in range(2)], axis=1), float(arc[-1])


def field_dephasing(path, circumference, sound, strength, n_modes, n_fields, rng):
    r"""Phase differences of the two senses of a closed path in random moving fields.

    Parameters
    ----------
    path : ndarray, shape (P, 2)
        From `closed_path`.
    circumference : float
        2 t, since v = 1; > 0.
    sound : float
        s/v, > 0.
    strength : float
        U_0, > 0.
    n_modes, n_fields : int
        Waves in the field, and realisations of their phases.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_fields,)
        :math:`\Delta\phi`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> path, length = closed_path(4, 5.0, 0.1, rng)
    >>> bool(np.all(np.abs(field_dephasing(path, length, 1e-6, 1.0, 50, 20, rng)) < 1e-2))
    True
    """
    instance("rng", rng, np.random.Generator)
    path = array_of_shape("path", path, (None, 2))
    if not len(path):
        refuse("path", "at least one point", path.shape)
    n_modes, n_fields = integer_in("n_modes", n_modes, 1), integer_in("n_fields", n_fields, 1)
    interval = positive("circumference", circumference) / len(path)
    time = (np.arange(len(path)) + 0.5) * interval - circumference / 2
    wave_vectors = rng.normal(size=(n_modes, 2))
    turn = positive("sound", sound) * np.linalg.norm(wave_vectors, axis=1) * time[:, None]
    there, back = (np.exp(1j * (r @ wave_vectors.T - turn)).sum(axis=0) for r in (path, path[::-1]))
    amplitude = positive("strength", strength) * np.sqrt(2 / n_modes) * interval * (there - back)
    phases = np.exp(2j * np.pi * rng.random((n_fields, n_modes)))
    return -(phases @ amplitude).real


def field_exponent(half_duration, sound, strength, separation):
    r""":math:`\Gamma` of the moving field for scatterers visited `separation` times t' apart.

    Parameters
    ----------
    half_duration : array_like
        t > 0.
    sound, strength : float
        s/v and U_0.
    separation : float
        :math:`\gamma` > 0.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> short = [field_exponent(0.1, 0.1, 1.0, g) for g in (2.0, 0.5)]
    >>> round(float(short[0] / short[1]), 1)
    16.0
    """
    t, strength = positive_array("half_duration", half_duration), positive("strength", strength)
    c = positive("separation", separation) * positive("sound", sound) / np.sqrt(2)
    mean = 2 * (t - np.sqrt(np.pi) * erf(c * t) / (2 * c))
    return np.sqrt(2 * np.pi) * strength**2 * mean


@dataclass(frozen=True)
class Loops:
    """Loops of N collisions; arrays over L loops, the collision that closes the loop in the last column.

    Parameters
    ----------
    weight : ndarray, shape (L,)
        Share of each loop in the return integral of backscattering; the mean without dephasing is 1/(N - 1).
    overlap : ndarray, shape (L,)
        Cosine between the first and the last edge: what the loop takes out of the other directions.
    duration : ndarray, shape (L,)
        T.
    transfer, time : ndarray, shape (L, N + 1)
        Momentum transfer over 2 k, and time t' of each collision, zero in the middle of the loop.
    """

    weight: np.ndarray
    overlap: np.ndarray
    duration: np.ndarray
    transfer: np.ndarray
    time: np.ndarray

    def coherence(self, phase_rate, phonon_ratio=1.0, closing=True):
        r"""Product over the collisions of :math:`\cos(\gamma\omega_it_i)`; shape (L,).

        `phase_rate` is :math:`2\gamma ks\tau`, a number or one for each loop; collisions with static
        disorder, of which there are 1 - `phonon_ratio`, leave the product of amplitudes as it is.
        """
        phase_rate = non_negative_array("phase_rate", phase_rate)
        phonon_ratio = real_in("phonon_ratio", phonon_ratio, 0, 1)
        boolean("closing", closing)
        end = None if closing else -1
        rate = np.reshape(phase_rate, (-1, 1))
        turned = np.cos(rate * self.transfer[:, :end] * self.time[:, :end])
        return (1 - phonon_ratio * (1 - turned)).prod(axis=1)


def sample_loops(n_collisions, n_loops, rng):
    """Random closed loops of isotropic collisions.

    Parameters
    ----------
    n_collisions : int
        N >= 2, beside the one that closes the loop.
    n_loops : int
    rng : numpy.random.Generator

    Returns
    -------
    Loops

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> loops = sample_loops(3, 5000, np.random.default_rng(1))
    >>> bool(abs(loops.weight.mean() - 1 / 2) < 0.02)
    True
    """
    instance("rng", rng, np.random.Generator)
    n_collisions = integer_in("n_collisions", n_collisions, 2)
    n_loops = integer_in("n_loops", n_loops, 2)
    angle = rng.uniform(0, 2 * np.pi, (n_loops, n_collisions - 1))
    flight = rng.exponential(size=(n_loops, n_collisions - 1))
    steps = flight[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    last, weight = _closing_point(steps.sum(axis=1), rng)
    steps = np.concatenate([steps, (last - steps.sum(axis=1))[:, None], -last[:, None]], axis=1)
    duration, time, transfer, overlap = _collisions(steps)
    return Loops(weight, overlap, duration, transfer, time)


def _collisions(edges):
    """Duration, times t', momentum transfers over 2 k and overlap of polygons of edges (L, N + 1, 2)."""
    length = np.linalg.norm(edges, axis=-1)
    direction = edges / length[..., None]
    duration = length.sum(axis=1)
    time = np.cumsum(length, axis=1) - duration[:, None] / 2  # the last is T/2
    # sin(phi/2) of each collision is half the change of the unit vector; the last one leaves along -u_f
    after = np.concatenate([direction[:, 1:], -direction[:, :1]], axis=1)
    transfer = np.linalg.norm(after - direction, axis=-1) / 2
    return duration, time, transfer, np.einsum("lx,lx->l", direction[:, 0], direction[:, -1])


def closed_loops(phase_rate, most_collisions, n_loops, rng, phonon_ratio=1.0, *, closing=True, thermal=False):
    r"""Return integrals of backscattering and of the loops of other directions, by sampling loops.

    Parameters
    ----------
    phase_rate : float
        :math:`2\gamma ks\tau` > 0.
    most_collisions : int
        Loops of 2 to this many collisions are summed, at most 10 000.
    n_loops : int
        Samples for each number of collisions.
    rng : numpy.random.Generator
    phonon_ratio : float
        Part of the collisions that are with phonons, in (0, 1]; the others are with static disorder.
    closing : bool
        Whether the collision that closes a loop dephases too; the Cooperon equation has no such term.
    thermal : bool
        Average over energies of weight :math:`e^{-\varepsilon/k_BT}`; `phase_rate` is that of
        :math:`k_BT`.

    Returns
    -------
    ndarray, shape (2,)
        Backscattering (positive) and other directions (negative); their sum belongs to the ballistic kernel.
    ndarray, shape (2,)
        Standard errors of the two.
    float
        Standard error of their sum.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> value, error, total_error = closed_loops(2.0, 12, 2000, np.random.default_rng(1))
    >>> bool(value[0] > 0 > value[1])
    True
    """
    instance("rng", rng, np.random.Generator)
    boolean("closing", closing)
    boolean("thermal", thermal)
    n_loops = integer_in("n_loops", n_loops, 2)
    phase_rate = positive("phase_rate", phase_rate)
    phonon_ratio = positive("phonon_ratio", phonon_ratio)
    if phonon_ratio > 1:
        refuse("phonon_ratio", "a number in (0, 1]", phonon_ratio)
    value, variance = np.zeros(2), np.zeros(3)
    for n in range(2, integer_in("most_collisions", most_collisions, 2, MOST_COLLISIONS) + 1):
        loops = sample_loops(n, n_loops, rng)
        rate = phase_rate * np.sqrt(rng.exponential(size=n_loops)) if thermal else phase_rate
        back = loops.weight * loops.coherence(rate, phonon_ratio, closing)
        sample = np.stack([back, back * loops.overlap, back * (1 + loops.overlap)])
        value += sample[:2].mean(axis=1)
        variance += sample.var(axis=1) / n_loops
    error = np.sqrt(variance)
    return value, error[:2], float(error[2])


def _closing_point(point, rng):
    r"""Place of the last collision of flights that stand at `point` (L, 2), and their weights.

    The two last flights have the density :math:`e^{-r_1-r_2}/4\pi^2r_1r_2`; in elliptic coordinates about
    the two ends, :math:`d^2r/r_1r_2 = d\mu\,d\nu` and the singularities are gone. The detour
    :math:`d = r_1+r_2-R` is drawn from :math:`e^{-d}/\sqrt{\pi d}`.
    """
    distance = np.linalg.norm(point, axis=1)
    detour = rng.gamma(0.5, size=len(point))
    weight = np.exp(-distance) * np.sqrt(np.pi / (detour + 2 * distance))
    angle = rng.uniform(0, 2 * np.pi, len(point))
    long, short = (distance + detour) / 2, np.sqrt(detour * (detour + 2 * distance)) / 2
    along = point / distance[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    place = (long * np.cos(angle))[:, None] * along + (short * np.sin(angle))[:, None] * across
    return point / 2 + place, weight
