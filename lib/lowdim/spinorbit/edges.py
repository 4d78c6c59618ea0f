"""Band edges of one run: the four bands around the gap from Gamma to K and around K, and their numbers.

The runs are those of `data/make.py` of the kinds elk-edges and paw-edges, and the reference runs along
M-Gamma-K-M. Energies are in eV from the valence-band maximum with spin-orbit coupling.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lowdim._checks import instance
from lowdim.constants import BOHR_RADIUS, ELEMENTARY_CHARGE, HARTREE
from lowdim.spinorbit.firstprinciples import stored_bands, stored_runs

__all__ = ["Edges", "edge_numbers", "edge_runs", "masses", "reference_edges", "stored_edges"]

_KINDS = {"elk": "elk-edges", "gpaw": "paw-edges"}


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
    near, near_spin : ndarray, shape (4, m)
        The same bands and spins around K.
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
    near_spin: np.ndarray
    offset: np.ndarray
    made: MappingProxyType


def edge_runs(code):
    """All runs of the study of one code, by their keys (material and setting).

    Parameters
    ----------
    code : {"elk", "gpaw"}

    Returns
    -------
    dict of str to dict

    Raises
    ------
    ValueError
        If there is no such code.

    Examples
    --------
    >>> "MoS2 small" in edge_runs("elk")
    True
    """
    if code not in _KINDS:
        raise ValueError(f"code: expected elk or gpaw, got {code!r}")
    return {run["key"]: run for run in stored_runs(_KINDS[code])["runs"]}


def stored_edges(code, material, name="small", *, bands=None, basis=None):
    """One run of the study.

    Parameters
    ----------
    code : {"elk", "gpaw"}
    material : str
    name : str
        The setting that differs from the small run, such as "more basis 8".
    bands : int, optional
        Bands in the second variation ("gpaw" only), of those the run has; all by default.
    basis : int, optional
        A larger RK_max ("elk" only) for the bands from Gamma to K, of those the run has, at its density; the
        spins and the bands around K stay those of its own basis.

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
    runs = edge_runs(code)
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
    if basis is not None:
        larger = line.get("larger", {})
        if str(basis) not in larger:
            raise ValueError(f"basis: expected one of {sorted(larger)}, got {basis!r}")
        energies = larger[str(basis)]
    (start, end), points = run["inputs"]["lines"]["K"]
    along = np.linspace(start[0], end[0], points) - 1 / 3
    # Gamma-K is 4 pi / 3 a long and ends at 1/3
    offset = along * 4 * np.pi / run["inputs"]["a"]
    return Edges(
        material, code, name, np.array(energies), np.array(line["spin"]), np.array(around),
        np.array(near["spin"]), offset, MappingProxyType(run["made"]),
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

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> found = edge_numbers(stored_edges("elk", "MoS2"))
    >>> 140 < found["valence"] < 155, 0.5 < found["Q"] < 0.6
    (True, True)
    """
    instance("edges", edges, Edges)
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

    Polynomials in the distance from K along Gamma-K-M; odd orders are the trigonal warping. The error is how
    much order 6, and the inner six tenths of the points, differ from order 4 over all points.

    Parameters
    ----------
    edges : Edges

    Returns
    -------
    values : ndarray, shape (4,)
        Lower and upper valence, lower and upper conduction band; positive for holes, too.
    errors : ndarray, shape (4,)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> values, errors = masses(stored_edges("elk", "MoS2"))
    >>> bool(np.all((values > 0.3) & (values < 0.9))), bool(errors.max() < 0.1)
    (True, True)
    """
    instance("edges", edges, Edges)
    hartree = HARTREE / ELEMENTARY_CHARGE
    k = edges.offset * BOHR_RADIUS * 1e10
    up = _by_spin(edges)
    found = []
    for order, inner in ((4, 1.0), (6, 1.0), (4, 0.6)):
        kept = np.abs(k) <= inner * np.abs(k).max() + 1e-12
        curvature = 2 * np.polyfit(k[kept], up[:, kept].T / hartree, order)[-3]
        found.append(1 / curvature)
    found = np.abs(np.array(found))
    return found[0], np.abs(found - found[0]).max(axis=0)


def _by_spin(edges):
    """Bands around K, each of one spin all along, through crossings."""
    bands, spin = edges.near.copy(), edges.near_spin
    middle = bands.shape[1] // 2
    for low in (0, 2):
        turned = spin[low] * spin[low, middle] < 0
        bands[low : low + 2, turned] = bands[low : low + 2, turned][::-1]
    return bands


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
    if code not in _KINDS:
        raise ValueError(f"code: expected elk or gpaw, got {code!r}")
    kind = "elk" if code == "elk" else "layer"
    run = stored_bands(kind, material)
    line = slice(run.corners[1], run.corners[2] + 1)
    none = np.zeros((4, 0))
    made = {stored["key"]: stored["made"] for stored in stored_runs(kind)["runs"]}
    return Edges(
        material, code, "reference", run.gap_bands[:, line], run.spin[:, line], none, none, none[0],
        MappingProxyType(made[material]),
    )  # fmt: skip
