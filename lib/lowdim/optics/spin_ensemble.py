"""Faraday rotation by arrays whose spins are drawn at random: configurations and their statistics.

The number of up spins is fixed, every arrangement of them is equally likely. Two averages exist: that of the
angles of single arrangements (spins that stand still during a measurement, repeated), and the angle of the
mean Jones matrix (the field averaged over arrangements).

Source: J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), section IV and appendix E 2.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in, refuse
from lowdim.optics.faraday import SpinArray
from lowdim.optics.polarization import rotation_angle

__all__ = ["RotationEnsemble", "all_spins", "random_spins", "rotation_ensemble"]


MOST_CONFIGURATIONS = 10**7


def random_spins(sites, up, count, rng):
    """Draw spin configurations with a fixed number of up spins, all equally likely.

    Parameters
    ----------
    sites : int
        Number of sites, >= 1.
    up : int
        Number of spins +1, 0 to `sites`; the others are -1.
    count : int
        Number of configurations, >= 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (count, sites)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> random_spins(5, 2, 3, np.random.default_rng(0)).sum(axis=1).tolist()
    [-1, -1, -1]
    """
    instance("rng", rng, np.random.Generator)
    sites = integer_in("sites", sites, 1)
    up, count = integer_in("up", up, 0, sites), integer_in("count", count, 1)
    ordered = np.where(np.arange(sites) < up, 1, -1)
    return rng.permuted(np.tile(ordered, (count, 1)), axis=1)


def all_spins(sites, up):
    """Every spin configuration with a fixed number of up spins.

    Parameters
    ----------
    sites, up : int
        As in `random_spins`.

    Returns
    -------
    ndarray of int, shape (sites choose up, sites)

    Examples
    --------
    >>> all_spins(3, 2).tolist()
    [[1, 1, -1], [1, -1, 1], [-1, 1, 1]]
    """
    sites = integer_in("sites", sites, 1)
    up = integer_in("up", up, 0, sites)
    if comb(sites, up) > MOST_CONFIGURATIONS:
        refuse("sites", f"at most {MOST_CONFIGURATIONS} configurations of up spins", comb(sites, up))
    return np.array([np.where(np.isin(range(sites), c), 1, -1) for c in combinations(range(sites), up)])


@dataclass(frozen=True, eq=False)
class RotationEnsemble:
    """Rotation over many spin configurations.

    Attributes
    ----------
    mean, deviation : ndarray, shape (D,)
        Mean and standard deviation of the angle of single configurations, radian.
    coherent : ndarray, shape (D,)
        Angle of the mean Jones matrix, radian.
    largest_ratio : float
        Largest size of the quotient of the transmitted y and x amplitudes.
    count : int
        Number of configurations.
    """

    mean: np.ndarray
    deviation: np.ndarray
    coherent: np.ndarray
    largest_ratio: float
    count: int

    @property
    def error(self):
        """Standard error of the mean, as for independent configurations; shape (D,)."""
        return self.deviation / np.sqrt(self.count)


def rotation_ensemble(array, spins, detuning, nonradiative=0.0, collect="overlap"):
    """Rotation of light polarised along x by each of many spin configurations, and its statistics.

    Parameters
    ----------
    array : SpinArray
    spins : array_like, shape (C, N)
        Configurations, from `random_spins` or `all_spins`; C >= 2.
    detuning, nonradiative, collect
        As in `SpinArray.jones`.

    Returns
    -------
    RotationEnsemble

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.optics.faraday import SpinArray
    >>> pair = SpinArray([[-0.2, 0.0], [0.2, 0.0]], k=2 * np.pi, waist=1.0)
    >>> found = rotation_ensemble(pair, all_spins(2, 1), [0.3])
    >>> bool(abs(found.mean[0]) < 1e-12), found.count  # one up, one down: nothing on average
    (True, 2)
    """
    instance("array", array, SpinArray)
    spins = array_of_shape("spins", spins, (None, len(array.positions)))
    if len(spins) < 2:
        refuse("spins", "at least two configurations", len(spins))
    detuning = array_of_shape("detuning", detuning, None)
    if not detuning.size:
        refuse("detuning", "at least one", detuning)
    jones = array.jones(spins, detuning, nonradiative, collect)
    angles = rotation_angle(jones)
    return RotationEnsemble(
        mean=angles.mean(axis=0),
        deviation=angles.std(axis=0, ddof=1),
        coherent=rotation_angle(jones.mean(axis=0)),
        largest_ratio=float(np.max(np.abs(jones[..., 1, 0] / jones[..., 0, 0]))),
        count=len(spins),
    )
