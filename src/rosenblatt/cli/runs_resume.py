"""The commands ``runs resume`` and ``runs fork``."""

import sys
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from rosenblatt.cli.output_options import OutputOptions
from rosenblatt.cli.params import OptionalWhole, RunsFolder
from rosenblatt.cli.printing import describe_data
from rosenblatt.cli.runs_show import show
from rosenblatt.cli.splits import Splits
from rosenblatt.cli.summary import (
    Outcome,
    compare_weights,
    print_summary,
    resume_command,
    resume_hint_on_interrupt,
)
from rosenblatt.errors import ConfigurationError, shorten

if TYPE_CHECKING:
    from rosenblatt.data import Dataset, Standardizer
    from rosenblatt.runs.aside import Command
    from rosenblatt.training import Callback, Run, RunGroup
    from rosenblatt.training.storage.config import RunConfig


@Parameter(name="*")
@dataclass(frozen=True)
class RunsResumeOptions:
    """All settings of the command: its flags and its help."""

    run: str
    """The run's id, or its folder."""

    _: KW_ONLY

    folder: RunsFolder = field(default_factory=RunsFolder)

    epochs: OptionalWhole = None
    """Epochs in all, where that is more than first asked."""

    checkpoint_every: float | None = None
    """Seconds between checkpoints. [default: 1]"""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_resume(options: RunsResumeOptions) -> int:
    """Go on with a run, and print what the command that began it prints at its end."""
    from rosenblatt.checks import real_number
    from rosenblatt.runs import find
    from rosenblatt.training import RunGroup
    from rosenblatt.training.plan import CHECKPOINT_EVERY
    from rosenblatt.training.storage.folder import RunFolder
    from rosenblatt.training.train import resume

    path = find(options.run, options.folder.runs)
    config = RunFolder(path).read_config()
    every = CHECKPOINT_EVERY
    if options.checkpoint_every is not None:
        every = real_number(options.checkpoint_every, "--checkpoint-every", at_least=0)
    command, last_test = read_command(path)
    callbacks = _callbacks(config, path, command.measured, quiet=options.quiet)
    with resume_hint_on_interrupt(path):
        run = resume(path, epochs=options.epochs, callbacks=callbacks, checkpoint_every=every)
    output = OutputOptions(json=options.json, quiet=options.quiet)
    if not isinstance(run, RunGroup):
        return conclude_run(run, command, last_test, path, output)
    show(path, "runs resume", as_json=options.json)
    if run[0].directory is None:
        print(
            f"rosenblatt: error: the end of the runs was not kept in {path}; when it can be, "
            f"{resume_command(path)}",
            file=sys.stderr,
        )
        return 2
    if all(one.diverged for one in run):
        print(f"rosenblatt: error: {run[0].stopped}", file=sys.stderr)
        return 2
    return 0


def _callbacks(config: "RunConfig", path: Path, measured: str, *, quiet: bool) -> "list[Callback]":
    """Return the callbacks of a run, made again; whether to show progress is asked anew."""
    from rosenblatt.training import Progress
    from rosenblatt.training.storage.config import callbacks_of

    try:
        callbacks = callbacks_of(config, path)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error}; that is done in Python, by rosenblatt.resume"
        ) from error
    others = [one for one in callbacks if not isinstance(one, Progress)]
    return others if quiet else [Progress(measured), *others]


