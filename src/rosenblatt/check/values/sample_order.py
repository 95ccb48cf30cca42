"""Samples trained with wrong labels: each recorded sample is compared with its first label."""

import ast
import functools
import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import TARGETS
from rosenblatt.check.values.indexed_samples import label_sources, with_indexed_rows

FEWEST = 5
"""The smallest batch, and the fewest pairs of a sample and a label, that are looked at."""

FEWEST_SAMPLES = 4
"""The smallest set of samples that is looked at, as in the tables of AND and XOR."""

MOST_SETS = 3
"""Versions of the samples that are tried with one set of labels."""

NEXT = 12
"""Events after a part of the samples within which its labels have to stand."""

FEWEST_BATCHES = 3
"""Different batches whose labels stand somewhere else than they do."""

MOST_BEFORE = 8000
"""Events within which samples and labels first stand next to each other."""

MOST_EVENTS = 12_000
"""Events after these that are looked at."""

FEWEST_TAKEN = 20
"""Labels that an index takes one by one."""

_MANY = 0.1
"""Part of the labels that are wrong in any other order: of rare classes, most stay right."""

NEAR = 40
"""Events after shuffled samples within which their labels have to stand."""

_TARGET = re.compile(
    rf"^y([a-z]|tr\w*|te\w*|val?)?(_|\d|$)|_y(_|s|b|$)|(^|_)[td]s?\d*$|class|{TARGETS}",
    re.I,
)
_WORD = re.compile(TARGETS, re.I)
_ORDERS = re.compile(r"shuffle|permut|sort|sample\(|\[\w*(perm|ord|idx|ind)")
"""Code that puts samples into another order."""

_OUTPUT = re.compile(r"hat|pred|out|prob|score|guess|(?<!t)est|logit|new|sum|loss|err|diff", re.I)


@dataclass
class Samples:
    """Samples with their labels, as the file has them first.

    Attributes:
        rows: (N, d).
        labels: (N, C), C = 1 for plain labels.
        name: that of the samples.
        allowed: the labels that a row has, as bytes.
        position: the event from which both are known.
        sets: all such samples of the file.
    """

    rows: Any
    labels: Any
    name: str
    allowed: dict[bytes, set[bytes]]
    position: int
    sets: "list[Samples]"

    @functools.cached_property
    def known_labels(self) -> set[bytes]:
        """The different labels, as bytes."""
        return set().union(*self.allowed.values())


