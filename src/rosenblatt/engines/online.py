"""The seam of online learning with a penalty per sample: which engine trains, and its call."""

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.online_rule import (
    OnlineData,
    OnlineRule,
    OnlineState,
    fixed_shuffle,
    train_epoch,
)

WORTH_COMPILING = 0.02
"""The least seconds of the reference for which "auto" compiles."""

SECONDS_PER_SAMPLE = 6e-6
"""Roughly what the reference takes for a sample."""


def run_online(
    engine: str,
    data: OnlineData,
    rule: OnlineRule,
    state: OnlineState,
    orders: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Train through as many epochs as there are orders, (E, N), in place.

    Args:
        engine: "reference" or "compiled".
        data: the samples.
        rule: how they change the weights.
        state: where training is.
        orders: the rows that each epoch visits.

    Returns:
        The sums (E,) of max(0, −y (w·x + b)) over the samples as they were met, with the penalties.
    """
    if engine == "compiled":
        from rosenblatt.engines.compiled.online import train_online

        return train_online(rule, data, state, orders)
    sums = np.zeros(len(orders))
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch, order in enumerate(orders):
            sums[epoch] = train_epoch(data, rule, state, order)
    return sums


def choose_online(engine: str, n_visits: int) -> str:
    """Return "reference" or "compiled" for "auto", and any other name as it is.

    Args:
        engine: "reference", "compiled" or "auto".
        n_visits: how many samples will be visited at most, over all epochs.
    """
    if engine != "auto":
        return engine
    if n_visits * SECONDS_PER_SAMPLE < WORTH_COMPILING:
        return "reference"
    from rosenblatt.engines.compiled.permission import may_run_own_code

    return "compiled" if may_run_own_code() else "reference"


def shuffle_of(engine: str, seed: int, n: int) -> npt.NDArray[np.int64]:
    """Return :func:`fixed_shuffle` as that engine computes it."""
    if engine != "compiled":
        return fixed_shuffle(seed, n)
    from rosenblatt.engines.compiled import online

    return online.fixed_shuffle(seed, n)
