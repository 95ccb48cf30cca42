"""The updates of a run, compared with derivatives of its own values.

Layers are not looked for. Every recorded value that depends on the parameters may be an output, or
a residual, of which a usual loss is formed. The updates are right where they are one positive
multiple of that loss's gradient.
"""

import ast
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.check.descent.biases import missing_biases
from rosenblatt.check.descent.findings import run_finding
from rosenblatt.check.descent.loss_names import is_loss
from rosenblatt.check.descent.losses import (
    TOLERANCE,
    chosen_candidates,
    followed_numbers,
    loss_candidates,
    matching_loss,
    multiples_in,
)
from rosenblatt.check.descent.mistakes import explained_descent
from rosenblatt.check.descent.moments import (
    PENALTY,
    Moment,
    differs_by_sample,
    has_rows_by_sample,
    moments_of,
    moments_of_each,
)
from rosenblatt.check.descent.normalized_steps import normalized_loss
from rosenblatt.check.descent.penalty_factors import wrong_penalty
from rosenblatt.check.descent.printed_losses import follows_printed
from rosenblatt.check.descent.repair import repaired
from rosenblatt.check.descent.replay import MOST_ENTRIES, Replay, Track, joined_tracks, parameters
from rosenblatt.check.descent.reported_distances import unfollowed_distance
from rosenblatt.check.descent.reported_losses import kind_of_candidate, mismatch
from rosenblatt.check.descent.rule_gradients import with_gradients
from rosenblatt.check.descent.sample_losses import of_squares
from rosenblatt.check.descent.sample_weights import weighted
from rosenblatt.check.descent.schedules import SCHEDULE, scheduled_loss
from rosenblatt.check.descent.symmetric_units import symmetric_units
from rosenblatt.check.descent.tops import probabilities
from rosenblatt.check.descent.uneven_penalties import uneven_updates
from rosenblatt.check.descent.update_code import is_drawn, is_not_linear
from rosenblatt.check.descent.wrong_counts import wrong_count
from rosenblatt.check.edits.kinds import Code
from rosenblatt.check.edits.mask_kinds import reads_mask
from rosenblatt.check.network.values import broadcast_finding
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.report.texts import LARGE_LOGITS

MOST_TRAININGS = 3
LATEST = 5000
"""The event up to which a further training begins."""


@dataclass
class Descent:
    """What is known of the updates of a run.

    Attributes:
        right: whether every update moves down the gradient of a usual loss.
        findings: what an exact hypothesis explains.
        moments: the updates that were compared.
        tracks: the parameters.
        kind: how updates were told apart: "together", "by sample" or "each".
        is_sure: whether the finding is a change of the code that makes every update right, or that
            the units of a layer begin as equals.
        by_own_loss: whether updates follow the gradient of a number that the run itself computes.
        together: the updates of all parameters at once, where ``moments`` are told apart by sample.
    """

    right: bool
    findings: list[dict[str, Any]]
    moments: list[Moment]
    tracks: list[Track]
    kind: str
    is_sure: bool = False
    by_own_loss: bool = False
    together: list[Moment] | None = None


