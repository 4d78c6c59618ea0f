"""Figures that a reader can move, in a page without a server.

Each object shows itself as HTML: a still figure in SVG, which is all that remains without JavaScript, and the
numbers behind it, which ``hands.js`` of the book draws as the reader moves the sliders. Nothing is computed
in the browser: every value comes from lowdim, rounded to the digits that a figure can show.

- `Curves`: curves for every combination of a few parameters;
- `Frames`: pictures, such as maps, along one parameter or two;
- `Modes`: vibrations of clusters, to choose and to animate.
"""

import base64
import itertools
import json
from dataclasses import dataclass, field
from html import escape

import numpy as np

from lowdim._checks import array_of_shape, instance, instances, integer_in, real_in, refuse, words
from lowdim._markup import inline_math
from lowdim.figures import COLOURS

__all__ = ["Curves", "Frames", "Modes"]

WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 48
DIGITS = 4


def _sizes(parameters):
    instance("parameters", parameters, dict)
    if not all(np.iterable(values) for values in parameters.values()):
        refuse("parameters", "a sequence of values for each", parameters)
    return tuple(len(values) for values in parameters.values())


def _words(shown, *names):
    for name in names:
        words(name, getattr(shown, name))


def _start(start, sizes):
    if not isinstance(start, list | tuple):
        refuse("start", f"indices below {sizes}", start)
    start = tuple(integer_in("start", i, 0) for i in start) or (0,) * len(sizes)
    if len(start) != len(sizes) or not all(i < n for i, n in zip(start, sizes, strict=True)):
        refuse("start", f"indices below {sizes}", start)
    return start


@dataclass(frozen=True)
class Curves:
    """Curves against one axis, for every combination of parameters.

    Parameters
    ----------
    parameters : dict
        From a name to the values of its slider.
    x : array, shape (n,)
    y : array, shape (len of each parameter's values in order, curves, n)
    names : list of str
        One for each curve.
    xlabel, ylabel, caption : str
    start : tuple of int, optional
        Where the sliders stand first; zeros if not given.
    ylimits : tuple of float, optional
        The range of y; all values if not given.
    marks : dict, optional
        From a short name to a place on the axis, where a dashed line stands.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or a mark lies outside of the axis.

    Examples
    --------
    >>> t = np.linspace(0, 1, 5)
    >>> made = Curves({"power": [1, 2]}, t, np.array([[t], [t**2]]), ["t"], "t", "y", "Powers")
    >>> made
    Powers: 2 settings of power, 1 curve
    """

    parameters: dict
    x: np.ndarray
    y: np.ndarray
    names: list
    xlabel: str
    ylabel: str
    caption: str
    start: tuple = ()
    ylimits: tuple = ()
    marks: dict = field(default_factory=dict)

    def __post_init__(self):
        x = array_of_shape("x", self.x, (None,))
        sizes = _sizes(self.parameters)
        _words(self, "xlabel", "ylabel", "caption")
        instances("names", self.names, str)
        if not isinstance(self.ylimits, tuple) or self.ylimits:
            array_of_shape("ylimits", self.ylimits, (2,))
        instance("marks", self.marks, dict)
        for place in self.marks.values():
            real_in("marks", place, float(x.min(initial=0.0)), float(x.max(initial=0.0)))
        if not sizes or min(sizes) < 1 or len(x) < 2:
            refuse("parameters", "at least one parameter with a value, and two points", self.parameters)
        y = array_of_shape("y", self.y, (*sizes, len(self.names), len(x)))
        for name, value in (("x", x), ("y", y), ("start", _start(self.start, sizes))):
            object.__setattr__(self, name, value)

    def __repr__(self):
        count = int(np.prod(self.y.shape[:-2]))
        curves = f"{len(self.names)} curve{'s' * (len(self.names) != 1)}"
        return f"{self.caption}: {count} settings of {', '.join(self.parameters)}, {curves}"

    def _repr_html_(self):
        frame = _Frame(self.x, self.ylimits or (self.y.min(), self.y.max()), self.xlabel, self.ylabel)
        lines = frame.marks(self.marks) + "".join(
            f'<polyline class="hands-curve" fill="none" stroke="{colour}" stroke-width="2" '
            f'points="{frame.points(self.x, values)}"/>'
            for colour, values in zip(itertools.cycle(COLOURS), self.y[self.start], strict=False)
        )
        legend = "".join(
            f'<li><span style="background:{colour}"></span>{inline_math(name)}</li>'
            for colour, name in zip(itertools.cycle(COLOURS), self.names, strict=False)
        )
        data = {
            "parameters": _sliders(self.parameters, self.start),
            "x": _rounded(self.x),
            "y": _rounded(self.y.reshape(-1, *self.y.shape[-2:])),
            "scale": frame.scale,
        }
        return _figure(
            "curves", data, frame.svg(lines), self.caption, f'<ul class="hands-legend">{legend}</ul>'
        )


