"""Arrays of spins against one and two dipoles, a full vector twin, the far field, energy, symmetries."""

import numpy as np
import pytest

from lowdim.errors import NotConverged
from lowdim.optics.array import collective_linewidth, collective_shift
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.faraday import SpinArray
from lowdim.optics.green import dyadic_green
from lowdim.optics.polarization import HELICITIES, polarization_ellipse, rotation_angle, stokes_angles

K = 2 * np.pi
DETUNING = np.array([-1.3, -0.2, 0.45, 0.9])


def patch(n, spacing):
    line = (np.arange(n) - (n - 1) / 2) * spacing
    return np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)


def in_helicities(jones):
    return HELICITIES.conj().T @ jones @ HELICITIES


@pytest.fixture(scope="module")
def nine():
    return SpinArray(patch(3, 0.4), K, 1.5)


@pytest.fixture(scope="module")
def spins():
    return np.array([[1, 1, -1, 1, -1, 1, 1, 1, -1], [-1, 1, 1, 1, 1, -1, -1, -1, 1]])


@pytest.mark.parametrize("spin", [1, -1])
@pytest.mark.parametrize("nonradiative", [0.0, 0.7])
def test_one_dipole(spin, nonradiative):
    one = SpinArray([[0.0, 0.0]], K, 2.0)
    response = 3j / (K * 2.0) ** 2 / (DETUNING + 0.5j * (1 + nonradiative))
    found = in_helicities(one.jones([spin], DETUNING, nonradiative))
    mine, other = (0, 1) if spin == 1 else (1, 0)
    assert np.allclose(found[:, mine, mine], 1 - response / one.power, atol=1e-14)
    assert np.allclose(found[:, other, other], 1, atol=1e-14)
    assert np.allclose([found[:, 0, 1], found[:, 1, 0]], 0, atol=1e-14)
    axis = in_helicities(one.jones([spin], DETUNING, nonradiative, collect="axis"))
    assert np.allclose(axis[:, mine, mine], 1 - response / 2, atol=1e-14)


def test_one_dipole_takes_its_cross_section():
    """6 pi/k^2 times the intensity in the focus of circular light, on resonance."""
    one = SpinArray([[0.0, 0.0]], K, 3.0)
    lost = 1 - one.stokes([1], [0.0], incident=HELICITIES[:, 0])[0, 0]
    scattered_forward = one.stokes([1], [0.0], incident=HELICITIES[:, 0], side="scattered")[0, 0]
    share = 6 * np.pi / K**2 / (one.power * np.pi * 3.0**2 / 2)
    assert np.isclose(lost + scattered_forward, share, rtol=1e-9)


@pytest.mark.parametrize("second", [1, -1])
def test_two_dipoles_by_hand(second):
    pair = SpinArray([[-0.15, 0.0], [0.15, 0.0]], K, 1.0)
    gxx, gyy = np.diag(3 * np.pi / K * dyadic_green([0.3, 0.0, 0.0], K))[:2]
    u = np.exp(-(0.15**2))
    pole = DETUNING + 0.5j
    coupling = (gxx + gyy) / 2 if second == 1 else (gxx - gyy) / 2
    # along x every transition has the overlap 1/sqrt 2 with the beam, and both dipoles are alike
    expected = -3 * np.pi / K * u / np.sqrt(2) / (pole + coupling)
    assert np.allclose(pair.dipoles([1, second], DETUNING), expected[:, None], atol=1e-14)


@pytest.mark.parametrize("nonradiative", [0.0, 0.4])
def test_full_vector_twin(nine, spins, nonradiative):
    """Three components on every site, one linear system per detuning."""
    place = np.column_stack([nine.positions, np.zeros(9)])
    incident = np.array([0.6, 0.8j])
    found = nine.dipoles(spins, DETUNING, nonradiative, incident)
    for s, amplitudes in zip(spins, found, strict=True):
        vectors = np.array([HELICITIES[:, 0 if spin == 1 else 1] for spin in s])
        for detuning, mine in zip(DETUNING, amplitudes, strict=True):
            alpha = [polarizability(detuning, K, nonradiative=nonradiative, dipole=[*v, 0]) for v in vectors]
            field = np.zeros((9, 3), dtype=complex)
            field[:, :2] = np.exp(-np.sum(nine.positions**2, 1) / nine.waist**2)[:, None] * incident
            light = solve_dipoles(place, np.array(alpha), field, K)
            moments = mine[:, None] * vectors / K**2
            assert np.allclose(light.moments[:, :2], moments, rtol=1e-11, atol=1e-15)


