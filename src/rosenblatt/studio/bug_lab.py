"""The bug lab in the page: programs are measured in a process of their own, one at a time."""

import base64
import threading
from collections.abc import Callable, Mapping
from typing import Any

from rosenblatt.check.process import MOST_SECONDS
from rosenblatt.errors import ConfigurationError
from rosenblatt.lab.bugs import Bug, choose
from rosenblatt.lab.symptoms import describe_symptoms, measure_right, measure_text, picture_of
from rosenblatt.lab.verdict import compare

ABOUT = {
    "name": "find-the-bug",
    "title": "Find the bug",
    "about": "A program with one bug: find it from its curves and gradients, and repair it.",
    "minutes": 20,
    "bug_lab": True,
}
"""The entry in the list of lessons."""


class BugLab:
    """The bug lab of one session.

    Args:
        shared: whether other machines reach the session: a program then runs only if the kernel's
            rules hold, and reads no files but Python's.
    """

    def __init__(self, *, shared: bool = False) -> None:
        self.shared = shared
        self._measuring = threading.Lock()

    def check(self, bug: Bug, source: str, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Return the symptoms of a program, the verdict on it and, if it is repaired, the answer.

        The picture is PNG in base64; None of a program that fails.

        Args:
            bug: the bug that was to be repaired.
            source: the program as the student has it.
            progress: called with the seconds so far and the most; what it raises ends the process.

        Raises:
            ConfigurationError: another program is being measured, this one is too long, or it
                comes from another machine and the system has not the rules for that.
        """
        if not self._measuring.acquire(blocking=False):
            raise ConfigurationError(
                "another program of this studio is being checked; check yours when that is done"
            )
        try:
            measured = measure_text(
                source,
                guarded=self.shared,
                watch=lambda seconds: progress(int(seconds), int(MOST_SECONDS)),
            )
            verdict = compare(measured, measure_right(bug.program))
            picture: str | None = None
            if verdict.reason is None:
                png = picture_of(measured, bug.program, portrait=True)
                picture = base64.b64encode(png).decode("ascii")
        finally:
            self._measuring.release()
        return {
            "repaired": verdict.repaired,
            "verdict": verdict.lines(),
            "symptoms": describe_symptoms(measured, bug.program),
            "picture": picture,
            "answer": bug.answer() if verdict.repaired else None,
        }


def chosen_bug(args: Mapping[str, Any]) -> Bug:
    """Return the bug that the arguments of a command choose, by ``seed`` and ``difficulty``.

    Raises:
        ConfigurationError: a seed or a difficulty that cannot be.
    """
    seed: Any = args.get("seed")
    return choose(seed, args.get("difficulty"))
