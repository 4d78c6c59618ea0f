"""A verdict passes when the numbers give it, and is refused when they do not."""

import json
import re

import numpy as np
import pytest

from lowdim.ledger import MIME_TYPE, LedgerError, Paper

RIGHT = [0.85, 0.04, 0.32, 0.29, 0.43]
DIGITS = {"tolerance": 0.005, "reason": "two printed digits"}
NEAR = {"tolerance": 1e-9, "reason": "the same formula"}


@pytest.fixture
def dot():
    return Paper("jauregui1996")


@pytest.fixture
def lattice():
    return Paper("yukalov2020")


# --- reproduced ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("computed", [RIGHT, tuple(RIGHT), np.array(RIGHT) + 0.004])
def test_reproduced(dot, computed):
    assert dot.number("tab.II.M", computed, **DIGITS) is None
    record = dot.decided["tab.II.M"]
    assert record.verdict == "reproduced" and record.published == RIGHT and record.deviation <= 0.005


def test_half_a_digit_either_way_is_inside(dot):
    dot.number("tab.II.M", [0.855, 0.035, 0.325, 0.285, 0.435], **DIGITS)


@pytest.mark.parametrize("off", [0.006, -0.006])
def test_reproduced_refuses_a_wrong_number_and_names_it(dot, off):
    wrong = [*RIGHT[:3], RIGHT[3] + off, RIGHT[4]]
    with pytest.raises(LedgerError) as error:
        dot.number("tab.II.M", wrong, **DIGITS)
    message = str(error.value)
    assert "jauregui1996 tab.II.M" in message and "element 3 of 5" in message
    assert f"computed {wrong[3]:.6g}, published 0.29, deviation 0.006, tolerance 0.005" in message
    assert dot.decided == {}


def test_ragged_table(dot):
    published = dot.published("tab.III.M")
    dot.number("tab.III.M", published, **DIGITS)
    wrong = [list(row) if isinstance(row, list) else row for row in published]
    wrong[3][1] += 0.01
    with pytest.raises(LedgerError, match="element 7 of 14"):
        dot.number("tab.III.M", wrong, **DIGITS)


def test_tolerance_for_each_element(dot):
    each = [0.005, 0.005, 0.005, 0.1, 0.005]
    dot.number("tab.II.M", [0.85, 0.04, 0.32, 0.2, 0.43], tolerance=each, reason="fourth read off a figure")
    with pytest.raises(LedgerError, match="element 2"):
        dot.number("tab.II.M", [0.85, 0.04, 0.33, 0.2, 0.43], tolerance=each, reason="as above")
    with pytest.raises(LedgerError, match="tolerance: expected one number or shape"):
        dot.number("tab.II.M", RIGHT, tolerance=[0.1, 0.1], reason="wrong shape")


def test_relative_tolerance():
    paper = Paper("zhu2011")
    splitting = np.array([148, 183, 426, 456])
    stated = {"tolerance": 0.03, "relative": True, "reason": "code to code"}
    paper.number("text.splitting-vb", splitting * 1.02, **stated)
    record = paper.decided["text.splitting-vb"]
    assert record.measure == "relative" and record.deviation == pytest.approx(0.02)
    with pytest.raises(LedgerError, match="deviation 0.04, tolerance 0.03"):
        paper.number("text.splitting-vb", splitting * 1.04, **stated)


def test_relative_tolerance_that_accepts_zero_is_refused():
    with pytest.raises(LedgerError, match="accepts zero"):
        Paper("knorzer2020").number(
            "text.melting", 0, tolerance=1, relative=True, reason="order of magnitude"
        )


def test_relative_tolerance_at_zero_is_refused(lattice):
    with pytest.raises(LedgerError, match="means nothing at zero"):
        lattice.number("eq.1", 0.0, published=0.0, tolerance=0.1, relative=True, reason="r")


MAGNITUDE = {"tolerance": 10, "factor": True, "reason": "order of magnitude"}


@pytest.mark.parametrize("computed", [49, 5, 0.51])
def test_order_of_magnitude(computed):
    Paper("knorzer2020").number("text.melting", computed, **MAGNITUDE)


@pytest.mark.parametrize("computed", [51, 0.49, -5, 0])
def test_order_of_magnitude_refuses(computed):
    with pytest.raises(LedgerError, match="is not reproduced"):
        Paper("knorzer2020").number("text.melting", computed, **MAGNITUDE)


