"""Curvature, moment and masses at K: exact two-band cases, a slow twin on plaquettes, time reversal."""

import numpy as np
import pytest

from lowdim.spinorbit import LATTICE, K, Model, bands, hamiltonian, three_band, three_band_model
from lowdim.spinorbit.firstprinciples import stored_bands
from lowdim.spinorbit.valley import (
    KINETIC,
    DegenerateError,
    berry_curvature,
    fitted_model,
    helicity_degree,
    mass_at,
    orbital_moment,
)

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")


def honeycomb(gap=1.0, hopping=1.1):
    """Two sites of different energy, the simplest layer with valleys; one spin."""
    bonds = np.array([[1 / np.sqrt(3), 0], [-0.5 / np.sqrt(3), 0.5], [-0.5 / np.sqrt(3), -0.5]])
    forth = np.array([[[0, hopping], [0, 0]]] * 3)
    onsite = np.diag([gap / 2, -gap / 2])[None]
    vectors = np.concatenate([np.zeros((1, 2)), bonds, -bonds])
    return Model(
        vectors, np.concatenate([onsite, forth, forth.transpose(0, 2, 1)]).astype(complex), np.eye(2)
    )


def plaquette(model, k, band, size=1e-3):
    """Phase around a small square over its area."""
    corners = np.asarray(k) + size * np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    states = np.linalg.eigh(hamiltonian(model, corners))[1][..., band]
    links = [np.vdot(states[i], states[(i + 1) % 4]) for i in range(4)]
    return -np.angle(np.prod(links)) / size**2


def test_massive_dirac_cone():
    """At K of the honeycomb |Omega| = 3 t^2 / 2 gap^2 in a^2: v = sqrt(3) t / 2, Omega = 2 v^2 / gap^2."""
    gap, hopping = 0.8, 1.3
    model = honeycomb(gap, hopping)
    found = [berry_curvature(model, K, n) for n in (0, 1)]
    assert np.isclose(abs(found[0]), 1.5 * hopping**2 / gap**2) and np.isclose(found[0], -found[1])
    # the mass at the edge is gap / 2 v^2, and the moment m_e / mass in Bohr magnetons
    mass = mass_at(model, K, 1, 1.0)
    assert np.isclose(mass, KINETIC * 2 * gap / 2 / (0.75 * hopping**2), rtol=1e-3)
    assert np.isclose(abs(orbital_moment(model, K, 1, 1.0)), 1 / mass, rtol=1e-3)


def test_two_bands_have_one_moment():
    model, k = honeycomb(), np.random.default_rng(1).uniform(-3, 3, (20, 2))
    energy = bands(model, k)[:, 1]
    moment = orbital_moment(model, k, 1, 1.0)
    assert np.allclose(np.abs(moment), np.abs(energy * berry_curvature(model, k, 1)) / KINETIC)
    assert np.allclose(moment, orbital_moment(model, k, 0, 1.0))


@pytest.mark.parametrize("band", [0, 1, 2, 3])
def test_curvature_is_the_phase_around_a_plaquette(band):
    model = three_band("WSe2")
    for k in (K, K + [0.1, 0.05], [1.1, 0.7]):
        assert np.isclose(berry_curvature(model, k, band), plaquette(model, k, band), rtol=2e-3, atol=1e-4)


def test_time_reversal_turns_the_signs():
    """The state of the other spin at -k has the opposite curvature and moment."""
    model, k = three_band("MoS2"), np.array([[1.3, 0.9], [2.0, 1.0]])
    for quantity in (lambda *a: berry_curvature(*a), lambda *a: orbital_moment(*a, 3.19)):
        here, there = quantity(model, k, 1), quantity(model, -k, 1)
        assert np.allclose(here, -there) and np.abs(here).min() > 1e-3


def test_curvature_of_the_whole_zone_vanishes_with_time_reversal_and_valleys_hold_half():
    """Sum over the zone is zero; that of one valley of a small gap is pi."""
    n = 120
    shares = (np.arange(n) + 0.5) / n
    reciprocal = 2 * np.pi * np.linalg.inv(LATTICE).T
    k = np.stack(np.meshgrid(shares, shares), -1).reshape(-1, 2) @ reciprocal
    area = abs(np.linalg.det(reciprocal)) / n**2
    assert abs(berry_curvature(honeycomb(0.5), k, 0).sum() * area) < 1e-6
    side = np.linspace(-0.8, 0.8, 161)
    near = np.stack(np.meshgrid(side, side), -1) + K
    valley = berry_curvature(honeycomb(0.05), near, 0).sum() * (side[1] - side[0]) ** 2
    assert 0.9 < abs(valley) / np.pi < 1.05


