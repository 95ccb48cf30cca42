"""Biases that no update moves, and other parameters whose gradient is computed for nothing."""

import ast
import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.losses import loss_candidates
from rosenblatt.check.descent.moments import Moment, moment_of
from rosenblatt.check.descent.replay import Replay, Track, tracks_of
from rosenblatt.check.descent.update_steps import steps_of
from rosenblatt.check.network.chains import NO_PARAMETER
from rosenblatt.check.source.words import BIASES, GRADIENTS, RANDOM, without_index

_INPUT = re.compile(r"inp|in_|img|image|batch|feat|obs", re.I)
"""Names of inputs, whose gradient is computed for the layer below."""

BIAS = re.compile(
    rf"((^|[^a-z])(b|({BIASES})\w*)|^(self\.)?c)"
    r"(\d*|_?\w{0,3}|_\w+)(\[\d+\])?\W*$",
    re.I,
)

_DRAWN = re.compile(rf"{RANDOM}|normal|gauss", re.I)
"""Code that draws random numbers."""

LATEST = 6000
"""Events after the first update up to which one is looked for that has not moved a bias."""

MOST_CANDIDATES = 8
MOST_OF_BIAS, MOST_OF_WEIGHTS = 200, 4000
"""Entries of arrays that are looked at."""

_GRADIENT = re.compile(r"^(?:d_?|grad(?:ient)?_?|g_?|nabla_?|delta_?)(\w+?)(?:_?grad)?$")
"""The name of a gradient, and in it that of its parameter."""

_GRADIENTS_BY_KEY = re.compile(rf"(^|\.)_?(d|g|gs|gr|({GRADIENTS})\w*)\[['\"]")
"""A dict of gradients, which have the keys of their parameters: g['W1'], self.grads['b']."""

SLIGHT = 1e-5
"""Part of the largest derivative that may be an error of the differences."""


def missing_biases(
    replay: Replay, tracks: list[Track], moments: list[Moment], key: Any
) -> list[dict[str, Any]]:
    """Return a finding for a parameter that the outputs depend on and that no update moves.

    It has the name of a bias, or the run computes an array that has the name of its gradient.
    ``key`` is that of the loss whose gradient the updates of ``tracks`` follow, None where a rule
    with a state hides it.
    """
    updated = [*tracks, *_moving(tracks_of(replay.events))]
    first = min(track.versions[0][0] for track in tracks)
    constant = [
        track
        for track in _constant(replay, moments[0].window[1])
        if not _moves_under_its_name(track, updated, first + LATEST)
        and not _is_start(replay, track, updated)
    ]
    idle = _idle_updates(replay)
    constant = [track for track in constant if without_index(track.name) not in idle]
    widths = {1, *(width for track in tracks for width in track.first.shape)}
    for track in constant[:MOST_CANDIDATES]:
        if BIAS.search(track.name) and track.first.size not in widths:
            # Of A x = b, the right side has an entry for each sample.
            continue
        if track.first.ndim == 0:
            is_bias = _is_added(replay, track, tracks, moments)
            if is_bias and any(e.updates and e.name == track.name for e in replay.events):
                # Of balanced labels, the gradient may be 0.
                is_bias = _has_slope(replay, track, moments[0], key)
        else:
            is_bias = _stays(replay, track, tracks) and _has_slope(replay, track, moments[0], key)
        if is_bias:
            is_named = BIAS.search(track.name) is not None
            mistake = "bias-gradient-missing" if is_named else "gradient-missing"
            finding = run_finding(mistake, track.name, track.line, track.function)
            text = f"The loss depends on {track.name}, and no update changes it."
            return [{**finding, "text": text}]
    return []


def _is_start(replay: Replay, track: Track, updated: list[Track]) -> bool:
    """Return whether a function is given a value that updates of its argument begin with."""
    moved = {(t.function, t.name) for t in updated}
    functions = {function.name: function for function in replay.source.functions}
    return any(
        (name, argument.arg) in moved and ast.unparse(value) == track.name
        for call in ast.walk(replay.source.tree)
        if isinstance(call, ast.Call) and (name := ast.unparse(call.func)) in functions
        for argument, value in zip(functions[name].args.args, call.args, strict=False)
    )


def _idle_updates(replay: Replay) -> set[str]:
    """Return the names with an update on a condition that never holds, such as z > 0 of a unit."""
    ran = {event.line for event in replay.events}
    return {
        without_index(ast.unparse(part.target))
        for test in ast.walk(replay.source.tree)
        if isinstance(test, ast.If)
        for part in ast.walk(test)
        if isinstance(part, ast.AugAssign) and part.lineno not in ran
    }


def _moving(tracks: list[Track]) -> list[Track]:
    """Return the tracks that are not at the end what they were at the beginning."""
    return [t for t in tracks if not np.array_equal(t.first, t.versions[-1][1])]


def _moves_under_its_name(track: Track, updated: list[Track], latest: int) -> bool:
    """Return whether a number, or an array by an update after ``latest``, is moved by its name."""
    alike = [
        t
        for t in updated
        if _key(t.name) == _key(track.name) and not _GRADIENTS_BY_KEY.search(t.name)
    ]
    if track.first.ndim == 0:
        return bool(alike)
    return any(t.versions[0][0] >= latest for t in alike)


