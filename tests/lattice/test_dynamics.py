"""Dynamical matrices: finite crystals, direct sums, the harmonic Wigner crystal, refusals."""

import numpy as np
import pytest

from lowdim.lattice.brillouin import converged_average, zone_average
from lowdim.lattice.dynamics import Lattice, displacement_weights, dynamical_matrix, lattice, pair_hessians
from lowdim.lattice.errors import Unstable
from lowdim.lattice.ewald import charge_matrix, dipole_matrix, long_range_matrix
from lowdim.lattice.selfconsistent import lennard_jones

TRIANGULAR = lattice("triangular")
K = np.array([[0.3, 0.0], [1.0, 2.0], [0.2, -0.5], [3.0, 3.0]])


@pytest.mark.parametrize(
    ("name", "neighbours", "cell"),
    [("chain", 2, 1), ("square", 4, 1), ("triangular", 6, 0.75**0.5), ("simple cubic", 6, 1),
     ("fcc", 12, 0.5**0.5), ("bcc", 8, 4 / 27**0.5)],
)  # fmt: skip
def test_neighbours_and_cells(name, neighbours, cell):
    crystal = lattice(name)
    assert len(crystal.bonds(1.0)) == neighbours
    assert np.linalg.norm(crystal.bonds(1.0), axis=1) == pytest.approx(1.0)
    assert crystal.cell == pytest.approx(cell)
    # all vectors inside a large radius are found: their number is the volume over the cell
    radius = 12.0
    ball = {1: 2, 2: np.pi, 3: 4 * np.pi / 3}[crystal.dimension] * radius**crystal.dimension
    assert (len(crystal.bonds(radius)) + 1) * crystal.cell == pytest.approx(ball, rel=0.05)


def test_matrix_against_the_modes_of_a_finite_crystal():
    # a periodic triangular crystal of 5 x 5 atoms, all 50 modes by brute force
    n, sigma = 5, 0.92
    potential = lennard_jones(sigma)
    bonds = TRIANGULAR.bonds(2.1)
    hessians = pair_hessians(bonds, potential.first, potential.second)
    coordinates = np.rint(bonds @ np.linalg.inv(TRIANGULAR.primitive)).astype(int)
    big = np.zeros((n, n, 2, n, n, 2))
    for (i, j), hessian in zip(coordinates, hessians, strict=True):
        for a in range(n):
            for b in range(n):
                big[a, b, :, a, b, :] += hessian
                big[a, b, :, (a + i) % n, (b + j) % n, :] -= hessian
    brute = np.sort(np.linalg.eigvalsh(big.reshape(2 * n * n, -1)))
    q = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), -1).reshape(-1, 2) / n
    bloch = np.linalg.eigvalsh(dynamical_matrix(q @ TRIANGULAR.reciprocal, bonds, hessians))
    assert np.sort(bloch.ravel()) == pytest.approx(brute, abs=1e-9)


def test_hessians_are_derivatives():
    potential, r, h = lennard_jones(0.9), np.array([0.7, -0.5, 0.6]), 1e-4

    def phi(x):
        return potential.value(np.linalg.norm(x))

    eye = np.eye(3) * h
    numeric = [[(phi(r + a + b) - phi(r + a - b) - phi(r - a + b) + phi(r - a - b)) / (4 * h * h)
                for a in eye] for b in eye]  # fmt: skip
    hessian = pair_hessians([r], potential.first, potential.second)[0]
    assert hessian == pytest.approx(np.array(numeric), rel=1e-5)


@pytest.mark.parametrize("power", [1, 3])
def test_ewald_does_not_depend_on_the_splitting(power):
    reference = long_range_matrix(K, TRIANGULAR, power)
    for splitting in (1.2, 2.8):
        assert np.abs(long_range_matrix(K, TRIANGULAR, power, splitting) - reference).max() < 1e-12


@pytest.mark.parametrize("power", [1, 3])
def test_ewald_does_not_depend_on_the_cell(power):
    first, second = TRIANGULAR.primitive
    for turns in (5, -7):
        same = Lattice("same", np.array([first, second + turns * first]))
        difference = long_range_matrix(K, same, power) - long_range_matrix(K, TRIANGULAR, power)
        assert np.abs(difference).max() < 1e-12


