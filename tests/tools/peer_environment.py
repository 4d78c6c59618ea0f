"""Make the virtual environments `.venv-<name>` of peers that cannot live in the book's own, and ask there.

    .venv/bin/python tests/tools/peer_environment.py treams qmeq quspin

Its requirements are `tests/peers/<name>.txt`; `tests/peers/<name>_worker.py` runs in it. Nothing is done
where it is there and up to date. A line ``# python 3.10`` asks for that Python; without it on this machine
the peer is left out, and its tests say so.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_of(name, root=ROOT):
    """Path of the peer's interpreter, whether it is there or not."""
    return root / f".venv-{name}" / "bin" / "python"


def base_python(text):
    """The Python that requirements ask for, on the path or of pyenv; None where there is none."""
    wanted = re.search(r"^# python (3\.\d+)$", text, re.MULTILINE)
    if not wanted:
        return sys.executable
    version = wanted[1]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [shutil.which(f"python{version}"), *sorted(versions.glob(f"{version}.*/bin/python"))]
    for place in filter(None, places):
        told = subprocess.run([str(place), "--version"], capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.startswith(f"Python {version}."):
            return str(place)
    print(f"Python {version} is not on this machine.", flush=True)
    return None


def make(name, root=ROOT):
    """Make the environment unless its stamp says that it is made from the same requirements."""
    requirements = root / "tests" / "peers" / f"{name}.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    place = root / f".venv-{name}"
    stamp = place / "made-from"
    if stamp.exists() and stamp.read_text() == wanted and python_of(name, root).exists():
        return
    base = base_python(requirements.read_text())
    if base is None:
        print(f"{name} is left out.", flush=True)
        return
    subprocess.run([base, "-m", "venv", "--clear", str(place)], check=True)
    install = [str(python_of(name, root)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # the versions hold for what builds it, too
    environment = os.environ | {"PIP_CONSTRAINT": str(requirements)}
    subprocess.run([*install, "-r", str(requirements)], check=True, env=environment)
    stamp.write_text(wanted)


def ask(name, **arguments):
    """Answer of a peer's worker; the test is skipped where the peer is not installed."""
    import numpy as np
    import pytest

    if not python_of(name).exists():
        pytest.skip(f"{name} is not installed (`make peers` installs it)")
    plain = {key: v.tolist() if isinstance(v, np.ndarray) else v for key, v in arguments.items()}
    worker = [str(python_of(name)), str(ROOT / "tests" / "peers" / f"{name}_worker.py")]
    found = subprocess.run(worker, input=json.dumps(plain), capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


if __name__ == "__main__":
    for peer in sys.argv[1:]:
        make(peer)
