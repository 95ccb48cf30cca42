"""A callback that writes evaluations to a CSV file."""

import csv
from pathlib import Path
from typing import Any, ClassVar, TextIO

from rosenblatt.errors import FileError
from rosenblatt.training.in_progress import Callback, RunInProgress


class CSVLog(Callback):
    """Write every evaluation to a CSV file as soon as it is made.

    Args:
        path: the file; "{seed}" in its name is replaced by the run's seed.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = rb.CSVLog(Path(folder, "log.csv"))
    ...     run = rb.train(rb.MLP(2, [2], 2), rb.data.moons(40), epochs=2, callbacks=[log])
    ...     len(Path(folder, "log.csv").read_text().splitlines())
    4
    """

    writes_to: ClassVar[str | None] = "path"

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._file: TextIO | None = None
        self._writer: Any = None

    def on_start(self, run: RunInProgress) -> None:
        """Open the file, and write the rows that a resumed run has already.

        Raises:
            FileError: it cannot be written.
        """
        path = Path(self.path.replace("{seed}", str(run.seed)))
        try:
            self._file = path.open("w", newline="", encoding="utf-8")
        except OSError as error:
            raise FileError(f"cannot write the log {path}: {error.strerror}") from error
        self._writer = None
        for row in run.rows:
            self._write(row)

    def on_evaluation(self, run: RunInProgress) -> None:
        """Write one row."""
        self._write(run.metrics)

    def on_end(self, run: RunInProgress) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {"path": self.path}

    def _write(self, row: dict[str, float]) -> None:
        """Write one row, and the header before the first."""
        if self._file is None:
            return
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, fieldnames=list(row))
            self._writer.writeheader()
        self._writer.writerow(row)
        self._file.flush()
