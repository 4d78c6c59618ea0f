r"""Phonons of hypercubic lattices with nearest-neighbour springs, and what they do to the atoms.

One branch, polarised along one axis, of a lattice of atoms of mass m with spacing a = 1:

.. math:: \omega_k^2 = \Delta^2 + 4\sum_{\gamma=1}^d \kappa_\gamma \sin^2(k_\gamma/2),

where :math:`\kappa_\gamma` (squared frequencies) is the stiffness of the bonds along axis :math:`\gamma`
against this displacement and the pinning :math:`\Delta` is the frequency of the optical lattice. Eq. 43 of
the paper is :math:`\Delta = 0` and all :math:`\kappa_\gamma = \nu D/m`. With :math:`\hbar = k_B = 1`,

.. math:: \langle u^2\rangle
   = \frac{1}{2m}\Bigl\langle\frac{1}{\omega_k}\coth\frac{\omega_k}{2T}\Bigr\rangle_k .

The zone average needs no grid. The function of :math:`\omega^2` is a Laplace transform,

.. math:: \frac{1}{\omega}\coth\frac{\omega}{2T} = \int_0^\infty K_T(s)\,e^{-\omega^2 s}\,ds, \qquad
   K_T(s) = 2T\sum_{n=-\infty}^{\infty} e^{-(2\pi nT)^2 s}
          = \frac{1}{\sqrt{\pi s}}\sum_{l=-\infty}^{\infty} e^{-l^2/4T^2s},

and the average of :math:`e^{-\omega^2 s}` is a product of Bessel functions :math:`e^{-x}I_0(x)`,
:math:`x = 2\kappa_\gamma s`. The remaining integral over :math:`\log s` converges exponentially with the
trapezoidal rule (error :math:`e^{-\pi^2/h}`), to about 1e-14, at any temperature and in any dimension.

Without pinning the integrand falls as :math:`s^{-(d+1)/2}` at T = 0 and as :math:`s^{-d/2}` above, so the
displacement is infinite for d = 1, and for d = 2 at T > 0: `Divergent` is raised then.

Sources: eqs. 39-46 of V. I. Yukalov, arXiv:2008.00980 (2020); A. A. Maradudin, E. W. Montroll, G. H. Weiss
and I. P. Ipatova, Theory of Lattice Dynamics in the Harmonic Approximation (1971).
"""

import numpy as np
from scipy.special import gamma, i0e, i1e

from lowdim._checks import array_of_shape, integer_in, non_negative, refuse
from lowdim.lattice.bands import check_dimension
from lowdim.lattice.errors import Divergent, Unstable

__all__ = [
    "bond_average",
    "debye_average",
    "debye_wave_vector",
    "finite_average",
    "laplace_rule",
    "phonon_average",
    "refuse_divergence",
    "spectrum",
]

_STEP = 0.2
_REACH = 76.0  # exp(-76/2) is below rounding
_IMAGES = np.arange(1, 8)[:, None]


def spectrum(wave_vector, couplings, pinning=0.0):
    r"""Frequencies :math:`\omega_k` of one branch.

    Parameters
    ----------
    wave_vector : array_like, shape (..., d)
        In units of 1/a.
    couplings : array_like, shape (d,)
        :math:`\kappa_\gamma`, squared frequencies; a negative one (a compressed bond) is allowed.
    pinning : float
        :math:`\Delta`, >= 0.

    Returns
    -------
    ndarray, shape (...)
        :math:`\omega_k`.

    Raises
    ------
    Unstable
        If :math:`\omega_k^2 < 0` at one of the wave vectors.
    ValueError
        If the dimension is not 1, 2 or 3, or an argument is not finite.

    Examples
    --------
    >>> float(spectrum([np.pi, 0.0], [1.0, 1.0]))
    2.0
    """
    couplings = _checked_couplings(couplings)
    pinning = non_negative("pinning", pinning)
    wave_vector = array_of_shape("wave_vector", wave_vector, None)
    if wave_vector.ndim == 0 or wave_vector.shape[-1] != couplings.size:
        refuse("wave_vector", f"last axis of length {couplings.size}", wave_vector.shape)
    squared = pinning**2 + 4 * np.sin(wave_vector / 2) ** 2 @ couplings
    if np.any(squared < 0):
        raise Unstable(f"crystal: imaginary frequency, omega^2 = {squared.min():.3g}, at a wave vector")
    return np.sqrt(squared)


