"""The script that makes the stored runs: its inputs, its parsers, its merging and its refusals."""

import json
import re

import numpy as np
import pytest

from lowdim.spinorbit.data import elk, make, pieces
from lowdim.spinorbit.firstprinciples import stored_runs

MATERIALS = ("MoS2", "MoSe2", "WS2", "WSe2")
# Table I in angstrom, typed once more
TABLE = {
    "MoS2": (3.193, 1.567, 3.160, 12.295, 0.127), "MoSe2": (3.313, 1.673, 3.288, 12.900, 0.130),
    "WS2": (3.197, 1.575, 3.153, 12.323, 0.128), "WSe2": (3.310, 1.685, 3.280, 12.950, 0.130),
}  # fmt: skip


def blocks(text):
    return dict(block.split("\n", 1) for block in text.strip().split("\n\n"))


@pytest.fixture(scope="module")
def job():
    return pieces.elk_edges("MoS2", "small").job


def test_a_missing_code_is_named_with_its_packages(monkeypatch):
    monkeypatch.setattr(elk.shutil, "which", lambda command: None)
    with pytest.raises(SystemExit, match="`elk-lapw` is missing: run `apt install elk-lapw gpaw gpaw-data`"):
        elk.require()


def test_structures_are_those_of_the_table():
    for m, (a, d, bulk_a, bulk_c, z) in TABLE.items():
        assert pieces.LAYERS[m][:2] == (a, d) and pieces.BULK[m] == (bulk_a, bulk_c, z)
        assert pieces.LAYERS[m][2] + pieces.LAYERS[m][3] + "2" == m


def test_elk_input_has_the_structure_of_the_table(job):
    found = blocks(elk.elk_input(job, (0,)))
    cell = np.array([row.split() for row in found["avec"].split("\n")], dtype=float) * 0.529177
    assert np.allclose(np.linalg.norm(cell[:2], axis=1), 3.193, atol=1e-4)
    assert np.isclose(cell[0] @ cell[1], -0.5 * 3.193**2, atol=1e-3)
    heights = [float(row.split()[2]) for row in found["atoms"].split("\n") if len(row.split()) == 6]
    assert np.allclose(np.array(heights) * cell[2, 2], [0, 1.567, -1.567], atol=1e-4)
    assert np.isclose(cell[2, 2] - 2 * 1.567, 8, atol=1e-4)


def test_elk_input_names_the_functional(job):
    """Elk's number of Perdew, Burke and Ernzerhof is 20, that of the local density approximation 3."""
    assert blocks(elk.elk_input(job, (0,)))["xctype"].split()[0] == "20"
    assert blocks(elk.elk_input({**job, "functional": "LDA"}, (0,)))["xctype"].split()[0] == "3"
    with pytest.raises(KeyError):
        elk.elk_input({**job, "functional": "B3LYP"}, (0,))


def test_elk_input_follows_the_job(job):
    changed = {**job, "mesh": 16, "rgkmax": 8.0, "radius": 2.2, "lmax_waves": 10, "gmax": 18.0, "empty": 20}
    path = ((0.0, 0.0), (1 / 3, 1 / 3))
    found = blocks(elk.elk_input(changed, (22,), spin_orbit=True, path=path, points=7))
    wanted = {
        "ngridk": "16 16 1", "rgkmax": "8.0", "rmtall": "2.2", "lmaxapw": "10", "gmaxvr": "18.0",
        "nempty": "20",  # codespell:ignore nempty
        "spinorb": ".true.", "tasks": "22",
    }  # fmt: skip
    assert {name: found[name].strip() for name in wanted} == wanted
    assert found["plot1d"].startswith(" 2 7\n")
    assert "lmaxi" not in found
    assert blocks(elk.elk_input({**job, "lmax_inner": 3}, (22,)))["lmaxi"].strip() == "3"
    assert blocks(elk.elk_input(job, (0,)))["spinorb"].strip() == ".false."
    assert blocks(elk.elk_input({**job, "coupled density": True}, (0,)))["spinorb"].strip() == ".true."