def test_degenerate_bands_are_refused():
    with pytest.raises(DegenerateError, match="band 0 meets another at 1 of the points"):
        berry_curvature(honeycomb(gap=0.0), K, 0)
    with pytest.raises(ValueError, match="lattice_constant"):
        orbital_moment(honeycomb(), K, 0, -1.0)
    with pytest.raises(ValueError, match="parameters: expected shape"):
        three_band_model([1.0, 2.0])


@pytest.mark.parametrize("material", MATERIALS)
def test_fit_follows_the_bands_better_than_the_published_one(material):
    """And has the gap and the splitting of the run at K."""
    fit, run = fitted_model("elk", material), stored_bands("elk", material)
    corner = run.corners[2]
    assert fit.rms < 0.12
    e = bands(fit.model, K)
    top = run.occupied // 2
    gap = run.plain[top, corner] - run.plain[top - 1, corner]
    assert abs(e[2] - e[:2].mean() - gap) < 0.1
    assert np.isclose(e[1] - e[0], run.gap_bands[1, corner] - run.gap_bands[0, corner], atol=1e-9)


def test_fit_finds_the_parameters_of_a_model_again(monkeypatch):
    """Bands made by Liu's model of WSe2 give its parameters, from the start of another material."""
    import lowdim.spinorbit.valley as valley

    run, true = stored_bands("elk", "WSe2"), (*valley.LIU["WSe2"][:8], 0.0)
    corners = (valley.M, valley.GAMMA, K, valley.M)
    k = np.concatenate(
        [
            np.linspace(corners[i], corners[i + 1], run.corners[i + 1] - run.corners[i], endpoint=False)
            for i in range(3)
        ]
        + [valley.M[None]]
    )
    e = bands(three_band_model(true), k)[:, ::2]
    plain = run.plain.copy()
    plain[run.occupied // 2 - 1 : run.occupied // 2 + 1] = e[:, :2].T
    fake = type(run)(**{**run.__dict__, "plain": plain})
    monkeypatch.setattr(valley, "stored_bands", lambda code, material: fake)
    monkeypatch.setitem(valley.LIU, "WSe2", tuple(np.array(valley.LIU["WSe2"]) * 1.05))
    fit = fitted_model("elk", "WSe2")
    assert fit.rms < 1e-4
    assert np.allclose(np.abs(fit.parameters[:8]), np.abs(true[:8]), atol=2e-2)


def test_two_bands_absorb_the_helicity_of_their_curvature():
    """With two bands Omega = (P+ - P-) / 2 (E_1 - E_0)^2, and P+ + P- follows from differences of H."""
    model, k = honeycomb(), np.random.default_rng(3).uniform(-4, 4, (6, 2))
    energies, states = np.linalg.eigh(hamiltonian(model, k))
    step = 1e-5
    turn = [
        (hamiltonian(model, k + step * e) - hamiltonian(model, k - step * e)) / (2 * step) for e in np.eye(2)
    ]
    x, y = (np.einsum("...i,...ij,...j->...", states[..., 1].conj(), v, states[..., 0]) for v in turn)
    rates = np.abs(x + 1j * y) ** 2, np.abs(x - 1j * y) ** 2
    degree = helicity_degree(model, k, 0, [1])
    assert np.allclose(degree, (rates[0] - rates[1]) / (rates[0] + rates[1]), atol=1e-8)
    apart = energies[:, 1] - energies[:, 0]
    assert np.allclose(berry_curvature(model, k, 0), degree * sum(rates) / (2 * apart**2), atol=1e-7)


@pytest.mark.parametrize("material", MATERIALS)
def test_each_valley_takes_one_helicity(material):
    model = three_band(material)
    assert np.allclose(helicity_degree(model, [K, -K], 1, (2, 3)), [1, -1], atol=1e-9)
    rest = helicity_degree(model, [[0.3, 0.2], [-0.3, -0.2]], 1, (2, 3, 4, 5))
    assert np.isclose(rest[0], -rest[1]) and abs(rest[0]) < 1


def test_transitions_that_do_not_exist_are_refused():
    model = three_band("WSe2")
    for upper in ([], [1], [6], [-1], [2.5]):
        with pytest.raises(ValueError, match="upper"):
            helicity_degree(model, K, 1, upper)
    with pytest.raises(DegenerateError, match="light does not lift"):
        helicity_degree(honeycomb(hopping=0.0), K, 0, [1])
