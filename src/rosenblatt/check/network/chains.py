"""The parameters of a recorded run: values that are updated, linked one to the next."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event

NO_PARAMETER = re.compile(
    r"^(x|X|data|out\w*|h|a|s|z|loss\w*|total\w*|correct|count|i|t|error\w*|err|delta\w*|grad\w*"
    r"|[azAZHP]\d*|d[A-Z_]\w*|d[wbxzah]\d*|dout|g|gW|gb|nabla\w*|probs?|p|result|acc|activation|current)$"
)


@dataclass
class Chain:
    """One parameter: its values in the order in which it took them."""

    name: str
    versions: list[tuple[int, Any, int]] = field(default_factory=list)

    def at(self, position: int) -> Any:
        """Return the value before the event at ``position``."""
        value = self.versions[0][1]
        for start, version, _ in self.versions:
            if start <= position:
                value = version
        return value

    def line(self) -> int:
        """Return the line of the first update."""
        return self.versions[1][2] if len(self.versions) > 1 else self.versions[0][2]


def chains_of(events: list[Event]) -> list[Chain]:
    """Return everything that is updated, linked by value: new values become old ones."""
    chains: list[Chain] = []
    current: dict[tuple[Any, ...], list[Chain]] = {}
    for position, event in enumerate(events):
        if (
            not event.updates
            or event.old is None
            or event.old.shape != event.value.shape
            or not event.value.size
        ):
            continue
        last = re.sub(r"\[.*$", "", event.name.split(".")[-1])
        if NO_PARAMETER.search(last):
            continue
        if event.value.ndim > 2 or np.array_equal(event.old, event.value) or _counts(event):
            continue
        if not (np.isfinite(event.old).all() and np.isfinite(event.value).all()):
            continue
        held = current.get((event.old.shape, event.old.tobytes()), [])
        new = event.value.shape, event.value.tobytes()
        if not held and current.get(new):
            # A function has made this update already, and the caller takes its result.
            continue
        # Two numbers may be the same for a while.
        chain = next((c for c in held if c.name == event.name), held[-1] if held else None)
        if chain is None:
            chain = Chain(event.name, [(-1, event.old, event.line)])
            chains.append(chain)
        else:
            held.remove(chain)
        chain.versions.append((position, event.value, event.line))
        current.setdefault(new, []).append(chain)
    return chains


def _counts(event: Event) -> bool:
    """Return whether an update is a step of a whole number: ``layer -= 1``."""
    whole = event.dtype == "i" and event.value.size == 1
    return whole and bool(abs(event.value - event.old) == 1)


_BIAS = re.compile(r"(^|[^a-z])(b|c|bias\w*|intercept)_?\w{0,2}(\d*|\[\d+\])\W*$", re.I)


def constants_of(events: list[Event], chains: list[Chain]) -> list[Chain]:
    """Return biases that no update moves, as chains of one value."""
    moving = {re.sub(r"^.*[\[.]", "", c.name).strip("]'\"") for c in chains}
    result: dict[str, Chain] = {}
    changing = set()
    for event in events[:600]:
        value = event.value
        if not _BIAS.search(event.name) or value.ndim > 2 or max(value.shape, default=1) > 200:
            continue
        last = re.sub(r"^.*[\[.]", "", event.name).strip("]'\"")
        if last in moving or sum(s > 1 for s in value.shape) > 1 or event.dtype == "i":
            continue
        known = result.get(event.name)
        if known is not None and not np.array_equal(known.versions[0][1], value):
            changing.add(event.name)
        result.setdefault(event.name, Chain(event.name, [(-1, value, event.line)]))
    return [chain for name, chain in result.items() if name not in changing][:12]
