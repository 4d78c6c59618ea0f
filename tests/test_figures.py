"""The look of the figures."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from lowdim.figures import use_style


def test_figures_have_one_size_and_two_sides():
    with mpl.rc_context():
        use_style()
        figure, axes = plt.subplots()
        assert [axes.spines[side].get_visible() for side in ("left", "bottom", "right", "top")] == [
            True, True, False, False,
        ]  # fmt: skip
        # 704 dots wide on the screen, 418 high
        assert (figure.get_size_inches() * figure.dpi).tolist() == pytest.approx([704, 418])
        pictures = []
        for _ in range(2):
            pictures.append(io.StringIO())
            figure.savefig(pictures[-1], format="svg", metadata={"Date": None})
        assert pictures[0].getvalue() == pictures[1].getvalue()
        plt.close(figure)
