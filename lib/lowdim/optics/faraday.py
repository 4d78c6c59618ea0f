r"""Faraday rotation: the polarisation behind a planar array of spin-selective dipoles, at normal incidence.

Fields go like :math:`e^{-i\omega t}`; the beam travels to +z and its focus lies in the plane z = 0 of the
array. There its field is :math:`e^{-r^2/w^2}(u_x, u_y)`, with the longitudinal part that Maxwell's equations
add; in-plane dipoles do not see that part, so nothing is paraxial but the neglect of evanescent waves, of
relative size :math:`e^{-k^2w^2/4}`. A spin :math:`s = \pm1` on a site means one transition with the in-plane
dipole

.. math:: \hat e_s = (1, is)/\sqrt2, \qquad \alpha = -\frac{3\pi\varepsilon_0}{k^3}
          \frac{\gamma_r}{\Delta + i(\gamma_r+\gamma_{nr})/2}\,\hat e_s\hat e_s^\dagger,

which answers to the helicity s of light that travels to +z (positive: the field turns from x to y). All
frequencies are in units of the radiative linewidth :math:`\gamma_r` of one dipole, all lengths in any one
unit. With :math:`q_n = (k^2/\varepsilon_0)\,\hat e^\dagger p_n` the coupled-dipole equations are

.. math:: \sum_m\bigl[(\Delta + \tfrac i2(1+\gamma_{nr}))\delta_{nm} + V_{nm}\bigr]q_m
          = -\frac{3\pi}{k}\,\hat e_n^\dagger E_{in}(r_n), \qquad
          V_{nm} = \frac{3\pi}k\,\hat e_n^\dagger G(r_n-r_m)\,\hat e_m,

so that one eigenvalue problem of V gives the answer at every detuning and every loss. From the dipoles come

- the Jones matrix by *overlap* with the beam (what a single-mode fibre would collect),
  :math:`t_{ab} = \delta_{ab} + \frac{i}{k\pi w^2\eta}\sum_n u(r_n)\,q_{n,a}`, from reciprocity. The power
  of the beam is that of the paraxial formula times :math:`\eta = bD(b) + \frac12[1 - D(b)/b]`, with Dawson's
  function D and :math:`b = kw/\sqrt2`; :math:`\eta - 1 \approx (kw)^{-4}`;
- the Jones matrix *on axis* in the far field, where the beam has :math:`-ikw^2/2` and the dipoles
  :math:`\sum q/4\pi`;
- the Stokes parameters of all light inside a *lens* of given aperture.

Sources: J. Knoerzer et al., Phys. Rev. B 101, 125101 (2020), eqs. 4, 6, E4, E15; L. Novotny and B. Hecht,
Principles of Nano-Optics (Cambridge University Press, 2012), chapters 3 and 8.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import dawsn

from lowdim._checks import array_of_shape, complex_array, non_negative, positive, refuse
from lowdim.errors import NotConverged
from lowdim.optics.green import dyadic_green
from lowdim.optics.polarization import HELICITIES

__all__ = ["SpinArray"]

_BATCH = 256


@dataclass(frozen=True, eq=False)
class SpinArray:
    """Dipoles in the plane z = 0 under a Gaussian beam at normal incidence.

    Parameters
    ----------
    positions : array_like, shape (N, 2)
        Distinct sites; the beam is centred at the origin.
    k : float
        Wave number, > 0, in the inverse of the unit of `positions`.
    waist : float
        1/e radius of the field in the focus.

    Raises
    ------
    ValueError
        If sites coincide, or an argument has another shape or sign.

    Examples
    --------
    One dipole in the focus of a wide beam, half a linewidth above resonance:

    >>> from lowdim.optics.polarization import rotation_angle
    >>> one = SpinArray([[0.0, 0.0]], k=2 * np.pi, waist=3.0)
    >>> jones = one.jones([1], [0.5])[0]
    >>> float((rotation_angle(jones) * (2 * np.pi * 3.0) ** 2).round(2))  # 3/2 / (k w)^2
    1.51
    """

    positions: np.ndarray
    k: float
    waist: float

    def __post_init__(self):
        positions = array_of_shape("positions", self.positions, (None, 2))
        if len(positions) == 0:
            raise ValueError("positions: expected at least one site, got none")
        if len(np.unique(positions, axis=0)) < len(positions):
            raise ValueError("positions: expected distinct sites, got two at one place")
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "k", positive("k", self.k))
        object.__setattr__(self, "waist", positive("waist", self.waist))

    @property
    def beam(self):
        """Field of the beam on the sites, 1 in the focus; shape (N,)."""
        return np.exp(-np.sum(self.positions**2, axis=1) / self.waist**2)

    @property
    def power(self):
        """Power of the beam in units of its paraxial power, for linear or circular polarisation."""
        b = self.k * self.waist / np.sqrt(2)
        return b * dawsn(b) + 0.5 * (1 - dawsn(b) / b)

    @cached_property
    def coupling(self):
        """V between all transitions; shape (2N, 2N), first all sites with +, then all with -."""
        n = len(self.positions)
        separation = np.zeros((n, n, 3))
        separation[..., :2] = self.positions[:, None] - self.positions
        tensor = np.zeros((n, n, 2, 2), dtype=complex)
        apart = ~np.eye(n, dtype=bool)
        tensor[apart] = dyadic_green(separation[apart], self.k)[:, :2, :2]
        circular = np.einsum("as,nmab,bt->sntm", HELICITIES.conj(), tensor, HELICITIES)
        return 3 * np.pi / self.k * circular.reshape(2 * n, 2 * n)

    def jones(self, spins, detuning, nonradiative=0.0, collect="overlap"):
        """Jones matrices of the light that passes the array.

        Parameters
        ----------
        spins : array_like, shape (N,) or (C, N)
            +1 or -1 on every site, of one or of C configurations.
        detuning : array_like, shape (D,)
            Of the light from the bare resonance, in radiative linewidths.
        nonradiative : float
            Nonradiative linewidth in radiative ones.
        collect : {"overlap", "axis"}
            By overlap with the beam, or on its axis in the far field.

        Returns
        -------
        ndarray of complex, shape (D, 2, 2) or (C, D, 2, 2)
            Column: incident x or y; row: transmitted x or y; the unit matrix without dipoles.

        Raises
        ------
        ValueError
            If an argument has the wrong shape or value.
        NotConverged
            If the eigenvectors of a configuration do not reproduce its equations.
        """
        weight = {"overlap": self.beam / self.power, "axis": np.full(len(self.positions), 0.5)}.get(collect)
        if weight is None:
            refuse("collect", "'overlap' or 'axis'", collect)
        single, spins, detuning = self._checked(spins, detuning)
        width = 1 + non_negative("nonradiative", nonradiative)
        circular = np.empty((len(spins), len(detuning), 2, 2), dtype=complex)
        for part in _parts(len(spins)):
            values, right, source, masks = self._modes(spins[part])
            left = (masks * weight[:, None]).swapaxes(1, 2) @ right
            strength = left[:, :, None, :] * source.swapaxes(1, 2)[:, None, :, :]
            # sum over modes of strength / (detuning - pole)
            response = 1 / (detuning[:, None] + 0.5j * width + values[:, None, :])
            flat = response @ strength.reshape(len(values), 4, -1).swapaxes(1, 2)
            circular[part] = flat.reshape(*flat.shape[:2], 2, 2)
        circular *= -3j / (self.k * self.waist) ** 2
        circular += np.eye(2)
        cartesian = HELICITIES @ circular @ HELICITIES.conj().T
        return cartesian[0] if single else cartesian

    def dipoles(self, spins, detuning, nonradiative=0.0, incident=(1.0, 0.0)):
        r"""Amplitudes :math:`q_n` of the dipoles, in the field of the beam and of each other.

        Parameters
        ----------
        spins, detuning, nonradiative
            As in `jones`.
        incident : array_like of complex, shape (2,)
            Polarisation of the beam, complex in general.

        Returns
        -------
        ndarray of complex, shape (D, N) or (C, D, N)
            In units of the field of the beam in the focus; a length.

        Examples
        --------
        >>> pair = SpinArray([[0.0, 0.0], [0.5, 0.0]], k=2 * np.pi, waist=3.0)
        >>> pair.dipoles([1, -1], [0.5]).shape
        (1, 2)
        """
        single, spins, detuning = self._checked(spins, detuning)
        width = 1 + non_negative("nonradiative", nonradiative)
        drive = HELICITIES.conj().T @ _incident(incident)
        result = np.empty((len(spins), len(detuning), len(self.positions)), dtype=complex)
        for part in _parts(len(spins)):
            values, right, source, _ = self._modes(spins[part])
            response = 1 / (detuning[:, None] + 0.5j * width + values[:, None, :])
            result[part] = (response * (source @ drive)[:, None, :]) @ right.swapaxes(1, 2)
        result *= -3 * np.pi / self.k
        return result[0] if single else result

    def stokes(self, spins, detuning, nonradiative=0.0, incident=(1.0, 0.0), aperture=1.0, side="forward"):
        r"""Stokes parameters of all light that a lens collects, in units of the power of the beam.

        The lens turns every ray parallel to the axis and keeps its s and its p part.

        Parameters
        ----------
        spins, detuning, nonradiative, incident
            As in `dipoles`.
        aperture : float
            Sine of the largest angle, in (0, 1].
        side : {"forward", "scattered"}
            Beam and dipoles together behind the array, or the dipoles alone (what is reflected).

        Returns
        -------
        ndarray, shape (D, 4) or (C, D, 4)
            S0 to S3 in the axes x, y; with aperture 1, S0 is the transmitted or the reflected power.

        Examples
        --------
        >>> pair = SpinArray([[0.0, 0.0], [0.5, 0.0]], k=2 * np.pi, waist=3.0)
        >>> dark = pair.stokes([1, -1], [1e6])
        >>> dark.round(4)[0, :2].tolist()
        [1.0, 1.0]
        """
        if side not in ("forward", "scattered"):
            refuse("side", "'forward' or 'scattered'", side)
        amplitudes = self.dipoles(spins, detuning, nonradiative, incident)
        single, spins, detuning = self._checked(spins, detuning)
        forms = self._lens_forms(_incident(incident), positive("aperture", aperture))
        n = len(self.positions)
        vector = np.zeros((len(spins), len(detuning), 2 * n + 1), dtype=complex)
        vector[..., -1] = side == "forward"
        transitions = np.arange(n) + n * (spins < 0)
        sites = np.broadcast_to(transitions[:, None, :], (len(spins), len(detuning), n))
        np.put_along_axis(vector, sites, amplitudes[None] if single else amplitudes, axis=-1)
        result = np.stack([np.sum(vector.conj() * (vector @ form.T), -1).real for form in forms], axis=-1)
        return result[0] if single else result

    def _checked(self, spins, detuning):
        spins = np.asarray(array_of_shape("spins", spins, None))
        single = spins.ndim == 1
        spins = array_of_shape("spins", np.atleast_2d(spins), (None, len(self.positions)))
        if np.any(np.abs(spins) != 1):
            refuse("spins", "+1 or -1", float(spins[np.abs(spins) != 1][0]))
        return single, spins, array_of_shape("detuning", detuning, (None,))

    def _modes(self, spins):
        """Poles and modes of V, the beam in modes (C, N, 2), and which site answers to which helicity."""
        n = len(self.positions)
        transitions = np.arange(n) + n * (spins < 0)
        matrices = self.coupling[transitions[:, :, None], transitions[:, None, :]]
        values, right = np.linalg.eig(matrices)
        masks = np.stack([spins > 0, spins < 0], axis=-1).astype(float)
        beams = masks * self.beam[:, None]
        source = np.linalg.solve(right, beams.astype(complex))
        residual = np.abs(matrices @ beams - right @ (values[..., None] * source)).max()
        if residual > 1e-9 * max(1.0, np.abs(matrices).max()):
            raise NotConverged(f"modes of the array: residual {residual:.1e}, expected below 1e-9")
        return values, right, source, masks

    def _lens_forms(self, incident, aperture):
        """Hermitian forms of S0..S3 in (amplitudes of both helicities on all sites, beam)."""
        if aperture > 1:
            refuse("aperture", "a sine, at most 1", aperture)
        reach = self.k * np.max(np.hypot(*self.positions.T))
        # beams are narrow, 1/(kw), and patches have sidelobes, 1/(kR)
        order = int(24 + 1.5 * reach + 3 * self.k * self.waist)
        nodes, weights = np.polynomial.legendre.leggauss(order)
        # sine as variable of integration would be singular at the rim, the cosine is not
        low = np.sqrt(1 - aperture**2)
        cosine, azimuth = np.meshgrid(
            low + (1 - low) * (nodes + 1) / 2, 2 * np.pi * np.arange(2 * order) / (2 * order), indexing="ij"
        )
        solid = np.repeat(weights * (1 - low) / 2, 2 * order) * 2 * np.pi / (2 * order)
        cosine, azimuth = cosine.ravel(), azimuth.ravel()
        radial = np.stack([np.cos(azimuth), np.sin(azimuth)])
        around = np.stack([-np.sin(azimuth), np.cos(azimuth)])
        wave_vectors = self.k * np.sqrt(1 - cosine**2) * radial
        # in-plane vector -> (p, s) parts -> the same parts in the flat frame behind the lens
        dipole = np.einsum("d,ad,bd->dab", cosine, radial, radial) + np.einsum("ad,bd->dab", around, around)
        beam = np.einsum("ad,bd->dab", radial, radial) + np.einsum("d,ad,bd->dab", cosine, around, around)
        phases = np.exp(-1j * self.positions @ wave_vectors)
        scattered = np.einsum("ij,jab,bs->asij", phases, dipole, HELICITIES) / (4 * np.pi)
        spectrum = -0.5j * self.k * self.waist**2 * np.exp(-np.sum(wave_vectors**2, 0) * self.waist**2 / 4)
        incoming = (beam @ incident).T * spectrum
        fields = np.concatenate([scattered.reshape(2, -1, len(solid)), incoming[:, None]], axis=1)
        pairs = np.einsum("aud,bvd,d->abuv", fields.conj(), fields, solid)
        power = self.power * np.pi * self.waist**2 / 2 * float(np.sum(np.abs(incident) ** 2))
        s0, s1 = pairs[0, 0] + pairs[1, 1], pairs[0, 0] - pairs[1, 1]
        s2, s3 = pairs[0, 1] + pairs[1, 0], -1j * (pairs[0, 1] - pairs[1, 0])
        return np.stack([s0, s1, s2, s3]) / power


def _incident(incident):
    incident = complex_array("incident", incident, (2,))
    if not np.any(incident):
        refuse("incident", "two finite numbers, not both zero", incident.tolist())
    return incident


def _parts(count):
    return [slice(start, start + _BATCH) for start in range(0, count, _BATCH)]