@dataclass(frozen=True)
class Frames:
    """Pictures along one or two parameters, with axes.

    Parameters
    ----------
    parameters : dict
        From a name to the values of its slider.
    pictures : sequence of bytes
        PNG files, one for each combination of parameters, the last one fastest.
    xlimits, ylimits : tuple of float
        What the edges of the pictures mean.
    xlabel, ylabel, caption : str
    start : tuple of int, optional

    Raises
    ------
    ValueError
        If the number of pictures does not fit the parameters, or one is no PNG file.

    Examples
    --------
    >>> picture = bytes.fromhex("89504e470d0a1a0a")
    >>> Frames({"weight": [0, 1]}, [picture, picture], (0, 1), (0, 1), "x", "y", "Maps")
    Maps: 2 pictures by weight
    """

    parameters: dict
    pictures: tuple
    xlimits: tuple
    ylimits: tuple
    xlabel: str
    ylabel: str
    caption: str
    start: tuple = ()

    def __post_init__(self):
        sizes = _sizes(self.parameters)
        _words(self, "xlabel", "ylabel", "caption")
        instances("pictures", self.pictures, bytes)
        if len(self.pictures) != int(np.prod(sizes)):
            refuse("pictures", f"{int(np.prod(sizes))} of them", len(self.pictures))
        for picture in self.pictures:
            if not isinstance(picture, bytes) or not picture.startswith(b"\x89PNG"):
                refuse("pictures", "PNG files as bytes", type(picture).__name__)
        for name in ("xlimits", "ylimits"):
            array_of_shape(name, getattr(self, name), (2,))
        object.__setattr__(self, "start", _start(self.start, sizes))

    def __repr__(self):
        return f"{self.caption}: {len(self.pictures)} pictures by {', '.join(self.parameters)}"

    def _repr_html_(self):
        frame = _Frame(np.array(self.xlimits), self.ylimits, self.xlabel, self.ylabel)
        links = ["data:image/png;base64," + base64.b64encode(p).decode() for p in self.pictures]
        sizes = [len(values) for values in self.parameters.values()]
        first = links[int(np.ravel_multi_index(self.start, sizes))]
        picture = (
            f'<image class="hands-picture" x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
            f'height="{HEIGHT - TOP - BOTTOM}" preserveAspectRatio="none" href="{first}"/>'
        )
        data = {"parameters": _sliders(self.parameters, self.start), "pictures": links}
        return _figure("frames", data, frame.svg(picture), self.caption)


@dataclass(frozen=True)
class Modes:
    """Vibrations of clusters.

    Parameters
    ----------
    clusters : dict
        From a number of particles to (positions, shape (N, 2); frequencies, shape (m,); displacements of
        each mode, shape (m, N, 2)).
    unit : str
        Of the frequencies.
    caption : str
    start : int, optional
        Number of particles shown first; the smallest if not given.

    Raises
    ------
    ValueError
        If shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> pair = np.array([[-0.5, 0.0], [0.5, 0.0]])
    >>> Modes({2: (pair, [1.732], [2 * pair])}, "trap frequency", "Two electrons")
    Two electrons: clusters of 2
    """

    clusters: dict
    unit: str
    caption: str
    start: int | None = None

    def __post_init__(self):
        _words(self, "unit", "caption")
        instance("clusters", self.clusters, dict)
        for n, (positions, frequencies, shapes) in self.clusters.items():
            array_of_shape(f"positions of {n}", positions, (n, 2))
            array_of_shape(f"frequencies of {n}", frequencies, (None,))
            array_of_shape(f"displacements of {n}", shapes, (len(frequencies), n, 2))
        if not self.clusters or (self.start is not None and self.start not in self.clusters):
            refuse("start", f"one of {sorted(self.clusters)}", self.start)

    def __repr__(self):
        return f"{self.caption}: clusters of {', '.join(map(str, self.clusters))}"

    def _repr_html_(self):
        chosen = self.start if self.start is not None else min(self.clusters)
        positions = np.asarray(self.clusters[chosen][0], dtype=float)
        reach = 1.35 * max(np.abs(c[0]).max() for c in self.clusters.values())
        dots = "".join(f'<circle cx="{x:.3f}" cy="{-y:.3f}" r="{reach / 55:.3f}"/>' for x, y in positions)
        svg = (
            f'<svg viewBox="{-reach:.3f} {-reach:.3f} {2 * reach:.3f} {2 * reach:.3f}" role="img" '
            f'aria-label="{escape(self.caption)}" class="hands-modes">{dots}</svg>'
        )
        data = {
            "start": chosen,
            "unit": self.unit,
            "reach": reach,
            "clusters": {
                str(n): {"r": _rounded(r), "f": _rounded(f), "u": _rounded(u)}
                for n, (r, f, u) in self.clusters.items()
            },
        }
        return _figure("modes", data, svg, self.caption)


