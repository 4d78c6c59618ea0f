r"""Coupled dipoles on the sites of a parallelogram of a lattice, by fast Fourier transform.

The equations of `dipoles`. On a lattice the coupling of two sites depends on their distance alone, so that
the product of the coupling matrix with a vector is a convolution, n log n instead of n^2 operations, on twice
the sites along each primitive vector. Many incident fields, and many polarizabilities, are solved in one
block by IDR(s) in the exciting fields (`krylov`); memory is of the order of the number of sites.

The preconditioner is the exact answer of a periodic array twice as long and wide, whose coupling is faded out
from half the patch on, and whose dipoles have a little more loss than those of the patch: in units of the
linewidth :math:`\max(0.01, 0.04/k^2A)`, A being the area of a cell. The loss keeps guided waves, which do not
radiate, from going around the torus. What is left to the iterations is the rim of the patch, so that larger
patches hardly need more steps down to a residual of about 1e-6. (T. Chan's circulant, the nearest periodic
coupling, has no such inside: its steps grow with the length of the patch.) Sites may be empty or differ; the
preconditioner then takes the mean, which helps little if they differ at random near resonance: such a system,
if it does not converge, is one for `dipoles`.

**The tolerance.** With a residual r the moments err by :math:`\alpha A^{-1}r`. Near a collective resonance,
and where guided waves are in resonance with the light, A is nearly singular, and moments may err a thousand
times more than the residual says. Powers do not. The coupling is symmetric, so that the extinction
:math:`k\,\mathrm{Im}\sum E^*\cdot q` errs by :math:`k\,\mathrm{Im}\sum\tilde q\cdot r`, with the moments
:math:`\tilde q` that the conjugate field would drive: first order in the residual, without the inverse. The
energy balance is violated by :math:`k\,\mathrm{Im}\sum r^*\cdot q`, a number of that size, which is looked
at: where it exceeds `closure`, the tolerance is lowered and the iterations go on. What is usually asked for
is T, a power. So the default tolerance is 1e-6: in beams on 40 x 40 and 100 x 100 sites, a = 0.1, 0.2 and
0.45 wavelengths, T is right to 1e-7 and better, and the moments to 1.2e-4 of the largest. With 1e-8 they are
right to 4e-6. Who wants digits of the moments lowers the tolerance.

In dense arrays the residual below 1e-6 is that of guided waves in resonance, and their number grows with the
length of the patch. At a = 0.1 wavelengths and zero detuning, in a beam one wavelength wide and tilted by 45
degrees, a tolerance of 1e-8 takes 289 steps for 100 x 100 sites and 527 for 200 x 200; a million sites did
not get there in 11 minutes. A residual of 1e-6 takes between 110 and 340 steps for 40 to 1000 sites along an
edge, without a trend: 131 for 200, 159 for 400, 238 for 1000 (85 s, 1.6 GB). There the energy is mostly
balanced; where it is not, as for 100 and 200 sites along an edge, two to three times as many steps are taken.

Sources: M. B. van Gijzen and P. Sonneveld, ACM Trans. Math. Software 38, 5 (2011), for IDR(s); R. H. Chan and
M. K. Ng, SIAM Review 38, 427 (1996), for convolutions and their preconditioners.
"""

import numpy as np
from scipy import fft as scipy_fft

from lowdim._checks import complex_array, integer_in, namespace, positive, refuse
from lowdim.optics.dipoles import balance, closed, transition_basis
from lowdim.optics.green import dyadic_green
from lowdim.optics.krylov import solve_block, to_numpy
from lowdim.optics.patches import centred_sites, independent_vectors

__all__ = ["solve_regular"]

CHUNK = 1 << 17  # distances treated at a time
SHADOW_MEMORY = 1 << 25  # numbers in the two sets of vectors of a block
TIGHTEST = 1e-13


