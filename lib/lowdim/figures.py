"""One look for all figures of the book.

Colours are those of M. Okabe and K. Ito, told apart by readers with any kind of colour vision. Published
numbers are drawn as open black marks (`PUBLISHED`), computed ones in colour.
"""

import sys

import matplotlib as mpl

__all__ = ["COLOURS", "DIVERGING", "PUBLISHED", "SEQUENTIAL", "use_style"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"
PUBLISHED = {"marker": "o", "linestyle": "none", "markerfacecolor": "none", "markeredgecolor": "black"}


FORMATS = ("svg", "png")


def use_style(picture="svg"):
    """Set matplotlib's defaults for a page; call it once, in its first cell.

    Parameters
    ----------
    picture : {"svg", "png"}
        How a notebook keeps its figures: lines that stay sharp, or dots at twice the density, for a page
        whose figures have too many lines or cells for SVG. Without a notebook it means nothing.

    Raises
    ------
    ValueError
        If the format is another.

    Examples
    --------
    >>> use_style()
    >>> mpl.rcParams["axes.grid"]
    True
    """
    if picture not in FORMATS:
        raise ValueError(f"picture: expected one of {', '.join(FORMATS)}, got {picture!r}")
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg" if picture == "svg" else "retina")
    mpl.rcParams.update(
        {
            "axes.prop_cycle": mpl.cycler(color=COLOURS),
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.figsize": (6.4, 3.8),
            "figure.dpi": 110,
            "font.size": 10,
            "grid.alpha": 0.25,
            "image.cmap": SEQUENTIAL,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "legend.title_fontsize": 9,
            "savefig.facecolor": "white",
            "svg.fonttype": "path",
            "svg.hashsalt": "lowdim",
        }
    )