def phonon_average(couplings, temperature=0.0, pinning=0.0):
    r"""Exact zone average of :math:`\coth(\omega_k/2T)/\omega_k` for one branch.

    Times 1/2m this is the mean-square displacement along one axis.

    Parameters
    ----------
    couplings : array_like, shape (d,)
        :math:`\kappa_\gamma >= 0`, d = 1, 2 or 3.
    temperature, pinning : float
        T and :math:`\Delta`, >= 0, in the unit of frequency that `couplings` is the square of.

    Returns
    -------
    float
        Inverse frequency; relative error about 1e-14.

    Raises
    ------
    Divergent
        If nothing pins the lattice and too few couplings are non-zero: two are needed at T = 0, three above.
    ValueError
        If d is outside 1..3, or an argument is negative or not finite.

    Examples
    --------
    >>> round(phonon_average([1.0, 1.0, 1.0]), 10)
    0.4553440516
    >>> round(phonon_average([0.0, 0.0], pinning=2.0), 12)
    0.5
    """
    couplings, temperature, pinning = _checked(couplings, temperature, pinning)
    refuse_divergence(couplings, temperature, pinning)
    s, weight = laplace_rule(couplings, pinning)
    kernel = _thermal_kernel(s, temperature) * np.exp(-(pinning**2) * s)
    return float(weight @ (kernel * np.prod(i0e(2 * np.outer(couplings, s)), axis=0)))


def bond_average(couplings, temperature=0.0, pinning=0.0):
    r"""Exact zone average of :math:`2(1-\cos k_1)\coth(\omega_k/2T)/\omega_k`.

    Times 1/2m this is the mean square of the difference of the displacements of two neighbours along the
    first axis. It is finite in every dimension, at T > 0 too.

    Arguments and errors are those of `phonon_average`, except that only the first coupling, and only without
    pinning, must be positive.

    Examples
    --------
    A chain of unit springs at T = 0 has 4/pi:

    >>> round(bond_average([1.0]) * np.pi, 12)
    4.0
    """
    couplings, temperature, pinning = _checked(couplings, temperature, pinning)
    if couplings[0] == 0:
        if pinning == 0:
            raise Divergent("couplings: the first one is 0 and nothing pins the atoms")
        return 2 * phonon_average(couplings, temperature, pinning)
    s, weight = laplace_rule(couplings, pinning)
    kernel = _thermal_kernel(s, temperature) * np.exp(-(pinning**2) * s)
    others = np.prod(i0e(2 * np.outer(couplings[1:], s)), axis=0)
    return float(2 * weight @ (kernel * _bessel_difference(2 * couplings[0] * s) * others))


def finite_average(couplings, sites, temperature=0.0, pinning=0.0):
    r"""Average of :math:`\coth(\omega_k/2T)/\omega_k` over the allowed k of a periodic lattice.

    Without pinning the uniform mode k = 0 of the `sites`**d atoms is left out (the centre of mass is held).
    This shows how a divergent displacement grows with the size; it is not an approximation to
    `phonon_average`.

    Raises
    ------
    ValueError
        As for `phonon_average`, or if `sites` is below 2.

    Examples
    --------
    The chain grows by ln(2)/pi with every doubling:

    >>> growth = finite_average([1.0], 2048) - finite_average([1.0], 1024)
    >>> float(round(growth * np.pi / np.log(2), 5))
    1.0
    """
    couplings, temperature, pinning = _checked(couplings, temperature, pinning)
    sites = integer_in("sites", sites, 2)
    sine = np.sin(np.pi * np.arange(sites) / sites) ** 2
    squared = pinning**2 + 4 * sum(np.meshgrid(*np.outer(couplings, sine), indexing="ij"))
    squared = squared.ravel() if pinning else squared.ravel()[1:]
    if np.any(squared <= 0):
        raise Divergent("couplings: a line of atoms is free to move as a whole, since a coupling is 0")
    return float(np.sum(thermal_factor(np.sqrt(squared), temperature)) / sites**couplings.size)


def thermal_factor(frequency, temperature):
    r"""Return :math:`\coth(\omega/2T)/\omega`, and :math:`1/\omega` at T = 0."""
    if temperature == 0:
        return 1 / frequency
    return 1 / (frequency * np.tanh(frequency / (2 * temperature)))


