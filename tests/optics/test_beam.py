"""Beams and the transmitted power: Maxwell's equations, twins by brute force, planes, symmetries."""

import numpy as np
import pytest

from lowdim.optics.array import CIRCULAR
from lowdim.optics.beam import beam_axes, driving_polarization, gaussian_beam, paraxial_fields
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import dipole_fields, downward_flux, infinite_transmission, transmission
from lowdim.optics.green import dyadic_green, polarization_vectors
from lowdim.optics.patches import PRIMITIVE, lattice_patch, parallelogram
from lowdim.optics.readout import (
    azimuthal_harmonics,
    pin_sites,
    turning_transmission,
    turning_transmission_infinite,
)

K = 2 * np.pi


def curl(fields, points, step=1e-4):
    """Curl of a vector field by central differences."""
    slopes = np.stack(
        [
            (fields(points + step * e) - fields(points - step * e)) / (2 * step)
            for e in np.eye(3)
        ]
    )  # fmt: skip
    levi = np.zeros((3, 3, 3))
    for i in range(3):
        levi[i, (i + 1) % 3, (i + 2) % 3], levi[i, (i + 2) % 3, (i + 1) % 3] = 1, -1
    return np.einsum("iab,a...b->...i", levi, slopes)


def wide_plane(half, step, z):
    x = np.arange(-half, half, step)
    return np.stack([*np.meshgrid(x, x, indexing="ij"), np.full((len(x), len(x)), z)], axis=-1)


@pytest.mark.parametrize(("theta", "phi"), [(0.0, 0.7), (0.9, -2.0), (1.2, 4.0)])
def test_axes_are_orthonormal_right_handed_and_aim_down(theta, phi):
    axes = beam_axes(theta, phi)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(axes) == pytest.approx(1)
    incident = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), -np.cos(theta)]
    np.testing.assert_allclose(axes[2], incident, atol=1e-15)


@pytest.mark.parametrize(("theta", "phi"), [(0.3, 0.7), (0.9, -2.0), (1.2, 4.0)])
def test_driving_polarization_is_the_vector_of_e18(theta, phi):
    s, _, down = polarization_vectors(theta, phi)
    v = (1j * s - np.cos(theta) * down) / np.sqrt(1 + np.cos(theta) ** 2)
    found = driving_polarization(theta, phi)
    assert abs(np.vdot(v, found)) == pytest.approx(1, abs=1e-12)
    # no polarisation across the beam has a larger part along the dipole
    rng = np.random.default_rng(0)
    others = rng.normal(size=(50, 2, 2)) @ [1, 1j] @ beam_axes(theta, phi)[:2]
    others /= np.linalg.norm(others, axis=1)[:, None]
    assert np.all(np.abs(others @ CIRCULAR.conj()) <= abs(CIRCULAR.conj() @ found) + 1e-12)


@pytest.mark.parametrize("curvature", [1.0, 2.0])
def test_magnetic_field_of_the_paraxial_beam_is_the_curl(curvature):
    rng = np.random.default_rng(1)
    points = rng.normal(size=(20, 3))
    beam = dict(
        k=K, waist=1.1, theta=0.6, phi=0.9, polarization=driving_polarization(0.6, 0.9), curvature=curvature
    )
    numeric = curl(lambda r: paraxial_fields(r, **beam)[0], points) / (1j * K)
    np.testing.assert_allclose(paraxial_fields(points, **beam)[1], numeric, atol=1e-6)


def helmholtz_error(curvature):
    """Violation of Helmholtz' equation next to the axis of a wide beam, a Rayleigh length from its waist."""
    k, waist, step = K, 6.0, 0.02
    rng = np.random.default_rng(2)
    points = rng.normal(size=(40, 3)) * [3, 3, 0] - [0, 0, 0.5 * k * waist**2]

    def field(r):
        return paraxial_fields(r, k, waist, 0.0, 0.0, [1, 0, 0], curvature=curvature)[0][..., 0]

    laplacian = sum(field(points + step * e) + field(points - step * e) for e in np.eye(3))
    laplacian = (laplacian - 6 * field(points)) / step**2
    # the error of the difference formula for a wave along z
    scale = k**2 * np.abs(field(points)).max()
    exact = 2 * (1 - np.cos(k * step)) / step**2
    return np.abs(laplacian + exact * field(points)).max() / scale