def test_axis_against_the_field_far_away(nine, spins):
    far = np.array([0.0, 0.0, 3e4])
    apart = far - np.column_stack([nine.positions, np.zeros(9)])
    vectors = np.where(spins[0][:, None] == 1, HELICITIES[:, 0], HELICITIES[:, 1])
    moments = nine.dipoles(spins[0], DETUNING)[..., None] * np.pad(vectors, ((0, 0), (0, 1)))
    scattered = np.einsum("nab,dnb->da", dyadic_green(apart, K), moments)
    beam = -0.5j * K * nine.waist**2 * np.exp(1j * K * far[2]) / far[2]
    expected = np.array([1, 0]) + scattered[:, :2] / beam
    found = nine.jones(spins[0], DETUNING, collect="axis")[..., 0]
    assert np.allclose(found, expected, atol=2e-4)


def test_overlap_against_the_far_field(nine, spins):
    """The quotient of integrals over all forward directions, with vectors written out."""
    cosine, weight = np.polynomial.legendre.leggauss(80)
    cosine, weight = (cosine + 1) / 2, weight / 2
    azimuth = 2 * np.pi * np.arange(64) / 64
    c, phi = (x.ravel() for x in np.meshgrid(cosine, azimuth, indexing="ij"))
    solid = np.repeat(weight, 64) * 2 * np.pi / 64
    sine = np.sqrt(1 - c**2)
    ray = np.stack([sine * np.cos(phi), sine * np.sin(phi), c], axis=1)
    spectrum = np.exp(-((K * sine * nine.waist) ** 2) / 4) * -0.5j * K * nine.waist**2
    beams = [np.outer(spectrum, [1, 0, 0]) * c[:, None], np.outer(spectrum, [0, 1, 0]) * c[:, None]]
    for axis, beam in enumerate(beams):
        beam[:, 2] = -spectrum * ray[:, axis]
    phases = np.exp(-1j * K * ray[:, :2] @ nine.positions.T)
    vectors = np.pad(np.where(spins[0][:, None] == 1, HELICITIES[:, 0], HELICITIES[:, 1]), ((0, 0), (0, 1)))
    jones = nine.jones(spins[0], DETUNING)
    for incident in (0, 1):
        moments = nine.dipoles(spins[0], DETUNING, incident=np.eye(2)[incident])[..., None] * vectors
        field = np.einsum("rn,dna->dra", phases, moments) / (4 * np.pi)
        field -= np.einsum("ra,rb,drb->dra", ray, ray, field)
        power = np.sum(solid * np.sum(np.abs(beams[incident]) ** 2, axis=1))
        overlap = np.stack([np.einsum("r,ra,dra->d", solid, b.conj(), field) for b in beams], axis=-1)
        assert np.isclose(power, nine.power * np.pi * nine.waist**2 / 2, rtol=1e-9)
        assert np.allclose(jones[..., incident], np.eye(2)[incident] + overlap / power, atol=1e-9)


def test_energy(nine, spins):
    forward = nine.stokes(spins, DETUNING)[..., 0]
    backward = nine.stokes(spins, DETUNING, side="scattered")[..., 0]
    assert np.allclose(forward + backward, 1, atol=1e-9)
    lossy = (
        nine.stokes(spins, DETUNING, 0.5)[..., 0]
        + nine.stokes(spins, DETUNING, 0.5, side="scattered")[..., 0]
    )
    assert np.all(lossy < 0.999)


def test_small_lens_sees_the_axis(nine, spins):
    small = stokes_angles(nine.stokes(spins, DETUNING, aperture=1e-3))
    axis = polarization_ellipse(nine.jones(spins, DETUNING, collect="axis")[..., 0])
    assert np.allclose(small, axis, atol=1e-5)


def test_stokes_of_the_empty_beam(nine):
    """Far from resonance the lens sees the beam: S0 its power, and a polarisation that survives."""
    for incident, expected in (([1, 0], [1, 1, 0, 0]), ([1, 1j], [1, 0, 0, 1]), ([1, 1], [1, 0, 1, 0])):
        found = nine.stokes(np.ones(9), [1e7], incident=incident)[0]
        assert np.isclose(found[0], 1, atol=1e-6)
        # the rim of the beam is turned by the lens, by 1/(kw)^4
        assert np.allclose(found, expected, atol=3e-3)


