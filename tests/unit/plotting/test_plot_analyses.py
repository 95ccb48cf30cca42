"""Figures of landscapes, eigenvalues and learning rates, as functions of arrays."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_eigenvalues, plot_landscape, plot_learning_rates

A, B = np.linspace(-1, 1, 5), np.linspace(0, 2, 4)
BOWL = A**2 + B[:, np.newaxis] ** 2


@pytest.fixture
def ax():
    return Figure().subplots()


def test_a_landscape_fills_its_axes(ax):
    plot_landscape(ax, A, B, BOWL, trajectory=[[-9, 0], [0, 1]], labels=("a", "b"), title="T")
    assert ax.get_xlim() == (-1, 1)
    assert ax.get_ylim() == (0, 2)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")
    assert ax.get_title(loc="left") == "T"


@pytest.mark.parametrize("grid", [np.full((4, 5), np.nan), np.ones((4, 5))])
def test_a_landscape_without_heights_is_drawn(ax, grid):
    plot_landscape(ax, A, B, grid)
    ax.figure.canvas.draw()


def test_a_landscape_with_a_hole_is_drawn(ax):
    grid = BOWL.copy()
    grid[0, 0] = np.inf
    plot_landscape(ax, A, B, grid)
    ax.figure.canvas.draw()


def test_shapes_that_do_not_fit(ax):
    with pytest.raises(ShapeError):
        plot_landscape(ax, A, B, BOWL.T)
    with pytest.raises(ShapeError):
        plot_landscape(ax, A, B, BOWL, trajectory=[1.0, 2.0])
    with pytest.raises(ShapeError):
        plot_eigenvalues(ax, [0, 1], [1.0])
    with pytest.raises(ShapeError):
        plot_learning_rates(ax, [0.1, 1], [1.0])


def test_a_limit_far_above_does_not_press_the_curve_down(ax):
    plot_eigenvalues(ax, [0, 1, 2], [1.0, 2.0, 3.0], two_over_eta=[1000.0, 1000.0, np.inf])
    assert ax.get_ylim()[1] < 4
    plot_eigenvalues(ax, [0, 1, 2], [1.0, 2.0, 3.0], two_over_eta=[5.0, 5.0, 5.0])
    assert 5 < ax.get_ylim()[1] < 6


def test_negative_eigenvalues_are_within_the_axes(ax):
    plot_eigenvalues(ax, [0, 1], [-0.5, -0.25])
    assert ax.get_ylim()[0] == -0.5
    assert ax.get_ylim()[1] >= 0


def test_rates_that_diverge_are_crosses_at_the_top(ax):
    plot_learning_rates(
        ax, [0.01, 0.1, 1, 10], [1.0, 0.2, 50.0, np.nan], own=0.01, best=0.1, start=1.0
    )
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["higher, or diverged"].get_xdata().tolist() == [1, 10]
    assert lines["suggested: 0.1"].get_ydata().tolist() == [0.2]
    assert ax.get_ylim()[1] < 2


def test_all_rates_may_diverge(ax):
    plot_learning_rates(ax, [0.1, 1], [np.nan, np.nan])
    assert ax.get_xscale() == "log"
