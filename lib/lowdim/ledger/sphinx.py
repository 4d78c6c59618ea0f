"""The ledger in the book: collects the claims of all pages and fills the pages that show them.

For Sphinx with myst-nb. A cell's claim output becomes a box with the anchor ``claim-<paper>-<id>``, dots
replaced by hyphens. Claims are collected when a page is read (from cached outputs too), and shown when pages
are written:

- directive ``ledger``: the table of all claims;
- directive ``ledger-summary``: counts in a sentence and a table. Options: ``:sentence:`` (no table),
  ``:paper: <key>`` (that paper, with the list of its decided claims), ``:page:`` (the claims that this page
  decides);
- role ``ledger-count``: a number, for example ``{ledger-count}`zhu2011 refuted``` (a paper, a verdict, both,
  or ``all``; "decided" counts everything but "open");
- directive ``ledger-finder``: where each equation, figure and table of each paper is decided;
- directive ``ledger-bar``: the verdicts of one paper as a bar with its counts (the paper is the argument);
- role ``claim-value``: a number of a claim, for example ``{claim-value}`jauregui1996 text.multiplets computed
  0 .2f``` (what: published, computed, corrected, independent, or inequality; which one; format);
- role ``claim``: a link to a claim, for example ``{claim}`zhu2011 eq.1```.

A claim decided twice, an unknown claim and a definition that no tested claim uses are warnings on every
build. ``claims.json`` is written beside the HTML. A cell that decides claims must keep its output (no tag
``remove-output``).
"""

import json
from dataclasses import replace
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.osutil import relative_uri

from lowdim.ledger.claim import MIME_TYPE, Claim
from lowdim.ledger.collection import STATES, assemble, count, problems
from lowdim.ledger.inventory import PAPERS, head
from lowdim.ledger.table import (
    claim_list,
    counts_sentence,
    counts_table,
    finder,
    ledger_table,
    row_id,
    verdict_bar,
)
from lowdim.ledger.values import LedgerError, as_value, flatten

__all__ = ["ClaimRenderer", "setup"]

logger = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
HTML_BUILDERS = ("html", "dirhtml", "singlehtml")


class ClaimRenderer:
    """The myst-nb renderer of claim outputs (entry point ``myst_nb.mime_renderers``)."""

    # Other builders take the text/plain form of the output.
    mime_priority_overrides = [(builder, MIME_TYPE, 1) for builder in HTML_BUILDERS]

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the box of a claim, or None for any other output."""
        if data.mime_type != MIME_TYPE or inline:
            return None
        try:
            claim = Claim.from_dict(data.content)
        except LedgerError as error:
            logger.warning("%s", error, type="lowdim", subtype="ledger", location=renderer.renderer.document)
            return []
        box = nodes.container(ids=[claim.anchor], classes=["claim"], claim=claim.to_dict())
        box += nodes.raw("", claim.to_html(), format="html")
        return [box]


class Placeholder(nodes.General, nodes.Inline, nodes.Element):
    """Stands where the ledger, or a part of it, goes once all pages are read."""


class LedgerDirective(SphinxDirective):
    """``{ledger}``: the table of all claims."""

    def run(self):
        return [Placeholder(show="ledger")]


class SummaryDirective(SphinxDirective):
    """``{ledger-summary}``: counts, for the book, a paper, or this page."""

    option_spec = {
        "paper": lambda text: directives.choice(text, PAPERS),
        "sentence": directives.flag,
        "page": directives.flag,
    }

    def run(self):
        flags = {name: name in self.options for name in ("sentence", "page")}
        return [Placeholder(show="summary", paper=self.options.get("paper"), **flags)]


class FinderDirective(SphinxDirective):
    """``{ledger-finder}``: from the papers' own numbers to the pages."""

    def run(self):
        return [Placeholder(show="finder")]


class BarDirective(SphinxDirective):
    """``{ledger-bar} paper``: the verdicts of one paper."""

    required_arguments = 1

    def run(self):
        return [Placeholder(show="bar", paper=directives.choice(self.arguments[0], PAPERS))]


class ValueRole(SphinxRole):
    """``{claim-value}``: a number from a claim's record, so that prose cannot depart from it."""

    def run(self):
        return [Placeholder(show="value", words=self.text.split())], []


