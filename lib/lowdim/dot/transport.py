r"""Sequential tunnelling through the dot by rate equations, accurate to the last digit in the blockade.

A multiplet i (energy :math:`E_i`, degeneracy :math:`d_i = 2S_i+1`) becomes j with one electron more when an
electron enters from lead r = L, R, and back when it leaves. With tunnelling rates :math:`t^r`, transition
probabilities :math:`M_{ji}` and the addition energy
:math:`x^r_{ji} = (E_j - E_i - e\phi - \mu^r)/k_BT` the rates between whole multiplets are

.. math:: \Gamma^r_{ji} = 2 t^r M_{ji}\, f(x^r_{ji}), \qquad
          \Gamma^r_{ij} = 2 t^r M_{ji}\,\frac{d_i}{d_j}\,[1 - f(x^r_{ji})], \qquad f(x) = \frac1{1+e^x} .

Stationary probabilities :math:`P` solve :math:`\sum_j(\Gamma_{ij}P_j - \Gamma_{ji}P_i) = 0`. They span
hundreds of orders of magnitude, so the elimination of Grassmann, Taksar and Heyman, which adds and never
subtracts, is carried out on logarithms. Because left and right contact see the same :math:`M_{ji}`
(parity), the stationary current is a sum of terms of one sign,

.. math:: I = \frac{2e\,t^Lt^R}{t^L+t^R}\sum_{ji} M_{ji}\Big(P_i + \frac{d_i}{d_j}P_j\Big)
              \big[f(x^L_{ji}) - f(x^R_{ji})\big],

and loses no digit either. Chemical potentials: :math:`\mu^L = \eta eV`, :math:`\mu^R = (\eta-1) eV`.

Units: energies, k_B T, e phi and e V in effective Hartrees; currents in e times the unit of the rates.
Sources: K. Jauregui et al., Phys. Rev. B 53, R1713 (1996), eqs. 2-3; W. K. Grassmann, M. I. Taksar and
D. P. Heyman, Oper. Res. 33, 1107 (1985).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from lowdim._checks import (
    array_of_shape,
    instances,
    non_negative,
    non_negative_array,
    positive,
    positive_array,
    real_in,
    refuse,
)
from lowdim.dot.states import Level
from lowdim.dot.transitions import clebsch_gordan_weight, transition_probability

__all__ = [
    "RateEquation",
    "clebsch_gordan_matrix",
    "log_stationary_distribution",
    "peak_height",
    "transition_matrix",
]

_CHUNK = 20_000


def transition_matrix(levels, weights):
    """All M_ji between a list of levels.

    Parameters
    ----------
    levels : sequence of Level
        Of any electron numbers, the empty dot (`spectrum` with N = 0) included.
    weights : array_like, shape (M,)

    Returns
    -------
    ndarray, shape (K, K)
        Entry [j, i] for i -> j with N_j = N_i + 1, zero elsewhere.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=9.5, softening=0.1, n_orbitals=2)
    >>> levels = [spectrum(dot, n, 1)[0] for n in (0, 1)]
    >>> transition_matrix(levels, [2.0, 0.0]).round(9).tolist()
    [[0.0, 0.0], [4.0, 0.0]]
    """
    levels, weights = instances("levels", levels, Level), array_of_shape("weights", weights, (None,))
    return _pairwise(levels, lambda final, initial: transition_probability(final, initial, weights))


def clebsch_gordan_matrix(levels):
    """The same with every M_ji replaced by its spin part C_ji.

    Examples
    --------
    >>> from lowdim.dot.states import QuantumDot, spectrum
    >>> dot = QuantumDot(length=9.5, softening=0.1, n_orbitals=2)
    >>> clebsch_gordan_matrix([spectrum(dot, n, 1)[0] for n in (0, 1)]).tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    levels = instances("levels", levels, Level)
    return _pairwise(levels, lambda final, initial: clebsch_gordan_weight(final.spin, initial.spin))


def _pairwise(levels, value):
    matrix = np.zeros((len(levels), len(levels)))
    for j, final in enumerate(levels):
        for i, initial in enumerate(levels):
            if final.n_electrons == initial.n_electrons + 1:
                matrix[j, i] = value(final, initial)
    return matrix


