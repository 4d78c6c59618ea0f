"""Claims as numbers, formulas and sentences: what is refused, and what the box says."""

import re
from dataclasses import replace

import pytest
import sympy as sp

from lowdim.derivation import Derivation
from lowdim.ledger import Inequality, LedgerError, Paper
from lowdim.ledger import box as boxes
from lowdim.ledger.claim import Claim
from lowdim.ledger.evaluation import values_at

x = sp.Symbol("x", positive=True)


@pytest.fixture
def paper(capsys):
    return Paper("jauregui1996")


def above(value, bound=0, **options):
    return Inequality("gap", value, ">", bound, unit="meV", **options)


def test_formula_corrected_shows_both_forms(paper):
    chain = Derivation("C").start(2 * x).step(x + x, "twice")
    paper.formula(
        "eq.5", [1.0, 2.0], printed=x, derived=chain, at={x: [0.5, 1]}, verdict="corrected",
        tolerance=1e-12, reason="exact", mark="2 x", note="lacks a factor 2", by="hand",
    )  # fmt: skip
    claim = paper.decided["eq.5"]
    assert claim.derived == r"\class{claim-mark}{2 x}" and claim.rows == ["$x$ = 0.5", "$x$ = 1"]
    box = claim.to_html("ledger.html#x")
    assert "printed" in box and "derived" in box and "J 5 in the ledger" in box
    assert "<details>" in box and r"\(x\) = 0.5" in box and "Computed by hand" in box


@pytest.mark.parametrize(
    "change, message",
    [
        ({"verdict": "reproduced"}, "is not derived"),
        ({"verdict": "reproduced", "derived": None}, "is not reproduced"),
        ({"derived": 3 * x}, "is not mended"),
        ({"printed": 2 * x}, "needs no correction"),
        ({"derived": None}, "derived= is needed"),
        ({"mark": "y"}, "has no part 'y' to mark"),
        ({"at": None}, "no value for x"),
        ({"at": {x: []}}, "at least one point"),
        ({"note": None}, "lacks note="),
        ({"tolerance": None}, "lacks tolerance="),
        ({"reason": " "}, "lacks reason="),
        ({"printed": sp.sqrt(-x)}, "real numbers"),
    ],
)
def test_formula_refusals(paper, change, message):
    given = {
        "printed": x, "derived": 2 * x, "at": {x: [0.5, 1]}, "verdict": "corrected", "tolerance": 1e-12,
        "reason": "exact", "note": "lacks a factor 2",
    }  # fmt: skip
    with pytest.raises(LedgerError, match=message):
        paper.formula("eq.5", [1.0, 2.0], **{**given, **change})


def test_formula_by_functions(paper):
    paper.formula(
        "eq.5", lambda s: 0.75 if s == 0.5 else 2 / 3, printed=lambda s: (s + 1) / (2 * s + 1),
        at={x: [0.5, 1]}, tolerance=1e-12, reason="exact",
    )  # fmt: skip
    assert paper.decided["eq.5"].computed == [0.75, pytest.approx(2 / 3, abs=1e-6)]


def test_number_names_its_quantity_and_counts_tolerances(paper):
    paper.number(
        "text.multiplets", [6.22, 0.0623], tolerance=[0.05, 0.0005], reason="digits", error=[0.01, 1e-4]
    )
    claim = paper.decided["text.multiplets"]
    assert claim.share == 0.6
    box = claim.to_html()
    assert "distance between multiplets" in box and "6.22 ± 0.01" in box
    assert "The verdict would turn with a tolerance 0.6 times as large" in box


def test_a_unit_is_told_once():
    paper = Paper("knorzer2020")
    paper.number("text.recoil", [4.7, 6.14], tolerance=2, factor=True, reason="digits")
    box = paper.decided["text.recoil"].to_html()
    assert r"in \(\mu\)eV" in box and ", in µeV" not in box


def test_long_tables_are_folded_with_the_rows_of_the_inventory(paper):
    paper.number("tab.II.M", [0.851, 0.04, 0.32, 0.29, 0.43], tolerance=0.005, reason="digits")
    box = paper.decided["tab.II.M"].to_html()
    assert "5 numbers: largest deviation 0.2 of the tolerance" in box and r"\leftarrow" in box


def test_number_partial(paper):
    paper.number(
        "text.multiplets", verdict="partial", holds=([6.2], [6.2]), fails=([0.05], [0.062]),
        tolerance=0.001, reason="digits", note="the spacing fails",
    )  # fmt: skip
    box = paper.decided["text.multiplets"].to_html()
    assert "holds" in box and "fails" in box
    with pytest.raises(LedgerError, match="no use for computed="):
        paper.number("text.multiplets", 1.0, verdict="partial", holds=(1, 1), fails=(1, 2))
    with pytest.raises(LedgerError, match="no use for holds="):
        paper.number("text.multiplets", 1.0, holds=(1, 1))