def test_the_curvature_of_a_gaussian_beam_is_2r():
    good, bad = helmholtz_error(2.0), helmholtz_error(1.0)
    assert good < 2e-5 < 20 * good < bad


def test_exact_beam_is_a_sum_of_transverse_waves_that_go_down():
    beam = gaussian_beam(K, 1.0, 1.0, 0.4, driving_polarization(1.0, 0.4), reach=3.0)
    assert np.abs(np.sum(beam.wave_vectors * beam.amplitudes, axis=1)).max() < 1e-14
    np.testing.assert_allclose(np.linalg.norm(beam.wave_vectors, axis=1), K, rtol=1e-12)
    assert beam.wave_vectors[:, 2].max() <= 1e-12
    assert 1e-5 < beam.lost < 1e-2
    assert gaussian_beam(K, 1.0, 0.0, 0.0, [1, 0, 0], reach=3.0).lost == pytest.approx(0, abs=1e-12)
    points = np.random.default_rng(3).normal(size=(5, 3))
    numeric = curl(lambda r: beam.fields(r)[0], points) / (1j * K)
    np.testing.assert_allclose(beam.fields(points)[1], numeric, atol=1e-6)


def test_exact_beam_equals_a_sum_over_a_grid_of_wave_vectors():
    k, waist, n = K, 1.4, 401
    beam = gaussian_beam(k, waist, 0.0, 0.0, [1, 0, 0], reach=4.0)
    q = np.linspace(-k, k, n)
    x, y = np.meshgrid(q, q, indexing="ij")
    inside = x**2 + y**2 < k**2
    wave = np.stack([x, y, -np.sqrt(np.where(inside, k**2 - x**2 - y**2, 0))], axis=-1)[inside]
    # the cosine of the spectrum cancels that of dOmega = d^2q/(k^2 cos)
    amplitude = waist**2 / (4 * np.pi) * np.exp(-((waist / 2) ** 2) * np.sum(wave[:, :2] ** 2, axis=1))
    vector = np.array([1.0, 0, 0]) - wave * wave[:, :1] / k**2
    amplitude = amplitude[:, None] * vector
    point = np.array([[0.3, -1.1, -2.0], [1.0, 2.0, 0.5]])
    slow = np.exp(1j * point @ wave.T) @ amplitude * (q[1] - q[0]) ** 2
    np.testing.assert_allclose(beam.fields(point)[0], slow, atol=2e-5)


@pytest.mark.parametrize("theta", [0.0, 0.8])
def test_wide_exact_beam_is_the_paraxial_one(theta):
    waist, vector = 12.0, driving_polarization(theta, 0.3)
    points = np.random.default_rng(4).normal(size=(30, 3)) * 6
    beam = gaussian_beam(K, waist, theta, 0.3, vector, reach=30.0)
    electric, magnetic = paraxial_fields(points, K, waist, theta, 0.3, vector)
    exact = beam.fields(points)
    np.testing.assert_allclose(exact[0], electric, atol=0.02)
    np.testing.assert_allclose(exact[1], magnetic, atol=0.02)
    assert beam.power == pytest.approx(np.pi / 2 * waist**2, rel=1e-3)


def test_units_of_length_do_not_matter():
    vector = driving_polarization(0.6, 0.2)
    one, other = (gaussian_beam(K / s, s, 0.6, 0.2, vector, reach=2 * s) for s in (1.0, 780.0))
    assert other.power / 780.0**2 == pytest.approx(one.power, rel=1e-12)
    point = np.array([[0.4, -0.3, 0.2]])
    np.testing.assert_allclose(one.fields(point), other.fields(780.0 * point), atol=1e-12)
    t = [turning_transmission_infinite(0.4 * s * np.eye(2), K / s, s, 0.6, [0.2])[0] for s in (1.0, 780.0)]
    assert t[0] == pytest.approx(t[1], rel=1e-10)


