"""The part of a run before a change. A repeated run takes it over and records the rest."""

import bisect
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Past:
    """The events of a run, by the calls of its recorder.

    Attributes:
        events: all events of the run.
        ends: the number of events after each call.
        spans: (number of a reading, calls before it, calls before its statement was recorded) of
            each statement that made other calls in between.
    """

    events: list[Any] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    spans: list[tuple[int, int, int]] = field(default_factory=list)

    def calls_before(self, event: int) -> int:
        """Return how many calls of the recorder made all their events before ``event``."""
        return bisect.bisect_right(self.ends, event)

    def readings_across(self, calls: int) -> set[int]:
        """Return the readings before the call ``calls`` that later calls need."""
        return {number for number, first, last in self.spans if first < calls <= last}


class Reading(dict[str, Any]):
    """Copies of the values of a target before its assignment, by path."""

    number = 0
    calls = 0
