r"""Many small clusters relaxed side by side, each in its own landscape of wells.

All clusters move together by FIRE, a damped dynamics with a time step and a damping of its own for each of
them; one that has come to rest (largest force below the tolerance) leaves the batch. For small clusters this
costs a tenth of relaxing one after the other. Coulomb interaction, harmonic trap, wells as in
`lowdim.wigner.disorder`, units as in `lowdim.wigner.potentials`.

Source: E. Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006), for FIRE.
"""

import numpy as np

from lowdim._checks import array_of_shape, instance, instances, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.clusters import COULOMB
from lowdim.wigner.disorder import DisorderedTrap, occupied_start, try_relax

__all__ = ["batch_energy", "batch_gradient", "relax_batch", "relax_ensemble"]

_GROW, _SHRINK, _DAMPING, _LESS = 1.1, 0.5, 0.1, 0.99
_PATIENCE, _LARGEST_STEP, _FIRST_STEP = 5, 0.3, 0.05


def _wells(r, centres, depths, widths):
    difference = r[:, :, None, :] - centres[:, None, :, :]
    square = np.einsum("bijk,bijk->bij", difference, difference)
    return difference, depths[:, None, :] * np.exp(-square / (2 * widths[:, None, :] ** 2))


def _pairs(r):
    dx = r[:, :, None, 0] - r[:, None, :, 0]
    dy = r[:, :, None, 1] - r[:, None, :, 1]
    square = dx * dx + dy * dy
    own = np.arange(r.shape[1])
    square[:, own, own] = np.inf
    return dx, dy, 1 / np.sqrt(square)


def batch_energy(r, centres, depths, widths):
    """Energies of clusters `r`, shape (B, N, 2), among wells (B, M, 2), (B, M), (B, M); shape (B,).

    Examples
    --------
    >>> none = np.empty((1, 0, 2)), np.empty((1, 0)), np.empty((1, 0))
    >>> batch_energy(np.array([[[0.5, 0.0], [-0.5, 0.0]]]), *none).tolist()
    [1.25]
    """
    r = array_of_shape("r", r, (None, None, 2))
    centres = array_of_shape("centres", centres, (len(r), None, 2))
    shape = centres.shape[:2]
    depths, widths = array_of_shape("depths", depths, shape), array_of_shape("widths", widths, shape)
    inverse = _pairs(r)[2]
    if not np.all(np.isfinite(inverse)):
        refuse("r", "distinct electrons", "two at the same place")
    trapped = 0.5 * np.sum(r * r, axis=(1, 2)) + 0.5 * np.sum(inverse, axis=(1, 2))
    return trapped - np.sum(_wells(r, centres, depths, widths)[1], axis=(1, 2))


def batch_gradient(r, centres, depths, widths):
    """Their gradients, shape (B, N, 2); the inner loop, so that what comes is not checked.

    Examples
    --------
    >>> none = np.empty((1, 0, 2)), np.empty((1, 0)), np.empty((1, 0))
    >>> batch_gradient(np.array([[[1.0, 0.0], [-1.0, 0.0]]]), *none).tolist()
    [[[0.75, 0.0], [-0.75, 0.0]]]
    """
    dx, dy, inverse = _pairs(r)
    h = inverse * inverse * inverse
    gradient = r.copy()
    gradient[:, :, 0] -= np.einsum("bij,bij->bi", h, dx)
    gradient[:, :, 1] -= np.einsum("bij,bij->bi", h, dy)
    if centres.shape[1]:
        difference, well = _wells(r, centres, depths, widths)
        gradient += np.einsum("bij,bijk->bik", well / widths[:, None, :] ** 2, difference)
    return gradient


def relax_batch(starts, centres, depths, widths, *, tolerance=1e-6, max_steps=20000):
    r"""Local minima of many clusters at once.

    Parameters
    ----------
    starts : array_like, shape (B, N, 2)
    centres : array_like, shape (B, M, 2)
        Wells of each cluster.
    depths, widths : array_like, shape (B, M)
    tolerance : float
        Largest accepted force component, > 0.
    max_steps : int
        >= 1.

    Returns
    -------
    positions : ndarray, shape (B, N, 2)
    energies : ndarray, shape (B,)
    converged : ndarray of bool, shape (B,)

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> starts = np.random.default_rng(0).normal(size=(5, 3, 2))
    >>> none = np.empty((5, 0, 2)), np.empty((5, 0)), np.empty((5, 0))
    >>> _, energies, converged = relax_batch(starts, *none)
    >>> energies.round(6).tolist(), bool(converged.all())
    ([3.120126, 3.120126, 3.120126, 3.120126, 3.120126], True)
    """
    r = array_of_shape("starts", starts, (None, None, 2)).copy()
    size = len(r)
    centres = array_of_shape("centres", centres, (size, None, 2))
    depths = array_of_shape("depths", depths, centres.shape[:2])
    widths = array_of_shape("widths", widths, centres.shape[:2])
    tolerance, max_steps = positive("tolerance", tolerance), integer_in("max_steps", max_steps, 1)
    with np.errstate(divide="ignore"):
        apart = np.all(np.isfinite(_pairs(r)[2]))
    if not apart:
        refuse("starts", "distinct electrons", "two at the same place")
    active, final = np.arange(size), r.copy()
    state = _State(r)
    for _ in range(max_steps):
        force = -batch_gradient(state.r, centres[active], depths[active], widths[active])
        moving = ~(np.max(np.abs(force), axis=(1, 2)) <= tolerance)
        if not np.all(moving):
            final[active[~moving]] = state.r[~moving]
            active, force = active[moving], force[moving]
            state.keep(moving)
            if not len(active):
                break
        state.advance(force)
    final[active] = state.r
    converged = np.ones(size, dtype=bool)
    converged[active] = False
    return final, batch_energy(final, centres, depths, widths), converged


