"""Edits of the samples on the plane, and the plane itself."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.session import Session


def plane(session: Session, args: Mapping[str, Any]) -> None:
    """Choose axes, held values and visible ranges."""
    names = ("axes", "held", "principal", "x", "y")
    session.set_plane({name: args[name] for name in names if name in args})
    session.refresh(structure=True)


def points(session: Session, args: Mapping[str, Any]) -> None:
    """Start over with edited samples."""
    edits = args.get("edits")
    if not isinstance(edits, list) or not edits:
        raise ConfigurationError("edits are a list of edits of points")
    before = session.settings.get("points", [])
    session.change({"points": [*before, *edits]})
    session.refresh(structure=True)


COMMANDS = {"plane": plane, "points": points}
