r"""A beam turns around the axis of a planar array: what the transmission tells of the lattice.

With the beam at polar angle theta and azimuth phi, polarised so that it drives the transition dipole most,
the transmission is a Fourier series :math:`T(\phi) = \sum_m c_me^{im\phi}`. A lattice of n-fold symmetry lets
only m = 0, n, 2n, ... pass; so does the outline of a patch, with its own n. The contrast is the largest less
the smallest transmission.

Disorder after J. Knörzer et al., Phys. Rev. B 101, 125101 (2020), appendix B, in its simplest form: each
impurity lies anywhere in the patch and pins the nearest electron that is free on itself; the others stay.
"""

import numpy as np

from lowdim._checks import (
    array_of_shape,
    complex_array,
    instance,
    integer_array,
    integer_in,
    namespace,
    positive,
    real,
    refuse,
)
from lowdim.errors import NotConverged
from lowdim.optics.array import CIRCULAR
from lowdim.optics.beam import driving_polarization, gaussian_beam
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import infinite_transmission, transmission
from lowdim.optics.patchbeam import MOST_SITES, beam_on_patch
from lowdim.optics.patches import centred_sites, independent_vectors
from lowdim.optics.regular import solve_regular

__all__ = [
    "azimuthal_harmonics",
    "pin_sites",
    "scan_transmission",
    "turning_transmission",
    "turning_transmission_infinite",
]

MOST_DRAWS = 10**5  # of places for one impurity
BLOCK_SITES = 1 << 18  # sites of all fields solved at a time
LU_SITES, FIELDS_OF_ONE_LU = 1600, 20  # a decomposition of so many sites takes as long as so many iterations


def turning_transmission(
    positions, primitive, k, waist, theta, azimuths, *, detuning=0.0, dipole=CIRCULAR, displaced=None
):
    r"""Transmission of the exact beam through a patch, for several azimuths, by one LU decomposition.

    Parameters
    ----------
    positions : array_like, shape (N, 3)
        Sites in the plane z = 0.
    primitive : array_like, shape (2, 2)
        Primitive vectors of the lattice they lie on.
    k, waist : float
        Wave number and waist radius, > 0.
    theta : float
        Polar angle of the beam, radian.
    azimuths : array_like, shape (M,)
    detuning : float
        In units of the radiative linewidth of one dipole.
    dipole : array_like of complex, shape (3,)
        Transition dipole, in the plane.
    displaced : array_like of bool, shape (N,), optional
        Sites that are off the lattice; more of them take longer.

    Returns
    -------
    ndarray, shape (M,)

    Examples
    --------
    >>> from lowdim.optics.patches import PRIMITIVE, parallelogram
    >>> patch, cell = parallelogram("square", 0.45, 12), 0.45 * PRIMITIVE["square"]
    >>> t = turning_transmission(patch, cell, 2 * np.pi, 1.0, np.pi / 4, [0, np.pi / 4, np.pi / 2])
    >>> t.round(3).tolist()
    [0.192, 0.21, 0.192]
    """
    dipole = _in_plane(dipole)
    place = array_of_shape("positions", positions, (None, 3))
    azimuths = array_of_shape("azimuths", azimuths, (None,))
    if not len(place) or not len(azimuths):
        refuse("azimuths", "at least one, and of positions", azimuths.shape)
    displaced = np.zeros(len(place), dtype=bool) if displaced is None else truth_values(displaced, len(place))
    reach = max(np.hypot(*place[:, :2].T).max(), 1 / positive("k", k))
    fields, powers = np.empty((len(azimuths), *place.shape), dtype=complex), np.empty(len(azimuths))
    index, box = _on_lattice(place[~displaced], primitive)
    for m, phi in enumerate(azimuths):
        vector = driving_polarization(theta, phi, dipole)
        if len(index):
            grid, powers[m] = beam_on_patch(
                primitive, k=k, waist=waist, theta=theta, phi=phi, polarization=vector, **box
            )
            fields[m, ~displaced] = grid[index[:, 0], index[:, 1]]
        if np.any(displaced):
            beam = gaussian_beam(k, waist, theta, phi, vector, reach=reach)
            fields[m, displaced], powers[m] = beam.fields(place[displaced])[0], beam.power
    light = solve_dipoles(place, polarizability(detuning, k, dipole=dipole), fields, k)
    return transmission(light, powers)[0]


def _in_plane(dipole):
    """Return a transition dipole in the plane of the array."""
    dipole = complex_array("dipole", dipole, (3,))
    if dipole[2] != 0 or not np.any(dipole):
        refuse("dipole", "a vector in the plane, not zero", dipole)
    return dipole


def truth_values(displaced, count):
    """Return `displaced` as an array of truth values, one per site."""
    try:
        array = np.asarray(displaced)
    except ValueError:
        array = np.empty(0)
    if array.shape != (count,) or array.dtype.kind != "b":
        refuse("displaced", f"{count} truth values", displaced)
    return array


