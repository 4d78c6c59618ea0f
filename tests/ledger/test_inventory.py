"""The inventory holds the claims of the five papers, complete and well formed."""

from importlib.resources import files

import numpy as np
import pytest
import yaml

from lowdim.ledger import KINDS, PAPERS, Claim, Paper, all_claims, head
from lowdim.ledger.inventory import entry
from lowdim.ledger.values import as_value, flatten

FIELDS = {
    *("id", "label", "kind", "what", "says", "printed", "extraction"),
    *("published", "unit", "quantity", "rows"),
}
SIZES = {"knorzer2020": 109, "yukalov2020": 61, "glazov2020": 41, "zhu2011": 25, "jauregui1996": 25}


def test_every_paper_has_its_number_of_claims():
    assert {paper: len(all_claims(paper)) for paper in PAPERS} == SIZES
    assert sum(SIZES.values()) == 261


@pytest.mark.parametrize("paper", PAPERS)
def test_no_id_is_written_twice(paper):
    # A YAML list keeps both entries, the dict by id would silently drop one.
    text = files("lowdim.ledger").joinpath("claims", f"{paper}.yml").read_text(encoding="utf-8")
    ids = [claim["id"] for claim in yaml.safe_load(text)["claims"]]
    assert len(ids) == len(set(ids)) == SIZES[paper]


@pytest.mark.parametrize("paper", PAPERS)
def test_entries_are_well_formed(paper):
    for id in all_claims(paper):
        claim = entry(paper, id)
        assert claim["kind"] in KINDS, id
        assert claim["what"].strip(), id
        assert set(claim) <= FIELDS, id
        if "published" in claim:
            assert np.isfinite(flatten(as_value(id, claim["published"]))).all(), id


def test_anchors_differ_and_are_css_names():
    claims = [(paper, id) for paper in PAPERS for id in all_claims(paper)]
    anchors = [Claim(paper, id, "text", "", "open").anchor.lower() for paper, id in claims]
    assert len(set(anchors)) == 261
    assert all(anchor.replace("-", "").isalnum() for anchor in anchors)


@pytest.mark.parametrize("paper", PAPERS)
def test_heads_name_the_source(paper):
    found = head(paper)
    assert found.paper == paper and found.title and found.authors and found.reference
    assert found.doi is None or found.doi.startswith("10.")


def test_chapters_differ():
    assert len({head(paper).chapter for paper in PAPERS}) == 5


def test_published_numbers():
    paper = Paper("jauregui1996")
    assert paper.published("tab.II.M") == [0.85, 0.04, 0.32, 0.29, 0.43]
    assert paper.published("eq.1") is None


def test_unknown_paper_names_the_known_ones():
    with pytest.raises(ValueError, match="knorzer2020, yukalov2020, glazov2020, zhu2011, jauregui1996"):
        Paper("jauregui96")


def test_unknown_id_suggests_near_ones():
    with pytest.raises(ValueError, match=r"tab\.II\.N.*near: .*tab\.II\.M"):
        Paper("jauregui1996").published("tab.II.N")
