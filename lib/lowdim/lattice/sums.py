r"""Energy and elasticity of two-dimensional crystals of charges and of dipoles, and where they melt.

The repulsion is :math:`C/r^n`, n = 1 (charges in a neutralising plane) or 3 (dipoles across the plane); units
C = a = 1, with a the nearest-neighbour distance. The energy of one particle at rest is by Ewald's method,
with :math:`\phi_s`, :math:`\hat\phi_l` of `lowdim.lattice.ewald`,

.. math:: e = \frac12\Bigl[\sum_{R\ne0}\phi_s(R) + \frac1A\sum_G\hat\phi_l(G) - \phi_l(0)\Bigr],

where G = 0 is :math:`-2\sqrt\pi/\eta` for charges, whose divergent part the background cancels,
:math:`4\sqrt\pi\eta` for dipoles, and :math:`\phi_l(0) = 2\eta^n/n\,\Gamma(n/2)`.

*Shear.* A simple shear by :math:`\gamma` keeps the area; :math:`\mu = e''(\gamma)/A` is the density times the
square of the velocity of transverse sound, for any stress. The energy falls as :math:`n_0^{n/2}` with the
density :math:`n_0`, hence the modulus of compression :math:`B = \frac n2(\frac n2+1)n_0e` of dipoles; that of
charges is infinite at long wavelengths.

*Melting.* Dislocations unbind where (Thouless 1978; Kosterlitz, Thouless, Halperin, Nelson, Young)

.. math:: \frac{a^2}{k_BT}\,\frac{4\mu B}{\mu + B} = 16\pi .

With the moduli of the crystal at rest this overestimates the melting temperature, since they soften.

Sources: L. Bonsall and A. A. Maradudin, Phys. Rev. B 15, 1959 (1977); D. J. Thouless, J. Phys. C 11, L189
(1978); H. H. von Gruenberg et al., Phys. Rev. Lett. 93, 255703 (2004).
"""

import math

import numpy as np
from scipy.special import erfc

from lowdim._checks import integer_in, positive, refuse
from lowdim.lattice.brillouin import converged_average
from lowdim.lattice.dynamics import Lattice, displacement_weights
from lowdim.lattice.ewald import long_range_matrix

__all__ = ["bulk_modulus", "lattice_energy", "neighbour_displacement", "shear_modulus", "thouless_coupling"]

_REACH = 6.2


def lattice_energy(crystal, power, splitting=None):
    """Energy of one particle of the crystal at rest, each pair shared by its two particles.

    Parameters
    ----------
    crystal : Lattice
        Two-dimensional; any primitive vectors.
    power : {1, 3}
    splitting : float, optional
        > 0; the answer does not depend on it.

    Returns
    -------
    float
        In C/a^power.

    Raises
    ------
    ValueError
        If the lattice is not two-dimensional, the power neither 1 nor 3, or the splitting not positive.

    Examples
    --------
    >>> from lowdim.lattice import lattice
    >>> triangular = lattice("triangular")
    >>> density = 1 / triangular.cell
    >>> round(lattice_energy(triangular, 1) / density**0.5, 6)  # charges
    -1.960516
    >>> round(2 * lattice_energy(triangular, 3) / density**1.5, 4)  # dipoles, every pair twice
    8.8927
    """
    _refuse_others(crystal, power)
    area = crystal.cell
    eta = math.sqrt(math.pi / area) if splitting is None else positive("splitting", splitting)
    r = np.linalg.norm(crystal.bonds(_REACH / eta), axis=1)
    g = np.linalg.norm(Lattice("reciprocal", crystal.reciprocal).bonds(2 * _REACH * eta), axis=1)
    x, y = eta * r, g / (2 * eta)
    if power == 1:
        near, far = erfc(x) / r, 2 * np.pi * erfc(y) / g
        centre, own = -2 * math.sqrt(math.pi) / eta, 2 * eta / math.sqrt(math.pi)
    else:
        near = (erfc(x) + 2 * x * np.exp(-(x**2)) / math.sqrt(math.pi)) / r**3
        far = 4 * math.sqrt(math.pi) * eta * np.exp(-(y**2)) - 2 * np.pi * g * erfc(y)
        centre, own = 4 * math.sqrt(math.pi) * eta, 4 * eta**3 / (3 * math.sqrt(math.pi))
    return float(0.5 * (near.sum() + (far.sum() + centre) / area - own))


