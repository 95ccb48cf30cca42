"""The updates of a run, compared with derivatives of its own values.

Layers are not looked for. Every recorded value that depends on the parameters may be an output, or
a residual, of which a usual loss is formed. The updates are right where they are one positive
multiple of that loss's gradient.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.compared_arrays import to_plain
from rosenblatt.check.reference import softmax
from rosenblatt.check.replay import MOST_ENTRIES, Replay, Track, entries, parameters, tracks_of
from rosenblatt.check.run_repair import repaired
from rosenblatt.check.tops import forms_of, probabilities, right_tops, wrong_tops

MOST_WINDOW = 3000
TOLERANCE = 1e-4
_TARGET = re.compile(r"(^|[._])(y|t|d|target|label|truth|expected|desired|gold|soll)", re.I)
_LOSS = re.compile(r"loss|cost|err|mse|entropy|nll|bce|objective|energy", re.I)
_STATEFUL = r"adam|rms|momentum|veloc|nesterov|dropout|clip|noise|batch_?norm|beta"
_MOMENTUM = r"(?i:mom|vel|beta|nesterov|gamma|inertia)|\b(self\.)?(mu|v|vs)\b"
_BIAS = re.compile(
    r"(^|[^a-z])(b|c|bias\w*|intercept\w*|theta0)(\d*|_?\w{0,3}|_\w+)(\[\d+\])?\W*$", re.I
)


@dataclass
class Series:
    """Values of one place in the code, in one window, with their derivatives by the entries."""

    key: tuple[Any, ...]
    value: Any
    slopes: Any
    events: list[int]


@dataclass
class Moment:
    """One update: how far each entry moved, and the derivatives of what was computed before it.

    Attributes:
        tracks: the parameters.
        owner: the number of the track that each entry belongs to, (E,).
        moved: old value − new value of each entry, (E,).
        moved_before: the same of the update before, (E,).
        weight: the entries themselves, (E,).
        series: the values that depend on the parameters.
        targets: (key, values) of what may be targets.
        window: the event before the pass, and the first event of the update.
    """

    tracks: list[Track]
    owner: Any
    moved: Any
    moved_before: Any
    weight: Any
    series: list[Series]
    targets: list[tuple[Any, Any]]
    window: tuple[int, int]


@dataclass
class Descent:
    """What is known of the updates of a run.

    Attributes:
        right: whether every update moves down the gradient of a usual loss.
        findings: what an exact hypothesis explains.
        moments: the updates that were compared.
        tracks: the parameters.
    """

    right: bool
    findings: list[dict[str, Any]]
    moments: list[Moment]
    tracks: list[Track]


def steps_of(tracks: list[Track], *, single: bool) -> list[tuple[int, int]]:
    """Return (first, last) event of each step: a new one begins where an entry moves again."""
    order = sorted(
        (position, number, k)
        for number, track in enumerate(tracks)
        for k, (position, _) in enumerate(track.versions)
    )
    steps: list[list[int]] = []
    changed: dict[int, Any] = {}
    for position, number, k in order:
        track = tracks[number]
        before = track.first if k == 0 else track.versions[k - 1][1]
        mask = before != track.versions[k][1]
        if not mask.any():
            continue
        again = number in changed and bool((changed[number] & mask).any())
        if single or not steps or again:
            steps.append([position, position])
            changed = {}
        steps[-1][1] = position
        changed[number] = mask | changed.get(number, np.zeros(mask.shape, dtype=bool))
    return [(first, last) for first, last in steps]


def named_by_repair(replay: Replay, descent: Descent) -> list[dict[str, Any]]:
    """Return the findings of a run; a change that repairs the file names an unexplained one."""
    if [finding["mistake"] for finding in descent.findings] != ["unexplained"]:
        return descent.findings
    names = {(track.name, track.line) for track in descent.tracks}

    def follows(changed: Replay) -> Any:
        """Return the place of the outputs if the changed file's updates are right."""
        tracks = [t for t in tracks_of(changed.events) if (t.name, t.line) in names]
        place = None
        for most in (8, MOST_ENTRIES):
            moments = _moments(changed, tracks, None, most) if tracks else []
            key = _match(moments, list(_candidates(moments)), changed) if moments else None
            if key is None:
                return None
            place = key[0][:2]
        return place

    replay.work = 0
    found = repaired(replay, descent.moments[-1].window[1] + 60, follows)
    if found is None:
        return descent.findings
    edit, _ = found
    track = descent.tracks[0]
    return [_text(replay, edit.mistake, track.name, edit.line, track.function)]


