r"""Overlap, Coulomb and exchange integrals of two Gaussian electrons (eqs. D1-D5).

Each electron is a Gaussian whose density has the variance :math:`\sigma^2` along either axis,

.. math:: \varphi_i(\mathbf r) = \frac{1}{\sqrt{2\pi\sigma^2}}
          \exp\Bigl(-\frac{|\mathbf r-\mathbf r_i|^2}{4\sigma^2}\Bigr),
          \qquad \sigma = w\,r_\mathrm{ZPF}, \qquad a = |\mathbf r_a-\mathbf r_b|.

The product of two such orbitals is S times a density :math:`\sigma^2` wide at the midpoint, so all integrals
follow from the mean of :math:`\kappa/r` over the Gaussian of the difference of two positions:

.. math:: S &= e^{-a^2/8\sigma^2}, &
          C &= \kappa\,\frac{\sqrt\pi}{2\sigma}\, e^{-a^2/8\sigma^2} I_0\Bigl(\frac{a^2}{8\sigma^2}\Bigr), \\
          J_{ab} &= \kappa\,\frac{\sqrt\pi}{2\sigma}\, S^2, &
          J_{ab}(Q) &= J_{ab}\, e^{-Q^2\sigma^2/2} I_0\Bigl(\frac{Q^2\sigma^2}{2}\Bigr),

the last with a factor :math:`e^{iQ(x_1-x_2)}` from Bloch waves of different valleys. Lengths may be in any
unit; energies come out in the unit of `coulomb` over that length. All functions broadcast.

Source: appendix D of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020).
"""

import numpy as np
from scipy.integrate import quad
from scipy.special import i0e

from lowdim._checks import (
    array_of_shape,
    broadcast,
    callback,
    non_negative,
    non_negative_array,
    positive,
    positive_array,
    refuse,
)

__all__ = [
    "coulomb_exchange",
    "direct_integral",
    "exchange_couplings",
    "exchange_from_spectrum",
    "exchange_integral",
    "intervalley_exchange",
    "overlap",
]


def overlap(distance, width):
    r"""Overlap S of two Gaussians.

    Parameters
    ----------
    distance : array_like
        Distance a of the centres, >= 0.
    width : array_like
        Standard deviation :math:`\sigma` of the density per axis, > 0, same unit.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> overlap([0.0, 2.0], 0.5).round(4).tolist()
    [1.0, 0.1353]
    """
    distance, width = non_negative_array("distance", distance), positive_array("width", width)
    broadcast(distance=distance, width=width)
    return np.exp(-(distance**2) / (8 * width**2))


def direct_integral(distance, width, other_width=None, *, coulomb=1.0):
    r"""Coulomb energy C of two Gaussian clouds (eq. D5).

    Parameters
    ----------
    distance : array_like
        Distance of the centres, >= 0.
    width : array_like
        Standard deviation of one density per axis, > 0.
    other_width : array_like, optional
        That of the other, >= 0 (0 is a point charge); `width` if not given.
    coulomb : float
        Strength :math:`\kappa` of the interaction :math:`\kappa/r`, > 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> direct_integral([0.0, 100.0], 1.0).round(5).tolist()
    [0.88623, 0.01]
    """
    distance, width = non_negative_array("distance", distance), positive_array("width", width)
    broadcast(distance=distance, width=width)
    other = width if other_width is None else non_negative_array("other_width", other_width)
    variance = width**2 + other**2
    y = distance**2 / (4 * variance)
    return positive("coulomb", coulomb) * np.sqrt(np.pi / (2 * variance)) * i0e(y)


def exchange_integral(distance, width, *, coulomb=1.0):
    r"""Exchange integral :math:`J_{ab}` of two Gaussians in the same valley (eq. D3).

    Parameters, errors: as for `intervalley_exchange`, without the momentum.

    Examples
    --------
    >>> exchange_integral(2.0, 0.5, coulomb=2.0).round(6)
    np.float64(0.064927)
    """
    return intervalley_exchange(distance, width, 0.0, coulomb=coulomb)


def intervalley_exchange(distance, width, momentum, *, coulomb=1.0):
    r"""Exchange integral with Bloch waves that differ by `momentum` (the closed form of the K, K' integral).

    Parameters
    ----------
    distance : array_like
        Distance a of the centres, >= 0.
    width : array_like
        Standard deviation of the densities per axis, > 0.
    momentum : array_like
        :math:`Q = |K - K'|`, >= 0; 0 for the same valley.
    coulomb : float
        Strength :math:`\kappa`, > 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> same, other = intervalley_exchange(30.0, 5.0, [0.0, 27.9])
    >>> round(float(other / same), 5)
    0.00404
    """
    distance, width = non_negative_array("distance", distance), positive_array("width", width)
    broadcast(distance=distance, width=width)
    phase = 0.5 * (non_negative_array("momentum", momentum) * width) ** 2
    on_site = positive("coulomb", coulomb) * np.sqrt(np.pi) / (2 * width)
    return on_site * overlap(distance, width) ** 2 * i0e(phase)


