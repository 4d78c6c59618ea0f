"""The package as others get it: what wheel and sdist carry, what an import costs, what the extras allow."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import package
import pages

LIB = pages.ROOT / "lib"
CARRIED = {"mpmath", "sphinx", "docutils"}  # sympy is nothing without the one, myst-nb without the others
BUILD = "import flit_core.buildapi as b, sys; print(b.build_wheel(sys.argv[1]), b.build_sdist(sys.argv[1]))"


def tree(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of lib/ after it was built, what was in it before, and the folder of wheel and sdist."""
    root = tmp_path_factory.mktemp("package")
    copy, target = root / "lib", root / "dist"
    shutil.copytree(LIB, copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist"))
    target.mkdir()
    before = tree(copy)
    subprocess.run([sys.executable, "-c", BUILD, str(target)], cwd=copy, check=True)
    return copy, before, target


def test_building_leaves_nothing(built):
    copy, before, _ = built
    assert tree(copy) == before


def test_wheel_and_sdist_carry_everything(built):
    copy, before, target = built
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        assert {name for name in before if name.startswith("lowdim/")} <= names
        licence = wheel.read("lowdim-0.1.0.dist-info/licenses/LICENSE").decode()
        about = Parser().parsestr(wheel.read("lowdim-0.1.0.dist-info/METADATA").decode())
    with tarfile.open(next(target.glob("*.tar.gz"))) as sdist:
        assert {f"lowdim-0.1.0/{name}" for name in before} <= set(sdist.getnames())
    assert licence in (pages.ROOT / "LICENSE").read_text() and licence.startswith("BSD 3-Clause License")
    assert about["License-Expression"] == "BSD-3-Clause" and about["License-File"] == "LICENSE"
    assert "developers" in about["Author"] and about["Requires-Python"] == ">=3.11"
    assert about["Description-Content-Type"] == "text/markdown"
    assert about.get_payload().strip() == (LIB / "README.md").read_text().strip()
    addresses = dict(url.split(", ") for url in about.get_all("Project-URL"))
    assert set(addresses) >= {"Homepage", "Documentation", "Source", "Issues"}
    citation = (pages.ROOT / "CITATION.cff").read_text()
    assert addresses["Homepage"] in citation and addresses["Source"] in citation
    assert f"version: {about['Version']}\n" in citation


def test_the_readme_example_runs():
    code = re.search(r"```python\n(.*?)```", (LIB / "README.md").read_text(), re.DOTALL)[1]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.startswith("[(0.5"), run.stderr


def test_subpackages_are_listed_and_imported_when_used():
    code = (
        "import json, sys, lowdim; before = sorted(sys.modules); "
        "lowdim.dot.QuantumDot; print(json.dumps([dir(lowdim), before, lowdim.__all__]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names, before, listed = json.loads(run.stdout)
    folders = {path.parent.name for path in (LIB / "lowdim").glob("*/__init__.py")}
    assert folders | {"stored", "constants", "__version__"} <= set(names)
    assert folders <= set(listed)
    assert "numpy" not in before and not [name for name in before if name.startswith("lowdim.")]


def test_an_unknown_attribute_is_refused():
    import lowdim

    with pytest.raises(AttributeError, match="module 'lowdim' has no attribute 'nothing'"):
        lowdim.nothing  # noqa: B018


def requirements(name, extras):
    """Distributions that `name[extras]` needs, itself left out, as far as this machine goes."""
    try:
        needs = distribution(name).requires or []
    except PackageNotFoundError:
        return
    for requirement in map(Requirement, needs):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement.name.lower().replace("_", "-"), frozenset(requirement.extras)


def closure(name, extras):
    seen, waiting = set(), {(name, frozenset(extras))}
    while waiting:
        item = waiting.pop()
        seen.add(item)
        waiting |= set(requirements(*item)) - seen
    return {name for name, _ in seen}


def imported(path):
    """Names of the packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_every_import_is_of_a_requirement_of_all():
    project = tomllib.loads((LIB / "pyproject.toml").read_text("utf8"))["project"]
    rows = sum(project["optional-dependencies"].values(), project["dependencies"])
    allowed = {Requirement(row).name for row in rows} | CARRIED
    owners = packages_distributions()
    for path in (LIB / "lowdim").rglob("*.py"):
        if path.parent.name != "data":
            for name in set(imported(path)) - set(sys.stdlib_module_names) - {"lowdim"}:
                owner = {found.lower().replace("_", "-") for found in owners.get(name, [])}
                assert owner & allowed, f"{path} imports {name}"


def test_the_examples_run_with_the_requirements_of_all_alone(built, tmp_path):
    """The wheel, unpacked beside links to what `lowdim[all]` needs; `make package` does it by installing."""
    with zipfile.ZipFile(next(built[2].glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path)
    for name in closure("lowdim", {"all"}) - {"lowdim"}:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            source = Path(distribution(name).locate_file(top))
            if source.exists() and not (tmp_path / top).exists():
                (tmp_path / top).symlink_to(source)
    chosen = ["lowdim", "lowdim.figures", "lowdim.tables", "lowdim.stored", "lowdim.constants"]
    chosen += [name for name in package.modules() if name.startswith(("lowdim.derivation", "lowdim.ledger"))]
    base = Path(sys.executable).resolve()
    start = "import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv[:] = sys.argv[2:]; "
    start += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [base, "-I", "-S", "-c", start, tmp_path, package.__file__, "--examples", *chosen]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"imported from {tmp_path / 'lowdim'};" in run.stdout and " 0 failed" in run.stdout
