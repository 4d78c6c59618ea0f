"""Calls with one argument spoiled: what may come of them, and what did.

A call that an example makes is made again with one argument replaced. It must be refused with a `ValueError`
that names the argument and says what was expected and what came, or with an error that lowdim names. What the
documentation does not exclude (zero, a large number, an empty array) may also give a finite result.
"""

import dataclasses
import inspect
import math
import re
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import sympy as sp

from recorded import Overtime, bounded, kept_as_came

__all__ = ["FAULTS", "Spoiled", "documented", "ends", "finite", "outcome", "spoiled_calls", "verdicts"]

FAULTS = ("accepted", "not finite", "other error", "runs on", "unnamed")
HUGE = 10**400
QUICK = 0.05  # processor seconds: what takes longer is called only with what must be refused
LIMIT = 2.0


class Stranger:
    """What no function expects."""

    def __repr__(self):
        return "<stranger>"


@dataclass(frozen=True)
class Spoiled:
    """One call with one argument replaced.

    `must` says that the documentation excludes the value, so that it has to be refused.
    """

    argument: str
    kind: str
    value: object
    must: bool


# --- what is put in the place of an argument -------------------------------------------------------------


def spoiled_calls(function, arguments):
    """Return the spoiled values for each argument of a bound call."""
    signature = inspect.signature(function)
    found = []
    for name, value in arguments.items():
        parameter = signature.parameters[name]
        if name in ("self", "cls"):
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            for key, item in value.items():
                for one in _of_value(key, item, said(function, name)):
                    found.append(dataclasses.replace(one, value=value | {key: one.value}))
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            for one in _of_value(name, value[0], said(function, name, ())) if value else ():
                found.append(dataclasses.replace(one, value=(one.value, *value[1:])))
        else:
            found += _of_value(name, value, said(function, name, parameter.default))
    return found


@dataclass(frozen=True)
class Said:
    """What the documentation says of a parameter, and what stands for it if it is left out."""

    text: str
    default: object = None
    own: bool = True  # of the parameter, not of the function as a whole

    def allows(self, *words):
        return any(re.search(rf"(?<!\w){word}(?!\w)", self.text) for word in words)

    def none(self):
        return self.default is None or self.allows("None")

    def complex(self):
        return self.allows("complex")

    def infinite(self):
        infinite = isinstance(self.default, float) and np.isinf(self.default)
        return infinite or self.allows("inf", "infinite", "infinity")

    def above_zero(self):
        shared = ", " in self.text.split(" : ")[0] and ">= 0" in self.text
        above = re.search(r"(?<![\w)] )(>= [1-9]|> \d)|\bpositive\b", self.text)
        return self.own and not shared and bool(above)

    def from_zero(self):
        return self.above_zero() or (self.own and bool(re.search(r"(?<![\w)] )>= 0", self.text)))


def _of_value(name, value, said):
    return [Spoiled(name, *entry) for entry in _values(value, said)]


def _values(value, said):
    yield from [("object", Stranger(), True)]
    if value is not None:
        yield ("none", None, not said.none())
    if isinstance(value, str):
        chosen = said.own and "{" in said.text
        yield from [("text", "nonsense", chosen), ("number", 2.5, True), ("nan", math.nan, True)]
        return
    if not _is_path(value):
        yield ("text", "nonsense", not said.allows("str", "text") and (said.own or value is not None))
    if isinstance(value, bool | np.bool_):
        yield from [("nan", math.nan, True), ("number", 2.5, True)]
    elif _is_number(value):
        yield from _numbers(value, said)
    elif _is_array(value):
        yield from _arrays(value, said)
    else:
        yield ("nan", math.nan, True)
        if not isinstance(value, np.random.Generator):
            numeric = value is None or isinstance(value, sp.Basic)
            yield ("number", 2.5, not numeric and not said.allows("float", "number", "scalar", "array_like"))


def _is_path(value):
    return hasattr(value, "__fspath__")


def _is_number(value):
    scalar = isinstance(value, np.ndarray) and value.ndim == 0
    return scalar or isinstance(value, int | float | complex | np.number)


