"""Files with a digest, sealed again after their content was changed."""

import json
import struct

from safetensors.numpy import load

from rosenblatt.tensors import _digest
from rosenblatt.training.storage.config import _digest_line


def seal_tensors(content):
    """Return a safetensors file with the digest of what it holds; as it is, where it holds none."""
    try:
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        metadata = header["__metadata__"]
        metadata["digest"] = _digest(metadata["rosenblatt"], load(content))
        text = json.dumps(header).encode()
    except Exception:
        return content
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def seal_config(content):
    """Return settings of a run with the digest of their other lines."""
    rest = content.partition(b"\n")[2] if content.startswith(b"digest") else content
    return _digest_line(rest) + rest
