r"""Lines of the differential conductance: where they lie, how strong they are, which state they fill.

At low temperature the current is constant between lines in the plane of gate and bias voltage. Contact
r = L, R opens or closes the transition i -> j of energy :math:`E_j - E_i` where

.. math:: e\phi = E_j - E_i - \mu^r, \qquad \mu^L = \eta eV,\quad \mu^R = (\eta-1)eV .

Crossing a line towards larger V changes the current by the step :math:`\Delta I`, the integral of dI/dV
across the line; its sign is that of dI/dV. Raising V moves :math:`\mu^L` up, like raising the gate, and
:math:`\mu^R` down, so at fixed V the step is the change of I with the gate for the left contact and its
negative for the right one. The currents are those of `RateEquation` midway between neighbouring lines, at
a temperature far below their distance: the limit T -> 0, not an expansion.

Units: as in `lowdim.dot.transport`.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Lines", "conductance_lines"]

_COLD = 400.0


@dataclass(frozen=True)
class Lines:
    """All lines that cut some slices of constant bias; B slices, n transitions, contacts (left, right).

    Attributes
    ----------
    final, initial : ndarray of int, shape (n,)
        Indices of the multiplets j and i of each transition.
    gate : ndarray, shape (B, 2, n)
        e phi of the line, effective Hartrees.
    step : ndarray, shape (B, 2, n)
        Change of the current on crossing the line towards larger bias; negative: dI/dV < 0.
    gain : ndarray, shape (B, 2, n, K)
        Change of the occupation of every multiplet on the same crossing.
    """

    final: np.ndarray
    initial: np.ndarray
    gate: np.ndarray
    step: np.ndarray
    gain: np.ndarray

    @property
    def strength(self):
        """Largest absolute step of each line over the slices, shape (2, n)."""
        return np.abs(self.step).max(axis=0)


def conductance_lines(equation, bias):
    r"""Lines of dI/dV at zero temperature on slices of constant bias.

    Parameters
    ----------
    equation : RateEquation
        Its temperature is not used.
    bias : float or array_like, shape (B,)
        e V of the slices in effective Hartrees, nonzero.

    Returns
    -------
    Lines

    Raises
    ------
    ValueError
        If a bias is zero, or two lines coincide on a slice (shift the bias).

    Examples
    --------
    One spinful level between equal contacts: the current is 2/3 between its two lines.

    >>> from lowdim.dot.transport import RateEquation
    >>> level = RateEquation([0.0, 1.0], [0, 1], [0.0, 0.5], [[0, 0], [1, 0]], temperature=0.01)
    >>> lines = conductance_lines(level, 0.2)
    >>> lines.gate.round(6).tolist(), lines.step.round(6).tolist()
    ([[[0.9], [1.1]]], [[[0.666667], [0.666667]]])
    """
    bias = np.atleast_1d(np.asarray(bias, dtype=float))
    if bias.ndim != 1 or not np.isfinite(bias).all() or (bias == 0).any():
        raise ValueError(f"bias: expected finite nonzero numbers in one dimension, got {bias}")
    final, initial = np.nonzero(equation.probabilities)
    slices = [_slice(equation, final, initial, value) for value in bias]
    gate, step, gain = (np.stack(parts) for parts in zip(*slices, strict=True))
    return Lines(final, initial, gate, step, gain)


def _slice(equation, final, initial, bias):
    addition = equation.energies[final] - equation.energies[initial]
    eta = equation.bias_division
    gate = np.stack([addition - eta * bias, addition - (eta - 1) * bias])
    order = np.argsort(gate, axis=None)
    sorted_gate = gate.ravel()[order]
    gaps = np.diff(sorted_gate)
    if gaps.min() <= 1e-11 * max(1.0, np.abs(sorted_gate).max()):
        raise ValueError(f"bias: expected distinct lines, got two at gate {sorted_gate[gaps.argmin()]:.6g}")
    between = sorted_gate[:-1] + gaps / 2
    between = np.r_[sorted_gate[0] - gaps.max(), between, sorted_gate[-1] + gaps.max()]
    cold = replace(equation, temperature=float(gaps.min()) / _COLD)
    direction = np.repeat([1.0, -1.0], len(final))[order]
    step, gain = np.empty(gate.size), np.empty((gate.size, len(equation.energies)))
    step[order] = np.diff(cold.current(between, bias)) * direction
    gain[order] = np.diff(cold.occupations(between, bias), axis=0) * direction[:, None]
    return gate, step.reshape(gate.shape), gain.reshape(*gate.shape, -1)
