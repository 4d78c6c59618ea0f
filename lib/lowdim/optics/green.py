r"""Field of a point dipole in free space: the dyadic Green's tensor and its angular spectrum.

Fields go like :math:`e^{-i\omega t}`; k = omega/c > 0 in 1/length, any unit of length. A dipole :math:`p` at
the origin makes the field

.. math:: E(r) = \frac{k^2}{\varepsilon_0} G(r)\,p, \qquad
          G = \Bigl(1 + \frac{\nabla\nabla}{k^2}\Bigr)\frac{e^{ikr}}{4\pi r}
            = \frac{e^{ikr}}{4\pi r}\Bigl[\Bigl(1 + \frac{ikr-1}{k^2r^2}\Bigr)
              + \Bigl(\frac{3-3ikr}{k^2r^2} - 1\Bigr)\hat r\hat r^T\Bigr],

which solves :math:`\nabla\times\nabla\times G - k^2G = \delta(r)`. At the origin the imaginary part tends to
:math:`k/6\pi`, which gives the linewidth of one dipole; the real part diverges and is counted into the
measured resonance.

Its transform in the plane, :math:`\int d^2r\,e^{-iq\cdot r}G(r, z)`, is

.. math:: G(q, z) = \frac{i}{2k_z}e^{ik_z|z|}P_\pm, \quad P_\pm = 1 - \frac{\kappa_\pm\kappa_\pm^T}{k^2}
          = \hat s\hat s^T + \hat p_\pm\hat p_\pm^T, \quad \kappa_\pm = (q, \pm k_z), \quad
          k_z = \sqrt{k^2-q^2},

with + above the plane and - below, and the root that decays or travels away. At z = 0 the mean of both sides
is taken; there the zz element lacks the delta function :math:`-\delta(z)/k^2`.

Angles: q = k sin(theta) (cos phi, sin phi), k_z = k cos(theta), and

.. math:: \hat s = (-\sin\phi, \cos\phi, 0), \qquad
          \hat p_\pm = (\pm\cos\theta\cos\phi, \pm\cos\theta\sin\phi, -\sin\theta).

Sources: L. Novotny and B. Hecht, Principles of Nano-Optics (Cambridge University Press, 2012), chapters 8
and 10; J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), eqs. E10 to E14.
"""

import numpy as np

from lowdim._checks import array_of_shape, positive, refuse

__all__ = [
    "dyadic_green",
    "dyadic_green_spectrum",
    "polarization_vectors",
    "scalar_green",
    "self_term",
    "wave_vector",
]


def scalar_green(r, k):
    r"""Outgoing spherical wave :math:`e^{ikr}/4\pi r`.

    Parameters
    ----------
    r : array_like, any shape
        Distances, > 0.
    k : float
        Wave number, > 0.

    Returns
    -------
    ndarray of complex, shape of `r`
        In 1/length.

    Examples
    --------
    >>> scalar_green(1.0, np.pi).round(6).item()
    (-0.079577+0j)
    """
    k, r = positive("k", k), array_of_shape("r", r, None)
    if np.any(r <= 0):
        refuse("r", "distances > 0", float(r.min()))
    return np.exp(1j * k * r) / (4 * np.pi * r)


def dyadic_green(r, k):
    r"""Green's tensor :math:`G(r)` of free space.

    Parameters
    ----------
    r : array_like, shape (..., 3)
        From the dipole to the point of observation, nowhere zero.
    k : float
        Wave number, > 0.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        In 1/length; symmetric, even in r.

    Raises
    ------
    ValueError
        If `r` has another shape or contains the origin, or `k` is not positive.

    Examples
    --------
    On the axis of the dipole there is no far field:

    >>> far = dyadic_green([0.0, 0.0, 1e6], 1.0) * 4 * np.pi * 1e6 * np.exp(-1e6j)
    >>> np.diag(far).round(5).real.tolist()
    [1.0, 1.0, 0.0]
    """
    k, r = positive("k", k), array_of_shape("r", r, None)
    if r.ndim == 0 or r.shape[-1] != 3:
        raise ValueError(f"r: expected shape (..., 3), got {r.shape}")
    distance = np.sqrt(np.einsum("...a,...a->...", r, r))
    if np.any(distance == 0):
        refuse("r", "points away from the dipole", 0.0)
    x = k * distance
    wave = np.exp(1j * x) / (4 * np.pi * distance)
    direction = r / distance[..., None]
    along = wave * ((3 - 3j * x) / x**2 - 1)
    tensor = (along[..., None] * direction)[..., :, None] * direction[..., None, :]
    across = wave * (1 + (1j * x - 1) / x**2)
    for i in range(3):
        tensor[..., i, i] += across
    return tensor


