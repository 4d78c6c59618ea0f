"""The spin-orbit step by itself: exact fine structure, Dirac's equation, the code that gave the bands."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from lowdim.constants import ELEMENTARY_CHARGE, FINE_STRUCTURE, HARTREE
from lowdim.spinorbit.edges import stored_edges
from lowdim.spinorbit.firstprinciples import stored_runs
from lowdim.spinorbit.secondvariation import (
    Sphere,
    angular_momentum,
    coupled_states,
    radial_coupling,
    shell_contributions,
    stored_line,
    stored_spheres,
)

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
EV = HARTREE / ELEMENTARY_CHARGE


def hydrogen_2p(charge, points=4000):
    """The 2p shell of one electron at a nucleus."""
    logarithm = np.linspace(np.log(1e-7), np.log(60 / charge), points)
    r = np.exp(logarithm)
    weights = r * (logarithm[1] - logarithm[0])
    function = charge**2.5 / np.sqrt(24) * r * np.exp(-charge * r / 2)
    return Sphere(charge, (1,), r, weights, function[None], 0 * r, 0 * r)


@pytest.mark.parametrize("charge", [1, 10, 30])
def test_fine_structure_of_hydrogen(charge):
    """2p3/2 - 2p1/2 is alpha^2 Z^4 / 32 to lowest order, levels in the ratio 1 to -2 about the mean."""
    sphere = hydrogen_2p(charge)
    levels, _ = coupled_states(np.zeros(3), [np.eye(3)], [sphere], mass=False)
    splitting = FINE_STRUCTURE**2 * charge**4 / 32 * EV
    assert np.allclose(levels, splitting / 3 * np.array([-2, -2, 1, 1, 1, 1]), rtol=2e-3)


def test_hydrogen_against_dirac():
    """Dirac's splitting is 1 + 5/8 (alpha Z)^2 times that of the unrelativistic function without the mass."""
    charge = 10

    def dirac(kappa):
        gamma = np.sqrt(kappa**2 - (charge * FINE_STRUCTURE) ** 2)
        n = 2 - abs(kappa)
        return (1 / np.sqrt(1 + (charge * FINE_STRUCTURE / (n + gamma)) ** 2) - 1) / FINE_STRUCTURE**2 * EV

    light = radial_coupling(hydrogen_2p(charge), mass=False)[0, 0]
    excess = (dirac(2) - dirac(1)) / (3 * light) - 1
    assert np.isclose(excess, 0.625 * (charge * FINE_STRUCTURE) ** 2, atol=2e-4)


def test_tungsten_shell_against_dirac():
    """Splitting of the 5d shell in its sphere: the mass brings it within two percent of Dirac's equation."""
    _, _, (sphere, _), _ = stored_spheres("WSe2")
    r, potential = sphere.radius[1:], sphere.potential()[1:]
    radius, energy, c = 2.1, -0.1, 1 / FINE_STRUCTURE
    spline = CubicSpline(np.log(r), r * potential)

    def solve(energy, kappa=None):
        """Scalar-relativistic (no kappa) or Dirac function: radii, large component, its logarithmic slope."""

        def slope(x, y):
            s, v = np.exp(x), spline(x) / np.exp(x)
            m = 1 + (energy - v) / (2 * c * c)
            p, q = y
            if kappa is None:
                return s * np.array([2 * m * q + p / s, -q / s + (6 / (2 * m * s * s) + v - energy) * p])
            return s * np.array([-kappa / s * p + 2 * m * q, kappa / s * q + (v - energy) * p])

        start = np.log(1e-5)
        g = 3 if kappa is None else np.sqrt(kappa**2 - (sphere.charge / c) ** 2)
        m = 1 + (energy - spline(start) / 1e-5) / (2 * c * c)
        first = [1e-5**g, (g - 1 if kappa is None else g + kappa) * 1e-5 ** (g - 1) / (2 * m)]
        x = np.linspace(start, np.log(radius), 4001)
        p, q = solve_ivp(slope, (x[0], x[-1]), first, t_eval=x, rtol=1e-9, atol=1e-30).y
        end = slope(x[-1], (p[-1], q[-1]))[0] / p[-1]
        return np.exp(x), p, end

    points, p, end = solve(energy)
    weights = points * np.log(points[1] / points[0])
    p /= np.sqrt(np.sum(p**2 * weights))
    potential = spline(np.log(points)) / points
    force = np.gradient(potential) / weights
    found = {}
    for mass in (True, False):
        m = 1 + (energy - potential) * FINE_STRUCTURE**2 / 2 if mass else 1
        found[mass] = FINE_STRUCTURE**2 / 4 * np.sum(p**2 * force / points / m**2 * weights)
    levels = [brentq(lambda e, kappa=kappa: solve(e, kappa)[2] - end, -0.2, 0) for kappa in (2, -3)]
    dirac = (levels[1] - levels[0]) / 5  # X (kappa + 1) of the two levels differ by 5
    assert abs(found[True] / dirac - 1) < 0.02
    assert found[False] / dirac > 1.03
    # the points of the sphere and the sums over them are fine enough
    own = Sphere(
        sphere.charge, (2,), sphere.radius, sphere.weights,
        np.interp(sphere.radius, points, p / points, right=0)[None], sphere.density, sphere.exchange,
    )  # fmt: skip
    assert np.isclose(radial_coupling(own, energy=energy)[0, 0], found[True] * EV, rtol=5e-3)


