"""Updates by a rule with a state, written into the training itself: momentum, AdaGrad, Adam.

The run records the gradients that it computes. They are right where they are one multiple of the
gradient of a usual loss, for all parameters. The updates are right where a usual rule gives them
from these gradients.
"""

import ast
import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.check.descent.findings import track_finding
from rosenblatt.check.descent.loss_names import is_loss
from rosenblatt.check.descent.losses import loss_candidates, replay_rates
from rosenblatt.check.descent.moments import FEWEST_ENTRIES, Moment
from rosenblatt.check.descent.replay import Replay, Track
from rosenblatt.check.descent.reported_losses import kind_of_candidate, mismatch
from rosenblatt.check.descent.uneven_penalties import uneven_finding, uneven_penalty
from rosenblatt.check.descent.update_steps import ends_of
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.optimizers.mistakes import wrong_rules
from rosenblatt.check.optimizers.rules import Rule, right_rules, updates
from rosenblatt.check.optimizers.steps import Correction, Hyper, adaptive_rule
from rosenblatt.check.source.text import Source

CLOSE = 1e-4
CLOSE_NUMBER = 1e-7
"""The same of a single number: by Adam, its first steps are alike whatever its gradient is."""

MOST_STEPS = 5
MOST_COUNTS = 2
MOST_OF_UPDATES = 4000
"""Events at the beginning of a run in which its updates and its numbers of samples are seen."""

Place = tuple[int, str, str]
"""Line, name and function of an event."""

Table = tuple[Any, list[Place], list[bool]]
"""Recorded values at the entries of a parameter, (K, E), the place of each, and whether it is
the parameter itself."""


def stateful_findings(
    replay: Replay, moments: list[Moment], *, is_explained: bool = False
) -> list[dict[str, Any]] | None:
    """Return the findings of updates by a rule with a state; None where no rule is recognized.

    Where a mistake explains the updates as they are (``is_explained``), plain gradient descent is
    no such rule.
    """
    if not moments:
        return None
    # One gradient of few numbers is that of many losses by chance.
    compared = moments if len(moments[0].moved) < FEWEST_ENTRIES else moments[:1]
    rightly = [(key, g) for key, right, g in loss_candidates(compared) if right]
    losses = [g[0] for key, g in rightly if key[-1][1] == "value" and is_loss(key, moments[0])]
    every = [_tables(replay, moment) for moment in compared]
    tables = every[0]
    tried: list[list[list[Place]]] = []
    for key, gradients in rightly:
        found = _places_of_all(every, compared, gradients)
        if found is None or found in tried:
            continue
        tried.append(found)
        judged = _by_rules(replay, moments[0], found, is_explained)
        if judged == []:
            recorded = _recorded(tables, moments[0], found)
            uneven = (uneven_penalty(moments[0], gradients[0], loss, recorded) for loss in losses)
            number, factor = next(filter(None, uneven), (None, 1.0))
            if number is not None:
                return [uneven_finding(replay, moments[0], number, factor)]
            stored = [
                other for other, g in rightly if _places_of_all(every, compared, g) is not None
            ]
            return _of_another_loss(replay, moments[0], key, stored)
        if judged is not None:
            return judged
    return None


def _of_another_loss(
    replay: Replay, moment: Moment, key: Any, stored: list[Any]
) -> list[dict[str, Any]]:
    """Return a finding where the run computes another loss than that of the gradients it stores.

    ``stored`` are all candidates whose gradients it stores.
    """
    kinds = {kind_of_candidate(moment, other) for other in stored}
    numbers = {other[0][:2] for other in stored if other[-1][1] == "value"}
    used = kind_of_candidate(moment, key)
    return mismatch(replay, moment.tracks, used, numbers, kinds.__contains__)


def _recorded(tables: list[Table], moment: Moment, places: list[list[Place]]) -> list[Any]:
    """Return the recorded gradient of each parameter, with its penalty, at the entries."""
    result = []
    for number, ((values, known, _), own) in enumerate(zip(tables, places, strict=True)):
        row = np.full(len(moment.moved), np.nan)
        row[moment.owner == number] = values[known.index(own[-1])]
        result.append(row)
    return result


