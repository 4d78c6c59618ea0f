r"""Two electrons on a chain of atoms whose spins are locked to two valleys: which exchange do they feel?

Spin :math:`s=\pm1` has its band minimum at :math:`+sK`. With atoms a distance d apart and
:math:`q = k - sK`,

.. math:: E_s(k) = \frac{\hbar^2}{m d^2}(1-\cos qd) + s\,\gamma\,(2\sin qd-\sin 2qd),

so that both valleys have the mass m and opposite cubic terms :math:`s\gamma (qd)^3` (the warping of the
valleys, mirrored by time reversal). Nothing is assumed about envelopes or exchange integrals: the atoms carry
the full Bloch phases :math:`e^{\pm iKx}`, the two electrons share a potential with two wells and repel each
other, and the interaction sees only where they are.

For two electrons in two wells the lowest levels are those of
:math:`E_0 + J_z\sigma^z\sigma^z + J_\perp(\sigma^x\sigma^x+\sigma^y\sigma^y)`: parallel spins have one level
at :math:`E_0+J_z`, antiparallel ones two at :math:`E_0-J_z\pm2J_\perp`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh

from lowdim._checks import array_of_shape, positive, refuse

__all__ = ["ValleyExchange", "valley_exchange"]


@dataclass(frozen=True)
class ValleyExchange:
    r"""Lowest levels of two electrons, in the unit of the potential.

    Attributes
    ----------
    parallel : float
        Lowest level of two equal spins.
    antiparallel : tuple of float
        Two lowest levels of opposite spins.
    """

    parallel: float
    antiparallel: tuple

    @property
    def longitudinal(self):
        r""":math:`J_z`."""
        return 0.5 * (self.parallel - 0.5 * sum(self.antiparallel))

    @property
    def transverse(self):
        r""":math:`|J_\perp|`."""
        return 0.25 * (self.antiparallel[1] - self.antiparallel[0])


def valley_exchange(potential, repulsion, hopping, *, valley_phase=2 * np.pi / 3, warping=0.0):
    r"""Exchange of two electrons on a chain, by exact diagonalisation.

    Parameters
    ----------
    potential : array_like
        On the n >= 8 atoms, shape (n,).
    repulsion : array_like
        Interaction at 0, 1, ..., n - 1 atoms' distance, shape (n,).
    hopping : float
        :math:`\hbar^2/2md^2`, > 0.
    valley_phase : float
        :math:`Kd`.
    warping : float
        :math:`\gamma`, in the unit of the potential.

    Returns
    -------
    ValleyExchange

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> x = np.linspace(-1.5, 1.5, 31)
    >>> found = valley_exchange(6 * (x**2 - 1) ** 2, 2 / np.hypot(0.3, 0.1 * np.arange(31)), 40.0)
    >>> found.longitudinal > 0, bool(np.isclose(found.longitudinal, found.transverse, rtol=1e-6))
    (True, True)
    """
    potential = array_of_shape("potential", potential, (None,))
    n = len(potential)
    if n < 8:
        refuse("potential", "at least 8 atoms", n)
    repulsion = array_of_shape("repulsion", repulsion, (n,))
    hopping = positive("hopping", hopping)
    phase, warping = (
        float(array_of_shape(name, value, ()))
        for name, value in (("valley_phase", valley_phase), ("warping", warping))
    )
    up, down = (_band(n, hopping, spin * phase, spin * warping) for spin in (1, -1))
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    both = sparse.diags_array((potential[:, None] + potential + repulsion[distance]).ravel())
    one = sparse.eye_array(n)
    opposite = sparse.kron(up, one) + sparse.kron(one, down) + both
    first, second = np.triu_indices(n, 1)
    # columns: normalised antisymmetric pairs
    pairs = sparse.coo_array(
        (
            np.repeat([1.0, -1.0], len(first)) / np.sqrt(2),
            (np.concatenate([first * n + second, second * n + first]), np.tile(np.arange(len(first)), 2)),
        ),
        shape=(n * n, len(first)),
    ).tocsc()
    equal = pairs.T @ (sparse.kron(up, one) + sparse.kron(one, up) + both) @ pairs
    floor = 2 * potential.min() + repulsion.min() - 8 * abs(warping) - 1e-3 * hopping
    return ValleyExchange(_lowest(equal, 1, floor)[0], tuple(_lowest(opposite, 2, floor)))


def _band(n, hopping, phase, warping):
    """Hopping matrix of one spin; open ends."""
    steps = {1: -hopping + 1j * warping, 2: -0.5j * warping}
    matrix = sparse.diags_array(np.full(n, 2.0 * hopping))
    for r, amplitude in steps.items():
        forward = sparse.diags_array(np.full(n - r, amplitude * np.exp(1j * r * phase)), offsets=-r)
        matrix = matrix + forward + forward.conj().T
    return matrix


def _lowest(matrix, count, floor):
    start = np.ones(matrix.shape[0], dtype=complex)
    found = eigsh(matrix.tocsc(), count, sigma=floor, v0=start, tol=1e-13, ncv=24, return_eigenvectors=False)
    return np.sort(found).tolist()
