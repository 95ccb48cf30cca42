"""The file's own calls: its functions and methods with the arguments that its script gives them."""

import copy
import io
import sys
import types
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_MODULE = "student_script"
_MOST_CALLS = 2
_MOST_KNOWN_CALLS = 2000
"""Calls in a row of which none is needed, until the script is ended: the rest is training."""
_SECONDS = 1.5


class _EnoughError(BaseException):
    """Ends the script."""


@dataclass(frozen=True)
class RecordedCall:
    """A function, its arguments by name with ``self`` for methods, copied before the call."""

    function: Any
    values: dict[str, Any]


def recorded_calls(source: Source) -> list[RecordedCall]:
    """Return the first calls of each function while the file runs as a script."""
    module = types.ModuleType(_MODULE)
    vars(module)["__name__"] = "__main__"
    calls: list[RecordedCall] = []
    counts: dict[Any, int] = {}
    known = 0

    def watch(frame: types.FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        nonlocal known
        if event != "call" or code.co_filename != _MODULE or code.co_name.startswith("<"):
            return
        known += 1
        if known > _MOST_KNOWN_CALLS:
            raise _EnoughError
        if counts.get(code, 0) >= _MOST_CALLS or not code.co_argcount:
            return
        known = 0
        counts[code] = counts.get(code, 0) + 1
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        first = frame.f_locals.get(names[0])
        function = getattr(type(first), code.co_name, None) if names[0] == "self" else None
        function = function or frame.f_globals.get(code.co_name)
        if getattr(function, "__code__", None) is not code:
            return
        sys.setprofile(None)
        # A call with an argument that cannot be copied is left out.
        with suppress(Exception):
            values = {name: copy.deepcopy(frame.f_locals[name]) for name in names}
            calls.append(RecordedCall(function, values))
        sys.setprofile(watch)

    def run() -> None:
        code = compile(source.text, _MODULE, "exec")
        sys.setprofile(watch)
        try:
            with redirect_stdout(io.StringIO()):
                exec(code, vars(module))
        finally:
            sys.setprofile(None)

    sys.modules[_MODULE] = module
    try:
        seeded(run, seconds=_SECONDS)
    except FailedError:
        pass
    finally:
        sys.modules.pop(_MODULE, None)
    return calls
