"""Answers to ``input()``: numbers with which a training makes a few updates."""

import linecache
import re
import sys
from typing import Any

_ANSWERS = (
    (r"/ ?no?\b|\byes\b|again|continue|quit", "n"),
    (r"batch", "4"),
    (r"\b((learning|lern)?rate|l r|lr|eta|alpha|tasa|taux|passo)\b", "0.1"),
    (r"momentum|\bmu\b|beta|decay", "0.9"),
    (r"seed", "0"),
)
"""Words of the prompt or of the line, and the answer."""

USUAL = "5"
"""The answer to other questions: epochs, units, samples."""

given: dict[int, str] = {}
"""The answers so far, by the line of the file."""


def answer(prompt: Any = "", *_: Any) -> str:
    """Answer a call of ``input()``.

    >>> answer("Learning rate? "), answer("How many epochs? ")
    ('0.1', '5')
    """
    frame = sys._getframe(1)
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    text = next((prompt for prompt in (str(prompt), line.partition("=")[0]) if prompt.strip()), "")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ").lower()
    result = next((number for pattern, number in _ANSWERS if re.search(pattern, words)), USUAL)
    given[frame.f_lineno] = result
    return result


def told() -> str:
    """Return what was answered in which line; "" where nothing was asked."""
    lines = sorted(given.items())[:6]
    return ", ".join(f"input() in line {line} was answered {text!r}" for line, text in lines)
