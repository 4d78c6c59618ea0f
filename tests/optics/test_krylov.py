"""Blocks of linear systems: matrices that differ, systems that converge at different times, refusals."""

import numpy as np
import pytest

from lowdim.errors import NotConverged
from lowdim.optics.krylov import solve_block


def systems(count, size, spread=0.5):
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(count, size, size)) + 1j * rng.normal(size=(count, size, size))
    matrices = np.eye(size) + spread * noise / np.sqrt(2 * size)
    return matrices, rng.normal(size=(count, size)) + 1j * rng.normal(size=(count, size))


def product(matrices):
    return lambda v, which: np.einsum("fij,fj->fi", matrices[which], v)


def identity(v, _):
    return v


@pytest.mark.parametrize("shadow", [1, 4, 16])
@pytest.mark.parametrize("spread", [0.2, 0.7])
def test_every_system_has_its_own_answer(shadow, spread):
    matrices, drive = systems(5, 80, spread)
    found = solve_block(product(matrices), identity, drive, tolerance=1e-11, steps=2000, shadow=shadow)
    expected = np.linalg.solve(matrices, drive[..., None])[..., 0]
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_systems_that_are_done_wait_for_the_others():
    """One is solved by the first step, the last only after many: no division by what has vanished."""
    matrices, drive = systems(3, 90, 0.85)
    matrices[0] = 2 * np.eye(90)
    drive[1] = 0
    found = solve_block(product(matrices), identity, drive, tolerance=1e-12, steps=5000)
    expected = np.linalg.solve(matrices, drive[..., None])[..., 0]
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert not np.any(found[1])


def test_a_good_preconditioner_and_a_start_save_products():
    matrices, drive = systems(2, 60)
    count = []

    def counted(v, which):
        count.append(len(v))
        return product(matrices)(v, which)

    inverse = np.linalg.inv(matrices)
    exact = solve_block(counted, product(inverse), drive, tolerance=1e-12, steps=100)
    assert len(count) < 25
    count.clear()
    np.testing.assert_array_equal(
        solve_block(counted, identity, drive, tolerance=1e-9, steps=100, start=exact), exact
    )
    assert len(count) == 1


def test_what_does_not_converge_is_an_error():
    matrices, drive = systems(2, 200, 2.0)
    with pytest.raises(NotConverged, match="the residual is"):
        solve_block(product(matrices), identity, drive, tolerance=1e-10, steps=40)
    with pytest.raises(NotConverged):
        solve_block(lambda v, _: 0 * v, identity, drive, tolerance=1e-10, steps=40)
    with pytest.raises(NotConverged):
        solve_block(lambda v, _: v * np.nan, identity, drive, tolerance=1e-10, steps=40)


@pytest.mark.parametrize(("name", "value"), [("tolerance", 0.0), ("steps", 0), ("shadow", 0)])
def test_bad_arguments(name, value):
    matrices, drive = systems(2, 10)
    options = {"tolerance": 1e-6, "steps": 10, name: value}
    with pytest.raises(ValueError, match=name):
        solve_block(product(matrices), identity, drive, **options)
