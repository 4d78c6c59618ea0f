"""Figures to move: what they refuse, and that they hold the numbers they were given."""

import json
import re

import numpy as np
import pytest

from lowdim.hands import Curves, Frames, Modes

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
