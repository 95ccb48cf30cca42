"""Recording of a run: every assigned value with its line, and the updates of parameters."""

import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.instrumentation import instrumented
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import as_array
from rosenblatt.check.subjects import seeded

MOST_EVENTS = 60_000
MOST_VALUES = 2_000_000
MOST_HELD = 400
"""Numbers of an array that is recorded whole when one of its elements is assigned."""


MOST_SUMS = 1000
"""Sums of which the first term is known at a time."""


class EnoughError(BaseException):
    """The recording has all that the check needs."""


@dataclass
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
    """The events of one run; ``shift`` changes a value, ``end`` is the last event that is kept."""

    def __init__(
        self,
        shift: Shift | None = None,
        end: int = MOST_EVENTS,
        choice: Choice | None = None,
    ) -> None:
        self.shift = shift
        self.choice = choice
        self.end_event = end
        self.held: list[Any] = []
        self.events: list[Event] = []
        self.calls = 0
        self.size = 0
        self.stack: list[tuple[str, int]] = [("", 0)]
        self.called: set[tuple[str, int]] = set()
        self.sums: dict[int, tuple[Any, Any]] = {}

    def chosen(self, edit: int) -> bool:
        """Return whether an edit is done now."""
        choice = self.choice
        return choice is not None and choice.edit == edit and len(self.events) > choice.after

    def enter(self, name: str, line: int, given: dict[str, Any]) -> None:
        """Record the arguments of a call."""
        self.calls += 1
        self.called.add((name, line))
        self.stack.append((name, self.calls))
        if len(self.stack) > 500:
            del self.stack[1:400]
        for argument, value in given.items():
            if argument != "self":
                self.add(line, argument, value, None)

    def leave(self, line: int, value: Any) -> Any:
        """Record what a call returns."""
        self.add(line, "return", value, None)
        if len(self.stack) > 1:
            self.stack.pop()
        return value

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
        for path, raw in _parts(value, name):
            array = as_array(raw)
            if array is None:
                continue
            dtype = (
                raw.dtype.kind
                if isinstance(raw, np.ndarray | np.generic)
                else ("i" if isinstance(raw, int) else "f")
            )
            if isinstance(raw, list | tuple):
                dtype = "l"
            before = old.get(path[len(name) :]) if isinstance(old, dict) else None
            number = len(self.events)
            if self.shift is not None and number in self.shift.copies:
                instead = self._changed(self.shift, raw) if path == name else None
                if instead is not None:
                    array = np.asarray(float(instead))
                elif not any(raw is kept for kept in self.held):
                    self.held.append(raw)
            single = isinstance(raw, np.ndarray | np.generic) and raw.dtype.itemsize < 8
            self.events.append(
                Event(
                    line,
                    path,
                    function,
                    np.array(array),
                    before,
                    dtype,
                    call,
                    updates or self._adds(raw, before),
                    (owner, path[len(name) :]),
                    single and dtype == "f",
                )
            )
            self.size += array.size
            if self.shift is not None and number == self.shift.moment:
                for kept in self.held:
                    _increase(kept, self.shift.delta)
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
        try:
            parts = _parts(get(), "")
        # Reading a target may run the student's own code, which may raise anything.
        except Exception:
            return None
        return {path: np.array(as_array(raw)) for path, raw in parts}


def _parts(value: Any, name: str, depth: int = 0) -> list[tuple[str, Any]]:
    if as_array(value) is not None:
        return [(name, value)]
    if depth > 2:
        return []
    if isinstance(value, dict):
        return [
            part
            for key, inner in list(value.items())[:40]
            for part in _parts(inner, f"{name}[{key!r}]", depth + 1)
        ]
    if isinstance(value, list | tuple):
        return [
            part
            for i, inner in enumerate(value[:40])
            for part in _parts(inner, f"{name}[{i}]", depth + 1)
        ]
    return []


def _increase(value: Any, delta: Any) -> None:
    """Add to an array or to nested lists, in place."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.flags.writeable:
            value += np.reshape(delta, value.shape)
    elif isinstance(value, list):
        for i, part in enumerate(delta):
            if isinstance(value[i], list):
                _increase(value[i], part)
            else:
                value[i] = value[i] + float(part)


class _Recorder(Recorder):
    def result(self, line: int, value: Any) -> Any:
        """Record a returned value."""
        self.add(line, "return", value, None)
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
        if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            self.add(line, "compared", value, None)
        return value

    def label(self, line: int, name: str, value: Any) -> Any:
        """Record a whole number that may be a label, and return it."""
        number = isinstance(value, int | float | np.integer | np.floating)
        if number and not isinstance(value, bool) and float(value).is_integer():
            self.add(line, name, value, None)
        return value

    def taken(self, line: int, name: str, value: Any) -> None:
        """Record what a loop takes; the numbers of a count are left out."""
        if not isinstance(value, bool) and as_array(value) is not None:
            self.add(line, name, value, None)
            self.events[-1].taken = True

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
        name = text
        if index:
            try:
                name = f"{text.split('[')[0]}{''.join(f'[{i!r}]' for i in index)}"
                rest = text.rsplit("]", 1)[-1]
                name += rest
            # The index is the student's object; its repr may raise anything.
            except Exception:
                name = text
        whole = _whole(holders) if before is not None and holders is not None else None
        owner = (id(holder) if holder is not None else None, name.rsplit(".", 1)[-1])
        if augmented and isinstance(value, np.ndarray) and holder is None:
            owner = (id(value), "")
        instead = self.add(line, name[:80], value, old, augmented and whole is None, owner)
        if whole is not None and whole[0] == before[0]:
            # An element moves with the array or the list that holds it.
            depth, raw = whole
            base = text
            for _ in range(depth + 1):
                base = base[: _opening(base)]
            self.add(line, base[:80], raw, {"": before[1]}, True, (id(raw), ""))
        return instead

    def whole_before(self, holders: Any) -> Any:
        """Return the depth of the outermost array of numbers that holds a target, and a copy."""
        whole = _whole(holders)
        return None if whole is None else (whole[0], np.array(as_array(whole[1])))


def _whole(holders: Any) -> tuple[int, Any] | None:
    """Return the outermost of nested holders that is an array of numbers, with its depth."""
    found = None
    try:
        for depth, raw in enumerate(holders()):
            array = as_array(raw)
            if array is None or not 0 < array.size <= MOST_HELD:
                break
            found = depth, raw
    # Reading a holder may run the student's own code, which may raise anything.
    except Exception:
        return None
    return found


def _opening(text: str) -> int:
    """Return where the last index of a target's text begins."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == "]") - (text[place] == "[")
        if depth == 0:
            return place
    return 0


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
) -> tuple[Any, Any, Any]:
    """Run the file under a module's name; return recorder, namespace and what ended it.

    ``code`` is the file compiled by :func:`instrumented`, where it is run more than once;
    ``choice`` is the edit that is done, of a file that can do several.
    Generators that the file makes without a seed have seed 0.
    """
    recorder = _Recorder(shift, end, choice)
    unseeded = np.random.default_rng
    module = types.ModuleType(name)
    module.__file__ = str(path)
    vars(module)["__recorder__"] = recorder
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
