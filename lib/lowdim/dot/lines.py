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

from lowdim._checks import array_of_shape, instance, integer_array, positive, refuse
from lowdim.dot.transport import RateEquation

__all__ = ["Lines", "conductance_lines", "distinct_slices"]

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
    sides : ndarray, shape (B, 2, n, 2)
        e phi midway to the next line, on the side of smaller and of larger bias.
    occupations : ndarray, shape (B, 2, n, 2, K)
        Probability of every multiplet on these two sides.
    """

    final: np.ndarray
    initial: np.ndarray
    gate: np.ndarray
    step: np.ndarray
    sides: np.ndarray
    occupations: np.ndarray

    @property
    def strength(self):
        """Largest absolute step of each line over the slices, shape (2, n)."""
        return np.abs(self.step).max(axis=0)

    def count(self, threshold, transitions=None):
        """Lines whose step exceeds a threshold on some slice, and those of them that do so downwards.

        Parameters
        ----------
        threshold : float
            Smallest absolute step, > 0.
        transitions : sequence of int, optional
            Numbers of the transitions to count; all if not given.

        Returns
        -------
        tuple of int
            Lines with a step beyond the threshold, and lines with a negative one.

        Raises
        ------
        ValueError
            If an argument is not of its kind or out of its range.

        Examples
        --------
        >>> from lowdim.dot.transport import RateEquation
        >>> level = RateEquation([0.0, 1.0], [0, 1], [0.0, 0.5], [[0, 0], [1, 0]], temperature=0.01)
        >>> conductance_lines(level, 0.2).count(0.5, [0])
        (2, 0)
        """
        threshold = positive("threshold", threshold)
        if transitions is not None:
            transitions = integer_array("transitions", transitions, (None,), 0, len(self.final) - 1)
        steps = self.step if transitions is None else self.step[:, :, transitions]
        if not steps.size:
            refuse("transitions", "at least one", transitions)
        return int((np.abs(steps).max(axis=0) > threshold).sum()), int((-steps.min(axis=0) > threshold).sum())

    @property
    def gain(self):
        """Change of every occupation on crossing the line towards larger bias, shape (B, 2, n, K)."""
        return self.occupations[..., 1, :] - self.occupations[..., 0, :]


def distinct_slices(equation, largest):
    """Biases that meet every piece of every line below a largest bias.

    The order of the lines along the gate changes only where a left and a right line cross, at a difference
    of two transition energies. Between two such crossings all steps are constant; one bias lies there.

    Parameters
    ----------
    equation : RateEquation
    largest : float
        Largest e V in effective Hartrees, > 0.

    Returns
    -------
    ndarray, shape (B,)
        Increasing, between 0 and `largest`.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.transport import RateEquation
    >>> ladder = [[0, 0, 0], [0.5, 0, 0], [0.6, 0, 0]]
    >>> dot = RateEquation([0.0, 1.0, 1.2], [1, 2, 2], [0.5, 0.0, 1.0], ladder, temperature=0.01)
    >>> distinct_slices(dot, 0.5).round(6).tolist()
    [0.1, 0.35]
    """
    instance("equation", equation, RateEquation)
    largest = positive("largest", largest)
    final, initial = np.nonzero(equation.probabilities)
    addition = equation.energies[final] - equation.energies[initial]
    crossing = np.abs(np.subtract.outer(addition, addition)).ravel()
    crossing = np.unique(np.r_[0.0, crossing[crossing < largest], largest])
    width = np.diff(crossing)
    return (crossing[:-1] + width / 2)[width > 1e-9 * largest]


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
    instance("equation", equation, RateEquation)
    bias = array_of_shape("bias", bias, None)
    bias = np.atleast_1d(bias)
    if bias.ndim != 1 or not bias.size or (bias == 0).any():
        refuse("bias", "nonzero numbers in one dimension", bias)
    final, initial = np.nonzero(equation.probabilities)
    slices = [_slice(equation, final, initial, value) for value in bias]
    return Lines(final, initial, *(np.stack(parts) for parts in zip(*slices, strict=True)))


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
    occupations, current = cold.occupations(between, bias), cold.current(between, bias)
    # every line has one interval below it and one above; a right line is crossed downwards
    below = np.empty(gate.size, dtype=int)
    below[order] = np.arange(gate.size)
    right = np.arange(gate.size) >= len(final)
    sides = np.stack([below + right, below + ~right], axis=-1)
    step = current[sides[:, 1]] - current[sides[:, 0]]
    shape = gate.shape
    return (
        gate,
        step.reshape(shape),
        between[sides].reshape(*shape, 2),
        occupations[sides].reshape(*shape, 2, -1),
    )
