"""Mistakes that the samples of a run show: other labels, samples that are left out."""

import re
from typing import Any

import numpy as np

from rosenblatt.check.network.losses import common_factor, known_tops, usual_tops
from rosenblatt.check.network.network import Step
from rosenblatt.check.record.recording import Event
from rosenblatt.check.report.left_over import left_over
from rosenblatt.check.source.text import Source


def sample_findings(events: list[Event], steps: list[Step], source: Source) -> list[dict[str, Any]]:
    """Return a finding for labels of other samples and for samples that are left out."""
    x_rows = steps[0].net.x
    d = x_rows.shape[1]
    tables = []
    for event in events[:300]:
        value = event.value
        if value.ndim == 2 and d in value.shape and value.size >= x_rows.size:
            tables.append(value if value.shape[1] == d else value.T)
    whole = next((table for table in tables if len(table) >= len(x_rows)), None)
    if whole is None:
        return []
    n_all = len(whole)
    y_all = None
    c = steps[0].targets[0].shape[1]
    for event in events[:300]:
        value = event.value
        if (
            value.size in (n_all, n_all * c)
            and value.ndim <= 2
            and re.search(r"(^|_|\.)(y|t|target|label)", event.name, re.I)
        ):
            if value.size == n_all * c:
                y_all = (
                    value.T if value.shape == (c, n_all) and c != n_all else value.reshape(n_all, c)
                )
            elif c > 1 and value.min() >= 0 and value.max() < c:
                y_all = np.eye(c)[value.ravel().astype(int)]
            break
    labels: dict[bytes, set[bytes]] = {}
    if y_all is not None:
        for row, target in zip(whole, y_all, strict=True):
            labels.setdefault(row.tobytes(), set()).add(target.tobytes())
        wrong = seen = 0
        known = set.union(*labels.values())
        for step in steps:
            allowed = [labels.get(row.tobytes()) for row in np.ascontiguousarray(step.net.x)]
            used = _used_targets(step, known, allowed)
            if used is None or not all(allowed):
                # Of activations, only rows of zeros are alike in two passes.
                continue
            for own, target in zip(allowed, used, strict=True):
                if own is not None:
                    seen += 1
                    wrong += target not in own
        if wrong and seen > 2:
            line = source.line_matching(r"shuffle|permutation|\[perm|\[idx|\[order|argsort")
            return [
                {
                    "mistake": "labels-misaligned",
                    "where": "training",
                    "line": line,
                    "text": f"{wrong} of {seen} samples are trained with another sample's label.",
                }
            ]
    every = _least_with(tables, x_rows)
    return [] if every is None else _left_over(events, x_rows, every, source)


def _least_with(tables: list[Any], rows: Any) -> Any:
    """Return the smallest table that has some rows and more, or the first table if it has them.

    Before it, there may be the samples of each class, or those of training and test together. A
    later table with the same rows and no more may hold activations.
    """
    own = {row.tobytes() for row in np.ascontiguousarray(rows)}
    every = [t for t in tables if own <= {row.tobytes() for row in np.ascontiguousarray(t)}]
    larger = [table for table in every if len(table) > len(rows)]
    first = every[0] if every and every[0] is tables[0] else None
    return min(larger, key=len, default=first)


def _used_targets(
    step: Step, known: set[bytes], allowed: list[set[bytes] | None]
) -> list[bytes] | None:
    """Return the label of each sample whose gradient an update follows; None without such labels.

    Of one sample with one output, the gradients of all labels on one side of the output have one
    direction. The sample's own labels, ``allowed``, are therefore tried first, and what is none of
    the ``known`` labels is not tried at all.
    """
    tops = [
        *known_tops(step),
        *((None, y, top) for y in step.targets for _, top in usual_tops(step, y)),
    ]
    found = []
    for loss, y, top in tops:
        rows = [row.tobytes() for row in np.ascontiguousarray(y)]
        if not known.issuperset(rows):
            continue
        c = common_factor(step.moved, step.net.backward(top))
        if c is not None and (loss is not None or c > 0):
            if all(own is None or row in own for row, own in zip(rows, allowed, strict=True)):
                return rows
            found.append(rows)
    return found[0] if found else None


def _left_over(
    events: list[Event], x_rows: Any, every: Any, source: Source
) -> list[dict[str, Any]]:
    n_all = len(every)
    size, d = x_rows.shape
    if size < 2 or n_all % size == 0 or size >= n_all:
        return []
    if re.search(r"choice\(|randint\(|\.sample\(", source.code):
        return []
    ragged = n_all % size
    full = 0
    rows: set[bytes] = set()
    for event in events:
        if event.value.ndim == 2 and re.search(r"x|b|inp|data", event.name, re.I):
            if event.value.shape in ((ragged, d), (d, ragged)):
                return []
            if event.value.shape in ((size, d), (d, size)):
                full += 1
                batch = event.value if event.value.shape == (size, d) else event.value.T
                rows |= {row.tobytes() for row in np.ascontiguousarray(batch)}
    if full >= 2 * (n_all // size) + 1:
        unused = {row.tobytes() for row in np.ascontiguousarray(every)} - rows
        if len(unused) > ragged:
            # The same few rows each time are no batches of a pass: they are for a test.
            return []
        line = source.line_matching(r"//|range\(")
        return [left_over(n_all, size, line, is_reshuffled=len(unused) < ragged)]
    return []
