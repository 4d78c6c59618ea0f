r"""Few-electron eigenstates of a one-dimensional quantum dot, labelled by spin, parity and energy.

N electrons with spin in a hard-wall box of length L, interacting by the softened Coulomb potential of
`lowdim.dot.interaction`, are diagonalised in the space of all determinants of M orbitals, separately for
each reflection parity and at the smallest :math:`|S_z|` (0 or 1/2), where every multiplet appears
exactly once. The total spin follows from

.. math:: \langle S^2\rangle = \|S_+\psi\|^2 + S_z(S_z+1),

diagonalised inside clusters of nearly equal energies, so that quasi-degenerate multiplets of the strongly
correlated regime come out spin pure and complete.

Units: lengths in :math:`a_B^*`, energies in :math:`E_H^* = e^2/(\varepsilon a_B^*)`.
Source: K. Jauregui et al., Phys. Rev. B 53, R1713 (1996), eq. 1 and Table I.
"""

from dataclasses import dataclass, field
from math import comb, prod

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in, positive, refuse
from lowdim.dot.fock import StringSpace, string_space
from lowdim.dot.hamiltonian import SectorHamiltonian, SpeciesOperators
from lowdim.dot.sectors import Sector
from lowdim.errors import NotConverged

__all__ = ["Level", "QuantumDot", "spectrum", "spin_squared"]

_CLUSTER = 1e-6
_SPIN_PURITY = 0.05


@dataclass(frozen=True)
class QuantumDot:
    r"""A hard-wall box with softened Coulomb interaction and a finite orbital basis.

    Parameters
    ----------
    length : float
        Box length L in effective Bohr radii, > 0.
    softening : float
        :math:`\lambda/L`, > 0.
    n_orbitals : int
        Number of box orbitals M kept, >= 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> QuantumDot(length=9.5, softening=0.02, n_orbitals=2).orbital_energies.round(4).tolist()
    [0.0547, 0.2187]
    """

    length: float
    softening: float
    n_orbitals: int

    def __post_init__(self):
        object.__setattr__(self, "length", positive("length", self.length))
        object.__setattr__(self, "softening", positive("softening", self.softening))
        object.__setattr__(self, "n_orbitals", integer_in("n_orbitals", self.n_orbitals, 1))

    @property
    def orbital_energies(self):
        """Kinetic energies of the orbitals, shape (M,)."""
        return 0.5 * (np.pi * np.arange(1, self.n_orbitals + 1) / self.length) ** 2


@dataclass(frozen=True)
class Level:
    """One spin multiplet of the dot.

    Attributes
    ----------
    n_electrons : int
    energy : float
        In effective Hartrees, without the electrostatic shift -e phi N.
    spin : float
        Total spin S.
    parity : int
        Reflection parity, +1 or -1.
    coefficients : ndarray, shape (up strings, down strings)
        Normalised state with the smallest S_z >= 0, on the determinants of `lowdim.dot.fock`.
    """

    n_electrons: int
    energy: float
    spin: float
    parity: int
    coefficients: np.ndarray = field(repr=False, compare=False)

    @property
    def degeneracy(self):
        """Number of S_z states, 2 S + 1."""
        return round(2 * self.spin) + 1


def check_basis(name, level, n_orbitals, source="n_orbitals"):
    """Refuse what is no level whose determinants are made of `n_orbitals` orbitals."""
    instance(name, level, Level)
    filled = (level.n_electrons + 1) // 2, level.n_electrons // 2
    shape = tuple(comb(n_orbitals, n) for n in filled)
    if level.coefficients.shape != shape:
        refuse(name, f"coefficients of shape {shape} for {n_orbitals} {source}", level.coefficients.shape)


def spectrum(dot, n_electrons, n_states, *, tolerance=1e-8):
    """Lowest spin multiplets of N electrons.

    Parameters
    ----------
    dot : QuantumDot
    n_electrons : int
        N >= 0 (the empty dot is one level at energy 0); the basis must hold the fully
        polarised state, M >= N.
    n_states : int
        Number of multiplets (each counted once, not 2 S + 1 times).
    tolerance : float
        Largest norm of H psi - E psi accepted, in units of the effective Hartree or of the lowest
        orbital energy, whichever is larger (in a short box that is the scale of rounding).

    Returns
    -------
    list of Level
        Ordered by energy.

    Raises
    ------
    ValueError
        If the basis is too small for N electrons or for `n_states`.
    NotConverged
        If an eigenvector or a spin label does not reach its accuracy.

    Examples
    --------
    Without a partner the electron sits in the lowest orbital:

    >>> dot = QuantumDot(length=9.5, softening=0.02, n_orbitals=8)
    >>> level = spectrum(dot, 1, 1)[0]
    >>> bool(abs(level.energy - dot.orbital_energies[0]) < 1e-12), level.spin
    (True, 0.5)

    Two electrons have a singlet ground state:

    >>> [level.spin for level in spectrum(dot, 2, 2)]
    [0.0, 1.0]
    """
    instance("dot", dot, QuantumDot)
    n_electrons = integer_in("n_electrons", n_electrons, 0)
    n_states = integer_in("n_states", n_states, 1)
    tolerance = positive("tolerance", tolerance)
    if dot.n_orbitals < n_electrons:
        wanted = f"n_orbitals >= n_electrons = {n_electrons} (the spin-polarised state needs one each)"
        refuse("dot", wanted, dot.n_orbitals)
    scale = _energy_scale(dot, n_electrons)
    sectors = _sectors(dot, n_electrons, scale)
    available = sum(sector.size for sector in sectors)
    if n_states > available:
        refuse("n_states", f"at most {available} for this basis", n_states)
    wanted = _shares([sector.estimate(n_states) for sector in sectors], n_states)
    coarse = [sector.coarse(count) for sector, count in zip(sectors, wanted, strict=True)]
    wanted = np.maximum(_shares(coarse, n_states), 0)
    while True:
        for sector, count in zip(sectors, wanted, strict=True):
            sector.solve(count, tolerance * scale)
        energies = np.sort(np.concatenate([sector.energies for sector in sectors]))
        # complete only if no sector has another level at or below the last one, nor one that mixes with it
        last = energies[n_states - 1] + _CLUSTER * scale if len(energies) >= n_states else np.inf
        short = [k for k, sector in enumerate(sectors) if not _is_complete(sector, last)]
        if not short:
            levels = [
                level for sector in sectors for level in _labelled(sector, n_electrons, _CLUSTER * scale)
            ]
            return sorted(levels, key=lambda level: level.energy)[:n_states]
        for k in short:
            wanted[k] = min(sectors[k].size, len(sectors[k].energies) + 1)


