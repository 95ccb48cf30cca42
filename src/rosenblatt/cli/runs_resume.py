"""The commands ``runs resume`` and ``runs fork``."""

import sys
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from rosenblatt.cli.output_options import OutputOptions
from rosenblatt.cli.printing import describe_data
from rosenblatt.cli.runs_folder import RunsFolder
from rosenblatt.cli.runs_show import show
from rosenblatt.cli.summary import (
    Outcome,
    compare_weights,
    print_summary,
    resume_command,
    resume_hint_on_interrupt,
)
from rosenblatt.errors import ConfigurationError, shorten
from rosenblatt.settings.params import OptionalWhole
from rosenblatt.settings.splits import Splits

if TYPE_CHECKING:
    from rosenblatt.data import Dataset, Standardizer
    from rosenblatt.runs.command_record import Command
    from rosenblatt.training import Callback, Run, RunGroup
    from rosenblatt.training.storage.config import RunConfig


@Parameter(name="*")
@dataclass(frozen=True)
class RunsResumeOptions:
    """The options of the command."""

    run: str
    """The run's id, or its folder."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    epochs: OptionalWhole = None
    """Epochs in all, if more than before."""

    checkpoint_every: float | None = None
    """Seconds between checkpoints. [default: 0.5]"""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_resume(options: RunsResumeOptions) -> int:
    """Resume a run, and print the summary of the command that began it."""
    from rosenblatt.checks import real_number
    from rosenblatt.runs import find
    from rosenblatt.training import RunGroup
    from rosenblatt.training.calls import resume
    from rosenblatt.training.plan import CHECKPOINT_EVERY
    from rosenblatt.training.storage.folder import RunFolder

    path = find(options.run, options.folder.runs)
    config = RunFolder(path).read_config()
    every = CHECKPOINT_EVERY
    if options.checkpoint_every is not None:
        every = real_number(options.checkpoint_every, "--checkpoint-every", at_least=0)
    command = read_command(path)
    callbacks = _callbacks(config, path, quiet=options.quiet)
    with resume_hint_on_interrupt(path):
        run = resume(path, epochs=options.epochs, callbacks=callbacks, checkpoint_every=every)
    output = OutputOptions(json=options.json, quiet=options.quiet)
    if not isinstance(run, RunGroup):
        return print_run_summary(run, command, path, output)
    show(path, "runs resume", as_json=options.json)
    if run[0].directory is None:
        print(
            f"rosenblatt: error: the end of the runs was not kept in {path}; when it can be, "
            f"{resume_command(path)}",
            file=sys.stderr,
        )
        return 2
    if all(member.diverged for member in run):
        print(f"rosenblatt: error: {run[0].stopped}", file=sys.stderr)
        return 2
    return 0


def _callbacks(config: "RunConfig", path: Path, *, quiet: bool) -> "list[Callback]":
    """Return the callbacks of a run, from its settings; ``quiet`` decides about progress."""
    from rosenblatt.training import Progress
    from rosenblatt.training.storage.config import callbacks_of

    try:
        callbacks = callbacks_of(config, path)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error}; that is done in Python, by rosenblatt.resume"
        ) from error
    others = [callback for callback in callbacks if not isinstance(callback, Progress)]
    return others if quiet else [Progress(), *others]


@Parameter(name="*")
@dataclass(frozen=True)
class RunsForkOptions:
    """The options of the command."""

    origin: str
    """The run to fork, by its id or its folder."""

    _: KW_ONLY

    run: Path
    """The new folder for the branch, such as runs/b."""

    at: OptionalWhole = None
    """Fork after this epoch."""

    at_update: OptionalWhole = None
    """Fork after this update."""

    seed: OptionalWhole = None
    """The member of a population, by its seed."""

    learning_rate: float | None = None
    """η of the branch."""

    batch_size: OptionalWhole = None
    """Rows per update of the branch; only at the end of an epoch."""

    epochs: OptionalWhole = None
    """Epochs in all, with those before the branch; by default those of the run."""

    folder: RunsFolder = field(default_factory=RunsFolder)

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_fork(options: RunsForkOptions) -> int:
    """Train a branch of a run, and print its summary."""
    from rosenblatt.runs import find
    from rosenblatt.runs.command_record import write_command
    from rosenblatt.training import Progress
    from rosenblatt.training.calls import load_run
    from rosenblatt.training.run import plan_of
    from rosenblatt.training.storage.folder import RunFolder

    if (options.at is None) == (options.at_update is None):
        raise ConfigurationError("say where the branch begins: by --at EPOCH, or --at-update N")
    branch = RunFolder(options.run)
    branch.require_none()
    path = find(options.origin, options.folder.runs)
    run = _member(load_run(path), options.seed)
    command = read_command(path)
    # Refuse an impossible position before anything is written.
    run.at(options.at, update=options.at_update)
    write_command(branch, command, plan_of(run).train)
    callbacks: list[Callback] = [] if options.quiet else [Progress()]
    with resume_hint_on_interrupt(options.run):
        forked = run.fork(
            options.at,
            update=options.at_update,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            epochs=options.epochs,
            callbacks=callbacks,
            run_dir=options.run,
        )
    output = OutputOptions(json=options.json, quiet=options.quiet)
    return print_run_summary(forked, command, options.run, output)


def _member(loaded: "Run | RunGroup", seed: int | None) -> "Run":
    """Return the run of that seed, which may be None for a single run."""
    from rosenblatt.training import RunGroup

    if not isinstance(loaded, RunGroup):
        if seed not in (None, loaded.seed):
            raise ConfigurationError(f"the run has the seed {loaded.seed}, not {seed}")
        return loaded
    seeds = shorten([str(seed_) for seed_ in loaded.seeds])
    if seed is None:
        raise ConfigurationError(f"this is a population with the seeds {seeds}: say --seed")
    if seed not in loaded.seeds:
        raise ConfigurationError(f"no run of the population has the seed {seed}, but {seeds}")
    run: Run = loaded[loaded.seeds.index(seed)]
    return run


def read_command(path: Path) -> "Command":
    """Return the command that began a run.

    For a run that was begun in Python, the command is composed from the run's folder.
    """
    import warnings

    from rosenblatt.errors import FileError
    from rosenblatt.runs.command_record import NAME, Command, DataSummary, read_command
    from rosenblatt.runs.listed_run import model_in_words
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(path)
    try:
        return read_command(folder)
    except FileError as error:
        if (path / NAME).exists():
            warnings.warn(str(error), stacklevel=2)
    config = folder.read_config()
    train, _, _ = folder.read_data(config)
    recipe: Any = train.recipe
    while isinstance(inner := recipe.get("standardized", recipe.get("of")), dict):
        recipe = inner
    return Command(
        name="train",
        model=f"{model_in_words(config.model)}, {config.loss['name']}",
        data=DataSummary(**describe_data(train.replace(recipe=recipe))),
    )


def print_run_summary(run: "Run", command: "Command", run_dir: Path, output: OutputOptions) -> int:
    """Print of a run what the command that began it prints at its end."""
    from rosenblatt.models import Perceptron
    from rosenblatt.training.run import plan_of

    plan = plan_of(run)
    splits = Splits(plan.train, plan.test, plan.validation, _standardizer_of(plan.train))
    outcome = Outcome(run, command, splits, run_dir=run_dir)
    if isinstance(run.model, Perceptron):
        return print_summary(outcome, output, compare_weights(outcome))
    return print_summary(outcome, output)


def _standardizer_of(train: "Dataset") -> "Standardizer | None":
    """Return the standardizer of the inputs, from the recipe of the data."""
    import numpy as np

    from rosenblatt.data import Standardizer

    recipe: Any = train.recipe
    if "standardized" not in recipe:
        return None
    return Standardizer(np.array(recipe["mean"], float), np.array(recipe["scale"], float))
