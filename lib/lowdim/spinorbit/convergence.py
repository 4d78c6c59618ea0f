r"""Numbers of the band edges with their errors, from runs with one setting changed at a time.

The reference is the stored run on 9 by 9 k points with 12 angstrom of vacuum (Elk: RK_max = 7, GPAW: 400 eV).
The runs of the study change one setting of a smaller one (6 by 6, 8 angstrom; "small"). For a number q and a
setting s with values s_0, s_1, ... up to the finest that has been run,

    q = q(reference) + sum_s [q(finest s) - q(s_0)],       error_s = |q(finest s) - q(one step before)|

with s_0 what the reference has, and the error of q is the root of the sum of squares over the settings. Until
a finer mesh and a wider vacuum have been run, the change from the small run to the reference stands for their
error. Any other setting without a finer run adds nothing to q, and to the error the largest change it makes
in a material where it has been run.

What is no matter of convergence but of choice (local orbitals, spin-orbit coupling in the density, the number
of states in the second variation) gives the range at the paper's own settings.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lowdim.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE
from lowdim.spinorbit.firstprinciples import stored_bands, stored_runs

__all__ = [
    "CHOICES",
    "LADDERS",
    "QUANTITIES",
    "Edges",
    "Estimate",
    "at_paper_settings",
    "converged",
    "edge_numbers",
    "masses",
    "reference_edges",
    "stored_edges",
]

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
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
CELL = ("k points", "vacuum")
#: what the paper leaves open, as runs of Elk beside the small one
CHOICES = ("locals fixed", "locals more", "coupled density", "empty 20", "empty 40")
QUANTITIES = ("valence", "conduction", "K-Gamma", "gap", "Q-K", "Q")


@dataclass(frozen=True)
class Edges:
    """The four bands around the gap on a line through Gamma and K and on one around K.

    Attributes
    ----------
    material, code, name : str
    energies : ndarray, shape (4, n)
        From Gamma to K, in eV from the valence-band maximum.
    spin : ndarray, shape (4, n)
        Along the normal, in hbar/2.
    near : ndarray, shape (4, m)
        The same bands around K.
    offset : ndarray, shape (m,)
        Distance from K of these, in 1/angstrom, negative towards Gamma.
    made : mapping
        Provenance.
    """

    material: str
    code: str
    name: str
    energies: np.ndarray
    spin: np.ndarray
    near: np.ndarray
    offset: np.ndarray
    made: MappingProxyType


def _runs(code):
    if code not in LADDERS:
        raise ValueError(f"code: expected elk or gpaw, got {code!r}")
    return {run["key"]: run for run in stored_runs("elk-edges" if code == "elk" else "paw-edges")["runs"]}


def stored_edges(code, material, name="small", *, bands=None):
    """One run of the study.

    Parameters
    ----------
    code : {"elk", "gpaw"}
    material : str
    name : str
        The setting that differs from the small run, such as "basis 8".
    bands : int, optional
        Bands in the second variation ("gpaw" only), of those the run has; all by default.

    Returns
    -------
    Edges

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> found = stored_edges("elk", "MoS2")
    >>> found.energies.shape[0], bool(found.energies[1].max() == 0)
    (4, True)
    """
    runs = _runs(code)
    key = f"{material} {name}"
    if key not in runs:
        raise ValueError(f"material, name: expected a stored run of {code}, got {key!r}")
    run = runs[key]
    line, near = run["Gamma-K"], run["K"]
    if bands is None:
        energies, around = line["with"], near["with"]
    elif str(bands) in line.get("fewer bands", {}):
        energies, around = (part["fewer bands"][str(bands)] for part in (line, near))
    else:
        raise ValueError(f"bands: expected one of {sorted(line.get('fewer bands', ()))}, got {bands!r}")
    (start, end), points = run["inputs"]["lines"]["K"]
    along = np.linspace(start[0], end[0], points) - 1 / 3
    # Gamma-K is 4 pi / 3 a long and ends at 1/3
    offset = along * 4 * np.pi / run["inputs"]["a"]
    return Edges(
        material, code, name, np.array(energies), np.array(line["spin"]), np.array(around), offset,
        MappingProxyType(run["made"]),
    )  # fmt: skip


def _turning_point(values):
    """Minimum of a band between its ends, by the parabola through three points: (index, value)."""
    inner = np.flatnonzero((values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])) + 1
    if not len(inner):
        return np.nan, np.nan
    i = inner[values[inner].argmin()]
    left, middle, right = values[i - 1 : i + 2]
    shift = (left - right) / (2 * (left - 2 * middle + right))
    return i + shift, middle - (left - right) * shift / 4


def edge_numbers(edges):
    """What the paper prints of one layer, and what decides it.

    Parameters
    ----------
    edges : Edges

    Returns
    -------
    dict
        In meV: "valence", the splitting at K; "conduction", the same with a sign, positive if the lower
        conduction band has the spin of the lower valence band; "K-Gamma", E_v(K) - E_v(Gamma); "Q-K", the
        conduction-band minimum between Gamma and K from that at K; in eV "gap", at K; "Q", its place as a
        share of Gamma-K.

    Examples
    --------
    >>> found = edge_numbers(stored_edges("elk", "MoS2"))
    >>> 140 < found["valence"] < 155, 0.5 < found["Q"] < 0.6
    (True, True)
    """
    e, spin = edges.energies, edges.spin
    place, minimum = _turning_point(e[2][len(e[2]) // 4 :])
    place += len(e[2]) // 4
    orientation = -np.sign(spin[1, -1] * spin[2, -1])
    return {
        "valence": 1e3 * float(e[1, -1] - e[0, -1]),
        "conduction": 1e3 * float(orientation * (e[3, -1] - e[2, -1])),
        "K-Gamma": 1e3 * float(e[1, -1] - e[1, 0]),
        "gap": float(e[2, -1] - e[1, -1]),
        "Q-K": 1e3 * float(minimum - e[2, -1]),
        "Q": float(place / (e.shape[1] - 1)),
    }


def masses(edges):
    """Effective masses at K, isotropic to second order, in electron masses.

    Polynomials in the distance from K along Gamma-K-M; odd orders are the trigonal warping. The error is the
    spread over orders 4 and 6 and over the whole and the inner half of the points.

    Parameters
    ----------
    edges : Edges

    Returns
    -------
    values : ndarray, shape (4,)
        Lower and upper valence, lower and upper conduction band; positive for holes, too.
    errors : ndarray, shape (4,)

    Examples
    --------
    >>> values, errors = masses(stored_edges("elk", "MoS2"))
    >>> bool(np.all((values > 0.3) & (values < 0.9))), bool(errors.max() < 0.1)
    (True, True)
    """
    hartree = HARTREE / ELEMENTARY_CHARGE
    k = edges.offset * BOHR_RADIUS * 1e10
    # at K itself the bands keep their order; around it the two conduction bands may cross
    up = _by_spin(edges)
    found = []
    for order, inner in ((4, 1.0), (6, 1.0), (4, 0.6), (2, 0.35)):
        kept = np.abs(k) <= inner * np.abs(k).max() + 1e-12
        curvature = 2 * np.polyfit(k[kept], up[:, kept].T / hartree, order)[-3]
        found.append(1 / curvature)
    found = np.abs(np.array(found))
    return found[0], np.abs(found[:3] - found[0]).max(axis=0)


def _by_spin(edges):
    """Bands around K followed through a crossing of the two conduction bands by the smoother continuation."""
    bands = edges.near.copy()
    middle = bands.shape[1] // 2
    for pair in (0, 2):
        for way in (1, -1):
            i = middle + way
            while 0 < i + way < bands.shape[1] - 1 and 0 <= i + way:
                straight = 2 * bands[pair : pair + 2, i] - bands[pair : pair + 2, i - way]
                ahead = bands[pair : pair + 2, i + way]
                if np.abs(ahead[::-1] - straight).sum() < np.abs(ahead - straight).sum():
                    bands[pair : pair + 2, i + way] = ahead[::-1]
                i += way
    return bands


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


def reference_edges(code, material):
    """The reference run, as far as it is on Gamma-K.

    Parameters
    ----------
    code : {"elk", "gpaw"}
    material : str

    Returns
    -------
    Edges
        Without bands around K.

    Examples
    --------
    >>> round(edge_numbers(reference_edges("elk", "MoS2"))["valence"])
    147
    """
    if code not in LADDERS:
        raise ValueError(f"code: expected elk or gpaw, got {code!r}")
    run = stored_bands("elk" if code == "elk" else "layer", material)
    line = slice(run.corners[1], run.corners[2] + 1)
    none = np.zeros((4, 0))
    made = MappingProxyType(stored_runs("elk" if code == "elk" else "layer")["provenance"])
    return Edges(material, code, "reference", run.gap_bands[:, line], run.spin[:, line], none, none[0], made)


def _numbers(code, material, quantity, names):
    """Values of those of the runs that are stored."""
    runs = _runs(code)
    found = [stored_edges(code, material, name) for name in names if f"{material} {name}" in runs]
    return [edge_numbers(edges)[quantity] for edges in found]


def _second_variation(material, quantity):
    """Numbers of GPAW with a growing number of bands in the second variation."""
    runs = _runs("gpaw")
    for name in ("bands 120", "small"):
        if f"{material} {name}" in runs:
            counts = sorted(map(int, runs[f"{material} {name}"]["Gamma-K"]["fewer bands"]))
            return [edge_numbers(stored_edges("gpaw", material, name, bands=n))[quantity] for n in counts]
    return []


def _ladder(code, material, quantity, setting):
    """Values from what the reference has to the finest; empty if there is no finer run."""
    if code == "gpaw" and setting == SECOND:
        values = _second_variation(material, quantity)
    else:
        names = LADDERS[code][setting]
        values = _numbers(code, material, quantity, names[:1]) and _numbers(code, material, quantity, names)
    return values if len(values) > 1 else []


def _cell(code, material, quantity):
    """Change from the small run to the reference, whose k points and vacuum are both finer."""
    small = _numbers(code, material, quantity, ("small",))
    return abs(edge_numbers(reference_edges(code, material))[quantity] - small[0]) if small else None


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
    small = _numbers(code, material, quantity, ("small",))
    settings = [*LADDERS[code], *([SECOND] if code == "gpaw" else [])]
    steps, missing = {}, []
    for setting in settings:
        values = _ladder(code, material, quantity, setting)
        if values:
            steps[setting] = values[-1] - values[0], abs(values[-1] - values[-2])
            continue
        missing.append(setting)
        if setting in CELL:
            cells = [_cell(code, m, quantity) for m in ((material,) if small else MATERIALS)]
            changes = [x / len(CELL) ** 0.5 for x in cells if x is not None]
        else:
            others = [_ladder(code, m, quantity, setting) for m in MATERIALS]
            changes = [abs(v[-1] - v[0]) for v in others if v]
        if changes:
            steps[setting] = 0.0, max(changes)
    value = reference + sum(change for change, _ in steps.values())
    error = float(np.sqrt(sum(step[1] ** 2 for step in steps.values())))
    return Estimate(value, error, reference, MappingProxyType(steps), tuple(missing))


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
    for setting in ("angular momenta", *CELL):
        change, error = estimate.steps.get(setting, (0.0, 0.0))
        value += change
        unknown = float(np.hypot(unknown, error))
    if whole:
        value, unknown = whole[0], 0.0
    small = _numbers("elk", material, quantity, ("small",))
    changes = [0.0]
    if small:
        changes += [found - small[0] for found in _numbers("elk", material, quantity, CHOICES)]
    return value, value + min(changes) - unknown, value + max(changes) + unknown, bool(whole)
