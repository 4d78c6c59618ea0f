"""Tables of a page: real ones, with header cells, a caption, and a plain twin.

>>> from lowdim.tables import table
>>> table({"$N$": [2, 3], "energy": [1.19055, 3.12]}, digits={"energy": 3}, caption="Clusters")
Clusters
|   $N$ |   energy |
|------:|---------:|
|     2 |    1.191 |
|     3 |    3.120 |
"""

import math
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real

from tabulate import tabulate

from lowdim._checks import boolean, integer_in, refuse, words
from lowdim._markup import few_digits, inline_math

__all__ = ["Table", "table"]


@dataclass(frozen=True)
class Table:
    """Texts in rows and columns; made by `table`."""

    headers: tuple
    rows: tuple
    numeric: tuple
    caption: str = ""
    row_headers: bool = True

    def __repr__(self):
        align = ["right" if number else "left" for number in self.numeric]
        text = tabulate(self.rows, self.headers, tablefmt="pipe", colalign=align, disable_numparse=True)
        return f"{self.caption}\n{text}" if self.caption else text

    def _repr_html_(self):
        caption = f"<caption>{inline_math(self.caption)}</caption>" if self.caption else ""
        head = "".join(f'<th scope="col">{inline_math(text)}</th>' for text in self.headers)
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return (
            f'<div class="lowdim-table tex2jax_process" tabindex="0" role="region" '
            f'aria-label="{escape(self.caption or "table")}"><table>{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def _cells(self, row):
        cells = []
        for i, (text, number) in enumerate(zip(row, self.numeric, strict=True)):
            style = ' class="number"' if number else ""
            tag = 'th scope="row"' if i == 0 and self.row_headers else "td"
            cells.append(f"<{tag}{style}>{inline_math(text)}</{tag[:2]}>")
        return "".join(cells)


def table(columns, *, digits=None, caption="", row_headers=True):
    """Return a table to be shown by a page.

    Parameters
    ----------
    columns : dict
        From a header to the column's entries: numbers, text, None (empty). Headers and text may hold
        ``$...$``.
    digits : int or dict, optional
        Digits after the point for the floats of all columns, or by header; 4 significant ones if not given.
        A negative number ``-n`` asks for n significant digits.
    caption : str
    row_headers : bool
        Whether the first column names the rows.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If the columns differ in length, there is none, or a number is not finite.

    Examples
    --------
    >>> table({"a": [1.0, -0.0]}, digits=1)
    |   a |
    |----:|
    | 1.0 |
    | 0.0 |
    """
    if not isinstance(columns, dict) or not columns:
        refuse("columns", "a dict of at least one column", columns)
    words("caption", caption)
    boolean("row_headers", row_headers)
    for places in digits.values() if isinstance(digits, dict) else (digits,):
        if places is not None:
            integer_in("digits", places, -30, 30)
    if not all(hasattr(values, "__len__") and not isinstance(values, str) for values in columns.values()):
        refuse("columns", "a sequence of entries in each", columns)
    lengths = {str(name): len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns: expected one length, got {lengths}")
    texts, numeric = [], []
    for name, values in columns.items():
        places = digits.get(name) if isinstance(digits, dict) else digits
        texts.append([_text(name, value, places) for value in values])
        numeric.append(all(isinstance(value, Real) or value is None for value in values))
    rows = tuple(zip(*texts, strict=True))
    return Table(tuple(map(str, columns)), rows, tuple(numeric), caption, row_headers)


def _text(name, value, places):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return str(int(value))
    if not isinstance(value, Real):
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"columns: expected finite numbers in {name!r}, got {number}")
    significant = 4 if places is None else -places
    text = few_digits(number, significant) if significant > 0 else f"{number:.{places}f}"
    return text.lstrip("-") if float(text) == 0 else text