def _is_array(value):
    if isinstance(value, list | tuple):
        try:
            value = np.asarray(value)
        except ValueError:
            return False
    return isinstance(value, np.ndarray) and value.dtype.kind in "bifc"


def _numbers(value, said):
    finite = np.isfinite(value)
    yield from [("nan", math.nan, True), ("words", ["a", "b"], True), ("ragged", [[1.0], [1.0, 2.0]], True)]
    yield from [("inf", math.inf, not said.infinite()), ("-inf", -math.inf, not said.infinite())]
    real = not said.complex() and not isinstance(value, complex)
    yield ("complex", complex(value) + 1j if finite else 1j, real)
    yield ("empty", [], False)
    yield from [("zero", type(value)(0), said.above_zero()), ("true", True, False)]
    if not isinstance(value, complex):
        yield ("negative", -abs(value) if value else -1, said.from_zero())
    if isinstance(value, int | np.integer):
        yield ("huge", HUGE, False)
    else:
        yield from [("huge", HUGE, True), ("large", 1e40, False), ("tiny", 1e-40, False)]


def _arrays(value, said):
    array = np.asarray(value)
    yield from [("nan", math.nan, True), ("words", np.full(array.shape, "a"), array.size > 0)]
    yield ("ragged", [[1.0], [1.0, 2.0]], True)
    yield from [("empty", array[:0], False), ("shape", array[None], False), ("scalar", 1.0, False)]
    if array.size and array.dtype.kind != "b":
        for kind, number in (("nan inside", math.nan), ("inf inside", math.inf)):
            new = np.array(array, dtype=complex if array.dtype.kind == "c" else float)
            new.flat[array.size // 2] = number
            yield (kind, new, number != math.inf or not said.infinite())
        yield ("complex", array + 1j, not said.complex() and array.dtype.kind != "c")
        yield ("zeros", np.zeros_like(array), said.above_zero())
    if len(array) > 1:
        yield ("short", array[:-1], False)
    if array.ndim > 1 and array.size:
        yield ("wide", np.concatenate([array, array[..., -1:]], axis=-1), False)


def said(function, name, default=None):
    """Return what the docstring of a function, or of the class it makes, says of a parameter."""
    doc = function.__doc__ if function.__name__ != "__init__" else None
    if doc is None and "<locals>" not in function.__qualname__:
        owner = inspect.getmodule(function)
        for part in function.__qualname__.split(".")[:-1]:
            owner = getattr(owner, part)
        doc = owner.__doc__
    doc = inspect.cleandoc(doc or "")
    found = re.search(rf"^(?:.*, )?\*{{0,2}}{name}(?:, .*)? : .*(?:\n    .*|\n(?=\n    ))*", doc, re.M)
    if found:
        return Said(found[0], default)
    return Said("" if "Parameters\n" in doc else doc.split("\n\nExamples")[0], default, False)


# --- what came of it -------------------------------------------------------------------------------------


def outcome(call, bound, one, parameters):
    """Return (verdict, remark) of one spoiled call: refused, named, result, or one of `FAULTS`."""
    kept = {name: kept_as_came(value) for name, value in bound.arguments.items()}
    arguments = inspect.BoundArguments(bound.signature, kept)
    arguments.arguments[one.argument if one.argument in bound.arguments else _variable(bound)] = one.value
    try:
        with bounded(LIMIT), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = call.function(*arguments.args, **arguments.kwargs)
    except Overtime:
        return "runs on", f"not refused within {LIMIT} s"
    except ValueError as error:
        return _refusal(str(error), one, parameters)
    except BaseException as error:
        named = type(error).__module__.startswith("lowdim")
        return ("named" if named else "other error", f"{type(error).__name__}: {str(error)[:200]}")
    if one.must:
        return "accepted", repr(result)[:100]
    if not finite(result):
        return "not finite", repr(result)[:100]
    return "result", ""


def verdicts(call, skip=None):
    """Yield (spoiled argument, verdict, remark) of a recorded call, but of those to skip."""
    bound = inspect.signature(call.function).bind(*call.args, **call.kwargs)
    bound.apply_defaults()
    factory = "_HAS_DEFAULT_FACTORY_CLASS"
    made = [name for name, value in bound.arguments.items() if type(value).__name__ == factory]
    for name in made:  # a default that a dataclass makes anew
        del bound.arguments[name]
    for one in spoiled_calls(call.function, bound.arguments):
        if (one.must or call.seconds < QUICK) and not (skip and skip(one)):
            yield one, *outcome(call, bound, one, list(bound.arguments))


def ends(call):
    """Yield (argument, range that a refusal tells, what its documentation says) of all that must be whole."""
    bound = inspect.signature(call.function).bind(*call.args, **call.kwargs)
    bound.apply_defaults()
    for name, value in bound.arguments.items():
        if value is None or isinstance(value, int | np.integer) and not isinstance(value, bool):
            _, message = outcome(call, bound, Spoiled(name, "far below", -(10**6), False), [])
            if told := re.search(rf"(?<!\w){name}: expected an integer ((?:>= |in )[^ ]+), got", message):
                yield name, told[1], said(call.function, name).text


def documented(told, text):
    """Say whether words like ``>= 2``, ``0 to 2``, ``2, 3 or 4`` stand for a range; a count begins at one."""
    low, high = re.fullmatch(r"(?:>= |in )(-?\d+)(?:\.\.(-?\d+))?", told).groups()
    if high is None:
        fits = re.search(rf"(>= |at least |from ){low}(?!\d)", text)
        return bool(fits) or (low == "1" and not re.search(r"(>= |at least |from )-?\d", text))
    listed = [str(number) for number in range(int(low), min(int(high), int(low) + 5) + 1)]
    several = rf"{', '.join(listed[:-1])},? or {listed[-1]}" if listed[1:] else listed[0]
    forms = (rf"{low}( to |\.\.){high}(?!\d)", several, rf"\{{{', '.join(listed)}\}}")
    return any(re.search(form, text.replace("10 000", "10000")) for form in forms)


def _variable(bound):
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return next(p.name for p in bound.signature.parameters.values() if p.kind in kinds)


def _refusal(message, one, parameters):
    names = [one.argument]
    if not one.must or one.kind == "ragged":
        names = parameters  # what is wrong is the relation between arguments
    said = "expected" in message and "got" in message
    if said and any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message) for name in names):
        return "refused", ""
    return "unnamed", message[:200]


