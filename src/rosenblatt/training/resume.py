"""Going on with a run that a folder holds, and reading one."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rosenblatt.checks import whole_number
from rosenblatt.descriptions import build_loss, build_model, build_optimizer
from rosenblatt.engines import State
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError
from rosenblatt.training.callbacks import Callback, EarlyStopping
from rosenblatt.training.carry_out import go_on_in, runs_of
from rosenblatt.training.checkpoint import recall_all
from rosenblatt.training.config import RunConfig, differences, write_config
from rosenblatt.training.folder import CONFIG, START, RunFolder
from rosenblatt.training.known_callbacks import callbacks_of, known_callbacks_of
from rosenblatt.training.plan import FROM_SEED, Plan, make_plan
from rosenblatt.training.run import Run, Runs
from rosenblatt.training.trainer import CHECKPOINT_EVERY
from rosenblatt.training.training import Training, measure

NOWHERE = State({}, {})


def resume(
    run_dir: str | os.PathLike[str],
    *,
    epochs: int | None = None,
    callbacks: Sequence[Callback] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
) -> Run | Runs:
    """Go on with the run in a folder, from its newest sound checkpoint, or from its start.

    On the same kind of machine, with the same versions of the libraries, weights and history are to
    the last bit those of a run that was never interrupted, but for the column ``seconds``. With
    other versions or on another processor they are the same up to rounding, and a warning says what
    has changed. A run that has ended is returned as it is.

    Args:
        run_dir: the folder.
        epochs: how many epochs there are to be in all, where that is more than first asked.
        callbacks: those of the run; by default they are made again, if they are the package's own
            and write nowhere but into the folder.
        checkpoint_every: seconds between checkpoints.

    Returns:
        The run, or the runs of a population.

    Raises:
        FileError: there is no run in the folder, another process trains it, or its settings, its
            data or all of its checkpoints are damaged.
        ConfigurationError: fewer epochs than before, or callbacks that cannot be made again.
        KeyboardInterrupt: Ctrl-C was pressed, and a last checkpoint written.
    """
    folder = RunFolder(Path(run_dir))
    changed = differences(folder.read_config())
    if changed:
        warnings.warn(
            f"since the run began, {'; '.join(changed)}: it goes on, but its last bits may differ",
            stacklevel=2,
        )
    with folder.locked():
        # Read again: who had the lock until now may have been given more epochs.
        config = folder.read_config()
        if epochs is not None:
            config = _with_epochs(config, whole_number(epochs, "epochs", at_least=1))
        own = callbacks_of(config, folder.path) if callbacks is None else callbacks
        plan = _plan_of(folder, config, own)
        members = _newest(folder, plan)
        if epochs is not None:
            write_config(folder.path / CONFIG, config)
        runs = go_on_in(folder, plan, members, every=checkpoint_every)
    return _one_or_all(config, runs)


def load_run(run_dir: str | os.PathLike[str]) -> Run | Runs:
    """Return the run in a folder as far as its newest sound checkpoint, and train nothing.

    A run that has ended is the one that :func:`rosenblatt.train` returned, weights chosen by early
    stopping included; one that has not has the weights of its newest evaluation, or those that it
    starts with, if it was ended before the first. Its ``at``, ``scrub`` and ``fork`` work from the
    checkpoints.

    Raises:
        FileError: there is no run in the folder, or its files are damaged.
    """
    folder = RunFolder(Path(run_dir))
    config = folder.read_config()
    # Only what chooses weights has a say; logs are not written again, nor their libraries needed.
    choosing = known_callbacks_of(config, EarlyStopping)
    plan = _plan_of(folder, config, choosing)
    members = _newest(folder, plan)
    if not any(member.goes_on for member in members):
        for member in members:
            member.begin()
        measure([member for member in members if member.is_due])
        for member in members:
            member.end()
    for member in members:
        if not member.selected:
            member.selected = member.weights()
            member.keep(member.selected[member.job.model.selected])
    return _one_or_all(config, runs_of(plan, members, folder))


def _with_epochs(config: RunConfig, epochs: int) -> RunConfig:
    if epochs < config.training.epochs:
        raise ConfigurationError(
            f"the run has {config.training.epochs} epochs, and epochs={epochs} is fewer; a fork "
            "can be shorter"
        )
    training = config.training.model_copy(update={"epochs": epochs})
    return config.model_copy(update={"training": training})


def _plan_of(folder: RunFolder, config: RunConfig, callbacks: Sequence[Callback]) -> Plan:
    """Return the plan that the folder's settings and data describe.

    Raises:
        FileError: they do not fit each other.
    """
    train, test = folder.read_data(config)
    settings = config.training
    try:
        plan = make_plan(
            build_model(config.model),
            train,
            settings.seeds,
            test=test,
            loss=build_loss(config.loss),
            optimizer=build_optimizer(config.optimizer),
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            shuffle=settings.shuffle,
            eval_every=settings.eval_every,
            engine=settings.engine,
            dtype=settings.dtype,
            callbacks=callbacks,
            initial=settings.init_params,
        )
    except RosenblattError as error:
        raise FileError(f"{folder.path / CONFIG} cannot be carried out: {error}") from error
    job = replace(plan.job, population=settings.population)
    return replace(plan, job=job, asked=settings.asked_engine)


def _newest(folder: RunFolder, plan: Plan) -> list[Training]:
    """Return the members at the newest checkpoint that is sound; those that are not are named.

    Without a checkpoint, the members are at their start.

    Raises:
        FileError: all checkpoints are damaged, or the start of the run is.
    """
    damaged = []
    checkpoints = folder.checkpoints()
    if not checkpoints:
        return _at_start(folder, plan)
    for checkpoint in checkpoints:
        members = plan.members([NOWHERE] * len(plan.seeds))
        try:
            recall_all(members, checkpoint.path)
        except FileError as error:
            damaged.append(str(error))
            continue
        for reason in damaged:
            warnings.warn(f"{reason}; an older checkpoint is used", stacklevel=3)
        return members
    reasons = f": {'; '.join(damaged)}" if damaged else ""
    raise FileError(f"{folder.path} has no sound checkpoint{reasons}")


def _at_start(folder: RunFolder, plan: Plan) -> list[Training]:
    """Return the members before their first update.

    Raises:
        FileError: the file with their first weights is missing or damaged.
    """
    if folder.start is not None:
        members = plan.members([NOWHERE] * len(plan.seeds))
        recall_all(members, folder.start)
        return members
    if plan.initial != FROM_SEED:
        raise FileError(
            f"{folder.path} has neither a checkpoint nor a {START}, and the run's first weights "
            f"are not those of its seed ({plan.initial}): it cannot be resumed; train again"
        )
    return plan.begin(None)


def _one_or_all(config: RunConfig, runs: Runs) -> Run | Runs:
    one: Run = runs[0]
    return one if len(config.training.seeds) == 1 else runs
