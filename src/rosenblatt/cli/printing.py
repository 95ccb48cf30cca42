"""Output of commands: one JSON object, or a few lines for people."""

import codecs
import json
import math
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from rosenblatt.errors import ConfigurationError, shorten
from rosenblatt.progress_bar import written_loss

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

_IN_ASCII = {
    "→": "->",
    "×": "x",
    "±": "+-",
    "≥": ">=",
    "≤": "<=",
    "−": "-",
    "–": "-",
    "…": "...",
    "·": "*",
    "∞": "inf",
    "α": "alpha",
    "β": "beta",
    "ε": "epsilon",
    "γ": "gamma",
    "η": "eta",
    "λ": "lambda",
    "μ": "mu",
    "ρ": "rho",
    "σ": "sigma",
    "√": "sqrt ",
    "½": "1/2",
    "₀": "0",
    "₁": "1",
    "₂": "2",
}
"""Spellings for consoles that have no such characters."""


def emit(result: Mapping[str, object], lines: Iterable[str], *, as_json: bool) -> None:
    """Print ``result`` as JSON, or else ``lines``, to stdout."""
    if as_json:
        text = json.dumps(plain(result), ensure_ascii=False, allow_nan=False, indent=2)
        if _lacking(text) is not None:
            # JSON has a spelling in ASCII for every character.
            text = json.dumps(plain(result), allow_nan=False, indent=2)
        print(text)
    else:
        print("\n".join(lines))


def print_exactly(text: str) -> None:
    """Print text that programs read, such as labels.

    Raises:
        ConfigurationError: stdout's encoding lacks one of its characters, and another would change
            a label.
    """
    character = _lacking(text)
    if character is not None:
        raise ConfigurationError(
            f"stdout is in {sys.stdout.encoding}, which has no {character!a} ({_name(character)}); "
            "write to a file by --out, print --json, or set PYTHONIOENCODING=utf-8"
        )
    sys.stdout.write(text)


def readable(error: UnicodeError) -> tuple[str, int]:
    r"""Return replacements of characters that a terminal's encoding lacks: a handler of codecs.

    Signs of the help and the tables have a spelling in ASCII; of any other character the number is
    written, so that two names do not become one.

    >>> "η: 3 × 2 → Ł".encode("ascii", "rosenblatt.readable").decode()
    'eta: 3 x 2 -> \\u0141'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    spelt = [
        _IN_ASCII.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in lacking
    ]
    return "".join(spelt), error.end


codecs.register_error("rosenblatt.readable", readable)


def _lacking(text: str) -> str | None:
    """Return the first character that stdout's encoding does not have, or None."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError as error:
        return text[error.start]
    except LookupError:
        return None
    return None


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()


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


def describe_data(data: "Dataset") -> dict[str, Any]:
    """Return the source, the size, the classes and the hash of data."""
    recipe = dict(data.recipe)
    source = str(
        recipe.pop("generator", None) or recipe.get("bundled") or recipe.get("file") or "data"
    )
    if "generator" in data.recipe:
        source += f"({', '.join(f'{name}={value}' for name, value in recipe.items())})"
    counts = [int((data.y == index).sum()) for index in range(data.n_classes)]
    return {
        "source": source,
        "rows": len(data),
        "features": data.n_features,
        "classes": dict(zip(data.class_names, counts, strict=True)) or None,
        "hash": data.content_hash,
    }


def data_line(description: dict[str, Any]) -> str:
    """Return the data's description in one line."""
    classes = description["classes"]
    counts = [f"{name}: {count}" for name, count in (classes or {}).items()]
    labels = f"classes {shorten(counts)}" if counts else "values to predict"
    size = f"{description['rows']} rows × {description['features']} features"
    return f"{description['source']}: {size}; {labels}"
