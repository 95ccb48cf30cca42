"""Functions that make a run: ``train``, ``train_many``, ``resume`` and ``load_run``.

Modules of a run's folder are imported where a folder is used: training in memory needs none of
their libraries.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset, as_dataset
from rosenblatt.engines import State
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError, given
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.training.history import History
from rosenblatt.training.in_progress import Callback, RunInProgress, status_of
from rosenblatt.training.loop import evaluate, train_members
from rosenblatt.training.plan import (
    CHECKPOINT_EVERY,
    FROM_SEED,
    Plan,
    check_callbacks,
    make_plan,
)
from rosenblatt.training.run import Run, RunGroup
from rosenblatt.training.trajectory import PositionInMemory, SavedPosition, Trajectory

if TYPE_CHECKING:
    from rosenblatt.training.storage.config import Origin, RunConfig
    from rosenblatt.training.storage.folder import RunFolder

Data = Dataset | tuple[npt.ArrayLike, npt.ArrayLike]
"""A dataset, or a pair of samples X (N, D) and labels or values y (N,)."""
EMPTY = State({}, {})


def train(
    model: Model,
    data: Data | npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    test: Data | None = None,
    validation: Data | None = None,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    eval_every: int = 1,
    engine: str = "auto",
    init_params: Mapping[str, npt.ArrayLike] | None = None,
    dtype: npt.DTypeLike = "float64",
    callbacks: Sequence[Callback] = (),
    run_dir: str | os.PathLike[str] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
) -> Run:
    """Train ``model`` on ``data`` and return the run.

    Without ``batch_size`` an update uses all samples: an epoch is one update.

    Args:
        model: an MLP, a Sequential or a Perceptron.
        data: the training set: a :class:`rosenblatt.data.Dataset`, a pair (X, y), or X with ``y``
            as the next argument. X (N, D) is an array, a data frame, an Arrow table or a mapping.
        y: labels (N,), or real values (N,) or (N, K) for a regression, if ``data`` is X alone.
        test: a set to measure at every evaluation, with the same weights as the training set.
        validation: another such set, for choices: early stopping watches it.
        loss: a loss or its name. By default softmax cross-entropy for labels, half the squared
            error for real values, and the perceptron criterion for a perceptron.
        optimizer: an update rule or its name; ``SGD(0.01)`` by default.
        epochs: the number of passes through the samples, at least 1.
        batch_size: samples per update, from 1 to N; by default N, and for a perceptron as its rule
            says. The last batch of an epoch is smaller if N is not a multiple.
        shuffle: whether each epoch has an order of its own.
        seed: the seed of initial weights, orders and dropout masks.
        eval_every: epochs between evaluations. Epoch 0, every multiple and the last are evaluated.
        engine: "reference" (NumPy), "compiled" (machine code), or "auto": the one that is expected
            to end first. They agree up to rounding. One engine gives the same bits on the same type
            of processor with the same versions of the libraries.
        init_params: initial weights by name, instead of those of the seed.
        dtype: "float64" or "float32", or NumPy's type.
        callbacks: objects that watch the run, called in this order.
        run_dir: a folder for the run: settings, data, checkpoints, history and model.
            :func:`rosenblatt.resume` continues it.
        checkpoint_every: seconds between checkpoints.

    Returns:
        The run. If the loss stops being finite, or ends beyond 1e30 times its start, the run has
        diverged and ends there: ``run.diverged`` is True, ``run.stopped`` says where, and
        ``params`` and ``history`` are those of the last evaluation before. Without one, they are
        the initial weights and an empty history.

    Raises:
        ConfigurationError: a setting that cannot work.
        DataError: labels that do not fit the model, or a label of ``test`` or ``validation`` that
            the training set does not have.
        ShapeError: data or initial weights that do not fit the model.
        FileError: ``run_dir`` cannot be written, or there is a run in it.
        KeyboardInterrupt: Ctrl-C was pressed; with a ``run_dir``, after a last checkpoint.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(100, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=20, optimizer=rb.SGD(0.5))
    >>> run.history[-1]["train_accuracy"] > 0.95
    True
    """
    plan = make_plan(model, as_dataset(data, y), (seed,), locals())
    return train_plan(plan, plan.members)[0]


def train_many(
    model: Model,
    data: Data | npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    seeds: Iterable[int],
    test: Data | None = None,
    validation: Data | None = None,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    eval_every: int = 1,
    engine: str = "auto",
    init_params: Mapping[str, npt.ArrayLike] | None = None,
    dtype: npt.DTypeLike = "float64",
    callbacks: Sequence[Callback] = (),
    run_dir: str | os.PathLike[str] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
) -> RunGroup:
    """Train ``model`` once for every seed, all else equal, and return the runs in that order.

    The compiled engine spreads them over the cores, and for small batches over the lanes of its
    vectors. With callbacks that watch one run at a time they train one after the other.

    Arguments are those of :func:`rosenblatt.train`, with ``seeds``, at least one, in place of
    ``seed``. ``run_dir`` is one folder for all runs.

    Raises:
        ConfigurationError: there is no seed; else as :func:`rosenblatt.train`.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> runs = rb.train_many(rb.MLP(2, [], 2), data, seeds=range(3), epochs=20)
    >>> runs.final("train_accuracy").shape
    (3,)
    """
    if not np.iterable(seeds):
        raise ConfigurationError(f"seeds must be several, such as range(10), got {given(seeds)}")
    seeds = list(seeds)
    if not seeds:
        raise ConfigurationError("train_many needs at least one seed")
    settings, dataset = locals(), as_dataset(data, y)
    check_callbacks(callbacks)
    if all(callback.serves_many for callback in callbacks):
        plan = make_plan(model, dataset, seeds, settings)
        return RunGroup(train_plan(plan, plan.members))
    # A callback that remembers one run: the next run starts after it has ended.
    if run_dir is not None:
        raise ConfigurationError(
            "the runs of one folder train at the same time, and a callback here watches one run at "
            "a time; call train for each seed with a run_dir of its own"
        )
    plans = (make_plan(model, dataset, (seed,), settings) for seed in seeds)
    return RunGroup(train_plan(plan, plan.members)[0] for plan in plans)


def train_plan(
    plan: Plan, members_of: Callable[[], list[RunInProgress]], origin: "Origin | None" = None
) -> list[Run]:
    """Train the members of a plan, in memory or in a new folder."""
    if plan.settings.run_dir is None:
        members = members_of()
        train_members(members)
        return runs_of(plan, members)

    from rosenblatt.training.storage.config import config_of
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(Path(plan.settings.run_dir))
    config = config_of(plan, origin)
    with folder.locked():
        folder.require_none()
        members = members_of()
        start = () if plan.settings.start == FROM_SEED else members
        folder.create(config, plan.train, plan.test, plan.validation, start=start)
        return _continue_in(folder, plan, members)


def _continue_in(folder: "RunFolder", plan: Plan, members: Sequence[RunInProgress]) -> list[Run]:
    """Train members in a folder whose lock is held, and write their end."""
    from rosenblatt.training.storage.checkpointer import Checkpointer

    checkpointer = Checkpointer(folder, plan.settings.checkpoint_every)
    with checkpointer.catching_interrupts():
        train_members(members, checkpointer)
        runs = runs_of(plan, members, folder)
        try:
            folder.write_progress(members, status_of(members))
            folder.write_model(runs, plan.train)
        except FileError as error:
            warnings.warn(
                f"the end of the run was not written: {error}; the folder holds the run up to its "
                "newest checkpoint",
                stacklevel=2,
            )
            runs = runs_of(plan, members)
    if checkpointer.is_interrupted:
        # Too late to end this run early, but the caller's program is to end.
        raise KeyboardInterrupt
    return runs


def runs_of(
    plan: Plan,
    members: Sequence[RunInProgress],
    folder: "RunFolder | None" = None,
    earlier: Sequence[SavedPosition] = (),
) -> list[Run]:
    """Return the runs of members that have ended.

    ``earlier`` are saved positions before those that the members have in memory.
    """
    # Callbacks are not needed any more, and may hold open files.
    plan = replace(plan, settings=replace(plan.settings, callbacks=()))
    summary = plan.summary()
    runs = []
    for index, member in enumerate(members):
        last = member.position
        # A run that diverged may have trained on before it was evaluated.
        positions = [
            position
            for position in member.position_log.positions
            if position.state.update <= last.state.update
        ]
        saved: list[SavedPosition] = [PositionInMemory(one) for one in positions or [last]]
        saved = [*earlier, *saved]
        if folder is not None:
            # Positions before the part that was resumed are in checkpoints only.
            first = saved[0].update
            in_files = folder.saved_positions(member.job, index)
            saved = [*(one for one in in_files if one.update < first), *saved]
        runs.append(
            Run(
                model=member.job.model,
                loss=member.job.loss,
                params=member.params,
                history=History(member.rows),
                seed=member.job.seed,
                classes=plan.train.classes,
                feature_names=plan.train.feature_names,
                metrics=member.chosen_metrics,
                stopped=member.stopped,
                diverged=member.diverged,
                settings={**summary, "seed": member.job.seed},
                weights=member.weights,
                directory=None if folder is None else folder.path,
                _plan=plan,
                _trajectory=Trajectory(member.job, plan.engine, saved, last),
            )
        )
    return runs


def resume(
    run_dir: str | os.PathLike[str],
    *,
    epochs: int | None = None,
    callbacks: Sequence[Callback] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
) -> Run | RunGroup:
    """Continue the run in a folder, from its newest sound checkpoint or from its start.

    On the same kind of machine with the same versions of the libraries, weights and history have
    the bits of a run that was never interrupted, except for the column ``seconds``. Otherwise they
    agree up to rounding, and a warning names the changes. A run that has ended is returned
    unchanged.

    Args:
        run_dir: the folder.
        epochs: the number of epochs in all, if more than first asked for.
        callbacks: the run's callbacks. By default they are made again from the folder's settings,
            if they are the package's own and write nowhere but into the folder.
        checkpoint_every: seconds between checkpoints.

    Returns:
        The run, or the runs of a population.

    Raises:
        FileError: the folder has no run, another process trains it, or its settings, its data or
            all of its checkpoints are damaged.
        ConfigurationError: fewer epochs than before, or callbacks that cannot be made again.
        KeyboardInterrupt: Ctrl-C was pressed, and a last checkpoint written.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(
    ...         rb.MLP(2, [4], 2), rb.data.moons(40, seed=0), epochs=5, run_dir=f"{folder}/a"
    ...     )
    ...     rb.resume(f"{folder}/a", epochs=8).history[-1]["epoch"]
    8
    """
    from rosenblatt.training.storage.config import callbacks_of, differences, write_config
    from rosenblatt.training.storage.folder import CONFIG, RunFolder

    folder = RunFolder(Path(run_dir))
    changed = differences(folder.read_config())
    if changed:
        warnings.warn(
            f"since the run began, {'; '.join(changed)}: the last bits of its results may differ",
            stacklevel=2,
        )
    with folder.locked():
        # Read again: the process that held the lock may have changed the number of epochs.
        config = folder.read_config()
        if epochs is not None:
            config = _with_epochs(config, whole_number(epochs, "epochs", at_least=1))
        if callbacks is None:
            callbacks = callbacks_of(config, folder.path)
        plan = _plan_of(folder, config, callbacks, checkpoint_every)
        members = _members_of(folder, plan)
        if epochs is not None:
            write_config(folder.path / CONFIG, config)
        runs = _continue_in(folder, plan, members)
    return _one_or_all(runs)


def load_run(run_dir: str | os.PathLike[str]) -> Run | RunGroup:
    """Return the run in a folder as far as its newest sound checkpoint, without training.

    A run that has ended is the one that :func:`rosenblatt.train` returned, weights chosen by early
    stopping included. One that has not ended has the weights of its newest evaluation, or its
    initial weights. ``at``, ``steps`` and ``fork`` work from the checkpoints.

    Raises:
        FileError: the folder has no run, or its files are damaged.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = rb.train(
    ...         rb.MLP(2, [4], 2), rb.data.moons(40, seed=0), epochs=5, run_dir=f"{folder}/a"
    ...     )
    ...     rb.load_run(f"{folder}/a").metrics["epoch"]
    5
    """
    from rosenblatt.training.callbacks import EarlyStopping
    from rosenblatt.training.storage.config import known_callbacks_of
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(Path(run_dir))
    config = folder.read_config()
    # Only callbacks that choose weights matter; logs are not written again.
    callbacks = known_callbacks_of(config, EarlyStopping)
    plan = _plan_of(folder, config, callbacks, CHECKPOINT_EVERY)
    members = _members_of(folder, plan)
    if not any(member.is_running for member in members):
        for member in members:
            member.start_callbacks()
        evaluate([member for member in members if member.needs_evaluation])
        for member in members:
            member.end_callbacks()
    for member in members:
        if not member.weights:
            member.weights = member.current_weights()
            member.choose(member.weights[member.job.model.selected])
    return _one_or_all(runs_of(plan, members, folder))


def _with_epochs(config: "RunConfig", epochs: int) -> "RunConfig":
    if epochs < config.training.epochs:
        raise ConfigurationError(
            f"the run has {config.training.epochs} epochs, and epochs={epochs} is fewer; a fork "
            "can be shorter"
        )
    training = config.training.model_copy(update={"epochs": epochs})
    return config.model_copy(update={"training": training})


def _plan_of(
    folder: "RunFolder",
    config: "RunConfig",
    callbacks: Sequence[Callback],
    checkpoint_every: float,
) -> Plan:
    """Return the plan that the folder's settings and data describe.

    Raises:
        FileError: they do not fit each other.
    """
    from rosenblatt.training.storage.config import model_and_settings_of
    from rosenblatt.training.storage.folder import CONFIG

    data, test, validation = folder.read_data(config)
    try:
        model, settings = model_and_settings_of(config)
        sets = {"test": test, "validation": validation}
        how = {"callbacks": callbacks, "checkpoint_every": checkpoint_every}
        plan = make_plan(model, data, config.training.seeds, vars(settings) | sets | how)
    except RosenblattError as error:
        raise FileError(f"{folder.path / CONFIG} cannot be used: {error}") from error
    # The run keeps the engine chosen at its start; its settings keep the requested one.
    settings = replace(plan.settings, engine=config.training.asked_engine)
    job = replace(
        plan.job,
        population=config.training.population,
        own_settings=bool(config.training.own_settings),
    )
    return replace(plan, job=job, settings=settings)


def _members_of(folder: "RunFolder", plan: Plan) -> list[RunInProgress]:
    """Return the members at the newest sound checkpoint, or at their start without a checkpoint.

    Raises:
        FileError: all checkpoints are damaged, or the start of the run is missing or damaged.
    """
    from rosenblatt.training.storage.checkpoint import restore_members
    from rosenblatt.training.storage.folder import START

    def members_at(path: Path) -> list[RunInProgress]:
        members = plan.members([EMPTY] * len(plan.seeds))
        restore_members(members, path)
        return members

    checkpoints = folder.checkpoints()
    if not checkpoints:
        if folder.start is not None:
            return members_at(folder.start)
        if plan.settings.start == FROM_SEED:
            return plan.members()
        raise FileError(
            f"{folder.path} has neither a checkpoint nor a {START}, and the run's initial weights "
            f"are not those of its seed ({plan.settings.start}): it cannot be resumed; train again"
        )
    damaged: list[str] = []
    for checkpoint in checkpoints:
        try:
            members = members_at(checkpoint.path)
        except FileError as error:
            damaged.append(str(error))
            continue
        for reason in damaged:
            warnings.warn(f"{reason}; an older checkpoint is used", stacklevel=3)
        return members
    raise FileError(f"{folder.path} has no sound checkpoint: {'; '.join(damaged)}")


def _one_or_all(runs: list[Run]) -> Run | RunGroup:
    return runs[0] if len(runs) == 1 else RunGroup(runs)
