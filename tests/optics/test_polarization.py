"""Angles of the polarisation ellipse against ellipses made to measure."""

import numpy as np
import pytest

from lowdim.optics.polarization import HELICITIES, polarization_ellipse, rotation_angle, stokes_angles


def ellipse(azimuth, ellipticity):
    """Field whose ellipse has these angles, helicity positive for positive ellipticity."""
    turn = np.array([[np.cos(azimuth), -np.sin(azimuth)], [np.sin(azimuth), np.cos(azimuth)]])
    return turn @ [np.cos(ellipticity), 1j * np.sin(ellipticity)]


@pytest.mark.parametrize("azimuth", [-1.5, -0.9, 0.0, 0.3, 0.8, 1.4])
@pytest.mark.parametrize("ellipticity", [-0.7, -0.2, 0.0, 0.5])
def test_angles_of_a_made_ellipse(azimuth, ellipticity):
    field = 2.3 * np.exp(0.7j) * ellipse(azimuth, ellipticity)
    assert np.allclose(polarization_ellipse(field), (azimuth, ellipticity), atol=1e-12)


@pytest.mark.parametrize("error", [0.0, 3e-15, 3e-15j])
@pytest.mark.parametrize("helicity", [0, 1])
def test_circular_light_has_no_axis_whatever_the_rounding(helicity, error):
    field = HELICITIES[:, helicity] + [0, error]
    azimuth, ellipticity = polarization_ellipse(field)
    assert azimuth == 0
    assert np.isclose(ellipticity, (1 - 2 * helicity) * np.pi / 4, rtol=0, atol=1e-14)
    assert abs(polarization_ellipse(HELICITIES[:, helicity] + [0, 1e-9])[0]) > 0.3


def test_major_axis_is_where_the_field_is_longest():
    rng = np.random.default_rng(1)
    field = rng.normal(size=2) + 1j * rng.normal(size=2)
    times = np.linspace(0, 2 * np.pi, 200001)
    curve = (field[:, None] * np.exp(-1j * times)).real
    lengths = np.hypot(*curve)
    longest = curve[:, lengths.argmax()]
    azimuth, ellipticity = polarization_ellipse(field)
    assert np.isclose(np.tan(azimuth), longest[1] / longest[0], atol=1e-3)
    assert np.isclose(abs(np.tan(ellipticity)), lengths.min() / lengths.max(), atol=1e-4)
    # positive helicity turns from x to y
    turning = curve[0, :-1] * np.diff(curve[1]) - curve[1, :-1] * np.diff(curve[0])
    assert np.sign(turning.mean()) == np.sign(ellipticity)


def test_azimuth_is_half_the_phase_between_helicities():
    rng = np.random.default_rng(2)
    fields = rng.normal(size=(20, 2)) + 1j * rng.normal(size=(20, 2))
    plus, minus = (fields @ HELICITIES.conj()).T
    azimuth, ellipticity = polarization_ellipse(fields)
    assert np.allclose(np.exp(2j * azimuth), np.exp(1j * np.angle(minus * plus.conj())), atol=1e-12)
    contrast = (abs(plus) ** 2 - abs(minus) ** 2) / (abs(plus) ** 2 + abs(minus) ** 2)
    assert np.allclose(np.sin(2 * ellipticity), contrast, atol=1e-12)


@pytest.mark.parametrize("angle", [-1.3, -0.4, 0.2, 1.2])
def test_both_incident_axes_turn_alike(angle):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert np.isclose(rotation_angle(turn), angle)
    assert np.isclose(rotation_angle(turn, "y"), angle)


def test_a_gyrotropic_plate_turns_both_axes_alike():
    rng = np.random.default_rng(3)
    circular = rng.normal(size=(9, 2)) + 1j * rng.normal(size=(9, 2))
    jones = np.einsum("as,ns,bs->nab", HELICITIES, circular, HELICITIES.conj())
    assert np.allclose(rotation_angle(jones), rotation_angle(jones, "y"), atol=1e-12)


def test_unpolarised_part_leaves_the_angles():
    full = np.array([1.0, 0.6, 0.64, 0.48])
    assert np.allclose(stokes_angles(full), stokes_angles(full + [3.0, 0, 0, 0]))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: polarization_ellipse([1.0, 2.0, 3.0]), "field"),
        (lambda: polarization_ellipse(1.0), "field"),
        (lambda: stokes_angles([1.0, 0.0]), "stokes"),
        (lambda: rotation_angle(np.eye(3)), "jones"),
        (lambda: rotation_angle(np.eye(2), "p"), "incident"),
    ],
)
def test_bad_input(call, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


def test_each_incident_polarisation_has_its_own_angle():
    """The columns turn by different angles, as no rotation does."""
    jones = [[np.cos(0.3), -np.sin(1.1)], [np.sin(0.3), np.cos(1.1)]]
    assert rotation_angle(jones) == pytest.approx(0.3) and rotation_angle(jones, "y") == pytest.approx(1.1)