@Parameter(name="*")
@dataclass(frozen=True)
class RunsForkOptions:
    """All settings of the command: its flags and its help."""

    origin: str
    """The run that the branch leaves, by its id or its folder."""

    _: KW_ONLY

    run: Path
    """The new folder for the branch, such as runs/b."""

    at: OptionalWhole = None
    """Branch off after this epoch; or"""

    at_update: OptionalWhole = None
    """after this update."""

    seed: OptionalWhole = None
    """Which member of a population, by its seed."""

    learning_rate: float | None = None
    """η from there on."""

    batch_size: OptionalWhole = None
    """Rows per update from there on; only at the end of an epoch."""

    epochs: OptionalWhole = None
    """Epochs in all, those before the branch included; as many as the run by default."""

    folder: RunsFolder = field(default_factory=RunsFolder)

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_fork(options: RunsForkOptions) -> int:
    """Train a branch of a run, and print what a training command prints at its end."""
    from rosenblatt.runs import find
    from rosenblatt.runs.aside import keep_aside
    from rosenblatt.training import Progress
    from rosenblatt.training.run import plan_of
    from rosenblatt.training.storage.folder import RunFolder
    from rosenblatt.training.train import load_run

    if (options.at is None) == (options.at_update is None):
        raise ConfigurationError("say where the branch begins: by --at EPOCH, or --at-update N")
    branch = RunFolder(options.run)
    branch.require_none()
    path = find(options.origin, options.folder.runs)
    run = _member(load_run(path), options.seed)
    command, last_test = read_command(path)
    # Before anything is written, so that what cannot be is refused first.
    run.at(options.at, update=options.at_update)
    keep_aside(branch, command, plan_of(run).train, last_test)
    callbacks: list[Callback] = [] if options.quiet else [Progress(command.measured)]
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
    return conclude_run(forked, command, last_test, options.run, output)


def _member(found: "Run | RunGroup", seed: int | None) -> "Run":
    """Return one run of a population, by its seed."""
    from rosenblatt.training import RunGroup

    if not isinstance(found, RunGroup):
        if seed not in (None, found.seed):
            raise ConfigurationError(f"the run has the seed {found.seed}, not {seed}")
        return found
    known = shorten([str(one) for one in found.seeds])
    if seed is None:
        raise ConfigurationError(f"this is a population with the seeds {known}: say --seed")
    if seed not in found.seeds:
        raise ConfigurationError(f"no run of the population has the seed {seed}, but {known}")
    run: Run = found[found.seeds.index(seed)]
    return run


def read_command(path: Path) -> "tuple[Command, Dataset | None]":
    """Return the command that began a run, and the rows for the test at its end, if it has any.

    For a run that was begun in Python they are made up from what its folder has.
    """
    import warnings

    from rosenblatt.errors import FileError
    from rosenblatt.runs.aside import NAME, Command, DataSummary, read_aside
    from rosenblatt.runs.entry import model_in_words
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(path)
    try:
        return read_aside(folder)
    except FileError as error:
        if (path / NAME).exists():
            warnings.warn(f"{error}; nothing but the run's own rows is measured", stacklevel=2)
    config = folder.read_config()
    train, _, _ = folder.read_data(config)
    measured = [one.settings.get("test") for one in config.callbacks if one.name == "Progress"]
    recipe: Any = train.recipe
    while isinstance(inner := recipe.get("standardized", recipe.get("of")), dict):
        recipe = inner
    made_up = Command(
        name="train",
        model=f"{model_in_words(config.model)}, {config.loss['name']}",
        measured="validation" if measured == ["validation"] else "test",
        data=DataSummary(**describe_data(train.replace(recipe=recipe))),
    )
    return made_up, None


def conclude_run(
    run: "Run",
    command: "Command",
    last_test: "Dataset | None",
    run_dir: Path,
    output: OutputOptions,
) -> int:
    """Print of a run what the command that began it prints at its end."""
    from rosenblatt.models import Perceptron
    from rosenblatt.training.run import plan_of

    plan = plan_of(run)
    train, test = plan.train, plan.test
    validated = command.measured == "validation"
    parts = Splits(
        train=train,
        test=last_test if validated else test,
        validation=test if validated else None,
        standardizer=_standardizer_of(train),
    )
    outcome = Outcome(run, command, parts, run_dir=run_dir)
    if isinstance(run.model, Perceptron):
        return print_summary(outcome, output, compare_weights(outcome))
    return print_summary(outcome, output)


def _standardizer_of(train: "Dataset") -> "Standardizer | None":
    """Return what the inputs went through, as the recipe has it."""
    import numpy as np

    from rosenblatt.data import Standardizer

    recipe: Any = train.recipe
    if "standardized" not in recipe:
        return None
    return Standardizer(np.array(recipe["mean"], float), np.array(recipe["scale"], float))
