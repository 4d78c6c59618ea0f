"""The script that runs under GPAW's own Python, with that code replaced: the mass, the cells, the paths."""

import importlib
import sys
import types

import numpy as np
import pytest

from lowdim.constants import FINE_STRUCTURE
from lowdim.spinorbit.data import make

MODULES = ("ase", "ase.units", "gpaw", "gpaw.setup_data", "gpaw.spinorbit", "gpaw.xc")


@pytest.fixture
def paw(monkeypatch):
    fake = {name: types.ModuleType(name) for name in MODULES}
    fake["ase"].Atoms = lambda symbols, **kwargs: types.SimpleNamespace(symbols=symbols, **kwargs)
    fake["ase.units"].alpha = FINE_STRUCTURE
    for name in ("GPAW", "PW", "FermiDirac"):
        setattr(fake["gpaw"], name, None)
    fake["gpaw"].spinorbit = fake["gpaw.spinorbit"]
    fake["gpaw"].xc = fake["gpaw.xc"]
    fake["gpaw.xc"].XC = lambda name: name
    for name, module in fake.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(make.HERE)
    for name in ("paw_density", "paw"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module("paw")
    yield module
    for name in ("paw_density", "paw"):
        del sys.modules[name]


@pytest.fixture
def density(paw):
    return sys.modules["paw_density"]


@pytest.mark.parametrize("charge", [10, 42, 74])
def test_the_coupling_is_divided_by_the_square_of_the_mass(density, charge):
    """A bare nucleus, whose potential is known: (dV/dr)/r over (1 - V/2c^2)^2."""
    r = np.geomspace(1e-4, 4, 20000)
    grid = types.SimpleNamespace(r_g=r, dr_g=np.gradient(r))
    setup = types.SimpleNamespace(xc_correction=types.SimpleNamespace(rgd=grid))
    found = density.with_mass(lambda *arguments: charge / r**3)(setup, None, None)
    mass = 1 + charge * (1 / r - 1 / r[-1]) * FINE_STRUCTURE**2 / 2
    inner = (r > 1e-3) & (r < 1)
    assert np.allclose(found[inner], (charge / r**3 / mass**2)[inner], rtol=3e-3)
    assert mass[inner].max() ** 2 > 1.2


def calculator(kind="GGA"):
    """With a functional of a kind, and waves whose kinetic energy density is known."""

    class Waves:
        def calculate_kinetic_energy_density(self):
            return np.array([1.0, 2.0])

    xc = types.SimpleNamespace(type=kind)
    return types.SimpleNamespace(hamiltonian=types.SimpleNamespace(xc=xc), wfs=Waves())


def test_the_mass_is_put_in_and_taken_out(density, monkeypatch):
    module, seen = sys.modules["gpaw.spinorbit"], []

    def untouched(setup, xc, density):
        return f"from {xc}"

    monkeypatch.setattr(module, "get_radial_potential", untouched, raising=False)
    monkeypatch.setattr(density, "with_mass", lambda force: lambda *arguments: f"mass, {force(*arguments)}")

    def soc_eigenstates(calc, n2):
        seen.append((module.get_radial_potential(None, calc.hamiltonian.xc.type, None), n2))

    monkeypatch.setattr(module, "soc_eigenstates", soc_eigenstates, raising=False)
    density.spin_orbit_states(calculator())
    density.spin_orbit_states(calculator(), mass=False, bands=30)
    density.spin_orbit_states(calculator("MGGA"))
    density.spin_orbit_states(calculator("MGGA"), potential="LDA")
    assert [what for what, _ in seen] == ["mass, from GGA", "from GGA", "mass, from PBE", "mass, from LDA"]
    assert [bands for _, bands in seen] == [0, 30, 0, 0]
    assert module.get_radial_potential is untouched


def test_the_kinetic_energy_density_is_kept_with_the_density(density):
    """At other wave vectors a meta-GGA sees the self-consistent one, other functionals what they find."""
    found = {}
    for kind in ("GGA", "MGGA"):
        calc = calculator(kind)
        waves = type(calc.wfs)
        own, plain = iter(([1.0, 2.0], [3.0, 4.0])), waves.calculate_kinetic_energy_density
        waves.calculate_kinetic_energy_density = counted = lambda self, own=own: np.array(next(own))

        def fixed_density(calc=calc, **options):
            return calc.wfs.calculate_kinetic_energy_density(), options

        calc.fixed_density = fixed_density
        first = calc.wfs.calculate_kinetic_energy_density() if kind == "GGA" else None
        found[kind], options = density.bands_at_fixed_density(calc, [[0, 0, 0]], 24)
        assert options["nbands"] == 30 and options["convergence"] == {"bands": 24}
        assert first is None or first.tolist() == [1, 2]
        assert waves.calculate_kinetic_energy_density is counted is not plain
    assert found["GGA"].tolist() == [3, 4] and found["MGGA"].tolist() == [1, 2]


def test_the_change_at_fixed_density_is_that_at_common_wave_vectors(density):
    mesh = types.SimpleNamespace(bzk_kc=np.array([[0, 0, 0], [1 / 3, -1 / 3, 0]]), bz2ibz_k=np.array([0, 1]))
    levels = {0: np.array([0.0, 1.0, 2.0]), 1: np.array([0.0, 1.5, 2.5])}
    calc = types.SimpleNamespace(wfs=types.SimpleNamespace(kd=mesh), get_eigenvalues=levels.get)
    other = types.SimpleNamespace(bzk_kc=np.array([[0, 0, 0], [0.1, 0, 0], [1 / 3, 2 / 3, 0]]))
    bands = [levels[0], levels[0] + 9, levels[1] + [9, 0, 0.002]]
    fixed = types.SimpleNamespace(wfs=types.SimpleNamespace(kd=other), get_eigenvalues=bands.__getitem__)
    assert density.moved(calc, fixed, slice(1, 3)) == 2.0


def test_crystals_have_the_bonds_of_the_table(density):
    job = {"a": 3.193, "d": 1.567, "metal": "Mo", "chalcogen": "S", "vacuum": 12.0}
    bond = np.sqrt(job["a"] ** 2 / 3 + job["d"] ** 2)
    bulk = {**job, "a": 3.16, "c": 12.295, "d": 1.568}
    for one, atoms in ((job, 3), (bulk, 6)):
        made = density.crystal(one)
        cell, places = np.array(made.cell), np.array(made.positions)
        assert len(places) == atoms and made.symbols[:3] == ["Mo", "S", "S"]
        images = [
            i * cell[0] + j * cell[1] + k * cell[2]
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for k in (-1, 0, 1)
        ]
        near = np.sort([np.linalg.norm(places[1] + t - places[0]) for t in images])
        assert np.allclose(near[:3], np.sqrt(one["a"] ** 2 / 3 + one["d"] ** 2))
    assert np.isclose(bond, 2.419, atol=1e-3)
    # 2H: a metal lies over the chalcogens of the next layer
    assert np.isclose(np.linalg.norm((places[3] - places[1])[:2]), 0, atol=1e-9)


def test_a_data_set_of_the_run_is_made_and_used(density, monkeypatch):
    """In the folder of the run, before those of the package; a job without one takes none."""
    asked = []
    sys.modules["gpaw"].setup_paths = paths = ["/elsewhere"]
    monkeypatch.setattr(
        density.subprocess, "run", lambda command, **options: asked.append((command, options))
    )
    assert density.own_data_sets({"functional": "PBE"}) == {} and not asked and paths == ["/elsewhere"]
    job = {"functional": "PBE", "data sets": {"W": ["5d,0.8d,F", 2.2]}}
    for _ in range(2):
        assert density.own_data_sets(job) == {"W": "own"}
    assert paths == [".", "/elsewhere"]
    command, options = asked[0]
    assert options["check"] and command[1:4] == ["-m", "gpaw", "dataset"] and "-s" in command
    told = dict(zip(command, command[1:], strict=False))
    assert (told["-P"], told["-r"], told["-f"], told["-t"]) == ("5d,0.8d,F", "2.2", "PBE", "own")
    assert command[-1] == "W" and "-w" in command


def test_all_states_are_coupled_by_their_number(paw, monkeypatch):
    """Levels of the four bands around the gap, from the upper valence band at K among all states."""
    levels = np.arange(8.0) + np.array([0.0, 0.5, 0.25])[:, None]
    diagonal = []

    class Fixed:
        wfs = types.SimpleNamespace(pd=types.SimpleNamespace(ngmin=77))

        def diagonalize_full_hamiltonian(self, nbands):
            diagonal.append(nbands)

    def coupled(calc, bands):
        assert diagonal == [40]
        spins = np.ones((3, 8, 3)) * np.arange(8)[:, None]
        return types.SimpleNamespace(eigenvalues=lambda: levels + 1 / bands, spin_projections=lambda: spins)

    def bands(calc, k, most):
        assert np.allclose(k, [[0, 0, 0], [0.3, 0.15, 0], [2 / 3, 1 / 3, 0]])
        return Fixed()

    calc = types.SimpleNamespace(get_number_of_electrons=lambda: 4.0)
    monkeypatch.setattr(paw, "ground_state", lambda job: (calc, None))
    monkeypatch.setattr(paw, "bands_at_fixed_density", bands)
    monkeypatch.setattr(paw, "spin_orbit_states", coupled)
    found = paw.states_of_all_energies({"line": [0, 0.15, 1 / 3], "states": [20, 40]})
    zero = levels[-1, 3] + 1 / 40
    assert np.allclose(found["with"][20], (levels[:, 2:6] + 1 / 20 - zero).T, atol=1e-5)
    assert found["with"][40][1][-1] == 0 and found["spin at K"] == [2, 3, 4, 5]
    assert found["plane waves"] == 77


def test_images_turn_by_sixty_degrees(paw, monkeypatch):
    """Six wave vectors of one length, 60 degrees from one to the next, each asked for by itself."""
    asked = []

    def states(calc, points, job):
        asked.append(points)
        n = len(points)
        return None, np.zeros((n, 4)), np.zeros((n, 4, 3)), None

    monkeypatch.setattr(paw, "ground_state", lambda job: (None, None))
    monkeypatch.setattr(paw, "states", states)
    paw.images({"points": [(0.11, 0.07), (0.3, 0.1)]})
    plane = asked[0].reshape(2, 6, 2) @ np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    angle = np.unwrap(np.arctan2(plane[..., 1], plane[..., 0]), axis=1)
    assert np.allclose(np.diff(angle, axis=1), np.pi / 3)
    length = np.linalg.norm(plane, axis=-1)
    assert np.allclose(length, length[:, :1])


def test_wedge_and_path(paw):
    points = paw.wedge(12)
    assert [0, 0] in points.tolist() and any(np.allclose(p, 1 / 3) for p in points)
    path, corners = paw.along(np.array([[0.5, 0], [0, 0], [1 / 3, 1 / 3]]), 31)
    assert corners[0] == 0 and np.allclose(path[corners[1]], 0) and np.allclose(path[corners[2]], 1 / 3)
