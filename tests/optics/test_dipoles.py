"""Coupled dipoles: exact systems, a slow twin, the radiated power by another way, the solver for lattices."""

import numpy as np
import pytest

from lowdim.errors import NotConverged
from lowdim.optics import regular
from lowdim.optics.array import CIRCULAR, scatter
from lowdim.optics.beam import driving_polarization
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import transmission
from lowdim.optics.green import dyadic_green
from lowdim.optics.patchbeam import beam_on_patch
from lowdim.optics.patches import PRIMITIVE, lattice_patch, parallelogram
from lowdim.optics.readout import turning_transmission, turning_transmission_infinite
from lowdim.optics.regular import solve_regular

K = 2 * np.pi
# cross sections of scattering and extinction, wavelength squared, of seven isotropic dipoles at
# 1.2 default_rng(5).random((7, 3)); detuning, loss, wave vector/k, polarisation. treams 0.4.7
# (D. Beutel et al., doi 10.1016/j.cpc.2023.109076): TMatrix.cluster, interaction.solve, xs
TREAMS = [
    (0.0, 0.0, [0, 0, 1], [0, 1, 0], 2.2972268039, 2.2972268039),
    (0.0, 0.0, [0, 0, 1], [1, 0, 0], 2.8263139110, 2.8263139110),
    (0.0, 0.0, [0.6, 0, -0.8], [0, 1, 0], 2.5265687170, 2.5265687170),
    (0.4, 0.0, [0, 0, 1], [0, 1, 0], 1.7883513329, 1.7883513329),
    (0.4, 0.0, [0.6, 0, -0.8], [0, 1, 0], 1.9808786157, 1.9808786157),
    (0.3, 0.5, [0, 0, 1], [0, 1, 0], 1.0652941423, 1.5892634080),
    (0.3, 0.5, [0, 0, 1], [1, 0, 0], 1.1781160677, 1.8727619256),
    (0.3, 0.5, [0.6, 0, -0.8], [0, 1, 0], 1.1302909361, 1.7104543123),
]


def random_sites(rng, n, size=1.5):
    return size * rng.random((n, 3))


