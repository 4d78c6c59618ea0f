"""Every public function refuses what it cannot take, by name, or gives a finite result.

The examples of the docstrings are the valid calls: a new function is covered by its example, and fails
without one. `misuse` says what is put in the place of an argument and what may come of it.
"""

import contextlib
import inspect
import json
import warnings
from pathlib import Path

import pytest

import misuse
import recorded

BETWEEN = "plumbing between solvers, called in the innermost loops with arrays that were checked before"
FREE_TEXT = "any text may stand there"
OVERFLOW = "-inf is the logarithm of zero, as documented"
SLOW = "bounded, but takes long"
OWN = "the operator of the example takes vectors of one length"
RAGGED = "tables of the papers are ragged, as documented"

# (function or module, argument or "", what is put there or ""): why the rule does not hold
EXCEPTIONS = {
    ("dot.transport.RateEquation.log_current", "bias", "zero"): OVERFLOW,
    ("dot.davidson.lowest_eigenpairs", "tolerance", "tiny"): SLOW,
    ("dot.davidson.lowest_eigenpairs", "guess", "wide"): OWN,
    ("optics.krylov.solve_block", "drive", "wide"): OWN,
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

# (function, argument): the range of a whole number that its documentation says in words or elsewhere, or that
# follows from the other arguments of the example
RANGES = {
    ("derivation.chain.Derivation.step", "digits"): "in 1..1000",
    ("derivation.chain.Derivation.solve", "digits"): "in 1..1000",
    ("derivation.chain.Derivation.identity", "digits"): "in 1..1000",
    ("derivation.chain.Derivation.symmetry", "digits"): "in 1..1000",
    ("derivation.quadrature.numeric_integrals", "digits"): "in 1..1000",
    ("dot.fock.string_space", "n_electrons"): ">= 0",
    ("dot.fock.string_space", "n_orbitals"): ">= 0",
    ("exciton.backscatter.PlaneWaves", "points"): ">= 8",
    ("exciton.ensemble.Ensemble", "points"): ">= 8",
    ("exciton.loops.closed_loops", "most_collisions"): "in 2..10000",
    ("exciton.loops.closed_loops", "n_loops"): ">= 2",
    ("exciton.loops.sample_loops", "n_loops"): ">= 2",
    ("exciton.phononfield.loss_rates", "order"): ">= 4",
    ("exciton.quantised.quantised_exponent", "angles"): ">= 8",
    ("exciton.shelltheory.expected_contrast", "nodes"): ">= 8",
    ("exciton.timeresolved.interference_of_loops", "n_loops"): ">= 10",
    ("exciton.timeresolved.two_line_constant", "reach"): ">= 10",
    ("lattice.brillouin.converged_average", "levels"): ">= 0",
    ("lattice.brillouin.zone_average", "levels"): ">= 0",
    ("lattice.ewald.long_range_matrix", "power"): "in 1..3",
    ("lattice.fewbody.FockSpace.sector", "n_atoms"): "in 0..2",
    ("lattice.localised.hartree_chain", "points"): ">= 21",
    ("lattice.localised.kinetic_matrix", "n_points"): ">= 2",
    ("lattice.phonons.debye_wave_vector", "dimension"): "in 1..3",
    ("lattice.phonons.finite_average", "sites"): ">= 2",
    ("lattice.stability.classify", "dimension"): "in 1..3",
    ("lattice.stability.critical_pinning", "dimension"): "in 1..3",
    ("lattice.stability.debye_ratio", "dimension"): "in 1..3",
    ("lattice.sums.bulk_modulus", "power"): "in 1..3",
    ("lattice.sums.lattice_energy", "power"): "in 1..3",
    ("lattice.sums.neighbour_displacement", "power"): "in 1..3",
    ("lattice.sums.shear_modulus", "power"): "in 1..3",
    ("lattice.sums.thouless_coupling", "power"): "in 1..3",
    ("lattice.wannier.WannierFunction.matrix_element", "distance"): ">= 0",
    ("lattice.wannier.WannierFunction.on_ring", "points_per_site"): ">= 69",
    ("optics.readout.pin_sites", "impurities"): "in 0..3",
    ("optics.spin_ensemble.all_spins", "up"): "in 0..3",
    ("optics.spin_ensemble.random_spins", "up"): "in 0..5",
    ("spinorbit.secondvariation.angular_momentum", "shell"): "in 0..100",
    ("spinorbit.secondvariation.coupled_states", "bands"): "in 1..60",
    ("spinorbit.symmetry.field_basis", "degree"): "in 0..1000",
    ("spinorbit.symmetry.monomials", "degree"): "in 0..1000",
    ("spinorbit.symmetry.orbital_matrix", "angular_momentum"): "in 0..2",
    ("spinorbit.tightbinding.signed_splitting", "band"): "in 0..2",
    ("spinorbit.tightbinding.spin_texture", "band"): "in 0..5",
    ("spinorbit.valley.berry_curvature", "band"): "in 0..5",
    ("spinorbit.valley.helicity_degree", "lower"): "in 0..5",
    ("spinorbit.valley.mass_at", "band"): "in 0..5",
    ("spinorbit.valley.orbital_moment", "band"): "in 0..5",
    ("wigner.disorder.chi_random_torus", "n"): ">= 2",
    ("wigner.melting.heat_capacity_maximum", "points"): "in 5..21",
    ("wigner.multispin.pair_couplings", "n"): "in 2..10000",
    ("wigner.multispin.ring_levels", "n_up"): "in 0..3",
    ("wigner.multispin.total_spin_levels", "n_levels"): "in 1..2",
    ("wigner.rotors.shell_rotor", "angles"): "in 3..10000",
    ("wigner.spins.spin_levels", "n_up"): "in 0..2",
    ("wigner.tunnelling.crystal_exchange", "steps"): ">= 8",
    ("wigner.tunnelling.ring_exchange", "sense"): "in -1..1",
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


@pytest.mark.parametrize("label", TARGETS)
def test_whole_numbers_begin_and_end_where_the_documentation_says(label, tmp_path, monkeypatch):
    """A refusal tells the range that is checked; the other source is the text above the function."""
    monkeypatch.chdir(tmp_path)
    call = recorded.recorded_calls(TARGETS[label].module).get(TARGETS[label])
    told = {name: (range_, text) for name, range_, text in misuse.ends(call)} if call else {}
    for name, (range_, text) in told.items():
        known = RANGES.get((label, name))
        assert known == range_ if known else misuse.documented(range_, text), f"{name}: {range_}"
    assert {name for function, name in RANGES if function == label} <= set(told)


@pytest.mark.parametrize(
    ("told", "text", "stands"),
    [
        (">= 2", "n : int\n    >= 2.", True),
        (">= 2", "n : int\n    Spins, at least 2.", True),
        (">= 2", "n : int\n    >= 20.", False),
        (">= 1", "n : int\n    Number of spins.", True),
        (">= 0", "n : int\n    Number of spins.", False),
        (">= 1", "n : int\n    >= 2.", False),
        ("in 0..2", "n : int\n    0, 1 or 2.", True),
        ("in 0..3", "n : int\n    0, 1 or 2.", False),
        ("in 2..22", "n : int\n    2 to 22.", True),
        ("in 1..22", "n : int\n    2 to 22.", False),
        ("in 2..23", "n : int\n    2 to 22.", False),
    ],
)
def test_ranges_are_read_in_words(told, text, stands):
    assert misuse.documented(told, text) is stands


@pytest.mark.parametrize("label", TARGETS)
def test_examples_come_without_a_warning(label, tmp_path, monkeypatch):
    """A division by zero that a later line mends is still heard by the user."""
    monkeypatch.chdir(tmp_path)
    call = recorded.recorded_calls(TARGETS[label].module).get(TARGETS[label])
    if call and call.seconds < 1:
        arguments, named = ([recorded.kept_as_came(a) for a in call.args], dict(call.kwargs))
        # examples of refusals, and of files that are no more
        with warnings.catch_warnings(), contextlib.suppress(ArithmeticError, OSError, ValueError):
            warnings.simplefilter("error")
            call.function(*arguments, **named)


def test_every_exception_is_of_something_that_exists():
    for function, argument, _ in EXCEPTIONS:
        labels = [label for label in TARGETS if label == function or label.startswith(function + ".")]
        assert labels, function
        if argument:
            (label,) = labels
            call = recorded.recorded_calls(TARGETS[label].module)[TARGETS[label]]
            assert argument in inspect.signature(call.function).parameters


def test_no_default_changes_unseen():
    """Results that users have follow from them; `tests/tools/recorded.py` writes down a wanted change."""
    kept = json.loads((Path(__file__).parent / "defaults.json").read_text("utf8"))
    found = recorded.defaults()
    assert set(found) == set(kept)
    for label, own in found.items():
        assert own == kept[label], label
    assert len(found) > 200


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
