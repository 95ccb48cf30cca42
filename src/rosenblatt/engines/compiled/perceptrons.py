"""Perceptrons as their kernels take them, and their states back."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import EpochStats, Samples, State
from rosenblatt.engines.compiled.lanes import Schedule
from rosenblatt.engines.compiled.loading import load_kernel
from rosenblatt.engines.compiled.memory import aligned
from rosenblatt.engines.compiled.perceptron import (
    AVERAGED,
    ERRORS,
    MISTAKEN,
    Columns,
    Kept,
    Rows,
    train_batch,
    train_in_order,
)
from rosenblatt.engines.compiled.program import LANES
from rosenblatt.layers import Params
from rosenblatt.models.selection import Average, BestSoFar

REPEATED_BYTES = 1 << 17
"""Models have a vector of their own while the samples, repeated in every lane, fit a near cache."""


def columns_of(samples: Samples) -> Columns:
    """Return samples by column; copies, because to Numba a read-only array is of another type."""
    weights = np.zeros(0) if samples.sample_weight is None else samples.sample_weight
    return Columns(
        x=np.array(samples.x.T, order="C"),
        targets=np.array(samples.targets.T, order="C"),
        weights=np.array(weights, dtype=samples.x.dtype),
    )


def are_repeated(data: Columns) -> bool:
    """Return whether the batch rule fills vectors with models: samples must be few."""
    return LANES[data.x.dtype] * data.x.nbytes <= REPEATED_BYTES


def rows_of(data: Columns, repeated: bool) -> Rows:
    """Return samples as the batch rule takes them."""
    lanes = LANES[data.x.dtype]
    is_weighted = len(data.weights) > 0
    columns = np.vstack([data.x, data.weights]) if is_weighted else data.x
    is_plus = data.targets[0] > 0
    parts = [columns[:, is_plus], columns[:, ~is_plus]]
    if repeated:
        parts = [np.repeat(part, lanes, axis=1) for part in parts]
    else:
        left_over = [((0, 0), (0, -part.shape[1] % lanes)) for part in parts]
        parts = [np.pad(parts[i], left_over[i], constant_values=np.nan) for i in range(2)]
    both = np.hstack(parts)
    x = aligned((len(data.x) * both.shape[1],), data.x.dtype)
    x[:] = both[: len(data.x)].ravel()
    return Rows(
        x=x,
        shares=both[-1].copy() if is_weighted else None,
        minus=parts[0].shape[1],
        width=both.shape[1],
        whole=float(data.weights.sum()) or 1.0 if is_weighted else float(data.x.shape[1]),
        repeated=repeated,
    )


def overflows(
    data: Columns, schedule: Schedule, updates: int, params: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Return for each member whether a score or a loss might be too large for its type.

    The kernels do not look for infinity: a member is the reference engine's where it cannot be
    excluded. An update changes a parameter by at most η max(1, Σ w) max |x|, Σ over its batch.
    """
    largest = max(1.0, float(data.x.max()), -float(data.x.min()))
    heaviest = float(data.weights.max()) if len(data.weights) else 1.0
    batch = max(1.0, schedule.batch_size * heaviest)
    with np.errstate(over="ignore", invalid="ignore"):
        start = np.abs(params.astype(np.float64)).max(axis=1)
        path = np.abs(schedule.rates).sum() * (updates if len(schedule.rates) == 1 else 1)
        most = start + path * batch * largest
        # Four times, for the difference of two in an average, and for rounding.
        loss = 4.0 * batch * largest * params.shape[1] * most
    return ~(loss < np.finfo(params.dtype).max)