@pytest.mark.skipif(not elk.SPECIES.is_dir(), reason="elk-lapw is not installed")
def test_local_orbitals_of_the_species():
    def followed(text):
        return len(re.findall(r"\n\s+-\d\.\d{4}\s+0\s+T", text))

    assert followed(elk.species("W")) == 4 and followed(elk.species("W", "fixed")) == 0
    assert followed(elk.species("Mo")) == 2
    more = elk.species("Se", "more")
    assert "8                                        : nlorb" in more and more.count("1.5000   0  F") == 3


def test_energies_that_follow_no_band_are_moved(job, tmp_path, monkeypatch):
    """Of augmented waves and local orbitals alike, whatever the derivative; the others stay."""
    text = " 1  : apword\n    0.1500   0  F  : apwe0\n 2\n    0.1500   1  F\n   -0.6346   0  T\n"
    (tmp_path / "S.in").write_text(text)
    monkeypatch.setattr(elk, "SPECIES", tmp_path)
    assert elk.species("S") == text
    moved = elk.species("S", "default", -0.07)
    assert [line.split()[:3] for line in moved.splitlines() if "." in line] == [
        ["0.0800", "0", "F"], ["0.0800", "1", "F"], ["-0.6346", "0", "T"],
    ]  # fmt: skip
    assert elk.waves(job) == ("default", 0.0)
    assert elk.waves({**job, "locals": "more", "linearisation": -0.07}) == ("more", -0.07)


def test_larger_bases_are_those_of_one_density(job, tmp_path, monkeypatch):
    asked = []

    def path_bands(folder, job, threads, *, spin_orbit, task, path, points):
        asked.append((job["rgkmax"], spin_orbit, task, points))
        energies = np.add.outer(np.arange(28.0), 0.01 * job["rgkmax"] * np.linspace(-1, 1, points) ** 2)
        bands = (np.arange(points), energies, np.zeros((28, points, 2)))
        return bands if task == 20 else [bands]

    monkeypatch.setattr(elk, "ground_state", lambda *arguments: 12)
    monkeypatch.setattr(elk, "occupied", lambda folder: 18)
    monkeypatch.setattr(elk, "path_bands", path_bands)
    found = elk.edges({**job, "larger": (9.0, 10.0)}, tmp_path, 1)
    points = job["lines"]["Gamma-K"][1]
    assert asked[-2:] == [(9.0, True, 20, points), (10.0, True, 20, points)]
    top = np.array(found["Gamma-K"]["larger"]["10"])[1]
    assert set(found["Gamma-K"]["larger"]) == {"9", "10"} and top.max() == 0
    assert np.isclose(top.min(), -0.1) and np.isclose(np.min(found["Gamma-K"]["with"][1]), -0.07)
    assert "larger" not in elk.edges(job, tmp_path, 1)["Gamma-K"]


def test_bands_are_read_by_band_and_point(tmp_path):
    rows = [[(k, -0.5 + 0.1 * n + 0.01 * k, n, k) for k in range(3)] for n in range(2)]
    text = "\n \n".join("\n".join(" ".join(map(str, row)) for row in band) for band in rows)
    (tmp_path / "BAND.OUT").write_text(text + "\n \n")
    distance, energies, columns = elk.read_bands(tmp_path / "BAND.OUT")
    assert distance.tolist() == [0, 1, 2] and energies.shape == (2, 3) and columns.shape == (2, 3, 2)
    assert np.isclose(energies[1, 2], -0.38 * 27.211386) and columns[1, 2].tolist() == [1, 2]


def test_an_interrupted_density_is_taken_up_and_another_job_starts_anew(job, tmp_path, monkeypatch):
    tasks = []

    def run_elk(folder, job, text, threads):
        tasks.append(blocks(text)["tasks"].strip())
        (folder / "STATE.OUT").write_text("")
        done = "Loop number\n Fermi   : 0.1\nConvergence targets achieved" if len(tasks) > 1 else ""
        (folder / "INFO.OUT").write_text(done)

    monkeypatch.setattr(elk, "run_elk", run_elk)
    with pytest.raises(RuntimeError, match="did not converge"):
        elk.ground_state(tmp_path / "run", job, 1)
    assert elk.ground_state(tmp_path / "run", job, 1) == 1
    elk.ground_state(tmp_path / "run", {**make.plain(job), "mesh": 7}, 1)
    assert tasks == ["0", "1", "0"]


