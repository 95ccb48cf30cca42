"""Validation and callbacks after every epoch of a fit."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Engine, Samples
from rosenblatt.estimators.stochastic import Member, Rules
from rosenblatt.training import Callback, RunInProgress

Score = Callable[[npt.NDArray[Any], Samples], float]
"""A score, higher being better, of a model's outputs on some samples."""


class FitMonitor:
    """Measures a member on a validation set after every epoch, and calls callbacks.

    Args:
        member: what is being fitted.
        score: of outputs and samples.
        engine: what trains the member; callbacks may ask for it.
        validation: the validation set, or None.
        callbacks: as for :func:`rosenblatt.train`; ``train_loss`` of their rows is the running loss
            of the epoch, ``loss_curve_``, and ``test_loss`` that of the validation set.
        rules: how many epochs there will be at most, and by what losses are multiplied.
    """

    def __init__(
        self,
        member: Member,
        score: Score,
        engine: Engine,
        validation: Samples | None,
        callbacks: Sequence[Callback],
        rules: Rules,
    ) -> None:
        self.member, self.score, self.validation = member, score, validation
        self.loss_scale = rules.loss_scale
        self.losses: list[float] = []
        self._started = time.perf_counter()
        self._run = RunInProgress(
            job=member.job,
            engine=engine,
            test=validation,
            epochs=rules.max_iter,
            eval_every=1,
            callbacks=tuple(callbacks),
            state=member.state,
            params=member.state.params,
        )
        if validation or callbacks:
            member.watch = self

    def begin(self) -> None:
        """Call the callbacks."""
        self._run.start_callbacks()

    def __call__(self, member: Member) -> float:
        """Return the score of the present weights on the validation set, NaN if there is none."""
        loss, score = np.nan, np.nan
        if self.validation:
            loss, score = self._measure(self.validation)
            self.losses.append(loss)
        run = self._run
        if run.callbacks:
            run.state, run.epoch = member.state, member.n_iter
            row = {
                "epoch": member.n_iter,
                "updates": member.state.update,
                "examples": member.seen,
                "seconds": time.perf_counter() - self._started,
                "learning_rate": member.rate,
                "train_loss": member.loss_curve[-1],
                "train_accuracy": np.nan,
                "test_loss": loss,
                "test_accuracy": score,
            }
            run.rows.append(row)
            run.choose(member.state.params, row)
            for callback in run.callbacks:
                callback.on_evaluation(run)
            member.stopped = run.stopped
        return score

    def end(self) -> None:
        """Call the callbacks, which may have chosen other weights than the last."""
        self._run.end_callbacks()
        run = self._run
        if run.callbacks and run.params is not self.member.state.params:
            self.member.best_params = run.params

    def _measure(self, data: Samples) -> tuple[float, float]:
        """Return the mean loss, without a penalty, and the score."""
        job = self.member.job
        with np.errstate(over="ignore", invalid="ignore"):
            outputs, _ = job.model.forward(self.member.state.params, data.x)
            loss, _ = job.loss.over_batch(outputs, data.targets, data.sample_weight)
        return self.loss_scale * loss, self.score(outputs, data)
