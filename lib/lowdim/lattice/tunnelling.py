r"""Tunnelling between the sites of a :math:`\sin^2` lattice: exact, Gaussian and asymptotic.

The tunnelling matrix element is :math:`J_{ij} = -\int w^*_i H_L w_j`, positive when hopping lowers the
energy; units and the coordinate z are those of `lowdim.lattice.bands` (recoils; spacing :math:`\pi`).

*Exact.* With orthonormal Wannier functions :math:`J_R` is minus a Fourier coefficient of the band,
:math:`J_R = -\frac12\int_{-1}^{1} E_q \cos(\pi q R)\,dq`. The lattice is separable, so that in d dimensions
a step along one axis has the one-dimensional value and a diagonal step has exactly none.

*Gaussian.* A normalised Gaussian of frequency :math:`\varepsilon` has
:math:`l^2 = 1/m\varepsilon`, that is :math:`k_0^2 l^2 = 2/\varepsilon`. Two of them R sites apart along one
direction have, with :math:`S_R = \exp(-\pi^2R^2\varepsilon/8)`,

.. math:: \langle 0|R\rangle = S_R, \qquad
          \langle 0|H|R\rangle = S_R\Bigl[\frac{\varepsilon}{4} - \frac{\pi^2R^2\varepsilon^2}{16}
          + \frac{s}{2}\bigl(1 - (-1)^R e^{-2/\varepsilon}\bigr)\Bigr].

They are not orthogonal; Bloch sums of them have the energy
:math:`\sum_R \langle 0|H|R\rangle\cos\pi qR / \sum_R S_R\cos\pi qR`, whose Fourier coefficients are the
tunnelling between the symmetrically orthogonalised Gaussians.

*Asymptotic.* The width of the lowest Mathieu band gives
:math:`J_1 \simeq \frac{4}{\sqrt\pi}\,s^{3/4}e^{-2\sqrt s}\,\bigl(1 - \tfrac{7}{16\sqrt s}\bigr)`.

Sources: eqs. 7, 21 and the unnumbered one after 38 of V. I. Yukalov, arXiv:2008.00980 (2020);
P.-O. Lowdin, J. Chem. Phys. 18, 365 (1950); NIST Digital Library of Mathematical Functions, section 28.8.
"""

import numpy as np
from scipy import optimize

from lowdim._checks import array_of_shape, boolean, broadcast, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.lattice.bands import band_energies, check_dimension, checked_depths

__all__ = [
    "gaussian_band",
    "gaussian_element",
    "gaussian_frequency",
    "orthogonalised_tunnelling",
    "printed_tunnelling",
    "tunnelling",
    "tunnelling_asymptote",
]

_MOST_POINTS = 8192


def tunnelling(depth, distance=1, *, tolerance=1e-13):
    """Exact tunnelling between sites of one row.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    distance : int
        In sites, >= 1.
    tolerance : float
        Change accepted when the number of quasimomenta is doubled, in recoils.

    Returns
    -------
    ndarray
        Same shape as depth, in recoils; rounding is about 1e-15 recoils, whatever the value.

    Raises
    ------
    ValueError
        If a depth is negative, the distance not a positive integer, or the tolerance not positive.
    NotConverged
        If 8192 quasimomenta are not enough (depths so small, but not zero, that the gap is not resolved).

    Examples
    --------
    >>> tunnelling([0.0, 10.0]).round(6).tolist()
    [0.202642, 0.019182]
    """
    depth = checked_depths(depth)
    distance, tolerance = integer_in("distance", distance, 1), positive("tolerance", tolerance)
    values = [_tunnelling_at(s, distance, tolerance) for s in depth.ravel()]
    return np.array(values).reshape(depth.shape)


