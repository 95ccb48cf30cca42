"""Changes of settings in words."""

from typing import Any

from rosenblatt.studio.prepared import Settings


def describe_changes(changes: Settings) -> str:
    """Return changes in a few words.

    >>> describe_changes({"learning_rate": 0.5, "momentum": None})
    'learning rate 0.5, momentum default'
    """
    return ", ".join(f"{key.replace('_', ' ')} {_text(value)}" for key, value in changes.items())


def _text(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "-".join(map(str, value)) if len(value) < 9 else f"({len(value)})"
    return str(value)
