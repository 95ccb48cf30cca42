"""Values of settings as texts, as flags and links have them."""

import math
from typing import Any

from cyclopts import Token

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.settings.plain import Key

TRUE, FALSE = "true", "false"


def to_text(value: Any) -> str:
    """Return a plain value as a text from which :func:`from_text` makes it again.

    >>> [to_text(value) for value in (0.1, 3.0, True, [8, 8], [[1.5, 0], [0, 2]])]
    ['0.1', '3', 'true', '8,8', '1.5,0;0,2']
    """
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        separator = ";" if value and isinstance(value[0], list) else ","
        return separator.join(map(to_text, value)) or "0"
    return str(value)


def number_text(value: float) -> str:
    """Return the shortest text of a float; whole numbers are written without a point."""
    is_whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    is_negative_zero = value == 0 and math.copysign(1, value) < 0
    return str(int(value)) if is_whole and not is_negative_zero else repr(value)


def from_text(key: Key, text: str) -> Any:
    """Return the value of a setting from its text, before the checks of ``parse_settings``.

    Raises:
        ConfigurationError: the text is not such a value.
    """
    try:
        # The flag of a choice has a converter too, and takes a text in any case.
        converter = key.parameter.converter
        if callable(converter) and not hasattr(converter, "canonical"):
            return converter(key.type, [Token(keyword=key.name, value=text)])
        if key.type in (float, float | None):
            return float(text)
        if key.type in (bool, bool | None):
            return {TRUE: True, FALSE: False}[text.lower()]
    except (ValueError, KeyError):
        raise ConfigurationError(f'"{key.name}" is {given(text)}, which cannot be read') from None
    return text