def name_by_repair(replay: Replay, descent: Descent) -> None:
    """Name a mistake that no formula explains by the change that repairs the file."""
    moments = descent.moments
    if descent.right or not moments or not _is_unknown(descent):
        return
    if not descent.findings and (is_not_linear(replay, moments) or is_drawn(replay, moments)):
        return
    names = {(track.name, track.line) for track in descent.tracks}
    # Of a single unit, the factors of a few updates may be smooth by chance.
    may_vary = SCHEDULE.search(replay.source.code) is not None

    def follows(changed: Replay) -> Any:
        """Return the loss that all updates of the changed file follow; None where there is none."""
        every = joined_tracks(replay.source, changed.events)
        tracks = [t for t in every if (t.name, t.line) in names]
        kinds = [descent.kind == "by sample"]
        if tracks and differs_by_sample(changed, tracks):
            kinds.append(not kinds[0])
        gradients = bool(moments[0].sources)
        losses = (_followed(changed, tracks, kind, gradients, may_vary) for kind in kinds)
        return next(filter(None, losses), None)

    replay.work = 0
    moment, candidates = _least_explained(moments)
    found = repaired(replay, moment, candidates, moments[-1].last, follows)
    if found is None:
        _name_what_stays(descent)
        return
    edit, number = found
    of_line = (t for t in descent.tracks if t.line == edit.line)
    track = next(of_line, moment.tracks[number])
    mistake = edit.mistake
    if mistake == "constant-factor":
        code = Code.of(replay.source, replay.events[: moments[-1].last])
        mistake = "dropout-scale" if reads_mask(edit.line, code) else mistake
    finding = run_finding(mistake, track.name, edit.line, track.function)
    descent.findings, descent.is_sure = [finding], True


def _name_what_stays(descent: Descent) -> None:
    """Say of a parameter that has a gradient and that no update moves that its own is missing."""
    still = {
        track.name
        for track in descent.tracks
        if all(np.array_equal(value, track.first) for _, value in track.versions)
    }
    for finding in descent.findings:
        if finding["mistake"] == "unexplained" and finding["parameter"] in still:
            finding["mistake"] = "gradient-missing"
            finding["text"] = f"The loss depends on {finding['parameter']}, and no update moves it."


def _followed(
    changed: Replay, tracks: list[Track], by_sample: bool, gradients: bool, may_vary: bool
) -> Any:
    """Return the key of the loss that updates follow, first compared at few entries, then at all.

    With ``may_vary``, the learning rate may change from update to update.
    """
    for most in (8, MOST_ENTRIES):
        changed.work = 0
        moments = moments_of(changed, tracks, None, most, by_sample=by_sample) if tracks else []
        if moments and gradients:
            moments = with_gradients(changed, moments) or []
        candidates = _usual_candidates(moments) if moments else []
        loss = matching_loss(moments, candidates, changed) if moments else None
        if moments and loss is None and may_vary:
            loss = scheduled_loss(changed, tracks, moments, candidates, by_sample)
        if moments and loss is None:
            loss = normalized_loss(changed, tracks, moments, candidates, by_sample)
        if loss is None:
            return None
    return loss


def _least_explained(moments: list[Moment]) -> tuple[Moment, list[Any]]:
    """Return the update that follows the fewest losses, with its candidates.

    A factor that should not be there is 1 for some samples, whose updates are right.
    """
    explained: list[tuple[int, Moment, list[Any]]] = []
    for moment in moments:
        candidates = _usual_candidates([moment])
        table = np.array([gradients[0] for _, right, gradients in candidates if right])
        if len(table):
            explained.append((len(multiples_in(moment.moved, table)), moment, candidates))
            if explained[-1][0] == 0:
                break
    _, moment, candidates = min(explained, key=lambda one: one[0], default=(0, moments[0], []))
    return moment, candidates


def _usual_candidates(moments: list[Moment]) -> list[Any]:
    """Return the candidates of a loss without sums of outputs, of errors or of weights.

    A gradient from which the error is left out is that of the sum of all outputs, and one from
    which a loss is left out is that of its penalty. Losses of several samples have the name of a
    loss and are not negative.
    """
    first = moments[0]
    weights = [track.at(first.window[0]) for track in first.tracks]
    copies = {s.key for s in first.series if any(_is_made_of(s.value, w) for w in weights)}
    several = {s.key for s in first.series if s.value.size > 1}
    return [
        candidate
        for candidate in chosen_candidates(moments)
        if candidate[0][0] not in copies
        if candidate[0][-1][1] != "value"
        or candidate[0][0] not in several
        or is_loss(candidate[0], first)
    ]


def _is_made_of(value: Any, weights: Any) -> bool:
    """Return whether a value is an array of weights, once or several times."""
    whole = weights.size > 1 and value.size % weights.size == 0
    return whole and bool((value.reshape(-1, weights.size) == weights.ravel()).all())


