"""Curves over a training run: loss and accuracy of both sets."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.style import (
    ACCENT,
    FAINT_ALPHA,
    FAINT_WIDTH,
    dress,
    legend,
    style_of_test,
    style_of_train,
)

Curve = tuple[npt.ArrayLike, npt.ArrayLike]


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
) -> None:
    """Draw the loss of the training and the test set against the epoch.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which both were measured, shape (E,).
        train: loss on the training set, shape (E,): a grey dashed line.
        test: loss on the test set, shape (E,): a solid line in ``color``.
        others: pairs (epochs, test loss) of other runs, drawn as faint lines beneath.
        color: the colour of the test set.
        title: what the panel shows.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis, with the unit.

    Raises:
        ShapeError: if a curve has not as many values as epochs.
    """
    plot_curves(ax, epochs, train, test, others=others, color=color)
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

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        epochs: the epochs at which both were measured, shape (E,).
        train: accuracy on the training set as fractions, shape (E,): a grey dashed line.
        test: accuracy on the test set as fractions, shape (E,): a solid line in ``color``.
        others: pairs (epochs, test accuracy) of other runs, drawn as faint lines beneath.
        color: the colour of the test set.
        title: what the panel shows.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis, with the unit.

    Raises:
        ShapeError: if a curve has not as many values as epochs.
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
) -> None:
    """Draw the lines of :func:`plot_loss` and nothing else: no labels, limits or legend.

    Raises:
        ShapeError: if a curve has not as many values as epochs.
    """
    if train is not None:
        ax.plot(*_checked(epochs, train, "train"), label="train", zorder=3, **style_of_train())
    if test is not None:
        ax.plot(*_checked(epochs, test, "test"), label="test", zorder=2.5, **style_of_test(color))
    for number, (at, values) in enumerate(others):
        ax.plot(
            *_checked(at, values, "others"),
            color=color,
            alpha=FAINT_ALPHA,
            linewidth=FAINT_WIDTH,
            zorder=2,
            label="test, other seeds" if number == 0 else "_",
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


def _checked(
    x: npt.ArrayLike, y: npt.ArrayLike, what: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ShapeError(
            f"{what} has shape {y.shape} and its epochs {x.shape}: both must be (E,), one value "
            "per epoch"
        )
    return x, y
