"""Closed Gaussian integrals against quadrature from their definition, limits and material constants."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from lowdim.wigner import (
    TMD,
    Material,
    coulomb_exchange,
    direct_integral,
    exchange_couplings,
    exchange_from_spectrum,
    exchange_integral,
    intervalley_exchange,
    overlap,
    permittivity_from_prefactor,
)
from lowdim.wigner.quadrature import coulomb_integral_direct

WIDTH = 0.8


def orbital(centre, width=WIDTH):
    return lambda r: (
        np.exp(-np.sum((r - centre) ** 2, axis=-1) / (4 * width**2)) / np.sqrt(2 * np.pi * width**2)
    )


@pytest.fixture(params=[0.0, 1.1, 2.7])
def sites(request):
    distance = request.param
    return distance, np.array([-0.5 * distance, 0.0]), np.array([0.5 * distance, 0.0])


def test_overlap(sites):
    distance, left, right = sites
    a, b = orbital(left), orbital(right)
    value = dblquad(lambda y, x: a(np.array([x, y])) * b(np.array([x, y])), -9, 9, -9, 9, epsabs=1e-10)[0]
    assert value == pytest.approx(float(overlap(distance, WIDTH)), rel=1e-8)


def test_direct(sites):
    distance, left, right = sites
    a, b = orbital(left), orbital(right, 1.3)
    value = coulomb_integral_direct(lambda r: a(r) ** 2, lambda r: b(r) ** 2, left, 5.5, nodes=36)
    assert value == pytest.approx(float(direct_integral(distance, WIDTH, 1.3)), rel=1e-7)


@pytest.mark.parametrize("momentum", [0.0, 1.7, 4.0])
def test_exchange_with_bloch_waves(sites, momentum):
    distance, left, right = sites
    a, b = orbital(left), orbital(right)

    def transition(sign):
        return lambda r: a(r) * b(r) * np.exp(sign * 1j * momentum * r[..., 0])

    value = coulomb_integral_direct(transition(1), transition(-1), [0.0, 0.0], 4.8, nodes=36, angles=72)
    assert abs(value.imag) < 1e-10
    assert value.real == pytest.approx(float(intervalley_exchange(distance, WIDTH, momentum)), rel=1e-7)


def test_limits():
    # far apart the clouds are points; the K, K' integral falls as 1/Q
    assert float(direct_integral(80.0, 1.0, coulomb=3.0)) == pytest.approx(3 / 80, rel=1e-3)
    ratio = intervalley_exchange(2.0, 1.0, 300.0) / exchange_integral(2.0, 1.0)
    assert float(ratio) == pytest.approx(1 / (np.sqrt(np.pi) * 300), rel=1e-4)
    assert float(direct_integral(0.0, 1.0)) == float(exchange_integral(0.0, 1.0))
    # a point charge in a cloud: widths 1 and 0 are as 1/sqrt 2 twice
    assert float(direct_integral(1.3, 1.0, 0.0)) == pytest.approx(float(direct_integral(1.3, 0.5**0.5)))


def test_spectrum_of_other_interactions():
    r0, q0 = 5.0, 27.9
    keldysh = exchange_from_spectrum(34.0, 5.0, q0, lambda q: 2 * np.pi / (q * (1 + r0 * q)))
    coulomb = float(intervalley_exchange(34.0, 5.0, q0))
    # at such a momentum the screening is a factor
    assert keldysh / coulomb == pytest.approx(1 / (1 + r0 * q0), rel=2e-3)
    yukawa = exchange_from_spectrum(0.0, 1.0, 0.0, lambda q: 2 * np.pi / q * np.exp(-2.0 * q))
    layers = dblquad(
        lambda r, t: r * np.exp(-(r**2) / 4) / (4 * np.pi) / np.hypot(r, 2.0), 0, 2 * np.pi, 0, 20
    )[0]
    assert yukawa == pytest.approx(layers, rel=1e-8)


def test_coulomb_exchange_from_its_parts():
    distance = np.array([0.3, 2.0, 6.0])
    s = overlap(distance, WIDTH)
    direct = direct_integral(distance, WIDTH, coulomb=2.5)
    exchange = exchange_integral(distance, WIDTH, coulomb=2.5)
    parts = (exchange - s**2 * direct) / (1 - s**4)
    np.testing.assert_allclose(coulomb_exchange(distance, WIDTH, coulomb=2.5), parts, rtol=1e-12)
    # the two Heitler-London states of the repulsion alone, from the 2 x 2 eigenproblem
    for o, c, j, value in zip(s, direct, exchange, parts, strict=True):
        metric, energy = np.array([[1, o**2], [o**2, 1]]), np.array([[c, j], [j, c]])
        levels = np.linalg.eigvals(np.linalg.solve(metric, energy)).real
        assert 2 * value == pytest.approx(levels.max() - levels.min(), rel=1e-7)


def test_couplings_are_pairs():
    rng = np.random.default_rng(3)
    positions, widths = rng.uniform(0, 9, (6, 2)), rng.uniform(0.8, 1.2, 6)
    couplings = exchange_couplings(positions, widths, coulomb=2.0)
    assert np.array_equal(couplings, couplings.T)
    assert not np.any(np.diag(couplings))
    distance = np.hypot(*(positions[4] - positions[1]))
    common = np.sqrt(0.5 * (widths[4] ** 2 + widths[1] ** 2))
    assert couplings[4, 1] == pytest.approx(float(coulomb_exchange(distance, common, coulomb=2.0)))


def test_material():
    assert TMD.coulomb * np.sqrt(np.pi) / (2 * TMD.zero_point_length(1.0)) == pytest.approx(35.5)
    assert float(TMD.zero_point_length(3.0)) == pytest.approx(np.sqrt(76.19964 / 0.5 / (2 * 3.0)), rel=1e-6)
    length = TMD.trap_length(1.7)
    assert float(TMD.trap_energy(length)) == pytest.approx(1.7)
    # m w^2 l^3 = kappa
    assert 1.7**2 / TMD.hbar2_over_mass * length**3 == pytest.approx(TMD.coulomb)
    # hydrogen
    assert Material(1.0, 1.0).bohr_radius == pytest.approx(0.0529177, rel=1e-6)
    assert float(TMD.interaction_parameter(1 / (np.pi * TMD.bohr_radius**2))) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("distance", lambda: overlap(-1.0, 1.0)),
        ("width", lambda: overlap(1.0, [1.0, 0.0])),
        ("width", lambda: exchange_integral(1.0, np.nan)),
        ("momentum", lambda: intervalley_exchange(1.0, 1.0, -2.0)),
        ("coulomb", lambda: direct_integral(1.0, 1.0, coulomb=0.0)),
        ("other_width", lambda: direct_integral(1.0, 1.0, -1.0)),
        ("distance", lambda: coulomb_exchange(0.0, 1.0)),
        ("distance", lambda: overlap("far", 1.0)),
        ("width", lambda: exchange_from_spectrum(1.0, 0.0, 1.0, lambda q: 1 / q)),
        ("positions", lambda: exchange_couplings([[0, 0], [0, 0]], 1.0)),
        ("positions", lambda: exchange_couplings([0.0, 1.0], 1.0)),
        ("widths", lambda: exchange_couplings([[0, 0], [0, 1]], [1.0, 1.0, 1.0])),
        ("mass", lambda: Material(0.0, 4.0)),
        ("permittivity", lambda: Material(0.5, -1.0)),
        ("trap_energy", lambda: TMD.trap_length(0.0)),
        ("prefactor", lambda: permittivity_from_prefactor(0.0, 0.5)),
        ("nodes", lambda: coulomb_integral_direct(orbital(0), orbital(0), [0, 0], 3.0, nodes=2)),
    ],
)
def test_bad_input(name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
