import numpy as np
import pytest
from matplotlib.figure import Figure

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.plotting import plot_decision_line, plot_decision_regions

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
Y = np.array([0, 0, 1, 1])


@pytest.fixture
def ax():
    return Figure().subplots()


def upper_half(points):
    return (points[:, 1] > 0.5).astype(int)


def borders(ax):
    """The vertices of all border lines: unfilled contour sets."""
    return np.vstack(
        [
            path.vertices
            for drawn in ax.collections
            if not np.size(drawn.get_facecolor())
            for path in drawn.get_paths()
        ]
    )


def test_the_border_of_labels_lies_where_they_change(ax):
    plot_decision_regions(ax, upper_half, X, Y, resolution=101)
    np.testing.assert_allclose(borders(ax)[:, 1], 0.5, atol=0.02)


def test_the_border_of_probabilities_is_exact(ax):
    def probabilities(points):
        p = 1 / (1 + np.exp(-4 * (points[:, 1] - 0.3)))
        return np.column_stack([1 - p, p])

    plot_decision_regions(ax, probabilities, X, Y, resolution=30)
    np.testing.assert_allclose(borders(ax)[:, 1], 0.3, atol=1e-3)


def test_labels_may_be_words_and_classes_many(ax):
    words = np.array(["a", "b", "c"])

    def three(points):
        return words[np.clip((3 * points[:, 0]).astype(int), 0, 2)]

    plot_decision_regions(ax, three, X, ["a", "b", "c", "c"], resolution=40)
    assert len(ax.get_legend().get_texts()) == 3


def test_a_model_that_knows_one_class_only_tints_everything_and_has_no_border(ax):
    plot_decision_regions(ax, lambda points: np.zeros(len(points), dtype=int), X, Y, resolution=10)
    assert len(ax.collections) == 1


def test_a_trained_model_fits_in(ax):
    data = rb.data.moons(60, noise=0.1, seed=0)
    run = rb.train(rb.MLP(2, [4], 2), data, optimizer=rb.SGD(0.1), epochs=3)
    plot_decision_regions(ax, run.predict_proba, data.X, data.y, data.class_names, resolution=20)
    plot_decision_regions(ax, run.predict, data.X, data.labels, resolution=20)


def test_the_axes_hold_the_test_points_too(ax):
    plot_decision_regions(ax, upper_half, X, Y, X_test=[[5.0, 7.0]], y_test=[1], resolution=10)
    assert ax.get_xlim()[1] > 5
    assert ax.get_ylim()[1] > 7


def test_data_of_three_columns_is_refused(ax):
    with pytest.raises(ShapeError, match="two inputs"):
        plot_decision_regions(ax, upper_half, np.zeros((4, 3)), Y)


@pytest.mark.parametrize("shape", [(3,), (100, 1), (4, 2)])
def test_predictions_of_another_shape_are_refused(ax, shape):
    with pytest.raises(ShapeError, match="predict returned shape"):
        plot_decision_regions(ax, lambda points: np.zeros(shape), X, Y, resolution=10)


def test_a_grid_needs_two_points(ax):
    with pytest.raises(ConfigurationError, match="resolution"):
        plot_decision_regions(ax, upper_half, X, Y, resolution=1)


@pytest.mark.parametrize("weight", [[1.0, 2.0], [[1.0], [2.0]], [3.0, 0.0], [0.0, -1.0]])
def test_the_line_of_a_perceptron_is_where_its_score_is_zero(ax, weight):
    ax.set(xlim=(-4, 4), ylim=(-3, 3))
    plot_decision_line(ax, weight, 0.5)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-4, 4), (-3, 3))
    (line,) = ax.get_lines()
    points = np.array([line.get_xy1(), line.get_xy2()])
    np.testing.assert_allclose(points @ np.ravel(weight) + 0.5, 0, atol=1e-12)
    assert not np.allclose(*points)


def test_weights_that_make_no_line_are_refused(ax):
    with pytest.raises(ConfigurationError, match="no decision line"):
        plot_decision_line(ax, [0.0, 0.0], 1.0)
    with pytest.raises(ShapeError, match="two weights"):
        plot_decision_line(ax, [1.0, 2.0, 3.0], 1.0)
