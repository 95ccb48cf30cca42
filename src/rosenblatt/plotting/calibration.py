"""The reliability curve of a classifier."""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.curves import checked_curve, percent_axis
from rosenblatt.plotting.style import ACCENT, LINE_WIDTH, MUTED, dress

BARS = 0.22
"""The height of the longest bar, relative to the axes."""


def plot_calibration(
    ax: Axes,
    confidence: npt.ArrayLike,
    accuracy: npt.ArrayLike,
    *,
    counts: npt.ArrayLike | None = None,
    edges: npt.ArrayLike | None = None,
    low: npt.ArrayLike | None = None,
    high: npt.ArrayLike | None = None,
    error: float | None = None,
    title: str | None = None,
) -> None:
    """Draw the accuracy against the confidence, in bins; a calibrated model is on the diagonal.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        confidence: the mean confidence of each bin, (B,); NaN where a bin is empty.
        accuracy: the accuracy in each bin, (B,).
        counts: the number of samples in each bin, (B,): bars at the foot.
        edges: the edges of the bins, (B + 1,), needed for the bars.
        low: the lower ends of intervals of the accuracy, (B,).
        high: the upper ends.
        error: the expected calibration error, for the legend.
        title: what the panel shows.

    Raises:
        ShapeError: if the shapes do not fit each other.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_calibration(ax, [0.6, 0.9], [0.55, 0.8])
    >>> ax.get_xlabel()
    'confidence (%)'
    """
    x, y = checked_curve(confidence, accuracy, "accuracy")
    used = np.isfinite(x) & np.isfinite(y)
    start = 0.0
    if counts is not None and edges is not None:
        sizes, borders = np.asarray(counts, dtype=np.float64), np.asarray(edges, dtype=np.float64)
        if sizes.shape != x.shape or borders.shape != (len(x) + 1,):
            raise ShapeError(f"{len(x)} bins need as many counts, and one more edge")
        heights = BARS * sizes / max(sizes.max(initial=0.0), 1.0)
        ax.bar(
            borders[:-1],
            heights,
            np.diff(borders),
            align="edge",
            color=MUTED,
            alpha=0.22,
            edgecolor="white",
            linewidth=0.6,
            label="samples",
        )
        if (sizes > 0).any():
            start = float(borders[:-1][sizes > 0][0])
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)), label="calibrated")
    name = "this model" if error is None else f"this model, ECE {100 * error:.2g} %"
    ax.plot(
        x[used],
        y[used],
        "o-",
        color=ACCENT,
        linewidth=LINE_WIDTH,
        markersize=4,
        label=name,
        zorder=3,
    )
    if low is not None and high is not None:
        _, lower = checked_curve(x, low, "low")
        _, upper = checked_curve(x, high, "high")
        ax.vlines(x[used], lower[used], upper[used], color=ACCENT, linewidth=0.9, alpha=0.7)
    dress(ax, xlabel="confidence (%)", ylabel="right predictions (%)", title=title)
    ax.set(xlim=(max(0.0, start - 0.02), 1.02), ylim=(0, 1.02))
    percent_axis(ax)
    ax.xaxis.set_major_formatter(lambda fraction, _: f"{100 * fraction:.4g}")
    legend_below(ax)