def shear_modulus(crystal, power, step=0.03):
    r"""Modulus of a simple shear along the first axis, from the energies of sheared lattices.

    Parameters
    ----------
    crystal : Lattice
        Two-dimensional.
    power : {1, 3}
    step : float
        Of the numerical derivative, of sixth order; > 0.

    Returns
    -------
    float
        In C/a^(power + 2).

    Raises
    ------
    ValueError
        As `lattice_energy`, or if the step is not positive.

    Examples
    --------
    >>> from lowdim.lattice import lattice
    >>> triangular = lattice("triangular")
    >>> round(shear_modulus(triangular, 1) * triangular.cell**1.5, 5)  # in C n^(3/2)
    0.24506
    """
    _refuse_others(crystal, power)
    step = positive("step", step)

    def sheared(gamma):
        shear = np.array([[1.0, 0.0], [gamma, 1.0]])  # rows are vectors: x grows by gamma y
        return lattice_energy(Lattice("sheared", crystal.primitive @ shear), power)

    weights = np.array([2, -27, 270, -490, 270, -27, 2]) / 180
    energies = np.array([sheared(n * step) for n in range(-3, 4)])
    return float(weights @ energies / step**2 / crystal.cell)


def bulk_modulus(crystal, power):
    """Modulus of compression; infinite for charges.

    Examples
    --------
    >>> from lowdim.lattice import lattice
    >>> round(bulk_modulus(lattice("triangular"), 3), 3)
    23.89
    """
    _refuse_others(crystal, power)
    if power == 1:
        return math.inf
    return power / 2 * (power / 2 + 1) * lattice_energy(crystal, power) / crystal.cell


def thouless_coupling(crystal, power):
    r"""Strength over temperature, :math:`C/a^nk_BT`, at which dislocations unbind in the crystal at rest.

    Parameters
    ----------
    crystal : Lattice
        Two-dimensional and isotropic: triangular.
    power : {1, 3}

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `lattice_energy`.

    Examples
    --------
    For charges :math:`\\Gamma = e^2\\sqrt{\\pi n}/k_BT`:

    >>> from lowdim.lattice import lattice
    >>> triangular = lattice("triangular")
    >>> round(thouless_coupling(triangular, 1) * (np.pi / triangular.cell) ** 0.5, 1)
    78.7
    """
    shear, bulk = shear_modulus(crystal, power), bulk_modulus(crystal, power)
    return 4 * np.pi * (1 / shear + 1 / bulk)


def neighbour_displacement(crystal, power, tolerance=1e-7):
    r"""Mean square of the relative displacement of neighbours in the harmonic crystal of high temperature.

    .. math:: \gamma = \frac{\langle(u_i-u_j)^2\rangle}{a^2}\,\frac{C}{a^nk_BT}

    is finite in two dimensions, where :math:`\langle u^2\rangle` is not: Lindemann's criterion for them.

    Parameters
    ----------
    crystal : Lattice
        Two-dimensional and stable.
    power : {1, 3}
    tolerance : float
        Relative.

    Returns
    -------
    float

    Raises
    ------
    Unstable
        If the crystal has imaginary frequencies.
    ValueError
        As `lattice_energy`.

    Examples
    --------
    >>> from lowdim.lattice import lattice
    >>> round(neighbour_displacement(lattice("triangular"), 3), 4)
    0.2216
    """
    _refuse_others(crystal, power)
    bond = crystal.bonds(1.0)[0]

    def relative(k):
        inverse = 2 * displacement_weights(long_range_matrix(k, crystal, power))
        inverse = inverse @ inverse  # 1/(2 omega) twice is 1/omega^2 over 4
        return 4 * np.sin(k @ bond / 2) ** 2 * np.trace(inverse, axis1=1, axis2=2)

    return float(converged_average(relative, crystal.reciprocal, 0, tolerance, root=2)[0])


def _refuse_others(crystal, power):
    if integer_in("power", power, 1, 3) == 2:
        refuse("power", "1 or 3", power)
    if not isinstance(crystal, Lattice) or crystal.dimension != 2:
        refuse("crystal", "a two-dimensional Lattice", crystal)
