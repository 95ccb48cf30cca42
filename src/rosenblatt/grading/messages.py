"""Arrays and plain values as JSON, between the grader and the process of a submission."""

import base64
import json
from typing import Any

import numpy as np

MOST_ENTRIES = 100_000
"""The largest array, in entries, that an answer may have."""

HEADER = 8
"""Bytes before a message: its length in hexadecimal digits."""

_asarray, _isfinite, _float64 = np.asarray, np.isfinite, np.float64
_encode = base64.b64encode
_dumps = json.dumps


def encode_array(value: Any) -> dict[str, Any]:
    """Return a value as JSON: its shape, its numbers as float64, and whether they were integers.

    Raises:
        TypeError, ValueError: the value is not an array of numbers, or it is too large.
    """
    array = _asarray(value)
    if array.dtype.kind not in "bif":
        raise TypeError(f"numbers were expected, got {type(value).__name__}")
    if array.size > MOST_ENTRIES:
        raise ValueError(f"an array with {array.size} entries; at most {MOST_ENTRIES} are taken")
    numbers = array.astype(_float64).tobytes()
    whole = array.dtype.kind == "i"
    return {"shape": list(array.shape), "data": _encode(numbers).decode(), "whole": whole}


def decode_array(message: Any) -> np.ndarray[Any, Any]:
    """Return the array in a message; the message may be forged.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(message, dict):
        raise ValueError("an array was expected")  # noqa: TRY004
    shape, data = message.get("shape"), message.get("data")
    if not isinstance(shape, list) or not isinstance(data, str) or len(shape) > 8:
        raise ValueError("an array with its shape was expected")
    if not all(type(size) is int and 0 <= size <= MOST_ENTRIES for size in shape):
        raise ValueError("a shape of whole numbers was expected")
    numbers = np.frombuffer(base64.b64decode(data, validate=True), dtype="<f8")
    return numbers.reshape(shape)


def framed(message: Any) -> bytes:
    """Return a message with its length before it."""
    text = _dumps(message).encode()
    return f"{len(text):0{HEADER}x}".encode() + text
