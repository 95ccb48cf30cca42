"""Two runs held against each other: how far apart their weights, predictions and losses are."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import NullLocator

from rosenblatt.plotting.curves import checked_curve, epoch_axis
from rosenblatt.plotting.style import (
    ACCENT,
    CLASS_MARKERS,
    CONTRAST,
    INK,
    LINE_WIDTH,
    MUTED,
    RAMP,
    as_written,
    dress,
    in_legend,
    legend,
)

MOST_MARKERS = 8
"""Largest number of markers on a curve."""
LOGARITHMIC_FROM = 100.0
"""Values that span more than this factor are drawn on a logarithmic axis."""
PLAIN = (1e-3, 1e6)
"""On a linear axis, labels of values outside would be all zeros: it is logarithmic as well."""
_DEPTHS = LinearSegmentedColormap.from_list("depths", RAMP)


def plot_distances(
    ax: Axes,
    epochs: npt.ArrayLike,
    distances: Mapping[str, npt.ArrayLike],
    *,
    together: npt.ArrayLike | None = None,
    first_difference_epoch: float | None = None,
    title: str | None = None,
    xlabel: str = "epoch",
    ylabel: str = r"distance $\Vert W_a - W_b\Vert$",
) -> None:
    """Draw how far apart the weights of two runs are, a line for each layer.

    Where distances span orders of magnitude the axis is logarithmic, with a place for exact 0 at
    its foot.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which the runs were compared, (E,).
        distances: by name, in the order of the layers, (E,) each.
        together: that of all layers together, (E,): a broad line beneath the others.
        first_difference_epoch: the epoch at which the runs part, a dotted line.
        title: what the panel shows.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis.

    Raises:
        ShapeError: if a line has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> distances = {"0.weight": [0.0, 0.1, 0.2], "2.weight": [0.0, 0.3, 0.3]}
    >>> plot_distances(ax, [0, 10, 20], distances)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0.weight', '2.weight']
    """
    drawn = []
    for number, (name, distance) in enumerate(distances.items()):
        x, y = checked_curve(epochs, distance, name)
        ax.plot(x, y, label=name, **_style_of_layer(number, len(distances), len(x)))
        drawn.append(y)
    if together is not None:
        x, y = checked_curve(epochs, together, "together")
        ax.plot(x, y, label="all layers", color=MUTED, linewidth=3.2, alpha=0.35, zorder=1.8)
        drawn.append(y)
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    epoch_axis(ax)
    axis_with_zero(ax, drawn)
    mark_first_difference(ax, first_difference_epoch)
    legend_below(ax)


def plot_changes(
    ax: Axes,
    epochs: npt.ArrayLike,
    *,
    disagreement: npt.ArrayLike | None = None,
    mean: npt.ArrayLike | None = None,
    largest: npt.ArrayLike | None = None,
    of: str = "probability",
    first_difference_epoch: float | None = None,
    title: str | None = None,
    xlabel: str = "epoch",
) -> None:
    """Draw how much the predictions of two runs differ.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which the runs were compared, (E,).
        disagreement: the share of samples whose predicted class differs, (E,): a solid line.
        mean: the mean change of what is predicted, (E,): a dashed line.
        largest: the largest change over all samples, (E,): a dash-dotted line.
        of: what changes: "probability", in percent like the disagreement; "value", in its own unit;
            of a "score" nothing is drawn, because scores have no unit.
        first_difference_epoch: the epoch at which the runs part, a dotted line.
        title: what the panel shows.
        xlabel: name of the horizontal axis.

    Raises:
        ShapeError: if a line has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> lines = {"mean": [0.0, 0.01, 0.02], "largest": [0.0, 0.2, 0.3]}
    >>> plot_changes(ax, [0, 10, 20], disagreement=[0.0, 0.05, 0.04], of="probability", **lines)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['another class', 'mean |Δp|', 'largest |Δp|']
    """
    percent, symbol = (1.0, "|Δy|") if of == "value" else (100.0, "|Δp|")
    lines: list[tuple[str, npt.ArrayLike | None, dict[str, Any]]] = [
        ("another class", disagreement, {"color": ACCENT, "linewidth": LINE_WIDTH, "zorder": 3}),
    ]
    if of != "score":
        lines += [
            (f"mean {symbol}", mean, {"color": CONTRAST, "linestyle": (0, (4, 1.5))}),
            (f"largest {symbol}", largest, {"color": MUTED, "linestyle": (0, (5, 1.5, 1, 1.5))}),
        ]
    drawn = []
    for label, values, style in lines:
        if values is not None:
            x, y = checked_curve(epochs, values, label)
            ax.plot(x, percent * y, label=label, **{"linewidth": LINE_WIDTH * 0.85, **style})
            drawn.append(percent * y)
    ylabel = {
        "probability": f"share of samples, {symbol} (%)",
        "value": f"change of the prediction {symbol}",
    }.get(of, "samples of another class (%)")
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    epoch_axis(ax)
    axis_with_zero(ax, drawn)
    mark_first_difference(ax, first_difference_epoch)
    legend_below(ax)


def plot_two_losses(
    ax: Axes,
    epochs: npt.ArrayLike,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    names: tuple[str, str] = ("a", "b"),
    first_difference_epoch: float | None = None,
    title: str | None = None,
    xlabel: str = "epoch",
    ylabel: str = "loss (mean over samples)",
) -> None:
    """Draw the losses of two runs on the same samples, the second in dashes over the first.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which both were measured, (E,).
        a: the loss of the first run, (E,).
        b: the loss of the second, (E,).
        names: what the legend calls them.
        first_difference_epoch: the epoch at which the runs part, a dotted line.
        title: what the panel shows.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis, with the unit.

    Raises:
        ShapeError: if a line has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_two_losses(ax, [0, 10], [0.7, 0.5], [0.7, 0.4], names=("SGD", "Adam"))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['SGD', 'Adam']
    """
    ax.plot(
        *checked_curve(epochs, a, "a"),
        label=in_legend(as_written(names[0])),
        color=ACCENT,
        linewidth=LINE_WIDTH,
    )
    ax.plot(
        *checked_curve(epochs, b, "b"),
        label=in_legend(as_written(names[1])),
        color=CONTRAST,
        linewidth=LINE_WIDTH,
        linestyle=(0, (3, 1.5)),
    )
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    epoch_axis(ax)
    if min(np.min(a), np.min(b)) > 0:
        axis_with_zero(ax, [a, b], logarithmic_from=10)
    else:
        ax.set_ylim(bottom=0)
    mark_first_difference(ax, first_difference_epoch)
    legend_below(ax)


def mark_first_difference(ax: Axes, first_difference_epoch: float | None) -> None:
    """Draw a dotted line where two runs part; none where they do not."""
    if first_difference_epoch is not None:
        ax.axvline(
            first_difference_epoch,
            color=INK,
            linewidth=1.0,
            linestyle=(0, (1, 1.5)),
            zorder=2,
            label="they part",
        )


def legend_below(ax: Axes, **entries: Any) -> None:
    """Draw the legend beneath the axes, where it hides no curve; ``entries`` go to it."""
    where = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2}
    legend(ax, columnspacing=1.2, **where, **entries)


def axis_with_zero(
    ax: Axes, curves: Sequence[npt.ArrayLike], *, logarithmic_from: float = LOGARITHMIC_FROM
) -> None:
    """Scale the vertical axis for curves of values >= 0, of which some may be exactly 0.

    Where the positive values span more than a factor of ``logarithmic_from``, the axis is
    logarithmic, and its foot is linear from the decade of the smallest of them to 0. So it is where
    all of them are tiny or huge.
    """
    values = np.concatenate([np.asarray(curve, dtype=np.float64).ravel() for curve in curves])
    values = values[np.isfinite(values)]
    # What lies outside would leave the range of floats together with the margins.
    positive = np.clip(values[values > 0], 1e-300, 1e300)
    if not len(positive):
        ax.set_ylim(-0.03, 1)
        ax.set_yticks([0])
        return
    low, high = float(positive.min()), float(positive.max())
    if high <= logarithmic_from * low and PLAIN[0] < high < PLAIN[1]:
        ax.set_ylim(bottom=0)
        return
    threshold = 10.0 ** math.floor(math.log10(low))
    span = max(1.0, math.log10(high / threshold))
    margin = 10 ** min(1.0, 0.05 * span)
    top = high * margin
    if len(positive) == len(values):
        bottom = low / margin
        ax.set_ylim(bottom, top)
        ax.set_yscale("log")
        ticks = _decades(bottom, top)
    else:
        ax.set_ylim(-0.2 * threshold, top)
        ax.set_yscale("symlog", linthresh=threshold, linscale=max(0.4, 0.1 * span))
        ticks = {0.0: "0", **_decades(threshold, top)}
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticks(list(ticks), labels=list(ticks.values()))


def _decades(bottom: float, top: float) -> dict[float, str]:
    """Return the ticks of a logarithmic axis with their labels: some six of them."""
    low, high = math.floor(math.log10(bottom)), math.ceil(math.log10(top))
    factors: tuple[int, ...] = (1, 2, 5) if high - low < 3 else (1, 3)
    powers = range(low, high + 1)
    if high - low > 3:
        factors, powers = (1,), range(low, high + 1, math.ceil((high - low) / 6))
    ticks = {
        factor * 10.0**power: _label_of(factor, power, plain=low > -3 and high < 5)
        for power in powers
        for factor in factors
    }
    return {place: label for place, label in ticks.items() if bottom <= place <= top}


def _label_of(factor: int, power: int, *, plain: bool) -> str:
    """Return factor · 10^power as it is written at an axis."""
    if plain:
        return f"{factor * 10.0**power:g}"
    return f"$10^{{{power}}}$" if factor == 1 else f"${factor}\\cdot 10^{{{power}}}$"


def _style_of_layer(number: int, of: int, n_points: int) -> dict[str, Any]:
    """Return the style of a layer's line: darker and with another marker the deeper it lies."""
    depth = number / max(1, of - 1)
    every = max(1, n_points // MOST_MARKERS)
    line = {"color": _DEPTHS(0.8 * depth), "linewidth": LINE_WIDTH * 0.85, "zorder": 3}
    if of == 1:
        return line
    return line | {
        "marker": CLASS_MARKERS[number % len(CLASS_MARKERS)],
        "markersize": 3.6,
        "markevery": (number * every // of, every),
    }
