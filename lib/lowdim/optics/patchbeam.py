r"""The exact Gaussian beam on all sites of a lattice patch, in memory of the order of the number of sites.

The beam of `beam` is an integral over directions. With the axis of the sphere along the first primitive
vector, :math:`\hat s = \sin u\,\hat a_1 + \cos u\,(\sin v\,\hat b - \cos v\,\hat z)`,
:math:`d\Omega = \cos u\,du\,dv`, and on the site :math:`m a_1 + n a_2` the phase is a product,

.. math:: e^{ik\hat s\cdot r} = e^{imk\hat s\cdot a_1}\,e^{ink\hat s\cdot a_2}, \qquad
          \hat s\cdot a_1 = a_1\sin u ,

the first factor of which does not depend on v. So the sum over v is done once for every u and n, the one over
u for every m and n: n^3 operations for n x n sites, all of them products of matrices, instead of n^4. The two
quadratures are Gauss-Legendre's; the one in u is broken where the border of the beam meets the horizon.

The sum is that of `gaussian_beam` with very many waves to rounding; with as many as usual, that one errs by
1e-9 to 1e-7 where the horizon cuts the beam.
"""

from functools import lru_cache

import numpy as np
from scipy.special import roots_legendre

from lowdim._checks import array_of_shape, complex_array, integer_array, namespace, positive, refuse
from lowdim.optics.beam import beam_axes
from lowdim.optics.krylov import to_numpy

__all__ = ["beam_on_patch"]

MOST_SITES = 10**6  # along one side
WIDEST = 1e4  # k waist
BLOCK = 1 << 20  # phases held at a time