class _Frame:
    """Axes with ticks, and the transformation from data to the picture."""

    def __init__(self, x, ylimits, xlabel, ylabel):
        low, high = float(np.min(x)), float(np.max(x))
        bottom, top = map(float, ylimits)
        top = top if top > bottom else bottom + 1
        self.xticks, self.yticks = _ticks(low, high), _ticks(bottom, top)
        self.labels = xlabel, ylabel
        sx = (WIDTH - LEFT - RIGHT) / (high - low)
        sy = -(HEIGHT - TOP - BOTTOM) / (top - bottom)
        scale = [sx, LEFT - sx * low, sy, HEIGHT - BOTTOM - sy * bottom]
        self.scale = [float(f"{value:.7g}") for value in scale]  # no digits that differ between processors

    def place(self, x, y):
        sx, ox, sy, oy = self.scale
        return sx * x + ox, sy * y + oy

    def points(self, x, y):
        low, high = TOP, HEIGHT - BOTTOM
        places = (self.place(a, b) for a, b in zip(x, y, strict=True))
        return " ".join(f"{a:.1f},{min(max(b, low), high):.1f}" for a, b in places)

    def marks(self, marks):
        """Dashed lines at places of the x axis, their names upright beside them."""
        parts = []
        for name, value in marks.items():
            x = self.place(value, 0)[0]
            parts.append(
                f'<path class="hands-mark" d="M{x:.1f},{TOP}V{HEIGHT - BOTTOM}" stroke="currentColor" '
                f'stroke-dasharray="3 4" opacity="0.7"/><text transform="translate({x - 4:.1f},{TOP + 4}) '
                f'rotate(-90)" text-anchor="end">{escape(name)}</text>'
            )
        return "".join(parts)

    def svg(self, inside):
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self._words())}">',
            inside,
        ]
        axis = HEIGHT - BOTTOM
        box = f"M{LEFT},{TOP}V{axis}H{WIDTH - RIGHT}"
        parts.append(f'<path d="{box}" fill="none" stroke="currentColor"/>')
        for tick in self.xticks:
            x = self.place(tick, 0)[0]
            parts.append(f'<path d="M{x:.1f},{axis}v5" stroke="currentColor"/>')
            parts.append(f'<text x="{x:.1f}" y="{axis + 18}" text-anchor="middle">{tick:g}</text>')
        for tick in self.yticks:
            y = self.place(0, tick)[1]
            parts.append(f'<path d="M{LEFT},{y:.1f}h-5" stroke="currentColor"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(
            f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(self.labels[0])}</text>'
            f'<text transform="translate(14,{(TOP + axis) / 2}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.labels[1])}</text></svg>"
        )
        return "".join(parts)

    def _words(self):
        return f"{self.labels[1]} against {self.labels[0]}"


def _ticks(low, high, count=6):
    step = 10.0 ** np.floor(np.log10((high - low) / count))
    step *= next(f for f in (1, 2, 5, 10) if (high - low) / (f * step) <= count)
    first = int(np.ceil(low / step - 1e-9))
    return [round(i * step, 12) + 0.0 for i in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _rounded(value):
    """Nested lists of the numbers in `DIGITS` significant digits; noise below the largest is dropped."""
    array = np.asarray(value, dtype=float)
    size = np.abs(array)
    floor = 1e-9 * size.max(initial=0.0)
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.where(size > floor, size, 1.0))) - (DIGITS - 1))
    kept = np.where(size > floor, np.round(array / unit) * unit, 0.0)
    return np.vectorize(lambda x: float(f"{x:.{DIGITS}g}"), otypes=[float])(kept).tolist()


def _sliders(parameters, start):
    return [
        {"name": name, "values": [v if isinstance(v, str) else float(f"{v:.6g}") for v in values], "at": at}
        for (name, values), at in zip(parameters.items(), start, strict=True)
    ]


def _figure(kind, data, svg, caption, more=""):
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    return (
        f'<figure class="hands tex2jax_process" data-hands="{kind}">'
        f'<script type="application/json">{text}</script>{svg}{more}'
        f"<figcaption>{inline_math(caption)}</figcaption></figure>"
    )
