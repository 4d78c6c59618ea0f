r"""Shells that slip: the rotation of a whole shell as an exchange.

Where a shell of n electrons turns against the rest of a trapped cluster almost without barrier, moving each
of its electrons to the next site is no tunnelling: its action falls as 1/T with the imaginary time. The
shell is a rotor,

.. math:: E_L = B L^2, \qquad B = \frac{\hbar^2}{2I}, \qquad I = m\sum_i r_i^2,

in units of the trap :math:`B/\hbar\omega = h/2\tilde I`. A turn by :math:`2\pi/n` is the cyclic permutation
of n spins, which is odd if n is even, so a spin state with :math:`\hat P = e^{2\pi ik/n}` comes with

.. math:: L \equiv -k \pmod n \;\;(n \text{ odd}), \qquad L \equiv -k+\tfrac n2 \pmod n \;\;(n \text{ even}),

and the lowest energies :math:`B\min L^2` of all k are a spin Hamiltonian :math:`\sum_m c_m\hat P^m`, the
exchange by the rotation of the shell, with :math:`c_m = \frac1n\sum_k e^{-2\pi ikm/n}\,B\min_{L(k)}L^2`.

The rotor is free while the height U of the barrier between its :math:`\nu` equivalent orientations is small
against :math:`B\nu^2`, its kinetic energy within one of them. The barrier is the energy of the crystal,
relaxed at fixed angle.

Source: P. A. Maksym, Phys. Rev. B 53, 10871 (1996), doi 10.1103/PhysRevB.53.10871 (electron molecules).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from lowdim._checks import array_of_shape, integer_in, positive, refuse
from lowdim.errors import NotConverged
from lowdim.wigner.landscapes import TrappedElectrons
from lowdim.wigner.multispin import Permutation, indices

__all__ = ["ShellRotor", "rotor_terms", "shell_order", "shell_rotor"]

_STIFF = 300.0


@dataclass(frozen=True)
class ShellRotor:
    r"""A shell against the rest of the cluster.

    Attributes
    ----------
    inertia, inertia_rest : float
        Sum of squared radii of the shell and of all others, in units of :math:`\ell^2`.
    barrier : float
        Highest minus lowest energy at fixed angle, in units of :math:`\kappa/\ell`.
    orientations : int
        Equivalent orientations in one turn, :math:`\nu`.
    """

    inertia: float
    inertia_rest: float
    barrier: float
    orientations: int

    def constant(self, planck):
        r""":math:`B/\hbar\omega = h/2\tilde I` of the shell alone.

        Examples
        --------
        >>> rotor = ShellRotor(inertia=2.0, inertia_rest=6.0, barrier=0.5, orientations=3)
        >>> rotor.constant(0.2)
        0.05
        """
        return positive("planck", planck) / (2 * self.inertia)

    def relative_constant(self, planck):
        r"""The same for the rotation of the shell against the rest at zero total angular momentum.

        Examples
        --------
        >>> rotor = ShellRotor(inertia=2.0, inertia_rest=6.0, barrier=0.5, orientations=3)
        >>> round(rotor.relative_constant(0.2), 9)
        0.066666667
        """
        return positive("planck", planck) * 0.5 * (1 / self.inertia + 1 / self.inertia_rest)

    def freedom(self, planck):
        r""":math:`B\nu^2/U`: large for a free rotor, small for a shell that is locked.

        Examples
        --------
        >>> rotor = ShellRotor(inertia=2.0, inertia_rest=6.0, barrier=0.5, orientations=3)
        >>> round(rotor.freedom(0.2), 9)
        0.24
        """
        kinetic = self.relative_constant(planck) * self.orientations**2
        # hbar omega is h in units of kappa/l
        return float(kinetic * planck / self.barrier) if self.barrier > 0 else math.inf


def shell_rotor(positions, shell, *, angles=9):
    r"""Inertia and barrier of a shell that turns against the others.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        Equilibrium positions in units of the trap's length.
    shell : sequence of int
        Its electrons, two or more and not all; at about one distance from the centre.
    angles : int
        Angles from one equilibrium to the next at which the energy is relaxed, >= 3.

    Returns
    -------
    ShellRotor

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If a relaxation at fixed angle does not end.

    Examples
    --------
    The seven inner electrons of twenty slip against the twelve outer ones.

    >>> from lowdim.wigner import stored_cluster
    >>> rotor = shell_rotor(stored_cluster(20), range(1, 8))
    >>> rotor.orientations, rotor.barrier < 1e-6
    (84, True)
    """
    crystal = TrappedElectrons(positions)
    positions, n = crystal.positions, len(crystal.positions)
    shell = sorted(set(indices("shell", shell, n)))
    rest = [i for i in range(n) if i not in shell and np.hypot(*positions[i]) > 1e-3]
    if len(shell) < 2 or len(rest) < 2:
        refuse("shell", "two or more electrons, and two others off the centre", shell)
    count = integer_in("angles", angles, 3, 10_000)
    orientations = math.lcm(len(shell), len(rest))
    energies, start = [], positions.ravel()
    for angle in np.linspace(0, 2 * np.pi / orientations, count):
        start, energy = _relaxed(crystal, start, shell, rest, angle)
        energies.append(energy)
    squares = np.sum(positions**2, axis=1)
    return ShellRotor(
        inertia=float(squares[shell].sum()),
        inertia_rest=float(squares.sum() - squares[shell].sum()),
        barrier=float(np.ptp(energies)),
        orientations=orientations,
    )


def _relaxed(crystal, start, shell, rest, angle):
    """Lowest configuration whose shell has turned by `angle` against the rest, and its energy."""
    sites = crystal.positions

    def turned(flat):
        moved = flat.reshape(-1, 2)
        cross = sites[:, 0] * moved[:, 1] - sites[:, 1] * moved[:, 0]
        dot = np.sum(sites * moved, axis=1)
        square = np.sum(moved**2, axis=1)
        weight = np.zeros(len(sites))
        weight[shell], weight[rest] = 1 / len(shell), -1 / len(rest)
        slope = np.stack([-moved[:, 1], moved[:, 0]], axis=1) * (weight / square)[:, None]
        return float(weight @ np.arctan2(cross, dot)), slope.ravel()

    def energy(flat):
        value, slope = crystal.slope(flat[None])
        off, lean = turned(flat)
        off -= angle
        return float(value[0]) + 0.5 * _STIFF * off**2, slope[0] + _STIFF * off * lean

    options = {"maxiter": 20000, "maxfun": 40000, "gtol": 1e-9, "ftol": 0.0, "maxcor": 60}
    found = minimize(energy, start, jac=True, method="L-BFGS-B", options=options)
    worst = np.abs(energy(found.x)[1]).max()
    if not worst < 1e-4:
        raise NotConverged(f"shell_rotor: force {worst:.1e} left at the angle {angle:.3f}")
    return found.x, float(crystal.slope(found.x[None])[0][0])


def rotor_terms(shell, constant):
    r"""The exchange by the rotation of a free shell, as permutations :math:`c_m\hat P^m`.

    Parameters
    ----------
    shell : sequence of int
        Electrons of the shell in the order of their angles.
    constant : float
        :math:`B = \hbar^2/2I`, > 0.

    Returns
    -------
    list of Permutation
        For m = 1 .. n/2 (both directions in each term); the constant is left out.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    A pair that turns freely: triplets need odd L and lie B above the singlet.

    >>> term, = rotor_terms((0, 1), 1.0)
    >>> term.cycles, term.coefficient
    (((0, 1),), 0.5)
    """
    shell = indices("shell", shell)
    n, scale = len(shell), positive("constant", constant)
    if n < 2 or len(set(shell)) != n:
        refuse("shell", "two or more different electrons", shell)
    k = np.arange(n)
    lowest = (n / 2 - k if n % 2 == 0 else -k) % n
    energy = scale * np.minimum(lowest, n - lowest) ** 2
    amplitude = np.fft.fft(energy).real / n
    terms = []
    for m in range(1, n // 2 + 1):
        weight = amplitude[m] * (1 if 2 * m == n else 2)
        terms.append(Permutation(_power(shell, m), float(weight)))
    return terms


def _power(shell, m):
    """Cycles of the m-th power of a cyclic permutation."""
    n, left, cycles = len(shell), set(range(len(shell))), []
    while left:
        cycle, at = [], min(left)
        while at in left:
            left.remove(at)
            cycle.append(shell[at])
            at = (at + m) % n
        cycles.append(tuple(cycle))
    return tuple(cycles)


def shell_order(positions, shell):
    """The electrons of a shell in the order of their angles.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
    shell : sequence of int

    Returns
    -------
    list of int

    Examples
    --------
    >>> shell_order([[0, 1], [0, -1], [1, 0]], [0, 1, 2])
    [1, 2, 0]
    """
    positions = array_of_shape("positions", positions, (None, 2))
    shell = indices("shell", shell, len(positions))
    return sorted(shell, key=lambda i: math.atan2(positions[i, 1], positions[i, 0]))