def _on_lattice(place, primitive):
    """Indices of sites in the smallest parallelogram around them, its corner and shape."""
    primitive = array_of_shape("primitive", primitive, (2, 2))
    if not len(place):
        return np.empty((0, 2), dtype=int), {}
    primitive = independent_vectors(primitive)
    steps = (place[:, :2] - place[0, :2]) @ np.linalg.inv(primitive)
    index = np.rint(steps).astype(int)
    if np.max(np.abs(steps - index)) > 1e-6 or np.ptp(place[:, 2]) > 0 or place[0, 2] != 0:
        refuse("positions", "sites of one lattice in the plane z = 0", "others")
    first = index.min(axis=0)
    index = index - first
    return index, {"shape": tuple(index.max(axis=0) + 1), "corner": place[0, :2] + first @ primitive}


def scan_transmission(
    primitive, shape, k, waist, thetas, azimuths, detunings=(0.0,), *, dipole=CIRCULAR, tolerance=1e-6, xp=np
):
    r"""Transmission of a parallelogram for all tilts, azimuths and detunings.

    Few sites and many fields are solved by one LU decomposition for each detuning, everything else in blocks
    by transforms: the decomposition takes the time of as many iterated fields as :math:`20(N/1600)^2`.

    Parameters
    ----------
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors.
    shape : (int, int)
        Rows and columns of the patch, which is centred on the axis of the beam.
    k, waist : float
        Wave number and waist radius, > 0.
    thetas, azimuths, detunings : array_like, shape (A,), (M,), (D,)
        Polar angles and azimuths in radian, detunings in radiative linewidths of one dipole.
    dipole : array_like of complex, shape (3,)
        Transition dipole, in the plane.
    tolerance : float
        Of the iterations, as in `solve_regular`.
    xp : module
        Array namespace: numpy, torch, cupy; others than numpy always iterate.

    Returns
    -------
    ndarray, shape (D, A, M)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> patch = {"primitive": 0.45 * np.eye(2), "shape": (12, 12), "k": 2 * np.pi, "waist": 1.0}
    >>> t = scan_transmission(**patch, thetas=[np.pi / 4], azimuths=[0, np.pi / 4], detunings=[0.0, 0.5])
    >>> t.round(3).tolist()
    [[[0.192, 0.21]], [[0.102, 0.083]]]
    """
    namespace("xp", xp)
    dipole, tolerance = _in_plane(dipole), positive("tolerance", tolerance)
    primitive, shape = independent_vectors(primitive), integer_array("shape", shape, (2,), 1, MOST_SITES)
    thetas, azimuths, detunings = (
        array_of_shape(n, v, (None,))
        for n, v in (("thetas", thetas), ("azimuths", azimuths), ("detunings", detunings))
    )
    if not (len(thetas) and len(azimuths) and len(detunings)):
        refuse("azimuths", "at least one, and of thetas and detunings", azimuths.shape)
    alpha = np.array([polarizability(d, k, dipole=dipole) for d in detunings])

    def beams(theta):
        found = [
            beam_on_patch(
                primitive, shape, k, waist, theta, phi, driving_polarization(theta, phi, dipole), xp=xp
            )
            for phi in azimuths
        ]
        return np.array([f for f, _ in found]), np.array([p for _, p in found])

    if xp is np and _decomposition_is_faster(np.prod(shape), len(azimuths)):
        fields, powers = (np.array(part) for part in zip(*map(beams, thetas), strict=True))
        return _scan_decomposed(primitive, alpha, fields, powers, k)
    result = [
        _scan_iterated(primitive, alpha, *beams(theta), k, tolerance=tolerance, xp=xp) for theta in thetas
    ]
    return np.stack(result, axis=1)


def _scan_decomposed(primitive, alpha, fields, powers, k):
    """T by alpha, tilt and azimuth: one LU decomposition for each alpha, whatever the beams."""
    place = centred_sites(primitive, fields.shape[2:4])
    fields = fields.reshape(-1, len(place), 3)
    lights = (solve_dipoles(place, one, fields, k) for one in alpha)
    return np.array([transmission(light, powers.ravel())[0].reshape(powers.shape) for light in lights])


