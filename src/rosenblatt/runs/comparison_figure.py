"""The figure of a comparison of runs: loss and accuracy against the epoch and the update."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rosenblatt.plotting.curves import LEAST_FOR_BAND, epoch_axis, percent_axis, plot_band
from rosenblatt.plotting.figure import NotebookFigure
from rosenblatt.plotting.style import (
    FAINT_ALPHA,
    FAINT_WIDTH,
    FONT_SIZE,
    INK,
    LINE_WIDTH,
    MUTED,
    PANEL_SIZE,
    PAPER,
    SMALL_FONT_SIZE,
    as_written,
    class_style,
    dress,
    in_legend,
    show_names,
    style_of_train,
)
from rosenblatt.runs.run_comparison import ComparedRun, RunComparison

MARKS = 5
"""So many markers on a curve tell it from others where there are no colours."""
LONGEST_NAME = 40
LINE_OF_LEGEND = 95
"""Letters that fit beneath two panels."""
LOGARITHMIC_FROM = 10
"""Updates that differ by this factor are drawn on a logarithmic axis."""
HIGHEST = 1.5
"""Losses above so many times the largest first one, of a run that diverges, are cut off."""


def plot_comparison(comparison: RunComparison) -> Figure:
    """Draw what was measured while the runs went on, a colour and a marker for each.

    A solid line is the median over the seeds, of the test set, or of the training set where a run
    has none; a dashed one that of the training set. Ten seeds or more are drawn as the bands that
    hold half and 90 % of them at each place, fewer as a faint line each. A seed that ended before
    others keeps its last value. Panels against the update are added where the runs' epochs do not
    have the same number of updates.

    Returns:
        The figure, which a notebook shows as the last value of a cell; pyplot knows nothing of it.
        :func:`rosenblatt.plotting.save_figure` writes it.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/a")
    ...     figure = plot_comparison(rb.runs.compare([f"{folder}/a"]))
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['training loss (mean over samples)', 'training accuracy (%)']
    """
    runs = [run for run in comparison.runs if any(len(rows["epoch"]) for rows in run.histories)]
    quantities = ["loss"] + ["accuracy"] * any(_has(run, "train_accuracy") for run in runs)
    along = ["epoch"] + ["updates"] * _differ_in_updates(runs)
    # With one of the two only, the panels stand side by side, as in other figures.
    rows, columns = (len(quantities), 2) if len(along) == 2 else (1, len(quantities))
    width, height = PANEL_SIZE
    figure = NotebookFigure(
        figsize=(max(columns, 2) * width if columns == 2 else 1.4 * width, rows * height + 0.3),
        layout="constrained",
        facecolor=PAPER,
    )
    axes = figure.subplots(rows, columns, squeeze=False).flat
    panels = [(quantity, where) for quantity in quantities for where in along]
    for ax, (quantity, where) in zip(axes, panels, strict=True):
        _draw(ax, runs, quantity, where)
    if len(along) == 2:
        for ax, title in zip(figure.axes, ("At equal epochs", "At equal updates"), strict=False):
            ax.set_title(title, fontsize=FONT_SIZE, color=INK, loc="left", fontweight="bold")
    _draw_legend(figure, comparison.runs, runs, columns)
    return figure


def _draw(ax: Axes, runs: list[ComparedRun], quantity: str, along: str) -> None:
    logarithmic = along == "updates" and _spread(runs) >= LOGARITHMIC_FROM
    # A logarithm has no place for the start; a run with one evaluation after it needs the start.
    with_start = not logarithmic or min(_n_after_start(run) for run in runs) < 2
    for index, run in enumerate(runs):
        color, marker = class_style(index)
        tested = _has(run, f"test_{quantity}")
        if tested and _has(run, f"train_{quantity}"):
            x, curves = _places(run, f"train_{quantity}", along, with_start)
            ax.plot(x, np.median(curves, axis=0), zorder=2.2, **style_of_train(color))
        column = f"test_{quantity}" if tested else f"train_{quantity}"
        if _has(run, column):
            _draw_run(ax, *_places(run, column, along, with_start), color, marker, index)
    name = _name_of(runs, quantity)
    if quantity == "loss":
        dress(ax, xlabel=along, ylabel=f"{name} (mean over samples)")
        firsts = [run.histories[0]["train_loss"][:1].max(initial=0) for run in runs]
        top = HIGHEST * max([float(first) for first in firsts if np.isfinite(first)], default=0)
        ax.set_ylim(0, top if top and ax.get_ylim()[1] > top else None)
    else:
        dress(ax, xlabel=along, ylabel=f"{name} (%)")
        percent_axis(ax)
    if along == "epoch":
        epoch_axis(ax)
    elif logarithmic:
        _logarithmic_axis(ax, runs, with_start)
    else:
        epoch_axis(ax)
        ax.set_xlabel("update")


def _logarithmic_axis(ax: Axes, runs: list[ComparedRun], with_start: bool) -> None:
    """Make the horizontal axis logarithmic; with the start, linear up to the first evaluation."""
    ax.set_xlabel("update (logarithmic axis)")
    if not with_start:
        ax.set_xscale("log")
    else:
        places = np.concatenate([rows["updates"] for run in runs for rows in run.histories])
        first = float(places[places > 0].min(initial=np.inf))
        if not np.isfinite(first):
            return
        ax.set_xscale("symlog", linthresh=first, linscale=0.5)
        ax.set_xlim(left=0)
        ax.set_xlabel(f"update (linear to {first:g}, then logarithmic)")
    ax.minorticks_off()


def _draw_run(
    ax: Axes,
    x: npt.NDArray[np.float64],
    curves: npt.NDArray[np.float64],
    color: str,
    marker: str,
    index: int,
) -> None:
    if len(curves) >= LEAST_FOR_BAND:
        plot_band(ax, x, curves, color=color)
    elif len(curves) > 1:
        for curve in curves:
            ax.plot(x, curve, color=color, alpha=FAINT_ALPHA, linewidth=FAINT_WIDTH, zorder=2)
    ax.plot(
        x,
        np.median(curves, axis=0),
        color=color,
        linewidth=LINE_WIDTH,
        marker=marker,
        markersize=4,
        # Markers of different runs stand beside each other; of few points each is seen.
        markevery=None if len(x) <= MARKS else ((0.1 + 0.13 * index) % 1 / MARKS, 1 / MARKS),
        zorder=2.6,
    )


def _draw_legend(
    figure: Figure, all_runs: tuple[ComparedRun, ...], runs: list[ComparedRun], columns: int
) -> None:
    handles: list[Any] = []
    for index, run in enumerate(runs):
        color, marker = class_style(index)
        label = in_legend(_short(run.name)) + (
            f" ({len(run.seeds)} seeds)" if len(run.seeds) > 1 else ""
        )
        handles.append(
            Line2D([], [], color=color, marker=marker, markersize=4, lw=LINE_WIDTH, label=label)
        )
    if any(_has(run, "test_loss") for run in runs):
        handles.append(Line2D([], [], label="training set", **style_of_train()))
    if any(len(run.seeds) >= LEAST_FOR_BAND for run in runs):
        handles.append(Patch(color=MUTED, alpha=0.35, lw=0, label="half, and 90 %, of the seeds"))
    longest = max((len(handle.get_label()) for handle in handles), default=1)
    room = LINE_OF_LEGEND if columns == 2 else LINE_OF_LEGEND // 2
    drawn = figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=max(1, min(len(handles), room // (longest + 7))),
        fontsize=SMALL_FONT_SIZE,
        labelcolor=INK,
        handlelength=2.2,
        frameon=False,
    )
    show_names(drawn)


def _places(
    run: ComparedRun, column: str, along: str, with_start: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    x, curves = run.curves(column, along)
    return (x, curves) if with_start else (x[x > 0], curves[:, x > 0])


def _n_after_start(run: ComparedRun) -> int:
    """Return after how many updates a run was evaluated, its start left out."""
    return len({place for rows in run.histories for place in rows["updates"] if place > 0})


def _has(run: ComparedRun, column: str) -> bool:
    return any(np.isfinite(rows[column]).any() for rows in run.histories)


def _spread(runs: list[ComparedRun]) -> float:
    last = [_most(run, "updates") for run in runs]
    return max(last, default=0) / max(min(last, default=1), 1)


def _differ_in_updates(runs: list[ComparedRun]) -> bool:
    ratios = {round(_most(run, "updates") / max(_most(run, "epoch"), 1), 6) for run in runs}
    return len(ratios) > 1


def _most(run: ComparedRun, column: str) -> float:
    return float(max(rows[column].max(initial=0) for rows in run.histories))


def _name_of(runs: list[ComparedRun], quantity: str) -> str:
    """Return what the solid lines show."""
    kinds = ["test" if _has(run, f"test_{quantity}") else "training" for run in runs]
    return f"{' or '.join(dict.fromkeys(kinds))} {quantity}"


def _short(name: str) -> str:
    text = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return as_written(text.replace("\n", " "))
