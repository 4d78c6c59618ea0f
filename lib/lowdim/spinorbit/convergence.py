r"""Numbers of the band edges with their errors, from runs with one setting changed at a time.

The reference is the stored run on 9 by 9 k points with 12 angstrom of vacuum (Elk: RK_max = 7, GPAW: 400 eV).
The runs of the study change one setting of a smaller one (6 by 6, 8 angstrom; "small"). For a number q and a
setting s with values s_0, s_1, ... up to the finest that has been run::

    q = q(reference) + sum_s [q(finest s) - q(s_0)],       error_s = |q(finest s) - q(one step before)|

with s_0 what the reference has, and the error of q is the root of the sum of squares over the settings. Until
a finer mesh and a wider vacuum have been run, the change from the small run to the reference stands for their
error. Any other setting without a finer run adds nothing to q, and to the error the largest change it makes
in a material where it has been run (for splittings, as a share of them). Where the study has no run yet, or a
shorter one, bands with one setting changed at the density of the small or the reference run take its place.

Elk drops all but s and p functions within a hundredth of the radius of the muffin tins, where two percent of
the spin-orbit coupling of a 5d shell is made. "near the nuclei" is the setting that keeps them. Where it has
not been run, the change of a splitting is that of the coupling step of GPAW without these functions.

The coupling is diagonalised among states without it, and hundreds of them count for the splittings. How many
of a given number lie near the nuclei depends on the vacuum, so that a splitting among few states seems to
depend on the cell. "states in the second variation" ends with all of them. The error of the cell is what a
smaller one changes when all states are coupled, as GPAW finds it.

GPAW's waves near a nucleus are those of a data set. "data set" is the change from that of the package to one
made with smaller radius for the metal, and its error the change to a still smaller one.

The spheres of Elk, in which alone the coupling acts, are no matter of convergence either, but the result
should not hang on them: "muffin tins" adds nothing to q, and to its error the change from 2.1 to 2.0 bohr for
equal plane waves. With the vacuum Elk's energies go up and down where those of GPAW stand still; there the
change from 12 to 20 angstrom is an error, too, and no step towards a limit.

What is no matter of convergence but of choice (local orbitals, spin-orbit coupling in the density, the number
of states in the second variation) gives the range at the paper's own settings.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lowdim.spinorbit.edges import edge_numbers, edge_runs, reference_edges, stored_edges
from lowdim.spinorbit.firstprinciples import MATERIALS, reading_once, stored_runs
from lowdim.spinorbit.secondvariation import coupled_levels, stored_spheres

__all__ = [
    "CHOICES",
    "LADDERS",
    "QUANTITIES",
    "Estimate",
    "at_paper_settings",
    "converged",
]

#: runs by setting from coarse to fine; the first has what the reference has
LADDERS = {
    "elk": {
        "basis": ("small", "basis 8", "basis 9", "basis 10"),
        "angular momenta": ("small", "angular momenta 10"),
        "states in the second variation": ("small", "empty 20", "empty 40"),
        "density": ("small", "density 8, 18"),
        "k points": ("mesh 9", "mesh 12", "mesh 16"),
        "vacuum": ("vacuum 12", "vacuum 20", "vacuum 30"),
    },
    "gpaw": {
        "basis": ("small", "cutoff 600", "cutoff 800"),
        "k points": ("mesh 9", "mesh 12", "mesh 18"),
        "vacuum": ("vacuum 12", "vacuum 20", "vacuum 30"),
    },
}
SECOND = "states in the second variation"
DATA = "data set"
TINS = "muffin tins"
#: pairs of runs of Elk whose difference is an error; those of other spheres have the same plane waves
PAIRS = {TINS: ("basis 8", "radius 2.0"), "vacuum": ("vacuum 12", "vacuum 20")}
NEAR = "near the nuclei"
HOLLOW = 0.020  # bohr, where the radial points of Elk within a hundredth of 2.1 bohr end
HOLLOW_ERROR = 0.5  # meV, of the change so predicted where Elk has been run
#: bands of Elk at the density of the small run: basis, angular momenta near the nuclei, empty states per atom
AT_ONE_DENSITY = {
    NEAR: ("7 1 8", "7 2 8", "7 3 8"),
    "basis": ("7 3 8", "8 3 8", "9 3 8", "10 3 8"),
    SECOND: ("9 3 8", "9 3 100", "9 3 250"),
}
#: runs of GPAW with all states coupled, by the data set of the metal
DATA_SETS = ("small", "own data set", "own data set 2.0")
CELL = ("k points", "vacuum")
#: larger bases of Elk in the cell of the reference, taken before those in the small one
WIDE = ("reference 8", "reference 9")
#: what the paper leaves open, as runs of Elk beside the small one
CHOICES = ("locals fixed", "locals more", "coupled density", "empty 20", "empty 40")
QUANTITIES = ("valence", "conduction", "K-Gamma", "gap", "Q-K", "Q")
SPLITTINGS = ("valence", "conduction")
CORNERS = (*SPLITTINGS, "K-Gamma", "gap")  # that levels at Gamma and K tell
LEVELS = (*CORNERS, "Q-K")  # that levels at Gamma, near the second minimum and K tell
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
    missing : tuple of str
        Settings that have not been varied for this material.
    """

    value: float
    error: float
    reference: float
    steps: MappingProxyType
    missing: tuple


