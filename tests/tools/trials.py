"""Try faults of a module in copies of a process in which its tests are collected already.

A fault inside a function is put in by giving the live functions the broken code: a copy of the process then
runs the tests, which takes no longer than they do. A fault that shows only while the module is imported (a
constant, a default, a decorator; also what tests compute while they are collected) needs a process of its
own, in which the module is made from the broken text: that takes seconds.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import resource
import signal
import sys
import time
import types
from importlib.machinery import SourceFileLoader

import covered

NOT_FOUND = 4  # pytest's exit status
QUICK = 25  # processor seconds of tests that a mutant meets first
OPTIMIZED = 1  # flag of the code of functions, not of modules and classes
OPTIONS = ("-q", "--tb=no", "-p", "no:cacheprovider")


def libraries():
    """Load in this process what every copy of it needs, but nothing of lowdim."""
    os.environ |= covered.ONE_THREAD
    import hypothesis.extra.numpy  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import nbval.plugin  # noqa: F401
    import pytest  # noqa: F401
    import scipy.integrate  # noqa: F401
    import scipy.interpolate  # noqa: F401
    import scipy.optimize  # noqa: F401
    import scipy.sparse.linalg  # noqa: F401
    import scipy.spatial  # noqa: F401
    import scipy.special  # noqa: F401
    import sympy  # noqa: F401

    assert "lowdim" not in sys.modules


# --- faults inside functions -----------------------------------------------------------------------------


def _parts(code):
    """Code objects directly inside one, by name and first line."""
    found = {}
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            found[part.co_qualname, part.co_firstlineno] = part
    return found


def _own(code):
    """What a code object does itself, apart from those inside it."""
    plain = [repr(c) for c in code.co_consts if not isinstance(c, types.CodeType)]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, plain


def changed_functions(old, new):
    """{name and first line: new code} of the outermost functions that differ; None if more than those do."""
    before, after = _parts(old), _parts(new)
    if _own(old) != _own(new) or set(before) != set(after):
        return None
    found = {}
    for key, code in before.items():
        other = after[key]
        if code == other:
            continue
        if code.co_flags & OPTIMIZED:
            if code.co_name.startswith("<") or code.co_freevars != other.co_freevars:
                return None  # a comprehension of the module runs while it is imported
            found[key] = other
            continue
        inside = changed_functions(code, other)
        if inside is None:
            return None
        found |= inside
    return found


def put_in(path, functions):
    """Give the live functions of a file their new code, wherever they are held."""
    live = [f for f in gc.get_objects() if isinstance(f, types.FunctionType)]
    count = 0
    for function in live:
        code = function.__code__
        new = functions.get((code.co_qualname, code.co_firstlineno))
        if new is not None and code.co_filename == str(path):
            function.__code__ = new
            count += 1
    return count


class Loop:
    """Plugin of pytest: does its work with the collected tests instead of running them."""

    def __init__(self, work):
        self.work, self.failed = work, None

    def pytest_runtestloop(self, session):
        self.work({item.nodeid: item for item in session.items})
        return True

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = report.nodeid


def run_items(loop, items, cost, tell):
    """Run tests until one fails, each for a limited time."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        # a process that runs longer is ended by the system
        used = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + limit_of(cost(item.nodeid))) + 1, -1))
        tell({"begun": item.nodeid})
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if loop.failed:
            return
        tell({"passed": item.nodeid, "seconds": round(time.process_time() - used, 3)})


def limit_of(seconds):
    return 10 + 5 * seconds


