r"""Charge density of the dot and the peaks in it.

.. math:: \rho(x) = \sum_{\sigma}\sum_{mn}\langle c^\dagger_{m\sigma}c_{n\sigma}\rangle\,
          \varphi_m(x)\varphi_n(x), \qquad \int_0^L \rho\,dx = N .
"""

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in, refuse
from lowdim.dot.fock import string_space
from lowdim.dot.states import QuantumDot, check_basis

__all__ = ["charge_density", "count_peaks", "density_matrix"]


def density_matrix(level, n_orbitals):
    """Spin-summed one-particle density matrix <c_m^dagger c_n>.

    Parameters
    ----------
    level : Level
    n_orbitals : int
        Number of orbitals M of the states.

    Returns
    -------
    ndarray, shape (M, M)
        Symmetric, trace N.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=9.5, softening=0.02, n_orbitals=8)
    >>> round(float(np.trace(density_matrix(spectrum(dot, 3, 1)[0], 8))), 10)
    3.0
    """
    n_orbitals = integer_in("n_orbitals", n_orbitals, 1)
    check_basis("level", level, n_orbitals)
    psi = level.coefficients
    matrix = np.zeros((n_orbitals, n_orbitals))
    n_up, n_down = (level.n_electrons + 1) // 2, level.n_electrons // 2
    for n, states in ((n_up, psi), (n_down, psi.T)):
        if n == 0:
            continue
        fewer = string_space(n - 1, n_orbitals)
        removed = np.stack([(fewer.creator(row).T @ states).ravel() for row in np.eye(n_orbitals)])
        matrix += removed @ removed.T
    return matrix


def charge_density(level, dot, x):
    """Charge density of a level, in electrons per effective Bohr radius.

    Parameters
    ----------
    level : Level
    dot : QuantumDot
        The dot of the level.
    x : array_like
        Positions in 0..L.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    One electron, densest in the middle of the box:

    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=2.0, softening=0.02, n_orbitals=4)
    >>> charge_density(spectrum(dot, 1, 1)[0], dot, [0.0, 1.0]).round(9).tolist()
    [0.0, 1.0]
    """
    instance("dot", dot, QuantumDot)
    x = array_of_shape("x", x, None)
    if np.any(x < 0) or np.any(x > dot.length):
        refuse("x", f"positions in 0..{dot.length:g}", x)
    n = np.arange(1, dot.n_orbitals + 1)
    orbitals = np.sqrt(2 / dot.length) * np.sin(n * np.pi * x[..., None] / dot.length)
    matrix = density_matrix(level, dot.n_orbitals)
    return np.einsum("...m,mn,...n->...", orbitals, matrix, orbitals)


def count_peaks(density):
    """Number of local maxima of samples on a line.

    Examples
    --------
    >>> count_peaks(np.sin(np.linspace(0, 3 * np.pi, 301)) ** 2)
    3
    """
    density = array_of_shape("density", density, (None,))
    inner = density[1:-1]
    return int(np.sum((inner > density[:-2]) & (inner >= density[2:])))