def finite(result, depth=0):
    """Say whether a result holds no NaN and no infinity."""
    if isinstance(result, float | complex | np.number):
        return bool(np.isfinite(result))
    if isinstance(result, np.ndarray):
        return result.dtype.kind not in "fc" or bool(np.all(np.isfinite(result)))
    if depth > 4:
        return True
    if isinstance(result, list | tuple | set | frozenset):
        return all(finite(item, depth + 1) for item in result)
    if isinstance(result, dict):
        return all(finite(item, depth + 1) for item in result.values())
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return all(finite(getattr(result, f.name), depth + 1) for f in dataclasses.fields(result))
    return True


def main():
    """Print, for the modules named, every fault and the counts of what came."""
    import collections
    import os
    import tempfile
    import time

    from recorded import modules, recorded_calls

    chosen = sys.argv[1:] or [""]
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    start = time.process_time()
    totals = collections.defaultdict(collections.Counter)
    for module in modules():
        if not any(module.removeprefix("lowdim.").startswith(word) for word in chosen):
            continue
        for target, call in recorded_calls(module).items():
            begin = time.process_time()
            for one, verdict, remark in verdicts(call):
                totals[module.split(".")[1]][verdict] += 1
                if verdict in FAULTS:
                    line = f"{target.label}  {one.argument}  {one.kind}  {verdict}  {remark}"
                    print(line.replace("\n", " "), flush=True)
            spent = time.process_time() - begin
            if spent > 1:
                print(f"## {target.label} took {spent:.1f} s, example {call.seconds:.2f} s")
    for package, counts in totals.items():
        print("==", package, sum(counts.values()), dict(counts))
    print(f"== {time.process_time() - start:.1f} s")


if __name__ == "__main__":
    main()
