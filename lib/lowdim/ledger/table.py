"""The ledger as HTML: the table of all claims, the counts by paper, the list of one chapter.

Plain tables that read without JavaScript; ``static/ledger.js`` adds filters and sorting. `link` is a function
from a claim to the address of its deciding cell, or None.
"""

from html import escape

from lowdim._checks import instance
from lowdim._markup import inline_math, plain_units
from lowdim.ledger.box import formulas, numbers, sentences
from lowdim.ledger.claim import Claim, slug
from lowdim.ledger.collection import STATES
from lowdim.ledger.inventory import KINDS, PAPERS, head
from lowdim.ledger.labels import label_of
from lowdim.ledger.values import show

__all__ = [
    "badge",
    "claim_list",
    "counts_sentence",
    "counts_table",
    "finder",
    "ledger_table",
    "row_id",
    "verdict_bar",
]

COLUMNS = ("Verdict", "Claim", "What it says", "Numbers")
PLURALS = {"equation": "equations", "figure": "figures", "table": "tables", "text": "sentences"}
# What surprises comes first.
ORDER = ("refuted", "corrected", "partial", "reproduced", "untestable", "definition", "open")


def row_id(paper, id):
    """Return the HTML id of a claim's row in the ledger."""
    return slug("ledger", paper, id)


def badge(verdict, href=None):
    """Return a coloured word, a link to `href` if given."""
    tag, target = ("span", "") if href is None else ("a", f' href="{escape(href)}"')
    return f'<{tag} class="claim-badge claim-{verdict}"{target}>{verdict}</{tag}>'


def counts_sentence(counts):
    """Return the counts in words: ``5 papers, 262 claims: 0 reproduced, ... 262 open.``

    Examples
    --------
    >>> counts_sentence({"zhu2011": {"reproduced": 2, "refuted": 1, "open": 0}})
    '1 paper, 3 claims: 2 reproduced, 1 refuted.'
    """
    instance("counts", counts, dict)
    totals = {state: sum(by.get(state, 0) for by in counts.values()) for state in STATES}
    parts = [f"{n} {state}" for state, n in totals.items() if n]
    sizes = (len(counts), "paper"), (sum(totals.values()), "claim")
    what = ", ".join(f"{n} {noun}{'s' * (n != 1)}" for n, noun in sizes)
    return f"{what}: {', '.join(parts)}."


def counts_table(counts, chapter_link, filter_link):
    """Return the table of counts by paper, with a bar of the verdicts.

    `chapter_link(paper)` and `filter_link(paper, verdict)` return addresses or None.
    """
    used = [state for state in STATES if any(by[state] for by in counts.values())]
    rows = [_counts_row(paper, by, used, chapter_link, filter_link) for paper, by in counts.items()]
    total = {state: sum(by[state] for by in counts.values()) for state in STATES}
    foot = "".join(f'<td class="ledger-number">{total[state]}</td>' for state in used)
    names = "".join(f'<th scope="col">{badge(state)}</th>' for state in used)
    return (
        f'{_scroll("Claims by paper")}<table class="ledger-counts">'
        "<caption>Claims by paper and verdict</caption>"
        f'<thead><tr><th scope="col">Paper</th>{names}<th scope="col">all</th><th scope="col">share</th>'
        f'</tr></thead><tbody>{"".join(rows)}</tbody><tfoot><tr><th scope="row">all</th>{foot}'
        f'<td class="ledger-number">{sum(total.values())}</td><td>{_bar(total)}</td></tr></tfoot>'
        "</table></div>"
    )


def _counts_row(paper, by, used, chapter_link, filter_link):
    cells = []
    for state in used:
        number = _link(str(by[state]), filter_link(paper, state) if by[state] else None)
        cells.append(f'<td class="ledger-number">{number}</td>')
    name = _link(escape(head(paper).label), chapter_link(paper))
    total = _link(str(sum(by.values())), filter_link(paper, ""))
    return (
        f'<tr><th scope="row">{name}</th>{"".join(cells)}<td class="ledger-number">{total}</td>'
        f"<td>{_bar(by)}</td></tr>"
    )


def _bar(by):
    parts = "".join(
        f'<span class="claim-{state}" style="flex-grow:{n}" title="{n} {state}"></span>'
        for state, n in by.items()
        if n
    )
    return f'<div class="ledger-bar" aria-hidden="true">{parts}</div>'


def finder(ledger, link, row_link):
    """Return, for each paper and kind of claim, the papers' own numbers as links to the deciding cells."""
    parts = []
    for paper in PAPERS:
        rows = []
        for kind in KINDS:
            own = [claim for claim in ledger if (claim["paper"], claim["kind"]) == (paper, kind)]
            links = [
                f'<span class="ledger-found claim-{claim["verdict"]}">'
                f"{_link(escape(claim['label']), link(claim) or row_link(claim))}</span>"
                for claim in own
            ]
            if links:
                rows.append(f'<tr><th scope="row">{PLURALS[kind]}</th><td>{" ".join(links)}</td></tr>')
        title = escape(f"{head(paper).label}: {head(paper).title}")
        parts.append(
            f'<table class="ledger-counts ledger-finder"><caption>{title}</caption><tbody>{"".join(rows)}'
            "</tbody></table>"
        )
    return "".join(parts)