def test_formula_partial(paper):
    """Parts are numbered where their points do not name all of them."""
    paper.formula(
        "eq.5", None, printed=x, at={x: 1}, verdict="partial",
        holds=([1.0, 2.0], [1.0, 2.0]), fails=([3.0], [4.0]), tolerance=1e-12, reason="exact",
        note="not beyond two",
    )  # fmt: skip
    claim = paper.decided["eq.5"]
    assert claim.published == [[1.0, 2.0], [4.0]] and claim.computed == [[1.0, 2.0], [3.0]]
    assert claim.form == "formula" and claim.deviation == [0.0, 1.0]
    box = claim.to_html()
    assert "3 numbers" in box and "largest deviation" not in box
    assert [box.count(f'<th scope="row">{label}</th>') for label in (1, 2, 3)] == [1, 1, 0]
    assert r'<th scope="row">\(x\) = 1</th>' in box
    with pytest.raises(LedgerError, match="no use for independent_tolerance="):
        paper.formula(
            "eq.5", None, printed=x, verdict="partial", holds=(1, 1), fails=(1, 2), independent_tolerance=0.1
        )


@pytest.mark.parametrize(
    ("measure", "tolerance", "shown"),
    [
        ("relative", 0.01, "200.1"),
        ("absolute", 0.01, "200.123"),
        ("factor", 1.5, "200.1"),
        (None, [0.1, 1], "200.1"),
    ],
)
def test_what_is_computed_is_shown_to_a_tenth_of_its_tolerance(measure, tolerance, shown):
    """A relative one is a share of the printed number; four digits where there is no one tolerance."""
    claim = Claim(
        "jauregui1996", "eq.5", "formula", "w", "reproduced", published=[200.0], computed=[200.123456],
        tolerance=tolerance, measure=measure, reason="r", form="number",
    )  # fmt: skip
    rows = boxes._rows(claim, claim.published, claim.computed, None, None, None)
    assert rows == [("", "200", None, shown, None)]
    assert boxes.tolerance_words(replace(claim, tolerance=None)) == ""
    assert "Tolerance" in boxes.tolerance_words(claim)


@pytest.mark.parametrize(("form", "second"), [("formula", "derived"), ("number", "corrected")])
def test_columns_are_named_and_those_without_numbers_left_out(form, second):
    claim = Claim(
        "jauregui1996", "eq.5", "formula", "w", "corrected", published=[1.0, 2.0], computed=[3.0, 4.0],
        corrected=[3.0, 4.0], tolerance=0.1, measure="absolute", reason="r", form=form,
    )  # fmt: skip

    def columns(claim):
        return re.findall(r'<th scope="col">(\w+)</th>', boxes.numbers(claim))

    assert columns(claim) == ["printed", second, "computed"]
    assert columns(replace(claim, corrected=None)) == ["printed", "computed"]
    refuted = replace(claim, corrected=None, independent=[3.0, 4.0], verdict="refuted")
    assert columns(refuted) == ["printed", "computed", "independent"]
    cells = re.findall(r"<td>([^<]*)</td>", boxes.numbers(claim))
    assert cells == ["", "1", "3", "3", "2", "4", "4"]  # the first is above the labels
    assert boxes.numbers(replace(claim, published=None)) == boxes.numbers(replace(claim, computed=None)) == ""


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_an_imaginary_part_is_rounding_or_refused(size):
    """Of a formula and of a function, at any size: 1e-12 of the real part may be rounding."""
    t = sp.Symbol("t")
    for share, right in ((0.99e-12, True), (-0.99e-12, True), (1.01e-12, False), (-1.01e-12, False)):
        value = size * (1 + 1j * share)
        for formula, points in ((sp.sympify(value) + 0 * t, [{t: 1.0}]), (lambda _, v=value: v, [{t: 1.0}])):
            if right:
                assert values_at("computed", formula, points) == [pytest.approx(size, rel=1e-11)]
            else:
                with pytest.raises(LedgerError, match="computed"):
                    values_at("computed", formula, points)


@pytest.mark.parametrize("method", ["number", "statement"])
def test_unknown_verdict(paper, method):
    with pytest.raises(ValueError, match="verdict: expected one of"):
        getattr(paper, method)("fig.2", [], verdict="true")


def test_margins_are_plain_numbers():
    assert above(113, error=1).outcome() == "holds by 110 errors"
    assert above(-48079.3).outcome() == "fails by 48100 meV"
    assert above(3e-9).outcome() == "holds by 3e-09 meV"