def _numbers(code, material, quantity, names):
    """Values of those of the runs that are stored."""
    runs = edge_runs(code)
    found = [stored_edges(code, material, name) for name in names if f"{material} {name}" in runs]
    return [edge_numbers(edges)[quantity] for edges in found]


def _coupled_splitting(material, quantity, **options):
    """A splitting at K by the coupling step of GPAW, in meV, with options of `coupled_levels`."""
    energies, amplitudes, (metal, chalcogen), n = stored_spheres(material)
    low = n - 2 if quantity == "valence" else n
    levels = coupled_levels(energies, amplitudes, [metal, chalcogen, chalcogen], **options)
    return _sign("gpaw", material, quantity) * 1e3 * float(levels[low + 1] - levels[low])


def _predicted_near(material, quantity):
    """What d functions near the nuclei add to a splitting at K."""
    whole, without = (_coupled_splitting(material, quantity, hollow=r) for r in (0.0, HOLLOW))
    return whole - without


def _complete(material, name, quantity):
    """Numbers of GPAW with more and more of all states coupled, from the 30 of the reference on."""
    runs = {run["key"]: run["with"] for run in stored_runs("states")["runs"]}
    levels = runs.get(f"{material} {name}", {})
    counts = sorted(n for n in map(int, levels) if n >= FEW)
    return [_corners(levels[str(n)], _sign("gpaw", material), quantity) for n in counts]


def _second_variation(material, quantity):
    """Numbers of GPAW with more and more bands in the second variation, from the 30 of the reference."""
    if quantity in LEVELS:
        whole = _complete(material, "reference", quantity) or _complete(material, "small", quantity)
        if whole and quantity in SPLITTINGS:  # as many states reach less far in the cell of the reference
            whole[0] = edge_numbers(reference_edges("gpaw", material))[quantity]
        return whole
    run = edge_runs("gpaw").get(f"{material} small")
    if run is None:
        return []
    counts = sorted(map(int, run["Gamma-K"]["fewer bands"]))[1:]
    return [edge_numbers(stored_edges("gpaw", material, bands=n))[quantity] for n in counts]


def _data_sets(material, quantity):
    """Numbers of GPAW with all states coupled, by the data set of the metal."""
    if quantity not in LEVELS:
        return []
    return [found[-1] for name in DATA_SETS if (found := _complete(material, name, quantity))]


def _corners(levels, sign, quantity):
    """A number from four bands at Gamma, near the second minimum if told, and K, shape (4, points).

    The sign is that of the conduction splitting.
    """
    e = np.asarray(levels)
    return {
        "valence": 1e3 * float(e[1, -1] - e[0, -1]),
        "conduction": sign * 1e3 * float(e[3, -1] - e[2, -1]),
        "K-Gamma": 1e3 * float(e[1, -1] - e[1, 0]),
        "gap": float(e[2, -1] - e[1, -1]),
        "Q-K": 1e3 * float(e[2, 1] - e[2, -1]),
    }[quantity]


def _sign(code, material, quantity="conduction"):
    return float(np.sign(edge_numbers(reference_edges(code, material))[quantity]))


