"""Tasks spread over processes of this machine."""

import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.provenance import Environment, here
from rosenblatt.experiments.work import Outcome, attempt


class Processes:
    """Processes of this machine, at most one per core, which is the meaning of -1.

    joblib tells each its share of the cores, in OMP_NUM_THREADS and the like.
    """

    def __init__(self, jobs: int) -> None:
        if jobs != -1:
            jobs = whole_number(jobs, "jobs, if not -1 for one per core,", at_least=1)
        self._jobs = jobs

    def environments(self) -> list[Environment]:
        """Return where tasks are computed."""
        return [here()]

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Outcome]]:
        """Yield the place of each task and what came of it, as they end.

        After one that failed, no other is begun; those that were are waited for, so that none is
        lost.

        Raises:
            ConfigurationError: a process was killed.
        """
        from joblib import cpu_count

        cores = cpu_count()
        jobs = min(cores if self._jobs == -1 else self._jobs, cores, len(tasks))
        has_failed = False

        def begun() -> Iterator[tuple[int, Task]]:
            for placed in enumerate(tasks):
                if has_failed:
                    return
                yield placed

        ended = _one_by_one(begun()) if jobs <= 1 else _side_by_side(begun(), jobs)
        with closing(ended):
            for place, outcome in ended:
                has_failed = has_failed or isinstance(outcome, Exception)
                yield place, outcome


def _one_by_one(tasks: Iterable[tuple[int, Task]]) -> Generator[tuple[int, Outcome]]:
    return ((place, attempt(task)) for place, task in tasks)


def _side_by_side(tasks: Iterable[tuple[int, Task]], jobs: int) -> Generator[tuple[int, Outcome]]:
    from joblib import Parallel, delayed

    # One by one: of a batch, nothing would be known before its last task has ended.
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
    ended = parallel(delayed(_placed)(place, task) for place, task in tasks)
    try:
        for placed in ended:  # noqa: UP028  what is closed while it yields is closed below
            yield placed
    except BrokenProcessPool as error:
        raise ConfigurationError(
            f"one of {jobs} processes was killed, perhaps for want of memory; choose fewer jobs "
            "and run it again: with a cache, it continues where it stopped"
        ) from error
    finally:
        # joblib would warn that outputs are lost, which an interruption implies.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            ended.close()


def _placed(place: int, task: Task) -> tuple[int, Outcome]:
    return place, attempt(task)
