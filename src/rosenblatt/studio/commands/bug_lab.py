"""The bug lab: a program with a bug, its hints and its answer. Checking it is a job."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.bug_lab import BugLab, chosen_bug
from rosenblatt.studio.session import Session


def lab_of(session: Session) -> BugLab:
    """Return the bug lab of a session.

    Raises:
        ConfigurationError: the session has none.
    """
    if session.bug_lab is None:
        raise ConfigurationError("this studio has lessons of its own, and the bug lab is not one")
    return session.bug_lab


def bug_program(session: Session, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the program with the bug of a seed and a difficulty; training stops."""
    lab_of(session)
    bug = chosen_bug(args)
    session.pause()
    session.refresh()
    return {"source": bug.source, "difficulty": bug.difficulty}


def bug_hint(session: Session, args: Mapping[str, Any]) -> str:
    """Return a hint: level 1 the place, 2 a question, 3 the line and the formula."""
    lab_of(session)
    level: Any = args.get("level")
    return chosen_bug(args).hint(level)


def bug_answer(session: Session, args: Mapping[str, Any]) -> list[str]:
    """Return the answer in lines, for who gives up."""
    lab_of(session)
    return chosen_bug(args).answer()


COMMANDS = {"bug_program": bug_program, "bug_hint": bug_hint, "bug_answer": bug_answer}
