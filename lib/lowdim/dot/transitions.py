r"""Transition probabilities between N- and (N + 1)-electron multiplets of the dot.

For tunnelling into the orbital superposition :math:`c^\dagger_\sigma = \sum_n w_n c^\dagger_{n\sigma}`
(the paper: all :math:`w_n = 1`),

.. math:: M_{ji} = \frac12\frac1{2S_i+1}\sum_{S_{zi},S_{zj},\sigma}
          \left|\langle\Psi_j|c^\dagger_\sigma|\Psi_i\rangle\right|^2 .

With orbitals of positive slope at the left wall, equal :math:`w_n` describe a contact at that wall; for the
right wall :math:`w_n = (-1)^{n+1}`, which multiplies every amplitude by the product of the two parities.

:math:`c^\dagger_\sigma` is a spin-1/2 tensor operator, so by the Wigner-Eckart theorem a single
amplitude fixes the whole sum,

.. math:: M_{ji} = \frac{2S_j+1}{2(2S_i+1)}
          \frac{|\langle S_j m_j|c^\dagger_\sigma|S_i m_i\rangle|^2}
               {\langle S_i m_i\,\tfrac12\sigma|S_j m_j\rangle^2},

and without spatial degrees of freedom it becomes the Clebsch-Gordan value :math:`C_{ji}`.

Source: K. Jauregui et al., Phys. Rev. B 53, R1713 (1996), eqs. 4-6.
"""

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in, non_negative, refuse
from lowdim.dot.fock import string_space
from lowdim.dot.states import Level, check_basis

__all__ = ["clebsch_gordan_weight", "transition_amplitude", "transition_probability", "wall_weights"]


def wall_weights(n_orbitals, wall="left"):
    """Signs w_n of the orbital amplitudes at a wall, shape (M,).

    Raises
    ------
    ValueError
        If `n_orbitals` is not positive or `wall` is neither "left" nor "right".

    Examples
    --------
    >>> wall_weights(4, "right").tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    if wall not in ("left", "right"):
        refuse("wall", "'left' or 'right'", wall)
    n_orbitals = integer_in("n_orbitals", n_orbitals, 1)
    n = np.arange(n_orbitals)
    return np.ones(n_orbitals) if wall == "left" else (-1.0) ** n


def clebsch_gordan_weight(spin_final, spin_initial):
    """Clebsch-Gordan value C_ji of the transition S_i -> S_j by adding an electron (eq. 5).

    Zero unless the spins differ by 1/2.

    Raises
    ------
    ValueError
        If a spin is not a non-negative multiple of 1/2.

    Examples
    --------
    >>> clebsch_gordan_weight(0.5, 0.0), clebsch_gordan_weight(1.0, 1.5), clebsch_gordan_weight(2.0, 0.5)
    (1.0, 0.375, 0.0)
    """
    spin_final, spin_initial = _spin("spin_final", spin_final), _spin("spin_initial", spin_initial)
    if abs(spin_final - spin_initial) != 0.5:
        return 0.0
    return (2 * spin_final + 1) / (2 * (2 * spin_initial + 1))


def _spin(name, value):
    try:
        spin = non_negative(name, value)
    except ValueError:
        spin = 0.25
    if 2 * spin % 1 != 0:
        refuse(name, "a non-negative multiple of 1/2", value)
    return spin


def transition_amplitude(final, initial, weights):
    """Amplitude ``<final| sum_n w_n c_n^dagger |initial>`` at the smallest S_z of both states.

    An up electron is added to even N, a down electron to odd N.

    Parameters
    ----------
    final, initial : Level
        With N + 1 and N electrons.
    weights : array_like, shape (M,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the electron numbers or the orbital bases do not fit.

    Examples
    --------
    Into the empty dot at one of its two orbitals:

    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=9.5, softening=0.1, n_orbitals=2)
    >>> empty, one = (spectrum(dot, n, 1)[0] for n in (0, 1))
    >>> abs(round(transition_amplitude(one, empty, [2.0, 0.0]), 9))
    2.0
    """
    instance("final", final, Level)
    instance("initial", initial, Level)
    weights = array_of_shape("weights", weights, (None,))
    if final.n_electrons != initial.n_electrons + 1:
        raise ValueError(f"final: expected {initial.n_electrons + 1} electrons, got {final.n_electrons}")
    n_up, n_down = (initial.n_electrons + 1) // 2, initial.n_electrons // 2
    up, down = string_space(n_up, len(weights)), string_space(n_down, len(weights))
    for name, level in (("initial", initial), ("final", final)):
        check_basis(name, level, len(weights), "weights")
    if n_up == n_down:
        added = up.creator(weights) @ initial.coefficients
    else:
        added = (-1.0) ** n_up * (down.creator(weights) @ initial.coefficients.T).T
        # the final state has S_z = 0 and both fillings equal
    return float(np.vdot(final.coefficients, added))


def transition_probability(final, initial, weights):
    """Total transition probability M_ji of eq. 4.

    Parameters
    ----------
    final, initial : Level
        With N + 1 and N electrons.
    weights : array_like, shape (M,)
        Orbital amplitudes of the contact; see `wall_weights`.

    Returns
    -------
    float
        Exactly zero if the spins differ by more than 1/2.

    Raises
    ------
    ValueError
        If the electron numbers or the orbital bases do not fit.

    Examples
    --------
    Into an empty-partner dot the amplitude is that of one orbital:

    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=1e-6, softening=0.1, n_orbitals=6)  # kinetic energy dominates
    >>> one, two = spectrum(dot, 1, 1)[0], spectrum(dot, 2, 1)[0]
    >>> round(transition_probability(two, one, wall_weights(6)), 6)
    0.5
    """
    instance("final", final, Level)
    instance("initial", initial, Level)
    weight = clebsch_gordan_weight(final.spin, initial.spin)
    amplitude = transition_amplitude(final, initial, weights)
    if weight == 0.0:
        return 0.0
    return weight * amplitude**2 / _squared_coupling(final, initial)


def _squared_coupling(final, initial):
    """Squared Clebsch-Gordan coefficient <S_i m_i, 1/2 s|S_j m_j> at the smallest S_z."""
    m_final = 0.5 * (final.n_electrons % 2)  # 1/2 after an up electron, 0 after a down one
    spin = initial.spin
    if final.spin > spin:
        return (spin + 0.5 + m_final) / (2 * spin + 1)
    return (spin + 0.5 - m_final) / (2 * spin + 1)
