r"""Softened Coulomb matrix elements between the orbitals of a hard-wall box.

Orbitals of a box of length :math:`L`, all with positive slope at the left wall,

.. math:: \varphi_n(x) = \sqrt{2/L}\,\sin(n\pi x/L), \qquad 0 \le x \le L,\; n = 1, 2, \dots

interact through :math:`V(x, x') = 1/\sqrt{(x-x')^2 + \lambda^2}`. Lengths are in effective Bohr radii
:math:`a_B^*` and energies in effective Hartrees :math:`E_H^* = e^2/(\varepsilon a_B^*)`.

A product of two orbitals is a difference of two cosines, so every matrix element is a sum of four

.. math:: C_{kl} = \int_0^1\!\!\int_0^1 \frac{\cos(k\pi x)\cos(l\pi x')}{\sqrt{(x-x')^2+\delta^2}}\,dx\,dx',
          \qquad \delta = \lambda/L .

At fixed separation :math:`u = |x-x'|` the other integral is elementary, which leaves

.. math:: C_{kl} = \int_0^1 \frac{G_{kl}(u)}{\sqrt{u^2+\delta^2}}\,du
                 = \int_0^{\operatorname{arsinh}(1/\delta)} G_{kl}(\delta\sinh s)\,ds,

.. math:: G_{kl}(u) = -\frac{\sin l\pi u + \sin k\pi u}{\pi(k+l)} + \frac{\sin l\pi u - \sin k\pi u}{\pi(k-l)}
          \quad (k \ne l,\; k+l \text{ even}),

and the substitution has removed the logarithmic singularity of small :math:`\delta`; composite
Gauss-Legendre quadrature does the rest. :math:`C_{kl} = 0` for odd :math:`k+l`.

Source: the interaction below eq. 1 of K. Jauregui et al., Phys. Rev. B 53, R1713 (1996).
"""

import numpy as np
from scipy import integrate

from lowdim._checks import integer_in, positive
from lowdim.errors import NotConverged

__all__ = ["coulomb_integral_direct", "coulomb_integrals", "cosine_integrals", "pair_densities"]

_PANEL_WIDTH = 0.5
_PANEL_POINTS = 20


