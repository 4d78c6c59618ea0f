"""Install `lowdim[all]` in an empty environment, as a user would, and run every docstring example there.

    python tests/tools/package.py
    python package.py --examples [module ...]     run the examples of the installed package

The second form needs nothing but the package; modules choose some, without them all run.
"""

import argparse
import doctest
import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules():
    """Names of all modules of the installed package."""
    import lowdim

    return ["lowdim", *(module.name for module in pkgutil.walk_packages(lowdim.__path__, "lowdim."))]


def run_examples(chosen):
    """Import every module and run the examples of the chosen ones; return whether all are right."""
    found = [(name, importlib.import_module(name)) for name in modules()]
    failed = tried = 0
    for name, module in found:
        if not chosen or name in chosen:
            outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
            failed, tried = failed + outcome.failed, tried + outcome.attempted
    where = Path(found[0][1].__file__).parent
    print(f"{len(found)} modules imported from {where}; {tried} lines of examples, {failed} failed")
    return not failed and tried > 0


def install_and_run():
    """Build the wheel of a copy, install it with all extras in a new environment, and run the examples."""
    uv = Path(sys.executable).with_name("uv")
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "lib", folder / "lib", ignore=ignored)
        python = folder / "empty" / "bin" / "python"
        wheel = f"{folder / 'lib'}[all]"
        for command in (
            [uv, "venv", "--quiet", "--python", sys.executable, folder / "empty"],
            [uv, "pip", "install", "--quiet", "--python", python, wheel],
            [python, "-I", Path(__file__), "--examples"],
        ):
            subprocess.run(command, cwd=folder, env=kept, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", nargs="*", metavar="MODULE", help="run the examples of the package")
    chosen = parser.parse_args().examples
    if chosen is None:
        install_and_run()
    elif not run_examples(chosen):
        sys.exit(1)


if __name__ == "__main__":
    main()
