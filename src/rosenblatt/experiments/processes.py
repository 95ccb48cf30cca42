"""Tasks spread over processes of this machine."""

from collections.abc import Generator, Sequence
from concurrent.futures.process import BrokenProcessPool

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.environment import Environment, here
from rosenblatt.experiments.work import Outcome, attempt


class Processes:
    """So many processes, at most one per core, which is what -1 means.

    joblib tells each its share of the cores, in NUMBA_NUM_THREADS and the like.
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

        Raises:
            ConfigurationError: a process was killed.
        """
        from joblib import Parallel, cpu_count, delayed

        cores = cpu_count()
        jobs = min(cores if self._jobs == -1 else self._jobs, cores, len(tasks))
        if jobs <= 1:
            yield from ((place, attempt(task)) for place, task in enumerate(tasks))
            return
        # One by one: of a batch, nothing would be known before its last task has ended.
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        work = (delayed(_placed)(place, task) for place, task in enumerate(tasks))
        try:
            yield from parallel(work)
        except BrokenProcessPool as error:
            raise ConfigurationError(
                f"one of {jobs} processes was killed, perhaps for want of memory; choose fewer "
                "jobs and run it again: with a cache, it goes on where it stopped"
            ) from error


def _placed(place: int, task: Task) -> tuple[int, Outcome]:
    return place, attempt(task)
