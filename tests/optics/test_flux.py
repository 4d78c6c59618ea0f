"""What the flux through a plane needs: sites and moments that lie in it, up to rounding."""

from dataclasses import replace

import numpy as np
import pytest

from lowdim.optics.array import CIRCULAR
from lowdim.optics.beam import gaussian_beam
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import infinite_transmission, transmission
from lowdim.optics.patches import parallelogram
from lowdim.optics.readout import pin_sites

K = 2 * np.pi


@pytest.fixture(scope="module")
def lit():
    """Light of a few sites in a beam, and the power of the beam."""
    place = parallelogram("square", 0.4, 3)
    beam = gaussian_beam(K, 1.0, 0.0, 0.0, CIRCULAR, reach=1.0)
    return solve_dipoles(place, polarizability(0, K), beam.fields(place)[0], K), beam.power


@pytest.mark.parametrize(("part", "refused"), [(1e-14, False), (1e-10, True), (0.1, True)])
def test_moments_out_of_the_plane_are_refused_but_rounding_is_not(lit, part, refused):
    light, power = lit
    moments = light.moments.copy()
    moments[4, 2] = part * np.abs(moments).max()
    tilted = replace(light, moments=moments)
    if refused:
        with pytest.raises(ValueError, match="light: expected sites and moments in one plane"):
            transmission(tilted, power)
    else:
        assert transmission(tilted, power)[0] == pytest.approx(float(transmission(light, power)[0]))


def test_sites_out_of_the_plane_are_refused(lit):
    light, power = lit
    place = light.positions.copy()
    place[0, 2] = 1e-9
    with pytest.raises(ValueError, match="light: expected sites and moments in one plane"):
        transmission(replace(light, positions=place), power)
    raised = light.positions + [0, 0, 0.3]  # the whole plane may lie anywhere
    assert np.isfinite(transmission(replace(light, positions=raised), power)[0])


@pytest.mark.parametrize(("part", "refused"), [(1e-9, True), (0.3, True), (1e-15, False)])
def test_dipoles_out_of_the_plane_are_refused_for_the_infinite_array(part, refused):
    beam = gaussian_beam(K, 2.0, 0.0, 0.0, CIRCULAR, reach=1.0)
    dipole = np.array([1.0, 1j, part * 2**0.5]) / np.sqrt(2 + 2 * part**2)
    if refused:
        with pytest.raises(ValueError, match="dipoles: expected vectors in the plane"):
            infinite_transmission(beam, 0.2 * np.eye(2), 0.0, dipoles=dipole)
    else:
        assert sum(infinite_transmission(beam, 0.2 * np.eye(2), 0.0, dipoles=dipole)) == pytest.approx(1)


def test_impurities_lie_up_to_half_a_constant_outside():
    """On all four sides, and nowhere beyond."""
    spacing, patch = 0.45, parallelogram("square", 0.45, 4)
    low, high = patch[:, :2].min(axis=0), patch[:, :2].max(axis=0)
    moved = np.concatenate(
        [m[d] for m, d in (pin_sites(patch, 8, spacing, np.random.default_rng(i)) for i in range(60))]
    )[:, :2]
    for beyond in (low - moved.min(axis=0), moved.max(axis=0) - high):
        assert np.all(beyond <= 0.5 * spacing) and np.all(beyond > 0.47 * spacing)
