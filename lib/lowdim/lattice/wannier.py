r"""Maximally localised Wannier functions of the one-dimensional :math:`\sin^2` lattice.

On a ring of :math:`N_L` sites (odd), in the units of `lowdim.lattice.bands`
(:math:`z = k_0 x`, sites at :math:`\pi j`, energies in recoils),

.. math:: w_n(z - \pi j) = \frac{1}{\sqrt{N_L}} \sum_q e^{-i\pi q j}\,\varphi_{nq}(z), \qquad
          q = \frac{2p}{N_L},\; |p| \le \frac{N_L - 1}{2},

with the phases that make the spread smallest: in an inversion-symmetric lattice these are the ones for
which :math:`\varphi_{nq}(0) > 0` in the bands n = 0, 2, ... (w even about its site) and
:math:`\varphi'_{nq}(0)/i > 0` in the bands n = 1, 3, ... (w odd). The functions are real, orthonormal and
fall off exponentially; the ring is enlarged until they have died out half way round. In d dimensions the
Wannier functions of the separable lattice are products.

Sources: W. Kohn, Phys. Rev. 115, 809 (1959); N. Marzari et al., Rev. Mod. Phys. 84, 1419 (2012); expansion
and matrix elements: eqs. 5 and 7-9 of V. I. Yukalov, arXiv:2008.00980 (2020).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, integer_in, positive, real_in, refuse
from lowdim.errors import NotConverged
from lowdim.lattice.bands import bloch_waves, checked_depths

__all__ = ["WannierFunction", "projected_position_wannier", "wannier_function"]

_MOST_SITES = 4097
_MOST_ELEMENTS = 2_000_000


@dataclass(frozen=True)
class WannierFunction:
    """A Wannier function of one band, centred on the site at z = 0.

    Attributes
    ----------
    depth : float
        s = U/E_R.
    band : int
        n, from 0.
    n_sites : int
        Sites of the ring, odd.
    wave_numbers : ndarray, shape (K,)
        In units of k_0, increasing.
    amplitudes : ndarray, shape (K,)
        Real; the squares sum to 1, and w is the sum of amplitude x cos (even band) or sin (odd band) over
        the square root of the ring's length.
    band_energies : ndarray, shape (n_sites,)
        Energies at the quasimomenta of the ring, in recoils.
    """

    depth: float
    band: int
    n_sites: int
    wave_numbers: np.ndarray
    amplitudes: np.ndarray
    band_energies: np.ndarray

    def __call__(self, z, derivative=0):
        """Value at z, or its derivative.

        Parameters
        ----------
        z : array_like
            In units of 1/k_0.
        derivative : int
            0, 1 or 2.

        Returns
        -------
        ndarray
            Same shape as z.

        Examples
        --------
        >>> w = wannier_function(10.0)
        >>> bool(w(0.0) > 0), bool(abs(w(0.3) - w(-0.3)) < 1e-13)
        (True, True)
        """
        z = array_of_shape("z", z, None)
        derivative = integer_in("derivative", derivative, 0, 2)
        # sin kz = cos(kz - pi/2), and every derivative adds pi/2
        shift = np.pi / 2 * (derivative - self.band % 2)
        weights = self.amplitudes * self.wave_numbers**derivative / np.sqrt(np.pi * self.n_sites)
        pieces = np.array_split(z.ravel(), 1 + z.size * weights.size // _MOST_ELEMENTS)
        values = [np.cos(np.multiply.outer(piece, self.wave_numbers) + shift) @ weights for piece in pieces]
        return np.concatenate(values).reshape(z.shape)

    def on_ring(self, points_per_site=None, derivative=0):
        """Values on a grid over the whole ring, by fast Fourier transform.

        Sums over the grid times its step are exact integrals of the product of two such functions and of
        cos 2z.

        Parameters
        ----------
        points_per_site : int, optional
            At least the number that makes those sums exact, which is the default.
        derivative : int
            0, 1 or 2.

        Returns
        -------
        z, values : ndarray, shape (n_sites * points_per_site,)
            Points in units of 1/k_0 (0 first, the left half of the ring last) and values there. Moving to
            the next site is a roll by points_per_site.

        Examples
        --------
        >>> w = wannier_function(10.0)
        >>> z, values = w.on_ring()
        >>> bool(np.allclose(values, w(z), rtol=0, atol=1e-13))
        True
        """
        fewest = 2 * int(np.ceil(np.max(np.abs(self.wave_numbers)))) + 3
        points = integer_in("points_per_site", points_per_site or fewest, fewest)
        derivative = integer_in("derivative", derivative, 0, 2)
        n = self.n_sites * points
        spectrum = np.zeros(n, dtype=complex)
        orders = np.rint(self.wave_numbers * self.n_sites / 2).astype(int)
        spectrum[orders] = self.amplitudes * (1j * self.wave_numbers) ** derivative * (-1j) ** (self.band % 2)
        values = np.fft.ifft(spectrum).real * n / np.sqrt(np.pi * self.n_sites)
        return np.pi * self.n_sites * np.fft.fftfreq(n), values

    def matrix_element(self, distance=0):
        r"""Element of H_L between Wannier functions `distance` sites apart, from the band energies.

        .. math:: E_{ij} = \frac1{N_L}\sum_q E_{nq} \cos(\pi q\,(i-j))

        Examples
        --------
        >>> w = wannier_function(10.0)
        >>> round(-w.matrix_element(1), 6)
        0.019182
        """
        distance = integer_in("distance", distance, 0)
        p = np.arange(self.n_sites) - self.n_sites // 2
        return float(np.mean(self.band_energies * np.cos(2 * np.pi * p * distance / self.n_sites)))

    @property
    def kinetic_energy(self):
        """Mean of -d^2/dz^2 in recoils."""
        return float(np.sum(self.amplitudes**2 * self.wave_numbers**2))

    @property
    def spread(self):
        """Mean of z^2 about the site, in units of 1/k_0^2, by quadrature on the ring."""
        z, values = self.on_ring()
        return float(np.sum(z**2 * values**2) * np.pi * self.n_sites / z.size)


def wannier_function(depth, band=0, *, tail=1e-10):
    """Maximally localised Wannier function of one band.

    Parameters
    ----------
    depth : float
        s = U/E_R, > 0 (without a lattice the bands touch and nothing decays).
    band : int
        0..8.
    tail : float
        Largest accepted value half way round the ring, relative to the maximum, in 1e-14..1; the ring grows
        to meet it.

    Returns
    -------
    WannierFunction

    Raises
    ------
    ValueError
        If an argument is out of range.
    NotConverged
        If the function has not died out on a ring of 4097 sites.

    Examples
    --------
    >>> w = wannier_function(10.0)
    >>> round(w.spread, 4), round(w.kinetic_energy, 3)
    (0.1984, 1.285)
    """
    depth = positive("depth", depth)
    band = integer_in("band", band, 0, 8)
    tail = real_in("tail", tail, 1e-14, 1)
    n_sites = 17
    while n_sites <= _MOST_SITES:
        candidate = _on_ring(depth, band, n_sites)
        centre = np.max(np.abs(candidate(np.linspace(0, np.pi / 2, 20))))
        far = 0.5 * np.pi * (n_sites + np.linspace(-1, 1, 9))
        if np.max(np.abs(candidate(far))) <= tail * centre:
            return candidate
        n_sites = 2 * n_sites - 1
    raise NotConverged(
        f"wannier_function: at depth {depth:g} band {band} still exceeds {tail:g} of its maximum half way "
        f"round {_MOST_SITES} sites"
    )


def _on_ring(depth, band, n_sites):
    quasimomentum = 2 * (np.arange(n_sites) - n_sites // 2) / n_sites
    energy, coefficients, orders = bloch_waves(depth, quasimomentum, band + 1)
    coefficients = coefficients[..., band]
    wave_numbers = quasimomentum[:, None] + 2 * orders
    at_site = np.sum(coefficients * wave_numbers ** (band % 2), axis=1)
    amplitudes = coefficients * np.sign(at_site)[:, None] / np.sqrt(n_sites)
    order = np.argsort(wave_numbers, axis=None)
    return WannierFunction(
        float(depth), band, n_sites, wave_numbers.ravel()[order], amplitudes.ravel()[order], energy[:, band]
    )


def projected_position_wannier(depth, n_sites, points):
    r"""Wannier functions of the lowest band as eigenfunctions of position: the slow twin.

    In one dimension the maximally localised functions of a band are the eigenfunctions of the position
    operator projected on it; on a ring position is :math:`e^{2\pi i z/(\pi N_L)}`, and no phase is chosen.

    Parameters
    ----------
    depth : float
        s = U/E_R, >= 0.
    n_sites : int
        Sites of the ring, odd and >= 3.
    points : array_like, shape (P,)
        Where to evaluate, in units of 1/k_0.

    Returns
    -------
    centres : ndarray, shape (n_sites,)
        Positions of the functions, in sites, increasing.
    values : ndarray, shape (n_sites, P)
        Modulus of the functions.

    Raises
    ------
    ValueError
        If the number of sites is even or an argument is out of range.

    Examples
    --------
    >>> centres, values = projected_position_wannier(5.0, 5, [0.0])
    >>> bool(np.allclose(centres, [-2, -1, 0, 1, 2])), bool(values.argmax() == 2)
    (True, True)
    """
    depth = checked_depths(depth, shape=())
    n_sites = integer_in("n_sites", n_sites, 3)
    if n_sites % 2 == 0:
        refuse("n_sites", "an odd number", n_sites)
    points = array_of_shape("points", points, (None,))
    p = np.arange(n_sites) - n_sites // 2
    _, coefficients, orders = bloch_waves(depth, 2 * p / n_sites, 1)
    waves = np.add.outer(p, n_sites * orders)
    state = {int(wave): i for i, wave in enumerate(waves.ravel())}
    bloch = np.zeros((len(state), n_sites))
    for column, (row, c) in enumerate(zip(waves, coefficients[..., 0], strict=True)):
        bloch[[state[int(wave)] for wave in row], column] = c
    shift = np.zeros((len(state), len(state)))
    for wave, i in state.items():
        if wave + 1 in state:
            shift[state[wave + 1], i] = 1.0
    angles, vectors = np.linalg.eig(bloch.T @ shift @ bloch)
    centres = np.angle(angles) * n_sites / (2 * np.pi)
    order = np.argsort(centres)
    k = 2 * np.array(list(state)) / n_sites
    basis = np.exp(1j * np.multiply.outer(points, k)) @ bloch / np.sqrt(np.pi * n_sites)
    return centres[order], np.abs(basis @ vectors[:, order]).T
