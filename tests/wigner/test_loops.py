"""Sampled paths against the exact splitting of a double well; a table of a slow interaction; stored data."""

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal

from lowdim.wigner import (
    Keldysh,
    Tabulated,
    exchange_rings,
    instanton,
    loop_correction,
    ring_exchange,
    stored_cluster,
    stored_exchange,
    tunnelling_amplitude,
)
from lowdim.wigner.loops import _Fluctuations
from wells import Quartic


@pytest.fixture(scope="module")
def found():
    return instanton(Quartic(), [-1.0], np.linspace(-1, 1, 9)[:, None], duration=16, steps=30)


def test_exact_splitting_of_the_double_well(found):
    """Strong coupling: one loop is off by a fifth."""
    planck, step = 0.12, 0.004
    x = step * np.arange(-700, 701)
    kinetic = planck**2 / (2 * step**2)
    levels = eigh_tridiagonal(
        (x**2 - 1) ** 2 / 8 + 2 * kinetic, np.full(len(x) - 1, -kinetic), select="i", select_range=(0, 1)
    )[0]
    exact = (levels[1] - levels[0]) / (2 * tunnelling_amplitude(found.action, found.prefactor, planck))
    rng = np.random.default_rng(5)
    loops = loop_correction(
        Quartic(), [-1.0], found.path, planck, rng=rng, duration=16, moves=4000, stride=0.7
    )
    assert exact < 0.85
    assert loops.error < 0.25
    assert loops.ratio == pytest.approx(exact, abs=2.5 * loops.error)
    assert loops.acceptance > 0.3


def test_harmonic_fluctuations_have_no_correction(found):
    """Drawn fluctuations have the covariance of the chain, at right angles to the constraint."""
    from lowdim.wigner.instantons import _Chain, _Well

    chain = _Chain(Quartic(), _Well.of(Quartic(), np.array([-1.0]), soft=0.1), 16 / 60)
    path, other, _ = chain.minimum(found.path, np.array([1.0]), 1e-9)
    sampled = _Fluctuations(chain, path, other, 0.1, held=True)
    rng = np.random.default_rng(2)
    draws = np.array([sampled.draw(rng) for _ in range(4000)])
    assert np.abs(draws @ sampled.along).max() < 1e-12
    quadratic = [eta @ sampled._times(eta) for eta in draws]
    # one degree of freedom is held
    assert np.mean(quadratic) == pytest.approx(0.1 * (draws.shape[1] - 1), rel=0.02)


def test_without_an_excess_every_move_is_accepted(found):
    from lowdim.wigner.instantons import _Chain, _Well

    chain = _Chain(Quartic(), _Well.of(Quartic(), np.array([-1.0]), soft=0.1), 16 / 60)
    path, other, _ = chain.minimum(found.path, np.array([1.0]), 1e-9)
    sampled = _Fluctuations(chain, path, other, 0.1, held=True)
    values, speeds, accepted = sampled._walk(np.random.default_rng(3), 0.0, 50, 0.2)
    assert accepted == 1 and len(values) == len(speeds) == 50


def test_table_of_an_interaction():
    table = Tabulated(Keldysh(0.2), (0.1, 9.0))
    distance = np.geomspace(0.11, 8.5, 301)
    for read, term in zip(table.terms(distance), Keldysh(0.2).terms(distance), strict=True):
        np.testing.assert_allclose(read, term, rtol=1e-8)


def test_stored_rings_are_what_the_solver_gives():
    rows = [r for r in stored_exchange("rings")["clusters"] if r["electrons"] == 13 and "action" in r]
    for row in (rows[3], next(r for r in rows if r["kind"] == "4")):
        found = ring_exchange(stored_cluster(13), row["ring"], sense=row.get("sense", 1))
        assert found.action == pytest.approx(row["action"], rel=1e-4)
        assert found.prefactor == pytest.approx(row["prefactor"], rel=0.02)


def test_every_ring_up_to_six_is_stored_with_its_action_or_why_it_has_none():
    rows = stored_exchange("rings")["clusters"]
    for n in sorted({row["electrons"] for row in rows}):
        sought = {
            (str(kind), ring) for kind, rings in exchange_rings(stored_cluster(n)).items() for ring in rings
        }
        here = [row for row in rows if row["electrons"] == n]
        assert {(row["kind"], tuple(row["ring"])) for row in here} == sought
        pairs = [(tuple(row["ring"]), row["sense"]) for row in here if row["kind"] == "2"]
        assert len(set(pairs)) == len(pairs) == 2 * len(dict(pairs))
        assert all(
            (row["action"] > 0 and row["prefactor"] > 0) if "action" in row else row["failed"] for row in here
        )
    assert n == 50


def test_stored_pinned_bonds_are_those_of_the_exact_ones_and_of_the_solver():
    exact, loops = (stored_exchange(name)["bonds"] for name in ("exchange", "one_loop"))
    assert [(b["electrons"], b["ring"]) for b in loops] == [(b["electrons"], b["ring"]) for b in exact]
    sites = {c["electrons"]: np.array(c["positions"]) for c in stored_exchange("exchange")["clusters"]}
    for bond in loops[1::30]:
        found = ring_exchange(sites[bond["electrons"]], bond["ring"], mobile=bond["ring"], sense=-1)
        assert found.action == pytest.approx(bond["actions"][1], rel=1e-6)
        assert found.prefactor == pytest.approx(bond["prefactors"][1], rel=1e-4)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("moves", lambda f: loop_correction(Quartic(), [-1.0], f.path, 0.1, rng=None, duration=16, moves=1)),
        (
            "stride",
            lambda f: loop_correction(Quartic(), [-1.0], f.path, 0.1, rng=None, duration=16, stride=0),
        ),
        ("path", lambda f: loop_correction(Quartic(), [-1.0], f.path[:, 0], 0.1, rng=None, duration=16)),
        ("planck", lambda f: loop_correction(Quartic(), [-1.0], f.path, 0.0, rng=None, duration=16)),
        ("reach", lambda f: Tabulated(Keldysh(0.2), (2.0, 1.0))),
        ("points", lambda f: Tabulated(Keldysh(0.2), (1.0, 2.0), points=5)),
        ("name", lambda f: stored_exchange("nothing")),
    ],
)
def test_bad_input(found, name, call):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call(found)
