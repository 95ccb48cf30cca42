"""The place of a wrong update in a run that was repeated."""

from typing import Any

import numpy as np

from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.network.findings import gradient_line
from rosenblatt.check.numbers.compared_arrays import to_plain
from rosenblatt.check.report.texts import TITLES

ERROR = 1e-6
"""Part of an update that may be an error of the differences."""


def track_finding(
    moment: Moment, replay: Replay, mistake: str, number: int, right: Any
) -> dict[str, Any]:
    """Return the finding of a parameter, with its first wrong entry."""
    track = moment.tracks[number]
    numbers: dict[str, Any] = {}
    chosen = np.flatnonzero(moment.owner == number)
    if right is not None and chosen.size:
        difference = np.abs(np.nan_to_num(moment.moved[chosen] - right[chosen]))
        wrong = difference > ERROR * np.abs(moment.moved[chosen]).max()
    # Of several updates, the first one may be right.
    if right is not None and chosen.size and wrong.any():
        place = int(np.argmax(wrong))
        per = moment.indices[number]
        numbers = {
            "entry": [int(i) for i in per[place]],
            "analytic": float(moment.moved[chosen][place]),
            "numeric": float(right[chosen][place]),
        }
        if len(chosen) == track.first.size:
            shape = track.first.shape
            arrays = moment.moved[chosen].reshape(shape), right[chosen].reshape(shape)
            numbers["gradients"] = to_plain(*arrays, per[place])
    line = gradient_line(replay.source, track.name) or track.line
    return {**run_finding(mistake, track.name, line, track.function), **numbers}


def run_finding(mistake: str, name: str, line: int, function: str) -> dict[str, Any]:
    """Return the finding of a mistake, by the name and the line of a parameter."""
    return {
        "mistake": mistake,
        "where": function or "training",
        "parameter": name,
        "line": line,
        "text": f"When the run is repeated with another {name}, the loss does not change as the "
        f"update of {name} expects: {TITLES.get(mistake, mistake)}.",
    }
