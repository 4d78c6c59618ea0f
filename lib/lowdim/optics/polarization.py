r"""Polarisation of plane waves and beams: Jones vectors and matrices, Stokes parameters, and their angles.

Fields go like :math:`e^{-i\omega t}` and the light travels to +z; azimuths count from x towards y. The two
helicities are :math:`(1, \pm i)/\sqrt2`; with +, the field turns from x to y. (Seen from the receiver that is
counterclockwise, "left-circular" in optics and "right-circular" in much of the semiconductor literature: this
module says helicity.)

Source: M. Born and E. Wolf, Principles of Optics (Cambridge University Press, 1999), sections 1.4 and 10.9.
"""

import numpy as np

from lowdim._checks import array_of_shape, choice, complex_array, refuse

__all__ = ["HELICITIES", "polarization_ellipse", "rotation_angle", "stokes_angles"]

#: unit vectors of helicity +1 and -1, as columns, in the Cartesian basis
HELICITIES = np.array([[1, 1], [1j, -1j]]) / np.sqrt(2)

#: linear part of the intensity below which light counts as circular: the error of a field that was solved for
ROUNDING = 1000 * np.finfo(float).eps


def polarization_ellipse(field):
    r"""Azimuth and ellipticity of the polarisation ellipse of a field :math:`(E_x, E_y)`.

    In circular parts :math:`E_\pm = (E_x \mp iE_y)/\sqrt2` the major axis lies at
    :math:`\psi = \frac12\arg(E_-E_+^*)`, and
    :math:`\sin2\epsilon = (|E_+|^2-|E_-|^2)/(|E_+|^2+|E_-|^2)`.

    Parameters
    ----------
    field : array_like of complex, shape (..., 2)

    Returns
    -------
    azimuth, ellipticity : ndarray, shape (...)
        Radian; the azimuth from x towards y in (-pi/2, pi/2], the ellipticity in [-pi/4, pi/4], positive for
        positive helicity. Light that is circular to rounding has no axis: its azimuth is zero.

    Raises
    ------
    ValueError
        If the last axis is not 2.

    Examples
    --------
    >>> azimuth, ellipticity = polarization_ellipse([1.0, 0.5])
    >>> round(float(np.tan(azimuth)), 12), float(ellipticity)
    (0.5, 0.0)
    """
    field = complex_array("field", field, None)
    if field.ndim == 0 or field.shape[-1] != 2:
        refuse("field", "shape (..., 2)", field.shape)
    intensity = np.abs(field) ** 2
    crossed = field[..., 0].conj() * field[..., 1]
    stokes = [intensity.sum(-1), intensity[..., 0] - intensity[..., 1], 2 * crossed.real, 2 * crossed.imag]
    return stokes_angles(np.stack(stokes, axis=-1))


def stokes_angles(stokes):
    r"""Azimuth and ellipticity of the polarised part of light with Stokes parameters :math:`S_0 \ldots S_3`.

    :math:`\psi = \frac12\arg(S_1 + iS_2)`, :math:`\tan2\epsilon = S_3/\sqrt{S_1^2+S_2^2}`.

    Parameters
    ----------
    stokes : array_like, shape (..., 4)

    Returns
    -------
    azimuth, ellipticity : ndarray, shape (...)
        Radian, as in `polarization_ellipse`; the azimuth of circular light, which has none, is zero.

    Examples
    --------
    >>> [round(float(angle), 6) for angle in stokes_angles([1.0, 0.0, 0.5, 0.0])]
    [0.785398, 0.0]
    """
    stokes = array_of_shape("stokes", stokes, None)
    if stokes.ndim == 0 or stokes.shape[-1] != 4:
        refuse("stokes", "shape (..., 4)", stokes.shape)
    s0, s1, s2, s3 = np.moveaxis(stokes, -1, 0)
    linear = np.hypot(s1, s2)
    azimuth = np.where(linear > ROUNDING * np.abs(s0), 0.5 * np.arctan2(s2, s1), 0.0)
    return azimuth, 0.5 * np.arctan2(s3, linear)


def rotation_angle(jones, incident="x"):
    r"""Angle by which the major axis of the polarisation ellipse turns from x towards y.

    Parameters
    ----------
    jones : array_like of complex, shape (..., 2, 2)
        Column: incident x or y; row: transmitted x or y.
    incident : {"x", "y"}

    Returns
    -------
    ndarray, shape (...)
        Radian, in (-pi/2, pi/2].

    Raises
    ------
    ValueError
        If the shape is wrong or `incident` is neither x nor y.

    Examples
    --------
    A rotation turns both polarisations by its own angle:

    >>> turn = [[np.cos(1.2), -np.sin(1.2)], [np.sin(1.2), np.cos(1.2)]]
    >>> float(rotation_angle(turn).round(12)), float(rotation_angle(turn, "y").round(12))
    (1.2, 1.2)
    """
    jones = complex_array("jones", jones, None)
    if jones.ndim < 2 or jones.shape[-2:] != (2, 2):
        refuse("jones", "shape (..., 2, 2)", jones.shape)
    choice("incident", incident, ("x", "y"))
    if incident == "x":
        return polarization_ellipse(jones[..., 0])[0]
    # measured from y: the axes (y, -x) take the place of (x, y)
    return polarization_ellipse(jones[..., ::-1, 1] * [1, -1])[0]
