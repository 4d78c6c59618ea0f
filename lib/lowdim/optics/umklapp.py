r"""An exciton in the weak periodic potential of a Wigner crystal: the umklapp resonance.

A free exciton of mass M meets the electrons of the crystal, each of which repels (or attracts) it at contact
with strength g. Smeared by the zero-point motion of the electrons, of variance :math:`\sigma^2` per axis, the
potential has the components

.. math:: V_G = g\,n\,e^{-G^2\sigma^2/2}

at the reciprocal-lattice vectors G. Light makes excitons at rest, and sees the states of the zone centre by
their weight on the plane wave of momentum 0. Besides the main line there is one where the exciton has taken
up a reciprocal-lattice vector of the first shell (for the triangular lattice :math:`G^2 = 8\pi^2n/\sqrt3`),

.. math:: \Delta E = \frac{\hbar^2G^2}{2M} = \frac{h^2n}{\sqrt3M}, \qquad
          \text{weight} \simeq 6\Bigl(\frac{V_G}{\Delta E}\Bigr)^2,

to lowest order in V. The first gives the density from a spectrum, if the mass is known; it does not depend on
the potential. The second is independent of the density, too, as long as g and the smearing in units of the
lattice constant are: both energies go as n.

At low energy the strength g of a potential with a bound state of energy :math:`E_T` (the trion) is that of
scattering in two dimensions at the energy E,

.. math:: g = \frac{2\pi\hbar^2}{\mu\,\ln(E_T/E)}, \qquad \mu^{-1} = M^{-1}+m^{-1},

positive above the bound state.

Energies in meV, lengths in nm, masses in units of the free electron's. Sources: T. Smoleński et al., Nature
595, 53 (2021); D. Sidler et al., Nature Physics 13, 255 (2017), for the potential with a bound state.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, integer_in, non_negative, positive, refuse
from lowdim.constants import ELECTRON_MASS, HBAR, MEV, NM
from lowdim.optics.patches import primitive_vectors

__all__ = [
    "HBAR2_OVER_M0",
    "ZoneCentre",
    "contact_strength",
    "crystal_spacing",
    "umklapp_energy",
    "zone_centre",
]

HBAR2_OVER_M0 = float(HBAR**2 / ELECTRON_MASS / MEV / NM**2)  #: hbar^2/m_0 in meV nm^2


def crystal_spacing(density, lattice="triangular"):
    """Lattice constant in nm of a crystal of `density` electrons per nm^2.

    Examples
    --------
    >>> round(float(crystal_spacing(1e-3)), 2)  # 1e11 per cm^2
    33.98
    """
    return np.sqrt(1 / (positive("density", density) * abs(np.linalg.det(primitive_vectors(lattice, 1.0)))))


def umklapp_energy(density, mass, lattice="triangular"):
    r"""Distance of the umklapp resonance from the main line without potential, :math:`\hbar^2G^2/2M`.

    Parameters
    ----------
    density : float
        Electrons per nm^2, > 0.
    mass : float
        Of the exciton, in free-electron masses, > 0.
    lattice : {"square", "triangular"}

    Returns
    -------
    float
        In meV.

    Examples
    --------
    Of the triangular crystal it is :math:`h^2n/\sqrt3M`:

    >>> energy = umklapp_energy(1e-3, 1.3)
    >>> bool(np.isclose(energy, 4 * np.pi**2 * HBAR2_OVER_M0 * 1e-3 / (3**0.5 * 1.3))), round(energy, 3)
    (True, 1.336)
    """
    shortest = _shell(crystal_spacing(density, lattice), lattice, 1)[1]
    return float(HBAR2_OVER_M0 / (2 * positive("mass", mass)) * np.min(np.sum(shortest**2, axis=1)))


def contact_strength(exciton_mass, electron_mass, bound, energy):
    r"""Strength g of the contact potential of an exciton and an electron that bind to a trion.

    Parameters
    ----------
    exciton_mass, electron_mass : float
        In free-electron masses, > 0; infinite mass stands for a pinned electron.
    bound : float
        Binding energy of the trion in meV, > 0.
    energy : float
        Energy of the relative motion in meV, 0 < `energy` < `bound`.

    Returns
    -------
    float
        In meV nm^2, positive.

    Examples
    --------
    >>> round(contact_strength(1.3, 0.7, 25.0, 1.0))
    327
    """
    exciton, bound = positive("exciton_mass", exciton_mass), positive("bound", bound)
    electron = float("inf") if electron_mass == float("inf") else positive("electron_mass", electron_mass)
    energy = positive("energy", energy)
    if energy >= bound:
        refuse("energy", f"a number below the binding energy, {bound}", energy)
    return float(2 * np.pi * HBAR2_OVER_M0 * (1 / exciton + 1 / electron) / np.log(bound / energy))


@dataclass(frozen=True)
class ZoneCentre:
    """States of the exciton that light can make.

    Attributes
    ----------
    energies : ndarray, shape (n,)
        In meV from the free exciton at rest, ascending.
    weights : ndarray, shape (n,)
        Of the plane wave at rest: share of the oscillator strength; their sum is 1.
    """

    energies: np.ndarray
    weights: np.ndarray

    @property
    def umklapp(self):
        """Distance in meV from the strongest line to the next strongest, and its relative strength."""
        main = int(np.argmax(self.weights))
        others = np.where(np.arange(len(self.weights)) == main, 0.0, self.weights)
        other = int(np.argmax(others))
        return float(self.energies[other] - self.energies[main]), float(others[other] / self.weights[main])


def zone_centre(density, mass, strength, *, deviation=0.0, lattice="triangular", shells=6):
    r"""Bands of an exciton at the centre of the crystal's zone, by plane waves.

    Parameters
    ----------
    density : float
        Electrons per nm^2, > 0.
    mass : float
        Of the exciton, in free-electron masses, > 0.
    strength : float
        g in meV nm^2, of either sign.
    deviation : float
        Standard deviation of an electron's place along an axis, in nm, >= 0.
    lattice : {"square", "triangular"}
    shells : int
        Reciprocal-lattice vectors up to so many times the shortest are kept.

    Returns
    -------
    ZoneCentre

    Examples
    --------
    >>> found = zone_centre(1e-3, 1.3, 300.0, deviation=7.0)
    >>> distance, share = found.umklapp
    >>> round(distance, 2), round(share, 3)
    (1.61, 0.023)
    """
    spacing, mass = crystal_spacing(density, lattice), positive("mass", mass)
    strength = float(array_of_shape("strength", strength, ()))
    deviation, shells = non_negative("deviation", deviation), integer_in("shells", shells, 1)
    vectors = _shell(spacing, lattice, shells)[0]
    between = vectors[:, None] - vectors
    potential = strength * density * np.exp(-0.5 * deviation**2 * np.sum(between**2, axis=-1))
    matrix = potential + np.diag(HBAR2_OVER_M0 / (2 * mass) * np.sum(vectors**2, axis=1))
    energies, states = np.linalg.eigh(matrix)
    return ZoneCentre(energies, states[np.argmin(np.sum(vectors**2, axis=1))] ** 2)


def _shell(spacing, lattice, shells):
    """Reciprocal-lattice vectors up to `shells` times the shortest, and those that are not zero."""
    reciprocal = 2 * np.pi * np.linalg.inv(primitive_vectors(lattice, spacing)).T
    reach = np.arange(-2 * shells, 2 * shells + 1)
    vectors = np.stack(np.meshgrid(reach, reach, indexing="ij"), axis=-1).reshape(-1, 2) @ reciprocal
    length = np.linalg.norm(vectors, axis=1)
    shortest = np.min(length[length > 1e-9 * length.max()])
    vectors = vectors[length <= shells * shortest * (1 + 1e-9)]
    return vectors, vectors[np.linalg.norm(vectors, axis=1) > 0.5 * shortest]
