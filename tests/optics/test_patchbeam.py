"""The beam on a patch against the sum over plane waves at every site, and what it must not depend on."""

import numpy as np
import pytest

from lowdim.optics import readout
from lowdim.optics.beam import driving_polarization, gaussian_beam
from lowdim.optics.patchbeam import beam_on_patch
from lowdim.optics.patches import PRIMITIVE, parallelogram
from lowdim.optics.readout import scan_transmission, turning_transmission

K = 2 * np.pi
OBLIQUE = np.array([[0.3, 0.1], [-0.12, 0.4]])


class PlainNumpy:
    """numpy under another name: takes the path of torch and cupy, through the namespace's own functions."""

    def __getattr__(self, name):
        return getattr(np, name)


NAMESPACES = pytest.mark.parametrize(
    "namespace", [lambda _: PlainNumpy(), pytest.importorskip], ids=["numpy", "torch"]
)


@pytest.mark.parametrize(
    ("waist", "theta", "phi"),
    [
        (1.0, 0.0, 0.4),
        (1.0, np.pi / 4, 0.3),
        (0.6, 1.0, 2.7),
        (1.7, 1.4, -2.0),
        (4.0, 1.2, 1.0),
        (9.0, 0.0, 0.0),
    ],
)
@pytest.mark.parametrize("primitive", [0.4 * PRIMITIVE["square"], 0.5 * PRIMITIVE["triangular"], OBLIQUE])
def test_the_beam_is_the_sum_over_its_waves(primitive, waist, theta, phi):
    field, power = beam_on_patch(primitive, (9, 14), K, waist, theta, phi, driving_polarization(theta, phi))
    # its waves are sharply cut at the horizon: many are needed around the axis
    beam = gaussian_beam(K, waist, theta, phi, driving_polarization(theta, phi), reach=60.0)
    i, j = np.meshgrid(np.arange(9) - 4, np.arange(14) - 6.5, indexing="ij")
    sites = np.pad(np.stack([i.ravel(), j.ravel()], axis=1) @ primitive, ((0, 0), (0, 1)))
    np.testing.assert_allclose(field.reshape(-1, 3), beam.fields(sites)[0], atol=3e-11)
    assert power == pytest.approx(beam.power, rel=1e-10)


def test_a_corner_of_a_large_patch_is_a_small_patch():
    cell, vector = 0.45 * PRIMITIVE["triangular"], driving_polarization(1.0, 0.2)
    large, power = beam_on_patch(cell, (150, 130), K, 1.0, 1.0, 0.2, vector)
    corner = (np.array([20, 40]) - [74.5, 64.5]) @ cell
    small, same = beam_on_patch(cell, (7, 5), K, 1.0, 1.0, 0.2, vector, corner=corner)
    np.testing.assert_allclose(small, large[20:27, 40:45], atol=1e-12)
    assert same == pytest.approx(power, rel=1e-12)


@NAMESPACES
def test_any_namespace(namespace):
    xp = namespace("torch")
    arguments = (OBLIQUE, (12, 11), K, 1.0, 0.7, 0.3, [1, 1j, 0])
    np.testing.assert_allclose(beam_on_patch(*arguments, xp=xp)[0], beam_on_patch(*arguments)[0], atol=1e-13)


@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_a_scan_is_made_of_single_solutions(lattice):
    """Tilts, azimuths and detunings in one block against LU decompositions of one each."""
    cell, patch = 0.4 * PRIMITIVE[lattice], parallelogram(lattice, 0.4, 14)
    thetas, azimuths, detunings = [0.3, 1.0], [0.1, 0.9, 2.0], [-0.4, 0.0, 0.6]
    scan = scan_transmission(cell, (14, 14), K, 1.0, thetas, azimuths, detunings)
    assert scan.shape == (3, 2, 3)
    for d, detuning in enumerate(detunings):
        for a, theta in enumerate(thetas):
            slow = turning_transmission(patch, cell, K, 1.0, theta, azimuths, detuning=detuning)
            np.testing.assert_allclose(scan[d, a], slow, atol=5e-8)


def test_a_scan_decomposes_few_sites_and_iterates_many(monkeypatch):
    """The faster of both is taken, and both say the same."""
    arguments = (0.2 * np.eye(2), (20, 20), K, 1.0, [0.7], np.linspace(0, 3, 6), [0.0, 0.3])
    found = {}
    for name, other in (("solve_dipoles", "solve_regular"), ("solve_regular", "solve_dipoles")):
        with monkeypatch.context() as patch:
            patch.setattr(readout, other, None)
            patch.setattr(readout, "_decomposition_is_faster", lambda *_, n=name: n == "solve_dipoles")
            found[name] = scan_transmission(*arguments)
    np.testing.assert_allclose(found["solve_dipoles"], found["solve_regular"], atol=5e-8)
    assert readout._decomposition_is_faster(1600, 48)
    assert not readout._decomposition_is_faster(10000, 48)
    assert not readout._decomposition_is_faster(1600, 4)


@NAMESPACES
def test_a_scan_in_any_namespace(namespace):
    xp = namespace("torch")
    arguments = (0.3 * np.eye(2), (10, 12), K, 1.0, [0.7], [0.0, 0.5], [0.0, 0.3])
    np.testing.assert_allclose(scan_transmission(*arguments, xp=xp), scan_transmission(*arguments), atol=5e-8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"primitive": np.eye(3)}, "primitive"),
        ({"shape": (0, 4)}, "shape"),
        ({"k": 0}, "k: expected"),
        ({"waist": np.nan}, "waist"),
        ({"theta": 1.6}, "theta"),
        ({"polarization": [1, 0]}, "polarization"),
        ({"corner": [0, 0, 0]}, "corner"),
    ],
)
def test_bad_input(changes, message):
    good = {"primitive": np.eye(2), "shape": (3, 3), "k": K, "waist": 1.0, "theta": 0.3, "phi": 0.0}
    with pytest.raises(ValueError, match=message):
        beam_on_patch(**{**good, "polarization": [1, 0, 0], **changes})


@pytest.mark.parametrize(
    ("shape", "corner"),
    [
        ((150, 5), (60, 3)),
        ((150, 5), (-209, 3)),
        ((5, 150), (3, 60)),
        ((5, 150), (3, -209)),
    ],
)
def test_patches_on_any_side_of_the_beam(shape, corner):
    """Nodes suffice for the corner farthest from the axis, whichever of the four it is."""
    theta, phi = 0.4, 0.7
    vector = driving_polarization(theta, phi)
    field, _ = beam_on_patch(OBLIQUE, shape, K, 1.5, theta, phi, vector, corner=corner @ OBLIQUE)
    beam = gaussian_beam(K, 1.5, theta, phi, vector, reach=120.0)
    i, j = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    sites = np.stack([i.ravel(), j.ravel()], axis=1)[::47] + corner
    expected = beam.fields(np.pad(sites @ OBLIQUE, ((0, 0), (0, 1))))[0]
    np.testing.assert_allclose(field.reshape(-1, 3)[::47], expected, atol=3e-11)
