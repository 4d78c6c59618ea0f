"""The velocity autocorrelation of wave packets without interference.

For a white-noise potential the self-energy does not depend on k and the velocity vertex is not dressed, so
the self-consistent Born approximation (all diagrams without crossings) gives

    C(t) = sum_k f_k v_n^2 abs(G_k(t))^2,  G_k(E) = 1/(E - k^2/2 - Sigma(E)),  Sigma(E) = W sum_k G_k(E)/L^2.

To leading order abs(G_k(t))^2 = exp(-t/tau) and D = tau; the rest is of order hbar/M, like interference.

With states up to the energy B the self-energy is Sigma = c [ln z - ln(z - B)], z = E - Sigma, c = W/2 pi. It
has an imaginary part between the energies where dE/dz = 0 on the real axis, with y(y + B) = cB

    E_low = -y - c ln(1 + B/y),   E_high = B - E_low,

and the spectral function vanishes outside, with roots at both ends. Chebyshev's points integrate it with an
error that falls exponentially once they resolve the width of the levels. Units: hbar = M = k_B T = 1.
"""

import numpy as np

from lowdim._checks import instance, non_negative_array, positive, refuse
from lowdim.errors import NotConverged
from lowdim.exciton._settled import doublings, settled
from lowdim.exciton.grid import Grid
from lowdim.exciton.timeresolved import given_weights, panels

__all__ = ["noncrossing_autocorrelation"]

_FEWEST, _MOST, _PART = 128, 2**18, 4096


def _self_energy(energy, strength, band, tolerance):
    """Sigma = (W/2 pi) [ln z - ln(z - band)], z = E - Sigma, by Newton's method from above the real axis."""
    sigma = np.full(energy.shape, -0.5j * strength)
    coupling = strength / (2 * np.pi)
    for _ in range(200):
        z = energy - sigma
        residual = sigma - coupling * (np.log(z) - np.log(z - band))
        if np.abs(residual).max() < tolerance:
            return sigma
        change = residual / (1 + coupling * (1 / z - 1 / (z - band)))
        # the retarded root lies below the real axis
        sigma = sigma - change
        sigma = np.where(sigma.imag < 0, sigma, sigma.real - 1e-12j)
    raise NotConverged(f"self-energy: residual {np.abs(residual).max():.1e}, wanted {tolerance:.1e}")


def _support(strength, band):
    """Middle and half width of the energies at which there are states."""
    coupling = strength / (2 * np.pi)
    y = 2 * coupling * band / (band + np.sqrt(band**2 + 4 * coupling * band))
    return band / 2, band / 2 + y + coupling * np.log1p(band / y)


def _propagators(time, kinetic, strength, band, points, tolerance):
    """G_k(t) of the states `kinetic`, shape (n, k), from so many energies."""
    middle, half = _support(strength, band)
    found = np.zeros((len(time), len(kinetic)), complex)
    for start in range(0, points, _PART):
        angle = (np.arange(start, min(start + _PART, points)) + 0.5) * np.pi / points
        energy = middle + half * np.cos(angle)
        sigma = _self_energy(energy, strength, band, tolerance)
        spectral = -np.imag(1 / (energy[:, None] - sigma[:, None] - kinetic)) / np.pi
        spectral *= (half * np.sin(angle) * np.pi / points)[:, None]
        found += np.exp(-1j * np.outer(time, energy)) @ spectral
    return found


def _survival(time, kinetic, strength, band, tolerance):
    """abs(G_k(t))^2, energies doubled until it changes by less than the tolerance."""
    sharp = min(1e-9, tolerance / 10)
    return settled(
        (
            np.abs(_propagators(time, kinetic, strength, band, points, sharp)) ** 2
            for points in doublings(_FEWEST, _MOST)
        ),
        lambda before, now: np.abs(now - before).max(initial=0) <= tolerance,
        f"noncrossing: not settled to {tolerance:.1e} with {_MOST} energies",
    )


def noncrossing_autocorrelation(time, grid, relaxation, *, cutoff=None, tolerance=1e-5, weight=None):
    """C(t) of the thermal ensemble in the self-consistent Born approximation.

    Parameters
    ----------
    time : array, shape (n,)
        Times >= 0.
    grid : Grid
        Its Fourier components are the states k.
    relaxation : float
        tau = 1/W.
    cutoff : float, optional
        Largest k the potential leads to; the grid's largest if not given.
    tolerance : float
        Of C over C(0), 1e-9 or more; energies of the spectral function and of the states are refined until C
        changes by less.
    weight : tuple of arrays, optional
        Kinetic energies, below that of the largest k, and normalised weights of the ensemble; thermal if not
        given.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
    NotConverged
        If the self-energy, the spectral function or the thermal average stop short of the tolerance.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from lowdim.exciton.grid import Grid
    >>> c = noncrossing_autocorrelation([0.0, 5.0], Grid(64, 40.0), 20.0)
    >>> np.round(c * np.exp([0.0, 0.25]), 2)
    array([1.  , 1.02])
    """
    instance("grid", grid, Grid)
    tolerance = positive("tolerance", tolerance)
    time, strength = non_negative_array("time", time), 1 / positive("relaxation", relaxation)
    shape, time = time.shape, time.ravel()
    top = grid.cutoff if cutoff is None else positive("cutoff", cutoff)
    band = top**2 / 2
    if weight is not None:
        kinetic, share = given_weights(weight)
        if np.any(kinetic >= band):
            refuse("weight", f"energies below {band:g}", kinetic)
        return (_survival(time, kinetic, strength, band, tolerance) @ (share * kinetic)).reshape(shape)

    def average(order):
        kinetic, share = _thermal_states(band, strength, tolerance, order)
        return _survival(time, kinetic, strength, band, tolerance) @ share

    return settled(
        map(average, doublings(4, 64)),
        lambda before, now: np.abs(now - before).max(initial=0) <= 2 * tolerance,
        f"noncrossing: thermal average not settled to {tolerance:.1e}",
    ).reshape(shape)


def _thermal_states(band, strength, tolerance, order):
    """Points in energy and normalised weights energy exp(-energy), dense at the edges of the band."""
    top = min(band, 20 - np.log(min(tolerance, 1.0)))
    # states within the width of the levels feel the edge
    kinetic, weights = panels(top, 1e-2 * min(strength, top), order)
    weights = weights * kinetic * np.exp(-kinetic)
    return kinetic, weights / weights.sum()
