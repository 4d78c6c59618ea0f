"""The calls that the examples of lowdim make, with the arguments that came; what arguments are by default.

    python tests/tools/recorded.py

writes the defaults of today to `tests/inputs/defaults.json`. A test holds them, so that none changes unseen.
"""

import contextlib
import copy
import dataclasses
import doctest
import functools
import importlib
import inspect
import io
import json
import pkgutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import lowdim

__all__ = [
    "Call",
    "Overtime",
    "Target",
    "bounded",
    "defaults",
    "kept_as_came",
    "modules",
    "needs_example",
    "recorded_calls",
    "targets",
]


LONGEST = 3.0  # processor seconds that an example may run here; its arguments are known by then


class Overtime(BaseException):
    """A call took more processor time than it may."""


@contextlib.contextmanager
def bounded(seconds):
    """Raise `Overtime` after so many seconds of the processor."""

    def stop(*_):
        raise Overtime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass(frozen=True)
class Target:
    """A public function, constructor or method: where it is defined and what it is called."""

    module: str
    owner: str
    name: str

    @property
    def label(self):
        parts = [self.module.removeprefix("lowdim."), self.owner, self.name]
        return ".".join(part for part in parts if part and part != "__init__")

    def holder(self):
        module = importlib.import_module(self.module)
        return getattr(module, self.owner) if self.owner else module


@dataclass(frozen=True)
class Call:
    """One call: the original callable, its arguments as they came, and the seconds it took."""

    function: object
    args: tuple
    kwargs: dict
    seconds: float


def modules():
    """Return the names of all public modules of lowdim."""
    found = (info.name for info in pkgutil.walk_packages(lowdim.__path__, "lowdim."))
    return sorted(name for name in found if "._" not in name and ".data" not in name)


def targets():
    """Return every public callable that an ``__all__`` lists: functions, public methods, constructors.

    A constructor of a record that is made by a solver and checks nothing is none of them.
    """
    found = []
    for name in modules():
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            thing = getattr(module, public)
            if getattr(thing, "__module__", None) != name:
                continue
            if inspect.isfunction(thing) or isinstance(thing, functools._lru_cache_wrapper):
                found.append(Target(name, "", public))
            elif inspect.isclass(thing) and not issubclass(thing, BaseException):
                methods = [n for n, m in vars(thing).items() if callable(_plain(m))]
                shown = ["__call__"] if "__post_init__" not in methods else ["__call__", "__init__"]
                shown = ["__call__", "__init__"] if not dataclasses.is_dataclass(thing) else shown
                methods = [n for n in methods if not n.startswith("_") or n in shown]
                found += [Target(name, public, method) for method in methods]
    return found


def needs_example(target, packages):
    """Say whether an example must call it: every function of the packages, and what a subpackage exports.

    Of an exported class that is every public method, but no constructor: solvers make many of the records.
    """
    if not target.owner and target.module.split(".")[1] in packages:
        return True
    subpackage = importlib.import_module(".".join(target.module.split(".")[:2]))
    exported = (target.owner or target.name) in getattr(subpackage, "__all__", ())
    return exported and target.name != "__init__"


def defaults():
    """Return {function: {argument: its default as text}} of everything public."""
    found = {}
    for target in targets():
        function = inspect.unwrap(_plain(vars(target.holder())[target.name]))
        parameters = inspect.signature(function).parameters.items()
        own = {name: _shown(p.default) for name, p in parameters if p.default is not p.empty}
        if own:
            found[target.label] = own
    return found


def _shown(default):
    if inspect.ismodule(default) or inspect.isclass(default) or inspect.isfunction(default):
        return default.__name__
    return repr(default)


def _plain(method):
    return method.__func__ if isinstance(method, classmethod | staticmethod) else method


@functools.cache
def recorded_calls(module):
    """Run the examples of a module and return {target: its first call from an example}.

    Only what an example calls itself counts, not what is called on its behalf.
    """
    wanted = [target for target in targets() if target.module == module]
    calls = {}
    with contextlib.ExitStack() as stack:
        depth = [0]
        for target in wanted:
            stack.enter_context(_recorded(target, calls, depth))
        _run_examples(importlib.import_module(module))
    return calls


def _run_examples(module):
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(module, module.__name__):
        if test.examples:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Overtime), bounded(LONGEST):
                runner.run(test, clear_globs=False)  # functions defined in it are called again


def kept_as_came(value):
    """Return a copy of an argument; what cannot be copied (a module) does not change either."""
    try:
        return copy.deepcopy(value)
    except TypeError:
        return value


@contextlib.contextmanager
def _recorded(target, calls, depth):
    holder = target.holder()
    original = vars(holder)[target.name]
    plain = _plain(original)

    @functools.wraps(plain)
    def recording(*args, **kwargs):
        outermost = depth[0] == 0
        if outermost and target not in calls:
            kept = tuple(map(kept_as_came, args))
            named = {key: kept_as_came(value) for key, value in kwargs.items()}
        depth[0] += 1
        start = time.process_time()
        try:
            return plain(*args, **kwargs)
        finally:
            depth[0] -= 1
            if outermost and target not in calls:
                calls[target] = Call(plain, kept, named, time.process_time() - start)

    wrapped = type(original)(recording) if isinstance(original, classmethod | staticmethod) else recording
    places = [(holder, target.name)] if target.owner else _places(original)
    for place, name in places:
        setattr(place, name, wrapped)
    try:
        yield
    finally:
        for place, name in places:
            setattr(place, name, original)


def _places(original):
    import sys

    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "lowdim"]
    return [(m, key) for m in loaded for key, value in list(vars(m).items()) if value is original]


if __name__ == "__main__":
    place = Path(__file__).resolve().parents[1] / "inputs" / "defaults.json"
    rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(own)}" for name, own in defaults().items())
    place.write_text(f"{{\n{rows}\n}}\n")
