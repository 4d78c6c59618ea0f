"""Ensembles of exciton wave packets: paired realisations, and their jackknife.

One realisation is a pair of random potentials (see `phononfield`), each met by four directed random-phase
states (see `wavepacket`). The same potentials and the same states are propagated frozen and at every
speed of sound, so that differences between the curves lose the common part of the noise. Units
hbar = M = k_B T = 1.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import (
    array_of_shape,
    callback,
    instance,
    integer_in,
    namespace,
    positive,
    random_generator,
    refuse,
)
from lowdim.exciton._schedule import Schedule, run_seeds
from lowdim.exciton.grid import DIRECTIONS, Grid, directed_states
from lowdim.exciton.phononfield import PhononField
from lowdim.exciton.wavepacket import propagate

__all__ = ["Ensemble", "jackknife", "line_fit", "realisation", "run_ensemble"]


@dataclass(frozen=True)
class Ensemble(Schedule):
    """What one realisation computes.

    Parameters
    ----------
    relaxation : float
        k_B T tau/hbar.
    sounds : tuple of float
        Speeds of sound in thermal units; 0 is the frozen potential, and the first should be.
    points, length : int, float
        Grid.
    step, duration : float
        Time step, and the longest time.
    every : int
        Steps between records.
    cutoff : float, optional
        Largest phonon wave number; all wave vectors of the grid if not given.
    pairs : int
        Pairs of potentials of one realisation.
    single : bool
        Single precision.

    Raises
    ------
    ValueError
        On sizes, times or speeds that are not positive, a grid too coarse, a step too long for it, a cut-off
        beyond it, or fewer than two records.
    """

    relaxation: float
    sounds: tuple
    points: int
    length: float
    step: float
    duration: float
    every: int = 2
    cutoff: float | None = None
    pairs: int = 1
    single: bool = True

    def __post_init__(self):
        grid = self.grid
        if self.cutoff is not None and positive("cutoff", self.cutoff) > grid.cutoff * (1 + 1e-12):
            refuse("cutoff", f"at most the grid's {grid.cutoff:.6g}", self.cutoff)
        integer_in("pairs", self.pairs, 1)
        self.check_schedule(2)

    @property
    def grid(self):
        """Grid of the states and of the field."""
        return Grid(self.points, self.length)


def realisation(ensemble, seed, xp=np):
    """Mean autocorrelation and kinetic energy of one realisation.

    Parameters
    ----------
    ensemble : Ensemble
    seed : int or sequence of int
        Seed of `numpy.random.default_rng`.
    xp : module
        Array namespace.

    Returns
    -------
    autocorrelation, kinetic : numpy.ndarray, shape (speeds, times)
        Means over potentials and directions.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> small = Ensemble(2.0, (0.0, 0.2), points=32, length=16.0, step=0.1, duration=1.0)
    >>> c, kinetic = realisation(small, 1)
    >>> c.shape
    (2, 6)
    """
    instance("ensemble", ensemble, Ensemble)
    namespace("xp", xp)
    rng = random_generator("seed", seed)
    grid = ensemble.grid
    options = {"pairs": ensemble.pairs, "cutoff": ensemble.cutoff, "single": ensemble.single}
    phonons = PhononField(grid, ensemble.relaxation, rng, **options)
    dtype = np.complex64 if ensemble.single else np.complex128
    states, speed = directed_states(grid, rng, 2 * ensemble.pairs, dtype=dtype)
    states = xp.asarray(states)
    correlations, kinetic = [], []
    for potential in ensemble.potentials(phonons, xp):
        track = propagate(states, potential, grid, **ensemble.stepping(xp))
        along = np.einsum("tpdx,dx->t", track.velocity.astype(float), DIRECTIONS)
        correlations.append(speed * along / (2 * ensemble.pairs * len(DIRECTIONS)))
        kinetic.append(track.kinetic.astype(float).mean(axis=(1, 2)))
    return np.array(correlations), np.array(kinetic)


def run_ensemble(ensemble, seeds, **options):
    """Realisations of many seeds through joblib.

    Parameters
    ----------
    ensemble : Ensemble
    seeds : sequence
        One seed per realisation.
    **options
        ``n_jobs`` as in `joblib.Parallel`: one process, or what `joblib.parallel_config` says, unless it is
        given; with ``joblib.parallel_config("dask")`` the same call runs on a cluster. ``progress``, the
        label of a progress bar; none is drawn without it. Others go to `tqdm`.

    Returns
    -------
    autocorrelation, kinetic : numpy.ndarray, shape (seeds, speeds, times)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> small = Ensemble(2.0, (0.0,), points=16, length=8.0, step=0.1, duration=0.4)
    >>> run_ensemble(small, [1, 2])[0].shape
    (2, 1, 3)
    """
    instance("ensemble", ensemble, Ensemble)
    found = run_seeds(realisation, ensemble, seeds, **options)
    return tuple(np.array(part) for part in zip(*found, strict=True))


def jackknife(blocks, statistic=None):
    """Estimate and standard error by leaving out one block at a time.

    Parameters
    ----------
    blocks : array, shape (n, ...)
        Independent blocks, n >= 2.
    statistic : callable, optional
        From the mean of the blocks to an array; the mean itself if not given.

    Returns
    -------
    estimate, error : numpy.ndarray
        The bias of order 1/n of a non-linear statistic is removed.

    Raises
    ------
    ValueError
        If there are fewer than two blocks, or something is no finite number.

    Examples
    --------
    >>> value, error = jackknife(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> float(value), round(float(error), 4)  # the error of a mean, sqrt(var/n)
    (2.5, 0.6455)
    """
    blocks = array_of_shape("blocks", blocks, None)
    n = len(blocks) if blocks.ndim else 1
    if n < 2:
        refuse("blocks", "at least two", n)
    if statistic is not None:
        callback("statistic", statistic)
    total = blocks.sum(axis=0)
    apply = (lambda mean: mean) if statistic is None else statistic
    full = np.asarray(apply(total / n))
    left_out = np.array([apply((total - block) / (n - 1)) for block in blocks])
    mean = left_out.mean(axis=0)
    error = np.sqrt((n - 1) / n * np.sum((left_out - mean) ** 2, axis=0))
    return n * full - (n - 1) * mean, error


def line_fit(abscissa, ordinate):
    """Intercept and slope of the least-squares line; `ordinate` may carry leading axes.

    Examples
    --------
    >>> line_fit([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]).round(6)
    array([1., 2.])
    """
    abscissa, ordinate = (
        array_of_shape("abscissa", abscissa, (None,)),
        array_of_shape("ordinate", ordinate, None),
    )
    if len(abscissa) < 2:
        refuse("abscissa", "at least two numbers", len(abscissa))
    if ordinate.shape[-1:] != abscissa.shape:
        refuse("ordinate", f"shape (..., {len(abscissa)})", ordinate.shape)
    design = np.stack([np.ones(len(abscissa)), abscissa], axis=-1)
    return ordinate @ np.linalg.pinv(design).T
