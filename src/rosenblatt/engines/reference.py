"""The reference engine: the training loop as one would write it on paper, in NumPy.

An epoch visits every sample once, in batches, and every batch makes one update. Any other engine is
right if it ends with these parameters.
"""

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from rosenblatt.engines.base import Engine, EpochStats, Job, Metrics, Samples, State
from rosenblatt.engines.bookkeeping import Bookkeeping, count_errors, first_state, mean_metrics
from rosenblatt.engines.threads import blas_alone
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model, backpropagate
from rosenblatt.optimizers.base import is_weight
from rosenblatt.random import Key, epoch_order

ROWS_AT_ONCE = 8192
"""Samples per forward pass of an evaluation: a bound on the memory for the layers' outputs."""


def _run_epoch(job: Job, state: State, epoch: int, batches: range, book: Bookkeeping) -> State:
    """Train on these batches of an epoch, and return the state after them.

    ``slots`` is what the optimizer remembers from one update to the next, such as a velocity.
    """
    params, slots, update = state.params, state.slots, state.update
    for batch in _batches_of(job, epoch, batches):
        key = Key.of(job.seed, "dropout").fold(update) if job.model.is_random else None
        loss, outputs, _, grads = backpropagate(
            job.model, job.loss, params, batch.x, batch.targets, batch.sample_weight, key
        )
        if not math.isfinite(loss):
            book.diverge(epoch, update)
            return State(params, slots, update, book.selection_state)
        penalty = 0.0
        if job.penalty:
            penalty, grads = _add_penalty(job.penalty, params, grads, batch)
        book.count(batch, loss, penalty)

        before = params
        params, slots = job.optimizer.update(params, grads, slots, update)
        update += 1
        book.select(batch, outputs, before, params)
    book.end_epoch(params)
    return State(params, slots, update, book.selection_state)


def _add_penalty(
    alpha: float, params: Params, grads: Params, batch: Samples
) -> tuple[float, Params]:
    """Return ½ α ‖W‖² / Σ w over the weight matrices W, and the gradients with its own added."""
    share = alpha / batch.weight if batch.weight > 0 else 0.0
    weights = {name: value for name, value in params.items() if is_weight(name)}
    penalty = 0.5 * share * sum(float((W * W).sum()) for W in weights.values())
    return penalty, {**grads, **{name: grads[name] + share * W for name, W in weights.items()}}


def _batches_of(job: Job, epoch: int, batches: range) -> Iterator[Samples]:
    """Yield these batches of an epoch, whose samples come in the order of that epoch."""
    data, size = job.data, job.batch_size
    first = batches.start * size
    rows = data.rows(first, batches.stop * size)
    if size < len(data) and (job.shuffle or job.order):
        order = job.order(epoch) if job.order else epoch_order(job.seed, epoch, len(data))
        order = order[first : batches.stop * size]
        weight = None if data.sample_weight is None else data.sample_weight[order]
        rows = Samples(data.x[order], data.targets[order], weight)
    for i in range(len(batches)):
        yield rows.rows(i * size, (i + 1) * size)


class ReferenceEngine(Engine):
    """Walks the layers in NumPy, one batch at a time.

    BLAS is limited to one thread: in several it sums in another order, so that the bits of a run
    would depend on the number of cores.

    >>> import numpy as np
    >>> from rosenblatt.engines import Job, Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples, model = Samples(np.zeros((2, 1)), np.ones((2, 1))), MLP(1, [], 1)
    >>> job = Job(model, HalfSquaredError(), SGD(0.5), samples, batch_size=2, shuffle=False, seed=0)
    >>> engine = ReferenceEngine()
    >>> state, _ = engine.run(job, engine.start(job, model.init(0)), epochs=range(1, 4))
    >>> state.update, state.params["0.bias"]  # 1 − ½³
    (3, array([0.875]))
    """

    name: ClassVar[str] = "reference"

    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""
        if not job.model.selections:
            return first_state(job, params, errors=0)
        with blas_alone():
            return first_state(job, params, count_errors(job, params))

    @blas_alone()
    def run(
        self, job: Job, state: State, epochs: range, batches: range | None = None
    ) -> tuple[State, EpochStats]:
        """Train through ``epochs``, or some batches of one, and return the state after them."""
        batches = range(job.updates_per_epoch) if batches is None else batches
        book = Bookkeeping(job, state, ends_epochs=batches.stop == job.updates_per_epoch)
        # A run that diverges overflows before its loss is infinite: no warning is needed then.
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in epochs:
                state = _run_epoch(job, state, epoch, batches, book)
                if book.divergence:
                    break
        return state, book.stats

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
