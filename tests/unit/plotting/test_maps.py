"""Maps of a number over two settings, and curves against one."""

import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_map, plot_map_of_points, plot_setting_curves


@pytest.fixture
def ax():
    return Figure().subplots()


def test_cells_surround_their_values(ax):
    x, y = [0.01, 0.1, 1.0, 10.0], [1.0, 2.0, 3.0, 4.0]
    values = np.arange(16.0).reshape(4, 4)
    plot_map(ax, x, y, values, xlabel="a", ylabel="b", label="loss")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    mesh = ax.collections[0]
    corners = mesh.get_coordinates()
    np.testing.assert_allclose(corners[0, :, 0], 10.0 ** np.arange(-2.5, 2.0), rtol=1e-12)
    np.testing.assert_allclose(corners[:, 0, 1], np.arange(0.5, 5.0))
    np.testing.assert_allclose(np.asarray(mesh.get_array()), values)
    assert [one.get_ylabel() for one in ax.figure.axes[1:]] == ["loss"]


def test_names_have_a_place_each_and_shares_are_percent(ax):
    plot_map(ax, ["8", "32,32"], [None, 10], [[0.5, 0.9], [0.6, 1.0]], is_share=True, label="acc")
    assert [one.get_text() for one in ax.get_xticklabels()] == ["8", "32,32"]
    assert [one.get_text() for one in ax.get_yticklabels()] == ["default", "10"]
    np.testing.assert_allclose(np.asarray(ax.collections[0].get_array()).ravel(), [50, 90, 60, 100])
    assert ax.figure.axes[1].get_ylabel() == "acc (%)"


def test_cells_that_diverged_are_hatched_and_wide_losses_are_logarithmic(ax):
    values = np.array([[1e-3, 1.0, np.nan], [np.nan, np.nan, np.nan], [1e-2, 5.0, 7.0]])
    lost = np.array([[0, 0.5, 1.0], [1, 1, 1], [0, 0, 0]])
    plot_map(ax, [1, 2, 3], [1, 2, 3], values, lost=lost, is_log=True)
    mesh, *hatched = ax.collections
    assert isinstance(mesh.norm, LogNorm)
    assert len(hatched) == 2
    assert all(one.get_hatch() == "////" for one in hatched)
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries == ["all diverged", "some diverged"]
    (crosses,) = ax.get_lines()
    np.testing.assert_array_equal(crosses.get_xydata(), [[1, 0]])


def test_one_huge_loss_does_not_take_the_colours_from_the_others(ax):
    plot_map(ax, [1, 2, 3], [1], [[0.1, 0.2, 1e20]], is_log=True)
    norm = ax.collections[0].norm
    assert (norm.vmin, norm.vmax) == (0.1, 200.0)


def test_a_map_without_numbers_and_one_of_a_single_number_can_be_drawn(ax):
    plot_map(ax, [1, 2, 3, 4], ["a"], np.full((1, 4), np.nan), lost=np.ones((1, 4)))
    plot_map(Figure().subplots(), ["a"], ["b"], [[2.0]], is_log=True)
    with pytest.raises(ShapeError, match=r"the map is \(1, 4\); the axes need \(1, 3\)"):
        plot_map(ax, [1, 2, 3], [1], np.zeros((1, 4)))


def test_points_that_were_drawn(ax):
    x, y = np.geomspace(0.01, 10, 8), np.linspace(0, 1, 8)
    z = np.where(y > 0.8, np.nan, x)
    plot_map_of_points(ax, x, y, z, lost=np.isnan(z).astype(float), label="loss")
    assert ax.get_xscale() == "log"
    (points,) = ax.collections
    np.testing.assert_allclose(points.get_offsets(), np.c_[x, y][y <= 0.8])
    (crosses,) = ax.get_lines()
    np.testing.assert_allclose(crosses.get_xdata(), x[y > 0.8])


def test_curves_with_bands(ax):
    mean, half = np.array([0.5, 0.8, np.nan]), np.array([0.1, 0.05, np.nan])
    plot_setting_curves(ax, [1, 2, 3], {"a": (mean, half), "b": (mean, half)}, is_share=True)
    first, second = ax.get_lines()
    np.testing.assert_allclose(first.get_ydata(), 100 * mean)
    assert first.get_color() != second.get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert ax.get_ylabel() == "y (%)"
    top = max(path.vertices[:, 1].max() for path in ax.collections[0].get_paths())
    assert top == pytest.approx(85)


def test_points_of_curves_say_which_networks_diverged(ax):
    mean, half = np.array([50.0, 1.0, np.nan, np.nan]), np.array([1.0, 0.9, np.nan, np.nan])
    lost = np.array([0.0, 0.5, 1.0, 0.0])
    plot_setting_curves(ax, [1, 2, 3, 4], {"": (mean, half)}, lost={"": lost}, is_log=True)
    assert ax.get_yscale() == "log"
    _, hollow, crosses = ax.get_lines()
    np.testing.assert_array_equal(hollow.get_xydata(), [[2, 1.0]])
    np.testing.assert_array_equal(crosses.get_xdata(), [3])
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries == ["some diverged", "all diverged"]


def test_bands_of_shares_end_at_0_and_100_percent(ax):
    mean, half = np.array([0.1, 0.95]), np.array([0.3, 0.2])
    plot_setting_curves(ax, [1, 2], {"": (mean, half)}, is_share=True)
    heights = np.concatenate([path.vertices[:, 1] for path in ax.collections[0].get_paths()])
    assert (heights.min(), heights.max()) == (0, 100)
