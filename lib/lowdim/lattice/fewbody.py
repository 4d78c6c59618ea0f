r"""A few identical atoms in a few orbitals: second quantisation written out as matrices.

Annihilation operators act on the space with 0..N atoms in M orbitals,
:math:`c_i|n\rangle = \sqrt{n_i}\,|n - 1_i\rangle` (for fermions with the sign of the orbitals before i), and

.. math:: H = \sum_{ij} h_{ij}\,c^\dagger_i c_j
          + \frac12\sum_{ijkl} v_{ijkl}\,c^\dagger_i c^\dagger_j c_l c_k, \qquad
          v_{ijkl} = \int\!\!\int w^*_i(\mathbf r) w^*_j(\mathbf r')\,\Phi\,w_k(\mathbf r) w_l(\mathbf r').

Made for tests of formulas, not for size: every matrix is dense.

Source: eqs. 3-6, 11 and 12 of V. I. Yukalov, arXiv:2008.00980 (2020).
"""

import itertools
from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, integer_in, positive, refuse

__all__ = ["FockSpace", "two_body_integrals"]


@dataclass(frozen=True)
class FockSpace:
    """All states of 0..n_atoms atoms in n_orbitals orbitals.

    Parameters
    ----------
    n_orbitals, n_atoms : int
        >= 1.
    statistics : {"bose", "fermi"}

    Examples
    --------
    >>> space = FockSpace(2, 2)
    >>> a = space.annihilators
    >>> space.sector(a[0].T @ a[0], 2).diagonal().round(12).tolist()
    [0.0, 1.0, 2.0]
    """

    n_orbitals: int
    n_atoms: int
    statistics: str = "bose"

    def __post_init__(self):
        integer_in("n_orbitals", self.n_orbitals, 1)
        integer_in("n_atoms", self.n_atoms, 1)
        if self.statistics not in ("bose", "fermi"):
            refuse("statistics", "bose or fermi", self.statistics)

    @property
    def occupations(self):
        """Occupation numbers of all states, shape (states, n_orbitals), ordered by the number of atoms."""
        most = self.n_atoms if self.statistics == "bose" else 1
        every = itertools.product(range(most + 1), repeat=self.n_orbitals)
        return np.array(sorted((n for n in every if sum(n) <= self.n_atoms), key=lambda n: (sum(n), n)))

    @property
    def annihilators(self):
        """Matrices of c_i, shape (n_orbitals, states, states)."""
        states = [tuple(n) for n in self.occupations.tolist()]
        place = {n: i for i, n in enumerate(states)}
        matrices = np.zeros((self.n_orbitals, len(states), len(states)))
        for n, column in place.items():
            for i in range(self.n_orbitals):
                if n[i]:
                    lower = n[:i] + (n[i] - 1,) + n[i + 1 :]
                    sign = (-1) ** sum(n[:i]) if self.statistics == "fermi" else 1
                    matrices[i, place[lower], column] = sign * np.sqrt(n[i])
        return matrices

    def sector(self, operator, n_atoms):
        """Block of an operator, shape (states, states), between the states with `n_atoms` atoms."""
        n_states = len(self.occupations)
        operator = array_of_shape("operator", operator, (n_states, n_states))
        n_atoms = integer_in("n_atoms", n_atoms, 0, self.n_atoms)
        chosen = np.flatnonzero(self.occupations.sum(axis=1) == n_atoms)
        return operator[np.ix_(chosen, chosen)]

    def hamiltonian(self, one_body, two_body):
        """Matrix of H.

        Parameters
        ----------
        one_body : array_like, shape (M, M)
            h_ij.
        two_body : array_like, shape (M, M, M, M)
            v_ijkl.

        Returns
        -------
        ndarray, shape (states, states)

        Examples
        --------
        >>> hopping, contact = -np.array([[0, 1], [1, 0]]), np.zeros((2, 2, 2, 2))
        >>> matrix = FockSpace(2, 1).hamiltonian(hopping, contact)
        >>> np.linalg.eigvalsh(matrix).round(9).tolist()
        [-1.0, 0.0, 1.0]
        """
        m = self.n_orbitals
        one_body = array_of_shape("one_body", one_body, (m, m))
        two_body = array_of_shape("two_body", two_body, (m, m, m, m))
        c = self.annihilators
        up = c.transpose(0, 2, 1)
        matrix = np.einsum("ij,iab,jbc->ac", one_body, up, c, optimize=True)
        pairs = np.einsum("lab,kbc->klac", c, c)  # c_l c_k
        creations = np.einsum("iab,jbc->ijac", up, up)
        return matrix + 0.5 * np.einsum("ijab,ijkl,klbc->ac", creations, two_body, pairs, optimize=True)


def two_body_integrals(orbitals, kernel, step):
    """Integrals v_ijkl of real orbitals on a grid.

    Parameters
    ----------
    orbitals : array_like, shape (M, points)
        Values of the orbitals.
    kernel : array_like, shape (points, points)
        Pair potential between the points (divided by the step, on the diagonal, for contact).
    step : float
        Width of a grid cell.

    Returns
    -------
    ndarray, shape (M, M, M, M)
        v_ijkl: the first and third index at r, the second and fourth at r'.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> v = two_body_integrals(np.eye(2), [[1.0, 0.5], [0.5, 1.0]], 1.0)
    >>> float(v[0, 0, 0, 0]), float(v[0, 1, 0, 1]), float(v[0, 1, 1, 0])
    (1.0, 0.5, 0.0)
    """
    step = positive("step", step)
    orbitals = array_of_shape("orbitals", orbitals, (None, None))
    kernel = array_of_shape("kernel", kernel, (orbitals.shape[1], orbitals.shape[1]))
    products = np.einsum("ip,kp->ikp", orbitals, orbitals)
    return np.einsum("ikp,pq,jlq->ijkl", products, kernel, products, optimize=True) * step**2
