r"""Models of an MX2 layer made by symmetry: random ones of a given group, and the three bands of the metal.

Averaging any Hermitian hoppings over the operations of a group and over time reversal makes them symmetric,
and every symmetric model can be made so: what holds for all such models follows from the symmetry alone.
Conventions as in `lowdim.spinorbit.tightbinding`.

Sources: G.-B. Liu, W.-Y. Shan, Y. Yao, W. Yao and D. Xiao, Phys. Rev. B 88, 085433 (2013), for the three
bands; Z. Y. Zhu, Y. C. Cheng, U. Schwingenschloegl, Phys. Rev. B 84, 153402 (2011), for the questions.
"""

import math

import numpy as np
from scipy.linalg import block_diag

from lowdim._checks import array_of_shape, boolean, choice, complex_array, instance, positive, refuse
from lowdim.spinorbit.symmetry import GROUPS, orbital_matrix, point_group, spin_matrix
from lowdim.spinorbit.tightbinding import GAMMA, LATTICE, Model

__all__ = ["LIU", "random_model", "symmetrised", "three_band", "three_band_model"]

_ROOT3 = math.sqrt(3)


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
    >>> from lowdim.spinorbit import K, bands
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
    >>> from lowdim.spinorbit import K, bands
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
    >>> from lowdim.spinorbit import K, bands
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
