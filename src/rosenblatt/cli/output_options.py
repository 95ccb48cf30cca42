"""Options for the results of a training command, and the files that they name."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.files import is_folder, is_there
from rosenblatt.settings.params import OUTPUT

if TYPE_CHECKING:
    from rosenblatt.training import History

FIGURES = (".png", ".svg", ".pdf")


@Parameter(name="*", group=OUTPUT)
@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """The files to write, and the form of the printed result."""

    config: Path | None = None
    """A TOML file with any of these settings; flags given here override it."""

    run: Path | None = None
    """Keep the run in this new folder, such as runs/a, so that it survives this process."""

    checkpoint_every: float | None = None
    """With --run: seconds between checkpoints. [default: 0.5]"""

    save: Path | None = None
    """Write the model to this .safetensors file."""

    history: Path | None = None
    """Write every evaluation to this .csv or .parquet file."""

    plot: Path | None = None
    """Draw loss and accuracy to this .png, .svg or .pdf file."""

    json: bool = False
    """Print one JSON object."""

    quiet: bool = False
    """Show no progress."""

    def check(self) -> None:
        """Refuse files that could not be written, before any work is done for them."""
        for flag, path, suffixes in (
            ("--save", self.save, (".safetensors",)),
            ("--history", self.history, (".csv", ".parquet")),
            ("--plot", self.plot, FIGURES),
        ):
            if path is not None:
                check_writable(flag, path, suffixes)
        if self.run is not None:
            from rosenblatt.training.storage.folder import RunFolder

            RunFolder(self.run).require_none()
        elif self.checkpoint_every is not None:
            raise ConfigurationError("--checkpoint-every has no meaning without --run")


def check_writable(flag: str, path: Path, suffixes: Sequence[str]) -> None:
    """Raise FileError unless a file of that name and kind could be made."""
    if "\0" in str(path):
        raise FileError(f"{flag} {path}: no file's name has a NUL character in it")
    if path.suffix.lower() not in suffixes:
        raise FileError(f"{flag} {path}: the name must end in {' or '.join(suffixes)}")
    if is_folder(path):
        raise FileError(f"{flag} {path}: this is a folder; add a file name to it")
    if not is_folder(path.parent):
        reason = "is not a folder" if is_there(path.parent) else "does not exist; create it"
        raise FileError(f"{flag} {path}: {path.parent} {reason}")
    if not os.access(path.parent, os.W_OK):
        raise FileError(f"{flag} {path}: the folder {path.parent} is read-only")


def write_history(history: "History", path: Path) -> None:
    """Write the table of evaluations."""
    from rosenblatt.files import atomic_write

    table = history.to_arrow()
    with atomic_write(path) as file:
        if path.suffix.lower() == ".csv":
            import pyarrow.csv

            pyarrow.csv.write_csv(table, file)
        else:
            import pyarrow.parquet

            pyarrow.parquet.write_table(table, file)


def write_plot(history: "History", path: Path) -> None:
    """Draw the loss, and the accuracy where there is one, against the epoch."""
    import numpy as np

    from rosenblatt.plotting import new_figure, save_figure

    shown = ["loss"] + ["accuracy"] * bool(np.isfinite(history["train_accuracy"]).any())
    figure, axes = new_figure(len(shown))
    if history:
        for ax, column in zip(axes, shown, strict=True):
            history.plot(column, ax=ax)
    save_figure(figure, path)
