r"""Normal modes of a trapped cluster, and what must be true of them.

The eigenvalues of the elasticity matrix are :math:`\Omega_n^2` in units of :math:`\omega^2` (p = 2, mass and
trap frequency one). For any cluster at equilibrium:

- centre of mass: two modes with :math:`\Omega = 1`, for any interaction (p = 2);
- rotation of the whole cluster: :math:`\Omega = 0` (isotropic trap);
- breathing :math:`\mathbf q_i\propto\mathbf r_i`: :math:`\Omega = \sqrt3` for 1/r (p = 2);
- virial: p times the trap energy is the interaction energy, for 1/r and any even p;
- the trace of the matrix is :math:`\sum_n\Omega_n^2`, for Coulomb and p = 2
  :math:`2N + \sum_{i\ne j} r_{ij}^{-3}`.

Source: appendix A.2 of J. Knorzer et al., Phys. Rev. B 101, 125101 (2020); V. A. Schweigert and F. M.
Peeters, Phys. Rev. B 51, 7700 (1995).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, having, instance, refuse
from lowdim.wigner.clusters import (
    COULOMB,
    HARMONIC,
    cluster_energy,
    cluster_gradient,
    elasticity_matrix,
)

__all__ = ["NormalModes", "mode_content", "normal_modes", "virial_ratio"]

_EQUILIBRIUM = 1e-8
_NOT_FALLING = -1e-9


@dataclass(frozen=True)
class NormalModes:
    r"""Normal modes.

    Attributes
    ----------
    squares : ndarray, shape (2N,)
        :math:`\Omega_n^2`, ascending, as they come from the eigensolver.
    frequencies : ndarray, shape (2N,)
        :math:`\Omega_n`; squares that rounding made negative count as 0.
    vectors : ndarray, shape (2N, N, 2)
        Displacements of each mode, normalised.
    """

    squares: np.ndarray
    frequencies: np.ndarray
    vectors: np.ndarray


def normal_modes(positions, trap=HARMONIC, interaction=COULOMB):
    r"""All 2N modes of a cluster at equilibrium.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        In units of :math:`\ell`.
    trap : Trap
    interaction : Coulomb or Keldysh

    Returns
    -------
    NormalModes

    Raises
    ------
    ValueError
        If the positions are not those of a local minimum: forces above 1e-8, or a falling direction.

    Examples
    --------
    >>> from lowdim.wigner.clusters import relax
    >>> triangle = relax([[1.0, 0.0], [-1.0, 0.4], [0.0, -1.0]])
    >>> normal_modes(triangle.positions).frequencies[1:].round(4).tolist()
    [1.0, 1.0, 1.2247, 1.2247, 1.7321]
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    force = float(np.max(np.abs(cluster_gradient(positions, trap, interaction))))
    if force > _EQUILIBRIUM:
        refuse("positions", f"an equilibrium (forces below {_EQUILIBRIUM:.0e})", force)
    squares, vectors = np.linalg.eigh(elasticity_matrix(positions, trap, interaction))
    if squares[0] < _NOT_FALLING:
        refuse("positions", "a minimum", f"a falling direction, curvature {squares[0]:.1e}")
    n = len(squares) // 2
    return NormalModes(squares, np.sqrt(np.maximum(squares, 0.0)), vectors.T.reshape(2 * n, n, 2))


def mode_content(modes, positions):
    """How much of each mode is centre of mass, rotation and breathing.

    Parameters
    ----------
    modes : NormalModes
    positions : array_like, shape (N, 2)

    Returns
    -------
    dict of ndarray, shape (2N,)
        "centre_of_mass", "rotation", "breathing": squared overlaps, in 0..1.

    Raises
    ------
    ValueError
        If the positions are not as many as the modes' displacements.

    Examples
    --------
    >>> from lowdim.wigner.clusters import relax
    >>> pair = relax([[1.0, 0.0], [-1.0, 0.4]])
    >>> mode_content(normal_modes(pair.positions), pair.positions)["breathing"].round(6).tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    instance("modes", modes, NormalModes)
    r = array_of_shape("positions", positions, modes.vectors.shape[1:])
    n = len(r)
    flat = modes.vectors.reshape(2 * n, 2 * n)

    def overlap(pattern):
        norm = np.linalg.norm(pattern)
        return (flat @ pattern.ravel() / norm) ** 2 if norm else np.zeros(2 * n)

    ones, none = np.ones(n), np.zeros(n)
    return {
        "centre_of_mass": overlap(np.stack([ones, none], 1)) + overlap(np.stack([none, ones], 1)),
        "rotation": overlap(np.stack([-r[:, 1], r[:, 0]], 1)),
        "breathing": overlap(r),
    }


def virial_ratio(positions, trap=HARMONIC, interaction=COULOMB):
    """Interaction energy over p times the trap energy: 1 at a Coulomb equilibrium.

    Examples
    --------
    >>> from lowdim.wigner.clusters import relax
    >>> round(virial_ratio(relax([[1.0, 0.0], [-1.0, 0.4]]).positions), 9)
    1.0
    """
    having("trap", trap, "energy", "gradient", "curvature", "reach")
    having("interaction", interaction, "terms", "force_terms")
    trapped = trap.energy(positions)
    return (cluster_energy(positions, trap, interaction) - trapped) / (trap.power * trapped)
