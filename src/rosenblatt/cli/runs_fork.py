"""``rosenblatt runs fork RUN``."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import Parameter

from rosenblatt.cli.output import Output
from rosenblatt.cli.parsing import OptionalWhole
from rosenblatt.cli.runs_folder import Folder, conclude_run, read_command
from rosenblatt.cli.training import saying_how_to_go_on
from rosenblatt.errors import ConfigurationError, shorten

if TYPE_CHECKING:
    from rosenblatt.training import Callback, Run, RunGroup


@Parameter(name="*")
@dataclass(frozen=True)
class ForkSettings:
    """All settings of the command: its flags and its help."""

    origin: str
    """The run that the branch leaves, by its id or its folder."""

    _: KW_ONLY

    run: Path
    """The new folder that the branch is kept in, such as runs/b."""

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

    folder: Folder = field(default_factory=Folder)

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_fork(settings: ForkSettings) -> int:
    """Train a branch of a run, and print what a training command prints at its end."""
    from rosenblatt.runs import find
    from rosenblatt.runs.aside import keep_aside
    from rosenblatt.training import Progress
    from rosenblatt.training.run import plan_of
    from rosenblatt.training.storage.folder import RunFolder
    from rosenblatt.training.train import load_run

    if (settings.at is None) == (settings.at_update is None):
        raise ConfigurationError("say where the branch begins: by --at EPOCH, or --at-update N")
    branch = RunFolder(settings.run)
    branch.require_none()
    path = find(settings.origin, settings.folder.runs)
    run = _member(load_run(path), settings.seed)
    command, last_test = read_command(path)
    # Before anything is written, so that what cannot be is refused first.
    run.at(settings.at, update=settings.at_update)
    keep_aside(branch, command, plan_of(run).train, last_test)
    callbacks: list[Callback] = [] if settings.quiet else [Progress(command.measured)]
    with saying_how_to_go_on(settings.run):
        forked = run.fork(
            settings.at,
            update=settings.at_update,
            learning_rate=settings.learning_rate,
            batch_size=settings.batch_size,
            epochs=settings.epochs,
            callbacks=callbacks,
            run_dir=settings.run,
        )
    output = Output(json=settings.json, quiet=settings.quiet)
    return conclude_run(forked, command, last_test, settings.run, output)


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