def descent_of(replay: Replay) -> Descent | None:
    """Return what the updates of a run are; None where no parameters are recognized."""
    tracks = parameters(replay)
    if not tracks:
        return None
    best: Descent | None = None
    for single in (False, True):
        groups = _groups(replay, tracks) if single else [_moments(replay, tracks, None)]
        if not groups or not all(groups):
            continue
        candidates = [list(_candidates(moments)) for moments in groups]
        matches = [_match(m, c, replay) for m, c in zip(groups, candidates, strict=True)]
        everything = [moment for moments in groups for moment in moments]
        if all(match is not None for match in matches):
            findings = _missing_biases(replay, tracks, groups[0])
            findings = findings or _mismatch(groups[0], matches[0], replay)
            findings = findings or _overflow(groups[0][0], replay)
            findings = _broadcast(replay, everything) or findings
            return Descent(True, findings, everything, tracks)
        if best is None:
            best = Descent(False, _explain(groups[0], candidates[0], replay), everything, tracks)
    return best


def _groups(replay: Replay, tracks: list[Track]) -> list[list[Moment]]:
    """Return moments of each track by itself, where each is updated after a pass of its own."""
    between = [
        later - earlier
        for first, last in steps_of(tracks, single=False)[:3]
        for earlier, later in itertools.pairwise(
            sorted(p for t in tracks for p, _ in t.versions if first <= p <= last)
        )
    ]
    if len(tracks) > 6 or max(between, default=0) < 4:
        return []
    return [_moments(replay, tracks, track) for track in tracks]


def _moments(
    replay: Replay, tracks: list[Track], only: Track | None, most: int = MOST_ENTRIES
) -> list[Moment]:
    """Return up to two updates: of all tracks, or of one by itself."""
    steps = steps_of(tracks, single=only is not None)
    result = []
    for number in range(1, min(len(steps), 40)):
        first, last = steps[number]
        start = steps[number - 1][1]
        own = tracks if only is None else [only]
        if only is not None and all(position != first for position, _ in only.versions):
            continue
        moving = any(not np.array_equal(t.at(start), t.at(last)) for t in own)
        if not moving or not 0 < first - start <= MOST_WINDOW:
            continue
        before = steps[number - 2][1] if number > 1 else -1
        wanted = 1 if most < MOST_ENTRIES else 2
        changed = only is not None
        moment = _moment(replay, own, before, start, first, last, most, changed=changed)
        if moment is not None:
            result.append(moment)
        if len(result) == wanted:
            return result
    return result if len(steps) < 4 else []


