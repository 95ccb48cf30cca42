"""The base class of contenders."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from benchmarks.material import Material
from rosenblatt.layers import Params


class UnsupportedError(Exception):
    """A contender cannot do this work; the message says why."""


class Contender(ABC):
    """Trains a work. One that has several ways to do so has a name for each; the fastest counts.

    A contender is made, prepared in one of its ways, and then run; every run starts from the
    initial weights.
    """

    one_by_one: ClassVar[bool] = False
    """Whether the members of a population are trained one after the other.

    The time of a member is then that of any other: :meth:`run` trains the first only.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self.work = material.work

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways in which it can train this work.

        Raises:
            UnsupportedError: there is none.
        """
        return ("",)

    @property
    def members_per_run(self) -> int:
        """How many members :meth:`run` trains."""
        return 1 if self.one_by_one else self.work.members

    @property
    def epochs_at_once(self) -> int:
        """:meth:`run` is fastest for multiples of this many epochs."""
        return 1

    @abstractmethod
    def prepare(self, way: str) -> float | None:
        """Get ready to train that way, compiling; return the seconds of compilation, if any."""

    @abstractmethod
    def run(self, epochs: int) -> Any:
        """Train for ``epochs`` and return when it is done; what it returns is its own."""

    @abstractmethod
    def final(self, epochs: int) -> list[Params]:
        """Return the weights of every member after ``epochs``."""


def seconds_of(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
