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

Averages are taken over blocks of sweeps and then over blocks and copies, so that electrons that trade places
between blocks do not blur the last two.

Source: V. M. Bedanov and F. M. Peeters, Phys. Rev. B 49, 2667 (1994), for the fluctuations.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, integer_in, refuse
from lowdim.wigner.density import nearest_distances

__all__ = ["ClusterAverages", "sample_cluster"]

_ADJUST = 20


@dataclass(frozen=True)
class ClusterAverages:
    """Thermal averages; every array has shape (T,).

    Attributes
    ----------
    temperatures : ndarray
    energy, energy_error : ndarray
        Mean potential energy and its standard error, from the spread between copies.
    heat_capacity, heat_capacity_error : ndarray
        Configurational part, in units of the Boltzmann constant.
    distance_fluctuation, radial_fluctuation : ndarray
    acceptance : ndarray
        Share of accepted moves.
    """

    temperatures: np.ndarray
    energy: np.ndarray
    energy_error: np.ndarray
    heat_capacity: np.ndarray
    heat_capacity_error: np.ndarray
    distance_fluctuation: np.ndarray
    radial_fluctuation: np.ndarray
    acceptance: np.ndarray


def sample_cluster(positions, temperatures, rng, *, copies=8, warm_up=500, sweeps=2000, block=200):
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
    block : int
        Sweeps over which fluctuations are taken, 2 to `sweeps`.

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
    start = array_of_shape("positions", positions, (None, 2))
    spacing = float(np.mean(nearest_distances(start)))
    temperatures = array_of_shape("temperatures", temperatures, (None,))
    if not (len(temperatures) and temperatures[0] > 0 and np.all(np.diff(temperatures) > 0)):
        refuse("temperatures", "ascending numbers > 0", temperatures.tolist())
    copies, warm_up = integer_in("copies", copies, 2), integer_in("warm_up", warm_up, 1)
    sweeps = integer_in("sweeps", sweeps, 1)
    block = integer_in("block", block, 2, sweeps)
    walkers = _Walkers(start, temperatures, copies, rng)
    for k in range(warm_up):
        walkers.sweep()
        if (k + 1) % _ADJUST == 0:
            walkers.adjust()
            walkers.swap()
    walkers.accepted[:] = 0
    tallies = []
    for k in range(sweeps // block):
        tally = _Tally(walkers)
        for _ in range(block):
            walkers.sweep()
            tally.add(walkers)
        tallies.append(tally.finish(spacing))
        walkers.swap(k)
    return _averages(walkers, tallies, temperatures, copies, block)


class _Walkers:
    """Copies at all temperatures, flattened: index = copy * T + temperature."""

    def __init__(self, start, temperatures, copies, rng):
        self.rng, self.levels, self.copies = rng, len(temperatures), copies
        self.t = np.tile(temperatures, copies)
        self.r = np.tile(start, (len(self.t), 1, 1))
        self.step = 0.7 * np.sqrt(self.t)
        self.energy = self._energy()
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

    def __init__(self, walkers):
        size, n = walkers.r.shape[:2]
        self.pairs = np.triu_indices(n, 1)
        self.energy, self.square, self.count = np.zeros(size), np.zeros(size), 0
        self.sums = [np.zeros((size, len(self.pairs[0]))) for _ in range(2)]
        self.radial = [np.zeros((size, n)) for _ in range(2)]
        self.reference = walkers.energy.copy()

    def add(self, walkers):
        shifted = walkers.energy - self.reference
        self.energy += shifted
        self.square += shifted**2
        self.count += 1
        d = walkers.r[:, self.pairs[0]] - walkers.r[:, self.pairs[1]]
        square = np.einsum("bpk,bpk->bp", d, d)
        radius2 = np.einsum("bik,bik->bi", walkers.r, walkers.r)
        for sums, value in ((self.sums, square), (self.radial, radius2)):
            sums[0] += np.sqrt(value)
            sums[1] += value

    def finish(self, spacing):
        mean = self.energy / self.count
        first, second = (total / self.count for total in self.sums)
        distance = np.mean(np.sqrt(np.maximum(second / first**2 - 1, 0)), axis=1)
        first, second = (total / self.count for total in self.radial)
        radial = np.sqrt(np.mean(np.maximum(second - first**2, 0), axis=1)) / spacing
        return self.reference + mean, self.square / self.count, mean, distance, radial


def _averages(walkers, tallies, temperatures, copies, block):
    shape = (len(tallies), copies, len(temperatures))
    energy, square, mean, distance, radial = (
        np.array([tally[k] for tally in tallies]).reshape(shape) for k in range(5)
    )
    # moments of the energy about a common origin, one heat capacity per copy
    origin = energy.mean(axis=(0, 1))
    shift = energy - mean - origin
    second = np.mean(square + 2 * shift * mean + shift**2, axis=0)
    first = np.mean(energy, axis=0) - origin
    capacity = (second - first**2) / temperatures**2
    root = np.sqrt(copies)
    return ClusterAverages(
        temperatures=temperatures,
        energy=energy.mean(axis=(0, 1)),
        energy_error=energy.mean(axis=0).std(axis=0, ddof=1) / root,
        heat_capacity=capacity.mean(axis=0),
        heat_capacity_error=capacity.std(axis=0, ddof=1) / root,
        distance_fluctuation=distance.mean(axis=(0, 1)),
        radial_fluctuation=radial.mean(axis=(0, 1)),
        acceptance=walkers.accepted.reshape(copies, -1).mean(axis=0)
        / (len(tallies) * block * walkers.r.shape[1]),
    )