class CountRole(SphinxRole):
    """``{ledger-count}``: how many claims have these marks."""

    def run(self):
        return [Placeholder(show="count", marks=self.text.split())], []


class ClaimRole(SphinxRole):
    """``{claim}``: a link to the cell that decides a claim, with the verdict."""

    def run(self):
        return [Placeholder(show="claim", name=self.text.split())], []


class Book:
    """The ledger as one page of one build sees it: claims, and addresses relative to the page."""

    def __init__(self, app, docname):
        self.app, self.docname = app, docname
        self.ledger = assemble(records(app.env))
        self.home = next((name for name, shows in _shown(app.env).items() if "ledger" in shows), None)

    def address(self, docname):
        return self.app.builder.get_relative_uri(self.docname, docname)

    def link(self, claim):
        if not claim["page"]:
            return None
        docname = claim["page"].removesuffix(".html")
        return f"{'' if docname == self.docname else self.address(docname)}#{claim['anchor']}"

    def chapter_link(self, paper):
        ending = f"{head(paper).chapter}/index"
        found = (name for name in sorted(self.app.env.found_docs) if f"/{name}".endswith(f"/{ending}"))
        docname = next(found, None)
        return None if docname is None else self.address(docname)

    def filter_link(self, paper, verdict):
        if self.home is None:
            return None
        return f"{self.address(self.home)}?paper={paper}" + (f"&verdict={verdict}" if verdict else "")

    def data_link(self):
        return relative_uri(self.app.builder.get_target_uri(self.docname), "claims.json")

    def row_link(self, claim):
        if self.home is None:
            return None
        return f"{self.address(self.home)}#{row_id(claim['paper'], claim['id'])}"


def _page(docname):
    return f"{docname}.html"


def _collected(env):
    return env.__dict__.setdefault("lowdim_claims", {})


def _shown(env):
    return env.__dict__.setdefault("lowdim_shown", {})


def records(env):
    """Return the claims of all pages read so far, with their pages."""
    return [
        replace(Claim.from_dict(record), page=_page(docname))
        for docname, page in sorted(_collected(env).items())
        for record in page
    ]


def _read(app, doctree):
    env, docname = app.env, app.env.docname
    claims = [node["claim"] for node in doctree.findall(nodes.container) if "claim" in node]
    if claims:
        _collected(env)[docname] = claims
    shows = {node["show"] for node in doctree.findall(Placeholder)}
    if shows:
        _shown(env)[docname] = shows
    if shows or claims:  # formulas come in as HTML, which Sphinx does not look into
        env.get_domain("math").data["has_equations"][docname] = True


def _forget(app, env, docname):
    _collected(env).pop(docname, None)
    _shown(env).pop(docname, None)


def _merge(app, env, docnames, other):
    for ours, theirs in ((_collected(env), _collected(other)), (_shown(env), _shown(other))):
        ours.update({name: theirs[name] for name in docnames if name in theirs})


def _updated(app, env):
    """Warn of problems on every build, and have the pages that show the ledger written again."""
    for problem in problems(records(env)):
        logger.warning("ledger: %s", problem, type="lowdim", subtype="ledger")
    return list(_shown(env))


def _resolve(app, doctree, docname):
    boxes = [node for node in doctree.findall(nodes.container) if "claim" in node]
    holes = list(doctree.findall(Placeholder))
    if not boxes and not holes:
        return
    book = Book(app, docname)
    for hole in holes:
        hole.replace_self(_fill(book, hole))
    for box in boxes:
        href = book.row_link(box["claim"])
        if href is not None:
            box[:] = [nodes.raw("", Claim.from_dict(box["claim"]).to_html(href), format="html")]


def _fill(book, hole):
    if hole["show"] == "ledger":
        return nodes.raw("", ledger_table(book.ledger, book.link, book.data_link()), format="html")
    if hole["show"] == "summary":
        return _fill_summary(book, hole)
    if hole["show"] == "finder":
        return nodes.raw("", finder(book.ledger, book.link, book.row_link), format="html")
    if hole["show"] == "bar":
        counts = count(book.ledger)[hole["paper"]]
        return nodes.raw("", verdict_bar(counts), format="html")
    if hole["show"] == "value":
        return _fill_value(book, hole["words"])
    if hole["show"] == "count":
        return _fill_count(book, hole["marks"])
    return _fill_claim(book, hole["name"])


