"""A map of where training converges and where it diverges."""

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from rosenblatt.errors import DataError, ShapeError
from rosenblatt.plotting.style import INK, MUTED, SMALL_FONT_SIZE, dress

GAP = 0.12
"""The share of each half of the colours that is left out between the two halves."""
NARROW = 100.0
"""Up to this ratio of its ends, an axis has ticks within its decades."""
_COLORS = ListedColormap(
    np.vstack(
        [
            colormaps["Spectral_r"](np.linspace(0.0, 0.5 - GAP / 2, 256)),
            colormaps["Spectral_r"](np.linspace(0.5 + GAP / 2, 1.0, 256)),
        ]
    ),
    "trainability",
)


def plot_trainability(
    ax: Axes,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    xlabel: str = "learning rate of the first layer",
    ylabel: str = "learning rate of the second layer",
    title: str | None = None,
    has_bar: bool = True,
) -> None:
    """Draw how fast trainings converge, in blue and green, or diverge, in red and yellow.

    Within each of the two, colours go by rank, the darker the faster: each shade has as many
    cells as any other, as in Sohl-Dickstein, arXiv:2402.06184. Both axes are logarithmic.

    Args:
        ax: any matplotlib axes; drawn into and labelled.
        x: the values of the horizontal axis, (S,), above 0 and evenly spaced on that axis.
        y: the values of the vertical axis, (T,), likewise.
        values: as :func:`rosenblatt.analysis.trainability.convergence` gives them, (T, S): below 0
            where training converges, above 0 where it diverges.
        xlabel: name of the horizontal axis.
        ylabel: name of the vertical axis.
        title: what the panel shows.
        has_bar: whether the colours are explained next to the map.

    Raises:
        ShapeError: the shapes do not fit each other, or an axis has fewer than 2 values.
        DataError: a value of an axis is not above 0.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> plot_trainability(ax, [0.1, 1.0], [0.1, 1.0], [[-1.0, 2.0], [0.5, 1.0]])
    >>> ax.get_xlabel()
    'learning rate of the first layer'
    """
    shown = np.asarray(values, dtype=np.float64)
    edges = []
    for numbers in (x, y):
        along = np.asarray(numbers, dtype=np.float64)
        if along.ndim != 1 or len(along) < 2:
            raise ShapeError(f"an axis needs at least 2 values, got an array {along.shape}")
        if not (along > 0).all():
            raise DataError(f"a logarithmic axis has values above 0, got {along.min():g}")
        step = (along[-1] / along[0]) ** (0.5 / (len(along) - 1))
        edges.append(np.append(along / step, along[-1] * step))
    expected = len(edges[1]) - 1, len(edges[0]) - 1
    if shown.shape != expected:
        raise ShapeError(f"the map is {shown.shape}; the axes need {expected}")
    dress(ax, xlabel=xlabel, ylabel=ylabel, title=title)
    ax.grid(visible=False)
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis, ends in zip((ax.xaxis, ax.yaxis), edges, strict=True):
        if ends[-1] <= NARROW * ends[0]:
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
    colored = np.ma.masked_invalid(by_rank(shown))
    mesh = ax.pcolormesh(*edges, colored, cmap=_COLORS, vmin=-1, vmax=1, rasterized=True)
    if not has_bar:
        return
    bar = ax.figure.colorbar(mesh, ax=ax, aspect=32, pad=0.02)
    bar.outline.set_visible(False)
    bar.set_ticks([-1, -0.5, 0, 0.5, 1], labels=["fast", "converges", "slow", "diverges", "fast"])
    bar.ax.tick_params(labelsize=SMALL_FONT_SIZE, labelcolor=INK, color=MUTED, length=0)


def by_rank(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return numbers from −1 to 1 of the same signs, evenly spread over each sign.

    The smaller the size of a value, the nearer to −1 or 1: a small measure is a fast training.

    >>> by_rank(np.array([-1.0, -3.0, -2.0, 5.0])).round(2).tolist()
    [-1.0, -0.33, -0.67, 1.0]
    """
    found = np.full(values.shape, np.nan)
    for sign in (-1.0, 1.0):
        mine = np.sign(values) == sign
        sizes = np.abs(values[mine])
        ranks = np.argsort(np.argsort(sizes, kind="stable"), kind="stable")
        found[mine] = sign * (1 - ranks / max(1, len(sizes)))
    return found
