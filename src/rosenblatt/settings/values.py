"""Checks of plain values, as TOML and JSON hold them, by the type of their setting."""

import json
from functools import lru_cache
from typing import Any

from rosenblatt.errors import ConfigurationError, given


def check_value(place: str, value: object, expected: Any) -> Any:
    """Return ``value`` as the type of its setting: no text for numbers, no numbers for text.

    Args:
        place: the place of the value for messages, such as '"epochs"'.
        value: what TOML or JSON holds.
        expected: the type of the setting.

    Raises:
        ConfigurationError: the value is of another type.

    >>> check_value('"hidden"', [8, 8], tuple[int, ...])
    (8, 8)
    """
    from pydantic import ValidationError

    try:
        # In JSON a tuple is a list and a path is text, as in TOML.
        return _adapter(expected).validate_json(json.dumps(value, default=str))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
    except (ValueError, RecursionError, TypeError):
        reason = "It is too long, or nested too deep, for a setting"
    raise ConfigurationError(f"{place} is {given(value)}; {reason[:1].lower()}{reason[1:]}")


@lru_cache(maxsize=256)
def _adapter(expected: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    return TypeAdapter(expected, config=ConfigDict(strict=True))