def cosine_integrals(k_max, softening):
    r"""Table of :math:`C_{kl}` for k, l = 0..k_max.

    Parameters
    ----------
    k_max : int
        Largest wave number (in units of pi/L), >= 0.
    softening : float
        :math:`\delta = \lambda/L`, > 0.

    Returns
    -------
    ndarray, shape (k_max + 1, k_max + 1)
        Symmetric; dimensionless (multiply by 1/L for energies).

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    With nothing oscillating the double integral is elementary:

    >>> d = 0.1
    >>> exact = 2 * (np.arcsinh(1 / d) - np.sqrt(1 + d**2) + d)
    >>> bool(abs(cosine_integrals(0, d)[0, 0] - exact) < 1e-14)
    True
    """
    k_max = integer_in("k_max", k_max, 0)
    softening = positive("softening", softening)
    nodes, weights = _separation_quadrature(softening, k_max)
    k = np.arange(k_max + 1)
    sine = np.sin(np.pi * np.outer(k, nodes))
    # int sin(k pi u) ds; G is linear in these off the diagonal, so no (k, l, u) array is needed
    moment = sine @ weights
    total, difference = np.add.outer(k, k), np.subtract.outer(k, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = -np.add.outer(moment, moment) / (np.pi * total)
        table -= np.subtract.outer(moment, moment) / (np.pi * difference)
    table[total % 2 == 1] = 0.0
    table[k[1:], k[1:]] = np.cos(np.pi * np.outer(k[1:], nodes)) @ ((1 - nodes) * weights) - moment[1:] / (
        np.pi * k[1:]
    )
    table[0, 0] = 2 * (1 - nodes) @ weights
    return table


def _separation_quadrature(softening, k_max):
    """Nodes u and weights for int_0^1 f(u) du / sqrt(u^2 + softening^2).

    In s = arsinh(u / softening) a panel of fixed width spans a fixed ratio of u; where the cosines
    oscillate faster than that (u k_max > 1, the last panels) the panels are cut further.
    """
    end = np.arcsinh(1 / softening)
    edges = [end]
    while edges[-1] > 0:
        u = softening * np.sinh(edges[-1])
        step = min(_PANEL_WIDTH, 4.0 / (1.0 + k_max * np.hypot(u, softening)))
        edges.append(edges[-1] - step if edges[-1] > 1.5 * step else 0.0)
    edges = np.array(edges[::-1])
    x, w = np.polynomial.legendre.leggauss(_PANEL_POINTS)
    half = 0.5 * np.diff(edges)
    s = (edges[:-1] + half)[:, None] + half[:, None] * x
    return softening * np.sinh(s).ravel(), (half[:, None] * w).ravel()


def coulomb_integrals(n_orbitals, length, softening):
    r"""All two-electron integrals :math:`(ab|cd)` of the box, in chemists' order.

    .. math:: (ab|cd) = \int\!\!\int \varphi_a(x)\varphi_b(x)\,V(x,x')\,\varphi_c(x')\varphi_d(x')\,dx\,dx'

    The paper's :math:`V_{n_4 n_3 n_2 n_1}` is ``(n4 n1|n3 n2)``.

    Parameters
    ----------
    n_orbitals : int
        Number of orbitals M, >= 1.
    length : float
        Box length L in effective Bohr radii, > 0.
    softening : float
        :math:`\lambda/L`, > 0.

    Returns
    -------
    ndarray, shape (M, M, M, M)
        In effective Hartrees; index 0 is the orbital n = 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> v = coulomb_integrals(3, length=9.5, softening=0.02)
    >>> bool(np.allclose(v, v.transpose(2, 3, 0, 1)))
    True
    >>> float(v[0, 1, 0, 0])  # odd under reflection
    0.0
    """
    n_orbitals = integer_in("n_orbitals", n_orbitals, 1)
    length = positive("length", length)
    table = cosine_integrals(2 * n_orbitals, softening) / length
    pairs = pair_densities(n_orbitals)
    return np.einsum("kab,kl,lcd->abcd", pairs, table, pairs, optimize=True)


def pair_densities(n_orbitals):
    r"""Cosine coefficients of the orbital products, shape (2M + 1, M, M).

    :math:`\varphi_a\varphi_b = \frac1L\sum_k T_{kab}\cos(k\pi x/L)` with entries 1 at ``k = abs(a - b)`` and
    -1 at ``k = a + b`` (zero-based orbital index a stands for n = a + 1).

    Examples
    --------
    >>> pair_densities(1).ravel().tolist()
    [1.0, 0.0, -1.0]
    """
    n_orbitals = integer_in("n_orbitals", n_orbitals, 1)
    n = np.arange(1, n_orbitals + 1)
    a, b = np.meshgrid(n, n, indexing="ij")
    pairs = np.zeros((2 * n_orbitals + 1, n_orbitals, n_orbitals))
    pairs[np.abs(a - b), a - 1, b - 1] += 1.0
    pairs[a + b, a - 1, b - 1] -= 1.0
    return pairs


def coulomb_integral_direct(a, b, c, d, length, softening, *, tolerance=1e-10):
    """One integral (ab|cd) by adaptive double quadrature: the slow twin of `coulomb_integrals`.

    Parameters
    ----------
    a, b, c, d : int
        Orbital numbers n >= 1 (not zero-based).
    length, softening : float
        As in `coulomb_integrals`.
    tolerance : float
        Absolute tolerance handed to the quadrature.

    Returns
    -------
    float
        In effective Hartrees.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.
    NotConverged
        If the quadrature does not reach `tolerance`.

    Examples
    --------
    >>> fast = coulomb_integrals(2, 5.0, 0.1)[0, 1, 1, 0]
    >>> bool(abs(coulomb_integral_direct(1, 2, 2, 1, 5.0, 0.1) - fast) < 1e-9)
    True
    """
    tolerance = positive("tolerance", tolerance)
    a, b, c, d = (integer_in(name, n, 1) for name, n in zip("abcd", (a, b, c, d), strict=True))
    length, softening = positive("length", length), positive("softening", softening)

    def inner(x):
        points = [max(0.0, x - 5 * softening), x, min(1.0, x + 5 * softening)]
        value = _integral(
            lambda y: np.sin(c * np.pi * y) * np.sin(d * np.pi * y) / np.hypot(x - y, softening),
            points=points,
            epsabs=0.1 * tolerance,
        )
        return value * np.sin(a * np.pi * x) * np.sin(b * np.pi * x)

    return 4 * _integral(inner, epsabs=tolerance) / length


def _integral(integrand, **options):
    value, error, _, *trouble = integrate.quad(integrand, 0, 1, limit=400, epsrel=0, full_output=1, **options)
    if trouble:
        raise NotConverged(f"coulomb_integral_direct: error {error:.1e}, asked for {options['epsabs']:.1e}")
    return value