def _scan_iterated(primitive, alpha, fields, powers, k, **options):
    """T by alpha and azimuth, in blocks of systems."""
    step = max(1, BLOCK_SITES // fields[..., 0].size)
    found = []
    for start in range(0, len(alpha), step):
        part = alpha[start : start + step, None, None, None]
        light = solve_regular(primitive, part, fields, k, **options)
        found.append(transmission(light, np.broadcast_to(powers, light.extinction.shape))[0])
    return np.concatenate(found)


def _decomposition_is_faster(sites, fields):
    """Whether one LU decomposition, N^3, takes less time than the iterations of all fields, N log N each."""
    return fields >= FIELDS_OF_ONE_LU * (sites / LU_SITES) ** 2


def turning_transmission_infinite(primitive, k, waist, theta, azimuths, *, detuning=0.0, dipole=CIRCULAR):
    r"""The same for the infinite array.

    Parameters
    ----------
    primitive, k, waist, theta, azimuths, detuning, dipole
        As in `turning_transmission`; the dipole must be a unit vector.

    Returns
    -------
    ndarray, shape (M,)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> t = turning_transmission_infinite(0.45 * np.eye(2), 2 * np.pi, 1.0, np.pi / 4, [0, np.pi / 4])
    >>> t.round(3).tolist()
    [0.189, 0.21]
    """
    detuning = real("detuning", detuning)
    dipole = _in_plane(dipole)
    if abs(np.linalg.norm(dipole) - 1) > 1e-9:
        refuse("dipole", "a unit vector", dipole)
    values = []
    for phi in array_of_shape("azimuths", azimuths, (None,)):
        polarization = driving_polarization(theta, phi, dipole)
        beam = gaussian_beam(k, waist, theta, phi, polarization, reach=1 / positive("k", k))
        values.append(infinite_transmission(beam, primitive, detuning, dipoles=dipole)[0])
    return np.array(values)


def azimuthal_harmonics(values, orders, period=2 * np.pi):
    r"""Fourier coefficients of a transmission known at equidistant azimuths.

    Parameters
    ----------
    values : array_like, shape (M,)
        At the azimuths j period / M.
    orders : array_like of int
        m, whole multiples of 2 pi over `period`, at most M/2 of them in size.
    period : float
        2 pi or the part of it after which `values` repeat.

    Returns
    -------
    ndarray of complex, shape of `orders`
        :math:`c_m`; for order M/2 half of the sum, so that always
        :math:`T = c_0 + 2\,\mathrm{Re}\sum_{m>0}c_me^{im\phi}`.

    Examples
    --------
    >>> phi = np.arange(12) * np.pi / 6
    >>> azimuthal_harmonics(1 + 0.2 * np.cos(4 * phi), [0, 2, 4]).real.round(12).tolist()
    [1.0, 0.0, 0.1]
    """
    values, orders = array_of_shape("values", values, (None,)), array_of_shape("orders", orders, None)
    if not len(values):
        refuse("values", "at least one", values)
    steps = orders * positive("period", period) / (2 * np.pi)
    index = np.rint(steps).astype(int)
    if np.any(np.abs(steps - index) > 1e-9) or np.any(2 * np.abs(index) > len(values)):
        wanted = f"multiples of 2 pi over period, {2 * np.pi / period:g}, resolved by {len(values)} values"
        refuse("orders", wanted, orders)
    coefficients = np.fft.fft(values)[index] / len(values)
    return np.where(2 * np.abs(index) == len(values), 0.5, 1.0) * coefficients


def pin_sites(positions, impurities, spacing, rng):
    r"""Electrons pinned by impurities at random places.

    Parameters
    ----------
    positions : array_like, shape (N, 3)
    impurities : int
        0 to N.
    spacing : float
        Lattice constant, > 0: impurities lie up to half of it outside the outermost sites of the rectangle
        around the patch, and one that finds no free electron within it is drawn again.
    rng : numpy.random.Generator

    Returns
    -------
    positions : ndarray, shape (N, 3)
    displaced : ndarray of bool, shape (N,)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.
    NotConverged
        If 100 000 impurities in a row lie away from all free electrons.

    Examples
    --------
    >>> sites = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    >>> moved, displaced = pin_sites(sites, 1, 1.0, np.random.default_rng(3))
    >>> int(displaced.sum()), bool(np.all(moved[~displaced] == sites[~displaced]))
    (1, True)
    """
    instance("rng", rng, np.random.Generator)
    place = array_of_shape("positions", positions, (None, 3)).copy()
    spacing = positive("spacing", spacing)
    if not len(place):
        refuse("positions", "at least one site", place.shape)
    clean, pinned = place[:, :2].copy(), np.zeros(len(place), dtype=bool)
    low, high = clean.min(axis=0) - spacing / 2, clean.max(axis=0) + spacing / 2
    for _ in range(integer_in("impurities", impurities, 0, len(place))):
        for _ in range(MOST_DRAWS):
            trap = low + (high - low) * rng.random(2)
            apart = np.where(pinned, np.inf, np.hypot(*(clean - trap).T))
            nearest = int(np.argmin(apart))
            if apart[nearest] <= spacing:
                break
        else:
            raise NotConverged(f"pin_sites: no place within {spacing:g} of a free site in {MOST_DRAWS} draws")
        place[nearest, :2], pinned[nearest] = trap, True
    return place, pinned
