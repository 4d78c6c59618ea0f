"""Deformation potential of classical acoustic phonons on a grid, moving or frozen.

    U(r, t) = Re sum_q c_q exp(i q r - i s q t),   <abs(c_q)^2> = 2 W/L^2

with independent Gaussian c_q. Its correlator at equal times is W delta(r), and each Fourier component moves
as cos(s q t) (glazov2020, S8 and S9). Units of `wavepacket`: hbar = M = k_B T = 1. The golden rule gives the
same relaxation rate 1/tau = W at all energies, so W = 1/tau and k_B T tau/hbar is `relaxation`.

The sum holds every wave vector of the grid, or those with abs(q) <= cutoff. A state k is scattered to all
angles if the cut-off is at least 2 k; without one, scattering is isotropic at any k of the grid, but q above
the grid's own limit is folded back and moves with the frequency of a shorter one.

The imaginary part of the same sum is a second potential of the same statistics, independent of the first at
equal times: one complex transform per step serves two. They must be kept in one block of a jackknife.

Classical transport in the moving potential is known exactly: the rate out of k is 1/tau, and the velocity
along k is lost at the rate k/tau, for every k and every s (`loss_rates`). The Boltzmann equation therefore
gives C(t) = exp(-t/tau) and D = tau, moving or frozen, although the moving field heats.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft as scipy_fft

from lowdim._checks import boolean, instance, integer_in, namespace, non_negative, positive, real, refuse
from lowdim.constants import BOLTZMANN, HBAR
from lowdim.exciton.grid import Grid
from lowdim.exciton.phases import unit_phases

__all__ = ["Bath", "PhononField", "loss_rates"]


@dataclass(frozen=True)
class Bath:
    """Coupling and speed of the phonons in thermal units.

    Parameters
    ----------
    relaxation : float
        k_B T tau/hbar, positive.
    sound : float
        s/sqrt(k_B T/M); 0 is the frozen potential.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> Bath(2.0).sound
    0.0
    """

    relaxation: float
    sound: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "relaxation", positive("relaxation", self.relaxation))
        object.__setattr__(self, "sound", non_negative("sound", self.sound))

    @classmethod
    def at_temperature(cls, temperature, *, mass, sound, scattering_time):
        """Bath of a material at a temperature.

        Parameters
        ----------
        temperature : float
            In K.
        mass, sound, scattering_time : float
            M in kg, s in m/s and tau_0 of glazov2020, eq. 3, in s.

        Returns
        -------
        Bath
            relaxation M s^2 tau_0/hbar, the same at all temperatures, and sound sqrt(M s^2/(k_B T)).

        Examples
        --------
        >>> bath = Bath.at_temperature(10.0, mass=4.5547e-31, sound=4100.0, scattering_time=20e-12)
        >>> round(bath.relaxation, 2), round(bath.sound, 3)
        (1.45, 0.235)
        """
        temperature = positive("temperature", temperature)
        mass, sound = positive("mass", mass), positive("sound", sound)
        relaxation = mass * sound * sound * positive("scattering_time", scattering_time) / HBAR
        stiffness = mass * sound * sound
        return cls(float(relaxation), float(np.sqrt(stiffness / (BOLTZMANN * temperature))))


class PhononField:
    """Pairs of random potentials on a grid, made of travelling waves.

    Parameters
    ----------
    grid : Grid
    relaxation : float
        k_B T tau/hbar; the strength of the potential is its inverse.
    rng : numpy.random.Generator
    pairs : int
        Number of pairs of potentials.
    cutoff : float, optional
        Largest phonon wave number, at most the grid's; all wave vectors of the grid if not given.
    single : bool
        Single precision.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.exciton.grid import Grid
    >>> field = PhononField(Grid(64, 30.0), 2.0, np.random.default_rng(1))
    >>> field.frozen().shape, next(field.midpoints(0.1, 0.2)).shape
    ((2, 1, 64, 64), (2, 1, 64, 64))
    """

    def __init__(self, grid, relaxation, rng, *, pairs=1, cutoff=None, single=True):
        instance("grid", grid, Grid)
        instance("rng", rng, np.random.Generator)
        boolean("single", single)
        strength = 1 / positive("relaxation", relaxation)
        pairs = integer_in("pairs", pairs, 1)
        if cutoff is not None and positive("cutoff", cutoff) > grid.cutoff * (1 + 1e-12):
            refuse("cutoff", f"at most the grid's {grid.cutoff:.6g}", cutoff)
        q = np.sqrt(2 * grid.kinetic)
        shape = (pairs, grid.points, grid.points)
        # two standard normal numbers have <|c|^2> = 2; the inverse transform divides by points^2
        inside = True if cutoff is None else q <= cutoff
        amplitude = np.where(inside, np.sqrt(strength) / grid.length * grid.points**2, 0.0)
        waves = amplitude * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
        self._frequency = q  # times the speed of sound
        self._waves = waves.astype(np.complex64 if single else np.complex128)

    def frozen(self, xp=np):
        """Potential at t = 0, shape (2 pairs, 1, N, N)."""
        namespace("xp", xp)
        return self._potential(xp.asarray(self._waves), xp)

    def midpoints(self, sound, step, xp=np, start=0.0):
        """Iterate over the potential at start + step/2, start + 3 step/2, ..., shape (2 pairs, 1, N, N)."""
        namespace("xp", xp)
        step, start = real("step", step), real("start", start)
        sound = non_negative("sound", sound)

        def turn(time):
            return xp.asarray(np.exp(-1j * sound * time * self._frequency).astype(self._waves.dtype))

        return _Midpoints(xp.asarray(self._waves) * turn(start + step / 2), turn(step), xp)

    @staticmethod
    def _potential(waves, xp):
        both = scipy_fft.ifft2(waves, workers=1) if xp is np else xp.fft.ifft2(waves)
        stacked = xp.stack([both.real, both.imag])
        return stacked.reshape(-1, 1, *both.shape[-2:])


class _Midpoints:
    """Iterator over the moving potential; `phases` gives exp(i scale U) in place of U."""

    def __init__(self, waves, advance, xp):
        self._waves, self._advance, self._xp = waves, advance, xp
        self._space = np.empty_like(waves) if xp is np else None

    def __iter__(self):
        return self

    def __next__(self):
        potential = PhononField._potential(self._waves, self._xp)
        self._waves *= self._advance
        return potential

    def phases(self, scale, out):
        """Fill `out`, shape (2 pairs, 1, N, N), for the next time; numpy only."""
        np.copyto(self._space, self._waves)
        both = scipy_fft.ifft2(self._space, overwrite_x=True, workers=1)
        self._waves *= self._advance
        for pair, field in enumerate(both):
            unit_phases(field.real, out[pair], scale)
            unit_phases(field.imag, out[len(both) + pair], scale)


def loss_rates(wave_number, sound, relaxation, order=400):
    """Golden-rule rates in the moving potential: out of k, and of the velocity along k divided by k.

    The quadrature over phonons is Gauss-Chebyshev in the cosine of the angle between k and q: with both signs
    of the phonon energy, k cos(alpha) = -q/2 +- s.

    Parameters
    ----------
    wave_number : float
        k > 0.
    sound, relaxation : float
        As in `Bath`.

    Returns
    -------
    out, velocity : float
        Both 1/relaxation, whatever k and s.

    Examples
    --------
    >>> np.round(loss_rates(1.0, 0.3, 2.0), 4)
    array([0.5, 0.5])
    """
    k, s = positive("wave_number", wave_number), non_negative("sound", sound)
    tau = positive("relaxation", relaxation)
    order = integer_in("order", order, 4)
    angle = (np.arange(order) + 0.5) * np.pi / order
    out = loss = 0.0
    for sign in (1.0, -1.0):
        q = 2 * (k * np.cos(angle) + sign * s)  # cos(alpha) = -cos(angle)
        weight = np.where(q > 0, 1.0, 0.0) / order
        out += weight.sum() / tau
        loss += (weight * q * np.cos(angle)).sum() / (k * tau)
    return out, loss
