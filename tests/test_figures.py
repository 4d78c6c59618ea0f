"""The look of the figures."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from lowdim.figures import COLOURS, SEQUENTIAL, use_style


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


def test_lines_legend_and_letters_have_the_look_of_the_book():
    """Colours in their order, a legend without a frame, pale grid lines, letters of three sizes as paths."""
    with mpl.rc_context():
        use_style()
        figure, axes = plt.subplots()
        lines = [axes.plot([0, 1], label=str(i))[0] for i in range(len(COLOURS))]
        assert [line.get_color() for line in lines] == list(COLOURS)
        legend = axes.legend(title="title")
        assert not legend.get_frame_on()
        assert [text.get_fontsize() for text in (legend.get_texts()[0], legend.get_title())] == [9, 9]
        assert axes.xaxis.label.get_fontsize() == 10
        (grid, *_) = axes.get_xgridlines()
        assert grid.get_visible() and grid.get_alpha() == 0.25
        assert axes.imshow([[0, 1]]).get_cmap().name == mpl.colormaps[SEQUENTIAL].name
        assert isinstance(figure.get_layout_engine(), mpl.layout_engine.ConstrainedLayoutEngine)
        picture = io.StringIO()
        figure.savefig(picture, format="svg")
        assert "<text" not in picture.getvalue()
        plt.close(figure)
    with pytest.raises(ValueError, match="^picture: expected one of"):
        use_style("jpeg")
