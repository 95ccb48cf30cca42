"""A callback that writes TensorBoard's event files."""

import itertools
import os
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.training.callbacks.logged import (
    SECONDS_BETWEEN_WRITES,
    Ending,
    Plain,
    ending_of,
    error_in_flight,
    measured,
    settings_of,
)
from rosenblatt.training.in_progress import Callback, RunInProgress

SUFFIX = ".rosenblatt"
"""The suffix of event files that this callback may replace."""


class TensorBoardLog(Callback):
    """Write event files that TensorBoard shows: ``tensorboard --logdir FOLDER``.

    Each run has a folder named after its seed: ``FOLDER/seed-0``; a second run of that seed at the
    same time has ``FOLDER/seed-0-2``. A run replaces the event files of an earlier one in its
    folder, and no other files.

    Every column of the history is a scalar, with the epoch as its step: an epoch is the same amount
    of data for every batch size, and the updates are a column. Columns without a meaning are left
    out. The format holds 32-bit floats, so that a count above 16 777 216 is rounded. The settings
    are hyperparameters and a text; how the run ended is the hyperparameters' status and a text.

    A resumed run writes a new file with the times of the first one: it has every epoch once.

    Needs the package tensorboardX: ``pip install 'rosenblatt[tensorboard]'``.

    Args:
        folder: the folder of the runs' folders; it is created.

    Raises:
        ConfigurationError: tensorboardX is not installed.

    >>> import tempfile, rosenblatt as rb
    >>> data, folder = rb.data.gaussians(20, seed=0), tempfile.TemporaryDirectory()
    >>> log = rb.TensorBoardLog(folder.name)
    >>> runs = rb.train_many(rb.MLP(2, [], 2), data, seeds=[5, 6], epochs=8, callbacks=[log])
    >>> sorted(path.name for path in Path(folder.name).iterdir())
    ['seed-5', 'seed-6']
    >>> folder.cleanup()
    """

    serves_many: ClassVar[bool] = True
    writes_to: ClassVar[str | None] = "folder"

    def __init__(self, folder: str | Path) -> None:
        try:
            import tensorboardX  # noqa: F401 - whether it is there
        except ImportError as error:
            raise ConfigurationError(
                "a TensorBoard log needs the package tensorboardX: "
                "pip install 'rosenblatt[tensorboard]'"
            ) from error
        self.folder = str(folder)
        self._files: dict[int, _EventFile] = {}

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"folder": self.folder}

    def on_start(self, run: RunInProgress) -> None:
        """Start the run's file with its settings.

        Raises:
            FileError: it cannot be written; also from the other hooks.
        """
        file = _EventFile(self._folder_of(run))
        self._files[id(run)] = file
        file.begin(settings_of(run), columns=_columns(run))

    def _folder_of(self, run: RunInProgress) -> Path:
        """Return the folder of a new run; several runs may have the same seed."""
        taken = {file.folder.name for file in self._files.values()}
        name = f"seed-{run.seed}"
        names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
        return Path(self.folder) / next(name for name in names if name not in taken)

    def on_evaluation(self, run: RunInProgress) -> None:
        """Write one row."""
        self._files[id(run)].add_row(run.metrics, time.time())

    def on_end(self, run: RunInProgress) -> None:
        """Write how the run ended, and close its file."""
        file = self._files.pop(id(run))
        file.end(ending_of(run, file.error_before), step=run.epoch)

    def state(self, run: RunInProgress) -> dict[str, Any]:
        """Write all rows to the disk, and return their times."""
        file = self._files[id(run)]
        file.flush()
        return {"wall_times": np.array(file.wall_times, dtype=np.float64)}

    def restore(self, run: RunInProgress, state: Mapping[str, Any]) -> None:
        """Write the rows up to the checkpoint again, with their old times."""
        saved = state.get("wall_times")
        fits = isinstance(saved, np.ndarray) and saved.ndim == 1 and saved.dtype.kind == "f"
        times = saved.tolist()[: len(run.rows)] if saved is not None and fits else []
        times += [time.time()] * (len(run.rows) - len(times))
        for row, at in zip(run.rows, times, strict=True):
            self._files[id(run)].add_row(row, at)