def self_term(k):
    r"""Imaginary part of :math:`G(r\to0)`, the number :math:`k/6\pi` (times the unit tensor).

    Examples
    --------
    >>> near = dyadic_green([0.0, 0.0, 1e-3], 2.0)
    >>> bool(abs(near[0, 0].imag / self_term(2.0) - 1) < 1e-5)
    True
    """
    return positive("k", k) / (6 * np.pi)


def wave_vector(theta, phi, k):
    """In-plane wave vector of a wave with polar angle `theta` and azimuth `phi`.

    Parameters
    ----------
    theta, phi : array_like
        Radian, broadcast against each other; `theta` in [0, pi/2).
    k : float
        Wave number, > 0.

    Returns
    -------
    ndarray, shape (..., 2)

    Examples
    --------
    >>> wave_vector(np.pi / 6, 0.0, 2.0).round(12).tolist()
    [1.0, 0.0]
    """
    k = positive("k", k)
    theta, phi = np.broadcast_arrays(_polar_angle(theta), array_of_shape("phi", phi, None))
    return k * np.sin(theta)[..., None] * np.stack([np.cos(phi), np.sin(phi)], axis=-1)


def polarization_vectors(theta, phi):
    r"""Unit vectors :math:`\hat s`, :math:`\hat p_+`, :math:`\hat p_-` of a plane wave.

    Parameters
    ----------
    theta, phi : array_like
        Radian, broadcast against each other; `theta` in [0, pi/2).

    Returns
    -------
    s, p_up, p_down : ndarray, shape (..., 3)
        `p_up` belongs to the wave that goes to z > 0, `p_down` to the one that goes to z < 0; `s` to both.

    Examples
    --------
    >>> s, up, down = polarization_vectors(0.3, 0.8)
    >>> bool(abs(np.dot(np.cross(s, up), s)) < 1e-15), round(float(up[2]), 6) == round(float(-np.sin(0.3)), 6)
    (True, True)
    """
    theta, phi = np.broadcast_arrays(_polar_angle(theta), array_of_shape("phi", phi, None))
    zero = np.zeros_like(theta)
    s = np.stack([-np.sin(phi), np.cos(phi), zero], axis=-1)
    flat = np.stack([np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), zero], axis=-1)
    upright = np.stack([zero, zero, -np.sin(theta)], axis=-1)
    return s, upright + flat, upright - flat


def _polar_angle(theta):
    theta = array_of_shape("theta", theta, None)
    if np.any((theta < 0) | (theta >= np.pi / 2)):
        refuse("theta", "angles in [0, pi/2)", float(theta.min() if theta.min() < 0 else theta.max()))
    return theta


def dyadic_green_spectrum(wave_vectors, z, k):
    r"""Transform :math:`G(q, z)` of the Green's tensor in planes above or below the dipole.

    Parameters
    ----------
    wave_vectors : array_like, shape (..., 2)
        In-plane wave vectors, not on the light cone.
    z : array_like
        Height over the dipole, broadcast against the leading axes of `wave_vectors`.
    k : float
        Wave number, > 0.

    Returns
    -------
    ndarray of complex, shape (..., 3, 3)
        In units of length; at z = 0 the mean of the two sides.

    Raises
    ------
    ValueError
        If the shape is wrong or a wave vector has length k, where the tensor is infinite.

    Examples
    --------
    >>> sheet = dyadic_green_spectrum([0.0, 0.0], 0.0, 2.0)  # i/2k in the plane, nothing across
    >>> np.diag(sheet).round(6).tolist()
    [0.25j, 0.25j, 0j]
    """
    k, q = positive("k", k), array_of_shape("wave_vectors", wave_vectors, None)
    if q.ndim == 0 or q.shape[-1] != 2:
        raise ValueError(f"wave_vectors: expected shape (..., 2), got {q.shape}")
    z, squares = np.broadcast_arrays(array_of_shape("z", z, None), k**2 - np.sum(q**2, axis=-1))
    if np.any(squares == 0):
        refuse("wave_vectors", "lengths other than k", k)
    kz = np.sqrt(squares.astype(complex))
    q = np.broadcast_to(q, (*squares.shape, 2))
    kappa = np.concatenate([q, (np.sign(z) * kz)[..., None]], axis=-1)
    tensor = -np.einsum("...a,...b->...ab", kappa, kappa) / k**2 + np.eye(3)
    # sign(0) = 0 averages the two sides of every element but zz
    tensor[..., 2, 2] = 1 - squares / k**2
    return (0.5j / kz * np.exp(1j * kz * np.abs(z)))[..., None, None] * tensor
