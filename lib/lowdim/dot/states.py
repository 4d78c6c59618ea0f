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

import numpy as np

from lowdim._checks import integer_in, positive
from lowdim.dot.davidson import lowest_eigenpairs
from lowdim.dot.fock import string_space
from lowdim.dot.hamiltonian import SectorHamiltonian
from lowdim.errors import NotConverged

__all__ = ["Level", "QuantumDot", "spectrum", "spin_squared"]

_MODEL_SPACE = 400
_CLUSTER = 1e-6


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
    n_electrons = integer_in("n_electrons", n_electrons, 0)
    n_states = integer_in("n_states", n_states, 1)
    tolerance = positive("tolerance", tolerance)
    if dot.n_orbitals < n_electrons:
        raise ValueError(
            f"n_orbitals: expected at least n_electrons = {n_electrons} orbitals "
            f"(the spin-polarised state needs one each), got {dot.n_orbitals}"
        )
    n_up, n_down = (n_electrons + 1) // 2, n_electrons // 2
    scale = max(1.0, dot.orbital_energies[0])
    sectors = [_Sector(dot, n_up, n_down, parity, tolerance * scale) for parity in (1, -1)]
    available = sum(sector.size for sector in sectors)
    if n_states > available:
        raise ValueError(f"n_states: expected at most {available} for this basis, got {n_states}")
    wanted = [min(sector.size, n_states // 2 + 2) for sector in sectors]
    while True:
        levels = [level for sector, n in zip(sectors, wanted, strict=True) for level in sector.levels(n)]
        levels.sort(key=lambda level: level.energy)
        # complete only if each sector was solved beyond the last energy returned
        short = [
            i
            for i, sector in enumerate(sectors)
            if wanted[i] < sector.size
            and (len(levels) < n_states or sector.highest <= levels[n_states - 1].energy + _CLUSTER)
        ]
        if not short:
            return levels[:n_states]
        for i in short:
            wanted[i] = min(sectors[i].size, wanted[i] + max(2, n_states // 4))


class _Sector:
    """Lowest levels of one parity, solved on demand."""

    def __init__(self, dot, n_up, n_down, parity, tolerance):
        self._hamiltonian = SectorHamiltonian(dot, n_up, n_down, parity)
        self._parity, self._tolerance = parity, tolerance
        self.size = self._hamiltonian.size
        self._levels, self.highest = [], -np.inf
        self._model = None

    def levels(self, n_roots):
        if n_roots == 0 or len(self._levels) >= n_roots:
            return self._levels[:n_roots]
        energies, vectors = self._solve(n_roots)
        # the last cluster may go on beyond the last root: only what lies below it counts as complete
        gaps = np.flatnonzero(np.diff(energies) >= _CLUSTER)
        self.highest = energies[gaps[-1] + 1] if len(gaps) else energies[0]
        self._levels = self._label(energies, self._hamiltonian.unpack(vectors))
        return self._levels

    def _solve(self, n_roots):
        hamiltonian = self._hamiltonian
        if self.size <= max(_MODEL_SPACE, 3 * (n_roots + 2)):
            energies, vectors = np.linalg.eigh(hamiltonian.dense())
            return energies[:n_roots], vectors.T[:n_roots]
        if self._model is None or self._model.n_guess < n_roots + 2:
            self._model = _ModelSpace(hamiltonian, n_roots + 2)
        return lowest_eigenpairs(
            hamiltonian.apply,
            self._model.guess(),
            self._model.precondition,
            n_roots,
            tolerance=self._tolerance,
        )

    def _label(self, energies, vectors):
        up, down = self._hamiltonian.up, self._hamiltonian.down
        electrons = up.n_electrons + down.n_electrons
        spins = spin_squared(vectors, up, down)
        levels, start = [], 0
        while start < len(energies):
            stop = start + 1
            while stop < len(energies) and energies[stop] - energies[stop - 1] < _CLUSTER:
                stop += 1
            s2, rotation = np.linalg.eigh(spins[start:stop, start:stop])
            cluster = np.einsum("ij,jab->iab", rotation.T, vectors[start:stop])
            own = rotation.T**2 @ energies[start:stop]
            for energy, value, psi in zip(own, s2, cluster, strict=True):
                spin = round(np.sqrt(4 * max(value, 0.0) + 1) - 1) / 2
                if abs(value - spin * (spin + 1)) > 1e-3 and stop < len(energies):
                    raise NotConverged(f"<S^2> = {value:.6f} is not S(S + 1) at energy {energy:.9f}")
                levels.append(Level(electrons, float(energy), spin, self._parity, psi))
            start = stop
        return sorted(levels, key=lambda level: level.energy)


class _ModelSpace:
    """The determinants of lowest kinetic energy, solved exactly: start vectors and preconditioner.

    Chosen by occupation alone, hence closed under spin rotations.
    """

    def __init__(self, hamiltonian, n_guess):
        number = hamiltonian.kinetic_number()
        size = max(_MODEL_SPACE, 3 * n_guess)
        self.n_guess = n_guess
        self._chosen = np.flatnonzero(number <= np.partition(number, size)[size])
        self._values, self._vectors = np.linalg.eigh(hamiltonian.submatrix(self._chosen))
        self._diagonal = hamiltonian.diagonal()

    def guess(self):
        rows = np.zeros((self.n_guess, len(self._diagonal)))
        rows[:, self._chosen] = self._vectors[:, : self.n_guess].T
        return rows

    def precondition(self, residuals, values):
        shifted = self._diagonal - values[:, None]
        result = residuals / np.where(np.abs(shifted) < 0.1, np.copysign(0.1, shifted), shifted)
        inner = self._values - values[:, None]
        inner = np.where(np.abs(inner) < 1e-2, np.copysign(1e-2, inner), inner)
        result[:, self._chosen] = (residuals[:, self._chosen] @ self._vectors / inner) @ self._vectors.T
        return result


def spin_squared(vectors, up, down):
    """Matrix of S^2 between states given on (up, down) strings.

    Parameters
    ----------
    vectors : ndarray, shape (b, up.size, down.size)
    up, down : StringSpace

    Returns
    -------
    ndarray, shape (b, b)

    Examples
    --------
    The determinant with orbital 1 up and orbital 2 down is half singlet, half triplet:

    >>> space = string_space(1, 2)
    >>> psi = np.zeros((1, 2, 2)); psi[0, 0, 1] = 1.0
    >>> spin_squared(psi, space, space).tolist()
    [[1.0]]
    """
    sz = 0.5 * (up.n_electrons - down.n_electrons)
    count = len(vectors)
    overlap = np.einsum("iab,jab->ij", vectors, vectors)
    if down.n_electrons == 0 or up.n_electrons == up.n_orbitals:
        return sz * (sz + 1) * overlap
    raised = 0.0
    fewer = string_space(down.n_electrons - 1, down.n_orbitals)
    unit = np.eye(up.n_orbitals)
    for weights in unit:
        create, destroy = up.creator(weights), fewer.creator(weights).T
        half = np.stack([create @ psi for psi in vectors])
        raised = raised + np.stack([(destroy @ psi.T).T for psi in half])
    flat = raised.reshape(count, -1)
    return flat @ flat.T + sz * (sz + 1) * overlap
