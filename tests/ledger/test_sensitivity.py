"""Spoiling a solver, and the stored record of which verdicts notice."""

import json
import types

import nbformat
import numpy as np
import pytest

import pages
import sensitivity
import spoiling
import statements
import twins
from lowdim.ledger import MIME_TYPE, TESTED
from lowdim.ledger.sensitivity import record

STUDIED = sorted(record()["pages"])


@pytest.mark.parametrize("mode", spoiling.MODES)
def test_every_number_of_a_result_is_spoiled(mode):
    given = (2.0, np.array([1.0, -3.0]), {"n": 4, "yes": True}, [np.complex128(1 + 2j)], "text", None)
    assert spoiling.spoiled(types.MappingProxyType({"x": 1.0}), mode)["x"] != 1
    found = spoiling.spoiled(given, mode)
    assert found[0] != 2.0 and not np.isclose(found[1], given[1]).any()
    assert found[2] == {"n": 5, "yes": False} and found[3][0] != 1 + 2j
    assert found[4:] == ("text", None)


def test_a_frozen_result_is_spoiled_without_its_own_checks():
    from lowdim.dot import QuantumDot

    dot = QuantumDot(9.5, 0.02, 6)
    assert spoiling.spoiled(dot, "turned").length == -9.5 and dot.length == 9.5


def test_public_functions_have_one_label_each():
    labels = [label for _, _, label in spoiling.public_functions()]
    assert len(labels) == len(set(labels)) > 200
    assert "dot.spectrum" in labels and "wigner.Keldysh.terms" in labels


PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

```{code-cell} ipython3
from lowdim.dot import QuantumDot, clebsch_gordan_weight, spectrum
from lowdim.ledger import Inequality, Paper
from lowdim.stored import load_stored

paper = Paper("jauregui1996")
weight = clebsch_gordan_weight(0.5, 0)
half, calls = 0.5, []
def doubled():
    return 2 * level.energy
```

```{code-cell} ipython3
level = spectrum(QuantumDot(9.5, 0.02, 4), 2, 1)[0]
calls.append(1)
n = load_stored("dot", "convergence.json")["points"][0]["n_orbitals"]
```

```{code-cell} ipython3
picture = [weight for n in range(3)]
```

```{code-cell} ipython3
assert weight == 1, "the page's own check"
paper.number("tab.I.N2", [half], published=[0.5], tolerance=0.1, reason="typed")
paper.statement("fig.2", [Inequality("weight", weight, "==", 1)], reason="exact")
paper.statement("fig.1-left", [Inequality("energy", doubled(), "<", 1.2)], reason="exact")
paper.statement("fig.1-right", [Inequality("orbitals", n, "<", 24.5)], reason="exact")
paper.statement("eq.2", [Inequality("calls", len(calls), "==", 1)], reason="exact")
```
"""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def noticed(path, *labels):
    """What the claims of a page notice, the page running in a fork of this process."""

    def study():
        found = sensitivity.Page(path)
        found.run()
        spoiled = [
            sensitivity.forked(lambda label=label: found.spoil(label, "scaled"), 60) for label in labels
        ]
        return {"decided": sorted(found.record.decided), "spoiled": spoiled}

    return sensitivity.forked(study)


def test_a_claim_notices_the_function_and_the_file_it_hangs_on(page):
    found = noticed(
        page, "dot.clebsch_gordan_weight", "dot.spectrum", "dot/data/convergence.json", sensitivity.SOUND
    )
    assert len(found["decided"]) == 5
    assert [one["noticed"] for one in found["spoiled"]] == [
        ["jauregui1996 fig.2"],
        ["jauregui1996 fig.1-left"],
        ["jauregui1996 fig.1-right"],
        [],
    ]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(sensitivity, "KEPT", tmp_path / "kept")
    path = tmp_path / "book" / "page.md"
    path.parent.mkdir()
    path.write_text(PAGE, encoding="utf-8")
    first = sensitivity.forked(lambda: sensitivity.study(path, 1))
    kept = tmp_path / "kept" / "page.md.json"
    runs = json.loads(kept.read_text())
    # one run is missing, another says what no run would say
    del runs["faults"]["dot.spectrum scaled"]
    runs["faults"]["dot.clebsch_gordan_weight scaled"]["noticed"] = ["jauregui1996 eq.2"]
    kept.write_text(json.dumps(runs))
    again = sensitivity.forked(lambda: sensitivity.study(path, 1))
    assert first["claims"]["jauregui1996 fig.2"] == ["dot.clebsch_gordan_weight"]
    assert again["claims"]["jauregui1996 fig.1-left"] == ["dot.spectrum"]
    assert "dot.clebsch_gordan_weight" in again["claims"]["jauregui1996 eq.2"]
    assert first["silent"] == ["jauregui1996 eq.2", "jauregui1996 tab.I.N2"]


def test_only_statements_between_solvers_and_claims_run_again(page):
    parts = statements.pieces_of(page)
    picture = next(i for i, part in enumerate(parts) if "picture" in part.stores)
    last = len(parts) - 3
    assert set(range(len(parts))) - set(statements.needed(parts, {last}, {"paper"})) >= {picture, last + 1}
    assert "n" not in statements.reads(parts[picture], parts) and "weight" in statements.reads(
        parts[picture], parts
    )
    assert "level" in statements.reads(parts[last], parts)  # through a function of the page
    assert "weight" not in statements.reads(parts[last], parts)


def claims_of(page):
    """The claim records in a page's twin."""
    twin = nbformat.read(twins.place(pages.ROOT / "book" / page), 4)
    outputs = [output for cell in twin.cells for output in cell.get("outputs", [])]
    return [o["data"][MIME_TYPE] for o in outputs if MIME_TYPE in o.get("data", {})]


def deciding():
    """Pages that decide a claim."""
    names = (page.relative_to(pages.ROOT / "book").as_posix() for page in pages.find())
    return [name for name in names if claims_of(name)]


@pytest.mark.parametrize("page", deciding())
def test_no_verdict_is_a_tautology(page):
    """A tested claim notices a fault somewhere, unless a chain of checked steps decides it."""
    known = record()["pages"].get(page, {"claims": {}})["claims"]
    silent = [
        claim["id"]
        for claim in claims_of(page)
        if claim["verdict"] in TESTED
        and not claim.get("derived")
        and not known.get(f"{claim['paper']} {claim['id']}")
    ]
    assert not silent


@pytest.mark.parametrize("page", STUDIED)
def test_the_record_has_the_claims_of_its_page(page):
    decided = {f"{claim['paper']} {claim['id']}" for claim in claims_of(page)}
    assert set(record()["pages"][page]["claims"]) == decided


def test_the_record_is_plain_data():
    assert json.loads(json.dumps(record())) == record()
