"""Run the book's executable pages side by side and keep their outputs in the cache the build reads.

    python tests/tools/pages.py             run what is stale, print each page's run time
    python tests/tools/pages.py --times     print the run times only

A page is stale when its code cells, or anything that `outputs` counts among their inputs, changed.
"""

import argparse
import concurrent.futures
import multiprocessing
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin

import outputs
import surroundings

ROOT = Path(__file__).resolve().parents[2]
COLOURS = re.compile(r"\x1b\[[\d;]*m")
DRAWN_IN_HTML = re.compile(r"<(svg|img)\b")
INTERRUPTED = 130


def find(root=ROOT):
    """Paths of the executable pages under ``book/``, sorted; JupyterLab keeps copies in hidden folders."""
    found = [p for p in (root / "book").rglob("*.md") if ".ipynb_checkpoints" not in p.parts]
    return sorted(p for p in found if is_myst_markdown_notebook(p.read_text("utf8")))


def read(page):
    """The page as a notebook without outputs, read as the build reads it."""
    return myst_nb_reader_plugin(str(page))


def figures(cell):
    """Numbers of pictures among a cell's outputs, and of pictures inside its HTML."""
    data = [output.data for output in cell.outputs if "data" in output]
    pictures = sum(any(kind.startswith("image/") for kind in kinds) for kinds in data)
    return pictures, sum(bool(DRAWN_IN_HTML.search(kinds.get("text/html", ""))) for kinds in data)


def missing_figures(notebook):
    """Sentences on the cells that describe a figure and drew none, or drew one that they do not describe."""
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        described = bool(cell.metadata.get("mystnb", {}).get("image", {}).get("alt"))
        pictures, in_html = figures(cell)
        if described and not pictures + in_html:
            yield f"code cell {count} describes a figure and drew none:\n{cell.source}"
        if pictures and not described:
            yield f"code cell {count} drew an image without alt text:\n{cell.source}"


@dataclass(frozen=True)
class Executed:
    """A page that ran: its outputs, what it took, and what went wrong, None if all is well."""

    page: Path
    notebook: object
    seconds: float
    megabytes: float | None
    error: str | None


def execute(page, timeout):
    """Run one page in its own folder."""
    surroundings.OwnKernel.peaks.clear()
    result = single_nb_execution(
        read(page),
        cwd=str(page.parent),
        timeout=timeout,
        allow_errors=False,
        kernel_manager_class=surroundings.OwnKernel,
        extra_arguments=["--log-level=ERROR"],  # quietens the kernel's remark on its transport
    )
    error = COLOURS.sub("", str(result.err)) if result.err else "\n".join(missing_figures(result.nb))
    megabytes = max(filter(None, surroundings.OwnKernel.peaks), default=None)
    return Executed(page, result.nb, result.time, megabytes, error or None)


def stand_apart():
    """Leave the terminal's group of processes: an interruption is the business of the one that waits."""
    os.setsid()


def run(wanted, root=ROOT):
    """Run pages, one process per core; yield what `execute` returns as each is done."""
    timeout = yaml.safe_load((root / "_config.yml").read_text("utf8"))["execute"]["timeout"]
    workers = max(1, min(len(wanted), os.cpu_count() or 1))
    with surroundings.clean():
        os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")})
        with concurrent.futures.ProcessPoolExecutor(workers, initializer=stand_apart) as pool:
            try:
                tasks = [pool.submit(execute, page, timeout) for page in wanted]
                for task in concurrent.futures.as_completed(tasks):
                    done = task.result()
                    name = done.page.relative_to(root)
                    verb = "ran" if done.error is None else "failed:"
                    print(f"{verb} {name} in {done.seconds:.1f} s", flush=True)
                    if done.error is not None:
                        print(f"\n{name}:\n{done.error}", file=sys.stderr, flush=True)
                    yield done
            except (KeyboardInterrupt, GeneratorExit):
                for child in multiprocessing.active_children():
                    child.kill()  # its kernel notices and ends
                raise


def refresh(root=ROOT):
    """Run the stale pages and keep their outputs; return whether all of them succeeded."""
    cache = outputs.open_cache(root)
    known = find(root)
    stale = [page for page in known if outputs.cached(cache, read(page)) is None]
    failed = []
    for done in run(stale, root):
        if done.error is None:
            outputs.keep(cache, done.page, done.notebook, done.seconds, done.megabytes)
        else:
            failed.append(done.page.relative_to(root))
    print(f"{len(stale)} of {len(known)} pages run, the others unchanged", flush=True)
    if failed:
        print("Failed pages: " + ", ".join(map(str, failed)), file=sys.stderr)
    return not failed


def print_times(root=ROOT):
    """Print the run time of every page, longest first, as measured when it last ran."""
    cache = get_cache(str(root / outputs.PLACE))
    records = {page.relative_to(root): outputs.cached(cache, read(page)) for page in find(root)}
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


def stop_at_interruption(work, again):
    """Call `work`; when it is interrupted, say so in one line and leave."""
    try:
        work()
    except KeyboardInterrupt:
        print(f"Interrupted: {again} goes on from here.", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    stop_at_interruption(main, "`make book`")
