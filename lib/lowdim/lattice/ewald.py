r"""Dynamical matrices of two-dimensional crystals of charges and dipoles, by Ewald's method.

The repulsion is :math:`\phi(r) = 1/r` (charges in a neutralising plane) or :math:`1/r^3` (dipoles
perpendicular to the plane), in units in which the strength and the nearest-neighbour distance are 1. With

.. math:: \frac{1}{r^n} = \frac{1}{\Gamma(n/2)}\int_0^\infty t^{n/2-1} e^{-r^2t}\,dt

the part :math:`t > \eta^2` is summed over bonds and the rest over reciprocal vectors,

.. math:: m D_{\alpha\beta}(k) = \sum_{R\ne0}\partial_\alpha\partial_\beta\phi_s(R)\,(1-\cos k\cdot R)
          + \frac1A\sum_G\bigl[p_\alpha p_\beta\,\hat\phi_l(p)\bigr]_{p=k+G} - [\,\cdot\,]_{p=G},

.. math:: \hat\phi_l = \frac{2\pi}{p}\operatorname{erfc}\frac{p}{2\eta}\;(n=1),\qquad
          \hat\phi_l = 4\sqrt\pi\,\eta\,e^{-p^2/4\eta^2} - 2\pi p\operatorname{erfc}\frac{p}{2\eta}\;(n=3).

The term G = 0 gives the charges their plasmon, :math:`\omega^2 \propto k`. The answer does not depend on
:math:`\eta`.

Sources: L. Bonsall and A. A. Maradudin, Phys. Rev. B 15, 1959 (1977), for charges.
"""

import numpy as np
from scipy.special import erfc

from lowdim._checks import array_of_shape, instance, integer_in, positive, refuse
from lowdim.lattice.dynamics import Lattice, dynamical_matrix, pair_hessians

__all__ = ["charge_matrix", "dipole_matrix", "long_range_matrix"]

_REACH = 6.2  # erfc(6.2) and exp(-6.2^2) are below rounding
_SMALL = 0.02  # wave vectors below which the terms of the sum cancel to more than nine digits
_NOTHING = 1e-9


def charge_matrix(wave_vectors, crystal, splitting=None):
    """`long_range_matrix` with power 1: the Wigner crystal.

    Examples
    --------
    >>> from lowdim.lattice.dynamics import lattice
    >>> charge_matrix([[0.3, 0.0]], lattice("square")).shape
    (1, 2, 2)
    """
    return long_range_matrix(wave_vectors, crystal, 1, splitting)


def dipole_matrix(wave_vectors, crystal, splitting=None):
    """`long_range_matrix` with power 3: dipoles perpendicular to the plane.

    Examples
    --------
    >>> from lowdim.lattice.dynamics import lattice
    >>> dipole_matrix([[0.3, 0.0]], lattice("square")).shape
    (1, 2, 2)
    """
    return long_range_matrix(wave_vectors, crystal, 3, splitting)