def exchange_from_spectrum(distance, width, momentum, spectrum):
    r"""Exchange integral for any interaction, from its Fourier transform.

    .. math:: J(Q) = S^2 \int\!\frac{d^2q}{(2\pi)^2}\, V(q)\, e^{-\sigma^2|\mathbf q-\mathbf Q|^2}.

    For the Coulomb interaction :math:`V = 2\pi\kappa/q`; for the Keldysh one
    :math:`V = 2\pi\kappa/[q(1+r_0q)]`.

    Parameters
    ----------
    distance, width, momentum : float
        As for `intervalley_exchange`.
    spectrum : callable
        :math:`V(q)` for q > 0; :math:`q V(q)` must stay finite.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> coulomb = exchange_from_spectrum(3.0, 1.0, 5.0, lambda q: 2 * np.pi / q)
    >>> bool(np.isclose(coulomb, intervalley_exchange(3.0, 1.0, 5.0), rtol=1e-9))
    True
    """
    callback("spectrum", spectrum)
    distance, width = non_negative("distance", distance), positive("width", width)
    momentum = non_negative("momentum", momentum)
    reach = 12 / width
    low, high = max(momentum - reach, 0.0), momentum + reach

    def integrand(q):
        cosine = i0e(2 * width**2 * q * momentum)
        return q * spectrum(q) * np.exp(-((width * (q - momentum)) ** 2)) * cosine

    edges = np.linspace(low, high, 9)
    parts = [
        quad(integrand, *pair, epsabs=0, epsrel=1e-11)[0] for pair in zip(edges[:-1], edges[1:], strict=True)
    ]
    return float(overlap(distance, width) ** 2 * sum(parts) / (2 * np.pi))


def coulomb_exchange(distance, width, *, coulomb=1.0):
    r"""The right-hand side of eq. D1, :math:`(J_{ab}-S^2C)/(1-S^4)`.

    With the electron-electron terms alone this is half of :math:`E_S - E_T` of the two Heitler-London
    states. It is positive for any distance: these terms put the triplet below the singlet.

    Parameters
    ----------
    distance, width : array_like
        As for `intervalley_exchange`; distance > 0.
    coulomb : float
        Strength :math:`\kappa`, > 0.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> bool(np.all(coulomb_exchange([0.1, 1.0, 10.0], 1.0) > 0))
    True
    """
    distance, width = positive_array("distance", distance), positive_array("width", width)
    broadcast(distance=distance, width=width)
    # with y = a^2/8 sigma^2: S = e^-y and S^2 C/J_ab = e^-y I_0(y)
    y = distance**2 / (8 * width**2)
    on_site = positive("coulomb", coulomb) * np.sqrt(np.pi) / (2 * width)
    # (1 - e^-y I_0)/(1 - e^-4y) is 1/4 at y = 0
    safe = np.where(y > 1e-9, y, 1.0)
    ratio = np.where(y > 1e-9, (1 - i0e(safe)) / -np.expm1(-4 * safe), 0.25)
    return on_site * np.exp(-2 * y) * ratio


def exchange_couplings(positions, widths, *, coulomb=1.0):
    r"""Matrix of `coulomb_exchange` between all pairs of electrons.

    Two electrons of different widths are given the common :math:`\sigma^2 = (\sigma_i^2+\sigma_j^2)/2`.

    Parameters
    ----------
    positions : array_like
        Shape (N, 2).
    widths : array_like
        One width, or shape (N,); > 0.
    coulomb : float
        Strength :math:`\kappa`, > 0.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, zero on the diagonal.

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.

    Examples
    --------
    >>> j = exchange_couplings([[0, 0], [3, 0], [0, 4]], 1.0)
    >>> round(float(j[0, 1] / j[0, 2]), 2)
    4.75
    """
    positions = array_of_shape("positions", positions, (None, 2))
    n = len(positions)
    widths = positive_array("widths", widths)
    widths = np.full(n, widths) if widths.ndim == 0 else array_of_shape("widths", widths, (n,))
    i, j = np.triu_indices(n, 1)
    distance = np.hypot(*(positions[i] - positions[j]).T)
    if np.any(distance == 0):
        refuse("positions", "distinct electrons", "two at the same place")
    couplings = np.zeros((n, n))
    couplings[i, j] = coulomb_exchange(
        distance, np.sqrt(0.5 * (widths[i] ** 2 + widths[j] ** 2)), coulomb=coulomb
    )
    return couplings + couplings.T
