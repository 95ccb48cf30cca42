"""Updates by the gradients that a function of the file returns, compared with usual rules."""

from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.replay import MOST_EVENTS, Replay, Track, tracks_of
from rosenblatt.check.descent.stateful_updates import Place, hypers_of, rule_of
from rosenblatt.check.functions.gradient_cases import GRADIENT
from rosenblatt.check.optimizers.mistakes import wrong_rules
from rosenblatt.check.optimizers.rules import right_rules
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.words import last_word


def findings_by_gradients(replay: Replay, checked: set[str]) -> list[dict[str, Any]] | None:
    """Return the findings of updates by gradients that functions return which are right.

    Parameters and gradients are paired by name, or else by a shape that no other has. None: a
    parameter's rule is not recognized.
    """
    returned: dict[str, list[Place]] = {}
    others: dict[str, list[Place]] = {}
    by_shape: dict[tuple[int, ...], list[Place]] = {}
    for event in replay.events[:MOST_EVENTS]:
        place = (event.line, event.name, event.function)
        word = last_word(event.name)
        if event.name.startswith("return[") and event.function in checked:
            returned.setdefault(word, []).append(place)
            by_shape.setdefault(event.value.shape, []).append(place)
        elif GRADIENT.search(event.name.split("[")[0].lower()) and word != event.name:
            others.setdefault(word, []).append(place)
    hypers = list(hypers_of(replay))
    findings: list[dict[str, Any]] = []
    tracks = [
        track
        for track in tracks_of(replay.events)
        if (last_word(track.name) in returned or track.first.shape in by_shape)
        and _is_given(replay, track, checked)
    ]
    shapes = [track.first.shape for track in tracks]
    for track in tracks:
        word = last_word(track.name)
        named = returned.get(word) or by_shape[track.first.shape]
        if word not in returned and (shapes.count(track.first.shape) > 1 or len(set(named)) > 1):
            # Either gradient may be that of the other parameter.
            return None
        places = list(dict.fromkeys([*named, *others.get(word, [])]))
        found = rule_of(replay, track, places, right_rules, hypers) or rule_of(
            replay, track, places, wrong_rules, hypers
        )
        if found is None:
            return None
        if found.mistake:
            text = f"The gradient of {track.name} is right, and its update is not: "
            text += f"{TITLES.get(found.mistake, found.mistake)}."
            finding = run_finding(found.mistake, track.name, track.line, track.function)
            findings.append({**finding, "text": text})
    return findings[:1] if tracks else None


def _is_given(replay: Replay, track: Track, checked: set[str]) -> bool:
    """Return whether a function is given a parameter, as it never is the state of a rule."""
    return any(
        event.function in checked and np.array_equal(event.value, value)
        for value in (track.first, track.versions[0][1])
        for event in replay.events[:MOST_EVENTS]
    )
