"""Solvers and the claims ledger behind *Low-dimensional quantum matter, recomputed*.

Subpackages are imported when they are first used.

>>> import lowdim
>>> "dot" in dir(lowdim), lowdim.dot.__name__
(True, 'lowdim.dot')
"""

import importlib
import pkgutil

__version__ = "0.1.0"

__all__ = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"lowdim.{name}")
    raise AttributeError(f"module 'lowdim' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
