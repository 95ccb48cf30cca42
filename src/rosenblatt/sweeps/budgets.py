"""Budgets of a sweep: how long it may take, and how many epochs it may train."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.sweeps.chunks import Chunk
from rosenblatt.sweeps.networks import Networks


class OutOfTimeError(Exception):
    """The time of a budget is over; what has not ended is dropped."""


class Budget:
    """What one call may use.

    At least one chunk is trained, so that a call that is repeated comes to the end.

    Args:
        max_seconds: from now on; None for any time.
        max_epochs: of all networks together; None for any number.

    Raises:
        ConfigurationError: a budget that is not positive.
    """

    def __init__(self, max_seconds: object = None, max_epochs: object = None) -> None:
        self._end: float | None = None
        if max_seconds is not None:
            seconds = real_number(max_seconds, "max_seconds", above=0)
            self._end = time.monotonic() + seconds
        self._epochs: int | None = None
        if max_epochs is not None:
            self._epochs = whole_number(max_epochs, "max_epochs", at_least=1)
        self._has_begun = self._has_trained = False

    def chunks(self, networks: Networks, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yield chunks as long as the budget lasts; the last may be cut.

        Raises:
            ConfigurationError: there are not enough epochs for one network.
        """
        for chunk in chunks:
            if self._is_over():
                return
            if self._epochs is None:
                yield chunk
                continue
            all_epochs = networks.cells[chunk.group.cells[0]].epochs
            epochs = (chunk.epochs or all_epochs) - chunk.before
            affordable = chunk.networks[: self._epochs // epochs]
            self._epochs -= len(affordable) * epochs
            if affordable:
                self._has_begun = True
                yield replace(chunk, networks=affordable)
            if len(affordable) < len(chunk.networks):
                if not self._has_begun:
                    raise ConfigurationError(
                        f"max_epochs={self._epochs} is less than the {epochs} epochs of a network; "
                        f"give at least {epochs}"
                    )
                return

    def end(self) -> None:
        """Take note that a chunk has ended."""
        self._has_trained = True

    def check(self) -> None:
        """Raise OutOfTimeError if the time is over."""
        if self._is_over():
            raise OutOfTimeError

    def _is_over(self) -> bool:
        return self._has_trained and self._end is not None and time.monotonic() >= self._end
