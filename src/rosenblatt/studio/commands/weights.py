"""Single weights: reading them, and writing them by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.models.base import backpropagate
from rosenblatt.random import Key
from rosenblatt.studio.session import Session
from rosenblatt.studio.views.units import outputs_by_layer

MOST_ROWS = 10_000
"""Training rows over which gradients and statistics are computed for the page."""


def weight(session: Session, args: Mapping[str, Any]) -> None:
    """Set one weight by hand: a branch at the shown update."""
    name, index = _where(session, args)
    value = real_number(args.get("value"), "value")
    session.fork({"weights": {name: [[*index, value]]}})
    session.refresh(structure=True)


def inspect(session: Session, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of a weight, its gradient over the training set and its last change."""
    name, index = _where(session, args)
    params, update = session.position.state.params, session.position.update
    last_change = None
    if update > 0:
        before = session.branch.position_at(update - 1).state.params
        last_change = float(params[name][index] - before[name][index])
    return {
        "value": float(params[name][index]),
        "gradient": float(_gradients(session)[name][index]),
        "last_change": last_change,
        "update": update,
    }


def unit(session: Session, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the incoming weights of a unit and statistics of its output on training rows."""
    model, params = session.prepared.model, session.position.state.params
    weights = [name for name in params if name.endswith("weight")]
    layer = whole_number(args.get("layer"), "layer", at_least=0, at_most=len(weights) - 1)
    name = weights[layer]
    last = params[name].shape[1] - 1
    column = whole_number(args.get("unit"), "unit", at_least=0, at_most=last)
    bias = name.replace("weight", "bias")
    rows = session.branch.live.plan.job.data.x[:MOST_ROWS]
    values = outputs_by_layer(model, params, rows)[layer][:, column]
    counts, edges = np.histogram(values.astype(float), bins=20)
    return {
        "weights": params[name][:, column],
        "bias": float(params[bias][column]) if bias in params else None,
        "parameter": name,
        "statistics": {
            "mean": float(values.mean()),
            "std": float(values.std()),
            "min": float(values.min()),
            "max": float(values.max()),
            "zero": float((values == 0).mean()),
            "histogram": {"counts": counts, "edges": edges},
        },
    }


def _where(session: Session, args: Mapping[str, Any]) -> tuple[str, tuple[int, ...]]:
    shapes = session.prepared.model.shapes
    name, index = args.get("parameter"), args.get("index")
    if not isinstance(name, str) or name not in shapes:
        raise ConfigurationError(f"there is no parameter {name!r}; there are {', '.join(shapes)}")
    shape = shapes[name]
    if isinstance(index, int):
        index = [index]
    if not isinstance(index, list) or len(index) != len(shape):
        raise ConfigurationError(f"an index of {name} has {len(shape)} numbers, got {index!r}")
    return name, tuple(
        whole_number(i, f"an index of {name}", at_least=0, at_most=size - 1)
        for i, size in zip(index, shape, strict=True)
    )


def _gradients(session: Session) -> Params:
    job = session.branch.live.plan.job
    rows = job.data.rows(0, MOST_ROWS)
    params = session.position.state.params
    return backpropagate(
        job.model, job.loss, params, rows.x, rows.targets, rows.sample_weight, _key(session)
    )[3]


def _key(session: Session) -> Key | None:
    """Return the random numbers of the next update, for dropout."""
    job = session.branch.live.plan.job
    if not job.model.is_random:
        return None
    return Key.of(job.seed, "dropout").fold(session.position.update)


COMMANDS = {"weight": weight, "inspect": inspect, "unit": unit}
