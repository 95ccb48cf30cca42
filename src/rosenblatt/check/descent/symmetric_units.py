"""Units of a layer that begin as equals."""

import itertools
from typing import Any

import numpy as np

from rosenblatt.check.descent.biases import BIAS
from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.replay import Replay, Track, unmoved_tracks
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source


def symmetric_units(replay: Replay, tracks: list[Track]) -> list[dict[str, Any]]:
    """Return a finding where all units of a layer begin as equals."""
    unit = _equal_units(tracks) or _equal_columns(tracks)
    if unit is None:
        return []
    made = (e for e in replay.events if np.array_equal(e.value, unit.first))
    place = next(made, unit)
    finding = run_finding("symmetric-init", unit.name, place.line, place.function)
    text = (
        f"The units of the layer with {unit.name} begin with equal weights and get equal updates."
    )
    return [{**finding, "text": text}]


def still_units(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where two layers begin with equal weights and nothing ever moves.

    All hidden units have the same value then; where the errors add up to 0, so do all gradients.
    """
    changes = (event for event in events if event.updates and event.dtype == "f")
    moves = any(e.value.size > 1 and not np.array_equal(e.old, e.value) for e in changes)
    still = [t for t in unmoved_tracks(events) if t.first.ndim == 2 and not np.ptp(t.first)]
    for first, second in itertools.permutations(() if moves else still, 2):
        width = first.first.shape[1]
        if width > 1 and width == len(second.first):
            made = next((e for e in events if e.name == first.name), first)
            finding = run_finding("symmetric-init", first.name, made.line, made.function)
            names = f"{first.name} and {second.name}"
            text = f"All weights of {names} begin equal, and no update moves them."
            return [{**finding, "text": text}]
    return []


def _equal_units(tracks: list[Track]) -> Track | None:
    """Return a unit of a layer in which all begin as equals, each with weights of its own.

    The biases of several layers may all begin at 0, and matrices are no units.
    """
    layers: dict[Any, list[Track]] = {}
    for track in tracks:
        if track.first.ndim > 1:
            return None
        if track.first.size > 1:
            layers.setdefault((track.line, track.function, track.first.shape), []).append(track)
    for units in layers.values():
        first = units[0].first
        equal = first.any() and all(np.array_equal(unit.first, first) for unit in units)
        if len(units) > 1 and equal and len(layers) > 1:
            return units[0]
    return None


def _equal_columns(tracks: list[Track]) -> Track | None:
    """Return weights whose units stay equal, if those of a second layer do too.

    Hidden units are the columns of one matrix and the rows of the other, or the entries of the
    vector of a single output. Biases that are repeated for each sample have equal rows as well, but
    those of all layers.
    """
    weights = [t for t in tracks if t.first.ndim in (1, 2) and not BIAS.search(t.name)]
    for size in sorted({size for track in weights for size in track.first.shape if size > 1}):
        rows, columns = (
            [
                t
                for t in weights
                if axis < t.first.ndim and t.first.shape[axis] == size and _stay_equal(t, axis)
            ]
            for axis in (0, 1)
        )
        columns += [t for t in rows if t.first.ndim == 1]
        layers = [t for t in weights if t in rows or t in columns]
        if rows and columns and len(layers) > 1 and any(t.first.ndim == 2 for t in layers):
            return next((t for t in layers if t.first.any()), layers[0])
    return None


def _stay_equal(track: Track, axis: int) -> bool:
    """Return whether the entries along an axis are equal, before and after all updates.

    Where entries move one after the other, they are equal again after the last of them.
    """
    late = [value for _, value in track.versions[-track.first.size - 1 :]]
    return _are_equal(track.first, axis) and any(
        _are_equal(value, axis) and not np.array_equal(value, track.first) for value in late
    )


def _are_equal(values: Any, axis: int) -> bool:
    return float(np.ptp(values, axis=axis).max()) <= 1e-9 * float(np.abs(values).max())
