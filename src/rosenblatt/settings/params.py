"""Parameters of commands: headings of the help, and converters of the texts of flags.

The converters read texts that Cyclopts would refuse, or accept without a check.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Group, Parameter, Token

from rosenblatt.limits import repeated

DATA = Group("Data", sort_key=1)
MODEL = Group("Model", sort_key=2)
TRAINING = Group("Training", sort_key=3)
OPTIMIZER = Group("Optimizer", sort_key=4)
OUTPUT = Group("Output", sort_key=5)
"""The headings under which ``--help`` lists settings, in that order."""


def parse_whole(type_: Any, tokens: Sequence[Token]) -> int:
    """Read a whole number. Cyclopts by itself rounds: it would take 2.7 epochs for 3."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f'"{tokens[0].value}" is not a whole number') from None


Whole = Annotated[int, Parameter(converter=parse_whole)]
OptionalWhole = Annotated[int | None, Parameter(converter=parse_whole)]


def parse_names(type_: Any, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read "a,b" as two different names, of a flag that may be given more than once."""
    given = [name.strip() for token in tokens for name in token.value.split(",")]
    names = [name for name in given if name]
    if not names:
        raise ValueError("it names nothing")
    twice = repeated(names)
    if twice is not None:
        raise ValueError(f'"{twice}" is named twice')
    return tuple(names)


def parse_widths(type_: Any, tokens: Sequence[Token]) -> tuple[int, ...]:
    """Read "20,10" as two widths; "" and "0" are none."""
    text = tokens[0].value.strip()
    if text in ("", "0"):
        return ()
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise ValueError(f'"{text}" is not a list such as 20,10') from None


def parse_numbers(type_: Any, tokens: Sequence[Token]) -> tuple[float, ...]:
    """Read "1,0.1" as two numbers; "" and "0" are none."""
    text = tokens[0].value.strip()
    if text in ("", "0"):
        return ()
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError:
        raise ValueError(f'"{text}" is not a list of numbers such as 1,0.1') from None


def parse_points(type_: Any, tokens: Sequence[Token]) -> tuple[tuple[float, ...], ...]:
    """Read "10,10;0,0" as two points of the plane."""
    text = tokens[0].value
    try:
        points = tuple(tuple(float(x) for x in point.split(",")) for point in text.split(";"))
    except ValueError:
        raise ValueError(f'"{text}" is not a list of points such as 10,10;0,0') from None
    if len({len(point) for point in points}) > 1:
        raise ValueError(f'the points of "{text}" have different numbers of coordinates')
    return points


def parse_texts(type_: Any, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read texts as they are, of a flag that may be given more than once."""
    return tuple(token.value for token in tokens)


OptionalNames = Annotated[
    tuple[str, ...] | None,
    Parameter(converter=parse_names, n_tokens=1, negative=(), metavar="NAMES"),
]
Switch = Annotated[bool, Parameter(negative=())]
"""A flag without a "--no-" form."""
