r"""Tight-binding models of MX2 layers: random ones of a given symmetry, and the three-band model.

    H_ij(k) = sum_d H_ij(d) exp(i k.d)

with d the vector, in the plane, from orbital i to orbital j (not only the lattice vector): an operation O of
the crystal then acts by one matrix, U(O) H(k) U(O)^+ = H(O k), and time reversal by sigma_y H(k)^* sigma_y =
H(-k). Averaging any Hermitian hoppings over these makes them symmetric, and every symmetric model can be made
so; what holds for all such models follows from the symmetry alone. Orbitals are real, spin is the fastest
index (orbital a with spin s is row 2 a + s); energies in any unit (eV in `three_band`), lengths in units of
the lattice constant. Axes as in `lowdim.spinorbit.symmetry`: M-X bonds along 0 and +-2 pi/3, lattice vectors
along pi/6 + n pi/3.

The mirror plane of the layer maps every in-plane k to itself, so its eigenvalues -i and +i label all bands.
For orbitals even in z, -i is spin up. The signed splitting of a band is D(k) = E(-i, k) - E(+i, k), taken
between the bands of equal number of the two kinds.

Sources: G.-B. Liu, W.-Y. Shan, Y. Yao, W. Yao and D. Xiao, Phys. Rev. B 88, 085433 (2013), for the three
bands; Z. Y. Zhu, Y. C. Cheng, U. Schwingenschloegl, Phys. Rev. B 84, 153402 (2011), for the questions.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

from lowdim._checks import (
    array_of_shape,
    boolean,
    choice,
    complex_array,
    instance,
    integer_in,
    positive,
    refuse,
)
from lowdim.spinorbit.symmetry import GROUPS, orbital_matrix, point_group, spin_matrix

__all__ = [
    "GAMMA",
    "K",
    "LATTICE",
    "LIU",
    "M",
    "RECIPROCAL",
    "Model",
    "bands",
    "hamiltonian",
    "mirror_bands",
    "random_model",
    "signed_splitting",
    "spin_texture",
    "symmetrised",
    "three_band",
    "three_band_model",
]

_ROOT3 = math.sqrt(3)
#: lattice vectors of a triangular lattice of unit constant, at pi/6 and -pi/6
LATTICE = np.array([[_ROOT3 / 2, 0.5], [_ROOT3 / 2, -0.5]])
RECIPROCAL = 2 * np.pi * np.linalg.inv(LATTICE).T
GAMMA = np.zeros(2)
M = np.array([2 * np.pi / _ROOT3, 0.0])  #: middle of an edge of the zone, at theta = 0
K = 4 * np.pi / 3 * np.array([_ROOT3 / 2, 0.5])  #: corner of the zone, at theta = pi/6


@dataclass(frozen=True)
class Model:
    """Hoppings of a layer.

    Attributes
    ----------
    bonds : ndarray, shape (n_bonds, 2)
        In-plane vectors d, in lattice constants.
    hoppings : ndarray, shape (n_bonds, n_states, n_states)
        H_ij(d), complex.
    layer_mirror : ndarray, shape (n_states, n_states)
        Matrix of the reflection in the plane of the layer, whether or not it is a symmetry.
    """

    bonds: np.ndarray
    hoppings: np.ndarray
    layer_mirror: np.ndarray


def hamiltonian(model, k):
    """Bloch Hamiltonians.

    Parameters
    ----------
    model : Model
    k : array_like, shape (..., 2)
        Wave vectors times the lattice constant.

    Returns
    -------
    ndarray, shape (..., n_states, n_states)

    Raises
    ------
    ValueError
        If an argument is not of its kind or out of its range.

    Examples
    --------
    >>> h = hamiltonian(three_band("WSe2"), K)
    >>> h.shape, bool(np.allclose(h, h.conj().T))
    ((6, 6), True)
    """
    instance("model", model, Model)
    k = _wave_vectors(k)
    phases = np.exp(1j * k @ model.bonds.T)
    return np.tensordot(phases, model.hoppings, 1)


def bands(model, k):
    """Energies in ascending order, shape (..., n_states); arguments as for `hamiltonian`.

    Examples
    --------
    >>> energies = bands(three_band("WSe2"), K)
    >>> [round(float(x), 3) for x in energies[:4]]
    [-0.204, 0.252, 1.564, 1.564]
    """
    return np.linalg.eigvalsh(hamiltonian(model, k))


def mirror_bands(model, k):
    """Energies of the states that the plane of the layer reflects with eigenvalue -i, and with +i.

    Parameters
    ----------
    model : Model
        A model with this mirror plane.
    k : array_like, shape (..., 2)

    Returns
    -------
    ndarray, shape (2, ..., n_states / 2)
        In ascending order for each eigenvalue.

    Raises
    ------
    ValueError
        If the plane of the layer is no mirror plane of the model.

    Examples
    --------
    >>> up, down = mirror_bands(three_band("WSe2"), K)
    >>> round(float(up[0] - down[0]), 3)
    0.456
    """
    h = hamiltonian(model, k)
    values, vectors = np.linalg.eig(model.layer_mirror)
    down, up = vectors[:, values.imag > 0], vectors[:, values.imag < 0]
    down, up = np.linalg.qr(down)[0], np.linalg.qr(up)[0]
    if np.abs(up.conj().T @ h @ down).max(initial=0.0) > 1e-9 * (1 + np.abs(h).max(initial=0.0)):
        raise ValueError("model: expected one with the mirror plane of the layer, got one without")
    return np.stack([np.linalg.eigvalsh(part.conj().T @ h @ part) for part in (up, down)])


def signed_splitting(model, k, band):
    """D(k) = E(-i, k) - E(+i, k) of one spin-split band of a model with the mirror plane of the layer.

    Parameters
    ----------
    model : Model
    k : array_like, shape (..., 2)
    band : int
        0 for the lowest pair of bands.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> model = three_band("MoS2")
    >>> signed_splitting(model, [K, -K, M, GAMMA], 0).round(3).tolist()
    [0.146, -0.146, 0.0, 0.0]
    """
    up, down = mirror_bands(model, k)
    band = integer_in("band", band, 0, up.shape[-1] - 1)
    return up[..., band] - down[..., band] + 0.0


def spin_texture(model, k, band):
    """Spin expectation values of one band, in units of hbar/2.

    Parameters
    ----------
    model : Model
    k : array_like, shape (..., 2)
        Where the band is not degenerate.
    band : int
        Counted from 0 over all spin-split bands.

    Returns
    -------
    ndarray, shape (..., 3)

    Examples
    --------
    >>> bool(np.allclose(spin_texture(three_band("WSe2"), K, 1), [0, 0, 1]))
    True
    """
    h = hamiltonian(model, k)
    band = integer_in("band", band, 0, h.shape[-1] - 1)
    state = np.linalg.eigh(h)[1][..., band]
    spinors = state.reshape(*state.shape[:-1], -1, 2)
    up, down = spinors[..., 0], spinors[..., 1]
    cross = (up.conj() * down).sum(axis=-1)
    along = (abs(up) ** 2 - abs(down) ** 2).sum(axis=-1)
    return np.stack([2 * cross.real, 2 * cross.imag, along], axis=-1)


def symmetrised(bonds, hoppings, operations, matrices, *, time_reversal=True):
    """Average hoppings over a group, over time reversal, and with their Hermitian conjugates.

    Parameters
    ----------
    bonds : array_like, shape (n, 2)
    hoppings : array_like of complex, shape (n, m, m)
        One matrix H(d) for each bond; any numbers.
    operations : array_like, shape (order, 3, 3)
        A whole group.
    matrices : array_like of complex, shape (order, m, m)
        U(O) of each operation; signs are arbitrary.
    time_reversal : bool

    Returns
    -------
    bonds : ndarray, shape (n', 2)
    hoppings : ndarray, shape (n', m, m)

    Raises
    ------
    ValueError
        If a shape does not fit the others, or a number is not finite.

    Examples
    --------
    >>> group = point_group("C3v")
    >>> bonds, hoppings = symmetrised([[1.0, 0.2]], [[[1.0]]], group, np.ones((6, 1, 1)), time_reversal=False)
    >>> len(bonds), float(abs(hoppings - 1 / 12).max().round(9))
    (12, 0.0)
    """
    boolean("time_reversal", time_reversal)
    bonds = array_of_shape("bonds", bonds, (None, 2))
    operations = array_of_shape("operations", operations, (None, 3, 3))
    hoppings, matrices = complex_array("hoppings", hoppings, None), complex_array("matrices", matrices, None)
    size = hoppings.shape[-1] if hoppings.ndim == 3 else "m"
    for name, array, count in (("hoppings", hoppings, len(bonds)), ("matrices", matrices, len(operations))):
        if array.shape != (count, size, size):
            refuse(name, f"shape ({count}, {size}, {size})", array.shape)
    turned = [bonds @ operation[:2, :2].T for operation in operations]
    acted = [u @ hoppings @ u.conj().T for u in matrices]
    bonds, hoppings = np.concatenate(turned), np.concatenate(acted) / len(acted)
    if time_reversal:
        sigma_y = np.kron(np.eye(hoppings.shape[-1] // 2), [[0, -1j], [1j, 0]])
        # H(-k) has the phases of -d, conjugation turns them back
        reversed_ = sigma_y @ hoppings.conj() @ sigma_y
        bonds, hoppings = np.concatenate([bonds, bonds]), np.concatenate([hoppings, reversed_]) / 2
    bonds = np.concatenate([bonds, -bonds])
    hoppings = np.concatenate([hoppings, hoppings.conj().transpose(0, 2, 1)]) / 2
    keys, index = np.unique(np.round(bonds, 6) + 0.0, axis=0, return_inverse=True)
    merged, places = np.zeros((len(keys), *hoppings.shape[1:]), complex), np.zeros((len(keys), 2))
    np.add.at(merged, index.ravel(), hoppings)
    places[index.ravel()] = bonds  # full precision, not the rounded keys
    kept = np.abs(merged).max(axis=(1, 2)) > 1e-14
    return places[kept], merged[kept]


# the sites of MX2: in-plane position, sign of z, shell
_SITES = (((0.0, 0.0), 0, 2), ((1 / _ROOT3, 0.0), 1, 1), ((1 / _ROOT3, 0.0), -1, 1))


def _site_matrix(operation):
    """Matrix of an operation on the orbitals d of M and p of the two X, with spin.

    Without the inversion and the layer's mirror plane, the two X are not exchanged.
    """
    exchanged = operation[2, 2] < 0
    p, d = orbital_matrix(operation, 1), orbital_matrix(operation, 2)
    swap = np.array([[0, 1], [1, 0]]) if exchanged else np.eye(2)
    return np.kron(block_diag(d, np.kron(swap, p)), spin_matrix(operation))


def random_model(rng, group="D3h", *, reach=1.1, spin_orbit=0.3, time_reversal=True):
    """Random Hamiltonian of an MX2 layer with d orbitals on M and p orbitals on X, of a given symmetry.

    Every hopping and on-site element that the symmetry allows is present, spin-dependent ones included.

    Parameters
    ----------
    rng : numpy.random.Generator
    group : str
        "D3h" for the layer; its subgroups C3v (two different X), C3h, C3, Cs, C1.
    reach : float
        Longest bond in lattice constants.
    spin_orbit : float
        Weight of the spin-dependent hoppings relative to the others.
    time_reversal : bool

    Returns
    -------
    Model
        With 22 states.

    Raises
    ------
    ValueError
        If the group contains the inversion, which the layer cannot have, or an argument is out of range.

    Examples
    --------
    >>> model = random_model(np.random.default_rng(1))
    >>> e = bands(model, K)
    >>> bool(np.allclose(bands(model, -K), e)), bool(np.diff(e).min() > 1e-4)
    (True, True)
    """
    instance("rng", rng, np.random.Generator)
    boolean("time_reversal", time_reversal)
    choice("group", group, GROUPS)
    reach, spin_orbit = positive("reach", reach), positive("spin_orbit", spin_orbit)
    if reach > 10:
        refuse("reach", "at most 10 lattice constants", reach)
    operations = point_group(group)
    if any(np.allclose(operation, -np.eye(3)) for operation in operations):
        raise ValueError(f"group: expected a subgroup of D3h, got {group!r}")
    sizes = [2 * (2 * shell + 1) for _, _, shell in _SITES]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    span = range(-math.ceil(reach) - 2, math.ceil(reach) + 3)
    cells = np.array([[i, j] for i in span for j in span]) @ LATTICE
    bonds, hoppings = [], []
    for a, (here, _, _) in enumerate(_SITES):
        for b, (there, _, _) in enumerate(_SITES):
            vectors = cells + np.subtract(there, here)
            for vector in vectors[np.linalg.norm(vectors, axis=1) < reach + 1e-9]:
                hopping = np.zeros((starts[-1], starts[-1]), complex)
                shape = (sizes[a], sizes[b])
                decay = math.exp(-2 * np.linalg.norm(vector))
                block = np.kron(rng.normal(size=(sizes[a] // 2, sizes[b] // 2)), np.eye(2)).astype(complex)
                block += spin_orbit * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
                hopping[starts[a] : starts[a + 1], starts[b] : starts[b + 1]] = decay * block
                bonds.append(vector)
                hoppings.append(hopping)
    matrices = [_site_matrix(operation) for operation in operations]
    layer = _site_matrix(np.diag([1.0, 1.0, -1.0]))
    return Model(*symmetrised(bonds, hoppings, operations, matrices, time_reversal=time_reversal), layer)


#: e1, e2, t0, t1, t2, t11, t12, t22 and the spin-orbit constant lambda in eV, fitted to GGA (Liu et al.)
LIU = {
    "MoS2": (1.046, 2.104, -0.184, 0.401, 0.507, 0.218, 0.338, 0.057, 0.073),
    "MoSe2": (0.919, 2.065, -0.188, 0.317, 0.456, 0.211, 0.290, 0.130, 0.091),
    "WS2": (1.130, 2.275, -0.206, 0.567, 0.536, 0.286, 0.384, -0.061, 0.211),
    "WSe2": (0.943, 2.179, -0.207, 0.457, 0.486, 0.263, 0.329, 0.034, 0.228),
}


def three_band(material):
    """Three-band model of a layer: d_z2, d_xy and d_x2-y2 of the metal, hopping to the six nearest metals.

    The hopping along one lattice vector has six constants; the other five vectors follow from C3v. The
    spin-orbit coupling is (lambda/2) L_z sigma_z on each metal, so spin along z is conserved. Of the two
    corners, `K` is the one where the upper valence band has spin up.

    Parameters
    ----------
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    Model
        With 6 states, energies in eV.

    Raises
    ------
    ValueError
        If the material is not one of these.

    Examples
    --------
    >>> e = bands(three_band("MoS2"), K)
    >>> round(float(e[2] - e[1]), 2), round(float(e[1] - e[0]), 3)
    (1.59, 0.146)
    """
    if material not in LIU:
        raise ValueError(f"material: expected one of {', '.join(LIU)}, got {material!r}")
    return three_band_model(LIU[material])


def three_band_model(parameters):
    """Three-band model with given constants.

    Parameters
    ----------
    parameters : sequence of 9 floats
        e1, e2, t0, t1, t2, t11, t12, t22 and lambda in eV, as in `LIU`.

    Returns
    -------
    Model

    Examples
    --------
    >>> e = bands(three_band_model(LIU["MoS2"]), K)
    >>> bool(np.allclose(e, bands(three_band("MoS2"), K)))
    True
    """
    e1, e2, t0, t1, t2, t11, t12, t22, coupling = array_of_shape("parameters", parameters, (9,))
    # in axes with x along the lattice vector R1, as in the paper
    hopping = np.array([[t0, t1, t2], [-t1, t11, t12], [t2, -t12, t22]])
    angular = np.array([[0, 0, 0], [0, 0, 2j], [0, -2j, 0]])
    onsite = np.kron(np.diag([e1, e2, e2]), np.eye(2)) + coupling / 2 * np.kron(angular, np.diag([1.0, -1.0]))
    turn = np.array([[_ROOT3 / 2, -0.5, 0], [0.5, _ROOT3 / 2, 0], [0, 0, 1]])  # by pi/6
    operations = [o for o in point_group("D3h") if o[2, 2] > 0]
    paper = [turn.T @ o @ turn for o in operations]
    matrices = [np.kron(orbital_matrix(o, 2)[:3, :3], spin_matrix(o)) for o in paper]
    # the six bonds are equivalent and each comes twice, once as the Hermitian conjugate of the opposite one
    bonds, hoppings = [GAMMA, LATTICE[0]], [onsite, 6 * np.kron(hopping, np.eye(2))]
    layer = np.kron(np.eye(3), spin_matrix(np.diag([1.0, 1.0, -1.0])))
    return Model(*symmetrised(bonds, hoppings, operations, matrices), layer)


def _wave_vectors(k):
    k = array_of_shape("k", k, None)
    if k.ndim == 0 or k.shape[-1] != 2:
        raise ValueError(f"k: expected shape (..., 2), got {k.shape}")
    return k
