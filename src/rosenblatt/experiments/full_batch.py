"""What E4 and E5 share: full-batch training, as published and from seeds of our own."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Findings, Task, prefixed
from rosenblatt.experiments.two_moons import curve, start_and_end, train_mlp


def tasks(replay_seed: int, seeds: int) -> list[Task]:
    """Return the as-published run of ``replay_seed``, and one run per seed of our own."""
    return [
        Task(("replay", replay_seed), train_mlp, {"seed": replay_seed, "network": 1}, cost=0.5),
        *(Task(("own", seed), train_mlp, {"seed": seed}, cost=0.5) for seed in range(seeds)),
    ]


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return the curves, the points, and the measures at start and end."""
    (replay_seed, replay_run), *own_runs = ((key[1], run) for key, run in outputs.items())
    points = [
        {"x1": x1, "x2": x2, "label": int(label), "split": split}
        for split, data in zip(("train", "test"), replay.moons(), strict=True)
        for (x1, x2), label in zip(data.X.tolist(), data.labels, strict=True)
    ]
    return Findings(
        tables={
            "replay_curve": curve(replay_run),
            "own_curves": [
                row for seed, run in own_runs for row in prefixed(curve(run), seed=seed)
            ],
            "points": points,
            "summary": [
                start_and_end(replay_run, protocol="as published", seed=replay_seed),
                *(start_and_end(run, protocol="own", seed=seed) for seed, run in own_runs),
            ],
        },
        runs={"replay": replay_run},
    )
