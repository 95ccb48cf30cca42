"""``rosenblatt runs resume RUN``."""

import sys
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import Parameter

from rosenblatt.cli.output import Output
from rosenblatt.cli.parsing import OptionalWhole
from rosenblatt.cli.runs_folder import Folder, conclude_run, read_command
from rosenblatt.cli.runs_show import show
from rosenblatt.cli.training import how_to_go_on, saying_how_to_go_on

if TYPE_CHECKING:
    from rosenblatt.training import Callback
    from rosenblatt.training.storage.config import RunConfig


@Parameter(name="*")
@dataclass(frozen=True)
class ResumeSettings:
    """All settings of the command: its flags and its help."""

    run: str
    """The run's id, or its folder."""

    _: KW_ONLY

    folder: Folder = field(default_factory=Folder)

    epochs: OptionalWhole = None
    """Epochs in all, where that is more than first asked."""

    checkpoint_every: float | None = None
    """Seconds between checkpoints. [default: 1]"""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""


def runs_resume(settings: ResumeSettings) -> int:
    """Go on with a run, and print what the command that began it prints at its end."""
    from rosenblatt.checks import real_number
    from rosenblatt.runs import find
    from rosenblatt.training import RunGroup
    from rosenblatt.training.plan import CHECKPOINT_EVERY
    from rosenblatt.training.storage.folder import RunFolder
    from rosenblatt.training.train import resume

    path = find(settings.run, settings.folder.runs)
    config = RunFolder(path).read_config()
    every = CHECKPOINT_EVERY
    if settings.checkpoint_every is not None:
        every = real_number(settings.checkpoint_every, "--checkpoint-every", at_least=0)
    command, last_test = read_command(path)
    callbacks = _callbacks(config, path, command.measured, quiet=settings.quiet)
    with saying_how_to_go_on(path):
        run = resume(path, epochs=settings.epochs, callbacks=callbacks, checkpoint_every=every)
    output = Output(json=settings.json, quiet=settings.quiet)
    if not isinstance(run, RunGroup):
        return conclude_run(run, command, last_test, path, output)
    show(path, "runs resume", as_json=settings.json)
    if run[0].directory is None:
        print(
            f"rosenblatt: error: the end of the runs was not kept in {path}; when it can be, "
            f"{how_to_go_on(path)}",
            file=sys.stderr,
        )
        return 2
    if all(one.diverged for one in run):
        print(f"rosenblatt: error: {run[0].stopped}", file=sys.stderr)
        return 2
    return 0


def _callbacks(config: "RunConfig", path: Path, measured: str, *, quiet: bool) -> "list[Callback]":
    """Return the callbacks of a run, made again; whether to show progress is asked anew."""
    from rosenblatt.errors import ConfigurationError
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
