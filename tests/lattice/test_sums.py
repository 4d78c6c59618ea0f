"""Energy and elasticity of plane crystals: zeta functions, sound of Ewald matrices, plain sums, melting."""

import numpy as np
import pytest
from scipy.special import zeta

from lowdim.lattice import (
    Lattice,
    Unstable,
    bulk_modulus,
    lattice,
    lattice_energy,
    long_range_matrix,
    neighbour_displacement,
    shear_modulus,
    thouless_coupling,
)

TRIANGULAR = lattice("triangular")
DENSITY = 1 / TRIANGULAR.cell


def hexagonal_sum(power):
    """Sum of R^-power over the triangular lattice: 6 zeta(s) L(s) with s = power/2."""
    s = power / 2
    return 6 * zeta(s) * 3**-s * (zeta(s, 1 / 3) - zeta(s, 2 / 3))


def test_dipoles_are_a_zeta_function():
    assert 2 * lattice_energy(TRIANGULAR, 3) == pytest.approx(hexagonal_sum(3), rel=1e-12)
    assert hexagonal_sum(3) * TRIANGULAR.cell**1.5 == pytest.approx(8.89275, abs=1e-5)


def test_charges_have_the_energy_of_the_literature():
    # Bonsall and Maradudin: -1.960515788 e^2 sqrt(n), that is -1.106103 e^2/r_s
    assert lattice_energy(TRIANGULAR, 1) / DENSITY**0.5 == pytest.approx(-1.960515788, abs=3e-9)
    assert lattice_energy(TRIANGULAR, 1) / (np.pi * DENSITY) ** 0.5 == pytest.approx(-1.106103, abs=1e-6)
    square = lattice("square")  # -1.1002440 in the same unit
    assert lattice_energy(square, 1) / np.pi**0.5 == pytest.approx(-1.100244, abs=1e-6)


@pytest.mark.parametrize("power", [1, 3])
@pytest.mark.parametrize("cell", [(0, 5), (-3, 1), (4, 2)])
def test_energy_of_every_cell_and_splitting(power, cell):
    first, second = TRIANGULAR.primitive
    second = second + cell[1] * first
    other = Lattice("same", np.array([first + cell[0] * second, second]))
    for splitting in (None, 1.1, 3.2):
        assert lattice_energy(other, power, splitting) == pytest.approx(
            lattice_energy(TRIANGULAR, power), rel=1e-12
        )


@pytest.mark.parametrize("power", [1, 3])
def test_moduli_are_the_velocities_of_sound(power):
    for k in ([1e-4, 0.0], [3e-5, 8e-5]):
        transverse, longitudinal = np.linalg.eigvalsh(long_range_matrix([k], TRIANGULAR, power))[0]
        square = np.dot(k, k) * TRIANGULAR.cell
        assert transverse / square == pytest.approx(shear_modulus(TRIANGULAR, power), rel=1e-6)
        if power == 3:
            moduli = bulk_modulus(TRIANGULAR, 3) + shear_modulus(TRIANGULAR, 3)
            assert longitudinal / square == pytest.approx(moduli, rel=1e-3)


def test_shear_of_charges_is_that_of_the_literature():
    assert shear_modulus(TRIANGULAR, 1) * TRIANGULAR.cell**1.5 == pytest.approx(0.245065, abs=1e-6)


def test_melting_of_charges_is_that_of_thouless():
    assert thouless_coupling(TRIANGULAR, 1) * (np.pi * DENSITY) ** 0.5 == pytest.approx(78.7, abs=0.05)


def test_dipoles_have_the_moduli_that_colloids_are_compared_with():
    """Young's modulus of dipoles at rest in units of Gamma = C (pi n)^(3/2)/kT, from plain sums."""
    shear, bulk = shear_modulus(TRIANGULAR, 3), bulk_modulus(TRIANGULAR, 3)
    # simple shear of a plain sum, its tail by the zeta function's smoothness: large radius, fifth powers
    bonds = TRIANGULAR.bonds(150.0)
    r2, x2, y2 = (bonds**2).sum(axis=1), bonds[:, 0] ** 2, bonds[:, 1] ** 2
    plain = 0.5 * np.sum(15 * x2 * y2 * r2**-3.5 - 3 * y2 * r2**-2.5) / TRIANGULAR.cell
    tail = 0.5 * np.pi / TRIANGULAR.cell**2 * (15 / 4 - 3) / 150.0
    assert shear == pytest.approx(plain + tail, rel=1e-5)
    assert bulk == pytest.approx(15 / 8 * hexagonal_sum(3) / TRIANGULAR.cell, rel=1e-12)


@pytest.mark.parametrize("power", [1, 3])
def test_neighbours_by_a_plain_grid(power):
    n = 60
    q = (np.arange(n) + 0.5) / n - 0.5
    k = np.stack(np.meshgrid(q, q), axis=-1).reshape(-1, 2) @ TRIANGULAR.reciprocal
    inverse = np.linalg.inv(long_range_matrix(k, TRIANGULAR, power))
    lift = 4 * np.sin(k @ TRIANGULAR.bonds(1.0)[0] / 2) ** 2
    plain = np.mean(lift * np.trace(inverse, axis1=1, axis2=2))
    assert neighbour_displacement(TRIANGULAR, power) == pytest.approx(plain, rel=2e-3)


def test_square_crystal_has_no_displacement():
    with pytest.raises(Unstable):
        neighbour_displacement(lattice("square"), 3)


@pytest.mark.parametrize("call", [lattice_energy, shear_modulus, bulk_modulus, neighbour_displacement])
def test_bad_input(call):
    with pytest.raises(ValueError, match="^power: expected"):
        call(TRIANGULAR, 2)
    with pytest.raises(ValueError, match="^crystal: expected"):
        call(lattice("fcc"), 3)
