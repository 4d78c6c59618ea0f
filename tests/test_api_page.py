"""The API pages list every public module once, on the page of its subpackage, and each public name once."""

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

import lowdim

BOOK = Path(__file__).parents[1] / "book"
LISTED = re.compile(r"^\.\. automodule:: (\S+)\n   :(no-)?members:$", re.M)
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(lowdim.__path__, "lowdim.")
    if "._" not in module.name and ".data" not in module.name
)


def listed():
    """Pairs of page and module, and whether the module's members are shown."""
    for page in [BOOK / "api.md", *sorted((BOOK / "api").glob("*.md"))]:
        for module, hidden in LISTED.findall(page.read_text("utf8")):
            yield page.stem, module, not hidden


def subpackage(module):
    """Page where a module belongs: that of its folder, or the one of what all share."""
    folder = Path(lowdim.__path__[0], module.split(".")[1])
    return folder.name if folder.is_dir() else "shared"


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_is_listed_once_on_its_page(module):
    assert [page for page, name, _ in listed() if name == module] == [subpackage(module)]


def test_nothing_else_is_listed():
    assert sorted(module for _, module, _ in listed()) == MODULES


def test_every_public_name_is_shown_once():
    shown = Counter()
    for _, name, members in listed():
        module = importlib.import_module(name)
        names = getattr(module, "__all__", None) or [
            key for key, value in vars(module).items() if getattr(value, "__module__", "") == name
        ]
        shown.update(id(vars(module)[key]) for key in names if members and callable(vars(module)[key]))
    for module in filter(lambda module: hasattr(module, "__path__"), map(importlib.import_module, MODULES)):
        for key in getattr(module, "__all__", None) or [key for key in vars(module) if key[0] != "_"]:
            value = vars(module)[key]
            if callable(value):
                assert shown[id(value)] == 1, f"{module.__name__}.{key} is shown {shown[id(value)]} times"
    assert max(shown.values()) == 1


def test_every_page_is_in_the_contents():
    parts = yaml.safe_load((BOOK.parent / "_toc.yml").read_text("utf8"))["parts"]
    entry = next(item for part in parts for item in part["chapters"] if item["file"] == "book/api")
    pages = {f"book/api/{path.stem}" for path in (BOOK / "api").glob("*.md")}
    assert {item["file"] for item in entry["sections"]} == pages
    text = (BOOK / "api.md").read_text("utf8")
    assert all(f"]({page.removeprefix('book/')}.md)" in text for page in pages)
