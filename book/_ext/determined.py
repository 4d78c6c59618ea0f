"""Two builds from the same outputs give the same files.

The notebooks offered for download get random names of their cells at every build: they are numbered here.
"""

from pathlib import Path

import nbformat


def number_cells(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    for path in (Path(app.outdir) / "_sources").rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        for number, cell in enumerate(notebook.cells, 1):
            if "id" in cell:
                cell["id"] = f"cell-{number}"
        nbformat.write(notebook, path)


def setup(app):
    app.connect("build-finished", number_cells, priority=900)  # after those that write notebooks
    return {"parallel_read_safe": True, "parallel_write_safe": True}
