"""Perceptrons as their kernels take them, and their states back."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import EpochStats, Job, Samples, Segment, State
from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.cache import kernel
from rosenblatt.engines.compiled.driver import DRAW_LANES
from rosenblatt.engines.compiled.perceptron_kernels import (
    BATCH_RULE,
    COUNTS,
    IN_ORDER,
    UNROLLED,
    Rule,
    batch_rule,
    rules_in_order,
)
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.reference import ReferenceEngine
from rosenblatt.layers import Params
from rosenblatt.losses import PerceptronCriterion
from rosenblatt.models.selection import Average, BestSoFar
from rosenblatt.optimizers.schedules import rates_of
from rosenblatt.random import Key

REGISTERS = 2
"""Registers of the processor in a vector: there are always two independent sums in flight."""

RATES_AT_ONCE = 1 << 20
"""Learning rates of a schedule that are computed ahead, roughly."""

Numbers = npt.NDArray[Any]

_ARRAYS = ("params", "mean", "pocket")


@dataclass
class _Members:
    """Members of a population; a kernel changes the arrays.

    params, mean and pocket are (members, D + 1), w and b, which is 0 where there is none; counts
    (members, 7) has ``COUNTS``.
    """

    params: Numbers
    mean: Numbers
    pocket: Numbers
    counts: Numbers

    @classmethod
    def of(cls, states: Sequence[State]) -> "_Members":
        """Return states as arrays."""
        averages = [state.selection_state["averaged"] for state in states]
        pockets = [state.selection_state["pocket"] for state in states]
        counts = [
            (average.count, best.errors, best.longest_run, best.run, best.tried, 0, average.waiting)
            for average, best in zip(averages, pockets, strict=True)
        ]
        return cls(
            _rows_of([state.params for state in states]),
            _rows_of([average.mean for average in averages]),
            _rows_of([best.params for best in pockets]),
            np.array(counts, dtype=np.int64),
        )

    def results(self, has_bias: bool, updates: int) -> list[tuple[State, EpochStats]]:
        """Return the states after ``updates`` updates, and the statistics."""
        results = []
        params, means, pockets = (
            _params_of(rows, has_bias) for rows in (self.params, self.mean, self.pocket)
        )
        for present, mean, pocket, counts in zip(
            params, means, pockets, self.counts.tolist(), strict=True
        ):
            averaged, errors, longest_run, run, tried, mistaken, waiting = counts
            memory = {
                "averaged": Average(mean, averaged, waiting, present if waiting else {}),
                "pocket": BestSoFar(pocket, errors, longest_run, run, bool(tried)),
            }
            results.append((State(present, {}, updates, memory), EpochStats(mistaken)))
        return results


def load_perceptrons(jobs: Sequence[Job]) -> None:
    """Load or compile the kernel that will train these members."""
    _kernel(_rule(jobs), Target.host())


def train_perceptrons(
    jobs: Sequence[Job], states: Sequence[State], segment: Segment
) -> list[tuple[State, EpochStats]]:
    """Train members that differ in seed, state and learning rate alone, and return their results.

    Args:
        jobs: of models whose selections are the average and the pocket.
        states: where each member begins; they have done equally many updates.
        segment: epochs, and the batches of the only one if it is not complete.
    """
    (epochs, batches), job, members = segment, jobs[0], _Members.of(states)
    update, may_overflow = states[0].update, np.zeros(len(jobs), dtype=np.bool_)
    per_epoch = job.updates_per_epoch if batches is None else len(batches)
    rule = _rule(jobs)
    train = _kernel(rule, Target.host())
    for part in _parts(jobs, epochs):
        rates = _rates(jobs, update, len(part) * per_epoch)
        may_overflow |= _overflows(job, rates, len(part) * per_epoch, members.params)
        if rule.is_batch:
            _train_on_all(train, rule, job.data, members, len(part), rates)
        else:
            _train_in_order(train, rule, jobs, members, part, batches, rates)
        update += len(part) * per_epoch
    results = members.results("0.bias" in states[0].params, update)
    for i in np.flatnonzero(may_overflow).tolist():
        # Where a member went astray, the reference engine finds out after which update.
        results[i] = ReferenceEngine().run(jobs[i], states[i], *segment)
    return results


def count_mistakes(job: Job, members: Sequence[Params]) -> list[int]:
    """Return how many of the training samples each member's parameters misclassify."""
    params = _rows_of(members)
    counts = np.zeros((len(params), len(COUNTS)), dtype=np.int64)
    counts[:, COUNTS.index("errors")] = len(job.data) + 1
    packed = _Members(params, params.copy(), params.copy(), counts)
    rule = _rule([job], all_at_once=True)
    _train_on_all(_kernel(rule, Target.host()), rule, job.data, packed, 0, np.zeros((1, 1)))
    errors: list[int] = counts[:, COUNTS.index("errors")].tolist()
    return errors


