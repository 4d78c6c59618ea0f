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

from lowdim._checks import array_of_shape, positive, refuse

__all__ = ["Dipoles", "GaussianCore", "InversePower"]


def _vectors(r):
    r = array_of_shape("r", r, None)
    if r.ndim == 0 or not 1 <= r.shape[-1] <= 3:
        refuse("r", "a last axis of length 1, 2 or 3", r.shape)
    return r


def _apart(r):
    """Vectors of which none is zero, where the potential is infinite."""
    r = _vectors(r)
    if np.any(np.all(r == 0, axis=-1)):
        refuse("r", "vectors of non-zero length", 0.0)
    return r


def _in_space(r):
    r = _apart(r)
    if r.shape[-1] != 3:
        refuse("r", "a last axis of length 3", r.shape)
    return r


def _finite(name, value):
    return float(array_of_shape(name, value, ()))


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

    def __post_init__(self):
        _finite("strength", self.strength)
        positive("exponent", self.exponent)

    def __call__(self, r):
        return self.strength * np.sum(_apart(r) ** 2, axis=-1) ** (-self.exponent / 2)

    def curvatures(self, r):
        """Second derivatives along the axes, same shape as r."""
        r = _apart(r)
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

    def __post_init__(self):
        _finite("strength", self.strength)
        positive("width", self.width)

    def __call__(self, r):
        """Value at vectors r (last axis), in the unit of the strength.

        Examples
        --------
        >>> float(GaussianCore(3.0, 0.5)([0.0]))
        3.0
        """
        return self.strength * np.exp(-np.sum(_vectors(r) ** 2, axis=-1) / (2 * self.width**2))

    def curvatures(self, r):
        """Second derivatives along the axes, same shape as r."""
        r = _vectors(r)
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

    def __post_init__(self):
        _finite("strength", self.strength)

    def __call__(self, r):
        """Value at vectors r (last axis), in the unit of the strength.

        Examples
        --------
        >>> float(Dipoles(1.0)([0.0, 0.0, 2.0]))
        -0.25
        """
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