def random_field(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def lossy_tensors(rng, n):
    """Polarizabilities of three transitions at right angles each, all of them lossy."""
    tensors = []
    for _ in range(n):
        axes = np.linalg.qr(random_field(rng, 3, 3))[0].T
        tensors.append(sum(polarizability(rng.normal(), K, nonradiative=0.4, dipole=e) for e in axes))
    return np.array(tensors)


def slow_moments(positions, alpha, incident, k):
    """The equations written out block by block."""
    n = len(positions)
    matrix = np.eye(3 * n, dtype=complex)
    for i in range(n):
        for j in range(n):
            if i != j:
                block = k**2 * dyadic_green(positions[i] - positions[j], k) @ alpha[j]
                matrix[3 * i : 3 * i + 3, 3 * j : 3 * j + 3] -= block
    fields = np.linalg.solve(matrix, incident.reshape(3 * n)).reshape(n, 3)
    return np.einsum("nab,nb->na", alpha, fields)


def sphere_power(positions, moments, k):
    """Radiated power from the far field, integrated over directions, in units of eps0 c/2."""
    u, weight = np.polynomial.legendre.leggauss(40)
    angle = 2 * np.pi * np.arange(80) / 80
    s = np.sqrt(1 - u**2)
    direction = np.stack(
        [np.outer(s, np.cos(angle)), np.outer(s, np.sin(angle)), np.outer(u, np.ones(80))], axis=-1
    )
    amplitude = np.exp(-1j * k * direction @ positions.T) @ moments
    amplitude = amplitude - direction * np.sum(direction * amplitude, axis=-1, keepdims=True)
    intensity = np.sum(np.abs(amplitude) ** 2, axis=-1) * (k**2 / (4 * np.pi)) ** 2
    return float(weight @ intensity.sum(axis=1) * 2 * np.pi / 80)


@pytest.mark.parametrize("loss", [0.0, 0.5])
@pytest.mark.parametrize("detuning", [-0.7, 0.0, 2.0])
def test_cross_sections_of_one_dipole(detuning, loss):
    light = solve_dipoles([[0.3, 0, 1]], polarizability(detuning, K, nonradiative=loss), CIRCULAR[None], K)
    lorentz = 0.25 / (detuning**2 + 0.25 * (1 + loss) ** 2)
    assert light.scattering == pytest.approx(6 * np.pi / K**2 * lorentz, rel=1e-12)
    assert light.absorption == pytest.approx(6 * np.pi / K**2 * lorentz * loss, rel=1e-12, abs=1e-14)
    assert light.extinction == pytest.approx(6 * np.pi / K**2 * lorentz * (1 + loss), rel=1e-12)


def test_a_dipole_is_blind_to_the_other_handedness():
    light = solve_dipoles([[0, 0, 0]], polarizability(0, K), CIRCULAR.conj()[None], K)
    assert abs(light.extinction) < 1e-15


@pytest.mark.parametrize(("axis", "direction"), [(0, 1), (0, -1), (1, 1), (1, -1)])
def test_two_dipoles_have_the_modes_of_the_closed_form(axis, direction):
    distance = 0.21
    place = np.array([[0.0, 0, 0], [distance, 0, 0]])
    unit = np.eye(3)[axis]
    alpha = polarizability(0.2, K, dipole=unit)
    x = K * distance
    wave = np.exp(1j * x) / (4 * np.pi * distance)
    green = wave * (2 - 2j * x) / x**2 if axis == 0 else wave * (1 + (1j * x - 1) / x**2)
    incident = np.array([unit, direction * unit])
    expected = alpha[axis, axis] / (1 - direction * K**2 * alpha[axis, axis] * green)
    light = solve_dipoles(place, alpha, incident, K)
    assert light.moments[0, axis] == pytest.approx(expected, rel=1e-12)
    assert light.moments[1, axis] == pytest.approx(direction * expected, rel=1e-12)


def test_moments_equal_those_of_the_slow_twin():
    rng = np.random.default_rng(1)
    place, alpha, field = random_sites(rng, 9), lossy_tensors(rng, 9), random_field(rng, 9, 3)
    light = solve_dipoles(place, alpha, field, K)
    np.testing.assert_allclose(light.moments, slow_moments(place, alpha, field, K), rtol=1e-9, atol=1e-12)
    assert light.absorption > 0


@pytest.mark.parametrize(("detuning", "loss", "direction", "vector", "scattered", "extinct"), TREAMS)
def test_cluster_against_treams(detuning, loss, direction, vector, scattered, extinct):
    place = 1.2 * np.random.default_rng(5).random((7, 3))
    wave = np.exp(1j * K * place @ direction)[:, None] * np.array(vector)
    alpha = sum(polarizability(detuning, K, nonradiative=loss, dipole=e) for e in np.eye(3))
    light = solve_dipoles(place, alpha, wave, K)
    assert light.scattering == pytest.approx(scattered, abs=1e-9)
    assert light.extinction == pytest.approx(extinct, abs=1e-9)


def test_projection_on_the_transitions_changes_nothing():
    rng = np.random.default_rng(2)
    place, field = random_sites(rng, 8), random_field(rng, 8, 3)
    up, down = polarizability(0.1, K), polarizability(-0.3, K, dipole=CIRCULAR.conj())
    alpha = np.where(rng.random(8)[:, None, None] < 0.5, up, down)
    light = solve_dipoles(place, alpha, field, K)
    np.testing.assert_allclose(light.moments, slow_moments(place, alpha, field, K), rtol=1e-9, atol=1e-12)


def test_a_weak_transition_is_kept():
    rng = np.random.default_rng(12)
    place, field = random_sites(rng, 6), random_field(rng, 6, 3)
    alpha = polarizability(0.1, K) + 1e-3 * polarizability(0.3, K, dipole=[0, 0, 1])
    light = solve_dipoles(place, alpha, field, K, closure=1)
    np.testing.assert_allclose(
        light.moments, slow_moments(place, [alpha] * 6, field, K), rtol=1e-9, atol=1e-12
    )


def test_scattered_power_is_that_of_the_far_field():
    rng = np.random.default_rng(3)
    place, field = random_sites(rng, 7), random_field(rng, 7, 3)
    light = solve_dipoles(place, polarizability(0.4, K, nonradiative=0.2), field, K)
    assert light.scattering == pytest.approx(sphere_power(place, light.moments, K), rel=1e-10)


def test_several_fields_at_once_are_those_one_by_one():
    rng = np.random.default_rng(4)
    place, field = random_sites(rng, 6), random_field(rng, 2, 3, 6, 3)
    together = solve_dipoles(place, polarizability(0.0, K), field, K)
    assert together.extinction.shape == (2, 3) and together.moments.shape == field.shape
    alone = solve_dipoles(place, polarizability(0.0, K), field[1, 2], K)
    np.testing.assert_allclose(together.moments[1, 2], alone.moments, atol=1e-12)
    assert together.scattering[1, 2] == pytest.approx(float(alone.scattering), rel=1e-12)


def test_units_of_length_do_not_matter():
    rng = np.random.default_rng(5)
    place, field = random_sites(rng, 6), random_field(rng, 6, 3)
    metre, nano = (solve_dipoles(place * s, polarizability(0.3, K / s), field, K / s) for s in (1.0, 780.0))
    assert nano.scattering / 780.0**2 == pytest.approx(float(metre.scattering), rel=1e-10)


@pytest.mark.parametrize(("lattice", "spacing", "theta"), [("square", 0.45, 0.6), ("triangular", 0.5, 0.3)])
def test_a_large_patch_transmits_like_the_infinite_lattice(lattice, spacing, theta):
    cell = spacing * PRIMITIVE[lattice]
    patch = parallelogram(lattice, spacing, 26)
    finite = turning_transmission(patch, cell, K, 1.0, theta, [0.0, 0.4], detuning=0.3)
    infinite = turning_transmission_infinite(cell, K, 1.0, theta, [0.0, 0.4], detuning=0.3)
    np.testing.assert_allclose(finite, infinite, atol=2e-3)


def test_plane_wave_on_the_infinite_lattice_is_the_limit_of_a_wide_beam():
    cell, phi, theta = 0.42 * PRIMITIVE["square"], 0.3, 0.5
    wide = turning_transmission_infinite(cell, K, 30.0, theta, [phi], detuning=0.2)[0]
    wave = scatter(theta, phi, cell, K, 0.2)
    # matched polarisation in the basis (s, p)
    vector = np.array([1j, -np.cos(theta)]) / np.sqrt(1 + np.cos(theta) ** 2)
    assert wide == pytest.approx(float(wave.transmittance(vector)), abs=1e-4)


@pytest.mark.parametrize("lattice", ["square", "triangular"])
@pytest.mark.parametrize("kind", ["one transition", "two transitions", "holes"])
def test_transform_and_decomposition_agree(lattice, kind):
    rng = np.random.default_rng(6)
    shape, spacing = (7, 5), 0.3
    cell, place = spacing * PRIMITIVE[lattice], parallelogram(lattice, spacing, *shape)
    field = random_field(rng, *shape, 3)
    alpha = np.broadcast_to(polarizability(0.1, K, nonradiative=0.1), (*shape, 3, 3))
    other = polarizability(-0.2, K, dipole=[1, 0.3, 0.2j])
    chosen = (rng.random(shape) < 0.4)[..., None, None]
    if kind != "one transition":
        alpha = np.where(chosen, 0.0 if kind == "holes" else other, alpha)
    fast = solve_regular(cell, alpha, field, K, tolerance=1e-10)
    slow = solve_dipoles(place, alpha.reshape(-1, 3, 3), field.reshape(-1, 3), K)
    np.testing.assert_allclose(fast.moments, slow.moments, atol=1e-8 * np.abs(slow.moments).max())
    np.testing.assert_allclose(fast.positions, slow.positions, atol=1e-12)
    for name in ("extinction", "scattering", "absorption"):
        assert getattr(fast, name) == pytest.approx(float(getattr(slow, name)), rel=1e-8)


def test_the_preconditioner_spares_most_iterations():
    side, cell = 40, 0.1 * np.eye(2)
    x, y, _ = parallelogram("square", 0.1, side).T
    field = (np.exp(-(x**2) - y**2)[:, None] * CIRCULAR).reshape(side, side, 3)
    given = (cell, polarizability(0.0, K), field, K)
    light = solve_regular(*given, tolerance=1e-8, steps=150)  # 1000 do not suffice without it
    assert light.closure < 1e-9


@pytest.mark.parametrize("spacing", [0.1, 0.2, 0.45])
def test_a_longer_patch_needs_no_more_iterations(spacing):
    """The rim is what the preconditioner leaves: four times as many sites within one number of products."""
    for side in (50, 100):
        x, y, _ = parallelogram("square", spacing, side).T
        field = (np.exp(-(x**2) - y**2)[:, None] * CIRCULAR).reshape(side, side, 3)
        solve_regular(spacing * np.eye(2), polarizability(0.0, K), field, K, tolerance=1e-5, steps=140)


def tilted_beam(spacing, side):
    """Arguments of `solve_regular` for a beam at 45 degrees on the square lattice, and its power."""
    cell, vector = spacing * np.eye(2), driving_polarization(np.pi / 4, 0.0)
    field, power = beam_on_patch(cell, (side, side), K, 1.0, np.pi / 4, 0.0, vector)
    return (cell, polarizability(0.0, K), field, K), power


def test_powers_of_a_dense_patch_need_no_last_digits_of_the_moments():
    """A residual of 1e-6 is reached in as many steps on longer patches; below it guided waves are left."""
    for side in (60, 120):
        given, power = tilted_beam(0.1, side)
        loose, tight = solve_regular(*given, steps=240), solve_regular(*given, tolerance=1e-8)
        assert loose.closure < 1e-8
        assert transmission(loose, power)[0] == pytest.approx(transmission(tight, power)[0], abs=2e-8)
    with pytest.raises(NotConverged, match="steps the residual is"):
        solve_regular(*given, steps=240, tolerance=1e-8)


@pytest.mark.parametrize("spacing", [0.1, 0.2, 0.45])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8])
def test_powers_err_by_the_residual_and_moments_by_more(spacing, tolerance):
    """The relation at the top of `regular`: no inverse of the matrix stands before the error of a power."""
    given, power = tilted_beam(spacing, 40)
    exact = solve_regular(*given, tolerance=1e-12)
    loose = solve_regular(*given, tolerance=tolerance, closure=1.0)
    sizes = np.linalg.norm(exact.moments) * np.linalg.norm(given[2])  # moments driven from below are as large
    bound = 2 * tolerance
    assert abs(loose.extinction - exact.extinction) < bound * K * sizes
    assert loose.closure < bound * K * sizes / exact.extinction
    off = np.abs(loose.moments - exact.moments).max() / np.abs(exact.moments).max()
    # how far below the tolerance the iterations stop is rounding: this is 26 to 290 tolerances
    assert 5 * bound < off < 500 * bound if spacing == 0.1 else off < 500 * bound
    found = transmission(solve_regular(*given, tolerance=tolerance), power)[0]
    assert found == pytest.approx(transmission(exact, power)[0], abs=1e-7)  # the balance is looked at


