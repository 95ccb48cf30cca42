"""Full-batch training for E4 and E5, replayed and from seeds of our own."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Row, Tables, Task, chunks, joined, points, prefixed
from rosenblatt.experiments.two_moons import (
    curve,
    drawn,
    gradient_norm,
    on_fresh,
    start_and_end,
    train_replay,
    train_seeds,
)
from rosenblatt.training import Run


def replayed(seed: int) -> Tables:
    """Return the replay of that initialisation seed."""
    run = train_replay(seed=seed, network_number=1)
    weights = [
        {"name": name, "index": i, "value": value}
        for name, array in run.params.items()
        for i, value in enumerate(array.ravel().tolist())
    ]
    return {
        "curve": curve(run),
        "points": points(*replay.moons()),
        "weights": weights,
        "summary": [_summary(run, 0, protocol="replay", seed=seed) | on_fresh([run])[0]],
    }


def own(draw: int, first: int, stop: int) -> Tables:
    """Return curves and ends of runs on one draw of the data."""
    runs = train_seeds(first, stop, draw=draw)
    curves = [row for run in runs for row in prefixed(curve(run), draw=draw, seed=run.seed)]
    ends = [
        {**_summary(run, draw, protocol="own", seed=run.seed), **fresh}
        for run, fresh in zip(runs, on_fresh(runs), strict=True)
    ]
    return {"curves": curves, "summary": ends}


def tasks_of(replay_seed: int, seeds: int, draws: int) -> list[Task]:
    """Return the replay, and the runs of all seeds on ``draws`` draws of the data."""
    planned = [Task(("replay", replay_seed), replayed, {"seed": replay_seed}, cost=0.4)]
    for draw in range(draws):
        for part in chunks(seeds):
            cost = 0.04 * (part["stop"] - part["first"])
            planned.append(Task(("own", draw, part["first"]), own, {"draw": draw, **part}, cost))
    return planned


def collected(outputs: Mapping[tuple[Any, ...], Tables]) -> dict[str, list[Row]]:
    """Return the curves, the points, the replay's weights, and the measures at start and end."""
    replays = next(tables for key, tables in outputs.items() if key[0] == "replay")
    return {
        "replay_curve": list(replays["curve"]),
        "own_curves": joined(outputs, "own", "curves"),
        "points": list(replays["points"]),
        "weights": list(replays["weights"]),
        "summary": [*replays["summary"], *joined(outputs, "own", "summary")],
    }


def _summary(run: Run, draw: int, **first: int | str) -> Row:
    """Return the measures at start and end, and the curvature of the loss at the end."""
    data, _ = drawn(draw)
    return {
        **start_and_end(run, draw=draw, **first),
        "gradient_norm": gradient_norm(run.model, run.params, data),
    }