def long_range_matrix(wave_vectors, crystal, power, splitting=None):
    r"""Mass times dynamical matrix of :math:`1/r^n`.

    Parameters
    ----------
    wave_vectors : array_like, shape (n, 2)
        In units of 1/a; none of them a reciprocal-lattice vector if `power` is 1.
    crystal : Lattice
        Two-dimensional.
    power : {1, 3}
    splitting : float, optional
        :math:`\eta`; the default balances the two sums.

    Returns
    -------
    ndarray, shape (n, 2, 2)
        In units of the strength over a^(power + 2).

    Raises
    ------
    ValueError
        If the lattice is not two-dimensional, the power is neither 1 nor 3, or charges are asked for at a
        reciprocal-lattice vector (within 1e-9), where their plasmon has no direction.

    Examples
    --------
    >>> from lowdim.lattice.dynamics import lattice
    >>> matrix = long_range_matrix([[0.3, 0.0]], lattice("triangular"), 1)
    >>> np.linalg.eigvalsh(matrix)[0].round(6).tolist()  # transverse and longitudinal
    [0.023802, 2.057982]
    """
    instance("crystal", crystal, Lattice)
    if integer_in("power", power, 1, 3) == 2:
        refuse("power", "1 or 3", power)
    if crystal.dimension != 2:
        refuse("crystal", "a two-dimensional lattice", crystal.name)
    wave_vectors = array_of_shape("wave_vectors", wave_vectors, (None, 2))
    # fold k into the first cell, so that the reach around it is the same for all
    fraction = wave_vectors @ np.linalg.inv(crystal.reciprocal)
    k = (fraction - np.round(fraction)) @ crystal.reciprocal
    length = np.linalg.norm(k, axis=1)
    if power == 1 and np.any(length < _NOTHING):
        worst = wave_vectors[np.argmin(length)].tolist()
        refuse("wave_vectors", "none at a reciprocal-lattice vector, where charges have no matrix", worst)
    eta = np.sqrt(np.pi / crystal.cell) if splitting is None else positive("splitting", splitting)
    small = length < _SMALL
    regular = np.empty((len(k), 2, 2))
    regular[~small] = _regular(k[~small], crystal, power, eta)
    if np.any(small):
        regular[small] = _regular_at_small(k[small], crystal, power, eta)
    return regular + _long_range(k, power, eta) / crystal.cell


def _regular(k, crystal, power, eta):
    """The matrix without the term of G = 0: analytic and even in k, zero at k = 0."""
    bonds = crystal.bonds(_REACH / eta)
    short = dynamical_matrix(k, bonds, pair_hessians(bonds, *_short_range(power, eta)))
    farthest = np.linalg.norm(k, axis=1).max(initial=0.0)
    vectors = Lattice("reciprocal", crystal.reciprocal).bonds(2 * eta * _REACH + farthest)
    moved = _long_range(k[:, None, :] + vectors, power, eta).sum(axis=1)
    still = _long_range(vectors, power, eta).sum(axis=0)
    return short + (moved - still) / crystal.cell


def _regular_at_small(k, crystal, power, eta):
    """`_regular` where its terms cancel: the even polynomial through three points in the direction of k."""
    length = np.linalg.norm(k, axis=1)
    unit = k / np.where(length > 0, length, 1.0)[:, None]
    at = _SMALL * np.array([1.0, 2.0, 3.0])
    values = _regular((at[:, None, None] * unit).reshape(-1, 2), crystal, power, eta)
    scaled = values.reshape(3, len(k), 2, 2) / at[:, None, None, None] ** 2
    coefficients = np.tensordot(np.linalg.inv(np.vander(at**2, increasing=True)), scaled, axes=1)
    square = length[:, None, None] ** 2
    return square * (coefficients[0] + square * (coefficients[1] + square * coefficients[2]))


def _short_range(power, eta):
    """First and second derivative of the screened potential."""

    def derivatives(r):
        x = eta * r
        gauss = 2 * eta / np.sqrt(np.pi) * np.exp(-(x**2))
        error = erfc(x)
        if power == 1:  # phi = erfc(x)/r
            value, slope = error / r, -error / r**2 - gauss / r
            curve = 2 * error / r**3 + 2 * gauss / r**2 + 2 * eta**2 * gauss
            return value, slope, curve
        # phi = erfc(x)/r^3 + gauss/r^2
        slope = -3 * error / r**4 - 3 * gauss / r**3 - 2 * eta**2 * gauss / r
        curve = 12 * error / r**5 + 12 * gauss / r**4 + 8 * eta**2 * gauss / r**2 + 4 * eta**4 * gauss
        return None, slope, curve

    return lambda r: derivatives(r)[1], lambda r: derivatives(r)[2]


def _long_range(p, power, eta):
    """p_a p_b times the transform of the smooth part, shape (..., 2, 2); zero at p = 0."""
    length = np.linalg.norm(p, axis=-1)
    x = length / (2 * eta)
    if power == 1:
        transform = 2 * np.pi * erfc(x) / np.where(length > 0, length, 1.0)
    else:
        transform = 4 * np.sqrt(np.pi) * eta * np.exp(-(x**2)) - 2 * np.pi * length * erfc(x)
    return np.einsum("...a,...b,...->...ab", p, p, transform)