def by_gradients(replay: Replay, descent: Descent) -> Descent:
    """Return what is known of the gradients from which a rule with a state makes the updates.

    It is ``descent`` where no rule is recognized, or where updates are plain gradients and these
    tell nothing more.
    """
    moments = with_gradients(replay, descent.moments) if descent.moments else None
    if moments is None:
        return descent
    candidates = list(loss_candidates(moments))
    match = matching_loss(moments, candidates, replay)
    right = match is not None
    if right:
        findings = missing_biases(replay, descent.tracks, moments, match)
    else:
        findings = explained_descent(moments, candidates, replay)
        if PENALTY.search(replay.source.code):
            # A penalty of some parameters within the gradient is no mistake.
            findings = [f for f in findings if f["mistake"] != "unexplained"]
    if not right and not findings and same(moments[0].moved, descent.moments[0].moved, TOLERANCE):
        return descent
    return Descent(right, findings, moments, descent.tracks, descent.kind)


def descent_of(replay: Replay) -> Descent | None:
    """Return what the updates of a run are; None where no parameters are recognized.

    A run may train one model after the other. The first one whose updates are not right is
    returned.
    """
    result: Descent | None = None
    for tracks in trainings(parameters(replay))[:MOST_TRAININGS]:
        if result is not None and tracks[0].versions[0][0] > LATEST:
            # Each repeated run would train all models before this one again.
            break
        found = _descent_of(replay, tracks)
        if found is not None and (not found.right or found.findings):
            return found
        result = result or found
    return result


def trainings(tracks: list[Track]) -> list[list[Track]]:
    """Return parameters in groups that are updated at the same time."""
    groups: list[list[Track]] = []
    end = -1
    for track in sorted(tracks, key=lambda track: track.versions[0][0]):
        if not groups or track.versions[0][0] > end:
            groups.append([])
        groups[-1].append(track)
        end = max(end, track.versions[-1][0])
    return groups


def _descent_of(replay: Replay, tracks: list[Track]) -> Descent | None:
    best: Descent | None = None
    symmetric = symmetric_units(replay, tracks)
    apart = differs_by_sample(replay, tracks)
    rows = apart and has_rows_by_sample(replay, tracks)
    for kind in ("together", "by sample", "each"):
        if kind == "by sample" and not apart:
            continue
        if kind == "each":
            groups = moments_of_each(replay, tracks)
        else:
            groups = [moments_of(replay, tracks, None, by_sample=kind == "by sample")]
        if not groups or not all(groups):
            continue
        candidates = [chosen_candidates(moments) for moments in groups]
        matches = [matching_loss(m, c, replay) for m, c in zip(groups, candidates, strict=True)]
        if matches == [None]:
            by_sample = kind == "by sample"
            which = replay, tracks, groups[0], candidates[0], by_sample
            matches = [scheduled_loss(*which) or normalized_loss(*which)]
        everything = [moment for moments in groups for moment in moments]
        if all(match is not None for match in matches):
            findings = symmetric or missing_biases(replay, tracks, groups[0], matches[0])
            kind_of_loss = kind_of_candidate(groups[0][0], matches[0])
            numbers = [
                followed_numbers(m, c, replay) for m, c in zip(groups, candidates, strict=True)
            ]
            also = partial(_follows_kind, groups[0], candidates[0], replay)
            findings = findings or mismatch(replay, tracks, kind_of_loss, numbers[0], also)
            findings = findings or of_squares(replay, tracks, groups[0], candidates[0])
            findings = findings or unfollowed_distance(replay, tracks, matches[0][-1][1])
            findings = findings or wrong_penalty(replay, tracks, groups[0])
            findings = findings or uneven_updates(replay, groups[0])
            findings = findings or wrong_count(replay, groups[0], candidates[0])
            findings = findings or _overflow(groups[0][0], replay)
            findings = _broadcast(replay, everything) or findings
            own = all(
                match[-1][1] == "value" or followed
                for match, followed in zip(matches, numbers, strict=True)
            )
            return Descent(True, findings, everything, tracks, kind, by_own_loss=own)
        if best is None or (kind == "by sample" and rows):
            several = kind == "together" and rows
            findings = [] if several else explained_descent(groups[0], candidates[0], replay)
            together = None if best is None else best.moments
            best = Descent(False, findings, everything, tracks, kind, together=together)
    key = None if best is None or symmetric else _weighted_loss(replay, best.moments)
    if best is not None and key is not None:
        findings = missing_biases(replay, tracks, best.moments, key)
        findings = findings or _overflow(best.moments[0], replay)
        return Descent(True, findings, best.moments, tracks, best.kind)
    if best and _is_unknown(best) and not symmetric and follows_printed(replay, tracks):
        return Descent(True, [], best.moments, tracks, best.kind, by_own_loss=True)
    if best is not None and symmetric:
        # Of equal units, updates cannot be told apart.
        best.findings, best.is_sure = symmetric, True
    return best


