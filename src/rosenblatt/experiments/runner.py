"""Running experiments: their tasks spread over processes, their outputs collected."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.experiments import (
    e1_perceptron,
    e2_distance,
    e3_spread,
    e4_full_batch,
    e5_initialisation,
    e6_batch_size,
)
from rosenblatt.experiments.base import Experiment, Result, Task

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.id: module.EXPERIMENT
    for module in (
        e1_perceptron,
        e2_distance,
        e3_spread,
        e4_full_batch,
        e5_initialisation,
        e6_batch_size,
    )
}

OnProgress = Callable[[str, float], None]
"""Called after each task with its experiment's id and the fraction of all work that is done."""


def run_experiments(
    ids: Sequence[str] | None = None,
    seeds: int = 3,
    jobs: int = -1,
    on_progress: OnProgress | None = None,
) -> dict[str, Result]:
    """Run experiments and return their results by id.

    Args:
        ids: which, "E1" to "E6"; all by default.
        seeds: runs of our own per setting, beside the as-published one; at least 1.
        jobs: processes to spread the tasks over, at most one per core, which is what -1 means.
            Results do not depend on it.
        on_progress: called after each task.

    Raises:
        ConfigurationError: an unknown id, or fewer than one seed or process.
    """
    from joblib import Parallel, cpu_count, delayed

    chosen = [find_experiment(name) for name in (EXPERIMENTS if ids is None else ids)]
    seeds = whole_number(seeds, "seeds", at_least=1)
    if jobs != -1:
        jobs = whole_number(jobs, "jobs, if not -1 for one per core,", at_least=1)
    tasks = [(experiment.id, task) for experiment in chosen for task in experiment.tasks(seeds)]
    # First what takes no time, so that progress can be estimated; then the longest first, so that
    # no process is left with a long task at the end.
    tasks.sort(key=lambda pair: (pair[1].cost > 0.5, -pair[1].cost))
    total = sum(task.cost for _, task in tasks)
    done = 0.0
    outputs: dict[tuple[str, tuple[Any, ...]], Any] = {}
    seconds = {experiment.id: 0.0 for experiment in chosen}
    n_jobs = min(cpu_count() if jobs == -1 else jobs, cpu_count(), len(tasks))
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    for index, output, spent in parallel(
        delayed(_timed)(index, task) for index, (_, task) in enumerate(tasks)
    ):
        name, task = tasks[index]
        outputs[name, task.key] = output
        seconds[name] += spent
        done += task.cost
        if on_progress is not None:
            on_progress(name, done / total)
    return {
        experiment.id: _result(
            experiment,
            {task.key: outputs[experiment.id, task.key] for task in experiment.tasks(seeds)},
            seconds[experiment.id],
            seeds,
        )
        for experiment in chosen
    }


def find_experiment(name: str) -> Experiment:
    """Return the experiment of that id, in either case of letters.

    Raises:
        ConfigurationError: there is none.
    """
    if name.upper() not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        hint = nearest(name.upper(), EXPERIMENTS)
        raise ConfigurationError(f"unknown experiment {name!r}; known: {known}{hint}")
    return EXPERIMENTS[name.upper()]


def _timed(index: int, task: Task) -> tuple[int, Any, float]:
    started = time.perf_counter()
    output = task.function(**task.arguments)
    return index, output, time.perf_counter() - started


def _result(experiment: Experiment, outputs: dict[Any, Any], seconds: float, seeds: int) -> Result:
    import pyarrow as pa

    findings = experiment.collect(outputs)
    return Result(
        experiment=experiment.id,
        settings={**experiment.settings, "seeds": list(range(seeds))},
        tables={name: pa.Table.from_pylist(list(rows)) for name, rows in findings.items()},
        seconds=seconds,
    )
