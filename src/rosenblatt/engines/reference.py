"""The reference engine: training as one would write it on paper, in NumPy.

An epoch visits every sample once, in batches. For each batch: forward, loss, backward, update. Any
other engine is right if it ends with these parameters.
"""

import math
from typing import ClassVar

import numpy as np

from rosenblatt.engines.base import Divergence, Engine, EpochStats, Job, Metrics, Samples, State
from rosenblatt.engines.threads import blas_alone
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model, backpropagate
from rosenblatt.models.selection import CountErrors, Visit
from rosenblatt.optimizers.base import is_weight
from rosenblatt.random import Key, epoch_order

ROWS_AT_ONCE = 8192
"""How many samples an evaluation holds the layers' outputs of."""


class ReferenceEngine(Engine):
    """Walks the layers in NumPy, one batch at a time.

    BLAS has one thread meanwhile: in several it sums in another order, so that the bits of a run
    would depend on the number of cores.
    """

    name: ClassVar[str] = "reference"

    @blas_alone()
    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""
        errors = _error_counter(job)(params) if job.model.selections else 0
        return first_state(job, params, errors)

    @blas_alone()
    def run(
        self, job: Job, state: State, epochs: range, batches: range | None = None
    ) -> tuple[State, EpochStats]:
        """Train through ``epochs``, or some batches of one, and return the state after them."""
        batches = range(job.updates_per_epoch) if batches is None else batches
        mistakes = 0
        losses: tuple[float, ...] = ()
        penalties: tuple[float, ...] = ()
        # A run that diverges overflows before its loss is seen to be infinite: no warning then.
        sums = EpochStats()
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in epochs:
                state, sums = _run_epoch(job, state, epoch, batches)
                mistakes += sums.mistakes
                losses, penalties = losses + sums.losses, penalties + sums.penalties
                if sums.divergence:
                    break
        return state, EpochStats(mistakes, sums.divergence, losses, penalties)

    def evaluate(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return the weighted mean loss and the accuracy over all of ``data``."""
        return mean_metrics(self.totals(model, loss, params, data), data)

    @blas_alone()
    def totals(
        self, model: Model, loss: Loss, params: Params, data: Samples
    ) -> tuple[float, float]:
        """Return the weighted sum of the losses, and how many samples are predicted right."""
        losses, correct = 0.0, 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(data), ROWS_AT_ONCE):
                part = data.rows(start, start + ROWS_AT_ONCE)
                outputs, _ = model.forward(params, part.x)
                per_sample = loss.per_sample(outputs, part.targets)
                if part.sample_weight is not None:
                    per_sample = per_sample * part.sample_weight
                losses += float(per_sample.sum(dtype=np.float64))
                correct += loss.n_correct(outputs, part.targets)
        return losses, correct


def first_state(job: Job, params: Params, errors: int) -> State:
    """Return the state before the first update; errors count for selections alone."""
    selected = {rule.name: rule.start(params, errors) for rule in job.model.selections}
    return State(params, job.optimizer.init(params), selection_state=selected)


def mean_metrics(totals: tuple[float, float], data: Samples) -> Metrics:
    """Return the means over ``data`` of what :meth:`ReferenceEngine.totals` has summed."""
    losses, correct = totals
    return Metrics(loss=losses / data.weight, accuracy=correct / len(data))


def _run_epoch(job: Job, state: State, epoch: int, batches: range) -> tuple[State, EpochStats]:
    """Visit the samples of these batches, in a whole epoch every one: the heart of the engine."""
    model, loss, optimizer = job.model, job.loss, job.optimizer
    params, slots, update, kept = state.params, state.slots, state.update, state.selection_state
    data = _in_order(job, epoch, batches)
    dropout = Key.of(job.seed, "dropout") if model.is_random else None
    count_errors = _error_counter(job)
    mistakes, losses, penalties = 0, 0.0, 0.0

    for i in range(len(batches)):
        batch = data.rows(i * job.batch_size, (i + 1) * job.batch_size)
        key = dropout.fold(update) if dropout else None
        value, outputs, _, grads = backpropagate(
            model, loss, params, batch.x, batch.targets, batch.sample_weight, key
        )
        if not math.isfinite(value):
            last_rate = optimizer.rate(max(update - 1, 0))
            return State(params, slots, update, kept), EpochStats(
                mistakes, Divergence(epoch, update, last_rate)
            )
        before = params
        if job.penalty:
            added, grads = _penalized(job.penalty, params, grads, batch)
            penalties += added * len(batch)
        losses += value * len(batch)
        params, slots = optimizer.update(params, grads, slots, update)
        update += 1
        if model.selections:
            wrong = len(batch) - int(loss.n_correct(outputs, batch.targets))
            mistakes += wrong
            visit = Visit(before, params, wrong, len(batch))
            kept = {
                rule.name: rule.after_update(kept[rule.name], visit, count_errors)
                for rule in model.selections
            }

    if batches.stop == job.updates_per_epoch:
        kept = {
            rule.name: rule.after_epoch(kept[rule.name], params, count_errors)
            for rule in model.selections
        }
    sums = EpochStats(mistakes)
    if job.sum_losses:
        n = len(job.data)
        sums = EpochStats(mistakes, None, (losses / n,), (penalties / n,))
    return State(params, slots, update, kept), sums


def _penalized(alpha: float, params: Params, grads: Params, batch: Samples) -> tuple[float, Params]:
    """Return ½ α ‖W‖² / Σ w over the weight matrices W, and the gradients with its own added."""
    share = alpha / batch.weight if batch.weight > 0 else 0.0
    weights = {name: value for name, value in params.items() if is_weight(name)}
    added = 0.5 * share * sum(float((W * W).sum()) for W in weights.values())
    shrink = {name: grads[name] + share * W for name, W in weights.items()}
    return added, {**grads, **shrink}


def _in_order(job: Job, epoch: int, batches: range) -> Samples:
    """Return the samples of these batches, in the order of this epoch; a full batch needs none."""
    data = job.data
    rows = slice(batches.start * job.batch_size, batches.stop * job.batch_size)
    if job.batch_size >= len(data) or not (job.shuffle or job.order):
        return data.rows(rows.start, rows.stop)
    order = job.order(epoch) if job.order else epoch_order(job.seed, epoch, len(data))
    order = order[rows]
    weight = None if data.sample_weight is None else data.sample_weight[order]
    return Samples(data.x[order], data.targets[order], weight)


def _error_counter(job: Job) -> CountErrors:
    """Return the function that counts the mistakes of given weights on all training samples."""

    def count_errors(params: Params) -> int:
        outputs, _ = job.model.forward(params, job.data.x)
        return len(outputs) - int(job.loss.n_correct(outputs, job.data.targets))

    return count_errors
