"""Items of which a few at a time are computed elsewhere."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")

SECONDS_BETWEEN_TICKS = 0.25
"""While nothing ends, ``tick`` is called this often."""


class Flight(Generic[T]):
    """Items that are begun, a few ahead of those that have ended.

    Args:
        items: what to compute; the next is taken when it is begun.
        submit: begins an item and returns its future.

    Attributes:
        under_way: the position and the item of each future.
    """

    def __init__(self, items: Iterable[T], submit: Callable[[T], Any]) -> None:
        self.under_way: dict[Any, tuple[int, T]] = {}
        self._items = enumerate(items)
        self._lost: deque[tuple[int, T]] = deque()
        self._losses: Counter[int] = Counter()
        self._submit = submit
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._is_stopped = False

    def fill(self, most: int) -> None:
        """Begin items until ``most`` are under way, or none is left.

        Items that were lost come last. One that was lost twice is under way alone, so that it is
        known whether it ended its process, or another did.
        """
        while len(self.under_way) < most and not self._is_stopped:
            place = next(self._items, None)
            if place is None:
                is_alone = any(self._losses[at] > 1 for at, _ in self.under_way.values())
                if not self._lost or is_alone:
                    return
                if self._losses[self._lost[0][0]] > 1 and self.under_way:
                    return
                place = self._lost.popleft()
            try:
                future = self._submit(place[1])
            except BaseException:
                self._lost.append(place)
                raise
            self.under_way[future] = place
            future.add_done_callback(self._ended.put)

    def next(self, tick: Callable[[], None]) -> tuple[int, T, Any]:
        """Wait until an item ends, and return its position, the item and its future.

        Args:
            tick: is called while nothing ends; what it raises ends the wait.
        """
        while True:
            with suppress(Empty):
                future = self._ended.get(timeout=SECONDS_BETWEEN_TICKS)
                if future in self.under_way:
                    return *self.under_way.pop(future), future
            tick()

    def has_ended(self) -> bool:
        """Return whether :meth:`next` need not wait."""
        return not self._ended.empty()

    def repeat(self, place: int, item: T) -> int:
        """Compute an item again that was lost, and return how many times it has been."""
        self._lost.append((place, item))
        self._losses[place] += 1
        return self._losses[place]

    def stop(self) -> None:
        """Begin no other item."""
        self._is_stopped = True
