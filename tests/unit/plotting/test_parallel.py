"""Parallel coordinates: where lines pass the axes, their colours, and their order."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_parallel


@pytest.fixture
def ax():
    return Figure().subplots()


def lines_of(ax):
    """Return all lines in the order of drawing, (lines, axes), with their colours."""
    drawn = [one for one in ax.collections if hasattr(one, "get_segments")]
    heights = [segment[:, 1] for one in drawn for segment in one.get_segments()]
    colors = [color for one in drawn for color in one.get_colors()]
    return np.array(heights), colors


def test_lines_pass_logarithmic_and_linear_axes_at_their_values(ax):
    rates, momenta = np.geomspace(0.01, 10, 25), np.linspace(0, 0.9, 25)[::-1]
    loss = np.linspace(1, 2, 25)
    plot_parallel(ax, {"rate": rates.tolist(), "momentum": momenta.tolist()}, loss, label="loss")
    heights, _ = lines_of(ax)
    # The worst is drawn first; the best is drawn a second time, in front of all.
    assert len(heights) == 26
    expected = np.c_[np.linspace(0, 1, 25), np.linspace(1, 0, 25), np.linspace(0, 1, 25)]
    np.testing.assert_allclose(heights[:25], expected[::-1], atol=1e-12)
    np.testing.assert_allclose(heights[25], expected[0], atol=1e-12)
    names = [text.get_text() for text in ax.get_xticklabels()]
    assert names == ["rate", "momentum", "loss"]
    shown = {text.get_text() for text in ax.texts}
    assert {"0.01", "0.1", "1", "10"} <= shown


def test_lines_of_few_values_are_spread_in_the_order_of_the_measure(ax):
    names = ["sgd", "adam"] * 3
    share = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    plot_parallel(ax, {"optimizer": names}, share, highest=True, is_share=True, label="accuracy")
    heights, colors = lines_of(ax)
    first, last = heights[:6, 0], heights[:6, 1]
    assert (np.diff(last) > 0).all()
    sgd, adam = first[::2], first[1::2]
    assert (np.diff(sgd) > 0).all()
    assert (np.diff(adam) > 0).all()
    assert sgd.max() < 0.4 < 0.6 < adam.min()
    assert ax.get_xticklabels()[-1].get_text() == "accuracy (%)"
    # The better, the darker.
    brightness = [sum(color[:3]) for color in colors[:6]]
    assert brightness == sorted(brightness, reverse=True)


def test_lines_of_diverged_networks_end_beneath_the_axis_and_default_is_a_value(ax):
    loss = np.array([1.0, np.nan, 3.0])
    plot_parallel(ax, {"batch size": [10, None, 100]}, loss, label="loss")
    heights, _ = lines_of(ax)
    assert heights[0, 1] < 0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["all diverged"]
    assert [text.get_text() for text in ax.texts][:3] == ["10", "100", "default"]


def test_a_single_line_and_no_numbers_at_all_can_be_drawn(ax):
    plot_parallel(ax, {"a": [1.0], "b": ["$x_1"]}, [2.0], is_log=True)
    plot_parallel(Figure().subplots(), {"a": [1, 1]}, [np.nan, np.nan])
    ax.figure.canvas.draw()


def test_shapes_that_do_not_fit_are_refused(ax):
    with pytest.raises(ShapeError, match="a has 2 values, and there are 1 lines"):
        plot_parallel(ax, {"a": [1, 2]}, [1.0])
    with pytest.raises(ShapeError, match="at least one setting"):
        plot_parallel(ax, {}, [1.0])
