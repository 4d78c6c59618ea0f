"""The box of one claim: verdict, what is printed beside what is derived, numbers in words, the rest folded.

Mathematics is left to the page's typesetter: LaTeX stands between ``\\\\(`` and ``\\\\)``.
"""

from html import escape

import numpy as np

from lowdim._markup import inline_math, plain_units
from lowdim.ledger.evaluation import flat_labels
from lowdim.ledger.inequality import Inequality
from lowdim.ledger.inventory import entry
from lowdim.ledger.labels import label_of
from lowdim.ledger.values import flatten, round_number, show

__all__ = ["claim_box", "formulas", "numbers", "sentences", "tolerance_words"]

OPEN_ROWS = 4


def claim_box(claim, colour, ledger_link=None):
    """Return the HTML box of a `Claim`; `colour` is used where the style sheet is not at hand."""
    known = entry(claim.paper, claim.id)
    colour = f"var(--claim-{claim.verdict}, {colour})"
    name = label_of(claim.paper, claim.id)
    link = ""
    if ledger_link:
        link = f' <a class="claim-ledger" href="{escape(ledger_link)}">{escape(name)} in the ledger</a>'
    parts = [
        f'<div class="claim-head"><span class="claim-verdict" style="background:{colour};'
        f'color:var(--claim-on, #fff);border-radius:3px;padding:.05em .45em;font-weight:600">'
        f'{claim.verdict}</span> <span class="claim-id">[{escape(name)}]</span> '
        f"{inline_math(known.get('says', claim.what))}{link}</div>",
        formulas(known.get("printed"), claim.derived, claim.verdict),
        sentences(claim),
        numbers(claim),
        f'<p class="claim-note">{inline_math(claim.note)}</p>' if claim.note else "",
        _used(claim),
    ]
    return (
        f'<div class="claim-box tex2jax_process" style="border-left:4px solid {colour};padding:.25em .75em;'
        f'margin:.4em 0;line-height:1.45;overflow-wrap:anywhere">{"".join(parts)}</div>'
    )


def formulas(printed, derived, verdict):
    """Return the printed formula, and the derived one beside it where it is another."""
    rows = [("printed", printed), ("derived", derived if verdict != "reproduced" else None)]
    body = "".join(
        f'<tr><th scope="row">{name}</th><td>\\(\\displaystyle {escape(latex, quote=False)}\\)</td></tr>'
        for name, latex in rows
        if latex
    )
    return f'<table class="claim-formulas"><tbody>{body}</tbody></table>' if body else ""


def sentences(claim):
    """Return the inequalities of a sentence as a list, each with its outcome."""
    if not claim.inequalities:
        return ""
    items = []
    for record in claim.inequalities:
        one = Inequality.from_dict(record)
        details = "; ".join(part for part in (one.why, one.flips()) if part)
        prefix = {"independent": "independently, "}.get(record["part"], "")
        items.append(
            f"<li>{prefix}{inline_math(one.quantity)}: <strong>{escape(one.statement())}</strong>, "
            f"{escape(one.outcome())}"
            + (f' <span class="claim-aside">({inline_math(details)})</span>' if details else "")
            + "</li>"
        )
    return (
        f'<ul class="claim-sentences">{"".join(items)}</ul>'
        f'<p class="claim-aside">Bounds: {inline_math(claim.reason)}.</p>'
    )