def test_a_state_that_is_not_physical_is_refused(job, tmp_path, monkeypatch):
    def run_elk(folder, job, text, threads):
        (folder / "INFO.OUT").write_text(" Fermi  : 0.1\n Fermi  : -5.297\nConvergence targets achieved")

    monkeypatch.setattr(elk, "run_elk", run_elk)
    with pytest.raises(RuntimeError, match="no physical state in .*: Fermi energy -5.3 hartree"):
        elk.ground_state(tmp_path / "run", job, 1)


def test_a_density_starts_from_that_of_a_smaller_basis(job, tmp_path, monkeypatch):
    """The smaller basis from the atoms, the larger from its density; after a stop it goes on."""
    asked, end = [], ["Convergence targets achieved"]

    def run_elk(folder, job, text, threads):
        asked.append((blocks(text)["tasks"].strip(), float(blocks(text)["rgkmax"])))
        (folder / "STATE.OUT").touch()
        told = end if blocks(text)["rgkmax"].strip() == "8.0" else ["Convergence targets achieved"]
        (folder / "INFO.OUT").write_text("Loop number : 1\nLoop number : 2\n Fermi : -0.1\n" + told[0])

    monkeypatch.setattr(elk, "run_elk", run_elk)
    larger = {**job, "rgkmax": 8.0, "first rgkmax": 7.0}
    end[0] = "interrupted"
    with pytest.raises(RuntimeError, match="Elk did not converge"):
        elk.ground_state(tmp_path / "run", larger, 1)
    end[0] = "Convergence targets achieved"
    assert elk.ground_state(tmp_path / "run", larger, 1) == 2
    assert asked == [("0", 7.0), ("1", 8.0), ("1", 8.0)]
    assert elk.ground_state(tmp_path / "other", larger, 1) == 4


def test_bulk_and_layer_jobs_differ_in_their_cells():
    layer, bulk = (pieces.paw_piece(kind, "WSe2").job for kind in ("layer", "bulk"))
    assert "c" not in layer and layer["vacuum"] == 12 and layer["wedge"] > 0
    assert np.isclose(bulk["d"], 0.130 * 12.950) and bulk["a"] == 3.280
    assert pieces.paw_piece("normal", "WSe2").job["vacuum"] == 30
    crystals = {p.key: p.job for p in pieces.crystals("MoS2") if p.kind == "crystals"}
    for ending, cutoff in (("", 400), (" finer", 500)):
        heights = ("layer", *(f"bulk {x:+g}" for x in pieces.BULK_HEIGHTS))
        jobs = [crystals[f"MoS2 {name}{ending}"] for name in heights]
        assert ["c" in j for j in jobs] == [False] + [True] * 4
        assert all(j["cutoff"] == cutoff and j["functional"] == "PBE" for j in jobs)
    assert len(crystals) == 10
    same = [(tuple(j["lattice"]), tuple(j["separations"])) for j in crystals.values()]
    assert len(set(same)) == 1
    (paper,) = [p.job for p in pieces.plan() if p.key == "MoS2 paper"]
    stated = {"rgkmax": 7.0, "lmax_waves": 10, "mesh": 16, "vacuum": 30.0}
    assert {name: paper[name] for name in stated} == stated
    # Elk's numbers of Broyden's mixing and of its own
    adaptive = {name: value for name, value in paper.items() if name != "mixing"}
    assert "mixtype\n 3\n" in elk.elk_input(paper, (0,)) and "mixtype\n 1\n" in elk.elk_input(adaptive, (0,))


def test_the_plan_has_every_run_once_and_the_structures_of_the_paper():
    plan = pieces.plan()
    assert len({(p.kind, p.key) for p in plan}) == len(plan)
    for m in MATERIALS:
        study = [p.job for p in plan if p.kind in ("elk-edges", "paw-edges") and p.key.startswith(m + " ")]
        kept = {(job["a"], job["d"]) for job in study}
        assert TABLE[m][:2] in kept and len(kept) == 1 + len(pieces.STRAINED)
        assert all(job["rgkmax"] in (7.0, 8.0) or job["radius"] == 2.0 for job in study if "rgkmax" in job)