def peak_height(probability, degeneracy_before, degeneracy_after):
    r"""Largest linear conductance of one transition i -> j at low temperature.

    .. math:: G_{\max} = \frac{e^2}{k_BT}\frac{t^Lt^R}{t^L+t^R}\,
              \frac{2M_{ji}\,d_i}{(\sqrt{d_i}+\sqrt{d_j})^2}

    Parameters
    ----------
    probability : float or array_like
        M_ji.
    degeneracy_before, degeneracy_after : float or array_like
        d_i and d_j.

    Returns
    -------
    float or ndarray
        In e^2 t^L t^R / (k_B T (t^L + t^R)).

    Raises
    ------
    ValueError
        If a probability is negative or a degeneracy is not positive.

    Examples
    --------
    An empty level that an electron of either spin may enter:

    >>> round(float(peak_height(1.0, 1, 2)), 6)
    0.343146
    """
    probability = non_negative_array("probability", probability)
    before = positive_array("degeneracy_before", degeneracy_before)
    after = positive_array("degeneracy_after", degeneracy_after)
    return 2 * probability * before / (np.sqrt(before) + np.sqrt(after)) ** 2


def log_stationary_distribution(log_rates):
    """Stationary distribution of Markov chains given by logarithms of their rates.

    Parameters
    ----------
    log_rates : array_like, shape (..., K, K)
        Entry [j, i] is the logarithm of the rate i -> j; the diagonal is ignored; -inf means no transition.

    Returns
    -------
    ndarray, shape (..., K)
        Logarithms of the probabilities, every one with full relative accuracy.

    Raises
    ------
    ValueError
        If the shape is not square or a chain falls apart into separate pieces.

    Examples
    --------
    Two states that exchange at rates exp(-2000) and 1:

    >>> log_p = log_stationary_distribution([[0.0, 0.0], [-2000.0, 0.0]])
    >>> [float(x) for x in log_p]
    [0.0, -2000.0]
    """
    rates = _log_numbers("log_rates", log_rates)
    if rates.ndim < 2 or rates.shape[-1] != rates.shape[-2] or not rates.size:
        refuse("log_rates", "shape (..., K, K)", rates.shape)
    count = rates.shape[-1]
    # states first, so that every step works on whole arrays over the batch
    rates = np.ascontiguousarray(np.moveaxis(rates, (-2, -1), (0, 1)))
    leave = np.empty((count, *rates.shape[2:]))
    for k in range(count - 1, 0, -1):
        leave[k] = np.logaddexp.reduce(rates[:k, k], axis=0)
        if np.isneginf(leave[k]).any():
            raise ValueError(f"log_rates: expected a connected chain, got no way back from state {k}")
        onward = rates[:k, k] - leave[k]
        for i in range(k):
            # most pairs of states are not connected at all
            if np.isneginf(rates[k, i]).all():
                continue
            for j in range(k):
                if i != j and not np.isneginf(onward[j]).all():
                    rates[j, i] = np.logaddexp(rates[j, i], rates[k, i] + onward[j])
    log_p = np.zeros((count, *rates.shape[2:]))
    for k in range(1, count):
        log_p[k] = np.logaddexp.reduce(log_p[:k] + rates[k, :k], axis=0) - leave[k]
    return np.moveaxis(log_p - np.logaddexp.reduce(log_p, axis=0), 0, -1)