def numbers(claim):
    """Return the numbers of a claim as a table, folded if it is long, with the tolerance below it."""
    if claim.published is None or claim.computed is None:
        return ""
    parts = _parts(claim)
    if len(parts) == 1 and len(parts[0][1]) == 1 and claim.form == "number":
        return _one_number(claim, parts[0]) + tolerance_words(claim)
    columns = ["printed", "derived" if claim.form == "formula" else "corrected", "computed", "independent"]
    used = [i for i in range(4) if any(row[1 + i] is not None for _, rows in parts for row in rows)]
    head = "".join(f'<th scope="col">{columns[i]}</th>' for i in used)
    body = "".join(
        (f'<tr><th scope="rowgroup" colspan="{len(used) + 1}">{title}</th></tr>' if title else "")
        + "".join(_number_row(row, used) for row in rows)
        for title, rows in parts
    )
    unit = (
        f", in {escape(plain_units(claim.unit))}"
        if claim.unit and plain_units(claim.unit) not in _quantity(claim).replace(r"$\mu$", "µ")
        else ""
    )
    caption = f"{inline_math(_quantity(claim))}{unit}"
    table = (
        f'<div class="claim-scroll"><table class="claim-numbers"><caption>{caption}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    count = sum(len(rows) for _, rows in parts)
    if count > OPEN_ROWS or claim.form == "formula":
        word = "number" if count == 1 else "numbers"
        summary = f"{count} {word}"
        if claim.share is not None:
            summary += f": largest deviation {claim.share:g} of the tolerance"
        return f"<details><summary>{summary}</summary>{table}{tolerance_words(claim)}</details>"
    return table + tolerance_words(claim)


def tolerance_words(claim):
    """Return the tolerance with its reason, and when the verdict would turn."""
    if claim.tolerance is None:
        return ""
    by = f"Computed by {inline_math(claim.by)}. " if claim.by else ""
    words = f"{by}Tolerance {escape(claim.tolerance_text())}: {inline_math(claim.reason or '')}."
    if claim.share is not None and claim.verdict == "reproduced" and claim.share > 0:
        words += f" The verdict would turn with a tolerance {claim.share:g} times as large."
    return f'<p class="claim-aside">{words}</p>'


def _quantity(claim):
    return claim.quantity or entry(claim.paper, claim.id).get("quantity") or "value"


def _one_number(claim, part):
    label, printed, corrected, computed, independent = part[1][0]
    unit = f" {escape(plain_units(claim.unit))}" if claim.unit else ""
    error = f" ± {show(claim.error[0])}" if claim.error else ""
    values = [f"printed {printed}{unit}", f"computed <strong>{computed}{error}{unit}</strong>"]
    if corrected is not None:
        values.append(f"corrected {corrected}{unit}")
    if independent is not None:
        values.append(f"independently {independent}{unit}")
    away = f"; deviation {claim.share:g} of the tolerance" if claim.share is not None else ""
    return f'<p class="claim-number">{inline_math(_quantity(claim))}: {", ".join(values)}{away}.</p>'


def _parts(claim):
    """Return [(title, rows)]; a row is (label, printed, corrected, computed, independent) as texts."""
    labels = claim.rows or flat_labels(entry(claim.paper, claim.id).get("rows"))
    if claim.verdict == "partial":
        found, start = [], 0
        total = sum(len(flatten(part)) for part in claim.published)
        for title, printed, computed in zip(("holds", "fails"), claim.published, claim.computed, strict=True):
            rows = _rows(claim, printed, computed, None, None, None)
            if labels and len(labels) == total:
                own = labels[start : start + len(rows)]
            else:  # both parts may hold all the numbers of the inventory
                own = (
                    labels if labels and len(labels) == len(rows) else [str(i + 1) for i in range(len(rows))]
                )
            found.append((title, [(label, *row[1:]) for label, row in zip(own, rows, strict=True)]))
            start += len(rows)
        return found
    return [("", _rows(claim, claim.published, claim.computed, claim.corrected, claim.independent, labels))]


def _rows(claim, printed, computed, corrected, independent, labels):
    printed, computed = flatten(printed), flatten(computed)
    others = [None if value is None else flatten(value) for value in (corrected, independent)]
    tolerance = np.broadcast_to(flatten(claim.tolerance), (len(printed),)) if _simple(claim) else None
    rows = []
    for i in range(len(printed)):
        step = 0.0 if tolerance is None or claim.measure == "factor" else float(tolerance[i]) / 10
        if claim.measure == "relative":
            step *= abs(printed[i])

        def text(values, i=i, step=step):
            if values is None:
                return None
            return show(round_number(float(values[i]), step, digits=4 if not step else 6))

        label = (
            labels[i] if labels and len(labels) == len(printed) else (str(i + 1) if len(printed) > 1 else "")
        )
        error = f" ± {show(claim.error[i])}" if claim.error and len(claim.error) == len(printed) > 1 else ""
        rows.append(
            (label, show(float(printed[i])), text(others[0]), text(computed) + error, text(others[1]))
        )
    return rows


def _simple(claim):
    size = len(flatten(claim.tolerance))
    return size == 1 or (claim.verdict != "partial" and size == len(flatten(claim.published)))


def _number_row(row, used):
    cells = "".join(f"<td>{'' if row[1 + i] is None else row[1 + i]}</td>" for i in used)
    return f'<tr><th scope="row">{inline_math(row[0])}</th>{cells}</tr>'


def _used(claim):
    if not claim.used_by:
        return ""
    names = ", ".join(f"[{label_of(claim.paper, user)}]" for user in claim.used_by)
    return f'<p class="claim-aside">Used by {escape(names)}.</p>'
