"""Real results of every experiment, made tiny: short runs, few fresh points, quick measurements.

The tables have the columns of the product, because the product's own tasks fill them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest

from rosenblatt.experiments import (
    EXPERIMENTS,
    Result,
    e2_distance,
    e4_full_batch,
    e5_initialisation,
    e6_batch_size,
    timing,
    two_gaussians,
    two_moons,
)
from rosenblatt.experiments.base import Row, Task
from rosenblatt.experiments.row_files import from_parquet, to_parquet

EPOCHS = 60
"""Of networks, in place of 1500."""


@contextmanager
def tiny() -> Iterator[None]:
    """Make all experiments small, as long as this lasts."""
    constants = {
        two_gaussians: {"EPOCHS": 40},
        e2_distance: {"EPOCHS": 40, "TRAJECTORY_EPOCHS": 20},
        two_moons: {"EPOCHS": EPOCHS, "N_FRESH": 2000},
        e4_full_batch: {"EPOCHS": EPOCHS, "PLATEAU_EPOCHS": (0, 10, 30, EPOCHS), "DRAWS": 2},
        e5_initialisation: {"SCALES": (1e-2, 0.3, 1.0)},
        e6_batch_size: {
            "EPOCHS": EPOCHS,
            "EPOCHS_TO_EQUAL_LOSS": 1,
            "EQUAL_LOSS": 0.4,
            "MOST_SHARP": 2,
        },
        timing: {"ROUND_SECONDS": 2e-3, "LEAST_ROUNDS": 3, "MOST_ROUNDS": 3},
    }
    with pytest.MonkeyPatch.context() as patch:
        for module, values in constants.items():
            for name, value in values.items():
                patch.setattr(module, name, value)
        # A default is bound where the function is defined.
        patch.setitem(two_moons.train_seeds.__kwdefaults__, "epochs", EPOCHS)
        forget()
        try:
            yield
        finally:
            forget()


def forget() -> None:
    """Empty the caches that hold the points."""
    for cached in (two_moons.fresh_points, two_moons._fresh_samples):
        cached.cache_clear()


def result(name: str, seeds: int) -> Result:
    """Return what one experiment finds."""
    experiment = EXPERIMENTS[name]
    outputs = {task.key: through_files(task) for task in experiment.tasks(seeds)}
    return Result(
        experiment=name,
        settings={**experiment.settings, "seeds": list(range(seeds))},
        tables={
            table: pa.Table.from_pylist(list(rows))
            for table, rows in experiment.collect(outputs).items()
        },
        seconds=1.25,
    )


def through_files(task: Task) -> dict[str, list[Row]]:
    """Return what a task computes, written as in the cache and read again: not a bit changes."""
    tables = task.function(**task.arguments)
    read = {name: from_parquet(to_parquet(rows)) for name, rows in tables.items()}
    # As text, in which NaN equals NaN.
    assert repr(read) == repr({name: list(rows) for name, rows in tables.items()})
    return read