def _at_one_density(material, quantity, setting):
    """Numbers of Elk at the density of the small run; of the corners of the zone."""
    runs = {run["material"]: run["levels"] for run in stored_runs("coupling")["runs"]}
    # the distance from K to Gamma depends on the density that goes with a basis, the splittings hardly do
    told = SPLITTINGS if setting == "basis" else CORNERS
    if material not in runs or quantity not in told or setting not in AT_ONE_DENSITY:
        return []
    found = (runs[material][name]["with"] for name in AT_ONE_DENSITY[setting])
    values = [_corners(levels, _sign("elk", material), quantity) for levels in found]
    own, shift = _numbers("elk", material, quantity, ("small", "basis 8")), 0.0
    if setting == "basis" and len(own) == 2:  # what the density that goes with the larger basis adds
        shift = own[1] - own[0] - (values[1] - values[0])
    if setting == SECOND and quantity in SPLITTINGS and own:  # the cell of the reference holds fewer
        reference = edge_numbers(reference_edges("elk", material))[quantity]
        shift = own[0] - reference + (_cell_of_all(material, quantity) or 0.0)
    return [values[0], *(value + shift for value in values[1:])]


def _at_the_density_of_the_reference(material, quantity, names):
    """Numbers of Elk with a setting changed in the bands only; of the corners of the zone."""
    runs = {run["material"]: run["variations"] for run in stored_runs("variations")["runs"]}
    if material not in runs or quantity not in CORNERS:
        return []
    found = {run["name"]: np.array(run["M Gamma K"]).T[:, 1:] for run in runs[material]}
    names = ["reference", *(name for name in names if name in found)]
    return [_corners(found[name], _sign("elk", material), quantity) for name in names]


def _ladder(code, material, quantity, setting):
    """Values from what the reference has to the finest; empty if there is no finer run."""
    if setting == TINS or (setting == "vacuum" and (code == "elk" or quantity in SPLITTINGS)):
        values = []  # no way to a limit; in a wider cell few states reach less far
    elif code == "gpaw" and setting in (SECOND, DATA):
        values = (_second_variation if setting == SECOND else _data_sets)(material, quantity)
    elif setting == NEAR:
        values = _at_one_density(material, quantity, NEAR)
    else:
        names = LADDERS[code][setting]
        wide = _numbers(code, material, quantity, WIDE) if (code, setting) == ("elk", "basis") else []
        if wide:
            return [edge_numbers(reference_edges(code, material))[quantity], *wide]
        values = _numbers(code, material, quantity, names[:1]) and _numbers(code, material, quantity, names)
        if code == "elk" and setting not in CELL and len(values) < 2:
            values = _at_the_density_of_the_reference(material, quantity, names[1:])
        elsewhere = _at_one_density(material, quantity, setting) if code == "elk" else []
        values = max(values, elsewhere, key=len)
    return values if len(values) > 1 else []


def _share(code, material, other, quantity):
    """What a change in another material is worth in this one: splittings scale with the coupling."""
    if quantity not in SPLITTINGS:
        return 1.0
    here, there = (abs(edge_numbers(reference_edges(code, m))[quantity]) for m in (material, other))
    return here / there


def _cell_of_all(material, quantity):
    """Change of a number of GPAW from the small cell to that of the reference, all states coupled."""
    whole = [_complete(material, name, quantity) for name in ("small", "reference")]
    return whole[1][-1] - whole[0][-1] if all(whole) else None


def _cell(code, material, quantity):
    """Change from the small run to the reference, whose k points and vacuum are both finer, or None."""
    if quantity in SPLITTINGS:
        change = _cell_of_all(material, quantity)
        return None if change is None else abs(change)
    small = _numbers(code, material, quantity, ("small",))
    return abs(edge_numbers(reference_edges(code, material))[quantity] - small[0]) if small else None


def _pair(code, material, quantity, setting):
    """Values of a pair of runs whose difference is an error; empty if there is none."""
    if code != "elk" or setting not in PAIRS or (setting == "vacuum" and quantity in SPLITTINGS):
        return []
    values = _numbers(code, material, quantity, PAIRS[setting])
    return values if len(values) == 2 else []