def verdict_bar(by):
    """Return the bar of one paper's verdicts with its counts in words below it."""
    words = ", ".join(f"{n} {state}" for state, n in by.items() if n)
    return f'<div class="ledger-card-bar">{_bar(by)}<div class="ledger-note">{words}</div></div>'


def _scroll(name):
    return f'<div class="ledger-scroll" tabindex="0" role="region" aria-label="{name}">'


def _link(text, href):
    return text if href is None else f'<a href="{escape(href)}">{text}</a>'


def claim_list(claims, link, grouped=False):
    """Return claims as a list, each with its verdict and a link to the deciding cell.

    `grouped` puts them under their verdicts, what surprises first and what is reproduced folded.
    """
    if not claims:
        return '<p class="ledger-none">No claim is decided here yet.</p>'
    if not grouped:
        return _items(claims, link)
    parts = []
    for verdict in ORDER:
        own = [claim for claim in claims if claim["verdict"] == verdict]
        if own:
            state = "" if verdict == "reproduced" else " open"
            parts.append(
                f'<details class="ledger-group"{state}><summary>{verdict}: {len(own)}</summary>'
                f"{_items(own, link)}</details>"
            )
    return "".join(parts)


def _items(claims, link):
    items = []
    for claim in claims:
        says = inline_math(claim["says"] or claim["what"])
        name = _link(f"[{escape(claim['label'])}]", link(claim))
        items.append(f"<li>{badge(claim['verdict'])} {name} {says}</li>")
    return f'<ul class="ledger-list tex2jax_process">{"".join(items)}</ul>'


def ledger_table(ledger, link, data_link):
    """Return the table of all claims, one row each, and a link to the same as data."""
    names = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    rows = "".join(_row(claim, link(claim), i) for i, claim in enumerate(ledger))
    return (
        '<div class="ledger tex2jax_process" data-papers="'
        + escape(";".join(f"{paper}={head(paper).label}" for paper in PAPERS))
        + f'">{_scroll("All claims")}<table class="ledger-table">'
        f"<caption>All claims of the five papers</caption><thead><tr>{names}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div><p>The same as data: "
        f'<a href="{escape(data_link)}">claims.json</a>.'
        "</p></div>"
    )


def _row(claim, href, order):
    paper, id, verdict = claim["paper"], claim["id"], claim["verdict"]
    name = _link(f"[{escape(claim['label'])}]", href)
    cells = (
        (badge(verdict), ORDER.index(verdict)),
        (name + _note(head(paper).label) + f'<code class="ledger-note">{escape(id)}</code>', order),
        (_says(claim), claim["says"] or claim["what"]),
        (_numbers(claim), _sort_key(claim)),
    )
    inside = "".join(
        f'<td data-label="{name}" data-sort="{escape(str(key))}">{text}</td>'
        for name, (text, key) in zip(COLUMNS, cells, strict=True)
    )
    marks = f'data-paper="{paper}" data-kind="{claim["kind"]}" data-verdict="{verdict}"'
    return f'<tr id="{escape(row_id(paper, id))}" {marks}>{inside}</tr>'


def _says(claim):
    seen = ", ".join(claim["notices"])
    used = ", ".join(label_of(claim["paper"], user) for user in claim["used_by"])
    return "".join(
        (
            inline_math(claim["says"] or claim["what"]),
            formulas(claim["printed"], claim["derived"], claim["verdict"]),
            _note(claim["note"]),
            _note(used and f"Used by {used}."),
            _note(claim["extraction"] and f"In the text at hand: {claim['extraction']}"),
            f'<div class="ledger-note">Notices faults in: <code>{escape(seen)}</code></div>' if seen else "",
        )
    )


def _numbers(claim):
    record = Claim.from_dict(claim)
    if record.inequalities:
        return sentences(record)
    if record.form is not None:
        return numbers(record)
    unit = f" {plain_units(claim['unit'])}" if claim["unit"] else ""
    pairs = (("published", "printed"), ("computed", "computed"), ("corrected", "corrected form"))
    texts = [f"{name} {show(claim[key], most=6)}{unit}" for key, name in pairs if claim[key] is not None]
    tolerance = record.tolerance_text()
    if tolerance:
        texts.append(f"tolerance {tolerance}: {claim['reason']}")
    return "".join(f"<div>{escape(text)}</div>" for text in texts)


def _note(text):
    return f'<div class="ledger-note">{inline_math(text)}</div>' if text else ""


def _sort_key(claim):
    share = claim.get("share")
    return "" if share is None else f"{share:.9g}"