def _tables(replay: Replay, moment: Moment) -> list[Table]:
    """Return what was recorded in the shape of each parameter."""
    result: list[Table] = []
    for track, indices in zip(moment.tracks, moment.indices, strict=True):
        end = max((p for p, _ in track.versions if p <= moment.last), default=moment.last)
        # A sum is whole when it is added to for the last time before the update.
        last = {
            (event.line, event.name, event.function): event
            for event in replay.events[moment.window[0] + 1 : end + 1]
            if event.value.shape == track.first.shape
        }
        chosen = [event for event in last.values() if np.isfinite(event.value).all()]
        values = np.array([[event.value[index] for index in indices] for event in chosen])
        places = [(event.line, event.name, event.function) for event in chosen]
        own = [event.updates and event.name == track.name for event in chosen]
        result.append((values.reshape(len(chosen), len(indices)), places, own))
    return result


def _places_of_all(
    tables: list[list[Table]], moments: list[Moment], gradients: list[Any]
) -> list[list[Place]] | None:
    """Return the places that hold each parameter's gradient in every update; None without any."""
    found = [
        _gradient_places(table, moment, gradient)
        for table, moment, gradient in zip(tables, moments, gradients, strict=True)
    ]
    known = [places for places in found if places is not None]
    if len(known) < len(found):
        return None
    shared = [
        [place for place in own[0] if all(place in other for other in own)]
        for own in zip(*known, strict=True)
    ]
    return shared if all(shared) else None


def _gradient_places(
    tables: list[Table], moment: Moment, gradient: Any
) -> list[list[Place]] | None:
    """Return where each parameter's gradient stands in the run; None where one is not there.

    The last of several places may have a penalty of the weights in it.
    """
    factor: float | None = None
    order = sorted(range(len(moment.tracks)), key=lambda k: -moment.tracks[k].first.size)
    found: dict[int, list[Place]] = {}
    for number in order:
        chosen = moment.owner == number
        known = ~np.isnan(gradient[chosen])
        g = gradient[chosen][known]
        if not known.any() or not np.abs(g).max() > 0:
            return None
        values, places, is_own = tables[number]
        if not places:
            return None
        values = values[:, known]
        factors = values @ g / float(g @ g)
        error = np.abs(values - factors[:, None] * g).max(axis=1)
        fits = (factors > 0) & (error <= CLOSE * np.abs(values).max(axis=1))
        own: list[Place] = []
        for row in np.flatnonzero(fits & ~np.array(is_own)):
            if factor is not None and abs(factors[row] / factor - 1) > 1e-3:
                continue
            factor = float(factors[row]) if factor is None else factor
            own.append(places[row])
        if not own:
            return None
        weight = moment.weight[chosen][known]
        own += _with_penalty(values, places, factor or 1.0, g, weight)
        found[number] = list(dict.fromkeys(own))
    return [found[number] for number in range(len(moment.tracks))]


def _with_penalty(
    values: Any, places: list[Place], factor: float, gradient: Any, weight: Any
) -> list[Place]:
    """Return the places of gradient + λ weight, λ > 0."""
    if not np.abs(weight).max() > 0:
        return []
    rest = values - factor * gradient
    penalties = rest @ weight / float(weight @ weight)
    least = CLOSE * np.abs(values).max(axis=1)
    error = np.abs(rest - penalties[:, None] * weight).max(axis=1)
    fits = (penalties > 0) & (penalties < 1) & (error <= least)
    fits &= np.abs(rest).max(axis=1) > least
    return [places[row] for row in np.flatnonzero(fits)]


def _by_rules(
    replay: Replay, moment: Moment, places: list[list[Place]], is_explained: bool
) -> list[dict[str, Any]] | None:
    hypers = list(hypers_of(replay))
    findings: list[dict[str, Any]] = []
    rules: set[str] = set()
    for number, track in enumerate(moment.tracks):
        rule = rule_of(replay, track, places[number], right_rules, hypers)
        if rule is None:
            wrong = partial(_wrong_rules, _counts(replay, track))
            rule = rule_of(replay, track, places[number], wrong, hypers)
        if rule is None:
            return None
        rules.add(rule.name)
        if rule.mistake:
            findings.append(track_finding(moment, replay, rule.mistake, number, None))
    if is_explained and not findings and rules == {"gradient descent"}:
        return None
    return findings[:1]


def _wrong_rules(counts: list[list[int]], h: Hyper) -> Iterator[Rule]:
    """Yield the known wrong rules, and Adam with each of the counts."""
    yield from wrong_rules(h)
    for count in counts:
        corrections = _counted(h.beta1, count), _counted(h.beta2, count)
        for inside in (False, True):
            step = adaptive_rule(h, corrections=corrections, inside=inside)
            yield Rule("Adam", step, "adam-bias-correction")


