"""A run whose check-up is made, and what its parts measure of it."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.analysis.checkup_result import Severity
from rosenblatt.analysis.checkup_trials import RATES, trial_samples
from rosenblatt.engines import Job, ReferenceEngine, Samples, State
from rosenblatt.layers import Array, Params
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    Hinge,
    Loss,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
)
from rosenblatt.optimizers.schedules import rates_of
from rosenblatt.training.run import Run, trajectory_of

LEAST_EPOCHS, LEAST_UPDATES = 30, 300
"""Trials are at least as long, so that the beginning of a run is not taken for all of it."""
LEARNED = 0.5
"""A run whose loss ends below this share of the best constant output's has learned."""


@dataclass
class CheckedRun:
    """A run with what the parts of a check-up need of it, and pass on to each other.

    Attributes:
        run: the run.
        job: its job.
        first: its state before the first update.
        last: its state at the end.
        done: the number of epochs that it has trained.
        epochs: the number of epochs that a trial is to have.
        trial: the job of a trial, on at most 1000 samples.
        ten_fit: whether the network fits ten samples.
        trial_epochs: the number of epochs that a trial of 64 rates has within its time.
        best_rate: the best of these rates; NaN where all diverge.
    """

    run: Run
    job: Job
    first: State
    last: State
    done: float
    epochs: int
    trial: Job
    ten_fit: bool = True
    trial_epochs: int = 1
    best_rate: float = math.nan

    @classmethod
    def of(cls, run: Run) -> "CheckedRun":
        """Return what a check-up needs of a run.

        Raises:
            ConfigurationError: the run was not made by :func:`rosenblatt.train`.
        """
        trajectory = trajectory_of(run)
        job = trajectory.job
        first = trajectory.saved[0].load().state
        last = trajectory.last.state
        samples = trial_samples(job, run.seed)
        trial = replace(
            job,
            data=samples,
            batch_size=min(job.batch_size, len(samples))
            if job.batch_size < len(job.data)
            else len(samples),
            order=None,
        )
        updates = last.update - first.update
        per_epoch = job.updates_per_epoch
        epochs = max(round(updates / per_epoch), LEAST_EPOCHS, -(-LEAST_UPDATES // per_epoch))
        return cls(run, job, first, last, updates / per_epoch, epochs, trial)

    @property
    def optimizer(self) -> str:
        """The name of the optimizer's class."""
        return type(self.job.optimizer).__name__


def unless_learned(measures: dict[str, Any]) -> Severity:
    """Return "warning"; "note" where the run has halved the loss of a constant output anyway."""
    constant = measures["constant"]
    has_learned = constant is not None and measures["end"] < LEARNED * constant
    return "note" if has_learned else "warning"


def own_rate(checked: CheckedRun) -> float:
    """Return the learning rate of the run; of a schedule the median over its updates."""
    first, count = checked.first.update, checked.last.update - checked.first.update
    optimizer = checked.job.optimizer
    rate = float(np.median(rates_of(optimizer.learning_rate, first, min(max(count, 1), 10_000))))
    return rate if 0 < rate < math.inf else RATES[0]


def use_rate(checked: CheckedRun, rate: float) -> str:
    """Return the Python that trains with another learning rate."""
    return f"rb.train(..., optimizer=rb.{checked.optimizer}(learning_rate={rate:.2g}))"


def chance_and_constant(job: Job) -> tuple[float | None, float | None]:
    """Return the loss of knowing nothing, and the smallest loss of a constant output.

    None for a loss that has no such yardstick.
    """
    loss, data, k = job.loss, job.data, job.model.n_outputs
    weight = data.sample_weight
    mean = np.average(data.targets.astype(np.float64), axis=0, weights=weight)
    tiny = 1e-12
    if isinstance(loss, PerceptronCriterion):
        return None, None
    uniform: Array | None = np.zeros(k)
    if isinstance(loss, CategoricalCrossEntropy):
        uniform, best = np.full(k, 1 / k), np.maximum(mean, tiny)
    elif isinstance(loss, SigmoidCrossEntropy):
        best = np.log(np.maximum(mean, tiny)) - np.log(np.maximum(1 - mean, tiny))
    elif isinstance(loss, Hinge):
        best = np.sign(mean)
    elif loss.task == "classification":
        best = np.log(np.maximum(mean, tiny))
    else:
        uniform = None
        best = np.log(np.maximum(mean, tiny)) if isinstance(loss, Poisson) else mean
    constant = loss_of_constant(loss, data, best)
    chance = constant if uniform is None else loss_of_constant(loss, data, uniform)
    return chance, constant


def loss_of_constant(loss: Loss, data: Samples, output: Array) -> float:
    """Return the mean loss where every sample has the output (K,)."""
    outputs = np.tile(output, (len(data), 1))
    return loss.over_batch(outputs, data.targets.astype(np.float64), data.sample_weight)[0]


def loss_of(job: Job, params: Params) -> float:
    """Return the mean loss of the job's samples."""
    return ReferenceEngine().evaluate(job.model, job.loss, params, job.data).loss


def accuracy_of(job: Job, params: Params) -> float:
    """Return the training accuracy, for regression R² of the loss's predictions."""
    if job.loss.task == "classification":
        return ReferenceEngine().evaluate(job.model, job.loss, params, job.data).accuracy
    outputs, _ = job.model.forward(params, job.data.x)
    return r_squared(job.loss, outputs, job.data.targets)


def r_squared(loss: Loss, outputs: Array, targets: Array) -> float:
    """Return R² over all outputs."""
    predicted = np.asarray(loss.predict(outputs)).reshape(targets.shape)
    total = ((targets - targets.mean(axis=0)) ** 2).sum()
    return float(1 - ((targets - predicted) ** 2).sum() / total) if total > 0 else math.nan
