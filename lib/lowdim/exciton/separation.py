r"""The separation gamma that measurements prefer, with a statistical and a theoretical error.

Scatterers are visited :math:`\gamma t'` apart: 2 as derived, 1/2 as printed, 1 if the phase of one visit
only is counted. A measurement is a vector per block of realisations (a jackknife statistic); theory is the
same vector as a function of :math:`\gamma`. The fit minimises the squared deviations in units of the
statistical errors; its error comes from leaving out one block at a time, so that correlations between times
do not matter to it. The distance of a given :math:`\gamma` is measured with the whole covariance,

.. math:: \chi^2(\gamma) = d^T\left[\Sigma + \sigma^2\,\partial y\,\partial y^T\right]^{-1}d,
          \qquad d = y - y(\gamma), \qquad \partial y = \gamma\,\partial y/\partial\gamma,

where :math:`\sigma` is the relative error of the theory in :math:`\gamma` (half of that in the exponent
:math:`\Gamma\propto\gamma^2`), and the inverse of a covariance of n blocks is multiplied by (n - p - 2)/(n
- 1), without which it would be too large (J. Hartlap, P. Simon, P. Schneider, Astron. Astrophys. 464, 399
(2007))."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar

from lowdim._checks import array_of_shape, callback, positive_array, real_in, refuse
from lowdim.exciton.ensemble import jackknife

__all__ = ["SeparationFit", "fit_separation"]

_GRID = np.geomspace(0.2, 5.0, 40)


@dataclass(frozen=True)
class SeparationFit:
    """What `fit_separation` found.

    Parameters
    ----------
    separation, statistical, theoretical : float
        gamma, its standard error, and the error of the theory.
    candidates, chi_square : numpy.ndarray
        Values of gamma, and chi^2 of each with both errors.
    degrees : int
        Number of measured values.
    """

    separation: float
    statistical: float
    theoretical: float
    candidates: np.ndarray
    chi_square: np.ndarray
    degrees: int

    @property
    def error(self):
        """Both errors together."""
        return float(np.hypot(self.statistical, self.theoretical))


def fit_separation(blocks, statistic, theory, *, theory_error=0.0, candidates=(0.5, 1.0, 2.0)):
    """Fit gamma to a jackknife statistic.

    Parameters
    ----------
    blocks : array, shape (n, ...)
        Independent blocks.
    statistic : callable
        From the mean of blocks to the measured vector, shape (p,), n > p + 2.
    theory : callable
        From gamma to the expected vector, shape (p,).
    theory_error : float
        Relative error of the theory in gamma, 0..100.
    candidates : sequence of float
        Values of gamma whose chi^2 is wanted.

    Returns
    -------
    SeparationFit

    Raises
    ------
    ValueError
        If there are too few blocks, or a number is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = fit_separation(2 + 0.1 * rng.standard_normal((50, 3)), lambda m: m, lambda g: np.full(3, g))
    >>> bool(abs(found.separation - 2) < 4 * found.statistical), bool(found.chi_square[1] > 100)
    (True, True)
    """
    callback("statistic", statistic)
    callback("theory", theory)
    blocks = array_of_shape("blocks", blocks, None)
    theory_error = real_in("theory_error", theory_error, 0, 100)
    candidates = np.atleast_1d(positive_array("candidates", candidates))
    array_of_shape("candidates", candidates, (None,))
    value, _ = jackknife(blocks, statistic)
    n, p = len(blocks), len(value)
    if n <= p + 2:
        refuse("blocks", f"more than {p + 2} for {p} measured values", n)
    total = blocks.sum(axis=0)
    left_out = np.array([statistic((total - block) / (n - 1)) for block in blocks])
    deviation = left_out - left_out.mean(axis=0)
    covariance = (n - 1) / n * deviation.T @ deviation
    if not np.all(np.linalg.eigvalsh(covariance) > 0):
        refuse("blocks", "blocks that differ in every measured value", covariance)
    weight = 1 / np.diag(covariance)
    expected = CubicSpline(np.log(_GRID), [theory(g) for g in _GRID])

    def best(measured):
        def distance(log_gamma):
            return weight @ (measured - expected(log_gamma)) ** 2

        start = np.log(_GRID[np.argmin([distance(x) for x in np.log(_GRID)])])
        found = minimize_scalar(
            distance, bounds=(start - 0.2, start + 0.2), method="bounded", options={"xatol": 1e-7}
        )
        return np.exp(found.x)

    gamma = best(value)
    spread = np.array([best(measured) for measured in left_out])
    statistical = np.sqrt((n - 1) / n * np.sum((spread - spread.mean()) ** 2))
    chi_square = []
    for candidate in candidates:
        slope = expected(np.log(candidate), 1) * theory_error
        whole = covariance * (n - 1) / (n - p - 2) + np.outer(slope, slope)
        away = value - theory(candidate)
        chi_square.append(away @ np.linalg.solve(whole, away))
    return SeparationFit(
        float(gamma), float(statistical), float(theory_error * gamma), candidates, np.array(chi_square), p
    )
