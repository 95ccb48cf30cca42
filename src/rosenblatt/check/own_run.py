"""The file's own training, and trainings that are added to it."""

import itertools
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.added_runs import added_findings
from rosenblatt.check.fewer_samples import with_fewer_samples
from rosenblatt.check.judged_run import RUN_SECONDS, by_other_text, judged_run, recorded
from rosenblatt.check.larger_rates import LARGER_RATE, with_larger_rates
from rosenblatt.check.larger_weights import with_larger_weights
from rosenblatt.check.later_loops import with_later_loops
from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.limits.sandbox import OutOfTimeError
from rosenblatt.check.record.recording import EnoughError, Recorder, record
from rosenblatt.check.repeated_trainings import with_other_calls
from rosenblatt.check.reports import MOST_EVENTS as MOST_REPORTED
from rosenblatt.check.reports import with_all_reports
from rosenblatt.check.run_ends import failure, stop
from rosenblatt.check.run_errors import finding_of_error
from rosenblatt.check.run_judgement import judged
from rosenblatt.check.settings import with_other_settings
from rosenblatt.check.source.coverage import SCRIPT_PLACE, Coverage
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source, without_loops_of
from rosenblatt.check.values.mixed_shapes import mixed_shapes
from rosenblatt.check.wide_limits import with_wide_limits

MORE_SECONDS = 40.0
"""Seconds of processor time of all trainings together after which no other text is tried."""


def check_run(
    source: Source, path: Path, module: dict[str, Any], facts: Facts, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the file's own training, and of trainings that are added to it.

    A training is added where there is none that is understood, and for the parts that no check
    has reached.
    """
    began = time.process_time()
    found: list[dict[str, Any]] | None = None
    if re.search(r"\b(for|while)\b", source.text):
        found = _own_findings(source, path, facts, coverage, began)
    if found or coverage.idle:
        # A training after the line that has not ended would not be reached.
        return found
    return added_findings(source, path, module, facts, coverage, found, began)


def _own_findings(
    source: Source, path: Path, facts: Facts, coverage: Coverage, began: float
) -> list[dict[str, Any]] | None:
    """Return the findings of the file's own run; None where it is not understood."""
    recorder, names, ended = recorded(source.text, path, "__main__")
    coverage.not_finite |= {
        event.function for event in recorder.events if not np.isfinite(event.value).all()
    }
    coverage.failed = failure(ended, path)
    coverage.stopped = stop(ended, recorder.events, source, path)
    if isinstance(ended, OutOfTimeError) and not any(e.updates for e in recorder.events):
        coverage.idle = coverage.stopped
        return None
    stopped = finding_of_error(ended, source, path, own=True)
    if stopped:
        return stopped
    found = judged_run(recorder, source, source.text, path, "__main__", coverage, began)
    if found is None:
        texts = [with_wide_limits(source)]
        if isinstance(ended, EnoughError):
            texts.append(without_loops_of(source.text, facts.right_layers))
            texts.append(with_fewer_samples(source, path, names, ended.__traceback__))
        results = (
            by_other_text(text, source, path, coverage)
            for text in filter(None, texts)
            if time.process_time() - began < MORE_SECONDS
        )
        found = next((result for result in results if result is not None), None)
    if found is None:
        coverage.run |= recorder.called
        return None
    found = found or _other_runs(recorder, source, path, coverage, began)
    coverage.reached |= {*recorder.called, SCRIPT_PLACE}
    return found


def _other_runs(
    recorder: Recorder, source: Source, path: Path, coverage: Coverage, began: float
) -> list[dict[str, Any]]:
    """Return the findings of the training with another of its settings first, or more reports."""
    events = list(recorder.events)
    checked = {function for function, _ in coverage.reached}
    others = (
        with_other_settings(source, events),
        with_other_calls(source, events),
        with_later_loops(source, events),
    )
    for text in itertools.chain(*others):
        if time.process_time() - began > MORE_SECONDS:
            return []
        other, _, ended = recorded(text, path, "__main__")
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
        if time.process_time() - began > MORE_SECONDS:
            return []
        # What nothing explains in a changed run may come from the change.
        results = by_other_text(text, source, path, coverage) or []
        named = [finding for finding in results if finding["mistake"] != "unexplained"]
        if named:
            return named
    with_rate = with_larger_rates(source)
    if with_rate is not None and time.process_time() - began < MORE_SECONDS:
        results = by_other_text(with_rate, source, path, coverage) or []
        early = [finding for finding in results if finding["mistake"] == "update-before-use"]
        if early:
            return [{**finding, "text": f"{finding['text']} {LARGER_RATE}"} for finding in early]
    text_with_reports = with_all_reports(source, events)
    if text_with_reports is None:
        return []
    reporting = Source(text_with_reports)
    with kept_numpy_names():
        other, _, _ = record(reporting, path, "__main__", RUN_SECONDS, end=MOST_REPORTED)
    return mixed_shapes(other.events, source)