def _counted(beta: float, count: list[int]) -> Correction:
    return lambda t: 1 - beta ** count[t - 1]


def _counts(replay: Replay, track: Track) -> list[list[int]]:
    """Return the numbers at the first updates of a parameter that are counted up otherwise.

    A counter of updates that stands in a loop over parameters counts each of them.
    """
    ends = ends_of(track)[:MOST_STEPS]
    counters: dict[tuple[int, str], list[int]] = {}
    values: dict[tuple[int, str], int] = {}
    for position, event in enumerate(replay.events[: ends[-1] + 1]):
        if position in ends:
            for place, value in values.items():
                counters.setdefault(place, []).append(value)
        if event.updates and event.dtype in "iu" and event.value.size == 1:
            values[event.line, event.name] = int(event.value.ravel()[0])
    rising = [
        count
        for count in counters.values()
        if len(count) == len(ends) and count[0] > 0 and (np.diff(count) > 0).all()
    ]
    return [count for count in rising if count != list(range(1, len(ends) + 1))][:MOST_COUNTS]


def rule_of(
    replay: Replay,
    track: Track,
    places: list[Place],
    rules: Callable[[Hyper], Iterator[Rule]],
    hypers: list[Hyper],
) -> Rule | None:
    """Return the rule that gives the first updates of a parameter, from one of its gradients."""
    ends = ends_of(track)[:MOST_STEPS]
    moves = [
        after - before for before, after in itertools.pairwise([track.first, *map(track.at, ends)])
    ]
    close = CLOSE if track.first.size > 1 else CLOSE_NUMBER
    # What changes a gradient in some updates, such as a limit, stands at a place of its own.
    for wanted in (*({place} for place in reversed(places)), set(places)):
        gradients = []
        for start, end in itertools.pairwise([-1, *ends]):
            own = [
                event.value
                for event in replay.events[start + 1 : end + 1]
                if (event.line, event.name, event.function) in wanted
                and event.value.shape == track.first.shape
            ]
            gradients += own[-1:]
        if len(gradients) != len(ends):
            continue
        for h in hypers:
            for rule in rules(h):
                values = updates(rule, track.first, gradients)
                before = track.first
                fits = True
                for move, after in zip(moves, values, strict=True):
                    if not np.isfinite(after).all() or not same(after - before, move, close):
                        fits = False
                        break
                    before = after
                if fits:
                    return rule
    return None


def hypers_of(replay: Replay) -> Iterator[Hyper]:
    """Yield hyper-parameters made of the numbers of the code."""
    numbers = numbers_of(replay.source)
    rates = replay_rates(replay)[:4] or sorted(c for c in numbers if 1e-5 < c < 1)[:6]
    # An update may divide its summed gradient: rate * gw / n.
    parts = [rate / count for rate in rates[:2] for count in _divisors(replay)[:2]]
    yield from hypers_from(numbers, [*rates, *parts])


def _divisors(replay: Replay) -> list[int]:
    """Return the numbers of samples by which the code of the updates divides."""
    lines = {event.line for event in replay.events[:MOST_OF_UPDATES] if event.updates}
    nodes = [
        node.right
        for node in ast.walk(replay.source.tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and node.lineno in lines
    ]
    texts = {ast.unparse(node) for node in nodes}
    counts = [int(text) for text in texts if text.isdigit()]
    named = {
        event.name: int(event.value)
        for event in replay.events[:MOST_OF_UPDATES]
        if event.name in texts and event.value.shape == () and event.dtype in "iu"
    }
    return sorted({count for count in (*counts, *named.values()) if count > 1})


def numbers_of(source: Source) -> set[float]:
    """Return the numbers that are written in the code."""
    return {
        float(node.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    }


def hypers_from(numbers: set[float], rates: list[float]) -> Iterator[Hyper]:
    """Yield hyper-parameters of these learning rates, and of numbers that may be their others."""
    decays = sorted((c for c in numbers if 0.4 < c < 1), reverse=True)[:4] or [0.9, 0.999]
    small = sorted(c for c in numbers if 0 < c < 2e-4)[:3] or [1e-8]
    for lr, first, second, eps in itertools.product(rates, decays, decays, small):
        yield Hyper(lr, first, first, second, second, eps)
