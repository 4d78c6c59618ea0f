"""Moving a slider draws what lowdim gives at that setting."""

import json
import re

import numpy as np
import pytest

PAGE = "book/explore.html"
MOVE = """
const input = arguments[0].querySelectorAll('input[type=range]')[arguments[1]]
input.value = arguments[2]
input.dispatchEvent(new Event('input', {bubbles: true}))
"""


@pytest.fixture
def figures(reader, built):
    if not (built / PAGE).exists():
        pytest.skip("the book has no page of figures to move")
    reader.visit(PAGE)
    return reader.run("return [...document.querySelectorAll('.hands')]")


def stored(reader, figure):
    return json.loads(reader.run("return arguments[0].querySelector('script').textContent", figure))


def of_kind(reader, figures, kind):
    return [f for f in figures if reader.run("return arguments[0].dataset.hands", f) == kind]


def test_every_figure_has_labelled_sliders(reader, figures):
    assert len(figures) >= 6
    for figure in figures:
        labels = reader.run(
            "return [...arguments[0].querySelectorAll('input')].map(i => i.labels.length)", figure
        )
        assert labels and all(labels)


def check_curve(reader, figure, index):
    """The first curve drawn is the one stored for a combination of the sliders, where it is not cut off."""
    data = stored(reader, figure)
    points = reader.run("return arguments[0].querySelector('polyline').getAttribute('points')", figure)
    found = np.array([[float(c) for c in p.split(",")] for p in points.split()])
    _, _, sy, oy = data["scale"]
    wanted = np.array(data["y"][index][0])
    drawn = (found[:, 1] - oy) / sy
    inside = (found[:, 1] > 14.1) & (found[:, 1] < 331.9)
    assert inside.any() and np.allclose(drawn[inside], wanted[inside], atol=abs(0.11 / sy))


def test_a_slider_moves_the_curve_to_the_value_of_lowdim(reader, figures):
    for figure in of_kind(reader, figures, "curves"):
        for i, parameter in enumerate(stored(reader, figure)["parameters"]):
            reader.run(MOVE, figure, i, len(parameter["values"]) - 1)
        check_curve(reader, figure, -1)


def test_the_phase_at_the_last_setting_is_the_one_of_the_solver(reader, figures):
    from lowdim.exciton.cooperon import dephasing_function, phonon_phase_rate
    from lowdim.exciton.material import MONOLAYER

    for figure in of_kind(reader, figures, "curves"):
        data = stored(reader, figure)
        names = [p["name"] for p in data["parameters"]]
        if names == ["separation", "temperature (K)"]:
            g, kelvin = (p["values"][-1] for p in data["parameters"])
            wanted = dephasing_function(phonon_phase_rate(MONOLAYER, kelvin, 1.0, g) * np.array(data["x"]))
            assert np.allclose(data["y"][-1][0], wanted, atol=2e-3)
            return
    pytest.fail("no figure of the phase")


def test_pictures_change(reader, figures):
    (figure,) = of_kind(reader, figures, "frames")
    show = "return arguments[0].querySelector('image').getAttribute('href')"
    before = reader.run(show, figure)
    reader.run(MOVE, figure, 0, 0)
    data = stored(reader, figure)
    assert reader.run(show, figure) != before and reader.run(show, figure) in data["pictures"]


def test_modes_are_chosen_and_stand_still_when_asked(reader, figures):
    (figure,) = of_kind(reader, figures, "modes")
    data = stored(reader, figure)
    names = sorted(map(int, data["clusters"]))
    reader.run(MOVE, figure, 0, names.index(10))
    reader.run(MOVE, figure, 1, 4)
    state = reader.run("return {...arguments[0].dataset}", figure)
    assert state["particles"] == "10" and float(state["frequency"]) == data["clusters"]["10"]["f"][4]
    reader.run("arguments[0].querySelector('button').click()", figure)
    place = "return arguments[0].querySelector('circle').getAttribute('cx')"
    once = reader.run(place, figure)
    reader.driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert reader.run(place, figure) == once


