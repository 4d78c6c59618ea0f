r"""Coherent backscattering of plane waves by a random potential, frozen or moving.

A plane wave k of kinetic energy 1 meets the Gaussian potential of `phononfield`. After the time T its
probability is spread over the shell of equal kinetic energy, and the momentum -k has more of it than the
other directions, because every path from k to -k interferes with its reverse:

    contrast(T) = P(-k, T)/<P(k', T)> - 1,   k' on the shell, away from k and -k.

In a frozen potential reciprocity makes the two amplitudes equal to all orders, and the contrast is one less
the share of waves that collided once. In a moving one it falls with the dephasing of the loops, and nothing
else enters: no Kubo formula, no return to the origin, no thermal average, no free parameter. The theory is
in `shelltheory`.

Units: hbar = M = 1 and the kinetic energy k^2/2 of the plane waves is 1, so that `relaxation` of
`phononfield` is energy tau/hbar, the small parameter of the theory is 1/(k l) = 1/(2 energy tau/hbar), and
the speed of sound is in units of sqrt(energy/M). The initial waves are all lattice points of the periodic
square with the same n_x^2 + n_y^2: 24 directions of exactly the same energy.

Sources: A. A. Golubentsev, Sov. Phys. JETP 59, 26 (1984); E. Akkermans and G. Montambaux, Mesoscopic
Physics of Electrons and Photons (Cambridge, 2007), chapters 4, 6 and 8."""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import (
    array_of_shape,
    instance,
    integer_in,
    namespace,
    positive,
    random_generator,
    refuse,
)
from lowdim.exciton._schedule import Schedule, run_seeds
from lowdim.exciton.grid import Grid
from lowdim.exciton.phononfield import PhononField
from lowdim.exciton.wavepacket import evolve, to_numpy

__all__ = ["PlaneWaves", "backscattering", "contrast", "run_backscattering"]

# cosine of the angle to -k up to which a direction counts as "other": beyond it the peak has a tail
_NEAREST = 0.7


@dataclass(frozen=True)
class PlaneWaves(Schedule):
    """What one realisation of backscattering computes.

    Parameters
    ----------
    relaxation : float
        energy tau/hbar.
    sounds : tuple of float
        Speeds of sound in units of sqrt(energy/M); 0 is the frozen potential, and the first should be.
    duration, step : float
        Longest time, and time step, in hbar/energy.
    every : int
        Steps between records.
    norm : int
        n_x^2 + n_y^2 of the lattice points that stand for the shell; fixes the side of the square.
    points : int
        Grid points along a side.
    cutoff : float
        Largest phonon wave number over k, at least 2 so that all directions are reached.
    single : bool
        Single precision.

    Raises
    ------
    ValueError
        On numbers out of range, a shell with fewer than eight directions, or a grid that does not hold it.

    Examples
    --------
    >>> waves = PlaneWaves(6.0, (0.0, 0.02), duration=12.0)
    >>> len(waves.directions), round(float(waves.grid.length), 2)
    (24, 80.1)
    """

    relaxation: float
    sounds: tuple
    duration: float
    step: float = 0.25
    every: int = 12
    norm: int = 325
    points: int = 108
    cutoff: float = 2.3
    single: bool = True

    def __post_init__(self):
        integer_in("norm", self.norm, 1)
        if len(self.directions) < 8:
            refuse("norm", "a sum of two squares in at least eight ways", self.norm)
        if positive("cutoff", self.cutoff) < 2 or self.cutoff * np.sqrt(2) > self.grid.cutoff * (1 + 1e-12):
            refuse("cutoff", f"2 to the grid's {self.grid.cutoff / np.sqrt(2):.4g}", self.cutoff)
        self.check_schedule(1)

    @property
    def grid(self):
        """Grid on which the lattice points have the kinetic energy 1."""
        return Grid(self.points, 2 * np.pi * np.sqrt(self.norm / 2))

    @property
    def directions(self):
        """Lattice points (n_x, n_y) of the shell, shape (d, 2)."""
        reach = np.arange(-int(np.sqrt(self.norm)) - 1, int(np.sqrt(self.norm)) + 2)
        plane = np.stack(np.meshgrid(reach, reach, indexing="ij"), axis=-1).reshape(-1, 2)
        return plane[(plane**2).sum(axis=1) == self.norm]

    @property
    def others(self):
        """Whether final direction f counts as "other" than k and -k for initial direction i, shape (d, d)."""
        cosine = self.directions @ self.directions.T / self.norm
        return (cosine > -_NEAREST) & (cosine < 1 - 1e-9)

    @property
    def angles(self):
        """Angles between initial and other directions, over which the theory averages."""
        cosine = self.directions @ self.directions.T / self.norm
        return np.arccos(np.clip(cosine[self.others], -1, 1))


