"""What all of the package keeps to: results do not change, and every argument can be given by its name."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import lowdim

GROWS = {"lowdim.derivation.chain.Derivation"}  # step by step


def made_here():
    """Every function and class of the package, by its full name."""
    names = [info.name for info in pkgutil.walk_packages(lowdim.__path__, "lowdim.")]
    for name in (n for n in names if ".data." not in n):
        for thing in vars(importlib.import_module(name)).values():
            if getattr(thing, "__module__", None) == name and hasattr(thing, "__qualname__"):
                yield f"{name}.{thing.__qualname__}", thing


def test_no_field_of_a_dataclass_can_be_set():
    found = {name: kind for name, kind in made_here() if dataclasses.is_dataclass(kind)}
    assert len(found) > 60 and set(found) >= GROWS
    for name, kind in found.items():
        if name not in GROWS:
            one = object.__new__(kind)
            for field in dataclasses.fields(kind):
                with pytest.raises(dataclasses.FrozenInstanceError):
                    setattr(one, field.name, None)


def test_every_argument_has_a_name():
    found = [one for _, one in made_here() if inspect.isfunction(one)]
    found += [m for _, one in made_here() if inspect.isclass(one) for m in vars(one).values() if callable(m)]
    functions = [inspect.unwrap(one) for one in found if inspect.isfunction(one)]
    assert len(functions) > 1000
    assert not [f for f in functions if f.__code__.co_posonlyargcount]
