r"""An array of circular dipoles between layers, such as the sheets of boron nitride around a monolayer.

Light of wave number k in vacuum; a layer is uniaxial, with the index :math:`n_o` for fields along the layer
and :math:`n_e` across. At the in-plane wave vector p it carries two waves, s and p, with

.. math:: k_z^s = \sqrt{n_o^2k^2-p^2}, \quad k_z^p = \frac{n_o}{n_e}\sqrt{n_e^2k^2-p^2}, \qquad
          Y^s = k_z^s, \quad Y^p = \frac{n_o^2k^2}{k_z^p},

Y being the magnetic over the electric field along the layer (per :math:`\omega\mu_0`). What lies on one side
of the array counts through its admittance alone: a layer of thickness d in front of Y turns it into

.. math:: Y' = Y_1\frac{1-\rho}{1+\rho}, \qquad \rho = \frac{Y_1-Y}{Y_1+Y}\,e^{2ik_zd}.

Dipoles with the moment m per site, area A, in the plane between both sides make the field
:math:`(k^2/A\varepsilon_0)\,g\,m` along s and along p, with :math:`g = i/(Y_{above}+Y_{below})`. A circular
dipole feels the mean of both, summed over the orders p = q + B. For the medium next to the array this is

.. math:: \frac12\Bigl[\tfrac12\operatorname{tr}S(n_ok) + \frac{n_e}{n_o}\tfrac12(S_{xx}+S_{yy}-S_{zz})(n_ek)
          \Bigr]

with the lattice sum S of `lattice_sum`, the site itself left out, and what the layers change,
:math:`\sum_B(g-g_{medium})/2A`, falls off like :math:`e^{-2\kappa d}`. Frequencies are in radiative
linewidths of the same dipole in vacuum.

Sources: L. Novotny and B. Hecht, Principles of Nano-Optics (Cambridge University Press, 2012), chapter 10,
for layers; Y. Rah et al., Opt. Lett. 44, 3797 (2019), https://doi.org/10.1364/OL.44.003797, for the indices
of boron nitride.
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, instances, non_negative, positive, refuse
from lowdim.optics.green import self_term
from lowdim.optics.lattice_sum import lattice_green

__all__ = ["Layer", "LayeredArray", "boron_nitride", "layered_array"]

_DECAY = 40.0  # exp(-40) is below rounding


@dataclass(frozen=True)
class Layer:
    """A uniaxial layer, its axis across it.

    Attributes
    ----------
    ordinary, extraordinary : float
        Indices for fields along and across the layer, > 0.
    thickness : float
        In the unit of length, > 0; `inf` for the medium that goes on.
    """

    ordinary: float
    extraordinary: float
    thickness: float = float("inf")

    def __post_init__(self):
        positive("ordinary", self.ordinary)
        positive("extraordinary", self.extraordinary)
        if self.thickness != float("inf"):
            positive("thickness", self.thickness)


def boron_nitride(wavelength):
    r"""Refractive indices of hexagonal boron nitride: fields along and across the layers.

    Parameters
    ----------
    wavelength : float
        In nm, between 400 and 1600.

    Returns
    -------
    ordinary, extraordinary : float
        From the fits :math:`n^2 = 1 + B\lambda^2/(\lambda^2-C)` of Y. Rah et al. to exfoliated flakes.

    Examples
    --------
    >>> tuple(round(n, 3) for n in boron_nitride(750.0))
    (2.121, 1.838)
    """
    wavelength = positive("wavelength", wavelength)
    if not 400 <= wavelength <= 1600:
        refuse("wavelength", "a number of nm between 400 and 1600", wavelength)
    square = (wavelength / 1000) ** 2
    fits = ((3.3361, 0.026322), (2.2631, 0.026981))
    return tuple(float(np.sqrt(1 + b * square / (square - c))) for b, c in fits)


def _side(name, layers):
    layers = instances(name, layers, Layer)
    if not layers:
        refuse(name, "layers, from the array outwards", layers)
    if layers[-1].thickness != float("inf") or any(la.thickness == float("inf") for la in layers[:-1]):
        refuse(name, "finite layers and a last one of infinite thickness", layers)
    return layers


def _waves(layer, p, k):
    """k_z and the admittance, each with an axis (s, p) in front."""
    inner = [np.sqrt((n * k) ** 2 - p**2 + 0j) for n in (layer.ordinary, layer.extraordinary)]
    vertical = np.stack([inner[0], layer.ordinary / layer.extraordinary * inner[1]])
    return vertical, np.stack([vertical[0], (layer.ordinary * k) ** 2 / vertical[1]])


def _outwards(layers, p, k, last=None):
    """Admittance of the layers, and the field that leaves them over the field at their inner face."""
    admittance = _waves(layers[-1], p, k)[1] if last is None else last
    passed = np.ones_like(admittance)
    for layer in reversed(layers[:-1] if last is None else layers):
        vertical, own = _waves(layer, p, k)
        wave = np.exp(1j * vertical * layer.thickness)
        bounce = (own - admittance) / (own + admittance)
        passed = passed * wave * (1 + bounce) / (1 + bounce * wave**2)
        bounce = bounce * wave**2
        admittance = own * (1 - bounce) / (1 + bounce)
    return admittance, passed


@dataclass(frozen=True)
class LayeredArray:
    r"""Answer of the array and its layers to plane waves from above.

    Attributes
    ----------
    shift, linewidth : ndarray, shape (...)
        Resonance and radiative linewidth of the array, per linewidth of one dipole in vacuum.
    bare : ndarray of complex, shape (..., 2)
        Field reflected by the layers alone, s and p, per incident field, both along the layers.
    drive, leave : ndarray of complex, shape (..., 2)
        Field at the array per incident field, and field sent up per field of the dipoles at the array.
    own : ndarray of complex, shape (..., 2)
        :math:`3\pi g/kA`: field of the dipoles at the array, s and p.
    weight : ndarray, shape (..., 2)
        Admittance of the outermost medium: power per square of the field along the layers.
    """

    shift: np.ndarray
    linewidth: np.ndarray
    bare: np.ndarray
    drive: np.ndarray
    leave: np.ndarray
    own: np.ndarray
    weight: np.ndarray

    @property
    def matched(self):
        """Fields (s, p) along the layers, of unit power, that the dipole answers most; shape (..., 2)."""
        dipole = np.array([1j, 1.0]) / np.sqrt(2)  # (s, p) of (1, i, 0)/sqrt 2 but for a phase
        best = (np.conj(self.drive) * dipole) / self.weight
        return best / np.sqrt(np.sum(self.weight * np.abs(best) ** 2, axis=-1, keepdims=True))

    def reflectance(self, detuning, nonradiative=0.0):
        """Power reflected by layers and array of the matched light, from above.

        Parameters
        ----------
        detuning : array_like
            From the dipole in vacuum; broadcast against the leading axes.
        nonradiative : float
            Per radiative linewidth in vacuum, >= 0.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> air = Layer(1.0, 1.0)
        >>> found = layered_array([0.0, 0.0], 0.3 * np.eye(2), 2 * np.pi, [air], [air])
        >>> round(float(found.reflectance(found.shift)), 9)
        1.0
        """
        loss = non_negative("nonradiative", nonradiative)
        offset = array_of_shape("detuning", detuning, None) - self.shift
        dipole = np.array([1j, 1.0]) / np.sqrt(2)
        light = self.matched
        driven = np.sum(np.conj(dipole) * self.drive * light, axis=-1)
        moment = -driven / (offset + 0.5j * (self.linewidth + loss))
        field = self.bare * light + self.leave * self.own * dipole * moment[..., None]
        return np.sum(self.weight * np.abs(field) ** 2, axis=-1)


def layered_array(wave_vectors, primitive, k, above, below):
    r"""Shift, linewidth and reflection of an array of circular dipoles between layers.

    Parameters
    ----------
    wave_vectors : array_like, shape (..., 2)
        In-plane wave vectors of light from above: shorter than the wave number out there.
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors.
    k : float
        Wave number in vacuum, > 0.
    above, below : sequence of Layer
        From the array outwards; the last goes on for ever. The two next to the array are of one medium.

    Returns
    -------
    LayeredArray

    Raises
    ------
    ValueError
        If an argument is out of range, the media next to the array differ, an order grazes, or light does
        not reach the array.

    Examples
    --------
    In vacuum nothing changes:

    >>> from lowdim.optics import collective_shift
    >>> air, cell = Layer(1.0, 1.0), 0.3 * np.eye(2)
    >>> found = layered_array([1.0, 0.5], cell, 2 * np.pi, [air], [air])
    >>> round(float(found.shift - collective_shift([1.0, 0.5], cell, 2 * np.pi)), 12)
    0.0
    """
    k, q = positive("k", k), array_of_shape("wave_vectors", wave_vectors, None)
    primitive = array_of_shape("primitive", primitive, (2, 2))
    if q.ndim == 0 or q.shape[-1] != 2:
        raise ValueError(f"wave_vectors: expected shape (..., 2), got {q.shape}")
    above, below = _side("above", above), _side("below", below)
    medium = above[0]
    if (medium.ordinary, medium.extraordinary) != (below[0].ordinary, below[0].extraordinary):
        refuse("below", "the medium of above next to the array", below[0])
    p = np.linalg.norm(q, axis=-1)
    if np.any(p >= k * min(above[-1].ordinary, above[-1].extraordinary)):
        refuse("wave_vectors", "waves that travel in the outermost medium above", float(np.max(p)))
    total = _medium(q, primitive, k, medium) + _images(q, primitive, k, above, below)
    up, leave = _outwards(above, p, k)
    down, _ = _outwards(below, p, k)
    outer = _waves(above[-1], p, k)[1]
    seen, _ = _outwards(tuple(reversed(above[:-1])), p, k, last=down)
    area = abs(np.linalg.det(primitive))
    parts = {
        "bare": (outer - seen) / (outer + seen),
        "drive": 2 * outer * leave / (up + down),
        "leave": leave,
        "own": 3 * np.pi / (k * area) * 1j / (up + down),
        "weight": outer.real,
    }
    parts = {name: np.moveaxis(value, 0, -1) for name, value in parts.items()}
    return LayeredArray(-3 * np.pi / k * total.real, 6 * np.pi / k * total.imag, **parts)


def _medium(q, primitive, k, medium):
    """Sum over the other sites in the medium next to the array, and the radiation of the site itself."""
    along, across = medium.ordinary * k, medium.extraordinary * k
    ratio = medium.extraordinary / medium.ordinary
    s, p = (lattice_green(q, primitive, number) for number in (along, across))
    s_part = 0.5 * np.einsum("...aa->...", s)
    p_part = 0.5 * ratio * (p[..., 0, 0] + p[..., 1, 1] - p[..., 2, 2])
    alone = 0.5 * (1.5 * self_term(along) + 0.5 * ratio * self_term(across))
    return 0.5 * (s_part + p_part) + 1j * alone


def _images(q, primitive, k, above, below):
    """What the layers add to the sum, the images of the site itself included."""
    nearest = min(above[0].thickness, below[0].thickness)
    if nearest == float("inf"):
        return np.zeros(q.shape[:-1], dtype=complex)
    reciprocal = 2 * np.pi * np.linalg.inv(primitive).T
    medium = above[0]
    decay = _DECAY / (2 * nearest) * max(1.0, medium.extraordinary / medium.ordinary)
    reach = np.hypot(max(medium.ordinary, medium.extraordinary) * k, decay)
    reach += np.linalg.norm(q, axis=-1).max()
    count = np.ceil(reach * np.linalg.norm(primitive, axis=1) / (2 * np.pi)).astype(int)
    index = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in count)), axis=-1).reshape(-1, 2)
    p = np.linalg.norm(q[..., None, :] + index @ reciprocal, axis=-1)
    sides = _outwards(above, p, k)[0] + _outwards(below, p, k)[0]
    alone = 2 * _waves(above[0], p, k)[1]
    area = abs(np.linalg.det(primitive))
    return 0.5j / area * np.sum((alone - sides) / (sides * alone), axis=(0, -1))
