r"""Coulomb integrals of two charge clouds straight from their definition, as a check on closed forms.

.. math:: \int\! d^2r_1\, d^2r_2\, \frac{f(\mathbf r_1)\,g(\mathbf r_2)}{|\mathbf r_1-\mathbf r_2|}
          = \int\! d^2r_1\, f(\mathbf r_1) \int_0^\infty\! d\rho \int_0^{2\pi}\! d\theta\;
          g(\mathbf r_1+\boldsymbol\rho):

polar coordinates about electron 1 remove the pole, and nothing else is done by hand.
"""

import numpy as np

from lowdim._checks import array_of_shape, callback, integer_in, positive

__all__ = ["coulomb_integral_direct"]


def coulomb_integral_direct(first, second, centre, extent, *, nodes=40, angles=48):
    """Coulomb integral of two densities by quadrature in four dimensions.

    Parameters
    ----------
    first, second : callable
        Densities, real or complex, of points of shape (..., 2).
    centre : array_like
        Where `first` is centred, shape (2,).
    extent : float
        Half the side of a square about `centre` outside of which `first` vanishes; `second` must vanish
        beyond twice that distance from every point of it. > 0.
    nodes : int
        Gauss-Legendre nodes per axis, and half of those along the radius; >= 4.
    angles : int
        Directions, >= 4.

    Returns
    -------
    float or complex

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> cloud = lambda r: np.exp(-0.5 * np.sum(r**2, axis=-1)) / (2 * np.pi)
    >>> bool(np.isclose(coulomb_integral_direct(cloud, cloud, [0, 0], 7.0), 0.5 * np.pi**0.5, rtol=1e-9))
    True
    """
    callback("first", first)
    callback("second", second)
    centre = array_of_shape("centre", centre, (2,))
    extent = positive("extent", extent)
    nodes, angles = integer_in("nodes", nodes, 4), integer_in("angles", angles, 4)
    x, weight = np.polynomial.legendre.leggauss(nodes)
    points = extent * np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2) + centre
    weights = (extent**2 * np.outer(weight, weight)).ravel()
    radius, radial = np.polynomial.legendre.leggauss(2 * nodes)
    radius, radial = 1.5 * extent * (radius + 1), 1.5 * extent * radial
    theta = 2 * np.pi * np.arange(angles) / angles
    steps = radius[:, None, None] * np.stack([np.cos(theta), np.sin(theta)], axis=-1)
    total = 0.0
    for point, one in zip(points, weights * first(points), strict=True):
        total += one * np.sum(radial * second(point + steps).sum(axis=1))
    return total * 2 * np.pi / angles
