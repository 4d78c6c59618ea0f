"""Field of one dipole: Maxwell's equations, limits, energy, the angular spectrum and its transform."""

import numpy as np
import pytest

from lowdim.optics.green import (
    dyadic_green,
    dyadic_green_spectrum,
    polarization_vectors,
    scalar_green,
    self_term,
    wave_vector,
)

LEVI_CIVITA = np.zeros((3, 3, 3))
for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    LEVI_CIVITA[i, j, k], LEVI_CIVITA[i, k, j] = 1, -1


def derivatives(function, r, step=2e-3):
    """All second derivatives by differences of fourth order, axes (a, b, ...)."""
    weights = np.array([1, -8, 0, 8, -1]) / 12 / step
    offsets = step * np.arange(-2, 3)[:, None, None] * np.eye(3)  # (5, 3, 3)
    points = offsets[:, None, :, None] + offsets[None, :, None, :]  # (5, 5, a, b, 3)
    return np.einsum("m,n,mnab...->ab...", weights, weights, function(np.asarray(r) + points))


@pytest.mark.parametrize("r", [[0.5, -0.7, 0.9], [1.3, 0.2, -0.4]])
def test_maxwell(r):
    """curl curl G = k^2 G away from the dipole, and G = (1 + grad grad/k^2) e^{ikr}/4 pi r."""
    k = 1.7
    second = derivatives(lambda x: dyadic_green(x, k), r)  # (a, b, row, column)
    curl_curl = np.einsum("iaj,jbk,abkc->ic", LEVI_CIVITA, LEVI_CIVITA, second)
    np.testing.assert_allclose(curl_curl, k**2 * dyadic_green(r, k), atol=1e-7)
    wave = derivatives(lambda x: scalar_green(np.linalg.norm(x, axis=-1), k), r)
    np.testing.assert_allclose(
        dyadic_green(r, k), scalar_green(np.linalg.norm(r), k) * np.eye(3) + wave / k**2, atol=1e-7
    )


def test_near_and_far_field():
    r = np.array([0.3, -0.5, 0.8])
    unit = r / np.linalg.norm(r)
    static = (3 * np.outer(unit, unit) - np.eye(3)) / (4 * np.pi * np.linalg.norm(r) ** 3)
    np.testing.assert_allclose(1e-8 * dyadic_green(r, 1e-4), static, atol=1e-8)
    far = dyadic_green(1e7 * r, 1.0) / scalar_green(1e7 * np.linalg.norm(r), 1.0)
    np.testing.assert_allclose(far, np.eye(3) - np.outer(unit, unit), atol=3e-7)


def test_self_term_is_the_limit_and_the_radiated_power():
    near = dyadic_green(1e-3 * np.array([0.6, 0.0, 0.8]), 2.0)
    np.testing.assert_allclose(near.imag, self_term(2.0) * np.eye(3), atol=2e-7)
    nodes, weights = np.polynomial.legendre.leggauss(40)  # of cos(theta)
    cosine = (nodes + 1) / 2
    theta, phi = np.arccos(cosine)[:, None], 2 * np.pi * np.arange(12) / 12
    sheet = dyadic_green_spectrum(wave_vector(theta, phi, 2.0), 0.0, 2.0).imag
    # d^2q = k^2 cos(theta) d cos(theta) d phi
    power = np.einsum("t,tpab->ab", weights / 2 * cosine, sheet) * 4.0 * 2 * np.pi / 12 / (2 * np.pi) ** 2
    np.testing.assert_allclose(power, self_term(2.0) * np.eye(3), atol=1e-12)


@pytest.mark.parametrize("r", [[0.4, 0.3, 0.6], [-0.2, 0.9, -0.8]])
def test_spectrum_is_the_transform_of_the_field(r):
    k = 2.0
    nodes, weights = np.polynomial.legendre.leggauss(160)
    angle = np.pi / 4 * (nodes + 1)  # q = k sin t
    rapid = 3.0 * (nodes + 1)  # q = k cosh t
    q = np.concatenate([k * np.sin(angle), k * np.cosh(rapid)])
    measure = np.concatenate([np.pi / 4 * weights * k * np.cos(angle), 3.0 * weights * k * np.sinh(rapid)])
    phi = 2 * np.pi * np.arange(400) / 400
    vectors = q[:, None, None] * np.stack([np.cos(phi), np.sin(phi)], axis=-1)
    terms = dyadic_green_spectrum(vectors, r[2], k) * np.exp(1j * vectors @ r[:2])[..., None, None]
    field = np.einsum("q,qpab->ab", measure * q, terms) * 2 * np.pi / 400 / (2 * np.pi) ** 2
    np.testing.assert_allclose(field, dyadic_green(r, k), atol=1e-9)


def test_polarisations_span_the_transverse_plane():
    theta, phi = np.array([0.0, 0.4, 1.1])[:, None], np.array([0.0, 0.9, 4.0])
    s, up, down = polarization_vectors(theta, phi)
    q, k = wave_vector(theta, phi, 1.5), 1.5
    for sign, p in ((1, up), (-1, down)):
        kappa = np.concatenate([q, sign * k * np.cos(theta)[..., None] + 0 * q[..., :1]], axis=-1) / k
        np.testing.assert_allclose(np.cross(s, p), -kappa, atol=1e-15)
        projector = np.einsum("...a,...b->...ab", s, s) + np.einsum("...a,...b->...ab", p, p)
        wave = dyadic_green_spectrum(q, sign * 1e-300, k) * (k * np.cos(theta) / 0.5j)[..., None, None]
        np.testing.assert_allclose(projector, wave, atol=1e-14)
    both = [dyadic_green_spectrum(q, z, k) for z in (1e-300, -1e-300)]
    np.testing.assert_allclose(dyadic_green_spectrum(q, 0.0, k), sum(both) / 2, atol=1e-14)


def test_shapes():
    assert dyadic_green(np.ones((4, 5, 3)), 1.0).shape == (4, 5, 3, 3)
    assert dyadic_green_spectrum(np.ones((4, 2)), [0.0, 0.1, 0.2, 0.3], 1.0).shape == (4, 3, 3)
    assert dyadic_green_spectrum([0.3, 0.1], [0.0, 0.1], 1.0).shape == (2, 3, 3)
    assert dyadic_green([1, 2, 2], 1.0)[0, 0] == dyadic_green([1.0, 2.0, 2.0], 1.0)[0, 0]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: dyadic_green([0.0, 0.0, 0.0], 1.0), "r"),
        (lambda: dyadic_green([1.0, 0.0], 1.0), "r"),
        (lambda: dyadic_green(1.0, 1.0), "r"),
        (lambda: dyadic_green([1.0, np.nan, 0.0], 1.0), "r"),
        (lambda: dyadic_green([1.0, 0.0, 0.0], 0.0), "k"),
        (lambda: scalar_green(0.0, 1.0), "r"),
        (lambda: self_term(-1.0), "k"),
        (lambda: wave_vector(np.pi / 2, 0.0, 1.0), "theta"),
        (lambda: wave_vector(-0.1, 0.0, 1.0), "theta"),
        (lambda: polarization_vectors(2.0, 0.0), "theta"),
        (lambda: dyadic_green_spectrum([1.0, 0.0], 0.0, 1.0), "wave_vectors"),
        (lambda: dyadic_green_spectrum([1.0, 0.0, 0.0], 0.0, 1.0), "wave_vectors"),
        (lambda: dyadic_green_spectrum([0.5, 0.0], np.inf, 1.0), "z"),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()
