"""The losses that can be formed of the values of a run, and the updates that follow one."""

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.descent.agreement import agreement
from rosenblatt.check.descent.loss_names import A_LOSS, is_loss
from rosenblatt.check.descent.moments import FEWEST_ENTRIES, PENALTY, Moment, is_target
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.descent.tops import (
    clipped_tops,
    forms_of,
    right_tops,
    robust_tops,
    wrong_tops,
)
from rosenblatt.check.descent.update_code import is_limited
from rosenblatt.check.functions.gradient_cases import LOSS
from rosenblatt.check.network.network import SCHEDULE, rates_of
from rosenblatt.check.source.words import GRADIENTS

TOLERANCE = 1e-4
SHARE = 0.02
"""Part of an update that comes from its own gradient, if momentum makes the rest."""

LIMITED_ENTRIES = 5
"""Entries of an update beyond which one factor of all of them is none by chance."""

MOMENTUM = (
    r"(?i:mom|vel|beta|nesterov|gamma|inertia)|\b(self\.)?(mu|v|vs)\b"
    r"|(?i:(delta|grad|change|update|dw|db)\w*_?(prev|old|last))"
    r"|(?i:(prev|old|last)_?(delta|grad|change|update|dw))"
)
"""Code in which an update may have a part of the one before."""

_OF_STEPS = re.compile(r"perceptron|hinge$|difference of signs")
"""Losses with the slope 0 or 1, whose multiples are told by their sign."""

_DECISION = re.compile(r"pred|hat(_|\d|$)|guess|deci[ds]", re.I)
"""Names of decisions, which have no derivative and may seem to be targets: y_pred."""

_A_GRADIENT = re.compile(r"grad|nabla|(^|\W)(d_?[A-Z]\w*|d_\w+|g_?[bBwW]\d*)\W*(\[\d+\])?$", re.A)
"""Names of gradients: dW, d_hidden, grads['b'], gw, db[1]."""

_BY_WORDS = {
    "log-cosh": r"cosh|tanh",
    "pseudo-Huber": r"(sqrt|hypot)\((1|[^()]*\+ ?1)",
    "Huber": r"(?i:huber)|abs|clip|min|max|sign|<",
    "Poisson": r"(?i)poisson|lgamma|gammaln|factorial|devian",
}
"""Losses that are rare, and code that computes them or their slopes."""


def loss_candidates(moments: list[Moment]) -> Iterator[tuple[tuple[Any, ...], bool, list[Any]]]:
    """Yield (key, right, gradient at each moment) of every loss that can be formed."""
    tables = [dict(_gradients(moment)) for moment in moments]
    others = _keys_of_others(moments)
    constant = _constant(moments)
    single = {s.key for s in moments[0].series if s.value.size == 1}
    rare = {loss for loss, words in _BY_WORDS.items() if not re.search(words, moments[0].code)}
    for (series, target, loss), gradient in tables[0].items():
        if target in constant and series in single:
            # The distance of a loss from a count would make its ascent right.
            continue
        if loss[1].split(" ")[0] in rare:
            continue
        for keys in itertools.product(others(series), others(target)):
            gradients = [
                table.get((*pair, loss))
                for table, pair in zip(tables[1:], zip(*keys, strict=True), strict=True)
            ]
            if all(other is not None for other in gradients):
                yield (series, target, loss), loss[0] == "right", [gradient, *gradients]


def _constant(moments: list[Moment]) -> set[Any]:
    """Return the keys of numbers that all moments share and that have no name of a target."""
    values = [{key: value for key, value in m.targets if value.size == 1} for m in moments]
    return {
        key
        for key, value in values[0].items()
        if len(values) > 1 and not is_target(key)
        if all(
            float(other.get(key, value).ravel()[0]) == float(value.ravel()[0]) for other in values
        )
    }


def _keys_of_others(moments: list[Moment]) -> Callable[[Any], list[tuple[Any, ...]]]:
    """Return a function that lists the keys in the other moments that a key of the first may have.

    A pass of one sample has the same numbers first, last and in all; a label may be any number.
    """
    names: dict[Any, list[Any]] = {}
    for other, key in moments[0].same.items():
        names.setdefault(key, []).append(other)

    @functools.cache
    def keys(key: Any) -> list[tuple[Any, ...]]:
        own = [key, *names.get(key, [])]
        found = (tuple(m.same.get(name, name) for m in moments[1:]) for name in own)
        return list(dict.fromkeys(found))

    return keys