def debye_wave_vector(dimension):
    r"""Radius of the sphere with the volume of the hypercubic zone, in units of 1/a.

    .. math:: k_D a = \sqrt{4\pi}\,\bigl[\tfrac d2\Gamma(\tfrac d2)\bigr]^{1/d}

    Examples
    --------
    >>> [round(debye_wave_vector(d), 6) for d in (1, 2, 3)]
    [3.141593, 3.544908, 3.897777]
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    return float(np.sqrt(4 * np.pi) * (dimension / 2 * gamma(dimension / 2)) ** (1 / dimension))


def debye_average(dimension, debye_temperature, temperature=0.0):
    r"""Average of :math:`\coth(\omega/2T)/\omega` over the Debye sphere, :math:`\omega = T_D x`, no pinning.

    .. math:: \frac{d}{T_D}\int_0^1 x^{d-2}\coth\frac{T_D x}{2T}\,dx

    Raises
    ------
    Divergent
        In one dimension, and in two at T > 0.
    ValueError
        If `dimension` is outside 1..3, the temperature negative or the Debye temperature not positive.

    Examples
    --------
    >>> round(debye_average(3, 2.0), 12)
    0.75
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    debye_temperature = non_negative("debye_temperature", debye_temperature)
    if debye_temperature == 0:
        refuse("debye_temperature", "a number > 0", debye_temperature)
    temperature = non_negative("temperature", temperature)
    refuse_divergence(np.ones(dimension), temperature, 0.0)
    if temperature == 0:
        return dimension / ((dimension - 1) * debye_temperature)
    # Above T = 0 only d = 3 is left: int x coth(bx) = 1/2 + 2 int x/(exp(2bx) - 1), smooth in every regime
    ratio = debye_temperature / temperature
    x, w = np.polynomial.legendre.leggauss(40)
    edges = np.minimum(np.concatenate([[0.0], 2.0 ** np.arange(-3, 6)]), ratio)
    edges = np.unique(np.append(edges, min(ratio, 45.0)))
    half = np.diff(edges)[:, None] / 2
    y = edges[:-1, None] + half * (1 + x)
    bose = np.sum(half * w * y / np.expm1(y))
    return float(dimension / debye_temperature * (0.5 + 2 * bose / ratio**2))


def _checked_couplings(couplings):
    couplings = array_of_shape("couplings", couplings, (None,))
    check_dimension("couplings", couplings.size)
    return couplings


def _checked(couplings, temperature, pinning):
    couplings = _checked_couplings(couplings)
    if np.any(couplings < 0):
        refuse("couplings", "numbers >= 0", couplings.tolist())
    return couplings, non_negative("temperature", temperature), non_negative("pinning", pinning)


def refuse_divergence(couplings, temperature, pinning=0.0):
    """Raise `Divergent`, saying how the displacement grows, where it is infinite; return None elsewhere.

    Parameters
    ----------
    couplings : array_like, shape (d,)
        Only whether they are 0 matters.
    temperature, pinning : float
        As in `phonon_average`.

    Examples
    --------
    >>> refuse_divergence([1.0, 1.0], 0.1)
    Traceback (most recent call last):
        ...
    lowdim.lattice.errors.Divergent: displacement: infinite for an unpinned lattice stiff along 2 of 2 axes \
at T > 0; it grows with the logarithm of the size
    """
    couplings, temperature, pinning = _checked(couplings, temperature, pinning)
    stiff = np.count_nonzero(couplings)
    needed = 3 if temperature > 0 else 2
    if pinning == 0 and stiff < needed:
        growth = {0: "without bound", 1: "with the logarithm of the size", 2: "with the size"}
        order = needed - stiff if stiff else 0
        raise Divergent(
            f"displacement: infinite for an unpinned lattice stiff along {stiff} of {couplings.size} axes at "
            f"{'T > 0' if temperature > 0 else 'T = 0'}; it grows {growth[order]}"
        )


def laplace_rule(couplings, pinning=0.0):
    """Nodes s and weights ds of the trapezoidal rule in log s, wide enough for every scale present.

    Parameters
    ----------
    couplings : array_like, shape (d,)
    pinning : float
        As in `phonon_average`; at least one of the scales is not zero.

    Returns
    -------
    nodes, weights : ndarray, shape (n,)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> laplace_rule([1.0, 1.0, 1.0])[0].size
    760
    """
    couplings = _checked_couplings(couplings)
    pinning = non_negative("pinning", pinning)
    if not (np.any(couplings > 0) or pinning > 0):
        refuse("couplings", "a positive one, or a positive pinning", couplings)
    scales = np.append(couplings, pinning**2)
    scales = scales[scales > 0]
    low, high = -np.log(scales.max()) - _REACH, -np.log(scales.min()) + _REACH
    s = np.exp(np.arange(low, high, _STEP))
    return s, _STEP * s


def _thermal_kernel(s, temperature):
    cold = 1 / np.sqrt(np.pi * s)
    if temperature == 0:
        return cold
    tau = 4 * np.pi * temperature**2 * s  # both theta series converge at once around tau = 1
    with np.errstate(over="ignore"):
        images = 1 + 2 * np.sum(np.exp(-np.pi * _IMAGES**2 / np.minimum(tau, 1)), axis=0)
        matsubara = 1 + 2 * np.sum(np.exp(-np.pi * _IMAGES**2 * np.maximum(tau, 1)), axis=0)
    return np.where(tau < 1, cold * images, 2 * temperature * matsubara)


def _bessel_difference(x):
    """exp(-x) [I_0(x) - I_1(x)] without cancellation at large x."""
    inverse = 1 / np.maximum(x, 2000.0)
    series = inverse * (1 / 2 + inverse * (3 / 16 + inverse * (45 / 256 + inverse * 525 / 2048)))
    return np.where(x < 2000, i0e(x) - i1e(x), series * np.sqrt(inverse / (2 * np.pi)))
