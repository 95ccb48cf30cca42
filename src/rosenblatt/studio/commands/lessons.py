"""Lessons: the list of them, and which one is open."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.studio.bug_lab import ABOUT
from rosenblatt.studio.session import Session


def lessons(session: Session, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return name, title and length of every lesson, the bug lab last."""
    names = ("name", "title", "about", "minutes")
    texts = [{name: getattr(one, name) for name in names} for one in session.lessons.values()]
    return texts if session.bug_lab is None else [*texts, ABOUT]


def lesson(session: Session, args: Mapping[str, Any]) -> None:
    """Open a lesson with its settings, or close it where ``name`` is null."""
    name = args.get("name")
    if name is None:
        session.lesson = None
    elif isinstance(name, str) and name in session.lessons:
        session.open_lesson(session.lessons[name])
    else:
        known = nearest(str(name)[:80], session.lessons)
        raise ConfigurationError(f"there is no lesson {str(name)[:80]!r}{known}")
    session.refresh(structure=True)


COMMANDS = {"lessons": lessons, "lesson": lesson}
