"""First-principles bands of MX2 layers: the stored runs of two codes, and the numbers read from them.

The runs use the PBE functional and the structures of Table I of Z. Y. Zhu, Y. C. Cheng and
U. Schwingenschloegl, Phys. Rev. B 84, 153402 (2011); `data/make.py` makes them. "elk": full-potential
linearised augmented plane waves, all electrons, as in the paper; "layer": projector augmented waves (GPAW).
Both treat the spin-orbit coupling in a second variation. Energies are in eV from the valence-band maximum
with spin-orbit coupling; the path is M-Gamma-K-M. K is the corner where the upper valence band has spin up;
the signed splitting of a pair is E_up - E_down.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType

import numpy as np

from lowdim._checks import choice, instance
from lowdim.stored import load_stored

__all__ = [
    "Bands",
    "Wedge",
    "band_edges",
    "pair_splitting",
    "stored_bands",
    "stored_run",
    "stored_runs",
]

_PAIRS = {"valence": 0, "conduction": 2}

_READ = ContextVar("stored runs read so far", default=None)

CODES = ("elk", "layer")
MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")


@dataclass(frozen=True)
class Bands:
    """Bands of one layer along M-Gamma-K-M.

    Attributes
    ----------
    material, code : str
    path : ndarray, shape (n_k,)
        Distance along the path, from 0 to 1.
    corners : tuple of int
        Indices of M, Gamma, K and M.
    plain : ndarray, shape (n, n_k)
        Energies without spin-orbit coupling, each for two states.
    energies : ndarray, shape (2 n, n_k)
        Energies with spin-orbit coupling.
    occupied : int
        How many of `energies` lie below the gap.
    spin : ndarray, shape (4, n_k)
        Spin along the normal of the two bands on either side of the gap, in hbar/2; with "elk" only the part
        inside the muffin tins. Arbitrary where two bands are degenerate.
    weights : mapping of str to ndarray, shape (4, n_k)
        Weight of orbitals in the muffin tins for the same bands ("elk" only). "M d2" are the d orbitals of
        the metal with m = -2 and 2 (x2-y2, xy), "X p1" the p orbitals of both chalcogens with m = -1 and 1
        (x, y).
    """

    material: str
    code: str
    path: np.ndarray
    corners: tuple
    plain: np.ndarray
    energies: np.ndarray
    occupied: int
    spin: np.ndarray
    weights: MappingProxyType

    @property
    def gap_bands(self):
        """The two bands on either side of the gap, shape (4, n_k)."""
        return self.energies[self.occupied - 2 : self.occupied + 2]


@dataclass(frozen=True)
class Wedge:
    """The four bands around the gap on the irreducible wedge Gamma-M-K of one layer.

    Attributes
    ----------
    k : ndarray, shape (n, 2)
        Wave vectors times the lattice constant, theta between 0 (Gamma-M) and pi/6 (Gamma-K).
    energies : ndarray, shape (4, n)
    spin : ndarray, shape (4, n, 3)
        Spin expectation values in hbar/2, all components, the z axis along the normal.
    """

    k: np.ndarray
    energies: np.ndarray
    spin: np.ndarray


def reading_once(function):
    """Let a function that asks for stored runs many times read each file once."""

    @wraps(function)
    def reading(*args, **options):
        if _READ.get() is not None:
            return function(*args, **options)
        token = _READ.set({})
        try:
            return function(*args, **options)
        finally:
            _READ.reset(token)

    return reading


def stored_runs(name):
    """The stored runs of one kind, as made.

    Parameters
    ----------
    name : str
        Name of a file of the folder data, without its ending.

    Returns
    -------
    dict
        With the keys provenance and runs.

    Raises
    ------
    ValueError
        If there is no such file.
    DamagedDataError
        If the file is not what was stored.

    Examples
    --------
    >>> sorted(stored_runs("crystals"))
    ['provenance', 'runs']
    """
    read = _READ.get()
    if read is None:
        return load_stored("spinorbit", f"{name}.json")
    if name not in read:
        read[name] = load_stored("spinorbit", f"{name}.json")
    return read[name]


def stored_run(name, material):
    """The run of one material, of a kind with one run for each.

    Parameters
    ----------
    name : str
        As for `stored_runs`.
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    dict
        With the keys material, inputs and made, and what the run gave.

    Raises
    ------
    ValueError
        If there is no such file, or none of the material in it.

    Examples
    --------
    >>> stored_run("bulk", "WS2")["material"]
    'WS2'
    """
    runs = {run["material"]: run for run in stored_runs(name)["runs"]}
    if material not in runs:
        raise ValueError(f"material: expected one of {', '.join(sorted(runs))}, got {material!r}")
    return runs[material]


def stored_bands(code, material):
    """Bands of one layer from one code.

    Parameters
    ----------
    code : {"elk", "layer"}
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    Bands

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> found = stored_bands("elk", "WSe2")
    >>> found.energies.shape[1] == len(found.path), found.corners[0]
    (True, 0)
    """
    choice("code", code, CODES)
    run = stored_run(code, material)
    if code == "elk":
        path = np.array(run["distance"])
        corners = tuple(int(abs(path - x).argmin()) for x in run["corners"])
        occupied, spin, weights = run["occupied"], np.array(run["spin"]), run["weights"]
    else:
        corners = tuple(run["corners"])
        path = _path(np.array(run["k"]))
        occupied, spin, weights = run["inputs"]["below"], np.array(run["spin"])[..., 2], {}
    weights = MappingProxyType({key: np.array(value) for key, value in weights.items()})
    plain, energies = np.array(run["without"]), np.array(run["with"])
    return Bands(material, code, path, corners, plain, energies, occupied, spin, weights)


def _path(k):
    steps = np.linalg.norm(np.diff(cartesian(k), axis=0), axis=1)
    return np.concatenate([[0], np.cumsum(steps)]) / steps.sum()


def cartesian(k):
    """Wave vectors (u, v) in reciprocal lattice vectors at 0 and pi/3, as plane vectors times a."""
    length = 4 * np.pi / np.sqrt(3)
    return length * k @ np.array([[1, 0], [0.5, np.sqrt(0.75)]])


def pair_splitting(bands, pair):
    """E_up - E_down of a pair of bands, along the path.

    Parameters
    ----------
    bands : Bands or Wedge
    pair : {"valence", "conduction"}

    Returns
    -------
    ndarray, shape (n_k,)
        In eV, positive for the valence band at K.

    Raises
    ------
    ValueError
        If the pair is neither.

    Examples
    --------
    >>> found = stored_bands("elk", "WSe2")
    >>> bool(pair_splitting(found, "valence")[found.corners[2]] > 0.4)
    True
    """
    instance("bands", bands, Bands, Wedge)
    if pair not in _PAIRS:
        raise ValueError(f"pair: expected valence or conduction, got {pair!r}")
    if isinstance(bands, Wedge):
        energies, spin = bands.energies, bands.spin[..., 2]
    else:
        energies, spin = bands.gap_bands, bands.spin
    # the largest splitting of the valence band marks K
    at_k = np.argmax(energies[1] - energies[0])
    orientation = np.sign(spin[1, at_k] - spin[0, at_k])
    low = _PAIRS[pair]
    return orientation * np.sign(spin[low + 1] - spin[low]) * (energies[low + 1] - energies[low])


def band_edges(bands):
    """Numbers that the paper prints for one layer.

    Parameters
    ----------
    bands : Bands

    Returns
    -------
    dict
        In meV: "valence" and "conduction", the splittings at K; "K-Gamma", the energy of the upper valence
        band at K from that at Gamma; in eV "gap"; and "direct", whether both edges lie at K.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> sorted(band_edges(stored_bands("elk", "WSe2")))
    ['K-Gamma', 'conduction', 'direct', 'gap', 'valence']
    """
    instance("bands", bands, Bands)
    four = bands.gap_bands
    _, gamma, corner, _ = bands.corners
    return {
        "valence": 1e3 * (four[1, corner] - four[0, corner]),
        "conduction": 1e3 * (four[3, corner] - four[2, corner]),
        "K-Gamma": 1e3 * (four[1, corner] - four[1, gamma]),
        "gap": four[2].min() - four[1].max(),
        "direct": bool(four[2].argmin() == corner and four[1].argmax() == corner),
    }
