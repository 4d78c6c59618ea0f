"""The periodic square on which excitons are propagated, and the states that they start from.

Units of `lowdim.exciton.wavepacket`: hbar = M = k_B T = 1.

Diffusion from the velocity autocorrelation of the thermal ensemble rho = exp(-k^2/2)/Z,

    D(t) = int_0^t C(t') dt',   C(t) = Tr[rho v_n(t) v_n(0)] for a direction n,

needs no second state: with rho_+ = rho abs(k_n) on the half plane k_n > 0, and the potential equally probable
to its mirror image, C(t) = <abs(k_n)> <v_n(t)>_+. A random-phase vector with the weights of rho_+ samples the
whole trace at once (`directed_states`).

Source: the velocity autocorrelation of glazov2020, Fig. 1(b, c).
"""

from dataclasses import dataclass, field

import numpy as np

from lowdim._checks import callback, instance, integer_in, non_negative_array, positive, real, refuse

__all__ = ["DIRECTIONS", "Grid", "directed_states"]

DIRECTIONS = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
# exp(-k^2/2) (1 + k^2/2), the share of the thermal velocity autocorrelation beyond k, is 0.003 there
SMALLEST_CUTOFF = 4.0


@dataclass(frozen=True)
class Grid:
    """Periodic square of side `length` with `points` x `points` grid points.

    Parameters
    ----------
    points : int
        Grid points along a side, even and at least 8.
    length : float
        Side in thermal units hbar/sqrt(M k_B T).

    Raises
    ------
    ValueError
        If the largest wave number pi points/length is below 4 thermal ones: too coarse.

    Examples
    --------
    >>> grid = Grid(96, 48.0)
    >>> round(grid.cutoff, 3)
    6.283
    """

    points: int
    length: float
    wave_number: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        points = integer_in("points", self.points, 8)
        length = positive("length", self.length)
        if points % 2:
            refuse("points", "an even number", self.points)
        if np.pi * points / length < SMALLEST_CUTOFF:
            coarsest = np.pi / SMALLEST_CUTOFF
            wanted = f"length / points at most {coarsest:.4f}, to hold thermal wave vectors"
            refuse("length", wanted, length / points)
        object.__setattr__(self, "wave_number", 2 * np.pi * np.fft.fftfreq(points, length / points))

    @property
    def spacing(self):
        """Distance of neighbouring points."""
        return self.length / self.points

    @property
    def cutoff(self):
        """Largest wave number along an axis, pi/spacing."""
        return np.pi / self.spacing

    @property
    def kinetic(self):
        """Kinetic energy k^2/2 of every Fourier component, shape (points, points)."""
        k = self.wave_number
        return (k[:, None] ** 2 + k**2) / 2

    @property
    def velocity(self):
        """Velocity along an axis, shape (points,); zero at -cutoff, which stands for both signs."""
        return np.where(np.arange(self.points) == self.points // 2, 0.0, self.wave_number)


def directed_states(grid, rng, potentials=1, *, weight=None, dtype=np.complex64):
    """Random-phase states whose mean velocity samples the thermal velocity autocorrelation.

    Parameters
    ----------
    grid : Grid
    rng : numpy.random.Generator
        Source of the phases.
    potentials : int
        Number P of potentials to be met by a fresh set of states.
    weight : callable, optional
        Occupation of kinetic energy; exp(-energy) if not given.
    dtype : complex dtype

    Returns
    -------
    states : numpy.ndarray, shape (P, 4, N, N)
        Normalised Fourier amplitudes sqrt(f k_n) exp(i phase) on k_n > 0, for n = +x, -x, +y, -y.
    speed : float
        <abs(k_n)>; the autocorrelation is `speed` times the mean of v_n.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> states, speed = directed_states(Grid(64, 40.0), np.random.default_rng(1))
    >>> states.shape, round(speed, 2)  # sqrt(2/pi) = 0.80 without a grid
    ((1, 4, 64, 64), 0.8)
    """
    instance("grid", grid, Grid)
    instance("rng", rng, np.random.Generator)
    potentials = integer_in("potentials", potentials, 1)
    if not isinstance(dtype, type | np.dtype) or np.dtype(dtype).kind != "c":
        refuse("dtype", "a complex type of numpy", dtype)
    if weight is None:
        occupation = np.exp(-grid.kinetic)
    else:
        occupation = non_negative_array("weight", callback("weight", weight)(grid.kinetic))
    plane = np.stack(np.broadcast_arrays(grid.velocity[:, None], grid.velocity))
    along = np.einsum("dx,xij->dij", DIRECTIONS, plane)
    amplitude = np.sqrt(occupation * np.maximum(along, 0))
    total = np.sum(amplitude[0] ** 2)
    if not total > 0:
        refuse("weight", "a positive occupation somewhere", total)
    phase = rng.uniform(0, 2 * np.pi, (potentials, *amplitude.shape))
    states = (amplitude / np.sqrt(total) * np.exp(1j * phase)).astype(dtype)
    return states, float(2 * total / np.sum(occupation))


def check_step(step, grid):
    """Refuse a time step that is no number, 0, or couples kinetic energies of the grid as if equal."""
    if real("step", step) == 0:
        refuse("step", "a finite number other than 0", step)
    largest = grid.kinetic.max()
    if abs(step) * largest >= 2 * np.pi:
        refuse("step", f"below {2 * np.pi / largest:.4g}, 2 pi over the largest kinetic energy", step)