@pytest.mark.parametrize("factor", [1, 0.5, -10])
def test_factor_is_above_one(factor):
    with pytest.raises(LedgerError, match="expected a factor > 1"):
        Paper("knorzer2020").number("text.melting", 5, **{**MAGNITUDE, "tolerance": factor})


def test_relative_and_factor_exclude_each_other():
    with pytest.raises(LedgerError, match="choose one"):
        Paper("knorzer2020").number("text.melting", 5, relative=True, **MAGNITUDE)


# --- what every numeric verdict needs ----------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["tolerance", "reason"])
def test_tolerance_and_reason_are_mandatory(dot, missing):
    stated = {key: value for key, value in DIGITS.items() if key != missing}
    with pytest.raises(LedgerError, match=f"lacks {missing}="):
        dot.number("tab.II.M", RIGHT, **stated)


@pytest.mark.parametrize("reason", ["", "   ", 3])
def test_empty_reason_is_no_reason(dot, reason):
    with pytest.raises(LedgerError, match="lacks reason="):
        dot.number("tab.II.M", RIGHT, tolerance=0.005, reason=reason)


@pytest.mark.parametrize("tolerance", [-0.1, np.nan, np.inf, "small"])
def test_tolerance_is_a_finite_number_from_zero(dot, tolerance):
    with pytest.raises(LedgerError, match="tolerance"):
        dot.number("tab.II.M", RIGHT, tolerance=tolerance, reason="r")


@pytest.mark.parametrize("bad", [np.nan, np.inf, None, "0.29", 0.29 + 0j, []])
def test_what_is_not_a_finite_real_number_never_passes(dot, bad):
    with pytest.raises(LedgerError, match="computed"):
        dot.number("tab.II.M", [*RIGHT[:4], bad], **DIGITS)
    with pytest.raises(LedgerError, match="published"):
        dot.number("eq.4", 0.29, published=bad if bad is not None else "none", **DIGITS)


@pytest.mark.parametrize("computed", [0.85, RIGHT[:4], [RIGHT], [[x] for x in RIGHT]])
def test_shape_mismatch(dot, computed):
    with pytest.raises(LedgerError, match="shapes differ"):
        dot.number("tab.II.M", computed, **DIGITS)


def test_published_is_the_inventorys_where_it_has_a_number(dot):
    with pytest.raises(LedgerError, match="do not pass published="):
        dot.number("tab.II.M", RIGHT, published=RIGHT, **DIGITS)


def test_published_is_the_pages_where_the_inventory_has_none(dot):
    with pytest.raises(LedgerError, match="pass published="):
        dot.number("eq.4", [1.0, 2.0], **NEAR)
    dot.number("eq.4", [1.0, 2.0], published=[1.0, 2.0], **NEAR)
    assert dot.decided["eq.4"].published == [1.0, 2.0]


def test_unknown_id_and_verdict(dot):
    with pytest.raises(ValueError, match="id: expected a claim of jauregui1996"):
        dot.number("tab.V", 1, **DIGITS)
    with pytest.raises(ValueError, match="verdict: expected one of"):
        dot.number("tab.II.M", RIGHT, verdict="confirmed", **DIGITS)
    with pytest.raises(ValueError, match="verdict: expected one of"):
        dot.number("tab.II.M", RIGHT, verdict="open", **DIGITS)


@pytest.mark.parametrize("stray", [{"corrected": RIGHT}, {"independent": RIGHT}])
def test_reproduced_has_no_use_for_other_values(dot, stray):
    with pytest.raises(LedgerError, match="has no use for"):
        dot.number("tab.II.M", RIGHT, **DIGITS, **stray)


# --- corrected ---------------------------------------------------------------------------------------------

MENDED = {"verdict": "corrected", "note": "the factor 1/2 is missing", **DIGITS}


def test_corrected(lattice):
    lattice.number("eq.48", 24.001, corrected=24, **MENDED)
    record = lattice.decided["eq.48"]
    assert (record.published, record.computed, record.corrected) == (12, 24.001, 24)
    assert record.deviation == pytest.approx(12.001, abs=0.01)


