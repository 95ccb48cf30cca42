"""What keeps a run in its folder while it goes on, and hears Ctrl-C."""

import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rosenblatt.errors import FileError
from rosenblatt.training.folder import RunFolder
from rosenblatt.training.training import Keeper, Training

MOST_SHARE = 0.02
"""Writing takes no more of the time than this: checkpoints that take long are less frequent."""


class FolderKeeper(Keeper):
    """Writes a checkpoint every so many seconds.

    A checkpoint that cannot be written (the disk is full) is no end of a run: it goes on, and the
    next one is tried. ``failure`` is what the last one met.

    Args:
        folder: where to.
        every: seconds between checkpoints.
    """

    def __init__(self, folder: RunFolder, every: float) -> None:
        self.folder, self.every = folder, every
        self.failure: FileError | None = None
        self._interrupted = False
        self._is_first = True
        self._next = time.monotonic()

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interrupted

    def keep(self, members: Sequence[Training], *, now: bool) -> None:
        """Write a checkpoint if it is time to, or has to be now."""
        started = time.monotonic()
        if not now and started < self._next:
            return
        state = "interrupted" if self._interrupted else "running"
        try:
            self.folder.save_checkpoint(members)
            self.folder.write_progress(members, state)
        except FileError as error:
            self._fail(error)
        else:
            self.failure = None
        took = time.monotonic() - started
        # The first loads libraries, and says nothing about how long the next will take.
        self._next = started + max(self.every, 0 if self._is_first else took / MOST_SHARE)
        self._is_first = False

    def _fail(self, error: FileError) -> None:
        if self.failure is None:
            warnings.warn(
                f"no checkpoint was written: {error}; the run goes on, and the next one is tried",
                stacklevel=2,
            )
        self.failure = error

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Take the first Ctrl-C as the wish for a checkpoint and an end; the second ends at once.

        Only where Ctrl-C would end the program: a handler of the user's own stays.
        """
        if (
            threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        ):
            yield
            return

        def hear(number: int, frame: FrameType | None) -> Any:
            if self._interrupted:
                signal.default_int_handler(number, frame)
            self._interrupted = True

        signal.signal(signal.SIGINT, hear)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