def _gradients(moment: Moment) -> Iterator[tuple[tuple[Any, ...], Any]]:
    recorded: dict[int, Any] = {}
    for series in moment.series:
        recorded.setdefault(series.value.size, []).append(series.value.ravel())
    recorded = {size: np.array(values) for size, values in recorded.items()}
    of_batch = _is_of_batch(moment)
    for series in moment.series:
        s, table = series.value, series.slopes
        flat = s.ravel()
        is_gradient = _A_GRADIENT.search(str(series.key[1])) is not None
        if (s.size <= 1 or series.key[-1] == "all") and (
            not is_gradient or A_LOSS.search(str(series.key[1]))
        ):
            yield (series.key, None, ("right", "value")), table.sum(axis=1)
        of_parameters = re.search(rf"(^|\W)({GRADIENTS})", str(series.key[1]))
        if not of_parameters and (series.key[-1] != "first" or len(series.events) == 1):
            yield (series.key, None, ("right", "residual")), table @ flat
            for loss, top in itertools.chain(robust_tops(s), clipped_tops(s, recorded)):
                yield (series.key, None, ("right", loss)), table @ np.ravel(top)
        if s.size <= 1 and (of_batch or _is_called_loss((series.key,))):
            # The distance of a loss, or of an error, from a target would make its ascent right.
            continue
        if is_gradient:
            # A gradient is no output, and no loss.
            continue
        count = 0
        stacked = len(series.events) > 1 and series.key[-1] == "all"
        for name, y in moment.targets:
            is_decision = name[0] != "early" and _DECISION.search(str(name[1])) is not None
            for form in forms_of(y, s.shape):
                count += 1
                for loss, top in right_tops(s, form, stacked):
                    if is_decision and _OF_STEPS.match(loss):
                        continue
                    yield (series.key, name, ("right", loss)), table @ np.ravel(top)
                for loss, top in clipped_tops(s - form, recorded):
                    yield (series.key, name, ("right", loss)), table @ np.ravel(top)
                for mistake, top in wrong_tops(s, form, stacked):
                    yield (series.key, name, ("wrong", mistake)), table @ np.ravel(top)
            if count > 14:
                break


def _is_of_batch(moment: Moment) -> bool:
    """Return whether outputs of many samples meet targets of their shape, and no number does."""
    targets = [(key, y) for key, y in moment.targets if is_target(key)]
    if any(y.size == 1 and key[0] != "early" for key, y in targets):
        return False
    shapes = {series.value.shape for series in moment.series if series.value.size > 1}
    return any(y.size > 1 and forms_of(y, shape) for _, y in targets for shape in shapes)


def multiple_of(moved: Any, gradient: Any) -> float | None:
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


def sums_in(moved: Any, table: Any, others: list[Any]) -> Any:
    """Return the rows of a table of gradients of which entries move by a positive multiple.

    They may also move by any multiple of ``others``, which is taken off both.
    """
    if not others:
        return multiples_in(moved, table)
    basis = np.linalg.qr(np.stack(others, axis=1))[0]
    rest = moved - basis @ (basis.T @ moved)
    if len(moved) < len(others) + 3 or np.abs(rest).max() <= 1e-3 * np.abs(moved).max():
        return []
    return multiples_in(rest, table - (table @ basis) @ basis.T)


def multiples_in(moved: Any, table: Any) -> Any:
    """Return the rows of a table of gradients of which entries move by a positive multiple."""
    known = ~np.isnan(table)
    g, u = np.where(known, table, 0.0), np.where(known, moved, 0.0)
    with np.errstate(all="ignore"):
        c = (u * g).sum(axis=1) / (g * g).sum(axis=1)
        scale = np.maximum(np.abs(u).max(axis=1), c * np.abs(g).max(axis=1))
        fits = np.abs(u - c[:, None] * g).max(axis=1) <= TOLERANCE * scale
    return np.flatnonzero((c > 0) & np.isfinite(c) & fits)


def matching_loss(moments: list[Moment], candidates: list[Any], replay: Replay) -> Any:
    """Return the key of the loss whose gradient every update follows; None where there is none."""
    decays = PENALTY.search(replay.source.code) is not None
    rightly = [(key, gradients) for key, right, gradients in candidates if right]
    # Of outputs near 0, squares without targets may have the gradient of a loss with targets.
    rightly.sort(key=lambda found: found[0][1] is None and found[0][-1][1] != "value")
    varies = re.search(SCHEDULE, replay.source.code, re.I) or _is_limited_as_a_whole(
        replay, moments
    )
    for key, gradients in rightly:
        factors = multiples_of(moments, gradients)
        sizes = [_size_of(moment, key[0]) for moment in moments]
        # Of batches of several sizes, a mean has a factor for each.
        means = [c * size for c, size in zip(factors, sizes, strict=False)]
        free = varies and tells_factor(moments[0], key)
        even = free or are_even(factors) or are_even(means)
        single = len(gradients) > 1 and len(gradients[0]) == 1
        if single and (np.ptp(gradients) == 0 or not (varies or are_even(factors))):
            # One number is a multiple of any other: of several updates, the factor has to be one.
            continue
        if min(factors, default=-1.0) > 0 and even:
            return key
    before = [moment.moved_before for moment in moments]
    has_momentum = not moments[0].sources and re.search(MOMENTUM, replay.source.code)
    # Two factors fit a few numbers by chance; many also show the small part of an update before.
    least = 0.0 if len(moments[0].moved) >= 2 * FEWEST_ENTRIES else 0.2
    others = [(before, least)] if has_momentum else []
    others += [(penalty, 0.0) for penalty in penalties(moments)] if decays else []
    may = [{key for key, _ in that_may_fit(rightly, moments[0], [other[0]])} for other, _ in others]
    for key, gradients in rightly:
        for fitting, (other, low) in zip(may, others, strict=True):
            if key not in fitting:
                continue
            pairs = multiple_pairs(moments, gradients, other)
            fits = pairs and all(c > 0 and low < d < 1 - 1e-6 for c, d in pairs)
            if len(moments[0].moved) < FEWEST_ENTRIES:
                # Two factors fit a few numbers by chance.
                fits = fits and are_even([c for c, _ in pairs]) and are_even([d for _, d in pairs])
            if fits and (other is not before or _all_have_slopes(moments, gradients, pairs)):
                return key
    return _partly_penalized(moments, rightly) if decays else None