@pytest.mark.parametrize("shell", [0, 1, 2, 3])
def test_angular_momentum_is_one(shell):
    x, y, z = angular_momentum(shell)
    assert np.allclose(x @ y - y @ x, 1j * z) and np.allclose(y @ z - z @ y, 1j * x)
    assert np.allclose(x @ x + y @ y + z @ z, shell * (shell + 1) * np.eye(2 * shell + 1))
    assert all(np.allclose(m, m.conj().T) and np.allclose(m.real, 0) for m in (x, y, z))


def test_order_of_the_harmonics():
    """L_z turns x into y: between y (first) and x (last) of l = 1."""
    assert np.isclose(angular_momentum(1)[2][0, 2], 1j)


@pytest.mark.parametrize("material", MATERIALS)
@pytest.mark.parametrize("mass", [True, False])
def test_levels_are_those_of_the_code(material, mass):
    """GPAW's own second variation, with the mass and without; its radial sums lag by half a step."""
    energies, amplitudes, spheres, electrons = stored_spheres(material)
    levels, _ = coupled_states(energies, amplitudes, [spheres[0], spheres[1], spheres[1]], mass=mass)
    run = next(r for r in stored_runs("projections")["runs"] if r["material"] == material)
    stored = run["gap bands"]["M" if mass else "1"]
    assert np.allclose(levels[electrons - 2 : electrons + 2], stored, atol=4e-4)


@pytest.mark.parametrize("material", MATERIALS)
def test_shells_add_up_to_the_first_order(material):
    """A band alone splits by the sum over the shells of the spheres, up to its sign."""
    energies, amplitudes, spheres, electrons = stored_spheres(material)
    three, band = [spheres[0], spheres[1], spheres[1]], electrons // 2 - 1
    alone, _ = coupled_states(energies[[band]], [a[[band]] for a in amplitudes], three)
    shells = [shell_contributions(a[band], s, radius=2.1) for a, s in zip(amplitudes, three, strict=True)]
    assert np.isclose(alone[1] - alone[0], abs(sum(x for s in shells for _, x in s.values())), atol=1e-9)
    assert 0.4 < sum(w for s in shells for w, _ in s.values()) < 1
    with pytest.raises(ValueError, match="amplitudes: expected shape"):
        shell_contributions(amplitudes[0][band, 1:], spheres[0], radius=2.1)


