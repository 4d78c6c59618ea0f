"""Make the virtual environment `.venv`, or do nothing if it is there, whole and up to date.

Run by the system's Python before anything is installed: standard library only, and plain enough
for an old Python to reach the sentence that says it is too old.

    python3 tests/tools/environment.py [extra requirement files]

With HASHES=FILE in the environment only files are installed whose hashes that file lists.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "made-from"
MANIFEST = ENVIRONMENT / "made-of"
REQUIREMENTS = ["requirements.txt", "tests/requirements.txt"]
INPUTS = REQUIREMENTS + ["constraints.txt", "lib/pyproject.toml", "tests/tools/environment.py"]
OLDEST = (3, 11)
# Variables that send an installer to another place, or change the Python that runs it.
MISLEADING = "PIP_PREFIX PIP_ROOT PIP_TARGET PYTHONHOME PYTHONPATH UV_PYTHON UV_SYSTEM_PYTHON".split()


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
    digest = hashlib.sha256(os.fsencode(str(ROOT)) + sys.version.encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def contents():
    """The files of the environment with their sizes, less what changes in use."""
    for folder, names, files in os.walk(os.fsencode(str(ENVIRONMENT))):
        names[:] = [name for name in names if name != b"__pycache__"]
        for name in files:
            path = os.path.join(folder, name)
            if name not in (b"made-from", b"made-of") and os.path.exists(path):
                yield os.path.getsize(path), os.path.relpath(path, os.fsencode(str(ENVIRONMENT)))


def record():
    """Keep what the environment is made of, and from."""
    MANIFEST.write_bytes(b"".join(b"%d %s\n" % row for row in sorted(contents(), key=lambda row: row[1])))
    STAMP.write_text(fingerprint())


def damage():
    """A sentence on what the environment lacks of what was installed, or None."""
    rows = (line.split(b" ", 1) for line in MANIFEST.read_bytes().splitlines())
    wanted = {name: int(size) for size, name in rows}
    found = {name: size for size, name in contents()}
    bad = sorted(name for name, size in wanted.items() if found.get(name) != size)
    if not bad:
        return None
    what = "is not there" if bad[0] not in found else "is not as it was installed"
    more = f" (and {len(bad) - 1} more)" if bad[1:] else ""
    return f".venv is damaged: {os.fsdecode(bad[0])} {what}{more}. It is made again."


def up_to_date(wanted):
    if not (STAMP.exists() and MANIFEST.exists() and STAMP.read_text() == wanted):
        return False
    sentence = damage()
    if sentence:
        print(sentence.encode("ascii", "backslashreplace").decode(), flush=True)
    return sentence is None


def pip_install(python):
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def installers_environment():
    """Variables for an installer: nothing that sends it elsewhere, and any folder can be named."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    kept.pop("VIRTUAL_ENV", None)
    return dict(kept, PIP_USER="0", PYTHONUTF8="1", PYTHONNOUSERSITE="1")


def install(files):
    """Install requirement files by uv, or by pip where uv cannot be had or cannot reach its index."""
    python = str(ENVIRONMENT / "bin" / "python")
    arguments = [word for name in files for word in ("-r", name)]
    environment = installers_environment()
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    if subprocess.run(uv + arguments, cwd=ROOT, env=environment).returncode == 0:
        return
    print("uv could not install; pip does the same more slowly.", flush=True)
    subprocess.run(pip_install(python) + arguments, cwd=ROOT, env=environment, check=True)


def install_verified(hashes):
    """Install what a file lists with its hashes, then the package; what has another hash is refused."""
    python, environment = str(ENVIRONMENT / "bin" / "python"), installers_environment()
    block = re.search(r"^uv==(?:.*\\\n)*.*\n", (ROOT / hashes).read_text(), re.MULTILINE).group()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(block)
        file.flush()
        first = pip_install(python) + ["--require-hashes", "--no-deps", "-r", file.name]
        subprocess.run(first, check=True, cwd=ROOT, env=environment)
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, "--no-deps"]
    subprocess.run(uv + ["--require-hashes", "-r", hashes], check=True, cwd=ROOT, env=environment)
    subprocess.run(uv + ["--no-build-isolation", "-e", "lib"], check=True, cwd=ROOT, env=environment)


def make(hashes=None):
    """Make the environment afresh: what a former one held beyond the requirements goes away."""
    print("Making .venv with Python {}.{}".format(*sys.version_info[:2]), flush=True)
    environment = installers_environment()
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True, env=environment)
    if hashes:
        return install_verified(hashes)
    python = str(ENVIRONMENT / "bin" / "python")
    subprocess.run(pip_install(python) + ["-c", "constraints.txt", "uv"], cwd=ROOT, env=environment)
    return install(REQUIREMENTS)


def main(extra):
    hashes = os.environ.get("HASHES")
    sentence = missing()
    if sentence:
        sys.exit(sentence)
    wanted = fingerprint()
    if not up_to_date(wanted):
        try:
            make(hashes)
        except subprocess.CalledProcessError as error:
            sys.exit("The environment could not be made: `{}` failed.".format(" ".join(map(str, error.cmd))))
        record()
    if extra:
        install(extra)
        record()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Interrupted: `make env` begins again.")
