"""Time and branches: any update, undo and redo."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.session import Session


def go(session: Session, args: Mapping[str, Any]) -> None:
    """Show an update of a branch."""
    update = whole_number(args.get("update"), "update", at_least=0)
    number = args.get("branch")
    branch = session.branch if number is None else session.tree.find(number)
    session.pause()
    if branch is session.branch:
        session.place.move_to(min(update, branch.newest))
        session.refresh()
    else:
        session.show_branch(branch, update)
        session.refresh(structure=True)


def undo(session: Session, args: Mapping[str, Any]) -> None:
    """Return to the state before the last change."""
    session.undo()
    session.refresh(structure=True)


def redo(session: Session, args: Mapping[str, Any]) -> None:
    """Take the last undo back."""
    session.redo()
    session.refresh(structure=True)


def branch(session: Session, args: Mapping[str, Any]) -> None:
    """Show a branch at its newest update."""
    found = session.tree.find(_number(args))
    session.show_branch(found)
    session.refresh(structure=True)


def _number(args: Mapping[str, Any]) -> Any:
    if "branch" not in args:
        raise ConfigurationError('the number of the branch is missing: {"branch": 3}')
    return args["branch"]


def remove(session: Session, args: Mapping[str, Any]) -> None:
    """Remove a branch with all that began from it."""
    found = session.tree.find(_number(args))
    one = session.branch
    while one.parent is not None and one is not found:
        one = one.parent
    if one is found:
        raise ConfigurationError("the shown branch cannot be removed; show another one first")
    session.remember()
    session.tree.remove(found)
    session.refresh(structure=True)


COMMANDS = {
    "go": go,
    "undo": undo,
    "redo": redo,
    "branch": branch,
    "remove": remove,
}
