"""Zone rules: weights, exact averages, exponential convergence, refusals."""

import numpy as np
import pytest

from lowdim.errors import NotConverged
from lowdim.lattice.brillouin import converged_average, grid_rule, pyramid_rule, zone_average
from lowdim.lattice.dynamics import lattice
from lowdim.lattice.errors import Divergent


@pytest.mark.parametrize("name", ["chain", "square", "triangular", "simple cubic", "fcc", "bcc"])
@pytest.mark.parametrize(("root", "levels"), [(1, 0), (2, 0), (1, 4)])
def test_lattice_waves_average_to_zero(name, root, levels):
    crystal = lattice(name)
    nodes, weights = pyramid_rule(crystal.reciprocal, 14, root, levels)
    assert weights.sum() == pytest.approx(1.0, rel=1e-13)
    bonds = crystal.bonds(1.0)
    assert np.abs(np.cos(nodes @ bonds.T).T @ weights).max() < 1e-9


def test_coulomb_average_of_a_square_and_a_cube():
    square = zone_average(lambda k: 1 / np.linalg.norm(k, axis=1), np.eye(2), 24)
    assert float(square) == pytest.approx(4 * np.arcsinh(1), rel=1e-12)
    cube = zone_average(lambda k: 1 / (k**2).sum(axis=1), np.eye(3), 30)
    # 1/r^2 over the unit cube about its centre, by adaptive quadrature of the remaining face integral
    from scipy.integrate import dblquad

    face = dblquad(lambda y, x: 1 / (1 + x * x + y * y), 0, 1, 0, 1, epsabs=1e-13)[0]
    assert float(cube) == pytest.approx(12 * face, rel=1e-11)


def test_plain_grid_converges_slowly_to_the_same():
    def f(k):
        return 1 / np.linalg.norm(k, axis=1)

    exact = 4 * np.arcsinh(1)
    errors = []
    for n in (20, 40, 80):
        nodes, weights = grid_rule(np.eye(2), n)
        errors.append(abs(weights @ f(nodes) - exact))
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx(1.0, abs=0.05)


def test_square_root_spectra_need_the_root():
    def f(k):
        return np.linalg.norm(k, axis=1) ** -0.5

    value, _ = converged_average(f, np.eye(2), 0.5, 1e-11, root=2)
    with pytest.raises(NotConverged):
        converged_average(f, np.eye(2), 0.5, 1e-11, root=1, largest=24)
    # polar integral over the square: 8 int_0^{pi/4} (2/3) (1/(2 cos))^{3/2}
    from scipy.integrate import quad

    exact = 8 * quad(lambda t: 2 / 3 * (0.5 / np.cos(t)) ** 1.5, 0, np.pi / 4, epsabs=1e-14)[0]
    assert float(value) == pytest.approx(exact, rel=1e-11)


def test_divergence_is_refused():
    def f(k):
        return 1 / (k**2).sum(axis=1)

    for average in (converged_average, zone_average):
        with pytest.raises(Divergent, match="not integrable"):
            average(f, np.eye(2), singularity=2)
    assert zone_average(f, np.eye(3), 20, singularity=2) == pytest.approx(zone_average(f, np.eye(3), 20))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: pyramid_rule(np.eye(4), 4), "reciprocal"),
        (lambda: pyramid_rule([[1.0, 0.0], [2.0, 0.0]], 4), "reciprocal"),
        (lambda: pyramid_rule([[1.0, 0.0]], 4), "reciprocal"),
        (lambda: pyramid_rule(np.eye(2), 0), "order"),
        (lambda: pyramid_rule(np.eye(2), 4, root=0), "root"),
        (lambda: grid_rule(np.eye(2), 0), "points"),
        (lambda: zone_average(np.sum, np.eye(2), singularity=-1), "singularity"),
        (lambda: converged_average(np.sum, np.eye(2), 1, tolerance=0.0), "tolerance"),
        (lambda: converged_average(np.sum, np.eye(2), 1, largest=4), "largest"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected"):
        call()


def test_panels_halve_towards_the_centre():
    """One midpoint in each of the panels that end at 1/4, 1/2 and 1 of the way to the edge of the zone."""
    nodes, weights = pyramid_rule(2 * np.pi * np.eye(1), 1, 1, 2)
    np.testing.assert_allclose(nodes[:, 0], np.pi * np.array([1, 3, 6]) / 8)
    np.testing.assert_allclose(weights, [0.25, 0.25, 0.5])


def test_the_smallest_largest_order_compares_two_rules():
    assert converged_average(lambda k: np.ones(len(k)), np.eye(2), 0, largest=7) == pytest.approx((1, 0))
    with pytest.raises(ValueError, match="largest: expected an integer >= 7"):
        converged_average(lambda k: np.ones(len(k)), np.eye(2), 0, largest=6)
