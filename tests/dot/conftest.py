"""Slow, obvious twins of the dot solver: matrices on the whole Fock space."""

from functools import cache, cached_property, partial, reduce

import numpy as np
import pytest
from scipy import sparse

from lowdim.dot.fock import string_space
from lowdim.dot.interaction import coulomb_integrals


class FockSpace:
    """All 4**M states of M orbitals with spin; modes 0..M-1 are up, M..2M-1 down.

    Operators are Jordan-Wigner matrices, so every sign follows from the order of the creators.
    """

    def __init__(self, n_orbitals):
        self.n_orbitals = n_orbitals
        modes = 2 * n_orbitals
        sign, raising = np.diag([1.0, -1.0]), np.array([[0.0, 0.0], [1.0, 0.0]])
        sign, raising, unit = (sparse.csr_array(one) for one in (sign, raising, np.eye(2)))
        chains = [[sign] * m + [raising] + [unit] * (modes - m - 1) for m in range(modes)]
        create = [reduce(partial(sparse.kron, format="csr"), chain) for chain in chains]
        self.create = {"up": create[:n_orbitals], "down": create[n_orbitals:]}
        self.vacuum = np.zeros(4**n_orbitals)
        self.vacuum[0] = 1.0
        self.determinants = cache(self._determinants)

    def added(self, spin, weights):
        """sum_n w_n c_n^dagger of one spin species."""
        return sum(w * c for w, c in zip(weights, self.create[spin], strict=True))

    @property
    def number(self):
        return sum(c @ c.T for spin in ("up", "down") for c in self.create[spin])

    @cached_property
    def raise_spin(self):
        """S_+ = sum_p c_p,up^dagger c_p,down."""
        return sum(u @ d.T for u, d in zip(self.create["up"], self.create["down"], strict=True))

    @property
    def spin_z(self):
        up, down = (sum(c @ c.T for c in self.create[spin]) for spin in ("up", "down"))
        return 0.5 * (up - down)

    @property
    def spin_squared(self):
        plus, z = self.raise_spin, self.spin_z
        return 0.5 * (plus @ plus.T + plus.T @ plus) + z @ z

    def hamiltonian(self, dot):
        """Kinetic energy and half the sum over all ordered pairs of electrons, term by term."""
        m = dot.n_orbitals
        integrals = coulomb_integrals(m, dot.length, dot.softening)
        total = sum(
            0.5 * (np.pi * (p + 1) / dot.length) ** 2 * c @ c.T
            for spin in ("up", "down")
            for p, c in enumerate(self.create[spin])
        )
        for first in (self.create["up"], self.create["down"]):
            for second in (self.create["up"], self.create["down"]):
                # second[s].T first[q].T removes q, then s
                removed = [[second[s].T @ first[q].T for s in range(m)] for q in range(m)]
                for p in range(m):
                    for r in range(m):
                        after = sum(integrals[p, q, r, s] * removed[q][s] for q in range(m) for s in range(m))
                        total = total + 0.5 * removed[p][r].T @ after
        return total

    def _determinants(self, n_up, n_down):
        """Columns |I J>, I slowest: up creators to the left of the down ones, rising from left to right."""
        strings = [string_space(n, self.n_orbitals).occupied for n in (n_up, n_down)]
        columns = []
        for i in strings[0]:
            for j in strings[1]:
                ordered = [self.create["up"][p] for p in i] + [self.create["down"][q] for q in j]
                columns.append(reduce(lambda state, c: c @ state, reversed(ordered), self.vacuum))
        return np.array(columns).T

    def state(self, level):
        """A `Level` as a vector, at its own S_z."""
        n_up, n_down = (level.n_electrons + 1) // 2, level.n_electrons // 2
        return self.determinants(n_up, n_down) @ level.coefficients.ravel()

    def multiplet(self, level):
        """All 2 S + 1 members of a `Level` by ladder operators, shape (2 S + 1, 4**M), S_z rising."""
        raising, steps = self.raise_spin, round(level.spin - 0.5 * (level.n_electrons % 2))
        top = self.state(level)
        for _ in range(steps):
            top = raising @ top
        members = [top / np.linalg.norm(top)]
        while len(members) < level.degeneracy:
            lower = raising.T @ members[-1]
            members.append(lower / np.linalg.norm(lower))
        return np.array(members[::-1])


@pytest.fixture(scope="session")
def fock():
    """`fock(M)` is the `FockSpace` of M orbitals, made once."""
    return cache(FockSpace)
