"""Mistakes that show in single entries: a bias within a vector, inputs of units, exchanges."""

from typing import Any

import numpy as np

from rosenblatt.check.descent.agreement import Agreement
from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.numbers.compare import same

CLOSE = 1e-3
"""Relative difference of two factors that are taken as one."""

LEAST_EXCHANGED = 3
"""Different numbers that have to be those of other entries."""


def is_unmoved_bias(moments: list[Moment], found: Agreement, number: int) -> bool:
    """Return whether the wrong entries of a parameter are one end of it, which never moves."""
    moment = moments[0]
    chosen = moment.owner == number
    wrong = chosen & found.known & ~found.agrees
    if not wrong.any() or not (chosen & found.known & found.agrees).any():
        return False
    if any(m.moved[wrong].any() for m in moments):
        return False
    shape = moment.tracks[number].first.shape
    every = moment.indices[number]
    indices = np.array([every[place] for place in np.flatnonzero(wrong[chosen])])
    return any(
        len(np.unique(indices[:, axis])) == 1 and indices[0, axis] in (0, size - 1)
        for axis, size in enumerate(shape)
    )


def moves_as_weights(moments: list[Moment], found: Agreement, number: int) -> bool:
    """Return whether a bias moves as the weights of its unit: by the sum of their moves, or by one.

    The bias is the whole parameter, or one end of the vector of a unit.
    """
    return all(
        any(np.allclose(bias, moves, rtol=CLOSE, atol=0) for moves in _moves_of_weights(weights))
        for bias, weights in (_bias_and_weights(moment, found, number) for moment in moments)
    )


def _bias_and_weights(moment: Moment, found: Agreement, number: int) -> tuple[Any, list[Any]]:
    """Return the moves of a bias (U,), and tables (U, I) of moves that may be of its weights."""
    start, last = moment.window[0], moment.last
    every = [track.at(start) - track.at(last) for track in moment.tracks]
    own = every[number]
    wrong = (found.known & ~found.agrees)[moment.owner == number]
    if own.ndim == 1 and len(wrong) == own.size > 2 and wrong.sum() == 1 and wrong[[0, -1]].any():
        return own[wrong], [own[None, ~wrong]]
    if own.size != max(own.shape, default=1) or not wrong.any():
        return own.ravel(), []
    # Of inputs of which one is 1, the sum of moves is the bias's, right or wrong as they are.
    others = [every[k] for k in found.tracks(moment) if k != number]
    tables = [np.atleast_1d(moves)[None] for moves in others if moves.ndim < 2]
    tables += [table for moves in others if moves.ndim == 2 for table in (moves, moves.T)]
    return own.ravel(), [table for table in tables if len(table) == own.size]


def _moves_of_weights(tables: list[Any]) -> list[Any]:
    """Return what a bias may wrongly move by."""
    return [
        moves
        for table in tables
        for moves in (table.sum(axis=1), table.mean(axis=1), table[:, 0], table[:, -1])
    ]


def has_wrong_inputs(
    moments: list[Moment], gradients: list[Any], found: Agreement, number: int
) -> bool:
    """Return whether the units of a layer are right but for the inputs of their weights.

    After one sample, the update of a weight is the unit's own number times its input. Where the
    biases are right, and all units have the same factors, one for each input, the inputs are wrong.
    """
    moment = moments[0]
    for units, biases in _layers(moment, number):
        factors = []
        for m, gradient in zip(moments, gradients, strict=True):
            with np.errstate(all="ignore"):
                ratios = m.moved[units] / (found.factor * gradient[units])
            factors.append(np.where(found.known[units], ratios, np.nan))
        table = np.array(factors)
        if len(units) < 2 or not np.isfinite(table).all():
            continue
        same = np.ptp(table, axis=1).max() <= CLOSE * np.abs(table).max()
        right = np.abs(table - 1).max(axis=(0, 1)) <= CLOSE
        known = right.any() or (len(biases) and found.agrees[biases].all())
        # A single one may be the bias, whose input is 1.
        wrong = table[:, :, ~right]
        if same and known and wrong.shape[2] > 1:
            # One factor for all would be no other inputs.
            return bool(np.ptp(wrong, axis=2).max() > CLOSE * np.abs(wrong).max())
    return False


def _layers(moment: Moment, number: int) -> list[tuple[Any, Any]]:
    """Return (entries of the weights as units × inputs, entries of the biases) of a layer."""
    track = moment.tracks[number]
    shape = track.first.shape
    own = np.flatnonzero(moment.owner == number)
    if len(shape) == 1:
        units = [
            np.flatnonzero(moment.owner == k)
            for k, other in enumerate(moment.tracks)
            if (other.line, other.function, other.first.shape)
            == (track.line, track.function, shape)
        ]
        whole = all(len(unit) == shape[0] for unit in units)
        return [(np.array(units), [])] if whole else []
    if len(shape) != 2 or len(own) != track.first.size:
        return []
    result: list[tuple[Any, Any]] = []
    for table in (own.reshape(shape), own.reshape(shape).T):
        for k, other in enumerate(moment.tracks):
            if k != number and other.first.size == max(other.first.shape, default=1) == len(table):
                result.append((table, np.flatnonzero(moment.owner == k)))
    return result


def exchange(moments: list[Moment], gradients: list[Any], found: Agreement) -> str | None:
    """Return the mistake where the wrong entries move by the gradients of each other.

    It is None where they do not.
    """
    wrongly: set[int] = set()
    for moment, gradient in zip(moments, gradients, strict=True):
        right = found.factor * gradient
        if np.isnan(right).any():
            return None
        wrong = np.abs(moment.moved - right) > CLOSE * np.abs(right) + 1e-6 * np.abs(right).max()
        moved, expected = np.sort(moment.moved[wrong]), np.sort(right[wrong])
        if not same(moved, expected, CLOSE) or len(np.unique(expected)) < LEAST_EXCHANGED:
            return None
        wrongly |= set(moment.owner[wrong].tolist())
    if len(wrongly) > 1 or moments[0].tracks[min(wrongly)].first.ndim == 1:
        return "gradient-order"
    return "transposed" if _is_transposed(moments, gradients, found, min(wrongly)) else None


def _is_transposed(
    moments: list[Moment], gradients: list[Any], found: Agreement, number: int
) -> bool:
    """Return whether an entry (i, j) of a matrix moves by the gradient of (j, i)."""
    pairs = 0
    for moment, gradient in zip(moments, gradients, strict=True):
        own = dict(zip(moment.indices[number], np.flatnonzero(moment.owner == number), strict=True))
        for index, place in own.items():
            other = own.get(index[::-1])
            if other is None or index == index[::-1]:
                continue
            if not same(moment.moved[place], found.factor * gradient[other], CLOSE):
                return False
            pairs += 1
    return pairs > 1
