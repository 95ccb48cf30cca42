"""Samples that no batch of a run contains, told by the rows of the batches."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.report.left_over import left_over
from rosenblatt.check.source.text import Source

FEWEST = 8
"""The smallest set of samples that is looked at."""

_MOST_SIZE = 40_000
_MEANT = re.compile(r"drop_?(last|remainder)", re.I)


def left_out(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where a pass of batches ends before all samples were in one.

    Batches without a common row make a pass; the next one begins where a row comes again.
    """
    if _MEANT.search(source.text):
        return []
    groups: dict[tuple[int, str, int, int], list[Any]] = {}
    for event in events:
        value = event.value
        if value.ndim == 2 and len(value) > 1 and value.size <= _MOST_SIZE:
            key = (event.line, event.name, *value.shape)
            groups.setdefault(key, []).append(value)
    for (line, name, size, width), batches in groups.items():
        if len(batches) < 3 or size < 2:
            continue
        wholes = [
            v
            for (_, _, n, d), values in groups.items()
            if d == width and n > size and n >= FEWEST
            for v in values[:2]
        ]
        finding = _finding(line, name, size, batches, wholes, groups)
        if finding:
            patterns = (r"\brange\(.*(-|//)", r"//")
            place = next(filter(None, (source.line_matching(p) for p in patterns)), line)
            return [{**finding, "line": place}]
    return []


def _finding(
    line: int, name: str, size: int, batches: list[Any], wholes: list[Any], groups: Any
) -> dict[str, Any]:
    used = [{row.tobytes() for row in np.ascontiguousarray(batch)} for batch in batches]
    every = set().union(*used)
    for whole in sorted(wholes, key=len):
        rows = {row.tobytes() for row in np.ascontiguousarray(whole)}
        count, rest = len(whole) // size, len(whole) % size
        if len(rows) < len(whole) or not every <= rows:
            continue
        ragged = any(
            other[:2] == (line, name) and other[2] == rest and other[3] == whole.shape[1]
            for other in groups
        )
        if not rest or ragged or count < 2 or len(batches) <= count:
            return {}
        first = set().union(*used[:count])
        # A pass has no row twice, and the next one begins right after it.
        if len(first) < count * size or not first & used[count]:
            return {}
        if every == first and used[0] != used[count]:
            # However they are shuffled, the same samples are left out: they are for a test.
            return {}
        return left_over(len(whole), size, line, is_reshuffled=every != first)
    return {}