def test_statement_shows_margins(paper):
    paper.statement("fig.2", [above(22, error=8)], reason="the caption")
    claim = paper.decided["fig.2"]
    assert "22 ± 8 meV &gt; 0" in claim.to_html() and "holds by 2.8 errors" in claim.to_html()
    assert claim.inequalities[0]["margin"] == 22.0 and "bound of 22 meV" in claim.flips()


@pytest.mark.parametrize(
    "given, message",
    [
        ({"holds": [above(-1)]}, "fails in its part holds="),
        ({"holds": [above(5, error=8)]}, "is undecided"),
        ({"holds": []}, "holds= is needed"),
        ({"holds": [above(1)], "fails": [above(-1)]}, "no use for fails="),
        ({"holds": [above(1)], "verdict": "partial", "note": "n"}, "fails= .or undecided=. are needed"),
        (
            {"holds": [above(1)], "fails": [above(1)], "verdict": "partial", "note": "n"},
            "holds in its part fails=",
        ),
        ({"fails": [above(-1)], "verdict": "refuted", "note": "n"}, "independent= is needed"),
        ({"holds": [above(1)], "reason": None}, "lacks reason="),
        ({"holds": [1 > 0]}, "of Inequality"),
        (
            {"holds": [above(1)], "undecided": [above(9, error=1)], "verdict": "partial", "note": "n"},
            "is decided in its part undecided=",
        ),
    ],
)
def test_statement_refusals(paper, given, message):
    with pytest.raises(LedgerError, match=message):
        paper.statement("fig.2", **{"reason": "the caption", **given})


def test_statement_refuted_and_partial(paper):
    paper.statement(
        "fig.2", fails=[above(-3)], independent=[above(-3.1)], verdict="refuted", reason="caption", note="no"
    )
    paper.statement(
        "fig.2", [above(3)], undecided=[above(1, error=2)], verdict="partial", reason="caption", note="half"
    )
    assert "undecided: 0.5 errors" in paper.decided["fig.2"].to_html()


@pytest.mark.parametrize(
    "given",
    [
        ("gap", float("nan"), ">", 0), ("gap", 1, "~", 0), ("", 1, ">", 0), ("gap", 1.5, "==", 1),
        ("gap", [1, 2], ">", 0), ("gap", "1", ">", 0),
    ],
)  # fmt: skip
def test_inequality_refusals(given):
    with pytest.raises(LedgerError):
        Inequality(*given)


@pytest.mark.parametrize(
    "relation, value, holds",
    [(">", 0, False), (">=", 0, True), ("<", 0, False), ("<=", 0, True), ("==", 0, True), ("<", -1, True)],
)
def test_relations_at_their_bound(relation, value, holds):
    assert Inequality("x", value, relation, 0).holds is holds


def test_record_does_not_keep_rounding_noise(paper):
    records = []
    for noise in (0.0, 3e-15, -2e-15):
        paper.statement("fig.2", [above(22 + noise), above(noise, -1e-10)], reason="the caption")
        records.append(paper.decided["fig.2"].to_dict())
    assert records[0] == records[1] == records[2]
    assert [one["value"] for one in records[0]["inequalities"]] == [22.0, 0.0]


def test_records_come_back(paper):
    paper.statement("fig.2", [above(22, error=8, why="theirs")], reason="the caption")
    claim = paper.decided["fig.2"]
    assert type(claim).from_dict(claim.to_dict()) == claim


def test_labels_given_stand_before_those_of_the_points(paper):
    options = {"tolerance": 1e-12, "reason": "exact", "by": "hand"}
    paper.formula("eq.5", [0.5, 1.0], printed=x, at={x: [0.5, 1]}, rows=["half", "whole"], **options)
    assert paper.decided["eq.5"].rows == ["half", "whole"]


@pytest.mark.parametrize(
    ("value", "error", "kept"),
    [(999.99, 10.0, 1000.0), (1000.4, 10.0, 1000.4), (0.04, 100.0, 0.04), (1234567.0, None, 1234570.0)],
)
def test_a_value_is_kept_to_a_hundredth_of_its_error(paper, value, error, kept):
    paper.statement("fig.2", undecided=[], holds=[above(value, bound=-1e9, error=error)], reason="caption")
    assert paper.decided["fig.2"].inequalities[0]["value"] == kept


def test_what_a_verdict_has_no_use_for_is_refused(paper):
    given = {"tolerance": 1, "reason": "r"}
    with pytest.raises(LedgerError, match="no use for independent_tolerance="):
        paper.number("text.multiplets", [6.2, 0.062], independent_tolerance=1, **given)
    with pytest.raises(LedgerError, match="no use for holds="):
        paper.formula("eq.5", [1.0], printed=x, at={x: [1]}, holds=(1, 1), **given)
    with pytest.raises(ValueError, match="^note: expected text"):
        paper.number("text.multiplets", [6.2, 0.062], note=1.0, **given)