def misaligned(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where samples are shuffled and their labels are not, or otherwise."""
    events = with_indexed_rows(_flat_images(events), source)
    events = _renamed(events, label_sources(source, names_label))
    for samples in _sets(events):
        wrong = seen = 0
        wrong, seen, line = _shuffled(events, samples, source)
        # Tables of four rows have other labels for each gate: only another order of rows tells.
        by_parts = (_parts, _taken_apart, _parts_apart, _one_by_one)
        for look in by_parts if len(samples.rows) >= FEWEST else ():
            wrong, seen = (wrong, seen) if wrong else look(events, samples)
        if wrong:
            line = line or source.line_matching(
                r"shuffle|permutation|\[perm|\[idx|\[order|argsort|sample\("
            )
            return [
                {
                    "mistake": "labels-misaligned",
                    "where": "training",
                    "line": line,
                    "text": f"{wrong} of {seen} samples are trained with another sample's label.",
                }
            ]
    return []


def _flat_images(events: list[Event]) -> list[Event]:
    """Return the events with images, such as (N, H, W), as one row each."""
    return [
        replace(event, value=event.value.reshape(len(event.value), -1))
        if event.value.ndim > 2 and event.value.size
        else event
        for event in events
    ]


def _renamed(events: list[Event], sources: set[str]) -> list[Event]:
    """Return the events in which arrays of which only labels are taken have a name of labels."""
    return [
        replace(event, name="labels") if event.name in sources and event.value.ndim == 1 else event
        for event in events
    ]


def _is_label(event: Event) -> bool:
    return names_label(event.name)


def names_label(text: str) -> bool:
    """Return whether the name of an array, or of a part of one, is that of labels."""
    # Of a part, such as y[a:b], the array has the name; not of an entry of a dict.
    name = re.sub(r"\[[^'\"\]]*\]$", "", text).split(".")[-1]
    return bool(_TARGET.search(name)) and not _OUTPUT.search(name) and not name.startswith("d_")


def _sets(events: list[Event]) -> list[Samples]:
    """Return samples and labels with one row each, as they first stand next to each other."""
    found: list[Samples] = []
    known: dict[tuple[int, ...], Any] = {}
    for position, event in enumerate(events[:MOST_BEFORE]):
        if not _is_label(event) or not 1 <= event.value.ndim <= 2:
            continue
        # Samples that were filled in place stand next to the same labels once more.
        again = event.value.shape in known
        if again and not np.array_equal(event.value, known[event.value.shape]):
            continue
        n = _count(event.value)
        if n < FEWEST_SAMPLES:
            continue
        labels = _rows(event.value, n)
        if not np.isfinite(labels).all() or len(np.unique(labels, axis=0)) < 2:
            continue
        # Single numbers of the samples may also be outputs: they leave room for the rows.
        keys: dict[int, set[bytes]] = {1: set(), 2: set()}
        # Samples that are scaled keep their order; a shuffle of samples already known does not.
        after = events[position : position + NEAR]
        if any(_is_filled(event, other) for other in after):
            continue
        # What stands behind an order of the samples may be shuffled.
        order = next((k for k, other in enumerate(after) if _is_order(other, n)), len(after))
        near = [*reversed(events[:position]), *_of_first_labels(events, position, order)]
        for other in events[max(0, position - 1) : position + 2] if again else near:
            rows = _samples(other, n)
            if rows is None or _key(rows) in keys[1] | keys[2]:
                continue
            own = keys[other.value.ndim]
            if len(own) > MOST_SETS:
                continue
            if rows.shape == labels.shape and _key(rows) == _key(labels):
                # Without a name, such as in a return, shuffled labels are still labels.
                continue
            if again and any(_key(rows) == _key(samples.rows) for samples in found):
                continue
            own.add(_key(rows))
            allowed: dict[bytes, set[bytes]] = {}
            for row, label in zip(rows, labels, strict=True):
                allowed.setdefault(row.tobytes(), set()).add(np.asarray(label).tobytes())
            if len(allowed) > n // 2:
                found.append(Samples(rows, labels, other.name, allowed, position, found))
        if keys[1] or keys[2]:
            known.setdefault(event.value.shape, event.value)
    return found


def _of_first_labels(events: list[Event], position: int, order: int) -> list[Event]:
    """Return what stands behind labels, without what is nearer to the same labels in another order.

    Samples and labels that are shuffled in one array are taken out of it after that.
    """
    labels = events[position].value
    others = [
        k
        for k, other in enumerate(events[position : position + 2 * NEAR])
        if other.value.shape == labels.shape
        if not np.array_equal(other.value, labels) and _key(other.value) == _key(labels)
    ]
    return [
        event
        for k, event in enumerate(events[position : position + order])
        if all(k <= abs(k - other) for other in others)
    ]


def _is_filled(event: Event, later: Event) -> bool:
    """Return whether a later value of the same labels has other numbers: a loop fills them."""
    same = (later.name, later.owner) == (event.name, event.owner) and later.call == event.call
    if not same or later.value.shape != event.value.shape:
        return False
    before, after = (np.sort(part.value, axis=None) for part in (event, later))
    return not np.array_equal(before, after)


def _is_order(event: Event, n: int) -> bool:
    """Return whether an event is an order of n samples."""
    value = event.value
    is_index = event.dtype in "iu" and value.shape == (n,)
    return bool(is_index) and np.array_equal(np.sort(value), np.arange(n))


def _count(labels: Any) -> int:
    """Return how many labels there are: with one 1 in each row, there may be more classes."""
    for axis in (1, 0) if labels.ndim == 2 and max(labels.shape) > 1 < min(labels.shape) else ():
        if np.isin(labels, (0, 1)).all() and (labels.sum(axis=axis) == 1).all():
            return int(labels.shape[1 - axis])
    return int(max(labels.shape))


def _samples(event: Event, n: int) -> Any:
    """Return an event's values as n samples, (n, d); None for other values."""
    value = event.value
    if not 1 <= value.ndim <= 2 or n not in value.shape or _is_label(event):
        return None
    if value.ndim == 1 and (_OUTPUT.search(event.name) or event.name == "return"):
        return None
    if value.size == n and (event.dtype not in "fl" or (value == np.round(value)).all()):
        # Single whole numbers are alike by chance.
        return None
    return _rows(value, n)


def _rows(value: Any, n: int) -> Any:
    """Return values with one row per sample: samples may be columns."""
    if value.ndim == 1:
        return value.reshape(n, 1)
    return value if len(value) == n else np.ascontiguousarray(value.T)


def _key(array: Any) -> bytes:
    """Return what two arrays have in common that have the same rows in another order."""
    rows = np.ascontiguousarray(array).reshape(len(array), -1)
    return _ordered(rows.tobytes(), rows.shape, rows.dtype)


@functools.lru_cache(maxsize=64)
def _ordered(data: bytes, shape: tuple[int, ...], dtype: Any) -> bytes:
    """Return the bytes of an array with its rows in ascending order; sorting takes long."""
    rows = np.frombuffer(data, dtype).reshape(shape)
    ordered: bytes = rows[np.lexsort(rows.T[::-1])].tobytes()
    return ordered


def _shuffled(events: list[Event], samples: Samples, source: Source) -> tuple[int, int, int | None]:
    """Return how many rows of shuffled samples have labels of others, of how many, and the line.

    Of few rows, the line has to order them. Some update has to follow, and code that reads the
    labels: samples may be sorted for a plot, or shuffled for a comparison.
    """
    rows_key, labels_key = _key(samples.rows), _key(samples.labels)
    lines = source.text.splitlines()
    known: set[bytes] = set()
    updates = [k for k, event in enumerate(events) if event.updates and event.dtype in "fl"]
    end = min(max(updates, default=len(events)), samples.position + MOST_EVENTS // 2)
    for position in range(samples.position + 1, end):
        event = events[position]
        rows = _samples(event, len(samples.rows))
        if rows is None or rows.shape != samples.rows.shape or np.array_equal(rows, samples.rows):
            continue
        if _key(rows) != rows_key or rows.tobytes() in known:
            continue
        if event.value.ndim == 1 and event.name != samples.name:
            # One number of each sample may be sorted to find a threshold.
            continue
        line = lines[event.line - 1] if event.line <= len(lines) else ""
        orders = _ORDERS.search(line) is not None
        if len(rows) < FEWEST and not orders:
            continue
        known.add(rows.tobytes())
        near = [
            (other.name, _rows(other.value, len(rows)))
            for other in events[max(0, position - 4) : position + NEAR]
            if 1 <= other.value.ndim <= 2
            and other.value.size == samples.labels.size
            and len(rows) in other.value.shape
        ]
        near = [(name, labels) for name, labels in near if _key(labels) == labels_key]
        allowed = [samples.allowed.get(row.tobytes(), set()) for row in rows]
        counts = [_of_others(labels, allowed, samples.known_labels) for _, labels in near]
        is_read = not updates or any(_is_read(name, event.line, source) for name, _ in near)
        if counts and min(counts) > 0 and is_read:
            return min(counts), len(rows), event.line if orders else None
    return 0, 0, None


def _is_read(name: str, line: int, source: Source) -> bool:
    """Return whether code reads an array after a line, or in a loop around it.

    A part, or what a function returns, has another name there.
    """
    if not re.fullmatch(r"[\w.]+", name) or name == "return":
        return True
    loops = [
        range(node.lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.For | ast.While)
    ]
    first = min((loop.start for loop in loops if line in loop), default=line + 1)
    return any(
        node.lineno >= first and ast.unparse(node) == name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _parts(events: list[Event], samples: Samples) -> tuple[int, int]:
    """Return how many rows of a batch, or of a part of the samples, have labels of others."""
    width = samples.rows.shape[1]
    size = samples.labels.shape[1]
    known: set[bytes] = set()
    before: list[set[bytes]] = []
    # The labels after a batch of validation samples belong to that batch.
    other = len(events)
    for position in range(samples.position + 1, min(len(events), samples.position + MOST_EVENTS)):
        value = events[position].value
        if value.ndim != 2 or not FEWEST <= value.size // width < len(samples.rows):
            continue
        rows = _samples(events[position], value.size // width)
        if rows is None or rows.shape[1] != width or rows.tobytes() in known:
            continue
        # Labels stand next to rows where these are made; later, those of other rows may.
        known.add(rows.tobytes())
        allowed = [samples.allowed.get(row.tobytes(), set()) for row in rows]
        if not all(allowed):
            other = position if _of_another_set(rows, samples) else other
            continue
        placed = [
            (place, _rows(events[place].value, len(rows)))
            for place in range(max(0, position - 4), min(position + NEXT, len(events)))
            if _is_label(events[place]) and 1 <= events[place].value.ndim <= 2
            if not other < place < position
            if events[place].value.size == len(rows) * size
            and len(rows) in events[place].value.shape
        ]
        # What stands before the rows may be the labels of the batch before.
        near = [
            labels
            for place, labels in placed
            if place > position
            or len(before) != len(rows)
            or _of_others(labels, before, samples.known_labels)
        ]
        before = allowed
        # Something else may be called t: only labels that the samples have are compared.
        near = [
            part for part in near if all(label.tobytes() in samples.known_labels for label in part)
        ]
        counts = [_of_others(labels, allowed, samples.known_labels) for labels in near]
        if counts and min(counts) > 2:
            return min(counts), len(rows)
    return 0, 0


def _parts_apart(events: list[Event], samples: Samples) -> tuple[int, int]:
    """Return how many rows of batches have labels of others, where a pass is between the two.

    The labels are those that stand between one batch and the next, at one place in the code. Those
    of other samples, such as for validation, would be the same each time.
    """
    width, size = samples.rows.shape[1], samples.labels.shape[1]
    before: list[set[bytes]] = []
    between: list[tuple[Any, Any]] = []
    found: dict[Any, list[tuple[int, int, bytes]]] = {}
    for event in events[samples.position + 1 : samples.position + MOST_EVENTS]:
        value = event.value
        if _is_label(event) and 1 <= value.ndim <= 2:
            between.append(((event.line, event.name, event.function), value))
        elif value.ndim == 2 and FEWEST <= value.size // width < len(samples.rows):
            rows = _samples(event, value.size // width)
            if rows is None or rows.shape[1] != width:
                continue
            allowed = [samples.allowed.get(row.tobytes(), set()) for row in rows]
            if not all(allowed):
                if _of_another_set(rows, samples):
                    before, between = [], []
                continue
            n = len(before)
            for place, labels in between:
                if not n or labels.size != n * size or n not in labels.shape:
                    continue
                own = _rows(labels, n)
                if all(label.tobytes() in samples.known_labels for label in own):
                    # They may also be made just before their own batch.
                    sides = [before, allowed] if len(allowed) == n else [before]
                    wrong = min(_of_others(own, side, samples.known_labels) for side in sides)
                    found.setdefault(place, []).append((wrong, n, own.tobytes()))
            before, between = allowed, []
    counts = [
        (sum(wrong for wrong, _, _ in parts), sum(n for _, n, _ in parts))
        for parts in found.values()
        if len({labels for _, _, labels in parts}) >= FEWEST_BATCHES
    ]
    wrong, seen = min(counts, default=(0, 0))
    return (wrong, seen) if wrong > seen * _MANY else (0, 0)


def _of_another_set(rows: Any, samples: Samples) -> bool:
    """Return whether rows belong to another array of samples, such as that for validation."""
    keys = [row.tobytes() for row in rows]
    return any(
        len(rows) < len(other.rows)
        and not np.array_equal(other.labels, samples.labels)
        and all(key in other.allowed for key in keys)
        for other in samples.sets
    )


def _taken_apart(events: list[Event], samples: Samples) -> tuple[int, int]:
    """Return how many samples that one line takes with a label have another's, and of how many."""
    labels: list[Any] = []
    allowed: list[set[bytes]] = []
    size = samples.rows.shape[1]
    label_size = samples.labels[0].size
    for first, second in zip(
        events[samples.position :], events[samples.position + 1 :], strict=False
    ):
        pair = first.line == second.line and first.call == second.call
        if not pair or first.value.size != size or second.value.size != label_size:
            continue
        if _is_label(first) or not _is_label(second):
            continue
        own = samples.allowed.get(first.value.tobytes())
        if own is not None and second.value.tobytes() in samples.known_labels:
            labels.append(second.value)
            allowed.append(own)
    wrong = _of_others(labels, allowed, samples.known_labels)
    return (wrong, len(labels)) if wrong > 2 and len(labels) >= FEWEST else (0, 0)


def _one_by_one(events: list[Event], samples: Samples) -> tuple[int, int]:
    """Return how many samples have labels of others, where each label is taken by itself.

    An index takes it, ``y[k]``, and its sample stands either before the label or after it, alone
    between two such labels; or the same sample stands just before the label and just after it.
    """
    width = samples.rows.shape[1]
    found: dict[tuple[int, str], list[tuple[Any, list[bytes]]]] = {}
    for event in events[samples.position + 1 : samples.position + MOST_EVENTS]:
        taken = event.name.partition("[")
        is_label = (taken[1] or _WORD.search(event.name)) and names_label(taken[0])
        if event.value.size == 1 and is_label:
            label = event.value.reshape(1)
            found.setdefault((event.line, event.name), []).append((label, []))
        elif event.value.size == width and event.value.tobytes() in samples.allowed:
            for labels in found.values():
                labels[-1][1].append(event.value.tobytes())
    for (_, name), labels in found.items():
        if not all(label.tobytes() in samples.known_labels for label, _ in labels):
            continue
        few = max(FEWEST_TAKEN, (1 - _MANY) * len(labels))
        alone = [k for k, (_, rows) in enumerate(labels) if len(set(rows)) == 1]
        pairs = itertools.pairwise([rows for _, rows in labels])
        around = [k for k, (a, b) in enumerate(pairs, 1) if a and b and a[-1] == b[0]]
        if "[" in name and len(alone) >= few:
            # The one sample behind label k is its own, or that of label k + 1.
            places = [[(k, k) for k in alone], [(k + 1, k) for k in alone if k + 1 < len(labels)]]
        elif len(around) >= few:
            places = [[(k, k) for k in around]]
        else:
            continue
        wrong = min(
            _of_others(
                [labels[k][0] for k, _ in pairs],
                [samples.allowed[labels[k][1][0]] for _, k in pairs],
                samples.known_labels,
            )
            for pairs in places
        )
        if wrong > len(places[0]) * _MANY:
            return wrong, len(places[0])
    return 0, 0


def _of_others(labels: Any, allowed: list[set[bytes]], known: set[bytes]) -> int:
    """Return how many labels are those of other samples.

    Labels that are a function of the samples' own, such as "class 1 or not", are theirs. Of samples
    of all ``known`` labels, one label for all is no such function.
    """
    pairs = [(np.asarray(label).tobytes(), own) for label, own in zip(labels, allowed, strict=True)]
    given: dict[bytes, set[bytes]] = {}
    for label, own in pairs:
        if len(own) == 1:
            given.setdefault(next(iter(own)), set()).add(label)
    # Numbers that each stand for one sample are a function of its label in any order.
    classes = 0 < len(given) <= len(pairs) // 2
    classes = classes and (len({label for label, _ in pairs}) > 1 or len(given) < len(known))
    if classes and all(len(found) == 1 for found in given.values()):
        return 0
    return sum(label not in own for label, own in pairs)
