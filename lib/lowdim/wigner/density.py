r"""What is the density of a finite cluster? Every definition that makes sense, side by side.

A cluster of N electrons in a harmonic trap is densest in the middle, so "n below n_cr" depends on what n is.
In units of :math:`\ell^{-2}`:

========================  =====================================================================
nearest_neighbour         :math:`2/\sqrt3 a^2` with a the mean distance to the nearest neighbour
closest_pair              the same with the smallest distance
central                   the same with the mean distance of Delaunay neighbours of the innermost electron
disc                      :math:`N/\pi R^2`, R the largest distance from the centre
padded_disc               :math:`N/\pi(R + a/2)^2`: every electron owns half a spacing around it
hull                      N over the area of the convex hull, padded by a/2
continuum_peak            :math:`3N/2\pi R_c^2`, :math:`R_c^3 = 3\pi N/4`: the charged fluid in the trap
continuum_mean            :math:`N/\pi R_c^2`, 2/3 of it
========================  =====================================================================

The fluid has :math:`n(r) = n_0\sqrt{1-r^2/R_c^2}`, the projection of a homogeneously charged ellipsoid.
A density :math:`\nu/\ell^2` equals n at :math:`\hbar\omega = (n/\nu)^{3/4}\sqrt{\kappa\hbar^2/m}`.
"""

import math

import numpy as np
from scipy.spatial import ConvexHull, Delaunay, KDTree

from lowdim._checks import array_of_shape, instance, integer_in, positive, positive_array, refuse
from lowdim.wigner.material import Material

__all__ = [
    "DEFINITIONS",
    "cluster_densities",
    "continuum_peak",
    "nearest_distances",
    "trap_energy_at_density",
    "triangular_density",
]

DEFINITIONS = (
    "nearest_neighbour",
    "closest_pair",
    "central",
    "disc",
    "padded_disc",
    "hull",
    "continuum_peak",
    "continuum_mean",
)


def nearest_distances(positions):
    """Distance of every electron to its nearest neighbour.

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 2

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If there are fewer than two electrons, or two of them coincide.

    Examples
    --------
    >>> nearest_distances([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]]).tolist()
    [1.0, 1.0, 3.0]
    """
    r = array_of_shape("positions", positions, (None, 2))
    if len(r) < 2:
        refuse("positions", "at least two electrons", len(r))
    here = np.arange(len(r))
    two = KDTree(r).query(r, k=2)[1]
    other = np.where(two[:, 0] == here, two[:, 1], two[:, 0])
    nearest = np.hypot(*(r - r[other]).T)
    if not np.all(nearest > 0):
        refuse("positions", "distinct electrons", "two at the same place")
    return nearest


def continuum_peak(n):
    r"""Central density of a fluid of n electrons, in :math:`\ell^{-2}`.

    Examples
    --------
    >>> round(continuum_peak(100), 4)
    1.2516
    """
    n = integer_in("n", n, 1)
    return 3 * n / (2 * math.pi) * (3 * math.pi * n / 4) ** (-2 / 3)


def cluster_densities(positions):
    r"""All definitions of the table above.

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 4
        In units of :math:`\ell`.

    Returns
    -------
    dict of float
        In :math:`\ell^{-2}`.

    Raises
    ------
    ValueError
        If there are fewer than four electrons, or two of them coincide.

    Examples
    --------
    >>> square = [[0.7, 0.7], [-0.7, 0.7], [-0.7, -0.7], [0.7, -0.7]]
    >>> round(cluster_densities(square)["nearest_neighbour"], 4)
    0.5891
    """
    r = array_of_shape("positions", positions, (None, 2))
    n = len(r)
    if n < 4:
        refuse("positions", "at least four electrons", n)
    nearest = nearest_distances(r)
    spacing = float(np.mean(nearest))
    radius = float(np.max(np.hypot(*r.T)))
    hull = ConvexHull(r)
    area = hull.volume + 0.5 * spacing * hull.area + math.pi * (0.5 * spacing) ** 2
    peak = continuum_peak(n)
    return {
        "nearest_neighbour": triangular_density(spacing),
        "closest_pair": triangular_density(float(np.min(nearest))),
        "central": triangular_density(_central_spacing(r)),
        "disc": n / (math.pi * radius**2),
        "padded_disc": n / (math.pi * (radius + 0.5 * spacing) ** 2),
        "hull": n / area,
        "continuum_peak": peak,
        "continuum_mean": 2 * peak / 3,
    }


def triangular_density(spacing):
    """Density of a triangular lattice of spacing > 0.

    Examples
    --------
    >>> round(float(triangular_density(1.0)), 4)
    1.1547
    """
    return 2 / (math.sqrt(3) * positive("spacing", spacing) ** 2)


def _central_spacing(r):
    centre = int(np.argmin(np.hypot(*r.T)))
    start, neighbours = Delaunay(r).vertex_neighbor_vertices
    around = neighbours[start[centre] : start[centre + 1]]
    return float(np.mean(np.hypot(*(r[around] - r[centre]).T)))


def trap_energy_at_density(cluster_density, density, material):
    r"""Trap energy :math:`\hbar\omega` at which a cluster has a given density.

    Parameters
    ----------
    cluster_density : array_like
        In :math:`\ell^{-2}`, > 0.
    density : array_like
        In nm^-2, > 0.
    material : Material

    Returns
    -------
    ndarray
        In meV.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.wigner.material import TMD
    >>> trap_energy_at_density(continuum_peak(100), 1e-3, TMD).round(2)
    np.float64(1.1)
    """
    instance("material", material, Material)
    scaled = positive_array("cluster_density", cluster_density)
    length = np.sqrt(scaled / positive_array("density", density))
    return material.trap_energy(length)
