r"""Chains as a table of steps and reasons (HTML, readable on a phone), as aligned LaTeX, and as plain text.

Reasons are plain text with ``$...$`` around mathematics.
"""

from html import escape

import sympy as sp

from lowdim._markup import MATH, inline_math

__all__ = ["aligned", "equation", "html", "latex", "order_remark", "plain"]


def latex(expression):
    """Return an expression as LaTeX, in the conventions of the book."""
    text = sp.latex(expression, ln_notation=True, mat_delim="(", fold_short_frac=False)
    # sympy takes the T of the symbol k_BT for a part of its index
    return text.replace("k_{BT}^{", "(k_BT)^{").replace("k_{BT}", "k_BT")


def order_remark(small, at, order, relative):
    """Return what an approximation leaves out, as LaTeX."""
    if at == sp.oo:
        left_out = rf"{latex(small)}^{{{latex(sp.sympify(-order))}}}"
    else:
        distance = latex(small) if at == 0 else rf"\left({latex(small - at)}\right)"
        left_out = distance if order == 1 else rf"{distance}^{{{latex(sp.sympify(order))}}}"
    return rf"\left[1+O\!\left({left_out}\right)\right]" if relative else rf"+O\!\left({left_out}\right)"


def sides(row):
    """Return both sides of a row as LaTeX; the left one is empty where the row goes on."""
    left = row.left_tex if row.left_tex is not None else ("" if row.left is None else latex(row.left))
    right = row.right_tex if row.right_tex is not None else latex(row.right)
    if row.remark.startswith(r"\left"):
        right = rf"{right}\;{row.remark}" if not _is_sum(row) else rf"\left({right}\right){row.remark}"
    else:
        right += row.remark
    return left, right


def _is_sum(row):
    return row.right_tex is None and isinstance(row.right, sp.Add)


def equation(row, left=None):
    """Return a row as one LaTeX equation, with `left` on its left if the row has no left side of its own."""
    own, right = sides(row)
    if not own and left is not None:
        own = latex(left) if not isinstance(left, str) else left
    return f"{own} {row.relation or '='} {right}" if own else right


def aligned(chain):
    """Return the chain as an aligned LaTeX display."""
    lines = []
    for row in chain.rows:
        left, right = sides(row)
        reason = MATH.sub(lambda m: rf"}}{m.group(1)}\text{{", row.because)
        lines.append(rf"{left} &{row.relation} {right} && \text{{{reason}}}")
    body = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def html(chain):
    """Return the chain as a table with a numbered row for each step."""
    rows = []
    for number, row in enumerate(chain.rows, start=chain.first):
        left, right = sides(row)
        both = rf"\(\displaystyle {escape(left, quote=False)} {row.relation} {escape(right, quote=False)}\)"
        rows.append(
            f'<tr><th scope="row">{number}</th><td class="derivation-step">{both}</td>'
            f'<td class="derivation-reason">{inline_math(row.because)}</td></tr>'
        )
    return (
        '<div class="derivation tex2jax_process"><table><thead><tr><th scope="col">'
        '<span class="derivation-hidden">no.</span></th><th scope="col">step</th>'
        f'<th scope="col">because</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f'<div class="derivation-check">{escape(_summary(chain))}</div></div>'
    )


def _summary(chain):
    checked = [row for row in chain.rows if row.checked is not None]
    return f"{chain.refused} of {len(checked)} steps refused when their sign is turned"


def plain(chain):
    """Return the chain as text."""
    lines = [chain.name]
    for number, row in enumerate(chain.rows, start=chain.first):
        left = row.left_tex if row.left_tex is not None else ("" if row.left is None else sp.sstr(row.left))
        right = row.right_tex if row.right is None else sp.sstr(row.right)
        relation = {r"\equiv": ":=", r"\overset{!}{=}": "=!", r"\simeq": "~"}.get(row.relation, row.relation)
        reason = f"    [{row.because}]" if row.because else ""
        text = " ".join(part for part in (left, relation, right) if part)
        lines.append(f"  {number}.  {text}{reason}")
    return "\n".join([*lines, _summary(chain)])