def _energy_scale(dot, n_electrons):
    """Kinetic energy of one electron, or the interaction across the box: levels are no finer than these."""
    kinetic = dot.orbital_energies[0]
    return max(kinetic, 1 / dot.length) if n_electrons > 1 else kinetic


def _sectors(dot, n_electrons, scale):
    n_up, n_down = (n_electrons + 1) // 2, n_electrons // 2
    up = SpeciesOperators(dot, n_up)
    down = up if n_up == n_down else SpeciesOperators(dot, n_down)
    flips = (1, -1) if n_up == n_down else (0,)
    sectors = [(parity, flip) for parity in (1, -1) for flip in flips]
    return [Sector(SectorHamiltonian(dot, n_up, n_down, *labels, (up, down)), scale) for labels in sectors]


def _shares(energies, n_states):
    """How many of the `n_states` lowest of all these energies belong to each list."""
    owner = np.repeat(np.arange(len(energies)), [len(part) for part in energies])
    lowest = np.argsort(np.concatenate(energies), kind="stable")[:n_states]
    return np.bincount(owner[lowest], minlength=len(energies))


def _is_complete(sector, energy):
    return not (len(sector.energies) < sector.size and sector.next_level(energy))


def _labelled(sector, n_electrons, cluster):
    """The levels of a sector, spin pure even where energies agree to within `cluster`."""
    up, down = sector.hamiltonian.up, sector.hamiltonian.down
    energies, vectors = sector.energies, sector.hamiltonian.unpack(sector.vectors)
    if not len(energies):
        return []
    spins = spin_squared(vectors, up, down)
    levels, start = [], 0
    while start < len(energies):
        stop = start + 1
        while stop < len(energies) and energies[stop] - energies[stop - 1] < cluster:
            stop += 1
        s2, rotation = np.linalg.eigh(spins[start:stop, start:stop])
        members = np.einsum("ij,jab->iab", rotation.T, vectors[start:stop])
        own = rotation.T**2 @ energies[start:stop]
        for energy, value, psi in zip(own, s2, members, strict=True):
            spin = round(np.sqrt(4 * max(value, 0.0) + 1) - 1) / 2
            if abs(value - spin * (spin + 1)) > _SPIN_PURITY:
                raise NotConverged(f"<S^2> = {value:.6f} is not S(S + 1) at energy {energy:.9f}")
            levels.append(Level(n_electrons, float(energy), spin, sector.hamiltonian.parity, psi))
        start = stop
    return levels


def spin_squared(vectors, up, down):
    """Matrix of S^2 between states given on (up, down) strings.

    Parameters
    ----------
    vectors : ndarray, shape (b, up.size, down.size)
    up, down : StringSpace

    Returns
    -------
    ndarray, shape (b, b)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    The determinant with orbital 1 up and orbital 2 down is half singlet, half triplet:

    >>> space = string_space(1, 2)
    >>> psi = np.zeros((1, 2, 2)); psi[0, 0, 1] = 1.0
    >>> spin_squared(psi, space, space).tolist()
    [[1.0]]
    """
    instance("up", up, StringSpace)
    instance("down", down, StringSpace)
    vectors = array_of_shape("vectors", vectors, (None, up.size, down.size))
    sz = 0.5 * (up.n_electrons - down.n_electrons)
    count = len(vectors)
    flat = vectors.reshape(count, up.size * down.size)
    overlap = flat @ flat.T
    if down.n_electrons == 0 or up.n_electrons == up.n_orbitals:
        return sz * (sz + 1) * overlap
    source, orbital, image, sign = up.creation
    fewer = string_space(down.n_electrons - 1, down.n_orbitals)
    target, removed, origin, other = fewer.creation
    raised = np.zeros((count, string_space(up.n_electrons + 1, up.n_orbitals).size, fewer.size))
    for p in range(up.n_orbitals):
        # within one orbital no two strings go to the same one
        a, b = orbital == p, removed == p
        moved = vectors[:, source[a][:, None], origin[b]] * np.multiply.outer(sign[a], other[b])
        raised[:, image[a][:, None], target[b]] += moved
    flat = raised.reshape(count, prod(raised.shape[1:]))
    return flat @ flat.T + sz * (sz + 1) * overlap
