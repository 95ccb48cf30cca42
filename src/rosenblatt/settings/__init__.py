"""The settings of a training: one description for the command line, files and the studio."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.settings.describe import describe_settings
    from rosenblatt.settings.plain import parse_settings, plain_settings
    from rosenblatt.settings.points import parse_edits
    from rosenblatt.settings.preparation import Prepared, prepare, read_data
    from rosenblatt.settings.train_options import TrainMLPOptions

_HOME = {
    "Prepared": "preparation",
    "TrainMLPOptions": "train_options",
    "describe_settings": "describe",
    "parse_edits": "points",
    "parse_settings": "plain",
    "plain_settings": "plain",
    "prepare": "preparation",
    "read_data": "preparation",
}

__all__ = [
    "Prepared",
    "TrainMLPOptions",
    "describe_settings",
    "parse_edits",
    "parse_settings",
    "plain_settings",
    "prepare",
    "read_data",
]

__getattr__ = loads(__name__, _HOME)
