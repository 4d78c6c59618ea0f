r"""Energies of electron configurations, with first and second derivatives, for many configurations at once.

`TrappedElectrons` in the harmonic trap, lengths in :math:`\ell`, energies in :math:`\kappa/\ell`; some of
them may be pinned at their sites. `PeriodicElectrons` in a neutral supercell, repeated without end, lengths
in units of the caller, energies in :math:`\kappa` over that length, by Ewald's method: with splitting
:math:`\eta` and cell area A

.. math:: V = \sum_{i<j} \frac{\operatorname{erfc}(\eta r_{ij})}{r_{ij}}
          + \frac{\pi}{A}\sum_{G\ne0} \frac{\operatorname{erfc}(G/2\eta)}{G} \Bigl|\sum_j e^{iGr_j}\Bigr|^2,

up to a constant. :math:`\eta` is so large that of each pair only the nearest image counts in the first sum.

A configuration is a vector of D = 2n coordinates :math:`x_1,y_1,x_2,\ldots` of the n electrons that move.

Source: P. P. Ewald, Ann. Phys. 369, 253 (1921), doi 10.1002/andp.19213690304.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import erfc

from lowdim._checks import array_of_shape, having, integer_in, refuse
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.multispin import indices
from lowdim.wigner.potentials import Coulomb

__all__ = ["PeriodicElectrons", "TrappedElectrons"]

_DIGITS = 5.0  # erfc(5) = 1.5e-12


def _configurations(x, length):
    """Configurations (b, D); the inner loop of a search, so that arrays of floats are only summed."""
    if getattr(x, "dtype", None) != np.float64 or x.ndim != 2 or x.shape[1] != length or not len(x):
        x = array_of_shape("x", x, (None, length))
        if not len(x):
            refuse("x", "at least one configuration", x.shape)
    if not np.isfinite(x.sum()):
        refuse("x", "finite numbers", "nan or inf")
    return x


@dataclass(frozen=True)
class TrappedElectrons:
    """Electrons in the harmonic trap, all or some of them free to move.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        Sites; those that do not move stay there.
    mobile : sequence of int, optional
        Electrons that move, all if not given.
    interaction : object
        `Coulomb()` or a `Keldysh`.

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.

    Examples
    --------
    >>> pair = TrappedElectrons([[2**(-2/3), 0], [-(2**(-2/3)), 0]])
    >>> energy, slope = pair.slope(pair.rest[None])
    >>> round(float(energy[0]), 6), bool(abs(slope).max() < 1e-12)
    (1.190551, True)
    """

    positions: np.ndarray
    mobile: tuple = None
    interaction: object = Coulomb()

    def __post_init__(self):
        having("interaction", self.interaction, "terms", "force_terms")
        positions = array_of_shape("positions", self.positions, (None, 2))
        nearest_distances(positions)  # refuses electrons that coincide
        n = len(positions)
        mobile = range(n) if self.mobile is None else set(indices("mobile", self.mobile, n))
        if not mobile:
            refuse("mobile", "at least one electron", self.mobile)
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "mobile", tuple(sorted(mobile)))

    @cached_property
    def rest(self):
        """Coordinates of the mobile electrons at their sites, shape (D,)."""
        return self.positions[list(self.mobile)].ravel()

    @cached_property
    def _pinned(self):
        return np.delete(self.positions, self.mobile, axis=0)

    def _pairs(self, x):
        moving = x.reshape(len(x), -1, 2)
        count = moving.shape[1]
        others = np.concatenate(
            [moving, np.broadcast_to(self._pinned, (len(x), *self._pinned.shape))], axis=1
        )
        # coordinates first in memory
        difference = np.moveaxis(
            moving.transpose(2, 0, 1)[..., None] - others.transpose(2, 0, 1)[:, :, None], 0, -1
        )
        dx, dy = difference[..., 0], difference[..., 1]
        distance = np.sqrt(dx * dx + dy * dy)
        own = np.arange(count)
        distance[:, own, own] = 1.0
        if not distance.min() > 0:
            refuse("x", "distinct electrons", "two at the same place")
        return difference, distance, own, count

    def slope(self, x):
        """Energies (b,) and gradients (b, D) at x of shape (b, D)."""
        x = _configurations(x, 2 * len(self.mobile))
        difference, distance, own, count = self._pairs(x)
        u, h = self.interaction.force_terms(distance)
        u[:, own, own] = h[:, own, own] = 0
        # two mobile electrons meet twice in the sum
        weight = np.where(np.arange(distance.shape[2]) < count, 0.5, 1.0)
        energy = 0.5 * np.sum(x**2, axis=1) + np.sum(u @ weight, axis=1)
        force = np.stack([np.einsum("bij,bij->bi", h, difference[..., k]) for k in range(2)], axis=-1)
        return energy, x - force.reshape(x.shape)

    def curvature(self, x):
        """Second derivatives, shape (b, D, D), at x of shape (b, D).

        Examples
        --------
        >>> pair = TrappedElectrons([[2**(-2/3), 0], [-(2**(-2/3)), 0]])
        >>> np.linalg.eigvalsh(pair.curvature(pair.rest[None])[0]).round(9).tolist()
        [0.0, 1.0, 1.0, 3.0]
        """
        x = _configurations(x, 2 * len(self.mobile))
        difference, distance, own, count = self._pairs(x)
        _, h, g = self.interaction.terms(distance)
        h[:, own, own] = g[:, own, own] = 0
        return _assemble(difference, -h, g, count, np.ones(len(x)))


def _assemble(difference, first, second, count, trap):
    """Second derivatives from those of a pair, first * 1 + second * d d^T."""
    dx, dy = difference[..., 0], difference[..., 1]
    matrix = np.empty((len(difference), count, 2, count, 2))
    own = np.arange(count)
    along = second * dx
    for (i, j), block in (
        ((0, 0), along * dx + first),
        ((0, 1), along * dy),
        ((1, 1), second * dy * dy + first),
    ):
        diagonal = block.sum(axis=2)
        part = np.negative(block[:, :, :count])
        part[:, own, own] += diagonal + (trap[:, None] if i == j else 0.0)
        matrix[:, :, i, :, j] = part
        # the mixed derivative is symmetric in the electrons
        if i != j:
            matrix[:, :, j, :, i] = part
    return matrix.reshape(len(difference), 2 * count, 2 * count)


@dataclass(frozen=True)
class PeriodicElectrons:
    """Electrons in a supercell of the triangular crystal with spacing 1, all free to move.

    Parameters
    ----------
    size : int
        Cells along either side, 3..100: the supercell has size**2 electrons.

    Raises
    ------
    ValueError
        If the size is out of range.

    Examples
    --------
    >>> crystal = PeriodicElectrons(4)
    >>> bool(abs(crystal.slope(crystal.rest[None])[1]).max() < 1e-10)
    True
    """

    size: int

    def __post_init__(self):
        integer_in("size", self.size, 3, 100)

    @cached_property
    def cell(self):
        """The two vectors of the supercell, one in each row."""
        return self.size * np.array([[1.0, 0.0], [0.5, 0.5 * np.sqrt(3)]])

    @cached_property
    def positions(self):
        """Sites, shape (size**2, 2)."""
        i, j = np.divmod(np.arange(self.size**2), self.size)
        return np.stack([i, j], axis=1) @ self.cell / self.size

    @cached_property
    def rest(self):
        """Coordinates of all electrons at their sites, shape (D,)."""
        return self.positions.ravel()

    @cached_property
    def _splitting(self):
        # at the edge of the hexagon of nearest images, size/2 away, erfc has died out
        return _DIGITS / (0.5 * self.size)

    @cached_property
    def _waves(self):
        """Half of the reciprocal vectors, and their weights."""
        limit = 2 * _DIGITS * self._splitting
        reciprocal = 2 * np.pi * np.linalg.inv(self.cell).T
        reach = int(np.ceil(limit * self.size / (2 * np.pi))) + 1
        i, j = (a.ravel() for a in np.meshgrid(*2 * [np.arange(-reach, reach + 1)]))
        half = (j > 0) | ((j == 0) & (i > 0))
        g = np.stack([i[half], j[half]], axis=1) @ reciprocal
        length = np.hypot(*g.T)
        g, length = g[length <= limit], length[length <= limit]
        area = abs(np.linalg.det(self.cell))
        return g, 2 * np.pi / area * erfc(length / (2 * self._splitting)) / length

    def _nearest(self, moving):
        """Difference vectors to the nearest images."""
        difference = moving[:, :, None] - moving[:, None]
        fraction = difference @ np.linalg.inv(self.cell)
        difference = difference - np.rint(fraction) @ self.cell
        shifts = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ self.cell
        best = np.argmin(np.sum((difference[..., None, :] + shifts) ** 2, axis=-1), axis=-1)
        return difference + shifts[best]

    def _pair_terms(self, moving):
        eta = self._splitting
        difference = self._nearest(moving)
        distance = np.hypot(difference[..., 0], difference[..., 1])
        own = np.arange(moving.shape[1])
        distance[:, own, own] = 1.0
        x = eta * distance
        gauss = 2 / np.sqrt(np.pi) * np.exp(-(x**2))
        u = erfc(x) / distance
        h = (u + eta * gauss) / distance**2
        g = (3 * h + 2 * eta**3 * gauss) / distance**2
        for term in (u, h, g):
            term[:, own, own] = 0
        return difference, u, h, g

    def slope(self, x):
        """Energies (b,) and gradients (b, D) at x of shape (b, D)."""
        x = _configurations(x, 2 * self.size**2)
        moving = x.reshape(len(x), -1, 2)
        difference, u, h, _ = self._pair_terms(moving)
        g, weight = self._waves
        phase = np.exp(1j * (moving @ g.T))
        density = phase.sum(axis=1)
        energy = 0.5 * u.sum(axis=(1, 2)) + np.abs(density) ** 2 @ weight
        if not np.all(np.isfinite(energy)):
            refuse("x", "distinct electrons", "two at the same place")
        # d|rho|^2/dr_i = -2 G Im(conj(rho) e^{iGr_i})
        swing = -2 * np.imag(density.conj()[:, None] * phase) * weight
        gradient = swing @ g - np.einsum("bij,bijk->bik", h, difference)
        return energy, gradient.reshape(x.shape)

    def curvature(self, x):
        """Second derivatives, shape (b, D, D), at x of shape (b, D).

        Examples
        --------
        >>> crystal = PeriodicElectrons(4)
        >>> curvature = crystal.curvature(crystal.rest[None])[0]
        >>> bool(np.allclose(curvature, curvature.T))
        True
        """
        x = _configurations(x, 2 * self.size**2)
        moving = x.reshape(len(x), -1, 2)
        difference, _, h, g_term = self._pair_terms(moving)
        if not np.all(np.isfinite(h)):
            refuse("x", "distinct electrons", "two at the same place")
        count = moving.shape[1]
        matrix = _assemble(difference, -h, g_term, count, np.zeros(len(x)))
        g, weight = self._waves
        phase = np.exp(1j * (moving @ g.T))
        density = phase.sum(axis=1)
        real, imaginary = phase.real, phase.imag
        own = np.real(density.conj()[:, None] * phase)
        blocks = matrix.reshape(len(x), count, 2, count, 2)
        site = np.arange(count)
        for a in range(2):
            for b in range(2):
                factor = 2 * weight * g[:, a] * g[:, b]
                pairs = (real * factor) @ real.transpose(0, 2, 1)
                pairs += (imaginary * factor) @ imaginary.transpose(0, 2, 1)
                pairs[:, site, site] -= own @ factor
                blocks[:, :, a, :, b] += pairs
        return matrix