def test_a_still_figure_remains_without_javascript(built):
    if not (built / PAGE).exists():
        pytest.skip("the book has no page of figures to move")
    text = (built / PAGE).read_text("utf8")
    for part in re.findall(r'<figure class="hands.*?</figure>', text, re.S):
        assert re.search(r"<(polyline|image|circle)", part)


def test_arrow_keys_move_every_slider(reader, figures):
    from selenium.webdriver.common.keys import Keys

    sliders = "return arguments[0].querySelectorAll('input[type=range]')"
    for figure in figures:
        for i in range(len(reader.run(sliders, figure))):
            one = reader.run(sliders, figure)[i]  # the slider of the modes is made anew with the cluster
            before = int(one.get_attribute("value"))
            forward = before < int(one.get_attribute("max"))
            one.send_keys(Keys.ARROW_RIGHT if forward else Keys.ARROW_LEFT)
            assert int(one.get_attribute("value")) == before + (1 if forward else -1)


def test_a_telephone_has_room_for_sliders_and_labels(reader, figures):
    reader.narrow(390)
    sizes = """return [...arguments[0].querySelectorAll(arguments[1])].map(part => {
      const box = part.getBoundingClientRect(); return [box.width, box.height] })"""
    for figure in figures:
        assert min(width for width, _ in reader.run(sizes, figure, "input")) > 150
        # a label may be turned by a right angle, and one letter is narrower than high
        assert min((max(box) for box in reader.run(sizes, figure, "svg text")), default=11) > 9
    assert reader.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def finger(driver):
    """A function that puts a finger on a place of the screen, moves it through others and lifts it."""

    def send(kind, *place):
        points = [dict(zip("xy", place, strict=True))] if place else []
        driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def touch(first, *others):
        send("touchStart", *first)
        for place in others:
            send("touchMove", *place)
        send("touchEnd")

    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    yield touch
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


SHOWN = """arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})
const box = arguments[0].getBoundingClientRect()
return [box.left, box.top, box.width, box.height]"""
THUMB = 16  # pixels


def ends(reader, slider):
    """Where the thumb of a slider stands at its first and at its last value."""
    left, top, width, height = reader.run(SHOWN, slider)
    return [(x, top + height / 2) for x in (left + THUMB / 2, left + width - THUMB / 2)]


def test_a_finger_moves_every_slider_and_its_curve(finger, reader, figures):
    reader.narrow(390)
    for figure in figures:
        sliders = "return [...arguments[0].querySelectorAll('input')]"
        count = len(reader.run(sliders, figure))
        for i in range(count):
            slider = reader.run(sliders, figure)[i]  # the slider of the modes is made anew with the cluster
            first, last = ends(reader, slider)
            finger(last)
            assert slider.get_attribute("value") == slider.get_attribute("max") != "0"
        if figure.get_attribute("data-hands") == "curves":
            check_curve(reader, figure, -1)
        for i in range(count):
            slider = reader.run(sliders, figure)[i]
            finger(last := ends(reader, slider)[1])
            first = ends(reader, slider)[0]
            finger(last, *np.linspace(last, first, 4).tolist())
            assert slider.get_attribute("value") == "0"
        if figure.get_attribute("data-hands") == "curves":
            check_curve(reader, figure, 0)


def test_a_finger_scrolls_past_a_figure_and_moves_nothing(finger, reader, figures):
    reader.narrow(390)
    for figure in figures:
        state = "return {...arguments[0].dataset}"
        before = reader.run(state, figure)
        for part in ("svg", "input"):
            left, top, width, height = reader.run(
                SHOWN, reader.run(f"return arguments[0].querySelector('{part}')", figure)
            )
            place = reader.run("return scrollY")
            x, y = left + width / 3, top + height / 2
            finger((x, y), *((x, y - 50 * step) for step in range(1, 5)))
            reader.driver.execute_async_script("setTimeout(arguments[0], 100)")
            assert reader.run("return scrollY") > place + 100
            assert reader.run(state, figure) == before
