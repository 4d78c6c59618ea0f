r"""The dot Hamiltonian in a sector of fixed S_z, reflection and spin flip, never stored as a matrix.

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

At :math:`S_z = 0` turning all spins over exchanges the two strings, :math:`\psi\to\pm\psi^T`, and the sign is
:math:`(-1)^S`: the closed shell is symmetric and a singlet. Half of the coefficients are then enough.
"""

from functools import cached_property

import numpy as np

from lowdim._checks import integer_in, positive, refuse
from lowdim.dot.fock import string_space
from lowdim.dot.interaction import cosine_integrals, pair_densities

__all__ = ["SectorHamiltonian", "SpeciesOperators", "interaction_factors"]


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
    n_orbitals = integer_in("n_orbitals", n_orbitals, 1)
    length, softening = positive("length", length), positive("softening", softening)
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


class SpeciesOperators:
    """The densities D^g and the own energy h of one spin species, in blocks of string parity.

    Attributes
    ----------
    space : StringSpace
    rows : list of ndarray
        The even and the odd strings.
    density : ndarray, shape (G, size, size)
        All D^g.
    own : ndarray, shape (size, size)
        Kinetic energy and interaction within the species.
    """

    def __init__(self, dot, n_electrons):
        factors, self.factor_parity = interaction_factors(dot.n_orbitals, dot.length, dot.softening)
        self.space = string_space(n_electrons, dot.n_orbitals)
        self.rows = [np.flatnonzero(self.space.parity == p) for p in (1, -1)]
        self.density = self.space.one_body(factors)
        self._parts, self._copies = {}, {}
        if n_electrons < 2:
            # no pair within the species, and no cancellation of two interactions
            self.own = self.space.one_body(np.diag(dot.orbital_energies)[None])[0]
            return
        # D^g D^g is not normal ordered: the contraction it contains is taken back here
        contraction = np.diag(dot.orbital_energies) - 0.5 * np.einsum("gpq,gqs->ps", factors, factors)
        self.own = self.space.one_body(contraction[None])[0]
        for a in (0, 1):
            for b in (0, 1):
                stacked = self.block(b, a)
                stacked = stacked.reshape(stacked.shape[0] * stacked.shape[1], stacked.shape[2])
                self.own[np.ix_(self.rows[a], self.rows[a])] += 0.5 * stacked.T @ stacked

    def block(self, a, b):
        """D^g from strings of parity b to those of parity a, shape (G of that parity, n_a, n_b)."""
        if (a, b) not in self._parts:
            chosen = self.density[self.factor_parity == (1 if a == b else -1)]
            self._parts[a, b] = np.take(np.take(chosen, self.rows[a], axis=1), self.rows[b], axis=2)
        return self._parts[a, b]

    def left(self, a, b, dtype):
        """`block` with (g, n_b) merged, for products from the left."""
        return self._copy("left", a, b, dtype)

    def right(self, a, b, dtype):
        """Transposed `block`, for products from the right: shape (G, n_b, n_a)."""
        return self._copy("right", a, b, dtype)

    def own_block(self, a, dtype):
        """The own energy among strings of one parity."""
        return self._copy("own", a, a, dtype)

    def _copy(self, kind, a, b, dtype):
        key = kind, a, b, np.dtype(dtype)
        if key not in self._copies:
            if kind == "own":
                value = self.own[np.ix_(self.rows[a], self.rows[a])]
            elif kind == "left":
                value = self.block(a, b).transpose(1, 0, 2)
                value = value.reshape(len(value), value.shape[1] * value.shape[2])
            else:
                value = self.block(a, b).transpose(0, 2, 1)
            self._copies[key] = np.ascontiguousarray(value.astype(dtype, copy=False))
        return self._copies[key]


