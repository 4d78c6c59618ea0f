"""Wave packets of an exciton in a frozen or a moving potential: split-operator steps on a periodic square.

    i d psi/dt = [-nabla^2/2 + U(r, t)] psi

Units: hbar = M = k_B T = 1. Lengths are then in hbar/sqrt(M k_B T), times in hbar/(k_B T), velocities in
sqrt(k_B T/M) and diffusion coefficients in hbar/M, so that one calculation serves all temperatures that
share k_B T tau/hbar and s/sqrt(k_B T/M).

States are arrays (..., N, N) of Fourier amplitudes, sum abs(psi_k)^2 = 1, axes in the order (x, y) and in the
order of `numpy.fft.fftfreq`. A step is exp(-i T dt/2) exp(-i U dt) exp(-i T dt/2), U in the middle of the
step, error O(dt^2); neighbouring kinetic factors merge, and a step costs one pair of Fourier transforms.
Kinetic energies that differ by 2 pi/dt would be coupled as if equal: a step that allows it is refused.

`lowdim.exciton.grid` has the square and the states to start from.

Source: M. D. Feit, J. A. Fleck, A. Steiger, J. Comput. Phys. 47, 412 (1982).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import fft as scipy_fft
from scipy.integrate import cumulative_simpson

from lowdim._arrays import to_numpy
from lowdim._checks import array_of_shape, instance, integer_in, namespace, refuse
from lowdim.exciton.grid import Grid, check_step
from lowdim.exciton.phases import unit_phases

__all__ = [
    "Trajectory",
    "diffusion",
    "energy",
    "evolve",
    "propagate",
    "to_numpy",
]

_CACHED = 2**17


@dataclass(frozen=True)
class Trajectory:
    """What `propagate` measured: arrays over the times kept and the batch."""

    time: np.ndarray
    velocity: np.ndarray
    kinetic: np.ndarray
    norm: np.ndarray
    final: object = field(repr=False)


def _measure(states, grid, velocity, square):
    """Mean velocity (..., 2), kinetic energy and norm of Fourier amplitudes."""
    density = states.real**2 + states.imag**2
    rows, columns = density.sum(-1), density.sum(-2)
    return rows @ velocity, columns @ velocity, rows @ square + columns @ square, rows.sum(-1)


def _potential_phases(potential, step, steps, dtype, grid, xp):
    """exp(-i U dt) for every step, in one buffer; a static potential is exponentiated once."""
    moving = hasattr(potential, "__next__")
    turned = None
    for n in range(steps):
        if turned is not None and hasattr(potential, "phases") and xp is np:
            potential.phases(-step, turned)  # a field that knows its waves needs no copy of the potential
        elif moving or n == 0:
            values = next(potential) if moving else potential
            if n == 0:
                if moving:
                    _checked_potential(values, grid, xp)
                turned = xp.empty(tuple(values.shape), dtype=dtype)
            unit_phases(values, turned, -step, xp)
        yield turned


def _checked_shape(name, array, grid):
    """Refuse what is no array of numbers (..., N, N), of whatever namespace."""
    kinds = ("float", "complex", "int")
    if not (hasattr(array, "shape") and any(kind in str(array.dtype) for kind in kinds)):
        refuse(name, "an array of numbers", array)
    if tuple(array.shape[-2:]) != (grid.points, grid.points) or 0 in array.shape:
        refuse(name, f"shape (..., {grid.points}, {grid.points})", tuple(array.shape))


def _checked_states(states, grid, xp):
    """States as a complex array of their own precision, and whether it is single."""
    _checked_shape("states", states, grid)
    single = any(name in str(states.dtype) for name in ("complex64", "float32", "float16"))
    states = states + xp.zeros(1, dtype=xp.complex64 if single else xp.complex128)
    if not bool(xp.isfinite(abs(states).sum())):
        refuse("states", "finite numbers", "nan or inf")
    return states, single


def _checked_potential(potential, grid, xp):
    """A static potential, or the first of an iterator: real, finite, on the grid."""
    _checked_shape("potential", potential, grid)
    if "complex" in str(potential.dtype):
        refuse("potential", "real numbers", str(potential.dtype))
    if not bool(xp.isfinite(potential.sum())):
        refuse("potential", "finite numbers", "nan or inf")
    return potential


def evolve(states, potential, grid, *, step, steps, every=1, xp=np):
    """Yield the states at the start and after every so many steps, but for the phase of half a kinetic step.

    Parameters are those of `propagate`. What is yielded has the right modulus of every Fourier amplitude; the
    array is used again by the next step, so take what you need of it before.

    Returns
    -------
    iterator of array, shape (..., N, N)

    Raises
    ------
    ValueError
        As `propagate`.

    Examples
    --------
    >>> grid = Grid(32, 20.0)
    >>> wave = np.zeros((32, 32), complex)
    >>> wave[3, 0] = 1.0
    >>> free = evolve(wave, np.zeros((32, 32)), grid, step=0.1, steps=4, every=2)
    >>> [round(float(abs(psi[3, 0])), 6) for psi in free]
    [1.0, 1.0, 1.0]
    """
    instance("grid", grid, Grid)
    namespace("xp", xp)
    steps, every = integer_in("steps", steps, 1), integer_in("every", every, 1)
    psi, single = _checked_states(states, grid, xp)
    check_step(step, grid)
    if not hasattr(potential, "__next__"):
        potential = _checked_potential(potential, grid, xp)
    return _evolution(psi, potential, grid, step, steps, every, single, xp)


def _evolution(psi, potential, grid, step, steps, every, single, xp):
    whole, half = _kinetic_phases(grid, step, single, xp)
    psi = psi * half
    yield psi
    if xp is np:
        whole /= grid.points**2
    for n, phase in enumerate(_potential_phases(potential, step, steps, psi.dtype, grid, xp), 1):
        if xp is np:
            for part, turn in _cached_parts(psi, phase):
                _step_in_place(part, turn, whole)
        else:
            psi = xp.fft.fft2(xp.fft.ifft2(psi) * phase) * whole
        if n % every == 0:
            yield psi


def _step_in_place(psi, phase, whole):
    """One step of states (..., N, N); `whole` carries the 1/N^2 that the inverse transform leaves out."""
    options = {"overwrite_x": True, "workers": 1}  # scipy keeps single precision at full speed
    there = scipy_fft.ifft2(psi, norm="forward", **options)
    np.multiply(there, phase, out=there)
    back = scipy_fft.fft2(there, **options)
    np.multiply(back, whole, out=back)  # into psi numpy would go by way of a copy
    if not np.may_share_memory(back, psi):
        psi[...] = back


def _cached_parts(psi, phase):
    """Views of a batch and of its phases: a small batch as a whole, large states one by one."""
    psi = psi.reshape((1,) * (4 - psi.ndim) + psi.shape) if psi.ndim < 4 else psi
    phase = np.broadcast_to(
        phase, (*psi.shape[:-3], phase.shape[-3] if phase.ndim > 2 else 1, *psi.shape[-2:])
    )
    if psi.size <= _CACHED:
        yield psi, phase
        return
    size = max(1, _CACHED // (psi.shape[-1] * psi.shape[-2]))
    for index in np.ndindex(psi.shape[:-3]):
        for start in range(0, psi.shape[-3], size):
            part = slice(start, start + size)
            yield psi[index][part], phase[index][part if phase.shape[-3] > 1 else slice(None)]


def _kinetic_phases(grid, step, single, xp):
    """exp(-i T dt) and its root."""
    turns = (np.exp(-1j * step * part * grid.kinetic) for part in (1.0, 0.5))
    return tuple(xp.asarray(turn.astype(np.complex64 if single else np.complex128)) for turn in turns)


def propagate(states, potential, grid, *, step, steps, every=1, xp=np):
    """Propagate a batch of states and record velocity, kinetic energy and norm.

    Parameters
    ----------
    states : array, shape (..., N, N)
        Fourier amplitudes, complex or real; single precision is kept. Not changed.
    potential : array or iterator
        Real potential on the grid, broadcastable to the states and of their precision: an array if it is
        static, or an iterator that yields it in the middle of each step.
    grid : Grid
    step : float
        Time step, not 0 and below 2 pi over the largest kinetic energy; a negative one runs backwards.
    steps, every : int
        Number of steps; a record is kept every so many of them, and at the start.
    xp : module
        Array namespace with an ``fft``: numpy, torch, cupy.

    Returns
    -------
    Trajectory
        time (n,), velocity (n, ..., 2), kinetic (n, ...) and norm (n, ...) in numpy; final states in `xp`.

    Raises
    ------
    ValueError
        If the states or the potential do not fit the grid or are not finite, or the step is out of range.

    Examples
    --------
    >>> from lowdim.exciton.grid import directed_states
    >>> grid = Grid(32, 20.0)
    >>> states, _ = directed_states(grid, np.random.default_rng(1))
    >>> free = propagate(states, np.zeros((32, 32), np.float32), grid, step=0.1, steps=20)
    >>> bool(np.allclose(free.velocity[-1], free.velocity[0], atol=1e-5))
    True
    """
    instance("grid", grid, Grid)
    namespace("xp", xp)
    options = {"step": step, "steps": steps, "xp": xp}
    every = integer_in("every", every, 1)
    records, psi = [], None
    for n, psi in enumerate(evolve(states, potential, grid, every=1, **options)):
        if n == 0:
            single = "64" in str(psi.dtype)
            real = np.float32 if single else np.float64
            velocity = xp.asarray(grid.velocity.astype(real))
            square = xp.asarray((grid.wave_number**2 / 2).astype(real))
        if n % every == 0:  # what is measured does not see the half step that is ahead
            records.append(_measure(psi, grid, velocity, square))
    psi *= _kinetic_phases(grid, step, single, xp)[1].conj()
    vx, vy, kin, norm = (np.stack([to_numpy(r[k]) for r in records]) for k in range(4))
    time = step * every * np.arange(len(records))
    return Trajectory(time, np.stack([vx, vy], axis=-1), kin, norm, psi)


def energy(states, potential, grid, xp=np):
    """Mean energy <T> + <U> of states (..., N, N) in a potential on the grid, as a numpy array.

    Examples
    --------
    >>> grid = Grid(32, 20.0)
    >>> wave = np.zeros((32, 32), complex)
    >>> wave[3, 0] = 1.0  # a plane wave
    >>> round(float(energy(wave, np.full((32, 32), 0.5), grid)), 6)
    0.944132
    """
    instance("grid", grid, Grid)
    namespace("xp", xp)
    states = _checked_states(states, grid, xp)[0]
    potential = _checked_potential(potential, grid, xp)
    inverse = scipy_fft.ifft2 if xp is np else xp.fft.ifft2
    kinetic = xp.asarray(grid.kinetic)
    density = abs(states) ** 2
    position = abs(inverse(states)) ** 2 * grid.points**2
    return to_numpy((density * kinetic).sum(-1).sum(-1) + (position * potential).sum(-1).sum(-1))


def diffusion(time, autocorrelation):
    """D(t) = int_0^t C dt' by Simpson's rule over the last axis; starts at 0.

    Parameters
    ----------
    time : array, shape (n,)
        Increasing, n >= 3.
    autocorrelation : array, shape (..., n)

    Examples
    --------
    >>> t = np.linspace(0, 40, 401)
    >>> round(float(diffusion(t, np.exp(-t / 2))[-1]), 4)
    2.0
    """
    time, autocorrelation = (
        array_of_shape("time", time, None),
        array_of_shape("autocorrelation", autocorrelation, None),
    )
    if time.ndim != 1 or len(time) < 3 or not np.all(np.diff(time) > 0):
        refuse("time", "at least three increasing numbers", time.tolist())
    if autocorrelation.shape[-1:] != time.shape:
        refuse("autocorrelation", f"shape (..., {time.size})", autocorrelation.shape)
    return cumulative_simpson(autocorrelation, x=time, initial=0)
