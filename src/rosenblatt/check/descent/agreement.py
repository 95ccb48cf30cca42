"""Which entries of the parameters an update moves rightly, where it is wrong for others."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.check.descent.moments import Moment

SAME = 2e-4
"""Relative difference of two factors that are taken as one; differences of the run give 1e-6."""

LEAST = 3
"""Numbers that have to agree before an update is taken as partly right."""

_SMALL = 1e-5
"""Part of the largest gradient below which an entry says nothing."""


@dataclass
class Agreement:
    """A loss whose gradient some entries follow, all with one factor.

    Attributes:
        factor: moved = factor × gradient, at the entries that agree.
        agrees: whether each entry agrees in every update, (E,).
        known: whether an entry has a gradient that says something, (E,).
        count: numbers that agree, over all updates.
    """

    factor: float
    agrees: Any
    known: Any
    count: int

    def tracks(self, moment: Moment) -> list[int]:
        """Return the parameters of which every known entry agrees."""
        return [
            number
            for number in range(len(moment.tracks))
            if (self.known & (moment.owner == number)).any()
            and self.agrees[self.known & (moment.owner == number)].all()
        ]


def agreement(moments: list[Moment], gradients: list[Any], simple: Any) -> Agreement | None:
    """Return the factor that most entries have in every update; None where too few have one.

    ``simple`` tells whether a factor may be a learning rate times a usual number.
    """
    moved = [moment.moved for moment in moments]
    if len({len(u) for u in moved}) != 1:
        return None
    u, g = np.array(moved), np.array(gradients)
    known = _says_something(g)
    with np.errstate(all="ignore"):
        ratios = np.where(known, u / g, np.nan)
    found = ratios[known & (np.nan_to_num(ratios) > 0)]
    best: Agreement | None = None
    for factor in _clusters(found):
        if not simple(factor):
            continue
        fits = np.abs(ratios - factor) <= SAME * factor
        agrees = (fits | ~known).all(axis=0) & known.any(axis=0)
        count = int((fits & agrees).sum())
        if count >= LEAST and (best is None or count > best.count):
            best = Agreement(float(factor), agrees, known.any(axis=0), count)
    return best


def with_one_factor(moments: list[Moment], gradients: list[Any]) -> list[Moment] | None:
    """Return updates that were limited by their norm, all with the factor of the first one.

    A limit multiplies the gradients of all parameters by one number, another in each update. None
    where half of the entries of an update, of several parameters, have no such number.
    """
    factors: list[float] = []
    for moment, gradient in zip(moments, gradients, strict=True):
        known = _says_something(gradient)
        ratios = moment.moved[known] / gradient[known]
        factor = next(iter(_clusters(ratios[ratios > 0])), None)
        if factor is None:
            return None
        agrees = np.abs(ratios - factor) <= SAME * factor
        if agrees.mean() < 0.5 or len(set(moment.owner[known][agrees])) < 2:
            return None
        factors.append(factor)
    return [
        replace(moment, moved=moment.moved * (factors[0] / factor))
        for moment, factor in zip(moments, factors, strict=True)
    ]


def without_penalty(moments: list[Moment], gradients: list[Any]) -> list[Moment] | None:
    """Return updates without the part of the weights that their penalty takes off.

    None where the entries of matrices are not the gradient and a part of themselves.
    """
    result = []
    for moment, gradient in zip(moments, gradients, strict=True):
        matrices = [sum(width > 1 for width in track.first.shape) == 2 for track in moment.tracks]
        chosen = np.array(matrices)[moment.owner]
        u, g, w = moment.moved[chosen], gradient[chosen], moment.weight[chosen]
        table = np.stack([g, w], axis=1)
        if len(u) <= LEAST or not np.isfinite(table).all():
            return None
        (rate, part), _, rank, _ = np.linalg.lstsq(table, u, rcond=1e-9)
        error = np.abs(table @ (rate, part) - u).max()
        if rank < 2 or rate <= 0 or not 0 < part < 1 or error > SAME * np.abs(u).max():
            return None
        moved = moment.moved - np.where(chosen, part * moment.weight, 0.0)
        result.append(replace(moment, moved=moved))
    return result


def _says_something(gradient: Any) -> Any:
    """Return which entries of a gradient, or of several in rows, are known and not nearly 0."""
    with np.errstate(invalid="ignore"):
        top = np.nanmax(np.abs(gradient), axis=-1, keepdims=True, initial=0.0)
        return ~np.isnan(gradient) & (np.abs(gradient) > _SMALL * top)


def _clusters(values: Any) -> list[float]:
    """Return the medians of values that lie together, the largest groups first."""
    ordered = np.sort(values[np.isfinite(values)])
    groups: list[list[float]] = []
    for value in ordered:
        if groups and value <= groups[-1][0] * (1 + SAME):
            groups[-1].append(float(value))
        else:
            groups.append([float(value)])
    groups.sort(key=len, reverse=True)
    return [float(np.median(group)) for group in groups[:4] if len(group) >= LEAST]
