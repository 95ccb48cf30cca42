"""What commands print: one JSON object, or a few lines for people."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rosenblatt.progress import written_loss


def emit(result: Mapping[str, object], lines: Iterable[str], *, as_json: bool) -> None:
    """Print ``result`` as JSON, or else ``lines``, to stdout."""
    if as_json:
        print(json.dumps(plain(result), ensure_ascii=False, allow_nan=False, indent=2))
    else:
        print("\n".join(lines))


def plain(value: Any) -> Any:
    """Return ``value`` as JSON can hold it; what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> list[str]:
    """Return the lines of a table; the first ``left`` columns are flush left, the others right.

    >>> table(["layer", "error"], [["ReLU", "1e-9"], ["Linear", "0"]])
    ['layer   error', 'ReLU     1e-9', 'Linear      0']
    """
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def printable(text: str) -> str:
    r"""Return a text that a stranger may have written, with "?" for what would steer a terminal.

    >>> printable("a\x1b[2Jb\n")
    'a?[2Jb?'
    """
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def percent(fraction: float) -> str:
    """Return a fraction in percent, without the sign.

    >>> percent(0.9125)
    '91.25'
    """
    return f"{100 * fraction:.2f}"


def number(value: float) -> str:
    """Return a loss with four decimals, or where that is long with five digits."""
    return written_loss(value)