def test_corrected_refused_when_the_printed_form_agrees_too(lattice):
    with pytest.raises(LedgerError, match="needs no correction"):
        lattice.number("eq.48", 12.001, corrected=12.002, **MENDED)


def test_corrected_refused_when_the_corrected_form_disagrees(lattice):
    with pytest.raises(LedgerError, match="not mended by the corrected form"):
        lattice.number("eq.48", 24.1, corrected=24, **MENDED)


def test_one_wrong_element_is_enough_for_a_correction(dot):
    mended = [*RIGHT[:4], 0.5]
    dot.number("tab.II.M", mended, corrected=mended, **MENDED)


def test_corrected_needs_its_parts(lattice):
    with pytest.raises(LedgerError, match="corrected= is needed"):
        lattice.number("eq.48", 24, **MENDED)
    with pytest.raises(LedgerError, match="lacks note="):
        lattice.number("eq.48", 24, corrected=24, verdict="corrected", **DIGITS)
    with pytest.raises(LedgerError, match="has no use for independent="):
        lattice.number("eq.48", 24, corrected=24, independent=24, **MENDED)
    with pytest.raises(LedgerError, match="finite"):
        lattice.number("eq.48", 24, corrected=np.nan, **MENDED)


# --- refuted -----------------------------------------------------------------------------------------------

WRONG = {"verdict": "refuted", "note": "the sum over modes diverges", **DIGITS}


def test_refuted(lattice):
    lattice.number("eq.48", 20.0, independent=20.004, **WRONG)
    assert lattice.decided["eq.48"].independent == 20.004


def test_refuted_refused_when_the_computed_value_agrees(lattice):
    with pytest.raises(LedgerError, match="is not refuted:"):
        lattice.number("eq.48", 12.001, independent=12.001, **WRONG)


def test_refuted_refused_without_independent_support(lattice):
    with pytest.raises(LedgerError, match="independent= is needed"):
        lattice.number("eq.48", 20.0, **WRONG)
    with pytest.raises(LedgerError, match="no independent support"):
        lattice.number("eq.48", 20.0, independent=20.1, **WRONG)
    lattice.number("eq.48", 20.0, independent=20.1, independent_tolerance=0.2, **WRONG)


def test_refuted_refused_when_the_independent_value_agrees_with_the_paper(lattice):
    with pytest.raises(LedgerError, match="not refuted by the other value"):
        lattice.number("eq.48", 12.008, independent=12.004, **WRONG)


def test_refuted_needs_a_note(lattice):
    with pytest.raises(LedgerError, match="lacks note="):
        lattice.number("eq.48", 20.0, independent=20.0, verdict="refuted", **DIGITS)


def test_refuted_value_far_below_the_published_one_is_kept():
    paper = Paper("knorzer2020")
    stated = {"tolerance": 0.1, "relative": True, "reason": "r", "note": "n"}
    paper.number("text.melting", 1e-4, verdict="refuted", independent=1e-4, **stated)
    assert paper.decided["text.melting"].computed == 1e-4


# --- partial, definition, untestable -----------------------------------------------------------------------


def test_partial(dot):
    dot.number(
        "eq.5", verdict="partial", holds=([1, 2], [1, 2]), fails=(3, 4), note="not beyond N = 3", **DIGITS
    )
    record = dot.decided["eq.5"]
    assert record.computed == [[1, 2], 3] and record.published == [[1, 2], 4] and record.deviation == [0, 1]
    # rows without labels are counted from one in each part
    assert re.findall(r'<th scope="row">(\d)</th>', record.to_html()) == ["1", "2", "1"]


def test_partial_refused_either_way(dot):
    with pytest.raises(LedgerError, match="does not hold where it should"):
        dot.number("eq.5", verdict="partial", holds=(1, 2), fails=(3, 4), note="n", **DIGITS)
    with pytest.raises(LedgerError, match="holds where it should fail"):
        dot.number("eq.5", verdict="partial", holds=(1, 1), fails=(4, 4), note="n", **DIGITS)


def test_partial_needs_its_parts(dot):
    with pytest.raises(LedgerError, match="lacks note="):
        dot.number("eq.5", verdict="partial", holds=(1, 1), fails=(3, 4), **DIGITS)
    with pytest.raises(LedgerError, match="expects fails="):
        dot.number("eq.5", verdict="partial", holds=(1, 1), fails=3, note="n", **DIGITS)
    with pytest.raises(LedgerError, match="lacks tolerance="):
        dot.number("eq.5", verdict="partial", holds=(1, 1), fails=(3, 4), note="n", reason="r")


