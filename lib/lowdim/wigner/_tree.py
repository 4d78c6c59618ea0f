"""Sum over the pairs of a large cluster: near ones by themselves, far ones through nodes of their boxes.

The electrons are halved again and again, along the longer side of their box, until at most `block` are left.
Between two boxes far apart for their size 1/r is a polynomial in both positions: it is taken between
Chebyshev nodes of the boxes, where the electrons have weights. As all charges are one, the weights of a box
are the product of its two interpolation matrices. Boxes that are too near are replaced by their halves, and
those that are not cut any more are summed pair by pair.

Source: W. Fong and E. Darve, J. Comput. Phys. 228, 8712 (2009), doi 10.1016/j.jcp.2009.08.031.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from lowdim.wigner._pairsums import PairSums, squares

__all__ = ["Grid", "Tree", "compact_order"]

# two boxes are far apart if their gap is so many times the longest half side of both
_APART = 1.5


@dataclass(frozen=True)
class Grid:
    """Chebyshev nodes on -1..1, and what takes Chebyshev polynomials to Lagrange's on them."""

    nodes: np.ndarray
    values: np.ndarray
    slopes: np.ndarray

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, order):
        """Grid of `order` nodes."""
        nodes = np.cos(np.pi * (np.arange(order) + 0.5) / order)
        values = 2 / order * chebyshev.chebvander(nodes, order - 1).T
        values[0] *= 0.5
        return cls(nodes, values, np.vstack([chebyshev.chebder(values), np.zeros((1, order))]))


def compact_order(r, block):
    """Order of the electrons and tree of slices (start, stop, halves), so that every slice is compact."""
    order, tree = np.arange(len(r)), []

    def cut(start, stop):
        own = len(tree)
        tree.append([start, stop, ()])
        if stop - start > block:
            members = order[start:stop]
            along = r[members, np.argmax(np.ptp(r[members], axis=0))]
            middle = (stop - start) // 2
            order[start:stop] = members[np.argpartition(along, middle)]
            tree[own][2] = cut(start, start + middle), cut(start + middle, stop)
        return own

    cut(0, len(r))
    return order, tree


class Tree:
    """Work space for clusters in the order of `compact_order`."""

    def __init__(self, tree, threads=1):
        self.slices = [slice(start, stop) for start, stop, _ in tree]
        self.halves = [halves for _, _, halves in tree]
        self.leaf = {k: i for i, k in enumerate(k for k, halves in enumerate(self.halves) if not halves)}
        count = len(self.leaf)
        self.every = [(a, b) for a in range(count) for b in range(a, count)]
        self.near = PairSums([self.slices[k] for k in self.leaf], self.every, threads)

    def use(self, precision, order=None):
        """Take a precision, and so many nodes along a side of a box; without: every pair by itself."""
        self.near.use(precision)
        self.near.take(self.every)
        self.far = [] if order is None else None
        if order is not None:
            self.precision, self.grid = precision, Grid.of(order)
            self.space = [np.empty((order**2, order**2), precision) for _ in range(2)]

    def evaluate(self, r):
        """Energy and gradient, the trap included."""
        if self.far == []:
            return self.near.evaluate(r)
        low, high = (np.array([side(r[s], axis=0) for s in self.slices]) for side in (np.min, np.max))
        boxes = 0.5 * (low + high), np.maximum(0.5 * (high - low), 1e-9)
        if self.far is None or not np.all(_apart(boxes, *np.array(self.far).T)):
            self._pair_up(boxes)
        energy, gradient = self.near.evaluate(r)
        expansions = {}
        for part in self.near.both(self._expand, r, boxes):
            expansions |= part
        weights = {k: (values[:, 0].T @ values[:, 1]).ravel() for k, (values, _) in expansions.items()}
        first, second = self.near.both(self._far, boxes, weights)
        potentials = {k: first[k] + second[k] for k in weights}
        energy += 0.5 * float(sum(weights[k] @ potentials[k] for k in self.nodes))
        for part in self.near.both(self._gather, expansions, potentials, len(r)):
            gradient += part
        return energy, gradient

    def _pair_up(self, boxes):
        """Lists of far boxes and of near leaves."""
        self.far, near, left = [], [], [(0, 0)]
        while left:
            a, b = left.pop()
            if a != b and _apart(boxes, a, b):
                self.far.append((a, b))
            elif a == b and self.halves[a]:
                c, d = self.halves[a]
                left += [(c, c), (c, d), (d, d)]
            elif not self.halves[a] and not self.halves[b]:
                near.append((self.leaf[a], self.leaf[b]))
            else:
                # the larger one is cut
                a, b = sorted((a, b), key=lambda k: self.slices[k].stop - self.slices[k].start)
                left += [(a, half) for half in self.halves[b]]
        self.near.take(near)
        self.nodes = sorted({k for pair in self.far for k in pair})

    def _expand(self, share, r, boxes):
        """Lagrange's polynomials of each box at its electrons, and their slopes, (n, 2, order)."""
        found = {}
        for k in self.nodes[share::2]:
            centre, half = boxes[0][k], boxes[1][k]
            powers = chebyshev.chebvander((r[self.slices[k]] - centre) / half, len(self.grid.nodes) - 1)
            found[k] = powers @ self.grid.values, powers @ self.grid.slopes / half[:, None]
        return found

    def _far(self, share, boxes, weights):
        """Potentials at the nodes of the boxes, from half of the far pairs."""
        order = len(self.grid.nodes)
        unit = np.stack(np.meshgrid(*2 * [self.grid.nodes], indexing="ij")).reshape(2, -1)
        found = {k: np.zeros(order**2) for k in self.nodes}
        for a, b in self.far[share::2]:
            gap = 0.5 * (boxes[0][a] - boxes[0][b])
            p = (gap[:, None] + boxes[1][a][:, None] * unit).astype(self.precision)
            q = (-gap[:, None] + boxes[1][b][:, None] * unit).astype(self.precision)
            inverse = np.sqrt(squares(p, q, self.space[share]), out=self.space[share])
            np.divide(1.0, inverse, out=inverse)
            found[a] += inverse @ weights[b].astype(self.precision)
            found[b] += weights[a].astype(self.precision) @ inverse
        return found

    def _gather(self, share, expansions, potentials, n):
        """Gradient from the potentials at the nodes."""
        order, gradient = len(self.grid.nodes), np.zeros((n, 2))
        for k in self.nodes[share::2]:
            values, slopes = expansions[k]
            at = potentials[k].reshape(order, order)
            gradient[self.slices[k], 0] += np.einsum("ij,ij->i", slopes[:, 0] @ at, values[:, 1])
            gradient[self.slices[k], 1] += np.einsum("ij,ij->i", values[:, 0] @ at, slopes[:, 1])
        return gradient


def _apart(boxes, a, b):
    """Whether boxes a and b (or each of many pairs) are far apart for their size."""
    centres, halves = boxes
    gap = np.maximum(np.abs(centres[a] - centres[b]) - halves[a] - halves[b], 0)
    most = np.maximum(halves[a], halves[b]).max(axis=-1)
    return np.sum(gap * gap, axis=-1) >= (_APART * most) ** 2
