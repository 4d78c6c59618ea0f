"""The table helper: header cells, no sign on zero, nothing that is not finite."""

import numpy as np
import pytest

from lowdim.tables import Table, table


def test_header_cells_and_mathematics():
    html = table({"$r_s$": [1, 2], "what": ["a & b", "$x$"]}, caption="two rows")._repr_html_()
    assert html.count('scope="col"') == 2 and html.count('scope="row"') == 2
    assert r"\(r_s\)" in html and r"\(x\)" in html and "a &amp; b" in html
    assert "<caption>two rows</caption>" in html
    first = html.split("<tr>")[2]
    assert first.startswith('<th scope="row" class="number">1</th><td>') and first.count("number") == 1


def test_digits_by_column_and_empty_cells():
    text = repr(table({"x": [1.23456, None], "y": [np.float64(2e-7), 3.0]}, digits={"x": 2, "y": -3}))
    assert "1.23" in text and "2e-07" in text


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(113.2, -2, "110"), (-48079.3, -3, "-48100"), (26215.3, None, "26220"), (3e7, -1, "3e+07")],
)
def test_no_exponent_below_a_million(value, digits, shown):
    assert table({"x": [value]}, digits=digits).rows == ((shown,),)


@pytest.mark.parametrize("value", [-0.0, -1e-9, 0.0])
def test_zero_has_no_sign(value):
    assert "-0" not in repr(table({"x": [value]}, digits=3)).replace("--", "")


@pytest.mark.parametrize("columns", [{}, {"a": [1], "b": [1, 2]}, {"a": [np.nan]}, {"a": [np.inf]}])
def test_refusals(columns):
    with pytest.raises(ValueError, match="columns: expected"):
        table(columns)


def test_a_table_whose_rows_do_not_fit_is_not_shown():
    """Made by hand: one kind for each column, or none is seen to be a number."""
    with pytest.raises(ValueError, match="zip"):
        Table(("a", "b"), (("1", "2"),), (True,))._repr_html_()
    with pytest.raises(ValueError, match="zip"):
        Table(("a", "b"), (("1",),), (True, False))._repr_html_()
    shown = Table(("a", "b"), (("1", "2"), ("3", "4")), (True, False))._repr_html_()
    assert shown.count('<th scope="row" class="number">') == shown.count("<td>") == 2