def test_partial_uses_the_inventorys_numbers():
    paper = Paper("zhu2011")
    paper.number("tab.I.expansion", verdict="partial", holds=(1.0, 1), fails=(0.9, 0.3), note="n", **DIGITS)
    with pytest.raises(LedgerError, match="each of these"):
        paper.number(
            "tab.I.expansion", verdict="partial", holds=(1.0, 1), fails=(0.9, 0.4), note="n", **DIGITS
        )


def test_definition(dot):
    dot.definition("eq.3", used_by=["eq.2", "fig.2"])
    assert dot.decided["eq.3"].used_by == ("eq.2", "fig.2")


def test_a_definition_has_the_same_box_in_a_notebook_and_in_the_book(dot):
    dot.definition("eq.3", used_by=["eq.2", "fig.2"])
    claim = dot.decided["eq.3"]
    here, book = claim.to_html(), claim.to_html("ledger.html#x")
    assert here == re.sub(r' <a class="claim-ledger".*?</a>', "", book) != book
    assert "[J 3]" in here and "Used by [J 2], [J Fig. 2]" in here and "eq.3" not in here
    assert str(claim).startswith("definition: [J 3] ") and str(claim).endswith("used by [J 2], [J Fig. 2]")


@pytest.mark.parametrize(
    ("id", "used_by", "message"),
    [
        ("eq.3", (), "used_by is missing"),
        ("eq.3", None, "used_by is missing"),
        ("eq.3", "eq.99", "names no other claim"),
        ("eq.3", "eq.3", "names no other claim"),
        ("tab.II.M", "eq.3", "prints a number"),
    ],
)
def test_definition_refused(dot, id, used_by, message):
    with pytest.raises(LedgerError, match=message):
        dot.definition(id, used_by=used_by)


def test_untestable(dot):
    dot.untestable("fig.2", missing="the barrier heights.", tried="equal barriers")
    assert dot.decided["fig.2"].note == "Missing: the barrier heights. Tried: equal barriers."
    for missing, tried in (("", "equal barriers"), ("the barriers", " "), (None, "x")):
        with pytest.raises(LedgerError, match="lacks (missing|tried)="):
            dot.untestable("fig.2", missing=missing, tried=tried)


# --- the record --------------------------------------------------------------------------------------------


def test_record_does_not_keep_rounding_noise(dot):
    records = []
    for noise in (0.0, 3e-15, -2e-15):
        dot.number("tab.IV.product", 0.00061234567 + noise, tolerance=5e-5, reason="printed digits")
        dot.number("eq.4", [1 / 3 + noise, noise], published=[1 / 3, 0], **NEAR)
        records.append([dot.decided[id].to_dict() for id in ("tab.IV.product", "eq.4")])
    assert records[0] == records[1] == records[2]
    assert records[0][0]["computed"] == 0.00061235 and records[0][1]["computed"] == [0.333333, 0.0]
    assert records[0][1]["deviation"] == 0.0


def test_bundle_is_plain_json_and_escapes_text(dot):
    stated = {"tolerance": 5e-5, "reason": "printed & rounded", "note": "<b>1/2</b> missing"}
    dot.number("tab.IV.product", np.float64(0.0003), verdict="corrected", corrected=0.0003, **stated)
    bundle = dot.decided["tab.IV.product"]._repr_mimebundle_()
    assert set(bundle) == {MIME_TYPE, "text/html", "text/plain"}
    record = json.loads(json.dumps(bundle[MIME_TYPE], allow_nan=False))
    assert record["anchor"] == "claim-jauregui1996-tab-IV-product" and record["page"] is None
    assert "&lt;b&gt;1/2" in bundle["text/html"] and "<b>" not in bundle["text/html"]
    assert "printed &amp; rounded" in bundle["text/html"]
    for text in (bundle["text/html"], bundle["text/plain"]):
        assert "corrected" in text and "0.0006" in text and "0.0003" in text and "5e-5" in text


def test_plain_python_prints_one_line(dot, capsys):
    dot.number("tab.II.M", RIGHT, **DIGITS)
    assert capsys.readouterr().out.count("\n") == 1
