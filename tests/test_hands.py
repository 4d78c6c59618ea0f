"""Figures to move: what they refuse, and that they hold the numbers they were given."""

import json
import re

import numpy as np
import pytest

from lowdim.hands import Curves, Frames, Modes, _ticks

X = np.linspace(0, 1, 5)
PNG = b"\x89PNG\r\n\x1a\n"


def data(figure):
    text = re.search(r'<script type="application/json">(.*?)</script>', figure._repr_html_(), re.S).group(1)
    return json.loads(text)


def test_curves_keep_their_numbers_and_a_still():
    y = np.array([[[X], [X**2]], [[2 * X], [-X]]])
    made = Curves({"a": [1, 2], "b": ["x", "y"]}, X, y, ["$f$"], "x", "y", "c", start=(1, 0))
    found = data(made)
    assert np.allclose(found["y"][2][0], 2 * X) and np.allclose(found["y"][3][0], -X)
    assert [p["at"] for p in found["parameters"]] == [1, 0]
    assert made._repr_html_().count("<polyline") == 1


def test_numbers_have_four_digits_of_their_own():
    made = Curves({"a": [1]}, X, np.array([[[1e5, 1.23456, 1e-3 / 3, 0, -1e-9]]]), ["f"], "x", "y", "c")
    assert data(made)["y"][0][0] == [1e5, 1.235, 3.333e-4, 0.0, 0.0]


def test_the_still_lies_in_its_frame():
    made = Curves({"a": [1]}, X, np.array([[[0, 5, -5, 1, 0.5]]]), ["f"], "x", "y", "c", ylimits=(0, 1))
    points = re.search(r'points="([^"]*)"', made._repr_html_()).group(1)
    assert all(14 <= float(p.split(",")[1]) <= 332 for p in points.split())


@pytest.mark.parametrize(
    "change, name",
    [
        ({"y": np.zeros((2, 1, 4))}, "y"),
        ({"y": np.full((2, 1, 5), np.nan)}, "y"),
        ({"x": [0]}, "parameters"),
        ({"parameters": {}}, "parameters"),
        ({"start": (2,)}, "start"),
        ({"start": (0, 0)}, "start"),
    ],
)
def test_curves_refuse(change, name):
    given = {"parameters": {"a": [1, 2]}, "x": X, "y": np.zeros((2, 1, 5)), "names": ["f"], "start": ()}
    with pytest.raises(ValueError, match=f"{name}: expected"):
        Curves(**{**given, **change}, xlabel="x", ylabel="y", caption="c")


def test_frames_show_the_picture_of_their_start():
    pictures = (PNG + b"1", PNG + b"2")
    made = Frames({"a": [0, 1]}, pictures, (0, 1), (0, 1), "x", "y", "c", start=(1,))
    found = data(made)["pictures"]
    assert f'href="{found[1]}"' in made._repr_html_()
    for wrong in (pictures[:1], (PNG, b"no picture"), (PNG, "text")):
        with pytest.raises(ValueError, match="pictures: expected"):
            Frames({"a": [0, 1]}, wrong, (0, 1), (0, 1), "x", "y", "c")


def test_modes_keep_their_shapes():
    pair = np.array([[-0.5, 0.0], [0.5, 0.0]])
    found = data(Modes({2: (pair, [1.5], [pair])}, "w", "c"))["clusters"]["2"]
    assert found == {"r": pair.tolist(), "f": [1.5], "u": [pair.tolist()]}
    with pytest.raises(ValueError, match="displacements of 2"):
        Modes({2: (pair, [1.5, 2.0], [pair])}, "w", "c")
    with pytest.raises(ValueError, match="start: expected"):
        Modes({2: (pair, [1.5], [pair])}, "w", "c", start=3)


def test_marks_stand_at_their_places():
    made = Curves({"a": [1]}, X, np.array([[[0, 1, 2, 3, 4]]]), ["f"], "x", "y", "c", marks={"half": 0.5})
    shown = made._repr_html_()
    sx, ox, _, _ = data(made)["scale"]
    (place,) = re.findall(r'class="hands-mark" d="M([\d.]+),', shown)
    assert float(place) == pytest.approx(sx * 0.5 + ox, abs=0.05) and ">half</text>" in shown
    for wrong in ({"out": 1.5}, {"nan": np.nan}, [0.5]):
        with pytest.raises(ValueError, match="marks: expected"):
            Curves({"a": [1]}, X, np.ones((1, 1, 5)), ["f"], "x", "y", "c", marks=wrong)


@pytest.mark.parametrize("low", [0.0, -3.7, 0.123, 250.0, -1e-4])
@pytest.mark.parametrize("width", [1.0, 0.37, 6.0, 2.4e-3, 900.0])
def test_ticks_are_all_round_numbers_within_the_axis(low, width):
    """Of the finest of the steps 1, 2, 5 times a power of ten that fits in six times."""
    high = low + width
    found = np.array(_ticks(low, high))
    step = float(f"{found[1] - found[0]:.1g}")
    power = 10.0 ** np.floor(np.log10(step * 1.0001))
    assert min(abs(step / power - f) for f in (1, 2, 5)) < 1e-6
    assert width / step <= 6.0001 and width / (step / 2.5) > 6
    every = step * np.arange(np.ceil(low / step - 1e-6), np.floor(high / step + 1e-6) + 1)
    assert found == pytest.approx(every, abs=1e-12 * max(abs(low), 1)) and 3 <= len(found) <= 7


def test_ticks_and_their_numbers_stand_where_the_curves_are():
    """Read from the picture: along x below the axis, along y left of it, the axes around the curves."""
    x, y = np.linspace(2, 5, 7), np.array([[[0.0, 40, 10, 20, 30, 5, 1]]])
    made = Curves({"a": [1]}, x, y, ["f"], "length", "energy", "c", ylimits=(0, 40))
    shown, (sx, ox, sy, oy) = made._repr_html_(), data(made)["scale"]
    for ticks, pattern, mark, place in (
        ([2, 2.5, 3, 3.5, 4, 4.5, 5], r'<text x="([\d.]+)" y="350" text-anchor="middle">([\d.]+)<',
         r'd="M([\d.]+),332v5"', lambda tick: sx * tick + ox),
        ([0, 10, 20, 30, 40], r'<text x="56" y="([\d.]+)" text-anchor="end">([\d.]+)<',
         r'd="M64,([\d.]+)h-5"', lambda tick: sy * tick + oy),
    ):  # fmt: skip
        named = {float(number): float(at) for at, number in re.findall(pattern, shown)}
        assert sorted(named) == ticks
        marks = [float(at) for at in re.findall(mark, shown)]
        assert marks == pytest.approx([place(tick) for tick in ticks], abs=0.051)
        shift = 4 if ticks[0] == 0 else 0  # the foot of a number is below its tick
        assert [named[tick] - shift for tick in ticks] == pytest.approx(marks, abs=0.051)
    points = re.search(r'<polyline[^>]*points="([^"]*)"', shown).group(1).split()
    assert [tuple(map(float, p.split(","))) for p in points] == [
        pytest.approx((sx * a + ox, sy * b + oy), abs=0.051) for a, b in zip(x, y[0, 0], strict=True)
    ]
    assert (sx * 2 + ox, sx * 5 + ox) == pytest.approx((64, 624), abs=0.01) and (
        oy,
        sy * 40 + oy,
    ) == pytest.approx((332, 14), abs=0.01)
    assert ">length</text>" in shown and ">energy</text>" in shown and "energy against length" in shown
