r"""Path-integral Monte Carlo of a trapped cluster: what quantum motion does to its thermal averages.

Electrons without statistics (exchange costs micro-electronvolts), harmonic trap and Coulomb interaction in
the units of `lowdim.wigner.potentials`. The kinetic energy brings one number, :math:`\lambda = \hbar\omega
\ell/\kappa = (a_B/\ell)^{1/2}`, so that :math:`H = -\tfrac12\lambda^2\sum_i\nabla_i^2 + V`. With M beads at
the temperature T = 1/β the density matrix is the classical weight of closed chains,

.. math:: S = \sum_{k=1}^M\Bigl[\frac{M}{2\lambda^2\beta}\,|\mathbf R_{k+1}-\mathbf R_k|^2
          + \frac\beta M V(\mathbf R_k)\Bigr],

exact for :math:`M\to\infty` with an error of :math:`(\beta\lambda\Omega/M)^2` in a mode of frequency
:math:`\Omega`; M = 1 is the classical cluster.

**Sampling.** Hybrid Monte Carlo in the normal modes of the chains, whose springs are
:math:`k_m = (4M/\lambda^2\beta)\sin^2(\pi m/M)`. With the fictitious mass :math:`k_m+\beta\Omega_0^2/M`,
:math:`\Omega_0` the mean frequency of an electron among neighbours at rest, every mode turns once in
:math:`2\pi`; that rotation is exact, the rest of the force kicks, and a Metropolis test makes the sampling
exact whatever the step.

**Averages.** Energy by the centroid virial estimator,
:math:`E = NT + \langle V\rangle + \tfrac1{2M}\langle\sum_k(\mathbf R_k-\bar{\mathbf R})\cdot\nabla
V(\mathbf R_k)\rangle`; the mean-square distance of a bead from the centroid; and the share of centroids, and
of beads, with every shell at its number (`lowdim.wigner.order`).

Sources: M. F. Herman, E. J. Bruskin and B. J. Berne, J. Chem. Phys. 76, 5150 (1982), for the estimator;
S. Duane et al., Phys. Lett. B 195, 216 (1987), for hybrid Monte Carlo.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in, positive
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.order import inside_gaps, shell_gaps

__all__ = ["PathAverages", "sample_paths"]

_ADJUST = 10


@dataclass(frozen=True)
class PathAverages:
    r"""Averages over paths; errors are standard errors from the spread between copies.

    Attributes
    ----------
    energy, energy_error : float
        Kinetic and potential energy, in :math:`\kappa/\ell`.
    spread, spread_error : float
        Root-mean-square distance of a bead from its centroid over the spacing: the quantum width.
    fluctuation, fluctuation_error : float
        Root-mean-square radial fluctuation of the centroids over the spacing, over the whole run.
    centroid_share, centroid_share_error : float
        Share of centroid configurations with every shell at its number.
    bead_share, bead_share_error : float
        The same for the beads.
    acceptance : float
        Share of accepted trajectories.
    """

    energy: float
    energy_error: float
    spread: float
    spread_error: float
    fluctuation: float
    fluctuation_error: float
    centroid_share: float
    centroid_share_error: float
    bead_share: float
    bead_share_error: float
    acceptance: float


def sample_paths(
    positions, temperature, quantum, rng, *, beads, copies=8, warm_up=200, trajectories=1000, steps=5
):
    r"""Thermal averages of a quantum cluster that starts from `positions`.

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 2
        In units of :math:`\ell`.
    temperature : float
        In units of :math:`\kappa/\ell k_B`, > 0.
    quantum : float
        :math:`\lambda = \hbar\omega\ell/\kappa`, > 0.
    rng : numpy.random.Generator
    beads : int
        >= 1.
    copies : int
        Independent chains, >= 2.
    warm_up, trajectories : int
        Trajectories before and during the measurement, >= 1.
    steps : int
        Kicks of a trajectory, >= 1.

    Returns
    -------
    PathAverages

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.

    Examples
    --------
    >>> pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    >>> found = sample_paths(pair, 0.05, 0.1, np.random.default_rng(0), beads=8, trajectories=400)
    >>> bool(abs(found.energy - 1.440) < 0.015)  # exact: 1.440
    True
    """
    instance("rng", rng, np.random.Generator)
    start = array_of_shape("positions", positions, (None, 2))
    spacing = float(np.mean(nearest_distances(start)))
    temperature, quantum = positive("temperature", temperature), positive("quantum", quantum)
    beads, copies = integer_in("beads", beads, 1), integer_in("copies", copies, 2)
    warm_up, trajectories = integer_in("warm_up", warm_up, 1), integer_in("trajectories", trajectories, 1)
    chains = _Chains(start, temperature, quantum, beads, copies, rng)
    steps = integer_in("steps", steps, 1)
    for k in range(warm_up):
        chains.move(steps)
        if (k + 1) % _ADJUST == 0:
            chains.adjust(_ADJUST)
    chains.accepted[:] = 0
    gaps = shell_gaps(start)
    sums = 0
    for _ in range(trajectories):
        chains.move(steps)
        sums = sums + _measure(chains, gaps, inside_gaps(start, gaps), temperature)
    return _averages(sums / trajectories, chains.accepted / trajectories, spacing)


class _Chains:
    """Positions q, shape (copies, beads, 2N), as normal modes of the chains."""

    def __init__(self, start, temperature, quantum, beads, copies, rng):
        self.rng, self.n, self.beads = rng, len(start), beads
        beta = 1 / temperature
        # columns: real orthonormal normal modes of a ring
        index = np.arange(beads)
        ring = np.zeros((beads, beads))
        for k in index:
            ring[k, k] += 2.0
            ring[k, (k + 1) % beads] -= 1.0
            ring[k, (k - 1) % beads] -= 1.0
        values, self.modes = np.linalg.eigh(ring)
        spring = beads / (quantum**2 * beta) * np.maximum(values, 0.0)
        self.weight = beta / beads
        distance = np.hypot(start[:, 0, None] - start[:, 0], start[:, 1, None] - start[:, 1])
        np.fill_diagonal(distance, np.inf)
        self.stiffness = 1 + 0.5 * float(np.mean(np.sum(distance**-3.0, axis=1)))
        self.mass = (spring + self.weight * self.stiffness)[None, :, None]
        paths = np.tile(start.ravel(), (copies, beads, 1))
        self.q = np.einsum("km,bkd->bmd", self.modes, paths)
        self.paths, self.potential, self.gradient = paths, *_forces(paths)
        self.angle = 0.35
        self.accepted = np.zeros(copies)

    def _rest(self):
        """Force on the modes beyond the springs and the mean stiffness."""
        force = np.matmul(self.modes.T, self.gradient)
        return -self.weight * (force - self.stiffness * self.q)

    def _action(self, p):
        harmonic = 0.5 * np.sum(p**2 / self.mass + self.mass * self.q**2, axis=(1, 2))
        centred = self.potential.sum(axis=1) - 0.5 * self.stiffness * np.sum(self.q**2, axis=(1, 2))
        return harmonic + self.weight * centred

    def move(self, steps):
        """One trajectory with its Metropolis test."""
        p = np.sqrt(self.mass) * self.rng.normal(size=self.q.shape)
        before = self.q, self.paths, self.potential, self.gradient
        old = self._action(p)
        # a random length, so that no mode returns to where it was
        angle = self.angle * (0.7 + 0.6 * self.rng.random())
        cos, sin = np.cos(angle), np.sin(angle)
        p = p + 0.5 * angle * self._rest()
        for k in range(steps):
            self.q, p = cos * self.q + sin * p / self.mass, cos * p - sin * self.mass * self.q
            self.paths = np.matmul(self.modes, self.q)
            self.potential, self.gradient = _forces(self.paths)
            p = p + (angle if k < steps - 1 else 0.5 * angle) * self._rest()
        take = np.log(self.rng.random(len(old))) < old - self._action(p)
        names = ("q", "paths", "potential", "gradient")
        for name, was in zip(names, before, strict=True):
            now = getattr(self, name)
            setattr(self, name, np.where(take.reshape(-1, *[1] * (now.ndim - 1)), now, was))
        self.accepted += take

    def adjust(self, count):
        """Steer the acceptance towards 0.8 while warming up."""
        share = float(np.mean(self.accepted)) / count
        self.angle = float(np.clip(self.angle * np.clip(share / 0.8, 0.8, 1.15), 0.01, 0.7))
        self.accepted[:] = 0


def _forces(paths):
    """Potential energies (copies, beads) and gradients (copies, beads, 2N)."""
    x, y = paths[..., 0::2], paths[..., 1::2]
    dx = x[..., :, None] - x[..., None, :]
    dy = y[..., :, None] - y[..., None, :]
    square = dx * dx
    square += dy * dy
    own = np.arange(x.shape[-1])
    square[..., own, own] = np.inf
    inverse = np.sqrt(square)
    np.divide(1.0, inverse, out=inverse)
    potential = 0.5 * np.sum(paths**2, axis=-1) + 0.5 * np.sum(inverse, axis=(-2, -1))
    h = np.divide(inverse, square, out=square)
    gradient = paths.copy()
    gradient[..., 0::2] -= np.einsum("...ij,...ij->...i", h, dx)
    gradient[..., 1::2] -= np.einsum("...ij,...ij->...i", h, dy)
    return potential, gradient


def _measure(chains, gaps, at_rest, temperature):
    """Per copy: energy, squared width, radii and their squares, shares of whole shells."""
    paths = chains.paths
    centroid = paths.mean(axis=1, keepdims=True)
    away = paths - centroid
    virial = 0.5 * np.mean(np.sum(away * chains.gradient, axis=2), axis=1)
    energy = chains.n * temperature + chains.potential.mean(axis=1) + virial
    width = np.sum(away**2, axis=(1, 2)) / (chains.beads * chains.n)
    points = centroid.reshape(len(paths), chains.n, 2)
    square = np.sum(points**2, axis=2)
    whole = np.all(inside_gaps(points, gaps) == at_rest, axis=-1)
    beads = np.all(inside_gaps(paths.reshape(*paths.shape[:2], chains.n, 2), gaps) == at_rest, axis=-1)
    scalars = np.stack([energy, width, whole, beads.mean(axis=1)], axis=1)
    return np.concatenate([scalars, np.sqrt(square), square], axis=1)


def _averages(means, acceptance, spacing):
    energy, width, whole, beads = means[:, :4].T
    radii, squares = np.split(means[:, 4:], 2, axis=1)
    radial = np.sqrt(np.mean(np.maximum(squares - radii**2, 0), axis=1)) / spacing
    values = []
    for one in (energy, np.sqrt(width) / spacing, radial, whole, beads):
        values += [float(one.mean()), float(one.std(ddof=1) / np.sqrt(len(one)))]
    return PathAverages(*values, acceptance=float(acceptance.mean()))