def beam_on_patch(primitive, shape, k, waist, theta, phi, polarization, *, corner=None, xp=np):
    r"""Electric field of the exact beam on a parallelogram of sites, and the power of the beam.

    Parameters
    ----------
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors, in the plane z = 0.
    shape : (int, int)
        Rows and columns: sites along the first and the second primitive vector.
    k, waist : float
        Wave number and waist radius, > 0, their product at most 1e4.
    theta, phi : float
        Direction of the beam, see `beam_axes`.
    polarization : array_like of complex, shape (3,)
        Of the wave along the axis, as in `gaussian_beam`.
    corner : array_like, shape (2,), optional
        Place of the site (0, 0); the patch is centred on the axis of the beam if it is not given.
    xp : module
        Array namespace in which the sums are done: numpy, torch, cupy.

    Returns
    -------
    field : ndarray of complex, shape (rows, columns, 3)
    power : float
        In units of :math:`\varepsilon_0c/2`.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.optics.beam import gaussian_beam
    >>> from lowdim.optics.patches import parallelogram
    >>> field, power = beam_on_patch(0.4 * np.eye(2), (5, 7), 6.3, 1.0, 0.7, 0.2, [1, 0, 0])
    >>> beam = gaussian_beam(6.3, 1.0, 0.7, 0.2, [1, 0, 0], reach=2.0)
    >>> sites = parallelogram("square", 0.4, 5, 7)
    >>> bool(np.abs(field.reshape(-1, 3) - beam.fields(sites)[0]).max() < 1e-8)
    True
    """
    namespace("xp", xp)
    shape = tuple(integer_array("shape", shape, (2,), 1, MOST_SITES).tolist())
    primitive, k, waist = (
        array_of_shape("primitive", primitive, (2, 2)),
        positive("k", k),
        positive("waist", waist),
    )
    if k * waist > WIDEST:
        refuse("waist", f"at most {WIDEST:g}/k: the angles of a wider beam are lost in rounding", waist)
    polarization = complex_array("polarization", polarization, (3,))
    if corner is None:
        corner = -0.5 * (np.array(shape) - 1) @ primitive
    corner = array_of_shape("corner", corner, (2,))
    far = [
        corner + i * (shape[0] - 1) * primitive[0] + j * (shape[1] - 1) * primitive[1]
        for i in (0, 1)
        for j in (0, 1)
    ]
    axes = _frame(primitive)
    down = beam_axes(theta, phi)[2] @ axes.T
    opening = np.arcsin(min(1.0, 12.6 / (k * waist)))
    reach = k * max(np.hypot(*np.transpose(far)))
    field = xp.zeros((shape[0], 3 * shape[1]), dtype=xp.complex128)
    power = 0.0
    for u, weight in _lines(down, opening, reach):
        blocks = -(-len(u) * _nodes(np.pi, reach) * shape[1] // BLOCK)
        for part in np.array_split(np.arange(len(u)), min(blocks, len(u))):
            amplitude, s, flux = _waves(
                u[part], weight[part], down, opening, reach, k * waist, polarization, axes
            )
            power += flux
            phase = k * (s @ axes)[..., :2]
            amplitude = amplitude * np.exp(1j * (phase @ corner))[..., None]
            columns = _phases(phase @ primitive[1], shape[1], xp)
            lines = xp.matmul(xp.asarray(np.ascontiguousarray(amplitude.swapaxes(1, 2))), columns)
            rows = _phases(phase[:, 0] @ primitive[0], shape[0], xp)
            field += rows.T @ lines.reshape(len(part), -1)
    return to_numpy(field).reshape(shape[0], 3, shape[1]).swapaxes(1, 2), float(power * (2 * np.pi / k) ** 2)


def _frame(primitive):
    """Rows: along the first primitive vector, across it in the plane, down."""
    along = primitive[0] / np.linalg.norm(primitive[0])
    return np.array([[*along, 0.0], [-along[1], along[0], 0.0], [0.0, 0.0, -1.0]])


def _nodes(width, reach):
    """Nodes for a phase that turns by `reach` per radian over an interval, and for the Gaussian."""
    return int(np.ceil(0.8 * reach * width / np.pi + 3 * np.cbrt(reach))) + 40


_gauss = lru_cache(maxsize=64)(roots_legendre)


def _lines(down, opening, reach):
    """Nodes and weights in u, one pair for each smooth piece."""
    first, radius, middle = down[0], np.hypot(*down[1:]), np.arctan2(down[1], down[2])
    if opening < np.pi / 2:
        edges = np.arcsin(first) + np.array([-opening, opening])
    else:  # where the border closes, and where it meets the horizon
        turns = np.array([-1.0, -np.sin(middle), np.sin(middle)]) * np.sign(first) * radius
        edges = np.sort([-np.pi / 2, *np.arctan2(turns, abs(first)), np.pi / 2])
    edges = np.clip(edges, -np.pi / 2, np.pi / 2)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        if high - low > 1e-9 and np.ptp(_limits(np.array([(low + high) / 2]), down, opening)) > 0:
            x, weight = _gauss(_nodes(high - low, reach))
            yield (low + high + (high - low) * x) / 2, (high - low) / 2 * weight


def _limits(u, down, opening):
    """Smallest and largest v of the beam at each u; equal where there is none."""
    middle = np.arctan2(down[1], down[2])
    cosine = (np.cos(opening) - np.sin(u) * down[0]) / (np.cos(u) * np.hypot(*down[1:]))
    half = np.arccos(np.clip(cosine, -1, 1))
    return np.clip([middle - half, middle + half], -np.pi / 2, np.pi / 2)


def _waves(u, weight, down, opening, reach, size, polarization, axes):
    """Amplitudes (U, J, 3) and directions in the frame of the waves on some lines, and their flux."""
    low, high = _limits(u, down, opening)
    x, inner = _gauss(_nodes(np.max(high - low), reach))
    v = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * x
    s = np.stack(
        [
            np.broadcast_to(np.sin(u)[:, None], v.shape),
            np.cos(u)[:, None] * np.sin(v),
            np.cos(u)[:, None] * np.cos(v),
        ],
        axis=-1,
    )
    solid = (weight * np.cos(u) * (high - low) / 2)[:, None] * inner
    along = s @ down
    gauss = size**2 / (4 * np.pi) * along * np.exp(-(size**2) / 4 * (1 - along**2))
    local = axes @ polarization
    spectrum = gauss[..., None] * (local - s * (s @ local)[..., None])
    flux = float(np.sum(solid * np.sum(np.abs(spectrum) ** 2, axis=-1)))
    return (solid[..., None] * spectrum) @ axes, s, flux


def _phases(steps, count, xp):
    """exp(i n step) for n < count on a new last axis."""
    run = int(np.ceil(np.sqrt(count)))  # so that few exponentials are needed
    fine = np.exp(1j * steps[..., None] * np.arange(run))
    coarse = np.exp(1j * steps[..., None] * np.arange(0, count, run))
    table = xp.asarray(coarse)[..., None] * xp.asarray(fine)[..., None, :]
    return table.reshape(*steps.shape, -1)[..., :count]
