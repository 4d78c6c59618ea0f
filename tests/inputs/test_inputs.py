"""Every public function refuses what it cannot take, by name, or gives a finite result.

The examples of the docstrings are the valid calls: a new function is covered by its example, and fails
without one. `misuse` says what is put in the place of an argument and what may come of it.
"""

import inspect

import pytest

import misuse
import recorded

BETWEEN = "plumbing between solvers, called in the innermost loops with arrays that were checked before"
FREE_TEXT = "any text may stand there"
OVERFLOW = "-inf is the logarithm of zero, as documented"
SLOW = "bounded, but takes long"
RAGGED = "tables of the papers are ragged, as documented"

# (function or module, argument or "", what is put there or ""): why the rule does not hold
EXCEPTIONS = {
    ("dot.transport.RateEquation.log_current", "bias", "zero"): OVERFLOW,
    ("dot.davidson.lowest_eigenpairs", "tolerance", "tiny"): SLOW,
    ("derivation.functions.special_function", "latex", "text"): FREE_TEXT,
    ("exciton.backscatter.contrast", "probabilities", "zeros"): "nan where nothing scatters, as documented",
    ("exciton.phases.unit_phases", "", ""): BETWEEN,
    ("exciton.timeresolved.interference", "tolerance", "tiny"): SLOW,
    ("optics.faraday.SpinArray.stokes", "incident", "complex"): "complex, as `dipoles` documents",
    ("lattice.sums.bulk_modulus", "power", "true"): "infinite for charges, as documented",
    ("wigner.batch.batch_gradient", "", ""): BETWEEN,
    ("wigner.batch.relax_ensemble", "max_steps", "true"): SLOW,
    ("wigner.large.relax_large", "", "true"): SLOW,
    ("wigner.large.relax_large", "", "tiny"): SLOW,
    ("wigner.large.relax_large", "shift", "large"): SLOW,
    ("ledger.values.as_value", "given", "ragged"): RAGGED,
}

NEED_EXAMPLE = ("dot", "exciton", "lattice", "optics", "spinorbit", "wigner", "hands", "stored", "tables")
TARGETS = {target.label: target for target in recorded.targets()}


def excepted(label, argument, kind):
    for (function, name, what), reason in EXCEPTIONS.items():
        fits = label == function or label.startswith(function + ".")
        if fits and name in ("", argument) and what in ("", kind):
            return reason
    return None


@pytest.mark.parametrize("label", TARGETS)
def test_spoiled_arguments_are_refused_by_name(label, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what writes files may not write them here
    if excepted(label, "any", "any"):
        return
    target = TARGETS[label]
    call = recorded.recorded_calls(target.module).get(target)
    if call is None:
        assert not recorded.needs_example(target, NEED_EXAMPLE), f"{label} has no example that calls it"
        return
    faults = [
        f"{one.argument} = {one.kind}: {verdict} {remark}"
        for one, verdict, remark in misuse.verdicts(call, lambda one: excepted(label, one.argument, one.kind))
        if verdict in misuse.FAULTS
    ]
    assert not faults, f"{label}\n" + "\n".join(faults)


def test_every_exception_is_of_something_that_exists():
    for function, argument, _ in EXCEPTIONS:
        labels = [label for label in TARGETS if label == function or label.startswith(function + ".")]
        assert labels, function
        if argument:
            (label,) = labels
            call = recorded.recorded_calls(TARGETS[label].module)[TARGETS[label]]
            assert argument in inspect.signature(call.function).parameters


def accepts_anything(length, name="x"):
    """A function without checks.

    Parameters
    ----------
    length : float
        > 0.
    name : {"x", "y"}
    """
    return 2 * length


def refuses(length):
    """A function with checks.

    Parameters
    ----------
    length : float
        > 0.
    """
    if isinstance(length, float) and 0 < length < 1e30:
        return length
    raise ValueError(f"length: expected a finite number > 0, got {length!r}")


def judged(function, *args):
    return {
        (one.argument, one.kind): verdict
        for one, verdict, _ in misuse.verdicts(recorded.Call(function, args, {}, 0.0))
    }


def test_a_function_without_checks_is_found_out():
    found = judged(accepts_anything, 1.5)
    assert found["length", "nan"] == "accepted"
    assert found["length", "negative"] == found["length", "zero"] == "accepted"
    assert found["length", "none"] == "other error"
    assert found["name", "text"] == "accepted"
    assert found["length", "large"] == "result"


def test_a_function_with_checks_passes():
    assert set(judged(refuses, 1.5).values()) <= {"refused", "result"}


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        (ValueError("length: expected a number, got nan"), "refused"),
        (ValueError("lengths: expected a number, got nan"), "unnamed"),
        (ValueError("length is wrong"), "unnamed"),
        (KeyError("length"), "other error"),
        (recorded.Overtime(), "runs on"),
    ],
)
def test_refusals_are_told_from_other_errors(raised, verdict):
    def fails(length):
        raise raised

    assert judged(fails, 1.5)["length", "nan"] == verdict


def test_results_that_are_not_finite_are_found_in_any_container():
    assert misuse.finite([1, (2.0, {"a": 3.0}), "nan", None])
    assert not misuse.finite([1, (2.0, {"a": float("nan")})])
    assert not misuse.finite(complex(0, float("inf")))
