"""What a file may ask of this machine: the limits on all that is read, in one place.

A file comes from anyone. Before it is read, what its header says it needs is added up and held
against two things: what a file of its size can hold at all, and the memory that is free. There is
no other limit on the size of data, so that a large file is read wherever it fits. What describes
data, such as a name or JSON, has limits of its own.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rosenblatt import control_groups
from rosenblatt.errors import FileError, RosenblattError

LONGEST_NAME = 10_000
"""Characters in the name of a column or a class."""

DEEPEST_JSON = 100
"""Lists and objects within each other. Python's own limit is a crash, or an error later on."""

LARGEST_SETTINGS = 1 << 20
"""Bytes of a file with settings, which people write."""

LONGEST_LINE = 1 << 26
"""Bytes of a line of CSV: PyArrow reads a file in blocks, and a block holds whole lines."""

BYTES_PER_NAME = 200
"""What Python takes for a short text in a list, and once more in a set."""

BYTES_PER_JSON_BYTE = 32
"""What Python takes for a byte of JSON at most, as in "[[],[],[]]"."""

_SMALL = 1 << 26
"""What is always taken to be free, so that small files are read without asking."""

_ADDRESSES = 1 << 47
"""No machine has more memory for a process, where nothing else is known."""

_MEMINFO = Path("/proc/meminfo")
_CONTAINER = control_groups.ROOT / "memory.max"


def check_memory(need: int, what: str, error: type[RosenblattError] = FileError) -> None:
    """Raise an error if ``need`` bytes are more than the machine has free.

    Args:
        need: a whole number of any size, as computed from what a header says.
        what: takes that much, for the message: "reading 5 rows of 3 columns".
        error: whose error it is.
    """
    if need <= _SMALL:
        return
    free = free_memory()
    if need > free:
        raise error(
            f"{what} needs {show_bytes(need)} of memory, and {show_bytes(free)} are free; "
            "if it is meant to be so large, use a part of it, or a larger machine"
        )


def free_memory() -> int:
    """Return how many bytes this process can still take, as far as the system says."""
    limits = [limit for limit in (_available(), _container(), _of_process()) if limit is not None]
    return min(limits, default=_ADDRESSES)


def show_bytes(size: int) -> str:
    """Return a number of bytes as messages print it.

    >>> show_bytes(1_600_000), show_bytes(10**400)
    ('1.6 MB', 'more than 1000000 TB')
    """
    for unit, name in ((10**12, "TB"), (10**9, "GB")):
        if size > 10**6 * unit:
            return f"more than 1000000 {name}"
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 10**6:.1f} MB"


def check_names(names: Iterable[object], what: str) -> None:
    """Raise FileError if a name is too long to be one, or no text that can be written again."""
    for position, name in enumerate(names):
        if not isinstance(name, str):
            continue
        if len(name) > LONGEST_NAME:
            raise FileError(
                f"the name of {what} {position}, counting from 0, has {len(name)} characters; "
                f"{LONGEST_NAME} are allowed"
            )
        if not name.isascii():
            check_text(name, f"the name of {what} {position}, counting from 0,")


def check_text(text: str, what: str) -> None:
    """Raise FileError if a text has half a character, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FileError(f"{what} is no Unicode text: {error.reason}") from None


def repeated(names: Iterable[str]) -> str | None:
    """Return the first name that occurs a second time, None if there is none.

    >>> repeated(["a", "b", "b", "a"]), repeated(["a"])
    ('b', None)
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def parse_json(text: str | bytes, what: str, error: type[RosenblattError] = FileError) -> Any:
    """Return what JSON from a file says.

    Raises:
        RosenblattError: of the kind ``error``: it is no JSON, or nested too deep, or larger in
            memory than the machine allows.
    """
    check_memory(BYTES_PER_JSON_BYTE * len(text), what, error)
    too_deep = error(f"{what} is nested too deep; at most {DEEPEST_JSON} levels are allowed")
    try:
        value = json.loads(text)
        # Half a character is written like this, and as nothing else.
        if (b"\\u" if isinstance(text, bytes) else "\\u") in text:  # type: ignore[operator]
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise too_deep from None
    except ValueError as caught:
        raise error(f"{what} is not JSON: {_reason(caught)}") from caught
    level, depth = [value], 0
    while level := [part for part in level if isinstance(part, dict | list)]:
        depth += 1
        if depth > DEEPEST_JSON:
            raise too_deep
        level = [item for part in level for item in _items(part)]
    return value


def _reason(error: ValueError) -> str:
    """Return what is wrong; the text of a UnicodeError may hold all that could not be read."""
    return (
        error.reason if isinstance(error, UnicodeEncodeError | UnicodeDecodeError) else str(error)
    )


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _available() -> int | None:
    """Return what Linux says is free without swapping; elsewhere what is unused, if known."""
    import os

    try:
        for line in _MEMINFO.read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
        return int(os.sysconf("SC_AVPHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return None


def _container() -> int | None:
    """Return what the limits of the container that this runs in leave."""
    return control_groups.free_memory(_CONTAINER.parent)


def _of_process() -> int | None:
    """Return what the process's own limit leaves of addresses (``ulimit -v``)."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        return max(limit - used, 0)
    except (ImportError, OSError, ValueError):
        return None
