"""The API page leaves out no public module."""

import pkgutil
from pathlib import Path

import pytest

import lowdim

API = (Path(__file__).parents[1] / "book" / "api.md").read_text(encoding="utf-8")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(lowdim.__path__, "lowdim.")
    if "._" not in module.name and ".data" not in module.name
)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_is_on_the_api_page(module):
    assert f".. automodule:: {module}\n" in API
