"""What ended a run, in words that tell what to do."""

import ast
from pathlib import Path

from rosenblatt.check.descent.replay import tracks_of
from rosenblatt.check.limits.sandbox import OutOfTimeError, text_of
from rosenblatt.check.record.recording import EnoughError, Event
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.text import Source


def described(error: BaseException | None) -> str:
    """Return the type and the text of an error, and what to do about it.

    >>> described(FileNotFoundError(2, "No such file", "data.csv"))
    "FileNotFoundError: [Errno 2] No such file: 'data.csv'; put the file next to the program"
    """
    if isinstance(error, SystemExit):
        words = _usage(error)
        if words:
            return f"{words}; give each a default, so that the program runs without arguments"
        return f"SystemExit: {text_of(error)}"
    words = f"{type(error).__name__}: {text_of(error)}".rstrip(": ")
    if isinstance(error, FileNotFoundError):
        return f"{words}; put the file next to the program"
    if isinstance(error, ModuleNotFoundError):
        return f"{words}; install the package, or put the module next to the program"
    if isinstance(error, NotImplementedError):
        return f"{words}; write this part first"
    return words


def _usage(error: SystemExit) -> str:
    """Return what argparse reports before it exits; "" for another exit."""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_name == "error" and frame.f_globals.get("__name__") == "argparse":
            return str(frame.f_locals.get("message", ""))
        trace = trace.tb_next
    return ""


def failure(error: BaseException | None, path: Path) -> str:
    """Return in which line and by what a run failed; "" where it ended or was stopped."""
    if error is None or isinstance(error, EnoughError | OutOfTimeError):
        return ""
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return ""
    line = last_line(error, path)
    return f"{f'line {line}: ' if line else ''}{described(error)}"


def stop(error: BaseException | None, events: list[Event], source: Source, path: Path) -> str:
    """Return where and why the check stopped a run that had not ended; "" for another end.

    It is "" too where a parameter had two updates, which are enough for a comparison.
    """
    if isinstance(error, EnoughError):
        why = "because it had computed more values than the check records"
    elif isinstance(error, OutOfTimeError):
        why = text_of(error).removeprefix("stopped ")
    else:
        return ""
    if tracks_of(events):
        return ""
    line = last_line(error, path)
    words = f"the check stopped the run{f' in line {line}' if line else ''} {why}"
    loop = _loop(source, line)
    return f"{words}; the loop of line {loop} had not ended" if loop else words


def _loop(source: Source, line: int | None) -> int | None:
    """Return the line of the outermost ``while`` around a line."""
    loops = [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.While) and line and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return min(loops, default=None)


def last_line(error: BaseException, path: Path) -> int | None:
    """Return the line of the file in which an error was raised or passed last."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def unwritten(source: Source) -> str:
    """Return the first function of which there is only ``raise NotImplementedError``.

    A method of a class with subclasses in the file is written in those. "" where there is none.
    """
    bases = {
        ast.unparse(base).split(".")[-1]
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    places: list[tuple[int, str]] = []
    scopes: list[ast.Module | ast.ClassDef] = [source.tree]
    scopes += [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
    for scope in scopes:
        if isinstance(scope, ast.ClassDef) and scope.name in bases:
            continue
        for node in scope.body:
            if isinstance(node, ast.FunctionDef):
                places += [
                    (part.lineno, _raised(part.exc))
                    for part in node.body
                    if isinstance(part, ast.Raise) and part.exc is not None
                    if "NotImplementedError" in ast.unparse(part.exc)
                ]
    if not places:
        return ""
    places.sort()
    line, text = places[0]
    more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
    return f"line {line}: {text}{more}; this part is not written yet"


def _raised(error: ast.expr) -> str:
    """Return an error with its text as Python prints it."""
    if isinstance(error, ast.Call) and error.args and isinstance(error.args[0], ast.Constant):
        return f"NotImplementedError: {error.args[0].value!s}"
    return "NotImplementedError"


def nothing_found(source: Source, coverage: Coverage) -> str:
    """Return why nothing of a file was checked, although each of its statements works."""
    nothing = "nothing with a forward and a backward pass was recognized"
    return unwritten(source) or "; ".join(filter(None, (nothing, coverage.stopped)))
