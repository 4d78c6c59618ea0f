r"""Numbers of the band edges with their errors, from runs with one setting changed at a time.

The reference is the stored run on 9 by 9 k points with 12 angstrom of vacuum (Elk: RK_max = 7, GPAW: 400 eV).
The runs of the study change one setting of a smaller one (6 by 6, 8 angstrom; "small"), or in Elk of one with
12 angstrom. For a number q and a setting s with values s_0, s_1, ... up to the finest::

    q = q(reference) + sum_s [q(finest s) - q(s_0)],       error_s = |q(finest s) - q(one step before)|

and the error of q is the root of the sum of squares over the settings.

Elk's waves in the spheres are those of a fixed energy, and local orbitals at the same energy. The bands move
against it with the vacuum, by 4 eV from 8 to 20 angstrom, and with them numbers by tens of meV.
"linearisation" leads from the reference to a run with local orbitals at a second energy, on 6 by 6 k points;
its error is what the energies of all of them, moved by 2 eV, then change. Basis and vacuum are judged with
these orbitals. The largest bases are those of the bands only, at the density of RK_max = 8, and all that they
change there counts as error, except for the splittings, which hardly depend on the density.

Elk drops all but s and p functions within a hundredth of the radius of the muffin tins, where two percent of
the spin-orbit coupling of a 5d shell is made. "near the nuclei" is the setting that keeps them.

The coupling is diagonalised among states without it, and hundreds of them count for the splittings. How many
of a given number lie near the nuclei depends on the vacuum, so that a splitting among few states seems to
depend on the cell. "states in the second variation" ends with all of them. The error of the vacuum is what a
smaller cell changes when all states are coupled, as GPAW finds it.

GPAW's waves near a nucleus are those of a data set. "data set" is the change from that of the package to one
made with smaller radius for the metal, and its error the change to a still smaller one.

The spheres of Elk, in which alone the coupling acts, are no matter of convergence, but the result should not
hang on them: "muffin tins" adds nothing to q, and to its error the change from 2.1 to 2.0 bohr for equal
plane waves.

Both codes diagonalise the coupling at a density made without it. Elk can let it act on the density, too.
What this "feedback" changes is no part of q, but of the error of the mean of the codes. What is no matter of
convergence but of choice (the energies of local orbitals, the feedback, the number of states in the second
variation) gives the range at the paper's own settings, of which there is one run.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lowdim._checks import choice
from lowdim.spinorbit.edges import edge_numbers, edge_runs, masses, reference_edges, stored_edges
from lowdim.spinorbit.firstprinciples import reading_once, stored_run, stored_runs

__all__ = [
    "CHOICES",
    "LADDERS",
    "QUANTITIES",
    "Estimate",
    "at_paper_settings",
    "converged",
    "converged_masses",
    "feedback",
    "mean_of_codes",
]

LINEAR = "linearisation"
NEAR = "near the nuclei"
SECOND = "states in the second variation"
DATA = "data set"
TINS = "muffin tins"
#: runs by setting from coarse to fine; the first has what the reference has, or differs from it by a step of
#: another ladder. That of "linearisation" begins with the reference and goes back to the coarser mesh.
LADDERS = {
    "elk": {
        LINEAR: ("more",),
        "basis": ("more", "more basis 8"),
        "angular momenta": ("small", "angular momenta 10"),
        SECOND: ("small", "empty 20"),
        "density": ("small", "density 8, 18"),
        "k points": ("small", "mesh 9", "mesh 12"),
        "vacuum": ("more basis 8", "more vacuum 20"),
    },
    "gpaw": {
        "basis": ("small", "cutoff 600", "cutoff 800"),
        "k points": ("mesh 9", "mesh 12", "mesh 18"),
        "vacuum": ("vacuum 12", "vacuum 20", "vacuum 30"),
    },
}
#: rgkmax of the bands at the density of the last run of the ladder "basis"
LARGER = (9, 10)
#: pairs of runs of Elk whose difference is an error; those of other spheres have the same plane waves
PAIRS = {TINS: ("more basis 8", "more radius 2.0"), LINEAR: ("more", "more moved")}
#: levels of Elk at one density: basis, angular momenta near the nuclei, empty states per atom
AT_ONE_DENSITY = {NEAR: ("9 1 8", "9 2 8", "9 3 8"), SECOND: ("9 3 8", "9 3 100", "9 3 250")}
#: runs of GPAW with all states coupled, by the data set of the metal
DATA_SETS = ("small", "own data set", "own data set 2.0")
#: runs of Elk without spin-orbit coupling in the density and with it
COUPLED = ("more", "more coupled")
#: the run with all settings of the paper at once, and what these leave open as pairs of runs of Elk
PAPER = "paper"
CHOICES = (("small", "locals fixed"), PAIRS[LINEAR], ("small", "empty 20"), COUPLED)
#: the run with the largest basis, and pairs of runs whose differences are errors of the masses
OF_MASSES = {
    "elk": ("more basis 8", (PAIRS[TINS], ("more basis 8", "more vacuum 20"))),
    "gpaw": ("cutoff 800", (("mesh 9", "mesh 18"), ("vacuum 12", "vacuum 30"))),
}
QUANTITIES = ("valence", "conduction", "K-Gamma", "gap", "Q-K", "Q")
SPLITTINGS = ("valence", "conduction")
#: what levels at Gamma, near the second minimum, and K tell: of which (band, point) over which
OF_LEVELS = {
    "valence": ((1, 2), (0, 2)),
    "conduction": ((3, 2), (2, 2)),
    "K-Gamma": ((1, 2), (1, 0)),
    "gap": ((2, 2), (1, 2)),
    "Q-K": ((2, 1), (2, 2)),
}
FEW = 30  # bands in the second variation of GPAW's reference


@dataclass(frozen=True)
class Estimate:
    """A number with its error and what both are made of.

    Attributes
    ----------
    value, error : float
    reference : float
        Of the reference run.
    steps : mapping of str to tuple
        By setting: change from the reference to the finest, and the error.
    """

    value: float
    error: float
    reference: float
    steps: MappingProxyType


def _numbers(code, material, quantity, names):
    """Values of runs of the study."""
    return [edge_numbers(stored_edges(code, material, name))[quantity] for name in names]


def _change(material, quantity, names):
    """What one setting of Elk changes, from the first of two runs to the second."""
    one, two = _numbers("elk", material, quantity, names)
    return two - one


def _of_reference(code, material, quantity):
    return edge_numbers(reference_edges(code, material))[quantity]


def _level_number(code, material, quantity, levels):
    """A number from four bands at Gamma, near the second minimum, and K, shape (4, 3)."""
    upper, lower = OF_LEVELS[quantity]
    difference = float(levels[upper[0]][upper[1]] - levels[lower[0]][lower[1]])
    if quantity == "conduction":
        difference *= float(np.sign(_of_reference(code, material, quantity)))
    return difference if quantity == "gap" else 1e3 * difference


def _complete(material, name, quantity):
    """Numbers of GPAW with more and more of all states coupled, from the 30 of the reference on."""
    runs = {run["key"]: run["with"] for run in stored_runs("states")["runs"]}
    levels = runs[f"{material} {name}"]
    counts = sorted(n for n in map(int, levels) if n >= FEW)
    return [_level_number("gpaw", material, quantity, levels[str(n)]) for n in counts]


def _of_the_cell(material, quantity):
    """Change of a number of GPAW from the small cell to that of the reference, all states coupled."""
    small, wide = (_complete(material, name, quantity)[-1] for name in ("small", "reference"))
    return wide - small


def _at_one_density(material, quantity, setting):
    """Numbers of Elk from levels at the density of a small run."""
    levels = stored_run("coupling", material)["levels"]
    found = (levels[name]["with"] for name in AT_ONE_DENSITY[setting])
    return [_level_number("elk", material, quantity, part) for part in found]


def _more_states(code, material, quantity):
    """Numbers with more and more states in the second variation, from those of the reference."""
    if code == "elk":
        if quantity not in OF_LEVELS:
            return _numbers(code, material, quantity, LADDERS[code][SECOND])
        first, *more = _at_one_density(material, quantity, SECOND)
        if quantity in SPLITTINGS:  # the cell of the reference holds fewer of a given number
            (small,) = _numbers(code, material, quantity, ("small",))
            shift = small - _of_reference(code, material, quantity) + _of_the_cell(material, quantity)
            more = [value + shift for value in more]
        return [first, *more]
    if quantity in OF_LEVELS:
        return _complete(material, "reference", quantity)
    counts = sorted(map(int, edge_runs("gpaw")[f"{material} small"]["Gamma-K"]["fewer bands"]))[1:]
    return [edge_numbers(stored_edges("gpaw", material, bands=n))[quantity] for n in counts]


def _larger_bases(material, quantity):
    """Numbers of Elk by basis, in the end at the density of the largest that has its own."""
    names = LADDERS["elk"]["basis"]
    runs = (stored_edges("elk", material, names[-1], basis=n) for n in LARGER)
    return _numbers("elk", material, quantity, names) + [edge_numbers(run)[quantity] for run in runs]


def _ladder(code, material, quantity, setting):
    """Values from what the reference has to the finest."""
    if setting == SECOND:
        return _more_states(code, material, quantity)
    if setting == NEAR:
        return _at_one_density(material, quantity, NEAR)
    if setting == DATA:
        return [_complete(material, name, quantity)[-1] for name in DATA_SETS]
    if (code, setting) == ("elk", "basis"):
        return _larger_bases(material, quantity)
    return _numbers(code, material, quantity, LADDERS[code][setting])


def _step(code, material, quantity, setting):
    """Change from the reference to the finest, and its error."""
    if setting == TINS:
        return 0.0, abs(_change(material, quantity, PAIRS[TINS]))
    if setting == "vacuum" and quantity in SPLITTINGS:  # in a wider cell few states reach less far
        return 0.0, abs(_of_the_cell(material, quantity))
    if setting == LINEAR:
        (more,) = _numbers(code, material, quantity, LADDERS[code][LINEAR])
        error = abs(_change(material, quantity, PAIRS[LINEAR]))
        return more - _of_reference(code, material, quantity), error
    values = _ladder(code, material, quantity, setting)
    before = values[-2]
    if (code, setting) == ("elk", "basis") and quantity not in SPLITTINGS:
        before = values[-len(LARGER) - 1]  # the density of the largest bases may undo their change
    return values[-1] - values[0], abs(values[-1] - before)


def _settings(code, quantity):
    """What is varied: levels at single points do not tell where the second minimum lies."""
    own = (NEAR,) if code == "elk" else (SECOND, DATA)
    kept = [name for name in own if quantity in OF_LEVELS or name == SECOND]
    return [*LADDERS[code], *kept, *((TINS,) if code == "elk" else ())]


@reading_once
def converged(code, material, quantity):
    """A number extrapolated in all settings of one code.

    Parameters
    ----------
    code : {"elk", "gpaw"}
    material : str
    quantity : str
        One of `QUANTITIES`.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there is no reference, or no such quantity, or a run of the study is not stored.

    Examples
    --------
    >>> found = converged("elk", "MoS2", "valence")
    >>> 140 < found.value < 155, found.error >= 0
    (True, True)
    """
    choice("quantity", quantity, QUANTITIES)
    reference = _of_reference(code, material, quantity)
    steps = {name: _step(code, material, quantity, name) for name in _settings(code, quantity)}
    value = reference + sum(change for change, _ in steps.values())
    error = float(np.sqrt(sum(step[1] ** 2 for step in steps.values())))
    return Estimate(value, error, reference, MappingProxyType(steps))


@reading_once
def converged_masses(code, material):
    """Effective masses at K with the largest basis of a code, in electron masses.

    Parameters
    ----------
    code : {"elk", "gpaw"}
    material : str

    Returns
    -------
    values, errors : ndarray, shape (4,)
        Of the bands of `lowdim.spinorbit.edges.masses`. The error holds that of the fit and what a wider
        vacuum and, in Elk, smaller spheres or, in GPAW, a finer mesh change.

    Raises
    ------
    ValueError
        If there is no such code or material.

    Examples
    --------
    >>> values, errors = converged_masses("gpaw", "MoS2")
    >>> bool(abs(values[1] - 0.53) < 0.01), bool(errors.max() < 0.05)
    (True, True)
    """
    choice("code", code, tuple(OF_MASSES))
    name, pairs = OF_MASSES[code]
    values, fit = masses(stored_edges(code, material, name))
    steps = [[masses(stored_edges(code, material, other))[0] for other in pair] for pair in pairs]
    return values, np.linalg.norm([fit, *(one - two for one, two in steps)], axis=0)


@reading_once
def feedback(material, quantity):
    """What a number of Elk changes when the coupling acts on the density, too.

    Parameters
    ----------
    material, quantity : str

    Returns
    -------
    float
        In the unit of the quantity; on 6 by 6 k points with 12 angstrom of vacuum and RK_max = 7.

    Raises
    ------
    ValueError
        If there is no such material or quantity.

    Examples
    --------
    >>> abs(feedback("MoS2", "valence")) < 0.1
    True
    """
    choice("quantity", quantity, QUANTITIES)
    return _change(material, quantity, COUPLED)


@reading_once
def mean_of_codes(material, quantity):
    """Mean of the two codes, each converged.

    Parameters
    ----------
    material, quantity : str

    Returns
    -------
    value, error : float
        The error holds half the difference of the codes, their errors, and the feedback.

    Raises
    ------
    ValueError
        If there is no such material or quantity.

    Examples
    --------
    >>> value, error = mean_of_codes("MoS2", "valence")
    >>> abs(value - 149) < 1, error < 1
    (True, True)
    """
    one, two = (converged(code, material, quantity) for code in LADDERS)
    parts = [(one.value - two.value) / 2, one.error / 2, two.error / 2, feedback(material, quantity)]
    return (one.value + two.value) / 2, float(np.linalg.norm(parts))


@reading_once
def at_paper_settings(material, quantity):
    """A number of Elk at the settings that the paper states, and its range over those it leaves open.

    The number is that of one run with all of the stated settings at once. Energies of linearisation that do
    not follow the bands and functions dropped near the nuclei are peculiar to Elk, and so the run has local
    orbitals at a second energy and all functions. What is left open is changed one by one in smaller cells.

    Parameters
    ----------
    material, quantity : str

    Returns
    -------
    value, low, high : float

    Raises
    ------
    ValueError
        If there is no such material or quantity.

    Examples
    --------
    >>> value, low, high = at_paper_settings("WSe2", "valence")
    >>> bool(457 < low <= value <= high < 463)
    True
    """
    choice("quantity", quantity, QUANTITIES)
    (value,) = _numbers("elk", material, quantity, (PAPER,))
    # from few states to all is open, too
    changes = [_change(material, quantity, names) for names in CHOICES]
    changes += [0.0, _step("elk", material, quantity, SECOND)[0]]
    return value, value + min(changes), value + max(changes)
