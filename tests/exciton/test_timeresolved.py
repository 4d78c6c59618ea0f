"""Units of the time-resolved theory: lengths go as the square root of times, energies as their inverse."""

from math import exp, pi

import pytest

from lowdim.exciton.timeresolved import return_density


@pytest.mark.parametrize("scale", [0.3, 7.0])
def test_densities_of_return_have_their_unit(scale):
    total, once = return_density(3.0, 1.7, 0.9)
    scaled = return_density(3.0 * scale, 1.7 * scale, 0.9 / scale)
    assert scaled[0] == pytest.approx(total / scale, rel=1e-12)
    assert scaled[1] == pytest.approx(once / scale, rel=1e-12)


def test_diffusion_with_the_coefficient_energy_times_relaxation():
    total, once = return_density(5.0, 0.4, 2.5)
    assert total == pytest.approx(1 / (4 * pi * (2.5 * 0.4) * 5.0), rel=1e-12)
    assert once / total == pytest.approx(exp(-5.0 / 0.4), rel=1e-12)
