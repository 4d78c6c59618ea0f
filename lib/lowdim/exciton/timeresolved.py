r"""The diffusion coefficient D(t) = int_0^t C dt' that theory expects of a wave-packet ensemble.

**Without interference.** See `noncrossing`.

**With interference** (notation of `cooperon`; hbar = M = k_B T = 1)

    delta D(t) = -(1/2 pi) int_0^t S(t - T) <R(T)> dT/T,    S(u) = 1 - (1 + u/tau) exp(-u/tau),

where S stands for the free flights before and after the loop of duration T, and R is the kernel of
return with its dephasing. As t grows this becomes the integral of `cooperon.return_integral`; in the frozen
potential it never stops growing, as -(1/2 pi) ln t.

The kernel of `cooperon` takes the collisions as independent of the closing of the loop, and leaves out the
one that closes it. `interference_of_loops` does neither: it sums loops sampled one by one (`loops`), each
with its own collisions, its own duration in S, and an energy drawn from the thermal distribution.

**Short loops.** Loops of two lines return as they went, and their contributions to backscattering and to the
other directions cancel but for distances of a wavelength, where there are no trajectories. With the free
Green's function -(i/2) H_0(kr) their sum, and the self-energy that belongs to them, is (`two_line_constant`)

    -pi int_0^inf J_1(x)^2 [3 J_0(x)^2 - Y_0(x)^2]/4 x dx = -(ln 2)/pi = -0.2206,

in hbar/M, whatever the energy, the coupling and the motion of the phonons, as long as energy tau/hbar >> 1.

R is exact without dephasing: a random flight in the plane with isotropic collisions returns with the
density 1/(4 pi D T) at *all* T, and exp(-T/tau) of that has collided only once (`return_density`).
"""

import numpy as np
from scipy.special import j0, j1, y0

from lowdim._checks import (
    array_of_shape,
    boolean,
    instance,
    integer_in,
    non_negative_array,
    positive,
    positive_array,
    refuse,
)
from lowdim.exciton._schedule import speeds
from lowdim.exciton._settled import settled
from lowdim.exciton.cooperon import DERIVED, KERNELS, _kernel, dephasing_exponent
from lowdim.exciton.loops import sample_loops
from lowdim.exciton.phononfield import Bath

__all__ = [
    "interference",
    "interference_of_loops",
    "return_density",
    "two_line_constant",
]

_MOST_REFINED = 6


def given_weights(weight):
    """Energies and normalised weights of an ensemble, checked."""
    if not isinstance(weight, list | tuple) or len(weight) != 2:
        refuse("weight", "energies and weights", weight)
    energies = array_of_shape("weight", non_negative_array("weight", weight[0]), (None,))
    return energies, array_of_shape("weight", weight[1], energies.shape)


def return_density(duration, relaxation, energy=1.0):
    """Density of isotropic random flights at their origin: all of them, and those with one collision only.

    Parameters
    ----------
    duration : array
        Time T, positive.
    relaxation, energy : float
        tau and k^2/2; D = energy tau.

    Returns
    -------
    all_flights, one_collision : numpy.ndarray

    Examples
    --------
    >>> total, once = return_density(3.0, 1.0)
    >>> round(float(4 * np.pi * 3.0 * total), 6), round(float(once / total), 4)
    (1.0, 0.0498)
    """
    duration = positive_array("duration", duration)
    total = 1 / (4 * np.pi * positive("energy", energy) * positive("relaxation", relaxation) * duration)
    return total, total * np.exp(-duration / relaxation)


def interference(
    time, bath, separation=DERIVED, *, kernel="ballistic", expanded=False, weight=None, tolerance=1e-6
):
    r"""delta D(t) of the thermal ensemble in hbar/M, from the kernel.

    Parameters
    ----------
    time : array, shape (n,)
        Times >= 0 in hbar/(k_B T).
    bath : Bath
        With sound = 0 the frozen potential, for which `separation` does not matter.
    separation : float
        Time between the two visits to a scatterer, in units of t': 2 as derived, 1/2 as printed.
    kernel : {"backscattering", "ballistic"}
        See `cooperon`.
    expanded : bool
        Use the t^2 term of Phi, as printed.
    weight : tuple of arrays, optional
        Energies and normalised weights of the ensemble; exp(-energy) if not given.
    tolerance : float
        Absolute, in hbar/M; energies and durations are refined until the result changes by less.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
    NotConverged
        If the refinement ends before, as for phonons that turn very fast.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.exciton.phononfield import Bath
    >>> far, farther = interference([400.0, 800.0], Bath(1.0))
    >>> round(float((farther - far) / np.log(2) * 2 * np.pi), 2)
    -1.0
    """
    instance("bath", bath, Bath)
    boolean("expanded", expanded)
    time = array_of_shape("time", np.atleast_1d(non_negative_array("time", time)), (None,))
    if kernel not in KERNELS[1:]:
        refuse("kernel", f"one of {', '.join(KERNELS[1:])}", kernel)
    tolerance, tau = positive("tolerance", tolerance), bath.relaxation
    rate = 2 * positive("separation", separation) * bath.sound
    weight = None if weight is None else given_weights(weight)

    def total(t, level):
        energies, shares = weight or _thermal(0.4 / 2**level)
        duration, step = panels(t, min(t, tau) * 1e-3 * min(tolerance, 1.0), 8 * 2**level)
        phases = rate * np.sqrt(2 * energies)
        exponent = dephasing_exponent(duration[:, None] / 2, phases, tau, expanded)
        returns = _kernel(kernel, duration[:, None] / tau, exponent, None) @ shares
        return -np.sum(step / duration * _free_flights((t - duration) / tau) * returns) / (2 * np.pi)

    def refined(t):
        return settled(
            (total(t, level) for level in range(_MOST_REFINED)),
            lambda before, now: abs(now - before) <= tolerance,
            f"interference at time {t:g}: not settled to {tolerance:.1e}",
        )

    return np.array([refined(t) if t > 0 else 0.0 for t in time])