def _tunnelling_at(depth, distance, tolerance):
    if depth == 0:
        return -2 * (-1) ** distance / (np.pi * distance) ** 2
    n, last = 16, np.inf
    while 2 * n <= _MOST_POINTS:
        q = np.linspace(0, 1, n + 1)  # the band is even: half the zone, its ends counted once
        terms = band_energies(depth, q)[:, 0] * np.cos(np.pi * q * distance)
        value = -(terms.sum() - 0.5 * (terms[0] + terms[-1])) / n
        if n > distance and abs(value - last) <= tolerance:
            return value
        n, last = 2 * n, value
    raise NotConverged(
        f"tunnelling: depth {depth:g} needs more than {_MOST_POINTS} quasimomenta for {tolerance:g} recoils"
    )


def tunnelling_asymptote(depth, *, corrected=False):
    """Deep-lattice tunnelling between neighbours, from the width of the lowest Mathieu band.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, > 0.
    corrected : bool
        Include the first correction, of relative size 7/(16 sqrt(s)).

    Returns
    -------
    ndarray
        In recoils.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> (tunnelling_asymptote([10.0, 40.0], corrected=True) / tunnelling([10.0, 40.0])).round(3).tolist()
    [1.021, 1.004]
    """
    boolean("corrected", corrected)
    depth = checked_depths(depth)
    if np.any(depth == 0):
        refuse("depth", "depths > 0", depth.tolist())
    leading = 4 / np.sqrt(np.pi) * depth**0.75 * np.exp(-2 * np.sqrt(depth))
    return leading * (1 - 7 / (16 * np.sqrt(depth))) if corrected else leading


def gaussian_frequency(depth, rule="harmonic"):
    """Frequency of the Gaussian that stands for the Wannier function, along one direction.

    Parameters
    ----------
    depth : float
        s = U/E_R, > 0.
    rule : {"harmonic", "condition", "energy"}
        "harmonic": curvature of the well, 2 sqrt(s). "condition": zeroth- and first-order energies equal,
        with the whole lattice potential. "energy": smallest mean energy in the whole lattice potential
        (a minimum exists for s > e^2/4).

    Returns
    -------
    float
        In recoils.

    Raises
    ------
    ValueError
        If the depth is not positive, the rule is unknown, or the energy has no minimum.

    Examples
    --------
    >>> [round(gaussian_frequency(10.0, rule), 3) for rule in ("harmonic", "condition", "energy")]
    [6.325, 5.818, 5.222]
    """
    depth = float(checked_depths(depth, shape=()))
    if depth == 0:
        refuse("depth", "a depth > 0", depth)
    if rule == "harmonic":
        return float(2 * np.sqrt(depth))
    if rule == "condition":
        least = min(1e-3, depth)  # below the root, which is 2 s for a shallow lattice
        return optimize.brentq(lambda e: e + 2 * depth * np.expm1(-2 / e), least, 4 * depth + 1, xtol=1e-13)
    if rule != "energy":
        refuse("rule", "harmonic, condition or energy", rule)
    if depth <= np.e**2 / 4:
        refuse("depth", f"a depth > {np.e**2 / 4:.4f} for a Gaussian of smallest energy", depth)
    return optimize.brentq(lambda e: e**2 - 4 * depth * np.exp(-2 / e), 1.0, 2 * np.sqrt(depth), xtol=1e-13)


def gaussian_element(depth, frequency, distance):
    """Overlap and energy of two Gaussians in one row of the lattice.

    Parameters
    ----------
    depth : array_like
        s = U/E_R, >= 0.
    frequency : array_like
        Of the Gaussians, in recoils, > 0.
    distance : array_like
        In sites.

    Returns
    -------
    overlap, energy : ndarray
        Broadcast shape; energies in recoils, negative of the tunnelling element for distances > 0.

    Examples
    --------
    >>> [x.round(4).tolist() for x in gaussian_element(10.0, 6.3246, [0, 1])]
    [[1.0, 0.0004], [2.9367, -0.0059]]
    """
    depth = checked_depths(depth)
    frequency = _checked_frequency(frequency)
    distance = array_of_shape("distance", distance, None)
    broadcast(depth=depth, frequency=frequency, distance=distance)
    overlap = np.exp(-((np.pi * distance) ** 2) * frequency / 8)
    kinetic = frequency / 4 - (np.pi * distance * frequency) ** 2 / 16
    potential = depth / 2 * (1 - np.cos(np.pi * distance) * np.exp(-2 / frequency))
    return overlap, overlap * (kinetic + potential)