def followed_numbers(moments: list[Moment], candidates: list[Any], replay: Replay) -> set[Any]:
    """Return the (line, name) of the numbers of the run whose gradients the updates follow."""
    numbers = [candidate for candidate in candidates if candidate[0][-1][1] == "value"]
    if matching_loss(moments, numbers, replay) is None:
        return set()
    return {
        number[0][0][:2]
        for number in numbers
        if matching_loss(moments, [number], replay) is not None
    }


def _is_limited_as_a_whole(replay: Replay, moments: list[Moment]) -> bool:
    """Return whether the norm of a gradient of several parameters may be limited.

    Of few numbers, a factor of their own would say little.
    """
    several = all(len(m.tracks) > 1 and len(m.moved) > LIMITED_ENTRIES for m in moments)
    return several and is_limited(replay, moments)


def chosen_candidates(moments: list[Moment]) -> list[Any]:
    """Return the losses that updates may follow, without some numbers of the run.

    Where updates move up the loss of a perceptron, they may still move down a number that is
    computed, such as the label times the output, or the loss of the output with the label of the
    sample before it.
    """
    candidates = list(loss_candidates(moments))
    for key, right, gradients in candidates:
        if right and is_target(key[1] or (0, "")) and _OF_STEPS.match(key[-1][1]):
            factors = multiples_of(moments, gradients)
            if factors and max(factors) < 0 and are_even(factors):
                return [
                    candidate
                    for candidate in candidates
                    if not _is_of_two_samples(candidate[0])
                    if candidate[0][-1][1] != "value" or _is_called_loss(candidate[0])
                ]
    return candidates


def _is_of_two_samples(key: Any) -> bool:
    """Return whether an output and its target are of the first and of the last sample."""
    return key[1] is not None and {key[0][-1], key[1][-1]} == {"first", "last"}


def _is_called_loss(key: Any) -> bool:
    """Return whether a number has the name of a loss, or is made by a function with one."""
    name, function = key[0][1:3]
    return bool(A_LOSS.search(f"{name} {function}") or LOSS.search(str(name).lower()))


def _all_have_slopes(
    moments: list[Moment], gradients: list[Any], pairs: list[tuple[float, float]]
) -> bool:
    """Return whether the gradient is a part of an update of every parameter that moves.

    Near the minimum of a quadratic loss, each update of a number is a part of the one before,
    whatever it follows.
    """
    factors = [c for c, _ in pairs] * (len(moments) if len(pairs) == 1 else 1)
    for number in range(len(moments[0].tracks)):
        shares = [
            (np.abs(m.moved[m.owner == number]), c * np.abs(g[m.owner == number]))
            for m, g, c in zip(moments, gradients, factors, strict=True)
        ]
        moves = any(moved.any() for moved, _ in shares)
        parts = [
            np.nan_to_num(part).max(initial=0.0) > SHARE * moved.max(initial=0.0)
            for moved, part in shares
        ]
        if moves and not any(parts):
            return False
    return True


def tells_factor(moment: Moment, key: Any) -> bool:
    """Return whether updates that follow a candidate, with any factors, follow its loss.

    Every loss of one output, as of a single sample, has a multiple of its gradient.
    """
    is_value = key[-1][1] == "value"
    return is_loss(key, moment) if is_value else _size_of(moment, key[0]) > 1


def _size_of(moment: Moment, key: Any) -> int:
    """Return how many numbers a place of the code gives in an update."""
    own = moment.same.get(key, key)
    return next((s.value.size for s in moment.series if s.key == own), 1)