def _train_on_all(
    train: Kernel, rule: Rule, data: Samples, members: _Members, epochs: int, rates: Numbers
) -> None:
    """Train members by the batch rule, in place."""
    dtype, lanes = data.x.dtype, rule.param_lanes
    vectors = _Vectors.of(data, 1 if lanes > 1 else rule.lanes)
    averaged, errors, mistaken = (COUNTS.index(n) for n in ("averaged", "errors", "mistaken"))
    arrays = {
        **{name: getattr(members, name) for name in _ARRAYS},
        "fewest": members.counts[:, errors : errors + 1].astype(dtype),
        "mistaken": members.counts[:, mistaken : mistaken + 1].astype(np.float64),
    }
    packed = {name: _in_lanes(rows, lanes) for name, rows in arrays.items()}
    whole = vectors.weight if rule.scale == "samples" and vectors.weight > 0 else 1.0
    BATCH_RULE.call(
        train,
        **packed,
        **vectors.arguments,
        gradient=np.empty((members.params.shape[1], rule.lanes), dtype),
        rates=(_in_lanes(rates, lanes) if rule.own_rates else rates).astype(dtype),
        scale=np.array([1.0 / whole], dtype),
        groups=len(packed["params"]),
        epochs=epochs,
        averaged=int(members.counts[0, averaged]),
        rate_stride=int(rates.shape[1] > 1),
        group_stride=rule.own_rates * rates.shape[1],
    )
    for name, rows in arrays.items():
        rows[:] = packed[name].transpose(0, 2, 1).reshape(-1, rows.shape[1])[: len(rows)]
    members.counts[:, [errors, mistaken]] = np.hstack([arrays["fewest"], arrays["mistaken"]])
    members.counts[:, averaged] += epochs


def _train_in_order(
    train: Kernel,
    rule: Rule,
    jobs: Sequence[Job],
    members: _Members,
    epochs: range,
    batches: range | None,
    rates: Numbers,
) -> None:
    """Train members by the online or the mini-batch rule, in place."""
    job, data, n = jobs[0], jobs[0].data, len(jobs[0].data)
    batches = range(job.updates_per_epoch) if batches is None else batches
    vectors = _Vectors.of(data, rule.lanes, rule.param_lanes)
    arrays = {name: _in_vectors(getattr(members, name), rule.param_lanes) for name in _ARRAYS}
    order = np.arange(n + DRAW_LANES, dtype=np.int32)
    IN_ORDER.call(
        train,
        **vectors.arguments,
        **arrays,
        counts=members.counts,
        targets=data.targets,
        weights=np.empty(0) if data.sample_weight is None else data.sample_weight,
        gradient=np.empty_like(arrays["params"][0]),
        rates=rates.astype(data.x.dtype),
        order=order,
        drawn=np.empty_like(order),
        keys=np.array([Key.of(one.seed, "order").value for one in jobs], dtype=np.uint64),
        samples=n,
        members=len(jobs),
        first_epoch=epochs.start,
        epochs=len(epochs),
        batch_size=job.batch_size,
        first_row=batches.start * job.batch_size,
        stop_row=min(batches.stop * job.batch_size, n),
        shuffles=int(job.shuffle and job.batch_size < n),
        rate_stride=int(rates.shape[1] > 1),
        member_stride=(len(rates) > 1) * rates.shape[1],
    )
    for name in _ARRAYS:
        rows = getattr(members, name)
        rows[:, :-1], rows[:, -1] = arrays[name][:, : rows.shape[1] - 1], arrays[name][:, -1]


