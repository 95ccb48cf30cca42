"""Arrays in a safetensors file, with a document of plain values in its metadata.

Such a file holds numbers and names and no code: to read one runs nothing that is in it. The format
says in its header which bytes are whose: a file that has fewer or more is refused, so that no array
can be larger than its file. A digest over everything finds a bit that has flipped.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.errors import FileError
from rosenblatt.files import atomic_write, check_readable, is_there

Tensors = dict[str, npt.NDArray[Any]]
_KEY, _DIGEST = "rosenblatt", "digest"


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, npt.NDArray[Any]], document: object
) -> None:
    """Write arrays and a document that JSON can hold, whole or not at all.

    Raises:
        FileError: the file cannot be written.
    """
    from safetensors.numpy import save

    plain = {name: np.asarray(value, order="C") for name, value in tensors.items()}
    text = json.dumps(document, default=_plain)
    header, data = _in_order(save(plain, metadata={_KEY: text, _DIGEST: _digest(text, plain)}))
    with atomic_write(path) as file:
        file.write(header)
        file.write(data)


def _in_order(content: bytes) -> tuple[bytes, memoryview]:
    """Return the header of a safetensors file, its metadata in the order of names, and its data.

    The library writes the metadata in an order that differs between processes, so that equal
    content would not be equal files. The header is a length in 8 bytes and JSON, padded with spaces
    to a multiple of 8 bytes (https://github.com/huggingface/safetensors, "Format").
    """
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    ordered = {"__metadata__": dict(sorted(header.pop("__metadata__").items())), **header}
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, memoryview(content)[start:]


def read_tensors(path: str | os.PathLike[str]) -> tuple[Tensors, Any]:
    """Return the arrays of a file, and its document.

    Raises:
        FileError: the file is missing, damaged or of another kind, or needs more memory than
            there is.
    """
    metadata, tensors = _read(path)
    if _KEY not in metadata:
        raise FileError(
            f"{path}: these weights were saved by another program; rosenblatt's own files also "
            "describe the model that they belong to"
        )
    if metadata.get(_DIGEST) != _digest(metadata[_KEY], tensors):
        raise FileError(f"{path} is damaged: its content is not what was written")
    return tensors, limits.parse_json(metadata[_KEY], f"the description in {path}")


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, str], Tensors]:
    from safetensors import SafetensorError, safe_open

    check_readable(path)
    if is_there(path):
        # The header in the library's own form, and the arrays twice: as read, and checked.
        limits.check_memory(3 * Path(path).stat().st_size, f"reading {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        # safetensors words these itself, with no errno.
        reason = error.strerror or (error if is_there(path) else "there is no such file")
        raise FileError(f"cannot read {path}: {reason}") from error
    except (SafetensorError, TypeError) as error:
        raise FileError(
            f"{path}: this is no safetensors file, or it is damaged: {error}"
        ) from error
    return metadata, tensors


def _digest(text: str, tensors: Tensors) -> str:
    digest = hashlib.blake2b(text.encode(), digest_size=20)
    for name, value in sorted(tensors.items()):
        kind = value.dtype.str
        # The file has the bytes of little-endian machines.
        little = value if kind[0] in "<|" else value.astype(f"<{kind[1:]}")
        digest.update(f"\n{name} {little.dtype.str} {little.shape}\n".encode())
        digest.update(little.tobytes())
    return digest.hexdigest()


def _plain(value: object) -> object:
    """Turn NumPy's numbers, which json does not know, into Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")
