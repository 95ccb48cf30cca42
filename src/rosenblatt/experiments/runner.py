"""Runner of experiments: outputs are read from a cache or computed, and collected in tables."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from rosenblatt.checks import whole_number
from rosenblatt.executors.environment import Environment
from rosenblatt.experiments.base import Experiment, Result, Task
from rosenblatt.experiments.catalogue import EXPERIMENTS, find_experiment
from rosenblatt.experiments.output_cache import Cache, Output, identity
from rosenblatt.experiments.provenance import OF_THE_REPORT, here
from rosenblatt.experiments.workers import Workers, workers

OnProgress = Callable[[str, float], None]
"""Called with an experiment's id and the fraction of all work that is done."""


def run_experiments(
    ids: Sequence[str] | None = None,
    seeds: int = 3,
    jobs: int = -1,
    *,
    cache: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    dask: str | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Result]:
    """Run experiments of the report and return their results by id.

    Each task that ends is kept in ``cache`` at once. A run that is interrupted in any way continues
    where it stopped, and one that was complete is read from there.

    Args:
        ids: which, "E1" to "E6"; all by default.
        seeds: runs of our own per setting, in addition to the replay; at least 1.
        jobs: processes to spread the tasks over, at most one per core, which is what -1 means.
            Results do not depend on it.
        cache: the folder to keep outputs of tasks in; None keeps nothing. After a run of all
            experiments, what other versions of the code have left there is removed.
        fresh: compute everything again, and replace what is kept of it.
        dask: the address of a Dask scheduler ("tcp://host:8786") on whose workers the tasks are
            computed instead; results do not depend on it either.
        on_progress: called once before anything is computed, for what the cache holds, then after
            each task.

    Raises:
        ConfigurationError: an unknown id, fewer than one seed or process, a cluster that cannot be
            reached, or a process that was killed.
        FileError: the cache cannot be written.
    """
    chosen = [find_experiment(name) for name in (EXPERIMENTS if ids is None else ids)]
    return run_all(
        chosen,
        OF_THE_REPORT,
        seeds=seeds,
        jobs=jobs,
        cache=cache,
        are_all={experiment.id for experiment in chosen} == set(EXPERIMENTS),
        fresh=fresh,
        dask=dask,
        on_progress=on_progress,
    )


def run_all(
    experiments: Sequence[Experiment],
    modules: tuple[str, ...],
    *,
    seeds: int,
    jobs: int,
    cache: str | os.PathLike[str] | None,
    are_all: bool,
    fresh: bool,
    dask: str | None,
    on_progress: OnProgress | None,
) -> dict[str, Result]:
    """Run these experiments and return their results by id.

    Args:
        experiments: in the order of the results.
        modules: those whose code, with all that they import, the outputs of tasks depend on.
        seeds: see :func:`run_experiments`, also for what follows.
        jobs: processes.
        cache: a folder.
        are_all: no other experiment uses the cache, so what other versions of the code have left
            there can be removed.
        fresh: compute everything again.
        dask: the address of a scheduler.
        on_progress: called as work goes on.
    """
    seeds = whole_number(seeds, "seeds", at_least=1)
    plans = {experiment.id: experiment.tasks(seeds) for experiment in experiments}
    kept = None if cache is None else Cache(cache)
    with workers(jobs, dask, modules) as who:
        outputs = _outputs(_pieces(plans), who, kept, fresh, on_progress)
    if kept is not None and are_all:
        kept.remove_stale(here(modules))
    return {
        experiment.id: _result(experiment, plans[experiment.id], outputs, seeds)
        for experiment in experiments
    }


class _Piece(NamedTuple):
    """A task, and the first experiment that wants its output."""

    experiment: str
    task: Task


def _pieces(plans: Mapping[str, Sequence[Task]]) -> dict[str, _Piece]:
    """Return what is to be computed, by identity, in the order to begin it.

    What several tasks ask for, of one experiment or of more, is computed once.
    """
    pieces: dict[str, _Piece] = {}
    for experiment, tasks in plans.items():
        for task in tasks:
            pieces.setdefault(identity(task), _Piece(experiment, task))
    # First what takes no time, so that progress can be estimated; then the longest first, so that
    # no process is left with a long task at the end.
    by_cost = sorted(pieces.items(), key=lambda item: (item[1].task.cost > 0.5, -item[1].task.cost))
    return dict(by_cost)


def _outputs(
    pieces: Mapping[str, _Piece],
    workers: Workers,
    kept: Cache | None,
    fresh: bool,
    on_progress: OnProgress | None,
) -> dict[str, Output]:
    """Return the output of every piece by identity, kept or computed."""
    outputs = {} if kept is None or fresh else _load(pieces, kept, workers.environments())
    total = sum(piece.task.cost for piece in pieces.values())
    done = sum(pieces[name].task.cost for name in outputs)
    if on_progress is not None and pieces:
        *_, last = outputs or pieces
        on_progress(pieces[last].experiment, done / total)
    for names in _turns(pieces, [name for name in pieces if name not in outputs]):
        failure: Exception | None = None
        with closing(workers.run([pieces[name].task for name in names])) as ended:
            for place, outcome in ended:
                if isinstance(outcome, Exception):
                    failure = failure or outcome
                    continue
                piece = pieces[names[place]]
                if kept is not None:
                    kept.save(piece.task, outcome)
                outputs[names[place]] = outcome
                done += piece.task.cost
                if on_progress is not None:
                    on_progress(piece.experiment, done / total)
        if failure is not None:
            raise failure
    return outputs


def _turns(pieces: Mapping[str, _Piece], names: Sequence[str]) -> list[list[str]]:
    """Return which pieces are computed at the same time.

    Those that run alone are the first and the last, so that their moments lie far apart.
    """
    together = [name for name in names if not pieces[name].task.alone]
    alone = [[name] for name in names if pieces[name].task.alone]
    return [*alone[:1], together, *alone[1:]] if together else alone


def _load(
    pieces: Mapping[str, _Piece], kept: Cache, environments: Sequence[Environment]
) -> dict[str, Output]:
    found = {name: kept.load(piece.task, environments) for name, piece in pieces.items()}
    return {name: output for name, output in found.items() if output is not None}


def _result(
    experiment: Experiment, tasks: Sequence[Task], outputs: Mapping[str, Output], seeds: int
) -> Result:
    import pyarrow as pa

    # Also what was computed just now goes through Parquet: the same as in the next run.
    tables = experiment.collect({task.key: outputs[identity(task)].rows() for task in tasks})
    return Result(
        experiment=experiment.id,
        settings={**experiment.settings, "seeds": list(range(seeds))},
        tables={name: pa.Table.from_pylist(list(rows)) for name, rows in tables.items()},
        seconds=sum(outputs[name].seconds for name in dict.fromkeys(map(identity, tasks))),
    )
