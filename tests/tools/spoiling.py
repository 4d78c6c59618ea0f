"""One public function of lowdim at a time gives wrong results."""

import contextlib
import copy
import dataclasses
import functools
import importlib
import inspect
import pickle
import pkgutil
import types
import zlib

import joblib
import numpy as np
import scipy.sparse as sparse

import lowdim
import lowdim.stored

__all__ = ["MODES", "SOLVERS", "Fault", "public_functions", "spoiled"]

LARGEST = 50_000_000  # bytes of a result that is remembered
MODES = ("scaled", "shifted", "turned", "scattered")
PROPERTIES = (property, functools.cached_property)
SOLVERS = ("dot", "exciton", "lattice", "optics", "spinorbit", "wigner")


def public_functions():
    """Return (owner, name, label) of every public function, method and property of the solvers.

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
                    n
                    for n, m in vars(thing).items()
                    if (inspect.isfunction(m) or isinstance(m, PROPERTIES)) and not n.startswith("_")
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
    if isinstance(original, PROPERTIES):
        setattr(owner, name, property(wrapper(lambda self: original.__get__(self, type(self)))))
        return
    wrapped = functools.wraps(original)(wrapper(original))
    if inspect.isclass(owner):
        setattr(owner, name, wrapped)
        return
    for module in [lowdim, lowdim.stored, *_modules()]:
        for key, value in list(vars(module).items()):
            if value is original:
                setattr(module, key, wrapped)


class Fault:
    """Stands between a page and the solvers: spoils what one function gives to the page.

    Only calls from the page itself are counted and spoiled; what a solver calls on its way is its own matter.
    Stored data is spoiled too, one file at a time.

    Parameters
    ----------
    folder : Path
        Where results of sound calls are kept. A call is answered from there if its arguments are the same, so
        that a spoiled page takes only the time of what the fault changes.

    Attributes
    ----------
    label, mode : str or None
        The function at fault and what happens to its results; None for a sound run.
    called : set of str
        Functions the page has called.
    """

    def __init__(self, folder):
        self.folder, self.label, self.mode = folder, None, None
        self.called = set()
        self._within, self._kept = False, {}

    def install(self):
        for owner, name, label in public_functions():
            replace(owner, name, functools.partial(self._guarded, label))
        replace(lowdim.stored, "load_stored", functools.partial(self._guarded, None))

    def _guarded(self, label, original):
        def guarded(*args, **kwargs):
            if self._within:
                return original(*args, **kwargs)
            own = label or "{}/data/{}".format(*args)
            self.called.add(own)
            self._within = True
            try:
                result = self._answer(own, original, args, kwargs)
            finally:
                self._within = False
            return spoiled(result, self.mode) if own == self.label else result

        return guarded

    def _answer(self, label, original, args, kwargs):
        key = self._key(label, args, kwargs)
        known = self._known(key)
        if known is not None:
            return pickle.loads(known)
        result = original(*args, **kwargs)
        if self.label is None and key is not None:
            self._keep(key, result)
        return result

    def _key(self, label, args, kwargs):
        given = [*args, *kwargs.values()]
        if any(isinstance(one, np.random.Generator) or callable(one) for one in given):
            return None
        try:
            return f"{label.replace('/', '-')}-{joblib.hash((args, kwargs))}"
        except Exception:  # what cannot be pickled is not remembered
            return None

    def _known(self, key):
        if key is None:
            return None
        if key not in self._kept and (self.folder / key).exists():
            self._kept[key] = (self.folder / key).read_bytes()
        return self._kept.get(key)

    def _keep(self, key, result):
        with contextlib.suppress(Exception):
            data = pickle.dumps(result)
            pickle.loads(data)
            if len(data) < LARGEST:
                self._kept[key] = data
                part = self.folder / f"{key}.part"
                part.write_bytes(data)
                part.replace(self.folder / key)


def spoiled(value, mode):
    """Return a result with its numbers scaled by 1.1, shifted, turned in sign, or scattered.

    Scattered numbers have each its own factor between a hundredth and a hundred, which only their value
    decides: ratios fail by that, and bounds that lie far away. Whole numbers are shifted by one and booleans
    negated in every mode; what holds no number comes back as it is.

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
    if isinstance(value, dict | types.MappingProxyType):
        fresh = {key: spoiled(item, mode) for key, item in value.items()}
        return fresh if isinstance(value, dict) else types.MappingProxyType(fresh)
    if callable(value) and not isinstance(value, type):
        return lambda *a, **k: spoiled(value(*a, **k), mode)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        copied = copy.copy(value)
        for field in dataclasses.fields(value):
            object.__setattr__(copied, field.name, spoiled(getattr(value, field.name), mode))
        return copied
    return value


def _number(value, mode, size):
    if mode == "scattered":
        seed = zlib.crc32(np.ascontiguousarray(value).tobytes())
        return value * 100.0 ** np.random.default_rng(seed).uniform(-1, 1, np.shape(value))
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
