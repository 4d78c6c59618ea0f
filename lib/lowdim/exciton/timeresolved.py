r"""The diffusion coefficient D(t) = int_0^t C dt' that theory expects of a wave-packet ensemble.

**Without interference.** For a white-noise potential the self-energy does not depend on k and the velocity
vertex is not dressed, so the self-consistent Born approximation (all diagrams without crossings) gives

    C(t) = sum_k f_k v_n^2 abs(G_k(t))^2,  G_k(E) = 1/(E - k^2/2 - Sigma(E)),  Sigma(E) = W sum_k G_k(E)/L^2.

To leading order abs(G_k(t))^2 = exp(-t/tau) and D = tau; the rest is of order hbar/M, like interference.

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
from scipy.special import j0, j1, roots_laguerre, y0

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
from lowdim.errors import NotConverged
from lowdim.exciton._schedule import speeds
from lowdim.exciton.cooperon import DERIVED, KERNELS, _kernel, dephasing_exponent
from lowdim.exciton.grid import Grid
from lowdim.exciton.loops import sample_loops
from lowdim.exciton.phononfield import Bath

__all__ = [
    "interference",
    "interference_of_loops",
    "noncrossing_autocorrelation",
    "return_density",
    "two_line_constant",
]


def thermal_weights(weight, nodes):
    """Energies and normalised weights of the ensemble: those given, or Gauss-Laguerre nodes."""
    if weight is None:
        return roots_laguerre(nodes)
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
    time, bath, separation=DERIVED, *, kernel="ballistic", expanded=False, weight=None, nodes=64, points=2000
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
        Energies and normalised weights of the ensemble; Gauss-Laguerre nodes of exp(-energy) if not given.
    nodes, points : int
        Energies, and durations up to each time.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
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
    points, tau = integer_in("points", points, 10), bath.relaxation
    energies, weights = thermal_weights(weight, integer_in("nodes", nodes, 1))
    rate = 2 * positive("separation", separation) * bath.sound * np.sqrt(2 * energies)
    # equal steps in the root of the duration resolve the short loops
    root = (np.arange(points) + 0.5) / points
    result = np.zeros(len(time))
    for n in np.flatnonzero(time > 0):
        duration = time[n] * root**2
        exponent = dephasing_exponent(duration[:, None] / 2, rate, tau, expanded)
        returns = _kernel(kernel, duration[:, None] / tau, exponent, None) @ weights
        left = (time[n] - duration) / tau
        result[n] = -np.sum(2 / (root * points) * _free_flights(left) * returns) / (2 * np.pi)
    return result


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


def _self_energy(energy, strength, band, tolerance):
    """Sigma = (W/2 pi) [ln z - ln(z - band)], z = E - Sigma, by Newton's method from above the real axis."""
    sigma = np.full(energy.shape, -0.5j * strength)
    coupling = strength / (2 * np.pi)
    for _ in range(200):
        z = energy - sigma
        residual = sigma - coupling * (np.log(z) - np.log(z - band))
        if np.abs(residual).max() < tolerance:
            return sigma
        change = residual / (1 + coupling * (1 / z - 1 / (z - band)))
        # the retarded root lies below the real axis
        sigma = sigma - change
        sigma = np.where(sigma.imag < 0, sigma, sigma.real - 1e-12j)
    raise NotConverged(f"self-energy: residual {np.abs(residual).max():.1e}, wanted {tolerance:.1e}")


def noncrossing_autocorrelation(
    time, grid, relaxation, *, cutoff=None, energies=4000, tolerance=1e-10, weight=None
):
    """C(t) of the thermal ensemble in the self-consistent Born approximation.

    Parameters
    ----------
    time : array, shape (n,)
        Times >= 0.
    grid : Grid
        Its Fourier components are the states k.
    relaxation : float
        tau = 1/W.
    cutoff : float, optional
        Largest k the potential leads to; the grid's largest if not given.
    energies : int
        Points in energy.
    tolerance : float
        Of the self-energy.
    weight : tuple of arrays, optional
        Kinetic energies and normalised weights of the ensemble; thermal if not given.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
    NotConverged
        If the iteration of the self-energy stops short of the tolerance.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.exciton.grid import Grid
    >>> c = noncrossing_autocorrelation([0.0, 5.0], Grid(64, 40.0), 20.0)
    >>> np.round(c * np.exp([0.0, 0.25]), 2)
    array([1.  , 1.02])
    """
    instance("grid", grid, Grid)
    tolerance = positive("tolerance", tolerance)
    time, strength = non_negative_array("time", time), 1 / positive("relaxation", relaxation)
    top = grid.cutoff if cutoff is None else positive("cutoff", cutoff)
    band = top**2 / 2
    reach = 20 * strength + 2
    energy = np.linspace(-reach, min(12.0, band) + reach, integer_in("energies", energies, 100))
    sigma = _self_energy(energy, strength, band, tolerance)
    kinetic, share = thermal_weights(weight, 40)
    occupied = kinetic < min(12.0, band)
    spectral = -np.imag(1 / (energy[:, None] - sigma[:, None] - kinetic[occupied])) / np.pi
    spectral /= np.trapezoid(spectral, energy, axis=0)
    phases = np.exp(-1j * np.outer(time, energy)) * np.gradient(energy)
    propagator = phases @ spectral
    weights = (share * kinetic)[occupied]
    mean = 1.0 if weight is None else np.sum(share * kinetic)
    return np.abs(propagator) ** 2 @ (weights / weights.sum()) * mean
