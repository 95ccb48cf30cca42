"""Curves over a training run: loss and accuracy of both sets."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.style import (
    ACCENT,
    FAINT_ALPHA,
    FAINT_WIDTH,
    LINE_WIDTH,
    dress,
    legend,
    style_of_test,
    style_of_train,
)

Curve = tuple[npt.ArrayLike, npt.ArrayLike]
Checked = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

LEAST_FOR_BAND = 10
"""Number of other runs from which on they are drawn as bands."""


def plot_loss(
    ax: Axes,
    epochs: npt.ArrayLike,
    train: npt.ArrayLike | None = None,
    test: npt.ArrayLike | None = None,
    *,
    others: Iterable[Curve] = (),
    color: str = ACCENT,
    title: str | None = None,
    xlabel: str = "epoch",
    ylabel: str = "loss (mean over samples)",
    test_label: str = "test",
) -> None:
    """Draw the loss of the training and the test set against the epoch.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which both were measured, shape (E,).
        train: loss on the training set, shape (E,): a grey dashed line.
        test: loss on the test set, shape (E,): a solid line in ``color``.
        others: pairs (epochs, test loss) of other runs, drawn beneath: a few as faint lines, ten
            or more as the bands that hold 90 % and half of them.
        color: the colour of the test set.
        title: what the panel shows.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis, with the unit.
        test_label: what the legend calls the test set.

    Raises:
        ShapeError: if a curve has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_loss(ax, [0, 10, 20], train=[0.9, 0.5, 0.4], test=[0.9, 0.6, 0.5])
    >>> [line.get_label() for line in ax.get_lines()]
    ['train', 'test']
    """
    plot_curves(ax, epochs, train, test, others=others, color=color, test_label=test_label)
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    epoch_axis(ax)
    ax.set_ylim(bottom=0)
    legend(ax, loc="upper right")


def plot_accuracy(
    ax: Axes,
    epochs: npt.ArrayLike,
    train: npt.ArrayLike | None = None,
    test: npt.ArrayLike | None = None,
    *,
    others: Iterable[Curve] = (),
    color: str = ACCENT,
    title: str | None = None,
    xlabel: str = "epoch",
    ylabel: str = "accuracy (%)",
) -> None:
    """Draw the accuracy of both sets against the epoch, in percent.

    Arguments are those of :func:`plot_loss`, with accuracies as fractions.

    Raises:
        ShapeError: if a curve has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_accuracy(ax, [0, 10, 20], test=[0.5, 0.8, 0.9])
    >>> ax.get_ylabel()
    'accuracy (%)'
    """
    plot_curves(ax, epochs, train, test, others=others, color=color)
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    epoch_axis(ax)
    percent_axis(ax)
    legend(ax, loc="lower right")


def plot_curves(
    ax: Axes,
    epochs: npt.ArrayLike,
    train: npt.ArrayLike | None = None,
    test: npt.ArrayLike | None = None,
    *,
    others: Iterable[Curve] = (),
    color: str = ACCENT,
    test_label: str = "test",
) -> None:
    """Draw the lines of :func:`plot_loss` and nothing else: no labels, limits or legend.

    Raises:
        ShapeError: if a curve has not as many values as epochs.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_curves(ax, [0, 10, 20], train=[0.9, 0.5, 0.4])
    >>> len(ax.get_lines())
    1
    """
    if train is not None:
        ax.plot(*checked_curve(epochs, train, "train"), label="train", zorder=3, **style_of_train())
    if test is not None:
        points = checked_curve(epochs, test, "test")
        ax.plot(*points, label=test_label, zorder=2.5, **style_of_test(color))
    _draw_others(ax, [checked_curve(at, values, "others") for at, values in others], color)


def plot_band(
    ax: Axes,
    x: npt.ArrayLike,
    curves: npt.ArrayLike,
    *,
    color: str = ACCENT,
    label: str | None = None,
    with_outer: bool = True,
) -> None:
    """Draw the median of R curves over the band that holds half of them at each place.

    Args:
        ax: any matplotlib axes.
        x: the places, shape (T,).
        curves: one curve per row, shape (R, T).
        color: of line and bands.
        label: what the legend calls the median.
        with_outer: whether to draw the band from the 5th to the 95th percentile as well.
    """
    low, quarter, median, three_quarters, high = np.quantile(
        np.asarray(curves, dtype=np.float64), (0.05, 0.25, 0.5, 0.75, 0.95), axis=0
    )
    if with_outer:
        ax.fill_between(x, low, high, color=color, alpha=0.13, linewidth=0, zorder=1.5)
    ax.fill_between(x, quarter, three_quarters, color=color, alpha=0.25, linewidth=0, zorder=1.6)
    ax.plot(x, median, color=color, linewidth=LINE_WIDTH, zorder=2.4, label=label)


def _draw_others(ax: Axes, others: Sequence[Checked], color: str) -> None:
    """Draw a few other runs as faint lines, many as bands of 5 to 95 % and 25 to 75 % of them."""
    alike = all(np.array_equal(at, others[0][0]) for at, _ in others)
    if len(others) < LEAST_FOR_BAND or not alike:
        for number, (at, values) in enumerate(others):
            ax.plot(
                at,
                values,
                color=color,
                alpha=FAINT_ALPHA,
                linewidth=FAINT_WIDTH,
                zorder=2,
                label="test, other seeds" if number == 0 else "_",
            )
        return
    low, quarter, three_quarters, high = np.quantile(
        [values for _, values in others], (0.05, 0.25, 0.75, 0.95), axis=0
    )
    for lower, upper, alpha, label in (
        (low, high, 0.15, "test, 90 % of other seeds"),
        (quarter, three_quarters, 0.25, "half of them"),
    ):
        ax.fill_between(
            others[0][0],
            lower,
            upper,
            color=color,
            alpha=alpha,
            linewidth=0,
            zorder=1.5,
            label=label,
        )


def percent_axis(ax: Axes) -> None:
    """Write the fractions of the vertical axis as percentages, the sign left to the label."""
    ax.yaxis.set_major_formatter(lambda fraction, _: f"{100 * fraction:.4g}")


def epoch_axis(ax: Axes) -> None:
    """Start the horizontal axis just before 0 and put its ticks on round epochs."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 3, 5, 10], integer=True))
    ax.margins(x=0.015)


def logarithmic_epoch_axis(ax: Axes, last: int) -> None:
    """Spread the first epochs: the horizontal axis is linear from 0 to 1, then logarithmic.

    Args:
        ax: axes that are labelled already; the name of the axis is replaced.
        last: the epoch at which the axis ends, at least 1.
    """
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ticks = [0, *(10**k for k in range(len(str(last))))]
    ax.set_xticks(ticks, labels=[str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set(xlim=(0, last), xlabel="epoch (linear to 1, then logarithmic)")


def checked_curve(x: npt.ArrayLike, y: npt.ArrayLike, what: str) -> Checked:
    """Return a curve as two arrays (E,); ``what`` is its name in the error otherwise."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ShapeError(
            f"{what} has shape {y.shape} and its epochs {x.shape}: both must be (E,), one value "
            "per epoch"
        )
    return x, y