def _partly_penalized(moments: list[Moment], rightly: list[Any]) -> Any:
    """Return the key of a loss whose gradient updates follow with a penalty of some entries.

    A matrix may hold its layer's biases in one column, which the penalty leaves out.
    """
    for key, gradients in rightly[:600]:
        found = agreement(moments, gradients, lambda factor: True)
        if found is None or found.agrees.all():
            continue
        weights = [np.where(found.agrees, 0.0, moment.weight) for moment in moments]
        pairs = multiple_pairs(moments, gradients, weights)
        if pairs and all(c > 0 and 0 < d < 1 for c, d in pairs):
            return key
    return None


def penalties(moments: list[Moment]) -> list[list[Any]]:
    """Return what penalties may take off: all entries, those of matrices, those of arrays.

    Of an array of which only some rows are used, only the entries that move have a penalty. The
    first or the last number of a vector may be its bias, which has none.
    """
    kinds: list[Callable[[Any, Any], bool]] = [
        lambda first, index: True,
        lambda first, index: sum(width > 1 for width in first.shape) == 2,
        lambda first, index: first.ndim > 1,
        lambda first, index: first.size > 1,
    ]
    if any(track.first.size == max(track.first.shape, default=0) for track in moments[0].tracks):
        kinds.append(lambda first, index: first.size > 1 and _place(first, index)[0] > 0)
        kinds.append(lambda first, index: first.size > 1 and _place(first, index)[1] > 0)
    return [[_penalty(moment, kind) for moment in moments] for kind in kinds]


def _place(first: Any, index: Any) -> tuple[int, int]:
    """Return how many rows of an array, or entries of a vector, are before an entry, and after."""
    is_vector = first.size == max(first.shape)
    before = max(index) if is_vector else index[0]
    return before, (first.size if is_vector else len(first)) - 1 - before


def _penalty(moment: Moment, has_one: Callable[[Any, Any], bool]) -> Any:
    """Return the entries of the parameters that have a penalty, 0 for the others."""
    chosen = [
        has_one(track.first, index)
        for track, indices in zip(moment.tracks, moment.indices, strict=True)
        for index in indices
    ]
    return np.where(np.array(chosen), moment.weight * (moment.moved != 0), 0.0)


def are_even(factors: list[float]) -> bool:
    """Return whether the factors of several updates are one number."""
    return bool(factors) and max(factors) - min(factors) <= 1e-3 * abs(factors[0])


def parts_of(moved: Any, terms: list[Any]) -> list[float] | None:
    """Return the factors with which terms add up to how far entries moved; None: there are none."""
    known = ~np.isnan(terms[0])
    if known.sum() <= len(terms):
        return None
    matrix = np.stack([term[known] for term in terms], axis=1)
    if not np.isfinite(matrix).all() or not matrix.any(axis=0).all():
        return None
    solution, _, rank, _ = np.linalg.lstsq(matrix, moved[known], rcond=1e-9)
    if rank < len(terms):
        return None
    rest = np.abs(matrix @ solution - moved[known]).max()
    if rest > TOLERANCE * np.abs(moved[known]).max():
        return None
    return [float(factor) for factor in solution]


def _two(moved: Any, gradient: Any, other: Any) -> tuple[float, float] | None:
    parts = parts_of(moved, [gradient, other])
    return None if parts is None else (parts[0], parts[1])


def that_may_fit(losses: list[Any], moment: Moment, others: list[Any]) -> list[Any]:
    """Return the losses whose gradients and ``others`` add up to an update.

    All are solved at once: what ``others`` explain is taken off the update and off every gradient.
    Gradients with unknown entries are kept.
    """
    table = np.array([gradients[0] for _, gradients in losses]).reshape(-1, len(moment.moved))
    scale = np.abs(moment.moved).max()
    basis = np.linalg.qr(np.stack(others, axis=1))[0] if others else np.zeros((table.shape[1], 0))
    moved = moment.moved - basis @ (basis.T @ moment.moved)
    with np.errstate(all="ignore"):
        rest = table - (table @ basis) @ basis.T
        factors = rest @ moved / (rest * rest).sum(axis=1)
        error = np.abs(moved - factors[:, None] * rest).max(axis=1, initial=0.0)
    # Twice the tolerance, so that the rounding of this way decides nothing.
    return [losses[i] for i in np.flatnonzero(~(error > 2 * TOLERANCE * scale))]


def replay_rates(replay: Replay) -> list[float]:
    """Return the learning rates of a run."""
    return rates_of(replay.events[:4000], [])


def multiples_of(moments: list[Moment], gradients: list[Any]) -> list[float]:
    """Return the factor of every update by a gradient; [] where one has none."""
    factors = [multiple_of(m.moved, g) for m, g in zip(moments, gradients, strict=True)]
    known = [c for c in factors if c is not None]
    return known if len(known) == len(factors) else []


def multiple_pairs(
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
