r"""Tight-binding models of MX2 layers: their bands, mirror labels, splittings and spins.

    H_ij(k) = sum_d H_ij(d) exp(i k.d)

with d the vector, in the plane, from orbital i to orbital j (not only the lattice vector): an operation O of
the crystal then acts by one matrix, U(O) H(k) U(O)^+ = H(O k), and time reversal by sigma_y H(k)^* sigma_y =
H(-k). `lowdim.spinorbit.models` makes models by these conditions. Orbitals are real, spin is the fastest
index (orbital a with spin s is row 2 a + s); energies in any unit (eV in `three_band`), lengths in units of
the lattice constant. Axes as in `lowdim.spinorbit.symmetry`: M-X bonds along 0 and +-2 pi/3, lattice vectors
along pi/6 + n pi/3.

The mirror plane of the layer maps every in-plane k to itself, so its eigenvalues -i and +i label all bands.
For orbitals even in z, -i is spin up. The signed splitting of a band is D(k) = E(-i, k) - E(+i, k), taken
between the bands of equal number of the two kinds.

Source: Z. Y. Zhu, Y. C. Cheng, U. Schwingenschloegl, Phys. Rev. B 84, 153402 (2011), for the questions.
"""

import math
from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, instance, integer_in

__all__ = [
    "GAMMA",
    "K",
    "LATTICE",
    "M",
    "RECIPROCAL",
    "Model",
    "bands",
    "hamiltonian",
    "mirror_bands",
    "signed_splitting",
    "spin_texture",
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
    >>> from lowdim.spinorbit import three_band
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
    >>> from lowdim.spinorbit import three_band
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
    >>> from lowdim.spinorbit import three_band
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
    >>> from lowdim.spinorbit import three_band
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
    >>> from lowdim.spinorbit import three_band
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


def _wave_vectors(k):
    k = array_of_shape("k", k, None)
    if k.ndim == 0 or k.shape[-1] != 2:
        raise ValueError(f"k: expected shape (..., 2), got {k.shape}")
    return k
