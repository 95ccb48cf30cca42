"""The file's own training, and trainings that are added to it."""

import inspect
import itertools
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.definitions import NAME
from rosenblatt.check.driver import drivers
from rosenblatt.check.driver_networks import network_drivers
from rosenblatt.check.fewer_samples import with_fewer_samples
from rosenblatt.check.larger_weights import with_larger_weights
from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.limits.sandbox import OutOfTimeError, text_of
from rosenblatt.check.named_terms import with_named_terms
from rosenblatt.check.record.recording import EnoughError, Recorder, record
from rosenblatt.check.repeated_trainings import with_other_calls
from rosenblatt.check.reports import MOST_EVENTS as MOST_REPORTED
from rosenblatt.check.reports import with_all_reports
from rosenblatt.check.run_ends import failure, last_line, stop
from rosenblatt.check.run_judgement import OF_THE_LOSS, by_updates, judged
from rosenblatt.check.settings import with_other_settings
from rosenblatt.check.source.coverage import SCRIPT_PLACE, Coverage
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source, without_loops_of
from rosenblatt.check.values.mixed_shapes import mixed_shapes
from rosenblatt.check.wide_limits import with_wide_limits

RUN_SECONDS = 4.0
"""Seconds of processor time of the file's own run."""

ADDED_SECONDS = 15.0
"""Seconds of processor time of all trainings together after which no further one is added."""


NAMED_SECONDS = 8.0
"""Seconds of processor time of all trainings together after which none gets more names."""


