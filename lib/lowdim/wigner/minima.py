"""Search for the lowest minimum of electrons in a trap.

Random starts, then hops from the lowest minimum known (one electron moved elsewhere, or all of them shaken).
Every minimum is kept with the number of times it was found: no such search is a proof, and a lowest minimum
found once is a weak candidate. Units as in `lowdim.wigner.potentials`.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, having, instance, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.clusters import COULOMB, HARMONIC, Equilibrium, relax

__all__ = ["Minimum", "find_minima"]


@dataclass(frozen=True)
class Minimum(Equilibrium):
    """A local minimum of a search.

    Attributes
    ----------
    found : int
        How often random starts ended here.
    hops : int
        How often hops ended here.
    """

    found: int = 0
    hops: int = 0


def find_minima(
    n, trap=HARMONIC, interaction=COULOMB, *, rng, starts=50, hops=0, seeds=(), energy_tolerance=1e-8
):
    r"""Distinct minima found by random starts and by hops from the lowest one.

    Parameters
    ----------
    n : int
        Number of electrons, >= 1.
    trap : Trap
    interaction : Coulomb or Keldysh
    rng : numpy.random.Generator
    starts : int
        Random starts, >= 1.
    hops : int
        Further starts from the lowest minimum known, one electron moved or all shaken, >= 0.
    seeds : sequence of array_like, shape (N, 2)
        Configurations to relax as well; they count as hops.
    energy_tolerance : float
        Minima closer in energy than this count as one, > 0.

    Returns
    -------
    list of Minimum
        By increasing energy.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If not a single relaxation converged.

    Examples
    --------
    >>> from lowdim.wigner.clusters import shell_occupations
    >>> minima = find_minima(6, rng=np.random.default_rng(1), starts=20)
    >>> [(round(m.energy, 5), shell_occupations(m.positions), m.found) for m in minima]
    [(13.35587, (1, 5), 15), (13.45208, (6,), 5)]
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    instance("rng", rng, np.random.Generator)
    n, starts = integer_in("n", n, 1), integer_in("starts", starts, 1)
    hops = integer_in("hops", hops, 0)
    energy_tolerance = positive("energy_tolerance", energy_tolerance)
    if not np.iterable(seeds):
        refuse("seeds", "a sequence of configurations", seeds)
    seeds = [array_of_shape("seeds", seed, (n, 2)) for seed in seeds]
    if any(len(np.unique(seed, axis=0)) < n for seed in seeds):
        refuse("seeds", "distinct electrons", "two at the same place")
    known = []

    def keep(start, kind):
        try:
            found = relax(start, trap, interaction)
        except NotConverged:
            return
        for entry in known:
            if abs(entry["at"].energy - found.energy) < energy_tolerance:
                entry[kind] += 1
                return
        known.append({"at": found, "found": 0, "hops": 0, kind: 1})

    for _ in range(starts):
        keep(trap.reach(n) * _random_points(n, trap, rng), "found")
    for seed in seeds:
        keep(seed, "hops")
    if not known:
        raise NotConverged(f"find_minima: none of {starts} relaxations of {n} electrons converged")
    for _ in range(hops):
        lowest = min(known, key=lambda entry: entry["at"].energy)["at"]
        keep(_hop(lowest.positions, rng), "hops")
    known.sort(key=lambda entry: entry["at"].energy)
    return [
        Minimum(e["at"].positions, e["at"].energy, e["at"].residual, e["found"], e["hops"]) for e in known
    ]


def _random_points(n, trap, rng):
    """Points in the unit disc, or in the square around it."""
    if trap.isotropic:
        radius, angle = np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return 2 * rng.random((n, 2)) - 1


def _hop(positions, rng):
    """Shake the cluster, and in two of three cases put one electron elsewhere."""
    n = len(positions)
    size = np.max(np.abs(positions)) + 0.5
    spacing = size / np.sqrt(n)
    start = positions + rng.choice([0.05, 0.3]) * spacing * rng.normal(size=(n, 2))
    if rng.random() < 2 / 3:
        start[rng.integers(n)] = size * (2 * rng.random(2) - 1)
    return start
