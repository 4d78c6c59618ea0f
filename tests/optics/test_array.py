"""The infinite array: energy balance, Lorentzians, an independent code, published numbers, contrast."""

import numpy as np
import pytest
from scipy.optimize import brentq

from lowdim.lattice.dynamics import lattice
from lowdim.optics.array import (
    CIRCULAR,
    array_polarizability,
    azimuthal_contrast,
    collective_linewidth,
    collective_shift,
    largest_contrast,
    matched_polarization,
    scatter,
)
from lowdim.optics.green import dyadic_green_spectrum, polarization_vectors, wave_vector
from lowdim.optics.lattice_sum import lattice_green_direct

K = 2 * np.pi  # lengths in wavelengths
SQUARE = np.eye(2)
TRIANGULAR = lattice("triangular").primitive
CELLS = {
    "square": 0.45 * SQUARE,
    "triangular": 0.3 * TRIANGULAR,
    "oblique": np.array([[0.5, 0.0], [0.2, 0.62]]),
    "diffracting": 1.2 * SQUARE,
}
# |elements|^2 in the order ss, sp, pp of the transmission, then of the reflection; treams 0.4.7
# (D. Beutel et al., Computer Physics Communications 297, 109076 (2024)): TMatrix of one electric dipole,
# in all directions or with m = 1 only, latticeinteraction.solve, SMatrices.from_array, zeroth order;
# theta 0.7, phi 0.35, detuning 0.2, nonradiative 0.3
TREAMS = {
    ("square", 3): [0.07439069, 0.00771167, 0.18516557, 0.65146645, 0.00771167, 0.21138811],
    ("square", 1): [0.26747074, 0.14533500, 0.51116600, 0.24844288, 0.14533500, 0.08501859],
    ("triangular", 3): [0.03203539, 0.00000455, 0.17178626, 0.84182738, 0.00000455, 0.57404285],
    ("triangular", 1): [0.19354686, 0.19102628, 0.44895912, 0.32654981, 0.19102628, 0.11174723],
    ("oblique", 3): [0.08611940, 0.00096240, 0.02870673, 0.57082238, 0.00096240, 0.09649985],
    ("oblique", 1): [0.29376270, 0.12289287, 0.53586022, 0.21007918, 0.12289287, 0.07189031],
    ("diffracting", 3): [0.64903527, 0.00005633, 0.64483682, 0.04433904, 0.00005633, 0.00033616],
    ("diffracting", 1): [0.82022209, 0.00593023, 0.89237173, 0.01013742, 0.00593023, 0.00346908],
}
DIRECTIONS = (np.array([0.0, 0.4, 1.2])[:, None], np.array([0.0, 0.3, 2.9]))


def random_dipoles(count, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    return np.linalg.qr(matrix)[0][:count]


@pytest.mark.parametrize(("name", "count"), TREAMS)
def test_against_treams(name, count):
    found = scatter(
        0.7, 0.35, CELLS[name], K, 0.2, dipoles=np.eye(3) if count == 3 else CIRCULAR, nonradiative=0.3
    )
    wanted = TREAMS[name, count]
    for matrix, squares in ((found.transmission, wanted[:3]), (found.reflection, wanted[3:])):
        elements = matrix[[0, 0, 1], [0, 1, 1]]
        np.testing.assert_allclose(np.abs(elements) ** 2, squares, atol=6e-9)
        assert abs(matrix[0, 1]) == pytest.approx(abs(matrix[1, 0]))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", ["square", "triangular"])  # below the Bragg threshold
def test_without_loss_no_power_is_lost(name, count):
    found = scatter(*DIRECTIONS, CELLS[name], K, -0.4, dipoles=random_dipoles(count))
    r, t = found.reflection, found.transmission
    balance = [np.swapaxes(m.conj(), -1, -2) @ m for m in (r, t)]
    np.testing.assert_allclose(sum(balance), np.broadcast_to(np.eye(2), r.shape), atol=1e-13)


def test_open_orders_carry_the_rest():
    """Above the threshold, all orders on both sides and the absorbed power add up to the incident one."""
    theta, phi, cell, loss = 0.5, 0.3, CELLS["diffracting"], 0.4
    dipoles = random_dipoles(2)
    q = wave_vector(theta, phi, K)
    s, _, down = polarization_vectors(theta, phi)
    incident = 0.6 * s + 0.8j * down
    moment = array_polarizability(q, cell, K, 0.1, dipoles=dipoles, nonradiative=loss) @ incident
    area = np.linalg.det(cell)
    index = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=-1).reshape(-1, 2)
    orders = q + index @ (2 * np.pi * np.linalg.inv(cell).T)
    orders = orders[np.linalg.norm(orders, axis=1) < K]
    assert len(orders) > 3
    kz = np.sqrt(K**2 - np.sum(orders**2, axis=1))
    up, below = (K**2 / area * dyadic_green_spectrum(orders, z, K) @ moment for z in (1e-300, -1e-300))
    below[np.argmin(np.linalg.norm(orders - q, axis=1))] += incident
    leaves = np.sum(kz[:, None] * (np.abs(up) ** 2 + np.abs(below) ** 2)) / (K * np.cos(theta))
    # each dipole absorbs gamma_nr/gamma_r times what it would radiate alone
    absorbed = loss * K**4 / (6 * np.pi) * np.linalg.norm(moment) ** 2 / (area * np.cos(theta))
    assert leaves + absorbed == pytest.approx(1, abs=1e-12)


