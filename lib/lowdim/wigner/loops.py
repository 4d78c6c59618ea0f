r"""Beyond one loop: the path integral of a tunnelling amplitude by Monte Carlo, relative to its Gaussian
part.

The amplitude is :math:`\int\!Dx\,e^{-S[x]/\hbar}` over paths from one well to the other, over the same
integral in one well. `lowdim.wigner.instantons` keeps the second-order part :math:`\tfrac12\eta^TH\eta` of
the action about the best path. What it leaves out,
:math:`\Delta S = S[\bar x+\eta]-S[\bar x]-\tfrac12\eta^TH\eta`, is switched on,

.. math:: \ln\frac{Z}{Z_{\rm Gauss}} = -\frac1\hbar\int_0^1\!d\lambda\,\langle\Delta S\rangle_\lambda,

with paths drawn from :math:`e^{-(\eta^TH\eta/2+\lambda\Delta S)/\hbar}` by moves that leave the Gaussian
part as it is (preconditioned Crank-Nicolson): their acceptance does not depend on the number of slices. The
constraint :math:`u\cdot\eta=0` that divides out the translation in time brings the factor
:math:`u\cdot\dot x/u\cdot\dot{\bar x}`. The same chain in one well is divided by. No further approximation
enters but the chain's step and the harmonic tails, which are the same in both.

Source: S. L. Cotter, G. O. Roberts, A. M. Stuart and D. White, Stat. Sci. 28, 424 (2013), doi
10.1214/13-STS421.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve_banded, solve_banded

from lowdim._checks import instance, integer_in, positive, refuse
from lowdim.wigner._determinants import factored
from lowdim.wigner.instantons import _stationary

__all__ = ["LoopCorrection", "loop_correction"]

_WARM = 0.2
_BLOCKS = 10


@dataclass(frozen=True)
class LoopCorrection:
    """Exact amplitude over the one-loop amplitude.

    Attributes
    ----------
    ratio, error : float
        The ratio and its standard error.
    acceptance : float
        Smallest share of accepted moves.
    """

    ratio: float
    error: float
    acceptance: float


def loop_correction(
    landscape, start, path, planck, *, rng, duration, moves=4000, stride=0.6, nodes=4, soft=0.1
):
    r"""Ratio of a tunnelling amplitude to its one-loop value.

    Parameters
    ----------
    landscape : object
        As for `instanton`.
    start : array_like, shape (D,)
        The minimum.
    path : array_like, shape (m, D)
        The path of `instanton`; its slices are those of the sampled chain.
    planck : float
        :math:`\hbar`, > 0.
    rng : numpy.random.Generator
    duration : float
        Imaginary time of the path, > 0.
    moves : int
        Moves at each of the `nodes` values of :math:`\lambda`, >= 100.
    stride : float
        Share of fresh noise in a move, in (0, 1].
    nodes : int
        Points of the quadrature in :math:`\lambda`, >= 2.
    soft : float
        As for `instanton`.

    Returns
    -------
    LoopCorrection

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the path is not a minimum of the action.

    Examples
    --------
    >>> class Quartic:
    ...     def slope(self, x):
    ...         y = x[:, 0]
    ...         return (y**2 - 1) ** 2 / 8, (0.5 * y * (y**2 - 1))[:, None]
    ...     def curvature(self, x):
    ...         return (1.5 * x**2 - 0.5)[:, :, None]
    >>> from lowdim.wigner import instanton
    >>> found = instanton(Quartic(), [-1.0], np.linspace(-1, 1, 9)[:, None], duration=16, steps=30)
    >>> rng = np.random.default_rng(1)
    >>> loops = loop_correction(
    ...     Quartic(), [-1.0], found.path, 0.05, rng=rng, duration=16, moves=1000, stride=0.7
    ... )
    >>> abs(loops.ratio - 0.93) < 3 * loops.error, loops.acceptance > 0.4
    (True, True)
    """
    planck = positive("planck", planck)
    moves, nodes = integer_in("moves", moves, 100), integer_in("nodes", nodes, 2)
    stride = positive("stride", stride)
    if stride > 1:
        refuse("stride", "a number in (0, 1]", stride)
    chain, best, rest = _stationary(landscape, start, path, duration, soft)
    instance("rng", rng, np.random.Generator)
    parts = [
        _Fluctuations(chain, *ends, planck, held=held).integral(rng, moves, stride, nodes)
        for ends, held in ((best, True), (rest, False))
    ]
    (tunnels, error, first), (rests, noise, second) = parts
    ratio = np.exp(tunnels - rests)
    return LoopCorrection(float(ratio), float(ratio * np.hypot(error, noise)), min(first, second))


class _Fluctuations:
    """Paths about a stationary one."""

    def __init__(self, chain, path, other, planck, *, held):
        self.chain, self.path, self.other, self.planck = chain, path, other, planck
        band = chain.hessian(path, other)
        self.along = None
        if held:
            hold, where = chain._hold(path)
            band = chain._held(path, other, hold, where)
            self.along, self.hold, self.slice = np.zeros(path.size), hold, where.start // len(hold)
            self.along[where] = hold
        self.factor = factored(band, 0.0)
        if held:
            self.answer = cho_solve_banded((self.factor, False), self.along)
            self.answer /= self.along @ self.answer
        self.base, self.slope = chain._action(path, other)
        self.band = band

    def draw(self, rng):
        """Gaussian fluctuations at right angles to the translation."""
        width = self.factor.shape[0] - 1
        noise = solve_banded((0, width), self.factor, rng.standard_normal(self.path.size), check_finite=False)
        if self.along is not None:
            noise -= self.answer * (self.along @ noise)
        return np.sqrt(self.planck) * noise

    def excess(self, eta):
        """What the action has beyond second order, over Planck's constant."""
        value, _ = self.chain._action(self.path + eta.reshape(self.path.shape), self.other)
        return (value - self.base - self.slope.ravel() @ eta - 0.5 * eta @ self._times(eta)) / self.planck

    def _times(self, eta):
        band, dim = self.band, self.band.shape[0] - 1
        total = band[dim] * eta
        for offset in range(1, dim + 1):
            row = band[dim - offset, offset:]
            total[:-offset] += row * eta[offset:]
            total[offset:] += row * eta[:-offset]
        return total

    def speed(self, eta):
        """Velocity along the constraint, relative to that of the path."""
        moved = self.path + eta.reshape(self.path.shape)
        k = self.slice
        change = [self.hold @ (x[k + 1] - x[k - 1]) for x in (moved, self.path)]
        return change[0] / change[1]

    def integral(self, rng, moves, stride, nodes):
        """ln Z/Z_Gauss with its error, and the smallest acceptance."""
        points, weights = np.polynomial.legendre.leggauss(nodes)
        total, variance, acceptance = 0.0, 0.0, 1.0
        for point, weight in zip(0.5 * (points + 1), 0.5 * weights, strict=True):
            values, _, accepted = self._walk(rng, point, moves, stride)
            mean, error = _block_mean(values)
            total, variance = total - weight * mean, variance + (weight * error) ** 2
            acceptance = min(acceptance, accepted)
        if self.along is not None:
            _, speeds, accepted = self._walk(rng, 1.0, moves, stride)
            mean, error = _block_mean(speeds)
            total, variance = total + np.log(mean), variance + (error / mean) ** 2
            acceptance = min(acceptance, accepted)
        return total, np.sqrt(variance), acceptance

    def _walk(self, rng, strength, moves, stride):
        keep = np.sqrt(1 - stride**2)
        eta = np.zeros(self.path.size)
        here, accepted = 0.0, 0
        values, speeds = [], []
        for k in range(int(moves * (1 + _WARM))):
            trial = keep * eta + stride * self.draw(rng)
            there = self.excess(trial)
            if np.log(rng.random()) < -strength * (there - here):
                eta, here, accepted = trial, there, accepted + 1
            if k >= int(moves * _WARM):
                values.append(here)
                speeds.append(self.speed(eta) if self.along is not None else 1.0)
        return np.array(values), np.array(speeds), accepted / (moves * (1 + _WARM))


def _block_mean(values):
    blocks = np.array([b.mean() for b in np.array_split(values, _BLOCKS)])
    return float(values.mean()), float(blocks.std(ddof=1) / np.sqrt(_BLOCKS))
