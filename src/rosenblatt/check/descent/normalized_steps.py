"""Updates of one linear output whose step is divided by the squared length of its inputs.

The normalized rule of Widrow and Hoff (normalized least mean squares, NLMS) moves w by
μ e x / (ε + x·x). So one over the factor of every update is a number plus a multiple of the squared
length of the output's derivatives, of which a bias has one of its own.
"""

from typing import Any

import numpy as np

from rosenblatt.check.descent.losses import (
    loss_candidates,
    multiple_of,
    multiples_of,
    tells_factor,
)
from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.descent.replay import MOST_ENTRIES, Replay, Track
from rosenblatt.check.descent.schedules import UPDATES, consecutive

FEWEST_OF_FILTER = 3
"""Entries below which updates of one output have the direction of its gradient by chance."""

FACTOR_ERROR = 1e-3
"""Part of a factor that may be an error of the differences."""


def normalized_loss(
    replay: Replay,
    tracks: list[Track],
    moments: list[Moment],
    candidates: list[Any],
    by_sample: bool,
) -> Any:
    """Return the key of a loss of one output that updates follow by normalized steps, or None.

    ``moments`` are the updates whose ``candidates`` are compared first.
    """
    # The squared length is that of all entries, and each parameter gives as many as the largest.
    entries = len(tracks) * max(track.first.size for track in tracks)
    if not FEWEST_OF_FILTER <= entries <= MOST_ENTRIES:
        return None
    fitting = {
        key
        for key, right, gradients in candidates
        if right and not tells_factor(moments[0], key)
        if (multiple_of(moments[0].moved, gradients[0]) or 0) > 0
    }
    if not fitting:
        return None
    more = consecutive(replay, tracks, entries, by_sample, few=False)
    if len(more) < UPDATES:
        return None
    for key, right, gradients in loss_candidates(more):
        if right and key in fitting:
            factors = multiples_of(more, gradients)
            squares = [_squared_length(moment, key[0]) for moment in more]
            if is_normalized(factors, squares):
                return key
    return None


def is_normalized(factors: list[float], squares: list[float]) -> bool:
    """Return whether factors c are μ / (ε + s) for squared lengths s, with one μ and one ε.

    >>> is_normalized([0.5 / (0.1 + s) for s in (1, 3, 2, 5, 4)], [1, 3, 2, 5, 4])
    True
    >>> is_normalized([0.5 / (0.1 + s) for s in (1, 3, 2, 5, 4)], [2, 3, 2, 5, 4])
    False
    """
    if not factors or min(factors) <= 0 or np.ptp(squares) == 0:
        return False
    inverse = 1 / np.array(factors)
    terms = np.stack([np.ones(len(squares)), squares], axis=1)
    solution = np.linalg.lstsq(terms, inverse, rcond=None)[0]
    rest = np.abs(terms @ solution - inverse)
    return bool(solution[1] > 0 and (rest <= FACTOR_ERROR * inverse).all())


def _squared_length(moment: Moment, key: Any) -> float:
    """Return the sum of the squared derivatives of a number by all entries; 0 for several."""
    own = moment.same.get(key, key)
    slopes = next((s.slopes for s in moment.series if s.key == own and s.value.size == 1), 0.0)
    return float(np.square(slopes).sum())