class _EventFile:
    """The event file of one run.

    It is written record by record in this thread. The other writers of tensorboardX use a thread
    of their own, lose its errors and then wait for it for ever.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboardX import RecordWriter

        self.folder = folder
        self.error_before = error_in_flight()
        self.wall_times: list[float] = []
        # TensorBoard reads a folder in the order of the names.
        unique = f"{time.time():.6f}.{secrets.token_hex(4)}"
        self._path = folder / f"events.out.tfevents.{unique}{SUFFIX}"
        self._writer: Any = None
        self._written = time.monotonic()
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
            self._writer = RecordWriter(str(self._path))
            for earlier in folder.glob(f"events.out.tfevents.*{SUFFIX}"):
                if earlier != self._path:
                    _empty(earlier)

    def begin(self, settings: Mapping[str, Plain], columns: list[str]) -> None:
        """Write the settings, as hyperparameters and as a text."""
        from tensorboardX.proto.event_pb2 import SessionLog
        from tensorboardX.summary import hparams, text

        self._add(file_version="brain.Event:2")
        # A TensorBoard that shows the folder already then forgets the rows of an earlier file.
        self._add(session_log=SessionLog(status=SessionLog.START))
        experiment, start, _ = hparams(dict(settings), dict.fromkeys(columns, 0.0))
        table = "\n".join(f"| {name} | `{value}` |" for name, value in settings.items())
        for summary in (experiment, start, text("settings", f"| | |\n|---|---|\n{table}")):
            self._add(summary=summary)
        self.flush()

    def add_row(self, row: Mapping[str, float], at: float) -> None:
        """Write one row of the history, measured at the time ``at``."""
        from tensorboardX.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=name, simple_value=value) for name, value in measured(row).items()
        ]
        self.wall_times.append(at)
        self._add(step=int(row["epoch"]), at=at, summary=Summary(value=values))
        if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self.flush()

    def end(self, ending: Ending, step: int) -> None:
        """Write how the run ended, and close the file."""
        from tensorboardX.proto.api_pb2 import Status
        from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData, SessionEndInfo
        from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboardX.summary import text

        status = "STATUS_SUCCESS" if ending.outcome == "finished" else "STATUS_FAILURE"
        info = SessionEndInfo(status=Status.Value(status), end_time_secs=time.time())
        plugin = SummaryMetadata.PluginData(
            plugin_name="hparams",
            content=HParamsPluginData(version=0, session_end_info=info).SerializeToString(),
        )
        metadata = SummaryMetadata(plugin_data=plugin)
        value = Summary.Value(tag="_hparams_/session_end_info", metadata=metadata)
        for summary in (Summary(value=[value]), text("ended", str(ending))):
            self._add(step=step, summary=summary)
        self.flush()
        self._close()

    def flush(self) -> None:
        """Write buffered records to the disk."""
        if self._writer is not None:
            with self._writing():
                self._writer.flush()
        self._written = time.monotonic()

    def _add(self, step: int = 0, at: float | None = None, **content: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        event = Event(step=step, wall_time=time.time() if at is None else at, **content)
        if self._writer is not None:
            with self._writing():
                self._writer.write(event.SerializeToString())

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Close the file if it cannot be written, so that this is the only error of the run."""
        try:
            yield
        except OSError as error:
            self._close()
            raise FileError(
                f"cannot write the log {self._path}: {error.strerror or error}"
            ) from error

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(OSError):
                writer.close()


def _empty(earlier: Path) -> None:
    """Empty a file, and remove it the next time.

    A TensorBoard that reads a removed file waits for ever; from an empty one it continues with the
    new file.
    """
    if earlier.stat().st_size:
        os.truncate(earlier, 0)
    else:
        earlier.unlink()


def _columns(run: RunInProgress) -> list[str]:
    """Return the columns that a table of hyperparameters shows next to them."""
    sets = ["train"] if run.test is None else ["train", "test"]
    return [f"{name}_{measure}" for name in sets for measure in ("loss", "accuracy")]
