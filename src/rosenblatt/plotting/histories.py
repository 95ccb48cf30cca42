"""Measurements of one run, or of many, against the epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.plotting.curves import epoch_axis, percent_axis, plot_band
from rosenblatt.plotting.style import (
    ACCENT,
    CONTRAST,
    INK,
    MUTED,
    dress,
    legend,
    new_figure,
    style_of_test,
    style_of_train,
)

Columns = Mapping[str, npt.NDArray[np.float64]]
SETS = ("train", "validation", "test")
MEASUREMENTS = ("loss", "accuracy")
_COLORS = {"train": MUTED, "validation": CONTRAST, "test": ACCENT}


def plot_history(columns: Columns, column: str = "loss", *, ax: Axes | None = None) -> Axes:
    """Draw a measurement of every set against the epoch, and return the axes.

    Args:
        columns: the columns of a history by name, each (E,), "epoch" among them.
        column: "loss" or "accuracy", drawn for every set that has it; or one column's name.
        ax: where to draw; a new figure by default.

    Raises:
        ConfigurationError: there is no such column.
    """
    ax, names = _axes(ax), _names_of(columns, column)
    for name in names:
        of_set = name.partition("_")[0]
        line = style_of_train() if of_set == "train" else style_of_test(_COLORS.get(of_set, INK))
        ax.plot(columns["epoch"], columns[name], label=_label(name), **line)
    _label_axes(ax, column, names)
    return ax


def plot_histories(
    histories: Sequence[Columns], column: str = "loss", *, ax: Axes | None = None
) -> Axes:
    """Draw the median over runs, with the bands of 50 % and 90 % of them, and return the axes.

    Args:
        histories: the columns of each run. Epochs that not all of them have are left out.
        column: "loss" or "accuracy", drawn for every set that has it; or one column's name.
        ax: where to draw; a new figure by default.

    Raises:
        ConfigurationError: there is no such column, or no epoch that all runs have.
    """
    ax, names = _axes(ax), _names_of(histories[0], column)
    epochs = histories[0]["epoch"]
    for columns in histories[1:]:
        epochs = np.intersect1d(epochs, columns["epoch"])
    if not len(epochs):
        raise ConfigurationError("the runs have no evaluated epoch in common")
    for name in names:
        curves = [columns[name][np.isin(columns["epoch"], epochs)] for columns in histories]
        color = _COLORS.get(name.partition("_")[0], INK)
        plot_band(ax, epochs, curves, color=color, label=_label(name))
    _label_axes(ax, column, names)
    return ax


def _axes(ax: Axes | None) -> Axes:
    return new_figure()[1][0] if ax is None else ax


def _names_of(columns: Columns, column: str) -> list[str]:
    """Return the columns to draw: of every set, or one."""
    if column in MEASUREMENTS:
        names = [f"{name}_{column}" for name in SETS]
        names = [name for name in names if name in columns and not np.isnan(columns[name]).all()]
        if not names:
            raise ConfigurationError(f"no set has a {column} in this history")
        return names
    if column not in columns:
        known = [*MEASUREMENTS, *columns]
        raise ConfigurationError(
            f"a history has no column {column!r}; it has {', '.join(known)}{nearest(column, known)}"
        )
    return [column]


def _label(name: str) -> str:
    of_set, _, measurement = name.partition("_")
    return of_set if measurement in MEASUREMENTS else name.replace("_", " ")


def _label_axes(ax: Axes, column: str, names: Sequence[str]) -> None:
    is_accuracy, is_loss = column.endswith("accuracy"), column.endswith("loss")
    ylabel = "accuracy (%)" if is_accuracy else column.replace("_", " ")
    dress(ax, xlabel="epoch", ylabel="loss (mean over samples)" if is_loss else ylabel)
    epoch_axis(ax)
    if is_accuracy:
        percent_axis(ax)
    if is_loss:
        ax.set_ylim(bottom=0)
    if len(names) > 1:
        legend(ax, loc="lower right" if is_accuracy else "upper right")
