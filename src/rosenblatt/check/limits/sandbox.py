"""Limits on the process that runs a student's code."""

import builtins
import contextlib
import ctypes
import io
import os
import signal
import sys
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.limits.answers import answer

MOST_MEMORY = 4 << 30
"""Bytes of address space; an import of NumPy alone reserves half a gigabyte."""

MOST_PROCESSOR_SECONDS = 120
"""Seconds of processor time of the whole check."""

_NETWORK_NAMESPACE = 0x40000000
_USER_NAMESPACE = 0x10000000
_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "os.kill",
    "os.killpg",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "shutil.rmtree",
    "shutil.move",
    "subprocess.Popen",
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "pty.spawn",
)
"""Events (PEP 578) that end in a PermissionError."""


_AGAIN = 0.2
"""Seconds after which a limit strikes again, should the first time have been caught."""

_TIMERS: dict[int, tuple[int, float, Callable[[], float]]] = (
    {
        signal.ITIMER_VIRTUAL: (signal.SIGVTALRM, 1.0, lambda: os.times().user),
        # Sleeping takes no processor time.
        signal.ITIMER_REAL: (signal.SIGALRM, 2.5, time.monotonic),
    }
    if hasattr(signal, "setitimer")
    else {}
)
"""Of each timer its signal, its limit as a multiple of the seconds, and the clock it counts by."""

_WATCHED = 2.0
"""Seconds of the clock over which code that may be asleep is watched."""
_AWAKE = 0.02
"""The share of them in which code that is not asleep computes, however busy the machine is."""


_OWN = Path(__file__).parents[1]
"""The folder of the check's own code."""

_LIBRARIES = ("<", sysconfig.get_path("stdlib"), str(Path(np.__file__).parent))
"""What the files of the standard library and of NumPy begin with."""


class OutOfTimeError(BaseException):
    """Student's code ran longer than it may. Code that catches Exception does not catch it."""


def restrict(more_memory: int = 0) -> Callable[[Path, str], None]:
    """Limit this process; return the function that writes the answer.

    Args:
        more_memory: bytes of address space that a loaded package takes, added to the limit.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NETWORK_NAMESPACE) != 0:
            libc.unshare(_USER_NAMESPACE | _NETWORK_NAMESPACE)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        for name, limit in (
            ("RLIMIT_AS", MOST_MEMORY + more_memory),
            ("RLIMIT_CPU", MOST_PROCESSOR_SECONDS),
            ("RLIMIT_FSIZE", 20_000_000),
            ("RLIMIT_CORE", 0),
        ):
            number = getattr(resource, name)
            hard = resource.getrlimit(number)[1]
            soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(number, (soft, hard))
    folder = os.path.realpath(tempfile.gettempdir())
    state = {"closed": True}

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if not state["closed"]:
            return
        if event == "open":
            path, mode, flags = arguments
            writing = (isinstance(mode, str) and any(letter in mode for letter in "wax+")) or (
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writing and isinstance(path, str | bytes | os.PathLike):
                real = os.path.realpath(os.fsdecode(path))
                if not real.startswith(folder + os.sep) and real != os.devnull:
                    raise PermissionError(f"the check does not write {real}")
        elif event in _FORBIDDEN and not (
            arguments
            and isinstance(arguments[0], str)
            and os.path.realpath(arguments[0]).startswith(folder + os.sep)
        ):
            raise PermissionError(f"the check does not allow {event}")

    sys.addaudithook(audit)

    def leave(*_: object) -> None:
        raise SystemExit

    os._exit = leave  # type: ignore[assignment]
    builtins.input = answer
    # A notebook has it without an import.
    vars(builtins).setdefault("display", lambda *_, **__: None)
    real_open = builtins.open

    def open_elsewhere(file: Any, mode: str = "r", *args: Any, **settings: Any) -> Any:
        if isinstance(file, str | os.PathLike) and any(letter in mode for letter in "wax+"):
            file = Path(folder) / Path(os.fspath(file)).name
        return real_open(file, mode, *args, **settings)

    builtins.open = open_elsewhere
    io.open = open_elsewhere

    def write(path: Path, text: str) -> None:
        state["closed"] = False
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(number, text.encode())
        os.close(number)

    return write


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the body after ``seconds`` of processor time, again and again.

    A body that sleeps is ended by the clock; one that waits for its turn on a busy machine is not.
    A limit within another one ends with the outer one at the latest, which goes on after it.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    seen = time.monotonic(), time.process_time()

    def stop(number: int, _: object) -> None:
        nonlocal seen
        if number == signal.SIGALRM:
            now = time.monotonic(), time.process_time()
            clock, computed = now[0] - seen[0], now[1] - seen[1]
            if clock < _WATCHED:
                return
            seen = now
            if computed > _AWAKE * clock:
                return
            raise OutOfTimeError("stopped because it waited instead of computing")
        raise OutOfTimeError(f"stopped after {seconds:g} s of processor time")

    began = {timer: clock() for timer, (_, _, clock) in _TIMERS.items()}
    outer = {timer: signal.getitimer(timer)[0] for timer in _TIMERS}
    handlers = {}
    for timer, (number, factor, _) in _TIMERS.items():
        handlers[number] = signal.signal(number, stop)
        delay = factor * seconds
        signal.setitimer(timer, min(delay, outer[timer] or delay), _AGAIN)
    try:
        yield
    finally:
        for timer, (number, _, clock) in _TIMERS.items():
            signal.setitimer(timer, 0)
            signal.signal(number, handlers[number])
            if outer[timer]:
                left = outer[timer] - (clock() - began[timer])
                signal.setitimer(timer, max(left, 1e-3), _AGAIN)


def attempt(call: Callable[..., Any], *args: Any, seconds: float = 2.0, **settings: Any) -> Any:
    """Return what a call of student's code returns.

    Raises:
        FailedError: it raised something, exited, or ran out of time.
    """
    try:
        with at_most(seconds), np.errstate(all="ignore"):
            return call(*args, **settings)
    except BaseException as error:
        raise FailedError(error) from None


class FailedError(Exception):
    """Student's code did not return; ``cause`` is what it raised."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"{type(cause).__name__}: {text_of(cause)}")
        self.cause = cause

    def own_error(self) -> str:
        """Return the error and its line if the check itself raised it; "" if the student's code.

        >>> try:
        ...     attempt(text_of, "too", "many")
        ... except FailedError as error:
        ...     error.own_error()[:22]
        'TypeError in sandbox.p'
        """
        inner = self.cause
        while isinstance(inner, FailedError):
            inner = inner.cause
        if not isinstance(inner, Exception) or isinstance(inner, MemoryError):
            return ""
        for frame in reversed(traceback.extract_tb(inner.__traceback__)):
            path = Path(frame.filename)
            if _OWN in path.parents:
                return f"{type(inner).__name__} in {path.name}, line {frame.lineno}"
            if not frame.filename.startswith(_LIBRARIES):
                return ""
        return ""


def text_of(error: object) -> str:
    """Return the text of an exception, whose class can be student's code that never ends."""
    try:
        with at_most(0.5):
            return str(error)
    except BaseException:
        return "without a text"
