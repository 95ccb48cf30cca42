"""How far work has come, on standard error."""

import sys
import time
from collections.abc import Callable
from itertools import chain, repeat
from types import TracebackType
from typing import Any, Self, TextIO

SECONDS_BETWEEN_LINES = 5.0
LONGEST_PLAIN = 1e6
"""Losses from here on are written as powers of ten."""


def standard_error() -> TextIO | None:
    """Return the standard error; None where there is none, or where it is closed.

    Programs without a console and services have none.
    """
    return None if sys.stderr is None or sys.stderr.closed else sys.stderr


def written_loss(loss: float, digits: int = 4) -> str:
    """Write a loss with so many decimals, or where that is long with as many digits and one.

    >>> written_loss(0.21164912), written_loss(34066561999177.0), written_loss(1e227, digits=6)
    ('0.2116', '3.4067e+13', '1e+227')
    """
    return f"{loss:.{digits}f}" if abs(loss) < LONGEST_PLAIN else f"{loss:.{digits + 1}g}"


class Bar:
    """A bar with the time left on a terminal, else a line now and then.

    Args:
        total: how much work there is, in any unit.
        count: says in a few words how much of it is done.
        quiet: show nothing.
    """

    def __init__(self, total: float, count: Callable[[float], str], *, quiet: bool = False) -> None:
        self._total = total
        self._count = count
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._left = TimeLeft(total)
        self._last_line = 0.0

    def __enter__(self) -> Self:
        self._last_line = time.monotonic()
        stderr = standard_error()
        if not self._quiet and stderr is not None and stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn
            from rich.table import Column

            self._left = TimeLeft(self._total)
            # Where the terminal is narrow, the description is cut and nothing else.
            self._bar = Progress(
                TextColumn("{task.fields[count]}", table_column=Column(no_wrap=True)),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[left]}", style="progress.remaining"),
                TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
                console=Console(stderr=True),
                expand=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(
                "", total=self._total, count=self._count(0), left=self._left
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def show(self, done: float, what: str) -> None:
        """Show that so much work is done, and ``what`` came of it."""
        if self._bar is not None:
            self._left.update(done)
            self._bar.update(self._task, completed=done, description=what, count=self._count(done))
        elif not self._quiet and time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            if stderr := standard_error():
                print(f"{self._count(done)}: {what}", file=stderr)

    def resume(self, done: float, what: str) -> None:
        """Show that so much work was done before this began, which says nothing about its speed."""
        self._left.skip(done)
        self.show(done, what)


class TimeLeft:
    """How long the rest takes, if it goes on as fast as all that was done so far.

    Its text changes with the time: it counts down while a long piece of work is silent.

    >>> str(TimeLeft(total=10))
    '-:--:--'
    """

    def __init__(self, total: float) -> None:
        self._total = total
        self._skipped = 0.0
        self._started = time.monotonic()
        self._end: float | None = None

    def skip(self, done: float) -> None:
        """Take note that so much of the work takes no time; the rest begins now."""
        self._skipped = done
        self._started = time.monotonic()

    def update(self, done: float) -> None:
        """Take note that so much of the work is done now."""
        if done > self._skipped:
            elapsed = time.monotonic() - self._started
            share = (self._total - self._skipped) / (done - self._skipped)
            self._end = self._started + elapsed * share

    def __str__(self) -> str:
        if self._end is None:
            return "-:--:--"
        minutes, seconds = divmod(max(0, round(self._end - time.monotonic())), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def shown_by(bar: Bar) -> Callable[[str, float], None]:
    """Return the function that shows what is worked on, and the fraction that is done.

    Its first call reports the work of earlier runs, which tells nothing of the time left.
    """
    shows = chain([bar.resume], repeat(bar.show))

    def show(name: str, done: float) -> None:
        next(shows)(done, name)

    return show
