"""What E4 and E5 share: full-batch training, as published and from seeds of our own."""

import math
from collections.abc import Mapping
from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Findings, Row, Task, points, prefixed
from rosenblatt.experiments.two_moons import curve, start_and_end, train_mlp
from rosenblatt.models import loss_and_grads
from rosenblatt.training import Run


def tasks(replay_seed: int, seeds: int) -> list[Task]:
    """Return the as-published run of ``replay_seed``, and one run per seed of our own."""
    return [
        Task(("replay", replay_seed), train_mlp, {"seed": replay_seed, "network": 1}, cost=0.4),
        *(Task(("own", seed), train_mlp, {"seed": seed}, cost=0.4) for seed in range(seeds)),
    ]


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return the curves, the points, and the measures at start and end."""
    (replay_seed, replay_run), *own_runs = ((key[1], run) for key, run in outputs.items())
    return Findings(
        tables={
            "replay_curve": curve(replay_run),
            "own_curves": [
                row for seed, run in own_runs for row in prefixed(curve(run), seed=seed)
            ],
            "points": points(*replay.moons()),
            "summary": [
                _summary(replay_run, protocol="as published", seed=replay_seed),
                *(_summary(run, protocol="own", seed=seed) for seed, run in own_runs),
            ],
        },
        runs={"replay": replay_run},
    )


def _summary(run: Run, **first: Any) -> Row:
    """Return the measures at start and end, and how long the gradient of the loss is at the end."""
    data, _ = replay.moons()
    _, grads = loss_and_grads(run.model, run.params, data.X, data.y)
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in grads.values()))
    return {**start_and_end(run, **first), "gradient_norm": norm}
