"""Commands of a page by name: functions of the session and of the command's arguments.

They are executed by the trainer's thread, and return what the reply says.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.studio.commands import (
    branches,
    bug_lab,
    lessons,
    output,
    playing,
    points,
    population,
    settings,
    weights,
)
from rosenblatt.studio.session import Session

Command = Callable[[Session, Mapping[str, Any]], Any]

COMMANDS: dict[str, Command] = {
    **playing.COMMANDS,
    **settings.COMMANDS,
    **branches.COMMANDS,
    **weights.COMMANDS,
    **points.COMMANDS,
    **population.COMMANDS,
    **output.COMMANDS,
    **lessons.COMMANDS,
    **bug_lab.COMMANDS,
}


def find(name: Any) -> Command:
    """Return the command of that name.

    Raises:
        ConfigurationError: there is none.
    """
    if not isinstance(name, str) or name not in COMMANDS:
        hint = nearest(name, COMMANDS) if isinstance(name, str) else ""
        raise ConfigurationError(f"there is no command {name!r}{hint}")
    return COMMANDS[name]
