"""Functions that shuffle samples and divide them into batches."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.classes import is_target
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.calls import arguments, plain, required
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

ROWS, SIZE = 10, 4


def check_batches(name: str, function: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a function that shuffles or makes batches; None for another."""
    if not re.search(r"batch|shuffle|split_data|loader", name.lower()):
        return None
    x = np.arange(ROWS * 3, dtype=float).reshape(ROWS, 3)
    y = np.arange(ROWS)
    values: list[Any] = []
    for argument in required(function):
        p = plain(argument)
        if is_target(argument) or re.search("label|target", p):
            values.append(y.copy())
        elif re.search(r"batch|size|^n$|^bs$|^b$", p):
            values.append(SIZE)
        elif re.fullmatch(r"x\w*|inputs?|data|samples|features", p):
            values.append(x.copy())
        elif "seed" in p:
            values.append(0)
        elif "rng" in p:
            values.append(np.random.default_rng(0))
        else:
            return None
    if len(values) < 2:
        return None
    sized = any(re.search(r"batch|size|^bs$", plain(a)) for a in arguments(function))
    try:
        result = seeded(_collect, function, values)
    except FailedError:
        return None
    pairs = _pairs(result)
    if not pairs:
        return None
    rows = np.concatenate([np.asarray(a)[:, 0] / 3 for a, _ in pairs])
    labels = np.concatenate([np.asarray(b).reshape(len(b), -1)[:, 0] for _, b in pairs])
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
    if sized and len(set(rows.tolist())) < ROWS and not re.search("random|sample", name.lower()):
        if len(pairs) < 2:
            return None
        return [
            {
                "mistake": "last-batch-dropped",
                "where": name,
                "line": _line(function, source, r"//|range\("),
                "text": f"Of {ROWS} samples in batches of {SIZE}, only {len(rows)} are returned.",
            }
        ]
    return []


def _collect(function: Any, values: list[Any]) -> Any:
    result = function(*values)
    if hasattr(result, "__next__"):
        result = [item for item, _ in zip(result, range(50), strict=False)]
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
        and item[0].shape[1] == 3
        and isinstance(item[1], np.ndarray)
    )


def _line(function: Any, source: Source, pattern: str) -> int | None:
    node = source.node_of(function)
    return source.line_matching(pattern, node.lineno) if node is not None else None