def test_slow_lattice_sum_gives_the_same_array():
    theta, phi, cell = 0.4, 0.3, 0.4 * TRIANGULAR
    q = wave_vector(theta, phi, K)
    slow = lattice_green_direct(q, cell, K, 10.5 / (K - np.linalg.norm(q)))
    bare = -3 * np.pi / K**3 / (0.3 + 0.5j)
    expected = np.linalg.inv(np.eye(3) / bare - K**2 * slow)
    found = array_polarizability(q, cell, K, 0.3, dipoles=np.eye(3))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("loss", [0.0, 0.7])
def test_one_dipole_gives_a_lorentzian(loss):
    theta, phi, cell = 0.8, 0.5, CELLS["square"]
    q = wave_vector(theta, phi, K)
    shift, width = collective_shift(q, cell, K), collective_linewidth(q, cell, K)
    assert width == pytest.approx(
        3 * np.pi / (2 * K**2 * 0.45**2) * (1 + np.cos(theta) ** 2) / np.cos(theta), abs=1e-12
    )
    detuning = np.linspace(-3, 3, 13)
    light = matched_polarization(theta)
    found = scatter(theta, phi, cell, K, detuning, nonradiative=loss)
    peak = (detuning - shift) ** 2 + (width + loss) ** 2 / 4
    np.testing.assert_allclose(found.reflectance(light), width**2 / 4 / peak, atol=1e-13)
    left = 1 - width * (width + 2 * loss) / 4 / peak
    np.testing.assert_allclose(found.transmittance(light), left, atol=1e-13)
    across = np.array([light[1].conj(), -light[0].conj()])
    np.testing.assert_allclose(found.reflectance(across), 0, atol=1e-25)
    np.testing.assert_allclose(found.transmittance(across), 1, atol=1e-13)


@pytest.mark.parametrize("dipole", [CIRCULAR, random_dipoles(1, seed=4)[0]])
def test_matched_polarisation_reflects_most(dipole):
    theta, phi = 0.9, 1.3
    r = scatter(theta, phi, CELLS["triangular"], K, 0.1, dipoles=dipole).reflection
    _, values, vectors = np.linalg.svd(r)
    light = matched_polarization(theta, dipole, phi)
    assert abs(vectors[0] @ light) == pytest.approx(1)
    assert values[1] < 1e-14


def test_published_mirror():
    """Perfect reflection at resonance; no shift near 0.2 and 0.8 wavelengths (Shahmoon et al. 2017)."""
    for low, high, zero in ((0.15, 0.25, 0.2), (0.7, 0.9, 0.8)):
        root = brentq(lambda a: float(collective_shift([0.0, 0.0], a * SQUARE, K)), low, high)
        assert root == pytest.approx(zero, abs=0.005)
        mirror = scatter(0.0, 0.0, root * SQUARE, K, 0.0, dipoles=np.eye(3)[:2])
        np.testing.assert_allclose(np.abs(mirror.reflection), np.eye(2), atol=1e-12)
        np.testing.assert_allclose(mirror.transmission, 0, atol=1e-10)
    width = collective_linewidth([0.0, 0.0], 0.3 * SQUARE, K, dipole=[1, 0, 0])
    assert width == pytest.approx(3 / (4 * np.pi) / 0.09, rel=1e-12)


