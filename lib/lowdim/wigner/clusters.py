r"""Electrons at rest in a trap: energy, forces, elasticity matrix and local minima.

Units and sums as in `lowdim.wigner.potentials`: lengths in :math:`\ell`, energies in :math:`\kappa/\ell`,
every pair once. With :math:`\Delta = \mathbf r_i-\mathbf r_j` and h, g of the interaction,

.. math:: \nabla_i V = (x_i^{p-1}, y_i^{p-1}) - \sum_{j\ne i} h(r_{ij})\,\Delta, \qquad
          \frac{\partial^2 V}{\partial\alpha_i\,\partial\beta_j}
          = -\bigl[g\,\Delta_\alpha\Delta_\beta - h\,\delta_{\alpha\beta}\bigr]\quad(i\ne j),

and the diagonal blocks are minus the sums over the others, plus :math:`(p-1)\alpha_i^{p-2}` of the trap.

**Relaxation.** L-BFGS brings the cluster near a minimum; Newton steps with the exact elasticity matrix then
drive the largest force component below the tolerance. A rotation of the whole cluster in an isotropic trap
costs nothing and is projected out. A stationary point with a falling direction is left along it. What does
not get there raises `NotConverged`. `lowdim.wigner.minima` searches for the lowest minimum.

Sources: eqs. A1-A7 of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020); V. M. Bedanov and F. M. Peeters,
Phys. Rev. B 49, 2667 (1994).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from lowdim._checks import array_of_shape, having, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.potentials import Coulomb, Trap

__all__ = [
    "Equilibrium",
    "cluster_energy",
    "cluster_gradient",
    "elasticity_matrix",
    "relax",
    "shell_occupations",
]

HARMONIC, COULOMB = Trap(2), Coulomb()
_LARGEST_STEP = 0.3


@dataclass(frozen=True)
class Equilibrium:
    """A local minimum.

    Attributes
    ----------
    positions : ndarray, shape (N, 2)
        Sorted by the distance from the centre.
    energy : float
    residual : float
        Largest component of the gradient.
    """

    positions: np.ndarray
    energy: float
    residual: float


def _checked(positions):
    positions = array_of_shape("positions", positions, (None, 2))
    if len(positions) < 1:
        refuse("positions", "at least one electron", 0)
    return positions


def _differences(positions):
    """Return x and y differences and distances, with infinity on the diagonal."""
    dx = positions[:, 0, None] - positions[:, 0]
    dy = positions[:, 1, None] - positions[:, 1]
    distance = np.sqrt(dx * dx + dy * dy)
    np.fill_diagonal(distance, 1.0)
    if not np.all(distance > 0):
        refuse("positions", "distinct electrons", "two at the same place")
    return dx, dy, distance


def _value(positions, trap, interaction):
    """Return energy and gradient; the workhorse of the relaxation."""
    dx, dy, distance = _differences(positions)
    u, h = interaction.force_terms(distance)
    np.fill_diagonal(u, 0.0)
    np.fill_diagonal(h, 0.0)
    gradient = trap.gradient(positions)
    gradient[:, 0] -= np.einsum("ij,ij->i", h, dx)
    gradient[:, 1] -= np.einsum("ij,ij->i", h, dy)
    return trap.energy(positions) + 0.5 * float(np.sum(u)), gradient


def cluster_energy(positions, trap=HARMONIC, interaction=COULOMB):
    r"""Potential energy.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        In units of :math:`\ell`.
    trap : Trap
    interaction : Coulomb or Keldysh

    Returns
    -------
    float
        In units of :math:`\kappa/\ell`.

    Raises
    ------
    ValueError
        If the positions have the wrong shape, or two of them coincide.

    Examples
    --------
    >>> cluster_energy([[0.5, 0.0], [-0.5, 0.0]])
    1.25
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    return _value(_checked(positions), trap, interaction)[0]


def cluster_gradient(positions, trap=HARMONIC, interaction=COULOMB):
    """Gradient of `cluster_energy`, shape (N, 2); parameters and errors as there.

    Examples
    --------
    >>> cluster_gradient([[0.5, 0.0], [-0.5, 0.0]]).tolist()
    [[-0.5, 0.0], [0.5, 0.0]]
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    return _value(_checked(positions), trap, interaction)[1]


def elasticity_matrix(positions, trap=HARMONIC, interaction=COULOMB):
    """Second derivatives of `cluster_energy` (eqs. A5 and A6), shape (2N, 2N), coordinates x_1, y_1, x_2, ...

    Parameters and errors as for `cluster_energy`.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> pair = 0.25 ** (1 / 3) * np.array([[1.0, 0.0], [-1.0, 0.0]])
    >>> np.linalg.eigvalsh(elasticity_matrix(pair)).round(12).tolist()
    [0.0, 1.0, 1.0, 3.0]
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    positions = _checked(positions)
    n = len(positions)
    dx, dy, distance = _differences(positions)
    _, h, g = interaction.terms(distance)
    np.fill_diagonal(h, 0.0)
    blocks = np.empty((n, 2, n, 2))
    blocks[:, 0, :, 0] = h - g * dx * dx
    blocks[:, 1, :, 1] = h - g * dy * dy
    blocks[:, 0, :, 1] = blocks[:, 1, :, 0] = -g * dx * dy
    own = np.arange(n)
    blocks[own, :, own, :] = -np.sum(blocks, axis=2)
    blocks[own, :, own, :] += trap.curvature(positions)
    return blocks.reshape(2 * n, 2 * n)