@pytest.fixture
def piece(tmp_path, monkeypatch):
    monkeypatch.setattr(make, "HERE", tmp_path)
    return pieces.paw_edges("MoS2", "small", {})


def made(piece, value):
    run = {
        "key": piece.key,
        "material": piece.job["material"],
        "inputs": make.plain(piece.job),
        "value": value,
    }
    make.merge(piece, run)
    return run


def test_runs_merge_and_never_overwrite_others(piece):
    other = pieces.paw_edges("WSe2", "small", {})
    first, second = made(piece, 1), made(other, 2)
    assert make.stored("paw-edges")["runs"] == [first, second]
    again = made(piece, 3)
    assert make.stored("paw-edges")["runs"] == [again, second]


def test_what_is_stored_with_the_same_inputs_is_not_repeated(piece):
    made(piece, 1)
    runs = make.stored("paw-edges")["runs"]
    assert make.is_stored(piece, runs)
    assert not make.is_stored(pieces.paw_edges("MoS2", "small", {"cutoff": 500}), runs)
    assert not make.is_stored(pieces.paw_edges("MoS2", "cutoff 500", {"cutoff": 500}), runs)


def missing(*arguments):
    return [(p.kind, p.key) for p in make.missing(make.asked(arguments))]


def test_a_partial_run_asks_only_for_what_is_missing():
    assert missing("--only", "layer", "bulk", "--materials", "MoS2") == []
    assert missing("--only", "bulk", "--materials", "MoS2", "--again") == [("bulk", "MoS2")]


def test_what_older_scripts_made_is_made_again_if_that_is_asked(monkeypatch):
    """By code: a script that calls another one does not matter."""
    digests = {"gpaw": "new", "elk": "new", "dftd3": "new"}
    monkeypatch.setattr(make, "stored", lambda kind: {"runs": runs[kind]})
    monkeypatch.setattr(make, "digest", digests.get)
    found = [p for p in pieces.plan() if p.kind in ("elk", "layer")]
    runs = {kind: [] for kind in ("elk", "layer")}
    for p in found:
        made = {"scripts": "old" if p.key == "WS2" else "new"}
        runs[p.kind].append({"key": p.key, "inputs": make.plain(p.job), "made": made})
    ask = ("--only", "elk", "layer")
    assert missing(*ask) == [] and set(missing(*ask, "--older")) == {("elk", "WS2"), ("layer", "WS2")}
    digests["elk"] = "newer"
    assert len(missing(*ask, "--older")) == 5 and len(missing(*ask, "--again")) == 8
    with pytest.raises(SystemExit):
        missing(*ask, "--older", "--again")


def test_a_run_says_what_made_it():
    """The command that makes the same runs; where and how many at once does not matter."""
    assert make.command(make.asked(["--jobs", "2", "--work", "x"])) == "make data"
    told = make.asked(["--only", "layer", "bulk", "--materials", "WS2", "--again", "--jobs", "1"])
    assert make.command(told) == "python make.py --only layer bulk --materials WS2 --again"
    assert make.command(make.asked(["--older"])) == "python make.py --older"


