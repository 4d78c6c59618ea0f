r"""Classical Monte Carlo of a trapped cluster: heat capacity and fluctuations against temperature.

Metropolis moves of one electron at a time, in many copies at once, with swaps between neighbouring
temperatures (parallel tempering), harmonic trap and Coulomb interaction in the units of
`lowdim.wigner.potentials`; temperatures in :math:`\kappa/\ell k_B`. The momenta add N to the heat capacity
in units of :math:`k_B` and nothing else. From the positions:

- :math:`C = \langle\delta V^2\rangle/T^2`; in the harmonic limit half of :math:`k_B` per mode with a
  frequency;
- distance fluctuation :math:`\frac{2}{N(N-1)}\sum_{i<j}\sqrt{\langle r_{ij}^2\rangle/\langle
  r_{ij}\rangle^2-1}`,
  which no rotation of the whole cluster changes, but shells that slip and electrons that trade places do;
- radial fluctuation :math:`[\frac1N\sum_i(\langle r_i^2\rangle-\langle r_i\rangle^2)]^{1/2}` over the
  spacing,
  which only electrons that leave their shell make large.

**Block length.** The last two forget where an electron started only if it never leaves its place; once it
does, they grow with the time over which they are taken. They are therefore averages over blocks of a stated
number of sweeps, for several block lengths at once, and temperatures are swapped only between the longest
blocks. Energy and heat capacity are equilibrium averages and know no block. So is

- the share of configurations in which every shell holds its number: circles through the middle of the gaps
  between the shells at rest enclose as many electrons as at rest. It counts how often electrons are out of
  their shell, whichever they are.

Source: V. M. Bedanov and F. M. Peeters, Phys. Rev. B 49, 2667 (1994), for the fluctuations.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_array, integer_in, refuse
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.order import inside_gaps, shell_gaps

__all__ = ["ClusterAverages", "sample_cluster"]

_ADJUST = 20


@dataclass(frozen=True)
class ClusterAverages:
    """Thermal averages; every array has shape (T,) unless another is given.

    Attributes
    ----------
    temperatures : ndarray
    energy, energy_error : ndarray
        Mean potential energy and its standard error, from the spread between copies.
    heat_capacity, heat_capacity_error : ndarray
        Configurational part, in units of the Boltzmann constant.
    copies : ndarray, shape (copies, T)
        Heat capacity of each copy.
    blocks : ndarray of int, shape (B,)
        Block lengths in sweeps.
    distance_fluctuation, radial_fluctuation : ndarray, shape (B, T)
        For each block length.
    shell_share, shell_share_error : ndarray
        Share of configurations with every shell at its number; 1 for a cluster without gaps.
    acceptance : ndarray
        Share of accepted moves.
    """

    temperatures: np.ndarray
    energy: np.ndarray
    energy_error: np.ndarray
    heat_capacity: np.ndarray
    heat_capacity_error: np.ndarray
    copies: np.ndarray
    blocks: np.ndarray
    distance_fluctuation: np.ndarray
    radial_fluctuation: np.ndarray
    shell_share: np.ndarray
    shell_share_error: np.ndarray
    acceptance: np.ndarray


def sample_cluster(positions, temperatures, rng, *, copies=8, warm_up=500, sweeps=2000, blocks=(200,)):
    r"""Thermal averages of a cluster that starts from `positions`.

    Parameters
    ----------
    positions : array_like, shape (N, 2), N >= 2
        In units of :math:`\ell`.
    temperatures : array_like, shape (T,)
        Ascending, > 0, in units of :math:`\kappa/\ell k_B`.
    rng : numpy.random.Generator
    copies : int
        Independent ladders of temperatures, >= 2.
    warm_up, sweeps : int
        Sweeps (one attempted move per electron) before and during the measurement, >= 1.
    blocks : sequence of int
        Numbers of sweeps over which fluctuations are taken: ascending, each a multiple of the one before, the
        first at least 2, the last at most `sweeps`.

    Returns
    -------
    ClusterAverages

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.

    Examples
    --------
    >>> pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    >>> rng = np.random.default_rng(0)
    >>> found = sample_cluster(pair, [1e-4], rng, copies=20, warm_up=300, sweeps=1500)
    >>> abs(found.heat_capacity[0] - 1.5) < 4 * found.heat_capacity_error[0]  # three modes that are not free
    np.True_
    """
    instance("rng", rng, np.random.Generator)
    start = array_of_shape("positions", positions, (None, 2))
    spacing = float(np.mean(nearest_distances(start)))
    temperatures = array_of_shape("temperatures", temperatures, (None,))
    if not (len(temperatures) and temperatures[0] > 0 and np.all(np.diff(temperatures) > 0)):
        refuse("temperatures", "ascending numbers > 0", temperatures.tolist())
    copies, warm_up = integer_in("copies", copies, 2), integer_in("warm_up", warm_up, 1)
    sweeps = integer_in("sweeps", sweeps, 1)
    blocks = _checked_blocks(blocks, sweeps)
    walkers = _Walkers(start, temperatures, copies, rng)
    for k in range(warm_up):
        walkers.sweep()
        if (k + 1) % _ADJUST == 0:
            walkers.adjust()
            walkers.swap(k // _ADJUST)
    walkers.accepted[:] = 0
    moments, fluctuations = [], [[] for _ in blocks]
    for k in range(sweeps // blocks[-1]):
        tallies = [_Tally(walkers) for _ in blocks]
        for step in range(1, blocks[-1] + 1):
            walkers.sweep()
            tallies[0].add(walkers)
            for level, length in enumerate(blocks):
                if step % length:
                    break
                fluctuations[level].append(tallies[level].finish(spacing))
                if length == blocks[-1]:
                    moments.append(tallies[level].moments())
                else:
                    tallies[level + 1].merge(tallies[level])
                    tallies[level] = _Tally(walkers, tallies[0].reference)
        walkers.swap(k)
    return _averages(walkers, moments, fluctuations, temperatures, copies, blocks)


def _checked_blocks(blocks, sweeps):
    blocks = np.atleast_1d(array_of_shape("blocks", blocks, None)).ravel()
    if np.any(blocks > sweeps):
        refuse("blocks", f"at most sweeps = {sweeps}", blocks)
    lengths = integer_array("blocks", blocks, (None,), 2).tolist()
    if not lengths or any(b % a or b <= a for a, b in zip(lengths, lengths[1:], strict=False)):
        refuse("blocks", "ascending numbers, each a multiple of the one before", blocks)
    return lengths


class _Walkers:
    """Copies at all temperatures, flattened: index = copy * T + temperature."""

    def __init__(self, start, temperatures, copies, rng):
        self.rng, self.levels, self.copies = rng, len(temperatures), copies
        self.t = np.tile(temperatures, copies)
        self.r = np.tile(start, (len(self.t), 1, 1))
        self.step = 0.7 * np.sqrt(self.t)
        self.energy = self._energy()
        self.gaps = shell_gaps(start)
        self.at_rest = inside_gaps(start, self.gaps)
        self.accepted = np.zeros(len(self.t))
        self.attempted = 0

    def _energy(self):
        d = self.r[:, :, None] - self.r[:, None]
        distance = np.sqrt(np.einsum("bijk,bijk->bij", d, d))
        i, j = np.triu_indices(self.r.shape[1], 1)
        return 0.5 * np.sum(self.r**2, axis=(1, 2)) + np.sum(1 / distance[:, i, j], axis=1)

    def sweep(self):
        size, n = self.r.shape[:2]
        moves = self.step[:, None, None] * (2 * self.rng.random((size, n, 2)) - 1)
        thresholds = -self.t[:, None] * np.log(self.rng.random((size, n)))
        for i in range(n):
            old = self.r[:, i]
            new = old + moves[:, i]
            change = 0.5 * np.sum(new * new - old * old, axis=1)
            change += self._field(new, i) - self._field(old, i)
            take = change < thresholds[:, i]
            self.r[take, i] = new[take]
            self.energy[take] += change[take]
            self.accepted += take
        self.attempted += n

    def _field(self, place, i):
        d = self.r - place[:, None]
        square = d[:, :, 0] ** 2 + d[:, :, 1] ** 2
        square[:, i] = np.inf
        return np.sum(1 / np.sqrt(square), axis=1)

    def adjust(self):
        """Steer the acceptance towards 0.4 while warming up."""
        share = self.accepted / max(self.attempted, 1)
        self.step *= np.clip(share / 0.4, 0.7, 1.4)
        self.step = np.minimum(self.step, 1.0)
        self.accepted[:], self.attempted = 0, 0

    def swap(self, parity=0):
        """Exchange neighbouring temperatures of each copy where detailed balance allows."""
        index = np.arange(len(self.t)).reshape(self.copies, self.levels)
        low, high = index[:, parity % 2 : -1 : 2].ravel(), index[:, parity % 2 + 1 :: 2].ravel()
        gain = (1 / self.t[low] - 1 / self.t[high]) * (self.energy[low] - self.energy[high])
        take = np.log(self.rng.random(len(low))) < gain
        a, b = low[take], high[take]
        self.r[a], self.r[b] = self.r[b], self.r[a]
        self.energy[a], self.energy[b] = self.energy[b], self.energy[a]


class _Tally:
    """Sums over one block."""

    def __init__(self, walkers, reference=None):
        size, n = walkers.r.shape[:2]
        self.pairs = np.triu_indices(n, 1)
        self.energy, self.square, self.count = np.zeros(size), np.zeros(size), 0
        self.sums = [np.zeros((size, len(self.pairs[0]))) for _ in range(2)]
        self.radial = [np.zeros((size, n)) for _ in range(2)]
        self.reference = walkers.energy.copy() if reference is None else reference
        self.whole = np.zeros(size)

    def add(self, walkers):
        shifted = walkers.energy - self.reference
        self.energy += shifted
        self.square += shifted**2
        self.count += 1
        d = walkers.r[:, self.pairs[0]] - walkers.r[:, self.pairs[1]]
        square = np.einsum("bpk,bpk->bp", d, d)
        radius2 = np.einsum("bik,bik->bi", walkers.r, walkers.r)
        self.whole += np.all(inside_gaps(walkers.r, walkers.gaps) == walkers.at_rest, axis=-1)
        for sums, value in ((self.sums, square), (self.radial, radius2)):
            sums[0] += np.sqrt(value)
            sums[1] += value

    def merge(self, other):
        """Add the sums of a shorter block with the same reference energy."""
        self.energy += other.energy
        self.square += other.square
        self.count += other.count
        self.whole += other.whole
        for mine, theirs in ((self.sums, other.sums), (self.radial, other.radial)):
            for k in range(2):
                mine[k] += theirs[k]

    def finish(self, spacing):
        """Distance and radial fluctuation."""
        first, second = (total / self.count for total in self.sums)
        distance = np.mean(np.sqrt(np.maximum(second / first**2 - 1, 0)), axis=1)
        first, second = (total / self.count for total in self.radial)
        return distance, np.sqrt(np.mean(np.maximum(second - first**2, 0), axis=1)) / spacing

    def moments(self):
        """Mean energy, first and second moment about the reference, share of whole shells."""
        mean = self.energy / self.count
        return self.reference + mean, self.square / self.count, mean, self.whole / self.count


def _averages(walkers, moments, fluctuations, temperatures, copies, blocks):
    shape = (len(moments), copies, len(temperatures))
    energy, square, mean, whole = (np.array([one[k] for one in moments]).reshape(shape) for k in range(4))
    # moments of the energy about a common origin, one heat capacity per copy
    origin = energy.mean(axis=(0, 1))
    shift = energy - mean - origin
    second = np.mean(square + 2 * shift * mean + shift**2, axis=0)
    first = np.mean(energy, axis=0) - origin
    capacity = (second - first**2) / temperatures**2
    root = np.sqrt(copies)
    distance, radial = (
        np.array([np.mean([one[k] for one in level], axis=0) for level in fluctuations])
        .reshape(len(blocks), copies, -1)
        .mean(axis=1)
        for k in range(2)
    )
    attempts = len(moments) * blocks[-1] * walkers.r.shape[1]
    return ClusterAverages(
        temperatures=temperatures,
        energy=energy.mean(axis=(0, 1)),
        energy_error=energy.mean(axis=0).std(axis=0, ddof=1) / root,
        heat_capacity=capacity.mean(axis=0),
        heat_capacity_error=capacity.std(axis=0, ddof=1) / root,
        copies=capacity,
        blocks=np.array(blocks),
        distance_fluctuation=distance,
        radial_fluctuation=radial,
        shell_share=whole.mean(axis=(0, 1)),
        shell_share_error=whole.mean(axis=0).std(axis=0, ddof=1) / root,
        acceptance=walkers.accepted.reshape(copies, -1).mean(axis=0) / attempts,
    )