def test_waves_suffice_for_the_reach_asked_for():
    vector = driving_polarization(0.9, 0.2)
    points = np.array([[15.0, 3, 0], [0, -14, 0], [2, 1, 0], [-9, 12, 0]])
    near, far = (gaussian_beam(K, 1.0, 0.9, 0.2, vector, reach=r) for r in (15.5, 40.0))
    np.testing.assert_allclose(near.fields(points)[0], far.fields(points)[0], atol=1e-7)
    assert near.power == pytest.approx(far.power, rel=1e-9)


@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_field_on_a_lattice_is_the_field_at_its_points(lattice):
    patch = lattice_patch(lattice, 0.37, 60, "disc", turn=0.1)
    beam = gaussian_beam(K, 1.0, 0.5, 1.1, driving_polarization(0.5, 1.1), reach=2.0)
    found = beam.on_lattice(patch, 0.37 * PRIMITIVE[lattice])
    np.testing.assert_allclose(found, beam.fields(patch)[0], atol=1e-13)
    with pytest.raises(ValueError, match="sites of one lattice"):
        beam.on_lattice(patch + 0.01 * np.arange(len(patch))[:, None], 0.37 * PRIMITIVE[lattice])


@pytest.mark.parametrize("theta", [0.0, 0.7])
def test_power_of_the_exact_beam_is_its_flux_through_any_plane(theta):
    beam = gaussian_beam(K, 1.0, theta, 0.0, driving_polarization(theta, 0.0), reach=12.0)
    for z in (0.0, -1.5):
        points = wide_plane(6.5, 0.45, z) + [abs(z) * np.tan(theta), 0, 0]
        flux = downward_flux(*beam.fields(points), 0.45**2)
        assert flux == pytest.approx(beam.power, rel=2e-3)


def some_light(theta=0.5, n=5, a=0.4, loss=0.0):
    patch, vector = parallelogram("square", a, n), driving_polarization(theta, 0.0)
    beam = gaussian_beam(K, 1.0, theta, 0.0, vector, reach=14.0)
    alpha = polarizability(0.2, K, nonradiative=loss)
    return solve_dipoles(patch, alpha, beam.fields(patch)[0], K), beam


def test_fields_of_the_dipoles_solve_maxwells_equations():
    light, _ = some_light()
    points = np.random.default_rng(5).normal(size=(4, 3)) * 2 - [0, 0, 1.5]
    electric, magnetic = dipole_fields(points, light, K)
    green = dyadic_green(points[:, None] - light.positions, K)
    np.testing.assert_allclose(electric, K**2 * np.einsum("pnab,nb->pa", green, light.moments), atol=1e-12)
    numeric = curl(lambda r: dipole_fields(r, light, K)[0], points) / (1j * K)
    np.testing.assert_allclose(magnetic, numeric, atol=1e-5)


@pytest.mark.parametrize("loss", [0.0, 0.7])
def test_closed_form_of_t_is_the_flux_through_a_plane(loss):
    light, beam = some_light(loss=loss)
    t, r = transmission(light, beam.power)
    points = wide_plane(10.0, 0.45, -1.2)
    scattered, incident = dipole_fields(points, light, K), beam.fields(points)
    whole = [a + b for a, b in zip(scattered, incident, strict=True)]
    assert downward_flux(*whole, 0.45**2) / beam.power == pytest.approx(float(t), abs=4e-3)
    # what the dipoles radiate spreads beyond any window; what they take from the beam does not
    crossed = downward_flux(incident[0], scattered[1], 0.45**2)
    crossed += downward_flux(scattered[0], incident[1], 0.45**2)
    assert -crossed == pytest.approx(float(light.extinction), rel=2e-3)
    assert t + r == pytest.approx(1 - float(light.absorption) / beam.power, abs=1e-12)
    assert 0.02 < r < 1