def copied(work, limit):
    """(exit status, what was told) of work in a copy of this process; `work` is given the way to tell."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.close(reading)
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            status = work(lambda row: os.write(writing, (json.dumps(row) + "\n").encode()))
        finally:
            os._exit(status)
    os.close(writing)
    os.set_blocking(reading, False)
    end, done, text = time.monotonic() + 40 * limit, 0, b""
    while True:
        with contextlib.suppress(BlockingIOError):
            text += os.read(reading, 1 << 16)
        if done or time.monotonic() > end:
            break
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0 if done else 0.01)
    with contextlib.suppress(ProcessLookupError):  # also what the tests have started
        os.killpg(child, signal.SIGKILL)
    if not done:
        _, status = os.waitpid(child, 0)
    os.close(reading)
    rows = [json.loads(line) for line in text.decode().splitlines()]
    return os.waitstatus_to_exitcode(status), rows


def _silent():
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.dont_write_bytecode = True


class Collected:
    """A module and its tests in this process: tries faults in copies of it."""

    def __init__(self, path, cost, loop, items):
        self.path, self.cost, self.loop, self.items = path, cost, loop, items
        self.sound = {}

    def attempt(self, functions, names):
        """The test that failed, None if all passed, and the seconds of those that passed."""
        items = [self.items[name] for name in names if name in self.items]

        def work(tell):
            if functions and not put_in(self.path, functions):
                return 71
            run_items(self.loop, items, self.cost, tell)
            return 0 if self.loop.failed is None else 1

        limit = sum(limit_of(self.cost(item.nodeid)) for item in items)
        status, rows = copied(work, limit)
        if status == 71:
            raise RuntimeError(f"{self.path}: no live function to break")
        begun = [row["begun"] for row in rows if "begun" in row]
        seconds = {row["passed"]: row["seconds"] for row in rows if "passed" in row}
        return (begun[-1] if status and begun else None), seconds

    def killer(self, functions, names):
        """The test that notices the fault and passes without it, and the seconds of those that passed."""
        names, learnt = list(names), {}
        while names:
            failed, seconds = self.attempt(functions, names)
            learnt |= seconds
            if failed is None:
                return None, learnt
            if failed not in self.sound:
                self.sound[failed] = self.attempt({}, [failed])[0] is None
            if self.sound[failed]:
                return failed, learnt
            names = names[names.index(failed) + 1 :]
        return None, learnt


def in_functions(name, path, faults, cost):
    """[(killer or None, seconds of tests)] of faults inside functions: pairs of new codes and tests."""
    files = sorted({test.split("::")[0] for _, tests in faults for test in tests})
    if not files:
        return [(None, {}) for _ in faults]

    def work(tell):
        _silent()
        importlib.import_module(name)  # before pytest, which loads the files it is told by itself
        import pytest

        def try_all(items):
            collected = Collected(path, cost, loop, items)
            for functions, tests in faults:
                tell(collected.killer(functions, tests))

        loop = Loop(try_all)
        return int(pytest.main([*OPTIONS, *files], plugins=[loop]))

    limit = 60 + sum(limit_of(cost(test)) for _, tests in faults for test in tests)
    status, rows = copied(work, limit)
    if len(rows) != len(faults):
        sys.exit(f"{name}: its tests cannot be collected (status {status})")
    return [tuple(row) for row in rows]


# --- faults that show while the module is imported -------------------------------------------------------


class Mutated(SourceFileLoader):
    """Loads a module from a text that differs from its file."""

    def __init__(self, name, path, text):
        super().__init__(name, str(path))
        self.text = text

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.path, loader=self)
        return None

    def get_code(self, fullname):
        return compile(self.text, self.path, "exec", dont_inherit=True)


def trial(module, tests, limit):
    """Exit status of the tests in a copy of this process; `module` is (name, path, text)."""

    def work(_):
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 5))
        _silent()
        sys.meta_path.insert(0, Mutated(*module))
        importlib.import_module(module[0])
        import pytest

        return int(pytest.main(["-x", *OPTIONS, *tests]))

    return copied(work, limit)[0]


def survives(module, tests, limit):
    """Whether all tests pass. Tests that pytest does not find are no verdict."""
    status = trial(module, tests, limit)
    if status == NOT_FOUND and trial((*module[:2], module[1].read_text("utf8")), tests, limit) == NOT_FOUND:
        sys.exit(f"{module[0]}: its tests are others than `make coverage` has seen: run it again")
    return status == 0


def while_imported(module, tests, cost):
    """Whether some test notices a fault, those first that are quick."""
    rest, spent, first = list(tests), 0.0, []
    while rest and (not first or spent + cost(rest[0]) < QUICK):
        spent += cost(rest[0])
        first.append(rest.pop(0))
    for part in filter(None, (first, rest)):
        if not survives(module, part, limit_of(sum(map(cost, part)))):
            return True
    return False
