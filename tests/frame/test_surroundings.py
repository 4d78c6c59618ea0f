"""What a user sets for other work does not reach the pages; a figure that is missing is noticed."""

import json
import os

import nbformat
import pytest

import pages
import surroundings

ASKS = """import os, sys
import matplotlib.pyplot as plt
print("figure width", plt.rcParams["figure.figsize"][0])
print("start-up", "spoiled" in globals(), "path", "elsewhere" in " ".join(sys.path))
print("columns", os.environ.get("COLUMNS"), "site", sys.flags.no_user_site, "utf8", sys.flags.utf8_mode)
_ = plt.plot([1, 2])"""
ALT = "---\nmystnb:\n  image:\n    alt: A rising line\n---\n"


@pytest.fixture
def hostile(tmp_path):
    """Variables that would spoil every page."""
    kernel = tmp_path / "kernels" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = ["/bin/false", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Another", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    for name in ("matplotlibrc", "config/matplotlib/matplotlibrc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("figure.figsize: 1, 1\nbackend: agg\n")
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "spoil.py").write_text("spoiled = True")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "traitlets.py").write_text("raise ImportError('another traitlets')")
    return {
        "COLUMNS": "20",
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_PATH": str(tmp_path / "kernels"),
        "JUPYTER_PREFER_ENV_PATH": "0",
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "MPLBACKEND": "agg",
        "PYTHONSTARTUP": str(startup / "spoil.py"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


def check(book, printed):
    assert "1 of 1 pages run" in printed, printed
    with_outputs = next((book.root / "_build" / ".jupyter_cache").rglob("base.ipynb"))
    cell = json.loads(with_outputs.read_text("utf8"))["cells"][0]
    kinds = [kind for output in cell["outputs"] for kind in output.get("data", {})]
    assert "image/png" in kinds
    text = "".join(cell["outputs"][0]["text"])
    assert text == "figure width 6.4\nstart-up False path False\ncolumns None site 1 utf8 1\n"


def test_pages_run_in_their_own_surroundings(book, hostile):
    book.write(ASKS, ALT, kernel="of-another-environment")
    check(book, book.run_pages(**hostile))


def test_the_build_runs_in_its_own_surroundings(book, hostile, tmp_path):
    book.write(ASKS, ALT)
    paths = {"PYTHONPATH": str(tmp_path / "elsewhere"), "LC_ALL": "POSIX", "PYTHONUTF8": "0"}
    run = book.make("-j4", **hostile, **paths)
    assert run.returncode == 0, run.stdout + run.stderr
    check(book, run.stdout)


def test_a_described_figure_that_is_not_drawn_fails_the_build(book):
    book.write("print('a curve')", ALT)
    for _ in range(2):
        run = book.make()
        assert run.returncode != 0
        assert "book/index.md:\ncode cell 1 describes a figure and drew none" in run.stderr


DESCRIBED = {"mystnb": {"image": {"alt": "A rising line"}}}


@pytest.mark.parametrize(
    ("metadata", "data", "sentence"),
    [
        (DESCRIBED, {"image/png": "aGVsbG8="}, None),
        (DESCRIBED, {"image/svg+xml": "<svg/>"}, None),
        (DESCRIBED, {"text/html": "<div><svg width='1'></svg></div>"}, None),
        (DESCRIBED, {"text/plain": "<Figure size 640x380 with 1 Axes>"}, "describes a figure and drew none"),
        (DESCRIBED, None, "describes a figure and drew none"),
        ({}, {"image/svg+xml": "<svg/>"}, "drew an image without alt text"),
        ({}, {"text/html": "<table></table>"}, None),
        ({}, None, None),
    ],
)
def test_the_figures_of_a_page_are_those_that_its_cells_describe(metadata, data, sentence):
    found = [nbformat.v4.new_output("display_data", data)] if data else []
    cell = nbformat.v4.new_code_cell("draw()", metadata=metadata, outputs=found)
    rows = list(pages.missing_figures(nbformat.v4.new_notebook(cells=[cell])))
    assert (len(rows) == 1 and sentence in rows[0]) if sentence else rows == []


def test_the_former_environment_comes_back(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("MPLCONFIGDIR", "styles of the user's own")
    before = dict(os.environ)
    with pytest.raises(KeyboardInterrupt), surroundings.clean():
        assert os.environ["MPLBACKEND"] == "module://matplotlib_inline.backend_inline"
        assert "MPLCONFIGDIR" not in os.environ
        raise KeyboardInterrupt
    assert dict(os.environ) == before


def test_every_kernel_is_this_python():
    for name in ("python3", "another"):
        spec = surroundings.OwnKernels().get_kernel_spec(name)
        assert spec.argv[0] == pages.sys.executable and "ipykernel_launcher" in spec.argv
