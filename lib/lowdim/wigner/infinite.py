r"""The infinite crystal: energy, modes, zero-point energy; and what it says about large clusters.

Charges on a Bravais lattice with spacing a in a uniform neutralising plane, every pair once; energies in
:math:`\kappa/a`, frequencies in :math:`(\kappa/ma^3)^{1/2}`. The energy per electron :math:`E_0` is
`lowdim.lattice.lattice_energy` with the power 1.

The modes are the roots of the eigenvalues of `lowdim.lattice.ewald.charge_matrix`; the zero-point energy is
half of their sum, averaged over the Brillouin zone, and the Einstein frequency of an electron among
neighbours at rest is :math:`\Omega_E^2 = \tfrac12\sum_R R^{-3}`, the average of half the trace and the
energy of dipoles on the same lattice.

**Large clusters.** A fluid of charges in a harmonic trap has :math:`R^3 = 3\pi N/4` and the energy
:math:`\tfrac35NR^2`; a crystal of the local density adds :math:`E_0` per electron, which together give
(in :math:`\kappa/\ell`)

.. math:: E(N) \simeq \tfrac35 N R^2 - c\,\tfrac47\pi R^2 n_0^{3/2}, \qquad n_0 = \frac{3N}{2\pi R^2},
          \qquad c = -E_0/\sqrt n.

Source: L. Bonsall and A. A. Maradudin, Phys. Rev. B 15, 1959 (1977).
"""

import math

import numpy as np

from lowdim._checks import integer_in
from lowdim.lattice.brillouin import converged_average
from lowdim.lattice.dynamics import lattice
from lowdim.lattice.ewald import charge_matrix
from lowdim.lattice.sums import lattice_energy

__all__ = [
    "crystal_frequencies",
    "crystal_zero_point_energy",
    "einstein_square",
    "large_cluster_energy",
]


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
    r"""Square of the Einstein frequency, :math:`\tfrac12\sum_R R^{-3}`.

    Examples
    --------
    >>> round(einstein_square(), 5)
    5.51709
    """
    return lattice_energy(lattice(name), 3)


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
    constant = -lattice_energy(lattice("triangular"), 1) / math.sqrt(2 / math.sqrt(3))
    return 0.6 * n * radius**2 - constant * 4 / 7 * math.pi * radius**2 * peak**1.5
