"""What strangers write: bytes that were changed, and values that no honest file has."""

import functools
import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

HUGE = "9" * 5000
"""More digits than Python makes a number of, or writes."""

INTEGERS = st.sampled_from(
    [
        0,
        1,
        -1,
        2,
        127,
        255,
        2**15,
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**40,
        2**62,
        2**63 - 1,
        2**63,
        2**64,
        -(2**31),
        -(2**63),
        10**12,
        10**18,
        10**30,
        10**400,
    ]
)
FLOATS = st.sampled_from(
    [0.0, -0.0, 0.1, 1.0, -1.0, 1e-320, 1e300, -1e300, float("inf"), float("-inf"), float("nan")]
)
WORDS = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "a\nb",
        "../x",
        "/etc/passwd",
        "$\\frac{1}$",
        "{0}",
        "%s",
        "x" * 20000,
        "é",
        "𝒙",
        "\ud800",
        "nan",
        "1e999",
        "True",
        "null",
        "__class__",
        "__import__('os').system('true')",
        "\u202e",
        "x1",
    ]
)

JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | WORDS | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.sampled_from(["name", "n_inputs", "bias"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    return functools.reduce(lambda inner, _: [inner], range(levels), 0)


VALUES = JSON | st.sampled_from([50, 99, 150, 400]).map(deep)


@st.composite
def changed_json(draw: Callable[..., Any], document: Any) -> Any:
    """``document`` with one to three of its parts taken out, replaced or copied over others."""
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            break
        owner, key = draw(st.sampled_from(places))
        act = draw(st.sampled_from(["replace", "replace", "remove", "copy", "add"]))
        if act == "replace":
            owner[key] = draw(VALUES)
        elif act == "remove":
            del owner[key]
        elif act == "copy":
            source, other = draw(st.sampled_from(places))
            owner[key] = json.loads(json.dumps(source[other]))
        elif isinstance(owner, dict):
            owner[draw(WORDS)] = draw(VALUES)
        else:
            owner.insert(key, draw(VALUES))
    return document


def _places(value: Any) -> Any:
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


@st.composite
def json_text(draw: Callable[..., Any], document: Any) -> str:
    """JSON of ``document`` changed, or text that is almost that, or nested beyond all limits."""
    text = json.dumps(draw(changed_json(document)))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return text[: draw(st.integers(0, len(text)))]
    if kind == 1:
        return draw(st.sampled_from(["[" * 100_000, '{"a":' * 50_000, HUGE, f"[{HUGE}]", "NaN"]))
    return text


@st.composite
def changed_bytes(draw: Callable[..., Any], contents: Sequence[bytes]) -> bytes:
    """One of ``contents`` with one to three edits, as an accident or an enemy makes them."""
    content = bytearray(draw(st.sampled_from(contents)))
    edits = ["bit"] * 6 + ["byte"] * 4 + ["number"] * 4 + ["cut", "insert", "remove", "splice"]
    for _ in range(draw(st.integers(1, 3))):
        place = _place(draw, len(content))
        act = draw(st.sampled_from(edits))
        if act == "bit" and content:
            content[place % len(content)] ^= 1 << draw(st.integers(0, 7))
        elif act == "byte" and content:
            content[place % len(content)] = draw(st.sampled_from([0, 1, 10, 44, 127, 128, 255]))
        elif act == "number":
            form = draw(st.sampled_from(["<H", "<I", "<Q", ">I"]))
            number = draw(INTEGERS) % 2 ** (8 * struct.calcsize(form))
            content[place : place + struct.calcsize(form)] = struct.pack(form, number)
        elif act == "cut":
            del content[place:]
        elif act == "insert":
            content[place:place] = draw(st.binary(max_size=8))
        elif act == "remove":
            del content[place : place + draw(st.integers(1, 64))]
        else:
            other = draw(st.sampled_from(contents))
            start = _place(draw, len(other))
            piece = other[start : start + draw(st.integers(1, 400))]
            content[place : place + draw(st.sampled_from([0, len(piece)]))] = piece
    return bytes(content)


def _place(draw: Callable[..., Any], length: int) -> int:
    """Somewhere, but as often as not near one of the ends, where headers are."""
    where = draw(st.sampled_from(["start", "end", "anywhere", "anywhere"]))
    if where == "start":
        return draw(st.integers(0, min(length, 160)))
    if where == "end":
        return length - draw(st.integers(0, min(length, 400)))
    return draw(st.integers(0, length))