def test_dipoles_out_of_the_plane_are_refused():
    place = np.array([[0.0, 0, 0], [0.5, 0, 0.2]])
    light = solve_dipoles(place, polarizability(0, K), np.ones((2, 3)), K)
    with pytest.raises(ValueError, match="light: expected sites and moments in one plane"):
        transmission(light, 1.0)
    light = solve_dipoles(place * [1, 1, 0], polarizability(0, K, dipole=[1, 0, 1]), np.ones((2, 3)), K)
    with pytest.raises(ValueError, match="light: expected sites and moments in one plane"):
        transmission(light, 1.0)


def test_turning_beam_with_turned_patch_changes_nothing():
    cell, angle = 0.3 * PRIMITIVE["square"], 0.37
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    patch = parallelogram("square", 0.3, 6, 4)
    still = turning_transmission(patch, cell, K, 1.0, 0.8, [0.2])
    turned = turning_transmission(patch @ turn, cell @ turn[:2, :2], K, 1.0, 0.8, [0.2 + angle])
    np.testing.assert_allclose(still, turned, atol=1e-12)


def test_other_handedness_sees_the_mirror_image():
    cell = 0.35 * np.array([[1.0, 0.1], [0.3, 0.9]])
    i, j = np.meshgrid(np.arange(6) - 2.5, np.arange(4) - 1.5, indexing="ij")
    patch = np.pad(np.stack([i.ravel(), j.ravel()], axis=1) @ cell, ((0, 0), (0, 1)))
    mirror = np.array([1, -1, 1])
    right = turning_transmission(patch, cell, K, 1.0, 0.6, [0.5], detuning=0.1)
    left = turning_transmission(
        patch * mirror, cell * mirror[:2], K, 1.0, 0.6, [-0.5], detuning=0.1, dipole=CIRCULAR.conj()
    )
    np.testing.assert_allclose(right, left, atol=1e-12)


@pytest.mark.parametrize(("lattice", "fold"), [("square", 4), ("triangular", 6)])
def test_infinite_lattices_pass_only_their_own_harmonics(lattice, fold):
    azimuths = 2 * np.pi * np.arange(24) / 24
    t = turning_transmission_infinite(0.45 * PRIMITIVE[lattice], K, 1.0, 0.8, azimuths)
    c = np.abs(azimuthal_harmonics(t, np.arange(1, 12)))
    assert c[fold - 1] > 1e-4
    assert np.delete(c, np.arange(fold - 1, 11, fold)).max() < 1e-12


def test_harmonic_of_a_small_patch_turns_with_its_outline():
    cell, azimuths = 0.2 * PRIMITIVE["triangular"], np.arange(12) * np.pi / 6
    sixth = []
    for turn in (0.0, np.pi / 6):
        patch = lattice_patch("triangular", 0.2, 400, "hexagon", turn=turn, offset=(0.0, 0.0))
        t = turning_transmission(patch, cell, K, 1.0, np.pi / 3, azimuths)
        sixth.append(azimuthal_harmonics(t, [6])[0].real)
    assert sixth[0] * sixth[1] < 0 and min(np.abs(sixth)) > 1e-4
    infinite = turning_transmission_infinite(cell, K, 1.0, np.pi / 3, azimuths)
    assert abs(azimuthal_harmonics(infinite, [6])[0]) < 0.01 * min(np.abs(sixth))


def test_losses_of_the_infinite_array_are_counted():
    beam = gaussian_beam(K, 1.0, 0.4, 0.0, driving_polarization(0.4, 0.0), reach=1.0)
    t, r = infinite_transmission(beam, 0.4 * np.eye(2), 0.1, nonradiative=0.5)
    patch = parallelogram("square", 0.4, 26)
    light = solve_dipoles(
        patch, polarizability(0.1, K, nonradiative=0.5), beam.on_lattice(patch, 0.4 * np.eye(2)), K
    )
    assert (t, r) == pytest.approx(tuple(map(float, transmission(light, beam.power))), abs=1e-3)
    assert t + r < 0.95


