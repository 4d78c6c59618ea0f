"""What all ensembles in the field of phonons share: speeds of sound, time steps, records, and seeds."""

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._checks import (
    array_of_shape,
    boolean,
    integer_in,
    non_negative_array,
    positive,
    random_generator,
    refuse,
)
from lowdim.exciton.grid import check_step
from lowdim.exciton.phononfield import Bath

__all__ = []


class Schedule:
    """Part of the settings that have `relaxation`, `sounds`, `step`, `every`, `duration` and `grid`."""

    def check_schedule(self, fewest):
        """Refuse settings that are no schedule of at least `fewest` records after the start."""
        Bath(self.relaxation)
        boolean("single", self.single)
        speeds("sounds", self.sounds)
        check_step(self.step, self.grid)
        positive("step", self.step)
        shortest = fewest * integer_in("every", self.every, 1) * self.step
        if positive("duration", self.duration) < shortest:
            refuse("duration", f"at least {fewest} record(s), {shortest:g}", self.duration)

    @property
    def steps(self):
        """Number of steps, a multiple of `every`."""
        return self.every * round(self.duration / (self.step * self.every))

    @property
    def time(self):
        """Times of the records."""
        return self.step * self.every * np.arange(self.steps // self.every + 1)

    def potentials(self, phonons, xp):
        """The same field at every speed of sound in turn, frozen or as an iterator over its midpoints."""
        for sound in self.sounds:
            yield phonons.midpoints(sound, self.step, xp) if sound else phonons.frozen(xp)

    def stepping(self, xp):
        """Options of `wavepacket.evolve` and `wavepacket.propagate`."""
        return {"step": self.step, "steps": self.steps, "every": self.every, "xp": xp}


def speeds(name, value):
    """Speeds of sound as an array of at least one number >= 0."""
    array = array_of_shape(name, non_negative_array(name, value), (None,))
    if not len(array):
        refuse(name, "at least one speed", value)
    return array


def seed_list(seeds):
    """Seeds as a list, at least one of them, each of which numpy accepts."""
    if not np.iterable(seeds) or isinstance(seeds, str):
        refuse("seeds", "a sequence of seeds", seeds)
    seeds = list(seeds)
    if not seeds:
        refuse("seeds", "at least one", seeds)
    for seed in seeds:
        random_generator("seeds", seed)
    return seeds


def run_seeds(one, settings, seeds, *, n_jobs=None, progress=None, **options):
    """List of one(settings, seed) through joblib, with a progress bar if it has a label."""
    bar = tqdm(seed_list(seeds), desc=progress, disable=progress is None, **options)
    return Parallel(n_jobs=n_jobs)(delayed(one)(settings, seed) for seed in bar)
