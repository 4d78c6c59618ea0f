r"""Two electrons among pinned neighbours: singlet and triplet by exact diagonalisation.

Electrons 1 and 2 move in the trap and in the field of all others, which stay at their sites,

.. math:: H = \sum_{i=1,2}\Bigl[-\frac{\hbar^2}{2m}\nabla_i^2 + U(\mathbf r_i)\Bigr] + v(r_{12}),
          \qquad U(\mathbf r) = \tfrac12 m\omega^2 r^2 + \sum_k u(|\mathbf r-\mathbf r_k|).

With the centre :math:`\mathbf R = (\mathbf r_1+\mathbf r_2)/2` and the separation
:math:`\mathbf r = \mathbf r_1-\mathbf r_2` the kinetic energy is
:math:`-(\hbar^2/4m)\nabla_R^2 - (\hbar^2/m)\nabla_r^2`. Exchange is :math:`\mathbf r\to-\mathbf r`: even
states carry S = 0, odd ones S = 1 (or any two-valued label that H does not see). Both are found on the same
grid, the half plane x > 0 of r (x along the bond) times a plane of R, with the sinc discrete-variable
representation of the kinetic energy (Colbert and Miller); for wave functions as smooth as these
the error falls faster than any power of the step, and what is left is common to both sectors.

The Heitler-London states :math:`\varphi_a\varphi_b \pm \varphi_b\varphi_a` of Gaussians have for the same H

.. math:: E_T - E_S = \frac{2\,(S^2 H_{11} - H_{12})}{1-S^4},

in which every integral is closed; its electron-electron terms alone are -2 times eq. D1.

Lengths are in nm, energies in meV; neighbours are points (u = v) or Gaussian clouds.

Source: D. T. Colbert and W. H. Miller, J. Chem. Phys. 96, 1982 (1992).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from lowdim._checks import (
    array_of_shape,
    broadcast,
    callback,
    instance,
    integer_array,
    non_negative,
    non_negative_array,
    positive,
    refuse,
)
from lowdim.errors import NotConverged
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.exchange import direct_integral, overlap
from lowdim.wigner.material import Material

__all__ = ["PairSplitting", "PinnedPair", "heitler_london", "pair_splitting"]

# energies above this (relative to the minimum) are cut off: there the wave function vanishes
_CEILING = 200.0
_MOST_RESTARTS = 400


@dataclass(frozen=True)
class PairSplitting:
    """Lowest singlet and triplet of a pinned pair, in meV.

    Attributes
    ----------
    singlet, triplet : float
        Above the classical minimum of the potential.
    splitting : float
        Triplet minus singlet: positive means antiferromagnetic.
    size : int
        Number of grid points.
    """

    singlet: float
    triplet: float
    splitting: float
    size: int


@dataclass(frozen=True)
class PinnedPair:
    r"""Two electrons that move, the others at rest.

    Parameters
    ----------
    positions : array_like
        All N >= 2 equilibrium positions in nm, shape (N, 2), relative to the centre of the trap.
    pair : tuple of int
        The two electrons that move.
    material : Material
    trap_energy : float
        :math:`\hbar\omega` in meV, >= 0.
    cloud : float
        Width of the neighbours' Gaussian clouds in nm, >= 0; 0 for point charges.
    interaction : callable, optional
        Pair interaction in meV at a distance in nm; Coulomb's if not given. Only with `cloud` = 0.

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.
    """

    positions: np.ndarray
    pair: tuple
    material: Material
    trap_energy: float
    cloud: float = 0.0
    interaction: object = None

    def __post_init__(self):
        instance("material", self.material, Material)
        if self.interaction is not None:
            callback("interaction", self.interaction)
        positions = array_of_shape("positions", self.positions, (None, 2))
        object.__setattr__(self, "positions", positions)
        nearest_distances(positions)  # refuses a single electron, and electrons that coincide
        pair = tuple(integer_array("pair", self.pair, (2,), 0, len(positions) - 1).tolist())
        if pair[0] == pair[1]:
            refuse("pair", "two different indices", self.pair)
        object.__setattr__(self, "pair", pair)
        non_negative("trap_energy", self.trap_energy)
        if non_negative("cloud", self.cloud) and self.interaction is not None:
            refuse("cloud", "0 with an interaction other than Coulomb's", self.cloud)

    @property
    def distance(self):
        """Distance of the two sites in nm."""
        return float(np.hypot(*(self.positions[self.pair[0]] - self.positions[self.pair[1]])))

    @property
    def neighbours(self):
        """Positions of the electrons at rest, shape (N - 2, 2)."""
        return np.delete(self.positions, list(self.pair), axis=0)

    @property
    def stiffness(self):
        r""":math:`m\omega^2` in meV/nm^2."""
        return self.trap_energy**2 / self.material.hbar2_over_mass

    def repulsion(self, distance):
        """Interaction of the two electrons, in meV; finite at distance 0, where no state reaches.

        Examples
        --------
        >>> from lowdim.wigner.material import Material
        >>> pinned = PinnedPair([[15.0, 0.0], [-15.0, 0.0]], (0, 1), Material(0.5, 4.12), 3.0)
        >>> round(float(pinned.repulsion(30.0)), 3)
        11.65
        """
        distance = np.maximum(non_negative_array("distance", distance), 1e-3)
        if self.interaction is None:
            return self.material.coulomb / distance
        return self.interaction(distance)

    def field(self, points):
        """Potential U of one electron at `points`, shape (..., 2), in meV.

        Examples
        --------
        >>> from lowdim.wigner.material import Material
        >>> row = [[15.0, 0.0], [-15.0, 0.0], [45.0, 0.0]]
        >>> pinned = PinnedPair(row, (0, 1), Material(0.5, 4.12), 3.0)
        >>> round(float(pinned.field([15.0, 0.0])), 3)
        18.294
        """
        points = _in_plane("points", points)
        potential = 0.5 * self.stiffness * np.sum(points**2, axis=-1)
        for site in self.neighbours:
            distance = np.hypot(points[..., 0] - site[0], points[..., 1] - site[1])
            if self.cloud:
                potential += direct_integral(distance, self.cloud, 0.0, coulomb=self.material.coulomb)
            else:
                potential += self.repulsion(distance)
        return potential

    def energy(self, first, second):
        """Classical energy of the pair at `first` and `second`, shape (..., 2), in meV.

        Examples
        --------
        >>> from lowdim.wigner.material import Material
        >>> pinned = PinnedPair([[15.0, 0.0], [-15.0, 0.0]], (0, 1), Material(0.5, 4.12), 3.0)
        >>> round(float(pinned.energy([15.0, 0.0], [-15.0, 0.0])), 3)
        24.938
        """
        first, second = _in_plane("first", first), _in_plane("second", second)
        broadcast(first=first, second=second)
        difference = first - second
        separation = np.hypot(difference[..., 0], difference[..., 1])
        return self.field(first) + self.field(second) + self.repulsion(separation)


def _in_plane(name, points):
    points = array_of_shape(name, points, None)
    if points.shape[-1:] != (2,):
        refuse(name, "shape (..., 2)", points.shape)
    return points


def pair_splitting(pinned, width, *, step=0.7, reach=7.0, tolerance=1e-11):
    r"""Lowest singlet and triplet energy of a pinned pair.

    Parameters
    ----------
    pinned : PinnedPair
    width : float
        Scale of the grid in nm, > 0: about the zero-point width of one electron at its site.
    step : float
        Step of the grid in units of `width`, > 0.
    reach : float
        How far the grid extends beyond the sites along the bond, in units of `width`, > 0; across the bond
        and for the centre 0.63 times as far.
    tolerance : float
        Of the eigenvalues, relative, > 0.

    Returns
    -------
    PairSplitting

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the Lanczos iteration does not end.

    Examples
    --------
    >>> from lowdim.wigner.material import Material
    >>> square = [[15.0, 0.0], [-15.0, 0.0], [0.0, 26.0], [0.0, -26.0]]
    >>> pair = PinnedPair(square, (0, 1), Material(0.5, 4.12), 3.0)
    >>> found = pair_splitting(pair, 4.5, step=0.8, reach=5.0)
    >>> found.splitting > 0
    True
    """
    instance("pinned", pinned, PinnedPair)
    width, step, reach = positive("width", width), positive("step", step), positive("reach", reach)
    tolerance = positive("tolerance", tolerance)
    _refuse_width(width, pinned)
    if not 1 <= reach / step <= 40:
        refuse("reach", "1 to 40 steps", reach)
    grid = _Grid.around(pinned, step * width, reach * width)
    potential = pinned.energy(*grid.electrons())
    potential = np.minimum(potential - pinned.energy(*(pinned.positions[i] for i in pinned.pair)), _CEILING)
    start = np.exp(-potential / np.ptp(potential) * 40).ravel()
    energies = []
    for parity in (1, -1):
        size = potential.size
        operator = LinearOperator((size, size), grid.hamiltonian(potential, pinned, parity), dtype=float)
        try:
            found = eigsh(operator, 1, which="SA", v0=start, ncv=30, tol=tolerance, maxiter=_MOST_RESTARTS)[0]
        except ArpackNoConvergence as error:
            raise NotConverged(f"pair_splitting: {error}") from None
        energies.append(float(found[0]))
    return PairSplitting(energies[0], energies[1], energies[1] - energies[0], potential.size)


def _refuse_width(width, pinned):
    if not 1e-6 < width / pinned.distance < 1e3:
        refuse("width", "between 1e-6 and 1000 distances of the pair in pinned", width)


@dataclass(frozen=True)
class _Grid:
    """Half plane of the relative coordinate times a plane of the centre, in the frame of the bond."""

    x: np.ndarray
    y: np.ndarray
    centre: np.ndarray
    middle: np.ndarray
    along: np.ndarray
    step: float

    @classmethod
    def around(cls, pinned, step, reach):
        first, second = (pinned.positions[i] for i in pinned.pair)
        n_x = int(np.ceil((pinned.distance + reach) / step))
        n_y = int(np.ceil((pinned.distance + 0.63 * reach) / step))
        n_c = int(np.ceil(0.63 * reach / step))
        return cls(
            x=(np.arange(n_x) + 0.5) * step,
            y=np.arange(-n_y, n_y + 1) * step,
            centre=np.arange(-n_c, n_c + 1) * step,
            middle=0.5 * (first + second),
            along=(first - second) / pinned.distance,
            step=step,
        )

    def electrons(self):
        """Positions of both electrons at every grid point, each of shape (x, y, X, Y, 2)."""
        frame = np.array([self.along, [-self.along[1], self.along[0]]])
        relative = np.stack(np.meshgrid(self.x, self.y, indexing="ij"), axis=-1) @ frame
        centre = np.stack(np.meshgrid(self.centre, self.centre, indexing="ij"), axis=-1) @ frame + self.middle
        half = 0.5 * relative[:, :, None, None]
        return centre + half, centre - half

    def hamiltonian(self, potential, pinned, parity):
        """The product of H and a vector, in the sector even (1) or odd (-1) under exchange."""
        shape = potential.shape
        scale = pinned.material.hbar2_over_mass
        direct, mirrored = (scale * _sinc_kinetic(self.x, s * self.x, self.step) for s in (1, -1))
        across = scale * _sinc_kinetic(self.y, self.y, self.step)
        centre = 0.25 * scale * _sinc_kinetic(self.centre, self.centre, self.step)

        def product(vector):
            psi = vector.reshape(shape)
            total = potential * psi
            total += (direct @ psi.reshape(shape[0], -1)).reshape(shape)
            # psi(-x, y) = parity psi(x, -y)
            total += parity * (mirrored @ psi[:, ::-1].reshape(shape[0], -1)).reshape(shape)
            total += np.matmul(across, psi.reshape(shape[0], shape[1], -1)).reshape(shape)
            total += np.matmul(centre, psi) + np.matmul(psi, centre)
            return total.ravel()

        return product


def _sinc_kinetic(rows, columns, step):
    """Matrix of minus the second derivative between sinc functions centred at `rows` and `columns`."""
    k = np.rint((rows[:, None] - columns) / step)
    far = 2 * np.where(k % 2 == 0, 1.0, -1.0) / np.where(k == 0, 1.0, k) ** 2
    return np.where(k == 0, np.pi**2 / 3, far) / step**2


def heitler_london(pinned, width):
    r"""Triplet minus singlet of the Heitler-London states of two Gaussians, with every term of H.

    Parameters
    ----------
    pinned : PinnedPair
        With Coulomb interaction.
    width : float
        Standard deviation of the Gaussians' densities per axis in nm, > 0.

    Returns
    -------
    dict of float
        "interaction": what the electron-electron repulsion adds, "one_body": what kinetic energy, trap and
        neighbours add, "splitting": their sum; in meV.

    Raises
    ------
    ValueError
        If `width` is out of range or the interaction is not Coulomb's.

    Examples
    --------
    >>> from lowdim.wigner.material import Material
    >>> pair = PinnedPair([[15.0, 0.0], [-15.0, 0.0]], (0, 1), Material(0.5, 4.12), 3.0)
    >>> heitler_london(pair, 4.5)["interaction"] < 0
    True
    """
    instance("pinned", pinned, PinnedPair)
    width = positive("width", width)
    _refuse_width(width, pinned)
    if pinned.interaction is not None:
        refuse("pinned", "Coulomb interaction", "another one")
    first, second = (pinned.positions[i] for i in pinned.pair)
    distance, kappa = pinned.distance, pinned.material.coulomb
    s = float(overlap(distance, width))
    repulsion = [
        float(direct_integral(distance, width, coulomb=kappa)),
        s**2 * float(direct_integral(0.0, width, coulomb=kappa)),
    ]
    kinetic = pinned.material.hbar2_over_mass / (4 * width**2)
    moved = kinetic * (1 - distance**2 / (8 * width**2))
    at_sites = [_mean_field(pinned, site, width) for site in (first, second)]
    between = _mean_field(pinned, 0.5 * (first + second), width)
    # H_11 and H_12 of the one-body terms; the exchanged ones are products of a transfer and an overlap
    one_body = [2 * kinetic + sum(at_sites), 2 * s**2 * (moved + between)]
    parts = {
        name: 2 * (s**2 * same - crossed) / (1 - s**4)
        for name, (same, crossed) in {"interaction": repulsion, "one_body": one_body}.items()
    }
    return parts | {"splitting": sum(parts.values())}


def _mean_field(pinned, centre, width):
    """Mean of U over a Gaussian density."""
    trap = 0.5 * pinned.stiffness * (np.sum(centre**2) + 2 * width**2)
    distance = np.hypot(*(pinned.neighbours - centre).T)
    cloud = direct_integral(distance, width, pinned.cloud, coulomb=pinned.material.coulomb)
    return float(trap + np.sum(cloud))