def _constant(replay: Replay, end: int) -> list[Track]:
    """Return the numbers before ``end`` that have the name of a bias and one value, and arrays.

    Of an array with another name, there is one of its shape with the name of its gradient.
    An array has at the end the value that it had first. Its version is the last event that has
    it: it may belong to the last of several networks.
    """
    constant: dict[Any, Track] = {}
    graded = {
        (parameter, event.value.shape)
        for event in replay.events[:end]
        if event.value.ndim and (parameter := _parameter_of(event.name))
    }
    for position, event in enumerate(replay.events[:end]):
        name = event.name
        is_graded = (_key(name).lower().replace("_", ""), event.value.shape) in graded
        is_graded &= not NO_PARAMETER.search(_key(name)) and not _INPUT.match(_key(name))
        is_bias = BIAS.search(name) and sum(s > 1 for s in event.value.shape) <= 1
        if not (is_bias or is_graded) or event.dtype in "iub" or event.single:
            continue
        most = MOST_OF_BIAS if is_bias else MOST_OF_WEIGHTS
        if name.startswith("return") or not 0 < event.value.size <= most:
            continue
        moves = event.updates and event.old is not None
        if moves and not np.array_equal(event.old, event.value):
            # Its first value may have another name.
            continue
        if not np.isfinite(event.value).all():
            continue
        # An attribute belongs to its object: each unit has its own, and so has each layer.
        own = event.owner[0] if event.value.ndim == 0 else event.value.shape
        track = constant.setdefault(
            (own, name), Track(name, event.line, event.value, None, event.function)
        )
        track.versions.append((position, event.value))
    result = []
    for track in constant.values():
        is_number = track.first.ndim == 0
        compared = track.versions if is_number else track.versions[-1:]
        if all(np.array_equal(value, track.first) for _, value in compared):
            track.versions = [track.versions[0 if is_number else -1]]
            result.append(track)
    return result


def _parameter_of(name: str) -> str | None:
    """Return the name of the parameter whose gradient has a name; None for another name.

    >>> _parameter_of("dW1"), _parameter_of("g['W1']"), _parameter_of("out")
    ('w1', 'w1', None)
    """
    key = _key(name).lower()
    if _GRADIENTS_BY_KEY.search(name):
        return key.replace("_", "")
    match = _GRADIENT.search(key)
    return match[1] if match else None


def _stays(replay: Replay, track: Track, tracks: list[Track]) -> bool:
    """Return whether a late pass uses an array that is what it was in the beginning."""
    steps = steps_of(tracks, single=False)
    latest = steps[0][0] + LATEST if steps else 0
    late = [(last, first) for (_, last), (first, _) in itertools.pairwise(steps) if first < latest]
    if len(late) < 2:
        return False
    # Two rows of one update may be taken as two steps: the pass is where more is computed.
    start, first = max(late[-3:], key=lambda step: step[1] - step[0])
    # What moves it back may come after the update of the others.
    own = [
        position
        for position in range(start + 1, first)
        if replay.events[position].updates and replay.events[position].name == track.name
    ]
    return bool(replay.uses_unchanged(track, max([start, *own]), first))


def _has_slope(replay: Replay, track: Track, moment: Moment, key: Any) -> bool:
    """Return whether the loss has a gradient by a track, which an update would follow."""
    if key is None:
        return True
    start, first = moment.window
    # An update that moves nothing may come after that of the others, which begins the window.
    start = max(start, track.versions[0][0])
    own = moment_of(replay, [track], -1, start, first, first, 4, changed=False)
    if own is None:
        return False
    # A bias in front of a normalization has none, but for the error of differences.
    least = SLIGHT * _largest_slope(moment, key)
    return _largest_slope(own, key) > least


def _largest_slope(moment: Moment, key: Any) -> float:
    """Return the largest entry of a loss's gradient; 0 where the loss is not there."""
    series, target = (moment.same.get(part, part) for part in key[:2])
    slopes = [
        np.abs(np.nan_to_num(gradients[0])).max()
        for other, right, gradients in loss_candidates([moment])
        if right and other == (series, target, key[2])
    ]
    return float(max(slopes, default=0.0))


def _is_added(replay: Replay, number: Track, tracks: list[Track], moments: list[Moment]) -> bool:
    """Return whether 0, or a drawn number, is added to what parameters give, and nothing else."""
    lines = replay.source.text.splitlines()
    if number.first and not _DRAWN.search(lines[number.line - 1]):
        # Another number may be a constant.
        return False
    keys = [key for m in moments for key in (*(s.key for s in m.series), *m.same)]
    places = {key[:2] for key in keys}
    first = min(track.versions[0][0] for track in tracks)
    differences = replay.differences(number, number.versions[0][0], first, ())
    # What a decision gives has no derivative where it changes.
    slopes = {p: slope for p, slope in differences.items() if not np.isnan(slope).all()}
    forward = [p for p in slopes if (replay.events[p].line, replay.events[p].name) in places]
    copies = {p for p in slopes if np.array_equal(replay.events[p].value, number.first)}
    only = number.first or set(slopes) <= copies | set(forward)
    return bool(only) and any(np.allclose(np.abs(slopes[p]), 1, atol=1e-5) for p in forward)


def _key(name: str) -> str:
    """Return the last word of a name, with its index: "by" of params['by'], "b0" of self.b[0]."""
    match = re.search(r"([A-Za-z_]\w*)\W*(\d*)\W*$", name)
    return "".join(match.groups()) if match else name
