"""The pages' outputs, kept in the cache that the build reads, and checked whenever they are used again.

jupyter-cache keeps them by the code of the pages alone. They also depend on what the cells import, so the
whole cache goes when the package, its data, the pinned versions or the Python change; and each entry carries
the digest of its file, so that a damaged one is run again.
"""

import hashlib
import re
import shutil
import sqlite3
import sys
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

UNCOUNTED = re.compile(r"^__pycache__$|^\.|\.egg-info$")
UNREAD = Path("lib", "lowdim", "ledger", "data")  # the build shows it, no page reads it
PLACE = Path("_build") / ".jupyter_cache"


def inputs(root):
    """Files the outputs depend on besides the pages."""
    files = [
        p for p in (root / "lib" / "lowdim").rglob("*") if p.is_file() and root / UNREAD not in p.parents
    ]
    kept = [p for p in files if not any(UNCOUNTED.search(part) for part in p.relative_to(root).parts)]
    return sorted(kept) + [root / "lib" / "pyproject.toml", root / "constraints.txt"]


def digest(root):
    """Digest of the inputs, their names and the version of Python."""
    total = hashlib.sha256(sys.version.encode())
    for path in inputs(root):
        total.update(f"{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def fault(folder, now):
    """A sentence on why the cache in `folder` cannot be used, or None."""
    stamp = folder / "inputs.sha256"
    if not stamp.exists() or stamp.read_text("utf8", errors="replace") != now:
        return "The package, its data or the pinned versions changed"
    try:
        with sqlite3.connect(f"file:{folder / 'global.db'}?mode=ro", uri=True) as database:
            answer = database.execute("PRAGMA integrity_check").fetchone()[0]
            database.execute("SELECT pk, hashkey, uri, data, created, accessed FROM nbcache").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        answer = str(error)
    if answer != "ok":
        return f"The page cache {PLACE / 'global.db'} is damaged ({answer.splitlines()[0]})"
    return None


def open_cache(root):
    """The outputs' cache, emptied first if it cannot be used."""
    folder = root / PLACE
    now = digest(root)
    if folder.exists() and (sentence := fault(folder, now)):
        print(f"{sentence}: every page runs again.", flush=True)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cache = get_cache(str(folder))
    assert cache.db  # makes the database
    (folder / "inputs.sha256").write_text(now, "utf8")
    return cache


def keep(cache, page, notebook, seconds, megabytes=None):
    """Keep the outputs of an executed page, its run time, its peak of memory and the digest of its file."""
    text = nbformat.writes(cache.create_hashed_notebook(notebook)[0], nbformat.NO_CONVERT)
    found = hashlib.sha256(text.encode()).hexdigest()
    data = {"execution_seconds": seconds, "peak_megabytes": megabytes, "sha256": found}
    bundle = CacheBundleIn(notebook, str(page), data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def cached(cache, source):
    """The cache's record of the outputs of a page, read as a notebook; None if it has none that are whole."""
    try:
        record = cache.match_cache_notebook(source)
    except KeyError:
        return None
    path = cache.path / "executed" / record.hashkey / "base.ipynb"
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
    if isinstance(record.data, dict) and record.data.get("sha256") == found:
        return record
    print(f"The cached outputs of {record.uri} are not what was kept ({path}): it runs again.", flush=True)
    shutil.rmtree(path.parent, ignore_errors=True)
    return None
