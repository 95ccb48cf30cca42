"""Pictures of arrays as SVG: a coloured cell for each entry, and the scale of the colours."""

import math
from typing import Any

import numpy as np
from markupsafe import Markup

from rosenblatt.check.numbers.compared_arrays import Part

BANDS = 10
"""Colours on each side of zero."""

_LIGHT = ("1d3f94", "7fa3e0", "eef0f3", "eba274", "943508")
_DARK = ("b4cbff", "4f78c8", "2e343d", "b36033", "ffc094")
"""Colours from the most negative value over zero to the most positive one."""

_WIDTH, _HEIGHT = 192, 230
"""The largest width and height of the cells together, in pixels."""

_LEAST_CELL, _MOST_CELL = 3, 34
"""Width and height of a cell, in whole pixels: others would leave seams between the cells."""

_ROOMY_CELL = 8
"""Pixels of a cell from which on there are lines between cells, and dots in them."""

_LEFT, _TOP, _RIGHT = 26, 16, 10
"""Pixels for the numbers of the rows and of the columns."""

_LEAST_FRAME = 9
"""Pixels of the frame of an entry whose cell is smaller."""


def style_sheet() -> Markup:
    """Return the rules of the colours: g0 is the most negative one, g20 the most positive one."""
    light, dark = (
        "".join(f".g{band} {{ fill: {color}; }}\n" for band, color in enumerate(_palette(stops)))
        for stops in (_LIGHT, _DARK)
    )
    return Markup(f"{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}")


def largest(*arrays: Any) -> float:
    """Return the largest finite magnitude, the end of the scale; 1 where all is zero."""
    entries = np.abs(np.concatenate([np.ravel(array) for array in arrays]))
    return float(entries.max(initial=0.0, where=np.isfinite(entries))) or 1.0


def has_dots(part: Part) -> bool:
    """Return whether the cells of an array are large enough for dots in them."""
    rows, columns = part.values.shape
    return min(_cell(_WIDTH, columns), _cell(_HEIGHT, rows)) >= _ROOMY_CELL


def heatmap(
    part: Part,
    end: float,
    description: str,
    marked: tuple[int, int] | None = None,
    dotted: Any = None,
) -> Markup:
    """Return the picture of an array.

    Args:
        part: the array; an entry that is NaN is drawn as a cross.
        end: the value of the strongest colour; the opposite one is that of ``-end``.
        description: for readers who cannot see it.
        marked: row and column that get a frame.
        dotted: which entries get a dot, where the cells are large enough, (rows, columns).
    """
    rows, columns = part.values.shape
    width, height = _cell(_WIDTH, columns), _cell(_HEIGHT, rows)
    cells: dict[int, list[str]] = {}
    crosses, dots = [], []
    for row, column in np.ndindex(rows, columns):
        value = float(part.values[row, column])
        x, y = _LEFT + column * width, _TOP + row * height
        if math.isnan(value):
            falling, rising = f"M{x} {y}l{width} {height}", f"m0-{height}l-{width} {height}"
            crosses.append(falling + rising)
        else:
            cell = f"M{x} {y}h{width}v{height}h-{width}z"
            cells.setdefault(_band(value, end), []).append(cell)
        if dotted is not None and dotted[row, column]:
            dots.append(f'<circle cx="{x + width / 2}" cy="{y + height / 2}" r="2.6"/>')
    is_roomy = has_dots(part)
    drawn = [
        f'<path class="g{band}{" cells" * is_roomy}" d="{"".join(paths)}"/>'
        for band, paths in sorted(cells.items())
    ]
    if crosses:
        drawn.append(f'<path class="unknown" d="{"".join(crosses)}"/>')
    if is_roomy:
        drawn += dots
    right, bottom = _LEFT + columns * width, _TOP + rows * height
    drawn.append(_edge(_LEFT, _TOP, right - _LEFT, bottom - _TOP))
    for column in sorted({0, columns - 1}):
        x = _LEFT + (column + 0.5) * width
        drawn.append(_text(x, _TOP - 5, "middle", f"{part.first[1] + column}"))
    if len(part.shape) > 1:
        for row in sorted({0, rows - 1}):
            y = _TOP + (row + 0.5) * height + 4
            drawn.append(_text(_LEFT - 5, y, "end", f"{part.first[0] + row}"))
    if marked is not None:
        row, column = marked
        drawn.append(_frame(_LEFT + column * width, _TOP + row * height, width, height))
    return _svg(right + _RIGHT, bottom + 4, description, drawn)


def legend(end: float, text: str) -> Markup:
    """Return the scale of the colours from ``-end`` to ``end``, which is written ``text``."""
    size, left = 10, _LEFT
    total = 2 * BANDS + 1
    drawn = [
        f'<rect class="g{band}" x="{left + band * size}" y="2" width="{size}" height="12"/>'
        for band in range(total)
    ]
    drawn.append(_edge(left, 2, total * size, 12))
    drawn += [
        _text(left, 28, "start", f"\u2212{text}"),
        _text(left + total * size / 2, 28, "middle", "0"),
        _text(left + total * size, 28, "end", text),
    ]
    description = f"Colour scale from \u2212{text}, blue, over 0, grey, to {text}, orange"
    return _svg(left + total * size + _RIGHT, 32, description, drawn)


def _band(value: float, end: float) -> int:
    return BANDS + round(max(-1.0, min(1.0, value / end)) * BANDS)


def _cell(most: int, number: int) -> int:
    return max(_LEAST_CELL, min(_MOST_CELL, most // number))


def _edge(x: int, y: int, width: int, height: int) -> str:
    return f'<rect class="edge" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _text(x: float, y: float, anchor: str, words: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'


def _frame(x: int, y: int, width: int, height: int) -> str:
    wide, high = max(width, _LEAST_FRAME), max(height, _LEAST_FRAME)
    place = f'x="{x + (width - wide) / 2}" y="{y + (height - high) / 2}"'
    size = f'width="{wide}" height="{high}"'
    return f'<rect class="halo" {place} {size}/><rect class="marked" {place} {size}/>'


def _palette(stops: tuple[str, ...]) -> list[str]:
    channels = np.array([list(bytes.fromhex(stop)) for stop in stops])
    places = np.linspace(0, len(stops) - 1, 2 * BANDS + 1)
    colors = [np.interp(places, range(len(stops)), channel) for channel in channels.T]
    return [f"#{bytes(round(c) for c in color).hex()}" for color in zip(*colors, strict=True)]


def _svg(width: int, height: int, description: str, drawn: list[str]) -> Markup:
    opened = Markup(
        '<svg class="array" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" '
        'aria-label="{description}">'
    ).format(w=width, h=height, description=description)
    # Everything that is drawn is made of numbers and of the words of this module.
    return opened + Markup("\n".join(drawn)) + Markup("</svg>")