@dataclass
class _Vectors:
    """Samples as the kernels describe them; ``weight`` is the sum of the weights."""

    arguments: dict[str, Any]
    weight: float

    @classmethod
    def of(cls, data: Samples, lanes: int, input_lanes: int = 1) -> "_Vectors":
        """Return samples in vectors, made once for each number of lanes.

        Args:
            data: the samples.
            lanes: samples in a vector where all are visited.
            input_lanes: inputs in a vector of the rows.
        """
        key = id(data)
        if key not in _made:
            weakref.finalize(data, _made.pop, key, None)
        made = _made.setdefault(key, {})
        if (lanes, input_lanes) not in made:
            made[lanes, input_lanes] = _vectors_of(data, lanes, input_lanes)
        return made[lanes, input_lanes]


_made: dict[int, dict[tuple[int, int], _Vectors]] = {}


def _vectors_of(data: Samples, lanes: int, input_lanes: int) -> _Vectors:
    x = np.pad(data.x, ((0, 0), (0, -data.x.shape[1] % input_lanes)))
    weights = np.ones(len(x), x.dtype) if data.sample_weight is None else data.sample_weight
    is_plus, parts = data.targets[:, 0] > 0, []
    for chosen in (is_plus, ~is_plus):
        part = np.column_stack([x[chosen], weights[chosen]])
        # At least one vector, so that loops need not ask.
        n_more = -len(part) % lanes if len(part) else lanes
        part = np.pad(part, ((0, n_more), (0, 0)), constant_values=np.nan)
        parts.append(part.reshape(-1, lanes, part.shape[1]).transpose(0, 2, 1))
    both = np.concatenate(parts)
    arguments = {
        "vectors": np.ascontiguousarray(both[:, :-1]),
        "shares": np.ascontiguousarray(both[:, -1]),
        "rows": x,
        "minus": len(parts[0]),
        "stop": len(both),
        "inputs": x.shape[1] // input_lanes,
    }
    return _Vectors(arguments, data.weight)


def _rule(jobs: Sequence[Job], *, all_at_once: bool = False) -> Rule:
    """Return what a kernel must be made for; ``all_at_once`` is the batch rule in any case."""
    job = jobs[0]
    assert isinstance(job.loss, PerceptronCriterion)
    inputs, lanes = job.data.x.shape[1], Target.host().lanes(job.data.x.dtype)
    is_batch = all_at_once or job.batch_size == len(job.data) > 1
    if is_batch:
        # A population fills the lanes if it fills a register; else each member has samples there.
        param_lanes = REGISTERS * lanes if job.population >= lanes else 1
    else:
        param_lanes = lanes if inputs > UNROLLED else 1
    return Rule(
        scalar={8: "double", 4: "float"}[job.data.x.itemsize],
        inputs=inputs if inputs <= UNROLLED else 0,
        scale=job.loss.scale,
        has_bias="0.bias" in job.model.shapes,
        is_weighted=job.data.sample_weight is not None,
        is_batch=is_batch,
        lanes=REGISTERS * lanes,
        param_lanes=param_lanes,
        own_rates=is_batch and len(_rates(jobs, 0, 1)) > 1,
    )


