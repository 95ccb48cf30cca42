"""Decision regions of a model of two inputs, drawn over the plane."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, ShapeError
from rosenblatt.plotting.data import plot_dataset
from rosenblatt.plotting.style import INK, LINE_WIDTH, class_style

Predict = Callable[[npt.NDArray[np.float64]], npt.ArrayLike]


def plot_decision_regions(
    ax: Axes,
    predict: Predict,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    class_names: Sequence[str] | None = None,
    *,
    X_test: npt.ArrayLike | None = None,
    y_test: npt.ArrayLike | None = None,
    resolution: int = 200,
    feature_names: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Tint the plane by the class a model gives each point, and draw the data over it.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        predict: takes points (M, 2); returns either labels (M,), of the same kind as ``y``, or
            probabilities (M, C), columns in the order of the sorted classes of ``y``. Probabilities
            give smoother borders.
        X: points, shape (N, 2).
        y: class of each point, shape (N,).
        class_names: one name per class, in the order of the sorted classes; default: the labels.
        X_test: test points, shape (M, 2), drawn as outlines.
        y_test: their classes, shape (M,).
        resolution: how many grid points along each axis.
        feature_names: names of the two inputs.
        title: what the panel shows.

    Raises:
        ShapeError: if the data does not have exactly two columns, or ``predict`` returns anything
            else than described.
        ConfigurationError: if ``resolution`` is below 2.

    >>> import rosenblatt as rb
    >>> data = rb.data.xor(40, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=5)
    >>> figure, (ax,) = rb.plotting.new_figure()
    >>> plot_decision_regions(ax, run.predict_proba, data.X, data.y, resolution=20)
    >>> len(ax.get_legend().get_texts())
    2
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ShapeError(
            f"decision regions can be drawn of models with two inputs, but X has shape {X.shape}: "
            "expected (N, 2)"
        )
    resolution = whole_number(resolution, "resolution", at_least=2)
    plot_dataset(
        ax,
        X,
        y,
        class_names,
        X_test=X_test,
        y_test=y_test,
        feature_names=feature_names,
        title=title,
    )
    shown = X if X_test is None else np.vstack([X, np.asarray(X_test, dtype=np.float64)])
    x1, x2 = (_axis(values, resolution) for values in shown.T)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)
    margins = _margins(predict(grid.reshape(-1, 2)), np.unique(np.asarray(y)), resolution**2)
    for index, margin in enumerate(margins.reshape(-1, resolution, resolution)):
        if margin.max() < 0:
            continue
        color, _ = class_style(index)
        ax.contourf(x1, x2, margin, levels=[0, np.inf], colors=[color], alpha=0.16, zorder=0.5)
        if margin.min() < 0:
            ax.contour(x1, x2, margin, levels=[0], colors=[INK], linewidths=0.9, zorder=2.2)
    ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    ax.grid(visible=False)


def plot_decision_line(
    ax: Axes, weight: npt.ArrayLike, bias: float, *, label: str | None = "decision line"
) -> None:
    """Draw the line w · x + b = 0 on which a perceptron changes its mind.

    Args:
        ax: any matplotlib axes; its limits stay as they are.
        weight: w, two numbers in any shape: (2,), (2, 1) or (1, 2).
        bias: b.
        label: its name in a legend drawn later.

    Raises:
        ShapeError: if ``weight`` does not hold exactly two numbers.
        ConfigurationError: if both are 0: then every point lies on the border.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> _ = ax.set(xlim=(-1, 1), ylim=(-1, 1))
    >>> plot_decision_line(ax, [1.0, 1.0], 0.0)
    >>> len(ax.get_lines())
    1
    """
    w = np.asarray(weight, dtype=np.float64).ravel()
    if w.size != 2:
        raise ShapeError(f"a line in the plane needs two weights, got shape {np.shape(weight)}")
    length = float(np.hypot(*w))
    if length == 0:
        raise ConfigurationError("a perceptron with weights 0, 0 has no decision line: train it")
    limits = {"xlim": ax.get_xlim(), "ylim": ax.get_ylim()}
    foot = -float(bias) * w / length**2
    ax.axline(
        (foot[0], foot[1]),
        (foot[0] - w[1] / length, foot[1] + w[0] / length),
        color=INK,
        linewidth=LINE_WIDTH,
        label=label,
    )
    ax.set(**limits)


def _axis(values: npt.NDArray[np.float64], resolution: int) -> npt.NDArray[np.float64]:
    """Return an even axis over ``values`` with a margin of 8 % of their range on both sides."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _margins(
    predicted: npt.ArrayLike, classes: npt.NDArray[np.generic], n: int
) -> npt.NDArray[np.float64]:
    """Return, shape (C, n), by how much each class leads over the best other one."""
    out = np.asarray(predicted)
    if out.shape == (n,):
        classes = np.union1d(classes, out)
        return np.where(out == classes[:, None], 1.0, -1.0)
    if out.ndim != 2 or out.shape[0] != n or out.shape[1] < max(2, len(classes)):
        raise ShapeError(
            f"predict returned shape {out.shape} for {n} points: expected labels ({n},) or "
            f"probabilities ({n}, {len(classes)})"
        )
    scores = out.T.astype(np.float64)
    rivals = np.sort(scores, axis=0)
    best, second = rivals[-1], rivals[-2]
    return scores - np.where(scores == best, second, best)