@pytest.mark.parametrize("material", MATERIALS)
def test_splittings_along_the_line_are_those_of_the_code(material):
    """With all bands at one point, signed, and to first order at every other, within what is left out."""
    line, (_, _, spheres, n) = stored_line(material), stored_spheres(material)
    atoms, edges = [spheres[0], spheres[1], spheres[1]], stored_edges("gpaw", material)
    theirs = np.diff(edges.energies[:2], axis=0)[0] * np.sign(edges.spin[1])
    levels, spins = coupled_states(line.energies, line.amplitudes, atoms)
    ours = (levels[n - 1] - levels[n - 2]) * np.sign(spins[n - 1])
    assert np.isclose(ours, theirs[line.index], atol=2e-5) and abs(spins[n - 1] + spins[n - 2]) < 0.01
    first = [
        sum(x for a, atom in zip(line.pair, atoms, strict=True)
            for _, x in shell_contributions(a[i, 0], atom, radius=2.1).values())
        for i in range(len(line.place))
    ]  # fmt: skip
    # the second order: other bands are an electronvolt or half of one away
    assert np.allclose(first, theirs, atol=2 * theirs[-1] ** 2)
    for part, whole in zip(line.pair, line.amplitudes, strict=True):
        band = whole[n // 2 - 1]
        overlap = abs(np.vdot(part[line.index, 0], band)) / np.vdot(band, band).real
        assert np.isclose(overlap, 1, atol=1e-3)


def test_the_spin_of_a_single_electron_state():
    """One p band of angular momentum 1 about z: j_z = 3/2 above, 1/2 below, each of full spin."""
    levels, spins = coupled_states([0.0], [np.array([[1, 0, 1j]])], [hydrogen_2p(10)], mass=False)
    assert levels[0] < levels[1] and np.allclose(np.abs(spins), 1) and np.isclose(spins.sum(), 0)


def test_weight_of_a_whole_shell_is_one():
    sphere = hydrogen_2p(2)
    found = shell_contributions([1, 0, 1j], sphere, radius=1e3, mass=False)
    assert np.isclose(found[1][0], 2, rtol=1e-4)
    few = shell_contributions([1, 0, 1j], sphere, radius=1.0, mass=False)
    assert few[1][0] < 1 and np.isclose(few[1][1], found[1][1])


def test_what_is_left_out_near_the_nucleus():
    """A d function loses the integral inside, a p function nothing."""
    _, _, (sphere, _), _ = stored_spheres("WSe2")
    whole, hollow = radial_coupling(sphere), radial_coupling(sphere, hollow=0.021)
    r, d, p = sphere.radius, sphere.shells.index(2), sphere.shells.index(1)
    mass = 1 - sphere.potential() * FINE_STRUCTURE**2 / 2
    inside = (r > 0) & (r < 0.021)
    integrand = r * sphere.functions[d] ** 2 * sphere.force() / mass**2 * sphere.weights
    lost = FINE_STRUCTURE**2 / 4 * EV * integrand[inside].sum()
    assert np.isclose(whole[d, d] - hollow[d, d], lost, rtol=1e-9) and 0.01 < lost / whole[d, d] < 0.04
    assert hollow[p, p] == whole[p, p]
    with pytest.raises(ValueError, match="hollow"):
        radial_coupling(sphere, hollow=-1)


def test_states_do_not_depend_on_spin_axes():
    """Turning the harmonics and the energies together leaves Kramers pairs where there is no field."""
    energies, amplitudes, spheres, _ = stored_spheres("WSe2")
    real = [np.asarray(a).real for a in amplitudes]
    levels, _ = coupled_states(energies, real, [spheres[0], spheres[1], spheres[1]])
    assert np.allclose(levels[::2], levels[1::2], atol=1e-9)


def test_bad_input_is_refused():
    energies, amplitudes, spheres, _ = stored_spheres("MoS2")
    three = [spheres[0], spheres[1], spheres[1]]
    with pytest.raises(ValueError, match="material: expected one of MoS2"):
        stored_spheres("WTe2")
    with pytest.raises(ValueError, match="material: expected one of"):
        stored_line("WTe2")
    with pytest.raises(ValueError, match="amplitudes: expected one for each of 3 spheres, got 2"):
        coupled_states(energies, amplitudes[:2], three)
    with pytest.raises(ValueError, match="amplitudes: expected shape"):
        coupled_states(energies, [a[:, :-1] for a in amplitudes], three)
    with pytest.raises(ValueError, match="bands"):
        coupled_states(energies, amplitudes, three, bands=len(energies) + 1)
    with pytest.raises(ValueError, match="energies: expected finite numbers"):
        coupled_states(np.full(len(energies), np.nan), amplitudes, three)
