r"""The dot Hamiltonian on determinants of fixed S_z and reflection parity, never stored as a matrix.

With the factorised interaction :math:`(pq|rs) = \sum_g B^g_{pq} B^g_{rs}` of `lowdim.dot.interaction`
(the table :math:`C_{kl}` is positive definite, its square root gives the :math:`B^g`), the Hamiltonian

.. math:: H = \sum_{n\sigma}\epsilon_n c^\dagger_{n\sigma}c_{n\sigma} + \frac12\sum_{pqrs}\sum_{\sigma\sigma'}
          (pq|rs)\,c^\dagger_{p\sigma}c^\dagger_{r\sigma'}c_{s\sigma'}c_{q\sigma}

acts on the coefficients :math:`\psi_{IJ}` of (up string, down string) as a sum of matrix products,

.. math:: H\psi = h_\uparrow\psi + \psi h_\downarrow^T + \sum_g D^g_\uparrow\,\psi\,D_\downarrow^{g\,T},
          \qquad D^g_\sigma = \sum_{pq} B^g_{pq}\,c^\dagger_{p\sigma}c_{q\sigma},

where :math:`h_\sigma` holds the kinetic energy and the interaction within one spin species. The half in
the pair sum is the one that eq. 1 of K. Jauregui et al., Phys. Rev. B 53, R1713 (1996) leaves out.
Every :math:`D^g` has a parity, so in a sector of given parity only half of the blocks appear.
"""

import numpy as np

from lowdim.dot.fock import string_space
from lowdim.dot.interaction import cosine_integrals, pair_densities

__all__ = ["SectorHamiltonian", "interaction_factors"]


def interaction_factors(n_orbitals, length, softening):
    """Factors B with (pq|rs) = sum_g B[g, p, q] B[g, r, s], and the parity (+1, -1) of each.

    Returns
    -------
    factors : ndarray, shape (2M + 1, M, M)
    parity : ndarray of int, shape (2M + 1,)

    Examples
    --------
    >>> from lowdim.dot.interaction import coulomb_integrals
    >>> b, _ = interaction_factors(4, 9.5, 0.02)
    >>> bool(np.allclose(np.einsum("gpq,grs->pqrs", b, b), coulomb_integrals(4, 9.5, 0.02), atol=1e-13))
    True
    """
    table = cosine_integrals(2 * n_orbitals, softening) / length
    pairs = pair_densities(n_orbitals)
    factors, parity = [], []
    for start, sign in ((0, 1), (1, -1)):
        values, vectors = np.linalg.eigh(table[start::2, start::2])
        # a smooth interaction (large softening) has eigenvalues below the rounding error, of either sign
        root = np.sqrt(np.maximum(values, 0.0))
        factors.append(np.einsum("kg,kab->gab", vectors * root, pairs[start::2]))
        parity += [sign] * len(values)
    return np.concatenate(factors), np.array(parity)