def run_batch(rows: Rows, schedule: Schedule, scale: int, has_bias: bool, kept: Kept) -> None:
    """Train members by the batch rule, in place."""
    lanes = LANES[kept.params.dtype]
    own = [_in_lanes(values, lanes, rows.repeated) for values in kept]
    params, mean, pocket, counts = own
    fewest = counts[:, ERRORS].astype(params.dtype)
    mistaken = counts[:, MISTAKEN].copy()
    # Members have done equally many updates.
    updates = int(kept.counts[0, AVERAGED])

    flat = (v.reshape(-1) for v in (params, mean, pocket, fewest, mistaken))
    arguments = rows, schedule, scale, has_bias, *flat, updates
    load_kernel(train_batch, (params.dtype, rows.shares is None), *arguments)
    train_batch(*arguments)
    counts[:, ERRORS], counts[:, MISTAKEN] = fewest, mistaken
    counts[:, AVERAGED] += schedule.n_epochs
    for values, trained in zip(kept, own, strict=True):
        values[:] = _out_of_lanes(trained, rows.repeated)[: len(values)]


def run_in_order(
    data: Columns, schedule: Schedule, scale: int, has_bias: bool, kept: Kept, order_keys: Any
) -> None:
    """Train members by the online or the mini-batch rule, in place."""
    arguments = data, schedule, scale, has_bias, kept, order_keys
    load_kernel(train_in_order, (kept.params.dtype,), *arguments)
    train_in_order(*arguments)


def _in_lanes(members: npt.NDArray[Any], lanes: int, repeated: bool) -> npt.NDArray[Any]:
    """Return (members, n) as (groups, n, lanes): a member in each lane, or one in all of them."""
    if not repeated:
        return np.repeat(members[:, :, np.newaxis], lanes, axis=2)
    filled = np.pad(members, ((0, -len(members) % lanes), (0, 0)), mode="edge")
    return filled.reshape(-1, lanes, members.shape[1]).transpose(0, 2, 1).copy()


def _out_of_lanes(groups: npt.NDArray[Any], repeated: bool) -> npt.NDArray[Any]:
    """Return (groups, n, lanes) as (members, n)."""
    if not repeated:
        return groups[:, :, 0]
    return groups.transpose(0, 2, 1).reshape(-1, groups.shape[1])


def pack_perceptrons(states: Sequence[State]) -> Kept:
    """Return perceptrons' states as their kernels change them, a row for each."""
    averages = [state.selection_state["averaged"] for state in states]
    pockets = [state.selection_state["pocket"] for state in states]
    counts = [
        (average.count, best.errors, best.longest_run, best.run, best.tried, 0, average.waiting)
        for average, best in zip(averages, pockets, strict=True)
    ]
    return Kept(
        params=_as_rows([state.params for state in states]),
        mean=_as_rows([average.mean for average in averages]),
        pocket=_as_rows([best.params for best in pockets]),
        counts=np.array(counts, dtype=np.int64),
    )


def _as_rows(members: Sequence[Params]) -> npt.NDArray[Any]:
    """Return w and b, 0 where there is none, of every member, (members, D + 1)."""
    w = np.concatenate([params["0.weight"] for params in members]).reshape(len(members), -1)
    if "0.bias" not in members[0]:
        return np.hstack([w, np.zeros_like(w[:, :1])])
    b = np.concatenate([params["0.bias"] for params in members])
    return np.hstack([w, b[:, np.newaxis]])


def unpack_perceptrons(
    kept: Kept, has_bias: bool, updates_done: int
) -> list[tuple[State, EpochStats]]:
    """Return the states that perceptrons' kernels have left."""

    def as_params(rows: npt.NDArray[Any]) -> Iterable[Params]:
        if has_bias:
            both = zip(rows[:, :-1, np.newaxis], rows[:, -1:], strict=True)
            return ({"0.weight": w, "0.bias": b} for w, b in both)
        return ({"0.weight": w} for w in rows[:, :-1, np.newaxis])

    params = list(as_params(kept.params))
    members = zip(
        params,
        as_params(kept.mean),
        as_params(kept.pocket),
        kept.counts.tolist(),
        strict=True,
    )
    return [
        (
            State(
                params=params,
                slots={},
                update=updates_done,
                selection_state={
                    "averaged": Average(mean, averaged, waiting, params if waiting else {}),
                    "pocket": BestSoFar(pocket, errors, longest_run, run, bool(tried)),
                },
            ),
            EpochStats(mistakes),
        )
        for params, mean, pocket, (
            averaged,
            errors,
            longest_run,
            run,
            tried,
            mistakes,
            waiting,
        ) in members
    ]
