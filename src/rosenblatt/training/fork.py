"""A second branch of a run, from any of its moments on."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.engines import Job
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.optimizers.base import LearningRate
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.carry_out import carry_out, carry_out_in
from rosenblatt.training.config import Fork
from rosenblatt.training.moment import moment_at
from rosenblatt.training.path import Place
from rosenblatt.training.plan import Plan, check_callbacks
from rosenblatt.training.run import Run
from rosenblatt.training.trainer import CHECKPOINT_EVERY
from rosenblatt.training.training import Training

Edit = Callable[[Params], Any] | Mapping[str, npt.ArrayLike]


def fork(
    run: Run,
    place: Place,
    *,
    learning_rate: LearningRate | None,
    batch_size: int | None,
    edit: Edit | None,
    epochs: int | None,
    callbacks: Sequence[Callback],
    run_dir: str | PathLike[str] | None,
) -> Run:
    """Train a branch from a place on the run's path; see :meth:`rosenblatt.Run.fork`."""
    assert run.plan is not None
    assert run.path is not None
    check_callbacks(callbacks)
    job = _changed(run.path.job, place, learning_rate, batch_size)
    plan = replace(
        run.plan,
        job=job,
        seeds=(run.seed,),
        epochs=run.plan.epochs if epochs is None else whole_number(epochs, "epochs", at_least=1),
        callbacks=tuple(callbacks),
        before=place.state.params,
        initial=f"at epoch {place.epoch}, batch {place.batch} of another run",
    )
    if plan.epochs < place.epoch:
        raise ConfigurationError(
            f"the branch begins after {place.epoch} epochs; epochs={plan.epochs} is fewer"
        )
    if edit is not None:
        place = replace(place, state=replace(place.state, params=_edited(job, place, edit)))
    member = _branch(run, plan, place)
    if job is run.path.job and edit is None and member.rows:
        with suppress(ConfigurationError):
            member.measured = run.path.visit(int(member.rows[-1]["epoch"]), None)
    if run_dir is None:
        branch: Run = carry_out(plan, [member])[0]
        return branch
    origin = Fork(run=str(run.folder or "in memory"), epoch=place.epoch, batch=place.batch)
    runs = carry_out_in(run_dir, plan, lambda: [member], every=CHECKPOINT_EVERY, fork=origin)
    kept: Run = runs[0]
    return kept


def _changed(
    job: Job, place: Place, learning_rate: LearningRate | None, batch_size: int | None
) -> Job:
    if learning_rate is not None:
        optimizer: Any = replace(job.optimizer, learning_rate=learning_rate)  # type: ignore[type-var]
        job = replace(job, optimizer=optimizer)
    if batch_size is None:
        return job
    size = job.model.batch_size(batch_size, len(job.data))
    if place.batch and size != job.batch_size:
        raise ConfigurationError(
            f"another batch size needs the end of an epoch, and the branch begins after batch "
            f"{place.batch} of epoch {place.epoch + 1}; take at={place.epoch} or {place.epoch + 1}"
        )
    return replace(job, batch_size=size)


def _edited(job: Job, place: Place, edit: Edit) -> Params:
    """Return the weights of a place after an edit."""
    params = {name: value.copy() for name, value in place.state.params.items()}
    if callable(edit):
        changed = edit(params)
        changed = params if changed is None else changed
    else:
        changed = {**params, **edit}
    return job.model.check_params(changed, job.data.x.dtype)


def _branch(run: Run, plan: Plan, place: Place) -> Training:
    """Return the branch before its first update, with the history that it shares with the run."""
    (member,) = plan.members([place.state])
    member.stand_at(place)
    shared = [row for row in run.history.rows() if row["epoch"] <= place.epoch]
    if shared:
        member.seconds = shared[-1]["seconds"]
    # What is measured where it branches off is the branch's own: edited weights, another rate.
    member.rows = [row for row in shared if place.batch or row["epoch"] < place.epoch]
    if member.rows:
        last = member.rows[-1]
        there, measured = moment_at(run, place), None
        # Of a branch's branch, the last measured weights may be on the way before the first.
        with suppress(ConfigurationError):
            there, measured = run.at(int(last["epoch"])), last
        member.selected = there.selected
        member.keep(there.params, measured)
    return member
