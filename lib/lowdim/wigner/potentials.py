r"""Trap and pair interaction of a confined electron crystal, and their radial derivatives.

**Units.** Lengths in :math:`\ell = (\kappa/p\mu_p)^{1/(p+1)}`, energies in :math:`\kappa/\ell`, with
:math:`\kappa = e^2/4\pi\varepsilon_0\varepsilon` the strength of the Coulomb tail and every pair counted
once:

.. math:: V = \sum_i \frac{x_i^p + y_i^p}{p} + \sum_{i<j} u(r_{ij}).

For p = 2, :math:`p\mu_p = m\omega^2`, so that the eigenvalues of the matrix of second derivatives are
squares of frequencies in units of :math:`\omega`. Eqs. 1 and A1 of the paper sum over :math:`i\ne j`, each
pair twice; lengths then grow by :math:`2^{1/(p+1)}`.

**Interaction.** Forces and second derivatives need two functions of the distance,

.. math:: h(r) = -\frac{u'(r)}{r}, \qquad g(r) = -\frac{h'(r)}{r},

the h and g of eqs. A3-A7 up to factors. Coulomb: :math:`u = 1/r`, :math:`h = r^{-3}`, :math:`g = 3r^{-5}`.
Keldysh: :math:`u = (\pi/2\rho)\,F(r/\rho)` with :math:`F = H_0 - Y_0` (Struve and Bessel functions, eq. 2),

.. math:: F'(x) = \frac{2}{\pi} - F_1(x), \qquad F'' = \frac{F_1}{x} - F, \qquad F_1 = H_1 - Y_1,

which tends to 1/r for :math:`r\gg\rho`: :math:`F \simeq (2/\pi)(1/x - 1/x^3 + 9/x^5 - \ldots)`. Beyond x = 50
that series is summed to its rounding, because there the Struve and Bessel functions cancel.

Source: L. V. Keldysh, JETP Lett. 29, 658 (1979); appendix A of J. Knorzer et al., Phys. Rev. B 101, 125101
(2020).
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import struve, yv

from lowdim._checks import array_of_shape, having, integer_in, positive, positive_array, refuse

__all__ = ["Coulomb", "Keldysh", "Tabulated", "Trap", "keldysh_kernel"]

_SERIES_FROM = 50.0
_SERIES_TERMS = 16


def keldysh_kernel(x):
    r"""Return :math:`F = H_0 - Y_0` and its first two derivatives.

    Parameters
    ----------
    x : array_like
        Distance over screening length, > 0, any shape.

    Returns
    -------
    tuple of three ndarray

    Raises
    ------
    ValueError
        If an element is not a finite number > 0.

    Examples
    --------
    >>> value, slope, curvature = keldysh_kernel([1.0, 1e3])
    >>> value.round(7).tolist()
    [0.4803997, 0.0006366]
    """
    x = array_of_shape("x", x, None)
    if not np.all(x > 0):
        refuse("x", "numbers > 0", float(x.min()))
    return _kernel(x)


def _kernel(x):
    near = x < _SERIES_FROM
    if np.all(near):
        return _kernel_near(x)
    out = np.empty((3, *x.shape))
    out[:, near] = _kernel_near(x[near])
    out[:, ~near] = _kernel_far(x[~near])
    return tuple(out)


def _kernel_near(x):
    value = struve(0, x) - yv(0, x)
    first = struve(1, x) - yv(1, x)
    return value, 2 / np.pi - first, first / x - value


def _kernel_far(x):
    inverse = 1 / x
    square = inverse**2
    term = 2 / np.pi * inverse
    value, slope, curvature = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for k in range(_SERIES_TERMS):
        power = 2 * k + 1
        value += term
        slope -= power * term
        curvature += power * (power + 1) * term
        term = -(power**2) * term * square
    return value, slope * inverse, curvature * square


def _apart(distance):
    """Distances as an array; the inner loop, so that only what is no array of floats is looked at twice."""
    if getattr(distance, "dtype", None) != np.float64:
        distance = array_of_shape("distance", distance, None)
    if distance.size and not 0 < distance.min() <= distance.max() < np.inf:
        refuse("distance", "finite numbers > 0", distance)
    return distance


@dataclass(frozen=True)
class Coulomb:
    """The interaction 1/r.

    Examples
    --------
    >>> [float(x) for x in Coulomb().terms(2.0)]
    [0.5, 0.125, 0.09375]
    """

    def terms(self, distance):
        """Return u, h and g at distances > 0, any shape."""
        inverse = 1 / _apart(distance)
        square = inverse * inverse
        h = square * inverse
        return inverse, h, 3 * h * square

    def force_terms(self, distance):
        """Return u and h.

        Examples
        --------
        >>> [float(x) for x in Coulomb().force_terms(2.0)]
        [0.5, 0.125]
        """
        inverse = 1 / _apart(distance)
        return inverse, inverse * inverse * inverse


@dataclass(frozen=True)
class Keldysh:
    r"""The interaction of charges in a polarisable sheet, with Coulomb tail 1/r.

    Parameters
    ----------
    screening_length : float
        :math:`\rho = r_0/\ell`, > 0.

    Raises
    ------
    ValueError
        If the screening length is out of range.

    Examples
    --------
    >>> soft, bare = Keldysh(0.2).terms(0.5)[0], Coulomb().terms(0.5)[0]
    >>> bool(soft < bare)
    True
    """

    screening_length: float

    def __post_init__(self):
        positive("screening_length", self.screening_length)

    def terms(self, distance):
        """Return u, h and g at distances > 0, any shape."""
        rho = self.screening_length
        x = _apart(distance) / rho
        value, slope, curvature = _kernel(x)
        scale = np.pi / (2 * rho)
        h = -scale * slope / (x * rho**2)
        return scale * value, h, scale * (curvature - slope / x) / (x**2 * rho**4)

    def force_terms(self, distance):
        """Return u and h.

        Examples
        --------
        >>> bool(Keldysh(0.2).force_terms(0.5)[1] < Coulomb().force_terms(0.5)[1])
        True
        """
        return self.terms(distance)[:2]


class Tabulated:
    """Another interaction, read from splines: for many evaluations of one that is slow.

    Parameters
    ----------
    interaction : object
        With the method `terms`.
    reach : tuple of float
        Smallest and largest distance, 0 < smallest < largest; beyond them nothing is promised.
    points : int
        Of the table, >= 100, closer at small distances; the error falls with the fourth power.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> table = Tabulated(Keldysh(0.2), (0.2, 9.0))
    >>> bool(np.allclose(table.terms(1.3), Keldysh(0.2).terms(1.3), rtol=1e-9))
    True
    """

    def __init__(self, interaction, reach, points=4000):
        having("interaction", interaction, "terms")
        low, high = array_of_shape("reach", positive_array("reach", reach), (2,))
        if low >= high:
            refuse("reach", "two numbers, the smaller one first", reach)
        self._interaction, self._low, self._high = interaction, low, high
        grid = np.geomspace(low, high, integer_in("points", points, 100))
        self._splines = [CubicSpline(np.log(grid), np.log(term)) for term in interaction.terms(grid)]

    def _read(self, distance, count):
        distance = _apart(distance)
        if distance.size and not (self._low <= distance.min() and distance.max() <= self._high):
            return self._interaction.terms(distance)[:count]
        where = np.log(distance)
        return tuple(np.exp(spline(where)) for spline in self._splines[:count])

    def terms(self, distance):
        """Return u, h and g at distances > 0; beyond the reach from the interaction itself."""
        return self._read(distance, 3)

    def force_terms(self, distance):
        """Return u and h.

        Examples
        --------
        >>> table = Tabulated(Keldysh(0.2), (0.2, 9.0))
        >>> bool(np.allclose(table.force_terms(1.3), Keldysh(0.2).force_terms(1.3), rtol=1e-9))
        True
        """
        return self._read(distance, 2)


@dataclass(frozen=True)
class Trap:
    r"""Confinement :math:`(x^p+y^p)/p` per electron.

    Parameters
    ----------
    power : int
        p, even and >= 2.

    Raises
    ------
    ValueError
        If the power is odd or below 2.

    Examples
    --------
    >>> Trap(8).energy([[1.0, 1.0], [0.0, 1.0]])
    0.375
    >>> Trap(3)
    Traceback (most recent call last):
        ...
    ValueError: power: expected an even integer >= 2, got 3
    """

    power: int = 2

    def __post_init__(self):
        if integer_in("power", self.power, 2) % 2:
            refuse("power", "an even integer >= 2", self.power)

    @property
    def isotropic(self):
        """True where the trap conserves angular momentum."""
        return self.power == 2

    def energy(self, positions):
        """Return the energy of electrons at `positions`, shape (N, 2)."""
        return float(np.sum(array_of_shape("positions", positions, (None, 2)) ** self.power) / self.power)

    def gradient(self, positions):
        """Return its gradient, shape (N, 2).

        Examples
        --------
        >>> Trap(2).gradient([[1.0, 0.5]]).tolist()
        [[1.0, 0.5]]
        """
        return array_of_shape("positions", positions, (None, 2)) ** (self.power - 1)

    def curvature(self, positions):
        """Return its second derivatives, shape (N, 2, 2).

        Examples
        --------
        >>> Trap(4).curvature([[1.0, 0.5]]).tolist()
        [[[3.0, 0.0], [0.0, 0.75]]]
        """
        second = (self.power - 1) * array_of_shape("positions", positions, (None, 2)) ** (self.power - 2)
        return second[:, :, None] * np.eye(2)

    def reach(self, n):
        """Return about how far n electrons extend from the centre.

        Examples
        --------
        >>> round(Trap(2).reach(8), 3)
        2.6
        """
        return 1.3 * integer_in("n", n, 1) ** (1 / (self.power + 1))