def solve_regular(primitive, polarizability, incident, k, *, tolerance=1e-6, steps=4000, closure=1e-8, xp=np):
    r"""Solve the coupled-dipole equations on a regular patch.

    Parameters
    ----------
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors. Site (i, j) is at i, j times them, the patch being centred at the
        origin of the plane z = 0, like the sites of `patches.parallelogram`.
    polarizability : array_like of complex, shape (3, 3), (rows, columns, 3, 3) or (..., 1, 1, 3, 3)
        In length^3, of all sites, of each, or of each field; zero where there is no dipole. Leading axes are
        broadcast against those of `incident`: an axis of detunings and one of azimuths give all pairs.
    incident : array_like of complex, shape (..., rows, columns, 3)
        Incident field at the sites; leading axes are further incident fields.
    k : float
        Wave number, > 0.
    tolerance : float
        Residual over the incident field at which the iterations stop, if the energy balance is met; moments
        need a lower one than powers, see the top of the module.
    steps : int
        Products with the coupling matrix, at most, for each field.
    closure : float
        Largest violation of the energy balance, as a fraction of the extinction.
    xp : module
        Array namespace in which to iterate: numpy, torch, cupy.

    Returns
    -------
    ScatteredLight
        With positions of shape (rows * columns, 3); empty sites have no moment.

    Raises
    ------
    ValueError
        If a shape is wrong or a number is not finite.
    NotConverged
        If the iterations do not reach `tolerance`, or energy is not conserved to `closure`.

    Notes
    -----
    Memory is about 900 bytes per site and field for one transition dipole, less per field if there are many.

    Examples
    --------
    >>> from lowdim.optics.array import CIRCULAR
    >>> from lowdim.optics.dipoles import polarizability
    >>> k = 2 * np.pi
    >>> light = solve_regular(0.7 * np.eye(2), polarizability(0, k), np.ones((9, 9, 1)) * CIRCULAR, k)
    >>> bool(np.isclose(light.extinction, light.scattering))
    True
    """
    namespace("xp", xp)
    closure = positive("closure", closure)
    k, primitive = positive("k", k), independent_vectors(primitive)
    tolerance, steps = positive("tolerance", tolerance), integer_in("steps", steps, 1)
    field = complex_array("incident", incident, None)
    if field.ndim < 3 or field.shape[-1] != 3 or not field.size:
        refuse("incident", "shape (..., rows, columns, 3)", field.shape)
    shape = field.shape[-3:-1]
    alpha = _tensors(polarizability, shape)
    try:
        lead = np.broadcast_shapes(field.shape[:-3], alpha.shape[:-4])
    except ValueError:
        refuse("polarizability", f"leading axes that broadcast with incident {field.shape}", alpha.shape)
    basis = transition_basis(alpha)
    field = np.broadcast_to(field, (*lead, *field.shape[-3:])).reshape(-1, *field.shape[-3:])
    alpha = np.broadcast_to(alpha, (*lead, *alpha.shape[-4:])).reshape(-1, *alpha.shape[-4:])
    shadow = int(np.clip(SHADOW_MEMORY // field[..., 0].size // 2, 4, 16))
    patch = _Patch(primitive, shape, k, basis, basis.conj().T @ alpha @ basis, xp)
    drive = patch.arrange(field @ basis.conj())
    exciting, todo = drive * 0, np.arange(len(field))
    while True:
        exciting = _solved(patch, drive, exciting, todo, tolerance, steps, shadow)
        moments = patch.local_times(exciting)
        flat = [patch.by_site(a) for a in (drive, exciting, moments, patch.radiated(moments))]
        todo = np.flatnonzero(~(balance(*flat, k)[-1] <= closure))
        if tolerance <= TIGHTEST or not len(todo):
            break
        tolerance = max(tolerance / 10, TIGHTEST)
    return closed(centred_sites(primitive, shape), basis, field.reshape(*lead, -1, 3), *flat[1:], k, closure)


def _solved(patch, drive, exciting, todo, tolerance, steps, shadow):
    """Exciting fields, those of the systems `todo` solved anew from what they are."""
    where = patch.xp.asarray(todo)
    exciting[where] = solve_block(
        lambda vectors, systems: patch.act(vectors, todo[systems]),
        lambda vectors, systems: patch.precondition(vectors, todo[systems]),
        drive[where], tolerance=tolerance, steps=steps, shadow=shadow, start=exciting[where], xp=patch.xp,
    )  # fmt: skip
    return exciting


def _tensors(value, shape):
    """Polarizabilities with axes (..., rows or 1, columns or 1, 3, 3)."""
    alpha = complex_array("polarizability", value, None)
    if alpha.shape == (3, 3):
        alpha = alpha[None, None]
    wanted = {shape, (1, 1)}
    if alpha.ndim < 4 or alpha.shape[-2:] != (3, 3) or alpha.shape[-4:-2] not in wanted:
        expected = f"(3, 3), {(*shape, 3, 3)} or (..., 1, 1, 3, 3)"
        refuse("polarizability", f"shape {expected}", alpha.shape)
    if not np.any(alpha):
        refuse("polarizability", "a tensor that does not vanish everywhere", 0)
    return alpha


class _Patch:
    """Products with the coupling of a patch, in vectors (m, r * rows * columns)."""

    def __init__(self, primitive, shape, k, basis, local, xp):
        self.primitive, self.shape, self.rank, self.xp = primitive, shape, basis.shape[1], xp
        self.fft, self.ifft = (scipy_fft.fft, scipy_fft.ifft) if xp is np else (xp.fft.fft, xp.fft.ifft)
        self.double = tuple(scipy_fft.next_fast_len(2 * n) for n in shape)
        kernel = k**2 * _kernel(primitive, shape, self.double, k, basis)
        self.coupling = self._to_device(scipy_fft.fft2(kernel))
        adjoint = kernel.conj().swapaxes(0, 1)  # G is even in the distance
        self.radiative = self._to_device(scipy_fft.fft2((kernel - adjoint) / 2j))
        occupied = np.any(local, axis=(3, 4))
        self.occupied = None if np.all(occupied) else xp.asarray(occupied[:, None].astype(float))
        mean = local.sum(axis=(1, 2)) / occupied.sum(axis=(1, 2))[:, None, None]
        self.local = xp.asarray(np.ascontiguousarray(local.transpose(0, 3, 4, 1, 2)))
        self.inverse = self._inverse(kernel, mean, k, abs(np.linalg.det(primitive)))

    def _to_device(self, array):
        return self.xp.asarray(np.ascontiguousarray(array))

    def _inverse(self, kernel, mean, k, area):
        """Answer of the periodic array with faded coupling and a little loss: (F or 1, r, r, ...)."""
        fades = [_fade(n, double) for n, double in zip(self.shape, self.double, strict=True)]
        symbol = scipy_fft.fft2(kernel * np.outer(*fades)).transpose(2, 3, 0, 1)
        loss = max(0.01, 0.04 / (k**2 * area)) * k**3 / (6 * np.pi)
        unit = np.eye(self.rank)
        if np.all(mean == mean[0]):
            mean = mean[:1]
        lossy = mean @ np.linalg.inv(unit - 1j * loss * mean)
        inverse = np.linalg.inv(unit - symbol @ lossy[:, None, None])
        return self._to_device(inverse.transpose(0, 3, 4, 1, 2))

    def arrange(self, values):
        """(F, rows, columns, r) in host memory as vectors."""
        vectors = self.xp.asarray(np.ascontiguousarray(values.transpose(0, 3, 1, 2)))
        occupied = 1 if self.occupied is None else self.occupied
        return (vectors * occupied).reshape(len(values), -1)

    def by_site(self, vectors):
        """Vectors as (F, rows * columns, r) in host memory."""
        return to_numpy(vectors).reshape(len(vectors), self.rank, -1).swapaxes(1, 2)

    def _grid(self, vectors):
        return vectors.reshape(len(vectors), self.rank, *self.shape)

    def _of(self, array, systems):
        """What belongs to some systems; one for all is kept as it is."""
        if array is None or len(array) == 1 or isinstance(systems, slice):
            return array
        return array[self.xp.asarray(systems)]

    def _times(self, tensors, grid):
        """Tensors (F or 1, r, r, ...) times the components of a grid (F, r, ...)."""
        if self.rank == 1:
            return tensors[:, 0] * grid
        rows = [sum(tensors[:, a, b] * grid[:, b] for b in range(self.rank)) for a in range(self.rank)]
        return self.xp.stack(rows, 1)

    def _convolve(self, symbol, grid):
        """The rows that are zero are left out of the transforms."""
        spectrum = self.fft(self.fft(grid, self.double[1], -1), self.double[0], -2)
        spectrum = self.ifft(self._times(symbol, spectrum), None, -2)[..., : self.shape[0], :]
        return self.ifft(spectrum, None, -1)[..., : self.shape[1]]

    def local_times(self, vectors, systems=slice(None)):
        """Dipole moments for exciting fields."""
        return self._times(self._of(self.local, systems), self._grid(vectors)).reshape(len(vectors), -1)

    def radiated(self, moments):
        return self._convolve(self.radiative[None], self._grid(moments)).reshape(len(moments), -1)

    def act(self, vectors, systems):
        field = self._convolve(self.coupling[None], self._grid(self.local_times(vectors, systems)))
        if self.occupied is not None:
            field = field * self._of(self.occupied, systems)
        return vectors - field.reshape(len(vectors), -1)

    def precondition(self, vectors, systems):
        grid = self._convolve(self._of(self.inverse, systems), self._grid(vectors))
        if self.occupied is not None:
            grid = grid * self._of(self.occupied, systems)
        return grid.reshape(len(vectors), -1)


def _kernel(primitive, shape, double, k, basis):
    """Green's tensor in the span of `basis` at all differences of sites, shape (r, r, *double)."""
    rank = basis.shape[1]
    index = [np.rint(scipy_fft.fftfreq(m, 1 / m)).astype(int) for m in double]
    kernel = np.zeros((rank, rank, *double), dtype=complex)
    columns = np.flatnonzero(np.abs(index[1]) < shape[1])
    rows = np.flatnonzero(np.abs(index[0]) < shape[0])
    step = max(1, CHUNK // len(columns))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        steps = np.stack(np.meshgrid(index[0][some], index[1][columns], indexing="ij"), axis=-1)
        apart = np.pad(steps @ primitive, ((0, 0), (0, 0), (0, 1)))
        own = np.all(steps == 0, axis=-1)
        apart[own] = 1.0  # replaced by zero below
        green = basis.conj().T @ dyadic_green(apart, k) @ basis
        green[own] = 0
        kernel[:, :, some[:, None], columns] = green.transpose(2, 3, 0, 1)
    return kernel


def _fade(sites, double):
    """One up to half the patch, falling to zero at its whole length."""
    far = np.abs(scipy_fft.fftfreq(double, 1 / double)) / sites
    return np.where(far < 0.5, 1.0, np.where(far < 1, np.cos(np.pi * (far - 0.5)) ** 2, 0.0))
