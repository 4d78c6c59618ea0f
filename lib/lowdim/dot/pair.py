r"""Two electrons in a hard-wall box, solved on the triangle below the diagonal.

In effective Hartrees and effective Bohr radii, with :math:`0 \le x, x' \le L`,

.. math:: H = -\tfrac12\partial_x^2 - \tfrac12\partial_{x'}^2 + \frac{g}{\sqrt{(x-x')^2+\lambda^2}},
          \qquad \psi = 0 \text{ on the walls.}

A spatial wave function that is even under exchange carries S = 0, an odd one S = 1, so the triangle
:math:`0 < x' < x < L` is enough: Neumann condition on the diagonal for S = 0, Dirichlet for S = 1. There
the separation :math:`u = (x-x')/L` and the scaled centre :math:`t \in [-1, 1]`,

.. math:: \frac{x+x'}{L} = 1 + (1-u)\,t, \qquad dx\,dx' = \tfrac12 L^2 (1-u)\,du\,dt,

map the triangle to a rectangle on which the interaction depends on u alone, and

.. math:: L^2\,\langle\psi|H|\psi\rangle = \int\! du\,dt\; \frac{1-u}{2} \left[
          \Bigl(\psi_u + \frac{t\,\psi_t}{1-u}\Bigr)^2 + \frac{\psi_t^2}{(1-u)^2}
          + \frac{gL\,\psi^2}{\sqrt{u^2+\delta^2}} \right], \qquad \delta = \lambda/L .

Every term is a product of a matrix in u and one in t. The trial functions are piecewise polynomials in u,
on elements that grow in proportion to their distance from the diagonal, times polynomials in t; the
energies are upper bounds that fall exponentially with the polynomial degree, whatever :math:`\delta` is.
No box orbital enters, so this is a check on expansions in box orbitals that shares nothing with them.

Reflection :math:`x \to L - x` of both electrons sends t to -t and exchanges them: the parity is that of
:math:`\psi` in t for S = 0 and the opposite one for S = 1.

The transition from the one-electron ground state :math:`\varphi_1` needs
:math:`A = \sum_n \int\!\!\int \psi\,\varphi_n(x)\varphi_1(x')`, in which the sum over all orbitals is
:math:`\sum_n \sin n\theta = \tfrac12\cot(\theta/2)`.

Sources: the Hamiltonian (eq. 1) and the transition probability (eq. 4) of K. Jauregui et al., Phys. Rev.
B 53, R1713 (1996); the polynomials: I. Babuska, B. A. Szabo, I. N. Katz, SIAM J. Numer. Anal. 18, 515 (1981).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import ArpackError, eigsh

from lowdim._checks import integer_in, non_negative, positive
from lowdim.errors import NotConverged

__all__ = ["PairLevels", "pair_levels"]

_DEGREES = (12, 16, 20, 26, 34)
_ELEMENT_RATIO = 3.0


@dataclass(frozen=True)
class PairLevels:
    """Levels of two electrons in increasing energy; every array has shape (n_states,).

    Attributes
    ----------
    energy : ndarray of float
        In effective Hartrees.
    spin : ndarray of int
        Total spin S, 0 or 1 (the level is 2S + 1 fold degenerate).
    parity : ndarray of int
        +1 or -1 under reflection of the box.
    entry : ndarray of float
        Probability M of eq. 4 for the transition from the one-electron ground state, through the left
        wall, with all orbitals included. Without interaction M = C of eq. 5 for levels with two
        different orbitals, one of them the lowest.
    energy_error, entry_error : ndarray of float
        Change made by the last refinement: far above the error that remains, since convergence is
        exponential.
    """

    energy: np.ndarray
    spin: np.ndarray
    parity: np.ndarray
    entry: np.ndarray
    energy_error: np.ndarray
    entry_error: np.ndarray


def pair_levels(length, softening, n_states, *, interaction=1.0, tolerance=1e-11):
    r"""Lowest levels of two electrons in a box, to nearly full double precision.

    Parameters
    ----------
    length : float
        Box length L in effective Bohr radii, > 0.
    softening : float
        :math:`\lambda/L`, > 0.
    n_states : int
        Number of levels (spin multiplets), 1..60.
    interaction : float
        Strength g of the repulsion, >= 0.
    tolerance : float
        Largest accepted relative change of any energy in the last refinement, > 0.

    Returns
    -------
    PairLevels

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the highest polynomial degree does not reach `tolerance`.

    Examples
    --------
    >>> levels = pair_levels(9.5, 0.02, 3)
    >>> levels.spin.tolist(), levels.parity.tolist()
    ([0, 1, 0], [1, -1, -1])
    >>> free = pair_levels(1.0, 0.02, 2, interaction=0.0)
    >>> (free.energy * 2 / np.pi**2).round(9).tolist()
    [2.0, 5.0]
    """
    length, softening = positive("length", length), positive("softening", softening)
    n_states = integer_in("n_states", n_states, 1, 60)
    coupling = non_negative("interaction", interaction) * length
    tolerance = positive("tolerance", tolerance)
    coarse = _levels_at(_DEGREES[0], softening, coupling, n_states)
    for degree in _DEGREES[1:]:
        fine = _levels_at(degree, softening, coupling, n_states)
        levels = _merge(fine, np.abs(fine - coarse), length, n_states)
        change = np.max(levels.energy_error / levels.energy)
        if change <= tolerance:
            return levels
        coarse = fine
    raise NotConverged(
        f"pair_levels: energies still change by {change:.1e} (relative) at polynomial degree {degree}; "
        f"asked for {tolerance:.1e}"
    )


_SECTORS = [(spin, parity) for spin in (0, 1) for parity in (1, -1)]


def _levels_at(degree, softening, coupling, n_states):
    """L^2 E and M for each (S, parity): shape (2, sectors, n_states)."""
    return np.array([_sector(degree, softening, coupling, n_states, *s) for s in _SECTORS]).swapaxes(0, 1)


def _merge(values, change, length, n_states):
    energy, entry = values.reshape(2, -1)
    energy_error, entry_error = change.reshape(2, -1)
    spin, parity = np.repeat(np.array(_SECTORS).T, n_states, axis=1)
    order = np.argsort(energy, kind="stable")[:n_states]
    area = length**2
    return PairLevels(
        energy[order] / area,
        spin[order],
        parity[order],
        entry[order],
        energy_error[order] / area,
        entry_error[order],
    )


def _sector(degree, softening, coupling, n_states, spin, parity):
    """L^2 E and M of the lowest states of one spin and parity, shape (2, n_states)."""
    u, weight_u, f, df = _separation_basis(degree, softening, dirichlet=spin == 1)
    t, weight_t, g, dg = _centre_basis(degree, even=(parity == 1) == (spin == 0))

    def in_u(left, right, factor):
        return sparse.csc_array(left.T @ ((0.5 * weight_u * factor)[:, None] * right))

    def in_t(left, right, factor):
        return sparse.csc_array(left.T @ ((weight_t * factor)[:, None] * right))

    overlap_t = in_t(g, g, 1.0)
    cross = sparse.kron(in_u(df, f, 1.0), in_t(g, dg, t))
    hamiltonian = (
        sparse.kron(in_u(df, df, 1 - u) + in_u(f, f, coupling * (1 - u) / np.hypot(u, softening)), overlap_t)
        + sparse.kron(in_u(f, f, 1 / (1 - u)), in_t(dg, dg, 1 + t**2))
        + cross
        + cross.T
    )
    overlap = sparse.kron(in_u(f, f, 1 - u), overlap_t)
    left, right = sparse.csc_array(hamiltonian), sparse.csc_array(overlap)
    start = np.ones(hamiltonian.shape[0])
    try:
        energies, vectors = eigsh(left, n_states, M=right, sigma=0.0, v0=start)
    except ArpackError as error:
        raise NotConverged(f"pair_levels: {error}") from None
    order = np.argsort(energies)
    coefficients = vectors.T[order].reshape(n_states, f.shape[1], g.shape[1])
    projector = (f.T * (0.5 * weight_u * (1 - u))) @ _entry_kernel(u, t, spin) @ (weight_t[:, None] * g)
    # the overlap normalises over the triangle, half of the square: psi is the vector / sqrt(2)
    amplitude = np.einsum("sij,ij->s", coefficients, projector) / np.sqrt(2)
    return np.array([energies[order], (0.5 if spin == 0 else 1.5) * amplitude**2])


def _entry_kernel(u, t, spin):
    """phi_1(x) chi(x') + (-1)^S phi_1(x') chi(x) at L = 1, with chi the sum of all orbitals."""
    near = 0.5 * np.outer(1 - u, 1 + t)  # x'
    far = u[:, None] + near  # x

    def orbital(x):
        return np.sqrt(2) * np.sin(np.pi * x)

    def all_orbitals(x):
        return np.sqrt(2) * 0.5 / np.tan(0.5 * np.pi * x)

    return orbital(far) * all_orbitals(near) + (-1) ** spin * orbital(near) * all_orbitals(far)


def _bubbles(degree, s):
    """Integrated Legendre polynomials of degree 2..degree on [-1, 1] and their derivatives."""
    legendre = np.polynomial.legendre.legvander(s, degree)
    j = np.arange(1, degree)
    norm = 1 / np.sqrt(2 * (2 * j + 1))
    return (legendre[:, 2:] - legendre[:, :-2]) * norm, legendre[:, 1:-1] * (2 * j + 1) * norm


def _centre_basis(degree, even):
    """Nodes and weights in t, and polynomials of one parity that vanish at t = -1 and 1."""
    t, weight = np.polynomial.legendre.leggauss(2 * degree + 12)
    values, slopes = _bubbles(2 * degree, t)
    keep = slice(0 if even else 1, None, 2)
    return t, weight, values[:, keep], slopes[:, keep]


def _separation_basis(degree, softening, dirichlet):
    """Nodes and weights in u, and continuous piecewise polynomials that vanish at u = 1.

    The elements follow the distance of the interaction's singularities (u = +-i softening), so that one
    degree serves all of them. With a free end at u = 0 the linear functions are steps that fall from 1 to 0
    across one element: their slopes never cancel, as those of hat functions would, by 1 / softening. With
    a fixed end the differences of steps, the hats, are the stable choice. All are scaled to unit slope.
    Returns values and slopes, shape (nodes, functions).
    """
    inner = min(softening, 0.5)
    n_outer = int(np.ceil(np.log(1 / inner) / np.log(_ELEMENT_RATIO)))
    edges = np.append(0.0, np.geomspace(inner, 1.0, n_outer + 1))
    s, weight = np.polynomial.legendre.leggauss(degree + 12)
    bubble, bubble_slope = _bubbles(degree, s)
    n_nodes, n_bubbles = bubble.shape
    n_elements = len(edges) - 1
    f = np.zeros((n_elements, n_nodes, n_elements, 1 + n_bubbles))
    df = np.zeros_like(f)
    half = 0.5 * np.diff(edges)
    for e, h in enumerate(half):
        f[:e, :, e, 0] = 1.0
        f[e, :, e, 0], df[e, :, e, 0] = 0.5 * (1 - s), -0.5 / h
        f[e, :, e, 1:], df[e, :, e, 1:] = bubble, bubble_slope / h
    u = (edges[:-1] + half)[:, None] + half[:, None] * s
    weights = (half[:, None] * weight).ravel()
    for part in (f, df) if dirichlet else ():
        part[:, :, 1:, 0] -= part[:, :, :-1, 0].copy()
    first = 1 if dirichlet else 0
    f, df = (part.reshape(u.size, -1)[:, first:] for part in (f, df))
    scale = 1 / np.sqrt(weights @ df**2)
    return u.ravel(), weights, f * scale, df * scale
