"""Whether an approximation has the order that is stated, seen at a shrinking parameter."""

import mpmath
import sympy as sp

from lowdim.derivation.equality import Comparison, concrete, differentiated, evaluate, leaves, show_point

__all__ = ["compare_approximation"]

HALVINGS = 7
POINTS = 2
SLACK = 1.15  # a factor per halving that leaves room for logarithms and higher orders


def compare_approximation(full, short, sampler, small, at, order, start=None, relative=False):
    """Compare `short` with `full` while the parameter `small` goes to `at` by halves.

    It agrees if the error falls at least as fast as parameter to the `order`, within a slack that leaves room
    for logarithms, and vanishes against the full expression.

    Returns
    -------
    Comparison
    """
    pairs = list(zip(leaves(full), leaves(short), strict=True))
    both = [differentiated(e) for e in concrete([e for pair in pairs for e in pair], sampler)]
    symbols = {s for e in both for s in e.free_symbols} - {small}
    for _ in range(POINTS if symbols else 1):
        point = sampler.point(symbols)
        for whole, part in zip(both[::2], both[1::2], strict=True):
            found = _shrinks(whole, part, point, small, at, order, start, relative)
            if found:
                return Comparison(False, "order", f"at {show_point(point)}, {small} -> {at}: {found}")
    return Comparison(True, f"error falls with order {order}")


def _shrinks(whole, part, point, small, at, order, start, relative):
    errors, values = [], []
    for k in range(HALVINGS):
        size = sp.Rational(start if start is not None else (8 if at == sp.oo else sp.Rational(1, 8)))
        place = size * 2**k if at == sp.oo else at + size / 2**k
        here = {**point, small: place}
        one, two = evaluate(whole, here), evaluate(part, here)
        scale = abs(one) if relative else 1
        errors.append(abs(one - two) / scale if scale else abs(one - two))
        values.append((one, two))
    tiny = [e <= mpmath.mpf(10) ** -24 * max(abs(v[0]), 1e-20) for e, v in zip(errors, values, strict=True)]
    if all(tiny[-3:]):
        return ""
    last = f"{mpmath.nstr(values[-1][0], 6)} against {mpmath.nstr(values[-1][1], 6)} at {small} = {place}"
    steps = [b / a if a else mpmath.inf for a, b in zip(errors[-4:-1], errors[-3:], strict=True)]
    expected = mpmath.mpf(2) ** (-mpmath.mpf(order))
    if not all(ratio <= expected * SLACK for ratio in steps):
        seen = ", ".join(mpmath.nstr(-mpmath.log(ratio, 2), 3) if ratio else "inf" for ratio in steps)
        return f"the error falls with order {seen}, not {order}; {last}"
    shares = [
        (e if relative else e / abs(v[0])) if v[0] else mpmath.inf
        for e, v in zip(errors, values, strict=True)
    ]
    if not shares[-1] <= shares[0] / 2 and not shares[-1] <= 1e-6:
        return f"the error does not vanish against the expression itself; {last}"
    return ""
