"""Checkpoints of a run while it trains, and the end of a run at Ctrl-C."""

import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rosenblatt.errors import FileError
from rosenblatt.training.in_progress import RunInProgress
from rosenblatt.training.storage.folder import RunFolder

MOST_SHARE = 0.02
"""The largest share of the time spent writing. Checkpoints that take long are less frequent."""


class Checkpointer:
    """Writes a checkpoint at intervals.

    A checkpoint that cannot be written (the disk is full) does not end a run; the next one is
    tried. ``failure`` is the error of the last one.

    Args:
        folder: the run's folder.
        every: seconds between checkpoints.
    """

    def __init__(self, folder: RunFolder, every: float) -> None:
        self.folder, self.every = folder, every
        self.failure: FileError | None = None
        self.is_interrupted = False
        """Whether Ctrl-C was pressed."""
        self._is_first = True
        self._next = time.monotonic()

    def save(self, members: Sequence[RunInProgress], *, now: bool) -> None:
        """Write a checkpoint if it is time, or in any case if ``now``."""
        started = time.monotonic()
        if not now and started < self._next:
            return
        state = "interrupted" if self.is_interrupted else "running"
        try:
            self.folder.save_checkpoint(members)
            self.folder.write_progress(members, state)
        except FileError as error:
            self._fail(error)
        else:
            self.failure = None
        took = time.monotonic() - started
        # The first also loads libraries, so its time does not predict the next.
        self._next = started + max(self.every, 0 if self._is_first else took / MOST_SHARE)
        self._is_first = False

    def _fail(self, error: FileError) -> None:
        if self.failure is None:
            warnings.warn(
                f"no checkpoint was written: {error}; training continues with the next one",
                stacklevel=2,
            )
        self.failure = error

    @contextmanager
    def catching_interrupts(self) -> Iterator[None]:
        """End the run after a checkpoint at the first Ctrl-C, and at once at the second.

        A handler that the user has set stays in force.
        """
        if (
            threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        ):
            yield
            return

        def interrupt(number: int, frame: FrameType | None) -> Any:
            if self.is_interrupted:
                signal.default_int_handler(number, frame)
            self.is_interrupted = True

        signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
