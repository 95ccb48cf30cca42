"""Frames: one binary message with a header and float32 blocks."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.models import Model
from rosenblatt.studio.encoding import Block, encode
from rosenblatt.studio.plane import Plane
from rosenblatt.studio.prepared import Prepared
from rosenblatt.studio.shown import COLUMNS, Curve, Shown
from rosenblatt.studio.views.confusion import confusion
from rosenblatt.studio.views.many import many_blocks
from rosenblatt.studio.views.surface import surface
from rosenblatt.studio.views.units import MOST_UNITS, count_units, unit_maps

SURFACE_SIZES = range(2, 301)
UNIT_SIZES = range(2, 101)
MOST_PRODUCTS = 1_000_000_000
"""Multiplications of a surface while a network trains: some hundredths of a second."""
COARSEST = 40
"""Points per side of the coarsest surface that a wide network has meanwhile."""
MOST_CONFUSED = 20_000
"""Rows of the confusion matrix, evenly chosen from larger sets."""
AT_ONCE = 1 << 22
"""Numbers of the widest layer that are computed at once: wide networks take little memory."""


@dataclass(frozen=True)
class Views:
    """The blocks that a page has asked for; sizes in points per side, 0 where it has not."""

    surface: int = 0
    units: int = 0
    weights: bool = False
    curves: bool = False
    predicted: bool = False
    confusion: bool = False
    many: bool = False

    @classmethod
    def of(cls, wishes: Mapping[str, Any]) -> "Views":
        """Return the views that a page's command asks for.

        Raises:
            ConfigurationError: a size that cannot be.
        """
        flags = ("weights", "curves", "predicted", "confusion", "many")
        return cls(
            _size(wishes.get("surface"), "surface", SURFACE_SIZES),
            _size(wishes.get("units"), "units", UNIT_SIZES),
            **{name: bool(wishes.get(name)) for name in flags},
        )


def _size(wish: Any, name: str, allowed: range) -> int:
    if wish is None or wish is False:
        return 0
    if not isinstance(wish, Mapping):
        raise ConfigurationError(f"the view {name} is an object with a size, or null")
    size = wish.get("size", 0)
    return whole_number(size, f"the size of {name}", allowed.start, allowed.stop - 1)


@dataclass
class Sent:
    """What of the curve a page has."""

    curve: tuple[int, int] | None = None
    rows: int = 0
    many: tuple[int, int] | None = None


def make_frame(shown: Shown, views: Views, sent: Sent, number: int) -> bytes:
    """Return the message of a frame, and note in ``sent`` what of the curve is in it."""
    header: dict[str, Any] = {
        "frame": number,
        "branch": shown.branch,
        "update": shown.update,
        "epoch": shown.epoch,
        "newest": shown.newest,
        "playing": shown.playing,
        "ended": shown.ended,
        "rate": shown.rate,
        "metrics": dict(zip(COLUMNS[3:], shown.metrics.tolist(), strict=True)),
        **shown.extra,
    }
    with np.errstate(all="ignore"):
        blocks = [*_blocks(shown, views)]
        if views.curves:
            header["columns"] = COLUMNS
            rows, header["curves_from"] = _new_rows(shown.curve, sent)
            blocks.append(("curves", rows.astype(np.float32)))
        if views.many and shown.many is not None:
            about, many = many_blocks(shown.many, shown.prepared, shown.plane)
            header |= about
            blocks += many
    header["blocks"] = [{"name": name, "shape": array.shape} for name, array in blocks]
    return encode(header, [array for _, array in blocks])


def _new_rows(curve: Curve, sent: Sent) -> tuple[npt.NDArray[np.float64], int]:
    start = sent.rows if sent.curve == curve.key and sent.rows <= len(curve.places) else 0
    sent.curve, sent.rows = curve.key, len(curve.places)
    return curve.rows(start), start


def _blocks(shown: Shown, views: Views) -> Iterator[tuple[str, Block]]:
    model, loss, params = shown.prepared.model, shown.prepared.loss, shown.params
    plane = shown.plane
    if views.surface:
        size = views.surface if plane.is_line else affordable(model, views.surface, shown.playing)
        inputs = _inputs(plane, shown.prepared, size)
        values = surface(loss, forward(model, shown.drawn, inputs), plane.is_line)
        shape = (size,) if plane.is_line else (size, size)
        yield "surface", values.reshape(-1, *shape)
    if views.units and count_units(model) <= MOST_UNITS:
        size = views.units
        values = unit_maps(model, shown.drawn, _inputs(plane, shown.prepared, size))
        shape = (size,) if plane.is_line else (size, size)
        yield "units", values.reshape(-1, *shape)
    if views.weights:
        flat = [value.ravel() for value in params.values()]
        yield "weights", np.concatenate(flat).astype(np.float32)
    if views.predicted:
        outputs = forward(model, params, shown.points.inputs)
        predicted = np.asarray(loss.predict(outputs)).reshape(len(outputs), -1)
        yield "predicted", predicted[:, 0].astype(np.float32)
    if views.confusion and shown.prepared.data.classes is not None:
        prepared = shown.prepared
        rows = prepared.train if prepared.test is None else prepared.test
        apart = -(-len(rows) // MOST_CONFUSED)
        predicted = loss.predict(forward(model, params, rows.X[::apart]))
        yield "confusion", confusion(rows.y[::apart], predicted, prepared.data.n_classes)


def affordable(model: Model, size: int, playing: bool) -> int:
    """Return the points per side of a surface: fewer for a wide network while it trains."""
    if not playing:
        return size
    products = sum(math.prod(shape) for shape in model.shapes.values())
    return min(size, max(COARSEST, math.isqrt(MOST_PRODUCTS // products)))


@lru_cache(maxsize=8)
def _inputs(plane: Plane, prepared: Prepared, size: int) -> npt.NDArray[np.float32]:
    """Return the points of the plane as the model takes them, in the precision of pictures."""
    return prepared.as_inputs(plane.grid(size)).astype(np.float32)


def forward(model: Model, params: Params, inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the model's outputs, computed a part of the rows at a time."""
    inputs = inputs.astype(next(iter(params.values())).dtype, copy=False)
    widest = max(math.prod(shape[-1:]) for shape in model.shapes.values())
    rows = max(1, AT_ONCE // max(widest, 1))
    parts = [
        model.forward(params, inputs[start : start + rows])[0]
        for start in range(0, len(inputs), rows)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
