"""Recording of a run: every assigned value with its line, and the updates of parameters."""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.record.instrumentation import MOST_IN_PARTS, instrumented
from rosenblatt.check.record.parts import (
    has_array,
    increase,
    opening_of,
    outermost,
    parts_of,
    put_part,
)
from rosenblatt.check.record.past import Past, Reading
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

MOST_EVENTS = 60_000
MOST_VALUES = 2_000_000

MOST_SHUFFLED = 100_000
"""The largest array, in numbers, that is recorded after it was shuffled in place."""

MOST_SUMS = 1000
"""Sums of which the first term is known at a time."""


LONG_LIST = 60
"""Elements of a list above which not every append is recorded."""


class EnoughError(BaseException):
    """The recording has all that the check needs."""


@dataclass(slots=True)
class Event:
    """A value that was assigned, returned or given as an argument.

    Attributes:
        line: of the file.
        name: the text of the target, such as "self.W1"; "return"; the name of an argument.
        function: the function in which it was, "" for the module.
        value: a float array.
        old: the value of the same target before; None where there was none.
        dtype: the kind of the raw value: "f", "i", "u", "b".
        call: the number of the call of the function.
        updates: whether the new value is made of the old one.
        owner: what identifies the target: the object that holds it, and its name in there.
        single: whether the numbers have single precision.
        taken: whether a loop took it from a sequence.
    """

    line: int
    name: str
    function: str
    value: Any
    old: Any
    dtype: str
    call: int
    updates: bool = False
    owner: Any = None
    single: bool = False
    taken: bool = False


@dataclass
class Shift:
    """Numbers that are added to a value while a run is repeated.

    Attributes:
        copies: the events whose arrays or lists are changed.
        moment: the event after which they are changed; a plain number is changed at its own event.
        delta: what is added, in the shape of the value.
    """

    copies: frozenset[int]
    moment: int
    delta: Any


@dataclass(frozen=True)
class Choice:
    """One of the edits that a file can do, and the event after which it is done."""

    edit: int
    after: int


class Recorder:
    """The events of one run; ``shift`` changes a value, ``end`` is the last event that is kept.

    The events before the change are taken from ``past``, if it is given. ``held_values`` is what
    the arrays and lists that a shift changes were before.
    """

    def __init__(
        self,
        shift: Shift | None = None,
        end: int = MOST_EVENTS,
        choice: Choice | None = None,
        past: Past | None = None,
    ) -> None:
        self.shift = shift
        self.choice = choice
        self.end_event = end
        self.held: list[Any] = []
        self.held_values: list[Any] = []
        self.events: list[Event] = []
        self.past = Past(self.events)
        self.known = past
        self.known_calls = 0
        self.known_events = 0
        self.readings_wanted: set[int] = set()
        if past is not None:
            self.known_calls = past.calls_before(_first_change(shift, choice))
            self.readings_wanted = past.readings_across(self.known_calls)
        self.made = 0
        self.is_reading = False
        self.readings = 0
        self.calls = 0
        self.size = 0
        self.stack: list[tuple[str, int]] = [("", 0)]
        self.called: set[tuple[str, int]] = set()
        self.sums: dict[int, tuple[Any, Any]] = {}

    def is_known(self) -> bool:
        """Count a call; return whether it records nothing: the past has its events.

        Neither does a call by student's code that only reads a target, such as a property: where
        the past is known, it is not read.
        """
        if self.is_reading:
            return True
        self.made += 1
        if self.known is None or self.made > self.known_calls:
            return False
        if self.made == self.known_calls:
            self.known_events = self.known.ends[self.made - 1]
            self.events += self.known.events[: self.known_events]
        return True

    def finished(self) -> None:
        """Note the number of events after a call."""
        self.past.ends.append(len(self.events))

    def chosen(self, edits: tuple[int, ...]) -> bool:
        """Return whether one of some edits is done now."""
        choice = self.choice
        return choice is not None and choice.edit in edits and len(self.events) > choice.after

    def enter(self, name: str, line: int, given: dict[str, Any]) -> None:
        """Record the arguments of a call."""
        self.calls += 1
        self.called.add((name, line))
        self.stack.append((name, self.calls))
        if len(self.stack) > 500:
            del self.stack[1:400]
        if self.is_known():
            return
        for argument, value in given.items():
            if argument != "self":
                self.add(line, argument, value, None)
        self.finished()

    def begun(self, name: str, line: int) -> None:
        """Note that a generator has begun."""
        self.called.add((name, line))

    def end(self) -> None:
        """Note the end of a call without a value."""
        if len(self.stack) > 1:
            self.stack.pop()

    def add(
        self, line: int, name: str, value: Any, old: Any, updates: bool = False, owner: Any = None
    ) -> Any:
        """Record a value, and the arrays in a tuple, a list or a dict.

        Returns the number that a shift puts in its place; None where there is none.
        """
        function, call = self.stack[-1]
        instead = None
        for path, raw, array in parts_of(value, name):
            if isinstance(raw, np.ndarray | np.generic):
                dtype = raw.dtype.kind
                single = dtype == "f" and raw.dtype.itemsize < 8
            else:
                dtype = "l" if isinstance(raw, list | tuple) else "fi"[isinstance(raw, int)]
                single = False
            before = old.get(path[len(name) :]) if isinstance(old, dict) else None
            number = len(self.events)
            if self.shift is not None and number in self.shift.copies:
                changed = self._changed(self.shift, raw)
                if changed is not None:
                    array = np.asarray(float(changed))
                    instead = changed if path == name else None
                    put_part(value, path[len(name) :], changed)
                elif not any(raw is kept for kept in self.held):
                    self.held.append(raw)
            self.events.append(
                Event(
                    line,
                    path,
                    function,
                    array,
                    before,
                    dtype,
                    call,
                    updates or self._adds(raw, before),
                    (owner, path[len(name) :]),
                    single,
                )
            )
            self.size += array.size
            if self.shift is not None and number == self.shift.moment:
                self.held_values = [np.array(as_array(kept)) for kept in self.held]
                for kept in self.held:
                    increase(kept, self.shift.delta)
        if len(self.events) > min(self.end_event, MOST_EVENTS) or self.size > MOST_VALUES:
            raise EnoughError
        return instead

    def _adds(self, raw: Any, before: Any) -> bool:
        """Return whether a value is a sum that begins with what its target was before."""
        total, first = self.sums.get(id(raw), (None, None))
        if before is None or total is not raw:
            return False
        return np.array_equal(first, before)

    def _changed(self, shift: Shift, raw: Any) -> Any:
        """Return a plain number with what a shift adds; None for an array, which is held."""
        if isinstance(raw, float | int | np.generic):
            number: Any = raw
            return type(raw)(number + float(shift.delta))
        return None

    def before(self, get: Any) -> Any:
        """Return a copy of the value of a target, None where it has none."""
        if self.is_reading:
            return None
        self.readings += 1
        if not self._is_wanted():
            return None
        try:
            with self.silent():
                parts = parts_of(get(), "")
        # Reading a target may run the student's own code, which may raise anything.
        except Exception:
            return None
        reading = Reading((path, array) for path, _, array in parts)
        reading.number, reading.calls = self.readings, self.made
        return reading

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Record nothing of the student's code that is run."""
        was, calls = self.is_reading, self.calls
        self.is_reading = True
        try:
            yield
        finally:
            self.is_reading, self.calls = was, calls

    def _is_wanted(self) -> bool:
        """Return whether the call that records the last reading is still to come."""
        return self.made >= self.known_calls or self.readings in self.readings_wanted


