"""Deciding claims: the page states a verdict, and the code refuses it unless the numbers say the same.

A claim has one of three forms:

- `Paper.number`: the inventory holds numbers, or they are read off a figure; the book computes them.
- `Paper.formula`: the inventory holds the formula in LaTeX; its numbers at sample points are held against the
  derived formula and against an independent computation.
- `Paper.statement`: a sentence is one or more inequalities, each with a number, a bound and a margin.

What is no claim about nature is a `Paper.definition`, and what the paper leaves open is `Paper.untestable`.
Every deciding method displays the record and returns nothing, so a cell may decide several claims. In a
notebook the display is a coloured box (and a machine-readable record, from which the ledger is built); in
plain Python the record is printed as one line. `Paper.decided` maps the ids decided so far to their records.
"""

import sys

from lowdim._checks import instances
from lowdim.ledger.claim import Claim
from lowdim.ledger.comparison import as_a_whole, in_part, known_verdict, sentence
from lowdim.ledger.evaluation import expression_latex, flat_labels, point_labels, points_of, values_at
from lowdim.ledger.inventory import all_claims, entry, head
from lowdim.ledger.statement import Statement
from lowdim.ledger.values import as_value, flatten, round_number

__all__ = ["Paper"]


class Paper:
    """The claims of one paper.

    Parameters
    ----------
    paper : str
        Key of the paper: knorzer2020, yukalov2020, glazov2020, zhu2011 or jauregui1996.

    Attributes
    ----------
    decided : dict
        Records of the claims decided through this object, by id. Deciding again replaces the record, so that
        a cell can be run twice; the book's build refuses a claim decided in two places.

    Raises
    ------
    ValueError
        If the paper is unknown.

    Examples
    --------
    >>> paper = Paper("zhu2011")
    >>> paper.published("text.splitting-vb")
    [148, 183, 426, 456]
    """

    def __init__(self, paper):
        self.head = head(paper)
        self.paper = paper
        self.decided = {}

    def __repr__(self):
        return f"Paper({self.paper!r})"

    def published(self, id):
        """Return what the paper prints for a claim: a number, a nested list of numbers, or None.

        Raises
        ------
        ValueError
            If the id is not in the inventory.
        """
        return entry(self.paper, id).get("published")

    def number(
        self, id, computed=None, *, verdict="reproduced", tolerance=None, reason=None, published=None,
        relative=False, factor=False, corrected=None, independent=None, independent_tolerance=None,
        holds=None, fails=None, error=None, quantity=None, rows=None, note=None,
    ):  # fmt: skip
        """Decide a claim whose content is one or more numbers.

        - "reproduced": `computed` agrees with the published numbers, element by element.
        - "corrected": `computed` agrees with `corrected` and disagrees with a published number.
        - "refuted": `computed` disagrees with a published number, and so does `independent`, the value from
          another argument or code, which agrees with `computed`.
        - "partial": `holds` and `fails` are pairs (computed, published): the part that agrees, the part
          that does not. Together they must cover every published number of the inventory.

        Parameters
        ----------
        id : str
            Claim of the inventory.
        computed : float or nested list or array
            The book's own value, in the unit of the inventory; not from the code that gave `published`.
        tolerance, reason
            How far apart values that agree may be, and why: a reason that could have been given before the
            numbers were seen. Mandatory.
        published : float or nested list, optional
            What is read off a figure or the text; mandatory when the inventory holds no number.
        relative, factor : bool
            `tolerance` is a fraction of the value compared with; or a factor either way.
        corrected, independent, holds, fails
            Mandatory for the verdicts they belong to, refused otherwise.
        independent_tolerance : float, optional
            For `independent` against `computed`; `tolerance` if not given.
        error : float or nested list, optional
            Uncertainty of `computed`, shown beside it.
        quantity, rows : str, nested list of str, optional
            What the numbers are and a label for each; the inventory's if not given.
        note : str
            What was mended, why the claim fails, which part holds; mandatory but for "reproduced".

        Raises
        ------
        LedgerError
            If the verdict is not the one the numbers give, or a mandatory part is missing.
        ValueError
            If the id or the verdict is unknown.

        Examples
        --------
        >>> from lowdim.ledger import Paper
        >>> Paper("jauregui1996").number("text.multiplets", [6.23, 0.0620], tolerance=[0.05, 0.0005],
        ...     reason="printed digits")
        reproduced: [J text: multiplets] For a dot in GaAs with four electrons the multiplets lie 6.2 meV \
apart, and their levels a hundredth of that. | published 6.2, 0.062 meV; computed 6.23, 0.062 meV; \
deviation 0.03; tolerance 0.05, 0.0005, printed digits
        """
        statement = Statement(self.paper, id)
        known_verdict(verdict)
        extra = {"quantity": quantity, "rows": flat_labels(rows), "form": "number"}
        if error is not None:
            extra["error"] = [round_number(x, 0, digits=2) for x in flatten(as_value("error", error))]
        if verdict == "partial":
            statement.unused(
                verdict, computed=computed, corrected=corrected, independent=independent,
                independent_tolerance=independent_tolerance,
            )  # fmt: skip
        else:
            statement.unused(verdict, holds=holds, fails=fails)
        statement.texts(quantity=quantity, note=note)
        measure = statement.measure(tolerance, reason, relative, factor)
        if verdict == "partial":
            found = in_part(statement, measure, holds, fails, note)
            self._show(statement, verdict, measure, reason, note=note, **found, **extra)
            return
        found = as_a_whole(
            statement, verdict, measure, computed, published=published, corrected=corrected,
            independent=independent, closer=independent_tolerance, note=note,
        )  # fmt: skip
        self._show(statement, verdict, measure, reason, note=note, **found, **extra)

    def formula(
        self, id, computed, *, printed, derived=None, at=None, verdict="reproduced", tolerance=None,
        reason=None, relative=False, factor=False, independent=None, independent_tolerance=None,
        holds=None, fails=None, derived_latex=None, mark=None, quantity=None, rows=None, by=None, note=None,
    ):  # fmt: skip
        """Decide a claim whose content is a formula; the inventory holds it in LaTeX as printed.

        - "reproduced": `computed` agrees with `printed`, and so does `derived` if given.
        - "corrected": `computed` agrees with `derived`; `printed` does not.
        - "refuted": `computed` and `independent` agree and `printed` does not.
        - "partial": as in `number`, by `holds` and `fails`; `printed` is then only shown.

        Parameters
        ----------
        id : str
            Claim of the inventory.
        computed : float, list or function
            From a solver or another way that does not use the formula; a function is called with the values
            of each point of `at`, in their order.
        printed : expression, function or numbers
            The formula as printed, evaluated at the points of `at`.
        derived : Derivation, expression, function or numbers
            The end of a derivation; mandatory for "corrected".
        at : dict or list of dict, optional
            Sample points: ``{x: [0.5, 2]}``.
        derived_latex : str, optional
            How `derived` is typeset, where it is no expression.
        mark : str, optional
            The part of the derived LaTeX that differs from the printed one; shown in the accent colour.
        by : str, optional
            How `computed` was found, in a few words ("differentiation with 30 digits").
        tolerance, reason, relative, factor, independent, independent_tolerance, quantity, rows, note
            As in `number`.

        Raises
        ------
        LedgerError
            As `number`, and if `mark` is not in the derived LaTeX.
        ValueError
            If the id or the verdict is unknown.

        Examples
        --------
        >>> import sympy as sp
        >>> from lowdim.ledger import Paper
        >>> S = sp.Symbol("S", positive=True)
        >>> Paper("jauregui1996").formula("eq.5", [0.75, 2 / 3], printed=(S + 1) / (2 * S + 1),
        ...     at={S: [0.5, 1]}, tolerance=1e-12, reason="exact", by="Clebsch-Gordan coefficients")
        reproduced: [J 5] Without the spatial part of the wave functions, the transition probability is a \
sum of squared Clebsch-Gordan coefficients. | published 0.75, 0.666667; computed 0.75, 0.666667; deviation \
0; tolerance 1e-12, exact
        """
        statement = Statement(self.paper, id)
        known_verdict(verdict)
        statement.texts(derived_latex=derived_latex, mark=mark, quantity=quantity, by=by, note=note)
        if verdict == "partial":
            statement.unused(verdict, independent_tolerance=independent_tolerance)
        else:
            statement.unused(verdict, holds=holds, fails=fails)
        points = None if at is None else points_of(at)
        named = {"printed": printed, "derived": derived, "computed": computed, "independent": independent}
        values = {
            k: None if v is None else values_at(statement.about(k), v, points) for k, v in named.items()
        }
        latex = derived_latex or (None if derived is None else expression_latex(derived))
        if rows is None and points is not None:
            rows = point_labels(points)
        extra = {
            "form": "formula", "derived": _marked(statement, latex, mark), "quantity": quantity, "by": by,
            "rows": flat_labels(rows),
        }  # fmt: skip
        measure = statement.measure(tolerance, reason, relative, factor)
        if verdict == "partial":
            found = in_part(statement, measure, holds, fails, note)
            self._show(statement, verdict, measure, reason, note=note, **found, **extra)
            return
        if verdict == "corrected" and derived is None:
            statement.fail("is said to be corrected, so derived= is needed")
        if verdict == "reproduced" and derived is not None:
            both = (as_value("derived", values["derived"]), as_value("printed", values["printed"]))
            statement.must_agree(statement.compare(measure, *both), "is not derived", "derived", "printed")
        known = statement.entry.get("published") is not None
        found = as_a_whole(
            statement, verdict, measure, values["computed"], published=None if known else values["printed"],
            corrected=values["derived"] if verdict == "corrected" else None,
            independent=values["independent"], closer=independent_tolerance, note=note,
        )  # fmt: skip
        self._show(statement, verdict, measure, reason, note=note, **found, **extra)

    def statement(
        self, id, holds=(), *, fails=(), undecided=(), verdict="reproduced", reason=None, independent=(),
        derived=None, note=None,
    ):  # fmt: skip
        """Decide a claim that is a sentence, by inequalities.

        - "reproduced": every inequality of `holds` holds by more than its error.
        - "refuted": every one of `fails` fails by more than its error, and so does every one of
          `independent`, found in another way.
        - "corrected": those of `fails` (as printed) fail, those of `holds` (as mended) hold.
        - "partial": those of `holds` hold; those of `fails` fail, or those of `undecided` lie within their
          error.

        Parameters
        ----------
        id : str
            Claim of the inventory.
        holds, fails, undecided, independent : list of Inequality
        verdict : {"reproduced", "refuted", "corrected", "partial"}
        reason : str
            Where the bounds come from: the paper's words, or a reason that could have been given before the
            numbers were known. Mandatory.
        derived : str, optional
            LaTeX of a mended formula, shown beside the printed one.
        note : str
            Mandatory but for "reproduced".

        Raises
        ------
        LedgerError
            If the verdict is not the one the inequalities give, or a mandatory part is missing.
        ValueError
            If the id or the verdict is unknown.

        Examples
        --------
        >>> from lowdim.ledger import Inequality, Paper
        >>> level = Inequality("spin of the lowest level", 0, "==", 0)
        >>> Paper("jauregui1996").statement("tab.I.N2", [level], reason="as printed")
        reproduced: [J Table I, N2] With two electrons the ground state is a singlet and the next level a \
triplet. | spin of the lowest level: 0 = 0, holds; bounds: as printed
        """
        statement = Statement(self.paper, id)
        known_verdict(verdict)
        statement.need("reason", reason, "where the bounds come from")
        statement.texts(derived=derived, note=note)
        parts = {"holds": holds, "fails": fails, "undecided": undecided, "independent": independent}
        shown = sentence(statement, verdict, parts, note)
        self._show(
            statement, verdict, reason=reason, note=note, inequalities=shown, form="statement",
            derived=derived,
        )  # fmt: skip

    def definition(self, id, *, used_by, note=None):
        """Record that an equation only defines a symbol, and which tested claims use it.

        Raises
        ------
        LedgerError
            If the inventory holds a number for the claim (then there is something to test), or `used_by` is
            empty or names no other claim of the paper. That these claims are decided is checked when the
            ledger is collected.
        ValueError
            If the id is unknown.

        Examples
        --------
        >>> Paper("yukalov2020").definition("eq.50", used_by="eq.51")
        definition: [Y 50] A characteristic kinetic energy is formed with the neighbour distance. | \
used by [Y 51]
        """
        statement = Statement(self.paper, id)
        users = (used_by,) if isinstance(used_by, str) else instances("used_by", used_by or (), str)
        statement.texts(note=note)
        if statement.entry.get("published") is not None:
            statement.fail("prints a number, so it is more than a definition: test it")
        if not users:
            statement.fail("used_by is missing: name the claims that use the symbol")
        unknown = [user for user in users if user == id or user not in all_claims(self.paper)]
        if unknown:
            statement.fail(f"used_by names no other claim of the paper: {', '.join(map(str, unknown))}")
        self._show(statement, "definition", used_by=users, note=note)

    def untestable(self, id, *, missing, tried):
        """Record that the paper omits what a test needs: what is `missing`, and what was `tried`.

        Raises
        ------
        LedgerError
            If `missing` or `tried` is empty.
        ValueError
            If the id is unknown.

        Examples
        --------
        >>> Paper("jauregui1996").untestable("fig.2", missing="the barrier heights", tried="equal barriers")
        untestable: [J Fig. 2] At 10 mK the peaks of the linear conductance have unequal heights. | \
Missing: the barrier heights. Tried: equal barriers.
        """
        statement = Statement(self.paper, id)
        statement.need("missing", missing, "what the paper omits")
        statement.need("tried", tried, "what was tried")
        note = f"Missing: {missing.strip().rstrip('.')}. Tried: {tried.strip().rstrip('.')}."
        published = statement.entry.get("published")
        self._show(statement, "untestable", published=published, note=note)

    def _show(self, statement, verdict, measure=None, reason=None, **values):
        tolerance = {} if measure is None else {"tolerance": measure.tolerance, "measure": measure.kind}
        kept = {key: statement.entry.get(key) for key in ("id", "kind", "what", "unit")}
        record = Claim(paper=self.paper, verdict=verdict, reason=reason, **kept, **tolerance, **values)
        self.decided[record.id] = record
        _display(record)


def _display(record):
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(record)
    else:
        print(record)


def _marked(statement, latex, mark):
    if mark is None:
        return latex
    if latex is None or mark not in latex:
        statement.fail(f"has no part {mark!r} to mark in its derived form {latex!r}")
    return latex.replace(mark, rf"\class{{claim-mark}}{{{mark}}}", 1)
