"""Spoiling a solver, and the stored record of which verdicts notice."""

import json

import nbformat
import numpy as np
import pytest

import pages
import spoiling
import twins
from lowdim.ledger import MIME_TYPE, TESTED
from lowdim.ledger.sensitivity import record

STUDIED = sorted(record()["pages"])


@pytest.mark.parametrize("mode", spoiling.MODES)
def test_every_number_of_a_result_is_spoiled(mode):
    given = (2.0, np.array([1.0, -3.0]), {"n": 4, "yes": True}, [np.complex128(1 + 2j)], "text", None)
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


def claims_of(page):
    """The claim records in a page's twin."""
    twin = nbformat.read(twins.place(pages.ROOT / "book" / page), 4)
    outputs = [output for cell in twin.cells for output in cell.get("outputs", [])]
    return [o["data"][MIME_TYPE] for o in outputs if MIME_TYPE in o.get("data", {})]


@pytest.mark.parametrize("page", STUDIED)
def test_no_verdict_is_a_tautology(page):
    """A tested claim notices a fault somewhere, unless a chain of checked steps decides it."""
    known = record()["pages"][page]["claims"]
    silent = [
        claim["id"]
        for claim in claims_of(page)
        if claim["verdict"] in TESTED
        and not claim.get("derived")
        and not known.get(f"{claim['paper']} {claim['id']}")
    ]
    assert not silent


def test_the_record_is_plain_data():
    assert json.loads(json.dumps(record())) == record()
