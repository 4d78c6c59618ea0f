"""The script that makes `.venv` says what is missing and notices what changed."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

import environment
import pages


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(environment.sys, "version", "3.10.4 (main)")
    assert environment.missing().startswith("Python 3.11 or newer is needed and this is 3.10.4")


def test_a_missing_module_is_named(monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    assert "apt install python3-venv" in environment.missing()


def test_this_machine_lacks_nothing():
    assert environment.missing() is None


def test_a_changed_requirement_makes_the_environment_stale(monkeypatch, tmp_path):
    for name in environment.INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("numpy\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    before = environment.fingerprint()
    assert environment.fingerprint() == before
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n")
    assert environment.fingerprint() != before


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """An environment of three files, whole and recorded."""
    folder = tmp_path / ".venv"
    for name in ("bin/python", "lib/tool/__init__.py", "lib/tool/data.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("content")
    for name in ("ENVIRONMENT", "STAMP", "MANIFEST"):
        place = getattr(environment, name).relative_to(environment.ROOT / ".venv")
        monkeypatch.setattr(environment, name, folder / place)
    environment.record()
    assert environment.up_to_date(environment.fingerprint())
    return folder


DAMAGE = {
    "a file": (lambda f: (f / "lib/tool/data.txt").unlink(), "lib/tool/data.txt is not there."),
    "a cut": (lambda f: (f / "lib/tool/data.txt").write_text("con"), "data.txt is not as it was installed."),
    "a folder": (lambda f: shutil.rmtree(f / "lib/tool"), "__init__.py is not there (and 1 more)."),
    "the Python": (lambda f: (f / "bin/python").unlink(), "bin/python is not there."),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_environment_is_named(installed, damage, capsys):
    spoil, sentence = DAMAGE[damage]
    spoil(installed)
    assert not environment.up_to_date(environment.fingerprint())
    printed = capsys.readouterr().out
    assert printed.startswith(".venv is damaged: ") and sentence in printed


def test_an_environment_without_its_records_is_made_again(installed):
    (installed / "made-of").unlink()
    assert not environment.up_to_date(environment.fingerprint())


def test_what_use_adds_is_no_damage(installed):
    for name in ("lib/tool/__pycache__/data.pyc", "lib/more.py"):
        (installed / name).parent.mkdir(exist_ok=True)
        (installed / name).write_text("added")
    assert environment.up_to_date(environment.fingerprint())


def test_misleading_variables_and_any_folder(tmp_path):
    """`make env` with them, in a folder that ASCII cannot name; a wheel stands for the requirements."""
    root = tmp_path / "f\u00e4lle \u00fc"
    for name in environment.INPUTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    shutil.copy(environment.__file__, root / "tests" / "tools")
    shutil.copy(pages.ROOT / "Makefile", root)
    with zipfile.ZipFile(root / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "here = True")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("tiny-1.0.dist-info/WHEEL", tag)
        wheel.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
    (root / "requirements.txt").write_text("./tiny-1.0-py3-none-any.whl\n")
    hostile = {
        "LC_ALL": "POSIX",
        "PIP_NO_INDEX": "1",
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_USER": "1",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONPATH": "/nowhere",
        "PYTHONUTF8": "0",
        "VIRTUAL_ENV": sys.prefix,
    }
    base = os.path.realpath(sys.executable)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE"))}

    def run(*command):
        done = subprocess.run(command, cwd=root, env=kept | hostile, capture_output=True, text=True)
        imported = [str(root / ".venv" / "bin" / "python"), "-c", "import tiny; assert tiny.here"]
        assert done.returncode == 0 and subprocess.run(imported).returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Making .venv" in run(base, "tests/tools/environment.py")
    assert run(base, "tests/tools/environment.py") == ""
    (root / ".venv" / "bin" / "pip").unlink()
    assert ".venv is damaged: bin/pip is not there. It is made again." in run("make", "env", f"PYTHON={base}")