class SectorHamiltonian:
    """H in the space of `n_up`, `n_down` electrons, one reflection parity and one behaviour under spin flip.

    Vectors are flat arrays of orthonormal coefficients: the block with even up strings, then the block with
    odd ones; with a spin flip only what the (anti)symmetry leaves free.

    Parameters
    ----------
    dot : QuantumDot
    n_up, n_down : int
    parity : int
        +1 or -1.
    flip : int
        0 for no use of the flip; +1 (even S) or -1 (odd S) if n_up = n_down.
    species : tuple of SpeciesOperators, optional
        Those of the up and the down electrons, if they are at hand.
    """

    def __init__(self, dot, n_up, n_down, parity, flip=0, species=None):
        if parity not in (1, -1):
            refuse("parity", "1 or -1", parity)
        if flip not in (0, 1, -1) or (flip and n_up != n_down):
            refuse("flip", "0, or +1 or -1 if n_up = n_down", flip)
        if species is None:
            first = SpeciesOperators(dot, n_up)
            species = first, (first if n_up == n_down else SpeciesOperators(dot, n_down))
        self._up, self._down = species
        self.up, self.down = self._up.space, self._down.space
        # parity of the down strings that goes with even and with odd up strings
        self._partner = (0, 1) if parity == 1 else (1, 0)
        rows, columns = self._up.rows, [self._down.rows[c] for c in self._partner]
        self._shapes = [(len(r), len(c)) for r, c in zip(rows, columns, strict=True)]
        self._lists = list(zip(rows, columns, strict=True))
        self._flip, self.parity = flip, parity
        self._split = self._shapes[0][0] * self._shapes[0][1]
        self.size = len(self._pairs[0])

    @cached_property
    def _pairs(self):
        """Up and down string of every coefficient."""
        up = np.concatenate([np.repeat(r, len(c)) for r, c in self._lists])
        down = np.concatenate([np.tile(c, len(r)) for r, c in self._lists])
        if self._flip:
            up, down = up[self._kept], down[self._kept]
        return up, down

    @cached_property
    def _kept(self):
        """Places, in the two full blocks, of the coefficients that the flip leaves free."""
        if self.parity == -1:
            return np.arange(self._split)
        places, start = [], 0
        for n, _ in self._shapes:
            i, j = np.tril_indices(n, 0 if self._flip == 1 else -1)
            places.append(start + i * n + j)
            start += n * n
        return np.concatenate(places)

    @cached_property
    def _spread(self):
        """For every place of the full blocks: the coefficient it comes from, and its weight."""
        total = sum(a * b for a, b in self._shapes)
        source, weight = np.zeros(total, dtype=int), np.zeros(total)
        up = np.concatenate([np.repeat(r, len(c)) for r, c in self._lists])
        down = np.concatenate([np.tile(c, len(r)) for r, c in self._lists])
        place = np.empty((self.up.size, self.down.size), dtype=int)
        place[up, down] = np.arange(total)
        i, j = self._pairs
        for here, sign in ((place[j, i], self._flip), (place[i, j], 1)):
            source[here] = np.arange(self.size)
            weight[here] = np.where(i == j, 1.0, sign / np.sqrt(2))
        return source, weight

    @property
    def _halved(self):
        """Whether the second block is the transposed first one."""
        return self._flip != 0 and self.parity == -1

    def _full(self, rows):
        if not self._flip:
            return rows
        if self.size == 0:
            return np.zeros((len(rows), sum(a * b for a, b in self._shapes)))
        source, weight = self._spread
        return rows[:, source] * weight.astype(rows.dtype)

    def apply(self, rows):
        """H times each row of an array of shape (b, size), in the precision of the array."""
        if self._halved:
            first = np.ascontiguousarray(rows.reshape(len(rows), *self._shapes[0]).transpose(1, 0, 2))
            second = self._flip * np.ascontiguousarray(first.transpose(2, 1, 0))
            return self._block_of_product((first, second), 0).transpose(1, 0, 2).reshape(rows.shape)
        blocks = [np.ascontiguousarray(b.transpose(1, 0, 2)) for b in self._blocks(self._full(rows))]
        product = [self._block_of_product(blocks, a).transpose(1, 0, 2) for a in (0, 1)]
        product = [part.reshape(len(rows), part.shape[1] * part.shape[2]) for part in product]
        product = np.concatenate(product, axis=1)
        if self._flip:
            _, weight = self._spread
            product = product[:, self._kept] / weight[self._kept].astype(rows.dtype)
        return product

    def _block_of_product(self, blocks, a):
        """Block a of H times blocks of shape (up strings, b, down strings): each product is one large one."""
        c, own = self._partner[a], blocks[a]
        dtype, width = own.dtype, own.shape[1]
        columns = self._shapes[a][1]
        if own.size == 0:
            return own
        result = self._up.own_block(a, dtype) @ own.reshape(len(own), -1)
        result += (own.reshape(-1, columns) @ self._down.own_block(c, dtype).T).reshape(result.shape)
        for b, block in enumerate(blocks):
            if block.size:
                inner = np.matmul(
                    block.reshape(-1, block.shape[2]), self._down.right(c, self._partner[b], dtype)
                )
                result += self._up.left(a, b, dtype) @ inner.reshape(-1, width * columns)
        return result.reshape(own.shape)

    def _blocks(self, rows):
        parts = rows[:, : self._split], rows[:, self._split :]
        return [p.reshape(len(rows), *shape) for p, shape in zip(parts, self._shapes, strict=True)]

    def diagonal(self):
        """Diagonal of H, shape (size,)."""
        i, j = self._pairs
        up, down = (np.einsum("gii->gi", s.density) for s in (self._up, self._down))
        result = (up.T @ down)[i, j] + self._up.own.diagonal()[i] + self._down.own.diagonal()[j]
        if self._flip:
            # <IJ|H|JI>, which is the diagonal element itself where I = J
            exchange = self._up.density.reshape(len(self._up.density), -1)
            exchange = np.einsum("gk,gk->k", exchange, exchange).reshape(self.up.size, -1)
            result = result + np.where(i == j, 0.0, self._flip * exchange[i, j])
        return result

    def kinetic_number(self):
        """Sum of n**2 over all electrons of each determinant, shape (size,)."""
        i, j = self._pairs
        return self.up.kinetic_number[i] + self.down.kinetic_number[j]

    def submatrix(self, chosen):
        """H between the coefficients numbered `chosen`, dense."""
        i, j = (part[chosen] for part in self._pairs)
        if not self._flip:
            return self._elements(i, j)
        strings, place = np.unique(np.concatenate([i, j]), return_inverse=True)
        result = self._elements(i, j, strings, place)
        norm = np.where(i == j, np.sqrt(0.5), 1.0)
        result *= norm[:, None]
        result *= norm
        return result

    def _elements(self, i, j, strings=None, place=None):
        """<i j|H|k m> among pairs of strings; plus those with <j i|, times the flip, if there is one.

        All elements of one up string on the left are products of two small tables.
        """
        if strings is None:
            (ups, k), (downs, m) = (np.unique(s, return_inverse=True) for s in (i, j))
        else:
            ups = downs = strings
            k, m = np.split(place, 2)
        right = self._down.density[:, downs[:, None], downs].reshape(len(self._down.density), -1)
        own_up, own_down = self._up.own[ups[:, None], ups], self._down.own[downs[:, None], downs]
        left = self._up.density[:, ups[:, None], ups]
        result = np.empty((len(i), len(i)))
        every = np.arange(len(downs))
        for row in np.unique(k):
            here = np.flatnonzero(k == row)
            table = (left[:, row].T @ right).reshape(len(ups), len(downs), len(downs))
            table[:, every, every] += own_up[row][:, None]
            table[row] += own_down
            result[here] = table[k, m[here][:, None], m]
            if strings is not None:
                result[here] += self._flip * table[m, m[here][:, None], k]
        return result

    def dense(self):
        """The whole matrix (size, size); for small sectors and tests."""
        return self.apply(np.eye(self.size))

    def unpack(self, rows):
        """Coefficients on (up string, down string), shape (b, up.size, down.size)."""
        full = np.zeros((len(rows), self.up.size, self.down.size))
        blocks = self._blocks(self._full(rows))
        for (r, c), block in zip(self._lists, blocks, strict=True):
            full[:, r[:, None], c] = block
        return full
