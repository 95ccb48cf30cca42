"""One run that is recorded and judged, with names for what is inside of its expressions."""

import time
from pathlib import Path
from typing import Any

from rosenblatt.check.limits.numpy_names import kept_numpy_names
from rosenblatt.check.named_terms import with_named_terms
from rosenblatt.check.record.recording import Recorder, record
from rosenblatt.check.run_ends import failure
from rosenblatt.check.run_judgement import OF_THE_LOSS, by_updates, confirms, judged
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.text import Source

RUN_SECONDS = 4.0
"""Seconds of processor time of a run."""

NAMED_SECONDS = 8.0
"""Seconds of processor time of all trainings together after which none gets more names."""


def recorded(text: str, path: Path, name: str) -> tuple[Recorder, dict[str, Any], Any]:
    """Return the record of a run of a text, its names at the end, and what ended it."""
    with kept_numpy_names():
        return record(Source(text), path, name, RUN_SECONDS)


def judged_run(
    recorder: Recorder,
    source: Source,
    text: str,
    path: Path,
    name: str,
    coverage: Coverage,
    began: float,
) -> list[dict[str, Any]] | None:
    """Return the findings of a recorded run; None where its updates were not understood.

    Where they follow no loss that could be formed of the values with names, the run is repeated
    with more names, in the time that is left since ``began``.
    """
    checked = {function for function, _ in coverage.reached}
    with kept_numpy_names():
        found = judged(recorder, source, text, path, name, checked, coverage.errors)
    named = None
    if _may_be_unnamed(found) and time.process_time() - began < NAMED_SECONDS:
        named = with_named_terms(text)
    if named is None:
        return found
    again, _, ended = recorded(named, path, name)
    if failure(ended, path):
        return found
    with kept_numpy_names():
        known = {finding["mistake"] for finding in found or ()} - {"unexplained"}
        if confirms(again, named, path, name, known):
            return found
        other = judged(again, source, named, path, name, checked, coverage.errors)
    return found if other is None else other


def _may_be_unnamed(findings: list[dict[str, Any]] | None) -> bool:
    """Return whether updates follow no loss that could be formed of the values with names."""
    if findings is None:
        return True
    return bool(findings) and {finding["mistake"] for finding in findings} <= {*OF_THE_LOSS}


def by_other_text(
    text: str, source: Source, path: Path, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Run a changed text; return the findings of its updates, None if they were not understood."""
    recorder, _, ended = recorded(text, path, "__main__")
    if failure(ended, path):
        return None
    with kept_numpy_names():
        return by_updates(recorder, source, text, path, "__main__", coverage.errors)
