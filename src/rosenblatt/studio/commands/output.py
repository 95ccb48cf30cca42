"""What leaves the studio: code, links and folders of runs; and runs that are opened."""

from collections.abc import Callable, Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import as_command, as_link, as_python, as_toml
from rosenblatt.settings.data_options import is_generator
from rosenblatt.studio.session import Session


def code(session: Session, args: Mapping[str, Any]) -> str:
    """Return the shown run as Python, as a command, as a link or as TOML."""
    form = args.get("as")
    setup = session.setup()
    if form != "link":
        # "auto" would take another engine for a short run, and rounding differs between engines.
        setup.setdefault("engine", session.branch.live.plan.engine.name)
    if form == "python":
        name = setup["data"]
        return as_python(setup, None if is_generator(name) else session.branch.root.prepared.data)
    forms: dict[Any, Callable[[Mapping[str, Any]], str]] = {
        "command": as_command,
        "link": as_link,
        "toml": as_toml,
    }
    if not isinstance(form, str) or form not in forms:
        raise ConfigurationError(f'as is "python", "command", "link" or "toml", got {form!r}')
    return forms[form](setup)


def save(session: Session, args: Mapping[str, Any]) -> dict[str, Any]:
    """Save the shown branch in the folder of runs."""
    setup = session.setup() | {"at": session.branch.newest}
    path = session.saved.save(args.get("name"), session.branch.live, setup)
    session.touched = True
    return {"name": path.name, "folder": str(session.saved.folder)}


def open_run(session: Session, args: Mapping[str, Any]) -> None:
    """Show a run of the folder of runs."""
    path = session.saved.path(args.get("name"))
    session.pause()
    session.open(path)
    session.refresh(structure=True)


def runs(session: Session, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the runs that can be opened."""
    return session.saved.listed()


COMMANDS = {"code": code, "save": save, "open": open_run, "runs": runs}
