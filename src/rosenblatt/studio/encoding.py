"""Messages to a page: JSON, and binary ones with a header and float32 blocks."""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]


def encode(header: Mapping[str, Any], blocks: Sequence[Block]) -> bytes:
    """Return a header and blocks as one message."""
    text = to_json(header).encode()
    parts = [struct.pack("<I", len(text)), text, bytes(-len(text) % 4)]
    parts += [np.ascontiguousarray(block, dtype="<f4").tobytes() for block in blocks]
    return b"".join(parts)


def to_json(value: Any) -> str:
    """Return a value as JSON, with null for what is not finite.

    >>> to_json({"loss": float("nan"), "index": (1, 2)})
    '{"loss":null,"index":[1,2]}'
    """
    return json.dumps(_plain(value), allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    return value
