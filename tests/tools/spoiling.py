"""One public function of lowdim at a time gives wrong results."""

import contextlib
import copy
import dataclasses
import functools
import importlib
import inspect
import pickle
import pkgutil

import joblib
import numpy as np
import scipy.sparse as sparse

import lowdim

__all__ = ["MODES", "SOLVERS", "Fault", "public_functions", "spoiled"]

LARGEST = 50_000_000  # bytes of a result that is remembered
MODES = ("scaled", "shifted", "turned")
SOLVERS = ("dot", "exciton", "lattice", "optics", "spinorbit", "wigner")


def public_functions():
    """Return (owner, name, label) of every public function and method of the solvers.

    `owner` is the module or class that holds it, `label` what the ledger shows: ``dot.spectrum``,
    ``wigner.Keldysh.terms``.
    """
    found = []
    for module in _modules():
        short = module.__name__.split(".")[1]
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if getattr(thing, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(thing):
                found.append((module, name, f"{short}.{name}"))
            elif inspect.isclass(thing):
                methods = [
                    n for n, m in vars(thing).items() if inspect.isfunction(m) and not n.startswith("_")
                ]
                found += [(thing, n, f"{short}.{thing.__name__}.{n}") for n in methods]
    return found


def _modules():
    for solver in SOLVERS:
        package = importlib.import_module(f"lowdim.{solver}")
        yield package
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not info.name.rsplit(".", 1)[1].startswith(("_", "data", "make")):
                yield importlib.import_module(info.name)


def replace(owner, name, wrapper):
    """Put a wrapped function in the place of the function, wherever lowdim has imported it."""
    original = vars(owner)[name]
    wrapped = functools.wraps(original)(wrapper(original))
    if inspect.isclass(owner):
        setattr(owner, name, wrapped)
        return
    for module in [lowdim, *_modules()]:
        for key, value in list(vars(module).items()):
            if value is original:
                setattr(module, key, wrapped)


class Fault:
    """Stands between a page and the solvers: spoils one function, and remembers what the others gave.

    Parameters
    ----------
    folder : Path
        Where results of sound calls are kept. A call from the page is answered from there if the function at
        fault had no part in it, so that a spoiled page takes only the time of what the fault reaches.
    label, mode : str or None
        The function at fault and what happens to its results; None for a sound run.
    """

    def __init__(self, folder, label=None, mode=None):
        self.folder, self.label, self.mode = folder, label, mode
        self.called = set()
        self.stack = []

    def install(self):
        for owner, name, label in public_functions():
            replace(owner, name, functools.partial(self._guarded, label))

    def _guarded(self, label, original):
        def guarded(*args, **kwargs):
            if self.stack:
                return self._call(label, original, args, kwargs)
            key = self._key(label, args, kwargs)
            if key is not None and key.exists():
                result, within = pickle.loads(key.read_bytes())
                if self.label not in within:
                    self.called |= within
                    return result
            within = self.called
            self.called = set()
            try:
                result = self._call(label, original, args, kwargs)
                if self.label is None and key is not None:
                    self._keep(key, (result, self.called))
            finally:
                self.called |= within
            return result

        return guarded

    def _call(self, label, original, args, kwargs):
        self.called.add(label)
        self.stack.append(label)
        try:
            result = original(*args, **kwargs)
        finally:
            self.stack.pop()
        return spoiled(result, self.mode) if label == self.label else result

    def _key(self, label, args, kwargs):
        given = [*args, *kwargs.values()]
        if any(isinstance(one, np.random.Generator) or callable(one) for one in given):
            return None
        try:
            return self.folder / f"{label}-{joblib.hash((args, kwargs))}"
        except Exception:  # what cannot be pickled is not remembered
            return None

    def _keep(self, key, entry):
        with contextlib.suppress(Exception):
            data = pickle.dumps(entry)
            if len(data) < LARGEST:
                key.write_bytes(data)


def spoiled(value, mode):
    """Return a result with its numbers scaled by 1.1, shifted, or turned in sign.

    Whole numbers are shifted by one and booleans negated in every mode; what holds no number comes back as
    it is.

    >>> spoiled((2.0, [3, True], "a"), "scaled")
    (2.2, [4, False], 'a')
    """
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, int | np.integer):
        return value + 1
    if isinstance(value, float | complex | np.floating | np.complexfloating):
        return type(value)(_number(value, mode, abs(value)))
    if isinstance(value, np.ndarray):
        return _array(value, mode)
    if sparse.issparse(value):
        return -value if mode == "turned" else value * 1.1
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(spoiled(item, mode) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(spoiled(item, mode) for item in value)
    if isinstance(value, dict):
        return {key: spoiled(item, mode) for key, item in value.items()}
    if callable(value) and not isinstance(value, type):
        return lambda *a, **k: spoiled(value(*a, **k), mode)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        copied = copy.copy(value)
        for field in dataclasses.fields(value):
            object.__setattr__(copied, field.name, spoiled(getattr(value, field.name), mode))
        return copied
    return value


def _number(value, mode, size):
    return {"scaled": value * 1.1, "shifted": value + 0.1 * size + 1e-3, "turned": -value}[mode]


def _array(value, mode):
    kind = value.dtype.kind
    if kind == "b":
        return ~value
    if kind in "iu":
        return value + 1
    if kind not in "fc" or not value.size:
        return value
    finite = np.abs(value[np.isfinite(value)])
    return np.asarray(_number(value, mode, finite.max() if finite.size else 1.0), dtype=value.dtype)
