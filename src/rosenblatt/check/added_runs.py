"""Trainings that are added to a file, for the parts that nothing in it trains."""

import inspect
import re
import time
from pathlib import Path
from typing import Any

from rosenblatt.check.definitions import NAME
from rosenblatt.check.driver import drivers
from rosenblatt.check.driver_networks import network_drivers
from rosenblatt.check.judged_run import judged_run, recorded
from rosenblatt.check.run_errors import finding_of_error
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source

ADDED_SECONDS = 15.0
"""Seconds of processor time of all trainings together after which no further one is added."""


def added_findings(
    source: Source,
    path: Path,
    module: dict[str, Any],
    facts: Facts,
    coverage: Coverage,
    result: list[dict[str, Any]] | None,
    began: float,
) -> list[dict[str, Any]] | None:
    """Return the findings of added trainings, of the first one with any.

    ``result`` is what is known before: [] where the file's own training is right, None where none
    is understood. ``began`` is when the trainings began, by the processor's time.
    """
    made = drivers(module, facts.columns, facts.right_layers, source)
    networks = network_drivers(module, facts.columns, facts)
    composed = {f"{source.text}\n{text}" for _, text in networks}
    in_networks: list[dict[str, Any]] = []
    for owner, driver in [*made, *networks]:
        text = f"{source.text}\n{driver}"
        if time.process_time() - began > ADDED_SECONDS:
            break
        owners = {part.owner for part in coverage.missing(source)}
        if result is not None and not (owner in owners if owner else owners):
            continue
        if text in composed and owner not in owners:
            continue
        try:
            recorder, _, ended = recorded(text, path, NAME)
        except SyntaxError:
            continue
        stopped = finding_of_error(ended, source, path, own=False)
        if stopped:
            return stopped
        found = judged_run(recorder, source, text, path, NAME, coverage, began)
        if found is None:
            coverage.run |= recorder.called
            continue
        if found and text in composed:
            # Layers and loss may not belong together: what is wrong must be in the network itself.
            in_networks = in_networks or _inside(found, module.get(str(owner)), source)
            continue
        if not isinstance(module.get(str(owner)), type):
            # Of a function, the weights are made up.
            found = [finding for finding in found if finding["mistake"] != "symmetric-init"]
        coverage.reached |= recorder.called
        if found:
            return found
        result = found
    return in_networks if result is None and in_networks else result


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
