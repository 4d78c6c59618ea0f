"""Run the book's executable pages side by side and keep their outputs in the cache the build reads.

    python tests/tools/pages.py             run what is stale, print each page's run time
    python tests/tools/pages.py --times     print the run times only

A page is stale when its code cells changed. The outputs also depend on what the cells import, which
jupyter-cache does not look at: when the package, its data, the pinned versions or the Python change,
the whole cache goes.
"""

import argparse
import concurrent.futures
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin

ROOT = Path(__file__).resolve().parents[2]
COLOURS = re.compile(r"\x1b\[[\d;]*m")
UNCOUNTED = re.compile(r"^__pycache__$|^\.|\.egg-info$")


def find(root=ROOT):
    """Paths of the executable pages under ``book/``, sorted."""
    return sorted(p for p in (root / "book").rglob("*.md") if is_myst_markdown_notebook(p.read_text("utf8")))


def read(page):
    """The page as a notebook without outputs, read as the build reads it."""
    return myst_nb_reader_plugin(str(page))


def inputs(root):
    """Files the outputs depend on besides the pages."""
    files = [p for p in (root / "lib").rglob("*") if p.is_file()]
    kept = [p for p in files if not any(UNCOUNTED.search(part) for part in p.relative_to(root).parts)]
    return sorted(kept) + [root / "constraints.txt"]


def digest(root):
    """Digest of the inputs, their names and the version of Python."""
    total = hashlib.sha256(sys.version.encode())
    for path in inputs(root):
        total.update(f"{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def open_cache(root=ROOT):
    """The outputs' cache, emptied first if the inputs changed since it was filled."""
    folder = root / "_build" / ".jupyter_cache"
    stamp = folder / "inputs.sha256"
    now = digest(root)
    if folder.exists() and (not stamp.exists() or stamp.read_text() != now):
        print("The package, its data or the pinned versions changed: every page runs again.", flush=True)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(now)
    return get_cache(str(folder))


def cached(cache, page):
    """The cache's record of the page's outputs, or None."""
    try:
        return cache.match_cache_notebook(read(page))
    except KeyError:
        return None


def execute(page, timeout):
    """Run one page in its own folder; return its path, notebook, seconds and error, None if all is well."""
    result = single_nb_execution(
        read(page),
        cwd=str(page.parent),
        timeout=timeout,
        allow_errors=False,
        extra_arguments=["--log-level=ERROR"],  # quietens the kernel's remark on its transport
    )
    error = result.err and COLOURS.sub("", str(result.err))
    return page, result.nb, result.time, error


def run(wanted, root=ROOT):
    """Run pages, one process per core; yield what `execute` returns as each is done."""
    for name in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    timeout = yaml.safe_load((root / "_config.yml").read_text("utf8"))["execute"]["timeout"]
    with concurrent.futures.ProcessPoolExecutor(max(1, min(len(wanted), os.cpu_count() or 1))) as pool:
        for task in concurrent.futures.as_completed([pool.submit(execute, page, timeout) for page in wanted]):
            page, notebook, seconds, error = task.result()
            verb = "ran" if error is None else "failed:"
            print(f"{verb} {page.relative_to(root)} in {seconds:.1f} s", flush=True)
            if error is not None:
                print(f"\n{page.relative_to(root)}:\n{error}", file=sys.stderr, flush=True)
            yield page, notebook, seconds, error


def refresh(root=ROOT):
    """Run the stale pages and keep their outputs; return whether all of them succeeded."""
    cache = open_cache(root)
    stale = [page for page in find(root) if cached(cache, page) is None]
    failed = []
    for page, notebook, seconds, error in run(stale, root):
        if error is None:
            bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        else:
            failed.append(page.relative_to(root))
    print(f"{len(stale)} of {len(find(root))} pages run, the others unchanged", flush=True)
    if failed:
        print("Failed pages: " + ", ".join(map(str, failed)), file=sys.stderr)
    return not failed


def print_times(root=ROOT):
    """Print the run time of every page, longest first, as measured when it last ran."""
    cache = get_cache(str(root / "_build" / ".jupyter_cache"))
    records = {page.relative_to(root): cached(cache, page) for page in find(root)}
    times = {name: record.data["execution_seconds"] for name, record in records.items() if record}
    print("Run times of the pages when they last ran:")
    for name, seconds in sorted(times.items(), key=lambda item: -item[1]):
        print(f"{seconds:8.1f} s  {name}")
    print(f"{sum(times.values()):8.1f} s  together, on one core")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", action="store_true", help="print the run times only")
    if parser.parse_args().times:
        print_times()
    elif not refresh():
        sys.exit(1)


if __name__ == "__main__":
    main()