def test_harmonics_of_known_series():
    phi = np.arange(16) * 2 * np.pi / 16
    values = 0.3 + 0.1 * np.cos(2 * phi) + 0.05 * np.sin(4 * phi) + 0.02 * np.cos(8 * phi)
    np.testing.assert_allclose(
        azimuthal_harmonics(values, [0, 2, 4, 8, -2]), [0.3, 0.05, -0.025j, 0.01, 0.05], atol=1e-15
    )
    half = azimuthal_harmonics(1 + np.cos(2 * phi[:8]), [2], period=np.pi)
    np.testing.assert_allclose(half, [0.5], atol=1e-15)
    with pytest.raises(ValueError, match="orders"):
        azimuthal_harmonics(values, [9])
    wanted = f"orders: expected multiples of 2 pi over period, 2, resolved by {len(values)} values"
    with pytest.raises(ValueError, match=wanted):
        azimuthal_harmonics(values, [1], period=np.pi)


def test_impurities_pin_as_many_electrons_nearby():
    patch = parallelogram("square", 0.45, 12)
    moved, displaced = pin_sites(patch, 30, 0.45, np.random.default_rng(6))
    distance = np.hypot(*(moved - patch).T[:2])
    assert displaced.sum() == 30 and np.all(distance[~displaced] == 0)
    assert 0 < distance[displaced].min() and distance.max() <= 0.45
    # a point lies 0.38 a from the centre of its square cell on average
    many = [pin_sites(patch, 3, 0.45, np.random.default_rng(i)) for i in range(200)]
    shifts = [np.hypot(*(m - patch).T[:2])[d].mean() for m, d in many]
    assert np.mean(shifts) == pytest.approx(0.383 * 0.45, rel=0.05)
    assert not pin_sites(patch, 0, 0.45, np.random.default_rng(0))[1].any()


def test_displaced_sites_get_their_own_field():
    cell, patch = 0.45 * PRIMITIVE["square"], parallelogram("square", 0.45, 5)
    moved, displaced = pin_sites(patch, 6, 0.45, np.random.default_rng(7))
    some = turning_transmission(moved, cell, K, 1.0, 0.5, [0.3], displaced=displaced)
    everywhere = np.ones(len(patch), dtype=bool)
    np.testing.assert_allclose(
        some, turning_transmission(moved, cell, K, 1.0, 0.5, [0.3], displaced=everywhere), atol=1e-9
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: beam_axes(np.pi / 2, 0), "theta"),
        (lambda: driving_polarization(0, 0, [0, 0, 1]), "dipole"),
        (lambda: gaussian_beam(K, -1, 0, 0, [1, 0, 0], reach=1), "waist"),
        (lambda: gaussian_beam(K, 1, 0, 0, [1, 0], reach=1), "polarization"),
        (lambda: gaussian_beam(K, 1, 0, 0, [1, 0, 0], reach=0), "reach"),
        (lambda: paraxial_fields([0, 0], K, 1, 0, 0, [1, 0, 0]), "points: expected shape"),
        (lambda: paraxial_fields([0, 0, 0], K, 1, 0, 0, [1, 0, 0], curvature=0), "curvature"),
        (lambda: downward_flux([[1, 0, 0]], [[0, 1, 0]], 0), "area"),
        (lambda: dipole_fields([0, 0, 0], some_light(n=1)[0], K), "points away from the sites"),
        (lambda: pin_sites(np.zeros((2, 3)), 3, 1.0, np.random.default_rng(0)), "impurities"),
        (lambda: turning_transmission(np.zeros((1, 3)), np.eye(2), K, 1, 0, [0], displaced=[1]), "displaced"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