def _parts(jobs: Sequence[Job], epochs: range) -> list[range]:
    """Return the epochs in parts, for each of which the learning rates are computed ahead."""
    size = max(1, len(epochs))
    if any(callable(job.optimizer.learning_rate) for job in jobs):
        size = max(1, RATES_AT_ONCE // (jobs[0].updates_per_epoch * len(jobs)))
    starts = range(epochs.start, epochs.stop, size)
    return [range(start, min(start + size, epochs.stop)) for start in starts]


def _rates(jobs: Sequence[Job], first: int, count: int) -> npt.NDArray[np.float64]:
    """Return learning rates, by member and by update; one row or column where it holds for all."""
    rates = [job.optimizer.learning_rate for job in jobs]
    distinct = rates if any(rate != rates[0] for rate in rates) else rates[:1]
    count = count if any(map(callable, distinct)) else 1
    return np.stack([rates_of(rate, first, count) for rate in distinct])


def _overflows(job: Job, rates: Numbers, updates: int, params: Numbers) -> npt.NDArray[np.bool_]:
    """Return for each member whether a score or a loss might be too large for its type.

    The kernels do not look for infinity: a member is the reference engine's where it cannot be
    excluded. An update changes a parameter by at most η max(1, Σ w) max |x|, Σ over its batch.
    """
    x, weights = job.data.x, job.data.sample_weight
    largest = max(1.0, float(x.max()), -float(x.min()))
    heaviest = 1.0 if weights is None else float(weights.max())
    batch = max(1.0, job.batch_size * heaviest)
    with np.errstate(over="ignore", invalid="ignore"):
        start = np.abs(params.astype(np.float64)).max(axis=1)
        path = np.abs(rates).sum(axis=1) * (updates if rates.shape[1] == 1 else 1)
        most = start + path * batch * largest
        # Four times, for the difference of two in an average, and for rounding.
        loss = 4.0 * batch * largest * params.shape[1] * most
    return ~(loss < np.finfo(params.dtype).max)


def _in_vectors(rows: Numbers, lanes: int) -> Numbers:
    """Return (members, D + 1) as vectors of weights, then one that is filled with the bias."""
    if lanes == 1:
        return rows
    count, inputs = len(rows), rows.shape[1] - 1
    vectors = np.zeros((count, -(-inputs // lanes) * lanes + lanes), rows.dtype)
    vectors[:, :inputs], vectors[:, -lanes:] = rows[:, :-1], rows[:, -1:]
    return vectors


def _in_lanes(rows: Numbers, lanes: int) -> Numbers:
    """Return (members, n) as (groups, n, lanes), a member in each lane; copies."""
    # Lanes that are left over repeat the last member.
    members = np.minimum(np.arange(-(-len(rows) // lanes) * lanes), len(rows) - 1)
    filled = rows[members].reshape(-1, lanes, rows.shape[1])
    return np.ascontiguousarray(filled.transpose(0, 2, 1))


def _rows_of(members: Sequence[Params]) -> Numbers:
    """Return w and b, 0 where there is none, of every member, (members, D + 1)."""
    w = np.concatenate([params["0.weight"] for params in members]).reshape(len(members), -1)
    if "0.bias" not in members[0]:
        return np.hstack([w, np.zeros_like(w[:, :1])])
    b = np.concatenate([params["0.bias"] for params in members])
    return np.hstack([w, b[:, np.newaxis]])


def _params_of(rows: Numbers, has_bias: bool) -> list[Params]:
    """Return the parameters of every member."""
    w = rows[:, :-1, np.newaxis]
    if not has_bias:
        return [{"0.weight": one} for one in w]
    return [{"0.weight": one, "0.bias": b} for one, b in zip(w, rows[:, -1:], strict=True)]


@lru_cache(maxsize=64)
def _kernel(rule: Rule, target: Target) -> Kernel:
    make_text = batch_rule if rule.is_batch else rules_in_order
    return kernel(repr(rule), lambda: make_text(rule, target), target).function()
