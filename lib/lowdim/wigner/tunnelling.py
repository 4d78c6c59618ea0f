r"""Ring exchanges of a Wigner crystal: which there are, and their amplitudes to one loop.

A cyclic exchange P takes each electron of a ring to the site of the next. The electrons of a crystal at
rest are distinguishable but for these moves, and

.. math:: H = -\sum_P (-1)^P J_P\,\hat P, \qquad
          J_P = \hbar\omega\,\frac{Q}{\sqrt{2\pi h}}\,e^{-S/h},\qquad h = \sqrt{a_B/\ell},

with spin permutations :math:`\hat P` and all :math:`J_P>0` (Thouless): an odd permutation favours
antiferromagnetic order, an even one ferromagnetic order. S and Q, of `lowdim.wigner.instantons`, depend on
the classical crystal only: lengths are in units of :math:`\ell`, energies in :math:`\kappa/\ell`, and then
h is Planck's constant. In the infinite crystal :math:`\ell` is the lattice spacing and
:math:`\omega^2 = \kappa/m\ell^3`.

A pair trades places by going round either way; both ways add. Rings of three and more have two directions,
which are different permutations. Rings are the outlines of two, three or four triangles of neighbours that
hang together (rings of 4, 5, 6), and of the six triangles round an electron.

Sources: D. J. Thouless, Proc. Phys. Soc. 86, 893 (1965); M. Roger, Phys. Rev. B 30, 6432 (1984).
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.spatial import Delaunay

from lowdim._checks import (
    array_of_shape,
    having,
    integer_array,
    integer_in,
    positive,
    positive_array,
    refuse,
)
from lowdim.errors import NotConverged
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.instantons import instanton, tunnelling_amplitude
from lowdim.wigner.landscapes import PeriodicElectrons, TrappedElectrons
from lowdim.wigner.multispin import indices
from lowdim.wigner.potentials import Coulomb

__all__ = ["RingExchange", "crystal_exchange", "exchange_rings", "ring_exchange"]

# where the path comes down to this part of its barrier in between, it is two exchanges one after the other
_REST = 0.03


@dataclass(frozen=True)
class RingExchange:
    r"""Least action of one exchange, and its prefactor.

    Attributes
    ----------
    action : float
        :math:`S`, extrapolated to a continuous path.
    prefactor : float
        :math:`Q`, extrapolated.
    action_error, prefactor_error : float
        What the extrapolations changed (of Q: relative).
    barrier : float
        Largest :math:`V - V_0` on the path, in units of :math:`\kappa/\ell`.
    path : ndarray, shape (2 * steps + 1, N, 2)
        Configurations at equal steps of imaginary time.
    soft : int
        Modes without restoring force, whose end is free: the rotation of a trapped cluster is one.
    """

    action: float
    prefactor: float
    action_error: float
    prefactor_error: float
    barrier: float
    path: np.ndarray
    soft: int

    def amplitude(self, planck):
        r"""J of one directed path, in units of :math:`\hbar\omega`.

        Parameters
        ----------
        planck : array_like
            :math:`h = \sqrt{a_B/\ell}`, > 0.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> found = RingExchange(9.0, 1.0, 0.0, 0.0, 0.1, np.zeros((3, 2, 2)), 0)
        >>> bool(found.amplitude(0.2) < found.amplitude(0.4))
        True
        """
        planck = positive_array("planck", planck)
        return tunnelling_amplitude(self.action, self.prefactor, planck) / planck


def exchange_rings(positions, *, longest=6, reach=1.6):
    r"""Rings of neighbouring electrons.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
    longest : int
        2 to 6.
    reach : float
        Triangles with a side longer than this many mean distances to the nearest neighbour are left out, > 0.

    Returns
    -------
    dict
        Length of the ring to a list of tuples of electrons, in the order in which they follow each other.
        Of rings of six, those around a seventh electron are under "6 around".

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.

    Examples
    --------
    >>> angles = np.arange(6) * np.pi / 3
    >>> hexagon = np.vstack([[0, 0], np.stack([np.cos(angles), np.sin(angles)], axis=1)])
    >>> {kind: len(rings) for kind, rings in exchange_rings(hexagon).items()}
    {2: 12, 3: 6, 4: 6, 5: 6, 6: 6, '6 around': 1}
    """
    positions = array_of_shape("positions", positions, (None, 2))
    longest = integer_in("longest", longest, 2, 6)
    limit = positive("reach", reach) * nearest_distances(positions).mean()
    triangles = _triangles(positions, limit)
    edges = Counter(edge for t in triangles for edge in combinations(t, 2))
    found = {2: sorted(edges)}
    patches = {frozenset([t]) for t in triangles}
    for length in range(3, longest + 1):
        rings = {_outline(patch) for patch in patches} - {None}
        found[length] = sorted(rings)
        patches = {
            patch | {t}
            for patch in patches
            for t in triangles
            if t not in patch and any(len(set(t) & set(u)) == 2 for u in patch)
        }
    if longest == 6:
        found["6 around"] = _wheels(triangles)
    return found


def _triangles(positions, limit):
    if len(positions) < 3:
        return []
    # directions of the sides at right angles to nothing: degenerate squares are cut the same way everywhere
    simplices = Delaunay(positions).simplices
    corners = positions[simplices]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    return [tuple(sorted(int(i) for i in t)) for t in simplices[sides.max(axis=1) <= limit]]


def _outline(patch):
    """The closed outline of some triangles, from its smallest electron to the smaller of its neighbours; None
    where it touches itself or leaves an electron inside."""
    sides = Counter(edge for t in patch for edge in combinations(t, 2))
    outer = [edge for edge, count in sides.items() if count == 1]
    corners = {i for t in patch for i in t}
    if len(outer) != len(patch) + 2 or len(corners) != len(outer):
        return None
    return _cycle(outer)


def _cycle(edges):
    near = {}
    for i, j in edges:
        near.setdefault(i, []).append(j)
        near.setdefault(j, []).append(i)
    ring = [min(near)]
    following = min(near[ring[0]])
    while following != ring[0]:
        ring.append(following)
        following = next(k for k in near[ring[-1]] if k != ring[-2])
    return tuple(ring)


def _wheels(triangles):
    """Rings of six around an electron that they enclose."""
    rings = []
    for centre in sorted({i for t in triangles for i in t}):
        outer = [tuple(i for i in t if i != centre) for t in triangles if centre in t]
        ends = Counter(i for edge in outer for i in edge)
        if len(outer) == 6 and set(ends.values()) == {2}:
            rings.append(_cycle(outer))
    return rings


def ring_exchange(
    positions, ring, *, mobile=None, sense=1, interaction=None, duration=14.0, steps=56, tolerance=1e-8
):
    r"""Amplitude for moving each electron of a ring to the site of the next one.

    Parameters
    ----------
    positions : array_like
        Equilibrium positions in units of the trap's length, shape (N, 2).
    ring : sequence of int
        Two or more different electrons.
    mobile : sequence of int, optional
        Electrons that may move; all if not given. Must contain the ring.
    sense : {1, -1}
        Rotation of a pair; a longer ring goes the shorter way round.
    interaction : object, optional
        A `Keldysh`; Coulomb's law if not given. The positions must be at rest with it.
    duration : float
        Imaginary time of the chain in units of :math:`1/\omega`, > 0; beyond it the path is harmonic.
    steps : int
        Steps of the coarser chain, >= 8; the finer one has twice as many.
    tolerance : float
        Largest accepted component of the gradient of the action, > 0.

    Returns
    -------
    RingExchange

    Raises
    ------
    ValueError
        If an argument is out of range, or two electrons coincide.
    NotConverged
        If no path of least action is found, or if it rests on its way, so that it is two exchanges.

    Examples
    --------
    >>> square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]) * (0.25 + 2**-0.5)**(1 / 3)
    >>> free, pinned = ring_exchange(square, (0, 1)), ring_exchange(square, (0, 1), mobile=(0, 1))
    >>> free.action < pinned.action
    True
    """
    if interaction is not None:
        having("interaction", interaction, "terms", "force_terms")
    integer_in("sense", sense, -1, 1)
    crystal = TrappedElectrons(positions, mobile, Coulomb() if interaction is None else interaction)
    ring = _ring_of(ring, len(crystal.positions))
    if not set(ring) <= set(crystal.mobile):
        refuse("mobile", "all electrons of the ring among them", crystal.mobile)
    if sense == 0:
        refuse("sense", "1 or -1", sense)
    guess = _first_guess(crystal.positions, ring, sense)
    return _exchange(crystal, guess, crystal.mobile, duration, steps, tolerance)


def crystal_exchange(ring, *, size=6, duration=8.0, steps=48, tolerance=1e-8):
    r"""Amplitude of a ring exchange in the infinite triangular crystal, in a periodic supercell.

    Parameters
    ----------
    ring : sequence of (int, int)
        Sites in units of the two lattice vectors (1, 0) and (1/2, 3^(1/2)/2), at most `size` - 1 apart.
    size : int
        The supercell has size**2 electrons, all free to move; >= 4.
    duration, steps, tolerance
        As for `ring_exchange`, in units of :math:`(m a^3/\kappa)^{1/2}`.

    Returns
    -------
    RingExchange
        Lengths in units of the spacing a: :math:`h = \sqrt{a_B/a}`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        As for `ring_exchange`.

    Examples
    --------
    >>> found = crystal_exchange([(0, 0), (1, 0), (0, 1)], size=4, steps=24)
    >>> 1.45 < found.action * (2 * np.pi / 3**0.5) ** 0.25 < 1.65
    True
    """
    crystal = PeriodicElectrons(integer_in("size", size, 4))
    sites = integer_array("ring", ring, (None, 2), -size, size)
    if not len(sites) or np.any(np.ptp(sites, axis=0) >= size):
        refuse("ring", f"sites (i, j) less than {size} apart", ring)
    ring = _ring_of([int(i * size + j) for i, j in sites - sites.min(axis=0)], size**2)
    guess = _first_guess(crystal.positions, ring, 1)
    return _exchange(crystal, guess, range(size**2), duration, steps, tolerance)


def _ring_of(ring, n):
    ring = list(indices("ring", ring, n))
    if len(ring) < 2 or len(set(ring)) != len(ring):
        refuse("ring", "two or more different electrons", ring)
    return ring


def _exchange(crystal, guess, mobile, duration, steps, tolerance):
    flat = guess[:, list(mobile)].reshape(len(guess), -1)
    found = instanton(crystal, crystal.rest, flat, duration=duration, steps=steps, tolerance=tolerance)
    floor = crystal.slope(crystal.rest[None])[0]
    _refuse_rest(crystal.slope(found.path)[0] - floor, found.barrier)
    path = np.repeat(guess[:1], len(found.path), axis=0)
    path[:, list(mobile)] = found.path.reshape(len(found.path), -1, 2)
    return RingExchange(
        found.action,
        found.prefactor,
        found.action_error,
        found.prefactor_error,
        found.barrier,
        path,
        found.soft,
    )


def _refuse_rest(height, barrier):
    high = np.flatnonzero(height > 0.3 * barrier)
    # a shell that slips meets no barrier at all
    if barrier > 1e-6 and height[high[0] : high[-1] + 1].min() < _REST * barrier:
        raise NotConverged("ring_exchange: the path rests on its way, two exchanges one after the other")


def _first_guess(positions, ring, sense, steps=48):
    """Electrons of the ring on arcs about its centre, the others at rest."""
    time = np.linspace(-1, 1, steps + 1)
    done = 0.5 * (1 + np.tanh(5 * time) / np.tanh(5))
    path = np.repeat(positions[None], steps + 1, axis=0)
    centre = positions[ring].mean(axis=0)
    for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
        start, end = positions[here] - centre, positions[there] - centre
        angle = np.arctan2(start[1], start[0])
        turn = np.mod(np.arctan2(end[1], end[0]) - angle + np.pi, 2 * np.pi) - np.pi
        angles = angle + done * (sense * np.pi if len(ring) == 2 else turn)
        radius = (1 - done) * np.hypot(*start) + done * np.hypot(*end)
        path[:, here] = centre + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return path
