"""E6: what does the batch size change? (Figures 3 to 8.)"""

from collections.abc import Mapping
from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Experiment, Findings, Row, Task, mean_and_sd, prefixed
from rosenblatt.experiments.two_moons import EPOCHS, SETTINGS, curve, train_mlp
from rosenblatt.training import Run

BATCH_SIZES = (1, 10, 100, 200, 400, 800)
NETWORKS = {1: 3, 10: 4, 100: 5, 200: 6, 400: 7, 800: 8}
"""Which network drawn from the generator each published curve starts from.

Those of 100 and above are known; 3 and 4 continue the count downwards. The report's orders of the
samples are not known, so only the full batch can be replayed to the digit.
"""


def tasks(seeds: int) -> list[Task]:
    """Return, for each batch size, the as-published start and one run per seed.

    All batch sizes of a seed share initial weights and orders: the comparison is paired.
    """
    planned = []
    for batch_size in BATCH_SIZES:
        cost = 0.5 + EPOCHS * 800 / batch_size * 2e-6
        how = {"batch_size": batch_size, "engine": "compiled"}
        start = {"seed": replay.SEED, "network": NETWORKS[batch_size], **how}
        planned.append(Task(("replay", batch_size), train_mlp, start, cost))
        for seed in range(seeds):
            planned.append(Task(("own", batch_size, seed), train_mlp, {"seed": seed, **how}, cost))
    return planned


def collect(outputs: Mapping[tuple[Any, ...], Any]) -> Findings:
    """Return all curves, and the last row of each batch size summarised over seeds."""
    replays = {key[1]: run for key, run in outputs.items() if key[0] == "replay"}
    own = {key[1:]: run for key, run in outputs.items() if key[0] == "own"}
    return Findings(
        tables={
            "replay_curves": [
                row
                for batch_size, run in replays.items()
                for row in prefixed(curve(run), batch_size=batch_size)
            ],
            "own_curves": [
                row
                for (batch_size, seed), run in own.items()
                for row in prefixed(curve(run), seed=seed, batch_size=batch_size)
            ],
            "summary": [
                _summary(
                    batch_size,
                    replays[batch_size],
                    [run for (size, _), run in own.items() if size == batch_size],
                )
                for batch_size in BATCH_SIZES
            ],
        }
    )


def _summary(batch_size: int, replayed: Run, runs: list[Run]) -> Row:
    row: Row = {
        "batch_size": batch_size,
        "updates": replayed.history[-1]["updates"],
        "seeds": len(runs),
    }
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        row[f"{name}_mean"], row[f"{name}_sd"] = mean_and_sd(run.history[-1][name] for run in runs)
        row[f"replay_{name}"] = replayed.history[-1][name]
    row["seconds_mean"], _ = mean_and_sd(run.history[-1]["seconds"] for run in runs)
    return row


EXPERIMENT = Experiment(
    id="E6",
    title="The batch size",
    question="What changes when an update is made after 1, 10, 100, 200, 400 or all 800 points?",
    settings={
        **SETTINGS,
        "batch sizes": list(BATCH_SIZES),
        "order": "reshuffled every epoch",
        "engine": "compiled",
    },
    tasks=tasks,
    collect=collect,
)