def test_symmetries(nine, spins):
    """Flipping all spins mirrors the angle; so does a mirrored arrangement; a quarter turn swaps x and y."""
    jones = nine.jones(spins, DETUNING)
    angles = rotation_angle(jones)
    mirror = spins.reshape(-1, 3, 3)[:, ::-1].reshape(-1, 9)
    assert np.allclose(rotation_angle(nine.jones(-mirror, DETUNING)), -angles, atol=1e-12)
    quarter = np.rot90(spins.reshape(-1, 3, 3), axes=(1, 2)).reshape(-1, 9)
    assert np.allclose(rotation_angle(nine.jones(quarter, DETUNING), "y"), angles, atol=1e-12)


def test_reciprocity(nine, spins):
    """Light sent back meets the transposed Jones matrix, and the spins seen from behind."""
    circular = in_helicities(nine.jones(spins, DETUNING))
    turned = spins[:, ::-1]  # half a turn of the square
    again = in_helicities(nine.jones(turned, DETUNING))
    assert np.allclose(circular, again, atol=1e-12)
    assert np.max(np.abs(circular[..., 0, 1])) > 1e-3


def test_far_from_resonance_angles_add(nine, spins):
    detuning = 1e5
    u = np.exp(-np.sum(nine.positions**2, 1) / nine.waist**2)
    expected = 1.5 / nine.power / (K * nine.waist) ** 2 / detuning * (spins @ u**2)
    found = rotation_angle(nine.jones(spins, [detuning]))[:, 0]
    assert np.allclose(found, expected, rtol=1e-4)


def test_wide_patch_is_the_infinite_array():
    wide = SpinArray(patch(24, 0.4), K, 2.4)
    primitive = 0.4 * np.eye(2)
    shift = float(collective_shift([0.0, 0.0], primitive, K))
    width = float(collective_linewidth([0.0, 0.0], primitive, K))
    assert np.isclose(width, 3 / (4 * np.pi) / 0.4**2)
    detuning = np.linspace(-1, 2, 7)
    found = in_helicities(wide.jones(np.ones(576), detuning))
    expected = (detuning - shift) / (detuning - shift + 0.5j * width)
    assert np.allclose(found[:, 0, 0], expected, atol=0.03)
    assert np.allclose(found[:, 1, 1], 1, atol=1e-12)


def test_modes_that_do_not_solve_the_equations(nine, monkeypatch):
    exact = np.linalg.eig
    monkeypatch.setattr(np.linalg, "eig", lambda a: (exact(a)[0] + 1e-6, exact(a)[1]))
    with pytest.raises(NotConverged, match="residual"):
        nine.jones(np.ones(9), [0.0])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda a: SpinArray([[0, 0, 0]], K, 1.0), "positions"),
        (lambda a: SpinArray(np.zeros((0, 2)), K, 1.0), "positions"),
        (lambda a: SpinArray([[0, 0], [0, 0]], K, 1.0), "positions"),
        (lambda a: SpinArray([[0, 0]], 0.0, 1.0), "k"),
        (lambda a: SpinArray([[0, 0]], K, -1.0), "waist"),
        (lambda a: a.jones(np.ones(8), [0.0]), "spins"),
        (lambda a: a.jones(np.zeros(9), [0.0]), "spins"),
        (lambda a: a.jones(np.ones(9), 0.0), "detuning"),
        (lambda a: a.jones(np.ones(9), [np.nan]), "detuning"),
        (lambda a: a.jones(np.ones(9), [0.0], -0.1), "nonradiative"),
        (lambda a: a.jones(np.ones(9), [0.0], collect="fibre"), "collect"),
        (lambda a: a.dipoles(np.ones(9), [0.0], incident=[1, 0, 0]), "incident"),
        (lambda a: a.dipoles(np.ones(9), [0.0], incident=[0, 0]), "incident"),
        (lambda a: a.stokes(np.ones(9), [0.0], aperture=1.1), "aperture"),
        (lambda a: a.stokes(np.ones(9), [0.0], side="left"), "side"),
    ],
)
def test_bad_input(nine, call, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call(nine)