def backscattering(waves, seed, xp=np):
    """Mean probabilities of backscattering and of other directions in one pair of potentials.

    Parameters
    ----------
    waves : PlaneWaves
    seed : int or sequence of int
        Seed of `numpy.random.default_rng`.
    xp : module
        Array namespace.

    Returns
    -------
    back, side : numpy.ndarray, shape (speeds, times)
        P(-k, T), and the mean of P(k', T) over the other directions; means over initial waves and potentials.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> waves = PlaneWaves(2.0, (0.0,), duration=6.0, norm=65, points=48)
    >>> back, side = backscattering(waves, 1)
    >>> back.shape, bool(np.all(side[:, 1:] > 0))
    ((1, 3), True)
    """
    instance("waves", waves, PlaneWaves)
    namespace("xp", xp)
    rng = random_generator("seed", seed)
    grid, where = waves.grid, waves.directions
    phonons = PhononField(grid, waves.relaxation, rng, cutoff=waves.cutoff * np.sqrt(2), single=waves.single)
    dtype = np.complex64 if waves.single else np.complex128
    states = np.zeros((2, len(where), grid.points, grid.points), dtype=dtype)
    states[:, np.arange(len(where)), where[:, 0], where[:, 1]] = 1
    states = xp.asarray(states)
    opposite, others = np.arange(len(where))[::-1], waves.others
    assert np.array_equal(where[opposite], -where)
    back, side = [], []
    for potential in waves.potentials(phonons, xp):
        for psi in evolve(states, potential, grid, **waves.stepping(xp)):
            density = np.abs(to_numpy(psi[..., where[:, 0], where[:, 1]])).astype(float) ** 2
            back.append(density[:, np.arange(len(where)), opposite].mean())
            side.append(density[:, others].mean())
    shape = (len(waves.sounds), -1)
    return np.reshape(back, shape), np.reshape(side, shape)


def run_backscattering(waves, seeds, **options):
    """Realisations of many seeds through joblib.

    Parameters
    ----------
    waves : PlaneWaves
    seeds : sequence
        One seed per pair of potentials.
    **options
        As those of `run_ensemble`.

    Returns
    -------
    numpy.ndarray, shape (seeds, 2, speeds, times)
        P(-k) and the mean of the other directions.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> waves = PlaneWaves(2.0, (0.0,), duration=3.0, norm=65, points=48)
    >>> run_backscattering(waves, [1, 2]).shape
    (2, 2, 1, 2)
    """
    instance("waves", waves, PlaneWaves)
    return np.array(run_seeds(backscattering, waves, seeds, **options))


def contrast(probabilities):
    """P(-k)/<P(k')> - 1 from (..., 2, speeds, times); nan where nothing is scattered, as at time 0.

    Examples
    --------
    >>> contrast(np.array([[[2.0]], [[1.0]]]))
    array([[1.]])
    """
    probabilities = array_of_shape("probabilities", probabilities, None)
    if probabilities.ndim < 3 or probabilities.shape[-3] != 2:
        refuse("probabilities", "shape (..., 2, speeds, times)", probabilities.shape)
    back, side = np.moveaxis(probabilities, -3, 0)
    return np.where(side > 0, back / np.where(side > 0, side, 1.0), np.nan) - 1
