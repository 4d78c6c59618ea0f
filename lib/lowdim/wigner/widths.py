r"""How wide is an electron of the crystal: normal modes, its own site, or a self-consistent Gaussian.

Lengths are in units of the trap's :math:`\ell`, frequencies in units of the trap's :math:`\omega`, pairs are
counted once (see `lowdim.wigner.material`). A width w is the standard deviation of the density along one axis
in units of :math:`r_\mathrm{ZPF}`, so a single electron in the trap has w = 1.

**Normal modes.** Each of the 2N modes adds :math:`\hbar/2m\omega\Omega_n` to the sum of the 2N variances, so
their mean is

.. math:: w^2 = \frac{1}{2N} \sum_n \frac{1}{\Omega_n};

eq. D6 prints 1/N. A mode with :math:`\Omega = 0` (the rotation of the crystal) has no width and is left out.

**Single site (Einstein).** All others at rest: :math:`\Omega_i^2 = 1 + \tfrac12\sum_j r_{ij}^{-3}`, from the
two-dimensional Laplacian of 1/r, and :math:`w_i^2 = 1/\Omega_i`.

**Self-consistent Gaussians.** The energy of cloud i among the others,

.. math:: E_i(\sigma_i) = \frac{\lambda^4}{\sigma_i^2} + \sigma_i^2
          + \sum_j C(r_{ij}; \sigma_i^2+\sigma_j^2), \qquad \lambda = r_\mathrm{ZPF}/\ell,

is minimal for all i at once; C is the Coulomb energy of two Gaussian clouds. For narrow clouds this is the
Einstein width.

Source: appendix D.2 of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020).
"""

import numpy as np
from scipy.special import hyp1f1

from lowdim._checks import array_of_shape, boolean, integer_in, non_negative, positive, refuse
from lowdim.errors import NotConverged

__all__ = ["einstein_frequencies", "hartree_widths", "mode_width"]


def _squared_distances(positions):
    positions = array_of_shape("positions", positions, (None, 2))
    squared = np.sum((positions[:, None] - positions[None]) ** 2, axis=-1)
    np.fill_diagonal(squared, np.inf)
    if np.any(squared == 0):
        refuse("positions", "distinct electrons", "two at the same place")
    return squared


def mode_width(frequencies, *, floor=1e-6, per_axis=True):
    r"""Width w of the mean density from the normal modes.

    Parameters
    ----------
    frequencies : array_like
        All 2N frequencies in units of the trap's, >= 0; shape (2N,).
    floor : float
        Modes at or below it are left out, >= 0; 1e-6 leaves out the rotation of the whole cluster if the
        forces are below 1e-11. One soft mode can carry the whole sum.
    per_axis : bool
        Divide by 2N, the number of axes; otherwise by N, as eq. D6 does.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range, the number of frequencies is odd, or none is left.

    Examples
    --------
    >>> mode_width(np.ones(10)), round(mode_width(np.ones(10), per_axis=False), 4)
    (1.0, 1.4142)
    """
    boolean("per_axis", per_axis)
    frequencies = array_of_shape("frequencies", frequencies, (None,))
    if len(frequencies) % 2 or np.any(frequencies < 0):
        refuse("frequencies", "an even number of values >= 0", frequencies.tolist())
    kept = frequencies[frequencies > non_negative("floor", floor)]
    if len(kept) == 0:
        refuse("floor", "a value below the highest frequency", floor)
    axes = len(frequencies) if per_axis else len(frequencies) // 2
    return float(np.sqrt(np.sum(1 / kept) / axes))


def einstein_frequencies(positions):
    r"""Mean frequency :math:`\Omega_i` of each electron with all others at rest.

    Parameters
    ----------
    positions : array_like
        Equilibrium positions in units of the trap's length, shape (N, 2).

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If the shape is wrong or two electrons coincide.

    Examples
    --------
    Two electrons rest 2^(1/3) apart, so that the sum over the other one is 1/2.

    >>> (einstein_frequencies([[2**(-2/3), 0], [-(2**(-2/3)), 0]]) ** 2).round(9).tolist()
    [1.25, 1.25]
    """
    return np.sqrt(1 + 0.5 * np.sum(_squared_distances(positions) ** -1.5, axis=1))


def hartree_widths(positions, zero_point, *, tolerance=1e-12, max_iterations=500):
    r"""Self-consistent widths of Gaussian clouds at fixed centres.

    Parameters
    ----------
    positions : array_like
        Centres in units of the trap's length, shape (N, 2).
    zero_point : float
        :math:`\lambda = r_\mathrm{ZPF}/\ell`, > 0.
    tolerance : float
        Largest accepted relative change in the last iteration, > 0.
    max_iterations : int
        >= 1.

    Returns
    -------
    ndarray, shape (N,)
        Widths w in units of :math:`r_\mathrm{ZPF}`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the widths still move after `max_iterations`.

    Examples
    --------
    >>> hartree_widths([[0.0, 0.0]], 0.2).tolist()
    [1.0]
    >>> narrow = hartree_widths([[0.63, 0.0], [-0.63, 0.0]], 1e-3)
    >>> bool(np.allclose(narrow**-2, einstein_frequencies([[0.63, 0.0], [-0.63, 0.0]]), rtol=1e-5))
    True
    """
    squared = _squared_distances(positions)
    if not len(squared):
        refuse("positions", "at least one electron", positions)
    scale = positive("zero_point", zero_point) ** 2
    tolerance = positive("tolerance", tolerance)
    variance = np.full(len(squared), scale)
    for _ in range(integer_in("max_iterations", max_iterations, 1)):
        stiffness = 1 + np.sum(_slope(squared, variance[:, None] + variance), axis=1)
        if np.any(stiffness <= 0):
            raise NotConverged("hartree_widths: a cloud spreads without bound among such wide neighbours")
        new = scale / np.sqrt(stiffness)
        change = np.max(np.abs(new / variance - 1))
        variance = new
        if change <= tolerance:
            return np.sqrt(variance / scale)
    raise NotConverged(f"hartree_widths: widths still change by {change:.1e} (relative)")


def _slope(squared, variance):
    """Derivative of the Coulomb energy of two clouds with respect to the sum of their variances."""
    z = np.where(np.isinf(squared), 0.0, squared) / (2 * variance)
    slope = -np.sqrt(np.pi / 8) * variance**-1.5 * hyp1f1(1.5, 1, -z)
    return np.where(np.isinf(squared), 0.0, slope)
