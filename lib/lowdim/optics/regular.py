r"""Coupled dipoles on the sites of a parallelogram of a lattice, by fast Fourier transform.

The equations of `dipoles`. On a lattice the coupling of two sites depends on their distance alone, so that
the product of the coupling matrix with a vector is a convolution, n log n instead of n^2 operations, on twice
the sites along each primitive vector. The equations are solved by GMRES in the exciting fields, with
T. Chan's circulant preconditioner: of all periodic couplings it is nearest to the true one,

.. math:: c_j = \frac{(n-j)\,t_j + j\,t_{j-n}}{n}

along each primitive vector, and the transform turns it into one small inversion per wave vector. Sites may be
empty or differ; the preconditioner then takes the mean, which helps little if they differ at random near
resonance: such a system, if it does not converge, is one for `dipoles`.

Near a collective resonance there are modes that hardly radiate, and the equations are nearly singular in
them: moments may then err a thousand times more than the residual says, while the power that leaves the array
is right. The energy balance tells which. BiCGSTAB reaches the same accuracy, but may take ten times the steps
of GMRES.

Source: R. H. Chan and M. K. Ng, SIAM Review 38, 427 (1996), for the preconditioners of T. Chan and others.
"""

import numpy as np
from scipy import fft
from scipy.sparse.linalg import LinearOperator, gmres

from lowdim._checks import array_of_shape, integer_in, positive
from lowdim.errors import NotConverged
from lowdim.optics.dipoles import closed, incident_field, site_polarizabilities, transition_basis
from lowdim.optics.green import dyadic_green

__all__ = ["solve_regular"]

RESTARTS = 4


def solve_regular(primitive, polarizability, incident, k, *, tolerance=1e-10, steps=400, closure=1e-8):
    r"""Solve the coupled-dipole equations on a regular patch.

    Parameters
    ----------
    primitive : array_like, shape (2, 2)
        Rows are the primitive vectors. Site (i, j) is at i, j times them, the patch being centred at the
        origin of the plane z = 0, like the sites of `patches.parallelogram`.
    polarizability : array_like of complex, shape (3, 3) or (rows, columns, 3, 3)
        In length^3, of all sites or of each; zero where there is none.
    incident : array_like of complex, shape (rows, columns, 3)
        Incident field at the sites.
    k : float
        Wave number, > 0.
    tolerance : float
        Residual over the incident field at which GMRES stops.
    steps : int
        Iterations before a restart, at most; so many vectors are kept. Three restarts are tried.
    closure : float
        Largest violation of the energy balance, as a fraction of the extinction.

    Returns
    -------
    ScatteredLight
        With positions of shape (rows * columns, 3); empty sites have no moment.

    Raises
    ------
    ValueError
        If a shape is wrong or a number is not finite.
    NotConverged
        If GMRES does not reach `tolerance`, or energy is not conserved to `closure`.

    Examples
    --------
    >>> from lowdim.optics.array import CIRCULAR
    >>> from lowdim.optics.dipoles import polarizability
    >>> k = 2 * np.pi
    >>> light = solve_regular(0.7 * np.eye(2), polarizability(0, k), np.ones((9, 9, 1)) * CIRCULAR, k)
    >>> bool(np.isclose(light.extinction, light.scattering))
    True
    """
    k, primitive = positive("k", k), array_of_shape("primitive", primitive, (2, 2))
    tolerance, steps = positive("tolerance", tolerance), integer_in("steps", steps, 1)
    shape = np.shape(incident)[-3:-1]
    field = incident_field(incident, shape)
    if field.ndim != 3:
        raise ValueError(f"incident: expected shape (rows, columns, 3), got {field.shape}")
    alpha = site_polarizabilities(polarizability, shape)
    basis = transition_basis(alpha)
    local = basis.conj().T @ alpha @ basis
    kernel = k**2 * _kernel(primitive, shape, k, basis)
    occupied = np.any(local, axis=(2, 3))[..., None]
    product = _convolution(kernel, shape)
    inverse = _circulant_inverse(kernel, local.sum(axis=(0, 1)) / occupied.sum(), shape)

    def act(vector):
        fields = vector.reshape(drive.shape) * occupied
        return (fields - occupied * product(_apply(local, fields))).ravel()

    def precondition(vector):
        return (occupied * inverse(vector.reshape(drive.shape) * occupied)).ravel()

    drive = (field @ basis.conj()) * occupied
    operators = [LinearOperator((drive.size,) * 2, matvec=f, dtype=complex) for f in (act, precondition)]
    exciting, failed = gmres(
        operators[0], drive.ravel(), rtol=tolerance, atol=0.0, restart=steps, maxiter=RESTARTS, M=operators[1]
    )
    residual = np.linalg.norm(act(exciting) - drive.ravel()) / max(np.linalg.norm(drive), 1e-300)
    if failed or not residual <= 2 * tolerance:
        raise NotConverged(f"GMRES leaves a residual of {residual:.1e}, not {tolerance:.1e}")
    exciting = exciting.reshape(drive.shape)
    moments = _apply(local, exciting)
    radiated = _convolution(_hermitian_part(kernel), shape)(moments)
    i, j = np.meshgrid(*[np.arange(n) - (n - 1) / 2 for n in shape], indexing="ij")
    place = np.pad(np.stack([i.ravel(), j.ravel()], axis=1) @ primitive, ((0, 0), (0, 1)))
    flat = [a.reshape(1, -1, basis.shape[1]) for a in (exciting, moments, radiated)]
    return closed(place, basis, field.reshape(-1, 3), *flat, k, closure)


def _apply(tensors, vectors):
    return np.einsum("...ab,...b->...a", tensors, vectors)


def _kernel(primitive, shape, k, basis):
    """Green's tensor in the span of `basis` at all differences of sites, in the order of the transform."""
    steps = [fft.fftfreq(2 * n, 0.5 / n) for n in shape]
    apart = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1) @ primitive
    apart = np.pad(apart, ((0, 0), (0, 0), (0, 1)))
    apart[0, 0] = 1.0  # replaced by zero below
    kernel = basis.conj().T @ dyadic_green(apart, k) @ basis
    kernel[0, 0] = 0
    return kernel


def _hermitian_part(kernel):
    """Kernel of (C - C^+)/2i: G is even in the distance, so that only the small matrices are turned over."""
    return (kernel - kernel.conj().swapaxes(2, 3)) / 2j


def _convolution(kernel, shape):
    transformed = fft.fft2(kernel, axes=(0, 1))
    double = kernel.shape[:2]

    def product(vectors):
        spectrum = _apply(transformed, fft.fft2(vectors, double, axes=(0, 1)))
        return fft.ifft2(spectrum, axes=(0, 1))[: shape[0], : shape[1]]

    return product


def _circulant_inverse(kernel, local, shape):
    """Inverse of one minus T. Chan's circulant of the coupling times the mean polarizability."""
    periodic = 0
    for wrap in np.ndindex(2, 2):
        weights, indices = [], []
        for n, back in zip(shape, wrap, strict=True):
            j = np.arange(n)
            weights.append(j / n if back else 1 - j / n)
            indices.append((j - n * back) % (2 * n))
        periodic = periodic + np.outer(*weights)[..., None, None] * kernel[np.ix_(*indices)]
    symbol = np.eye(len(local)) - fft.fft2(periodic, axes=(0, 1)) @ local
    inverse = np.linalg.inv(symbol)
    return lambda vectors: fft.ifft2(_apply(inverse, fft.fft2(vectors, axes=(0, 1))), axes=(0, 1))
