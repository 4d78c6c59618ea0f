r"""The infinite crystal: energy, modes, zero-point energy; and what it says about large clusters.

Charges on a Bravais lattice with spacing a in a uniform neutralising plane, every pair once; energies in
:math:`\kappa/a`, frequencies in :math:`(\kappa/ma^3)^{1/2}`. With Ewald's splitting :math:`\eta` and cell
area A the energy per electron is

.. math:: E_0 = \frac12\Bigl[\sum_{R\ne0}\frac{\operatorname{erfc}\eta R}{R}
          + \frac{2\pi}{A}\sum_{G\ne0}\frac{\operatorname{erfc}(G/2\eta)}{G}
          - \frac{2\sqrt\pi}{A\eta} - \frac{2\eta}{\sqrt\pi}\Bigr].

The modes are the roots of the eigenvalues of `lowdim.lattice.ewald.charge_matrix`; the zero-point energy is
half of their sum, averaged over the Brillouin zone, and the Einstein frequency of an electron among
neighbours at rest is :math:`\Omega_E^2 = \tfrac12\sum_R R^{-3}`, the average of half the trace.

**Large clusters.** A fluid of charges in a harmonic trap has :math:`R^3 = 3\pi N/4` and the energy
:math:`\tfrac35NR^2`; a crystal of the local density adds :math:`E_0` per electron, which together give
(in :math:`\kappa/\ell`)

.. math:: E(N) \simeq \tfrac35 N R^2 - c\,\tfrac47\pi R^2 n_0^{3/2}, \qquad n_0 = \frac{3N}{2\pi R^2},
          \qquad c = -E_0/\sqrt n.

Source: L. Bonsall and A. A. Maradudin, Phys. Rev. B 15, 1959 (1977).
"""

import math

import numpy as np
from scipy.special import erfc

from lowdim._checks import integer_in, positive
from lowdim.lattice.brillouin import converged_average
from lowdim.lattice.dynamics import lattice
from lowdim.lattice.ewald import charge_matrix

__all__ = [
    "crystal_energy",
    "crystal_frequencies",
    "crystal_zero_point_energy",
    "einstein_square",
    "large_cluster_energy",
]

_REACH = 6.2


def crystal_energy(name="triangular", *, splitting=None):
    r"""Electrostatic energy per electron.

    Parameters
    ----------
    name : {"triangular", "square"}
    splitting : float, optional
        :math:`\eta a`, > 0; the answer does not depend on it.

    Returns
    -------
    float
        In :math:`\kappa/a`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> density = 2 / 3**0.5  # of the triangular lattice with spacing 1
    >>> round(crystal_energy() / density**0.5, 6)
    -1.960516
    """
    crystal = lattice(name)
    area = crystal.cell
    eta = math.sqrt(math.pi / area) if splitting is None else positive("splitting", splitting)
    r = np.linalg.norm(crystal.bonds(_REACH / eta), axis=1)
    g = np.linalg.norm(_reciprocal_vectors(crystal, 2 * _REACH * eta), axis=1)
    total = np.sum(erfc(eta * r) / r) + 2 * math.pi / area * np.sum(erfc(g / (2 * eta)) / g)
    return float(0.5 * (total - 2 * math.sqrt(math.pi) / (area * eta) - 2 * eta / math.sqrt(math.pi)))


def _reciprocal_vectors(crystal, radius):
    reach = int(math.ceil(radius * np.linalg.norm(crystal.primitive, axis=1).max() / (2 * math.pi))) + 1
    i, j = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    vectors = np.stack([i.ravel(), j.ravel()], axis=1) @ crystal.reciprocal
    length = np.linalg.norm(vectors, axis=1)
    return vectors[(length > 1e-9) & (length <= radius)]


def crystal_frequencies(wave_vectors, name="triangular"):
    r"""Both modes at each wave vector.

    Parameters
    ----------
    wave_vectors : array_like, shape (n, 2)
        In 1/a, none of them a reciprocal-lattice vector.
    name : {"triangular", "square"}

    Returns
    -------
    ndarray, shape (n, 2)
        Ascending, in :math:`(\kappa/ma^3)^{1/2}`; nan where the crystal is unstable.

    Raises
    ------
    ValueError
        If a wave vector is a reciprocal-lattice vector (within 1e-9 of it), or the name is another.

    Examples
    --------
    >>> crystal_frequencies([[0.3, 0.0]]).round(4).tolist()
    [[0.1543, 1.4346]]
    """
    squares = np.linalg.eigvalsh(charge_matrix(wave_vectors, lattice(name)))
    return np.sqrt(np.where(squares < 0, np.nan, squares))


def crystal_zero_point_energy():
    r"""Zero-point energy per electron of the triangular crystal, in units of
    :math:`\hbar(\kappa/ma^3)^{1/2}`.

    Examples
    --------
    >>> rs_over_a = (3**0.5 / (2 * 3.141592653589793)) ** 0.5
    >>> round(crystal_zero_point_energy() * rs_over_a**1.5, 4)  # times rs^(-3/2) effective Hartree
    0.8137
    """
    crystal = lattice("triangular")
    # the plasmon goes as the root of |k|
    average, _ = converged_average(
        lambda k: 0.5 * crystal_frequencies(k).sum(axis=1), crystal.reciprocal, 0, tolerance=1e-8, root=2
    )
    return float(average)


def einstein_square(name="triangular"):
    r"""Square of the Einstein frequency, :math:`\tfrac12\sum_R R^{-3}`, by Ewald's method.

    Examples
    --------
    >>> round(einstein_square(), 5)
    5.51709
    """
    crystal = lattice(name)
    eta = math.sqrt(math.pi / crystal.cell)
    r = np.linalg.norm(crystal.bonds(_REACH / eta), axis=1)
    g = np.linalg.norm(_reciprocal_vectors(crystal, 2 * _REACH * eta), axis=1)
    x = eta * r
    near = np.sum((erfc(x) + 2 * x * np.exp(-(x**2)) / math.sqrt(math.pi)) / r**3)
    smooth = np.exp(-((g / (2 * eta)) ** 2))
    far = 4 * math.sqrt(math.pi) * eta * smooth - 2 * math.pi * g * erfc(g / (2 * eta))
    whole = near + (np.sum(far) + 4 * math.sqrt(math.pi) * eta) / crystal.cell
    return float(0.5 * (whole - 4 * eta**3 / (3 * math.sqrt(math.pi))))


def large_cluster_energy(n):
    r"""Energy of a large cluster in a harmonic trap: fluid plus local crystal energy, in :math:`\kappa/\ell`.

    Parameters
    ----------
    n : int
        >= 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If n is out of range.

    Examples
    --------
    >>> from lowdim.wigner.stored import search_record
    >>> exact = search_record()["search"][-1]["energy"]
    >>> bool(abs(large_cluster_energy(100) / exact - 1) < 0.003)
    True
    """
    n = integer_in("n", n, 1)
    radius = (3 * math.pi * n / 4) ** (1 / 3)
    peak = 3 * n / (2 * math.pi * radius**2)
    constant = -crystal_energy() / math.sqrt(2 / math.sqrt(3))
    return 0.6 * n * radius**2 - constant * 4 / 7 * math.pi * radius**2 * peak**1.5