def test_what_is_stored_is_made_again_and_compared(piece, monkeypatch, capsys):
    """To 0.1 meV, and whatever comes out nothing is stored."""
    levels = {"with": {"24": [[0.0, 1.0]]}, "spread meV": [[2.0]], "spin": [[1.0]]}
    made(piece, levels)
    before = make.stored("paw-edges")
    monkeypatch.setattr(elk, "require", lambda command: command)
    found = {}
    monkeypatch.setattr(make, "compute", lambda piece, work: (piece, found["run"], ""))
    monkeypatch.setattr(make, "Parallel", lambda **options: lambda tasks: (f(*a) for f, a, _ in tasks))
    ask = ["--repeat", "--codes", "gpaw", "--only", "paw-edges"]

    def again(energy, spread, spin):
        value = {"with": {"24": [[0.0, energy]]}, "spread meV": [[spread]], "spin": [[spin]]}
        found["run"] = {**before["runs"][0], "value": value, "made": {}}
        make.main(ask)

    again(1.00009, 2.09, -1.0)
    again(1.0001, 2.0, 1.0)  # by one step of the last digit stored
    for energy, spread in ((1.0002, 2.0), (1.0, 2.2)):
        with pytest.raises(SystemExit, match="paw-edges, MoS2 small: 0.20 meV from what is stored"):
            again(energy, spread, 1.0)
    found["run"] = {**before["runs"][0], "value": {"with": []}}
    with pytest.raises(SystemExit, match="inf meV from what is stored"):
        make.main(ask)
    assert make.stored("paw-edges") == before
    make.main([*ask, "--materials", "WSe2"])
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(("apart", "same"), [(0.9e-3, True), (1.1e-3, False)])
def test_bands_of_the_bulk_are_compared_to_one_millielectronvolt(apart, same, monkeypatch):
    monkeypatch.setattr(make, "deviation", lambda piece, run: apart)
    told = make.asked(["--repeat"])
    bulk, layer = (next(p for p in pieces.plan() if p.kind == kind) for kind in ("bulk", "layer"))
    assert (make.settle(bulk, {}, "", told) == "") == same
    assert "meV from what is stored" in make.settle(layer, {}, "", told)


def test_every_stored_run_of_the_plan_has_energies_to_compare():
    stored = make.missing(make.asked(["--repeat"]))
    assert {p.code for p in stored} == {"elk", "gpaw", "dftd3"} and len(stored) == len(pieces.plan())
    for p in stored:
        (run,) = (old for old in make.stored(p.kind)["runs"] if old["key"] == p.key)
        assert make.deviation(p, run) == 0


def test_time_that_is_over_starts_nothing():
    assert list(make.in_time([1, 2], 0.0)) == [] and list(make.in_time([1, 2], 1.0)) == [1, 2]


def test_stored_inputs_are_whole_and_those_of_the_plan():
    """Every run that is stored is one of the plan, with its inputs: a changed plan must be run again."""
    plan = {(p.kind, p.key): p for p in pieces.plan()}
    sets = {"elk": "species", "gpaw": "setups"}
    for kind in {kind for kind, _ in plan}:
        for run in stored_runs(kind)["runs"]:
            piece = plan[kind, run["key"]]
            assert run["inputs"] == make.plain(piece.job) and run["material"] == piece.job["material"]
            assert set(run["made"]) >= {"code", "packages", "scripts", "date", "seconds", "command"}
            if piece.code in sets:
                assert set(run["made"][sets[piece.code]]) == {piece.job["metal"], piece.job["chalcogen"]}
                named = {"LDA": "LDA", "meta-GGA": pieces.META}
                assert run["inputs"]["functional"] == named.get(run["key"].split()[-1], "PBE")


def test_a_meta_gga_keeps_its_levels_and_hardly_asks_for_the_potential():
    """Its bands at fixed density are those of its mesh, and LDA's potential in the coupling does as well."""
    runs = [run for run in stored_runs("paw-edges")["runs"] if run["key"].endswith("meta-GGA")]
    assert runs and runs[0]["key"] == "MoS2 meta-GGA"
    for run in runs:
        assert run["change at fixed density meV"] < 1.0
        assert run["change by the potential of LDA meV"] < 0.5


def test_provenance_is_json():
    assert json.loads(json.dumps(make.package_versions("gpaw"))) == make.package_versions("gpaw")
    digests = {make.digest(code) for code in make.PACKAGES}
    assert len(digests) == 3 and all(re.fullmatch("[0-9a-f]{16}", digest) for digest in digests)


def test_bands_without_the_coupling_have_a_density_without_it():
    """Of a density that holds the coupling, none are stored."""
    for run in stored_runs("elk-edges")["runs"]:
        for line in ("Gamma-K", "K"):
            assert ("without" in run[line]) != run["inputs"]["coupled density"]
