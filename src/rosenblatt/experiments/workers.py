"""Who computes tasks: this process, several processes of this machine, or a Dask cluster."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Protocol

from rosenblatt.executors.cluster import Cluster, connected
from rosenblatt.executors.environment import Environment
from rosenblatt.executors.processes import Processes
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.provenance import here
from rosenblatt.experiments.work import Outcome, attempt


class Workers(Protocol):
    """Workers that compute tasks."""

    def environments(self) -> list[Environment]:
        """Return where tasks are computed."""

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Outcome]]:
        """Yield the place of each task and what came of it, as they end.

        After one that failed, no other is begun.

        Raises:
            ConfigurationError: workers were killed again and again, or cannot be reached any more.
        """


def workers(
    jobs: int, dask: str | None, modules: tuple[str, ...]
) -> AbstractContextManager[Workers]:
    """Return workers: processes, or those of the cluster whose scheduler is at ``dask``.

    What they compute depends on the code of ``modules``.
    """
    local = OnThisMachine(jobs, modules)
    return nullcontext(local) if dask is None else _on_cluster(dask, modules)


class OnThisMachine:
    """Processes of this machine, at most one per core, which is the meaning of -1 jobs."""

    def __init__(self, jobs: int, modules: tuple[str, ...]) -> None:
        self._processes = Processes(jobs)
        self._modules = modules

    def environments(self) -> list[Environment]:
        """Return where tasks are computed."""
        return [here(self._modules)]

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Outcome]]:
        """Yield the place of each task and what came of it, as they end."""
        if min(self._processes.count(), len(tasks)) > 1:
            yield from self._processes.run(partial(attempt, modules=self._modules), tasks)
            return
        for place, task in enumerate(tasks):
            outcome = attempt(task, self._modules)
            yield place, outcome
            if isinstance(outcome, Exception):
                return


class OnCluster:
    """The workers of a Dask cluster."""

    def __init__(self, cluster: Cluster, modules: tuple[str, ...]) -> None:
        self._cluster = cluster
        self._modules = modules

    def environments(self) -> list[Environment]:
        """Return where tasks are computed: workers may have different processors."""
        return self._cluster.environments()

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Outcome]]:
        """Yield the place of each task and what came of it, as they end."""
        yield from self._cluster.run(partial(attempt, modules=self._modules), tasks)


@contextmanager
def _on_cluster(address: str, modules: tuple[str, ...]) -> Generator[OnCluster]:
    with connected(address, partial(here, modules)) as cluster:
        yield OnCluster(cluster, modules)
