"""Make the virtual environment `.venv`, or do nothing if it is there and up to date.

Run by the system's Python before anything is installed: standard library only, and plain enough
for an old Python to reach the sentence that says it is too old.

    python3 tests/tools/environment.py [extra requirement files]
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "made-from"
REQUIREMENTS = ["requirements.txt", "tests/requirements.txt"]
INPUTS = REQUIREMENTS + ["constraints.txt", "lib/pyproject.toml", "tests/tools/environment.py"]
OLDEST = (3, 11)


def missing():
    """Return a sentence naming what this machine lacks, or None."""
    if sys.version_info < OLDEST:
        sentence = "Python {}.{} or newer is needed and this is {}: name a newer one by `make PYTHON=...`."
        return sentence.format(*OLDEST, sys.version.split()[0])
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        return "Python's venv module is missing: on Debian or Ubuntu run `apt install python3-venv`."
    return None


def fingerprint():
    """Digest of everything the environment is made from, its place and its Python included."""
    digest = hashlib.sha256((str(ROOT) + sys.version).encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def up_to_date(wanted):
    return (ENVIRONMENT / "bin" / "python").exists() and STAMP.exists() and STAMP.read_text() == wanted


def pip_install(python):
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def install(files):
    """Install requirement files by uv, or by pip where uv cannot be had or cannot reach its index."""
    python = str(ENVIRONMENT / "bin" / "python")
    arguments = [word for name in files for word in ("-r", name)]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    if subprocess.run(uv + arguments, cwd=ROOT, env=environment).returncode == 0:
        return
    print("uv could not install; pip does the same more slowly.", flush=True)
    subprocess.run(pip_install(python) + arguments, cwd=ROOT, env=environment, check=True)


def make():
    """Make the environment afresh: what a former one held beyond the requirements goes away."""
    print("Making .venv with Python {}.{}".format(*sys.version_info[:2]), flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    python = str(ENVIRONMENT / "bin" / "python")
    subprocess.run(pip_install(python) + ["-c", "constraints.txt", "uv"], cwd=ROOT)
    install(REQUIREMENTS)


def main(extra):
    sentence = missing()
    if sentence:
        sys.exit(sentence)
    wanted = fingerprint()
    if not up_to_date(wanted):
        try:
            make()
        except subprocess.CalledProcessError as error:
            sys.exit("The environment could not be made: `{}` failed.".format(" ".join(map(str, error.cmd))))
        STAMP.write_text(wanted)
    if extra:
        install(extra)


if __name__ == "__main__":
    main(sys.argv[1:])
