r"""Occupation strings of one spin species and the operators that act on them.

A string is a set of n occupied orbitals out of M, in lexicographic order. A determinant is a pair
(up string, down string) with all up creators to the left,

.. math:: |I J\rangle = \prod_{p\in I} c^\dagger_{p\uparrow}\prod_{q\in J} c^\dagger_{q\downarrow}|0\rangle ,

so an operator on the down electrons picks up :math:`(-1)^{n_\uparrow}` when it changes their number.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb

import numpy as np
from scipy import sparse

from lowdim._checks import array_of_shape, integer_in

__all__ = ["StringSpace", "string_space"]


def string_space(n_electrons, n_orbitals):
    """Return the (cached) `StringSpace` of n electrons in M orbitals."""
    return _string_space(integer_in("n_electrons", n_electrons, 0), integer_in("n_orbitals", n_orbitals, 0))


@lru_cache(maxsize=64)
def _string_space(n_electrons, n_orbitals):
    return StringSpace(n_electrons, n_orbitals)


@dataclass(frozen=True)
class StringSpace:
    """All ways to put `n_electrons` of one spin into `n_orbitals` orbitals.

    Examples
    --------
    >>> string_space(2, 3).occupied.tolist()
    [[0, 1], [0, 2], [1, 2]]
    """

    n_electrons: int
    n_orbitals: int

    def __post_init__(self):
        integer_in("n_electrons", self.n_electrons, 0)
        integer_in("n_orbitals", self.n_orbitals, 0)

    @cached_property
    def occupied(self):
        """Occupied orbitals, zero-based, shape (size, n_electrons)."""
        rows = list(combinations(range(self.n_orbitals), self.n_electrons))
        return np.array(rows, dtype=int).reshape(len(rows), self.n_electrons)

    @property
    def size(self):
        """Number of strings."""
        return len(self.occupied)

    @cached_property
    def parity(self):
        """Reflection parity of each string, +1 or -1 (orbital n has parity (-1)**(n + 1))."""
        return 1 - 2 * ((self.occupied % 2).sum(axis=1) % 2)

    @cached_property
    def kinetic_number(self):
        """Sum of n**2 over the occupied orbitals (kinetic energy in units of pi^2 / 2 L^2)."""
        return ((self.occupied + 1) ** 2).sum(axis=1)

    @cached_property
    def creation(self):
        """Table of all nonzero ``c_p^dagger|K> = sign |I>``: integer arrays (K, p, I, sign)."""
        filled = np.zeros((self.size, self.n_orbitals), dtype=bool)
        np.put_along_axis(filled, self.occupied, True, axis=1)
        source, orbital = np.nonzero(~filled)
        image = np.sort(np.column_stack([self.occupied[source], orbital]), axis=1)
        below = (self.occupied[source] < orbital[:, None]).sum(axis=1)
        return source, orbital, self._place(image), 1 - 2 * (below % 2)

    def _place(self, strings):
        """Number of each string (sorted rows of any length) in lexicographic order."""
        length = strings.shape[1]
        # strings that come later: those that agree up to some place and have a larger orbital there
        choices = np.array(
            [[comb(m, k) for k in range(length + 1)] for m in range(self.n_orbitals)], dtype=int
        ).reshape(self.n_orbitals, length + 1)
        later = choices[self.n_orbitals - 1 - strings, length - np.arange(length)].sum(axis=1)
        return comb(self.n_orbitals, length) - 1 - later

    def creator(self, weights):
        """Sparse matrix of sum_p weights[p] c_p^dagger, from this space to the one with n + 1."""
        weights = array_of_shape("weights", weights, (self.n_orbitals,))
        source, orbital, image, sign = self.creation
        target = string_space(self.n_electrons + 1, self.n_orbitals)
        values = weights[orbital] * sign
        return sparse.csr_array((values, (image, source)), shape=(target.size, self.size))

    def one_body(self, matrices):
        """Dense matrices of sum_pq t[g, p, q] c_p^dagger c_q on this space.

        Parameters
        ----------
        matrices : ndarray, shape (G, M, M)

        Returns
        -------
        ndarray, shape (G, size, size)
        """
        matrices = array_of_shape("matrices", matrices, (None, self.n_orbitals, self.n_orbitals))
        result = np.zeros((len(matrices), self.size * self.size))
        if self.n_electrons == 0:
            return result.reshape(len(matrices), self.size, self.size)
        core = string_space(self.n_electrons - 1, self.n_orbitals)
        # every string of n - 1 electrons is reached from M - n + 1 strings; any two of those are one
        # c_p^dagger c_q apart, and distinct strings share one such core, so only the diagonal adds up
        _, orbital, image, sign = (a.reshape(core.size, -1) if a.size else a for a in core.creation)
        signs = (sign[:, :, None] * sign[:, None, :]).ravel()
        place = (image[:, :, None] * self.size + image[:, None, :]).ravel()
        left = np.broadcast_to(orbital[:, :, None], sign.shape + sign.shape[1:]).ravel()
        right = np.broadcast_to(orbital[:, None, :], sign.shape + sign.shape[1:]).ravel()
        for g, matrix in enumerate(matrices):
            result[g] = np.bincount(place, weights=matrix[left, right] * signs, minlength=result.shape[1])
        return result.reshape(len(matrices), self.size, self.size)
