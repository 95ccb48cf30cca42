"""Many seeds: final accuracies, bands over the seeds, small surfaces of the first."""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.studio.plane import Plane
from rosenblatt.studio.prepared import Prepared
from rosenblatt.studio.shown import Population
from rosenblatt.studio.views.surface import surface

SURFACES = 24
"""The number of seeds of which a surface is drawn."""
SIZE = 24
"""Points per side of a small surface."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS = ("epoch", *(f"{name}_{q:g}" for name in ("accuracy", "loss") for q in QUANTILES))
MOST_ROWS = 300
"""Rows of the bands in a frame."""


def many_blocks(
    many: Population, prepared: Prepared, plane: Plane
) -> tuple[dict[str, Any], list[tuple[str, npt.NDArray[np.float32]]]]:
    """Return the header's entries and the blocks of a population."""
    shape = (SIZE,) if plane.is_line else (SIZE, SIZE)
    points = prepared.as_inputs(plane.grid(SIZE))
    surfaces = []
    for params in many.params[:SURFACES]:
        x = points.astype(next(iter(params.values())).dtype)
        outputs = prepared.model.forward(params, x)[0]
        surfaces.append(surface(prepared.loss, outputs, plane.is_line)[0].reshape(shape))
    about = {
        "many": {"done": many.epoch, "columns": COLUMNS, "seeds": many.seeds},
        "many_failed": many.failed,
    }
    return about, [
        ("many_final", many.final.astype(np.float32)),
        ("many_bands", bands(many).astype(np.float32)),
        ("many_surfaces", np.stack(surfaces)),
    ]


def bands(many: Population) -> npt.NDArray[np.float64]:
    """Return the epoch and the quantiles over the seeds of accuracy and loss, (R, 11).

    They are of the test set, or of the training set where there is none.
    """
    places, values = many.curve.places, many.curve.values
    if len(places) > MOST_ROWS:
        rows = np.unique(np.linspace(0, len(places) - 1, MOST_ROWS).astype(int))
        places, values = places[rows], values[rows]
    if not len(places):
        return np.zeros((0, len(COLUMNS)))
    has_test = not np.isnan(values[..., 2]).all()
    column = 2 if has_test else 0
    quantiles = [_quantiles(values[..., column + 1]), _quantiles(values[..., column])]
    return np.concatenate([places[:, :1], *quantiles], axis=1)


def _quantiles(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return quantiles of each row (R, S) without its NaN, interpolated as NumPy does, (R, Q)."""
    # NaN are sorted to the end.
    ordered = np.sort(values, axis=1)
    last = (~np.isnan(values)).sum(axis=1, keepdims=True) - 1
    places = np.maximum(last, 0) * np.array(QUANTILES)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(last, 0))
    low, high = (np.take_along_axis(ordered, at, axis=1) for at in (below, above))
    return low + (places - below) * (high - low)