def _first_change(shift: Shift | None, choice: Choice | None) -> int:
    """Return the first event that a repeated run has to record by itself."""
    if shift is not None:
        return max(0, min((shift.moment, *shift.copies)))
    return 0 if choice is None else max(0, choice.after)


class _Recorder(Recorder):
    def result(self, line: int, value: Any) -> Any:
        """Record a returned value."""
        if not self.is_known():
            self.add(line, "return", value, None)
            self.finished()
        return value

    def begins(self, first: Any, total: Any) -> Any:
        """Note the first term of a sum, and return the sum: it may replace the first term."""
        if self.shift is None and isinstance(total, float | np.ndarray):
            if len(self.sums) >= MOST_SUMS:
                self.sums.clear()
            self.sums[id(total)] = total, first
        return total

    def passed(self, line: int, value: Any) -> Any:
        """Record a value that has no name, and return it."""
        if self.is_known():
            return value
        if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            self.add(line, "compared", value, None)
        self.finished()
        return value

    def label(self, line: int, name: str, value: Any) -> Any:
        """Record a whole number that may be a label, and return it."""
        if self.is_known():
            return value
        single = isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "if"
        number = single or isinstance(value, int | float | np.integer | np.floating)
        if number and not isinstance(value, bool) and float(np.ravel(value)[0]).is_integer():
            self.add(line, name, value, None)
        self.finished()
        return value

    def labels(self, line: int, name: str, value: Any) -> Any:
        """Record numbers of several samples, or a whole number, and return them."""
        if not isinstance(value, np.ndarray) or value.size < 2:
            return self.label(line, name, value)
        if not self.is_known():
            self.add(line, name[:80], value, None)
            self.finished()
        return value

    def taken(self, line: int, name: str, value: Any) -> None:
        """Record what a loop takes; the numbers of a count are left out."""
        if self.is_known():
            return
        if not isinstance(value, bool) and as_array(value) is not None:
            self.add(line, name, value, None)
            self.events[-1].taken = True
        self.finished()

    def appended(self, line: int, name: str, value: Any) -> None:
        """Record a list after append: all of it if it has numbers, else its last element.

        A list of numbers that becomes long, such as the samples, is recorded at some lengths only.
        """
        if self.is_known():
            return
        if isinstance(value, list) and value and as_array(value) is None:
            self.add(line, f"{name}[{len(value) - 1}]"[:80], value[-1], None)
        elif not isinstance(value, list) or len(value) % (len(value) // LONG_LIST * 10 or 1) == 0:
            self.add(line, name[:80], value, None)
        self.finished()

    def shuffled(self, line: int, name: str, value: Any) -> None:
        """Record an array, or a list of numbers, whose order a call has changed in place."""
        if self.is_known():
            return
        array = as_array(value)
        if array is not None and array.size <= MOST_SHUFFLED:
            self.add(line, name[:80], value, None)
        self.finished()

    def filled(self, line: int, name: str, value: Any, part: Any) -> None:
        """Record an array after an assignment to a part of it that has all its entries."""
        if self.is_known():
            return
        small = isinstance(value, np.ndarray) and value.size <= MOST_IN_PARTS
        if small and part().size == value.size:
            self.add(line, name[:80], value, None)
        self.finished()

    def note(
        self,
        line: int,
        text: str,
        value: Any,
        old: Any,
        augmented: bool,
        holder: Any = None,
        index: Any = (),
        holders: Any = None,
        before: Any = None,
    ) -> Any:
        """Record a target after its assignment; return a number to put in its place, or None."""
        if isinstance(old, Reading) and old.calls != self.made:
            self.past.spans.append((old.number, old.calls, self.made))
        if self.is_known():
            return None
        name = text
        # The text of an array says little and takes long.
        if index and not has_array(index):
            try:
                name = f"{text.split('[')[0]}{''.join(f'[{i!r}]' for i in index)}"
                rest = text.rsplit("]", 1)[-1]
                name += rest
            # The index is the student's object; its repr may raise anything.
            except Exception:
                name = text
        whole = self._outermost(holders) if before is not None and holders is not None else None
        owner = (id(holder) if holder is not None else None, name.rsplit(".", 1)[-1])
        if augmented and isinstance(value, np.ndarray) and holder is None:
            owner = (id(value), "")
        instead = self.add(line, name[:80], value, old, augmented and whole is None, owner)
        if whole is not None and whole[0] == before[0]:
            # An element moves with the array or the list that holds it.
            depth, raw = whole
            base = text
            for _ in range(depth + 1):
                base = base[: opening_of(base)]
            self.add(line, base[:80], raw, {"": before[1]}, augmented, (id(raw), ""))
        self.finished()
        return instead

    def _outermost(self, holders: Any) -> tuple[int, Any] | None:
        with self.silent():
            return outermost(holders)

    def unless_large(self, value: Any, most: int) -> Any:
        """Return a value; None for a large array, which would fill the record in a few steps."""
        return None if isinstance(value, np.ndarray) and value.size > most else value

    def whole_before(self, holders: Any) -> Any:
        """Return the depth of the outermost array of numbers that holds a target, and a copy."""
        if self.is_reading or not self._is_wanted():
            return None
        whole = self._outermost(holders)
        return None if whole is None else (whole[0], np.array(as_array(whole[1])))


def record(
    source: Source,
    path: Path,
    name: str,
    seconds: float = 4.0,
    *,
    code: Any = None,
    shift: Shift | None = None,
    end: int = MOST_EVENTS,
    choice: Choice | None = None,
    past: Past | None = None,
    names: dict[str, Any] | None = None,
) -> tuple[Any, Any, Any]:
    """Run the file under a module's name; return recorder, namespace and what ended it.

    ``code`` is the file compiled by :func:`instrumented`, where it is run more than once;
    ``choice`` is the edit that is done, of a file that can do several; ``past`` is what the same
    run recorded without a change; ``names`` are further names that the code uses.
    Generators that the file makes without a seed have seed 0.
    """
    recorder = _Recorder(shift, end, choice, past)
    unseeded = np.random.default_rng
    module = types.ModuleType(name)
    module.__file__ = str(path)
    vars(module).update({"__recorder__": recorder, **(names or {})})
    if name != "__main__":
        sys.modules[name] = module
    ended = None
    arguments = sys.argv
    sys.argv = [str(path)]
    try:
        code = instrumented(source, path) if code is None else code
        np.random.default_rng = _seeded_generator(unseeded)
        seeded(exec, code, vars(module), seconds=seconds)
    except FailedError as error:
        ended = error.cause
    except (SyntaxError, RecursionError, ValueError) as error:
        ended = error
    finally:
        sys.argv = arguments
        np.random.default_rng = unseeded
    return recorder, vars(module), ended


def _seeded_generator(make: Any) -> Any:
    """Return NumPy's ``default_rng`` with seed 0 where none is given."""

    def default_rng(seed: Any = None) -> Any:
        return make(0 if seed is None else seed)

    return default_rng
