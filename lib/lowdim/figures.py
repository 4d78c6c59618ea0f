"""One look for all figures of the book.

Colours are those of M. Okabe and K. Ito, told apart by readers with any kind of colour vision. Published
numbers are drawn as open black marks (`PUBLISHED`), computed ones in colour.
"""

import matplotlib as mpl

__all__ = ["COLOURS", "DIVERGING", "PUBLISHED", "SEQUENTIAL", "use_style"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"
PUBLISHED = {"marker": "o", "linestyle": "none", "markerfacecolor": "none", "markeredgecolor": "black"}


def use_style():
    """Set matplotlib's defaults for a page; call it once, in its first cell.

    Examples
    --------
    >>> use_style()
    >>> mpl.rcParams["axes.grid"]
    True
    """
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
            "legend.frameon": False,
            "savefig.facecolor": "white",
        }
    )