def relax(positions, trap=HARMONIC, interaction=COULOMB, *, tolerance=1e-11, falling=1e-11, max_steps=200):
    r"""Local minimum reached from `positions`.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
    trap : Trap
    interaction : Coulomb or Keldysh
    tolerance : float
        Largest accepted component of the gradient in units of :math:`\kappa/\ell^2`, > 0.
    falling : float
        A curvature below minus this counts as a falling direction, > 0.
    max_steps : int
        Of Newton's method, >= 1.

    Returns
    -------
    Equilibrium

    Raises
    ------
    ValueError
        If an argument is out of range or two electrons coincide.
    NotConverged
        If the gradient does not fall below the tolerance.

    Examples
    --------
    >>> triangle = relax([[1.0, 0.0], [-1.0, 0.4], [0.0, -1.0]])
    >>> round(triangle.energy, 6), triangle.residual < 1e-11
    (3.120126, True)
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    positions = _checked(positions)
    tolerance, falling = positive("tolerance", tolerance), positive("falling", falling)
    max_steps = integer_in("max_steps", max_steps, 1)
    _differences(positions)

    def objective(flat):
        energy, gradient = _value(flat.reshape(-1, 2), trap, interaction)
        return energy, gradient.ravel()

    options = {"maxiter": 200 * len(positions) + 200, "maxfun": 10**6, "gtol": 1e-5, "ftol": 1e-13}
    rough = minimize(objective, positions.ravel(), jac=True, method="L-BFGS-B", options=options)
    flat, energy, gradient = _newton(rough.x, objective, trap, interaction, (tolerance, falling, max_steps))
    found = flat.reshape(-1, 2)
    order = np.argsort(np.hypot(*found.T), kind="stable")
    return Equilibrium(found[order], energy, float(np.max(np.abs(gradient))))


def _newton(flat, objective, trap, interaction, limits):
    tolerance, least, max_steps = limits
    energy, gradient = objective(flat)
    for _ in range(max_steps):
        values, vectors = np.linalg.eigh(_without_rotation(flat, trap, interaction))
        falling = values[0] < -least
        if np.max(np.abs(gradient)) <= tolerance and not falling:
            return flat, energy, gradient
        floor = 1e-12 * values[-1]
        step = -vectors @ ((gradient @ vectors) / np.maximum(np.abs(values), floor))
        if falling and np.max(np.abs(gradient)) < 1e-6:
            step = step + 0.1 * vectors[:, 0]
        step *= min(1.0, _LARGEST_STEP / np.max(np.abs(step)))
        for _ in range(40):
            new_energy, new_gradient = objective(flat + step)
            rising = new_energy > energy + 1e-13 * abs(energy)
            if not rising or np.max(np.abs(new_gradient)) < 0.5 * np.max(np.abs(gradient)):
                break
            step *= 0.5
        flat, energy, gradient = flat + step, new_energy, new_gradient
    raise NotConverged(
        f"relax: largest force {np.max(np.abs(gradient)):.1e} after {max_steps} Newton steps,"
        f" wanted {tolerance:.0e} at a minimum"
    )


def _without_rotation(flat, trap, interaction):
    """Elasticity matrix in which the free rotation of the whole cluster is made stiff."""
    positions = flat.reshape(-1, 2)
    matrix = elasticity_matrix(positions, trap, interaction)
    if trap.isotropic:
        rotation = np.stack([-positions[:, 1], positions[:, 0]], axis=1).ravel()
        square = rotation @ rotation
        if square > 0:
            matrix += np.outer(rotation, rotation) / square
    return matrix


def shell_occupations(positions):
    """Numbers of electrons on the shells of a cluster, from the inside, split at gaps in the radius.

    A gap in the sorted radii wider than 0.3 of the spacing of a uniform cluster of this size starts a new
    shell. Meaningful up to about 20 electrons, where shells are still rings.

    Parameters
    ----------
    positions : array_like, shape (N, 2)

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If the shape is wrong.

    Examples
    --------
    >>> shell_occupations([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]])
    (1, 4)
    """
    radii = np.sort(np.hypot(*_checked(positions).T))
    spacing = radii[-1] / max(np.sqrt(len(radii) / np.pi), 1.0)
    edges = np.flatnonzero(np.diff(radii) > 0.3 * spacing) + 1
    return tuple(len(part) for part in np.split(radii, edges))
