"""``rosenblatt runs rm RUN ...``."""

import sys
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.cli.printing import emit, printable
from rosenblatt.cli.runs_folder import Folder
from rosenblatt.errors import ConfigurationError


@Parameter(name="*")
@dataclass(frozen=True)
class RemoveSettings:
    """All settings of the command: its flags and its help."""

    ids: Annotated[tuple[str, ...], Parameter(negative=())]
    """The ids of the runs."""

    _: KW_ONLY

    folder: Folder = field(default_factory=Folder)

    yes: Annotated[bool, Parameter(negative=())] = False
    """Remove them without asking."""

    json: bool = False
    """Print one JSON object."""


def runs_rm(settings: RemoveSettings) -> int:
    """Remove runs: all of those named, or none where one of them cannot be."""
    from rosenblatt.runs import remove
    from rosenblatt.runs.removal import removable

    ids = list(dict.fromkeys(settings.ids))
    paths = [removable(one, settings.folder.runs) for one in ids]
    names = ", ".join(printable(str(path)) for path in paths)
    if not settings.yes and not _agreed(names):
        print("rosenblatt: nothing was removed", file=sys.stderr)
        return 0
    for one in ids:
        remove(one, settings.folder.runs)
    emit({"command": "runs rm", "removed": paths}, [f"removed {names}"], as_json=settings.json)
    return 0


def _agreed(names: str) -> bool:
    """Ask on the terminal.

    Raises:
        ConfigurationError: there is nobody to ask.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigurationError(f"this removes {names} with all that is in there: add --yes")
    print(f"Remove {names} with all that is in there? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
