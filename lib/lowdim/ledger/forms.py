"""Deciding claims in the three forms they have: a number, a formula, a sentence.

- `Forms.number`: the inventory holds numbers, or they are read off a figure; the book computes them.
- `Forms.formula`: the inventory holds the formula in LaTeX; its numbers at sample points are held against
  the derived formula and against an independent computation.
- `Forms.statement`: a sentence is one or more inequalities, each with a number, a bound and a margin.

The verdict is stated by the page and refused unless the numbers say the same.
"""

import numpy as np

from lowdim.ledger.evaluation import expression_latex, flat_labels, point_labels, points_of, values_at
from lowdim.ledger.inequality import Inequality, rounded_inequality
from lowdim.ledger.statement import Statement
from lowdim.ledger.values import as_value, flatten, round_number

__all__ = ["Forms"]

NUMERIC = ("reproduced", "corrected", "refuted", "partial")


class Forms:
    """The deciding methods of `Paper`."""

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
        _known_verdict(verdict)
        extra = {"quantity": quantity, "rows": flat_labels(rows), "form": "number"}
        if error is not None:
            extra["error"] = [round_number(x, 0, digits=2) for x in flatten(as_value("error", error))]
        if verdict == "partial":
            for name, value in (
                ("computed", computed),
                ("corrected", corrected),
                ("independent", independent),
            ):
                if value is not None:
                    statement.fail(f"is said to be partial, which has no use for {name}=")
            self._partial(
                id, holds=holds, fails=fails, tolerance=tolerance, reason=reason, note=note,
                relative=relative, factor=factor, extra=extra,
            )  # fmt: skip
            return
        for name, value in (("holds", holds), ("fails", fails)):
            if value is not None:
                statement.fail(f"is said to be {verdict}, which has no use for {name}=")
        self._check(
            id, computed, verdict=verdict, tolerance=tolerance, reason=reason, published=published,
            relative=relative, factor=factor, corrected=corrected, independent=independent,
            independent_tolerance=independent_tolerance, note=note, extra=extra,
        )  # fmt: skip

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
        _known_verdict(verdict)
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
        common = {
            "tolerance": tolerance,
            "reason": reason,
            "relative": relative,
            "factor": factor,
            "note": note,
        }
        if verdict == "partial":
            self._partial(id, holds=holds, fails=fails, extra=extra, **common)
            return
        if verdict == "corrected" and derived is None:
            statement.fail("is said to be corrected, so derived= is needed")
        if verdict == "reproduced" and derived is not None:
            measure = statement.measure(tolerance, reason, relative, factor)
            both = (as_value("derived", values["derived"]), as_value("printed", values["printed"]))
            statement.must_agree(statement.compare(measure, *both), "is not derived", "derived", "printed")
        known = statement.entry.get("published") is not None
        self._check(
            id, values["computed"], verdict=verdict, published=None if known else values["printed"],
            corrected=values["derived"] if verdict == "corrected" else None,
            independent=values["independent"], independent_tolerance=independent_tolerance,
            extra=extra, **common,
        )  # fmt: skip

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
        _known_verdict(verdict)
        statement.need("reason", reason, "where the bounds come from")
        parts = {"holds": holds, "fails": fails, "undecided": undecided, "independent": independent}
        parts = {name: _inequalities(statement, name, part) for name, part in parts.items()}
        wanted = {
            "reproduced": {"holds"}, "refuted": {"fails", "independent"}, "corrected": {"holds", "fails"},
            "partial": {"holds", "fails", "undecided"},
        }[verdict]  # fmt: skip
        for name, part in parts.items():
            if part and name not in wanted:
                statement.fail(f"is said to be {verdict}, which has no use for {name}=")
            if not part and name in wanted and verdict != "partial":
                statement.fail(f"is said to be {verdict}, so {name}= is needed")
        if verdict == "partial" and not (parts["holds"] and (parts["fails"] or parts["undecided"])):
            statement.fail("is said to be partial, so holds= and fails= (or undecided=) are needed")
        if verdict != "reproduced":
            statement.need("note", note, "what fails, and why")
        for name, part in parts.items():
            for inequality in part:
                _must(statement, name, inequality)
        shown = [
            {**rounded_inequality(one).to_dict(), "part": name}
            for name, part in parts.items()
            for one in part
        ]
        self._show(
            statement, verdict, reason=reason, note=note, inequalities=shown, form="statement",
            derived=derived,
        )  # fmt: skip


def _known_verdict(verdict):
    if verdict not in NUMERIC:
        raise ValueError(f"verdict: expected one of {', '.join(NUMERIC)}, got {verdict!r}")


def _inequalities(statement, name, part):
    part = [part] if isinstance(part, Inequality) else list(part)
    wrong = [one for one in part if not isinstance(one, Inequality)]
    if wrong:
        statement.fail(f"expects {name}= of Inequality, got {wrong[0]!r}")
    return part


def _must(statement, name, inequality):
    if name == "undecided":
        if inequality.decided:
            statement.fail(f"is decided in its part undecided=: {inequality}")
        return
    if not inequality.decided:
        statement.fail(f"is undecided in its part {name}=: {inequality}")
    if inequality.holds != (name == "holds"):
        word = "holds" if inequality.holds else "fails"
        statement.fail(f"{word} in its part {name}=: {inequality}")


def _marked(statement, latex, mark):
    if mark is None:
        return latex
    if latex is None or mark not in latex:
        statement.fail(f"has no part {mark!r} to mark in its derived form {latex!r}")
    return latex.replace(mark, rf"\class{{claim-mark}}{{{mark}}}", 1)


def share(comparison, kind):
    """Return the largest deviation in units of what is allowed, in two digits; None if nothing is allowed.

    What is below a hundredth is rounding, which differs between processors, and counts as 0.
    """
    allowed, deviation = comparison.allowed, comparison.deviation
    if kind == "factor":
        allowed, deviation = np.log(allowed), np.log(deviation)
    usable = (allowed > 1e-14) & np.isfinite(deviation)
    if not usable.any():
        return None
    largest = float((deviation[usable] / allowed[usable]).max())
    return float(f"{largest:.2g}") if largest >= 0.01 else 0.0
