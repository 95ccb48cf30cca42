import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_changes, plot_distances, plot_two_losses
from rosenblatt.plotting.contrast import axis_with_zero

EPOCHS = np.array([0, 10, 20, 30])
ZERO_THEN_SMALL = np.array([0.0, 0.0, 1e-12, 3e-9])
PLAIN = np.array([0.0, 0.5, 1.0, 2.0])


@pytest.fixture
def ax():
    return Figure().subplots()


def drawn(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def ticks(ax):
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(labels, ax.get_yticks().tolist(), strict=True))


def test_a_line_for_each_layer_and_one_for_all(ax):
    plot_distances(ax, EPOCHS, {"one": PLAIN, "two": 2 * PLAIN}, together=3 * PLAIN, title="T")
    lines = drawn(ax)
    assert list(lines) == ["one", "two", "all layers"]
    for name, factor in (("one", 1), ("two", 2), ("all layers", 3)):
        np.testing.assert_array_equal(lines[name].get_ydata(), factor * PLAIN)
        np.testing.assert_array_equal(lines[name].get_xdata(), EPOCHS)
    assert lines["all layers"].get_zorder() < lines["one"].get_zorder()
    assert lines["one"].get_color() != lines["two"].get_color()
    assert lines["one"].get_marker() != lines["two"].get_marker()
    assert ax.get_xlabel() == "epoch"
    assert ax.get_title(loc="left") == "T"


def test_a_lone_layer_needs_no_marker(ax):
    plot_distances(ax, EPOCHS, {"one": PLAIN})
    assert drawn(ax)["one"].get_marker() == "None"


def test_twenty_layers_have_twenty_looks(ax):
    plot_distances(ax, EPOCHS, {str(layer): PLAIN for layer in range(20)})
    looks = {(line.get_color(), line.get_marker()) for line in ax.get_lines()}
    assert len(looks) == 20


def test_the_first_difference_is_a_line_of_its_own_and_in_the_legend(ax):
    plot_distances(ax, EPOCHS, {"one": PLAIN}, first_difference_epoch=12.5)
    assert drawn(ax)["they part"].get_xdata() == [12.5, 12.5]
    assert "they part" in [text.get_text() for text in ax.get_legend().get_texts()]
    other = Figure().subplots()
    plot_distances(other, EPOCHS, {"one": PLAIN})
    assert list(drawn(other)) == ["one"]


def test_values_of_one_size_are_drawn_on_a_linear_axis_from_0(ax):
    axis_with_zero(ax, [PLAIN])
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] == 0


def test_exact_zeros_have_a_place_below_all_orders_of_magnitude(ax):
    plot_distances(ax, EPOCHS, {"one": ZERO_THEN_SMALL})
    marked = ticks(ax)
    assert marked["0"] == 0
    assert marked["$10^{-12}$"] == pytest.approx(1e-12)
    assert ax.get_ylim()[0] < 0 < 3e-9 < ax.get_ylim()[1]
    heights = ax.transData.transform([(0, value) for value in (0, 1e-12, 1e-11, 1e-10)])[:, 1]
    steps = np.diff(heights)
    # Decades are equally high, and 0 is not squeezed against the smallest.
    assert steps[1] == pytest.approx(steps[2])
    assert steps[0] > 0.3 * steps[1]


def test_positive_values_of_many_sizes_are_drawn_on_a_logarithmic_axis(ax):
    axis_with_zero(ax, [[1e-3, 1.0], [50.0]])
    assert ax.get_yscale() == "log"
    low, high = ax.get_ylim()
    assert low < 1e-3
    assert high > 50
    assert len(ticks(ax)) >= 3


def test_tiny_values_of_one_size_have_labels_that_say_how_tiny(ax):
    plot_changes(ax, EPOCHS, mean=[0, 1e-13, 2e-13, 2e-13])
    marked = ticks(ax)
    assert marked["$10^{-11}$"] == pytest.approx(1e-11)
    assert ax.yaxis.get_offset_text().get_text() == ""


@pytest.mark.parametrize(
    "values", [[0.0, 0.0], [5e-324, 0.0], [0.0, 1.7e308], [np.nan, np.inf], [1e-320, 1e308]]
)
def test_any_distance_can_be_drawn(ax, values):
    plot_distances(ax, [0, 1], {"one": values})
    ax.figure.canvas.draw()
    assert "0" in ticks(ax) or min(values) > 0


def test_changes_of_probabilities_and_classes_are_percent(ax):
    plot_changes(ax, EPOCHS, disagreement=PLAIN / 10, mean=PLAIN / 20, largest=PLAIN / 5)
    lines = drawn(ax)
    np.testing.assert_allclose(lines["another class"].get_ydata(), [0, 5, 10, 20])
    np.testing.assert_allclose(lines["mean |Δp|"].get_ydata(), [0, 2.5, 5, 10])
    np.testing.assert_allclose(lines["largest |Δp|"].get_ydata(), [0, 10, 20, 40])
    assert "(%)" in ax.get_ylabel()
    assert len({line.get_linestyle() for line in ax.get_lines()}) > 1


def test_changes_of_values_have_their_own_unit(ax):
    plot_changes(ax, EPOCHS, mean=PLAIN, largest=2 * PLAIN, of="value")
    lines = drawn(ax)
    assert list(lines) == ["mean |Δy|", "largest |Δy|"]
    np.testing.assert_array_equal(lines["mean |Δy|"].get_ydata(), PLAIN)
    assert "%" not in ax.get_ylabel()


def test_scores_have_no_unit_and_are_not_drawn(ax):
    plot_changes(ax, EPOCHS, disagreement=PLAIN / 10, mean=PLAIN, largest=PLAIN, of="score")
    assert list(drawn(ax)) == ["another class"]


def test_the_second_loss_is_dashes_over_the_first(ax):
    plot_two_losses(ax, EPOCHS, [1, 0.8, 0.7, 0.6], [1, 0.8, 0.6, 0.4], names=("x", "y"))
    x, y = ax.get_lines()
    assert (x.get_label(), y.get_label()) == ("x", "y")
    assert x.get_color() != y.get_color()
    assert x.get_linestyle() != y.get_linestyle()
    np.testing.assert_array_equal(y.get_ydata(), [1, 0.8, 0.6, 0.4])
    assert ax.get_ylim()[0] == 0
    assert ax.get_yscale() == "linear"


def test_losses_that_fall_far_are_logarithmic_unless_one_is_0(ax):
    plot_two_losses(ax, EPOCHS, [2, 0.8, 0.3, 0.1], [2, 0.8, 0.3, 0.2])
    assert ax.get_yscale() == "log"
    other = Figure().subplots()
    plot_two_losses(other, EPOCHS, [0, 0.8, 0.3, 0.1], [2, 0.8, 0.3, 0.2])
    assert other.get_yscale() == "linear"


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_distances(ax, EPOCHS, {"one": PLAIN[:2]}),
        lambda ax: plot_distances(ax, EPOCHS, {"one": PLAIN}, together=[1.0]),
        lambda ax: plot_changes(ax, EPOCHS, disagreement=PLAIN[:, None]),
        lambda ax: plot_two_losses(ax, EPOCHS, PLAIN, PLAIN[:3]),
    ],
)
def test_curves_of_another_length_are_refused(ax, draw):
    with pytest.raises(ShapeError, match="one value per epoch"):
        draw(ax)