def _fill_summary(book, hole):
    if hole["page"]:
        here = [claim for claim in book.ledger if claim["page"] == _page(book.docname)]
        return nodes.raw("", claim_list(here, book.link), format="html")
    counts = count(book.ledger)
    if hole["paper"]:
        counts = {hole["paper"]: counts[hole["paper"]]}
    filled = [nodes.paragraph("", counts_sentence(counts), classes=["ledger-sentence"])]
    if hole["paper"]:
        decided = [claim for claim in book.ledger if claim["paper"] == hole["paper"] and claim["page"]]
        filled.append(nodes.raw("", claim_list(decided, book.link, grouped=True), format="html"))
    elif not hole["sentence"]:
        table = counts_table(counts, book.chapter_link, book.filter_link)
        filled.append(nodes.raw("", table, format="html"))
    return filled


def _fill_count(book, marks):
    tests = {"all": lambda claim: True, "decided": lambda claim: claim["verdict"] != "open"}
    unknown = [mark for mark in marks if mark not in (*tests, *PAPERS, *STATES)]
    if unknown or not marks:
        _complain(book, f"ledger-count: expected papers, verdicts, all or decided, got {' '.join(marks)!r}")
        return nodes.Text("?")

    def has(claim, mark):
        return tests[mark](claim) if mark in tests else mark in (claim["paper"], claim["verdict"])

    return nodes.Text(str(sum(all(has(claim, mark) for mark in marks) for claim in book.ledger)))


def _fill_value(book, words):
    """The number that a role asks for; a question mark and a warning if there is none."""
    try:
        paper, id, what, index, form = words
        claim = next(c for c in book.ledger if (c["paper"], c["id"]) == (paper, id))
        if what == "inequality":
            number = claim["inequalities"][int(index)]["value"]
        else:
            number = flatten(as_value(what, claim[what]))[int(index)]
        text = f"{float(number):{form}}"
    except (KeyError, IndexError, LedgerError, StopIteration, TypeError, ValueError):
        _complain(book, f"claim-value: expected 'paper id what index format', got {' '.join(words)!r}")
        return nodes.Text("?")
    return nodes.Text(text.replace("-", "\N{MINUS SIGN}"))


def _fill_claim(book, name):
    found = [claim for claim in book.ledger if [claim["paper"], claim["id"]] == name]
    if not found:
        _complain(book, f"claim: expected a paper and the id of one of its claims, got {' '.join(name)!r}")
        return nodes.Text("?")
    href = book.link(found[0])
    text = f"[{found[0]['label']}] ({found[0]['verdict']})"
    if href is None:
        return nodes.inline("", text, classes=["claim-link"])
    return nodes.reference("", text, refuri=href, internal=True, classes=["claim-link"])


def _complain(book, text):
    logger.warning("%s", text, type="lowdim", subtype="ledger", location=book.docname)


def _page_context(app, pagename, templatename, context, doctree):
    """Load the style only where there are claims, and the script only where there is the table."""
    shows = _shown(app.env).get(pagename, set())
    if shows or pagename in _collected(app.env):
        app.add_css_file("ledger.css")
    if "ledger" in shows:
        app.add_js_file("ledger.js", loading_method="defer")


def _finished(app, exception):
    if exception is None and app.builder.format == "html":
        ledger = assemble(records(app.env))
        text = json.dumps(ledger, indent=1, ensure_ascii=False, allow_nan=False)
        Path(app.outdir, "claims.json").write_text(text + "\n", encoding="utf-8")


def setup(app):
    """Register the extension (called by Sphinx)."""
    app.add_node(Placeholder)
    app.add_directive("ledger", LedgerDirective)
    app.add_directive("ledger-summary", SummaryDirective)
    app.add_directive("ledger-bar", BarDirective)
    app.add_directive("ledger-finder", FinderDirective)
    app.add_role("ledger-count", CountRole())
    app.add_role("claim-value", ValueRole())
    app.add_role("claim", ClaimRole())
    app.connect("config-inited", lambda app, config: config.html_static_path.append(str(STATIC)))
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-read", _read)
    app.connect("env-updated", _updated)
    app.connect("doctree-resolved", _resolve)
    app.connect("html-page-context", _page_context)
    app.connect("build-finished", _finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