def relax_ensemble(clean, landscapes, rng, *, starts=4, tolerance=1e-5, max_steps=3000):
    r"""The clean crystal in many disordered landscapes: local relaxation, and the lowest of several starts.

    The fast twin of `lowdim.wigner.disorder.lowest_in_disorder`.

    Parameters
    ----------
    clean : array_like, shape (N, 2)
        Equilibrium without wells.
    landscapes : sequence of DisorderedTrap
        In a harmonic trap, all with the same number of wells.
    rng : numpy.random.Generator
    starts : int
        Starts with occupied wells in each landscape, >= 0.
    tolerance, max_steps
        As for `relax_batch`. What has not come to rest by then (electrons in narrow wells force small time
        steps) is relaxed by Newton's method, one by one.

    Returns
    -------
    lowest, local : ndarray, shape (B, N, 2)
    failed : float
        Share of relaxations that did not converge; they are left out.

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If in some landscape none did.

    Examples
    --------
    >>> from lowdim.wigner.disorder import random_wells
    >>> from lowdim.wigner.potentials import Trap
    >>> rng = np.random.default_rng(0)
    >>> triangle = 3 ** (-1 / 6) * np.array([[1, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    >>> landscapes = [random_wells(Trap(2), 2, 1.0, 0.5, 0.3, rng) for _ in range(5)]
    >>> lowest, local, failed = relax_ensemble(triangle, landscapes, rng)
    >>> lowest.shape, failed
    ((5, 3, 2), 0.0)
    """
    instance("rng", rng, np.random.Generator)
    landscapes = instances("landscapes", landscapes, DisorderedTrap)
    if not landscapes or len({len(one.depths) for one in landscapes}) > 1:
        refuse("landscapes", "at least one, all with as many wells", len(landscapes))
    clean = array_of_shape("clean", clean, (None, 2))
    if not len(clean):
        refuse("clean", "at least one electron", clean.shape)
    starts = integer_in("starts", starts, 0)
    size, copies = len(landscapes), starts + 1
    wells = [
        np.repeat([getattr(w, name) for w in landscapes], copies, axis=0)
        for name in ("centres", "depths", "widths")
    ]
    begin = [
        clean + 1e-3 * rng.normal(size=clean.shape) if k == 0 else occupied_start(clean, w, rng)
        for w in landscapes
        for k in range(copies)
    ]
    positions, energies, converged = relax_batch(
        np.array(begin), *wells, tolerance=tolerance, max_steps=max_steps
    )
    for k in np.flatnonzero(~converged):
        slow = try_relax(positions[k], landscapes[k // copies], COULOMB)
        if slow is not None:
            positions[k], energies[k], converged[k] = slow.positions, slow.energy, True
    positions = positions.reshape(size, copies, *clean.shape)
    energies = np.where(converged, energies, np.inf).reshape(size, copies)
    if not np.all(np.isfinite(energies.min(axis=1))):
        raise NotConverged("relax_ensemble: in one landscape no relaxation converged")
    best = np.argmin(energies, axis=1)
    own = np.arange(size)
    return positions[own, best], positions[:, 0], float(np.mean(~converged))


class _State:
    """Positions, velocities, time steps and dampings of the clusters that still move."""

    def __init__(self, r):
        self.r, self.v = r, np.zeros_like(r)
        self.step = np.full(len(r), _FIRST_STEP)
        self.damping = np.full(len(r), _DAMPING)
        self.downhill = np.zeros(len(r), dtype=int)

    def keep(self, which):
        for name in ("r", "v", "step", "damping", "downhill"):
            setattr(self, name, getattr(self, name)[which])

    def advance(self, force):
        power = np.einsum("bij,bij->b", force, self.v)
        down = power >= 0
        self.downhill = np.where(down, self.downhill + 1, 0)
        patient = self.downhill > _PATIENCE
        self.step = np.where(patient, np.minimum(self.step * _GROW, _LARGEST_STEP), self.step)
        self.step = np.where(down, self.step, self.step * _SHRINK)
        self.damping = np.where(patient, self.damping * _LESS, np.where(down, self.damping, _DAMPING))
        speed = np.sqrt(np.einsum("bij,bij->b", self.v, self.v))
        strength = np.sqrt(np.einsum("bij,bij->b", force, force))
        mix = (self.damping * speed / strength)[:, None, None]
        self.v = np.where(down[:, None, None], (1 - self.damping)[:, None, None] * self.v + mix * force, 0.0)
        dt = self.step[:, None, None]
        self.v += dt * force
        move = dt * self.v
        longest = np.max(np.abs(move), axis=(1, 2), keepdims=True)
        self.r = self.r + move * np.minimum(1.0, 0.1 / np.maximum(longest, 1e-300))
