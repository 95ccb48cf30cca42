"""Points of a data set in the plane, one marker and colour per class."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.style import (
    INK,
    as_written,
    class_labels,
    class_style,
    dress,
    in_legend,
    legend,
)


def plot_dataset(
    ax: Axes,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    class_names: Sequence[str] | None = None,
    *,
    X_test: npt.ArrayLike | None = None,
    y_test: npt.ArrayLike | None = None,
    columns: tuple[int, int] = (0, 1),
    feature_names: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Draw a data set: filled markers for one set, outlined ones for a second (the test set).

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        X: points, shape (N, D) with D >= 2.
        y: class of each point, shape (N,); indices or labels.
        class_names: one name per class, in the order of the sorted classes; default: the labels.
        X_test: further points, shape (M, D), drawn as outlines; with it the legend says train and
            test.
        y_test: their classes, shape (M,).
        columns: which two of the D columns are drawn, horizontal and vertical.
        feature_names: a name per column, for the axis labels; default x₁, x₂, ...
        title: what the panel shows.

    Raises:
        ShapeError: if the arrays do not fit each other, or a column in ``columns`` does not exist.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> figure, (ax,) = rb.plotting.new_figure()
    >>> plot_dataset(ax, data.X, data.y, title="two moons")
    >>> len(ax.get_legend().get_texts())
    2
    """
    points, classes_of = checked_points(X, y, columns)
    sets = [("", points, classes_of, True)]
    if X_test is not None and y_test is not None:
        sets = [("train, ", points, classes_of, True)]
        sets.append(("test, ", *checked_points(X_test, y_test, columns), False))
    classes = np.unique(np.concatenate([labels for _, _, labels, _ in sets]))
    names = class_labels(classes.tolist(), class_names)
    for prefix, where, labels, filled in sets:
        for index, label in enumerate(classes):
            color, marker = class_style(index)
            chosen = where[labels == label]
            ax.plot(
                chosen[:, 0],
                chosen[:, 1],
                linestyle="none",
                marker=marker,
                markersize=_marker_size(len(points)) + (0 if filled else 1.5),
                markerfacecolor=color if filled else "none",
                markeredgecolor="none" if filled else INK,
                markeredgewidth=0.9,
                alpha=0.75 if filled else 1.0,
                label=in_legend(f"{prefix}{names[index]}"),
            )
    xlabel, ylabel = (_name(column, feature_names) for column in columns)
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    legend(ax, loc="best")


def checked_points(
    X: npt.ArrayLike, y: npt.ArrayLike, columns: tuple[int, int] = (0, 1)
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.generic]]:
    """Return the two drawn columns of ``X``, shape (N, 2), and ``y``, shape (N,).

    Raises:
        ShapeError: if the arrays do not fit each other, or a column does not exist.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ShapeError(
            f"X has shape {X.shape} and y {y.shape}: expected (N, D) and (N,), one class per point"
        )
    if X.shape[1] < 2 or not all(0 <= column < X.shape[1] for column in columns):
        raise ShapeError(
            f"cannot draw columns {columns[0]} and {columns[1]} of points with {X.shape[1]} "
            "column(s): two existing columns are needed, counted from 0"
        )
    return X[:, list(columns)], y


def _name(column: int, feature_names: Sequence[str] | None) -> str:
    if feature_names is not None and column < len(feature_names):
        return as_written(feature_names[column])
    return "x" + str(column + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _marker_size(n: int) -> float:
    """Return a diameter in points at which n points in one panel stay apart."""
    return float(np.clip(42 / np.sqrt(max(n, 1)), 2.2, 5.0))
