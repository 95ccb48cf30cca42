"""The judgement of a recorded run, by its values and its updates."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.descent.biases import missing_biases
from rosenblatt.check.descent.descent import Descent, by_gradients, descent_of, name_by_repair
from rosenblatt.check.descent.given_gradients import findings_by_gradients
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.descent.stateful_updates import stateful_findings
from rosenblatt.check.descent.symmetric_units import still_units
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.network.training import EVENLY, check_training
from rosenblatt.check.record.recording import Event, Recorder
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.accumulated_gradients import never_reset
from rosenblatt.check.values.dropout_masks import wrong_masks
from rosenblatt.check.values.kept_values import kept_by_reference
from rosenblatt.check.values.margin_labels import labels_of_other_steps, labels_without_sign
from rosenblatt.check.values.mixed_shapes import mixed_shapes
from rosenblatt.check.values.reached_limits import reaches_limit
from rosenblatt.check.values.rebound_names import rebound
from rosenblatt.check.values.sample_order import misaligned
from rosenblatt.check.values.sample_passes import left_out
from rosenblatt.check.values.sequential_updates import updated_before_use
from rosenblatt.check.values.shape_changes import grown
from rosenblatt.check.values.sliced_batches import cut_off
from rosenblatt.check.values.softmax_axes import wrong_axes
from rosenblatt.check.values.taken_rows import sliced_next_to_index
from rosenblatt.check.values.truncated_updates import (
    factors_of_0,
    rounded_down,
    truncated,
    truncated_means,
)
from rosenblatt.check.values.unnamed_keys import left_out_of_loop
from rosenblatt.check.values.unused_gradients import never_used

DESCENT_SECONDS = 16.0
"""Seconds of processor time for the updates of a run, each of which takes runs of its own."""

REPAIR_SECONDS = 14.0
"""Seconds of processor time for the changes that are tried to name a mistake."""

OF_GRADIENTS = ("sign", "unexplained", "gradients-accumulate")
"""Findings of layers that a gradient by differences of the run itself refutes."""

OF_THE_LOSS = (
    *OF_GRADIENTS,
    "activation-derivative-at-output",
    "activation-derivative-missing",
    "bias-gradient-not-summed",
    "bias-gradient-times-input",
    "constant-factor",
    "loss-gradient-mismatch",
    "relu-mask-of-gradient",
    "relu-wrong-side",
    "softmax-diagonal-only",
    "transposed",
    "upstream-gradient-missing",
    "wrong-input-cached",
)
"""Findings of layers that the gradient of the loss refutes that the run itself computes."""


def judged(
    recorder: Recorder,
    source: Source,
    text: str,
    path: Path,
    name: str,
    checked: set[str],
    errors: list[str],
) -> list[dict[str, Any]] | None:
    """Return the findings of a recorded run; None where its updates were not understood.

    The gradients that functions in ``checked`` return are right. Errors of the check itself are
    added to ``errors``.
    """
    events = recorder.events
    labels = (labels_without_sign, labels_of_other_steps)
    early = (misaligned, sliced_next_to_index, updated_before_use, *labels)
    cut = (truncated, truncated_means, rounded_down, factors_of_0)
    first = (*early, grown, wrong_masks, wrong_axes, *cut, never_reset)
    if by_values := _by_values(errors, first, events, source):
        return by_values
    found = by_updates(recorder, source, text, path, name, errors)
    if found is None and checked:
        replay = Replay(Source(text), path, name, events, past=recorder.past)
        with suppress(FailedError):
            found = _stage(errors, findings_by_gradients, replay, checked, seconds=4.0)
    # The last "or found" tells [], right, from None, not understood.
    last = (
        still_units,
        never_used,
        left_out_of_loop,
        rebound,
        mixed_shapes,
        kept_by_reference,
        left_out,
        cut_off,
    )
    return found or _by_values(errors, last, events, source) or found


def _by_values(
    errors: list[str],
    stages: tuple[Callable[..., Any], ...],
    events: list[Event],
    source: Source,
) -> list[dict[str, Any]]:
    """Return the findings of the first stage that finds a mistake in the recorded values."""
    for stage in stages:
        with suppress(FailedError):
            if found := _stage(errors, stage, events, source, seconds=8.0):
                return list(found)
    return []


def by_updates(
    recorder: Recorder, source: Source, text: str, path: Path, name: str, errors: list[str]
) -> list[dict[str, Any]] | None:
    """Return the findings of the updates of a run; None where they were not understood."""
    events = recorder.events
    try:
        assigned = [event for event in events if not event.taken]
        by_layers = _stage(errors, check_training, assigned, source, seconds=6.0)
    except FailedError:
        by_layers = None
    replay = Replay(Source(text), path, name, events, past=recorder.past)
    descent, by_rules, is_complete = _descent(replay, errors)
    if by_rules is not None:
        return by_rules
    if descent is None and not is_complete:
        by_layers = _without_moved(by_layers, events)
    found = _decided(by_layers, descent, events, replay.source)
    # With more time, a rule might have been recognized that makes the updates of right gradients.
    mistakes = {finding["mistake"] for finding in found or ()}
    return None if not is_complete and mistakes == {"unexplained"} else found


def _descent(
    replay: Replay, errors: list[str]
) -> tuple[Descent | None, list[dict[str, Any]] | None, bool]:
    """Return what the updates are, the findings of a rule with a state, and whether time sufficed.

    None stands for updates that were not understood, or for no such rule.
    """
    descent: Descent | None = None
    try:
        descent = _stage(errors, descent_of, replay, seconds=DESCENT_SECONDS)
        if descent is not None and not descent.right:
            replay.work = 0
            by_rules = _by_rules(replay, descent, errors)
            if by_rules is not None:
                return descent, by_rules or _of_equal_units(descent), True
            descent = _stage(errors, by_gradients, replay, descent, seconds=4.0)
    except FailedError:
        return descent, None, False
    if descent is not None:
        # Without time for repair, the findings are as they are.
        with suppress(FailedError):
            _stage(errors, name_by_repair, replay, descent, seconds=REPAIR_SECONDS)
    return descent, None, True


def confirms(recorder: Recorder, text: str, path: Path, name: str, known: set[str]) -> bool:
    """Return whether updates are wrong, and by no other mistakes than the known ones.

    It takes a part of the time of a judgement: no layers are looked for, no change is tried.
    """
    replay = Replay(Source(text), path, name, recorder.events, past=recorder.past)
    try:
        descent = attempt(descent_of, replay, seconds=DESCENT_SECONDS)
    except FailedError:
        return False
    if descent is None or descent.right or not descent.findings:
        return False
    return {finding["mistake"] for finding in descent.findings} <= known


def _decided(
    by_layers: list[dict[str, Any]] | None,
    descent: Descent | None,
    events: list[Event],
    source: Source,
) -> list[dict[str, Any]] | None:
    """Return the findings of the layers and of the updates that hold next to each other."""
    # Next to filters, the layers that were recognized are not the whole network.
    more = any(event.updates and event.value.ndim > 2 for event in events)
    if descent is None:
        return None if more else by_layers
    if descent.right:
        refuted = OF_THE_LOSS if descent.by_own_loss else OF_GRADIENTS
        # A parameter that moves rightly has a gradient.
        moved = {("bias-gradient-missing", track.name) for track in descent.tracks}
        own = [
            finding
            for finding in by_layers or []
            if finding["mistake"] not in refuted
            and (finding["mistake"], finding.get("parameter")) not in moved
        ]
        # A factor that all parameters share becomes a remark, next to what is wrong besides.
        said = {finding["mistake"] for finding in own}
        return [*own, *(f for f in descent.findings if f["mistake"] not in said)]
    if more and not by_layers and not descent.findings:
        return None
    # What moves away from the target reaches a limit later.
    moments = descent.moments or descent.together
    if reaches_limit(events[: moments[-1].last] if moments else events, source):
        return None
    # A change of the code that makes every update right says more than a formula that fits one.
    named = [finding["mistake"] for finding in descent.findings] != ["unexplained"]
    partial = more and any(finding["text"].endswith(EVENLY) for finding in by_layers or ())
    first = by_layers[0]["mistake"] if by_layers else None
    partial |= first == "unexplained"
    # Where all other parameters follow a loss, a sign says more than a factor of all of them.
    turned = [finding["mistake"] for finding in descent.findings] == ["sign"]
    partial |= turned and first == "constant-factor"
    if descent.is_sure or (partial and named):
        return descent.findings or by_layers
    # Updates that only the layers explain are right; without layers they are not understood.
    return by_layers or descent.findings or by_layers


def _of_equal_units(descent: Descent) -> list[dict[str, Any]]:
    """Return the findings of equal units, which right gradients keep equal."""
    return [finding for finding in descent.findings if finding["mistake"] == "symmetric-init"]


def _without_moved(
    findings: list[dict[str, Any]] | None, events: list[Event]
) -> list[dict[str, Any]] | None:
    """Return findings of layers without those of a bias that moves, None where none is left.

    It has a gradient, whatever layers were recognized; derivatives would tell whether it is right.
    """
    moved = {
        event.name
        for event in events
        if event.updates and event.old is not None and not np.array_equal(event.old, event.value)
    }
    kept = [
        finding
        for finding in findings or []
        if finding["mistake"] != "bias-gradient-missing" or finding.get("parameter") not in moved
    ]
    return kept if kept or findings == [] else None


def _by_rules(replay: Replay, descent: Descent, errors: list[str]) -> list[dict[str, Any]] | None:
    """Return the findings of updates by a rule with a state; None where none is recognized."""
    named = {finding["mistake"] for finding in descent.findings}
    named -= {"unexplained", "symmetric-init"}
    judge = partial(stateful_findings, is_explained=bool(named))
    for moments in filter(None, (descent.moments, descent.together)):
        found = _stage(errors, judge, replay, moments, seconds=4.0)
        if found == []:
            replay.work = 0
            with suppress(FailedError):
                known = descent.tracks, moments, None
                found = _stage(errors, missing_biases, replay, *known, seconds=4.0)
        if found is not None:
            return found
    return None


def _stage(errors: list[str], call: Callable[..., Any], *args: Any, seconds: float) -> Any:
    """Return what a stage returns; an error of its own is added to ``errors``.

    Raises:
        FailedError: it, or student's code that it calls, ended without a result.
    """
    try:
        return attempt(call, *args, seconds=seconds)
    except FailedError as failed:
        error = failed.own_error()
        if error and error not in errors:
            errors.append(error)
        raise