class PlainNumpy:
    """numpy under another name: takes the path of torch and cupy, through the namespace's own functions."""

    def __getattr__(self, name):
        return getattr(np, name)


@pytest.mark.parametrize("namespace", [lambda _: PlainNumpy(), pytest.importorskip], ids=["numpy", "torch"])
@pytest.mark.parametrize("rank", [1, 2])
def test_fields_and_detunings_in_one_block_and_any_namespace(namespace, rank):
    xp, rng = namespace("torch"), np.random.default_rng(11)
    place, cell = parallelogram("triangular", 0.3, 7, 9), 0.3 * PRIMITIVE["triangular"]
    dipoles = [CIRCULAR, CIRCULAR.conj()][:rank]
    alpha = np.array(
        [sum(polarizability(d, K, nonradiative=0.1, dipole=e) for e in dipoles) for d in (-0.2, 0.5)]
    )
    fields = random_field(rng, 3, 63, 3)
    block = solve_regular(
        cell, alpha[:, None, None, None], fields.reshape(3, 7, 9, 3), K, tolerance=1e-11, xp=xp
    )
    assert block.moments.shape == (2, 3, 63, 3)
    for d in range(2):
        slow = solve_dipoles(place, alpha[d], fields, K)
        np.testing.assert_allclose(block.moments[d], slow.moments, atol=1e-8 * np.abs(slow.moments).max())
        np.testing.assert_allclose(block.absorption[d], slow.absorption, rtol=1e-8)


