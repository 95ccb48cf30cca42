"""The command line: parse, call one public function, print.

Results go to stdout, progress and errors to stderr. An error that the user can cause is one line
and exit status 2; Ctrl-C is 130. The modules of commands are imported when a command is
used. NumPy is imported where flags follow from a registry, and heavier libraries inside functions
only, so that ``--help`` is quick.
"""

import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import rosenblatt.cli.printing  # noqa: F401  (how streams spell what they lack)
from rosenblatt.errors import RosenblattError

OK, FAILED, INTERRUPTED, BROKEN_PIPE = 0, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        argv: the words after the program's name; those of this process by default.
    """
    with _without_console(), _without_backend():
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no "→" shows "->" rather than a traceback.
            stream.reconfigure(errors="rosenblatt.readable")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            status = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
    except RosenblattError as error:
        return _fail(str(error))
    except MemoryError as error:
        return _fail(f"not enough memory: {error}; ask for less, or use smaller data")
    except KeyboardInterrupt as interruption:
        advice = f"; {interruption}" if str(interruption) else ""
        print(f"rosenblatt: interrupted{advice}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return BROKEN_PIPE
    except OSError as error:
        _discard_stdout()
        return _fail(f"cannot write the results to {error.filename or 'stdout'}: {error.strerror}")
    return status


@contextmanager
def _without_console() -> Iterator[None]:
    """Discard what is written to streams that are closed, as a service's may be."""
    missing = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    with ExitStack() as stack:
        for name in missing:
            mode = "r" if name == "stdin" else "w"
            nowhere = stack.enter_context(Path(os.devnull).open(mode, encoding="utf-8"))
            setattr(sys, name, nowhere)
            stack.callback(setattr, sys, name, None)
        yield


@contextmanager
def _without_backend() -> Iterator[None]:
    """Keep Matplotlib from looking for the window system of MPLBACKEND: commands open no windows.

    It refuses to load where the variable names none that it knows.
    """
    name = "MPLBACKEND"
    backend = os.environ.pop(name, None)
    try:
        yield
    finally:
        if backend is not None:
            os.environ[name] = backend


def _discard_stdout() -> None:
    """Python flushes stdout once more when it exits, and would complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    from cyclopts import CycloptsError

    from rosenblatt.cli.app import app
    from rosenblatt.cli.usage_errors import explain

    try:
        status = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(explain(error))
    return status if isinstance(status, int) else OK


def _warn(message: Warning | str, *where: Any, **more: Any) -> None:
    """Print a warning as one line, without the place in the code that it comes from."""
    print(f"rosenblatt: warning: {' '.join(str(message).split())}", file=sys.stderr)


def _fail(message: str) -> int:
    print(f"rosenblatt: error: {' '.join(message.split())}", file=sys.stderr)
    return FAILED