def _moment(
    replay: Replay,
    tracks: list[Track],
    before: int,
    start: int,
    first: int,
    last: int,
    every: int,
    *,
    changed: bool,
) -> Moment | None:
    some = (
        tracks
        if len(tracks) <= 12
        else [tracks[i] for i in np.linspace(0, len(tracks) - 1, 12).astype(int)]
    )
    most = max(2, every // len(some))
    owner, moved, moved_before, weight, slopes = [], [], [], [], []
    for number, track in enumerate(some):
        old, new, older = track.at(start), track.at(last), track.at(before)
        for index in entries(track, most):
            if replay.tired or (changed and old[index] == new[index]):
                continue
            slopes.append(replay.differences(track, start, first, index))
            owner.append(number)
            moved.append(old[index] - new[index])
            moved_before.append(older[index] - old[index])
            weight.append(old[index])
    if len(set(owner)) < len(some):
        return None
    copies = {track.at(start).tobytes() for track in some if track.first.size > 1}
    series = [s for s in _series(replay, slopes) if s.value.tobytes() not in copies]
    if not series:
        return None
    dependent = {position for found in slopes for position in found}
    return Moment(
        some,
        np.array(owner),
        np.array(moved),
        np.array(moved_before),
        np.array(weight),
        series,
        _targets(replay, start, first, dependent),
        (start, first),
    )


def _series(replay: Replay, slopes: list[dict[int, Any]]) -> Iterator[Series]:
    groups: dict[Any, list[int]] = {}
    for position in sorted({position for found in slopes for position in found}):
        event = replay.events[position]
        groups.setdefault((event.line, event.name, event.function), []).append(position)
    seen = set()
    for key, positions in groups.items():
        choices = {"all": positions, "last": positions[-1:], "first": positions[:1]}
        for kind, chosen in choices.items():
            values = [replay.events[p].value for p in chosen]
            if len(chosen) > 1 and len({v.shape for v in values}) > 1:
                continue
            value = values[0] if len(values) == 1 else np.stack([v.ravel() for v in values])
            digest = (value.shape, value.tobytes())
            if digest in seen or value.size > 4000 or not np.isfinite(value).all():
                continue
            seen.add(digest)
            zero = [np.zeros(v.size) for v in values]
            table = np.array(
                [
                    np.concatenate(
                        [np.ravel(found.get(p, z)) for p, z in zip(chosen, zero, strict=True)]
                    )
                    for found in slopes
                ]
            )
            yield Series((*key, kind), value, table, chosen)
            if len(seen) > 60:
                return


def _targets(replay: Replay, start: int, end: int, dependent: set[int]) -> list[tuple[Any, Any]]:
    """Return (key, values) of what may be targets: they do not depend on parameters."""
    groups: dict[Any, list[int]] = {}
    for position in range(start + 1, end):
        event = replay.events[position]
        if position not in dependent and event.name != "return":
            groups.setdefault((event.line, event.name), []).append(position)
    named: list[tuple[Any, Any]] = []
    other: list[tuple[Any, Any]] = []
    seen = set()

    def add(key: Any, value: Any) -> None:
        digest = (value.shape, value.tobytes())
        if digest not in seen and value.size <= 4000 and np.isfinite(value).all():
            seen.add(digest)
            (named if _TARGET.search(str(key[1])) else other).append((key, value))

    for key, positions in groups.items():
        values = [replay.events[p].value for p in positions]
        if len({v.shape for v in values}) == 1 and len(values) > 1:
            add((*key, "all"), np.stack([v.ravel() for v in values]))
        if len(values) == 1:
            add((*key, "all"), values[0])
        add((*key, "last"), values[-1])
        add((*key, "first"), values[0])
    early: dict[str, Any] = {}
    for event in replay.events[:start]:
        if event.value.size > 1 and (
            _TARGET.search(event.name) or re.search("x|data|in", event.name, re.I)
        ):
            early[event.name] = event.value
    for name, value in list(early.items())[:60]:
        add(("early", name), value)
    return [*named, *other][:40]


def _candidates(moments: list[Moment]) -> Iterator[tuple[tuple[Any, ...], bool, list[Any]]]:
    """Yield (key, right, gradient at each moment) of every loss that can be formed."""
    tables = [dict(_gradients(moment)) for moment in moments]
    for key, gradient in tables[0].items():
        others = [table.get(key) for table in tables[1:]]
        if all(other is not None for other in others):
            yield key, key[-1][0] == "right", [gradient, *others]


def _gradients(moment: Moment) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for series in moment.series:
        s, table = series.value, series.slopes
        flat = s.ravel()
        if s.size <= 1 or series.key[-1] == "all":
            yield (series.key, None, ("right", "value")), table.sum(axis=1)
        if series.key[-1] != "first" or len(series.events) == 1:
            yield (series.key, None, ("right", "residual")), table @ flat
        count = 0
        for name, y in moment.targets:
            for form in forms_of(y, s.shape):
                count += 1
                for loss, top in right_tops(s, form):
                    yield (series.key, name, ("right", loss)), _times(table, top)
                for mistake, top in wrong_tops(s, form):
                    yield (series.key, name, ("wrong", mistake)), _times(table, top)
            if count > 14:
                break


def _times(table: Any, top: Any) -> Any:
    return np.where(np.isnan(table), np.nan, table) @ np.ravel(top)


def _factor(moved: Any, gradient: Any) -> float | None:
    """Return c with moved = c gradient, within the error of differences; None: there is none."""
    known = ~np.isnan(gradient)
    u, g = moved[known], gradient[known]
    square = float(g @ g)
    if known.sum() < 1 or not square or not np.isfinite(square):
        return None
    c = float(u @ g) / square
    scale = max(float(np.abs(u).max()), abs(c) * float(np.abs(g).max()))
    if c == 0 or float(np.abs(u - c * g).max()) > TOLERANCE * scale:
        return None
    return c


def _match(moments: list[Moment], candidates: list[Any], replay: Replay) -> Any:
    """Return the key of the loss whose gradient every update follows; None where there is none."""
    decays = re.search(r"lam|reg|l2|decay|alpha|ridge", replay.source.code, re.I) is not None
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    varies = re.search(r"decay|anneal|schedul|epoch\)|\*\* ?epoch", replay.source.code, re.I)
    same_size = len({moment.series[0].value.size for moment in moments}) == 1
    for key, gradients in rightly:
        factors = _factors(moments, gradients)
        even = varies or not same_size or _even(factors)
        if min(factors, default=-1.0) > 0 and even:
            return key
    before = [moment.moved_before for moment in moments]
    weights = [moment.weight for moment in moments]
    matrices = [
        np.where([moment.tracks[i].first.ndim == 2 for i in moment.owner], moment.weight, 0.0)
        for moment in moments
    ]
    others = [(before, 0.2)] if re.search(_MOMENTUM, replay.source.code) else []
    others += [(weights, 0.0), (matrices, 0.0)] if decays else []
    for key, gradients in rightly:
        for other, low in others:
            pairs = _pairs(moments, gradients, other)
            if pairs and all(c > 0 and low < d < 1 - 1e-6 for c, d in pairs):
                return key
    return None


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
            finding = _text(replay, "softmax-overflow", chosen.key[1], line or 0, function.name)
            text = "No maximum is subtracted before exp: sums of 1000 overflow."
            return [{**finding, "text": text}]
    return []


def _even(factors: list[float]) -> bool:
    return bool(factors) and max(factors) - min(factors) <= 1e-3 * abs(factors[0])


def _outputs_and_targets(moment: Moment, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yield outputs and targets of a loss, also where only their difference was recorded."""
    chosen = next((s for s in moment.series if s.key == key[0]), None)
    if chosen is None:
        return
    if key[1] is None:
        for series in moment.series:
            if series.value.shape == chosen.value.shape and series.key[:2] != chosen.key[:2]:
                yield series.value, series.value - chosen.value
        return
    for name, y in moment.targets:
        if name == key[1]:
            for form in forms_of(y, chosen.value.shape):
                yield chosen.value, form


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
            n = len(value)
            return [
                {
                    "mistake": "broadcast",
                    "where": event.function or "training",
                    "parameter": event.name,
                    "line": event.line,
                    "text": f"{event.name} has the shape ({n}, {n}): an array (N, 1) and an array "
                    "(N,) were combined.",
                }
            ]
    return []


def _mismatch(moments: list[Moment], key: Any, replay: Replay) -> list[dict[str, Any]]:
    """Return a finding where the loss that is computed is not the one whose gradient is used."""
    moment, used = moments[0], key[-1][1]
    scalars = [
        (float(event.value.ravel()[0]), event)
        for event in replay.events[moment.window[0] : moment.window[1]]
        if event.value.size == 1 and _LOSS.search(f"{event.name} {event.function}")
    ]
    for s, y in _outputs_and_targets(moment, key):
        binary = set(np.unique(np.round(y, 9))) <= {0.0, 1.0}
        if not binary or y.size < 2:
            continue
        if used in ("squared", "residual") and ((s > 0) & (s < 1)).all():
            other = [-(y * np.log(s)).sum(), -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum()]
        elif used.startswith("softmax"):
            p = softmax(s, int(used.split()[1]))
            other = [((p - y) ** 2).sum()]
        else:
            continue
        sizes = {
            1.0,
            0.5,
            *(1 / n for n in (*y.shape, y.size)),
            *(0.5 / n for n in (*y.shape, y.size)),
        }
        for value, event in scalars:
            if any(abs(value - c * o) <= 1e-9 * abs(value) for o in other for c in sizes):
                return [
                    {
                        "mistake": "loss-gradient-mismatch",
                        "where": event.function or "training",
                        "parameter": event.name,
                        "line": moment.tracks[0].line,
                        "text": f"The updates move down another loss than the one computed in line "
                        f"{event.line}.",
                    }
                ]
    return []


def _two(moved: Any, gradient: Any, other: Any) -> tuple[float, float] | None:
    known = ~np.isnan(gradient)
    if known.sum() < 3:
        return None
    matrix = np.stack([gradient[known], other[known]], axis=1)
    if not np.isfinite(matrix).all() or not matrix.any(axis=0).all():
        return None
    solution, _, rank, _ = np.linalg.lstsq(matrix, moved[known], rcond=1e-9)
    if rank < 2:
        return None
    rest = np.abs(matrix @ solution - moved[known]).max()
    if rest > 10 * TOLERANCE * 0.1 * np.abs(moved[known]).max():
        return None
    return float(solution[0]), float(solution[1])


def _rates(replay: Replay) -> list[float]:
    from rosenblatt.check.network import rates_of

    return rates_of(replay.events[:4000], [])


def _factors(moments: list[Moment], gradients: list[Any]) -> list[float]:
    """Return the factor of every update by a gradient; [] where one has none."""
    factors = [_factor(m.moved, g) for m, g in zip(moments, gradients, strict=True)]
    known = [c for c in factors if c is not None]
    return known if len(known) == len(factors) else []


def _pairs(
    moments: list[Moment], gradients: list[Any], others: list[Any]
) -> list[tuple[float, float]]:
    """Return (c, d) with moved = c gradient + d other of every update; [] where one has none."""
    if min(len(moment.moved) for moment in moments) < 3:
        joint = [np.concatenate(parts) for parts in ([m.moved for m in moments], gradients, others)]
        moved, gradient, other = joint
        pair = _two(moved, gradient, other)
        return [] if pair is None else [pair]
    pairs = [
        _two(moment.moved, gradient, other)
        for moment, gradient, other in zip(moments, gradients, others, strict=True)
    ]
    known = [pair for pair in pairs if pair is not None]
    return known if len(known) == len(pairs) else []


def _explain(moments: list[Moment], candidates: list[Any], replay: Replay) -> list[dict[str, Any]]:
    """Return the finding of the hypothesis that gives every update, [] where there is none."""
    for key, right, gradients in candidates:
        factors = _factors(moments, gradients)
        if len(factors) < 2:
            continue
        if right and max(factors) < 0 and _even(factors):
            return [_finding(moments[0], replay, "sign", 0, gradients[0] * -factors[0])]
        if not right and min(factors) > 0 and _even(factors):
            return [_finding(moments[0], replay, key[-1][1], 0, None)]
    found = _by_track(moments, candidates, replay)
    if found or len(moments) < 2:
        return found
    before = [moment.moved_before for moment in moments]
    for _, right, gradients in candidates:
        pairs = _pairs(moments, gradients, before) if right else []
        state = re.search(_MOMENTUM, replay.source.code)
        least, most = (0.9999, 1.0001) if state else (0.2, 3.0)
        if pairs and all(c > 0 and least < d < most for c, d in pairs):
            return [_finding(moments[0], replay, "gradients-accumulate", 0, None)]
        if pairs and all(c > 0 and -1 < d < -0.2 for c, d in pairs):
            return [_finding(moments[0], replay, "momentum-sign", 0, None)]
    return _unexplained(moments, candidates, replay)


def _unexplained(
    moments: list[Moment], candidates: list[Any], replay: Replay
) -> list[dict[str, Any]]:
    """Return a finding where the recorded loss is known and the updates do not follow it."""
    if re.search(_STATEFUL, replay.source.code, re.I):
        return []
    for key, right, gradients in candidates:
        named = right and key[-1][1] == "value" and _LOSS.search(f"{key[0][1]} {key[0][2]}")
        if not named:
            continue
        whole = all(
            np.nan_to_num(gradient[moment.owner == number]).any()
            for moment, gradient in zip(moments, gradients, strict=True)
            for number in range(len(moment.tracks))
        )
        if not whole:
            continue
        for number in range(len(moments[0].tracks)):
            chosen = moments[0].owner == number
            chosen &= ~np.isnan(gradients[0])
            if chosen.sum() < 2 and moments[0].tracks[number].first.size > 1:
                continue
            if _factor(moments[0].moved[chosen], gradients[0][chosen]) is None:
                top = np.abs(np.nan_to_num(gradients[0])).max()
                c = float(np.abs(moments[0].moved).max() / top)
                return [_finding(moments[0], replay, "unexplained", number, c * gradients[0])]
    return []


def _by_track(moments: list[Moment], candidates: list[Any], replay: Replay) -> list[dict[str, Any]]:
    """Explain updates that are right for some parameters only."""
    rates = _rates(replay)
    best: tuple[float, Any] | None = None
    count = len(moments[0].tracks)
    for key, right, gradients in candidates:
        if not right or (key[-1][1] == "value" and not _LOSS.search(f"{key[0][1]} {key[0][2]}")):
            continue
        per_track = []
        for number in range(count):
            factors = []
            for moment, gradient in zip(moments, gradients, strict=True):
                chosen = moment.owner == number
                c = _factor(moment.moved[chosen], gradient[chosen])
                factors += [] if c is None else [c]
            per_track.append(factors if len(factors) == len(moments) else [])
        good = [
            number
            for number, factors in enumerate(per_track)
            if min(factors, default=-1.0) > 0
            and moments[0].tracks[number].first.size > 1
            and (moments[0].owner == number).sum() > 1
            and _is_simple(factors[0], rates, moments[0], key)
        ]
        # The largest group of parameters with one factor.
        for number in good:
            c = per_track[number][0]
            agreeing = [m for m in good if abs(per_track[m][0] / c - 1) < 1e-3]
            score = len(agreeing) + 0.5 * (key[-1][1] not in ("value", "residual"))
            if best is None or score > best[0]:
                best = (score, (key, gradients, c, per_track, agreeing))
    if best is None:
        return []
    _, (key, gradients, c, per_track, agreeing) = best
    moment, gradient = moments[0], gradients[0]
    n = _samples(moment, key)
    others: list[dict[str, Any]] = []
    for number in range(count):
        if number in agreeing:
            continue
        chosen = moment.owner == number
        track = moment.tracks[number]
        right = c * gradient
        ratios = [factor / c for factor in per_track[number]]
        bias = sum(s > 1 for s in track.first.shape) <= 1 and bool(_BIAS.search(track.name))
        if not moment.moved[chosen].any() and np.abs(right[chosen]).max() > 0:
            if bias:
                return [_finding(moment, replay, "bias-gradient-missing", number, right)]
            continue
        if ratios and all(abs(r - ratios[0]) < 1e-3 * abs(r) for r in ratios):
            mistake = _factor_mistake(ratios[0], n)
            if mistake:
                return [_finding(moment, replay, mistake, number, right)]
            continue
        if bias:
            found = _bias_mistake(moments, gradients, c, number, replay)
            if found:
                return [_finding(moment, replay, found, number, right)]
        deviates = not per_track[number] and (chosen & ~np.isnan(gradient)).sum() > 1
        if deviates and len(agreeing) > 1 and not re.search(_STATEFUL, replay.source.code, re.I):
            others.append(_finding(moment, replay, "unexplained", number, right))
    return others[-1:]


def _is_simple(c: float, rates: list[float], moment: Moment, key: Any) -> bool:
    """Return whether a factor is a learning rate times a number that a loss may have."""
    n = _samples(moment, key)
    size = next((s.value.size for s in moment.series if s.key == key[0]), 1)
    numbers = (1.0, 2.0, 0.5, 1 / n, 2 / n, 1 / size, 2 / size)
    return not rates or any(abs(c / rate / k - 1) < 1e-3 for rate in rates for k in numbers)


def _samples(moment: Moment, key: Any) -> int:
    value = next((s.value for s in moment.series if s.key == key[0]), np.zeros(1))
    return max(value.shape) if value.ndim else 1


def _factor_mistake(ratio: float, n: int) -> str | None:
    if ratio < 0:
        return "sign" if abs(ratio + 1) < 1e-3 else None
    if n > 1 and any(abs(ratio / f - 1) < 1e-3 for f in (n, 1 / n)):
        return "batch-factor"
    if any(abs(ratio / f - 1) < 1e-3 for f in (2, 0.5)):
        return "constant-factor"
    return None


def _bias_mistake(
    moments: list[Moment], gradients: list[Any], c: float, number: int, replay: Replay
) -> str | None:
    """Compare a bias's update with the usual wrong sums of any recorded array."""
    votes: list[set[str]] = []
    for moment, gradient in zip(moments, gradients, strict=True):
        chosen = moment.owner == number
        u, g = moment.moved[chosen], c * gradient[chosen]
        size = moment.tracks[number].first.size
        if chosen.sum() != size:
            return None
        found = set()
        for event in replay.events[moment.window[0] : moment.window[1]]:
            d = event.value
            if d.size == size > 1 and _factor(g, d.ravel()) is not None:
                if _factor(u, np.ones(size)) is not None:
                    found.add("bias-gradient-not-summed")
                continue
            if d.ndim != 2 or size not in d.shape:
                continue
            for rows in (d, d.T):
                if rows.shape[1] != size or len(rows) < 2:
                    continue
                f = _factor(g, rows.sum(axis=0))
                if f is None:
                    continue
                for wrong in (
                    rows[0],
                    rows[-1],
                    np.full(size, rows.sum()),
                    np.full(size, rows.mean()),
                ):
                    if _factor(u, wrong) is not None:
                        found.add("bias-gradient-not-summed")
        votes.append(found)
    both = set.intersection(*votes) if votes else set()
    return next(iter(both), None)


def _missing_biases(
    replay: Replay, tracks: list[Track], moments: list[Moment]
) -> list[dict[str, Any]]:
    """Return a finding for a bias that the outputs depend on and that no update moves."""
    if _changes_loop_variables(replay.source.tree):
        # `for b, g in zip(biases, gradients): b -= g` moves a bias under another name.
        return []
    updated = [*tracks, *tracks_of(replay.events)]
    moving = {_key(track.name) for track in updated}
    start, first = moments[0].window
    constant: dict[str, Track] = {}
    for position, event in enumerate(replay.events[:start]):
        name = event.name
        if not _BIAS.search(name) or event.dtype in "iub" or event.single:
            continue
        if _key(name) in moving or name.startswith("return"):
            continue
        if sum(s > 1 for s in event.value.shape) > 1 or event.value.size > 200:
            continue
        track = constant.setdefault(
            name, Track(name, event.line, event.value, None, event.function)
        )
        track.versions.append((position, event.value))
    for track in list(constant.values())[:8]:
        if any(not np.array_equal(value, track.first) for _, value in track.versions):
            continue
        track.versions = track.versions[:1]
        if track.first.ndim == 0:
            continue
        dependent = replay.changed(track, start, first)
        outputs = {p for moment in moments[:1] for s in moment.series for p in s.events}
        if outputs & set(dependent):
            finding = _text(replay, "bias-gradient-missing", track.name, track.line, track.function)
            return [finding]
    return []


def _changes_loop_variables(tree: ast.AST) -> bool:
    """Return whether the code changes what a loop runs over, in place."""
    nodes = list(ast.walk(tree))
    loops = {
        name.id
        for node in nodes
        if isinstance(node, ast.For | ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    changed = {
        name.id
        for node in nodes
        if isinstance(node, ast.AugAssign)
        for name in [node.target.value if isinstance(node.target, ast.Subscript) else node.target]
        if isinstance(name, ast.Name)
    }
    return bool(loops & changed)


def _key(name: str) -> str:
    """Return the last word of a name, with its index: "by" of params['by'], "b0" of self.b[0]."""
    match = re.search(r"([A-Za-z_]\w*)\W*(\d*)\W*$", name)
    return "".join(match.groups()) if match else name


def _finding(
    moment: Moment, replay: Replay, mistake: str, number: int, right: Any
) -> dict[str, Any]:
    track = moment.tracks[number]
    numbers: dict[str, Any] = {}
    chosen = np.flatnonzero(moment.owner == number)
    if right is not None and chosen.size:
        difference = np.abs(np.nan_to_num(moment.moved[chosen] - right[chosen]))
        place = int(np.argmax(difference > 1e-6 * difference.max(initial=0)))
        per = entries(track, 10**6 if len(chosen) == track.first.size else len(chosen))
        numbers = {
            "entry": [int(i) for i in per[place]],
            "analytic": float(moment.moved[chosen][place]),
            "numeric": float(right[chosen][place]),
        }
        if len(chosen) == track.first.size:
            shape = track.first.shape
            arrays = moment.moved[chosen].reshape(shape), right[chosen].reshape(shape)
            numbers["gradients"] = to_plain(*arrays, per[place])
    from rosenblatt.check.training import gradient_line

    line = gradient_line(replay.source, track.name) or track.line
    return {**_text(replay, mistake, track.name, line, track.function), **numbers}


def _text(replay: Replay, mistake: str, name: str, line: int, function: str) -> dict[str, Any]:
    from rosenblatt.check.texts import TITLES

    return {
        "mistake": mistake,
        "where": function or "training",
        "parameter": name,
        "line": line,
        "text": f"When the run is repeated with another {name}, the loss does not change as the "
        f"update of {name} expects: {TITLES.get(mistake, mistake)}.",
    }
