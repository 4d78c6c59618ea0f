r"""Atoms on one site: the on-site interaction of exact Wannier functions, and when it stops the flow.

With a contact potential :math:`\Phi = g\,\delta(\mathbf r)`, :math:`g = 4\pi\hbar^2a_s/m`, two atoms in the
Wannier function of one site of a separable lattice have the energy

.. math:: \frac{U}{E_R} = 8\pi k_0a_s\prod_{\alpha=1}^3 I(s_\alpha), \qquad
          I(s) = \frac{1}{k_0}\int w^4\,dx ,

and Gaussians of the harmonic frequency have :math:`I_G = (\sqrt s/2\pi)^{1/2}`, hence the usual estimate
:math:`U = \sqrt{8/\pi}\,k_0a_s\,s^{3/4}E_R`.

At zero temperature and n atoms per site the lattice insulates where U/J exceeds a critical number. Mean-field
theory, with z neighbours, puts it at

.. math:: (U/J)_c = z\bigl[2n + 1 + 2\sqrt{n(n+1)}\bigr].

Sources: D. Jaksch et al., Phys. Rev. Lett. 81, 3108 (1998); S. Sachdev, Quantum Phase Transitions (1999), for
the mean field; critical numbers at n = 1, `MOTT_MONTE_CARLO`: T. D. Kuehner, S. R. White and H. Monien, Phys.
Rev. B 61, 12474 (2000), J/U = 0.297(10) for the chain, quoted second-hand; W. Xu, Y. Sun, J.-P. Lv and Y.
Deng, arXiv:1908.10990, J/U = 0.0597291(8) for the square (abstract), after 0.05974(3) of B.
Capogrosso-Sansone et al., Phys. Rev. A 77, 015602 (2008); B. Capogrosso-Sansone, N. V. Prokof'ev and B. V.
Svistunov, Phys. Rev. B 75, 134302 (2007), U/J = 29.34(2) for the cubic lattice (abstract).
"""

import numpy as np
from scipy import optimize

from lowdim._checks import array_of_shape, boolean, integer_in, positive, refuse
from lowdim.lattice.tunnelling import tunnelling
from lowdim.lattice.wannier import wannier_function

__all__ = ["MOTT_MONTE_CARLO", "contact_integral", "mott_depth", "mott_mean_field", "onsite_interaction"]

# dimension: (U/J)_c at one atom per site, and its error
MOTT_MONTE_CARLO = {
    1: (1 / 0.297, 0.010 / 0.297**2),
    2: (1 / 0.0597291, 0.0000008 / 0.0597291**2),
    3: (29.34, 0.02),
}
_SHALLOW, _DEEP = 0.5, 60.0


def contact_integral(depth, *, gaussian=False):
    r"""The integral of :math:`w^4` along one axis.

    Parameters
    ----------
    depth : float
        s = U/E_R of the lattice, > 0.
    gaussian : bool
        Of the Gaussian with the harmonic frequency instead of the exact Wannier function.

    Returns
    -------
    float
        In units of k_0.

    Raises
    ------
    ValueError
        If the depth is not positive.

    Examples
    --------
    >>> round(contact_integral(10.0), 4), round(contact_integral(10.0, gaussian=True), 4)
    (0.6479, 0.7094)
    """
    boolean("gaussian", gaussian)
    depth = positive("depth", depth)
    if gaussian:
        return float(np.sqrt(np.sqrt(depth) / (2 * np.pi)))
    w = wannier_function(depth)
    # a product of four functions has twice the harmonics of one of two
    fewest = 2 * int(np.ceil(np.max(np.abs(w.wave_numbers)))) + 3
    z, values = w.on_ring(2 * fewest)
    return float(np.sum(values**4) * np.pi * w.n_sites / z.size)


def onsite_interaction(depths, scattering, *, gaussian=False):
    r"""Energy U of two atoms on one site.

    Parameters
    ----------
    depths : array_like, shape (3,)
        Depth of the lattice along the three axes in recoils, > 0; the same wavelength along all.
    scattering : float
        :math:`k_0a_s`, > 0.
    gaussian : bool
        With Gaussians of the harmonic frequency instead of the exact Wannier functions.

    Returns
    -------
    float
        In recoils.

    Raises
    ------
    ValueError
        If a depth or the scattering length is not positive.

    Examples
    --------
    >>> exact, estimate = (onsite_interaction([10] * 3, 0.04, gaussian=g) for g in (False, True))
    >>> round(exact, 4), round(exact / estimate, 3)
    (0.2734, 0.762)
    """
    boolean("gaussian", gaussian)
    depths = array_of_shape("depths", depths, (3,))
    along = {s: contact_integral(positive("depths", s), gaussian=gaussian) for s in set(depths.tolist())}
    product = np.prod([along[s] for s in depths.tolist()])
    return float(8 * np.pi * positive("scattering", scattering) * product)


def mott_mean_field(dimension, filling=1):
    r"""Mean-field value of U/J at which a hypercubic lattice with a whole filling stops conducting.

    Parameters
    ----------
    dimension : int
        1, 2 or 3.
    filling : int
        n >= 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(mott_mean_field(3) / 6, 4), round(mott_mean_field(3), 2)
    (5.8284, 34.97)
    """
    neighbours = 2 * integer_in("dimension", dimension, 1, 3)
    n = integer_in("filling", filling, 1)
    return float(neighbours * (2 * n + 1 + 2 * np.sqrt(n * (n + 1))))


def mott_depth(scattering, critical, *, dimension=3, transverse=None):
    r"""Depth at which U/J passes a critical number.

    Parameters
    ----------
    scattering : float
        :math:`k_0a_s`, > 0.
    critical : float
        U/J, > 0: `mott_mean_field` or `MOTT_MONTE_CARLO`.
    dimension : int
        Number of axes along which the atoms tunnel: 1, 2 or 3.
    transverse : float, optional
        Depth along the other axes; mandatory for fewer than three.

    Returns
    -------
    float
        In recoils.

    Raises
    ------
    ValueError
        If an argument is out of range, or the depth is outside 0.5..60 recoils.

    Examples
    --------
    >>> round(mott_depth(0.0391, 29.34), 1)  # rubidium 87 at 852 nm
    12.4
    """
    scattering, critical = positive("scattering", scattering), positive("critical", critical)
    dimension = integer_in("dimension", dimension, 1, 3)
    if dimension < 3 and transverse is None:
        refuse("transverse", "the depth along the axes without tunnelling", transverse)
    rest = [] if transverse is None else [positive("transverse", transverse)] * (3 - dimension)

    def excess(s):
        repulsion = onsite_interaction([s] * dimension + rest, scattering)
        return np.log(repulsion / tunnelling(s).item() / critical)

    if excess(_SHALLOW) > 0 or excess(_DEEP) < 0:
        refuse("critical", f"a ratio reached between {_SHALLOW:g} and {_DEEP:g} recoils", critical)
    return float(optimize.brentq(excess, _SHALLOW, _DEEP, xtol=1e-9))
