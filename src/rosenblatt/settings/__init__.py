"""The settings of a training: one description for the command line, files and the studio."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.settings.code import as_python
    from rosenblatt.settings.describe import describe_settings
    from rosenblatt.settings.forks import (
        Change,
        Fork,
        change_settings,
        changeable,
        parse_changes,
        plan_forks,
        set_weights,
    )
    from rosenblatt.settings.links import as_link, from_link
    from rosenblatt.settings.plain import parse_settings, plain_settings
    from rosenblatt.settings.points import parse_edits
    from rosenblatt.settings.preparation import Prepared, prepare, read_data
    from rosenblatt.settings.setup import Setup, parse_setup
    from rosenblatt.settings.train_options import TrainMLPOptions
    from rosenblatt.settings.writing import as_command, as_toml

_HOME = {
    "Change": "forks",
    "Fork": "forks",
    "Prepared": "preparation",
    "Setup": "setup",
    "TrainMLPOptions": "train_options",
    "as_command": "writing",
    "as_link": "links",
    "as_python": "code",
    "as_toml": "writing",
    "change_settings": "forks",
    "changeable": "forks",
    "describe_settings": "describe",
    "from_link": "links",
    "parse_changes": "forks",
    "parse_edits": "points",
    "parse_settings": "plain",
    "parse_setup": "setup",
    "plain_settings": "plain",
    "plan_forks": "forks",
    "prepare": "preparation",
    "read_data": "preparation",
    "set_weights": "forks",
}

__all__ = [
    "Change",
    "Fork",
    "Prepared",
    "Setup",
    "TrainMLPOptions",
    "as_command",
    "as_link",
    "as_python",
    "as_toml",
    "change_settings",
    "changeable",
    "describe_settings",
    "from_link",
    "parse_changes",
    "parse_edits",
    "parse_settings",
    "parse_setup",
    "plain_settings",
    "plan_forks",
    "prepare",
    "read_data",
    "set_weights",
]

__getattr__ = loads(__name__, _HOME)
