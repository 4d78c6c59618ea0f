r"""Numbers of the band edges from the convergence study, with their errors.

Each run of the study changes one setting from the small reference (6 by 6 k points, 8 angstrom of vacuum;
Elk: RK_max = 7, GPAW: 400 eV). For a number q and a setting s with values s_1, s_2, ... up to the finest,

    q = q(small) + sum_s [q(finest s) - q(small)],       error_s = |q(finest s) - q(one step before)|

and the error of q is the root of the sum of squares over the settings. A setting of which no finer value has
been run adds nothing to q, and the largest change it makes in a material where it has been run to the error.
What is no matter of convergence but of choice (local orbitals, radii of spheres, spin-orbit coupling in the
density, the number of states in the second variation) gives the range at the paper's own settings.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lowdim.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE
from lowdim.spinorbit.firstprinciples import stored_runs

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
    "stored_edges",
]

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
#: from coarse to fine, by code; the first is in the small run
LADDERS = {
    "elk": {
        "basis": ("basis 8", "basis 9", "basis 10"),
        "angular momenta": ("angular momenta 10",),
        "k points": ("mesh 9", "mesh 12", "mesh 16"),
        "vacuum": ("vacuum 12", "vacuum 20", "vacuum 30"),
        "states in the second variation": ("empty 20", "empty 40"),
        "density": ("density 8, 18",),
    },
    "gpaw": {
        "basis": ("cutoff 600", "cutoff 800"),
        "k points": ("mesh 9", "mesh 12", "mesh 18"),
        "vacuum": ("vacuum 12", "vacuum 20", "vacuum 30"),
    },
}
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
    # spins of the upper valence and the lower conduction state at K: opposite in MoX2, in WX2 alike... signed
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
    small : float
        Of the small run.
    steps : mapping of str to tuple
        By setting: change from the small run to the finest, and the error.
    missing : tuple of str
        Settings that have not been varied for this material.
    """

    value: float
    error: float
    small: float
    steps: MappingProxyType
    missing: tuple


def _number(code, material, quantity, name):
    try:
        return edge_numbers(stored_edges(code, material, name))[quantity]
    except ValueError:
        return None


def _ladder(code, material, quantity, names):
    """Values of the small run and of the finer ones that are there."""
    found = [_number(code, material, quantity, name) for name in ("small", *names)]
    return [x for x in found if x is not None]


def _second_variation(material, quantity):
    """Numbers of GPAW with a growing number of bands in the second variation."""
    for name in ("bands 120", "small"):
        try:
            run = _runs("gpaw")[f"{material} {name}"]
        except KeyError:
            continue
        counts = sorted(map(int, run["Gamma-K"]["fewer bands"]))
        return [edge_numbers(stored_edges("gpaw", material, name, bands=n))[quantity] for n in counts]
    return []


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
        If there is no small run, or no such quantity.

    Examples
    --------
    >>> found = converged("elk", "MoS2", "valence")
    >>> 140 < found.value < 155, found.error >= 0
    (True, True)
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity: expected one of {', '.join(QUANTITIES)}, got {quantity!r}")
    small = edge_numbers(stored_edges(code, material))[quantity]
    steps, missing = {}, []
    for setting, names in LADDERS[code].items():
        values = _ladder(code, material, quantity, names)
        if len(values) > 1:
            steps[setting] = values[-1] - small, abs(values[-1] - values[-2])
            continue
        missing.append(setting)
        others = [_ladder(code, m, quantity, names) for m in MATERIALS]
        changes = [abs(v[-1] - v[0]) for v in others if len(v) > 1]
        if changes:
            steps[setting] = 0.0, max(changes)
    if code == "gpaw":
        values = _second_variation(material, quantity)
        if len(values) > 1:
            steps["states in the second variation"] = 0.0, abs(values[-1] - values[-2])
    value = small + sum(change for change, _ in steps.values())
    error = float(np.sqrt(sum(step[1] ** 2 for step in steps.values())))
    return Estimate(value, error, small, MappingProxyType(steps), tuple(missing))


def at_paper_settings(material, quantity):
    """A number of Elk at the settings that the paper states, and its range over those it leaves open.

    If the run itself is not stored, the small run with the changes that each of the settings makes by itself.

    Parameters
    ----------
    material, quantity : str

    Returns
    -------
    value : float
    low, high : float
        Over `CHOICES`, and over the steps to the mesh and vacuum of the paper that have not been run.
    direct : bool
        Whether the run itself is stored.

    Examples
    --------
    >>> value, low, high, direct = at_paper_settings("MoS2", "valence")
    >>> low <= value <= high
    True
    """
    small = edge_numbers(stored_edges("elk", material))[quantity]
    whole = _number("elk", material, quantity, "paper")
    direct, value, open_ = whole is not None, whole, 0.0
    if not direct:
        value = small
        for setting in ("angular momenta", "k points", "vacuum"):
            values = _ladder("elk", material, quantity, LADDERS["elk"][setting])
            value += values[-1] - small
            open_ += abs(values[-1] - values[-2]) if len(values) > 1 else 0.0
    changes = [0.0]
    for name in CHOICES:
        found = _number("elk", material, quantity, name)
        if found is not None:
            changes.append(found - small)
    return value, value + min(changes) - open_, value + max(changes) + open_, direct