@dataclass(frozen=True, eq=False)
class RateEquation:
    r"""Rate equation of a dot between two leads.

    Parameters
    ----------
    energies : array_like, shape (K,)
        Multiplet energies, effective Hartrees, without the gate term.
    electrons : array_like of int, shape (K,)
        Electron number of each multiplet.
    spins : array_like, shape (K,)
        Total spin of each multiplet.
    probabilities : array_like, shape (K, K)
        M_ji (or C_ji), entry [j, i] for i -> j with one electron more; zero elsewhere.
    temperature : float
        k_B T in effective Hartrees, > 0.
    left, right : float
        Tunnelling rates t^L, t^R >= 0, not both zero.
    bias_division : float
        :math:`\eta` in 0..1: part of the bias that falls on the left lead (1/2: symmetric).

    Raises
    ------
    ValueError
        On negative rates, non-positive temperature, shapes that do not fit, or multiplets that no
        transition connects with the others.

    Examples
    --------
    One spinful level: a large bias drives I = 2 t_L t_R / (2 t_L + t_R) through it.

    >>> m = [[0, 0], [1, 0]]
    >>> dot = RateEquation([0.0, 1.0], [0, 1], [0.0, 0.5], m, temperature=0.01, left=2.0, right=1.0)
    >>> round(float(dot.current(gate=1.0, bias=3.0)), 12)
    0.8
    >>> dot.occupations(1.0, 3.0).round(3).tolist(), dot.log_occupations(1.0, 3.0).round(3).tolist()
    ([0.2, 0.8], [-1.609, -0.223])
    >>> round(float(dot.log_current(1.0, 3.0)), 3), round(float(dot.conductance(1.0, 0.0)), 2)
    (-0.223, 22.22)
    >>> round(float(dot.linear_conductance(1.0)), 2)
    22.22
    """

    energies: np.ndarray
    electrons: np.ndarray
    spins: np.ndarray
    probabilities: np.ndarray
    temperature: float
    left: float = 1.0
    right: float = 1.0
    bias_division: float = 0.5

    def __post_init__(self):
        energies = array_of_shape("energies", self.energies, (None,))
        count = len(energies)
        checked = {
            "energies": energies,
            "electrons": array_of_shape("electrons", self.electrons, (count,)),
            "spins": array_of_shape("spins", self.spins, (count,)),
            "probabilities": array_of_shape("probabilities", self.probabilities, (count, count)),
            "temperature": positive("temperature", self.temperature),
            "left": non_negative("left", self.left),
            "right": non_negative("right", self.right),
            "bias_division": real_in("bias_division", self.bias_division, 0, 1),
        }
        for name, unit, kind in (("electrons", 1, "integers"), ("spins", 2, "multiples of 1/2")):
            if ((checked[name] < 0) | (unit * checked[name] % 1 != 0)).any():
                refuse(name, f"non-negative {kind}", getattr(self, name))
        if checked["left"] + checked["right"] == 0:
            refuse("left", "a positive rate if right is zero", self.left)
        _check_probabilities(checked["probabilities"], checked["electrons"])
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def degeneracies(self):
        """2 S + 1 of each multiplet, shape (K,)."""
        return 2 * self.spins + 1

    def log_occupations(self, gate, bias):
        """Logarithm of the probability of each multiplet, shape broadcast(gate, bias) + (K,)."""
        gate, bias = _grid(gate, bias)
        flat = [
            log_stationary_distribution(self._log_rates(g, b))
            for g, b in zip(_chunks(gate), _chunks(bias), strict=True)
        ]
        return np.concatenate(flat).reshape(*gate.shape, len(self.energies))

    def occupations(self, gate, bias):
        """Probability of each multiplet (all its S_z states together), broadcast(gate, bias) + (K,)."""
        return np.exp(self.log_occupations(gate, bias))

    def current(self, gate, bias):
        """Stationary current from left to right, in e times the rate unit, shape broadcast(gate, bias).

        Parameters
        ----------
        gate, bias : array_like
            e phi and e V in effective Hartrees.
        """
        gate, bias = _grid(gate, bias)
        return np.sign(bias) * np.exp(self.log_current(gate, bias))

    def log_current(self, gate, bias):
        """Logarithm of the size of the current, finite where that underflows; -inf at zero bias."""
        gate, bias = _grid(gate, bias)
        log_p = self.log_occupations(gate, bias)
        final, initial = np.nonzero(self.probabilities)
        entry, occupied = self._log_fermi(gate, bias, final, initial)
        share = np.log(self.degeneracies[initial] / self.degeneracies[final])
        weight = np.logaddexp(log_p[..., initial], log_p[..., final] + share)
        # f_L - f_R = (1 - exp(-eV/kT)) f_L (1 - f_R) for V > 0, and mirrored
        forward = np.where(bias[..., None] >= 0, entry[0] + occupied[1], entry[1] + occupied[0])
        with np.errstate(divide="ignore"):
            window = np.log(-np.expm1(-np.abs(bias) / self.temperature))
            rate = np.log(2 * self.left * self.right / (self.left + self.right))
        terms = weight + forward + np.log(self.probabilities[final, initial])
        return np.logaddexp.reduce(terms, axis=-1) + window + rate

    def conductance(self, gate, bias):
        """Differential conductance dI/dV in e^2 times the rate unit per effective Hartree.

        Central difference over 1/500 of k_B T, far below any structure of the current.
        """
        step = self.temperature / 500
        bias = array_of_shape("bias", bias, None)
        return (self.current(gate, bias + step) - self.current(gate, bias - step)) / (2 * step)

    def linear_conductance(self, gate):
        """dI/dV at zero bias, from the same sum with equilibrium occupations (no difference taken)."""
        gate = array_of_shape("gate", gate, None)
        tiny = 1e-6 * self.temperature
        return np.exp(self.log_current(gate, np.full(gate.shape, tiny))) / tiny

    def _log_fermi(self, gate, bias, final, initial):
        """log f and log(1 - f) for (left, right) at each transition, shapes (2,) + points + (n,)."""
        addition = self.energies[final] - self.energies[initial] - gate[..., None]
        leads = np.stack([self.bias_division * bias, (self.bias_division - 1) * bias])
        x = (addition - leads[..., None]) / self.temperature
        return -np.logaddexp(0, x), -np.logaddexp(0, -x)

    def _log_rates(self, gate, bias):
        final, initial = np.nonzero(self.probabilities)
        entry, leave = self._log_fermi(gate, bias, final, initial)
        with np.errstate(divide="ignore"):
            tunnel = np.log([self.left, self.right]).reshape(2, 1, 1)
        strength = np.log(2 * self.probabilities[final, initial])
        share = np.log(self.degeneracies[initial] / self.degeneracies[final])
        rates = np.full((len(gate), len(self.energies), len(self.energies)), -np.inf)
        rates[:, final, initial] = np.logaddexp.reduce(tunnel + entry, axis=0) + strength
        rates[:, initial, final] = np.logaddexp.reduce(tunnel + leave, axis=0) + strength + share
        return rates