def test_the_tolerance_follows_the_energy_balance():
    """Where the first residual leaves the balance open, the iterations go on."""
    field = random_field(np.random.default_rng(3), 20, 20, 3)
    light = solve_regular(0.3 * np.eye(2), polarizability(0.0, K), field, K, tolerance=1e-2)
    assert light.closure <= 1e-8


def test_holes_are_sites_that_are_not_there():
    rng = np.random.default_rng(7)
    place, field = parallelogram("square", 0.3, 5), random_field(rng, 25, 3)
    there = rng.random(25) < 0.6
    alpha = np.where(there[:, None, None], polarizability(0.1, K), 0)
    holes = solve_dipoles(place, alpha, field, K)
    fewer = solve_dipoles(place[there], polarizability(0.1, K), field[there], K)
    assert holes.extinction == pytest.approx(float(fewer.extinction), rel=1e-12)


def test_too_few_iterations_and_a_broken_balance_are_errors():
    rng = np.random.default_rng(8)
    field = random_field(rng, 12, 12, 3)
    with pytest.raises(NotConverged, match="steps the residual is"):
        solve_regular(0.1 * np.eye(2), polarizability(0.0, K), field, K, steps=2)
    with pytest.raises(NotConverged, match="energy balance"):
        solve_regular(0.3 * np.eye(2), polarizability(0.0, K), field, K, closure=1e-30)
    with pytest.raises(NotConverged, match="energy balance"):
        gain = polarizability(0.0, K)
        solve_dipoles(parallelogram("square", 0.3, 4), gain, random_field(rng, 16, 3), K, closure=1e-30)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions": [[0, 0]]}, "positions"),
        ({"positions": [[0, 0, 0], [0, 0, 0]]}, "sites that differ"),
        ({"k": -1.0}, "k: expected"),
        ({"incident": np.ones((3, 3))}, "incident: expected shape"),
        ({"incident": np.full((2, 3), np.nan)}, "incident: expected finite"),
        ({"polarizability": np.ones((3, 3, 3))}, "polarizability: expected shape"),
        ({"polarizability": np.zeros((3, 3))}, "does not vanish"),
        ({"polarizability": "much"}, "polarizability: expected an array of numbers"),
    ],
)
def test_bad_input_is_refused(changes, message):
    good = {
        "positions": [[0, 0, 0], [1, 0, 0]], "polarizability": np.eye(3) * 1j,
        "incident": np.ones((2, 3)), "k": K,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        solve_dipoles(**{**good, **changes})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: polarizability(0, 0), "k: expected"),
        (lambda: polarizability(0, K, linewidth=0), "linewidth"),
        (lambda: polarizability(0, K, nonradiative=-1), "nonradiative"),
        (lambda: polarizability(np.inf, K), "detuning"),
        (lambda: polarizability(0, K, dipole=[0, 0, 0]), "dipole"),
        (lambda: solve_regular(np.eye(2), np.eye(3), np.ones((4, 3)), K), "incident"),
        (lambda: solve_regular(np.eye(3), np.eye(3), np.ones((4, 4, 3)), K), "primitive"),
        (lambda: lattice_patch("cubic", 1, 10, "disc"), "lattice: expected one of square"),
        (lambda: lattice_patch("square", 1, 10, "star"), "outline: expected one of disc"),
        (lambda: parallelogram("square", 1, 0), "rows"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("outline", ["disc", "square", "hexagon", "rectangle"])
@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_patches_have_their_area_and_are_centred(lattice, outline):
    patch = lattice_patch(lattice, 0.7, 900, outline, turn=0.2)
    assert len(patch) == pytest.approx(900, rel=0.04)
    np.testing.assert_allclose(patch.mean(axis=0), 0, atol=1e-12)
    steps = (patch - patch[0])[:, :2] @ np.linalg.inv(0.7 * PRIMITIVE[lattice])
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)


