"""Make the virtual environment `.venv-<name>` of a peer that cannot live in the book's own.

    .venv/bin/python tests/tools/peer_environment.py treams

Its requirements are `tests/peers/<name>.txt`; `tests/peers/<name>_worker.py` runs in it. Nothing is done
where it is there and up to date.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_of(name, root=ROOT):
    """Path of the peer's interpreter, whether it is there or not."""
    return root / f".venv-{name}" / "bin" / "python"


def make(name, root=ROOT):
    """Make the environment unless its stamp says that it is made from the same requirements."""
    requirements = root / "tests" / "peers" / f"{name}.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    place = root / f".venv-{name}"
    stamp = place / "made-from"
    if stamp.exists() and stamp.read_text() == wanted and python_of(name, root).exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
    install = [str(python_of(name, root)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-r", str(requirements)], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    for peer in sys.argv[1:]:
        make(peer)
