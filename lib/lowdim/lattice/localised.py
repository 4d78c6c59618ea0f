r"""Atoms localised on lattice sites by an external lattice and by each other.

Units: :math:`\hbar = 1`; lengths, masses and potentials in any units consistent with it. One atom of mass m
per site (or :math:`\nu` on average), wells of frequency :math:`\omega` along every axis, pair potential
:math:`\Phi`. Sums over sites leave out the atom's own site: an atom does not interact with itself, and the
other atoms of a site, :math:`\nu - 1` of them, are absent at :math:`\nu = 1`.

- *Einstein frequency*, of an atom among fixed neighbours:
  :math:`\Omega_\alpha^2 = \frac{\nu}{m}\sum_{j\ne0}\partial_\alpha^2\Phi(\mathbf r_j)`.
- *Gaussians* of frequency :math:`\varepsilon` (:math:`l^2 = 1/m\varepsilon`): the difference of two positions
  has variance :math:`l^2` per axis, so that with :math:`\mathbf x` drawn from it

  .. math:: E_1 = \sum_\alpha\Bigl(\frac{\varepsilon}{4} + \frac{\omega^2}{4\varepsilon}\Bigr)
            + \nu\sum_{j\ne0}\langle\Phi(\mathbf r_j + \mathbf x)\rangle

  is the energy of one atom in the field of the others, and the same with half the last term the energy per
  atom of the crystal.
- *Hartree*: the lowest state of one atom in the field of the densities of all others, the same on every
  site, found self-consistently on a grid.

Sources: eqs. 16, 17, 29-38 of V. I. Yukalov, arXiv:2008.00980 (2020); L. H. Nosanow, Phys. Rev. 146, 120
(1966); grid: D. T. Colbert and W. H. Miller, J. Chem. Phys. 96, 1982 (1992).
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from lowdim._checks import array_of_shape, callback, integer_in, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.lattice.bands import check_dimension

__all__ = [
    "HartreeAtom",
    "cubic_sites",
    "einstein_squared",
    "gaussian_frequencies",
    "hartree_chain",
    "kinetic_matrix",
    "smeared_interaction",
]


MOST_SITES = 10**7


def cubic_sites(dimension, reach):
    """Sites of the chain, square or cubic lattice within a distance of the origin, the origin left out.

    Parameters
    ----------
    dimension : int
        1, 2 or 3.
    reach : float
        In units of the spacing, > 0.

    Returns
    -------
    ndarray, shape (sites, dimension)

    Examples
    --------
    >>> [len(cubic_sites(d, 1.5)) for d in (1, 2, 3)]
    [2, 8, 18]
    """
    dimension = integer_in("dimension", dimension, 1, 3)
    reach = positive("reach", reach)
    if (2 * reach + 1) ** dimension > MOST_SITES:
        refuse("reach", f"a number that keeps the sites below {MOST_SITES}", reach)
    axis = range(-int(reach), int(reach) + 1)
    sites = np.array(list(itertools.product(axis, repeat=dimension)), dtype=float)
    square = np.sum(sites**2, axis=1)
    return sites[(square > 0) & (square <= reach**2)]


def einstein_squared(potential, sites, *, mass=1.0, filling=1.0):
    """Square of the Einstein frequency along every axis; negative where the neighbours push outwards.

    Parameters
    ----------
    potential : InversePower, GaussianCore, Dipoles or alike
        With a method ``curvatures``.
    sites : array_like, shape (J, d)
        Positions of the neighbours.
    mass, filling : float
        > 0.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.lattice import InversePower
    >>> bool(np.all(np.abs(einstein_squared(InversePower(1.0, 1), cubic_sites(3, 4))) < 1e-12))
    True
    """
    _checked_potential(potential)
    sites = _checked_sites(sites, apart=True)
    mass, filling = positive("mass", mass), positive("filling", filling)
    return filling / mass * np.sum(potential.curvatures(sites), axis=0)


def smeared_interaction(potential, sites, variance, *, filling=1.0, order=10):
    """Interaction with all sites, averaged over a Gaussian difference of positions.

    Parameters
    ----------
    potential : callable
        Of vectors in the last axis.
    sites : array_like, shape (J, d)
        Positions of the neighbours.
    variance : float
        Of the difference of two positions, per axis: l^2 for two atoms, l^2/2 for one atom and a fixed
        neighbour; 0 for fixed atoms.
    filling : float
        > 0.
    order : int
        Points of the Gauss-Hermite quadrature per axis.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> round(smeared_interaction(lambda r: r[..., 0] ** 2, [[1.0], [-1.0]], 0.1), 12)
    2.2
    """
    callback("potential", potential)
    sites = _checked_sites(sites)
    variance = non_negative("variance", variance)
    order = integer_in("order", order, 1)
    x, weight = np.polynomial.hermite_e.hermegauss(order)
    d = sites.shape[1]
    shifts = np.sqrt(variance) * np.stack(np.meshgrid(*[x] * d, indexing="ij"), axis=-1).reshape(-1, d)
    weights = np.prod(np.stack(np.meshgrid(*[weight] * d, indexing="ij"), axis=-1).reshape(-1, d), axis=1)
    values = potential(sites[:, None, :] + shifts) @ (weights / weights.sum())
    return float(positive("filling", filling) * values.sum())


def gaussian_frequencies(potential, sites, lattice_frequency, *, mass=1.0, filling=1.0):
    r"""Frequency of Gaussian atoms on a lattice with equal axes, by three conditions.

    Parameters
    ----------
    potential : InversePower, GaussianCore or alike
        Pair potential; :math:`\sum_{j}\partial^2_\alpha\Phi` must be the same along every axis.
    sites : array_like, shape (J, d)
        Positions of the neighbours, the own site left out.
    lattice_frequency : float
        :math:`\omega`, >= 0.
    mass, filling : float
        > 0.

    Returns
    -------
    dict
        "condition": :math:`E_1 = E_0` with :math:`u_0 = \nu\sum\Phi(\mathbf r_j)`, the paper's choice;
        "first order": smallest :math:`E_1`; "total": smallest energy of the crystal. All with the full
        average over the Gaussians.

    Raises
    ------
    ValueError
        If the neighbours do not hold the atom (negative square of the Einstein frequency beyond
        :math:`\omega^2/2`), or hold it so loosely that eight widths of the Gaussian reach a neighbour: the
        average over it is dominated, or made infinite, by the core of the potential then.
    NotConverged
        If the first condition has no root within a factor 3 of the harmonic frequency.

    Examples
    --------
    >>> from lowdim.lattice import InversePower
    >>> found = gaussian_frequencies(InversePower(1e6, 3), cubic_sites(1, 20), 0.0)
    >>> {name: round(value / found["total"], 2) for name, value in found.items()}
    {'condition': 1.41, 'first order': 1.41, 'total': 1.0}
    """
    _checked_potential(potential)
    sites = _checked_sites(sites, apart=True)
    omega = non_negative("lattice_frequency", lattice_frequency)
    mass = positive("mass", mass)
    d = sites.shape[1]
    einstein = einstein_squared(potential, sites, mass=mass, filling=filling).mean()
    if omega**2 + 2 * einstein <= 0:
        refuse("potential", "one that holds the atoms together with the lattice", potential)
    width = (mass * np.sqrt(max(omega**2 + einstein, omega**2 / 2))) ** -0.5
    nearest = np.sqrt(np.min(np.sum(sites**2, axis=1)))
    if 8 * width >= nearest:
        refuse("potential", f"localised atoms (8 widths, {8 * width:.3g}, below {nearest:.3g})", potential)
    static = smeared_interaction(potential, sites, 0.0, filling=filling)

    def well(e):
        return d * (e / 4 + omega**2 / (4 * e))

    def interaction(e):
        return smeared_interaction(potential, sites, 1 / (mass * e), filling=filling) - static

    guess = np.sqrt(omega**2 + 2 * einstein)
    low, high = guess / 3, 3 * guess

    def balance(e):
        return well(e) + interaction(e) - d * e / 2

    if not balance(low) * balance(high) < 0:
        raise NotConverged(f"gaussian_frequencies: E_1 = E_0 nowhere between {low:.3g} and {high:.3g}")
    condition = optimize.brentq(balance, low, high, xtol=1e-10 * guess)

    def smallest(share):
        found = optimize.minimize_scalar(
            lambda e: (well(e) + share * interaction(e)) / guess, bounds=(low, high), method="bounded",
            options={"xatol": 1e-9 * guess},
        )  # fmt: skip
        return float(found.x)

    return {"condition": float(condition), "first order": smallest(1.0), "total": smallest(0.5)}


def kinetic_matrix(n_points, step, mass=1.0):
    """Kinetic energy on a uniform grid of an infinite line (sinc functions), shape (n, n).

    Examples
    --------
    >>> x = np.arange(-20, 21) * 0.4
    >>> oscillator = kinetic_matrix(41, 0.4) + np.diag(x**2 / 2)
    >>> np.linalg.eigvalsh(oscillator)[:3].round(9).tolist()
    [0.5, 1.5, 2.5]
    """
    n_points = integer_in("n_points", n_points, 2)
    n = np.subtract.outer(np.arange(n_points), np.arange(n_points))
    with np.errstate(divide="ignore"):
        matrix = np.where(n == 0, np.pi**2 / 3, 2.0 * (-1.0) ** n / np.where(n == 0, 1, n) ** 2)
    return matrix / (2 * positive("mass", mass) * positive("step", step) ** 2)


def _checked_sites(sites, apart=False):
    sites = array_of_shape("sites", sites, (None, None))
    check_dimension("sites", sites.shape[1])
    if apart and not (len(sites) and np.all(np.any(sites != 0, axis=1))):
        refuse("sites", "neighbours away from the origin", sites)
    return sites


def _checked_potential(potential):
    """Refuse what has no values or no second derivatives."""
    if not (callable(potential) and callable(getattr(potential, "curvatures", None))):
        refuse("potential", "a pair potential with curvatures", potential)


@dataclass(frozen=True)
class HartreeAtom:
    """Self-consistent state of one atom of a chain.

    Attributes
    ----------
    gap : float
        First excitation energy in the field of the others.
    frequency : float
        1 / (2 m <x^2>): the frequency of the Gaussian with the same spread.
    bottom : float
        Interaction with all others at the site: the minimum of the Hartree potential.
    energy : float
        Lowest level in the field of the others.
    total : float
        Energy of the chain per atom.
    positions, density, field : ndarray, shape (points,)
        Grid, density of the atom, Hartree potential of the others.
    """

    gap: float
    frequency: float
    bottom: float
    energy: float
    total: float
    positions: np.ndarray
    density: np.ndarray
    field: np.ndarray


def hartree_chain(
    potential, lattice_frequency, *, spacing=1.0, mass=1.0, reach=50, points=81, tolerance=1e-10, most=200
):
    """Self-consistent Hartree state of a chain with one atom per site in harmonic wells.

    Parameters
    ----------
    potential : InversePower, GaussianCore or alike
        Pair potential.
    lattice_frequency : float
        Of the wells, >= 0.
    spacing, mass : float
        > 0.
    reach : int
        Neighbours on either side.
    points : int
        Grid points; the grid spans 14 widths of the first guess.
    tolerance : float
        Largest accepted change of the density (times the grid step) in one iteration.
    most : int
        Iterations after which to give up.

    Returns
    -------
    HartreeAtom

    Raises
    ------
    ValueError
        If an argument is out of range, nothing holds the atoms, or they are not localised (the grid reaches
        half way to the neighbour).
    NotConverged
        If the iteration does not settle.

    Examples
    --------
    >>> from lowdim.lattice import InversePower
    >>> atom = hartree_chain(InversePower(1e7, 3), 0.0, reach=5)
    >>> einstein = einstein_squared(InversePower(1e7, 3), cubic_sites(1, 5))[0] ** 0.5
    >>> round(float(atom.gap / einstein), 2), round(float(atom.frequency / einstein), 2)
    (1.0, 1.0)
    """
    _checked_potential(potential)
    tolerance, most = positive("tolerance", tolerance), integer_in("most", most, 1)
    omega = non_negative("lattice_frequency", lattice_frequency)
    spacing, mass = positive("spacing", spacing), positive("mass", mass)
    sites = spacing * cubic_sites(1, integer_in("reach", reach, 1) + 0.5)
    stiffness = omega**2 + einstein_squared(potential, sites, mass=mass)[0]
    if stiffness <= 0:
        refuse("potential", "one that holds the atoms together with the lattice", potential)
    half = 7 / np.sqrt(mass * np.sqrt(stiffness))
    if half >= 0.5 * spacing:
        refuse("potential", f"localised atoms (7 widths, {half:.3g}, below half the spacing)", potential)
    x = np.linspace(-half, half, integer_in("points", points, 21))
    step = x[1] - x[0]
    kernel = np.sum(potential((np.subtract.outer(x, x)[..., None] - sites[:, 0])[..., None]), axis=-1)
    fixed = kinetic_matrix(x.size, step, mass) + np.diag(0.5 * mass * omega**2 * x**2)
    weight = np.exp(-(x**2) * mass * np.sqrt(stiffness))
    weight /= weight.sum()
    for _ in range(most):
        field = kernel @ weight
        levels, states = np.linalg.eigh(fixed + np.diag(field - field.min()))
        new = states[:, 0] ** 2
        change, weight = np.max(np.abs(new - weight)), 0.5 * (new + weight)
        if change <= tolerance:
            return _atom(levels + field.min(), field, new, x, step, mass)
    raise NotConverged(f"hartree_chain: the density still changes by {change:.1e} after {most} iterations")


def _atom(levels, field, weight, x, step, mass):
    return HartreeAtom(
        gap=float(levels[1] - levels[0]),
        frequency=float(1 / (2 * mass * (weight @ x**2))),
        bottom=float(field[x.size // 2]),
        energy=float(levels[0]),
        total=float(levels[0] - 0.5 * weight @ field),
        positions=x,
        density=weight / step,
        field=field,
    )
