"""Hypercubic phonons: closed forms, the zone rule as slow twin, dense normal modes, divergences, refusals."""

import numpy as np
import pytest
from scipy.special import gamma, ive

from lowdim.lattice.brillouin import converged_average
from lowdim.lattice.errors import Divergent, Unstable
from lowdim.lattice.phonons import (
    _bessel_difference,
    _thermal_kernel,
    bond_average,
    debye_average,
    debye_wave_vector,
    finite_average,
    phonon_average,
    spectrum,
)

CASES = [
    ([1.0, 1.0], 0.0, 0.0, 1),
    ([1.0, 1.0, 1.0], 0.0, 0.0, 1),
    ([1.0, 0.6, 0.3], 0.0, 0.0, 1),
    ([1.0, 1.0, 1.0], 0.7, 0.0, 2),
    ([1.0, 0.5, 0.8], 3.0, 0.0, 2),
    ([0.8], 0.5, 0.9, 0),
    ([0.8, 0.4], 0.5, 0.9, 0),
    ([0.8, 0.4], 0.0, 1.5, 0),
]


@pytest.mark.parametrize(("couplings", "temperature", "pinning", "singularity"), CASES)
def test_laplace_integral_against_the_zone_rule(couplings, temperature, pinning, singularity):
    def integrand(k):
        omega = spectrum(k, couplings, pinning)
        return 1 / omega if temperature == 0 else 1 / (omega * np.tanh(omega / (2 * temperature)))

    reciprocal = 2 * np.pi * np.eye(len(couplings))
    slow, error = converged_average(integrand, reciprocal, singularity, 1e-10)
    assert error < 1e-10
    assert phonon_average(couplings, temperature, pinning) == pytest.approx(float(slow), rel=2e-10)


def test_watson_integral_at_high_temperature():
    # zone average of 1/(3 - sum cos): Glasser and Zucker's closed form
    watson = np.sqrt(6) / (96 * np.pi**3) * np.prod([gamma(n / 24) for n in (1, 5, 7, 11)])
    temperature = 1e7
    hot = phonon_average([1.0] * 3, temperature) / (2 * temperature)
    assert hot == pytest.approx(watson / 2, rel=1e-12)


def test_chain_with_pinning_is_an_elliptic_integral():
    from scipy.special import ellipk

    pinning, coupling = 0.7, 1.3
    m = 4 * coupling / (pinning**2 + 4 * coupling)
    exact = 2 / np.pi * ellipk(m) / np.sqrt(pinning**2 + 4 * coupling)
    assert phonon_average([coupling], 0.0, pinning) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(("couplings", "sites"), [([1.0], 12), ([0.7, 1.1], 6), ([1.0, 0.5, 0.8], 4)])
@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_finite_lattice_against_dense_normal_modes(couplings, sites, temperature):
    pinning = 0.3
    d = len(couplings)
    index = np.arange(sites**d).reshape((sites,) * d)
    stiffness = pinning**2 * np.eye(sites**d)
    for axis, coupling in enumerate(couplings):
        neighbour = np.roll(index, -1, axis).ravel()
        for i, j in zip(index.ravel(), neighbour, strict=True):
            stiffness[[i, j], [i, j]] += coupling
            stiffness[i, j] -= coupling
            stiffness[j, i] -= coupling
    omega = np.sqrt(np.linalg.eigvalsh(stiffness))
    factor = 1 / omega if temperature == 0 else 1 / (omega * np.tanh(omega / (2 * temperature)))
    assert finite_average(couplings, sites, temperature, pinning) == pytest.approx(factor.mean(), rel=1e-12)


def test_large_pinned_lattice_approaches_the_integral():
    assert finite_average([1.0, 0.3], 120, 0.2, 0.5) == pytest.approx(
        phonon_average([1.0, 0.3], 0.2, 0.5), rel=1e-12
    )


@pytest.mark.parametrize("temperature", [0.0, 0.1, 50.0])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_bond_average_by_grid_and_by_equipartition(temperature, d):
    bond = bond_average([1.0] * d, temperature)
    if temperature == 50.0:  # d bonds share the energy T, up to the quantum correction omega^2/12T^2
        assert d * bond / (2 * temperature) == pytest.approx(1 + 2 * d / (12 * 50.0**2), rel=1e-6)
    k = 2 * np.pi * (np.arange(256 if d < 3 else 48) + 0.5) / (256 if d < 3 else 48)
    mesh = np.stack(np.meshgrid(*[k] * d, indexing="ij"), axis=-1).reshape(-1, d)
    omega = spectrum(mesh, [1.0] * d)
    factor = 1 / omega if temperature == 0 else 1 / (omega * np.tanh(omega / (2 * temperature)))
    grid = np.mean(2 * (1 - np.cos(mesh[:, 0])) * factor)
    assert bond == pytest.approx(grid, rel=3e-4)


