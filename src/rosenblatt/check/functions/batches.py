"""Functions that shuffle samples and divide them into batches."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import arguments, plain, required
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

ROWS, SIZE = 10, 4

_MOST_BATCHES = 1000
"""Batches that are taken of a generator, which may have no end."""


def check_batches(
    name: str, function: Any, source: Source, calls: list[RecordedCall]
) -> list[dict[str, Any]] | None:
    """Return the findings of a function that shuffles or makes batches; None for another.

    Where the file's own calls leave out no sample, a rest that others would leave is no mistake.
    """
    if not re.search(r"batch|shuffle|split_data|loader", name.lower()):
        return None
    pairs = _batches(function, SIZE)
    if not pairs:
        return None
    rows, labels = _joined(pairs)
    sized = any(re.search(r"batch|size|^bs$", plain(a)) for a in arguments(function))
    if len(rows) != len(labels) or not (rows == labels).all():
        wrong = int((rows[: len(labels)] != labels[: len(rows)]).sum())
        return [
            {
                "mistake": "labels-misaligned",
                "where": name,
                "line": _line(function, source, r"perm|shuffle|order|idx|\["),
                "text": f"{wrong} of {len(rows)} samples have another sample's label.",
            }
        ]
    drawn = re.search("random|sample", name.lower()) and not _makes_passes(function)
    meant = any("drop" in plain(argument) for argument in arguments(function))
    if sized and len(set(rows.tolist())) < ROWS and not drawn and not meant:
        if len(pairs) < 2:
            return None
        own = [call for call in calls if call.function.__name__ == name]
        if own and all(map(_has_no_rest, own)):
            return []
        return [
            {
                "mistake": "last-batch-dropped",
                "where": name,
                "line": _line(function, source, r"//|range\("),
                "text": f"Of {ROWS} samples in batches of {SIZE}, only {len(rows)} are returned.",
            }
        ]
    return []


def _batches(function: Any, size: int) -> list[tuple[Any, Any]]:
    """Return (samples in rows, labels) of the batches of a function; [] where it makes none.

    It takes samples in rows, with a label each, or in columns.
    """
    x, y = np.arange(ROWS * 3, dtype=float).reshape(ROWS, 3), np.arange(ROWS)
    for samples, labels in ((x, y), (x.T.copy(), y[None, :])):
        values = _arguments(function, samples, labels, size)
        try:
            pairs = _pairs(seeded(_collect, function, values)) if len(values) > 1 else []
        except FailedError:
            continue
        if samples is not x:
            pairs = [(a.T, b.T) for a, b in pairs]
        if pairs and all(_has_samples(a) for a, _ in pairs):
            return pairs
    return []


def _has_no_rest(call: RecordedCall) -> bool:
    """Return whether all samples of a call are in its batches."""
    try:
        pairs = _pairs(seeded(_collect, call.function, call.values))
    except FailedError:
        return False
    arrays = [v for v in call.values.values() if isinstance(v, np.ndarray) and v.ndim == 2]
    wholes = [array for array in arrays if pairs and array.shape[1:] == pairs[0][0].shape[1:]]
    most = max(map(len, wholes), default=0)
    return 0 < most <= sum(len(rows) for rows, _ in pairs)


def _has_samples(batch: Any) -> bool:
    """Return whether the rows of an array are whole samples."""
    if batch.ndim != 2 or batch.shape[1] != 3:
        return False
    first = batch[:, :1]
    return bool((first % 3 == 0).all() and (batch == first + np.arange(3)).all())


def _joined(pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the numbers of the samples in all batches, and their labels."""
    rows = np.concatenate([np.asarray(a)[:, 0] / 3 for a, _ in pairs])
    return rows, np.concatenate([np.asarray(b).reshape(len(b), -1)[:, 0] for _, b in pairs])


def _makes_passes(function: Any) -> bool:
    """Return whether a function gives as many whole batches as there are, and no sample twice.

    Batches that are drawn one by one have common samples in one of two sizes.
    """
    for size in (SIZE, SIZE - 1):
        pairs = _batches(function, size)
        rows = _joined(pairs)[0].tolist() if pairs else []
        if len(rows) != ROWS // size * size or len(set(rows)) < len(rows):
            return False
    return True


def _arguments(function: Any, samples: Any, labels: Any, size: int) -> dict[str, Any]:
    """Return values for the arguments of a function; {} where one is not known by its name.

    A size of batches may have a default that is larger than the number of samples.
    """
    values: dict[str, Any] = {}
    needed = required(function)
    for argument in arguments(function):
        p = plain(argument)
        is_size = re.search(r"batch|size|^bs$", p) is not None
        if argument not in needed and not is_size:
            continue
        if is_target(argument) or re.search("label|target", p):
            values[argument] = labels.copy()
        elif is_size or re.fullmatch("n|b", p):
            values[argument] = size
        elif re.fullmatch(r"x\w*|inputs?|data|samples|features", p):
            values[argument] = samples.copy()
        elif "seed" in p:
            values[argument] = 0
        elif "rng" in p:
            values[argument] = np.random.default_rng(0)
        else:
            return {}
    return values


def _collect(function: Any, values: dict[str, Any]) -> Any:
    result = function(**values)
    if hasattr(result, "__next__"):
        result = [item for item, _ in zip(result, range(_MOST_BATCHES), strict=False)]
    return result


def _pairs(result: Any) -> list[tuple[Any, Any]]:
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], np.ndarray):
        return [(result[0], result[1])] if _fits(result) else []
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], list):
        result = list(zip(*result, strict=False))
    if isinstance(result, list) and result and all(_fits(item) for item in result):
        return [(item[0], item[1]) for item in result]
    return []


def _fits(item: Any) -> bool:
    return (
        isinstance(item, tuple | list)
        and len(item) == 2
        and isinstance(item[0], np.ndarray)
        and item[0].ndim == 2
        and isinstance(item[1], np.ndarray)
    )


def _line(function: Any, source: Source, pattern: str) -> int | None:
    node = source.node_of(function)
    return source.line_matching(pattern, node.lineno) if node is not None else None
