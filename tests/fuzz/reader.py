"""What a reader of files is to the fuzz."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st


@dataclass(frozen=True)
class Reader:
    """A kind of file and what reads it.

    Attributes:
        name: for people.
        file: the file's name, in a folder that may hold others: "model.safetensors".
        valid: make files in a folder that it can read; returns their contents.
        read: read the file of that path; whatever is wrong with it is a RosenblattError.
        hostile: contents whose form is right, and that hold what nobody expects.
        seal: makes a file of contents that were changed, for a file that holds its own digest.
    """

    name: str
    file: str
    valid: Callable[[Path], Sequence[bytes]]
    read: Callable[[Path], object]
    hostile: st.SearchStrategy[bytes]
    seal: Callable[[bytes], bytes] = bytes
