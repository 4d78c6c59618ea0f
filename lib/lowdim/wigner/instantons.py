r"""Tunnelling between two equivalent minima: least action and the determinant of its fluctuations.

Unit mass; positions x with D components, energies V(x), and one parameter :math:`\hbar` that the caller
puts in. The ground state has the matrix element -J between the minima a and b, where to one loop (Coleman)

.. math:: J = \hbar\,\frac{Q}{\sqrt{2\pi\hbar}}\,e^{-S/\hbar},\qquad
          S = \min\int\! d\tau\,\bigl[\tfrac12\dot x^2+V-V_0\bigr],\qquad
          Q = \sqrt{S}\,\Bigl[\frac{\det(-\partial^2+V''(a))}{\det{}'(-\partial^2+V''(x_\tau))}\Bigr]^{1/2}.

**Chain.** The path is a chain of M + 1 configurations at equal steps :math:`\delta` of imaginary time;
outside, where V is harmonic, the infinite tails of the chain are summed in closed form: a mode of frequency
w at the end costs :math:`\tfrac12 g y^2` with :math:`g = (1-e^{-\tilde w\delta})/\delta`,
:math:`\cosh\tilde w\delta = 1+\tfrac12w^2\delta^2`. So no electron is forced to be at its site at a finite
time, and a mode without restoring force (rotation of the trapped cluster, or of a shell that slips) ends
where it likes: the amplitude is that of the ground state of a free rotor. Such modes are held at the start
only.

**Minimum and determinant** come from the same matrix, the Hessian H of the chain, which is banded with
bandwidth D: Newton's method, and :math:`\ln\det H` from its Cholesky factor. Translation in time is divided
out (Faddeev and Popov) with a constraint :math:`u\cdot(x-\bar x)=0`, where u is the direction of the
velocity v of the path on one slice; the answer does not depend on u:

.. math:: Q = (u\cdot v)\,\Bigl[\frac{\det H_a}{\det H\;\,u^TH^{-1}u}\Bigr]^{1/2}.

The chain's error is of second order in :math:`\delta` and extrapolated away from two chains.

Sources: S. Coleman, The uses of instantons (1979), in Aspects of Symmetry, ch. 7 (1985),
doi 10.1017/CBO9780511565045; M. Roger, Phys. Rev. B 30, 6432 (1984), doi 10.1103/PhysRevB.30.6432.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve_banded

from lowdim._checks import (
    array_of_shape,
    broadcast,
    having,
    integer_in,
    non_negative,
    positive,
    positive_array,
    refuse,
)
from lowdim.errors import NotConverged
from lowdim.wigner._determinants import factored, log_det_at_rest

__all__ = ["Instanton", "instanton", "tunnelling_amplitude"]

_MOST_STEPS = 200
_ROUNDS = 8


@dataclass(frozen=True)
class Instanton:
    r"""Least action of a tunnelling path and its one-loop prefactor.

    Attributes
    ----------
    action : float
        S, extrapolated to a continuous path.
    prefactor : float
        Q, extrapolated; :math:`J = \hbar Q(2\pi\hbar)^{-1/2}e^{-S/\hbar}`.
    action_error, prefactor_error : float
        What the extrapolations changed (of Q: relative).
    barrier : float
        Largest :math:`V-V_0` on the path.
    path : ndarray, shape (2 * steps + 1, D)
        Configurations at equal steps of imaginary time.
    soft : int
        Modes without restoring force, whose end is free.
    """

    action: float
    prefactor: float
    action_error: float
    prefactor_error: float
    barrier: float
    path: np.ndarray
    soft: int


def tunnelling_amplitude(action, prefactor, hbar):
    r"""The matrix element :math:`J = \hbar Q(2\pi\hbar)^{-1/2}e^{-S/\hbar}`.

    Parameters
    ----------
    action, prefactor : array_like
        S and Q of an `Instanton`.
    hbar : array_like
        > 0, in the units of the action.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> round(float(tunnelling_amplitude(2.0, 1.0, 0.25)), 8)
    6.692e-05
    """
    action, prefactor = array_of_shape("action", action, None), array_of_shape("prefactor", prefactor, None)
    hbar = positive_array("hbar", hbar)
    broadcast(action=action, prefactor=prefactor, hbar=hbar)
    return np.sqrt(hbar / (2 * np.pi)) * prefactor * np.exp(-action / hbar)


def instanton(landscape, start, guess, *, duration, steps=48, soft=0.1, tolerance=1e-8):
    r"""Path of least action from a minimum to an equivalent one, and its prefactor.

    Parameters
    ----------
    landscape : object
        With the methods `slope(x)`, energies (b,) and gradients (b, D) at x of shape (b, D), and
        `curvature(x)`, second derivatives (b, D, D).
    start : array_like, shape (D,)
        The minimum.
    guess : array_like, shape (m, D)
        Any path from there to the other minimum, at equal steps of time, m >= 3.
    duration : float
        Imaginary time covered by the chain, > 0: beyond it the path is harmonic.
    steps : int
        Steps of the coarser chain, >= 8; the finer one has twice as many.
    soft : float
        Modes of lower frequency are free at the end, >= 0.
    tolerance : float
        Largest accepted component of the gradient of the action, > 0.

    Returns
    -------
    Instanton

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If Newton's method does not reach the tolerance, or the path is not a minimum.

    Examples
    --------
    The quartic double well has S = 2/3 and Q = (12 S)^(1/2).

    >>> class Quartic:
    ...     def slope(self, x):
    ...         y = x[:, 0]
    ...         return (y**2 - 1) ** 2 / 8, (0.5 * y * (y**2 - 1))[:, None]
    ...     def curvature(self, x):
    ...         return (1.5 * x**2 - 0.5)[:, :, None]
    >>> found = instanton(Quartic(), [-1.0], np.linspace(-1, 1, 9)[:, None], duration=20, steps=60)
    >>> round(found.action, 5), round(found.prefactor, 3)
    (0.66667, 2.828)
    """
    well, guess = _posed(landscape, start, guess, soft, name="guess")
    duration, tolerance = positive("duration", duration), positive("tolerance", tolerance)
    steps = integer_in("steps", steps, 8)
    found, path, end = [], _resampled(guess, steps), guess[-1]
    for count in (steps, 2 * steps):
        chain = _Chain(landscape, well, duration / count)
        path, other, action = chain.minimum(_resampled(path, count), end, tolerance)
        found.append((action, chain.log_prefactor(path, other)))
        end = other.position
    (s1, q1), (s2, q2) = found
    action, log_q = (4 * s2 - s1) / 3, (4 * q2 - q1) / 3
    height = landscape.slope(path)[0] - well.floor
    return Instanton(
        action=float(action),
        prefactor=float(np.exp(log_q)),
        action_error=float(abs(action - s2)),
        prefactor_error=float(abs(np.expm1(log_q - q2))),
        barrier=float(height.max()),
        path=path,
        soft=well.soft,
    )


def _posed(landscape, start, path, soft, *, name="path", fewest=3):
    """The well of a checked landscape and start, and the checked path, called `name`, away from it."""
    having("landscape", landscape, "slope", "curvature")
    start = array_of_shape("start", start, (None,))
    if not len(start):
        refuse("start", "at least one coordinate", start.shape)
    path = array_of_shape(name, path, (None, len(start)))
    if len(path) < fewest:
        refuse(name, f"a path of at least {fewest} configurations", path.shape)
    well = _Well.of(landscape, start, soft=non_negative("soft", soft))
    if well.squares[0] < -1e-6:
        refuse("start", "a minimum", f"a curvature of {well.squares[0]:.2e}")
    return well, path


def _stationary(landscape, start, path, duration, soft, *, fewest=3):
    """Chain through a path of least action; that path with the well at its end, and the same at rest."""
    well, path = _posed(landscape, start, path, soft, fewest=fewest)
    chain = _Chain(landscape, well, positive("duration", duration) / (len(path) - 1))
    best, other, _ = chain.minimum(path, path[-1], 1e-8)
    return chain, (best, other), (np.repeat(well.position[None], len(path), axis=0), well)


def _resampled(path, steps):
    """The path at `steps` + 1 equal steps of time, by linear interpolation."""
    old, new = np.linspace(0, 1, len(path)), np.linspace(0, 1, steps + 1)
    where = np.clip(np.searchsorted(old, new, side="right") - 1, 0, len(path) - 2)
    weight = ((new - old[where]) / (old[where + 1] - old[where]))[:, None]
    return (1 - weight) * path[where] + weight * path[where + 1]


@dataclass(frozen=True)
class _Well:
    """Minimum, its energy and modes."""

    position: np.ndarray
    floor: float
    squares: np.ndarray
    vectors: np.ndarray
    free: np.ndarray

    @classmethod
    def of(cls, landscape, position, free=None, soft=0.0):
        """Modes at `position`; the free ones are given, or those softer than `soft`."""
        floor, _ = landscape.slope(position[None])
        squares, vectors = np.linalg.eigh(landscape.curvature(position[None])[0])
        return cls(position, float(floor[0]), squares, vectors, squares < soft**2 if free is None else free)

    @property
    def soft(self):
        return int(self.free.sum())

    def tail(self, step, *, held):
        """Cost matrix of an infinite harmonic tail of the chain; soft modes cost nothing or are held."""
        cosh = 1 + 0.5 * np.maximum(self.squares, 0) * step**2
        cost = (1 - (cosh - np.sqrt(cosh**2 - 1))) / step
        cost = np.where(self.free, 1.0 if held else 0.0, cost)
        return (self.vectors * cost) @ self.vectors.T


class _Chain:
    """Chain of configurations with harmonic tails, `step` apart in imaginary time."""

    def __init__(self, landscape, well, step):
        self.landscape, self.well, self.step = landscape, well, step
        self.head = well.tail(step, held=True)
        self._last_foot = None, None

    def minimum(self, path, end, tolerance):
        """Newton's method; where soft modes are free, the end is moved along its valley between rounds."""
        other = self._valley(path[-1], end)
        for _ in range(_ROUNDS):
            path, action = self._newton(path, other, tolerance)
            moved, before = self._valley(path[-1], other.position), other
            if np.abs(moved.position - before.position).max() < 1e-4:
                return path, before, action
            other = moved
        raise NotConverged("instanton: the end of the path still moves along its valley")

    def _valley(self, last, position):
        """The well at the bottom of the valley of soft modes that is nearest to `last`."""
        free = np.arange(len(position)) < self.well.soft
        modes = _Well.of(self.landscape, position, free)
        if not free.any():
            return modes
        for _ in range(60):
            slope = self.landscape.slope(position[None])[1][0]
            along, hard = modes.vectors[:, free], modes.vectors[:, ~free]
            # slide along the soft modes, fall back along the others
            move = along @ (along.T @ (last - position))
            move = move * min(1.0, 0.2 / max(np.abs(move).max(), 1e-12))
            move = move - hard @ ((hard.T @ slope) / np.maximum(modes.squares[~free], 0.1))
            position = position + move
            modes = _Well.of(self.landscape, position, free)
            if np.abs(move).max() < 1e-8:
                return modes
        raise NotConverged(f"instanton: the valley at the end is not found, off by {np.abs(move).max():.1e}")

    def _action(self, path, other):
        """Action, its gradient."""
        step = self.step
        energy, slope = self.landscape.slope(path)
        jump = np.diff(path, axis=0)
        first, last = path[0] - self.well.position, path[-1] - other.position
        pull = self.head @ first, self._foot(other) @ last
        value = 0.5 * np.sum(jump**2) / step + step * np.sum(energy - self.well.floor)
        value += 0.5 * (first @ pull[0] + last @ pull[1])
        gradient = step * slope
        gradient[:-1] -= jump / step
        gradient[1:] += jump / step
        gradient[0] += pull[0]
        gradient[-1] += pull[1]
        return value, gradient

    def _foot(self, other):
        if self._last_foot[0] is not other:
            self._last_foot = other, other.tail(self.step, held=False)
        return self._last_foot[1]

    def hessian(self, path, other):
        """Upper band of the Hessian, shape (D + 1, (M + 1) D)."""
        step, dim = self.step, path.shape[1]
        blocks = step * self.landscape.curvature(path)
        corner = np.arange(dim)
        blocks[:, corner, corner] += 2 / step
        blocks[0] += self.head - np.eye(dim) / step
        blocks[-1] += self._foot(other) - np.eye(dim) / step
        band = np.zeros((dim + 1, len(path), dim))
        for offset in range(dim):
            band[dim - offset, :, offset:] = blocks.diagonal(offset, 1, 2)
        band[0, 1:] = -1 / step
        return band.reshape(dim + 1, path.size)

    def _newton(self, path, other, tolerance):
        """Newton's method with the translation in time held, and a shift where H is not positive."""
        shift = 1e-3
        value, gradient = self._action(path, other)
        hold, where = self._hold(path)
        for _ in range(_MOST_STEPS):
            flat = gradient.ravel()
            rest = flat.copy()
            rest[where] -= hold * (hold @ flat[where])
            band = self._held(path, other, hold, where)
            if np.abs(rest).max() <= tolerance:
                if factored(band, 0.0) is not None:
                    return path, value
                path, (value, gradient), shift = *self._kicked(path, other), 1e-3
                continue
            along = np.zeros(path.size)
            along[where] = hold
            while True:
                factor = factored(band, shift)
                if factor is not None:
                    pair = cho_solve_banded(
                        (factor, False), np.stack([flat, along], axis=1), check_finite=False
                    )
                    move = pair[:, 1] * (along @ pair[:, 0]) / (along @ pair[:, 1]) - pair[:, 0]
                    move = move.reshape(path.shape) * min(1.0, 0.3 / np.abs(move).max())
                    new, new_gradient = self._action(path + move, other)
                    if new <= value + 1e-11 * max(1.0, abs(value)):
                        break
                shift = max(10 * shift, 1e-6)
                if shift > 1e6:
                    raise NotConverged("instanton: no step of Newton's method lowers the action")
            path, value, gradient = path + move, new, new_gradient
            shift = 0.1 * shift if shift > 1e-9 else 0.0
        raise NotConverged(f"instanton: gradient {np.abs(rest).max():.1e}, asked for {tolerance:.1e}")

    def _hold(self, path):
        """Unit vector along the velocity where it is largest, and the place of that slice in the chain."""
        velocity = (path[2:] - path[:-2]) / (2 * self.step)
        # of equals the one in the middle
        favour = 1 - 0.01 * np.linspace(-1, 1, len(velocity)) ** 2
        k = int(np.argmax(np.sum(velocity**2, axis=1) * favour))
        dim = path.shape[1]
        return velocity[k] / np.linalg.norm(velocity[k]), slice((k + 1) * dim, (k + 2) * dim)

    def _held(self, path, other, hold, where):
        """Band of H + sigma u u^T: positive if H is, at right angles to u."""
        band = self.hessian(path, other)
        dim = len(hold)
        for offset in range(dim):
            columns = np.arange(offset, dim)
            band[dim - offset, where.start + columns] += hold[columns - offset] * hold[columns] / self.step
        return band

    def _kicked(self, path, other):
        """A saddle, where symmetry holds the path, is left in a fixed direction without any symmetry."""
        size = 0.02 * np.hanning(len(path))[:, None]
        path = path + size * np.random.default_rng(0).standard_normal(path.shape[1])
        return path, self._action(path, other)

    def log_prefactor(self, path, other):
        """ln Q; det H (u^T H^-1 u) is the same for H + sigma u u^T."""
        hold, where = self._hold(path)
        factor = factored(self._held(path, other, hold, where), 0.0)
        along = np.zeros(path.size)
        along[where] = hold
        inverse = along @ cho_solve_banded((factor, False), along)
        log_det = 2 * np.sum(np.log(factor[-1]))
        k = where.start // len(hold)
        speed = hold @ (path[k + 1] - path[k - 1]) / (2 * self.step)
        modes = tuple(self.well.squares), tuple(bool(f) for f in self.well.free)
        at_rest = log_det_at_rest(len(path), self.step, *modes)
        return float(np.log(speed) + 0.5 * (at_rest - log_det - np.log(inverse)))
