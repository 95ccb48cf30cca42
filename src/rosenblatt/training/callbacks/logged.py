"""Content that all loggers write: a run's settings, its measurements and its end."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rosenblatt.optimizers import Optimizer
from rosenblatt.training.in_progress import RunInProgress

Plain = str | int | float | bool

SECONDS_BETWEEN_WRITES = 1.0
"""Seconds that rows may wait in memory, so that a log grows visibly and training hardly waits."""


def settings_of(run: RunInProgress) -> dict[str, Plain]:
    """Return the settings of a run by name; the optimizer's numbers also one by one."""
    job = run.job
    return {
        "model": repr(job.model),
        "loss": repr(job.loss),
        "optimizer": repr(job.optimizer),
        **_numbers_of(job.optimizer),
        "epochs": run.epochs,
        "eval_every": run.eval_every,
        "batch_size": job.batch_size,
        "shuffle": job.shuffle,
        "samples": len(job.data),
        "dtype": str(job.data.x.dtype),
        "seed": run.seed,
    }


def _numbers_of(optimizer: Optimizer) -> dict[str, Plain]:
    """Return the optimizer's settings that are numbers; a schedule is a text only."""
    return {
        f"optimizer.{name}": value
        for name, value in getattr(optimizer, "__dict__", {}).items()
        if isinstance(value, int | float)
    }


def measured(row: Mapping[str, float]) -> dict[str, float]:
    """Return the columns of a row of the history that have a value."""
    return {name: float(value) for name, value in row.items() if not math.isnan(value)}


@dataclass(frozen=True)
class Ending:
    """How a run ended: ``outcome`` is "finished", "failed" or "killed"; ``reason`` may be empty."""

    outcome: str
    reason: str

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason}" if self.reason else self.outcome


def error_in_flight() -> BaseException | None:
    """Return the exception that is being handled here, if there is one."""
    return sys.exc_info()[1]


def ending_of(run: RunInProgress, error_before: BaseException | None) -> Ending:
    """Return how a run ended; to be called in ``on_end``.

    A run that diverged has failed, one that was stopped has finished. One that an exception ends
    has failed as well, but Ctrl-C or a request to exit has killed it.

    Args:
        run: the run.
        error_before: the exception that was being handled in ``on_start``: a run that is trained
            while an error is handled has not failed.
    """
    error = error_in_flight()
    if error is not None and error is not error_before:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Ending("failed" if isinstance(error, Exception) else "killed", text)
    return Ending("failed" if run.diverged else "finished", run.stopped or "")