class SectorHamiltonian:
    """H in the space of `n_up`, `n_down` electrons and one reflection parity.

    Vectors are flat arrays: the block with even up strings, then the block with odd ones.

    Parameters
    ----------
    dot : QuantumDot
    n_up, n_down : int
    parity : int
        +1 or -1.
    """

    def __init__(self, dot, n_up, n_down, parity):
        self.up = string_space(n_up, dot.n_orbitals)
        self.down = string_space(n_down, dot.n_orbitals)
        self._rows = [np.flatnonzero(self.up.parity == p) for p in (1, -1)]
        self._columns = [np.flatnonzero(self.down.parity == p * parity) for p in (1, -1)]
        self._shapes = [(len(r), len(c)) for r, c in zip(self._rows, self._columns, strict=True)]
        self._split = self._shapes[0][0] * self._shapes[0][1]
        self.size = self._split + self._shapes[1][0] * self._shapes[1][1]
        self._assemble(dot)

    def _assemble(self, dot):
        factors, parity = interaction_factors(dot.n_orbitals, dot.length, dot.softening)
        up, self_up = _species(self.up, dot, factors)
        down, self_down = (up, self_up) if self.down is self.up else _species(self.down, dot, factors)
        even, odd = (np.flatnonzero(parity == p) for p in (1, -1))
        one_up, one_down = np.eye(self.up.size)[None], np.eye(self.down.size)[None]
        # the one-species parts are two more even factors
        even_up = np.concatenate([up[even], self_up[None], one_up])
        even_down = np.concatenate([down[even], one_down, self_down[None]])
        self._terms = {}
        for a in (0, 1):
            for b in (0, 1):
                left, right = (even_up, even_down) if a == b else (up[odd], down[odd])
                left = left[:, self._rows[a][:, None], self._rows[b]]
                right = right[:, self._columns[a][:, None], self._columns[b]]
                stacked = left.transpose(1, 0, 2).reshape(left.shape[1], left.shape[0] * left.shape[2])
                turned = np.ascontiguousarray(right.transpose(0, 2, 1))
                self._terms[a, b] = np.ascontiguousarray(stacked), turned

    def apply(self, rows):
        """H times each row of an array of shape (b, size)."""
        blocks = self._blocks(rows)
        result = np.zeros_like(rows)
        for a, target in enumerate(self._blocks(result)):
            for b, block in enumerate(blocks):
                if block.size and target.size:
                    left, right = self._terms[a, b]
                    inner = np.matmul(block[:, None], right).reshape(len(rows), left.shape[1], -1)
                    target += np.matmul(left, inner)
        return result

    def _blocks(self, rows):
        parts = rows[:, : self._split], rows[:, self._split :]
        return [p.reshape(len(rows), *shape) for p, shape in zip(parts, self._shapes, strict=True)]

    def diagonal(self):
        """Diagonal of H, shape (size,)."""
        parts = []
        for a in (0, 1):
            left, right = self._terms[a, a]
            left = left.reshape(len(left), len(right), len(left))
            own = np.einsum("igi->gi", left)
            parts.append((own.T @ np.einsum("gjj->gj", right)).ravel())
        return np.concatenate(parts)

    def kinetic_number(self):
        """Sum of n**2 over all electrons of each determinant, shape (size,)."""
        parts = [
            np.add.outer(self.up.kinetic_number[r], self.down.kinetic_number[c]).ravel()
            for r, c in zip(self._rows, self._columns, strict=True)
        ]
        return np.concatenate(parts)

    def submatrix(self, chosen):
        """H between the determinants numbered `chosen` (sorted), dense."""
        result = np.empty((len(chosen), len(chosen)))
        cut = np.searchsorted(chosen, self._split)
        spans = [(chosen[:cut], slice(0, cut)), (chosen[cut:] - self._split, slice(cut, None))]
        for a, (rows, here) in enumerate(spans):
            for b, (columns, there) in enumerate(spans):
                left, right = self._terms[a, b]
                left = left.reshape(len(left), len(right), left.shape[1] // len(right))
                i, j = np.divmod(rows, max(1, self._shapes[a][1]))
                k, m = np.divmod(columns, max(1, self._shapes[b][1]))
                block = np.zeros((len(i), len(k)))
                for g in range(len(right)):
                    block += left[i[:, None], g, k] * right[g, m, j[:, None]]
                result[here, there] = block
        return result

    def dense(self):
        """The whole matrix (size, size); for small sectors and tests."""
        return self.apply(np.eye(self.size))

    def unpack(self, rows):
        """Coefficients on (up string, down string), shape (b, up.size, down.size)."""
        full = np.zeros((len(rows), self.up.size, self.down.size))
        for r, c, block in zip(self._rows, self._columns, self._blocks(rows), strict=True):
            full[:, r[:, None], c] = block
        return full


def _species(space, dot, factors):
    """D^g on the strings of one spin species, and its kinetic energy plus inner interaction."""
    density = space.one_body(factors)
    # D^g D^g is not normal ordered: the contraction it contains is taken back here
    contraction = np.diag(dot.orbital_energies) - 0.5 * np.einsum("gpq,gqs->ps", factors, factors)
    own = space.one_body(contraction[None])[0]
    stacked = density.reshape(len(density) * space.size, space.size)
    own += 0.5 * stacked.T @ stacked
    return density, own
