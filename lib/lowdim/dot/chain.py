r"""The lowest multiplet of the dot as a chain of spins.

Electrons that repel each other strongly stand in a row and exchange places rarely. What is left of them
at low energy are their spins, coupled to the neighbours,

.. math:: H = E_0 + \sum_{k=1}^{N-1} J_k\left(\mathbf S_k\cdot\mathbf S_{k+1} - \tfrac14\right),
          \qquad J_k = J_{N-k},

where the mirror symmetry of the box leaves one coupling for N = 2 and 3 and two for N = 4 and 5. The
fully polarised level lies at :math:`E_0`. For positive couplings the lowest level of spin S lies below that
of S + 1: E. Lieb and D. Mattis, Phys. Rev. 125, 164 (1962), for electrons in one dimension;
J. Math. Phys. 3, 749 (1962), for spins.

Source of the picture: W. Häusler and B. Kramer, Phys. Rev. B 47, 16353 (1993).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import least_squares

from lowdim._checks import array_of_shape, instances, refuse
from lowdim.dot.states import Level
from lowdim.errors import NotConverged

__all__ = ["ChainFit", "fit_chain", "heisenberg_levels", "lowest_by_spin"]


@dataclass(frozen=True)
class ChainFit:
    """The chain whose levels are nearest to those of the dot.

    Attributes
    ----------
    couplings : ndarray, shape (N - 1,)
        J_k between neighbours, in effective Hartrees.
    couplings_error : ndarray, shape (N - 1,)
        Standard error that the misfit implies, 0 where there are as many levels as parameters.
    constant : float
        E_0, the energy of parallel spins.
    energies : ndarray
        Levels of the chain, in the order of the levels fitted.
    misfit : float
        Root mean square of the differences, divided by the width of the multiplet.
    """

    couplings: np.ndarray
    couplings_error: np.ndarray
    constant: float
    energies: np.ndarray
    misfit: float


def heisenberg_levels(couplings):
    """Energies and total spins of an open chain of spins 1/2, each multiplet once.

    Parameters
    ----------
    couplings : array_like, shape (N - 1,)
        J_k of the bonds, N <= 10.

    Returns
    -------
    energies : ndarray, shape (K,)
        Ascending, relative to parallel spins.
    spins : ndarray, shape (K,)

    Raises
    ------
    ValueError
        If the couplings are not finite numbers in one dimension, or there are none or too many.

    Examples
    --------
    Two spins: a singlet J below the triplet.

    >>> [part.tolist() for part in heisenberg_levels([0.5])]
    [[-0.5, 0.0], [0.0, 1.0]]
    """
    couplings = array_of_shape("couplings", couplings, (None,))
    if not 1 <= len(couplings) <= 9:
        refuse("couplings", "1 to 9 numbers", len(couplings))
    bonds, squared = _operators(len(couplings) + 1)
    # one number splits the spins without moving levels: S(S + 1) commutes with everything
    apart = 4.0 * len(couplings) * max(1e-3, np.abs(couplings).max())
    values, vectors = np.linalg.eigh(np.tensordot(couplings, bonds, 1) + apart * squared)
    total = np.rint(np.sqrt(4 * np.einsum("ik,ij,jk->k", vectors, squared, vectors) + 1) - 1) / 2
    energies = values - apart * total * (total + 1)
    order = np.argsort(energies, kind="stable")
    return energies[order] + 0.0, total[order]


@cache
def _operators(count):
    """S_k.S_{k+1} - 1/4 for every bond, and S^2, at the smallest S_z >= 0."""
    states = [s for s in range(2**count) if s.bit_count() == (count + 1) // 2]
    place = {s: k for k, s in enumerate(states)}

    def exchange(a, b):
        """Half the permutation of two spins less a half: S_a.S_b - 1/4."""
        matrix = np.zeros((len(states), len(states)))
        for s, k in place.items():
            if (s >> a & 1) != (s >> b & 1):
                matrix[k, k] -= 0.5
                matrix[place[s ^ (1 << a) ^ (1 << b)], k] += 0.5
        return matrix

    pairs = [exchange(a, b) for a in range(count) for b in range(a)]
    squared = 2 * sum(pairs) + (0.75 * count + 0.25 * count * (count - 1)) * np.eye(len(states))
    return np.array([exchange(k, k + 1) for k in range(count - 1)]), squared


def fit_chain(levels):
    """Fit mirror-symmetric couplings to the levels of the lowest multiplet.

    Parameters
    ----------
    levels : sequence of Level
        All levels of the multiplet of 2 to 6 electrons, ordered by energy.

    Returns
    -------
    ChainFit

    Raises
    ------
    ValueError
        If the spins are not those of N spins 1/2.
    NotConverged
        If the least squares do not converge.

    Examples
    --------
    Two electrons have one coupling, the splitting of singlet and triplet.

    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> pair = spectrum(QuantumDot(9.5, 0.02, 10), 2, 2)
    >>> fit = fit_chain(pair)
    >>> bool(abs(fit.couplings[0] - (pair[1].energy - pair[0].energy)) < 1e-9), round(fit.misfit, 6)
    (True, 0.0)
    """
    levels = instances("levels", levels, Level)
    if not levels or len({level.n_electrons for level in levels}) > 1:
        refuse("levels", "levels of one number of electrons", [level.n_electrons for level in levels])
    count = levels[0].n_electrons
    if not 2 <= count <= 6:
        refuse("levels", "levels of 2 to 6 electrons", count)
    spins = np.array([level.spin for level in levels])
    expected = heisenberg_levels(np.ones(count - 1))[1]
    if sorted(spins) != sorted(expected):
        wanted = f"the spins of {count} spins 1/2, {sorted(expected.tolist())}"
        refuse("levels", wanted, sorted(spins.tolist()))
    energies = np.array([level.energy for level in levels])
    top = energies[spins == count / 2].max()
    width = np.ptp(energies)
    free = (count - 1 + 1) // 2

    def mirrored(part):
        return np.array([part[min(k, count - 2 - k)] for k in range(count - 1)])

    def model(parameters):
        values, labels = heisenberg_levels(mirrored(parameters[:free]))
        result = np.empty(len(energies))
        for spin in np.unique(spins):
            result[spins == spin] = np.sort(values[labels == spin])
        return result + parameters[free]

    start = np.append(np.full(free, (top - energies[0]) / (count - 1)), 0.0)

    def misfit(parameters):
        return (model(parameters * width) - (energies - top)) / width

    found = least_squares(misfit, start / width, xtol=1e-14, ftol=1e-14)
    if not found.success:
        raise NotConverged(f"fit_chain: {found.message}")
    spare = len(energies) - free - 1
    spread = np.sqrt(2 * found.cost / spare) if spare > 0 else 0.0
    error = spread * np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))[:free] * width
    return ChainFit(
        mirrored(found.x[:free] * width),
        mirrored(error),
        float(top + found.x[free] * width),
        model(found.x * width) + top,
        float(np.sqrt(np.mean(found.fun**2))),
    )


def lowest_by_spin(levels):
    """Lowest energy of each total spin, by increasing spin.

    In one dimension it rises with the spin, whatever the interaction (Lieb and Mattis); a basis that is too
    small for the cusps where two electrons meet may say otherwise.

    Parameters
    ----------
    levels : sequence of Level

    Returns
    -------
    dict of float to float

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> lowest = lowest_by_spin(spectrum(QuantumDot(9.5, 0.02, 10), 4, 6))
    >>> list(lowest), bool(lowest[0.0] < lowest[1.0] < lowest[2.0])
    ([0.0, 1.0, 2.0], True)
    """
    levels = instances("levels", levels, Level)
    lowest = {}
    for level in levels:
        lowest[level.spin] = min(level.energy, lowest.get(level.spin, np.inf))
    return dict(sorted(lowest.items()))