SOFTEST = 1e-4
"""Smallest frequency of Gaussians in recoils."""


def gaussian_band(depth, frequency, quasimomentum):
    """Energy of the Bloch sums of Gaussians: an upper bound to the lowest band.

    Parameters
    ----------
    depth, frequency : float
        s and the frequency of the Gaussians, in recoils.
    quasimomentum : array_like
        In units of k_0.

    Returns
    -------
    ndarray
        Same shape as quasimomentum.

    Examples
    --------
    >>> bool(gaussian_band(10.0, 5.5, 0.3) > band_energies(10.0, 0.3)[0])
    True
    """
    quasimomentum = array_of_shape("quasimomentum", quasimomentum, None)
    depth, frequency = checked_depths(depth, shape=()), positive("frequency", frequency)
    if frequency < SOFTEST:
        refuse("frequency", f"at least {SOFTEST:g}, reaching over fewer than 600 sites", frequency)
    reach = int(np.ceil(np.sqrt(8 * 40 / frequency) / np.pi)) + 1
    distance = np.arange(-reach, reach + 1)
    overlap, energy = gaussian_element(depth, frequency, distance)
    phase = np.cos(np.pi * np.multiply.outer(quasimomentum, distance))
    return (phase @ energy) / (phase @ overlap)


def orthogonalised_tunnelling(depth, frequency, distance=1):
    """Tunnelling between symmetrically orthogonalised Gaussians of one row.

    Parameters
    ----------
    depth, frequency : float
        s and the frequency of the Gaussians, in recoils.
    distance : int
        In sites, 1..255.

    Returns
    -------
    float
        In recoils.

    Examples
    --------
    >>> round(orthogonalised_tunnelling(10.0, gaussian_frequency(10.0)), 5)
    0.0071
    """
    distance = integer_in("distance", distance, 1, 255)
    q = 2 * np.arange(1024) / 1024
    band = gaussian_band(depth, frequency, q)
    return float(-np.mean(band * np.cos(np.pi * q * distance)))


def printed_tunnelling(depths, frequencies, steps):
    r"""The paper's Gaussian tunnelling formula, as printed, for any step in d dimensions.

    .. math:: J_{ij} = \sum_\alpha\Bigl\{\frac{\varepsilon_\alpha}{8}
              \Bigl[\Bigl(\frac{r^\alpha_{ij}}{l_\alpha}\Bigr)^2 - 2\Bigr] - U_\alpha\Bigr\}
              \exp\Bigl\{-\frac14\sum_\alpha\Bigl(\frac{r^\alpha_{ij}}{l_\alpha}\Bigr)^2\Bigr\}

    Parameters
    ----------
    depths, frequencies : array_like, shape (d,)
        :math:`U_\alpha` and :math:`\varepsilon_\alpha` in recoils; d = 1, 2 or 3.
    steps : array_like, shape (d,)
        The vector between the sites, in sites.

    Returns
    -------
    float
        In recoils.

    Raises
    ------
    ValueError
        If a depth is negative, a frequency is not positive, or d is not 1, 2 or 3.

    Examples
    --------
    >>> round(printed_tunnelling([10.0], [40**0.5], [1]), 5)
    0.00535
    """
    depths = checked_depths(depths, "depths", (None,))
    check_dimension("depths", depths.size)
    d = depths.size
    frequencies = _checked_frequency(array_of_shape("frequencies", frequencies, (d,)), "frequencies")
    square = (np.pi * array_of_shape("steps", steps, (d,))) ** 2 * frequencies / 2
    return float(np.sum(frequencies / 8 * (square - 2) - depths) * np.exp(-np.sum(square) / 4))


def _checked_frequency(frequency, name="frequency"):
    frequency = array_of_shape(name, frequency, None)
    if np.any(frequency <= 0):
        refuse(name, "frequencies > 0", frequency)
    return frequency
