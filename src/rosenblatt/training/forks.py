"""Branches of a run: the position at which they begin, and the settings that change there."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.engines import Job, Samples, State
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models.base import check_loss
from rosenblatt.optimizers import Optimizer, as_optimizer
from rosenblatt.optimizers.base import LearningRate
from rosenblatt.training.calls import train_plan
from rosenblatt.training.in_progress import Callback, RunInProgress
from rosenblatt.training.plan import (
    CHECKPOINT_EVERY,
    Edit,
    Plan,
    check_callbacks,
    samples_like,
)
from rosenblatt.training.run import Run, plan_of, run_at, trajectory_of
from rosenblatt.training.trajectory import Position


@dataclass(frozen=True, kw_only=True, eq=False)
class Changes:
    """What a branch has different from its run; None where it is the same."""

    learning_rate: LearningRate | None = None
    optimizer: Optimizer | str | None = None
    loss: Loss | str | None = None
    batch_size: int | None = None
    edit: Edit | None = None


def fork(
    run: Run,
    position: Position,
    changes: Changes,
    *,
    epochs: int | None,
    callbacks: Sequence[Callback],
    run_dir: str | os.PathLike[str] | None,
) -> Run:
    """Train a branch from one of the run's positions; see :meth:`rosenblatt.Run.fork`."""
    check_callbacks(callbacks)
    plan, member = branch_of(run, position, changes, epochs)
    _choose_last(member, run, position)
    trajectory = trajectory_of(run)
    if plan.job is trajectory.job and changes.edit is None and member.rows:
        with suppress(ConfigurationError):
            member.evaluated_at = trajectory.position(epoch=int(member.rows[-1]["epoch"]))
    settings = replace(plan.settings, callbacks=callbacks, run_dir=run_dir)
    plan, member.callbacks = replace(plan, settings=settings), tuple(callbacks)
    origin = None
    if run_dir is not None:
        from rosenblatt.training.storage.config import Origin

        origin = Origin(
            run=str(run.directory or "in memory"), epoch=position.epoch, batch=position.batch
        )
    return train_plan(plan, lambda: [member], origin)[0]


def branch_of(
    run: Run, position: Position, changes: Changes, epochs: int | None = None
) -> tuple[Plan, RunInProgress]:
    """Return the plan of a branch, and the branch before its first update."""
    plan, trajectory = plan_of(run), trajectory_of(run)
    if epochs is None:
        epochs = plan.settings.epochs
    settings = replace(
        plan.settings,
        epochs=whole_number(epochs, "epochs", at_least=1),
        callbacks=(),
        run_dir=None,
        checkpoint_every=CHECKPOINT_EVERY,
        start=f"at epoch {position.epoch}, batch {position.batch} of another run",
    )
    if epochs < position.epoch:
        raise ConfigurationError(
            f"the branch begins after {position.epoch} epochs; epochs={epochs} is fewer"
        )
    plan = replace(
        plan,
        job=trajectory.job,
        seeds=(run.seed,),
        settings=settings,
        before_edit=position.state.params,
    )
    plan = _changed(plan, position, changes)
    state = position.state
    if changes.edit is not None:
        state = replace(state, params=_edited_params(plan.job, position, changes.edit))
    if changes.optimizer is not None:
        state = replace(state, slots=_slots(plan.job.optimizer, state))
    position = replace(position, state=state)
    return plan, _branch(run, plan, position)


def _changed(plan: Plan, position: Position, changes: Changes) -> Plan:
    """Return the plan with another optimizer, loss and batch size.

    Raises:
        ConfigurationError: a setting that cannot work, or that the run's engine cannot train.
    """
    job, settings = plan.job, plan.settings
    if changes.optimizer is not None:
        optimizer = as_optimizer(changes.optimizer)
        job = replace(job, optimizer=optimizer)
        settings = replace(settings, optimizer=optimizer)
    if changes.learning_rate is not None:
        with_rate: Any = replace(job.optimizer, learning_rate=changes.learning_rate)  # type: ignore[type-var]
        job = replace(job, optimizer=with_rate)
    if changes.batch_size is not None:
        size = job.model.batch_size(changes.batch_size, len(job.data))
        if position.batch and size != job.batch_size:
            raise ConfigurationError(
                f"another batch size needs the end of an epoch, and the branch begins after batch "
                f"{position.batch} of epoch {position.epoch + 1}; take epoch={position.epoch} or "
                f"{position.epoch + 1}"
            )
        job = replace(job, batch_size=size)
    if changes.loss is not None:
        loss = as_loss(changes.loss)
        check_loss(job.model, loss)
        job = replace(
            job, loss=loss, data=Samples.of(job.model, loss, plan.train, job.data.x.dtype)
        )
        settings = replace(settings, loss=loss)
        plan = replace(
            plan,
            test_samples=None if plan.test is None else samples_like(job, plan.train, plan.test),
            validation_samples=None
            if plan.validation is None
            else samples_like(job, plan.train, plan.validation),
        )
    has_new_code = changes.optimizer is not None or changes.loss is not None
    if has_new_code and plan.engine.name != "reference" and (absent := plan.engine.missing(job)):
        raise ConfigurationError(
            f"the run was trained by the {plan.engine.name} engine, which cannot compile "
            f'{", ".join(absent)}; train with engine="reference"'
        )
    return replace(plan, job=job, settings=settings)


def _slots(optimizer: Optimizer, state: State) -> dict[str, Params]:
    """Return the slots of a new optimizer, those of the same name and shape continued."""
    slots = optimizer.init(state.params)
    for slot, arrays in slots.items():
        before = state.slots.get(slot, {})
        for name, start in arrays.items():
            if name in before and before[name].shape == start.shape:
                arrays[name] = before[name]
    return slots


def _edited_params(job: Job, position: Position, edit: Edit) -> Params:
    params = {name: value.copy() for name, value in position.state.params.items()}
    if callable(edit):
        changed = edit(params)
        changed = params if changed is None else changed
    else:
        changed = {**params, **edit}
    return job.model.check_params(changed, job.data.x.dtype)


def _branch(run: Run, plan: Plan, position: Position) -> RunInProgress:
    """Return the branch before its first update, with the history that it shares with the run."""
    (member,) = plan.members([position.state])
    member.move_to(position)
    shared = [dict(row) for row in run.history if row["epoch"] <= position.epoch]
    if shared:
        member.seconds = shared[-1]["seconds"]
    # The branch evaluates the position itself: its weights or its rate may differ.
    member.rows = [row for row in shared if position.batch or row["epoch"] < position.epoch]
    return member


def _choose_last(member: RunInProgress, run: Run, position: Position) -> None:
    """Give a branch the weights of the last evaluation that it shares with the run."""
    if not member.rows:
        return
    last = member.rows[-1]
    there, metrics = run_at(run, position), None
    # For a branch of a branch, the last evaluation may lie before its first position.
    with suppress(ConfigurationError):
        there, metrics = run.at(int(last["epoch"])), last
    member.weights = dict(there.weights)
    member.choose(there.params, metrics)
