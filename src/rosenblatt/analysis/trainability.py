"""Maps of what can be trained: how fast losses fall or grow, and how rough the border between is.

>>> import numpy as np
>>> losses = 0.5 ** np.outer(np.arange(100), [0.1, -0.1])  # one falls, one grows
>>> (convergence(losses) < 0).tolist()
[True, False]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, ShapeError

LARGEST_LOSS = 1e6
"""What losses that are not finite, and losses beyond it in units of the first, count as."""

LAST_LOSSES = 20
"""Losses at the end whose mean says whether a training has converged."""


def convergence(losses: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return how fast trainings converge, below 0, or diverge, above 0.

    With v = L / L₀, in units of the first loss and at most 10⁶, which losses that are not finite
    count as, too: −Σ v where the mean of the last 20 is below 1, else Σ 1/v. Small numbers are
    fast. It is the measure of Sohl-Dickstein, *The boundary of neural network trainability is
    fractal*, arXiv:2402.06184, 2024, in the code that goes with it.

    Args:
        losses: of each update or epoch before it, the first one of the initial weights, (E,) or
            (E, networks).

    Returns:
        The measure, () or (networks,); NaN where the first loss is 0 or NaN.

    Raises:
        ShapeError: there are no losses.

    >>> convergence([4.0, 2.0, 1.0]).item(), convergence([1.0, 2.0, np.inf]).item()
    (-1.75, 1.500001)
    """
    values = np.array(losses, dtype=np.float64)
    if not len(values):
        raise ShapeError("a measure of convergence needs at least one loss")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first = np.where(values[0] == 0, np.nan, values[0])
        values = values / first
        values = np.where(np.isfinite(values), np.minimum(values, LARGEST_LOSS), LARGEST_LOSS)
        has_converged = values[-LAST_LOSSES:].mean(axis=0) < 1
        slow = np.where(has_converged, np.nan, values)
        found = np.where(has_converged, -values.sum(axis=0), (1 / slow).sum(axis=0))
    return np.where(np.isnan(first), np.nan, found)


def boundary(values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return where a map (m, n) changes its sign: (m − 1, n − 1), true between unlike neighbours.

    Each place is a square of four neighbours; 0 and NaN have no sign.

    Raises:
        ShapeError: the map does not have at least 2 rows and 2 columns.

    >>> boundary([[-1.0, 2.0, 3.0], [-1.0, -2.0, 1.0]]).tolist()
    [[True, True]]
    """
    signs = np.sign(np.asarray(values, dtype=np.float64))
    if signs.ndim != 2 or min(signs.shape) < 2:
        raise ShapeError(f"a map of at least 2 x 2 numbers is needed, got {signs.shape}")
    corners = np.stack([signs[1:, 1:], signs[:-1, 1:], signs[1:, :-1], signs[:-1, :-1]])
    return np.asarray((corners > 0).any(axis=0) & (corners < 0).any(axis=0))


@dataclass(frozen=True, eq=False)
class BoxCounts:
    """The boxes that a set in a picture meets.

    Attributes:
        sizes: the sides of the boxes in cells of the picture, growing, (S,).
        counts: how many boxes of each size have a cell of the set, (S,).

    >>> import numpy as np
    >>> from rosenblatt.analysis.trainability import box_counts
    >>> found = box_counts(np.eye(64, dtype=bool))  # a straight line
    >>> bool((found.counts * found.sizes == 64).all())
    True
    """

    sizes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @property
    def dimension(self) -> float:
        """The box-counting dimension: minus the slope of log counts over log sizes, fitted."""
        x, y = np.log(self.sizes), np.log(self.counts)
        return float(-np.polyfit(x, y, 1)[0])

    @property
    def slopes(self) -> npt.NDArray[np.float64]:
        """The dimension from each size to the next, (S − 1,)."""
        return np.asarray(-np.diff(np.log(self.counts)) / np.diff(np.log(self.sizes)))


def box_counts(picture: npt.ArrayLike, sizes: Sequence[int] | None = None) -> BoxCounts:
    """Return how many boxes of each size meet a set, from which its dimension follows.

    The counts N(s) of a set of dimension d grow like s^(−d) for small sides s: d is 1 for a
    smooth curve, 2 for an area (Falconer, *Fractal geometry*, 3rd edition, 2014, section 2.1).

    Args:
        picture: true, or not 0, in the cells of the set, (m, n).
        sizes: the sides of the boxes, at least two different whole numbers; by default the powers
            of 2 up to a quarter of the shorter side of the picture.

    Raises:
        ShapeError: the picture is not (m, n), or smaller than 8 x 8 without ``sizes``.
        ConfigurationError: the set is empty, or the sizes are no two different whole numbers.

    >>> diagonal = box_counts(np.eye(64))
    >>> diagonal.counts.tolist(), round(diagonal.dimension, 6)
    ([64, 32, 16, 8, 4], 1.0)
    """
    cells = np.asarray(picture) != 0
    if cells.ndim != 2:
        raise ShapeError(f"a picture has two axes, got an array of shape {cells.shape}")
    if sizes is None:
        if min(cells.shape) < 8:
            raise ShapeError(f"a picture of at least 8 x 8 cells is needed, got {cells.shape}")
        sizes = [2**i for i in range((min(cells.shape) // 4).bit_length())]
    checked = sorted({whole_number(size, "a size", at_least=1) for size in sizes})
    if len(checked) < 2:
        raise ConfigurationError(f"a dimension needs two different sizes of boxes, got {checked}")
    if not cells.any():
        raise ConfigurationError("the set is empty and has no dimension")
    counts = []
    for size in checked:
        columns = np.logical_or.reduceat(cells, np.arange(0, cells.shape[1], size), axis=1)
        boxes = np.logical_or.reduceat(columns, np.arange(0, cells.shape[0], size), axis=0)
        counts.append(int(boxes.sum()))
    return BoxCounts(np.array(checked), np.array(counts))
