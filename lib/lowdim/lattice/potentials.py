r"""Pair potentials with their second derivatives along the axes.

Positions are vectors in the last axis. A function of the distance has

.. math:: \partial_\alpha^2\Phi = \Phi''\,\frac{r_\alpha^2}{r^2}
          + \frac{\Phi'}{r}\Bigl(1 - \frac{r_\alpha^2}{r^2}\Bigr),

and aligned dipoles are :math:`-\partial_z^2(1/r)`, so that their second derivatives are fourth ones of 1/r.

Source: the pair potential of eq. 3 of V. I. Yukalov, arXiv:2008.00980 (2020); dipoles: M. A. Baranov et al.,
Chem. Rev. 112, 5012 (2012).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import refuse

__all__ = ["Dipoles", "GaussianCore", "InversePower"]


def _in_space(r):
    r = np.asarray(r, dtype=float)
    if r.ndim == 0 or r.shape[-1] != 3:
        refuse("r", "a last axis of length 3", r.shape)
    return r


def _central_curvatures(r, first, second):
    """Second derivatives along the axes of a function of |r|, from its radial derivatives."""
    square = np.sum(r**2, axis=-1, keepdims=True)
    along = r**2 / square
    return second[..., None] * along + (first / np.sqrt(square[..., 0]))[..., None] * (1 - along)


@dataclass(frozen=True)
class InversePower:
    """Pair potential strength / r^exponent in any dimension (r as vectors in the last axis).

    Examples
    --------
    >>> float(InversePower(2.0, 3)(np.array([2.0, 0.0])))
    0.25
    >>> InversePower(1.0, 1).curvatures(np.array([0.0, 0.0, 1.0])).tolist()
    [-1.0, -1.0, 2.0]
    """

    strength: float
    exponent: float

    def __call__(self, r):
        return self.strength * np.sum(np.square(r), axis=-1) ** (-self.exponent / 2)

    def curvatures(self, r):
        """Second derivatives along the axes, same shape as r."""
        r = np.asarray(r, dtype=float)
        distance = np.sqrt(np.sum(r**2, axis=-1))
        n = self.exponent
        first = -n * self.strength * distance ** (-n - 1)
        return _central_curvatures(r, first, -(n + 1) * first / distance)


@dataclass(frozen=True)
class GaussianCore:
    """Pair potential strength exp(-r^2 / 2 width^2), finite at the origin.

    Examples
    --------
    >>> GaussianCore(3.0, 0.5).curvatures(np.zeros(1)).tolist()
    [-12.0]
    """

    strength: float
    width: float

    def __call__(self, r):
        return self.strength * np.exp(-np.sum(np.square(r), axis=-1) / (2 * self.width**2))

    def curvatures(self, r):
        """Second derivatives along the axes, same shape as r."""
        r = np.asarray(r, dtype=float)
        return self(r)[..., None] * (r**2 / self.width**2 - 1) / self.width**2


@dataclass(frozen=True)
class Dipoles:
    """Dipoles along the third axis: strength (1 - 3 cos^2) / r^3.

    Examples
    --------
    >>> Dipoles(1.0).curvatures(np.array([0.0, 0.0, 1.0])).tolist()
    [12.0, 12.0, -24.0]
    """

    strength: float

    def __call__(self, r):
        r = _in_space(r)
        square = np.sum(r**2, axis=-1)
        return self.strength * (1 - 3 * r[..., 2] ** 2 / square) * square**-1.5

    def curvatures(self, r):
        """Second derivatives along the axes, same shape as r; their sum is zero."""
        r = _in_space(r)
        square = np.sum(r**2, axis=-1)
        c2 = r[..., 2] ** 2 / square
        p = r[..., :2] ** 2 / square[..., None]
        across = 3 - 15 * (p + c2[..., None]) + 105 * p * c2[..., None]
        along = 9 - 90 * c2 + 105 * c2**2
        angular = np.concatenate([across, along[..., None]], axis=-1)
        return -self.strength * angular * square[..., None] ** -2.5