def check_run(
    source: Source, path: Path, module: dict[str, Any], facts: Facts, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the file's own training, and of trainings that are added to it.

    A training is added where there is none that is understood, and for the parts that no check
    has reached.
    """
    began = time.process_time()
    result: list[dict[str, Any]] | None = None
    runs = re.search(r"for |while ", source.text) is not None
    made = drivers(module, facts.columns, facts.right_layers, source)
    networks = network_drivers(module, facts.columns, facts)
    composed = {f"{source.text}\n{text}" for _, text in networks}
    in_networks: list[dict[str, Any]] = []
    of_shapes: list[dict[str, Any]] = []
    added = [(owner, f"{source.text}\n{text}") for owner, text in [*made, *networks]]
    for owner, text in [*([(None, source.text)] * runs), *added]:
        own = text is source.text
        if not own and time.process_time() - began > ADDED_SECONDS:
            break
        owners = {part.owner for part in coverage.missing(source)}
        if result is not None and not (owner in owners if owner else owners):
            continue
        if text in composed and owner not in owners:
            continue
        name = "__main__" if own else NAME
        try:
            with kept_numpy_names():
                recorder, names, ended = record(Source(text), path, name, RUN_SECONDS)
        except SyntaxError:
            continue
        if own:
            coverage.not_finite |= {
                event.function for event in recorder.events if not np.isfinite(event.value).all()
            }
            coverage.failed = failure(ended, path)
            coverage.stopped = stop(ended, recorder.events, source, path)
            if isinstance(ended, OutOfTimeError) and not any(e.updates for e in recorder.events):
                # A training after this line would not be reached.
                coverage.idle = coverage.stopped
                break
        stopped = _stopped(ended, source, path, own=own)
        if stopped:
            return stopped
        checked = {function for function, _ in coverage.reached}
        with kept_numpy_names():
            found = judged(recorder, source, text, path, name, checked, coverage.errors)
        if _may_be_unnamed(found) and time.process_time() - began < NAMED_SECONDS:
            named = with_named_terms(text)
            if named is not None:
                found = _with_names(named, path, name, checked, coverage, found)
        if own and found is None:
            others = [with_wide_limits(source)]
            if isinstance(ended, EnoughError):
                others.append(without_loops_of(source.text, facts.right_layers))
                others.append(with_fewer_samples(source, path, names, ended.__traceback__))
            for other in filter(None, others):
                found = _by_other(other, source, path, coverage) if found is None else found
        if found is None:
            coverage.run |= recorder.called
            continue
        if found and text in composed:
            # Layers and loss may not belong together: what is wrong must be in the network itself.
            in_networks = in_networks or _inside(found, module.get(str(owner)), source)
            continue
        if found and not own and found[0]["mistake"] == "broadcast":
            # The class may take targets of another shape than those that were made up.
            of_shapes = of_shapes or found
            continue
        if not (own or isinstance(module.get(str(owner)), type)):
            # Of a function, the weights are made up.
            found = [finding for finding in found if finding["mistake"] != "symmetric-init"]
        coverage.reached |= recorder.called
        if own:
            coverage.reached.add(SCRIPT_PLACE)
        if own and not found:
            found = _other_runs(recorder, source, path, checked, coverage)
        if found:
            return found
        result = found
    return result if result is not None else in_networks or of_shapes or None


def _inside(findings: list[dict[str, Any]], cls: Any, source: Source) -> list[dict[str, Any]]:
    """Return the findings of methods of a class, with lines in these methods."""
    result = []
    for finding in findings:
        method = vars(cls).get(finding["where"].rpartition(".")[2])
        node = source.node_of(method) if inspect.isfunction(method) else None
        if node is None:
            continue
        line = finding.get("line") or 0
        if not node.lineno <= line <= (node.end_lineno or 0):
            words = re.findall(r"\w+", finding.get("parameter") or "")[-1:]
            line = source.line_of_value(method, words) or node.lineno
        result.append({**finding, "line": line})
    return result


def _may_be_unnamed(findings: list[dict[str, Any]] | None) -> bool:
    """Return whether updates follow no loss that could be formed of the values with names."""
    if findings is None:
        return True
    return bool(findings) and {finding["mistake"] for finding in findings} <= {*OF_THE_LOSS}


def _with_names(
    text: str,
    path: Path,
    name: str,
    checked: set[str],
    coverage: Coverage,
    found: list[dict[str, Any]] | None,
) -> list[dict[str, Any]] | None:
    """Return the findings of a run in which more values have names, or else those ``found``."""
    with kept_numpy_names():
        recorder, _, ended = record(Source(text), path, name, RUN_SECONDS)
    if failure(ended, path):
        return found
    with kept_numpy_names():
        named = judged(recorder, Source(text), text, path, name, checked, coverage.errors)
    return found if named is None else named


def _by_other(
    text: str, source: Source, path: Path, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the updates of a run of another text; None where none is known."""
    with kept_numpy_names():
        recorder, _, ended = record(Source(text), path, "__main__", RUN_SECONDS)
    if failure(ended, path):
        return None
    with kept_numpy_names():
        return by_updates(recorder, source, text, path, "__main__", coverage.errors)


def _other_runs(
    recorder: Recorder, source: Source, path: Path, checked: set[str], coverage: Coverage
) -> list[dict[str, Any]]:
    """Return the findings of the training with another of its settings first, or more reports."""
    events = list(recorder.events)
    others = with_other_settings(source, events), with_other_calls(source, events)
    for text in itertools.chain(*others):
        with kept_numpy_names():
            other, _, ended = record(Source(text), path, "__main__", RUN_SECONDS)
        if failure(ended, path):
            continue
        events += other.events
        with kept_numpy_names():
            found = judged(other, source, text, path, "__main__", checked, coverage.errors)
        if found:
            return found
        if found is not None:
            coverage.reached |= other.called
    wide = with_wide_limits(source)
    larger = with_larger_weights(source if wide is None else Source(wide))
    for text in dict.fromkeys(filter(None, (larger, wide))):
        found = _by_other(text, source, path, coverage)
        if found:
            return found
    text_with_reports = with_all_reports(source, events)
    if text_with_reports is None:
        return []
    reporting = Source(text_with_reports)
    with kept_numpy_names():
        other, _, _ = record(reporting, path, "__main__", RUN_SECONDS, end=MOST_REPORTED)
    return mixed_shapes(other.events, source)


def _stopped(ended: Any, source: Source, path: Path, *, own: bool) -> list[dict[str, Any]] | None:
    """Return the finding of an error that ended a run; None for another end."""
    words = text_of(ended)
    if isinstance(ended, TypeError) and "Cannot cast ufunc" in words and "int" in words:
        return [
            {
                "mistake": "integer-weights",
                "where": "training",
                "line": last_line(ended, path),
                "text": f"The update fails: {words}.",
            }
        ]
    if own and isinstance(ended, ValueError):
        line = last_line(ended, path)
        broad = re.search("broadcast", words)
        if line and (broad or re.search("not aligned|matmul", words)):
            return [
                {
                    "mistake": "broadcast" if broad or _flat_targets(source) else "transposed",
                    "where": "training",
                    "line": line,
                    "text": f"The run stops: {words}.",
                }
            ]
    return None


def _flat_targets(source: Source) -> bool:
    """Return whether targets (N,) meet outputs (N, 1) in the code."""
    return re.search(r"\by\w* = np\.array\(\[[\d. ,]+\]", source.code) is not None
