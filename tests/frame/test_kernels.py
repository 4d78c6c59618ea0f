"""Imitated processors: which there are, that the libraries follow, and that differing claims are noticed."""

import os
import subprocess
import sys

import pytest

import kernels

CLAIM = {"paper": "zhu2011", "id": "eq.1", "verdict": "reproduced", "computed": [1.26, -0.0]}
CLAIM["note"] = "x = 0.5"


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (set(), []),
        ({"ssse3"}, ["Prescott"]),
        ({"ssse3", "avx2", "fma"}, ["Prescott", "Haswell"]),
        (
            {"ssse3", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"},
            ["Prescott", "Haswell", "SkylakeX"],
        ),
    ],
)
def test_the_processor_says_what_can_be_imitated(flags, names):
    assert [kernel.name for kernel in kernels.possible(flags)] == names


@pytest.mark.parametrize("kernel", kernels.possible(), ids=lambda kernel: kernel.name)
def test_the_libraries_follow(kernel):
    found = kernels.ask(kernels.imitate(kernel))
    assert len(found["openblas"]) == 2 and set(found["openblas"]) <= set(kernel.answers)
    if kernel.name == "Prescott":
        assert found["numpy"] == []


@pytest.mark.parametrize("kernel", kernels.possible(), ids=lambda kernel: kernel.name)
def test_an_imitation_within_another_is_the_same(kernel):
    """The suite may itself run as another processor: what that was told does not stay."""
    within = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2", "GLIBC_TUNABLES": "x"}
    assert kernels.imitate(kernel, os.environ | within) == kernels.imitate(kernel)


@pytest.mark.parametrize("name", [kernel.name for kernel in kernels.possible()])
def test_any_command_runs_as_a_processor(name):
    tell = "import os; print(os.environ['OPENBLAS_CORETYPE'])"
    command = [sys.executable, kernels.__file__, "--as", name, "--", sys.executable, "-c", tell]
    assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split() == [name]
    command[-1] = "raise SystemExit(3)"
    assert subprocess.run(command).returncode == 3


def test_a_library_that_does_not_follow_is_named(monkeypatch):
    monkeypatch.setattr(kernels, "ask", lambda environment: {"openblas": ["Haswell"], "numpy": []})
    with pytest.raises(RuntimeError, match="OpenBLAS uses .'Haswell'. where Prescott was wanted"):
        kernels.imitate(kernels.KERNELS[0], os.environ)
    monkeypatch.setattr(kernels, "ask", lambda environment: {"openblas": ["Prescott"], "numpy": ["AVX2"]})
    with pytest.raises(RuntimeError, match="numpy uses .'AVX2'. where Prescott was wanted"):
        kernels.imitate(kernels.KERNELS[0], os.environ)


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({}, []),
        ({"computed": [1.27, 0.0]}, []),
        ({"computed": [1.28, 0.0]}, ["zhu2011 eq.1: computed is"]),
        ({"verdict": "partial"}, ["zhu2011 eq.1: verdict is reproduced by old, partial by new"]),
        ({"note": "x = 0.7"}, ["zhu2011 eq.1: note is"]),
        ({"id": "eq.2"}, ["zhu2011 eq.1: decided only by old", "zhu2011 eq.2: decided only by new"]),
    ],
)
def test_differing_claims_are_named(change, sentences):
    one, other = ({(c["paper"], c["id"]): c} for c in (CLAIM, CLAIM | change))
    rows = list(kernels.differences(one, other, ("old", "new")))
    assert len(rows) == len(sentences)
    assert all(row.startswith(sentence) for row, sentence in zip(rows, sentences, strict=True))


def test_an_interrupted_run_goes_on_with_what_did_not_pass(tmp_path, monkeypatch):
    """A twin that passed is not run again until it changes; one that failed is."""
    twins = [tmp_path / name for name in ("good.ipynb", "bad.ipynb", "late.ipynb")]
    for twin in twins:
        twin.write_text(f"the twin {twin.stem}")
    kernel, folder = kernels.KERNELS[0], tmp_path / "kept"
    tried = []

    def fake(command, **_):
        """`bad` fails until its text is another, and the first run is interrupted before `late`."""
        chosen = [name for name in command if str(name).endswith(".ipynb")]
        tried.append([twin.stem for twin in chosen])
        for twin in chosen if len(tried) > 1 else chosen[:2]:
            kernels.keep(twin, twin.read_text() != "the twin bad", [CLAIM | {"id": twin.stem}], folder)
        if len(tried) == 1:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(kernels.subprocess, "run", fake)
    monkeypatch.setattr(kernels, "imitate", lambda kernel: {})
    with pytest.raises(KeyboardInterrupt):
        kernels.run(kernel, twins, [], folder)
    good, claims = kernels.run(kernel, twins, [], folder)
    assert not good and sorted(name for _, name in claims) == ["bad", "good", "late"]
    twins[1].write_text("the twin bad, mended")
    assert kernels.run(kernel, twins, [], folder)[0] and kernels.run(kernel, twins, [], folder)[0]
    twins[0].write_text("the twin good, changed")
    assert kernels.run(kernel, twins, [], folder)[0]
    assert tried == [["good", "bad", "late"], ["bad", "late"], ["bad"], ["good"]]


def test_pages_stand_for_their_twins():
    paths = ["book/quantum-dot/states.md", "tests/ledger", "tests/notebooks/quantum-dot"]
    twins, others = kernels.expand(paths)
    assert [twin.stem for twin in twins] == ["states", "states", "transitions", "transport"]
    assert [path.name for path in others] == ["ledger"]
    with pytest.raises(SystemExit, match="There is no .*nothing.ipynb"):
        kernels.expand(["book/nothing.md"])


def test_what_depends_on_another_package_is_forgotten(tmp_path):
    (tmp_path / "former").mkdir()
    folder = kernels.place(tmp_path)
    assert folder.parent == tmp_path and folder == kernels.place(tmp_path) and not list(tmp_path.iterdir())
