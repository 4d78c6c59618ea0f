r"""Gaussian beams that fall obliquely on a planar array: paraxial, and exact as a sum of plane waves.

Fields go like :math:`e^{-i\omega t}`; k = omega/c in 1/length, any unit of length. The array lies at z = 0,
the light goes down: a beam of polar angle theta and azimuth phi has the axis
:math:`\hat d = (\sin\theta\cos\phi, \sin\theta\sin\phi, -\cos\theta)`, and its waist, of radius w_0, at the
origin. With the distance :math:`\zeta` along and :math:`\rho` from the axis, the paraxial beam is

.. math:: E = \hat e\,\frac{w_0}{w}\exp\Bigl(-\frac{\rho^2}{w^2}
              + i\Bigl[k\zeta + \frac{k\rho^2}{cR} - \arctan\frac{\zeta}{z_R}\Bigr]\Bigr), \quad
          w^2 = w_0^2(1 + \zeta^2/z_R^2), \quad R = \zeta + z_R^2/\zeta, \quad z_R = kw_0^2/2,

with c = 2; the paper prints c = 1. It solves Maxwell's equations only up to powers of 1/(k w_0). The exact
beam is the sum of plane waves with the same Gaussian spectrum, each polarised along the part of
:math:`\hat e` across its own direction :math:`\hat s`,

.. math:: E(r) = \int d\Omega\,F(\hat s)\,e^{ik\hat s\cdot r}, \quad
          F = \frac{k^2w_0^2}{4\pi}\,\hat s\cdot\hat d\;e^{-k^2w_0^2|\hat s\times\hat d|^2/4}\,
              (1-\hat s\hat s^T)\hat e, \quad
          P_0 = \Bigl(\frac{2\pi}{k}\Bigr)^2\int d\Omega\,|F|^2 ,

over the directions that go forward along the axis and down through the array. Powers are in units of
:math:`\varepsilon_0c/2`, so that the paraxial beam carries :math:`\pi w_0^2/2`.

Sources: J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), eqs. 5, E1 to E3; L. Novotny and B. Hecht,
Principles of Nano-Optics (Cambridge University Press, 2012), chapters 3 and 15.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, complex_array, positive, refuse
from lowdim.optics.array import CIRCULAR

__all__ = [
    "PlaneWaves",
    "beam_axes",
    "gaussian_beam",
    "driving_polarization",
    "paraxial_fields",
]

MOST_WAVES = 10**4  # k reach
CHUNK = 1 << 20  # pairs of a point and a source treated at a time, which bounds the memory


def beam_axes(theta, phi):
    r"""Axes of a beam: across it in the plane of incidence, across it in the array, along it.

    Parameters
    ----------
    theta, phi : float
        Polar angle in [0, pi/2) and azimuth, radian.

    Returns
    -------
    ndarray, shape (3, 3)
        Rows: :math:`\hat x'` (it becomes x at theta = phi = 0), :math:`\hat y'` in the plane of the array,
        and the direction :math:`\hat d = \hat x'\times\hat y'`.

    Examples
    --------
    >>> beam_axes(0.0, 0.0).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]
    """
    theta, phi = (float(array_of_shape(n, v, ())) for n, v in (("theta", theta), ("phi", phi)))
    if not 0 <= theta < np.pi / 2:
        refuse("theta", "an angle in [0, pi/2)", theta)
    tilt = np.array([np.cos(theta), np.sin(theta)])
    turn = np.array([np.cos(phi), np.sin(phi)])
    return np.array(
        [
            [tilt[0] * turn[0], tilt[0] * turn[1], tilt[1]],
            [turn[1], -turn[0], 0.0],
            [tilt[1] * turn[0], tilt[1] * turn[1], -tilt[0]],
        ]
    )


def driving_polarization(theta, phi, dipole=CIRCULAR):
    r"""Polarisation across the beam that drives a transition most: the dipole's part across the axis.

    Parameters
    ----------
    theta, phi : float
        Direction of the beam, see `beam_axes`.
    dipole : array_like of complex, shape (3,)

    Returns
    -------
    ndarray of complex, shape (3,)
        Unit vector; for the circular dipole :math:`(1, i, 0)/\sqrt2` it is :math:`\hat v_-` of eq. E18.

    Examples
    --------
    >>> abs(driving_polarization(0.0, 0.4)).round(6).tolist()
    [0.707107, 0.707107, 0.0]
    """
    across = beam_axes(theta, phi)[:2]
    vector = across.T @ (across @ complex_array("dipole", dipole, (3,)))
    norm = np.linalg.norm(vector)
    if not norm > 0:
        refuse("dipole", "a vector with a part across the beam", dipole)
    return vector / norm


def paraxial_fields(points, k, waist, theta, phi, polarization, *, curvature=2.0):
    r"""Electric field and c times the magnetic field of the paraxial beam.

    Parameters
    ----------
    points : array_like, shape (..., 3)
    k, waist : float
        Wave number and waist radius, > 0.
    theta, phi : float
        Direction of the beam, see `beam_axes`.
    polarization : array_like of complex, shape (3,)
        Used as it is; Maxwell's equations want it across the beam.
    curvature : float
        The number c under R: 2, or 1 as printed in eq. E1.

    Returns
    -------
    electric, magnetic : ndarray of complex, shape (..., 3)
        The magnetic field is the exact curl of the electric one over ik.

    Examples
    --------
    >>> e, b = paraxial_fields([0, 0, 0], 6.3, 50.0, 0.0, 0.0, [1, 0, 0])
    >>> e.real.round(6).tolist(), b.real.round(3).tolist()
    ([1.0, 0.0, 0.0], [0.0, -1.0, 0.0])
    """
    k, waist, curvature = positive("k", k), positive("waist", waist), positive("curvature", curvature)
    points = points_in_space(points)
    polarization = complex_array("polarization", polarization, (3,))
    axes = beam_axes(theta, phi)
    x, y, along = np.moveaxis(points @ axes.T, -1, 0)
    rayleigh = 0.5 * k * waist**2
    square = x**2 + y**2
    width = waist**2 * (1 + (along / rayleigh) ** 2)
    inverse_radius = along / (along**2 + rayleigh**2)
    gouy = np.arctan2(along, rayleigh)
    exponent = -square / width + 1j * (k * along + k * square * inverse_radius / curvature - gouy)
    scalar = waist / np.sqrt(width) * np.exp(exponent)
    slope = 2 * (-1 / width + 1j * k * inverse_radius / curvature)
    growth = waist**2 * along / rayleigh**2 / width  # w'/w
    bending = (rayleigh**2 - along**2) / (along**2 + rayleigh**2) ** 2
    drift = -growth + 2 * square * growth / width
    drift = drift + 1j * (k + k * square * bending / curvature - rayleigh / (along**2 + rayleigh**2))
    gradient = (scalar * np.stack([slope * x, slope * y, drift])).transpose(*range(1, points.ndim), 0) @ axes
    return scalar[..., None] * polarization, np.cross(gradient, polarization) / (1j * k)


@dataclass(frozen=True)
class PlaneWaves:
    r"""Sum of plane waves that go down through the array, :math:`E(r) = \sum_j A_je^{iK_j\cdot r}`.

    Attributes
    ----------
    wave_vectors : ndarray, shape (M, 3)
    amplitudes : ndarray of complex, shape (M, 3)
        Quadrature weights included.
    solid_angles : ndarray, shape (M,)
        Those weights: directions that a wave stands for.
    power : float
        Flux through any plane parallel to the array, in units of :math:`\varepsilon_0c/2`.
    lost : float
        Share of the power of the whole forward beam that would come from below the array and is left out.
    """

    wave_vectors: np.ndarray
    amplitudes: np.ndarray
    solid_angles: np.ndarray
    power: float
    lost: float

    def fields(self, points):
        """Electric field and c times the magnetic field at points.

        Parameters
        ----------
        points : array_like, shape (..., 3)

        Returns
        -------
        electric, magnetic : ndarray of complex, shape (..., 3)

        Examples
        --------
        >>> beam = gaussian_beam(2 * np.pi, 6.0, 0.0, 0.0, [1, 0, 0], reach=1.0)
        >>> electric, magnetic = beam.fields([0.0, 0.0, 0.0])
        >>> abs(electric).round(2).tolist()
        [1.0, 0.0, 0.0]
        """
        points = points_in_space(points)
        flat = points.reshape(-1, 3)
        k = np.linalg.norm(self.wave_vectors[0])
        both = np.concatenate([self.amplitudes, np.cross(self.wave_vectors, self.amplitudes) / k], axis=1)
        result = np.empty((len(flat), 6), dtype=complex)
        step = max(1, CHUNK // len(both))
        for start in range(0, len(flat), step):
            phase = np.exp(1j * (flat[start : start + step] @ self.wave_vectors.T))
            result[start : start + step] = phase @ both
        result = result.reshape(*points.shape[:-1], 6)
        return result[..., :3], result[..., 3:]

    def on_lattice(self, positions, primitive):
        r"""Electric field at sites of one lattice, by two factors per wave instead of one phase per site.

        Parameters
        ----------
        positions : array_like, shape (N, 3)
            In one plane, at whole multiples of the primitive vectors from each other.
        primitive : array_like, shape (2, 2)
            Rows are the primitive vectors.

        Returns
        -------
        ndarray of complex, shape (N, 3)

        Raises
        ------
        ValueError
            If a site is off the lattice of the first.

        Examples
        --------
        >>> beam = gaussian_beam(2 * np.pi, 6.0, 0.3, 0.0, [0, 1, 0], reach=1.0)
        >>> sites = np.array([[0.0, 0.0, 0.0], [0.4, 0.0, 0.0]])
        >>> bool(np.allclose(beam.on_lattice(sites, 0.4 * np.eye(2)), beam.fields(sites)[0]))
        True
        """
        place = array_of_shape("positions", positions, (None, 3))
        primitive = array_of_shape("primitive", primitive, (2, 2))
        if not len(place):
            refuse("positions", "at least one site", place.shape)
        if abs(np.linalg.det(primitive)) < 1e-12 * np.abs(primitive).max() ** 2 or not primitive.any():
            refuse("primitive", "two vectors that span a plane", primitive)
        steps = (place[:, :2] - place[0, :2]) @ np.linalg.inv(primitive)
        index = np.rint(steps).astype(int)
        if np.max(np.abs(steps - index)) > 1e-6 or np.ptp(place[:, 2]) > 0:
            refuse("positions", "sites of one lattice in one plane", "others")
        origin = np.exp(1j * (self.wave_vectors @ place[0]))
        index -= index.min(axis=0)
        start = index[0]
        factors = []
        for vector, count, first in zip(primitive, index.max(axis=0) + 1, start, strict=True):
            factors.append(np.exp(1j * np.outer(np.arange(count) - first, self.wave_vectors[:, :2] @ vector)))
        grid = np.stack([(factors[0] * (origin * a)) @ factors[1].T for a in self.amplitudes.T], axis=-1)
        return grid[index[:, 0], index[:, 1]]


def gaussian_beam(k, waist, theta, phi, polarization, *, reach):
    r"""Exact beam with the Gaussian spectrum of a waist.

    Parameters
    ----------
    k, waist : float
        Wave number and waist radius, > 0.
    theta, phi : float
        Direction of the beam, see `beam_axes`.
    polarization : array_like of complex, shape (3,)
        Of the wave along the axis, across it; the other waves take its part across their directions.
    reach : float
        Largest distance from the origin at which the field will be asked for; it sets the number of waves.

    Returns
    -------
    PlaneWaves

    Examples
    --------
    A wide beam carries the paraxial power:

    >>> beam = gaussian_beam(2 * np.pi, 6.0, 0.3, 0.0, [0, 1, 0], reach=1.0)
    >>> round(beam.power / (18 * np.pi), 3), round(beam.lost, 12)
    (0.999, 0.0)
    """
    k, waist, reach = positive("k", k), positive("waist", waist), positive("reach", reach)
    axes = beam_axes(theta, phi)
    polarization = complex_array("polarization", polarization, (3,))
    if np.linalg.norm(axes[:2] @ polarization) == 0:
        refuse("polarization", "a vector with a part across the beam", polarization)
    if k * reach > MOST_WAVES:
        refuse("reach", f"at most {MOST_WAVES} over k, so that the waves can be held", reach)
    turns = 2 * int(np.ceil(0.5 * k * reach)) * 2 + 48
    angle = 2 * np.pi * (np.arange(turns) + 0.5) / turns
    nodes, weights = np.polynomial.legendre.leggauss(int(np.ceil(0.5 * k * reach)) + 40)
    # beyond it the spectrum is below 1e-17
    opening = np.full(turns, np.arcsin(min(1.0, 12.6 / (k * waist))))
    limit = np.minimum(opening, _grazing(theta, angle))
    *_, whole = _spectrum(k, waist, axes, polarization, opening, angle, nodes, weights)
    *waves, flux = _spectrum(k, waist, axes, polarization, limit, angle, nodes, weights)
    return PlaneWaves(*waves, float(flux), float(1 - flux / whole))


def _grazing(theta, angle):
    """Largest angle from the axis, at each angle around it, at which a wave still goes down."""
    uphill = np.sin(theta) * np.cos(angle)  # x' points up
    return np.where(uphill > 0, np.arctan2(np.cos(theta), np.maximum(uphill, 0)), np.pi / 2)


def _spectrum(k, waist, axes, polarization, limit, angle, nodes, weights):
    polar = 0.5 * limit[:, None] * (nodes + 1)
    around = np.broadcast_to(angle[:, None], polar.shape)
    solid = 0.5 * limit[:, None] * weights * np.sin(polar) * 2 * np.pi / len(angle)
    local = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=-1)
    direction = (local @ axes).reshape(-1, 3)
    gauss = np.cos(polar) * np.exp(-((0.5 * k * waist * np.sin(polar)) ** 2))
    spectrum = ((k * waist) ** 2 / (4 * np.pi) * gauss).reshape(-1, 1)
    spectrum = spectrum * (polarization - direction * (direction @ polarization)[:, None])
    solid = solid.reshape(-1, 1)
    flux = (2 * np.pi / k) ** 2 * np.sum(solid * np.abs(spectrum) ** 2)
    return k * direction, solid * spectrum, solid[:, 0], flux


def points_in_space(points):
    """Return `points` as a float array of shape (..., 3)."""
    points = array_of_shape("points", points, None)
    if points.ndim == 0 or points.shape[-1] != 3:
        refuse("points", "shape (..., 3)", points.shape)
    return points
