"""Stochastic fitting with scikit-learn's rules for when to stop and how long steps are.

An engine trains; what is here decides for how many epochs at a time, and what their losses mean.
The losses must fail to improve ``n_iter_no_change`` + 1 times in a row before anything happens, so
that many epochs may be trained in one call, and none is trained too many.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from rosenblatt.engines import Engine, EpochStats, Job, State, expected_seconds
from rosenblatt.errors import DataError
from rosenblatt.estimators.streams import Orders
from rosenblatt.layers import Params
from rosenblatt.progress_bar import written_loss

SECONDS_AT_ONCE = 0.1
"""An engine is asked for as many updates as are expected to take this long, so that Ctrl-C is
answered between two calls. An expectation, not a measurement: where an epoch is divided decides how
its losses are summed, which must not depend on the time."""
ROWS_AT_ONCE = 1 << 20
"""Samples whose orders are drawn ahead; they take 8 MB."""
SMALLEST_RATE = 1e-6
"""An adaptive learning rate that has come down to this ends the fit."""


@dataclass(frozen=True)
class Rules:
    """When to stop, and how long steps are: the settings of that name of the estimators.

    ``loss_scale`` is by what an engine's losses are multiplied, and ``once`` ends the fit after one
    epoch. ``on_validation`` says that scores decide instead of losses.
    """

    max_iter: int
    tol: float
    n_iter_no_change: float
    schedule: Literal["constant", "invscaling", "adaptive"]
    rate: float
    power_t: float
    verbose: bool
    loss_scale: float = 1.0
    once: bool = False
    on_validation: bool = False


@dataclass
class Member:
    """A fit while it is going on: one of several, where a population is fitted.

    ``watch`` is called after every epoch, if it is there: it returns a score, higher being better,
    and may end the fit by a reason. ``lost`` and ``penalized`` are the sums of the present epoch.
    """

    job: Job
    state: State
    orders: Orders | None
    rate: float
    seen: int = 0
    n_iter: int = 0
    loss_curve: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = np.inf
    best_score: float = -np.inf
    best_params: Params = field(default_factory=dict)
    no_improvement: int = 0
    stopped: str | None = None
    lost: float = 0.0
    penalized: float = 0.0
    watch: Callable[["Member"], float] | None = None

    def epochs_ahead(self, rules: Rules) -> int:
        """Return for how many epochs nothing can happen but training."""
        if self.watch or rules.once or rules.verbose or rules.schedule == "invscaling":
            return 1
        patience = rules.n_iter_no_change + 1 - self.no_improvement
        some = max(1, ROWS_AT_ONCE // len(self.job.data))
        return int(max(1, min(rules.max_iter - self.n_iter, patience, some)))

    def next_job(self, count: int) -> Job:
        """Return the job of the next ``count`` epochs, with their orders."""
        optimizer = self.job.optimizer
        if optimizer.learning_rate != self.rate:
            optimizer = replace(optimizer, learning_rate=self.rate)  # type: ignore[type-var]
        if self.orders is None:
            return replace(self.job, optimizer=optimizer)
        first = self.n_iter + 1
        drawn = dict(enumerate(self.orders.draw(count), first))
        return replace(self.job, optimizer=optimizer, order=drawn.__getitem__)

    def take_in(
        self, state: State, sums: EpochStats, rules: Rules, *, ends_epoch: bool = True
    ) -> None:
        """Take in the result of an engine: of whole epochs, or of some batches of one.

        Raises:
            DataError: the loss has stopped being finite, and there are no best weights.
        """
        if sums.divergence and self.best_params and self.scores:
            self._end_diverged(str(sums.divergence))
            return
        if sums.divergence:
            raise DataError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                f"values and need to be preprocessed: {sums.divergence}."
            )
        self.state = state
        for loss, penalty in zip(sums.losses, sums.penalties, strict=True):
            self.lost += loss
            self.penalized += penalty
            if ends_epoch:
                loss = rules.loss_scale * self.lost + self.penalized
                self.lost = self.penalized = 0.0
                self._end_epoch(loss, rules)

    def _end_diverged(self, divergence: str) -> None:
        """End the fit with its best weights; the epoch that diverged has the score NaN."""
        self.n_iter += 1
        self.seen += len(self.job.data)
        self.loss_curve.append(np.nan)
        self.scores.append(np.nan)
        self.stopped = f"{divergence}. The weights of the best validation score are kept."
        warnings.warn(f"Stochastic Optimizer: {self.stopped}", ConvergenceWarning, stacklevel=6)

    def _end_epoch(self, loss: float, rules: Rules) -> None:
        self.n_iter += 1
        self.seen += len(self.job.data)
        self.loss_curve.append(loss)
        if rules.verbose:
            print(f"Iteration {self.n_iter}, loss = {written_loss(loss, digits=8)}")
        score = self.watch(self) if self.watch else np.nan
        if rules.on_validation:
            self._judge_score(score, rules)
        else:
            self._judge_loss(loss, rules)
        if rules.schedule == "invscaling":
            # A rate that is no longer above 0 in floating point would be refused.
            rate = rules.rate / (self.seen + 1) ** rules.power_t
            self.rate = max(rate, float(np.finfo(np.float64).tiny))
        if self.no_improvement > rules.n_iter_no_change:
            self._lose_patience(rules)

    def _judge_loss(self, loss: float, rules: Rules) -> None:
        improved = not loss > self.best_loss - rules.tol
        self.no_improvement = 0 if improved else self.no_improvement + 1
        self.best_loss = min(self.best_loss, loss)

    def _judge_score(self, score: float, rules: Rules) -> None:
        self.scores.append(score)
        if rules.verbose:
            print(f"Validation score: {score:f}")
        improved = not score < self.best_score + rules.tol
        self.no_improvement = 0 if improved else self.no_improvement + 1
        if score > self.best_score:
            self.best_score, self.best_params = score, self.state.params

    def _lose_patience(self, rules: Rules) -> None:
        what = "Validation score" if rules.on_validation else "Training loss"
        reason = (
            f"{what} did not improve more than tol={rules.tol:f} for "
            f"{rules.n_iter_no_change} consecutive epochs."
        )
        if rules.schedule == "adaptive" and self.rate > SMALLEST_RATE:
            self.rate /= 5.0
            self.no_improvement = 0
            reason += f" Setting learning rate to {self.rate:f}"
        else:
            small = rules.schedule == "adaptive"
            reason += " Learning rate too small. Stopping." if small else " Stopping."
            self.stopped = reason
        if rules.verbose:
            print(reason)


def train_members(members: Sequence[Member], engine: Engine, rules: Rules) -> None:
    """Train members that share their data until each has its end, and warn where that is max_iter.

    Raises:
        DataError: the loss of a member has stopped being finite.
    """
    last = 1 if rules.once else rules.max_iter
    try:
        while going := [
            member for member in members if not member.stopped and member.n_iter < last
        ]:
            count = min(member.epochs_ahead(rules) for member in going)
            # Those that have gone equally far at the same rate train together.
            for _, group in groupby(sorted(going, key=_where), key=_where):
                _train_together(list(group), engine, rules, count)
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", stacklevel=4)
        return
    if not rules.once and not all(member.stopped for member in members):
        warnings.warn(
            f"Stochastic Optimizer: Maximum iterations ({rules.max_iter}) reached and the "
            "optimization hasn't converged yet.",
            ConvergenceWarning,
            stacklevel=4,
        )


def _train_together(members: Sequence[Member], engine: Engine, rules: Rules, count: int) -> None:
    epoch, batch = members[0].n_iter, 0
    last = epoch + count
    jobs = [member.next_job(count) for member in members]
    per_epoch = jobs[0].updates_per_epoch
    per_update = len(members) * expected_seconds(engine, jobs[0], 1) / per_epoch
    at_once = max(1, int(SECONDS_AT_ONCE / per_update))
    while epoch < last:
        left = (last - epoch) * per_epoch - batch
        segment = jobs[0].next_segment(epoch, batch, min(at_once, left))
        results = engine.run_many(jobs, [member.state for member in members], *segment)
        epoch, batch = jobs[0].after_segment(epoch, *segment)
        for member, (state, sums) in zip(members, results, strict=True):
            member.take_in(state, sums, rules, ends_epoch=batch == 0)


def _where(member: Member) -> tuple[Any, ...]:
    return member.n_iter, member.rate
