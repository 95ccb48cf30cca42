"""What NumPy and Python say of the numbers of the file's own run: logarithms of 0, overflows."""

import ast
import io
import re
import sys
import types
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.run_ends import last_line
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

MOST_SECONDS = 3.0
"""Processor time of the run, which is not recorded: most files end in it."""

_LOG_OF_ZERO = re.compile(r"divide by zero encountered in log|math domain error|positive input")
_OVERFLOW = re.compile(r"overflow encountered in exp|math range error")
_NOT_A_NUMBER = re.compile(r"invalid value encountered in (true_)?divide")


def warned(source: Source, path: Path) -> list[dict[str, Any]]:
    """Return findings for a logarithm of 0, and for a softmax that overflows, in the whole run.

    An overflow of exp alone makes no wrong number: 1 / (1 + ∞) is 0. Where a sum of exponentials
    divides them, ∞ / ∞ is not a number.
    """
    if not re.search(r"\blog\w*\(|exp\w*\(", source.code):
        return []
    texts = _warnings(source, path)
    zero = next((line for text, line in texts if _LOG_OF_ZERO.search(text)), None)
    lost = [_function(source, line) for text, line in texts if _NOT_A_NUMBER.search(text)]
    over = next(
        (
            line
            for text, line in texts
            if _OVERFLOW.search(text) and ("range" in text or _function(source, line) in lost)
        ),
        None,
    )
    # Logarithms of what is not a number follow from it.
    if over is not None:
        text = "exp overflows in the file's own run, and the result is not a number; subtract the "
        return [_finding(source, "softmax-overflow", over, text + "largest of its inputs first.")]
    if zero is not None:
        text = "The file's own run takes the logarithm of a number that is exactly 0."
        return [_finding(source, "log-of-zero", zero, text)]
    return []


def _warnings(source: Source, path: Path) -> list[tuple[str, int]]:
    """Return (text, line) of the warnings of the file's own lines, and of what ends the run."""
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    arguments, sys.argv = sys.argv, [str(path)]
    code = compile(source.text, str(path), "exec")

    def run() -> None:
        with (
            np.errstate(divide="warn", over="warn", invalid="warn"),
            redirect_stdout(io.StringIO()),
        ):
            exec(code, vars(module))

    end: list[tuple[str, int]] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            seeded(run, seconds=MOST_SECONDS)
        except FailedError as error:
            line = last_line(error.cause, path)
            if isinstance(error.cause, ValueError | OverflowError) and line:
                end = [(str(error.cause), line)]
        finally:
            sys.argv = arguments
    return [(str(w.message), w.lineno) for w in caught if w.filename == str(path)] + end


def _function(source: Source, line: int) -> Any:
    """Return the function that has a line; None for statements in none."""
    around = [f for f in source.functions if f.lineno <= line <= (f.end_lineno or 0)]
    return max(around, key=lambda f: f.lineno, default=None)


def _finding(source: Source, mistake: str, line: int, text: str) -> dict[str, Any]:
    function: Any = _function(source, line)
    where = function.name if isinstance(function, ast.FunctionDef) else "the script"
    return {"mistake": mistake, "where": where, "line": line, "text": text}
