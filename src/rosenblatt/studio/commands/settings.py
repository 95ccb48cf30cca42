"""Changes of settings, and runs from the start."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.prepared import prepare
from rosenblatt.studio.session import Session

SEEDS = 1 << 31
"""Seeds that the page draws are below this."""


def set_one(session: Session, args: Mapping[str, Any]) -> None:
    """Change one setting."""
    key = args.get("key")
    if not isinstance(key, str):
        raise ConfigurationError("set needs the key of a setting")
    set_several(session, {"settings": {key: args.get("value")}})


def set_several(session: Session, args: Mapping[str, Any]) -> None:
    """Change settings together."""
    changes = args.get("settings")
    if changes is None:
        changes = {key: value for key, value in args.items() if key not in ("id", "do")}
    if not isinstance(changes, Mapping):
        raise ConfigurationError("settings are an object of values by key")
    session.change(changes)
    session.refresh(structure=True)


def reset(session: Session, args: Mapping[str, Any]) -> None:
    """Return to update 0 of a run with the present settings: the same run again."""
    session.remember()
    for branch in session.tree.branches:
        if branch.parent is None and branch.prepared.settings == session.settings:
            session.show_branch(branch, 0)
            break
    else:
        session.start(prepare(session.settings, session.source), "from the start")
    session.pause()
    session.refresh(structure=True)


def reseed(session: Session, args: Mapping[str, Any]) -> None:
    """Start over with the next seed: other initial weights and other orders."""
    seed = (session.prepared.seed + 1) % SEEDS
    session.change({"seed": seed})
    session.refresh(structure=True)


COMMANDS = {"set": set_one, "settings": set_several, "reset": reset, "reseed": reseed}