@pytest.mark.parametrize("power", [1, 3])
def test_matrix_near_the_centre_goes_on_smoothly(power):
    direction = np.array([0.8, 0.6])
    lengths = np.array([1e-8, 1e-5, 0.0199, 0.0201])
    squares = np.linalg.eigvalsh(long_range_matrix(lengths[:, None] * direction, TRIANGULAR, power))[:, 0]
    velocity = squares / lengths**2
    assert velocity == pytest.approx(np.full(4, velocity[-1]), rel=1e-4)
    assert velocity[2] == pytest.approx(velocity[3], rel=1e-6)


def test_dipoles_against_the_direct_sum():
    def direct(radius):
        bonds = TRIANGULAR.bonds(radius)
        r = np.linalg.norm(bonds, axis=1)
        x = np.clip(2 * (1 - r / radius), 0, 1)  # smooth edge
        hessians = pair_hessians(bonds, lambda r: -3 / r**4, lambda r: 12 / r**5)
        return dynamical_matrix(K, bonds, hessians * (x**2 * (3 - 2 * x))[:, None, None])

    # what is cut off falls as radius^-3: extrapolate
    extrapolated = (8 * direct(160.0) - direct(80.0)) / 7
    assert np.abs(extrapolated - dipole_matrix(K, TRIANGULAR)).max() < 1e-6


def test_charges_obey_the_plasmon_law_and_a_periodic_zone():
    k = np.array([[1e-3, 0.0]])
    squared = np.linalg.eigvalsh(charge_matrix(k, TRIANGULAR))[0]
    assert squared[1] == pytest.approx(2 * np.pi / TRIANGULAR.cell * 1e-3, rel=1e-3)
    moved = charge_matrix(K + TRIANGULAR.reciprocal[0] - 2 * TRIANGULAR.reciprocal[1], TRIANGULAR)
    assert moved == pytest.approx(charge_matrix(K, TRIANGULAR), abs=1e-11)


def test_zero_point_energy_of_the_wigner_crystal():
    # known to four digits, 1.627 Ry r_s^(-3/2)
    def zero_point(k):
        return np.sqrt(np.linalg.eigvalsh(charge_matrix(k, TRIANGULAR))).sum(axis=1)

    value, _ = converged_average(zero_point, TRIANGULAR.reciprocal, 0, 1e-8, root=2)
    radius = np.sqrt(TRIANGULAR.cell / np.pi)
    assert float(value) * radius**1.5 == pytest.approx(1.627, abs=1e-3)


def test_square_lattice_of_dipoles_is_unstable():
    square = lattice("square")
    with pytest.raises(Unstable, match="imaginary"):
        zone_average(lambda k: displacement_weights(dipole_matrix(k, square)), square.reciprocal)


def test_weights_are_the_matrix_function():
    matrix = np.array([[2.0, 0.3], [0.3, 1.0]])
    mass, temperature = 1.7, 0.4
    from scipy.linalg import coshm, inv, sinhm, sqrtm

    omega = sqrtm(matrix / mass)
    exact = coshm(omega / (2 * temperature)) @ inv(sinhm(omega / (2 * temperature))) @ inv(omega) / (2 * mass)
    assert displacement_weights([matrix], temperature, mass)[0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: lattice("hcp"), "name"),
        (lambda: TRIANGULAR.bonds(0.0), "radius"),
        (lambda: pair_hessians([[0.0, 0.0]], np.sin, np.cos), "bonds"),
        (lambda: dynamical_matrix(np.ones((1, 4)), np.eye(4), np.ones((4, 4, 4))), "wave_vectors"),
        (lambda: displacement_weights([[[1.0]]], -1.0), "temperature"),
        (lambda: displacement_weights([[[1.0]]], 0.0, 0.0), "mass"),
        (lambda: long_range_matrix(K, TRIANGULAR, 2), "power"),
        (lambda: long_range_matrix(K, lattice("fcc"), 1), "crystal"),
        (lambda: charge_matrix([[0.0, 0.0]], TRIANGULAR), "wave_vectors"),
        (lambda: charge_matrix(3 * TRIANGULAR.reciprocal[:1], TRIANGULAR), "wave_vectors"),
    ],
)
def test_bad_input(call, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected"):
        call()
