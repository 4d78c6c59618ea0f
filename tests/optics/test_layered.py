"""Arrays between layers: vacuum, mirrors by images, the static limit, energy, Fresnel's formulas."""

import numpy as np
import pytest
from scipy.special import erfc

from lowdim.lattice.dynamics import lattice
from lowdim.optics.array import (
    CIRCULAR,
    collective_linewidth,
    collective_shift,
    matched_polarization,
    scatter,
)
from lowdim.optics.green import dyadic_green, wave_vector
from lowdim.optics.layered import Layer, boron_nitride, layered_array

K = 2 * np.pi
AIR = Layer(1.0, 1.0)
CRYSTAL = (2.12, 1.83)


@pytest.mark.parametrize("name", ["square", "triangular"])
def test_vacuum(name):
    cell, theta, phi = 0.4 * lattice(name).primitive, np.array([0.3, 1.1])[:, None], np.array([0.0, 0.7])
    q = wave_vector(theta, phi, K)
    slabs = [Layer(1.0, 1.0, 0.2), Layer(1.0, 1.0, 0.3), AIR]  # layers of nothing
    for above, below in (([AIR], [AIR]), (slabs, [AIR]), ([AIR], slabs), (slabs, slabs)):
        found = layered_array(q, cell, K, above, below)
        np.testing.assert_allclose(found.shift, collective_shift(q, cell, K), atol=1e-11)
        np.testing.assert_allclose(found.linewidth, collective_linewidth(q, cell, K), atol=1e-11)
        for loss in (0.0, 0.7):
            plain = scatter(theta, phi, cell, K, 0.4, nonradiative=loss)
            np.testing.assert_allclose(
                found.reflectance(0.4, loss), plain.reflectance(matched_polarization(theta)), atol=1e-11
            )


def test_another_unit_of_length_and_a_dense_medium():
    """A medium of index n is a vacuum of n times the wave number; the dipole radiates n times as much."""
    n, q, cell = 1.7, np.array([2.0, 1.0]), 0.25 * np.eye(2)
    found = layered_array(q, cell, K, [Layer(n, n)], [Layer(n, n)])
    assert found.shift == pytest.approx(n * float(collective_shift(q, cell, n * K)), rel=1e-12)
    assert found.linewidth == pytest.approx(n * float(collective_linewidth(q, cell, n * K)), rel=1e-12)


@pytest.mark.parametrize("distance", [0.06, 0.4])
def test_a_mirror_makes_images(distance):
    """Slow twin: the field of the mirror images, site by site, faded out far away."""
    q, cell, width = np.array([0.9, 0.4]), 0.3 * np.eye(2), 10.5 / (K - 1)
    mirror = [Layer(1.0, 1.0, distance), Layer(1e9, 1e9)]
    found = layered_array(q, cell, K, [AIR], mirror)
    sites = np.concatenate([np.zeros((1, 2)), 0.3 * lattice("square").bonds(12 * width / 0.3)])
    weight = 0.5 * erfc(np.linalg.norm(sites, axis=1) / width - 6) * np.exp(-1j * sites @ q)
    rays = np.column_stack([sites, np.full(len(sites), 2 * distance)])
    images = -CIRCULAR.conj() @ np.einsum("n,nab->ab", weight, dyadic_green(rays, K)) @ CIRCULAR
    shift = collective_shift(q, cell, K) - 3 * np.pi / K * images.real
    width_ = collective_linewidth(q, cell, K) + 6 * np.pi / K * images.imag
    assert found.shift == pytest.approx(float(shift), abs=1e-7)
    assert found.linewidth == pytest.approx(float(width_), abs=1e-7)
    assert found.reflectance(0.3) == pytest.approx(1, abs=1e-7)


def test_static_dipoles_in_a_crystal():
    """Along the layers a uniaxial medium divides static fields by n_o n_e, whatever its axis does."""
    k, medium = 1e-4, Layer(*CRYSTAL)
    shift = layered_array([0.0, 0.0], np.eye(2), k, [medium], [medium]).shift
    expected = -3 * np.pi / k * 9.03362168310095 / 2 / (4 * np.pi * k**2 * np.prod(CRYSTAL))
    assert shift == pytest.approx(expected, rel=1e-6)


def test_linewidth_is_what_the_travelling_orders_carry():
    """Imaginary part of Ewald's sums in a uniaxial medium against the sum over its open orders."""
    q, cell, medium = np.array([1.0, 0.3]), 0.55 * np.eye(2), Layer(*CRYSTAL)
    found = layered_array(q, cell, K, [medium], [medium]).linewidth
    index = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=-1).reshape(-1, 2)
    p = np.linalg.norm(q + index * 2 * np.pi / 0.55, axis=1)
    n_o, n_e = CRYSTAL
    s = np.sqrt(np.maximum((n_o * K) ** 2 - p**2, 0))
    along = n_o / n_e * np.sqrt(np.maximum((n_e * K) ** 2 - p**2, 0))
    carried = np.sum(np.divide(0.5, s, where=s > 0, out=np.zeros_like(s)) + along / (2 * (n_o * K) ** 2))
    assert np.count_nonzero(s) > 1
    assert found == pytest.approx(6 * np.pi / K * carried / 2 / 0.55**2, rel=1e-11)


def stack(first, second=None):
    return [Layer(*CRYSTAL, first), Layer(1.0, 1.0) if second is None else Layer(second, second)]


