"""Imitated processors: which there are, that the libraries follow, and that differing claims are noticed."""

import os

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
