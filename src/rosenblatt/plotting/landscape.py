"""The loss over a plane through the weights, and the largest Hessian eigenvalue along a run."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from rosenblatt.errors import ShapeError
from rosenblatt.plotting.contrast import legend_below
from rosenblatt.plotting.curves import checked_curve
from rosenblatt.plotting.style import (
    ACCENT,
    CONTRAST,
    INK,
    LINE_WIDTH,
    MUTED,
    PAPER,
    SMALL_FONT_SIZE,
    dress,
)

LEVELS = 14
"""Level lines; they are denser where the loss is small."""
_HEIGHTS = LinearSegmentedColormap.from_list(
    "heights", ("#f4f7fb", "#d3e0f0", "#a6c1e0", "#7499c8", "#4a70ab", "#2c4a86")
)


def plot_landscape(
    ax: Axes,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    grid: npt.ArrayLike,
    *,
    trajectory: npt.ArrayLike | None = None,
    name: str | None = None,
    labels: tuple[str, str] = ("a", "b"),
    title: str | None = None,
) -> None:
    """Draw level lines of a loss over a plane, lighter where it is small.

    The levels are evenly spaced on a scale between a linear and a logarithmic one, so that a flat
    valley and its steep sides both show; the lines are labelled with the loss.

    Args:
        ax: any matplotlib axes; drawn into and labelled.
        a: the values of the horizontal axis, (S,).
        b: the values of the vertical axis, (T,).
        grid: the loss, (T, S); what is not finite is left white.
        trajectory: points (a, b) of a run, (M, 2); the last is the present one.
        name: what the trajectory is called in a legend.
        labels: what the axes are.
        title: what the panel shows.

    Raises:
        ShapeError: if the shapes do not fit each other.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> a = np.linspace(-1, 1, 11)
    >>> plot_landscape(ax, a, a, a[:, None] ** 2 + a**2, title="a bowl")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('a', 'b')
    """
    x, y, z = (np.asarray(values, dtype=np.float64) for values in (a, b, grid))
    if z.shape != (len(y), len(x)):
        raise ShapeError(f"the grid is {z.shape}; the axes need ({len(y)}, {len(x)})")
    z = np.ma.masked_invalid(z)
    levels = _levels(z)
    ax.contourf(x, y, z, levels=levels, cmap=_HEIGHTS, extend="both", zorder=0.5)
    lines = ax.contour(x, y, z, levels=levels, colors=[INK], linewidths=0.45, alpha=0.55, zorder=1)
    written = ax.clabel(lines, levels=levels[1::3], fmt=_short, fontsize=SMALL_FONT_SIZE - 1.5)
    for text in written:
        text.set(color=INK, path_effects=[withStroke(linewidth=1.6, foreground=PAPER, alpha=0.8)])
    dress(ax, xlabel=labels[0], ylabel=labels[1], title=title)
    ax.grid(visible=False)
    limits: dict[str, Any] = {"xlim": (x[0], x[-1]), "ylim": (y[0], y[-1])}
    if trajectory is not None:
        path = np.asarray(trajectory, dtype=np.float64)
        if path.ndim != 2 or path.shape[1] != 2:
            raise ShapeError(f"a trajectory is (M, 2), got {path.shape}")
        halo = [withStroke(linewidth=3.0, foreground=PAPER)]
        style: dict[str, Any] = {"color": CONTRAST, "zorder": 3}
        ax.plot(*path.T, linewidth=LINE_WIDTH, path_effects=halo, **style)
        ax.plot(
            *path[:1].T, "o", markersize=5.5, markerfacecolor=PAPER, markeredgewidth=1.4, **style
        )
        ax.plot(*path[-1:].T, "o", markersize=5.5, markeredgecolor=PAPER, **style)
        if name is not None:
            ax.plot(
                [],
                [],
                color=CONTRAST,
                linewidth=LINE_WIDTH,
                marker="o",
                markersize=5.5,
                markeredgecolor=PAPER,
                label=name,
            )
            legend_below(ax)
    ax.set(**limits)


def plot_eigenvalues(
    ax: Axes,
    updates: npt.ArrayLike,
    largest: npt.ArrayLike,
    *,
    two_over_eta: npt.ArrayLike | None = None,
    limit: npt.ArrayLike | None = None,
    title: str | None = None,
    xlabel: str = "update",
) -> None:
    """Draw the largest Hessian eigenvalue along a run, with the line 2/η.

    Args:
        ax: any matplotlib axes; drawn into, labelled, and given a legend.
        updates: the updates of the moments, (n,).
        largest: the largest eigenvalue of each, (n,).
        two_over_eta: 2/η of each, (n,): a dashed line.
        limit: another limit of stability, such as that with momentum, (n,): a dotted line.
        title: what the panel shows.
        xlabel: name of the horizontal axis.

    Raises:
        ShapeError: if a line has not as many values as updates.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_eigenvalues(ax, [0, 10, 20], [5.0, 12.0, 20.0], two_over_eta=[20.0] * 3)
    >>> ax.get_xlabel()
    'update'
    """
    x, y = checked_curve(updates, largest, "largest")
    highest = float(np.nanmax(y)) if len(y) else 1.0
    ax.plot(
        x,
        y,
        color=ACCENT,
        linewidth=LINE_WIDTH,
        marker="o",
        markersize=3.2,
        zorder=3,
        label="largest eigenvalue",
    )
    top = max(highest, 0.0)
    for values, dashes, color, label in (
        (two_over_eta, (0, (4, 1.5)), CONTRAST, r"$2/\eta$"),
        (limit, (0, (1, 1.5)), MUTED, "limit with momentum"),
    ):
        if values is not None:
            at, line = checked_curve(x, values, label)
            line = np.where(np.isfinite(line), line, np.nan)
            ax.plot(at, line, color=color, linestyle=dashes, linewidth=LINE_WIDTH, label=label)
            # A line far above the curve would press it to the foot of the axes.
            near = line[np.isfinite(line) & (line <= 2 * highest)]
            top = max([top, *near.tolist()])
    dress(ax, xlabel=xlabel, ylabel="eigenvalue of the Hessian", title=title)
    low = min(0.0, float(np.nanmin(y))) if len(y) else 0.0
    ax.set_ylim(low, low + 1.1 * (top - low) if top > low else low + 1.0)
    legend_below(ax)


def _levels(z: Any) -> npt.NDArray[np.float64]:
    """Return levels between the smallest and the 95th percentile of the loss."""
    values = z.compressed()
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(np.quantile(values, 0.95))
    if not high > low:
        return np.array([low, low + max(abs(low), 1.0) * 1e-6])
    return low + (high - low) * np.linspace(0, 1, LEVELS) ** 2


def _short(value: float) -> str:
    return f"{value:.2g}"