@pytest.mark.parametrize(
    ("couplings", "temperature"),
    [([1.0], 0.0), ([1.0], 1.0), ([1.0, 1.0], 1e-6), ([1.0, 0.0, 0.0], 0.0), ([1.0, 1.0, 0.0], 0.1)],
)
def test_infinite_displacements_raise(couplings, temperature):
    with pytest.raises(Divergent, match="infinite"):
        phonon_average(couplings, temperature)


def test_growth_laws_of_the_divergences():
    sizes = [256, 512, 1024]
    chain = [finite_average([1.0], n) for n in sizes]
    assert np.diff(chain) == pytest.approx(np.log(2) / np.pi, rel=1e-4)
    hot_chain = [finite_average([1.0], n, 2.0) for n in sizes]
    assert np.diff(hot_chain) == pytest.approx(2 * 2.0 * np.diff(sizes) / 12, rel=1e-3)
    sheet = [finite_average([1.0, 1.0], n, 2.0) for n in (64, 128, 256)]
    assert np.diff(sheet) == pytest.approx(2 * 2.0 * np.log(2) / (2 * np.pi), rel=1e-3)


def test_debye_average_against_quadrature():
    from scipy.integrate import quad

    for ratio in (1e-3, 0.02, 0.3, 1.0, 7.0):
        exact = 3 / 1.7 * quad(lambda x, r=ratio: x / np.tanh(x / (2 * r)), 0, 1, epsabs=1e-13)[0]
        assert debye_average(3, 1.7, 1.7 * ratio) == pytest.approx(exact, rel=1e-11)
    assert debye_average(2, 4.0) == pytest.approx(0.5)


def test_debye_sphere_holds_as_many_modes_as_the_zone():
    volume = {1: 2.0, 2: np.pi, 3: 4 * np.pi / 3}
    for d in (1, 2, 3):
        assert volume[d] * debye_wave_vector(d) ** d == pytest.approx((2 * np.pi) ** d)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: phonon_average([1.0] * 4), "couplings"),
        (lambda: phonon_average([]), "couplings"),
        (lambda: phonon_average([1.0, -1.0]), "couplings"),
        (lambda: phonon_average([1.0] * 3, -1e-9), "temperature"),
        (lambda: phonon_average([1.0] * 3, 0.0, -1.0), "pinning"),
        (lambda: phonon_average([1.0] * 3, np.nan), "temperature"),
        (lambda: debye_average(4, 1.0), "dimension"),
        (lambda: debye_average(3, 0.0), "debye_temperature"),
        (lambda: debye_average(3, 1.0, -1.0), "temperature"),
        (lambda: debye_wave_vector(0), "dimension"),
        (lambda: finite_average([1.0], 1), "sites"),
        (lambda: spectrum([0.1, 0.2], [1.0]), "wave_vector"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected"):
        call()


def test_bessel_difference_joins_its_series():
    x = np.array([1999.0, 2001.0, 2500.0])
    assert _bessel_difference(x) == pytest.approx(ive(0, x) - ive(1, x), rel=1e-10)


def test_unstable_modes_are_refused():
    with pytest.raises(Unstable, match="imaginary frequency"):
        spectrum([0.0, np.pi], [1.0, -0.25])
    assert spectrum([np.pi, 0.0], [1.0, -0.25]) == pytest.approx(2.0)


def test_bonds_without_a_coupling_join_atoms_that_do_not_know_each_other():
    """The difference of two independent atoms has twice the mean square of one."""
    apart = bond_average([0.0, 1.3], 0.2, 0.7)
    assert apart == pytest.approx(2 * phonon_average([0.0, 1.3], 0.2, 0.7), rel=1e-12)
    assert bond_average([1e-10, 1.3], 0.2, 0.7) == pytest.approx(apart, rel=1e-6)
    with pytest.raises(Divergent, match="couplings: the first one is 0 and nothing pins"):
        bond_average([0.0, 1.0])
    with pytest.raises(Divergent, match="couplings: a line of atoms is free"):
        finite_average([1.0, 0.0], 6)


def test_the_cold_kernel_is_the_limit_of_the_thermal_one_and_divides_by_nothing():
    s = np.geomspace(1e-6, 1e6, 40)
    with np.errstate(all="raise"):
        cold = _thermal_kernel(s, 0.0)
    assert cold == pytest.approx(1 / np.sqrt(np.pi * s), rel=1e-14)
    with np.errstate(all="ignore"):
        assert _thermal_kernel(s, 1e-9) == pytest.approx(cold, rel=1e-12)
        assert np.all(_thermal_kernel(s, 0.3) > cold * (1 - 1e-14))