def test_energy():
    """Without loss, what is not reflected is transmitted: from above and below the same, and R <= 1.

    A perfect mirror below leaves the array no way out: R = 1 at every detuning.
    """
    q = wave_vector(0.8, np.array([0.0, 0.5]), K)
    closed = [Layer(*CRYSTAL, 0.15), Layer(1e9, 1e9)]
    for detuning in (-3.0, 0.0, 2.0):
        found = layered_array(q, 0.2 * np.eye(2), K, stack(0.1), closed)
        np.testing.assert_allclose(found.reflectance(detuning), 1, atol=1e-7)
    found = layered_array(q, 0.2 * np.eye(2), K, stack(0.1), stack(0.15, 1.45))
    reflected = found.reflectance(np.linspace(-40, 10, 4001)[:, None])
    assert reflected.max() <= 1 + 1e-12
    # far from the resonance the layers alone are left
    alone = np.sum(found.weight * np.abs(found.bare * found.matched) ** 2, axis=-1)
    np.testing.assert_allclose(found.reflectance(1e9), alone, atol=1e-8)


def test_no_light_drives_more_than_the_matched():
    """Of unit power from above, any polarisation, tilted, where s and p pass the layers differently."""
    rng, dipole = np.random.default_rng(2), np.array([1j, 1.0]) / np.sqrt(2)
    found = layered_array(wave_vector(1.2, 0.3, K), 0.2 * np.eye(2), K, stack(0.1), stack(0.15, 1.45))
    matched = found.matched
    assert np.sum(found.weight * np.abs(matched) ** 2) == pytest.approx(1, rel=1e-12)
    most = abs(np.sum(dipole.conj() * found.drive * matched))
    light = (rng.normal(size=(500, 2, 2)) @ [1, 1j]) / np.sqrt(found.weight)
    light /= np.sqrt(np.sum(found.weight * np.abs(light) ** 2, axis=1))[:, None]
    driven = np.abs(np.sum(dipole.conj() * found.drive * light, axis=1))
    assert 0.97 * most < driven.max() <= most * (1 + 1e-12)


def test_optical_theorem():
    """Power out of the array at resonance, up and down, is what it takes: its linewidth, two ways."""
    q, area = wave_vector(0.7, 0.3, K), 0.04
    one = layered_array(q, 0.2 * np.eye(2), K, stack(0.1), stack(0.15, 1.45))
    other = layered_array(q, 0.2 * np.eye(2), K, stack(0.15, 1.45), stack(0.1))
    assert one.linewidth == pytest.approx(float(other.linewidth), rel=1e-12)
    sent = sum(np.sum(a.weight * np.abs(a.leave * a.own) ** 2) / 2 for a in (one, other))
    # 3 pi g/(k A) is the field; the power is Re Y |E|^2, and the linewidth 6 pi Im g/(k A)
    assert one.linewidth == pytest.approx(float(2 * area * K / (3 * np.pi) * sent), rel=1e-9)


def test_layers_alone_obey_airy_and_fresnel():
    """One slab of glass, s light: the textbook formula."""
    theta, n, d = 0.6, 1.5, 0.37
    q = wave_vector(theta, 0.0, K)
    half = [Layer(n, n, d / 2), AIR]
    found = layered_array(q, 0.2 * np.eye(2), K, half, half)
    outside, inside = K * np.cos(theta), np.sqrt((n * K) ** 2 - q @ q)
    r = (outside - inside) / (outside + inside)
    slab = r * (1 - np.exp(2j * inside * d)) / (1 - r**2 * np.exp(2j * inside * d))
    assert found.bare[0] == pytest.approx(complex(slab), abs=1e-13)


def test_boron_nitride():
    """Indices near 750 nm against a second measurement, S. Y. Lee et al. (2018), and the limits."""
    ordinary, extraordinary = boron_nitride(750.0)
    lee = np.sqrt(1 + 3.263 * 0.75**2 / (0.75**2 - 0.1644**2))
    assert abs(ordinary - lee) < 0.02
    assert 1.6 < extraordinary < ordinary
    for bad in (300.0, 2000.0, np.nan):
        with pytest.raises(ValueError, match="^wavelength"):
            boron_nitride(bad)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"above": []}, "above"),
        ({"above": [Layer(1.0, 1.0, 0.3)]}, "above"),
        ({"below": [AIR, AIR]}, "below"),
        ({"below": [Layer(1.5, 1.5)]}, "below"),
        ({"wave_vectors": [7.0, 0.0]}, "wave_vectors"),
        ({"wave_vectors": [0.1]}, "wave_vectors"),
        ({"k": 0.0}, "k"),
        ({"primitive": np.eye(3)}, "primitive"),
    ],
)
def test_bad_input(changes, name):
    good = {"wave_vectors": [0.1, 0.0], "primitive": 0.3 * np.eye(2), "k": K, "above": [AIR], "below": [AIR]}
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        layered_array(**{**good, **changes})


def test_bad_layers():
    for bad in ((0.0, 1.0), (1.0, -1.0), (1.0, 1.0, 0.0), (np.nan, 1.0)):
        with pytest.raises(ValueError, match="expected"):
            Layer(*bad)


@pytest.mark.parametrize("outer", [(1.2, 1.5), (1.5, 1.2), (1.2, 1.2)])
def test_light_comes_from_the_outermost_medium(outer):
    """Shorter than both of its wave numbers, whatever the layers inside would carry."""
    above, cell = [Layer(1.1, 1.1, 0.2), Layer(1.7, 1.7, 0.1), Layer(*outer)], 0.1 * np.eye(2)
    below = [Layer(1.1, 1.1, 0.2), AIR]
    assert np.isfinite(layered_array([1.1999 * K, 0.0], cell, K, above, below).linewidth)
    for p in (1.2, 1.3, 1.6):
        with pytest.raises(ValueError, match="^wave_vectors: expected waves that travel in the outermost"):
            layered_array([0.0, p * K], cell, K, above, below)