def _elsewhere(code, material, quantity, setting):
    """Sizes of the changes that a setting makes in other materials, or what stands for them."""
    if setting in CELL:
        own = _cell(code, material, quantity)
        cells = {m: _cell(code, m, quantity) for m in ((material,) if own is not None else MATERIALS)}
        sizes = [x * _share(code, material, m, quantity) for m, x in cells.items() if x is not None]
        return [x / len(CELL) ** 0.5 for x in sizes]
    find = _pair if setting in PAIRS else _ladder
    others = {m: find(code, m, quantity, setting) for m in MATERIALS}
    changes = [abs(v[-1] - v[0]) * _share(code, material, m, quantity) for m, v in others.items() if v]
    if setting == SECOND and not changes:  # what it changes in the other code
        whole = _second_variation(material, quantity)
        changes = [abs(whole[-1] - whole[0])] if whole else []
    return changes


def _without_a_ladder(code, material, quantity, setting):
    """(change, error) of a setting without a finer run, or None; and whether it counts as not varied."""
    if (code, setting) == ("gpaw", "vacuum") and quantity in SPLITTINGS:
        cell = _cell(code, material, quantity)
        if cell is not None:
            return (0.0, cell), False
    if setting == NEAR and quantity == "Q-K":
        # a level moves by no more than half of the largest splitting does
        moved = _ladder(code, material, "valence", NEAR)
        change = moved[-1] - moved[0] if moved else _predicted_near(material, "valence")
        return (0.0, abs(change) / 2), False
    if setting == NEAR and quantity == "Q":
        return None, False
    if setting == NEAR and quantity in SPLITTINGS:
        return (_predicted_near(material, quantity), HOLLOW_ERROR), True
    if pair := _pair(code, material, quantity, setting):
        return (0.0, abs(pair[1] - pair[0])), False
    changes = _elsewhere(code, material, quantity, setting)
    return ((0.0, max(changes)) if changes else None), True


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
        If there is no reference, or no such quantity.

    Examples
    --------
    >>> found = converged("elk", "MoS2", "valence")
    >>> 140 < found.value < 155, found.error >= 0
    (True, True)
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity: expected one of {', '.join(QUANTITIES)}, got {quantity!r}")
    reference = edge_numbers(reference_edges(code, material))[quantity]
    steps, missing = {}, []
    for setting in (*LADDERS[code], *((SECOND, DATA) if code == "gpaw" else (NEAR, TINS))):
        values = _ladder(code, material, quantity, setting)
        if values:
            steps[setting] = values[-1] - values[0], abs(values[-1] - values[-2])
            continue
        step, unknown = _without_a_ladder(code, material, quantity, setting)
        missing += [setting] if unknown else []
        if step:
            steps[setting] = step
    value = reference + sum(change for change, _ in steps.values())
    error = float(np.sqrt(sum(step[1] ** 2 for step in steps.values())))
    return Estimate(value, error, reference, MappingProxyType(steps), tuple(missing))


@reading_once
def at_paper_settings(material, quantity):
    """A number of Elk at the settings that the paper states, and its range over those it leaves open.

    If the run itself is not stored, it is the reference with the changes that each of the stated settings
    makes by itself, as far as they have been run; those that have not widen the range.

    Parameters
    ----------
    material, quantity : str

    Returns
    -------
    value, low, high : float
    direct : bool
        Whether the run itself is stored.

    Examples
    --------
    >>> value, low, high, direct = at_paper_settings("MoS2", "valence")
    >>> low <= value <= high
    True
    """
    estimate = converged("elk", material, quantity)
    whole = _numbers("elk", material, quantity, ("paper",))
    value, unknown = estimate.reference, 0.0
    for setting in ("angular momenta", NEAR, *CELL):
        change, error = estimate.steps.get(setting, (0.0, 0.0))
        value += change
        unknown = float(np.hypot(unknown, error))
    if whole:
        value, unknown = whole[0], 0.0
    small = _numbers("elk", material, quantity, ("small",))
    changes = [0.0]
    if small:
        changes += [found - small[0] for found in _numbers("elk", material, quantity, CHOICES)]
    if SECOND not in estimate.missing:  # from few states to all
        changes.append(estimate.steps[SECOND][0])
    return value, value + min(changes) - unknown, value + max(changes) + unknown, bool(whole)
