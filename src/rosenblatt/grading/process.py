"""The grader's side of the process that runs a submission."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from rosenblatt.check.process import environment
from rosenblatt.grading.messages import HEADER, decode_array

MOST_SECONDS = 60.0
"""Seconds for all questions about one submission; later questions are not asked."""

MOST_BYTES = 32_000_000
"""Bytes that the process of a submission may send."""

MOST_STARTS = 12
"""How often the process is started again after the submission has ended it."""


@dataclass
class Answer:
    """What a submission's code returned to one question.

    Attributes:
        values: arrays by the names that the question gave them. They are numbers and nothing else.
        error: one line about what went wrong, or None.
    """

    values: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    error: str | None = None


@dataclass
class Conversation:
    """The answers of a submission, and which rules of the kernel held for its process."""

    answers: list[Answer]
    isolation: tuple[str, ...] = ()


def ask(
    files: Mapping[str, bytes],
    folder: str,
    questions: Sequence[Sequence[dict[str, Any]]],
    imports: Sequence[str],
) -> Conversation:
    """Ask the code of a submission questions, in a process of its own.

    Args:
        files: the submission's files by their relative path.
        folder: the one of its folders in which the code runs; "" for the top.
        questions: for each, the steps that :mod:`rosenblatt.grading.child` takes.
        imports: the packages that the code may import next to the standard library.
    """
    end = time.monotonic() + MOST_SECONDS
    result = Conversation([Answer(error="not asked: the time was used up") for _ in questions])
    asked = starts = 0
    with tempfile.TemporaryDirectory(prefix="rosenblatt-grade-") as place:
        while asked < len(questions) and starts < MOST_STARTS and time.monotonic() < end:
            work = Path(place).resolve() / str(starts)
            for name, content in files.items():
                path = work / "submission" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            request = {
                "folder": str(work / "submission" / folder),
                "imports": list(imports),
                "files": sorted(
                    {p for name in files for p in PurePosixPath(name).with_suffix("").parts}
                ),
                "questions": [[n, questions[n]] for n in range(asked, len(questions))],
            }
            asked += _Process(str(work), request, end).converse(result, asked)
            starts += 1
    return result


def _modules(name: str) -> tuple[str, ...]:
    """Return the names by which a file and its folders can be imported."""
    return PurePosixPath(name).with_suffix("").parts


class _Process:
    """One process, from its start to its end."""

    def __init__(self, folder: str, request: dict[str, Any], end: float) -> None:
        self._request = json.dumps(request).encode()
        self._received = 0
        self._child = subprocess.Popen(
            [sys.executable, "-m", "rosenblatt.grading.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(folder),
            cwd=folder,
            start_new_session=True,
        )
        self._timer = threading.Timer(max(0.0, end - time.monotonic()), self._kill)

    def converse(self, result: Conversation, first: int) -> int:
        """Fill in answers from number ``first`` on; return how many questions are settled.

        The question at which the process ended is settled as well: it has no answer.
        """
        number = first
        self._timer.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                assert self._child.stdin is not None
                self._child.stdin.write(self._request)
                self._child.stdin.close()
            result.isolation = tuple(map(str, self._receive()["isolation"]))
            for number in range(first, len(result.answers)):
                message = self._receive()
                result.answers[number] = _answer_of(message, number)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            result.answers[number] = Answer(error=self._ending(str(error)))
        finally:
            self._timer.cancel()
            self._kill()
            self._child.wait()
            assert self._child.stdout is not None
            self._child.stdout.close()
        return number - first + 1

    def _receive(self) -> dict[str, Any]:
        header = self._read(HEADER)
        if not re.fullmatch(rb"[0-9a-f]+", header) or int(header, 16) > MOST_BYTES:
            raise ValueError("it wrote into the grader's channel")
        length = int(header, 16)
        return dict(json.loads(self._read(length)))

    def _read(self, length: int) -> bytes:
        self._received += length
        if self._received > MOST_BYTES:
            raise ValueError("it sent more than the grader takes")
        assert self._child.stdout is not None
        data = self._child.stdout.read(length)
        if len(data) < length:
            raise ValueError("")
        return data

    def _kill(self) -> None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
        else:
            self._child.kill()

    def _ending(self, problem: str) -> str:
        if problem:
            return f"the code disturbed the grading: {problem}"[:300]
        status = self._child.wait()
        if status in (-signal.SIGKILL, -signal.SIGXCPU):
            return "the code took too much time or memory"
        return "the code ended the process in which it was graded"


def _answer_of(message: dict[str, Any], number: int) -> Answer:
    if message.get("question") != number:
        raise ValueError("it wrote into the grader's channel")
    values = {str(name): decode_array(value) for name, value in message["answers"].items()}
    error = message.get("error")
    return Answer(values, None if error is None else _printable(str(error)))


def _printable(text: str) -> str:
    """Return one line of printable characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:400]