@pytest.mark.parametrize("turn", [0.4, -0.9])
def test_the_outline_turns_anticlockwise(turn):
    x, y, _ = lattice_patch("triangular", 1.0, 2000, "rectangle", turn=turn).T
    axis = 0.5 * np.arctan2(2 * np.mean(x * y), np.mean(x**2 - y**2))
    assert axis == pytest.approx(turn, abs=0.02)


def test_outlines_are_what_they_are_called():
    width = {}
    for outline in ("disc", "square", "hexagon", "rectangle"):
        patch = lattice_patch("square", 1.0, 10000, outline)
        width[outline] = np.ptp(patch[:, :2], axis=0)
    assert width["disc"] == pytest.approx([2 * 56.4, 2 * 56.4], abs=2)
    assert width["square"] == pytest.approx([99, 99], abs=2)
    assert width["rectangle"] == pytest.approx([141.4, 70.7], abs=2)
    assert width["hexagon"] == pytest.approx([124.1, 107.5], abs=3)
    turned = lattice_patch("square", 1.0, 10000, "rectangle", turn=np.pi / 2)
    assert np.ptp(turned[:, :2], axis=0) == pytest.approx([70.7, 141.4], abs=2)


def test_a_mirror_at_the_collective_resonance():
    patch, cell = parallelogram("square", 0.2, 20), 0.2 * PRIMITIVE["square"]
    assert turning_transmission(patch, cell, K, 1.0, 0.0, [0.0])[0] < 0.01
    far = polarizability(30.0, K)
    light = solve_dipoles(patch, far, np.ones((len(patch), 1)) * CIRCULAR, K)
    # far off resonance the dipoles are driven by the light alone
    alone = far @ CIRCULAR
    assert np.linalg.norm(light.moments.mean(axis=0) - alone) < 0.2 * np.linalg.norm(alone)
    with pytest.raises(ValueError, match="power"):
        transmission(light, 0.0)


def test_the_kernel_of_a_patch_does_not_depend_on_how_it_is_cut(monkeypatch):
    given = (0.3 * np.eye(2), (5, 4), (10, 8), K, np.eye(3)[:, :2])
    whole = regular._kernel(*given)
    monkeypatch.setattr(regular, "CHUNK", 1)
    np.testing.assert_array_equal(regular._kernel(*given), whole)
