"""Bands of a layer over the zone: copied from the irreducible wedge, and between its points.

The group of a layer is D3h. The wedge Gamma-M-K holds a twelfth of the zone; the turns and mirrors copy it to
the rest. What is odd, such as a splitting with its sign, turns its sign from sector to sector.
"""

import numpy as np

from lowdim._checks import array_of_shape, boolean, instance, refuse
from lowdim.spinorbit.firstprinciples import Wedge, cartesian, stored_run

__all__ = ["fold_out", "stored_wedge", "zone_series"]


def stored_wedge(material):
    """The four bands around the gap on the irreducible wedge, by GPAW.

    Parameters
    ----------
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    Wedge

    Raises
    ------
    ValueError
        If the material is not one of these.

    Examples
    --------
    >>> wedge = stored_wedge("WSe2")
    >>> wedge.energies.shape == (4, len(wedge.k))
    True
    """
    wedge = stored_run("layer", material)["wedge"]
    k = cartesian(np.array(wedge["k"]) / wedge["divisions"])
    return Wedge(k, np.array(wedge["with"]), np.array(wedge["spin"]))


def fold_out(k, values, *, odd=False):
    """Copy values on the irreducible wedge to the whole zone.

    Parameters
    ----------
    k : array_like, shape (n, 2)
        Points with theta between 0 and pi/6.
    values : array_like, shape (n,)
    odd : bool
        Whether the values change sign under reflection in Gamma-M, as a signed splitting does.

    Returns
    -------
    k : ndarray, shape (12 n, 2)
    values : ndarray, shape (12 n,)
        Points on mirror lines come more than once.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> k, values = fold_out([[1.0, 0.5]], [2.0], odd=True)
    >>> len(k), float(values.sum())
    (12, 0.0)
    """
    boolean("odd", odd)
    k, values = array_of_shape("k", k, (None, 2)), array_of_shape("values", values, None)
    if values.ndim == 0 or len(values) != len(k):
        refuse("values", f"shape ({len(k)}, ...), one for each of k", values.shape)
    places, copies = [], []
    for turn in range(6):
        c, s = np.cos(turn * np.pi / 3), np.sin(turn * np.pi / 3)
        for mirror in (1, -1):
            # a turn by pi/3 is a reflection times an even operation: D is odd under both
            sign = mirror * (-1) ** turn if odd else 1
            places.append(k * [1, mirror] @ np.array([[c, s], [-s, c]]))
            copies.append(sign * values)
    return np.concatenate(places), np.concatenate(copies)


def zone_series(wedge, values, *, odd=False):
    """Plane waves of the crystal that pass through values on the irreducible wedge.

    The values are copied to the whole zone by the symmetry of the layer, which gives a full mesh, and the
    series is its discrete Fourier transform: for a band of one spin, which is smooth and periodic, it
    converges faster than any power of the mesh.

    Parameters
    ----------
    wedge : Wedge
    values : array_like, shape (n,)
        Even under the reflection in Gamma-M, as the mean of a spin-split pair is.
    odd : bool
        Whether they are odd, as the signed splitting is.

    Returns
    -------
    callable
        From wave vectors times the lattice constant, shape (..., 2), to values, shape (...).

    Raises
    ------
    ValueError
        If the points of the wedge do not make a full mesh.

    Examples
    --------
    >>> wedge = stored_wedge("WSe2")
    >>> mean = wedge.energies[:2].mean(axis=0)
    >>> bool(abs(zone_series(wedge, mean)(wedge.k) - mean).max() < 1e-9)
    True
    """
    instance("wedge", wedge, Wedge)
    values = array_of_shape("values", values, (len(wedge.k),))
    reciprocal = cartesian(np.eye(2))
    k, copies = fold_out(wedge.k, values, odd=odd)
    steps = np.abs(np.linalg.solve(reciprocal.T, wedge.k.T))
    n = round(1 / steps[steps > 1e-6].min())
    index = np.round(n * np.linalg.solve(reciprocal.T, k.T)).astype(int) % n
    mesh = np.full((n, n), np.nan)
    mesh[tuple(index)] = copies
    places = n * k @ np.linalg.inv(reciprocal)
    if np.isnan(mesh).any() or np.abs(places - np.round(places)).max() > 1e-3:
        raise ValueError("wedge: expected the irreducible points of a full mesh")
    coefficients = np.fft.fft2(mesh) / n**2
    order = (np.fft.fftfreq(n) * n).round()
    if n % 2 == 0:
        # the highest order stands for plus and minus: half each, so that the values stay real
        coefficients, order = _split_highest(coefficients, order, n)

    def evaluate(where):
        share = np.asarray(where, dtype=float) @ np.linalg.inv(reciprocal)
        waves = [np.exp(2j * np.pi * share[..., axis, None] * order) for axis in (0, 1)]
        return np.einsum("...i,ij,...j->...", waves[0], coefficients, waves[1]).real

    return evaluate


def _split_highest(coefficients, order, n):
    half = n // 2
    for axis in (0, 1):
        coefficients = np.moveaxis(coefficients, axis, 0)
        coefficients = np.concatenate([coefficients, coefficients[half : half + 1] / 2])
        coefficients[half] /= 2
        coefficients = np.moveaxis(coefficients, 0, axis)
    return coefficients, np.append(order, half)
