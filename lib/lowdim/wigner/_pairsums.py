"""Energy and gradient of a trapped cluster by sums over pairs, in blocks, shared by two threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

__all__ = ["PairSums", "squares"]


def squares(p, q, out):
    """Squared distances between points p, (2, n), and q, (2, m); infinite between a point and itself."""
    ones = np.ones((2, max(p.shape[1], q.shape[1])), p.dtype)
    left = np.stack([-2 * p[0], -2 * p[1], np.sum(p * p, axis=0), ones[0, : p.shape[1]]], axis=1)
    np.matmul(left, np.stack([q[0], q[1], ones[1, : q.shape[1]], np.sum(q * q, axis=0)]), out=out)
    if p is q:
        np.fill_diagonal(out, np.inf)
    return out


class PairSums:
    """Work space for the sum over pairs: blocks of electrons (slices) and pairs of blocks."""

    def __init__(self, blocks, jobs, threads=1):
        self.blocks = blocks
        self.size = max(block.stop - block.start for block in blocks)
        self.take(jobs)
        self.use(float)
        self.pool = ThreadPoolExecutor(2) if threads > 1 and len(jobs) > 1 else None

    def take(self, jobs):
        """Sum these pairs of blocks: two partial sums, whatever the number of threads."""
        self.shares = [jobs[0::2], jobs[1::2]]

    def use(self, precision):
        """Take single or double precision for the matrices of a pair of blocks; sums stay double."""
        self.precision = precision
        self.space = [np.empty((2, self.size, self.size), precision) for _ in self.shares]

    def both(self, function, *args):
        """What the function gives for share 0 and share 1."""
        mapped = map if self.pool is None else self.pool.map
        return list(mapped(lambda k: function(k, *args), range(2)))

    def evaluate(self, r):
        """Energy and gradient, the trap included."""
        blocks = [(r[block].mean(axis=0), r[block].T) for block in self.blocks]
        parts = self.both(self._share, blocks, len(r))
        energy = 0.5 * float(np.sum(r * r)) + parts[0][0] + parts[1][0]
        return energy, r + np.ascontiguousarray((parts[0][1] + parts[1][1]).T)

    def _share(self, k, blocks, n):
        energy, gradient = 0.0, np.zeros((2, n))
        for a, b in self.shares[k]:
            (centre_a, at_a), (centre_b, at_b) = blocks[a], blocks[b]
            middle = 0.5 * (centre_a + centre_b)[:, None]
            p = np.ascontiguousarray(at_a - middle, self.precision)
            q = p if a == b else np.ascontiguousarray(at_b - middle, self.precision)
            # two electrons thrown onto each other: the line search sees nan and steps back
            with np.errstate(invalid="ignore", divide="ignore"):
                energy += self._block(
                    p, q, gradient[:, self.blocks[a]], gradient[:, self.blocks[b]], self.space[k]
                )
        return energy, gradient

    @staticmethod
    def _block(p, q, gradient_p, gradient_q, space):
        """Add to the gradients; the energy, which is homogeneous of degree -1, follows from them."""
        square, cube = (part[: p.shape[1], : q.shape[1]] for part in space)
        np.sqrt(squares(p, q, square), out=cube)
        np.multiply(cube, square, out=cube)
        np.divide(1.0, cube, out=cube)
        pull = np.stack([cube @ q[0], cube @ q[1]]) - p * cube.sum(axis=1)
        gradient_p += pull
        energy = -float(np.vdot(p, pull))
        if p is not q:
            pull = np.stack([p[0] @ cube, p[1] @ cube]) - q * cube.sum(axis=0)
            gradient_q += pull
            energy -= float(np.vdot(q, pull))
        return energy
