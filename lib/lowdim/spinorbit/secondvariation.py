r"""Spin-orbit coupling diagonalised among bands without it (the second variation), from what a sphere holds.

Inside a sphere around an atom a band without coupling is sum_i c_ni f_i(r) Y_i, with real harmonics Y. In
hartree units, with V the spherical part of the potential,

    <m s|H|n t> = E_n delta + sum_spheres sum_ij conj(c_mi) X_ij L_ij . sigma_st c_nj
    X_ij = 1/(4 c^2) int dr r^2 f_i f_j (dV/dr) / (r M^2),     M = 1 + (E - V) / 2 c^2

with L the angular momentum between harmonics of one l. M is the relativistic mass that the elimination of the
small components of the Dirac equation leaves; M = 1 gives the usual Pauli form. Near a nucleus V is about
-Z/r and M exceeds one where the coupling is made, so M^2 is no small matter: 4 percent for tungsten.

Sources: D. D. Koelling and B. N. Harmon, J. Phys. C 10, 3107 (1977), for M; A. H. MacDonald, W. E. Pickett
and D. D. Koelling, J. Phys. C 13, 2675 (1980), for the second variation.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import (
    array_of_shape,
    boolean,
    complex_array,
    instance,
    instances,
    integer_in,
    non_negative,
    real,
    refuse,
)
from lowdim.constants import ELEMENTARY_CHARGE, FINE_STRUCTURE, HARTREE
from lowdim.spinorbit.firstprinciples import stored_run

__all__ = [
    "Line",
    "Sphere",
    "angular_momentum",
    "coupled_states",
    "radial_coupling",
    "shell_contributions",
    "stored_line",
    "stored_spheres",
]

_EV = HARTREE / ELEMENTARY_CHARGE
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True)
class Sphere:
    """What the coupling of one atom is made of, in hartree units.

    Attributes
    ----------
    charge : float
        Of the nucleus.
    shells : tuple of int
        Angular momentum l of each radial function.
    radius, weights : ndarray, shape (n,)
        Radial points, ascending from 0 or above it, and dr of each for sums.
    functions : ndarray, shape (n_functions, n)
        Radial functions f(r).
    density : ndarray, shape (n,)
        Spherical density of all electrons.
    exchange : ndarray, shape (n,)
        Spherical exchange-correlation potential.
    """

    charge: float
    shells: tuple
    radius: np.ndarray
    weights: np.ndarray
    functions: np.ndarray
    density: np.ndarray
    exchange: np.ndarray

    def force(self):
        """dV/dr of the nucleus, the electrons inside r, and exchange and correlation; shape (n,)."""
        r = np.maximum(self.radius, 1e-12)
        shell = 4 * np.pi * r**2 * self.density * self.weights
        inside = np.cumsum(shell) - shell / 2
        return (self.charge - inside) / r**2 + np.gradient(self.exchange) / self.weights

    def potential(self):
        """V(r) from its slope, zero at the last point; shape (n,)."""
        step = self.force() * self.weights
        return step / 2 - np.cumsum(step[::-1])[::-1]


def radial_coupling(sphere, *, mass=True, energy=0.0, hollow=0.0):
    """X_ij of a sphere.

    Parameters
    ----------
    sphere : Sphere
    mass : bool
        Whether the relativistic mass M is taken, or 1.
    energy : float
        E in M, in hartree; a few electronvolts do not matter.
    hollow : float
        Radius in bohr within which only s and p functions are kept, as Elk does by default within a
        hundredth of the radius of the muffin tin; 0 keeps all everywhere.

    Returns
    -------
    ndarray, shape (n_functions, n_functions)
        In eV; zero between different l.

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> _, _, (metal, _), _ = stored_spheres("WSe2")
    >>> heavy, light = radial_coupling(metal), radial_coupling(metal, mass=False)
    >>> round(float(heavy[4, 4] / light[4, 4]), 3)
    0.952
    """
    instance("sphere", sphere, Sphere)
    boolean("mass", mass)
    energy = real("energy", energy)
    r = np.maximum(sphere.radius, 1e-12)
    force = sphere.force()
    weight = r * sphere.weights * force
    if mass:
        weight = weight / (1 + (energy - sphere.potential()) * FINE_STRUCTURE**2 / 2) ** 2
    weight[sphere.radius <= 0] = 0
    shells = np.array(sphere.shells)
    kept = (shells[:, None] <= 1) | (sphere.radius >= non_negative("hollow", hollow))
    found = FINE_STRUCTURE**2 / 4 * _EV * (sphere.functions * weight * kept) @ sphere.functions.T
    return np.where(shells[:, None] == shells, found, 0.0)


def angular_momentum(shell):
    """Matrices of L between real harmonics of order m = -l..l (for l = 1: y, z, x).

    Parameters
    ----------
    shell : int
        Angular momentum l.

    Returns
    -------
    ndarray, shape (3, 2 l + 1, 2 l + 1)
        Hermitian and imaginary.

    Examples
    --------
    >>> x, y, z = angular_momentum(2)
    >>> bool(np.allclose(x @ y - y @ x, 1j * z)), bool(np.allclose(x @ x + y @ y + z @ z, 6 * np.eye(5)))
    (True, True)
    """
    shell = integer_in("shell", shell, 0, 100)
    m = np.arange(-shell, shell + 1)
    up = np.diag(np.sqrt(shell * (shell + 1) - m[:-1] * (m[:-1] + 1.0)), -1).astype(complex)
    harmonics = np.array([(up + up.T) / 2, (up - up.T) / 2j, np.diag(m)])
    real = np.zeros((2 * shell + 1,) * 2, complex)
    for k in range(1, shell + 1):
        sign = (-1.0) ** k
        real[shell + k, [shell + k, shell - k]] = sign / np.sqrt(2), 1 / np.sqrt(2)
        real[shell - k, [shell - k, shell + k]] = 1j / np.sqrt(2), -1j * sign / np.sqrt(2)
    real[shell, shell] = 1
    return real.conj() @ harmonics @ real.T


def coupled_states(energies, amplitudes, spheres, *, bands=None, mass=True, hollow=0.0):
    """Levels with spin-orbit coupling at one wave vector, and their spins.

    Parameters
    ----------
    energies : array_like, shape (n_bands,)
        Without coupling, in eV, each for two spins.
    amplitudes : sequence of array_like, each of shape (n_bands, n_harmonics)
        c_ni of each sphere, the harmonics of each radial function in turn.
    spheres : sequence of Sphere
    bands : int, optional
        Among how many of the lowest bands the coupling is diagonalised; all by default.
    mass, hollow
        As for `radial_coupling`.

    Returns
    -------
    levels : ndarray, shape (2 bands,)
        In eV, ascending.
    spins : ndarray, shape (2 bands,)
        Along the normal, between -1 and 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are not so many bands.

    Examples
    --------
    >>> energies, amplitudes, spheres, electrons = stored_spheres("MoS2")
    >>> levels, spins = coupled_states(energies, amplitudes, [spheres[0], spheres[1], spheres[1]])
    >>> round(1e3 * float(levels[electrons - 1] - levels[electrons - 2]))
    149
    >>> [round(float(x)) for x in spins[electrons - 2 : electrons]]
    [-1, 1]
    """
    spheres = instances("spheres", spheres, Sphere)
    boolean("mass", mass)
    if not isinstance(amplitudes, list | tuple):
        refuse("amplitudes", "a list of arrays, one for each of spheres", amplitudes)
    energies = array_of_shape("energies", energies, (None,))
    bands = integer_in("bands", len(energies) if bands is None else bands, 1, len(energies))
    if len(amplitudes) != len(spheres):
        raise ValueError(
            f"amplitudes: expected one for each of {len(spheres)} spheres, got {len(amplitudes)}"
        )
    matrix = np.kron(np.diag(energies[:bands]), np.eye(2)).astype(complex)
    for found, sphere in zip(amplitudes, spheres, strict=True):
        sizes = [2 * shell + 1 for shell in sphere.shells]
        found = complex_array("amplitudes", found, (len(energies), sum(sizes)))
        parts = np.split(found[:bands], np.cumsum(sizes)[:-1], axis=1)
        radial = radial_coupling(sphere, mass=mass, hollow=hollow)
        for i, j in np.argwhere(radial != 0):
            vector = parts[i].conj() @ angular_momentum(sphere.shells[i]) @ parts[j].T
            matrix += radial[i, j] * sum(np.kron(v, s) for v, s in zip(vector, _PAULI, strict=True))
    levels, states = np.linalg.eigh(matrix)
    up, down = np.abs(states[::2]) ** 2, np.abs(states[1::2]) ** 2
    return levels, (up - down).sum(axis=0)


def shell_contributions(amplitudes, sphere, *, radius, mass=True):
    """What each shell of one sphere holds of a band, and adds to its splitting to first order.

    Parameters
    ----------
    amplitudes : array_like, shape (n_harmonics,)
        c_i of the band.
    sphere : Sphere
    radius : float
        Within which the weight is counted, in bohr: that of the muffin tin it is compared with.
    mass : bool
        As for `radial_coupling`.

    Returns
    -------
    dict of int to (float, float)
        By angular momentum: the weight, and the splitting E_up - E_down in eV.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> _, amplitudes, spheres, electrons = stored_spheres("WSe2")
    >>> found = shell_contributions(amplitudes[0][electrons // 2 - 1], spheres[0], radius=2.1)
    >>> found[2][0] > 100 * found[1][0], found[1][1] < 0 < found[2][1]
    (True, True)
    """
    instance("sphere", sphere, Sphere)
    boolean("mass", mass)
    radius = non_negative("radius", radius)
    sizes = [2 * shell + 1 for shell in sphere.shells]
    found = complex_array("amplitudes", amplitudes, (sum(sizes),))
    parts = np.split(found, np.cumsum(sizes)[:-1])
    radial = radial_coupling(sphere, mass=mass)
    counted = np.where(sphere.radius <= radius, sphere.radius**2 * sphere.weights, 0.0)
    overlap = (sphere.functions * counted) @ sphere.functions.T
    result = {}
    for shell in sorted(set(sphere.shells)):
        own = [i for i, other in enumerate(sphere.shells) if other == shell]
        normal = angular_momentum(shell)[2]
        pairs = [(i, j) for i in own for j in own]
        weight = sum(overlap[i, j] * np.vdot(parts[i], parts[j]) for i, j in pairs)
        splitting = sum(2 * radial[i, j] * np.vdot(parts[i], normal @ parts[j]) for i, j in pairs)
        result[shell] = float(weight.real), float(splitting.real)
    return result


def _complex(amplitudes):
    return [np.array(real) + 1j * np.array(imaginary) for real, imaginary in amplitudes]


def stored_spheres(material):
    """Bands of a layer at K without coupling, and what the coupling is made of, from a run of GPAW.

    Parameters
    ----------
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    energies : ndarray, shape (n_bands,)
    amplitudes : list of three ndarray
        Of the metal and the two chalcogens.
    spheres : list of two Sphere
        Of the metal and of a chalcogen.
    electrons : int

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> energies, amplitudes, spheres, electrons = stored_spheres("WSe2")
    >>> amplitudes[0].shape[0] == len(energies), spheres[0].charge
    (True, 74.0)
    """
    run = stored_run("projections", material)
    spheres = [
        Sphere(
            float(s["charge"]),
            tuple(s["l"]),
            *(np.array(s[name]) for name in ("r", "dr", "functions", "density", "exchange")),
        )
        for s in run["spheres"]
    ]
    return np.array(run["energies"]), _complex(run["amplitudes"]), spheres, run["electrons"]


@dataclass(frozen=True)
class Line:
    """What the bands of a layer without coupling hold in the spheres from Gamma to K.

    Attributes
    ----------
    place : ndarray, shape (n_points,)
        Share of the way.
    pair : list of three ndarray, each of shape (n_points, 2, n_harmonics)
        Amplitudes of the valence and the conduction band on the metal and the two chalcogens.
    index : int
        The point at which all bands are held.
    energies : ndarray, shape (n_bands,)
        There, in eV.
    amplitudes : list of three ndarray, each of shape (n_bands, n_harmonics)
        There.
    """

    place: np.ndarray
    pair: list
    index: int
    energies: np.ndarray
    amplitudes: list


def stored_line(material):
    """From a run of GPAW, whose spheres are those of `stored_spheres`.

    Parameters
    ----------
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    Line

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> line = stored_line("WSe2")
    >>> bool(line.place[line.index] < 0.2), len(line.pair), line.pair[0].shape[:2]
    (True, 3, (25, 2))
    """
    run = stored_run("shells", material)
    points, whole = np.array(run["inputs"]["line"]), run["inputs"]["whole"]
    return Line(
        points / points[-1], _complex(run["amplitudes"]), whole, np.array(run["whole"]["energies"]),
        _complex(run["whole"]["amplitudes"]),
    )  # fmt: skip
