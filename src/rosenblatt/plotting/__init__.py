"""Figures as functions of arrays and an ``ax``.

Nothing here touches pyplot or matplotlib's global settings, and nothing here computes: give any
function a plain ``matplotlib.figure.Figure().subplots()`` and arrays from anywhere.

>>> from rosenblatt.plotting import new_figure, plot_loss
>>> figure, (ax,) = new_figure()
>>> plot_loss(ax, [0, 10, 20], train=[0.9, 0.5, 0.4], test=[0.9, 0.6, 0.5])
>>> [line.get_label() for line in ax.get_lines()]
['train', 'test']

In a notebook, ``figure`` as the last line of a cell shows it.
"""

from rosenblatt.plotting.calibration import plot_calibration
from rosenblatt.plotting.contrast import plot_changes, plot_distances, plot_two_losses
from rosenblatt.plotting.curves import plot_accuracy, plot_curves, plot_loss
from rosenblatt.plotting.data import plot_dataset
from rosenblatt.plotting.figure import NotebookFigure
from rosenblatt.plotting.landscape import plot_eigenvalues, plot_landscape
from rosenblatt.plotting.maps import plot_map, plot_map_of_points, plot_setting_curves
from rosenblatt.plotting.parallel import plot_parallel
from rosenblatt.plotting.rates import plot_learning_rates
from rosenblatt.plotting.regions import plot_decision_line, plot_decision_regions
from rosenblatt.plotting.render import render, save_figure
from rosenblatt.plotting.style import batch_color, class_style, dress, legend, new_figure
from rosenblatt.plotting.trainability import plot_trainability

__all__ = [
    "NotebookFigure",
    "batch_color",
    "class_style",
    "dress",
    "legend",
    "new_figure",
    "plot_accuracy",
    "plot_calibration",
    "plot_changes",
    "plot_curves",
    "plot_dataset",
    "plot_decision_line",
    "plot_decision_regions",
    "plot_distances",
    "plot_eigenvalues",
    "plot_landscape",
    "plot_learning_rates",
    "plot_loss",
    "plot_map",
    "plot_map_of_points",
    "plot_parallel",
    "plot_setting_curves",
    "plot_trainability",
    "plot_two_losses",
    "render",
    "save_figure",
]