def test_shift_has_the_symmetry_of_the_lattice():
    phi = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for cell, fold in ((0.4 * SQUARE, 4), (0.4 * TRIANGULAR, 6)):
        harmonics = np.abs(np.fft.rfft(collective_shift(wave_vector(0.9, phi, K), cell, K)))
        silent = [n for n in range(13) if n % fold]
        assert np.all(harmonics[silent] < 1e-12 * harmonics[0])
        assert harmonics[fold] > 1e-4 * harmonics[0]


def test_contrast_by_scanning():
    low, high, width = -0.3, 0.25, 0.8
    shifts = np.linspace(low, high, 20001)
    for detuning in (-2.0, -0.31, -0.1, 0.0, 0.24, 0.4, 3.0):
        reflected = 1 / (1 + 4 * ((detuning - shifts) / width) ** 2)
        found = azimuthal_contrast((high, low), width, detuning)
        assert found == pytest.approx(np.ptp(reflected), abs=1e-8)


@pytest.mark.parametrize("half", [1e-6, 0.05, 0.3, 1.0, 8.0])
def test_largest_contrast_by_scanning(half):
    width = 1.7
    detuning = np.linspace(-3, 3, 60001) * (width + half)
    scan = azimuthal_contrast((-half, half), width, detuning)
    contrast, best = largest_contrast(half, width)
    assert contrast == pytest.approx(scan.max(), rel=1e-6)
    assert azimuthal_contrast((-half, half), width, best) == pytest.approx(float(contrast), rel=1e-9)
    assert best > half


def test_shapes():
    found = scatter(*DIRECTIONS, CELLS["square"], K, np.zeros((2, 1, 1)))
    assert found.reflection.shape == found.transmission.shape == (2, 3, 3, 2, 2)
    assert found.reflectance(matched_polarization(DIRECTIONS[0])).shape == (2, 3, 3)
    assert collective_shift(np.zeros((4, 5, 2)), CELLS["square"], K).shape == (4, 5)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: collective_shift([0.0, 0.0], 0.3 * SQUARE, 0.0), "k"),
        (lambda: collective_shift([0.0, 0.0], 0.3 * SQUARE, K, dipole=[1, 1, 0]), "dipole"),
        (lambda: collective_linewidth([0.0, 0.0], 0.3 * SQUARE, K, dipole=[1, 0]), "dipole"),
        (lambda: collective_linewidth([0.0, 0.0], 0.3 * SQUARE, K, dipole="abc"), "dipole"),
        (lambda: array_polarizability([0.0, 0.0], 0.3 * SQUARE, K, 0.0, dipoles=np.ones((2, 3))), "dipoles"),
        (lambda: array_polarizability([0.0, 0.0], 0.3 * SQUARE, K, 0.0, nonradiative=-1), "nonradiative"),
        (lambda: array_polarizability([0.0, 0.0], 0.3 * SQUARE, K, np.nan), "detuning"),
        (lambda: scatter(1.6, 0.0, 0.3 * SQUARE, K, 0.0), "theta"),
        (lambda: scatter(0.1, 0.0, 0.3 * SQUARE, K, 0.0).reflectance([1.0, 1.0]), "polarization"),
        (lambda: scatter(0.1, 0.0, 0.3 * SQUARE, K, 0.0).transmittance([1.0, 0.0, 0.0]), "polarization"),
        (lambda: matched_polarization(0.0, [0, 0, 1]), "dipole"),
        (lambda: azimuthal_contrast((0.0, 1.0), -1.0, 0.0), "linewidth"),
        (lambda: azimuthal_contrast((0.0, 1.0, 2.0), 1.0, 0.0), "shifts"),
        (lambda: largest_contrast(-1.0, 1.0), "half_spread"),
        (lambda: largest_contrast(1.0, 0.0), "linewidth"),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        call()