def _check_probabilities(matrix, electrons):
    if (matrix < 0).any():
        refuse("probabilities", "non-negative numbers", float(matrix.min()))
    if matrix[np.subtract.outer(electrons, electrons) != 1].any():
        raise ValueError("probabilities: expected zero unless electrons N_j = N_i + 1, got other entries")
    pieces, _ = connected_components(matrix > 0, directed=False)
    if pieces != 1:
        raise ValueError(
            f"probabilities: expected transitions that connect all multiplets, got {pieces} separate groups"
        )


def _log_numbers(name, value):
    """Logarithms as a new float array: finite, or -inf for the logarithm of zero."""
    try:
        array = np.array(value)
        finite, zero = np.isfinite(array), np.isneginf(array)
    except (TypeError, ValueError):
        refuse(name, "an array of numbers or -inf", value)
    array_of_shape(name, np.where(finite, array, 0.0), None)
    if not (finite | zero).all():
        raise ValueError(f"{name}: expected finite numbers or -inf, got nan or +inf")
    return array.astype(float)


def _grid(gate, bias):
    """Return gate and bias as arrays of one shape."""
    gate, bias = array_of_shape("gate", gate, None), array_of_shape("bias", bias, None)
    try:
        gate, bias = np.broadcast_arrays(gate, bias)
    except ValueError:
        refuse("bias", f"a shape that broadcasts with gate {gate.shape}", bias.shape)
    if not gate.size:
        refuse("gate", "at least one point, and so of bias", gate.shape)
    return gate, bias


def _chunks(array):
    flat = array.ravel()
    return [flat[i : i + _CHUNK] for i in range(0, max(1, flat.size), _CHUNK)]