def _thermal(step):
    """Energies and weights of exp(-energy), equally spaced in the logarithm."""
    energies = np.exp(np.arange(-34.0, 4.01, step))
    return energies, step * energies * np.exp(-energies)


def panels(t, shortest, order):
    """Gauss points and weights in (0, t), on panels that shrink by halves towards both ends."""
    halves = t / 2 * 0.5 ** np.arange(np.ceil(np.log2(t / 2 / shortest)) + 1)
    edges = np.concatenate([[0.0], halves[::-1]])
    nodes, weights = np.polynomial.legendre.leggauss(order)
    width = np.diff(edges)[:, None]
    early, step = (edges[:-1, None] + width * (nodes + 1) / 2).ravel(), (width * weights / 2).ravel()
    return np.concatenate([early, t - early]), np.concatenate([step, step])


def _free_flights(left):
    """S(u): share of the free flights before and after a loop that fit into the time u = `left` (in tau)."""
    left = np.maximum(left, 0.0)
    return -np.expm1(-left) - left * np.exp(-left)


def interference_of_loops(
    time, relaxation, sounds, n_loops, rng, *, separation=DERIVED, closing=True, energy=None, blocks=10
):
    r"""delta D(t) of the thermal ensemble in hbar/M, loop by loop.

    Parameters
    ----------
    time : array, shape (n,)
        Times >= 0 in hbar/(k_B T).
    relaxation : float
        k_B T tau/hbar.
    sounds : sequence of float, length c
        Speeds of sound >= 0 in thermal units; all see the same loops and energies.
    n_loops : int
        Loops for each number of collisions.
    rng : numpy.random.Generator
    separation : float
        As in `interference`.
    closing : bool
        Whether the collision that closes a loop dephases too.
    energy : float, optional
        Energy of all excitons in k_B T, > 0; drawn from exp(-energy) if not given.
    blocks : int
        Number of independent parts, for the error, >= 2.

    Returns
    -------
    numpy.ndarray, shape (blocks, c, n)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> parts = interference_of_loops([20.0], 1.5, (0.0, 0.2), 2000, np.random.default_rng(1))
    >>> frozen, moving = parts.mean(axis=0)[:, 0]
    >>> bool(frozen < moving < 0)
    True
    """
    instance("rng", rng, np.random.Generator)
    boolean("closing", closing)
    time = array_of_shape("time", np.atleast_1d(non_negative_array("time", time)), (None,))
    if not len(time):
        refuse("time", "at least one time", time)
    tau, separation = positive("relaxation", relaxation), positive("separation", separation)
    sounds = speeds("sounds", sounds)
    blocks = integer_in("blocks", blocks, 2)
    size = integer_in("n_loops", n_loops, blocks) // blocks
    longest = time.max() / tau
    result = np.zeros((blocks, len(sounds), len(time)))
    # loops within the time have Poisson-distributed collisions; five deviations more are enough
    for n in range(2, int(longest + 5 * np.sqrt(longest) + 8)):
        loops = sample_loops(n, size * blocks, rng)
        drawn = rng.exponential(size=size * blocks) if energy is None else positive("energy", energy)
        flights = _free_flights(time / tau - loops.duration[:, None])
        ends = loops.weight * (1 + loops.overlap)
        for c, sound in enumerate(sounds):
            rate = 2 * separation * sound * np.sqrt(2 * drawn) * tau
            found = (ends * loops.coherence(rate, closing=closing))[:, None] * flights
            result[:, c] -= found.reshape(blocks, size, -1).mean(axis=1) / (2 * np.pi)
    return result


def two_line_constant(reach=200):
    """What the crossed diagrams of two lines add to D, in hbar/M, for energy tau/hbar >> 1.

    Parameters
    ----------
    reach : int
        Wavelengths 2 pi/k over which the distance of the two scatterers is integrated.

    Returns
    -------
    float

    Examples
    --------
    >>> round(two_line_constant(), 6), round(float(-np.log(2) / np.pi), 6)
    (-0.220636, -0.220636)
    """
    per_step = 64  # points in an eighth of a wavelength
    x = np.arange(8 * integer_in("reach", reach, 10) * per_step + 1) * np.pi / 4 / per_step
    x[0] = 1e-12
    integrand = x * j1(x) ** 2 * (3 * j0(x) ** 2 - y0(x) ** 2) / 4
    partial = np.cumsum((integrand[1:] + integrand[:-1]) / 2)[per_step - 1 :: per_step] * (x[2] - x[1])
    # the integrand oscillates as cos 2x and cos 4x over x: averages of neighbours, which alternate, converge
    tail = partial[-24:]
    while len(tail) > 1:
        tail = (tail[1:] + tail[:-1]) / 2
    return float(-np.pi * tail[0])
