"""Stored data: written with a digest, refused on loading when it is not what was written.

What takes longer than a page may lies in the folder ``data`` of a subpackage. The file ``SHA256SUMS`` there
lists the digest of every stored file, in the form that ``sha256sum --check`` reads.
"""

import hashlib
import io
import json
import os
from importlib import resources
from pathlib import Path

import numpy as np

from lowdim._checks import instance, refuse

__all__ = ["DamagedDataError", "load_stored", "sign_stored", "store"]

SUMS = "SHA256SUMS"
ENDINGS = (".json", ".npz", ".txt")


class DamagedDataError(RuntimeError):
    """A stored file is missing, or is not what was stored; says which, what is wrong, and what mends it."""


def load_stored(package, name):
    """Read one stored file, once its digest is found to be right.

    Parameters
    ----------
    package : str
        Subpackage of lowdim whose folder ``data`` holds the file.
    name : str
        Name of the file: .json, .npz or .txt.

    Returns
    -------
    dict or str
        The content of a .json file, the arrays of an .npz file by their names, or the text of a .txt file.

    Raises
    ------
    DamagedDataError
        If the file is missing, is not listed, or does not have the digest that is listed.
    ValueError
        If there is no such subpackage, or the name is not one of a stored file.

    Examples
    --------
    >>> load_stored("wigner", "melting.json")["provenance"]["command"]
    'make data'
    """
    folder = _folder(package)
    if not isinstance(name, str) or Path(name).name != name or not name.endswith(ENDINGS):
        refuse("name", f"a file name ending in {', '.join(ENDINGS)}", name)
    content = _verified(folder, name)
    if name.endswith(".txt"):
        return content.decode()
    if name.endswith(".json"):
        return json.loads(content)
    with np.load(io.BytesIO(content)) as archive:
        return {key: archive[key] for key in archive.files}


def store(path, content, provenance=None):
    r"""Write one stored file and its digest; an interrupted call leaves the former file.

    Parameters
    ----------
    path : path-like
        In the folder ``data`` of a subpackage. The ending says how the content is kept.
    content : dict or str
        For .json, parts by their names; the elements of a part that is a list go on lines of their own. For
        .npz, arrays by their names. For .txt, the text.
    provenance : dict, optional
        Code, versions, command, date, inputs. The part "provenance" of a .json file and the array
        "provenance" (its JSON text) of an .npz file; they need it. A .txt file says it itself.

    Raises
    ------
    ValueError
        If the ending is another, or the provenance of a .json or .npz file is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store(Path(folder) / "squares.json", {"squares": [1, 4]}, {"command": "make data"})
    ...     print((Path(folder) / "squares.json").read_text(), end="")
    {"provenance": {"command": "make data"},
    "squares": [
    1,
    4
    ]}
    """
    path = _path(path)
    if path.suffix not in ENDINGS:
        refuse("path", f"a file name ending in {', '.join(ENDINGS)}", path.name)
    if path.suffix != ".txt" and not provenance:
        refuse("provenance", "a record of the code, command, date and inputs", provenance)
    if provenance is not None and not isinstance(provenance, dict):
        refuse("provenance", "a dict", provenance)
    instance("content", content, str if path.suffix == ".txt" else dict)
    if path.suffix == ".txt":
        data = content.encode()
    elif path.suffix == ".json":
        data = _lines({"provenance": provenance, **content}).encode()
    else:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, provenance=np.array(json.dumps(provenance)), **content)
        data = buffer.getvalue()
    _replace(path, data)
    sign_stored(path)


def sign_stored(path):
    """List the digest of a file that another program wrote into the folder ``data`` of a subpackage.

    Parameters
    ----------
    path : path-like
        The file.

    Raises
    ------
    ValueError
        If there is no such file.
    OSError
        If the file cannot be read or the list cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "empty.txt"
    ...     path.touch()
    ...     sign_stored(path)
    ...     print(path.with_name("SHA256SUMS").read_text()[:12])
    e3b0c44298fc
    """
    path = _path(path)
    if not path.is_file():
        refuse("path", "a file that can be read", str(path))
    sums = path.with_name(SUMS)
    listed = _listed(sums) if sums.exists() else {}
    listed[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    _replace(sums, "".join(f"{listed[name]}  {name}\n" for name in sorted(listed)).encode())


def _path(path):
    if not isinstance(path, str | os.PathLike) or isinstance(path, bytes):
        refuse("path", "the path of a file", path)
    return Path(path)


def _folder(package):
    parts = resources.files("lowdim")
    plain = isinstance(package, str) and package.isidentifier()
    if not plain or not (parts / package / "data" / SUMS).is_file():
        known = sorted(p.name for p in parts.iterdir() if (p / "data" / SUMS).is_file())
        refuse("package", f"one of {', '.join(known)}", package)
    return parts / package / "data"


def _listed(sums):
    rows = (line.split() for line in sums.read_text(encoding="utf-8").splitlines())
    return {row[1]: row[0] for row in rows if len(row) == 2}


def _verified(folder, name):
    path = folder / name
    listed = _listed(folder / SUMS).get(name)
    if not path.is_file():
        if listed is None:
            stored = ", ".join(sorted(_listed(folder / SUMS)))
            refuse("name", f"one of the files stored there, {stored}", name)
        raise _damaged(path, "the file is missing")
    content = path.read_bytes()
    if listed is None:
        raise _damaged(path, f"{SUMS} beside it does not list it, as `store` and `sign_stored` do")
    found = hashlib.sha256(content).hexdigest()
    if found != listed:
        what = f"its digest is {found[:12]}... and not {listed[:12]}..." if content else "the file is empty"
        raise _damaged(path, f"it is not what was stored: {what}")
    return content


def _damaged(path, what):
    return DamagedDataError(
        f"{path}: {what}. Restore it by `git checkout -- {path}` (in an installed package by "
        f"`pip install --force-reinstall lowdim`), or make it again by `make data`."
    )


def _lines(parts):
    rows = []
    for name, value in parts.items():
        text = json.dumps(value)
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in value) + "\n]"
        rows.append(f"{json.dumps(name)}: {text}")
    return "{" + ",\n".join(rows) + "}\n"


def _replace(path, data):
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
