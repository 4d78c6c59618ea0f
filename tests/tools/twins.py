"""Write, or check, the executed twin of every executable page.

    python tests/tools/twins.py             run what is stale, write tests/notebooks/
    python tests/tools/twins.py --check     compare pages and twins, run nothing
    python tests/tools/twins.py --page book/x/y.md [...]
                                            run these pages only, write their twins only

The twin of ``book/x/y.md`` is ``tests/notebooks/x/y.ipynb``: the same cells with their outputs. It holds
nothing that changes from run to run, so writing it twice gives the same bytes, and nbval can run it again
and compare.
"""

import argparse
import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat
from nbval.plugin import coalesce_streams, get_sanitize_patterns

import outputs
import pages

PICTURES = {"image/png", "image/jpeg", "image/svg+xml", "application/pdf"}  # they are not compared
SKIPPING_TAGS = {"nbval-skip", "nbval-ignore-output", "skip-execution"}
NOTEBOOK_METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def place(page, root=pages.ROOT):
    """Path of the page's twin."""
    return (root / "tests" / "notebooks" / page.relative_to(root / "book")).with_suffix(".ipynb")


def sanitizer(root=pages.ROOT):
    """Function that blanks, in a text, what nbval is told not to compare."""
    patterns = get_sanitize_patterns((root / "tests" / "notebooks" / "sanitize.cfg").read_text("utf8"))

    def clean(value):
        if isinstance(value, str):
            for pattern, replacement in patterns:
                value = re.sub(pattern, replacement, value)
        return value

    return clean


def blank(page):
    """The page as a notebook without outputs, its cell ids and metadata fixed by its text."""
    source = pages.read(page)
    cells, seen = [], Counter()
    for cell in source.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        seen[text] += 1
        cell.id = hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:12]
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)


def fill(notebook, executed, clean):
    """Copy the outputs of an executed notebook's code cells into `notebook`, less what varies."""
    done = [cell for cell in executed.cells if cell.cell_type == "code"]
    ours = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, (cell, run) in enumerate(zip(ours, done, strict=True), start=1):
        cell.execution_count = count
        cell.outputs = [tidy(output, count, clean) for output in coalesce_streams(run.outputs)]
    return notebook


def tidy(output, count, clean):
    """One output without pictures, metadata, colours and sanitized text."""
    if output.output_type == "stream":
        output.text = clean(output.text)
    elif output.output_type == "error":
        output.traceback = []
    else:
        output.data = {kind: clean(value) for kind, value in output.data.items() if kind not in PICTURES}
        output.metadata = {}
        if output.output_type == "execute_result":
            output.execution_count = count
    return output


def save(page, executed, clean, root=pages.ROOT):
    """Write the twin of an executed page, unless it is there already."""
    path = place(page, root)
    text = nbformat.writes(fill(blank(page), executed, clean)) + "\n"
    if not path.exists() or path.read_text("utf8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")
        print(f"wrote {path.relative_to(root)}", flush=True)


def write(root=pages.ROOT):
    """Write every twin from the cached outputs and delete twins without a page."""
    cache = outputs.open_cache(root)
    clean = sanitizer(root)
    wanted = {place(page, root): page for page in pages.find(root)}
    for page in wanted.values():
        record = outputs.cached(cache, pages.read(page))
        save(page, cache.get_cache_bundle(record.pk).nb, clean, root)
    for path in set((root / "tests" / "notebooks").rglob("*.ipynb")) - set(wanted):
        path.unlink()
        print(f"deleted {path.relative_to(root)}: it has no page")


def write_pages(names, root=pages.ROOT):
    """Run these pages, whatever the cache holds, and write their twins; return whether all of them ran."""
    known = pages.find(root)
    wanted = [Path(name).resolve() for name in names]
    if strangers := [str(page) for page in wanted if page not in known]:
        sys.exit("No executable page of the book: " + ", ".join(strangers))
    clean, good = sanitizer(root), True
    for done in pages.run(wanted, root):
        if done.error is None:
            save(done.page, done.notebook, clean, root)
        good = good and done.error is None
    return good


def disagreements(root=pages.ROOT):
    """Sentences saying where pages and twins disagree; none if all is well."""
    wanted = {place(page, root): page for page in pages.find(root)}
    found = set((root / "tests" / "notebooks").rglob("*.ipynb"))
    rows = [f"{path.relative_to(root)} has no page" for path in sorted(found - set(wanted))]
    for path, page in wanted.items():
        name = page.relative_to(root)
        if path not in found:
            rows.append(f"{name} has no twin at {path.relative_to(root)}")
        else:
            rows += [f"{name}: {row}" for row in compare(blank(page), nbformat.read(path, 4))]
    return rows


def compare(page, twin):
    """Sentences on how a twin differs from its page, or was not wholly executed."""

    def content(notebook):
        return [(c.id, c.cell_type, c.source, dict(c.metadata)) for c in notebook.cells]

    if content(page) != content(twin):
        yield "its cells and its twin's differ"
        return
    code = [cell for cell in twin.cells if cell.cell_type == "code"]
    for cell in code:
        if skipped := SKIPPING_TAGS & set(cell.metadata.get("tags", [])):
            yield f"the tag {sorted(skipped)[0]} takes a cell out of the test"
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "its twin was not executed in order"
    if not any(cell.outputs for cell in code):
        yield "its twin has no outputs, so nothing would be compared"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare pages and twins, run nothing")
    parser.add_argument("--page", nargs="+", metavar="PATH", help="run these pages, write their twins")
    chosen = parser.parse_args()
    if chosen.page:
        sys.exit(not write_pages(chosen.page))
    if chosen.check:
        if rows := disagreements():
            sys.exit("\n".join(rows) + "\nRun `make notebooks`.")
        print("pages and twins agree")
    elif pages.refresh():
        write()
    else:
        sys.exit(1)


if __name__ == "__main__":
    pages.stop_at_interruption(main, "`make notebooks`")
