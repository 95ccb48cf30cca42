import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_dataset

X = np.array([[0.0, 0.0, 5.0], [1.0, 0.5, 6.0], [2.0, 2.0, 7.0], [3.0, 1.0, 8.0]])
Y = np.array([-1, 1, 1, -1])


@pytest.fixture
def ax():
    return Figure().subplots()


def entries(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_each_class_has_its_points_colour_and_marker(ax):
    plot_dataset(ax, X, Y)
    negative, positive = ax.get_lines()
    np.testing.assert_array_equal(negative.get_xydata(), X[Y == -1, :2])
    np.testing.assert_array_equal(positive.get_xydata(), X[Y == 1, :2])
    assert negative.get_marker() != positive.get_marker()
    assert negative.get_markerfacecolor() != positive.get_markerfacecolor()
    assert entries(ax) == ["-1", "1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x₁", "x₂")


def test_a_test_set_is_drawn_as_outlines_of_the_same_markers(ax):
    plot_dataset(ax, X, Y, ["no", "yes"], X_test=X[:2], y_test=Y[:2])
    assert entries(ax) == ["train, no", "train, yes", "test, no", "test, yes"]
    train, _, test, _ = ax.get_lines()
    assert train.get_marker() == test.get_marker()
    assert test.get_markerfacecolor() == "none"


def test_columns_and_their_names_can_be_chosen(ax):
    plot_dataset(ax, X, ["a", "b", "b", "a"], columns=(2, 0), feature_names=["u", "v", "w"])
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), X[[0, 3]][:, [2, 0]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "u")


@pytest.mark.parametrize(
    ("points", "labels", "columns"),
    [(X[:, 0], Y, (0, 1)), (X, Y[:3], (0, 1)), (X[:, :1], Y, (0, 1)), (X, Y, (0, 3))],
)
def test_what_does_not_fit_is_refused(ax, points, labels, columns):
    with pytest.raises(ShapeError):
        plot_dataset(ax, points, labels, columns=columns)
