r"""Actions of ring exchanges in a trapped Wigner crystal, pinned or free to give way.

Lengths in units of the trap's :math:`\ell`, energies in units of :math:`\kappa/\ell` (see
`lowdim.wigner.material`). A cyclic exchange P of n electrons splits the ground state by
:math:`J_P \propto e^{-S_P/\hbar}`, where :math:`S_P` is the least Euclidean action of a path from the
crystal to the same crystal with these electrons moved along the ring (Roger),

.. math:: \frac{S_P}{\hbar} = \sqrt{\frac{\ell}{a_B}}\;\tilde S_P, \qquad
          \tilde S_P = \min \int\! d\tau\, \Bigl[\tfrac12 \sum_i \dot{\mathbf r}_i^2 + V - V_0\Bigr].

The path is a chain of configurations at equal steps of imaginary time; its action is minimised with the exact
gradient, at two numbers of steps, and extrapolated (the error of the chain is of second order). An even
number of electrons in the ring (odd permutation) favours antiferromagnetic order, an odd number
ferromagnetic order (Thouless).

Sources: M. Roger, Phys. Rev. B 30, 6432 (1984); D. J. Thouless, Proc. Phys. Soc. 86, 893 (1965).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from lowdim._checks import array_of_shape, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.density import nearest_distances

__all__ = ["RingExchange", "ring_exchange"]


@dataclass(frozen=True)
class RingExchange:
    r"""Least action of one exchange.

    Attributes
    ----------
    action : float
        :math:`\tilde S_P`, extrapolated to a continuous path.
    error : float
        What the extrapolation changed.
    barrier : float
        Largest :math:`V - V_0` on the path, in units of :math:`\kappa/\ell`.
    path : ndarray, shape (steps + 1, N, 2)
        Configurations at equal steps of imaginary time.
    """

    action: float
    error: float
    barrier: float
    path: np.ndarray


def ring_exchange(positions, ring, *, mobile=None, sense=1, duration=14.0, steps=70, tolerance=1e-4):
    r"""Least action for moving each electron of a ring to the site of the next one.

    Parameters
    ----------
    positions : array_like
        Equilibrium positions in units of the trap's length, shape (N, 2).
    ring : sequence of int
        Two or more different electrons.
    mobile : sequence of int, optional
        Electrons that may move; all if not given. Must contain the ring.
    sense : {1, -1}
        Rotation of a pair; a longer ring goes the shorter way round.
    duration : float
        Imaginary time in units of :math:`1/\omega`, > 0; the action falls towards its limit exponentially.
    steps : int
        Steps of the coarser chain, >= 8; the finer one has twice as many.
    tolerance : float
        Largest accepted component of the gradient, > 0.

    Returns
    -------
    RingExchange

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.
    NotConverged
        If the minimisation stops short of the tolerance.

    Examples
    --------
    >>> square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]) * (0.25 + 2**-0.5)**(1 / 3)
    >>> free, pinned = ring_exchange(square, (0, 1)), ring_exchange(square, (0, 1), mobile=(0, 1))
    >>> free.action < pinned.action
    True
    """
    positions = array_of_shape("positions", positions, (None, 2))
    nearest_distances(positions)  # refuses electrons that coincide
    n = len(positions)
    ring = [integer_in("ring", i, 0, n - 1) for i in ring]
    if len(ring) < 2 or len(set(ring)) != len(ring):
        refuse("ring", "two or more different electrons", ring)
    mobile = range(n) if mobile is None else {integer_in("mobile", i, 0, n - 1) for i in mobile}
    mobile = sorted(mobile)
    if not set(ring) <= set(mobile):
        refuse("mobile", "all electrons of the ring among them", mobile)
    if sense not in (1, -1):
        refuse("sense", "1 or -1", sense)
    duration, tolerance = positive("duration", duration), positive("tolerance", tolerance)
    steps = integer_in("steps", steps, 8)
    path = _first_guess(positions, ring, sense, steps)
    coarse, path = _relax(path, mobile, duration, tolerance)
    fine, path = _relax(_refined(path), mobile, duration, tolerance)
    action = (4 * fine - coarse) / 3
    heights = _potential(path, mobile)[0] - _potential(path[:1], mobile)[0]
    return RingExchange(float(action), float(abs(action - fine)), float(heights.max()), path)


def _potential(configurations, mobile):
    """Energy of the mobile electrons for configurations (b, N, 2), and its gradient (b, mobile, 2)."""
    moving = configurations[:, mobile]
    dx, dy = (moving[:, :, None, axis] - configurations[:, None, :, axis] for axis in (0, 1))
    squared = dx * dx + dy * dy
    squared[:, range(len(mobile)), mobile] = np.inf
    inverse = 1 / np.sqrt(squared)
    # two mobile electrons meet twice in the sum
    weight = np.ones(configurations.shape[1])
    weight[mobile] = 0.5
    energy = 0.5 * np.sum(moving**2, axis=(1, 2)) + np.sum(inverse @ weight, axis=1)
    force = inverse / squared
    gradient = np.stack([np.sum(force * dx, axis=2), np.sum(force * dy, axis=2)], axis=-1)
    return energy, moving - gradient


def _first_guess(positions, ring, sense, steps):
    """Electrons of the ring on arcs about its centre, the others at rest."""
    time = np.linspace(-1, 1, steps + 1)
    done = 0.5 * (1 + np.tanh(3 * time) / np.tanh(3))
    path = np.repeat(positions[None], steps + 1, axis=0)
    centre = positions[ring].mean(axis=0)
    for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
        start, end = positions[here] - centre, positions[there] - centre
        angle = np.arctan2(start[1], start[0])
        turn = np.mod(np.arctan2(end[1], end[0]) - angle + np.pi, 2 * np.pi) - np.pi
        angles = angle + done * (sense * np.pi if len(ring) == 2 else turn)
        radius = (1 - done) * np.hypot(*start) + done * np.hypot(*end)
        path[:, here] = centre + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return path


def _refined(path):
    """The same path with twice the steps."""
    fine = np.empty((2 * len(path) - 1, *path.shape[1:]))
    fine[::2], fine[1::2] = path, 0.5 * (path[1:] + path[:-1])
    return fine


def _relax(path, mobile, duration, tolerance):
    """Least action of the chain and the chain itself; its ends are fixed."""
    step = duration / (len(path) - 1)
    floor = _potential(path[:1], mobile)[0][0]
    inner = (len(path) - 2, len(mobile), 2)

    def action(flat):
        path[1:-1, mobile] = flat.reshape(inner)
        energy, slope = _potential(path[1:-1], mobile)
        jump = np.diff(path[:, mobile], axis=0)
        value = 0.5 * np.sum(jump**2) / step + step * np.sum(energy - floor)
        gradient = (jump[:-1] - jump[1:]) / step + step * slope
        return value, gradient.ravel()

    options = {"maxiter": 4000, "maxfun": 6000, "gtol": 0.3 * tolerance, "ftol": 0.0, "maxcor": 30}
    found = minimize(action, path[1:-1, mobile].ravel(), jac=True, method="L-BFGS-B", options=options)
    worst = np.abs(found.jac).max()
    if not worst <= tolerance:
        raise NotConverged(f"ring_exchange: gradient {worst:.1e}, asked for {tolerance:.1e}")
    path[1:-1, mobile] = found.x.reshape(inner)
    return found.fun, path
