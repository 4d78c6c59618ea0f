r"""The next order of a tunnelling amplitude: its two-loop coefficient.

One loop keeps the second-order part of the action about the best path (`lowdim.wigner.instantons`). With
fluctuations :math:`\eta=\sqrt\hbar\,\xi`, :math:`\langle\xi\xi^T\rangle = G = H^{-1}` at right angles to the
translation in time, third and fourth derivatives T and F of V on each slice of the chain give

.. math:: \ln\frac{J}{J_1} = \hbar\,(c_\mathrm{path}-c_\mathrm{rest})+O(\hbar^2),\qquad
          c = \tfrac1{12}\,TG^3T + \tfrac18\,(TG)G(GT) - \tfrac18\,FGG
              - \frac{1}{2v}\langle u\dot\xi\,\xi\rangle\,(TG),

all sums over slices with the step :math:`\delta`. The last term, on the path only, comes from the factor
:math:`u\cdot\dot x/u\cdot\dot{\bar x}` of Faddeev and Popov. T and F are differences of second derivatives.
`lowdim.wigner.loops` sums all orders by sampling instead, for few electrons.

Source: C. F. Wöhler and E. V. Shuryak, Phys. Lett. B 333, 467 (1994), for the quartic well, where
:math:`J/J_1 = 1-\tfrac{71}{72}\hbar/S+\ldots`.
"""

import numpy as np
from scipy.linalg import cho_solve_banded

from lowdim.wigner._determinants import factored
from lowdim.wigner.instantons import _stationary

__all__ = ["two_loop_coefficient"]

_STEP = 1e-3


def two_loop_coefficient(landscape, start, path, *, duration, soft=0.1):
    r"""The number c in :math:`J = J_1\,[1+c\hbar+O(\hbar^2)]`.

    Parameters
    ----------
    landscape : object
        As for `instanton`.
    start : array_like, shape (D,)
        The minimum.
    path : array_like, shape (m, D)
        The path of `instanton`; its slices are those of the chain. Memory grows as :math:`(mD)^2`, time as
        :math:`m^2D^4`.
    duration : float
        Imaginary time of the path, > 0.
    soft : float
        As for `instanton`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the path is not a minimum of the action.

    Examples
    --------
    >>> class Quartic:
    ...     def slope(self, x):
    ...         y = x[:, 0]
    ...         return (y**2 - 1) ** 2 / 8, (0.5 * y * (y**2 - 1))[:, None]
    ...     def curvature(self, x):
    ...         return (1.5 * x**2 - 0.5)[:, :, None]
    >>> from lowdim.wigner import instanton
    >>> found = instanton(Quartic(), [-1.0], np.linspace(-1, 1, 9)[:, None], duration=20, steps=60)
    >>> c = two_loop_coefficient(Quartic(), [-1.0], found.path, duration=20)
    >>> abs(c * 2 / 3 + 71 / 72) < 0.01
    True
    """
    chain, best, rest = _stationary(landscape, start, path, duration, soft, fewest=5)
    return _coefficient(chain, *best, held=True) - _coefficient(chain, *rest, held=False)


def _coefficient(chain, path, other, *, held):
    """c of the paths about a stationary one."""
    step, (slices, dim) = chain.step, path.shape
    g = _covariance(chain, path, other, held)
    own = g[np.arange(slices), :, np.arange(slices)]
    cubic, quartic = _derivatives(chain.landscape, path, own)
    pull = step * np.einsum("sabc,sbc->sa", cubic, own)
    total = -step * np.sum(quartic) / 8 + np.einsum("sa,satb,tb->", pull, g, pull, optimize=True) / 8
    for s in range(slices):
        # all later slices at once; T G on each of the three indices in turn
        to = g[s, :, s:].transpose(1, 0, 2)
        moved = np.matmul(cubic[s].reshape(1, dim * dim, dim), to).reshape(-1, dim, dim, dim)
        for _ in range(2):
            moved = np.matmul(moved.transpose(0, 3, 1, 2).reshape(-1, dim * dim, dim), to)
            moved = moved.reshape(-1, dim, dim, dim)
        # after three turns the indices are back in a cyclic order, and T is symmetric
        sums = np.einsum("tabc,tabc->t", moved, cubic[s:])
        total += step**2 * (2 * sums.sum() - sums[0]) / 12
    if held:
        hold, where = chain._hold(path)
        k = where.start // dim
        speed = hold @ (path[k + 1] - path[k - 1])
        total -= np.sum((hold @ (g[k + 1] - g[k - 1]).reshape(dim, -1)) * pull.ravel()) / (2 * speed)
    return float(total)


def _covariance(chain, path, other, held):
    """Inverse of the Hessian, at right angles to the translation where it is held; indices s a t b."""
    slices, dim = path.shape
    if held:
        hold, where = chain._hold(path)
        factor = factored(chain._held(path, other, hold, where), 0.0)
        along = np.zeros(path.size)
        along[where] = hold
        answer = cho_solve_banded((factor, False), along)
    else:
        factor = factored(chain.hessian(path, other), 0.0)
    inverse = cho_solve_banded((factor, False), np.eye(path.size), overwrite_b=True)
    if held:
        inverse -= np.outer(answer, answer / (along @ answer))
    return inverse.reshape(slices, dim, slices, dim)


def _derivatives(landscape, path, own):
    """Third derivatives on each slice, (slices, D, D, D), and fourth ones contracted twice with G."""
    slices, dim = path.shape
    cubic, quartic = np.empty((slices, dim, dim, dim)), np.empty(slices)
    for s, (x, spread) in enumerate(zip(path, own, strict=True)):
        size, axes = np.linalg.eigh(spread)
        moves = _STEP * np.concatenate([axes.T, -axes.T, np.zeros((1, dim))])
        curvature = landscape.curvature(x + moves)
        plus, minus, here = curvature[:dim], curvature[dim:-1], curvature[-1]
        along = (plus - minus) / (2 * _STEP)
        cubic[s] = np.einsum("kab,ck->abc", along, axes)
        second = (plus + minus - 2 * here) / _STEP**2
        quartic[s] = np.einsum("k,kab,ab->", size, second, spread)
    return cubic, quartic
