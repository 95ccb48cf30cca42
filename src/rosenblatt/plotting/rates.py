"""The training loss against the learning rate."""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.curves import checked_curve
from rosenblatt.plotting.style import ACCENT, CONTRAST, LINE_WIDTH, MUTED, dress

SHOWN_ABOVE_START = 1.6
"""The axis of the loss ends at this multiple of the first loss; higher losses are cut off."""


def plot_learning_rates(
    ax: Axes,
    rates: npt.ArrayLike,
    losses: npt.ArrayLike,
    *,
    own: float | None = None,
    best: float | None = None,
    start: float | None = None,
    title: str | None = None,
) -> None:
    """Draw the loss after training against the learning rate, on a logarithmic axis of rates.

    Rates at which training diverged are crosses at the upper edge.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        rates: learning rates, (R,).
        losses: the loss reached with each, (R,); NaN where training diverged.
        own: the rate of a run, a vertical line.
        best: the best rate, a dot.
        start: the loss before training, a horizontal line.
        title: what the panel shows.

    Raises:
        ShapeError: if there are not as many losses as rates.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_learning_rates(ax, [0.01, 0.1, 1.0], [0.6, 0.2, np.nan], best=0.1)
    >>> ax.get_xlabel()
    'learning rate'
    """
    x, y = checked_curve(rates, losses, "losses")
    finite = np.isfinite(y)
    highest = float(y[finite].max()) if finite.any() else 1.0
    if start is not None:
        highest = min(highest, SHOWN_ABOVE_START * start)
        ax.axhline(start, color=MUTED, linewidth=0.9, linestyle=(0, (1, 1.5)), label="before")
    top = 1.08 * highest
    ax.plot(
        x, np.where(finite, np.minimum(y, 10 * top), np.nan), color=ACCENT, linewidth=LINE_WIDTH
    )
    gone = ~finite | (y > top)
    if gone.any():
        ax.plot(
            x[gone],
            np.full(int(gone.sum()), 0.975 * top),
            linestyle="none",
            marker="x",
            markersize=4,
            color=MUTED,
            label="higher, or diverged",
        )
    if own is not None:
        ax.axvline(own, color=CONTRAST, linewidth=LINE_WIDTH, label=f"this run: {own:.2g}")
    if best is not None and np.isfinite(y[np.abs(x - best).argmin()]):
        at = int(np.abs(x - best).argmin())
        ax.plot(x[at], y[at], "o", color=ACCENT, markersize=6, label=f"suggested: {best:.2g}")
    ax.set_xscale("log")
    dress(ax, xlabel="learning rate", ylabel="training loss", title=title)
    ax.set_ylim(min(0.0, float(np.nanmin(np.r_[y[finite], 0.0]))), top)
    ax.xaxis.set_minor_locator(NullLocator())
    legend_below(ax)