def _weighted_loss(replay: Replay, moments: list[Moment]) -> Any:
    """Return the key of a loss in which every sample has a weight, if updates follow it."""
    for changed in weighted(replay, moments):
        candidates = [c for c in chosen_candidates(changed) if c[0][-1][1] != "value"]
        key = matching_loss(changed, candidates, replay)
        if key is not None:
            return key
    return None


def _is_unknown(descent: Descent) -> bool:
    """Return whether no formula explains the updates, or only a change tells the line."""
    mistakes = [finding["mistake"] for finding in descent.findings]
    return mistakes in (["unexplained"], ["gradient-order"], [])


def _overflow(moment: Moment, replay: Replay) -> list[dict[str, Any]]:
    """Return a finding where outputs are a softmax of exponentials, without the maximum."""
    outputs = [s for s in moment.series if s.value.ndim == 2 and min(s.value.shape) > 1]
    chosen = next((s for s in outputs if probabilities(s.value) is not None), None)
    if chosen is None:
        return []
    for function in replay.source.functions:
        code = ast.unparse(function)
        divided = re.search(r"exp\(", code) and re.search(
            r"/ .*sum\(|/ (s|sums?|total|norm)\b", code
        )
        if divided and not re.search(r"(?<!arg)max\(|clip\(|logsumexp|minimum\(", code):
            line = replay.source.line_matching(r"exp\(", function.lineno - 1)
            finding = run_finding("softmax-overflow", chosen.key[1], line or 0, function.name)
            return [{**finding, "text": LARGE_LOGITS}]
    return []


def _broadcast(replay: Replay, moments: list[Moment]) -> list[dict[str, Any]]:
    """Return a finding where arrays (N, 1) and (N,) were added to one of N rows and columns."""
    widths = {width for moment in moments for track in moment.tracks for width in track.first.shape}
    for event in replay.events[moments[0].window[0] : moments[0].window[1]]:
        value = event.value
        square = value.ndim == 2 and len(value) == value.shape[1] > 2
        if not square or len(value) in widths or np.ptp(value) == 0:
            continue
        differs = np.ptp(value, axis=0).max() > 0 and np.ptp(value, axis=1).max() > 0
        if differs and np.ptp(value - value[:1], axis=1).max() <= 1e-9 * np.abs(value).max():
            return [broadcast_finding(event)]
    return []


def _follows_kind(moments: list[Moment], candidates: list[Any], replay: Replay, kind: str) -> bool:
    """Return whether updates follow a loss of a kind too, which another one hides.

    Of outputs near 1/2, the slope of the logistic function is a factor of all.
    """
    return any(
        candidate[1]
        and kind_of_candidate(moments[0], candidate[0]) == kind
        and matching_loss(moments, [candidate], replay) is not None
        for candidate in candidates
    )
